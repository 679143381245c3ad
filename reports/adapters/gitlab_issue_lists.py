"""Lists of issues as GitLab's GraphQL gives them, read to their last page; what an issue means is for those who ask."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_shapes import Account, Accounts, Camel, Labels, PageInfo, TaskCounts
from reports.errors import SourceError


class IssueNode(Camel, frozen=True):
    """An issue with the fields that are read of one."""

    id: str
    iid: str
    title: str
    web_url: str
    confidential: bool
    created_at: datetime
    closed_at: datetime | None
    task_completion_status: TaskCounts
    author: Account
    assignees: Accounts
    labels: Labels

    @property
    def shown_title(self) -> str:
        """The title, or nothing when the issue is confidential: it may quote a customer."""
        return "" if self.confidential else self.title


class IssueNodes(Camel, frozen=True):
    """A page of issues."""

    page_info: PageInfo
    nodes: list[IssueNode]


class IssuePlace(Camel, frozen=True):
    """A project or group with a page of its issues."""

    issues: IssueNodes


class _Answer(Camel, frozen=True):
    place: IssuePlace | None


def issue_pages(
    client: GitlabClient, text: str, asked: Mapping[str, Any], first: IssueNodes | None = None
) -> Iterator[list[IssueNode]]:
    """Every page of a query for the issues of `asked["path"]`; SourceError when it is missing or cannot be read.

    `first` is the first page where another query brought it along.
    """
    page = first or _page(client, text, asked, None)
    yield page.nodes
    while page.page_info.has_next_page:
        page = _page(client, text, asked, page.page_info.end_cursor)
        yield page.nodes


def _page(client: GitlabClient, text: str, asked: Mapping[str, Any], after: str | None) -> IssueNodes:
    return found(client, asked["path"], client.query(text, {**asked, "after": after}, _Answer).place)


def found(client: GitlabClient, path: str, place: IssuePlace | None) -> IssueNodes:
    """The issues of a place; SourceError when GitLab knows no such place."""
    if place is None:
        raise SourceError(
            f"{client.url} has no {path}, or the reading token cannot see it",
            "check the path in config/sources.yml and give the token's user the role Planner or higher there",
        )
    return place.issues
