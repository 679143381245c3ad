import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.intervals import Interval, wilson


@pytest.mark.parametrize(
    ("successes", "cases", "low", "high"),
    [(57, 60, 86, 98), (2, 3, 21, 94), (15, 26, 39, 74), (288, 300, 93, 98), (51, 54, 85, 98), (0, 10, 0, 28), (10, 10, 72, 100)],
)
def test_wilson__as_worked_out_by_hand_in_percent(successes: int, cases: int, low: int, high: int) -> None:
    interval = wilson(successes, cases)

    assert (round(100 * interval.low), round(100 * interval.high)) == (low, high)


def test_wilson__without_cases_anything_is_plausible() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)


@given(cases=st.integers(1, 5000), share=st.floats(0, 1))
def test_wilson__holds_the_rate_and_stays_between_0_and_1(cases: int, share: float) -> None:
    successes = round(cases * share)
    interval = wilson(successes, cases)

    assert 0 <= interval.low <= successes / cases + 1e-9
    assert successes / cases - 1e-9 <= interval.high <= 1


def test_touches__any_rate_in_common() -> None:
    assert Interval(0.39, 0.74).touches(0.5, 0.6)
    assert not Interval(0.61, 0.9).touches(0.5, 0.6)
    assert Interval(0.6, 0.9).touches(0.5, 0.6)
