"""The issue tracker: reads audience and own issues of many projects at once, writes one issue at a time, exactly once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import gitlab
import requests

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_shapes import Account, Camel, PageInfo
from reports.adapters.gitlab_writes import CarefulWrites
from reports.adapters.http_session import PacedSession
from reports.core.audience import Destination, Lookout, Member
from reports.core.publication import Action, DesiredIssue, ExistingIssue, Kind, block_of, rebased, report_of
from reports.errors import PublishError


class _User(Camel, frozen=True):
    id: str
    username: str

    @property
    def number(self) -> int:
        """The id as REST knows it."""
        return int(self.id.rpartition("/")[2])


class _Users(Camel, frozen=True):
    nodes: list[_User]


class _IssueNode(Camel, frozen=True):
    iid: str
    title: str
    description: str | None
    state: str
    web_url: str
    confidential: bool
    author: Account
    assignees: _Users


class _Issues(Camel, frozen=True):
    page_info: PageInfo
    nodes: list[_IssueNode]


class _AccessLevel(Camel, frozen=True):
    integer_value: int


class _MemberNode(Camel, frozen=True):
    access_level: _AccessLevel
    user: _User | None


class _Members(Camel, frozen=True):
    page_info: PageInfo
    nodes: list[_MemberNode]


class _Place(Camel, frozen=True):
    id: str
    full_path: str
    visibility: str
    project_members: _Members
    open: _Issues
    closed: _Issues


class _MoreMembers(Camel, frozen=True):
    project_members: _Members


class _SomeIssues(Camel, frozen=True):
    issues: _Issues


class _MoreMembersAnswer(Camel, frozen=True):
    place: _MoreMembers


class _MoreIssuesAnswer(Camel, frozen=True):
    place: _SomeIssues


class _PeopleAnswer(Camel, frozen=True):
    users: _Users


class GitlabIssues:
    """The GitLab issue tracker, acting as the owner of the writing token.

    Projects are named by the paths of the configuration; where they lie by now, and their ids, are found out on reading.
    """

    def __init__(self, client: GitlabClient, session: PacedSession | None = None) -> None:
        self.client = client
        self._writes = CarefulWrites(client, session or PacedSession())
        self._bot = ""
        self._paths: dict[str, str] = {}
        self._ids: dict[str, int] = {}
        self._newest: dict[str, int] = {}
        self._people: dict[str, int] = {}

    @property
    def url(self) -> str:
        """The address of the GitLab."""
        return self.client.url

    def bot(self) -> str:
        """The username that the writing token belongs to."""
        if not self._bot:
            try:
                self.client.api.auth()
            except (gitlab.GitlabError, requests.RequestException) as error:
                raise self.client.failure("ask who the writing token belongs to", error) from error
            self._bot = str(getattr(self.client.api.user, "username", ""))
            if not self._bot:
                raise PublishError(
                    f"{self.client.url} does not say who the writing token belongs to",
                    "check the address in config/sources.yml: what answers there may be no GitLab",
                )
        return self._bot

    # --- reading ----------------------------------------------------------------------------------

    def destinations(self, projects: Mapping[str, Lookout]) -> Mapping[str, Destination]:
        """Audience and own issues of every project; PublishError names those that are missing."""
        found = self.found(projects)
        missing = [project for project in projects if project not in found]
        if missing:
            raise PublishError(
                f"{self.client.url} has no project {', '.join(missing)}, or the writing token cannot see it",
                "create it, or correct `project` in config/reports.yml, and give the token's user the role Planner there",
            )
        return {project: found[project] for project in projects}

    def found(self, projects: Mapping[str, Lookout]) -> Mapping[str, Destination]:
        """The same of those that are there, or lie elsewhere by now; nothing of the others."""
        found = self._at({project: project for project in projects}, projects)
        moved = {project: path for project in projects if project not in found and (path := self.client.path_now(project))}
        return found | self._at(moved, projects)

    def _at(self, paths: Mapping[str, str], lookouts: Mapping[str, Lookout]) -> dict[str, Destination]:
        """The destinations of projects by their names, read where they lie; those that are not there are left out."""
        found = {}
        names = iter(paths)
        while some := list(islice(names, queries.DESTINATIONS_PER_QUERY)):
            asked: dict[str, Any] = {"bot": self.bot()}
            for n, name in enumerate(some):
                opened, closed = lookouts[name].opened_since, lookouts[name].closed_since
                asked |= {f"p{n}": paths[name], f"o{n}": opened and opened.isoformat(), f"c{n}": closed and closed.isoformat()}
            answer = self.client.query(queries.destinations_query(len(some)), asked, dict[str, _Place | None])
            for n, name in enumerate(some):
                if place := answer[f"p{n}"]:
                    found[name] = self._destination(name, place, lookouts[name])
        return found

    def _destination(self, project: str, place: _Place, lookout: Lookout) -> Destination:
        self._paths[project] = place.full_path
        self._ids[project] = int(place.id.rpartition("/")[2])
        since = {"opened": lookout.opened_since, "closed": lookout.closed_since}
        asked = {name: moment and moment.isoformat() for name, moment in since.items()}
        nodes = [
            *self._rest_of_issues(project, place.open, queries.MORE_OPEN, {}),
            *self._rest_of_issues(project, place.closed, queries.MORE_CLOSED, asked),
        ]
        self._people |= {user.username.casefold(): user.number for node in nodes for user in node.assignees.nodes}
        self._newest[project] = max((int(node.iid) for node in nodes), default=0)
        return Destination(
            project=project,
            visibility=place.visibility,
            members=tuple(_members(self._those_who_read(project, place.project_members, lookout.level))),
            issues=tuple(_existing(project, node) for node in nodes),
            moved_to="" if place.full_path.casefold() == project.casefold() else place.full_path,
        )

    def _rest_of_issues(self, project: str, page: _Issues, text: str, asked: dict[str, Any]) -> Iterator[_IssueNode]:
        yield from page.nodes
        while page.page_info.has_next_page:
            variables = asked | {"path": self._paths[project], "bot": self.bot(), "after": page.page_info.end_cursor}
            page = self.client.query(text, variables, _MoreIssuesAnswer).place.issues
            yield from page.nodes

    def _those_who_read(self, project: str, page: _Members, level: int | None) -> Iterator[_MemberNode]:
        """Members page by page, those with the highest access first, until nobody who comes can read anything."""
        yield from page.nodes
        while page.page_info.has_next_page and not _is_enough(page, level):
            variables = {"path": self._paths[project], "after": page.page_info.end_cursor}
            page = self.client.query(queries.MORE_MEMBERS, variables, _MoreMembersAnswer).place.project_members
            yield from page.nodes

    def issues(self, places: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], ExistingIssue]:
        """The issues as they are right now, up to a hundred; those that are gone are left out."""
        numbers: dict[str, list[str]] = {}
        for project, iid in places:
            numbers.setdefault(project, []).append(str(iid))
        found: dict[tuple[str, int], ExistingIssue] = {}
        names = iter(numbers)
        while some := list(islice(names, queries.PROJECTS_PER_REREAD)):
            asked: dict[str, Any] = {}
            for n, name in enumerate(some):
                asked |= {f"p{n}": self._paths[name], f"i{n}": numbers[name]}
            answer = self.client.query(queries.issues_query(len(some)), asked, dict[str, _SomeIssues | None])
            for n, name in enumerate(some):
                place = answer[f"p{n}"]
                found |= {(name, int(node.iid)): _existing(name, node) for node in (place.issues.nodes if place else ())}
        return found

    def meet(self, usernames: Collection[str]) -> None:
        """Find out the ids of people, a hundred in one request; those that reading has shown already are not asked for."""
        names = iter(sorted(name for name in usernames if name.casefold() not in self._people))
        while some := list(islice(names, queries.PEOPLE_PER_LOOKUP)):
            users = self.client.query(queries.USER_IDS, {"names": some}, _PeopleAnswer).users
            self._people |= {user.username.casefold(): user.number for user in users.nodes}

    # --- writing ----------------------------------------------------------------------------------

    def create(self, action: Action) -> None:
        """Open the issue; after an unclear answer it is looked for among the newest ones before it is opened again."""
        desired = _desired(action)
        fields = {
            "title": desired.title,
            "description": action.after,
            "labels": ",".join(desired.labels),
            "confidential": desired.confidential,
            "due_date": desired.due_on.isoformat() if desired.due_on else None,
            "assignee_ids": [self._people[name.casefold()] for name in desired.assignees if name.casefold() in self._people],
        }

        def send() -> None:
            made = self._project(action.project).issues.create(fields)
            self._newest[action.project] = max(self._newest[action.project], int(made.iid))

        what = f"open an issue of {report_of(action.key)} in {action.project}"
        self._writes.carry_out(what, send, lambda: self._is_there(action))

    def _is_there(self, action: Action) -> bool:
        """Whether an issue of that key is among those that came since our last one."""
        path, after = self._paths[action.project], None
        while True:
            asked = {"path": path, "bot": self.bot(), "after": after}
            page = self.client.query(queries.NEWEST, asked, _MoreIssuesAnswer).place.issues
            for node in page.nodes:
                if int(node.iid) <= self._newest[action.project]:
                    return False
                block = block_of(node.description or "")
                if block is not None and block.key == action.key:
                    return True
            if not page.page_info.has_next_page:
                return False
            after = page.page_info.end_cursor

    def update(self, action: Action) -> None:
        """Bring the bot's part of the description up to date, and make the issue confidential again if it has to be."""
        self._change(action)

    def close(self, action: Action) -> None:
        """Close the issue; the bot's part of a duplicate leads to the issue that stays."""
        self._change(action)

    def reopen(self, action: Action) -> None:
        """Open a closed issue again."""
        self._change(action)

    def _change(self, action: Action) -> None:
        """Send a change; after an unclear answer the issue is read, and what is still to do is worked out anew."""
        latest = action

        def send() -> None:
            self._project(latest.project).issues.update(latest.iid, _fields(latest))

        def is_done() -> bool:
            nonlocal latest
            place = (action.project, action.iid or 0)
            now = self.issues([place]).get(place)
            found = rebased(action, now, self.bot()) if now else None
            latest = found or action
            return found is not None and found.kind is Kind.NOTHING

        self._writes.carry_out(f"{action.kind} {action.project}#{action.iid}", send, is_done)

    def _project(self, name: str) -> Any:
        """By its id: a path may have been given away, and GitLab takes no write by an old one."""
        return self.client.api.projects.get(self._ids[name], lazy=True)


def _fields(action: Action) -> dict[str, Any]:
    if action.kind is Kind.REOPEN:
        return {"state_event": "reopen"}
    if action.kind is Kind.CLOSE:
        return {"state_event": "close"} | ({"description": action.after} if action.rewrites else {})
    desired = _desired(action)
    fields = {
        "description": action.after,
        "add_labels": ",".join(desired.labels),
        "remove_labels": ",".join(desired.stale_labels),
    }
    return fields | ({"confidential": True} if desired.confidential else {})


def _desired(action: Action) -> DesiredIssue:
    if action.desired is None:
        raise ValueError(f"{action.kind} of {action.key} does not say what the issue should be")
    return action.desired


def _existing(project: str, node: _IssueNode) -> ExistingIssue:
    return ExistingIssue(
        project=project,
        iid=int(node.iid),
        title=node.title,
        description=node.description or "",
        confidential=node.confidential,
        state=node.state,
        author=node.author.username,
        assignees=tuple(sorted(user.username for user in node.assignees.nodes)),
        url=node.web_url,
    )


def _is_enough(page: _Members, level: int | None) -> bool:
    """Whether whoever comes on later pages has too low a role; not believed of a page that is in no such order."""
    levels = [node.access_level.integer_value for node in page.nodes]
    if level is None:
        return True
    return levels == sorted(levels, reverse=True) and bool(levels) and levels[-1] < level


def _members(nodes: Iterator[_MemberNode]) -> list[Member]:
    """Everybody once, with the highest level that any way in gives them."""
    best: dict[str, Member] = {}
    for node in nodes:
        if node.user is None:
            continue
        level = node.access_level.integer_value
        known = best.get(node.user.username)
        if known is None or known.access_level < level:
            best[node.user.username] = Member(user_id=node.user.number, username=node.user.username, access_level=level)
    return sorted(best.values(), key=lambda member: member.username)
