"""What must hold of every judgement, whatever people did, planned and wrote down."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.core.context import Context, Unavailable
from reports.core.judgement import Status
from reports.core.model import Evidence, GoalBook, GoalTerms, Period
from reports.core.people import Engineer, Focus
from reports.core.report_views import Desk, engineer_weekly
from reports.core.results import EngineerResults, Plan, WeekResults
from reports.core.team_views import team_weekly
from reports.core.weeks import DayRange, Week, week_window
from tests.builders import (
    PLACES,
    W46,
    agreement,
    coverage,
    engineer,
    evidence,
    goal_book,
    measure,
    on_call,
    reduced,
    rules,
    team,
    terms,
    utc,
)
from tests.judging import Observed, judge

NAMES = ("atan", "crao", "iduarte", "jbeck", "kaziz", "lfischer")
FIRST_DAY = W46.plus(-11).first_day
MEASURES = (measure("new_tickets"), measure("docs_updates"))

#: Judging twelve weeks takes some milliseconds; this many examples keep the file at some seconds.
few = settings(max_examples=min(40, settings().max_examples))

#: How much a status says against a person.
GRAVITY = {Status.MET: 0, Status.NOT_ASSESSED: 0, Status.NO_DATA: 0, Status.WITHIN_NOISE: 0, Status.NOT_MET: 1}

days_of_history = st.integers(0, 12 * 7 - 1).map(lambda n: FIRST_DAY + timedelta(days=n))
spans = st.tuples(days_of_history, st.integers(0, 20)).map(lambda pair: DayRange(pair[0], pair[0] + timedelta(days=pair[1])))


def rows_of(people: Sequence[str]) -> st.SearchStrategy[list[Evidence]]:
    return st.lists(
        st.builds(
            lambda day, minute, who, name: replace(evidence("2026-11-09 10:00", name, who), at=at_minute(day, minute)),
            days_of_history,
            st.integers(0, 24 * 60 - 1),
            st.sampled_from(people),
            st.sampled_from(["new_tickets", "docs_updates"]),
        ),
        max_size=60,
    )


def at_minute(day: date, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)


def leave_of(people: Sequence[str]) -> st.SearchStrategy[list[Unavailable]]:
    away = st.builds(
        lambda who, span, fraction: Unavailable(who=who, days=span, fraction=fraction),
        st.sampled_from(people),
        spans,
        st.sampled_from([0.25, 0.5, 1.0]),
    )
    return st.lists(away, max_size=5)


def goals_of(who: str) -> GoalBook:
    return goal_book(agreement(*TERMS, who=who, agreed_by=(who, "plindqvist"), valid_from=date(2026, 1, 5)))


TERMS: tuple[GoalTerms, ...] = (terms("new_tickets", 3), terms("docs_updates", 2, Period.ROLLING_30_DAYS))


def book(people: Sequence[str]) -> GoalBook:
    return GoalBook(defaults=(), agreements=tuple(row for who in people for row in goals_of(who).agreements))


def plan(people: Sequence[Engineer], context: Context) -> Plan:
    usernames = [person.username for person in people]
    return Plan(team=team(*people), goals=book(usernames), context=context, rule_sets=(rules(minimum_peers=2),))


def judged(people: Sequence[Engineer], rows: Sequence[Evidence], context: Context) -> WeekResults:
    seen = Observed(measures=MEASURES, evidence=tuple(rows), coverage=(coverage(),), contributions=())
    return judge(plan(people, context), seen, W46)


def by_name(results: WeekResults) -> dict[str, EngineerResults]:
    return {own.username: own for own in results.engineers}


@few
@given(rows=rows_of(["iduarte"]), last=st.integers(0, 11))
def test_law__a_person_fully_on_leave_is_never_assessed(rows: list[Evidence], last: int) -> None:
    away = Unavailable(who="iduarte", days=DayRange(FIRST_DAY, W46.plus(-last).last_day), fraction=1.0)

    own = judged([engineer()], rows, Context(unavailable=(away,))).engineers[0]

    on_leave = own.weeks[: 12 - last]
    assert {week.status for week in on_leave} == {Status.NOT_ASSESSED}
    assert {v.status for week in on_leave for v in week.verdicts if v.goal.per is Period.WEEK} == {Status.NOT_ASSESSED}
    assert {week.missed_run_length for week in on_leave} == {0}


@few
@given(rows=rows_of(["iduarte"]), leave=leave_of(["iduarte"]), more=leave_of(["iduarte"]), shift=spans)
def test_law__more_leave_never_makes_a_verdict_worse(
    rows: list[Evidence], leave: list[Unavailable], more: list[Unavailable], shift: DayRange
) -> None:
    def weeks(taken: list[Unavailable]) -> EngineerResults:
        clouds = Context(
            unavailable=tuple(taken),
            on_call=(replace(on_call("2026-11-01"), days=shift),),
            reduced=(reduced("2026-10-12", "2026-10-16", factor=0.5),),
        )
        return judged([engineer()], rows, clouds).engineers[0]

    for before, after in zip(weeks(leave).weeks, weeks(leave + more).weeks, strict=True):
        assert GRAVITY[after.status] <= GRAVITY[before.status]
        for one, other in zip(before.verdicts, after.verdicts, strict=True):
            assert GRAVITY[other.status] <= GRAVITY[one.status]
            assert other.target <= one.target


@few
@given(rows=rows_of(NAMES), leave=leave_of(NAMES), random=st.randoms(use_true_random=False))
def test_law__the_order_of_people_and_events_changes_nobodys_verdict(
    rows: list[Evidence], leave: list[Unavailable], random: Random
) -> None:
    people = [engineer(name) for name in NAMES]
    other_people, other_rows, other_leave = people[:], rows[:], leave[:]
    for order in (other_people, other_rows, other_leave):
        random.shuffle(order)

    one = by_name(judged(people, rows, Context(unavailable=tuple(leave))))
    other = by_name(judged(other_people, other_rows, Context(unavailable=tuple(other_leave))))

    for name in NAMES:
        assert one[name].weeks == other[name].weeks
        assert one[name].baseline == other[name].baseline
        assert one[name].chance == other[name].chance


@few
@given(rows=rows_of(NAMES), leave=leave_of(NAMES))
def test_law__whoever_swaps_names_swaps_verdicts(rows: list[Evidence], leave: list[Unavailable]) -> None:
    swap = dict(zip(NAMES, NAMES[::-1], strict=True))
    people = [engineer(name) for name in NAMES]

    one = by_name(judged(people, rows, Context(unavailable=tuple(leave))))
    swapped = [replace(row, engineer=swap[row.engineer]) for row in rows]
    away = tuple(replace(row, who=swap[row.who]) for row in leave)
    other = by_name(judged(people, swapped, Context(unavailable=away)))

    for name in NAMES:
        mine, theirs = one[name].weeks, other[swap[name]].weeks
        assert [week.status for week in mine] == [week.status for week in theirs]
        assert [week.missed_run_length for week in mine] == [week.missed_run_length for week in theirs]


@few
@given(rows=rows_of(["iduarte"]))
def test_law__every_event_counts_in_exactly_one_week(rows: list[Evidence]) -> None:
    own = judged([engineer()], rows, Context()).engineers[0]

    for name in ("new_tickets", "docs_updates"):
        counted = [measurement.value or 0 for measurement in own.history[name]]
        assert sum(counted) == sum(row.measure == name for row in rows)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Lisbon", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Kiritimati"])
@given(at=st.datetimes(datetime(2024, 1, 2), datetime(2028, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001  (a zone is given)
def test_law__every_instant_lies_in_exactly_one_week_of_every_zone(zone: str, at: datetime) -> None:
    own = ZoneInfo(zone)
    here = Week.containing(at.date())

    containing = [week for week in (here.plus(-1), here, here.plus(1)) if week_window(week, own).contains(at)]

    assert len(containing) == 1
    assert at.astimezone(own).date() in containing[0].days


# --- nobody is ranked -----------------------------------------------------------------------------


@few
@given(rows=rows_of(NAMES), leave=leave_of(NAMES), random=st.randoms(use_true_random=False))
def test_law__people_are_listed_by_name_whatever_they_did(rows: list[Evidence], leave: list[Unavailable], random: Random) -> None:
    people = [engineer(name) for name in NAMES]
    random.shuffle(people)
    context = Context(unavailable=tuple(leave))
    desk = Desk(
        plan=plan(people, context),
        results=judged(people, rows, context),
        places=PLACES,
        today=date(2026, 11, 16),
        mention="@support-reports",
    )

    view = team_weekly(desk, desk.plan.team.managers[0], dict.fromkeys(NAMES, "https://gitlab.example.com/1"))

    assert [member.name for member in view.members] == sorted(member.name for member in view.members)
    assert [link.text for link in view.goals_to_agree] == sorted(link.text for link in view.goals_to_agree)


@few
@given(rows=rows_of(NAMES))
def test_law__a_report_of_one_person_names_no_other(rows: list[Evidence]) -> None:
    people = [engineer(name, focuses=(Focus(name="saas", percentage=100),)) for name in NAMES]
    desk = Desk(
        plan=plan(people, Context()),
        results=judged(people, rows, Context()),
        places=PLACES,
        today=date(2026, 11, 16),
        mention="@support-reports",
    )

    shown = repr(engineer_weekly(desk, people[2]))

    assert Counter(name for name in NAMES if name in shown.lower()) == Counter(["iduarte"])


def test_windows__meet_without_gap_or_overlap_over_years() -> None:
    zone = ZoneInfo("America/Chicago")
    week = Week.containing(utc("2024-01-03").date())

    for _ in range(300):
        assert week_window(week, zone).end == week_window(week.plus(1), zone).start
        week = week.plus(1)
