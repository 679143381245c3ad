"""The example's text moved to other weeks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.weeks import Week
from reports.sandbox.example import EXAMPLE_WEEK, shift_dates


def test_example_week__is_the_second_week_of_november() -> None:
    assert Week(2026, 46) == EXAMPLE_WEEK


@pytest.mark.parametrize(
    ("text", "weeks", "expected"),
    [
        ("from: 2026-11-09", 1, "from: 2026-11-16"),
        ("{from: 2026-11-09, to: 2026-11-11}", -2, "{from: 2026-10-26, to: 2026-10-28}"),
        ("# written for 2026-W46 (9 to 15 November)", 10, "# written for 2027-W03 (9 to 15 November)"),
        ("2026-W53", 1, "2027-W01"),
        ("from: '2026-12-31'\n", 1, "from: '2027-01-07'\n"),
        ("2026-11-09/2026-11-15", 1, "2026-11-16/2026-11-22"),
        ("until 2026-11-09.", 1, "until 2026-11-16."),
        ("2024-02-22", 1, "2024-02-29"),
    ],
)
def test_shift_dates__days_and_weeks_move(text: str, weeks: int, expected: str) -> None:
    assert shift_dates(text, weeks) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-31",
        "2025-W53",
        "id: 12026-11-09",
        "report-2026-11-09",
        "2026-11-099",
        "2026-11-09-draft",
        "555-0100",
        "1.2026-11",
    ],
)
def test_shift_dates__what_only_looks_like_a_date_stays(text: str) -> None:
    assert shift_dates(text, 3) == text


def test_shift_dates__by_nothing_changes_nothing() -> None:
    text = "a: 2026-11-09 # 2026-W46"
    assert shift_dates(text, 0) == text


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-500, 500))
def test_shift_dates__any_day_keeps_its_weekday(day: date, weeks: int) -> None:
    moved = date.fromisoformat(shift_dates(day.isoformat(), weeks))
    assert moved == day + timedelta(weeks=weeks)
    assert moved.weekday() == day.weekday()
