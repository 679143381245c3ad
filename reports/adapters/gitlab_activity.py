"""What people did in GitLab, as facts: merged merge requests, issues, pairing and training; batched, never one by one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_issue_lists import IssueNode, issue_pages
from reports.adapters.gitlab_shapes import Camel, Labels, PageInfo
from reports.core.facts import MergeRequest, WorkItem
from reports.core.weeks import Window
from reports.ports import Page

#: How far a later run looks back, for labels and assignees that people put on a little after the fact.
OVERLAP = timedelta(days=7)

MERGE_REQUESTS = "gitlab.merge_requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitlabPlaces:
    """Whose work to gather and where it lies: usernames, the product group, and projects by their full paths."""

    usernames: tuple[str, ...]
    product_group: str
    handbook_projects: tuple[str, ...]
    training_projects: tuple[str, ...]
    pairing_projects: tuple[str, ...]

    def area(self, project: str) -> str:
        """What a project belongs to: product, handbook, training, or nothing that is counted."""
        if project in self.handbook_projects:
            return "handbook"
        if project in self.training_projects:
            return "training"
        return "product" if project.startswith(f"{self.product_group}/") else ""


class _Project(Camel, frozen=True):
    full_path: str


class _MergedNode(Camel, frozen=True):
    id: str
    iid: str
    title: str
    web_url: str
    merged_at: datetime
    project: _Project
    labels: Labels


class _MergedNodes(Camel, frozen=True):
    page_info: PageInfo
    nodes: list[_MergedNode]


class _Author(Camel, frozen=True):
    username: str
    authored_merge_requests: _MergedNodes


class _Authors(Camel, frozen=True):
    nodes: list[_Author]


class _MergedAnswer(Camel, frozen=True):
    users: _Authors


class GitlabActivity:
    """The GitLab source: four streams of facts, each re-read a little before where it last ended."""

    def __init__(self, client: GitlabClient, places: GitlabPlaces) -> None:
        self._client = client
        self._places = places
        self._accounts: set[str] = set()
        self._readers: dict[str, Callable[[Window], Iterator[Sequence[MergeRequest | WorkItem]]]] = {
            MERGE_REQUESTS: self._merge_requests,
            "gitlab.issues": self._issues,
            "gitlab.pairing": self._pairing,
            "gitlab.training": self._training,
        }

    @property
    def streams(self) -> tuple[str, ...]:
        """The four streams."""
        return tuple(self._readers)

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        """Pages of one stream up to the window's end; the cursor is the instant everything before is known, and a page count."""
        known = window.start if cursor is None else max(window.start, _instant(cursor) - OVERLAP)
        asked = Window(known, window.end)
        since = cursor.partition(" ")[0] if cursor else window.start.isoformat()
        for number, rows in enumerate(self._readers[stream](asked)):
            yield Page(stream=stream, facts=rows, cursor=f"{since} {number}", until=None)
        unknown = self._unknown_people() if stream == MERGE_REQUESTS else None
        yield Page(stream=stream, facts=(), cursor=window.end.isoformat(), until=window.end, unknown_people=unknown)

    def _unknown_people(self) -> tuple[str, ...]:
        """Whom GitLab left out of its answer: renamed, blocked or misspelt, and not to be counted as idle."""
        return tuple(name for name in self._places.usernames if name.lower() not in self._accounts)

    # --- merge requests ---------------------------------------------------------------------------

    def _merge_requests(self, window: Window) -> Iterator[Sequence[MergeRequest]]:
        for people in _batches(self._places.usernames, queries.PEOPLE_PER_QUERY):
            answer = self._client.query(queries.MERGED_BY_PEOPLE, _between(window) | {"users": people}, _MergedAnswer)
            self._accounts |= {author.username.lower() for author in answer.users.nodes}
            nodes = [node for author in answer.users.nodes for node in self._all_of(author, window)]
            yield tuple(self._merged(nodes, window))

    def _all_of(self, author: _Author, window: Window) -> Iterator[tuple[str, _MergedNode]]:
        """Everything one author merged: a nested list can only be continued by asking for that author alone."""
        page = author.authored_merge_requests
        yield from ((author.username, node) for node in page.nodes)
        while page.page_info.has_next_page:
            variables = _between(window) | {"users": [author.username], "after": page.page_info.end_cursor}
            answer = self._client.query(queries.MERGED_BY_ONE, variables, _MergedAnswer)
            page = answer.users.nodes[0].authored_merge_requests
            yield from ((author.username, node) for node in page.nodes)

    def _merged(self, nodes: Iterable[tuple[str, _MergedNode]], window: Window) -> Iterator[MergeRequest]:
        for author, node in nodes:
            area = self._places.area(node.project.full_path)
            # GitLab's mergedBefore reaches to the end of its day, so the window is applied again here.
            if area and window.contains(node.merged_at):
                yield MergeRequest(
                    id=node.id,
                    area=area,
                    project=node.project.full_path,
                    iid=int(node.iid),
                    author=author,
                    title=node.title,
                    url=node.web_url,
                    labels=node.labels.titles(),
                    merged_at=node.merged_at.astimezone(UTC),
                )

    # --- issues -----------------------------------------------------------------------------------

    def _issues(self, window: Window) -> Iterator[Sequence[WorkItem]]:
        for people in _batches(self._places.usernames, queries.PEOPLE_PER_QUERY):
            asked = {"path": self._places.product_group, "users": people}
            for nodes in self._issue_pages(queries.OPENED_IN_GROUP, asked, window):
                yield tuple(_item(node, "product") for node in nodes if window.contains(node.created_at))

    def _pairing(self, window: Window) -> Iterator[Sequence[WorkItem]]:
        for project in self._places.pairing_projects:
            for nodes in self._issue_pages(queries.OPENED_IN_PROJECT, {"path": project}, window):
                yield tuple(_item(node, "pairing") for node in nodes if window.contains(node.created_at))

    def _training(self, window: Window) -> Iterator[Sequence[WorkItem]]:
        for project in self._places.training_projects:
            for nodes in self._issue_pages(queries.CLOSED_IN_PROJECT, {"path": project}, window):
                yield tuple(_item(node, "training") for node in nodes if node.closed_at and window.contains(node.closed_at))

    def _issue_pages(self, text: str, asked: dict[str, Any], window: Window) -> Iterator[list[IssueNode]]:
        return issue_pages(self._client, text, _between(window) | asked)


def _item(node: IssueNode, area: str) -> WorkItem:
    return WorkItem(
        id=node.id,
        area=area,
        project=_project_path(node.web_url),
        iid=int(node.iid),
        author=node.author.username,
        assignees=node.assignees.usernames(),
        title=node.shown_title,
        url=node.web_url,
        labels=node.labels.titles(),
        created_at=node.created_at.astimezone(UTC),
        closed_at=node.closed_at.astimezone(UTC) if node.closed_at else None,
    )


def _project_path(web_url: str) -> str:
    """The full path of the project an issue lies in, such as `group/project`."""
    return urlsplit(web_url.partition("/-/")[0]).path.strip("/")


def _between(window: Window) -> dict[str, Any]:
    return {"from": window.start.isoformat(), "to": window.end.isoformat()}


def _batches(names: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(names), size):
        yield list(names[start : start + size])


def _instant(cursor: str) -> datetime:
    return datetime.fromisoformat(cursor.partition(" ")[0])
