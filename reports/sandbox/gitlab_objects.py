"""The objects of the small GitLab: people, namespaces, issues, notes, merge requests; values that others change, no rules.

Every time is an aware datetime in UTC.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

GUEST, PLANNER, REPORTER, DEVELOPER, MAINTAINER, OWNER = 10, 15, 20, 30, 40, 50

#: The colour GitLab gives a label that is made on the fly.
DEFAULT_COLOUR = "#6699cc"


@dataclass(slots=True, kw_only=True)
class User:
    """A person or a bot; an external user sees internal projects only as a member, `shows_email` makes the address public."""

    id: int
    username: str
    name: str
    email: str
    bot: bool = False
    external: bool = False
    shows_email: bool = False
    state: str = "active"
    availability: str = "NOT_SET"


@dataclass(slots=True, kw_only=True)
class Namespace:
    """A group or a project: a full path, a visibility (`private`, `internal`, `public`) and its own members."""

    id: int
    path: str
    name: str
    visibility: str
    created_at: datetime
    members: dict[int, int] = field(default_factory=dict)
    invited: dict[str, int] = field(default_factory=dict)
    labels: dict[str, "Label"] = field(default_factory=dict)

    @property
    def ancestors(self) -> tuple[str, ...]:
        """Full paths of the groups it lies in, nearest first."""
        parts = self.path.split("/")
        return tuple("/".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))


@dataclass(slots=True, kw_only=True)
class Group(Namespace):
    """A group; its members are inherited by everything below it."""


@dataclass(slots=True, kw_only=True)
class Project(Namespace):
    """A project with its issues and merge requests by iid."""

    issues: dict[int, "Issue"] = field(default_factory=dict)
    merge_requests: dict[int, "MergeRequest"] = field(default_factory=dict)
    issues_enabled: bool = True
    last_issue_iid: int = 0
    last_merge_request_iid: int = 0
    packages: list["Package"] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    schedules: list["PipelineSchedule"] = field(default_factory=list)
    public_pipelines: bool = True


@dataclass(slots=True, kw_only=True)
class Package:
    """A version of a generic package with the bytes of its files."""

    id: int
    name: str
    version: str
    created_at: datetime
    files: dict[str, bytes]


@dataclass(slots=True, kw_only=True)
class PipelineSchedule:
    """When pipelines of a branch are started, with which variables; it is as its owner that they run."""

    id: int
    description: str
    branch: str
    cron: str
    owner_id: int | None
    created_at: datetime
    next_run_at: datetime | None
    active: bool = True
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Label:
    """A label of a project or a group."""

    id: int
    title: str
    colour: str = DEFAULT_COLOUR
    description: str = ""


@dataclass(slots=True, kw_only=True)
class Token:
    """A personal access token; it ends at midnight UTC on `expires_on`."""

    id: int
    secret: str
    user_id: int
    scopes: tuple[str, ...]
    created_at: datetime
    expires_on: date | None
    revoked: bool = False


@dataclass(slots=True, kw_only=True)
class Award:
    """An emoji that somebody put on an issue or a note."""

    id: int
    name: str
    user_id: int
    at: datetime


@dataclass(slots=True, kw_only=True)
class Note:
    """A comment, or a system note that says what changed; `source` is the issue that a cross-reference came from."""

    id: int
    author_id: int
    body: str
    created_at: datetime
    updated_at: datetime
    system: bool = False
    internal: bool = False
    source: "Issue | None" = None
    awards: list[Award] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class LabelEvent:
    """A label that was put on (`add`) or taken off (`remove`)."""

    id: int
    user_id: int
    at: datetime
    label: str
    action: str


@dataclass(slots=True, kw_only=True)
class StateEvent:
    """An issue that was `closed` or `reopened`."""

    id: int
    user_id: int
    at: datetime
    state: str


@dataclass(slots=True, kw_only=True)
class Issue:
    """An issue or another work item, such as a `task` or an `incident`."""

    id: int
    iid: int
    project: Project
    author_id: int
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    state: str = "opened"
    closed_at: datetime | None = None
    closed_by_id: int | None = None
    labels: list[str] = field(default_factory=list)
    assignee_ids: list[int] = field(default_factory=list)
    issue_type: str = "issue"
    confidential: bool = False
    due_date: date | None = None
    discussion_locked: bool = False
    notes: list[Note] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    label_events: list[LabelEvent] = field(default_factory=list)
    state_events: list[StateEvent] = field(default_factory=list)

    @property
    def user_notes(self) -> int:
        """How many comments people wrote."""
        return sum(not note.system for note in self.notes)

    @property
    def reference(self) -> str:
        """Such as `acme/support/managers#3`."""
        return f"{self.project.path}#{self.iid}"


@dataclass(slots=True, kw_only=True)
class MergeRequest:
    """A merge request; `state` is opened, merged or closed."""

    id: int
    iid: int
    project: Project
    author_id: int
    title: str
    description: str
    created_at: datetime
    updated_at: datetime
    state: str
    merged_at: datetime | None = None
    merged_by_id: int | None = None
    closed_at: datetime | None = None
    labels: list[str] = field(default_factory=list)
    assignee_ids: list[int] = field(default_factory=list)
    user_notes: int = 0
    source_branch: str = ""
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody who was notified because a text named them; `where` is the issue's full reference."""

    by: str
    username: str
    where: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossReference:
    """A link that a text made from one issue to another object, such as `acme/x#3` or `acme/x!4`."""

    by: str
    where: str
    target: str
    at: datetime
