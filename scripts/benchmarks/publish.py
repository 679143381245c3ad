"""Publishing a thousand reports to one project with a thousand Guests: requests, and waiting on a pretended clock."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import requests

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_issues import GitlabIssues
from reports.adapters.http_session import PacedSession, Waiting
from reports.commands import console
from reports.core.model import Privacy
from reports.core.publication import DesiredIssue
from reports.core.weeks import Week
from reports.errors import PublishError
from reports.jobs import applying, pipeline
from reports.sandbox.gitlab_objects import GUEST, PLANNER
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import Sandbox
from reports.sandbox.zendesk_state import ZendeskState
from scripts.benchmarks.figures import Figure

REPORTS = 1000
CHANGED = 50
ISSUES_PER_MINUTE = 200
"""What GitLab.com lets one user open in one project."""
SECONDS_PER_REQUEST = 0.1
PROJECT, BOT, MANAGER = "acme/support/reports", "support-reports-bot", "plindqvist"
WEEK = Week.parse("2026-W46")


@dataclass
class PretendClock:
    """A clock that waiting and requests move."""

    now: datetime = datetime(2026, 11, 16, 6, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The instant it shows."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.now += timedelta(seconds=seconds)

    def answered(self, response: requests.Response, **kwargs: Any) -> None:
        """Let the time of a request pass."""
        self.wait(SECONDS_PER_REQUEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run asked, how many of its writes were refused for the limit, and how long it took on the pretended clock."""

    reads: int
    writes: int
    refused: int
    seconds: float


def measure() -> list[Figure]:
    """All figures, from four runs against one sandbox over HTTP."""
    clock = PretendClock()
    with _sandbox(clock) as sandbox:
        first = _publish(sandbox, clock, _reports(WEEK), WEEK)
        again = _publish(sandbox, clock, _reports(WEEK), WEEK)
        changed = _publish(sandbox, clock, _some_changed(), WEEK)
        clock.wait(timedelta(weeks=1).total_seconds())
        following = _publish(sandbox, clock, _reports(WEEK.plus(1)), WEEK.plus(1))
    return [
        *_figures("the first run", first, changes=REPORTS),
        *_figures("an unchanged run", again, changes=0),
        *_figures(f"a run with {CHANGED} changes", changed, changes=CHANGED),
        *_figures("next week", following, changes=2 * REPORTS),
        Figure(name="publish: requests refused for the limit in the first run", value=first.refused, unit="requests"),
        Figure(
            name="publish: the first run against what the limit forces", value=first.seconds / _forced(), unit="ratio", goal=1.05
        ),
    ]


def _figures(name: str, run: Cost, changes: int) -> tuple[Figure, Figure]:
    """Its reads, and the writes that it did too many or too few; a refused one did nothing and is not among them."""
    return (
        Figure(name=f"publish: reads of {name}", value=run.reads, unit="requests", goal=12),
        Figure(name=f"publish: writes of {name} for {changes} changes", value=abs(run.writes - changes), unit="off", goal=0),
    )


def _forced() -> float:
    """Seconds that opening the reports takes at least: a minute for each full share, and for the last one its requests."""
    full_minutes = (REPORTS - 1) // ISSUES_PER_MINUTE
    return full_minutes * 60 + (REPORTS - full_minutes * ISSUES_PER_MINUTE) * SECONDS_PER_REQUEST


@contextmanager
def _sandbox(clock: PretendClock) -> Iterator[Sandbox]:
    state = GitlabState(clock.now - timedelta(days=400))
    state.add_user(BOT, "Support Reports", bot=True)
    state.add_user(MANAGER, "Petra Lindqvist")
    state.add_token("writer", BOT, ["api"])
    state.add_project(PROJECT)
    state.add_member(PROJECT, BOT, PLANNER)
    state.add_member(PROJECT, MANAGER, PLANNER)
    for number in range(REPORTS):
        state.add_user(_engineer(number), f"Engineer {number}")
        state.add_member(PROJECT, _engineer(number), GUEST)
    with Sandbox(state, ZendeskState(), clock, write_limits={"issues": ISSUES_PER_MINUTE}) as sandbox:
        yield sandbox


def _engineer(number: int) -> str:
    return f"engineer{number:04}"


def _reports(week: Week) -> list[DesiredIssue]:
    return [
        DesiredIssue(
            key=f"engineer_weekly/{_engineer(number)}/{week}",
            project=PROJECT,
            title=f"Weekly report {week}: Engineer {number}",
            body=f"Week {week} of engineer {number}\n\n" + "One more line of a report.\n" * 100,
            labels=("support-reports", "weekly-report"),
            confidential=True,
            assignees=(_engineer(number),),
            privacy=Privacy.P3,
            readers=(_engineer(number), MANAGER),
        )
        for number in range(REPORTS)
    ]


def _some_changed() -> list[DesiredIssue]:
    every = REPORTS // CHANGED
    return [
        replace(report, body=f"{report.body}\nNew numbers.") if number % every == 0 else report
        for number, report in enumerate(_reports(WEEK))
    ]


def _publish(sandbox: Sandbox, clock: PretendClock, desired: Sequence[DesiredIssue], week: Week) -> Cost:
    """One run as a process of its own would do it."""
    sandbox.reset_log()
    began = clock.now
    with PacedSession(waiting=Waiting(sleep=clock.wait, random=lambda: 0.5, now=clock)) as session:
        session.hooks["response"].append(clock.answered)
        tracker = GitlabIssues(GitlabClient(sandbox.gitlab_url, "writer", session, PublishError), session)
        since = datetime.combine(week.report_day, datetime.min.time(), UTC) - timedelta(days=1)
        planned = pipeline.plan(desired, tracker, week, since)
        applied = applying.apply(planned.actions, tracker, console.silent)
    if applied.failures or planned.violations:
        raise PublishError(f"the bench could not publish: {applied.failures[:1]} {planned.violations[:1]}")
    refused = sum(request.status == HTTPStatus.TOO_MANY_REQUESTS for request in sandbox.requests)
    return Cost(
        reads=sandbox.requests.reads(),
        writes=sandbox.requests.writes() - refused,
        refused=refused,
        seconds=(clock.now - began).total_seconds(),
    )
