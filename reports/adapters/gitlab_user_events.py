"""What the team's people did anywhere in GitLab, comments too: one REST list per account, never a word of what was written."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_people import Asked, batches
from reports.adapters.gitlab_shapes import Camel
from reports.adapters.side_by_side import side_by_side
from reports.core.facts import UserEvent

_PAGES = {"Issue": "issues", "WorkItem": "issues", "MergeRequest": "merge_requests"}
_DAY = timedelta(days=1)


class _Note(msgspec.Struct, frozen=True):
    id: int
    noteable_type: str | None = None
    noteable_iid: int | None = None


class _Event(msgspec.Struct, frozen=True):
    id: int
    action_name: str
    created_at: datetime
    project_id: int | None = None
    target_type: str | None = None
    target_iid: int | None = None
    note: _Note | None = None


class _Project(Camel, frozen=True):
    id: str
    full_path: str


class _Projects(Camel, frozen=True):
    nodes: list[_Project]


class _ProjectsAnswer(Camel, frozen=True):
    projects: _Projects


class UserEvents:
    """Reads the events of accounts; the paths of their projects are asked for a hundred at a time."""

    def __init__(self, client: GitlabClient) -> None:
        self._client = client
        self._paths: dict[int, str] = {}

    def of(self, numbers: Mapping[str, str], asked: Asked) -> tuple[UserEvent, ...]:
        """What some accounts did in a window; `numbers` maps the name in facts of each to GitLab's number."""
        lists = side_by_side(lambda name: self._rows(name, numbers[name], asked), numbers)
        rows = [(name, row) for name, listed in zip(numbers, lists, strict=True) for row in listed]
        self._learn_paths(sorted({row.project_id for _, row in rows if row.project_id} - self._paths.keys()))
        return tuple(self._fact(row, name) for name, row in rows)

    def _rows(self, name: str, number: str, asked: Asked) -> list[_Event]:
        start = max(asked.window.start, asked.since)
        # Both dates are exclusive, and days are those of the server's time zone: one more on each side.
        days = {"after": str(start.date() - 2 * _DAY), "before": str(asked.window.end.date() + 2 * _DAY)}
        path = f"/users/{number.rpartition('/')[2]}/events"
        rows = (self._client.typed(path, row, _Event) for row in self._client.listed(path, f"read events of {name}", **days))
        return [row for row in rows if asked.window.contains(row.created_at)]

    def _learn_paths(self, numbers: Sequence[int]) -> None:
        """The paths of projects; one that the reading token does not see has none."""
        self._paths |= dict.fromkeys(numbers, "")
        for some in batches([f"gid://gitlab/Project/{number}" for number in numbers], queries.PROJECTS_PER_QUERY):
            nodes = self._client.query(queries.PROJECTS_BY_ID, {"ids": some}, _ProjectsAnswer).projects.nodes
            self._paths |= {int(node.id.rpartition("/")[2]): node.full_path for node in nodes}

    def _fact(self, event: _Event, name: str) -> UserEvent:
        project = self._paths.get(event.project_id or 0, "")
        target = (event.note.noteable_type if event.note else event.target_type) or ""
        return UserEvent(
            id=str(event.id),
            author=name,
            at=event.created_at.astimezone(UTC),
            action=event.action_name,
            target=target,
            project=project,
            url=self._url(event, project, target),
        )

    def _url(self, event: _Event, project: str, target: str) -> str:
        """The page of the issue or merge request, at the comment where it is one; else that of the project."""
        if not project:
            return ""
        number = event.note.noteable_iid if event.note else event.target_iid
        if target not in _PAGES or number is None:
            return f"{self._client.url}/{project}"
        place = f"#note_{event.note.id}" if event.note else ""
        return f"{self._client.url}/{project}/-/{_PAGES[target]}/{number}{place}"
