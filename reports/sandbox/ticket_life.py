"""One made-up ticket from creation to its end, as drafts without ids; who works on it and when is decided elsewhere."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from reports.sandbox.zendesk_state import SYSTEM, MetricSet, ZendeskTicket

WAITS_FOR_US = frozenset({"new", "open", "hold"})


class Change(NamedTuple):
    """A field set or changed, without an id yet."""

    field: str
    value: str | int | None
    previous: str | int | None


class Said(NamedTuple):
    """A comment without an id yet."""

    author_id: int
    public: bool
    body: str


class Draft(NamedTuple):
    """An update without ids; times are Unix seconds."""

    at: int
    updater_id: int
    via: str
    children: list[Change | Said]


class MetricDraft(NamedTuple):
    """A metric event without an id."""

    at: int
    metric: str
    instance_id: int
    type: str
    target: int | None = None
    minutes: int | None = None
    deleted: bool = False
    policy_id: int | None = None
    in_business_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a requester asked: who, on which form, how urgent, in which words."""

    requester_id: int
    organization_id: int | None
    subject: str
    text: str
    form_id: int
    priority: str
    channel: str
    group_id: int
    tags: tuple[str, ...] = ()
    support_type: str = "agent"


@dataclass(slots=True)
class TicketLife:
    """The ticket so far; each method adds one update, unless `now` has passed, after which nothing happens any more."""

    request: Request
    now: int
    status: str = "new"
    assignee: int | None = None
    drafts: list[Draft] = field(default_factory=list)
    assigned: list[int] = field(default_factory=list)
    solved: list[int] = field(default_factory=list)
    changed: list[tuple[int, str]] = field(default_factory=list)
    replied: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    priorities: list[tuple[int, str]] = field(default_factory=list)
    commented_at: int = 0
    requester_at: int = 0

    def create(self, at: int) -> None:
        """The requester opens it."""
        asked = self.request
        self.changed.append((at, "new"))
        self.priorities.append((at, asked.priority))
        self.commented_at = self.requester_at = at
        children: list[Change | Said] = [
            Change("subject", asked.subject, None),
            Change("status", "new", None),
            Change("priority", asked.priority, None),
            Change("ticket_form_id", asked.form_id, None),
            Change("group_id", asked.group_id, None),
            Change("requester_id", asked.requester_id, None),
            Said(asked.requester_id, True, asked.text),
        ]
        self.drafts.append(Draft(at, asked.requester_id, "Mail" if asked.channel == "email" else "Web form", children))

    def assign(self, at: int, assignee: int, by: int) -> None:
        """Give or take it; a new ticket becomes open."""
        changes: list[Change | Said] = [Change("assignee_id", assignee, self.assignee)]
        if self._add(at, by, changes, "open" if self.status == "new" else self.status):
            self.assignee = assignee
            self.assigned.append(at)

    def say(self, at: int, by: int, body: str, *, public: bool, status: str | None = None) -> None:
        """Comment, and perhaps change the status with it."""
        if self._add(at, by, [Said(by, public, body)], status or self.status):
            self.commented_at = at
            at = self.drafts[-1].at
            if by == self.request.requester_id:
                self.requester_at = at
                self.asked.append(at)
            elif public:
                self.replied.append(at)

    def move(self, at: int, status: str, by: int = SYSTEM) -> None:
        """Change the status without a word."""
        if status != self.status:
            self._add(at, by, [], status)

    def delete(self, at: int, by: int) -> None:
        """Delete it; nothing is heard of it any more."""
        self.drafts.append(Draft(max(at, self.drafts[-1].at + 1), by, "Web form", [Change("status", "deleted", self.status)]))
        self.status = "deleted"

    def _add(self, at: int, by: int, children: list[Change | Said], status: str) -> bool:
        if at > self.now or self.status == "closed":
            return False
        at = max(at, self.drafts[-1].at + 1)
        if status != self.status:
            children.append(Change("status", status, self.status))
            self.status = status
            self.changed.append((at, status))
            if status == "solved":
                self.solved.append(at)
        self.drafts.append(Draft(at, by, "Rule" if by == SYSTEM else "Web form", children))
        return True

    # --- what it comes to -----------------------------------------------------------------------

    def ticket(self, ticket_id: int, status_ids: dict[str, int]) -> ZendeskTicket:
        """The ticket as it stands now."""
        asked, created, last = self.request, self.drafts[0].at, self.drafts[-1].at
        now = {child.field: child.value for draft in self.drafts for child in draft.children if isinstance(child, Change)}
        is_deleted = self.status == "deleted"
        return ZendeskTicket(
            id=ticket_id,
            subject=asked.subject,
            description=asked.text,
            requester_id=asked.requester_id,
            submitter_id=asked.requester_id,
            status=self.status,
            created_at=created,
            updated_at=last,
            generated_at=last,
            assignee_id=self.assignee,
            organization_id=None if is_deleted else asked.organization_id,
            group_id=asked.group_id,
            priority=str(now["priority"]),
            ticket_form_id=int(now["ticket_form_id"] or 0),
            custom_status_id=status_ids.get("solved" if self.status in ("closed", "deleted") else self.status),
            channel=asked.channel,
            tags=() if is_deleted else tuple(str(now.get("tags") or "").split()),
            custom_fields=tuple((int(name), _text(value)) for name, value in now.items() if name.isdecimal()),
            support_type=asked.support_type,
            metrics=self._metrics(),
        )

    def _metrics(self) -> MetricSet:
        created, last = self.drafts[0].at, self.drafts[-1].at
        metrics = MetricSet(
            created_at=created,
            updated_at=last,
            initially_assigned_at=self.assigned[0] if self.assigned else None,
            assigned_at=self.assigned[-1] if self.assigned else None,
            solved_at=self.solved[-1] if self.solved else None,
            latest_comment_added_at=self.commented_at,
            status_updated_at=self.changed[-1][0],
            requester_updated_at=self.requester_at,
            assignee_updated_at=self.replied[-1] if self.replied else None,
            assignee_stations=len(self.assigned),
            reopens=max(0, len(self.solved) - 1),
            replies=len(self.replied),
            reply_minutes=(self.replied[0] - created) // 60 if self.replied else None,
        )
        return self._with_waits(metrics, created) if self.solved else metrics

    def _with_waits(self, metrics: MetricSet, created: int) -> MetricSet:
        waits = {"us": 0, "requester": 0, "hold": 0}
        for (since, status), (until, _) in zip(self.changed, self.changed[1:], strict=False):
            if status in WAITS_FOR_US:
                waits["us"] += until - since
            if status in ("hold", "pending"):
                waits["hold" if status == "hold" else "requester"] += until - since
        return replace(
            metrics,
            first_resolution_minutes=(self.solved[0] - created) // 60,
            full_resolution_minutes=(self.solved[-1] - created) // 60,
            requester_wait_minutes=waits["us"] // 60,
            agent_wait_minutes=waits["requester"] // 60,
            on_hold_minutes=waits["hold"] // 60,
        )


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
