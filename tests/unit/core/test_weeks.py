from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.weeks import DayRange, Week, last_full_week, month_of, quarter_of, week_window
from tests.builders import utc

SOME_ZONES = sorted(available_timezones() & {"UTC", "Europe/Lisbon", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia"})


def test_week_parse__reads_what_str_writes() -> None:
    assert str(Week.parse("2026-W46")) == "2026-W46"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-46", "write it like 2026-W46"),
        ("46", "write it like 2026-W46"),
        ("2025-W53", "the year 2025 has no week 53"),
        ("2026-W00", "the year 2026 has no week 00"),
    ],
)
def test_week_parse__says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Week.parse(text)


def test_week__begins_on_monday_and_ends_on_sunday() -> None:
    week = Week(2026, 46)

    assert (week.first_day, week.last_day) == (date(2026, 11, 9), date(2026, 11, 15))


def test_week_plus__crosses_the_year_with_53_weeks() -> None:
    assert Week(2026, 53).plus(1) == Week(2027, 1)


def test_week_back_to__ends_with_itself_oldest_first() -> None:
    assert Week(2026, 2).back_to(3) == (Week(2025, 52), Week(2026, 1), Week(2026, 2))


def test_week_window__is_an_hour_longer_when_clocks_go_back() -> None:
    window = week_window(Week(2026, 43), ZoneInfo("Europe/Berlin"))

    assert window.end - window.start == timedelta(days=7, hours=1)
    assert window.start == utc("2026-10-18 22:00")


def test_window_contains__the_start_and_not_the_end() -> None:
    window = week_window(Week(2026, 46), ZoneInfo("UTC"))

    assert window.contains(utc("2026-11-09 00:00"))
    assert not window.contains(utc("2026-11-16 00:00"))


@given(
    seconds=st.integers(0, int(timedelta(days=15 * 365).total_seconds())),
    zone=st.sampled_from(SOME_ZONES),
)
def test_every_instant__lies_in_exactly_one_week(seconds: int, zone: str) -> None:
    instant = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    near = Week.containing(instant.date())

    weeks = [week for week in (near.plus(-1), near, near.plus(1)) if week_window(week, ZoneInfo(zone)).contains(instant)]

    assert len(weeks) == 1


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-01-01", "2026-01-01", "2026-03-31"),
        ("2026-06-30", "2026-04-01", "2026-06-30"),
        ("2026-11-09", "2026-10-01", "2026-12-31"),
    ],
)
def test_quarter_of__is_the_calendar_quarter(day: str, first: str, last: str) -> None:
    assert quarter_of(date.fromisoformat(day)) == DayRange(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2026-11-16 00:00", "2026-W46"),
        ("2026-11-15 23:59", "2026-W45"),
        ("2026-11-18 12:00", "2026-W46"),
    ],
)
def test_last_full_week__has_ended(now: str, week: str) -> None:
    assert str(last_full_week(utc(now), ZoneInfo("UTC"))) == week


def test_last_full_week__ends_when_sunday_ends_in_the_zone() -> None:
    late_sunday_in_utc = utc("2026-11-15 20:00")

    assert last_full_week(late_sunday_in_utc, ZoneInfo("Asia/Tokyo")) == Week(2026, 46)


@pytest.mark.parametrize(
    ("day", "last"), [("2026-11-09", "2026-11-30"), ("2028-02-10", "2028-02-29"), ("2026-12-31", "2026-12-31")]
)
def test_month_of__is_the_calendar_month(day: str, last: str) -> None:
    month = month_of(date.fromisoformat(day))

    assert (month.first, month.last) == (date.fromisoformat(day).replace(day=1), date.fromisoformat(last))
