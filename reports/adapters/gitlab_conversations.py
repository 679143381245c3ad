"""What is said below the bot's own issues: lists them by place, reads comments, posts answers; never posts one twice."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import gitlab
import msgspec
import requests

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_shapes import Accounts, Camel, PageInfo
from reports.adapters.gitlab_writes import CarefulWrites
from reports.adapters.http_session import PacedSession
from reports.core.conversation import Comment, Place, Thread, is_of_a_week
from reports.core.publication import block_of
from reports.core.replies import Reply
from reports.errors import PublishError

ALREADY_THERE = 404


class _Node(Camel, frozen=True):
    iid: str
    description: str | None
    state: str
    web_url: str
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    user_notes_count: int
    assignees: Accounts


class _Issues(Camel, frozen=True):
    page_info: PageInfo
    nodes: list[_Node]


class _Here(Camel, frozen=True):
    issues: _Issues


class _Answer(Camel, frozen=True):
    place: _Here | None


class _Author(msgspec.Struct, frozen=True):
    username: str


class _Note(msgspec.Struct, frozen=True):
    id: int
    body: str
    author: _Author
    created_at: datetime
    updated_at: datetime
    system: bool


class GitlabConversations:
    """Comments on issues of GitLab, acting as the owner of the writing token, who is the author of the issues."""

    def __init__(self, client: GitlabClient, bot: str, session: PacedSession | None = None) -> None:
        self._client = client
        self._writes = CarefulWrites(client, session or PacedSession())
        self.bot = bot

    def threads(self, place: Place, since: datetime) -> tuple[Thread, ...]:
        """The bot's issues in a place that were touched since an instant; PublishError when it cannot be read."""
        return tuple(self._threads(place, since))

    def _threads(self, place: Place, since: datetime) -> Iterator[Thread]:
        text = queries.THREADS_IN_GROUP if place.is_group else queries.THREADS_IN_PROJECT
        asked = {"path": place.path, "bot": self.bot, "since": since.isoformat(), "after": None}
        while True:
            page = self._page(place, text, asked)
            yield from (thread for node in page.nodes if (thread := self._thread(node)))
            if not page.page_info.has_next_page:
                return
            asked |= {"after": page.page_info.end_cursor}

    def _page(self, place: Place, text: str, asked: Mapping[str, Any]) -> _Issues:
        answer = self._client.query(text, dict(asked), _Answer).place
        if answer is None and not place.is_group and (path := self._client.path_now(place.path)):
            answer = self._client.query(text, {**asked, "path": path}, _Answer).place
        if answer is None:
            kind = "group" if place.is_group else "project"
            raise PublishError(
                f"{self._client.url} has no {kind} {place.path}, or the writing token cannot see it",
                "create it, or correct `project` in config/reports.yml, and give the token's user the role Planner there",
            )
        return answer.issues

    def _thread(self, node: _Node) -> Thread | None:
        block = block_of(node.description or "")
        if block is None or not is_of_a_week(block.key):
            return None
        return Thread(
            project=node.web_url.removeprefix(f"{self._client.url}/").partition("/-/")[0],
            iid=int(node.iid),
            url=node.web_url,
            key=block.key,
            is_open=node.state == "opened",
            opened_at=node.created_at,
            closed_at=node.closed_at,
            updated_at=node.updated_at,
            comments=node.user_notes_count,
            assignees=node.assignees.usernames(),
        )

    def comments(self, thread: Thread) -> tuple[Comment, ...]:
        """Everything people and the bot have said below an issue, oldest first; PublishError when it cannot be read."""
        try:
            notes = self._issue(thread.project, thread.iid).notes.list(
                iterator=True, per_page=100, activity_filter="only_comments", order_by="created_at", sort="asc"
            )
            return tuple(_comment(note.attributes) for note in notes if not note.attributes["system"])
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self._client.failure(f"read the comments of {thread.project}#{thread.iid}", error) from error

    # --- writing ----------------------------------------------------------------------------------

    def post(self, reply: Reply) -> bool:
        """Post a note, unless its marker is already there; False when it was. Looked for again after an unclear answer."""
        issue = self._issue(reply.audience.project, reply.iid)
        what = f"answer below {reply.audience.project}#{reply.iid}"
        if self._is_there(issue, reply, what):
            return False
        self._writes.carry_out(what, lambda: self._award(issue, reply), lambda: False)
        note = {"body": f"{reply.body}\n\n{reply.marker}"}
        self._writes.carry_out(what, lambda: issue.notes.create(note), lambda: self._is_there(issue, reply, what))
        return True

    def _is_there(self, issue: Any, reply: Reply, what: str) -> bool:
        try:
            notes = issue.notes.list(iterator=True, per_page=100, activity_filter="only_comments", sort="desc")
            return any(note.author["username"] == self.bot and reply.marker in note.body for note in notes)
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self._client.failure(what, error) from error

    def _award(self, issue: Any, reply: Reply) -> None:
        """Put the emoji on the comment; somebody deleted the comment, or it has the emoji already: both answer 404.

        So it may be sent as often as one likes.
        """
        if reply.comment is None or not reply.emoji:
            return
        try:
            issue.notes.get(reply.comment, lazy=True).awardemojis.create({"name": reply.emoji})
        except gitlab.GitlabCreateError as error:
            if error.response_code != ALREADY_THERE:
                raise

    def _issue(self, project: str, iid: int) -> Any:
        return self._client.api.projects.get(project, lazy=True).issues.get(iid, lazy=True)


def _comment(attributes: Mapping[str, Any]) -> Comment:
    """A note; an emoji may move its `updated_at` as well, which at worst makes an old command ask to be given again."""
    note = msgspec.convert(attributes, _Note, strict=False)
    edited_at = note.updated_at if note.updated_at > note.created_at else None
    return Comment(id=note.id, author=note.author.username, at=note.created_at, text=note.body, edited_at=edited_at)
