from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.capacity import days_off, said_days, span_capacity, week_capacity
from reports.core.context import Context
from reports.core.judgement import Capacity
from reports.core.model import RampStep
from reports.core.weeks import Week
from tests.builders import W46, away, corrected, days, engineer, on_call, reduced, rules, unknown, works


def capacity(context: Context | None = None, week: Week = W46, start_date: date = date(2024, 2, 5), **special: Any) -> Capacity:
    return week_capacity(engineer(start_date=start_date), week, context or Context(), rules(**special))


def test_week_capacity__is_five_days_for_most() -> None:
    week = capacity()

    assert (week.available_days, week.working_days, week.uncounted) == (5, 5, "")


def test_week_capacity__leave_takes_its_fraction_of_working_days_only() -> None:
    week = capacity(Context(unavailable=(away("2026-11-13", "2026-11-16", fraction=0.5),)))

    assert (week.available_days, week.unavailable_days) == (4.5, 0.5)


def test_week_capacity__overlapping_leave_takes_a_day_once() -> None:
    week = capacity(Context(unavailable=(away("2026-11-13"), away("2026-11-13", fraction=0.5))))

    assert week.available_days == 4


def test_week_capacity__leave_of_others_takes_nothing() -> None:
    assert capacity(Context(unavailable=(away("2026-11-09", "2026-11-13", who="jbeck"),))).available_days == 5


def test_week_capacity__part_time_has_fewer_working_days_of_a_full_week() -> None:
    week = capacity(Context(working_days=(works(0, 1, 2, 3),)))

    assert (week.available_days, week.working_days, week.full_time_days) == (4, 4, 5)


def test_week_capacity__a_day_off_on_a_free_day_takes_nothing() -> None:
    context = Context(working_days=(works(0, 1, 2, 3),), unavailable=(away("2026-11-13"),))

    assert capacity(context).available_days == 4


def test_week_capacity__the_latest_working_days_that_began_hold() -> None:
    context = Context(working_days=(works(0, 1, 2, 3), works(0, 1, since="2026-11-11"), works(0, since="2026-12-01")))

    assert capacity(context).working_days == 2


def test_week_capacity__an_escalation_reduces_by_its_factor_what_leave_has_left() -> None:
    context = Context(reduced=(reduced("2026-11-09", "2026-11-10", factor=0.5),), unavailable=(away("2026-11-09"),))

    week = capacity(context)

    assert (week.unavailable_days, week.reduced_days, week.available_days) == (1, 0.5, 3.5)
    assert week.labels == ("account escalation",)


@pytest.mark.parametrize(
    ("shift", "reason"),
    [
        (("2026-11-15", "2026-11-18"), "on call"),
        (("2026-11-02", "2026-11-08"), "week after on-call"),
        (("2026-10-26", "2026-11-01"), ""),
        (("2026-11-16", "2026-11-22"), ""),
    ],
)
def test_week_capacity__an_on_call_week_and_the_one_after_are_not_assessed(shift: tuple[str, str], reason: str) -> None:
    assert capacity(Context(on_call=(on_call(*shift),))).uncounted == reason


def test_week_capacity__says_how_many_days_were_on_call() -> None:
    week = capacity(Context(on_call=(on_call("2026-11-14", "2026-11-20"),)))

    assert (week.on_call_days, week.rotations, week.labels) == (2, ("ceoc",), ())


@pytest.mark.parametrize(
    ("started", "reason"),
    [
        (date(2026, 11, 16), "before the start date"),
        (date(2026, 11, 11), "onboarding"),
        (date(2026, 8, 11), "onboarding"),
        (date(2026, 8, 10), ""),
    ],
)
def test_week_capacity__the_first_thirteen_weeks_are_onboarding(started: date, reason: str) -> None:
    assert capacity(start_date=started).uncounted == reason


def test_week_capacity__no_working_day_before_the_start_date() -> None:
    assert capacity(start_date=date(2026, 11, 11)).working_days == 3


@pytest.mark.parametrize(("days_away", "reason"), [("2026-11-12", ""), ("2026-11-13", "away")])
def test_week_capacity__less_than_a_day_is_not_assessed(days_away: str, reason: str) -> None:
    assert capacity(Context(unavailable=(away("2026-11-09", days_away),))).uncounted == reason


def test_span_capacity__weeks_that_are_not_assessed_give_it_nothing() -> None:
    context = Context(on_call=(on_call("2026-10-26", "2026-11-01"),), unavailable=(away("2026-11-13"),))

    span = span_capacity(engineer(), days("2026-10-17", "2026-11-15"), context, rules())

    assert (span.working_days, span.full_time_days) == (20, 20)
    assert span.available_days == 20 - 5 - 5 - 1
    assert (span.on_call_week_days, span.after_on_call_days, span.unavailable_days, span.reduced_days) == (5, 5, 1, 0)


@pytest.mark.parametrize(
    ("started", "context", "reason"),
    [
        ("2026-10-01", Context(), "onboarding"),
        ("2026-12-01", Context(), "before the start date"),
        ("2024-02-05", Context(unavailable=(away("2026-10-01", "2026-11-30"),)), "away"),
        ("2024-02-05", Context(on_call=(on_call("2026-10-12", "2026-11-15"),)), "on call"),
        ("2026-10-01", Context(unavailable=(away("2026-10-01", "2026-11-30"),)), "away"),
    ],
)
def test_span_capacity__of_which_nothing_is_left_says_what_took_it(started: str, context: Context, reason: str) -> None:
    new = engineer(start_date=date.fromisoformat(started))

    span = span_capacity(new, days("2026-10-17", "2026-11-15"), context, rules())

    assert (span.available_days, span.uncounted) == (0, reason)


def test_days_off__counts_working_days_away() -> None:
    context = Context(unavailable=(away("2026-11-13", "2026-11-16"),))

    assert days_off(engineer(), days("2026-11-09", "2026-11-15"), context, rules()) == 1


def test_days_off__a_public_holiday_is_one() -> None:
    context = Context(holidays=(away("2026-11-11"),), training=(away("2026-11-12"),))

    assert days_off(engineer(), days("2026-11-09", "2026-11-15"), context, rules()) == 1


def test_week_capacity__a_day_goes_to_a_holiday_then_leave_then_training() -> None:
    context = Context(
        holidays=(away("2026-11-09", fraction=0.5),),
        unavailable=(away("2026-11-09", "2026-11-10", fraction=0.25),),
        training=(away("2026-11-09", "2026-11-11", fraction=0.5),),
    )

    week = capacity(context)

    # Monday: half a holiday, a quarter leave, so a quarter is left for training; Tuesday a quarter and a half; Wednesday half.
    assert (week.holiday_days, week.unavailable_days, week.training_days) == (0.5, 0.5, 1.25)
    assert week.available_days == 2.75


def test_week_capacity__an_escalation_counts_what_training_has_left() -> None:
    context = Context(training=(away("2026-11-09", fraction=0.5),), reduced=(reduced("2026-11-09", factor=0.5),))

    assert (capacity(context).reduced_days, capacity(context).available_days) == (0.25, 4.25)


RAMP = (RampStep(until_month=4, share=0.5), RampStep(until_month=6, share=0.75))


@pytest.mark.parametrize(
    ("started", "available"),
    [
        (date(2026, 7, 14), 2.5),  # four months are over on Saturday 14 November
        (date(2026, 7, 12), 2.5 * 3 / 5 + 3.75 * 2 / 5),  # on Thursday the fourth month is over
        (date(2026, 5, 16), 3.75),
        (date(2026, 5, 9), 5),
    ],
)
def test_week_capacity__somebody_new_is_asked_for_less_by_whole_months(started: date, available: float) -> None:
    week = capacity(start_date=started, onboarding_weeks=0, onboarding_ramp=RAMP)

    assert week.available_days == pytest.approx(available)
    assert week.ramp_days == pytest.approx(5 - available)


def test_week_capacity__the_ramp_takes_its_share_of_what_is_left_of_a_day() -> None:
    week = capacity(
        Context(unavailable=(away("2026-11-09", "2026-11-12"),)),
        start_date=date(2026, 9, 1),
        onboarding_weeks=0,
        onboarding_ramp=RAMP,
    )

    assert (week.ramp_days, week.available_days) == (0.5, 0.5)


def test_week_capacity__the_engineers_own_word_counts_and_says_by_how_much() -> None:
    week = capacity(Context(unavailable=(away("2026-11-09"),), corrections=(corrected(W46, 2.5),)))

    assert (week.available_days, week.corrected_days, week.unavailable_days) == (2.5, -1.5, 1)


def test_week_capacity__a_corrected_week_of_nothing_is_not_assessed() -> None:
    assert capacity(Context(corrections=(corrected(W46, 0),))).uncounted == "away"


def test_week_capacity__days_that_nobody_planned_can_be_given_back() -> None:
    context = Context(unavailable=(away("2026-11-09", "2026-11-15"),), corrections=(corrected(W46, 2),))

    assert (capacity(context).available_days, capacity(context).uncounted) == (2, "")


@pytest.mark.parametrize(("weekdays", "most"), [((0, 1, 2, 3), 5), ((0, 1, 2, 3, 4, 5), 6)])
def test_week_capacity__nobody_has_more_than_a_full_week(weekdays: tuple[int, ...], most: float) -> None:
    context = Context(working_days=(works(*weekdays),), corrections=(corrected(W46, 6.5),))

    assert capacity(context).available_days == most
    assert said_days(engineer(), W46, context) == most


def test_said_days__is_the_last_word_on_that_week_only() -> None:
    context = Context(corrections=(corrected(W46, 2), corrected(W46, 3), corrected(W46.plus(1), 1)))

    assert said_days(engineer(), W46, context) == 3
    assert said_days(engineer(), W46.plus(-1), context) is None


def test_week_capacity__the_last_word_counts() -> None:
    first = Context(corrections=(corrected(W46, 2),))

    assert capacity(first.and_also(Context(corrections=(corrected(W46, 3),)))).available_days == 3


def test_span_capacity__a_corrected_week_gives_a_longer_span_its_share() -> None:
    context = Context(corrections=(corrected(W46, 2.5),))

    half = span_capacity(engineer(), days("2026-11-11", "2026-11-30"), context, rules())

    # Wednesday to Friday of the corrected week are half days, then two weeks and a day.
    assert half.available_days == 1.5 + 11


@pytest.mark.parametrize(("gap", "known"), [("2026-11-15", False), ("2026-11-16", True), ("2026-11-08", True)])
def test_week_capacity__a_calendar_that_could_not_be_read_leaves_the_week_unknown(gap: str, known: bool) -> None:
    week = capacity(Context(unknown=(unknown(gap),)))

    assert (week.unknown == "") is known
    assert week.uncounted == ""


def test_week_capacity__the_week_after_on_call_is_assessed_where_the_rules_say_so() -> None:
    context = Context(on_call=(on_call("2026-11-02", "2026-11-08"),))

    assert capacity(context, assess_week_after_on_call=True).uncounted == ""


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "America/Chicago", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "changes", [Week(2026, 13), Week(2026, 43), Week(2026, 44), Week(2026, 40), Week(2026, 14), Week(2026, 10)]
)
def test_week_capacity__a_clock_change_takes_no_day(zone: str, changes: Week) -> None:
    assert week_capacity(engineer(time_zone=zone), changes, Context(), rules()).available_days == 5


fractions = st.floats(0, 1, allow_nan=False)
leave = st.lists(st.tuples(st.integers(9, 15), fractions), max_size=8)


@given(taken=leave, more=leave)
def test_week_capacity__more_leave_never_gives_more_days(taken: list[tuple[int, float]], more: list[tuple[int, float]]) -> None:
    def with_leave(rows: list[tuple[int, float]]) -> float:
        return capacity(Context(unavailable=tuple(away(f"2026-11-{day:02}", fraction=f) for day, f in rows))).available_days

    assert -1e-9 <= with_leave(taken + more) <= with_leave(taken) + 1e-9
