"""When each made-up engineer works: shifts with their weight, from team and context; not what they do in them."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from reports.core.context import Context
from reports.core.people import Engineer, Team
from reports.core.weeks import DayRange, Week

#: The hour, in UTC, at which a region starts to work.
SHIFT_STARTS = {"APAC": 1, "EMEA": 8, "AMER": 14}
SHIFT_HOURS = 7
#: How much of the ordinary work remains on a day of on-call.
ON_CALL_WEIGHT = 0.4
#: How much of the ordinary work somebody does in the first weeks.
FIRST_WEEKS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9)
WEEKDAYS = frozenset(range(5))


class Shift(NamedTuple):
    """A working day: Unix seconds, the share of ordinary work done in it, and the share given to a declared reduction."""

    start: int
    end: int
    day: date
    weight: float
    escalation: float
    on_call: bool


@dataclass(frozen=True)
class Calendar:
    """The shifts of one person in order."""

    shifts: Sequence[Shift]

    @cached_property
    def _starts(self) -> list[int]:
        return [shift.start for shift in self.shifts]

    @cached_property
    def _by_week(self) -> dict[Week, list[Shift]]:
        weeks: dict[Week, list[Shift]] = {}
        for shift in self.shifts:
            weeks.setdefault(Week.containing(shift.day), []).append(shift)
        return weeks

    def in_week(self, week: Week) -> Sequence[Shift]:
        """The shifts of a week."""
        return self._by_week.get(week, ())

    def after(self, moment: int) -> Shift | None:
        """The shift that runs at the moment (its start moved there) or the next one; None after the last."""
        place = bisect_right(self._starts, moment)
        if place > 0 and self.shifts[place - 1].end > moment:
            return self.shifts[place - 1]._replace(start=moment)
        return self.shifts[place] if place < len(self.shifts) else None


def fullness(shifts: Sequence[Shift]) -> float:
    """How much of a full week of ordinary work some shifts hold."""
    return sum(shift.weight for shift in shifts) / len(WEEKDAYS)


def calendars(team: Team, context: Context, days: DayRange, zone: ZoneInfo) -> Mapping[str, Calendar]:
    """The calendar of every engineer over some days; the days are those of the team's zone."""
    return {engineer.username: Calendar(_shifts(engineer, context, days, zone)) for engineer in team.engineers}


def _shifts(engineer: Engineer, context: Context, days: DayRange, zone: ZoneInfo) -> list[Shift]:
    mine = _Absences.of(engineer, context)
    start_hour = SHIFT_STARTS.get(engineer.region, 8)
    found = []
    for day in days:
        present = mine.presence(day)
        if day < engineer.start_date or present <= 0:
            continue
        start = _shift_start(day, start_hour, zone)
        share = mine.share(day)
        weight = present * share * (ON_CALL_WEIGHT if mine.on_call(day) else 1.0) * _practice(engineer, day)
        end = start + int(SHIFT_HOURS * 3600 * present)
        found.append(Shift(start, end, day, weight, present * (1 - share), mine.on_call(day)))
    return found


@dataclass(frozen=True, slots=True)
class _Absences:
    """One person's part of the context."""

    away: tuple[tuple[DayRange, float], ...]
    reduced: tuple[tuple[DayRange, float], ...]
    calls: tuple[DayRange, ...]
    weekdays: tuple[tuple[date, frozenset[int]], ...]

    @classmethod
    def of(cls, engineer: Engineer, context: Context) -> "_Absences":
        who = engineer.username
        return cls(
            tuple((row.days, row.fraction) for row in context.unavailable if row.who == who),
            tuple((row.days, row.factor) for row in context.reduced if row.who == who),
            tuple(row.days for row in context.on_call if row.who == who),
            tuple(sorted((row.valid_from, row.weekdays) for row in context.working_days if row.who == who)),
        )

    def presence(self, day: date) -> float:
        weekdays = next((worked for since, worked in reversed(self.weekdays) if since <= day), WEEKDAYS)
        if day.weekday() not in weekdays:
            return 0.0
        return 1.0 - min(1.0, sum(fraction for days, fraction in self.away if day in days))

    def share(self, day: date) -> float:
        share = 1.0
        for days, factor in self.reduced:
            share *= factor if day in days else 1.0
        return share

    def on_call(self, day: date) -> bool:
        return any(day in days for days in self.calls)


def _practice(engineer: Engineer, day: date) -> float:
    weeks = (day - engineer.start_date).days // 7
    return FIRST_WEEKS[weeks] if 0 <= weeks < len(FIRST_WEEKS) else 1.0


def _shift_start(day: date, hour: int, zone: ZoneInfo) -> int:
    start = datetime.combine(day, time(hour), UTC)
    # Whatever the team's zone, work done on a day belongs to that day: leave that ends on Sunday means no work before Monday.
    for end in (start, start + timedelta(hours=SHIFT_HOURS)):
        gap = (end.astimezone(zone).date() - day).days
        if gap:
            local = datetime.combine(day, time(8), zone)
            return int(local.timestamp())
    return int(start.timestamp())
