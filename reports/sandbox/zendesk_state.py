"""What the sandbox Zendesk knows: people, tickets, updates and metric events as values in time order; no HTTP, JSON or clock."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Generic, NamedTuple, TypeVar

from reports.sandbox.zendesk_promises import Promises

#: The updater of an update that nobody made: a trigger, an automation, the system.
SYSTEM = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class ZendeskUser:
    """An agent, an administrator or an end user; times are Unix seconds."""

    id: int
    name: str
    email: str
    role: str
    created_at: int
    default_group_id: int | None = None
    organization_id: int | None = None
    time_zone: str = "Etc/UTC"
    active: bool = True
    suspended: bool = False
    notes: str | None = None
    role_type: int | None = None
    only_private_comments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ZendeskGroup:
    """A group of agents."""

    id: int
    name: str
    created_at: int
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMembership:
    """An agent's place in a group."""

    id: int
    user_id: int
    group_id: int
    created_at: int
    is_default: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketForm:
    """A form that requesters fill in."""

    id: int
    name: str
    created_at: int
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketField:
    """A field of tickets: built in or made by the account."""

    id: int
    type: str
    title: str
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomStatus:
    """A status that agents see, in one of the six status categories."""

    id: int
    category: str
    label: str
    created_at: int
    is_default: bool = True
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSet:
    """What Zendesk counts of a ticket; times are Unix seconds or None, durations whole minutes or None."""

    created_at: int
    updated_at: int
    initially_assigned_at: int | None = None
    assigned_at: int | None = None
    solved_at: int | None = None
    latest_comment_added_at: int | None = None
    status_updated_at: int | None = None
    requester_updated_at: int | None = None
    assignee_updated_at: int | None = None
    assignee_stations: int = 0
    group_stations: int = 1
    reopens: int = 0
    replies: int = 0
    reply_minutes: int | None = None
    first_resolution_minutes: int | None = None
    full_resolution_minutes: int | None = None
    agent_wait_minutes: int | None = None
    requester_wait_minutes: int | None = None
    on_hold_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZendeskTicket:
    """A ticket as it stands; `generated_at` also moves with system changes, `updated_at` only with updates."""

    id: int
    subject: str
    description: str
    requester_id: int
    submitter_id: int
    status: str
    created_at: int
    updated_at: int
    generated_at: int
    assignee_id: int | None = None
    organization_id: int | None = None
    group_id: int | None = None
    priority: str | None = None
    ticket_form_id: int | None = None
    custom_status_id: int | None = None
    channel: str = "web"
    tags: tuple[str, ...] = ()
    custom_fields: tuple[tuple[int, str | None], ...] = ()
    support_type: str = "agent"
    metrics: MetricSet | None = None


# The three below exist by the hundred thousand: named tuples are made three times as fast as frozen dataclasses.


class FieldChange(NamedTuple):
    """A child event: one field of the ticket set (`previous` None) or changed."""

    id: int
    field: str
    value: str | int | None
    previous: str | int | None


class Comment(NamedTuple):
    """A child event: a public reply or an internal note."""

    id: int
    author_id: int
    public: bool
    body: str


class TicketUpdate(NamedTuple):
    """One update of a ticket: who (`SYSTEM` for nobody), when (Unix seconds), and all that changed; ordered by time, then id."""

    at: int
    id: int
    ticket_id: int
    updater_id: int
    via: str
    created: bool
    children: tuple[FieldChange | Comment, ...]


class MetricEvent(NamedTuple):
    """A step of one instance of a metric of a ticket; ordered by time, then id. `target` is minutes, of `apply_sla` only.

    `happened_at` is set on the copy that says at a later time `at` that the step was taken back: when the step was.
    """

    at: int
    id: int
    ticket_id: int
    metric: str
    instance_id: int
    type: str
    target: int | None = None
    minutes: int | None = None
    deleted: bool = False
    policy_id: int | None = None
    in_business_hours: bool = False
    happened_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """A confidential client; it acts as the user who made it."""

    id: str
    secret: str
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthToken:
    """A bearer token; `expires_at` in Unix seconds, None for never."""

    user_id: int
    scopes: frozenset[str]
    expires_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """Requests per minute of the account and of the incremental exports; counted always, refused only when `enforced`."""

    account: int = 700
    exports: int = 30
    enforced: bool = False


Row = TypeVar("Row", bound=tuple[object, ...])


class Timeline(Generic[Row]):
    """Rows whose first item is their time, kept in order; sorted only when read after a late arrival."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._in_order = True
        self._lock = RLock()

    def extend(self, rows: Iterable[Row]) -> None:
        """Take in more rows, in any order."""
        with self._lock:
            self._rows.extend(rows)
            self._in_order = False

    def discard(self, row: Row) -> None:
        """Take a row out, if it is there."""
        with self._lock:
            rows = self.rows()
            place = bisect_left(rows, row)
            if place < len(rows) and rows[place] == row:
                del rows[place]

    def rows(self) -> list[Row]:
        """All rows in order; the list itself, not to be changed."""
        with self._lock:
            if not self._in_order:
                self._rows.sort()
                self._in_order = True
            return self._rows

    def only(self, wanted: Callable[[Row], bool]) -> "Timeline[Row]":
        """The rows that are wanted."""
        chosen: Timeline[Row] = Timeline()
        chosen.extend(filter(wanted, self.rows()))
        return chosen

    def index_at(self, moment: int) -> int:
        """Where the first row at or after a second stands."""
        return bisect_left(self.rows(), (moment,))

    def index_past(self, key: tuple[int, int]) -> int:
        """Where the first row strictly after a (time, id) stands."""
        return bisect_right(self.rows(), key)


@dataclass(kw_only=True)
class ZendeskState:
    """Everything in the account; fill it with the methods, read it as you like."""

    subdomain: str = "acme"
    users: dict[int, ZendeskUser] = field(default_factory=dict)
    groups: list[ZendeskGroup] = field(default_factory=list)
    group_memberships: list[GroupMembership] = field(default_factory=list)
    ticket_forms: list[TicketForm] = field(default_factory=list)
    ticket_fields: list[TicketField] = field(default_factory=list)
    custom_statuses: list[CustomStatus] = field(default_factory=list)
    organizations: dict[int, str] = field(default_factory=dict)
    tickets: dict[int, ZendeskTicket] = field(default_factory=dict)
    updates: Timeline[TicketUpdate] = field(default_factory=Timeline)
    metric_events: Timeline[MetricEvent] = field(default_factory=Timeline)
    clients: dict[str, OAuthClient] = field(default_factory=dict)
    tokens: dict[str, OAuthToken] = field(default_factory=dict)
    promises: Promises = field(default_factory=Promises)
    rate_limits: RateLimits = RateLimits()
    #: Paths that the plan does not offer (404) or that are forbidden (403), and their status.
    withheld: dict[str, int] = field(default_factory=dict)
    _ticket_order: Timeline[tuple[int, int]] = field(default_factory=Timeline)
    _sorted_ids: list[int] = field(default_factory=list)

    def add_users(self, users: Iterable[ZendeskUser]) -> None:
        """Take in people."""
        self.users.update((user.id, user) for user in users)

    def put_tickets(self, tickets: Iterable[ZendeskTicket]) -> None:
        """Take in new tickets or new versions of known ones; a changed `generated_at` moves a ticket in the export."""
        fresh = []
        for ticket in tickets:
            known = self.tickets.get(ticket.id)
            if known is not None:
                self._ticket_order.discard((known.generated_at, known.id))
            self.tickets[ticket.id] = ticket
            fresh.append((ticket.generated_at, ticket.id))
        self._ticket_order.extend(fresh)

    def touch_ticket(self, ticket_id: int, at: int) -> None:
        """A system change: the export shows the ticket again, `updated_at` stays."""
        self.put_tickets([replace(self.tickets[ticket_id], generated_at=at)])

    def delete_ticket(self, ticket_id: int, at: int) -> None:
        """Delete a ticket; the export keeps showing it with status `deleted`, without tags and organisation."""
        known = self.tickets[ticket_id]
        self.put_tickets([replace(known, status="deleted", tags=(), organization_id=None, updated_at=at, generated_at=at)])

    def scrub_ticket(self, ticket_id: int, at: int) -> None:
        """What happens 30 days after deletion: the texts go, and the ticket appears in the export once more."""
        scrubbed = replace(
            self.tickets[ticket_id],
            subject="SCRUBBED",
            description="X",
            status="deleted",
            assignee_id=None,
            group_id=None,
            organization_id=None,
            tags=(),
            custom_fields=(),
            generated_at=at,
        )
        self.put_tickets([scrubbed])

    def take_back(self, event: MetricEvent, at: int) -> None:
        """Mark a step of a metric as deleted, and show it once more to who asks for changes."""
        self.metric_events.discard(event)
        self.metric_events.extend([event._replace(deleted=True), event._replace(deleted=True, at=at, happened_at=event.at)])

    def ticket_order(self) -> Timeline[tuple[int, int]]:
        """The (generated time, ticket id) pairs that the export walks along."""
        return self._ticket_order

    def ticket_ids(self) -> list[int]:
        """All ids, ascending; sorted again only when tickets were added."""
        if len(self._sorted_ids) != len(self.tickets):
            self._sorted_ids = sorted(self.tickets)
        return self._sorted_ids

    def users_by_role(self, roles: frozenset[str]) -> list[ZendeskUser]:
        """Users with one of the roles (all when none is named), by id."""
        return [user for _, user in sorted(self.users.items()) if not roles or user.role in roles]

    def status_ids(self) -> Mapping[str, int]:
        """The default custom status id of each category."""
        return {status.category: status.id for status in self.custom_statuses if status.is_default}
