import random
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.model import Aggregation, Interval, Measurement
from reports.core.rates import if_enough, order_interval, quantile, ratio, wilson

MEDIAN, P90 = Aggregation.MEDIAN, Aggregation.P90


@pytest.mark.parametrize(
    ("holding", "cases", "low", "high"),
    [
        # No case of ten: the upper end is z² / (n + z²) = 3.8415 / 13.8415. All of ten mirrors it.
        (0, 10, 0.0, 27.75),
        (10, 10, 72.25, 100.0),
        # Half of any number lies in the middle: 50 ± 50 * z / sqrt(n + z²), for 20 cases 50 ± 97.998 / 4.8828.
        (10, 20, 29.93, 70.07),
        (50, 100, 40.38, 59.62),
        # One of one: the lower end is 1 / (1 + z²).
        (1, 1, 20.65, 100.0),
        # The two of the brief: 57 of 60, and 15 of 26.
        (57, 60, 86.30, 98.29),
        (15, 26, 38.95, 74.46),
    ],
)
def test_wilson__as_calculated_by_hand(holding: int, cases: int, low: float, high: float) -> None:
    found = wilson(holding, cases)

    assert (round(found.low, 2), round(found.high, 2)) == (low, high)


shares = st.integers(1, 400).flatmap(lambda cases: st.tuples(st.integers(0, cases), st.just(cases)))


@given(share=shares)
def test_wilson__holds_the_share_within_0_and_100(share: tuple[int, int]) -> None:
    holding, cases = share
    found = wilson(holding, cases)

    assert 0 <= found.low <= 100 * holding / cases <= found.high <= 100


@given(share=shares, times=st.integers(2, 50))
def test_wilson__narrows_with_the_cases(share: tuple[int, int], times: int) -> None:
    holding, cases = share
    few, many = wilson(holding, cases), wilson(holding * times, cases * times)

    assert few.low <= many.low + 1e-9
    assert many.high <= few.high + 1e-9
    assert many.high - many.low < few.high - few.low


@given(share=shares)
def test_wilson__what_holds_and_what_does_not_mirror_each_other(share: tuple[int, int]) -> None:
    holding, cases = share
    one, other = wilson(holding, cases), wilson(cases - holding, cases)

    assert one.low == pytest.approx(100 - other.high, abs=1e-9)


def test_ratio__is_in_whole_percents_with_its_range_rounded_outwards() -> None:
    assert ratio(23, 40) == Measurement(
        value=57.0, kind=Aggregation.RATIO, cases=40, holding=23, interval=Interval(low=42.0, high=72.0)
    )


@given(share=shares)
def test_ratio__as_shown_lies_in_its_range_as_shown(share: tuple[int, int]) -> None:
    found = ratio(*share)

    assert found.interval is not None
    assert found.value is not None
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 100


def test_ratio__of_no_cases_has_no_value_and_misses_nothing() -> None:
    found = ratio(0, 0)

    assert (found.value, found.cases, found.is_missing) == (None, 0, False)


@pytest.mark.parametrize(
    ("values", "middle"), [([7.0], 7.0), ([1.0, 2.0], 1.5), ([3.0, 1.0, 2.0], 2.0), ([1.0, 2.0, 4.0, 100.0], 3.0)]
)
def test_median__is_the_middle_or_the_mean_of_the_two(values: list[float], middle: float) -> None:
    assert quantile(MEDIAN, values).value == middle


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (9, 9), (10, 9), (11, 10), (20, 18), (100, 90)])
def test_p90__is_the_smallest_value_that_nine_in_ten_do_not_exceed(count: int, expected: int) -> None:
    assert quantile(P90, [float(n) for n in range(1, count + 1)]).value == expected


@pytest.mark.parametrize(
    ("count", "ends"),
    [
        # From the usual tables of the sign test: so many values, the ranks of the two ends.
        (5, None),
        (6, (1, 6)),
        (10, (2, 9)),
        (20, (6, 15)),
        (25, (8, 18)),
        (100, (40, 61)),
    ],
)
def test_order_interval__of_a_median_as_in_the_tables(count: int, ends: tuple[int, int] | None) -> None:
    found = order_interval([float(n) for n in range(1, count + 1)], 0.5)

    assert (found and (found.low, found.high)) == ends


def test_order_interval__of_a_90th_percentile_takes_36_values() -> None:
    assert order_interval([1.0] * 35, 0.9) is None
    assert order_interval([1.0] * 36, 0.9) == Interval(low=1.0, high=1.0)


def test_order_interval__of_very_many_values_does_not_underflow() -> None:
    found = order_interval([float(n) for n in range(1, 4001)], 0.5)

    # The normal approximation: 2000 ± 1.96 * sqrt(4000) / 2 = 1938 and 2063.
    assert found == Interval(low=1938.0, high=2063.0)


values = st.lists(st.floats(0, 1000), min_size=1, max_size=80)


@given(cases=values, kind=st.sampled_from([MEDIAN, P90]))
def test_quantile__lies_in_its_range_and_knows_no_order(cases: list[float], kind: Aggregation) -> None:
    found = quantile(kind, cases)
    shuffled = random.Random(46).sample(cases, len(cases))

    assert quantile(kind, shuffled) == found
    assert found.cases == len(cases)
    if found.interval is not None and found.value is not None:
        assert found.interval.low <= found.value <= found.interval.high


@given(cases=values, kind=st.sampled_from([MEDIAN, P90]))
def test_quantile__its_range_never_widens_when_every_value_comes_again(cases: list[float], kind: Aggregation) -> None:
    ranges = [quantile(kind, cases * times).interval for times in (1, 2, 4)]

    for few, many in pairwise(found for found in ranges if found is not None):
        assert few.low <= many.low
        assert many.high <= few.high


def test_quantile__of_no_values_has_no_value() -> None:
    assert quantile(MEDIAN, []) == Measurement(value=None, kind=MEDIAN, cases=0)


@given(share=shares, minimum=st.integers(1, 400))
def test_if_enough__takes_the_value_of_too_few_cases_and_keeps_their_number(share: tuple[int, int], minimum: int) -> None:
    holding, cases = share
    found = if_enough(ratio(holding, cases), minimum)

    assert (found.value is None) == (found.interval is None) == (cases < minimum)
    assert (found.holding, found.cases, found.is_missing) == (holding, cases, False)


def test_if_enough__leaves_counts_alone() -> None:
    assert if_enough(Measurement(value=3), 20) == Measurement(value=3)


@pytest.mark.parametrize(("cases", "share"), [(3_000, 0.5), (3_000, 0.9), (40_000, 0.5)])
def test_order_interval__of_many_cases_leaves_out_only_what_cannot_be(cases: int, share: float) -> None:
    """The normal approximation is right to one rank or two for so many cases."""
    found = order_interval([float(rank) for rank in range(1, cases + 1)], share)
    half = 1.959963984540054 * sqrt(cases * share * (1 - share))

    assert found is not None
    assert abs(found.low - (cases * share - half)) <= 2
    assert abs(found.high - (cases * share + half + 1)) <= 2
