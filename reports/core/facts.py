"""What a gather writes down: plain, source-neutral rows of who did what, when, on what; never a word of a customer.

Every moment is an aware datetime in UTC. Ids are those of the source, people are mapped when measuring.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

# --- GitLab -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequest:
    """A merged merge request; `area` is product, handbook or training, by where it lies."""

    id: str
    area: str
    project: str
    iid: int
    author: str
    title: str
    url: str
    labels: tuple[str, ...]
    merged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """An issue; `area` is product, pairing, training, attention_request or feedback.

    The title of a confidential one is left empty. `tasks` and `tasks_done` count the boxes of its checklist; `closed_by` is
    the username of who closed it, empty when that is not known.
    """

    id: str
    area: str
    project: str
    iid: int
    author: str
    assignees: tuple[str, ...]
    title: str
    url: str
    labels: tuple[str, ...]
    created_at: datetime
    closed_at: datetime | None
    closed_by: str = ""
    tasks: int = 0
    tasks_done: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemEvent:
    """One change of an issue: kind `label_added`, `label_removed`, `closed` or `reopened`; `label` is empty for the last two."""

    id: str
    item: str
    at: datetime
    actor: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent:
    """Something a person did anywhere in GitLab; `action` as GitLab says it, such as `commented on`."""

    id: str
    author: str
    at: datetime
    action: str
    target: str
    project: str
    url: str


# --- Zendesk ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The last known state of a ticket; subject, requester and organisation are never read.

    `custom_status_id` is the status that agents see, `status` the category it belongs to. `by_ai_agent` says that an AI agent
    handles it and nobody has taken it over. Minutes are Zendesk's own counts by
    the calendar, None while it has none: until the first reply, in which the requester waited for us (new, open and on hold),
    in which we waited for the requester (pending), and on hold.
    """

    id: int
    url: str
    status: str
    priority: str
    ticket_form: str
    assignee_id: int | None
    tags: tuple[str, ...]
    created_at: datetime
    solved_at: datetime | None
    seen_at: datetime
    group_id: int | None = None
    custom_status_id: int | None = None
    has_organization: bool = True
    by_ai_agent: bool = False
    reopens: int | None = None
    reply_minutes: int | None = None
    reply_business_minutes: int | None = None
    waiting_minutes: int | None = None
    pending_minutes: int | None = None
    on_hold_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent:
    """One change of a ticket: kind `assignee`, `group`, `status`, `priority`, `form`, `next_update`, `tag` or `comment`.

    `old` and `new` are ids, names or days as text, None where there was none; for a comment `new` is `public` or `internal`;
    for a tag that was put on it is `new`, for one that was taken off `old`. `actor_id` is the updater, None for the system.
    `created` marks events of the creating update.
    """

    id: int
    ticket_id: int
    at: datetime
    actor_id: int | None
    kind: str
    old: str | None
    new: str | None
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketMetricEvent:
    """A step of one instance of a metric of a ticket: `activate`, `pause`, `fulfill`, `apply_sla`, `breach` or `measure`.

    Only `apply_sla` has a policy, a target in seconds, and whether that counts business hours. `is_deleted` takes it back.
    """

    id: int
    ticket_id: int
    at: datetime
    metric: str
    instance: int
    kind: str
    policy_id: int | None
    target_seconds: int | None
    in_business_hours: bool | None
    is_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who may answer tickets: `role` is agent, light_agent, contributor or admin. The newest `seen_at` is the present list."""

    id: int
    role: str
    is_active: bool
    is_bot: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentGroup:
    """A group of agents. The newest `seen_at` is the present list."""

    id: int
    name: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentGroupMembership:
    """An agent in a group. The newest `seen_at` is the present list."""

    id: int
    agent_id: int
    group_id: int
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomStatus:
    """A status that agents see, and the category it belongs to. The newest `seen_at` is the present list."""

    id: int
    category: str
    is_active: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaTarget:
    """What a policy asks of a metric at a priority, in seconds. The newest `seen_at` is the present list."""

    policy_id: int
    metric: str
    priority: str
    target_seconds: int
    in_business_hours: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHours:
    """One version of a schedule, in force from `valid_from` until the next: a week's hours in a zone, and days that are off.

    `opens` and `closes` are minutes since Sunday 00:00 by the wall clock of `time_zone`, one pair for each stretch.
    `holidays` are `first day/last day`, both included.
    """

    schedule_id: int
    valid_from: datetime
    is_default: bool
    time_zone: str
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    holidays: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SatisfactionRating:
    """What a requester thought of a ticket, `good` or `bad`; `assignee_id` is who had it when it was rated. No words."""

    id: str
    ticket_id: int
    at: datetime
    score: str
    assignee_id: int | None


# --- PagerDuty --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallPage:
    """An incident that was put before a person on call."""

    id: str
    responder_id: str
    at: datetime
    url: str


Fact = (
    MergeRequest
    | WorkItem
    | WorkItemEvent
    | UserEvent
    | Ticket
    | TicketEvent
    | TicketMetricEvent
    | Agent
    | AgentGroup
    | AgentGroupMembership
    | CustomStatus
    | SlaTarget
    | BusinessHours
    | SatisfactionRating
    | OnCallPage
)


@dataclass(frozen=True, slots=True)
class FactTable:
    """How a kind of fact is kept: its table, what identifies a row, the moment that names its week, what makes a copy newer.

    A table without a week is kept whole. The moment of a week never changes for the same key, so a row lies in one week only.
    Rows that are asked for together lie `beside` one another, since they have these columns in common; then the key orders them.
    """

    name: str
    key: tuple[str, ...]
    week_of: str | None
    newest: str | None = None
    beside: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that the rows of a file are ordered by."""
        return tuple(dict.fromkeys((*self.beside, *self.key)))


#: An update can change several fields in one event of Zendesk, and several tags, so these belong to the key.
TABLES: Mapping[type[Fact], FactTable] = {
    MergeRequest: FactTable("merge_requests", ("id",), "merged_at"),
    WorkItem: FactTable("work_items", ("id",), "created_at"),
    WorkItemEvent: FactTable("work_item_events", ("id",), "at"),
    UserEvent: FactTable("user_events", ("id",), "at"),
    Ticket: FactTable("tickets", ("id",), "created_at", newest="seen_at"),
    TicketEvent: FactTable("ticket_events", ("id", "kind", "old", "new"), "at", beside=("kind", "ticket_id")),
    TicketMetricEvent: FactTable("ticket_metric_events", ("id",), "at", beside=("metric", "ticket_id")),
    Agent: FactTable("agents", ("id",), None, newest="seen_at"),
    AgentGroup: FactTable("agent_groups", ("id",), None, newest="seen_at"),
    AgentGroupMembership: FactTable("agent_group_memberships", ("id",), None, newest="seen_at"),
    CustomStatus: FactTable("custom_statuses", ("id",), None, newest="seen_at"),
    SlaTarget: FactTable("sla_targets", ("policy_id", "metric", "priority"), None, newest="seen_at"),
    BusinessHours: FactTable("business_hours", ("schedule_id", "valid_from"), None),
    SatisfactionRating: FactTable("satisfaction_ratings", ("id",), None, newest="at"),
    OnCallPage: FactTable("on_call_pages", ("id",), "at"),
}
