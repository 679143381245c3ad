"""Rows of Zendesk's exports into facts: decodes an allow-list of fields, never a word of a customer; it asks for nothing.

A child event of an update holds the changed field as a key of its own, in old samples as `field_name` and `value`. Its ids are
numbers or text, and the name of an SLA policy stands among the fields, so whatever is not named here is never decoded.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec

from reports.core.facts import Ticket, TicketEvent, TicketMetricEvent

_NOTHING = msgspec.Raw(b"null")
_UNSET = msgspec.UNSET
_Text = str | msgspec.UnsetType | None
_Id = int | str | msgspec.UnsetType | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFields:
    """What an organisation lets through beyond the fixed fields: these tags, since others may name customers, and one date.

    `next_update` is the id of the custom field in which agents note until when they promised an update.
    """

    tags: Collection[str]
    next_update: int | None = None


# --- tickets ----------------------------------------------------------------------------------


class _Minutes(msgspec.Struct, frozen=True, gc=False):
    calendar: int | None = None
    business: int | None = None


_UNCOUNTED = _Minutes()


class _MetricSet(msgspec.Struct, frozen=True, gc=False):
    ticket_id: int | None = None
    solved_at: datetime | None = None
    reopens: int | None = None
    reply_time_in_minutes: _Minutes | None = None
    requester_wait_time_in_minutes: _Minutes | None = None
    agent_wait_time_in_minutes: _Minutes | None = None
    on_hold_time_in_minutes: _Minutes | None = None


class _Ticket(msgspec.Struct, frozen=True, gc=False):
    id: int
    created_at: datetime
    updated_at: datetime
    generated_timestamp: int
    status: str
    #: Compared with the word that stands in the place of a scrubbed one, and not decoded.
    subject: msgspec.Raw = _NOTHING
    priority: str | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    organization_id: int | None = None
    ticket_form_id: int | None = None
    custom_status_id: int | None = None
    support_type: str | None = None
    tags: list[str] = []
    metric_set: _MetricSet | None = None


class TicketPage(msgspec.Struct, frozen=True):
    """A page of the cursor export; the metric sets come inside their tickets, or beside them, or both."""

    tickets: list[_Ticket]
    end_of_stream: bool
    after_cursor: str | None = None
    metric_sets: msgspec.Raw = msgspec.Raw(b"[]")

    @property
    def newest(self) -> datetime | None:
        """The latest moment at which a ticket of this page changed."""
        return instant(max(ticket.generated_timestamp for ticket in self.tickets)) if self.tickets else None


TICKETS = msgspec.json.Decoder(TicketPage)
_METRIC_SETS = msgspec.json.Decoder(list[_MetricSet])


def ticket_facts(page: TicketPage, address: str, kept: KeptFields, form: Callable[[int], str]) -> Iterator[Ticket]:
    """The tickets of a page; `form` gives the name of a ticket form."""
    named = cache(form)
    beside: Mapping[int | None, _MetricSet] = {}
    if any(ticket.metric_set is None for ticket in page.tickets):
        beside = {metrics.ticket_id: metrics for metrics in _METRIC_SETS.decode(page.metric_sets)}
    for ticket in page.tickets:
        metrics = ticket.metric_set or beside.get(ticket.id) or _MetricSet()
        replied = metrics.reply_time_in_minutes or _UNCOUNTED
        yield Ticket(
            id=ticket.id,
            url=f"{address}/agent/tickets/{ticket.id}",
            status=ticket.status,
            priority=ticket.priority or "",
            ticket_form="" if ticket.ticket_form_id is None else named(ticket.ticket_form_id),
            assignee_id=ticket.assignee_id,
            tags=tuple(filter(kept.tags.__contains__, ticket.tags)),
            created_at=ticket.created_at,
            solved_at=metrics.solved_at,
            seen_at=_seen_at(ticket),
            group_id=ticket.group_id,
            custom_status_id=ticket.custom_status_id,
            has_organization=ticket.organization_id is not None,
            by_ai_agent=ticket.support_type == "ai_agent",
            reopens=metrics.reopens,
            reply_minutes=replied.calendar,
            reply_business_minutes=replied.business,
            waiting_minutes=(metrics.requester_wait_time_in_minutes or _UNCOUNTED).calendar,
            pending_minutes=(metrics.agent_wait_time_in_minutes or _UNCOUNTED).calendar,
            on_hold_minutes=(metrics.on_hold_time_in_minutes or _UNCOUNTED).calendar,
        )


def _seen_at(ticket: _Ticket) -> datetime:
    """When a ticket was as the row says.

    A month after its deletion a ticket is scrubbed and exported once more, with neither assignee nor group nor tags. That row
    must not take the place of the one that told them, so it counts as seen just before the deletion, its last real change.
    """
    if ticket.status == "deleted" and bytes(ticket.subject) == b'"SCRUBBED"':
        return ticket.updated_at - timedelta(seconds=1)
    return instant(ticket.generated_timestamp)


# --- updates ----------------------------------------------------------------------------------


class _Child(msgspec.Struct, frozen=True, gc=False):
    id: int | None = None
    event_type: str = ""
    status: _Text = _UNSET
    priority: _Text = _UNSET
    assignee_id: _Id = _UNSET
    group_id: _Id = _UNSET
    ticket_form_id: _Id = _UNSET
    tags: msgspec.Raw = _NOTHING
    added_tags: list[str] | msgspec.UnsetType | None = _UNSET
    removed_tags: list[str] | msgspec.UnsetType | None = _UNSET
    custom_ticket_fields: msgspec.Raw = _NOTHING
    field_name: str = ""
    value: msgspec.Raw = _NOTHING
    previous_value: msgspec.Raw = _NOTHING
    comment_present: bool = False
    comment_public: bool | None = None
    public: bool | None = None


class _Update(msgspec.Struct, frozen=True, gc=False):
    id: int
    ticket_id: int
    timestamp: int
    updater_id: int | None = None
    child_events: list[_Child] = []


class TimePage(msgspec.Struct, frozen=True):
    """What a page of a time-based export says of the next one; the documentation shows some without `end_of_stream`."""

    end_of_stream: bool | None = None
    end_time: int | None = None
    next_page: str | None = None


class UpdatePage(TimePage, frozen=True):
    """A page of the export of ticket events."""

    ticket_events: list[_Update] = msgspec.field(default_factory=list)


UPDATES = msgspec.json.Decoder(UpdatePage)
_CUSTOM = msgspec.json.Decoder(dict[str, msgspec.Raw])
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: The fields that are followed, and what their changes are called.
_FIELDS = {
    "status": "status",
    "priority": "priority",
    "assignee_id": "assignee",
    "group_id": "group",
    "ticket_form_id": "form",
}

_Change = tuple[str, str | None, str | None]


class Updates:
    """Turns updates into events; `form` gives the name of a ticket form."""

    def __init__(self, kept: KeptFields, form: Callable[[int], str]) -> None:
        self._kept_tags = frozenset(kept.tags)
        self._form = form
        self._next_update = "" if kept.next_update is None else str(kept.next_update)

    def facts(self, page: UpdatePage) -> Iterator[TicketEvent]:
        """What we follow in the updates of a page."""
        for update in page.ticket_events:
            created = any(child.event_type == "Create" for child in update.child_events)
            # The system is -1, and 0 in older events.
            actor = update.updater_id if update.updater_id and update.updater_id > 0 else None
            for child in update.child_events:
                for kind, old, new in self._changes(child):
                    yield TicketEvent(
                        # Samples of old events show children without an id; the kind then tells them apart.
                        id=update.id if child.id is None else child.id,
                        ticket_id=update.ticket_id,
                        at=instant(update.timestamp),
                        actor_id=actor,
                        kind=kind,
                        old=old,
                        new=new,
                        created=created,
                    )

    def _changes(self, child: _Child) -> Iterator[_Change]:
        """Kind, old and new value of everything followed in a child event."""
        if child.comment_present or child.event_type == "Comment":
            is_public = child.public if child.comment_public is None else child.comment_public
            yield "comment", None, "public" if is_public else "internal"
            return
        for field, kind in _FIELDS.items():
            value = getattr(child, field)
            if value is not _UNSET:
                yield from self._field(kind, child, None if value in _NONE else str(value))
            elif child.field_name == field:
                yield from self._field(kind, child, _text(child.value))
        yield from self._tags(child)
        if self._next_update:
            yield from self._promised(child)

    def _field(self, kind: str, child: _Child, new: str | None) -> Iterator[_Change]:
        old = _text(child.previous_value)
        if old is None and new is None:
            return
        if kind == "form":
            old, new = self._named(old), self._named(new)
        yield kind, old, new

    def _named(self, form: str | None) -> str | None:
        return self._form(int(form)) if form is not None and form.isdecimal() else form

    def _tags(self, child: _Child) -> Iterator[_Change]:
        if child.added_tags is _UNSET and child.removed_tags is _UNSET:
            if child.tags is _NOTHING:
                return
            before, now = _tag_set(child.previous_value), _tag_set(child.tags)
            added, removed = now - before, before - now
        else:
            added, removed = frozenset(child.added_tags or ()), frozenset(child.removed_tags or ())
        for tag in sorted(added & self._kept_tags):
            yield "tag", None, tag
        for tag in sorted(removed & self._kept_tags):
            yield "tag", tag, None

    def _promised(self, child: _Child) -> Iterator[_Change]:
        """Changes of the day on which the next update is due. Only days pass: the field could turn out to be another one."""
        if child.field_name == self._next_update:
            value = child.value
        elif child.custom_ticket_fields is not _NOTHING:
            fields = _custom_fields(child.custom_ticket_fields)
            if self._next_update not in fields:
                return
            value = fields[self._next_update]
        else:
            return
        old, new = _day(child.previous_value), _day(value)
        if old != new:
            yield "next_update", old, new


#: What Zendesk writes for nothing: the previous value of a priority that was never set is "0".
_NONE = (None, "", 0, "0")


def _text(raw: msgspec.Raw) -> str | None:
    value = msgspec.json.decode(raw)
    return str(value) if isinstance(value, int | str) and value not in _NONE else None


def _tag_set(raw: msgspec.Raw) -> frozenset[str]:
    tags = msgspec.json.decode(raw)
    return frozenset(tags.split() if isinstance(tags, str) else tags if isinstance(tags, list) else ())


def _custom_fields(raw: msgspec.Raw) -> Mapping[str, msgspec.Raw]:
    try:
        return _CUSTOM.decode(raw)
    except msgspec.MsgspecError:
        return {}


def _day(raw: msgspec.Raw) -> str | None:
    value = msgspec.json.decode(raw)
    return value[:10] if isinstance(value, str) and _DAY.match(value) else None


# --- metric events ----------------------------------------------------------------------------


class _Policy(msgspec.Struct, frozen=True, gc=False):
    id: int | str | None = None


class _Sla(msgspec.Struct, frozen=True, gc=False):
    target: int | None = None
    target_in_seconds: int | None = None
    business_hours: bool | None = None
    policy: _Policy | None = None

    @property
    def seconds(self) -> int | None:
        if self.target_in_seconds is not None or self.target is None:
            return self.target_in_seconds
        return self.target * 60


class _MetricEvent(msgspec.Struct, frozen=True, gc=False):
    id: int
    ticket_id: int
    metric: str
    type: str
    time: datetime
    instance_id: int | None = None
    sla: _Sla | None = None
    deleted: bool | None = None


class MetricEventPage(TimePage, frozen=True):
    """A page of the export of ticket metric events."""

    ticket_metric_events: list[_MetricEvent] = msgspec.field(default_factory=list)


METRIC_EVENTS = msgspec.json.Decoder(MetricEventPage)
#: `update_status` repeats what the steps tell, and the policies of groups are no promise to a customer.
_STEPS = frozenset({"activate", "pause", "fulfill", "apply_sla", "breach", "measure"})
_NO_SLA = _Sla()


def metric_facts(page: MetricEventPage) -> Iterator[TicketMetricEvent]:
    """The steps of a page."""
    for event in page.ticket_metric_events:
        if event.type not in _STEPS:
            continue
        sla = event.sla or _NO_SLA
        policy = sla.policy.id if sla.policy else None
        yield TicketMetricEvent(
            id=event.id,
            ticket_id=event.ticket_id,
            at=event.time,
            metric=event.metric,
            instance=event.instance_id or 0,
            kind=event.type,
            policy_id=policy if isinstance(policy, int) else None,
            target_seconds=sla.seconds,
            in_business_hours=sla.business_hours,
            is_deleted=bool(event.deleted),
        )


def instant(second: int) -> datetime:
    """A Unix second as a moment in UTC."""
    return datetime.fromtimestamp(second, UTC)
