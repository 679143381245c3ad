"""What a pipeline's log and a terminal say while something goes on, on a clock that the test moves."""

import pytest

from reports.commands.console import Lines, TimeLeft
from reports.ports import Progress

TICKETS, ISSUES = "zendesk.tickets", "gitlab.issues"


class Log:
    """Lines on a clock of its own."""

    def __init__(self) -> None:
        self.second = 0.0
        self.lines: list[str] = []
        self.tell = Lines(self.lines.append, lambda: self.second)

    def at(self, second: float, progress: Progress) -> None:
        self.second = second
        self.tell(progress)


def of(part: str, fraction: float | None, detail: str = "5 rows") -> Progress:
    return Progress(step="gather", part=part, detail=detail, fraction=fraction)


def test_lines__a_part_is_told_of_every_ten_seconds_and_when_it_ends() -> None:
    log = Log()
    for second in range(0, 35, 5):
        log.at(second, of(TICKETS, second / 100))
    log.at(36, of(TICKETS, 1.0))
    log.at(37, of(TICKETS, 1.0))

    assert log.lines == [
        "gather:  10%  zendesk.tickets  5 rows  about 2 min left\n",
        "gather:  20%  zendesk.tickets  5 rows  about 1 min left\n",
        "gather:  30%  zendesk.tickets  5 rows  about 1 min left\n",
        "gather: 100%  zendesk.tickets  5 rows\n",
    ]


def test_lines__parts_that_go_on_at_once_are_told_of_by_themselves() -> None:
    log = Log()
    for second in (0, 12):
        log.at(second, of(TICKETS, second / 100))
        log.at(second, of(ISSUES, None if second else 0.0))

    assert log.lines == [
        "gather:  12%  zendesk.tickets  5 rows  about 1 min left\n",
        "gather:       gitlab.issues  5 rows\n",
    ]


def test_lines__the_first_pause_is_told_of_at_once() -> None:
    log = Log()
    for second in (0, 3, 70):
        log.at(second, Progress(step="wait", part="acme.example.com", detail=f"{second} s: limit", fraction=None))

    assert log.lines == [
        "wait:       acme.example.com  0 s: limit\n",
        "wait:       acme.example.com  70 s: limit\n",
    ]


def test_lines__a_step_without_parts_is_told_of_at_every_tenth() -> None:
    log = Log()
    for done in range(1, 41):
        log.at(0, Progress(step="render", detail=f"{done} of 40", fraction=done / 40))

    assert len(log.lines) == 11
    assert log.lines[-1] == "render: 100%  40 of 40\n"


@pytest.mark.parametrize(
    ("second", "fraction", "words"),
    [
        (9, 0.5, ""),
        (60, 0.5, "about 1 min left"),
        (600, 0.1, "about 1.5 h left"),
        (600, 0.2, "about 40 min left"),
        (600, 0.05, "about 3.2 h left"),
        (600, 0.0, ""),
        (600, 1.0, ""),
        (600, None, ""),
    ],
)
def test_time_left__is_judged_by_the_time_so_far(second: float, fraction: float | None, words: str) -> None:
    moments = [0.0]
    left = TimeLeft(lambda: moments[-1])
    left.words(of(TICKETS, 0.0))
    moments.append(second)

    assert left.words(of(TICKETS, fraction)) == words
