from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reports.core.context import Context
from reports.core.judgement import AssessedWeek, Restatement, Status
from reports.core.model import Evidence, Measurement
from reports.core.published import PublishedWeeks
from reports.core.results import EngineerResults, Observed, Plan, as_published, judge
from tests.builders import W46, agreement, away, coverage, evidence, goal_book, measure, rules, team, terms

LAST_WEEK = W46.plus(-1)


def tickets(count: int, day: str = "2026-11-03") -> list[Evidence]:
    return [evidence(f"{day} 09:{minute:02}") for minute in range(count)]


def judged(
    *rows: Evidence,
    published: PublishedWeeks | None = None,
    week: Any = W46,
    until: str = "2027-01-01",
    **special: Any,
) -> EngineerResults:
    ordinary: dict[str, Any] = {
        "team": team(),
        "goals": goal_book(agreement(terms("new_tickets", 5))),
        "context": Context(),
        "rule_sets": (rules(),),
    }
    plan = Plan(**(ordinary | special))
    seen = Observed(measures=(measure(),), evidence=rows, coverage=(coverage(until=until),), contributions=())
    results = judge(plan, seen, week, published)
    remember[week] = as_published(results)
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
