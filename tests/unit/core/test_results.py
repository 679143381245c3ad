from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.core.context import Context
from reports.core.judgement import Status
from reports.core.model import Coverage, Evidence, GoalBook, Measure, Period
from reports.core.people import Engineer, Focus, Role
from reports.core.results import EngineerResults, Plan, WeekResults, as_published, evidence_window
from reports.core.weeks import Week
from tests.builders import (
    W46,
    agreement,
    away,
    coverage,
    defaults,
    engineer,
    evidence,
    goal_book,
    measure,
    on_call,
    role,
    rules,
    team,
    terms,
    utc,
)
from tests.judging import Observed, judge

FIVE_A_WEEK = goal_book(agreement(terms("new_tickets", 5)))


def plan(**special: Any) -> Plan:
    ordinary: dict[str, Any] = {"team": team(), "goals": FIVE_A_WEEK, "context": Context(), "rule_sets": (rules(),)}
    return Plan(**(ordinary | special))


def observed(
    *rows: Evidence, measures: tuple[Measure, ...] = (measure(),), reach: tuple[Coverage, ...] = (coverage(),)
) -> Observed:
    return Observed(measures=measures, evidence=rows, coverage=reach, contributions=())


def tickets(count: int, day: str) -> list[Evidence]:
    return [evidence(f"{day} 09:{minute:02}") for minute in range(count)]


def only(results: WeekResults) -> EngineerResults:
    return results.engineers[0]


def test_judge__judges_twelve_weeks_oldest_first() -> None:
    own = only(judge(plan(), observed(), W46))

    assert [str(week.week) for week in own.weeks][:1] == ["2026-W35"]
    assert str(own.weeks[-1].week) == "2026-W46"
    assert len(own.weeks) == 12


def test_judge__a_week_is_met_with_enough_and_missed_without() -> None:
    rows = [*tickets(5, "2026-11-10"), *tickets(3, "2026-11-03")]

    own = only(judge(plan(), observed(*rows), W46))

    assert [week.status for week in own.weeks[-2:]] == [Status.NOT_MET, Status.MET]


def test_judge__the_run_counts_missed_weeks_and_skips_an_on_call_week() -> None:
    met_until_w41 = [row for week in range(35, 42) for row in tickets(5, str(W46.plus(week - 46).first_day))]
    context = Context(on_call=(on_call("2026-10-26", "2026-10-26"),))

    own = only(judge(plan(context=context), observed(*met_until_w41), W46))

    # W42 and W43 missed, W44 on call and W45 after it: two uncounted weeks in a row end the run; W46 begins a new one.
    assert [week.missed_run_length for week in own.weeks[-6:]] == [0, 1, 2, 2, 0, 1]


def test_judge__four_missed_weeks_in_a_row_are_a_run_of_four() -> None:
    met_until_w42 = [row for week in range(35, 43) for row in tickets(5, str(W46.plus(week - 46).first_day))]

    own = only(judge(plan(), observed(*met_until_w42), W46))

    assert [week.missed_run_length for week in own.weeks[-5:]] == [0, 1, 2, 3, 4]


def test_judge__a_source_that_stopped_early_is_no_data_and_never_a_miss() -> None:
    stopped = coverage(until="2026-11-12", problem="Zendesk answered 500")

    results = judge(plan(), observed(reach=(stopped,)), W46)

    assert only(results).weeks[-1].status is Status.NO_DATA
    assert only(results).weeks[-1].missed_run_length == only(results).weeks[-2].missed_run_length
    assert results.data_until == utc("2026-11-12 00:00")


def test_judge__data_until_is_at_most_the_end_of_the_week_so_that_a_later_run_says_the_same() -> None:
    assert judge(plan(), observed(), W46).data_until == utc("2026-11-16 00:00")


def test_judge__each_week_has_the_rules_of_its_time() -> None:
    forgiving = rules(name="forgiving", effective_from=date(2026, 11, 9), noise_units=9)

    own = only(judge(plan(rule_sets=(rules(), forgiving)), observed(), W46))

    assert [(week.rule_set, week.status) for week in own.weeks[-2:]] == [
        ("handbook-2023", Status.NOT_MET),
        ("forgiving", Status.WITHIN_NOISE),
    ]


def test_judge__a_goal_over_thirty_days_looks_back_thirty_days() -> None:
    docs = measure("docs_updates")
    goals = goal_book(agreement(terms("docs_updates", 2, Period.ROLLING_30_DAYS)))
    rows = [evidence("2026-10-17 00:00", "docs_updates"), evidence("2026-11-15 23:59", "docs_updates")]

    own = only(judge(plan(goals=goals), observed(*rows, measures=(docs,)), W46))

    assert (own.weeks[-1].verdicts[0].measurement.value, own.weeks[-1].status) == (2, Status.MET)
    assert [row.at.day for row in own.evidence] == [17, 15]


def test_judge__a_goal_on_a_measure_that_is_gone_is_left_out() -> None:
    own = only(judge(plan(goals=goal_book(agreement(terms("gone")))), observed(), W46))

    assert own.weeks[-1].verdicts == ()
    assert own.weeks[-1].status is Status.NOT_ASSESSED


def test_judge__permuting_people_changes_nobodys_results() -> None:
    names = ("ana", "ben", "cleo", "dan", "eve", "fay")
    people = tuple(engineer(name) for name in names)
    rows = [evidence(f"2026-11-1{n} 10:00", who=name) for n, name in enumerate(names)]
    book = goal_book(*(agreement(terms("new_tickets", 1), who=name, agreed_by=(name, "plindqvist")) for name in names))

    def by_name(order: tuple[Engineer, ...]) -> dict[str, EngineerResults]:
        results = judge(plan(team=team(*order), goals=book), observed(*rows), W46)
        return {own.username: own for own in results.engineers}

    assert by_name(people) == by_name(people[::-1])


def test_judge__a_person_on_leave_is_not_assessed_and_takes_the_baseline_with_nobody() -> None:
    solved = measure("solved_tickets")
    gone = Context(unavailable=(away("2026-11-09", "2026-11-15"),))
    people = [engineer(), *(engineer(f"peer{n}") for n in range(5))]
    rows = [evidence(f"2026-11-10 1{n}:00", "solved_tickets", who=f"peer{n}") for n in range(5)]

    results = judge(
        plan(team=team(*people), context=gone, goals=GoalBook(defaults=(), agreements=())),
        observed(*rows, measures=(solved,)),
        W46,
    )

    lines = {own.username: own.baseline[0] for own in results.engineers}
    assert lines["iduarte"].status is Status.NOT_ASSESSED
    # Five peers with one ticket each in five days: 0.85 of one ticket for a full week, the half rounded down.
    assert (lines["peer0"].line, lines["peer0"].peers, lines["peer0"].status) == (0.8, 5, Status.MET)


def test_evidence_window__reaches_to_the_week_of_the_quarter_and_thirty_days_before_the_oldest_week() -> None:
    window = evidence_window(W46, team().zone)

    assert (window.start, window.end) == (utc("2026-06-29"), utc("2026-11-16"))


# --- roles with days --------------------------------------------------------------------------------

SAAS = (Focus(name="saas", percentage=100),)
SOLVED = measure("solved_tickets")


def peers_of(changed: Engineer, week: Week) -> int:
    others = [engineer(f"peer{n}") for n in range(5)]
    results = judge(plan(team=team(changed, *others)), observed(measures=(measure(), SOLVED)), week)
    return results.engineers[0].baseline[0].peers


def test_judge__a_change_of_focus_moves_a_person_among_the_peers_of_that_week() -> None:
    on_monday = engineer(changes=(role("2026-11-09", focuses=SAAS),))
    on_tuesday = engineer(changes=(role("2026-11-10", focuses=SAAS),))

    assert [peers_of(on_monday, W46.plus(n)) for n in (-1, 0)] == [6, 1]
    assert [peers_of(on_tuesday, W46.plus(n)) for n in (-1, 0, 1)] == [6, 6, 1]


def test_judge__a_change_of_level_judges_only_the_weeks_from_then_on() -> None:
    by_level = goal_book(
        agreement(), default=(defaults(terms("new_tickets", 2)), defaults(terms("new_tickets", 3), level="senior"))
    )
    rows = [*tickets(2, "2026-11-03"), *tickets(2, "2026-11-10")]
    promoted = engineer(changes=(role("2026-11-09", level="senior"),))

    own = only(judge(plan(team=team(promoted), goals=by_level), observed(*rows), W46))

    assert [(week.verdicts[0].target, week.status) for week in own.weeks[-2:]] == [(2, Status.MET), (3, Status.NOT_MET)]


def test_judge__a_published_week_keeps_its_goals_when_a_change_is_recorded_afterwards() -> None:
    by_level = goal_book(
        agreement(), default=(defaults(terms("new_tickets", 2)), defaults(terms("new_tickets", 9), level="senior"))
    )
    first = judge(plan(goals=by_level), observed(*tickets(2, "2026-11-10")), W46)
    promoted = engineer(changes=(role("2026-11-09", level="senior"),))

    again = judge(plan(team=team(promoted), goals=by_level), observed(*tickets(2, "2026-11-10")), W46, {W46: as_published(first)})

    assert (only(again).weeks[-1].verdicts[0].target, only(again).weeks[-1].status) == (2, Status.MET)


def test_judge__after_a_manager_change_the_run_is_counted_from_the_weeks_handed_over() -> None:
    changed = engineer(changes=(role("2026-11-09", reports_to="ohart"),))

    def run(person: Engineer, week: Week) -> int:
        return only(judge(plan(team=team(person)), observed(), week)).weeks[-1].missed_run_length

    assert [run(changed, W46.plus(n)) for n in (-2, -1, 0)] == [12, 4, 5]
    assert run(engineer(), W46) == 12


CHANGES = st.lists(
    st.builds(
        role,
        st.dates(date(2026, 8, 1), date(2026, 11, 30)).map(date.isoformat),
        level=st.sampled_from(["intermediate", "senior"]),
        focuses=st.sampled_from([SAAS, (Focus(name="self_managed", percentage=100),)]),
        reports_to=st.sampled_from(["ohart", "plindqvist"]),
    ),
    max_size=3,
    unique_by=lambda one: one.since,
).map(lambda found: tuple(sorted(found, key=lambda one: one.since)))
NAMES = ("ana", "ben", "cleo")
LEVELS = goal_book(
    *(agreement(who=name, agreed_by=(name, "plindqvist")) for name in NAMES),
    default=(defaults(terms("new_tickets", 1)), defaults(terms("new_tickets", 3), level="senior")),
)


def judged(people: tuple[Engineer, ...]) -> dict[str, EngineerResults]:
    rows = [evidence(f"2026-11-{9 + n:02} 10:00", who=name) for n, name in enumerate(NAMES)]
    results = judge(plan(team=team(*people), goals=LEVELS), observed(*rows, measures=(measure(), SOLVED)), W46)
    return {own.username: own for own in results.engineers}


@settings(max_examples=15, deadline=None)
@given(st.tuples(CHANGES, CHANGES, CHANGES), st.permutations(range(3)))
def test_judge__permuting_people_with_changes_changes_nobodys_results(
    changes: tuple[tuple[Role, ...], ...], order: list[int]
) -> None:
    people = tuple(engineer(name, changes=own) for name, own in zip(NAMES, changes, strict=True))

    assert judged(people) == judged(tuple(people[n] for n in order))


@settings(max_examples=15, deadline=None)
@given(CHANGES)
def test_judge__what_changes_after_the_report_is_published_changes_nothing_in_it(changes: tuple[Role, ...]) -> None:
    begun = tuple(one for one in changes if one.since <= W46.report_day)

    assert judged((engineer("ana", changes=changes),)) == judged((engineer("ana", changes=begun),))
