from dataclasses import replace

import pytest

from reports.core.judgement import Capacity, Status
from reports.core.model import GoalKind, Period
from reports.core.weeks import DayRange
from reports.render import capacity_words as words
from tests.views import NEW_TICKETS, PAIRING, WEEK, capacity, goal, row

MONTH = capacity(DayRange(WEEK.plus(-4).first_day, WEEK.last_day), working=20, full_time=20)
PART_TIME = capacity(working=4, away=0.5, reduced=0.5, labels=("urgent | customer",))


@pytest.mark.parametrize(
    ("value", "expected"), [(0, "0 days"), (1, "1 day"), (1.0, "1 day"), (1.5, "1.5 days"), (0.25, "0.25 days"), (2, "2 days")]
)
def test_days__one_and_many_and_parts(value: float, expected: str) -> None:
    assert words.days(value) == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (capacity(), "5 of 5 days available"),
        (capacity(working=4), "4 of 4 days available, of 5 for full time"),
        (capacity(away=1), "5 working days − 1 day away = 4 available"),
        (capacity(away=5), "5 working days − 5 days away = 0 available"),
        (
            capacity(reduced=3, labels=("account escalation",)),
            "5 working days − 3 days not counted (account escalation) = 2 available",
        ),
        (
            replace(
                capacity(working=4, away=0.5, reduced=0.5, labels=("urgent | customer",)), holiday_days=1, training_days=0.25
            ),
            "4 working days − 1 public holiday − 0.5 days away − 0.25 days in training"
            " − 0.5 days not counted (urgent &#124; customer) = 1.75 available, of 5 for full time",
        ),
        (replace(capacity(), holiday_days=2), "5 working days − 2 public holidays = 3 available"),
        (replace(capacity(), ramp_days=1.25), "5 working days − 1.25 days less while new = 3.75 available"),
        (
            replace(capacity(away=1), corrected_days=-1.5),
            "5 working days − 1 day away − 1.5 days in your own words = 2.5 available",
        ),
        (replace(capacity(away=1), corrected_days=1), "5 working days − 1 day away + 1 day in your own words = 5 available"),
        (
            replace(MONTH, on_call_week_days=5, after_on_call_days=5, rotations=("ceoc",)),
            "20 working days − 5 in a week on call (rotation ceoc) − 5 in the week after = 10 available",
        ),
        (replace(MONTH, onboarding_days=20), "20 working days − 20 in onboarding = 0 available"),
    ],
)
def test_days_sum__adds_up_in_one_line(held: Capacity, expected: str) -> None:
    assert words.days_sum(held) == expected


def test_scaling__of_a_week_refers_to_the_days_above() -> None:
    lfischer = capacity(working=4, away=2.25)

    assert words.scaling(goal(NEW_TICKETS, 4, 5, Status.MET)) == "Target stays 5"
    assert words.scaling(goal(NEW_TICKETS, 4, 5, Status.MET, scaled=1.7, held=lfischer)) == (
        "Target 5 becomes 1.7 for 1.75 of 5 days"
    )


def test_scaling__of_a_longer_span_shows_its_own_sum() -> None:
    held = replace(MONTH, on_call_week_days=5, after_on_call_days=5)

    assert words.scaling(goal(PAIRING, 1, 4, Status.MET, per=Period.ROLLING_30_DAYS, scaled=2, held=held)) == (
        "20 working days − 5 in a week on call − 5 in the week after = 10 available: target 4 becomes 2"
    )


def test_scaling__says_nothing_of_a_target_where_nothing_is_asked() -> None:
    nothing_left = replace(MONTH, onboarding_days=20, uncounted="onboarding")
    month = goal(PAIRING, 1, 4, Status.NOT_ASSESSED, per=Period.ROLLING_30_DAYS, scaled=0, held=nothing_left)
    told = goal(PAIRING, 47, 20, Status.NOT_ASSESSED)

    assert words.scaling(month) == "20 working days − 20 in onboarding = 0 available"
    assert words.scaling(replace(told, goal=replace(told.goal, kind=GoalKind.INFORMATIONAL))) == ""


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (capacity(), "–"),
        (capacity(uncounted="onboarding"), "onboarding"),
        (capacity(uncounted="excused", away=1), "excused, 1 day away"),
        (capacity(uncounted="away", away=5), "5 days away"),
        (capacity(uncounted="on call", on_call=2, rotations=("cmoc",)), "on call on 2 days (rotation cmoc)"),
        (capacity(uncounted="week after on-call"), "week after on-call"),
        (
            replace(capacity(reduced=1, labels=("escalation",)), holiday_days=1, training_days=0.25),
            "1 public holiday, 0.25 days in training, 1 day not counted (escalation)",
        ),
        (replace(capacity(), corrected_days=-1.5), "you said 3.5 days"),
    ],
)
def test_clouds__name_what_the_days_of_a_week_went_to(held: Capacity, expected: str) -> None:
    assert words.clouds(row(WEEK, Status.MET, held=held)) == expected


def test_clouds__hold_what_came_to_light_after_publication() -> None:
    published = row(WEEK, Status.MET)

    assert words.clouds(replace(published, said_days=3.5)) == "you said 3.5 days"
    assert words.clouds(replace(published, capacity_now=capacity(away=2))) == "2 days away"
    assert words.clouds(replace(published, disputed=(NEW_TICKETS, PAIRING))) == "disputed: New tickets, Pairing sessions"


def test_available__stays_on_one_line() -> None:
    assert words.available(capacity(working=4, away=2.25)) == "1.75\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}4"
