"""Lists of issues as GitLab's GraphQL gives them, read to their last page; what an issue means is for those who ask."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_shapes import Account, Accounts, Camel, Labels, PageInfo
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
    author: Account
    assignees: Accounts
    labels: Labels

    @property
    def shown_title(self) -> str:
        """The title, or nothing when the issue is confidential: it may quote a customer."""
        return "" if self.confidential else self.title


class _IssueNodes(Camel, frozen=True):
    page_info: PageInfo
    nodes: list[IssueNode]


class _Place(Camel, frozen=True):
    issues: _IssueNodes


class _Answer(Camel, frozen=True):
    place: _Place | None


def issue_pages(client: GitlabClient, text: str, asked: Mapping[str, Any]) -> Iterator[list[IssueNode]]:
    """Every page of a query for the issues of `asked["path"]`; SourceError when it is missing or cannot be read."""
    after: str | None = None
    while True:
        place = client.query(text, {**asked, "after": after}, _Answer).place
        if place is None:
            raise SourceError(
                f"{client.url} has no {asked['path']}, or the reading token cannot see it",
                "check the path in config/sources.yml and give the token's user the role Planner or higher there",
            )
        yield place.issues.nodes
        if not place.issues.page_info.has_next_page:
            return
        after = place.issues.page_info.end_cursor
