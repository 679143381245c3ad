"""One fake per port that the pipeline tests need: real behaviour on plain memory."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from reports.core.audience import Destination, Lookout, Member
from reports.core.facts import TABLES, Fact
from reports.core.model import Coverage
from reports.core.publication import Action, ExistingIssue, Kind
from reports.core.weeks import Window
from reports.errors import PublishError, SourceError, UnreachableError
from reports.ports import Page

BOT = "support-reports-bot"


@dataclass
class FakeSource:
    """A source with one stream: yields these pages, then fails if it is told to."""

    stream: str
    batches: Sequence[Sequence[Fact]] = ((),)
    failure: str = ""
    reaches: datetime | None = None
    asked: list[tuple[Window, str | None]] = field(default_factory=list)

    @property
    def streams(self) -> tuple[str, ...]:
        return (self.stream,)

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        self.asked.append((window, cursor))
        for number, facts in enumerate(self.batches):
            yield Page(stream=stream, facts=facts, cursor=f"page {number}", until=self.reaches)
        if self.failure:
            raise SourceError(self.failure, "try again")
        yield Page(stream=stream, facts=(), cursor="end", until=window.end)


@dataclass
class MemoryStore:
    """A store in memory."""

    facts: list[Fact] = field(default_factory=list)
    reaches: dict[str, Coverage] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)

    def renew(self) -> str:
        return ""

    def coverage(self) -> Mapping[str, Coverage]:
        return dict(self.reaches)

    def cursor(self, stream: str) -> str | None:
        return self.cursors.get(stream)

    def start(self, stream: str, since: datetime) -> None:
        self.cursors.pop(stream, None)
        self.reaches[stream] = Coverage(stream=stream, since=since, until=None)

    def commit(self, page: Page) -> None:
        self.facts += page.facts
        self.cursors[page.stream] = page.cursor
        if page.until is not None:
            self.reaches[page.stream] = replace(self.reaches[page.stream], until=page.until)

    def compact(self) -> None:
        """Keep each row once, the newest copy, as the real store does."""
        self.facts = list(each_once(self.facts).values())

    def report_problem(self, stream: str, problem: str) -> None:
        self.reaches[stream] = replace(self.reaches[stream], problem=problem)


def each_once(facts: Iterable[Fact]) -> dict[tuple[object, ...], Fact]:
    """The newest copy of every row, by its table and key; of equally new ones the last."""
    rows: dict[tuple[object, ...], Fact] = {}
    for fact in facts:
        table = TABLES[type(fact)]
        key = (table.name, *(getattr(fact, column) for column in table.key))
        known = rows.get(key)
        if known is None or not table.newest or getattr(fact, table.newest) >= getattr(known, table.newest):
            rows[key] = fact
    return rows


@dataclass
class FakeTracker:
    """An issue tracker in memory; `refuses` are keys whose creation is answered with an error, `is_gone_at` is where it ends."""

    members: Mapping[str, tuple[Member, ...]]
    refuses: frozenset[str] = frozenset()
    is_gone_at: str = ""
    there: dict[str, list[ExistingIssue]] = field(default_factory=dict)
    writes: int = 0
    rereads: list[int] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    asked: Mapping[str, Lookout] = field(default_factory=dict)
    told: Callable[[Kind], object] = field(default=lambda kind: None)

    def bot(self) -> str:
        return BOT

    @property
    def url(self) -> str:
        return "https://gitlab.example.com"

    def destinations(self, projects: Mapping[str, Lookout]) -> Mapping[str, Destination]:
        self.asked = projects
        return {
            project: Destination(
                project=project,
                visibility="private",
                members=self.members[project],
                issues=tuple(self.there.get(project, [])),
            )
            for project in projects
        }

    def issues(self, places: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], ExistingIssue]:
        self.rereads.append(len(places))
        everything = {(project, issue.iid): issue for project, there in self.there.items() for issue in there}
        return {place: everything[place] for place in places if place in everything}

    def meet(self, usernames: Collection[str]) -> None:
        self.met |= set(usernames)

    def create(self, action: Action) -> None:
        self.writes += 1
        self.told(action.kind)
        if action.key in self.refuses:
            raise PublishError(f"cannot open {action.key}")
        if action.key == self.is_gone_at:
            raise UnreachableError("GitLab is gone")
        assert action.desired is not None
        there = self.there.setdefault(action.project, [])
        there.append(
            ExistingIssue(
                project=action.project,
                iid=len(there) + 1,
                title=action.title,
                description=action.after,
                confidential=action.desired.confidential,
                state="opened",
                author=BOT,
                assignees=action.desired.assignees,
                url=f"https://gitlab.example.com/{action.project}/-/issues/{len(there) + 1}",
            )
        )

    def update(self, action: Action) -> None:
        self._change(action, description=action.after, confidential=bool(action.desired and action.desired.confidential))

    def close(self, action: Action) -> None:
        text = {"description": action.after} if action.rewrites else {}
        self._change(action, state="closed", **text)

    def reopen(self, action: Action) -> None:
        self._change(action, state="opened")

    def _change(self, action: Action, **changes: object) -> None:
        self.writes += 1
        self.told(action.kind)
        there = self.there[action.project]
        self.there[action.project] = [replace(issue, **changes) if issue.iid == action.iid else issue for issue in there]  # type: ignore[arg-type]
