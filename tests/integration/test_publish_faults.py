"""Publishing disturbed at every request in every way: it ends as if nothing had happened, once each, with everybody's words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from reports.adapters.http_session import PacedSession
from reports.core.publication import block_of
from reports.sandbox.faults import (
    Fault,
    failing,
    failing_after_write,
    reset_after_write,
    reset_before_write,
    too_many_requests,
    truncated,
)
from reports.sandbox.server import Sandbox
from tests.publishing import WANTED, PretendTime, answers, everything, prepared, publish, publish_straight

WRITES = 38
"""12 opened, 12 of the week before closed, 3 duplicates closed, 1 closed that has ended, 6 brought up to date, 1 opened again,
3 answers."""

ANYTHING = r"^/api/"

FAULTS: dict[str, Callable[..., Fault]] = {
    "a status before": failing,
    "a status after": failing_after_write,
    "a limit that says how long": lambda path, **where: too_many_requests(path, 7, **where),
    "a limit that says nothing": too_many_requests,
    "a reset before": reset_before_write,
    "a reset after": reset_after_write,
    "half an answer": truncated,
}


@dataclass(frozen=True)
class Stage:
    """The sandbox before the run, and what an undisturbed run makes of it, with how many requests."""

    sandbox: Sandbox
    time: PretendTime
    before: bytes
    undisturbed: dict[str, Any]
    requests: int

    def set(self, *faults: Fault) -> None:
        self.sandbox.gitlab.go_back(self.before)
        self.sandbox.faults.clear()
        self.sandbox.reset_log()
        self.time.waits.clear()
        for fault in faults:
            self.sandbox.faults.add(fault)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with prepared() as (sandbox, time, before):
        publish_straight(sandbox, time)
        yield Stage(sandbox, time, before, everything(sandbox.gitlab), len(sandbox.requests))


def keys_of_open_issues(sandbox: Sandbox) -> list[str]:
    issues = [issue for project in sandbox.gitlab.projects.values() for issue in project.issues.values()]
    blocks = [block_of(issue.description) for issue in issues if issue.state == "opened"]
    return sorted(block.key for block in blocks if block)


def test_undisturbed__writes_exactly_what_has_to_be_written_and_a_second_run_nothing(stage: Stage) -> None:
    stage.set()

    first = publish_straight(stage.sandbox, stage.time)
    assert (first.failures, stage.sandbox.requests.writes()) == ((), WRITES)
    assert keys_of_open_issues(stage.sandbox) == sorted({issue.key for issue in WANTED} - {WANTED[20].key, WANTED[29].key})

    stage.sandbox.reset_log()
    second = publish_straight(stage.sandbox, stage.time)
    assert (second.wrote, second.failures, stage.sandbox.requests.writes()) == (0, (), 0)


def test_undisturbed__loses_no_word_tick_label_or_comment_of_anybody(stage: Stage) -> None:
    after = str(stage.undisturbed)

    assert after.count("My words, ") == after.count("Thanks!") == 6
    assert after.count("A comment below the second one") == after.count("Written below the second one.") == 3
    assert after.count("[x] talked about") == 6
    assert "a label of somebody's own" in after
    assert after.count("'Taken.") == len(answers())


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_at_any_request__leaves_what_an_undisturbed_run_leaves(stage: Stage, kind: str) -> None:
    for number in range(1, stage.requests + 1):
        stage.set(FAULTS[kind](ANYTHING, first=number))

        disturbed = publish_straight(stage.sandbox, stage.time)
        clean = publish_straight(stage.sandbox, stage.time)

        where = f"{kind} at request {number}"
        assert (disturbed.failures, clean.failures, clean.wrote) == ((), (), 0), where
        assert everything(stage.sandbox.gitlab) == stage.undisturbed, where


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_over_a_real_connection__leaves_the_same(stage: Stage, kind: str) -> None:
    stage.set(FAULTS[kind](ANYTHING, first=20), FAULTS[kind]("/notes$", method="POST"))

    with PacedSession(waiting=stage.time.waiting()) as session:
        came = publish(stage.sandbox.gitlab_url, session)

    assert came.failures == ()
    assert everything(stage.sandbox.gitlab) == stage.undisturbed
