"""The day that a moment falls in, as a zone counts days, as an expression of SQL that costs an addition; it runs nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reports.core.weeks import Window

#: Measures ask for days outside the window too, such as that of an earlier solve; further away DuckDB's own calendar answers.
_AROUND = timedelta(days=400)


def local_day(zone: ZoneInfo, window: Window) -> str:
    """The day of `moment`, a time in UTC, on the calendar of a zone."""
    start, end = window.start - _AROUND, window.end + _AROUND
    anywhen = f"timezone('{zone.key}', timezone('UTC', moment))"
    steps = "".join(f" WHEN {_before(until)} THEN moment + to_seconds({offset})" for until, offset in _offsets(zone, start, end))
    return f"CAST(CASE WHEN {_before(start)} THEN {anywhen}{steps} ELSE {anywhen} END AS DATE)"


def _before(moment: datetime) -> str:
    return f"moment < TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'"


def _offsets(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
    """The offsets from UTC in seconds, one after the other, and until when each holds."""
    day = start
    while day < end:
        following = min(end, day + timedelta(days=1))
        if _offset(zone, day) != _offset(zone, following):
            yield _change(zone, day, following), _offset(zone, day)
        day = following
    yield end, _offset(zone, end)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first whole second with another offset than before."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    return int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds())
