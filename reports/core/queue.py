"""What waits for the managers on call of each region, until when, and what to do next; names nobody and reads no clock.

The state shown is that of the full hour (UTC) at or before `now`: within an hour the same issues give the same queue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from reports.core.clocks import CountedHours, counted_between, deadline_after, every_hour, mondays_to_fridays


class WaitingKind(StrEnum):
    """What an issue of the queue is."""

    ATTENTION_REQUEST = "attention_request"
    FEEDBACK = "feedback"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingIssue:
    """An issue or ticket that may wait for a manager on call, as its source has it now.

    `title` is untrusted, and empty where it must not be read; `created_at` is when it began to wait, aware;
    `region` is empty when the source names none; `project` is empty for a ticket, whose number is `iid`.
    """

    url: str
    project: str
    iid: int
    title: str
    kind: WaitingKind
    labels: tuple[str, ...]
    created_at: datetime
    closed_at: datetime | None
    assignees: tuple[str, ...]
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLabels:
    """The labels that the queue understands, exactly as GitLab spells them."""

    urgent: str = "star-urgency::urgent"
    timely: str = "star-urgency::timely"
    not_urgent: str = "star-urgency::not-urgent"
    dispositions: tuple[str, ...] = ("Escalation::License-Issue", "Escalation::Response-Time", "unstarred")
    negative: str = "satisfaction::bad"
    contact_requested: str = "manager-contact-requested"
    contacted: str = "ssat-manager-contacted-customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLimits:
    """How long each thing may wait, in the counted hours of its clock.

    The eight hours of `disposition` and `handover` are ours, the sources only say *in the shift*.
    """

    urgent: timedelta = timedelta(minutes=30)
    timely: timedelta = timedelta(hours=1)
    not_urgent: timedelta = timedelta(hours=2)
    contact: timedelta = timedelta(hours=48)
    feedback: timedelta = timedelta(days=7)
    disposition: timedelta = timedelta(hours=8)
    handover: timedelta = timedelta(hours=8)
    closed_for: timedelta = timedelta(days=14)
    """How long a closed attention request is looked at for its disposition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRegion:
    """A region with a queue: the zone its times are shown in, the support hours, the days the contact clock stands still."""

    name: str
    time_zone: str
    support_hours: CountedHours
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRules:
    """What the queues of an organisation are made by."""

    regions: tuple[QueueRegion, ...]
    labels: QueueLabels = QueueLabels()
    limits: QueueLimits = QueueLimits()


class ClockName(StrEnum):
    """Which time runs for an item."""

    URGENT = "urgent"
    TIMELY = "timely"
    NOT_URGENT = "not_urgent"
    DISPOSITION = "disposition"
    CONTACT = "contact"
    FEEDBACK = "feedback"
    HANDOVER = "handover"


class NextStep(StrEnum):
    """What the manager on call does next about an item."""

    NAME_REGION = "name_region"
    NAME_URGENCY = "name_urgency"
    FIND_OWNER = "find_owner"
    GET_GOING = "get_going"
    ADD_DISPOSITION = "add_disposition"
    CONTACT_CUSTOMER = "contact_customer"
    ANSWER_FEEDBACK = "answer_feedback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A limit and the hours in which it runs."""

    name: ClockName
    limit: timedelta
    hours: CountedHours


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingItem:
    """One line of a queue; `counted` is the time left, or the time over, in the hours of its clock, never negative.

    From its deadline on an item is over, also while its clock stands still.
    """

    issue: WaitingIssue
    clock: Clock
    since: datetime
    deadline: datetime
    is_over: bool
    counted: timedelta
    next_step: NextStep


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionQueue:
    """All that waits in one region, oldest first, as of a full hour in UTC."""

    region: QueueRegion
    as_of: datetime
    items: tuple[WaitingItem, ...]


def region_named(words: Iterable[str], regions: Mapping[str, str]) -> str:
    """The region that labels or tags name, by a map of such words to regions; empty when they name none, or more than one."""
    named = {regions[word] for word in words if word in regions}
    return named.pop() if len(named) == 1 else ""


def region_queues(issues: Iterable[WaitingIssue], rules: QueueRules, now: datetime) -> tuple[RegionQueue, ...]:
    """The queue of each region; an issue of no known region stands in every queue until somebody says where it belongs."""
    found = tuple(issues)
    as_of = full_hour(now)
    return tuple(RegionQueue(region=region, as_of=as_of, items=_items(found, region, rules, as_of)) for region in rules.regions)


def full_hour(moment: datetime) -> datetime:
    """The full hour, in UTC, at or before an instant."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def clocks_of(region: QueueRegion, limits: QueueLimits) -> tuple[Clock, ...]:
    """Every clock that runs in a region, in the order in which they are explained."""
    support, contact = region.support_hours, mondays_to_fridays(region.time_zone, region.holidays)
    return (
        Clock(name=ClockName.URGENT, limit=limits.urgent, hours=support),
        Clock(name=ClockName.TIMELY, limit=limits.timely, hours=support),
        Clock(name=ClockName.NOT_URGENT, limit=limits.not_urgent, hours=support),
        Clock(name=ClockName.DISPOSITION, limit=limits.disposition, hours=support),
        Clock(name=ClockName.HANDOVER, limit=limits.handover, hours=support),
        Clock(name=ClockName.CONTACT, limit=limits.contact, hours=contact),
        Clock(name=ClockName.FEEDBACK, limit=limits.feedback, hours=every_hour()),
    )


def _items(issues: Sequence[WaitingIssue], region: QueueRegion, rules: QueueRules, as_of: datetime) -> tuple[WaitingItem, ...]:
    clocks = {clock.name: clock for clock in clocks_of(region, rules.limits)}
    elsewhere = {each.name for each in rules.regions} - {region.name}
    here = [issue for issue in issues if issue.region not in elsewhere]
    running = [(issue, _running_clock(issue, rules, as_of)) for issue in here]
    items = [_item(issue, clocks[name], region, rules.labels, as_of) for issue, name in running if name is not None]
    return tuple(sorted(filter(_is_listed, items), key=lambda item: (item.since, item.issue.url)))


def _is_listed(item: WaitingItem) -> bool:
    """Everything that has a clock, but feedback that asks for no contact only once it has waited too long."""
    return item.is_over or item.clock.name is not ClockName.FEEDBACK


def _running_clock(issue: WaitingIssue, rules: QueueRules, as_of: datetime) -> ClockName | None:
    """The clock that an issue is held to; None when it waits for nobody."""
    if issue.kind is WaitingKind.ATTENTION_REQUEST:
        return _urgency(issue, rules.labels) if issue.closed_at is None else _disposition(issue, issue.closed_at, rules, as_of)
    if issue.closed_at is not None:
        return None
    if issue.kind is WaitingKind.HANDOVER:
        return None if issue.assignees else ClockName.HANDOVER
    return ClockName.CONTACT if _asks_for_contact(issue, rules.labels) else ClockName.FEEDBACK


def _urgency(issue: WaitingIssue, labels: QueueLabels) -> ClockName:
    """The most urgent label's clock; without a label the longest, so that nothing is called over that may not be."""
    if labels.urgent in issue.labels:
        return ClockName.URGENT
    return ClockName.TIMELY if labels.timely in issue.labels else ClockName.NOT_URGENT


def _disposition(issue: WaitingIssue, closed_at: datetime, rules: QueueRules, as_of: datetime) -> ClockName | None:
    is_recent = as_of - closed_at <= rules.limits.closed_for
    is_missing = not set(issue.labels) & set(rules.labels.dispositions)
    return ClockName.DISPOSITION if is_recent and is_missing else None


def _asks_for_contact(issue: WaitingIssue, labels: QueueLabels) -> bool:
    return {labels.negative, labels.contact_requested} <= set(issue.labels) and labels.contacted not in issue.labels


def _item(issue: WaitingIssue, clock: Clock, region: QueueRegion, labels: QueueLabels, as_of: datetime) -> WaitingItem:
    since = issue.closed_at or issue.created_at
    deadline = deadline_after(since, clock.limit, clock.hours)
    is_over = deadline <= as_of
    # What was opened after the full hour has its whole time left, not a little more.
    passing = (deadline, as_of) if is_over else (max(as_of, since), deadline)
    return WaitingItem(
        issue=issue,
        clock=clock,
        since=since,
        deadline=deadline,
        is_over=is_over,
        counted=counted_between(*passing, clock.hours),
        next_step=_next_step(issue, clock.name, labels) if issue.region == region.name else NextStep.NAME_REGION,
    )


def _next_step(issue: WaitingIssue, clock: ClockName, labels: QueueLabels) -> NextStep:
    if clock in _STEPS:
        return _STEPS[clock]
    if not {labels.urgent, labels.timely, labels.not_urgent} & set(issue.labels):
        return NextStep.NAME_URGENCY
    return NextStep.GET_GOING if issue.assignees else NextStep.FIND_OWNER


#: What is next whatever else the issue says.
_STEPS = {
    ClockName.DISPOSITION: NextStep.ADD_DISPOSITION,
    ClockName.CONTACT: NextStep.CONTACT_CUSTOMER,
    ClockName.FEEDBACK: NextStep.ANSWER_FEEDBACK,
    ClockName.HANDOVER: NextStep.FIND_OWNER,
}
