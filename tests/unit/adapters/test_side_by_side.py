from threading import Barrier, Lock

import pytest

from reports.adapters.side_by_side import AT_ONCE, side_by_side


def test_answers__come_in_the_order_of_the_questions() -> None:
    assert side_by_side(str, range(100)) == [str(number) for number in range(100)]
    assert side_by_side(str, []) == []


def test_questions__are_asked_at_once_and_never_more_than_are_allowed() -> None:
    meeting, lock, now, most = Barrier(AT_ONCE, timeout=30), Lock(), [0], [0]

    def ask(number: int) -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        meeting.wait()  # nobody goes on before all are here: with fewer at once the test ends by its timeout
        with lock:
            now[0] -= 1
        return number

    side_by_side(ask, range(3 * AT_ONCE))

    assert most == [AT_ONCE]


def test_failure__is_raised_and_what_was_not_asked_yet_is_not() -> None:
    asked: list[int] = []

    def ask(number: int) -> int:
        asked.append(number)
        if number == 0:
            raise ZeroDivisionError
        return number

    with pytest.raises(ZeroDivisionError):
        side_by_side(ask, range(10_000))
    assert len(asked) < 10_000
