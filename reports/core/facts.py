"""What a gather writes down: plain, source-neutral rows of who did what, when, on what; never a word of a customer.

Every moment is an aware datetime in UTC. Ids are those of the source, people are mapped when measuring.
"""

from dataclasses import dataclass
from datetime import datetime


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
    """An issue; `area` is product, pairing or training. The title of a confidential one is left empty."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The last known state of a ticket; subject, requester and organisation are never read."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent:
    """One change of a ticket: kind `assignee`, `status` or `comment`.

    `old` and `new` are user ids or statuses as text, None where there was none; for a comment `new` is
    `public` or `internal`. `actor_id` is the updater, None for the system. `created` marks events of the creating update.
    """

    id: int
    ticket_id: int
    at: datetime
    actor_id: int | None
    kind: str
    old: str | None
    new: str | None
    created: bool


Fact = MergeRequest | WorkItem | Ticket | TicketEvent
