"""The issues that changed in the projects that are read as wholes; the first pages of several come in one request."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_issue_lists import IssueNode, IssuePlace, found, issue_pages
from reports.adapters.gitlab_people import GitlabPeople, batches
from reports.adapters.gitlab_shapes import Camel, Complexity


class _Answer(Camel, frozen=True):
    query_complexity: Complexity
    p0: IssuePlace | None = None
    p1: IssuePlace | None = None
    p2: IssuePlace | None = None
    p3: IssuePlace | None = None

    @property
    def places(self) -> tuple[IssuePlace | None, ...]:
        return (self.p0, self.p1, self.p2, self.p3)


class ChangedIssues:
    """Reads the changed issues of projects; the streams that ask later find their first pages here."""

    def __init__(self, client: GitlabClient, paths: Sequence[str], people: GitlabPeople) -> None:
        self._client = client
        self._groups = list(batches(tuple(dict.fromkeys(paths)), queries.PLACES_PER_QUERY))
        self._people = people
        self._kept: dict[tuple[str, datetime, datetime], IssuePlace | None] = {}

    def changed(self, path: str, since: datetime, until: datetime) -> Iterator[list[IssueNode]]:
        """Every page of the issues of a project that changed since an instant and were opened before another."""
        key = (path, since, until)
        if key not in self._kept:
            self._ask(next(group for group in self._groups if path in group), since, until)
        first = found(self._client, path, self._kept.pop(key))
        asked = {"path": path, "since": since.isoformat(), "to": until.isoformat()}
        return issue_pages(self._client, queries.CHANGED_IN_PROJECT, asked, first)

    def _ask(self, group: list[str], since: datetime, until: datetime) -> None:
        asked = {"since": since.isoformat(), "to": until.isoformat()}
        names = {f"p{n}": path for n, path in enumerate(group)}
        answer = self._client.query(queries.places_query(len(group)), asked | names, _Answer)
        self._people.note_cost(answer.query_complexity)
        for path, place in zip(group, answer.places, strict=False):
            self._kept[path, since, until] = place
