"""A small GitLab with few people, for tests of the sandbox itself: who is in it stands in `small_gitlab`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import gitlab
import pytest
import requests

from reports.sandbox.gitlab_objects import DEVELOPER, GUEST, PLANNER, REPORTER
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import Sandbox
from reports.sandbox.zendesk_state import ZendeskState

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
MANAGERS = "acme/support/managers"
META = "acme/support/support-team-meta"
PRODUCT = "gitlab-org/gitlab"


def small_gitlab() -> GitlabState:
    """Two bots, an engineer (Guest of MANAGERS), a manager (Planner of it), a developer; META internal, PRODUCT public."""
    state = GitlabState(NOW - timedelta(days=400))
    state.add_user("support-reports-bot", "Support Reports", bot=True)
    state.add_user("support-reports-reader", "Support Reports Reader", bot=True)
    for username, name in (("iduarte", "Ines Duarte"), ("plindqvist", "Petra Lindqvist"), ("dev", "A Developer")):
        state.add_user(username, name)
    state.add_project(MANAGERS)
    state.add_project(META, visibility="internal")
    state.add_project(PRODUCT, visibility="public")
    state.add_member("acme/support", "support-reports-bot", PLANNER)
    state.add_member("acme/support", "support-reports-reader", REPORTER)
    state.add_member(MANAGERS, "plindqvist", PLANNER)
    state.add_member(MANAGERS, "iduarte", GUEST)
    state.add_member("gitlab-org", "dev", DEVELOPER)
    state.add_label(MANAGERS, "weekly")
    for username in ("iduarte", "plindqvist", "dev"):
        state.add_token(username, username, ["api"])
    state.add_token("writer", "support-reports-bot", ["api"])
    state.add_token("reader", "support-reports-reader", ["read_api"])
    state.add_token("old", "dev", ["api"], expires_on=date(2026, 11, 16))
    return state


class MovingClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def running(state: GitlabState, **options: Any) -> Iterator[Sandbox]:
    """The sandbox, up, with an empty Zendesk."""
    options.setdefault("clock", MovingClock())
    with Sandbox(state, ZendeskState(), **options) as sandbox:
        yield sandbox


@contextmanager
def client(sandbox: Sandbox, token: str | None = "writer") -> Iterator[gitlab.Gitlab]:
    """An unmodified python-gitlab client that holds a token and closes its connections."""
    with requests.Session() as session:
        yield gitlab.Gitlab(sandbox.gitlab_url, private_token=token, timeout=10, session=session)


def contracts() -> Path:
    """The folder of GitLab's contract files; skips the test when it is not here."""
    shared = Path(os.environ.get("SUPPORT_REPORTS_SHARED", Path(__file__).parents[1].parent / "shared"))
    folder = shared / "contracts" / "gitlab"
    if not folder.is_dir():
        pytest.skip("the contract files are not here (../shared, or the folder named by SUPPORT_REPORTS_SHARED)")
    return folder
