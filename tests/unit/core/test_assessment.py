from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.assessment import OUTSIDE_THE_BAND, rules_in_force, verdict, week_status
from reports.core.capacity import week_capacity
from reports.core.context import Context
from reports.core.judgement import Capacity, Status, Verdict
from reports.core.model import Goal, GoalKind, Measurement, Period
from reports.core.rates import ratio
from reports.core.weeks import Week
from tests.builders import W46, away, engineer, goal, on_call, rules


def capacity(*leave: str, context: Context | None = None) -> Capacity:
    chosen = context or Context(unavailable=tuple(away(day) for day in leave))
    return week_capacity(engineer(), W46, chosen, rules())


def judged(value: float | None, agreed: Goal | None = None, room: Capacity | None = None, week: Week = W46) -> Verdict:
    measurement = Measurement(value=value, missing="" if value is not None else "zendesk was down")
    return verdict(agreed or goal(target=5), week, room or capacity(), measurement, rules())


@pytest.mark.parametrize(
    ("value", "status"),
    [(6, Status.MET), (5, Status.MET), (4.5, Status.WITHIN_NOISE), (4, Status.NOT_MET), (0, Status.NOT_MET)],
)
def test_verdict__less_than_one_unit_below_is_within_noise(value: float, status: Status) -> None:
    assert judged(value).status is status


@pytest.mark.parametrize(("value", "status"), [(0, Status.MET), (2, Status.MET), (2.5, Status.WITHIN_NOISE), (3, Status.NOT_MET)])
def test_verdict__a_limit_is_kept_up_to_it(value: float, status: Status) -> None:
    assert judged(value, goal(target=2, kind=GoalKind.AT_MOST)).status is status


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (48, Status.NOT_ASSESSED),
        (49.5, Status.WITHIN_NOISE),
        (50, Status.MET),
        (60, Status.MET),
        (60.5, Status.WITHIN_NOISE),
        (61, Status.NOT_ASSESSED),
    ],
)
def test_verdict__a_band_is_kept_between_its_ends_and_never_missed(value: float, status: Status) -> None:
    assert judged(value, goal(target=50, kind=GoalKind.BAND, upper=60)).status is status


def test_verdict__outside_a_band_says_why_it_does_not_count() -> None:
    assert judged(61, goal(target=50, kind=GoalKind.BAND, upper=60)).reason == OUTSIDE_THE_BAND
    assert judged(55, goal(target=50, kind=GoalKind.BAND, upper=60)).reason == ""


@pytest.mark.parametrize("kind", [GoalKind.AT_MOST, GoalKind.BAND])
def test_verdict__leave_never_tightens_a_limit_or_a_band(kind: GoalKind) -> None:
    assert judged(2, goal(target=2, kind=kind, upper=4), capacity("2026-11-12", "2026-11-13")).target == 2


def test_verdict__a_limit_of_zero_is_a_limit_and_no_zero_goal() -> None:
    assert judged(3, goal(target=0, kind=GoalKind.AT_MOST)).status is Status.NOT_MET


def test_verdict__the_target_shrinks_with_the_days_available() -> None:
    four_days = judged(4, room=capacity("2026-11-13"))

    assert (four_days.target, four_days.status) == (4.0, Status.MET)


def test_verdict__compares_the_number_it_shows() -> None:
    room = week_capacity(engineer(), W46, Context(unavailable=(away("2026-11-13", fraction=0.37),)), rules())

    shown = judged(3.6, room=room)

    assert (shown.target, shown.status) == (4.6, Status.NOT_MET)


def test_verdict__no_data_is_not_zero() -> None:
    unknown = judged(None)

    assert (unknown.status, unknown.reason) == (Status.NO_DATA, "zendesk was down")


@pytest.mark.parametrize(
    ("agreed", "room", "reason"),
    [
        (goal(is_draft=True), capacity(), "draft, not agreed by both sides"),
        (goal(target=0), capacity(), "zero-goal period"),
        (goal(), capacity(context=Context(on_call=(on_call("2026-11-09", "2026-11-15"),))), "on call"),
        (goal(per=Period.QUARTER), capacity(), "counted when the quarter ends"),
        (goal(per=Period.MONTH), capacity(), "counted when the month ends"),
        (goal(kind=GoalKind.INFORMATIONAL), capacity(), "for information only"),
    ],
)
def test_verdict__says_why_a_goal_is_not_assessed_even_when_data_is_missing(agreed: Goal, room: Capacity, reason: str) -> None:
    for value in (0, None):
        assert (judged(value, agreed, room).status, judged(value, agreed, room).reason) == (Status.NOT_ASSESSED, reason)


def test_verdict__a_quarter_is_assessed_in_the_week_it_ends_in() -> None:
    last_week = Week.containing(date(2026, 9, 30))

    assert judged(0, goal(target=1, per=Period.QUARTER), week=last_week).status is Status.NOT_MET


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([Status.MET, Status.MET], Status.MET),
        ([Status.MET, Status.NOT_MET], Status.NOT_MET),
        ([Status.NO_DATA, Status.NOT_MET], Status.NOT_MET),
        ([Status.NO_DATA, Status.MET], Status.NO_DATA),
        ([Status.WITHIN_NOISE, Status.MET], Status.WITHIN_NOISE),
        ([Status.NOT_ASSESSED, Status.MET], Status.MET),
        ([Status.NOT_ASSESSED], Status.NOT_ASSESSED),
        ([], Status.NOT_ASSESSED),
    ],
)
def test_week_status__is_the_gravest_that_is_known(verdicts: list[Status], status: Status) -> None:
    rows = [
        Verdict(goal=goal(), capacity=capacity(), status=each, measurement=Measurement(value=1), target=1, reason="")
        for each in verdicts
    ]

    assert week_status(capacity(), rows) is status


def test_rules__those_of_the_week_hold() -> None:
    old, new = rules(name="old"), rules(name="new", effective_from=date(2026, 11, 10))

    assert rules_in_force([new, old], W46).name == "old"
    assert rules_in_force([new, old], W46.plus(1)).name == "new"


def test_rules__before_the_first_set_the_first_one_holds() -> None:
    assert rules_in_force([rules(effective_from=date(2027, 1, 1))], W46).effective_from == date(2027, 1, 1)


day = st.integers(9, 15).map(lambda n: f"2026-11-{n:02}")
leave = st.lists(st.tuples(day, st.floats(0, 1, allow_nan=False)), max_size=7)


@given(value=st.integers(0, 12), target=st.integers(0, 10), taken=leave, more=leave)
def test_verdict__more_leave_never_makes_it_worse(
    value: int, target: int, taken: list[tuple[str, float]], more: list[tuple[str, float]]
) -> None:
    def status(rows: list[tuple[str, float]]) -> Status:
        room = capacity(context=Context(unavailable=tuple(away(on, fraction=f) for on, f in rows)))
        return judged(value, goal(target=target), room).status

    counts_against = {Status.NOT_MET: 2, Status.WITHIN_NOISE: 1}
    assert counts_against.get(status(taken + more), 0) <= counts_against.get(status(taken), 0)


@given(value=st.integers(0, 50))
def test_verdict__somebody_away_all_week_is_never_assessed(value: int) -> None:
    away_all_week = capacity(context=Context(unavailable=(away("2026-11-09", "2026-11-15"),)))

    assert judged(value, room=away_all_week).status is Status.NOT_ASSESSED
    assert week_status(away_all_week, [judged(value, room=away_all_week)]) is Status.NOT_ASSESSED


# --- what the source hides ------------------------------------------------------------------------

BLIND = "role Guest in acme/support hides confidential issues"


def seen(value: float, **terms: Any) -> Verdict:
    """A verdict on what was seen of a number of which more may be hidden."""
    return verdict(goal(target=2, **terms), W46, capacity(), Measurement(value=value, hidden=BLIND), rules())


@pytest.mark.parametrize(("value", "status"), [(3, Status.MET), (2, Status.MET), (1.5, Status.NO_DATA), (0, Status.NO_DATA)])
def test_verdict__what_is_seen_can_reach_a_goal_and_never_miss_it(value: float, status: Status) -> None:
    assert seen(value).status is status


def test_verdict__says_what_is_hidden() -> None:
    assert seen(0).reason == BLIND


@pytest.mark.parametrize("value", [1, 3])
def test_verdict__a_limit_is_unknown_while_something_is_hidden(value: float) -> None:
    assert seen(value, kind=GoalKind.AT_MOST).status is Status.NO_DATA


def test_verdict__a_share_of_what_is_seen_tells_nothing() -> None:
    whole = verdict(goal(target=50), W46, capacity(), replace(ratio(40, 40), hidden=BLIND), rules())

    assert whole.status is Status.NO_DATA
