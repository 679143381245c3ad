"""What an account promises its customers and what they think of it: business hours, SLA policies, ratings; knows no HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """Days on which nobody answers, both ends included."""

    id: int
    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Business hours: pairs of minutes since Sunday midnight by the wall clock of `zone`, which the API calls `time_zone`."""

    id: int
    name: str
    time_zone: str
    zone: str
    intervals: tuple[tuple[int, int], ...]
    created_at: int
    updated_at: int
    holidays: tuple[Holiday, ...] = ()

    def due(self, start: int, minutes: int) -> int:
        """The Unix second at which so many open minutes have passed since another one."""
        left = minutes * 60
        for opens, closes in self._open_from(start):
            begin = max(opens, start)
            if closes - begin >= left:
                return begin + left
            left -= max(0, closes - begin)
        raise AssertionError("the hours of a schedule never end")

    def _open_from(self, start: int) -> Iterator[tuple[int, int]]:
        """Stretches of open time in Unix seconds, from a day before a moment on, for ever."""
        zone = ZoneInfo(self.zone)
        day = datetime.fromtimestamp(start, UTC).astimezone(zone).date() - _DAY
        while True:
            if not any(holiday.first <= day <= holiday.last for holiday in self.holidays):
                midnight = day.isoweekday() % 7 * 1440
                for opens, closes in self.intervals:
                    if midnight <= opens < midnight + 1440:
                        yield _second(day, opens - midnight, zone), _second(day, closes - midnight, zone)
            day += _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTarget:
    """Within how many minutes something is promised at a priority."""

    priority: str
    metric: str
    minutes: int
    in_business_hours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaPolicy:
    """A policy and what it promises."""

    id: int
    title: str
    description: str
    created_at: int
    targets: tuple[PolicyTarget, ...]

    def target(self, metric: str, priority: str) -> PolicyTarget:
        """What is promised of a metric at a priority."""
        return next(target for target in self.targets if (target.metric, target.priority) == (metric, priority))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a requester thought of a ticket; `score` is `good`, `bad` or `offered`. Times are Unix seconds."""

    id: int
    ticket_id: int
    requester_id: int
    assignee_id: int | None
    group_id: int | None
    score: str
    comment: str | None
    sent_at: int
    rated_at: int


@dataclass(kw_only=True)
class Promises:
    """All of these of an account; ratings are shown by one of two APIs, or by none."""

    schedules: list[Schedule] = field(default_factory=list)
    policies: list[SlaPolicy] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    ratings_by: Literal["ratings", "surveys", ""] = "ratings"


def _second(day: date, minute: int, zone: ZoneInfo) -> int:
    wall = datetime.combine(day + timedelta(days=minute // 1440), time(minute % 1440 // 60, minute % 60), zone)
    return int(wall.timestamp())
