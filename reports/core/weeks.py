"""Reporting weeks, quarters and rolling windows as half-open intervals in one named zone; never reads a clock."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEK_ID = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week, ordered by time; `str()` gives its id such as `2026-W46`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Week":
        """The week named by an id such as `2026-W46`; ValueError says what is expected."""
        match = _WEEK_ID.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a week; write it like 2026-W46")
        week = cls(int(match[1]), int(match[2]))
        try:
            week.first_day  # noqa: B018  (only a real week has a Monday)
        except ValueError:
            raise ValueError(f"the year {match[1]} has no week {match[2]}") from None
        return week

    @classmethod
    def containing(cls, day: date) -> "Week":
        """The ISO week that a calendar day belongs to."""
        iso = day.isocalendar()
        return cls(iso.year, iso.week)

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def first_day(self) -> date:
        """Its Monday."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """Its Sunday."""
        return self.first_day + timedelta(days=6)

    @property
    def report_day(self) -> date:
        """The Monday after it, on which its reports are published."""
        return self.first_day + timedelta(days=7)

    @property
    def days(self) -> tuple[date, ...]:
        """Its seven days, Monday first."""
        return tuple(self.first_day + timedelta(days=n) for n in range(7))

    def plus(self, weeks: int) -> "Week":
        """The week that many weeks later (earlier when negative)."""
        return Week.containing(self.first_day + timedelta(weeks=weeks))

    def back_to(self, count: int) -> tuple["Week", ...]:
        """The last `count` weeks that end with this one, oldest first."""
        return tuple(self.plus(n) for n in range(1 - count, 1))


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open stretch of time [start, end); both ends are aware datetimes in UTC."""

    start: datetime
    end: datetime

    def contains(self, moment: datetime) -> bool:
        """Whether the moment lies in the window; the end does not."""
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class DayRange:
    """Whole days [first, last], both included, as people write them."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


def monday_from(day: date) -> date:
    """The Monday on which the first whole week from a day on begins: the day itself when it is one."""
    return day + timedelta(days=-day.weekday() % 7)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant a day begins in a zone, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def window_of_days(days: DayRange, zone: ZoneInfo) -> Window:
    """The instants that whole days cover in a zone; 167 or 169 hours long in a week with a clock change."""
    return Window(midnight(days.first, zone), midnight(days.last + timedelta(days=1), zone))


def week_window(week: Week, zone: ZoneInfo) -> Window:
    """The half-open window [Monday 00:00, next Monday 00:00) of a week in a zone."""
    return window_of_days(DayRange(week.first_day, week.last_day), zone)


def quarter_of(day: date) -> DayRange:
    """The calendar quarter that a day lies in."""
    month = 3 * ((day.month - 1) // 3) + 1
    first = date(day.year, month, 1)
    following = date(day.year + (month == 10), (month + 2) % 12 + 1, 1)
    return DayRange(first, following - timedelta(days=1))


def month_of(day: date) -> DayRange:
    """The calendar month that a day lies in."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return DayRange(first, following - timedelta(days=1))


def last_full_week(now: datetime, zone: ZoneInfo) -> Week:
    """The latest week that has ended at `now` in a zone."""
    return Week.containing(now.astimezone(zone).date()).plus(-1)
