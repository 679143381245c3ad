from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.context import Context
from reports.core.judgement import AssessedWeek, Restatement, Status
from reports.core.model import Evidence, Measure, Measurement, Period
from reports.core.published import PublishedWeeks, is_worse
from reports.core.results import EngineerResults, Plan, as_published, as_revised
from tests.builders import (
    W46,
    agreement,
    away,
    corrected,
    coverage,
    engineer,
    evidence,
    goal_book,
    measure,
    on_call,
    rules,
    team,
    terms,
    unknown,
)
from tests.judging import Observed, judge

LAST_WEEK = W46.plus(-1)


def tickets(count: int, day: str = "2026-11-03") -> list[Evidence]:
    return [evidence(f"{day} 09:{minute:02}") for minute in range(count)]


def judged(
    *rows: Evidence,
    published: PublishedWeeks | None = None,
    week: Any = W46,
    until: str = "2027-01-01",
    measures: tuple[Measure, ...] = (measure(),),
    **special: Any,
) -> EngineerResults:
    ordinary: dict[str, Any] = {
        "team": team(),
        "goals": goal_book(agreement(terms("new_tickets", 5))),
        "context": Context(),
        "rule_sets": (rules(),),
    }
    plan = Plan(**(ordinary | special))
    seen = Observed(measures=measures, evidence=rows, coverage=(coverage(until=until),), contributions=())
    results = judge(plan, seen, week, published)
    remember[week] = as_published(results)
    for earlier in as_revised(results, published or {}):
        remember[earlier.week] = earlier
    return results.engineers[0]


remember: dict[Any, Any] = {}


def publish(*rows: Evidence, **special: Any) -> PublishedWeeks:
    """Last week, judged and published."""
    judged(*rows, week=LAST_WEEK, **special)
    return {LAST_WEEK: remember[LAST_WEEK]}


def last_week(own: EngineerResults) -> AssessedWeek:
    return own.weeks[-2]


def test_a_published_week__keeps_goals_rules_and_capacity_of_its_time() -> None:
    published = publish(*tickets(5))
    harder = goal_book(agreement(terms("new_tickets", 9)))

    own = last_week(judged(*tickets(5), published=published, goals=harder, rule_sets=(rules(name="new", noise_units=0.1),)))

    assert (own.verdicts[0].goal.target, own.rule_set, own.status, own.restated) == (5, "handbook-2023", Status.MET, ())


def test_late_data__that_takes_away_is_marked_and_the_week_stays_met() -> None:
    published = publish(*tickets(5))

    own = last_week(judged(*tickets(2), published=published))

    assert own.status is Status.MET
    assert own.verdicts[0].measurement.value == 5
    assert own.restated == (
        Restatement(
            measure="new_tickets",
            published=Measurement(value=5),
            published_target=5,
            published_status=Status.MET,
            now=Measurement(value=2),
            target_now=5,
            status_now=Status.NOT_MET,
        ),
    )


def test_late_data__that_adds_ends_the_run_and_is_marked() -> None:
    published = publish(*tickets(2))
    before = judged(*tickets(2), published=published)

    after = judged(*tickets(5), published=published)

    assert (last_week(before).status, last_week(after).status) == (Status.NOT_MET, Status.MET)
    assert last_week(after).verdicts[0].status is Status.NOT_MET
    assert len(last_week(after).restated) == 1
    assert after.weeks[-1].missed_run_length == 1


def test_leave_recorded_afterwards__counts_in_the_persons_favour() -> None:
    published = publish(*tickets(3))
    on_leave = Context(unavailable=(away("2026-11-05", "2026-11-06"),))

    own = last_week(judged(*tickets(3), published=published, context=on_leave))

    assert (own.status, own.restated[0].target_now) == (Status.MET, 3)


def test_leave_taken_back_afterwards__does_not_count_against_the_person() -> None:
    published = publish(*tickets(3), context=Context(unavailable=(away("2026-11-05", "2026-11-06"),)))

    assert last_week(judged(*tickets(3), published=published)).status is Status.MET


def test_no_data__is_completed_when_there_is_some_and_marked() -> None:
    published = publish(until="2026-11-04")

    own = last_week(judged(*tickets(2), published=published))

    assert (own.status, own.verdicts[0].measurement.value) == (Status.NOT_MET, 2)
    assert own.restated[0].published.value is None


def test_facts_that_were_deleted__leave_the_published_week_alone() -> None:
    published = publish(*tickets(5))

    own = last_week(judged(published=published, until="2026-11-01"))

    assert (own.status, own.restated) == (Status.MET, ())


def test_a_goal_whose_measure_is_gone__keeps_its_published_verdict() -> None:
    published = publish(*tickets(5))
    gone = {
        week: replace(
            kept,
            engineers={
                name: replace(each, verdicts=tuple(replace(v, goal=replace(v.goal, measure="gone")) for v in each.verdicts))
                for name, each in kept.engineers.items()
            },
        )
        for week, kept in published.items()
    }

    assert last_week(judged(published=gone)).status is Status.MET


GRAVITY = {Status.NOT_MET: 2, Status.WITHIN_NOISE: 1}


@given(then=st.integers(0, 8), now=st.integers(0, 8))
def test_no_later_data__ever_makes_a_published_week_worse(then: int, now: int) -> None:
    published = publish(*tickets(then))
    before = last_week(judged(*tickets(then), published=published))

    after = last_week(judged(*tickets(now), published=published))

    assert GRAVITY.get(after.status, 0) <= GRAVITY.get(before.status, 0)
    assert bool(after.restated) == (then != now)


def test_publishing_again__changes_nothing() -> None:
    published = publish(*tickets(2))

    judged(*tickets(5), week=LAST_WEEK, published=published)

    kept = remember[LAST_WEEK].engineers["iduarte"]
    assert kept.verdicts == published[LAST_WEEK].engineers["iduarte"].verdicts


# --- relief holds ---------------------------------------------------------------------------------

ON_LEAVE = Context(unavailable=(away("2026-11-02", "2026-11-08"),))
CALENDAR_DOWN = Context(unknown=(unknown("2026-08-17", "2026-11-15"),))


def after(published: PublishedWeeks, *rows: Evidence, **special: Any) -> PublishedWeeks:
    """What is kept of last week once this week was published, too."""
    judged(*rows, published=published, **special)
    return {LAST_WEEK: remember[LAST_WEEK]}


def test_relief_by_leave_that_was_entered_late__outlasts_a_calendar_that_is_down() -> None:
    kept = after(publish(*tickets(2)), *tickets(2), context=ON_LEAVE)

    own = last_week(judged(*tickets(2), published=kept, context=CALENDAR_DOWN))

    assert own.status is Status.NOT_ASSESSED


def test_relief_by_leave__outlasts_a_calendar_that_lists_it_no_longer() -> None:
    part = Context(unavailable=(away("2026-11-05", "2026-11-06"),))
    kept = after(publish(*tickets(3)), *tickets(3), context=part)

    own = last_week(judged(*tickets(3), published=kept))

    assert own.status is Status.MET
    assert own.capacity_now is not None
    assert own.capacity_now.available_days == 3


def test_completed_data__stays_when_the_facts_are_gone_again() -> None:
    kept = after(publish(until="2026-11-04"), *tickets(5))

    own = last_week(judged(published=kept, until="2026-11-04"))

    assert (own.status, own.verdicts[0].measurement.value) == (Status.MET, 5)


def test_nothing_new__leaves_what_is_kept_alone() -> None:
    published = publish(*tickets(2))

    assert after(published, *tickets(2)) == published
    assert after(published, *tickets(1)) == published


def test_days_that_came_to_light__are_kept_only_when_they_are_fewer() -> None:
    published = publish(*tickets(2), context=Context(unavailable=(away("2026-11-06"),)))

    same = last_week(judged(*tickets(2), published=published, context=Context(unavailable=(away("2026-11-06"),))))
    more = last_week(judged(*tickets(2), published=published))
    unknown_days = last_week(judged(*tickets(2), published=published, context=CALENDAR_DOWN))
    called = last_week(judged(*tickets(2), published=published, context=Context(on_call=(on_call("2026-11-03"),))))

    assert (same.capacity_now, more.capacity_now, unknown_days.capacity_now) == (None, None, None)
    assert called.capacity_now is not None
    assert called.capacity_now.uncounted == "on call"


def test_two_goals__each_counts_by_the_view_that_is_kinder() -> None:
    both = goal_book(agreement(terms("new_tickets", 5), terms("docs_updates", 2)))
    seen: dict[str, Any] = {"goals": both, "measures": (measure("new_tickets"), measure("docs_updates"))}
    docs = [evidence(f"2026-11-03 11:0{n}", "docs_updates") for n in range(2)]
    published = publish(*tickets(2), *docs, **seen)

    own = last_week(judged(*tickets(5), published=published, **seen))  # the tickets have come, the docs have gone

    assert own.status is Status.MET


views = st.tuples(
    st.integers(0, 7), st.sampled_from([Context(), ON_LEAVE, CALENDAR_DOWN]), st.sampled_from(["2027-01-01", "2026-11-04"])
)


@given(first=views, later=st.lists(views, max_size=5))
def test_law__once_a_week_does_not_count_against_a_person_it_never_does(first: Any, later: list[Any]) -> None:
    count, context, until = first
    kept = publish(*tickets(count), context=context, until=until)
    statuses = [kept[LAST_WEEK].engineers["iduarte"].status]
    for count, context, until in later:
        statuses.append(last_week(judged(*tickets(count), published=kept, context=context, until=until)).status)
        kept = {LAST_WEEK: remember[LAST_WEEK]}

    harmless = [n for n, status in enumerate(statuses) if status not in (Status.NOT_MET, Status.NO_DATA)]
    assert Status.NOT_MET not in statuses[min(harmless, default=len(statuses)) :]


# --- one page knows one number of days -----------------------------------------------------------


def test_the_baseline_of_a_published_week__keeps_its_days_whatever_is_said_since() -> None:
    people = [engineer(name) for name in ("iduarte", "jbeck", "kaziz", "nquist", "plin")]
    rows = [evidence(f"2026-11-10 09:{minute:02}", who=one.username) for one in people for minute in range(4)]
    special: dict[str, Any] = {"team": team(*people), "rule_sets": (rules(baseline_measures=("new_tickets",)),)}
    before = judged(*rows, **special)
    published = {W46: remember[W46]}
    corrections = Context(corrections=(corrected(W46, 2.5), corrected(W46, 1, who="jbeck")))

    after = judged(*rows, published=published, context=corrections, **special)
    unpublished = judged(*rows, context=corrections, **special)

    assert [line.line for line in before.baseline] == [3.4]  # 0.85 of four tickets in five days
    assert after.baseline == before.baseline
    assert unpublished.baseline != before.baseline
    assert (after.weeks[-1].capacity.available_days, after.weeks[-1].said_days) == (5, 2.5)


@pytest.mark.parametrize(
    ("now", "published", "worse"),
    [
        (Status.NOT_MET, Status.MET, True),
        (Status.WITHIN_NOISE, Status.MET, True),
        (Status.MET, Status.NOT_MET, False),
        (Status.MET, Status.MET, False),
        (Status.NOT_ASSESSED, Status.NOT_MET, False),
    ],
)
def test_is_worse__what_says_less_kindly_what_was_published(now: Status, published: Status, worse: bool) -> None:
    assert is_worse(now, published) is worse


def test_a_week_that_was_missed_and_was_spent_away__is_not_assessed_rather_than_met() -> None:
    agreed = agreement(terms("new_tickets", 5), terms("docs_updates", 1, Period.ROLLING_30_DAYS))
    both: dict[str, Any] = {"goals": goal_book(agreed)}
    measures = (measure(), measure("docs_updates"))
    rows = [*tickets(2), evidence("2026-10-20 09:00", "docs_updates")]
    published = publish(*rows, measures=measures, **both)
    at_home = Context(corrections=(corrected(LAST_WEEK, 0),))

    own = last_week(judged(*rows, measures=measures, published=published, context=at_home, **both))

    assert [verdict.status for verdict in own.verdicts] == [Status.MET, Status.NOT_MET]
    assert own.status is Status.NOT_ASSESSED
