"""When the made-up account's promises fall due: open minutes by the wall clock of a zone."""

from datetime import UTC, date, datetime

import pytest

from reports.sandbox.zendesk_promises import Holiday, Schedule

OFFICE = tuple((day * 1440 + 540, day * 1440 + 1020) for day in range(1, 6))
ROUND_THE_CLOCK = tuple((day * 1440, (day + 1) * 1440) for day in range(1, 6))


def schedule(intervals: tuple[tuple[int, int], ...], zone: str = "Europe/Berlin", *holidays: date) -> Schedule:
    """A schedule with single days off."""
    days = tuple(Holiday(id=1, name="", first=day, last=day) for day in holidays)
    return Schedule(id=1, name="", time_zone=zone, zone=zone, intervals=intervals, created_at=0, updated_at=0, holidays=days)


def due(hours: Schedule, start: str, minutes: int) -> str:
    """The due moment in UTC."""
    second = hours.due(int(datetime.fromisoformat(start).timestamp()), minutes)
    return datetime.fromtimestamp(second, UTC).isoformat()[:16]


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2026-11-09T09:00+01:00", 60, "2026-11-09T09:00"),
        ("2026-11-09T16:30+01:00", 60, "2026-11-10T08:30"),
        ("2026-11-13T16:30+01:00", 60, "2026-11-16T08:30"),
        ("2026-11-14T12:00+01:00", 480, "2026-11-16T16:00"),
        ("2026-11-09T03:00+01:00", 1, "2026-11-09T08:01"),
    ],
    ids=["within", "over night", "over a weekend", "from a Saturday", "before opening"],
)
def test_due__counts_open_minutes_only(start: str, minutes: int, expected: str) -> None:
    assert due(schedule(OFFICE), start, minutes) == expected


def test_due__skips_a_day_off() -> None:
    assert due(schedule(OFFICE, "Europe/Berlin", date(2026, 11, 10)), "2026-11-09T16:30+01:00", 60) == "2026-11-11T08:30"


def test_due__over_the_end_of_summer_time_goes_by_the_wall_clock() -> None:
    # Friday 16:30 in Berlin is 14:30 in UTC; the clocks went back on Sunday, and Monday 9:30 is 8:30 in UTC.
    assert due(schedule(OFFICE), "2026-10-23T16:30+02:00", 60) == "2026-10-26T08:30"


def test_due__five_days_round_the_clock_stand_still_at_the_weekend() -> None:
    assert due(schedule(ROUND_THE_CLOCK), "2026-11-13T23:00+01:00", 120) == "2026-11-16T00:00"
