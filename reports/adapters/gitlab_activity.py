"""What people did in GitLab, as facts: merged merge requests, issues, pairing, training, requests, feedback, events."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_accounts import TeamAccounts
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_issue_lists import IssueNode
from reports.adapters.gitlab_item_history import ItemHistory
from reports.adapters.gitlab_people import Asked, GitlabPeople, MergedNode, batches
from reports.adapters.gitlab_places import ChangedIssues
from reports.adapters.gitlab_roles import ReaderRoles
from reports.adapters.gitlab_user_events import UserEvents
from reports.adapters.side_by_side import side_by_side
from reports.core.facts import Fact, MergeRequest, WorkItem
from reports.core.gitlab_health import Sight
from reports.core.shards import WHOLE, Shard
from reports.core.weeks import Window
from reports.ports import Page

#: What changed so long before a run ended is read again: clocks differ, and copies of a database lag behind.
OVERLAP = timedelta(hours=1)

MERGE_REQUESTS, ISSUES, USER_EVENTS = "gitlab.merge_requests", "gitlab.issues", "gitlab.user_events"
PAIRING, TRAINING = "gitlab.pairing", "gitlab.training"
ATTENTION_REQUESTS, FEEDBACK = "gitlab.attention_requests", "gitlab.feedback"
_AREAS = {PAIRING: "pairing", TRAINING: "training", ATTENTION_REQUESTS: "attention_request", FEEDBACK: "feedback"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitlabPlaces:
    """Whose work to gather and where it lies: the product group, and projects by their full paths.

    `people` maps each username to all of the person's accounts. What `excluded_accounts` do counts for nobody. A shard asks
    for its part of the accounts, and looks at its part of the projects' streams.
    """

    people: Mapping[str, Sequence[str]]
    product_group: str
    handbook_projects: tuple[str, ...]
    training_projects: tuple[str, ...]
    pairing_projects: tuple[str, ...]
    attention_request_projects: tuple[str, ...] = ()
    feedback_projects: tuple[str, ...] = ()
    excluded_accounts: tuple[str, ...] = ()
    with_user_events: bool = False
    shard: Shard = WHOLE

    def area(self, project: str) -> str:
        """What a project belongs to: product, handbook, training, or nothing that is counted."""
        if project in self.handbook_projects:
            return "handbook"
        if project in self.training_projects:
            return "training"
        return "product" if project.startswith(f"{self.product_group}/") else ""

    @property
    def of_streams(self) -> dict[str, tuple[str, ...]]:
        """The places that each stream looks at."""
        group = (self.product_group,)
        return {
            MERGE_REQUESTS: (*group, *self.handbook_projects, *self.training_projects),
            ISSUES: group,
            PAIRING: self.pairing_projects,
            TRAINING: self.training_projects,
            ATTENTION_REQUESTS: self.attention_request_projects,
            FEEDBACK: self.feedback_projects,
        }


class _Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything before `known` is known of these accounts (name in `team.yml` to number) and places."""

    known: datetime
    accounts: dict[str, str] = {}
    places: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str | None) -> "_Cursor | None":
        """The cursor of an earlier run; None when there is none, or one of a version that knew less."""
        if text is None or not text.startswith("{"):
            return None
        return msgspec.json.decode(text, type=cls)


def joined_cursor(cursors: Sequence[str | None]) -> str | None:
    """Where a stream continues that was read in parts: known is what every part knows; None when one of them knows nothing."""
    parts = [_Cursor.read(text) for text in cursors]
    known = [part for part in parts if part]
    if len(known) < len(parts):
        return None
    joined = _Cursor(
        known=min(part.known for part in known),
        accounts={name: number for part in known for name, number in part.accounts.items()},
        places=tuple(place for place in known[0].places if all(place in part.places for part in known)),
    )
    return msgspec.json.encode(joined).decode()


class GitlabActivity:
    """The GitLab source: each later run asks for what changed since the one before, whenever it happened."""

    def __init__(self, client: GitlabClient, places: GitlabPlaces) -> None:
        self._places = places
        self._root = urlsplit(client.url).path
        self._accounts = TeamAccounts(places.people, places.excluded_accounts)
        self._people = GitlabPeople(client, places.product_group, self._accounts)
        projects = [path for stream, paths in places.of_streams.items() if stream in _AREAS for path in paths]
        self._changed = ChangedIssues(client, projects, self._people)
        seen = [path for paths in places.of_streams.values() for path in paths if path != places.product_group]
        self._roles = ReaderRoles(client, places.product_group, seen, self._people)
        self._history = ItemHistory(client, self._accounts)
        self._events = UserEvents(client)

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams: those that have a place, and the events of users where they are asked for."""
        named = [stream for stream, paths in self._places.of_streams.items() if paths]
        in_projects = self._places.shard.part([stream for stream in named if stream in _AREAS])
        by_people = [stream for stream in named if stream not in _AREAS]
        return (*by_people, *in_projects, *((USER_EVENTS,) if self._places.with_user_events else ()))

    @property
    def shared(self) -> tuple[str, ...]:
        """The streams of which every shard reads the part of its people."""
        return tuple(stream for stream in self.streams if stream not in _AREAS)

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        """Pages of one stream up to the window's end; people and places that are new are read from its start.

        The last page says who is unknown, what the reading token does not see, and what should be changed in `team.yml`.
        """
        before = _Cursor.read(cursor)
        self._accounts.remember(before.accounts if before else {})
        unmoved = cursor or msgspec.json.encode(_Cursor(window.start)).decode()
        for facts in self._facts(stream, window, before):
            yield Page(stream=stream, facts=facts, cursor=unmoved, until=None)
        is_first = stream == MERGE_REQUESTS
        yield Page(
            stream=stream,
            facts=(),
            cursor=msgspec.json.encode(self._cursor(stream, window)).decode(),
            until=window.end,
            unknown_people=self._accounts.unknown_people if is_first else None,
            blind_spots=tuple(self._blind_spots(stream)),
            hints=(*(self._accounts.hints if is_first else ()), *sorted(self._people.hints)),
        )

    def sight(self, cursor: str | None) -> Sight:
        """What the reading token sees of all that is counted, without reading any of it; the cursor is that of an earlier run."""
        before = _Cursor.read(cursor)
        self._accounts.remember(before.accounts if before else {})
        self._people.meet_all()
        hidden = (sentence for stream in self._places.of_streams for sentence in self._blind_spots(stream))
        return Sight(
            missing=self._roles.missing(),
            hidden=tuple(hidden),
            unknown=self._accounts.unknown_people,
            hints=self._accounts.hints,
        )

    def _facts(self, stream: str, window: Window, before: _Cursor | None) -> Iterator[Sequence[Fact]]:
        if stream in _AREAS:
            return self._in_projects(stream, window, before)
        readers: dict[str, Callable[[Sequence[str], Asked], Iterator[Sequence[Fact]]]] = {
            MERGE_REQUESTS: self._merge_requests,
            ISSUES: self._issues,
            USER_EVENTS: self._user_events,
        }
        return self._of_people(readers[stream], stream, window, before)

    def _cursor(self, stream: str, window: Window) -> _Cursor:
        numbers, mine = self._accounts.ids, self._places.shard.part(self._accounts.names)
        accounts = {} if stream in _AREAS else {name: numbers[name] for name in mine if name in numbers}
        return _Cursor(window.end, accounts, self._places.of_streams.get(stream, ()))

    def _blind_spots(self, stream: str) -> Iterator[str]:
        paths = self._places.of_streams.get(stream, ())
        self._people.meet_all()
        if stream == MERGE_REQUESTS:
            return self._roles.hidden_merge_requests(stream, paths)
        return self._roles.hidden_issues(stream, paths)

    # --- by people --------------------------------------------------------------------------------

    def _of_people(
        self,
        read: Callable[[Sequence[str], Asked], Iterator[Sequence[Fact]]],
        stream: str,
        window: Window,
        before: _Cursor | None,
    ) -> Iterator[Sequence[Fact]]:
        """What was changed lately by those who were asked for before, and everything by those who were not."""
        has_new_place = before is None or not set(self._places.of_streams.get(stream, ())) <= set(before.places)
        since: defaultdict[datetime, list[str]] = defaultdict(list)
        for name in self._places.shard.part(self._accounts.names):
            is_new = has_new_place or before is None or name not in before.accounts
            since[_since(window, None if is_new else before)].append(name)
        for moment, names in since.items():
            yield from read(names, Asked(window, moment))

    def _merge_requests(self, names: Sequence[str], asked: Asked) -> Iterator[Sequence[MergeRequest]]:
        for nodes in self._people.merged(names, asked):
            yield tuple(found for name, node in nodes if (found := self._merge_request(name, node, asked.window)))

    def _merge_request(self, author: str, node: MergedNode, window: Window) -> MergeRequest | None:
        area = self._places.area(node.project.full_path)
        # GitLab's mergedBefore reaches to the end of its day, so the window is applied again here.
        if not area or not window.contains(node.merged_at):
            return None
        return MergeRequest(
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

    def _issues(self, names: Sequence[str], asked: Asked) -> Iterator[Sequence[WorkItem]]:
        for nodes in self._people.opened(names, asked):
            items = (self._item(node, "product") for node in nodes if asked.window.contains(node.created_at))
            yield tuple(item for item in items if item.author)

    def _user_events(self, names: Sequence[str], asked: Asked) -> Iterator[Sequence[Fact]]:
        self._people.meet_all()
        numbers = self._accounts.ids
        for some in batches([name for name in names if name in numbers], queries.PEOPLE_PER_QUERY):
            yield self._events.of({name: numbers[name] for name in some}, asked)

    # --- by project -------------------------------------------------------------------------------

    def _in_projects(self, stream: str, window: Window, before: _Cursor | None) -> Iterator[Sequence[Fact]]:
        self._people.meet_all()
        for path in self._places.of_streams[stream]:
            is_new = before is None or path not in before.places
            for nodes in self._changed.changed(path, _since(window, None if is_new else before), window.end):
                items = [self._item(node, _AREAS[stream]) for node in nodes if _belongs(node, stream, window)]
                yield items if stream != ATTENTION_REQUESTS else list(self._with_events(items))

    def _with_events(self, items: Sequence[WorkItem]) -> Iterator[Fact]:
        for item, events in zip(items, side_by_side(self._history.events, items), strict=True):
            closings = sorted((event for event in events if event.kind == "closed"), key=lambda event: event.at)
            yield replace(item, closed_by=closings[-1].actor) if item.closed_at and closings else item
            yield from events

    def _item(self, node: IssueNode, area: str) -> WorkItem:
        return WorkItem(
            id=node.id,
            area=area,
            project=self._project_path(node.web_url),
            iid=int(node.iid),
            author=self._accounts.name(node.author),
            assignees=self._accounts.names_of(node.assignees.nodes),
            title=node.shown_title,
            url=node.web_url,
            labels=node.labels.titles(),
            created_at=node.created_at.astimezone(UTC),
            closed_at=node.closed_at.astimezone(UTC) if node.closed_at else None,
            tasks=node.task_completion_status.count,
            tasks_done=node.task_completion_status.completed_count,
        )

    def _project_path(self, web_url: str) -> str:
        """The full path of the project an issue lies in, such as `group/project`; a GitLab may lie below a path itself."""
        return urlsplit(web_url.partition("/-/")[0]).path.removeprefix(self._root).strip("/")


def _belongs(node: IssueNode, stream: str, window: Window) -> bool:
    """Sessions count when they are opened; of anything else its last state is kept, however old it is."""
    return window.contains(node.created_at) if stream == PAIRING else node.created_at < window.end


def _since(window: Window, before: _Cursor | None) -> datetime:
    return (max(window.start, before.known) if before else window.start) - OVERLAP
