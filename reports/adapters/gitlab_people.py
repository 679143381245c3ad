"""What the team's people merged and opened in GitLab, 50 accounts to a request; one answer serves two streams."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_accounts import KnownAccount, TeamAccounts
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_issue_lists import IssueNode, IssueNodes, IssuePlace, found, issue_pages
from reports.adapters.gitlab_shapes import Account, Camel, Complexity, Labels, PageInfo
from reports.core.weeks import Window
from reports.errors import SourceError

#: A query that costs more than this share of what GitLab allows is worth a word.
NEAR = 0.9


@dataclass(frozen=True, slots=True)
class Asked:
    """What lies in `window` and was changed since an instant, which may lie before it."""

    window: Window
    since: datetime

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of a query; GitLab is asked for a little more than the window, which is applied again."""
        span = {"from": self.window.start.isoformat(), "to": self.window.end.isoformat()}
        return span | {"since": self.since.isoformat()}


class _Project(Camel, frozen=True):
    full_path: str


class MergedNode(Camel, frozen=True):
    """A merged merge request with the fields that are read of one."""

    id: str
    iid: str
    title: str
    web_url: str
    merged_at: datetime
    project: _Project
    labels: Labels


class _MergedNodes(Camel, frozen=True):
    page_info: PageInfo
    nodes: list[MergedNode]


class _Author(KnownAccount, frozen=True):
    authored_merge_requests: _MergedNodes


class _Authors(Camel, frozen=True):
    nodes: list[_Author]


class _PeopleAnswer(Camel, frozen=True):
    query_complexity: Complexity
    current_user: Account | None
    users: _Authors
    place: IssuePlace | None


class _MergedAnswer(Camel, frozen=True):
    users: _Authors


class _Accounts(Camel, frozen=True):
    nodes: list[KnownAccount]


class _AccountsAnswer(Camel, frozen=True):
    current_user: Account | None
    users: _Accounts


@dataclass(frozen=True, slots=True)
class _Opened:
    """The issues half of an answer: the first page, and whom it was asked for."""

    users: list[str]
    place: IssuePlace | None


@dataclass(slots=True)
class _Kept:
    """Halves of answers that wait for the stream which asks second."""

    merged: dict[object, list[list[_Author]]] = field(default_factory=dict)
    opened: dict[object, list[_Opened]] = field(default_factory=dict)


class GitlabPeople:
    """Asks GitLab about the accounts of the team, by the numbers of those whose names lead nowhere any more."""

    def __init__(self, client: GitlabClient, group: str, accounts: TeamAccounts) -> None:
        self._client = client
        self._group = group
        self._kept = _Kept()
        self.accounts = accounts
        self.reader = ""
        self.hints: set[str] = set()

    def meet_all(self) -> None:
        """Make sure that every account is known, as it is once everybody's work was asked for."""
        for names in batches(self.accounts.unmet(), queries.ACCOUNTS_PER_QUERY):
            self._meet(names, self._ask_accounts(names=names))
        if not self.reader:
            self._ask_accounts(names=list(self.accounts.names[:1]))

    def merged(self, names: Sequence[str], asked: Asked) -> Iterator[list[tuple[str, MergedNode]]]:
        """What these accounts merged, with the name in facts of who did, a list per batch."""
        for batch in batches(names, queries.PEOPLE_PER_QUERY):
            key = (asked, *batch)
            answers = self._kept.merged.pop(key, None)
            if answers is None:
                answers, self._kept.opened[key] = self._ask(batch, asked)
            authors = [author for answer in answers for author in answer]
            yield [(name, node) for one in authors if (name := self.accounts.name(one)) for node in self._all_of(one, asked)]

    def opened(self, names: Sequence[str], asked: Asked) -> Iterator[list[IssueNode]]:
        """The issues that these accounts opened in the group, page by page; SourceError when it cannot be seen."""
        for batch in batches(names, queries.PEOPLE_PER_QUERY):
            key = (asked, *batch)
            answers = self._kept.opened.pop(key, None)
            if answers is None:
                self._kept.merged[key], answers = self._ask(batch, asked)
            for answer in answers:
                yield from self._issues_of(answer, asked)

    def _issues_of(self, opened: _Opened, asked: Asked) -> Iterator[list[IssueNode]]:
        first: IssueNodes = found(self._client, self._group, opened.place)
        variables = {"path": self._group, "users": opened.users} | asked.variables
        return issue_pages(self._client, queries.OPENED_IN_GROUP, variables, first)

    def _ask(self, names: list[str], asked: Asked) -> tuple[list[list[_Author]], list[_Opened]]:
        """Both halves of the answer for a batch of names, and for what those of them are called who were renamed."""
        answer = self._ask_people(names, asked)
        both = [(answer.users.nodes, _Opened(names, answer.place))]
        renamed = self._meet(names, answer.users.nodes)
        if renamed:
            more = self._ask_people(renamed, asked)
            both.append((more.users.nodes, _Opened(renamed, more.place)))
        return [merged for merged, _ in both], [opened for _, opened in both]

    def _ask_people(self, users: list[str], asked: Asked) -> _PeopleAnswer:
        variables = {"users": users, "group": self._group} | asked.variables
        answer = self._client.query(queries.PEOPLE, variables, _PeopleAnswer)
        self.note_cost(answer.query_complexity)
        self._note_reader(answer.current_user)
        return answer

    def _meet(self, names: list[str], here: Sequence[KnownAccount]) -> list[str]:
        lost = self.accounts.lost(names, here)
        by_number = self._ask_accounts(ids=lost) if lost else []
        return self.accounts.meet(names, here, by_number)

    def _ask_accounts(self, **asked: list[str]) -> list[KnownAccount]:
        answer = self._client.query(queries.ACCOUNTS, asked, _AccountsAnswer)
        self._note_reader(answer.current_user)
        return answer.users.nodes

    def _note_reader(self, user: Account | None) -> None:
        self.reader = user.username if user else self.reader

    def note_cost(self, cost: Complexity) -> None:
        """Remember a query that costs nearly what GitLab allows: a later version may count a little more."""
        if cost.score > NEAR * cost.limit:
            self.hints.add(f"a query costs {cost.score} of the {cost.limit} points that GitLab allows; please report it")

    def _all_of(self, author: _Author, asked: Asked) -> Iterator[MergedNode]:
        """Everything one author merged: a nested list can only be continued by asking for that author alone."""
        page = author.authored_merge_requests
        yield from page.nodes
        while page.page_info.has_next_page:
            variables = asked.variables | {"users": [author.username], "after": page.page_info.end_cursor}
            authors = self._client.query(queries.MERGED_BY_ONE, variables, _MergedAnswer).users.nodes
            if not authors:
                what = f"{self._client.url} lost the account {author.username} between two pages of its merge requests"
                raise SourceError(what, "Run again: somebody was renamed or removed meanwhile.")
            page = authors[0].authored_merge_requests
            yield from page.nodes


def batches(names: Sequence[str], size: int) -> Iterator[list[str]]:
    """The names in lists of at most so many."""
    for start in range(0, len(names), size):
        yield list(names[start : start + size])
