"""Visibility, role, way in, confidentiality and involvement: the table, what the core predicts, what GitLab lets a user read."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
import requests

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_issues import GitlabIssues
from reports.adapters.http_session import PacedSession
from reports.core.audience import Destination, Exposure, Lookout
from reports.errors import PublishError
from reports.sandbox.gitlab_objects import OWNER, PLANNER
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import Sandbox
from tests.audience_table import INVOLVEMENTS, LEVELS, READS, WAYS, reads
from tests.gitlab_sandbox import NOW, running

VISIBILITIES = ("public", "internal", "private")
BOT = "support-reports-bot"
MEMBERS = {f"m{level}{way[0]}{way.rpartition(' ')[2][:2]}": (level, way) for level, way in product(LEVELS, WAYS)}
OUTSIDERS = {"outsider": False, "external": True}

Question = tuple[str, bool, str, str]
"""Visibility, confidential, username, involvement."""


def place(visibility: str) -> str:
    return f"{visibility}-group/project"


def organisation() -> tuple[GitlabState, dict[Question, int]]:
    """Everybody in every project by their way, and an issue for every question; gives its number."""
    state = GitlabState(NOW - timedelta(days=400))
    state.add_user(BOT, "Support Reports", bot=True)
    state.add_token("writer", BOT, ["api"])
    for username in (*MEMBERS, *OUTSIDERS):
        state.add_user(username, username.title(), external=username == "external")
        state.add_token(username, username, ["read_api"])
    for visibility in VISIBILITIES:
        state.add_project(place(visibility), visibility=visibility)
        state.add_member(f"{visibility}-group", BOT, PLANNER)
        for username, (level, way) in MEMBERS.items():
            _let_in(state, visibility, username, level, way)
    return state, {
        question: _issue(state, *question)
        for question in ((*kind, who, what) for kind, who, what in product(READS, (*MEMBERS, *OUTSIDERS), INVOLVEMENTS))
    }


def _let_in(state: GitlabState, visibility: str, username: str, level: int, way: str) -> None:
    if way == "direct":
        state.add_member(place(visibility), username, level)
    elif way == "inherited":
        state.add_member(f"{visibility}-group", username, level)
    else:
        # They own the group that is invited: what counts is the lower of the two roles.
        group = f"friends-{username}"
        state.add_group(group)
        state.add_member(group, username, OWNER)
        state.invite_group(place(visibility) if "project" in way else f"{visibility}-group", group, level)


def _issue(state: GitlabState, visibility: str, is_confidential: bool, username: str, involvement: str) -> int:
    return state.add_issue(
        place(visibility),
        username if "author" in involvement else BOT,
        "a report",
        created_at=NOW,
        assignees=[username] if "assignee" in involvement else [],
        confidential=is_confidential,
    ).iid


@pytest.fixture(scope="module")
def gitlab() -> Iterator[tuple[Sandbox, dict[Question, int], dict[str, Destination]]]:
    state, issues = organisation()
    with running(state) as sandbox, PacedSession() as session:
        tracker = GitlabIssues(GitlabClient(sandbox.gitlab_url, "writer", session, PublishError))
        where = tracker.destinations({place(visibility): Lookout(level=0) for visibility in VISIBILITIES})
        yield sandbox, issues, dict(where)


def predicted(destination: Destination, is_confidential: bool, username: str, involvement: str) -> bool:
    exposure = Exposure(
        visibility=destination.visibility,
        is_confidential=is_confidential,
        members=destination.members,
        author=username if "author" in involvement else BOT,
        assignees=(username,) if "assignee" in involvement else (),
    )
    return exposure.is_open or username in {reader.username for reader in exposure.readers}


def test_matrix__gitlab_lets_read_what_the_table_says_and_the_core_predicts(
    gitlab: tuple[Sandbox, dict[Question, int], dict[str, Destination]],
) -> None:
    sandbox, issues, where = gitlab
    wrong, too_many = [], set()
    with requests.Session() as session:
        for question, iid in issues.items():
            visibility, is_confidential, username, involvement = question
            level = MEMBERS[username][0] if username in MEMBERS else 0
            address = f"{sandbox.gitlab_url}/api/v4/projects/{place(visibility).replace('/', '%2F')}/issues/{iid}"
            can = session.get(address, headers={"PRIVATE-TOKEN": username}, timeout=10).status_code == 200
            documented = reads(visibility, is_confidential, level, involvement, external=OUTSIDERS.get(username, False))
            told = predicted(where[place(visibility)], is_confidential, username, involvement)
            if told and not can:
                too_many.add((visibility, username))
            if can != documented or (can and not told):
                wrong.append((*question, can, documented, told))

    assert len(issues) == 3 * 2 * (7 * 4 + 2) * 4
    assert wrong == []
    # The core says more than GitLab does only of people whom the project does not let in.
    assert too_many == {("private", "outsider"), ("private", "external"), ("internal", "external")}
