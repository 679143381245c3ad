"""Working time: which hours of a week count, when a limit of counted time is used up, how much of it passed; reads no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reports.core.weeks import Window

_ONE_DAY = timedelta(days=1)
_MONDAY_TO_FRIDAY = range(5)
_EVERY_DAY = range(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Hours that count on a weekday (0 Monday to 6 Sunday); when `closes` is not after `opens`, they end on the next day.

    So 00:00 to 00:00 is the whole day. A local time that a clock change skips is read with the offset before the change,
    one that comes twice as the first, as in RFC 5545.
    """

    weekday: int
    opens: time = time.min
    closes: time = time.min

    @property
    def length(self) -> timedelta:
        """How long it is on the clock of a day without a change, up to 24 hours."""
        on_a_day = datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)
        return on_a_day if on_a_day > timedelta(0) else on_a_day + _ONE_DAY

    def window(self, day: date, zone: ZoneInfo) -> Window:
        """The instants it covers when it begins on that day."""
        last = day if self.closes > self.opens else day + _ONE_DAY
        return Window(
            datetime.combine(day, self.opens, zone).astimezone(UTC), datetime.combine(last, self.closes, zone).astimezone(UTC)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedHours:
    """The hours in which a limit runs, in one zone; on `holidays` nothing opens. ValueError when nothing ever does."""

    time_zone: str
    openings: tuple[Opening, ...]
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not any(opening.weekday in _EVERY_DAY for opening in self.openings):
            raise ValueError("no hours count on any weekday from 0 (Monday) to 6 (Sunday), so nothing would ever be due")

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose days and times are meant."""
        return ZoneInfo(self.time_zone)

    @property
    def day(self) -> timedelta:
        """The counted time of the fullest weekday: what people mean by a day of these hours."""
        return max(min(_ONE_DAY, self._length(weekday)) for weekday in _EVERY_DAY)

    def _length(self, weekday: int) -> timedelta:
        return sum((opening.length for opening in self.openings if opening.weekday == weekday), timedelta(0))


def mondays_to_fridays(time_zone: str, holidays: frozenset[date] = frozenset()) -> CountedHours:
    """All hours from Monday to Friday of a zone, without its public holidays."""
    return CountedHours(time_zone=time_zone, openings=tuple(Opening(weekday=day) for day in _MONDAY_TO_FRIDAY), holidays=holidays)


def every_hour() -> CountedHours:
    """All hours of all days: elapsed time as it is."""
    return CountedHours(time_zone="UTC", openings=tuple(Opening(weekday=day) for day in _EVERY_DAY))


def deadline_after(start: datetime, limit: timedelta, hours: CountedHours) -> datetime:
    """The first instant, in UTC, at which a limit of counted time has passed since `start`; ValueError unless it is positive."""
    if limit <= timedelta(0):
        raise ValueError(f"a limit must be positive, not {limit}")
    windows = _open_windows(start.astimezone(UTC), hours)
    window, left = next(windows), limit
    while left > window.end - window.start:
        left -= window.end - window.start
        window = next(windows)
    return window.start + left


def counted_between(start: datetime, end: datetime, hours: CountedHours) -> timedelta:
    """How much counted time lies in [start, end); none when the end is not after the start."""
    passed = timedelta(0)
    for window in _open_windows(start.astimezone(UTC), hours):
        if window.start >= end:
            break
        passed += min(window.end, end.astimezone(UTC)) - window.start
    return passed


def _open_windows(since: datetime, hours: CountedHours) -> Iterator[Window]:
    """The counted time from an instant on, in order and without overlaps, without an end."""
    zone, reached = hours.zone, since
    # What began the day before may still be open.
    day = since.astimezone(zone).date() - _ONE_DAY
    while True:
        for window in _openings_on(day, hours, zone):
            if window.end > reached:
                yield Window(max(window.start, reached), window.end)
                reached = window.end
        day += _ONE_DAY


def _openings_on(day: date, hours: CountedHours, zone: ZoneInfo) -> list[Window]:
    if day in hours.holidays:
        return []
    windows = (opening.window(day, zone) for opening in hours.openings if opening.weekday == day.weekday())
    # A clock change can skip the whole of a short opening.
    return sorted(window for window in windows if window.end > window.start)
