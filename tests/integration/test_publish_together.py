"""Runs that overlap, their requests in turns drawn by lot; lists that lag behind; people at work meanwhile: each ends right."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from reports.core.publication import block_of
from reports.sandbox.faults import Fault, failing, reset_after_write, reset_before_write
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import Sandbox
from tests.publishing import WANTED, Came, PretendTime, everything, issue_of, prepared, publish, publish_straight, session_into


@dataclass
class Turns:
    """Lets one of several runs send one request at a time; whose turn it is, is drawn."""

    lots: random.Random
    expected: int
    at_work: set[int] = field(default_factory=set)
    whose: int | None = None
    drawn: list[int] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, who: int) -> None:
        """Wait until it is one's turn; whoever had the turn has had the answer by then. The last to come begins the drawing."""
        with self.changed:
            if who not in self.at_work:
                self.at_work.add(who)
                self.whose = who if len(self.at_work) == self.expected else None
            self._pass_on(who)
            assert self.changed.wait_for(lambda: self.whose == who, timeout=60)

    def leave(self, who: int) -> None:
        """Have nothing more to send."""
        with self.changed:
            self.at_work.discard(who)
            self._pass_on(who)

    def _pass_on(self, who: int) -> None:
        if self.whose == who and self.at_work:
            self.whose = self.lots.choice(sorted(self.at_work))
            self.drawn.append(self.whose)
            self.changed.notify_all()


def together(sandbox: Sandbox, time: PretendTime, seed: int) -> tuple[list[Came], list[int]]:
    """Two runs at the same time; what each came to, and in which turns."""
    turns = Turns(lots=random.Random(seed), expected=2)
    came: dict[int, Came] = {}

    def run(who: int) -> None:
        try:
            with session_into(sandbox, time, lambda: turns.take(who)) as session:
                came[who] = publish(sandbox.gitlab_url, session)
        finally:
            turns.leave(who)

    threads = [threading.Thread(target=run, args=(who,)) for who in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [came[0], came[1]], turns.drawn


def open_keys(state: GitlabState) -> list[str]:
    issues = [issue for project in state.projects.values() for issue in project.issues.values()]
    blocks = [block_of(issue.description) for issue in issues if issue.state == "opened"]
    return sorted(block.key for block in blocks if block)


EXPECTED = sorted({issue.key for issue in WANTED} - {WANTED[20].key, WANTED[29].key})
WORDS = ("My words, ", "Thanks!", "A comment below the second one", "Written below the second one.", "[x] talked about")


def words(state: GitlabState) -> list[int]:
    text = str(everything(state))
    return [text.count(word) for word in WORDS]


@pytest.mark.parametrize("decade", range(10))
def test_two_runs_at_the_same_time__leave_each_report_once_after_one_run_more(decade: int) -> None:
    with prepared() as (sandbox, time, before):
        for seed in range(10 * decade, 10 * decade + 10):
            sandbox.gitlab.go_back(before)
            said = words(sandbox.gitlab)

            together(sandbox, time, seed)
            alone = publish_straight(sandbox, time)

            assert (alone.failures, open_keys(sandbox.gitlab), words(sandbox.gitlab)) == ((), EXPECTED, said), seed
            assert publish_straight(sandbox, time).wrote == 0, seed


def test_two_runs_at_the_same_time__are_the_same_for_the_same_lots() -> None:
    with prepared() as (sandbox, time, before):
        first = together(sandbox, time, 7)[1]
        sandbox.gitlab.go_back(before)

        assert together(sandbox, time, 7)[1] == first
        assert 10 < sum(first) < len(first) - 10


# --- lists that lag behind ------------------------------------------------------------------------


@pytest.mark.parametrize("lag", [1, 3, 10, 40])
def test_lists_that_lag_behind__lead_to_nothing_worse_than_a_duplicate_that_the_next_run_closes(lag: int) -> None:
    with prepared(lag=lag) as (sandbox, time, _):
        said = words(sandbox.gitlab)
        sandbox.faults.add(reset_after_write("/issues$", method="POST", first=2, count=3))
        for _ in range(3):
            publish_straight(sandbox, time)
        sandbox.replica = None

        assert publish_straight(sandbox, time).failures == ()
        assert (open_keys(sandbox.gitlab), words(sandbox.gitlab)) == (EXPECTED, said)
        assert publish_straight(sandbox, time).wrote == 0


# --- people at the same time ----------------------------------------------------------------------


def after_a_change(change: Callable[[GitlabState], None], at: int, *faults: Fault) -> GitlabState:
    """What a run and one more leave when something changes right before a request of the first."""
    with prepared() as (sandbox, time, _):
        for fault in faults:
            sandbox.faults.add(fault)
        sent = iter(range(1, 10_000))

        def before() -> None:
            if next(sent) == at:
                change(sandbox.gitlab)

        publish_straight(sandbox, time, before)
        publish_straight(sandbox, time)
        assert publish_straight(sandbox, time).wrote == 0
        return sandbox.gitlab


def add_words(number: int) -> Callable[[GitlabState], None]:
    def change(state: GitlabState) -> None:
        issue = issue_of(state, number)
        issue.description = f"Written in between.\n\n{issue.description}"

    return change


@pytest.mark.parametrize("number", [12, 13, 17, 18, 25, 28])
def test_words_written_between_planning_and_writing__stay(number: int) -> None:
    """In a run of five reads the texts are read again at the fourth; what is written until then stays."""
    for at in (1, 2, 3, 4, 44):
        state = after_a_change(add_words(number), at)

        assert issue_of(state, number).description.count("Written in between.") == 1, at
        assert open_keys(state) == EXPECTED


def first_write() -> int:
    """Which request of an undisturbed run is the first to change a text."""
    with prepared() as (sandbox, time, _):
        publish_straight(sandbox, time)
        return next(number for number, request in enumerate(sandbox.requests, 1) if request.method == "PUT")


@pytest.mark.parametrize("fault", [reset_after_write, reset_before_write, failing])
def test_words_written_while_an_answer_was_lost__stay(fault: Callable[..., Fault]) -> None:
    """They are lost when they come between our reading and a write whose answer is lost; not when they come after it."""
    first = first_write()
    for at in (first, first + 1):
        state = after_a_change(add_words(12), at, fault(r"/issues/\d+$", method="PUT"))

        lost = at == first and fault is reset_after_write
        assert issue_of(state, 12).description.count("Written in between.") == (0 if lost else 1), at
        assert open_keys(state) == EXPECTED


def delete(number: int) -> Callable[[GitlabState], None]:
    def change(state: GitlabState) -> None:
        issue = issue_of(state, number)
        del issue.project.issues[issue.iid]

    return change


@pytest.mark.parametrize("number", [13, 22])
def test_an_issue_deleted_while_a_run_goes_on__is_opened_again_by_the_next(number: int) -> None:
    for at in (2, 4, 6, 10):
        assert open_keys(after_a_change(delete(number), at)) == EXPECTED, at


def close(number: int) -> Callable[[GitlabState], None]:
    def change(state: GitlabState) -> None:
        issue_of(state, number).state = "closed"

    return change


def test_an_issue_that_a_person_closes_while_a_run_goes_on__stays_closed() -> None:
    for at in (2, 4, 6, 10):
        assert set(EXPECTED) - set(open_keys(after_a_change(close(13), at))) == {WANTED[13].key}, at
