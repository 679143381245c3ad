"""What GitLab refuses, limits, moves or does not take: it stops only what it has to, waits aloud and not for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_conversations import GitlabConversations
from reports.adapters.gitlab_issues import GitlabIssues
from reports.core.audience import Lookout
from reports.core.conversation import Place
from reports.core.parts import DESCRIPTION_LIMIT
from reports.core.publication import DesiredIssue
from reports.errors import PublishError, UnreachableError
from reports.jobs import applying, pipeline
from reports.sandbox.faults import failing, failing_after_write, reset_before_write, too_many_requests
from reports.sandbox.gitlab_objects import GUEST, PLANNER
from reports.sandbox.server import Sandbox
from tests.builders import W46, desired
from tests.gitlab_sandbox import MANAGERS, NOW, running, small_gitlab
from tests.publishing import SINCE, PretendTime, session_into, silent

READERS = ("plindqvist", "support-reports-reader")
TEN = tuple(
    desired(f"engineer_weekly/e{n}/2026-W46", project=MANAGERS, title=f"Report {n}", assignees=(), readers=READERS)
    for n in range(10)
)


class Run:
    """A sandbox and a tracker on a pretended time."""

    def __init__(self, sandbox: Sandbox, time: PretendTime, tracker: GitlabIssues) -> None:
        self.sandbox, self.time, self.tracker = sandbox, time, tracker

    def planned(self, *issues: DesiredIssue) -> pipeline.PublicationPlan:
        return pipeline.plan(issues, self.tracker, W46, SINCE)

    def publish(self, *issues: DesiredIssue) -> pipeline.Applied:
        return applying.apply(self.planned(*issues).actions, self.tracker, silent)

    @property
    def titles(self) -> list[str]:
        projects = self.sandbox.gitlab.projects.values()
        return sorted(issue.title for project in projects for issue in project.issues.values() if issue.state == "opened")


@pytest.fixture
def run() -> Iterator[Run]:
    with running_now() as opened:
        yield opened


@contextmanager
def running_now(**limits: int) -> Iterator[Run]:
    time = PretendTime()
    with running(small_gitlab(), clock=time, write_limits=limits) as sandbox, session_into(sandbox, time) as session:
        yield Run(sandbox, time, GitlabIssues(GitlabClient(sandbox.gitlab_url, "writer", session, PublishError), session))


# --- refusals -------------------------------------------------------------------------------------


SPAM = '{"needs_captcha_response":true,"message":{"error":"Your issue has been recognized as spam and has been discarded."}}'


def test_spam__is_said_of_that_issue_and_the_others_go_on(run: Run) -> None:
    run.sandbox.faults.add(failing("/issues$", 409, SPAM, method="POST", first=4))

    applied = run.publish(*TEN)

    assert (applied.created, len(applied.failures), sorted(applied.failed)) == (9, 1, [TEN[3].key])
    assert applied.failures[0].startswith("GitLab takes it for spam to open an issue of engineer_weekly in ")
    assert run.publish(*TEN).created == 1


def test_an_issue_that_always_fails__is_given_up_after_a_few_tries_and_the_others_go_on(run: Run) -> None:
    run.sandbox.faults.add(failing("/issues$", method="POST", first=4, count=4))

    applied = run.publish(*TEN)

    assert (applied.created, sorted(applied.failed)) == (9, [TEN[3].key])
    assert [wait.seconds for wait in run.time.waits] == [2, 4, 8]
    assert {wait.reason for wait in run.time.waits} == {"unclear answer to a write"}


def test_a_token_that_ends_in_the_middle__stops_the_run(run: Run) -> None:
    run.sandbox.faults.add(failing("/issues$", 401, "{}", method="POST", first=4, count=None))

    applied = run.publish(*TEN)

    assert (applied.created, len(applied.failed)) == (3, 7)
    assert applied.failures[0].endswith("does not know the token (401); not tried any more: 6")
    assert run.sandbox.requests.writes() == 4


def test_a_server_that_goes_away__stops_the_run_after_a_few_minutes(run: Run) -> None:
    planned = run.planned(*TEN)
    run.sandbox.faults.add(reset_before_write(".", count=None))

    applied = applying.apply(planned.actions, run.tracker, silent)

    assert (applied.created, len(applied.failed), len(applied.failures)) == (0, 10, 1)
    assert run.time.now - NOW < timedelta(minutes=10)
    assert run.sandbox.requests.writes() == 1


# --- limits ---------------------------------------------------------------------------------------


def test_the_limit_of_issues__is_waited_for_to_the_next_minute_and_said() -> None:
    with running_now(issues=4) as run:
        applied = run.publish(*TEN)

        assert (applied.created, applied.failures, len(run.titles)) == (10, (), 10)
        assert [(wait.seconds, wait.reason, wait.asked) for wait in run.time.waits] == [
            (61, "limit of writes", False),
            (60, "limit of writes", False),
        ]


def test_a_limit_with_retry_after__is_waited_for_as_asked(run: Run) -> None:
    run.sandbox.faults.add(too_many_requests("/issues$", 17, method="POST"))

    assert run.publish(*TEN).created == 10
    assert [(wait.seconds, wait.asked) for wait in run.time.waits] == [(17, True)]


def test_a_server_that_is_busy_for_a_named_time__is_waited_for_as_asked(run: Run) -> None:
    run.sandbox.faults.add(failing("/issues$", 503, method="POST", headers={"Retry-After": "Mon, 16 Nov 2026 06:00:09 GMT"}))

    assert run.publish(*TEN).created == 10
    assert [(wait.seconds, wait.asked) for wait in run.time.waits] == [(9, True)]


def test_a_limit_that_lasts_too_long__stops_the_run(run: Run) -> None:
    run.sandbox.faults.add(too_many_requests("/issues$", 601, method="POST"))

    applied = run.publish(*TEN)

    assert (applied.created, applied.failures) == (
        0,
        (f"GitLab at {run.tracker.url} limits writes for longer than we may wait; not tried any more: 9",),
    )
    assert run.time.waits == []


# --- projects that lie elsewhere ------------------------------------------------------------------


def test_a_project_that_was_moved__is_found_by_its_old_path_and_said(run: Run) -> None:
    run.publish(*TEN[:5])
    run.sandbox.gitlab.move_project(MANAGERS, "acme/emea/managers")
    run.sandbox.gitlab.add_member("acme/emea/managers", "support-reports-bot", PLANNER)
    run.sandbox.faults.add(failing_after_write("/issues", method="POST"))

    changed = (replace(TEN[0], body="New"), *TEN[1:])
    planned = run.planned(*changed)
    applied = applying.apply(planned.actions, run.tracker, silent)

    assert planned.moved == (f"{MANAGERS} is now acme/emea/managers: correct `project` in config/reports.yml",)
    assert (applied.created, applied.updated, applied.unchanged, applied.failures) == (5, 1, 4, ())
    assert len(run.sandbox.gitlab.projects["acme/emea/managers"].issues) == 10
    assert run.publish(*changed).unchanged == 10


def test_comments_in_a_project_that_was_moved__are_found_by_its_old_path(run: Run) -> None:
    run.publish(*TEN)
    run.sandbox.gitlab.move_project(MANAGERS, "acme/emea/managers")
    run.sandbox.gitlab.add_member("acme/emea/managers", "support-reports-bot", PLANNER)
    conversations = GitlabConversations(run.tracker.client, run.tracker.bot())

    threads = conversations.threads(Place(path=MANAGERS, is_group=False), SINCE)

    assert {thread.project for thread in threads} == {"acme/emea/managers"}
    assert len(threads) == 10


def test_a_project_whose_old_path_another_one_has_taken__is_that_other_one(run: Run) -> None:
    run.sandbox.gitlab.move_project(MANAGERS, "acme/emea/managers")
    run.sandbox.gitlab.add_project(MANAGERS)
    run.sandbox.gitlab.add_member(MANAGERS, "support-reports-bot", PLANNER)

    assert (run.planned(*TEN).moved, run.publish(*TEN).created) == ((), 10)
    assert len(run.sandbox.gitlab.projects[MANAGERS].issues) == 10


# --- what reading costs ---------------------------------------------------------------------------


def test_members_who_cannot_read_it__are_not_read(run: Run) -> None:
    state = run.sandbox.gitlab
    for n in range(1000):
        state.add_user(f"guest{n}", f"Guest {n}")
        state.add_member(MANAGERS, f"guest{n}", GUEST)
    run.tracker.bot()

    for level, requests, members in ((15, 1, 100), (None, 1, 100), (0, 11, 1004)):
        run.sandbox.reset_log()
        found = run.tracker.destinations({MANAGERS: Lookout(level=level, opened_since=NOW)})[MANAGERS]

        assert (len(run.sandbox.requests), len(found.members)) == (requests, members), level
        assert {"plindqvist", "support-reports-bot"} < {member.username for member in found.members}


def test_people__are_met_a_hundred_at_a_time_and_once(run: Run) -> None:
    names = {f"guest{n}" for n in range(250)}
    for name in names:
        run.sandbox.gitlab.add_user(name, name)

    run.tracker.meet(names)
    run.tracker.meet(names)

    assert len(run.sandbox.requests) == 3


# --- long reports ---------------------------------------------------------------------------------


def long_report(sections: int) -> DesiredIssue:
    """Each section has a hundred thousand letters of two bytes."""
    body = "\n\n".join(["First lines", *(f"### Section {n}\n\n" + "ä" * 100_000 for n in range(sections))])
    return replace(TEN[0], body=body)


def test_a_report_too_long_for_an_issue__goes_on_in_others_and_comes_back_when_it_shrinks(run: Run) -> None:
    assert run.publish(long_report(12)).created == 3

    issues = run.sandbox.gitlab.projects[MANAGERS].issues
    assert [issues[n].title for n in (1, 2, 3)] == ["Report 0", "Report 0 (part 2)", "Report 0 (part 3)"]
    assert all(issue.confidential and len(issue.description.encode()) <= DESCRIPTION_LIMIT for issue in issues.values())
    assert run.publish(long_report(12)).unchanged == 3

    shrunk = run.publish(long_report(8))
    assert (shrunk.created, shrunk.updated, shrunk.closed) == (0, 1, 1)
    assert run.titles == ["Report 0", "Report 0 (part 2)"]
    assert run.publish(long_report(8)).unchanged == 2
    assert run.publish(TEN[0]).closed == 1


def test_next_week__closes_the_parts_of_the_last_one(run: Run) -> None:
    run.publish(replace(long_report(6), key="engineer_weekly/e0/2026-W45", title="Report of last week"))
    assert len(run.titles) == 2

    assert (run.publish(TEN[0]).closed, run.titles) == (2, ["Report 0"])


def test_unreachable__is_an_error_of_publishing() -> None:
    assert issubclass(UnreachableError, PublishError)
