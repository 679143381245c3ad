"""A region's queue as its template sees it: lines in order, amounts of time rounded down; no words and no names of people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reports.core.queue import Clock, ClockName, NextStep, QueueLimits, RegionQueue, WaitingItem, clocks_of

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
#: Fewer days than this are said in hours.
_FEWEST_DAYS = 2
#: What is over is most urgent in this order: who asked for attention, a customer who waits, work of nobody, a label.
_URGENCY = (
    ClockName.URGENT,
    ClockName.TIMELY,
    ClockName.NOT_URGENT,
    ClockName.CONTACT,
    ClockName.HANDOVER,
    ClockName.FEEDBACK,
    ClockName.DISPOSITION,
)


class TimeUnit(StrEnum):
    """What an amount of time is counted in."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAmount:
    """An amount of counted time, rounded down; a day is a day of the clock's own hours."""

    count: int
    unit: TimeUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One thing that waits; `text` is untrusted. `amount` is the time left, or over; 0 hours stand for less than one.

    Where the title must not be read, `is_confidential`, and `text` is only where the issue lies.
    """

    text: str
    is_confidential: bool
    url: str
    clock: ClockName
    since: datetime
    deadline: datetime
    is_over: bool
    amount: TimeAmount
    next_step: NextStep


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """How long something may wait."""

    name: ClockName
    limit: TimeAmount


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionQueueView:
    """The one queue issue of a region, for support managers: what waits, never who is slow."""

    region: str
    time_zone: str
    """The zone that times are shown in."""
    as_of: datetime
    """The full hour (UTC) at or before the instant to which everything was read."""
    rows: tuple[QueueRow, ...]
    """Oldest first."""
    over: int
    most_urgent: QueueRow | None
    """What to begin with among what is over; None when nothing is."""
    next_deadline: datetime | None
    """The nearest one that is still to come; None when there is none."""
    clocks: tuple[ClockView, ...]
    closed_for: TimeAmount
    """How long a closed attention request is looked at."""
    gaps: tuple[str, ...]
    """Sources that could not be read, one sentence each; empty when everything was read."""


def region_queue(queue: RegionQueue, limits: QueueLimits, gaps: tuple[str, ...] = ()) -> RegionQueueView:
    """The view of one region's queue; `gaps` say what could not be read."""
    over = [item for item in queue.items if item.is_over]
    first = min(over, key=lambda item: (_URGENCY.index(item.clock.name), item.deadline, item.issue.url), default=None)
    return RegionQueueView(
        region=queue.region.name,
        time_zone=queue.region.time_zone,
        as_of=queue.as_of,
        rows=tuple(_row(item) for item in queue.items),
        over=len(over),
        most_urgent=_row(first) if first else None,
        next_deadline=min((item.deadline for item in queue.items if not item.is_over), default=None),
        clocks=tuple(ClockView(name=clock.name, limit=_limit(clock)) for clock in clocks_of(queue.region, limits)),
        closed_for=rounded_down(limits.closed_for, timedelta(days=1)),
        gaps=gaps,
    )


def rounded_down(span: timedelta, day: timedelta) -> TimeAmount:
    """A time that is left or over: whole days from two days on, else whole hours, both rounded down."""
    if span >= _FEWEST_DAYS * day:
        return TimeAmount(count=span // day, unit=TimeUnit.DAYS)
    return TimeAmount(count=span // _HOUR, unit=TimeUnit.HOURS)


def _limit(clock: Clock) -> TimeAmount:
    """A limit as agreed: beyond two days in days, from an hour on in hours, else in minutes."""
    if clock.limit > _FEWEST_DAYS * clock.hours.day:
        return TimeAmount(count=clock.limit // clock.hours.day, unit=TimeUnit.DAYS)
    if clock.limit >= _HOUR:
        return TimeAmount(count=clock.limit // _HOUR, unit=TimeUnit.HOURS)
    return TimeAmount(count=clock.limit // _MINUTE, unit=TimeUnit.MINUTES)


def _row(item: WaitingItem) -> QueueRow:
    issue = item.issue
    return QueueRow(
        text=issue.title or f"{issue.project}#{issue.iid}",
        is_confidential=not issue.title,
        url=issue.url,
        clock=item.clock.name,
        since=item.since,
        deadline=item.deadline,
        is_over=item.is_over,
        amount=rounded_down(item.counted, item.clock.hours.day),
        next_step=item.next_step,
    )
