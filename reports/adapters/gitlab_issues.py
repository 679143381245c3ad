"""The issue tracker: reads audience and own issues of many projects at once, writes one issue at a time, never twice blindly."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import gitlab
import requests

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_shapes import Account, Accounts, Camel, PageInfo
from reports.core.audience import Destination, Member
from reports.core.publication import Action, DesiredIssue, ExistingIssue, report_of
from reports.errors import PublishError


class _IssueNode(Camel, frozen=True):
    iid: str
    title: str
    description: str | None
    state: str
    web_url: str
    confidential: bool
    author: Account
    assignees: Accounts


class _Issues(Camel, frozen=True):
    page_info: PageInfo
    nodes: list[_IssueNode]


class _AccessLevel(Camel, frozen=True):
    integer_value: int


class _User(Camel, frozen=True):
    id: str
    username: str


class _MemberNode(Camel, frozen=True):
    access_level: _AccessLevel
    user: _User | None


class _Members(Camel, frozen=True):
    page_info: PageInfo
    nodes: list[_MemberNode]


class _Place(Camel, frozen=True):
    full_path: str
    visibility: str
    project_members: _Members
    open: _Issues
    since: _Issues


class _MoreMembers(Camel, frozen=True):
    project_members: _Members


class _MoreIssues(Camel, frozen=True):
    issues: _Issues


class _MoreMembersAnswer(Camel, frozen=True):
    place: _MoreMembers


class _MoreIssuesAnswer(Camel, frozen=True):
    place: _MoreIssues


class GitlabIssues:
    """The GitLab issue tracker, acting as the owner of the writing token."""

    def __init__(self, client: GitlabClient) -> None:
        self.client = client
        self._bot = ""
        self._user_ids: dict[str, int] = {}

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

    def destinations(self, projects: Sequence[str], since: datetime) -> Mapping[str, Destination]:
        """Audience and own issues of every project; PublishError names those that are missing."""
        found: dict[str, Destination] = {}
        for start in range(0, len(projects), queries.DESTINATIONS_PER_QUERY):
            found |= self._some(projects[start : start + queries.DESTINATIONS_PER_QUERY], since)
        missing = [project for project in projects if project not in found]
        if missing:
            raise PublishError(
                f"{self.client.url} has no project {', '.join(missing)}, or the writing token cannot see it",
                "create it, or correct `project` in config/reports.yml, and give the token's user the role Planner there",
            )
        self._user_ids = {m.username: m.user_id for d in found.values() for m in d.members}
        return found

    def _some(self, projects: Sequence[str], since: datetime) -> dict[str, Destination]:
        asked = {"bot": self.bot(), "since": since.isoformat()}
        names = {f"p{n}": project for n, project in enumerate(projects)}
        answer = self.client.query(queries.destinations_query(len(projects)), asked | names, dict[str, _Place | None])
        return {names[alias]: self._destination(names[alias], place, asked) for alias, place in answer.items() if place}

    def _destination(self, project: str, place: _Place, asked: dict[str, Any]) -> Destination:
        issues = [
            *self._rest_of_issues(project, place.open, queries.MORE_OPEN, {"bot": asked["bot"]}),
            *self._rest_of_issues(project, place.since, queries.MORE_CLOSED, asked),
        ]
        return Destination(
            project=project,
            visibility=place.visibility,
            members=tuple(_members(self._rest_of_members(project, place.project_members))),
            issues=tuple(_existing(project, node) for node in issues),
        )

    def _rest_of_issues(self, path: str, page: _Issues, text: str, asked: dict[str, Any]) -> Iterator[_IssueNode]:
        yield from page.nodes
        while page.page_info.has_next_page:
            variables = asked | {"path": path, "after": page.page_info.end_cursor}
            page = self.client.query(text, variables, _MoreIssuesAnswer).place.issues
            yield from page.nodes

    def _rest_of_members(self, path: str, page: _Members) -> Iterator[_MemberNode]:
        yield from page.nodes
        while page.page_info.has_next_page:
            variables = {"path": path, "after": page.page_info.end_cursor}
            page = self.client.query(queries.MORE_MEMBERS, variables, _MoreMembersAnswer).place.project_members
            yield from page.nodes

    # --- writing ----------------------------------------------------------------------------------

    def create(self, action: Action) -> None:
        """Open the issue; after an unclear answer the next run finds out by listing, since this call is never repeated."""
        desired = _desired(action)
        fields = {
            "title": desired.title,
            "description": action.after,
            "labels": ",".join(desired.labels),
            "confidential": desired.confidential,
            "due_date": desired.due_on.isoformat() if desired.due_on else None,
            "assignee_ids": [self._user_ids[name] for name in desired.assignees if name in self._user_ids],
        }
        try:
            self._project(action.project).issues.create(fields)
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self.client.failure(f"open an issue of {report_of(action.key)} in {action.project}", error) from error

    def update(self, action: Action) -> None:
        """Bring the bot's part of the description up to date, and make the issue confidential again if it has to be."""
        desired = _desired(action)
        fields = {
            "description": action.after,
            "add_labels": ",".join(desired.labels),
            "remove_labels": ",".join(desired.stale_labels),
        }
        self._put(action, fields | ({"confidential": True} if desired.confidential else {}))

    def close(self, action: Action) -> None:
        """Close the issue."""
        self._put(action, {"state_event": "close"})

    def reopen(self, action: Action) -> None:
        """Open a closed issue again."""
        self._put(action, {"state_event": "reopen"})

    def _put(self, action: Action, fields: dict[str, Any]) -> None:
        try:
            self._project(action.project).issues.update(action.iid, fields)
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self.client.failure(f"{action.kind} {action.project}#{action.iid}", error) from error

    def _project(self, path: str) -> Any:
        return self.client.api.projects.get(path, lazy=True)


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
        assignees=node.assignees.usernames(),
        url=node.web_url,
    )


def _members(nodes: Iterator[_MemberNode]) -> list[Member]:
    """Everybody once, with the highest level that any way in gives them."""
    best: dict[str, Member] = {}
    for node in nodes:
        if node.user is None:
            continue
        level = node.access_level.integer_value
        known = best.get(node.user.username)
        if known is None or known.access_level < level:
            user_id = int(node.user.id.rpartition("/")[2])
            best[node.user.username] = Member(user_id=user_id, username=node.user.username, access_level=level)
    return sorted(best.values(), key=lambda member: member.username)
