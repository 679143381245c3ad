"""Gathering from the small GitLab as the pipeline does it, into plain values: cursors, facts by their keys, what was told."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from reports.adapters.gitlab_activity import GitlabActivity, GitlabPlaces
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.http_session import PacedSession
from reports.core.facts import TABLES, Fact
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.jobs.gathering import SETTLING
from reports.ports import Page
from reports.sandbox.gitlab_objects import GUEST, REPORTER
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import Sandbox
from tests.gitlab_sandbox import META, NOW, PRODUCT, running, small_gitlab

HANDBOOK = "gitlab-com/handbook"
TRAINING = "acme/support/support-training"
PAIRING = "acme/support/support-pairing"
REQUESTS = "acme/support/ticket-attention-requests"
FEEDBACK = "acme/support/feedback"
READER = "support-reports-reader"
START = NOW - timedelta(days=30)

PLACES = GitlabPlaces(
    people={"iduarte": ("iduarte",), "jbeck": ("jbeck", "jbeck-admin")},
    product_group="gitlab-org",
    handbook_projects=(HANDBOOK,),
    training_projects=(TRAINING,),
    pairing_projects=(PAIRING,),
    attention_request_projects=(REQUESTS,),
    feedback_projects=(FEEDBACK,),
    excluded_accounts=("support-forms",),
)


def support_gitlab() -> GitlabState:
    """The small GitLab with two engineers (one with two accounts), their projects, and a reader who sees everything."""
    state = small_gitlab()
    for username, name in (("jbeck", "Jonas Beck"), ("jbeck-admin", "Jonas Beck"), ("support-forms", "Forms")):
        state.add_user(username, name)
    state.add_project(HANDBOOK, visibility="public")
    for path in (TRAINING, PAIRING, REQUESTS, FEEDBACK):
        state.add_project(path)
        for username in ("iduarte", "jbeck", "plindqvist"):
            state.add_member(path, username, GUEST)
    state.add_member("gitlab-org", READER, REPORTER)
    assert state.projects.keys() >= {META, PRODUCT}
    return state


@dataclass
class Gathered:
    """What several runs have left: how far each stream is, each fact's last version, and what the last pages told."""

    cursors: dict[str, str] = field(default_factory=dict)
    facts: dict[object, Fact] = field(default_factory=dict)
    told: dict[str, Page] = field(default_factory=dict)

    def of(self, kind: type[Fact]) -> list[Any]:
        """The facts of a kind in the order of their keys."""
        return [fact for key, fact in sorted(self.facts.items(), key=lambda item: str(item[0])) if isinstance(fact, kind)]


@dataclass
class Gathering:
    """A sandbox with a GitLab, read again and again; every run is a process of its own."""

    sandbox: Sandbox
    session: PacedSession
    places: GitlabPlaces = PLACES

    @property
    def state(self) -> GitlabState:
        """What is in the GitLab."""
        return self.sandbox.gitlab

    def source(self, **places: Any) -> GitlabActivity:
        """The adapter as a new process makes it, with some places changed."""
        client = GitlabClient(self.sandbox.gitlab_url, "reader", self.session, SourceError)
        return GitlabActivity(client, replace(self.places, **places))

    def run(self, gathered: Gathered, now: datetime = NOW, start: datetime = START, **places: Any) -> Gathered:
        """Bring every stream up to date at an instant."""
        source = self.source(**places)
        for stream in source.streams:
            _read(source, stream, gathered, Window(start, now - SETTLING))
        return gathered

    def run_on(self, gathered: Gathered) -> Gathered:
        """The same, where a stream that fails does not stop the others, as in the pipeline."""
        source = self.source()
        for stream in source.streams:
            with suppress(SourceError):
                _read(source, stream, gathered, Window(START, NOW - SETTLING))
        return gathered

    def asked(self) -> list[str]:
        """The requests since this was last asked for."""
        lines = [f"{request.method} {request.path}" for request in self.sandbox.requests]
        self.sandbox.reset_log()
        return lines


def _read(source: GitlabActivity, stream: str, gathered: Gathered, window: Window) -> None:
    for page in source.pages(stream, window, gathered.cursors.get(stream)):
        gathered.cursors[stream] = page.cursor
        gathered.told[stream] = page
        for fact in page.facts:
            key = (type(fact), *(getattr(fact, name) for name in TABLES[type(fact)].key))
            gathered.facts[key] = fact


@contextmanager
def gathering(state: GitlabState, places: GitlabPlaces = PLACES, **options: Any) -> Iterator[Gathering]:
    """A running sandbox to gather from."""
    with running(state, **options) as sandbox, PacedSession() as session:
        yield Gathering(sandbox, session, places)
