"""A publish of thirty issues with everything in it that may be there already, and runs of it that can be disturbed.

The requests go through `requests` and python-gitlab into the sandbox's application, either over HTTP or straight, without a
socket, which is many times faster; faults, log and limits are the sandbox's own in both.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_conversations import GitlabConversations
from reports.adapters.gitlab_issues import GitlabIssues
from reports.adapters.http_session import PacedSession, Wait, Waiting
from reports.core.publication import DesiredIssue, description_of
from reports.core.replies import Reply
from reports.errors import PublishError
from reports.jobs import applying, dialogue, pipeline
from reports.ports import Progress
from reports.sandbox.gitlab_objects import GUEST, PLANNER, Issue
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import GITLAB, Sandbox
from reports.sandbox.web_server import Ending, raw_path
from tests.builders import W46, desired
from tests.gitlab_sandbox import NOW, running

BOT = "support-reports-bot"
PROJECTS = tuple(f"acme/support/team-{letter}" for letter in "abc")
SINCE = NOW - timedelta(days=1)
PEOPLE = tuple(f"engineer{n:02}" for n in range(30))


# --- what is to be published ----------------------------------------------------------------------


def wanted(number: int, week: str = "2026-W46", **special: Any) -> DesiredIssue:
    """The weekly issue of one of the thirty."""
    who = PEOPLE[number]
    fields: dict[str, Any] = {
        "project": PROJECTS[number % 3],
        "title": f"Weekly report {week}: {who}",
        "body": f"Week {week} of {who}\n\n- [ ] talked about",
        "assignees": (who,),
        "readers": (who, "plindqvist"),
    }
    return desired(f"engineer_weekly/{who}/{week}", **(fields | special))


#: Two that have to be open or closed whatever people did.
WANTED = (*(wanted(n) for n in range(28)), wanted(28, is_open=True), wanted(29, is_open=False))


def before_the_run() -> GitlabState:
    """What is there: the week before, half of this week from a run that was stopped, duplicates, words and ticks of people."""
    state = GitlabState(NOW - timedelta(days=400))
    state.add_user(BOT, "Support Reports", bot=True)
    state.add_user("plindqvist", "Petra Lindqvist")
    state.add_token("writer", BOT, ["api"])
    for project in PROJECTS:
        state.add_project(project)
        state.add_member(project, BOT, PLANNER)
        state.add_member(project, "plindqvist", PLANNER)
    for number, who in enumerate(PEOPLE):
        state.add_user(who, who.title())
        state.add_member(PROJECTS[number % 3], who, GUEST)
    for number in range(12):
        _published(state, wanted(number, "2026-W45"), days_ago=7)
    for number in range(12, 18):
        there = _published(state, wanted(number, body="Old numbers\n\n- [x] talked about"))
        there.description = f"My words, {PEOPLE[number]}.\n\n{there.description}\n\nThanks!"
        state.add_note(there, PEOPLE[number], "A comment", at=NOW)
    for number in range(18, 30):
        _published(state, wanted(number))
    for number in (18, 19, 12):
        again = _published(state, wanted(number))
        again.description = f"{again.description}\n\nWritten below the second one."
        state.add_note(again, PEOPLE[number], "A comment below the second one", at=NOW)
    for number in (20, 28):
        issue_of(state, number).state = "closed"
    issue_of(state, 21).labels.append("a label of somebody's own")
    return state


def _published(state: GitlabState, issue: DesiredIssue, days_ago: int = 0) -> Issue:
    return state.add_issue(
        issue.project,
        BOT,
        issue.title,
        created_at=NOW - timedelta(days=days_ago, hours=1),
        description=description_of(issue),
        labels=issue.labels,
        assignees=issue.assignees,
        confidential=True,
    )


def issue_of(state: GitlabState, number: int) -> Issue:
    """The first issue of the week that one of the thirty has."""
    there = state.projects[PROJECTS[number % 3]].issues.values()
    return next(issue for issue in there if f"key=engineer_weekly/{PEOPLE[number]}/2026-W46 " in issue.description)


def answers() -> tuple[Reply, ...]:
    """An answer to each of three comments."""
    return tuple(
        Reply(
            audience=wanted(number).audience,
            iid=5 + (number - 12) // 3,
            marker=f"<!-- support-reports posted test-{number} -->",
            body="Taken.",
            comment=None,
        )
        for number in (12, 13, 14)
    )


def everything(state: GitlabState) -> dict[str, Any]:
    """All that people can see of the issues, without times."""
    return {
        issue.reference: (
            issue.title,
            issue.description,
            issue.state,
            sorted(issue.labels),
            issue.confidential,
            issue.assignee_ids,
            [(note.author_id, note.body) for note in issue.notes],
        )
        for project in state.projects.values()
        for issue in project.issues.values()
    }


# --- runs -----------------------------------------------------------------------------------------


@dataclass
class PretendTime:
    """A clock that only waiting moves; remembers what was waited for."""

    now: datetime = NOW
    waits: list[Wait] = field(default_factory=list)

    def waiting(self) -> Waiting:
        """What a session waits with."""
        return Waiting(sleep=self.sleep, random=lambda: 0.5, now=lambda: self.now)

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, kw_only=True)
class Came:
    """What a run came to; `failure` when it could not even plan."""

    applied: pipeline.Applied = field(default_factory=pipeline.Applied)
    answered: int = 0
    failures: tuple[str, ...] = ()

    @property
    def wrote(self) -> int:
        return self.applied.created + self.applied.updated + self.applied.closed + self.answered


def silent(progress: Progress) -> None:
    pass


def publish(url: str, session: PacedSession, issues: tuple[DesiredIssue, ...] = WANTED) -> Came:
    """One run as a process of its own would do it: plan, apply, answer."""
    tracker = GitlabIssues(GitlabClient(url, "writer", session, PublishError), session)
    try:
        planned = pipeline.plan(issues, tracker, W46, SINCE, answers() if issues is WANTED else ())
    except PublishError as error:
        return Came(failures=(error.message,))
    applied = applying.apply(planned.actions, tracker, silent)
    conversations = GitlabConversations(tracker.client, tracker.bot(), session)
    answered, failures = dialogue.post(planned.replies, conversations, silent)
    return Came(applied=replace(applied, answered=answered), answered=answered, failures=(*applied.failures, *failures))


@contextmanager
def session_into(sandbox: Sandbox, time: PretendTime, before: Callable[[], None] = lambda: None) -> Iterator[PacedSession]:
    """A session whose requests go straight into the sandbox; `before` is called before each of them."""
    with PacedSession(waiting=time.waiting()) as session:
        session.announce(time.waits.append)
        session.mount("http://", Straight(sandbox, before))
        session.trust_env = False
        yield session


def publish_straight(sandbox: Sandbox, time: PretendTime, before: Callable[[], None] = lambda: None) -> Came:
    """One run without sockets."""
    with session_into(sandbox, time, before) as session:
        return publish(sandbox.gitlab_url, session)


@contextmanager
def prepared(**options: Any) -> Iterator[tuple[Sandbox, PretendTime, bytes]]:
    """A sandbox before the run, its clock, and a snapshot to go back to."""
    time = PretendTime()
    with running(before_the_run(), clock=time, **options) as sandbox:
        yield sandbox, time, sandbox.gitlab.snapshot()


class Straight(BaseAdapter):
    """Hands requests to the sandbox in this process; a reply that is cut short becomes what `requests` makes of it."""

    def __init__(self, sandbox: Sandbox, before: Callable[[], None]) -> None:
        super().__init__()
        self._sandbox = sandbox
        self._before = before

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self._before()
        reply = self._sandbox.answer(GITLAB, _environ(request))
        if reply.ending is Ending.RESET:
            raise requests.ConnectionError("reset", request=request)
        if reply.ending is Ending.TRUNCATED:
            raise requests.exceptions.ChunkedEncodingError("broke off", request=request)
        response = requests.Response()
        response.status_code = int(reply.status[:3])
        response.headers.update(dict(reply.headers))
        response.raw = io.BytesIO(reply.body)
        response.url = str(request.url)
        response.request = request
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        pass


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(str(request.url))
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    return headers | {
        "REQUEST_METHOD": request.method,
        "REQUEST_URI": target,
        "SCRIPT_NAME": "",
        "PATH_INFO": raw_path(target),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
