"""What waits for the managers on call in one GitLab project, and what of it was closed lately; it counts no time."""

from collections.abc import Iterator, Mapping
from datetime import UTC

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_issue_lists import IssueNode, issue_pages
from reports.core.queue import WaitingIssue, WaitingKind, region_named
from reports.core.weeks import Window


class GitlabQueue:
    """A project whose issues are all of one kind; `regions` says which labels name which region."""

    def __init__(self, client: GitlabClient, project: str, kind: WaitingKind, regions: Mapping[str, str]) -> None:
        self.name = project
        self._client = client
        self._kind = kind
        self._regions = regions

    def waiting(self, closed: Window) -> tuple[WaitingIssue, ...]:
        """Every open issue, and the attention requests closed in a window; SourceError when the project cannot be read."""
        # An issue that is closed between the two requests comes twice; the later answer is the one that holds.
        found = {node.id: node for node in self._nodes(closed)}
        return tuple(self._issue(node) for node in found.values())

    def _nodes(self, closed: Window) -> Iterator[IssueNode]:
        for page in issue_pages(self._client, queries.WAITING_IN_PROJECT, {"path": self.name}):
            yield from page
        if self._kind is WaitingKind.ATTENTION_REQUEST:
            asked = {"path": self.name, "from": closed.start.isoformat(), "to": closed.end.isoformat()}
            for page in issue_pages(self._client, queries.CLOSED_IN_PROJECT, asked):
                yield from page

    def _issue(self, node: IssueNode) -> WaitingIssue:
        labels = node.labels.titles()
        return WaitingIssue(
            url=node.web_url,
            project=self.name,
            iid=int(node.iid),
            title=node.shown_title,
            kind=self._kind,
            labels=labels,
            created_at=node.created_at.astimezone(UTC),
            closed_at=node.closed_at.astimezone(UTC) if node.closed_at else None,
            assignees=node.assignees.usernames(),
            region=region_named(labels, self._regions),
        )
