"""Shares and quantiles of cases, each with the range that chance alone gives it; pure arithmetic on numbers.

What is shown is what is compared, so shares are whole percents and quantiles have one decimal; ranges are rounded outwards,
which is in the person's favour. Shares have Wilson's interval (1927); quantiles lie between two of the ordered values, which
assumes nothing about how those are spread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from math import exp, lgamma, log, sqrt

from reports.core.model import Aggregation, Interval, Measurement
from reports.core.rounding import TENTH, WHOLE, rounded, rounded_down, rounded_up

#: How likely chance alone leaves the range on one side: 95 % are within.
BEYOND_ONE_END = 0.025
#: The standard normal variable is above this so often.
_Z = 1.959963984540054

#: The share of values at or below a quantile.
QUANTILES = {Aggregation.MEDIAN: 0.5, Aggregation.P90: 0.9}


def ratio(holding: int, cases: int) -> Measurement:
    """The share of cases that hold, in whole percents; without a value when there is no case at all."""
    if not cases:
        return Measurement(value=None, kind=Aggregation.RATIO, cases=0, holding=0)
    return Measurement(
        value=rounded(100 * holding / cases, WHOLE),
        kind=Aggregation.RATIO,
        cases=cases,
        holding=holding,
        interval=_outwards(wilson(holding, cases), WHOLE),
    )


def quantile(kind: Aggregation, values: Iterable[float]) -> Measurement:
    """The median or the 90th percentile of values; without a value when there are none."""
    ordered = sorted(values)
    if not ordered:
        return Measurement(value=None, kind=kind, cases=0)
    found = order_interval(ordered, QUANTILES[kind])
    return Measurement(
        value=rounded(_middle(kind, ordered), TENTH),
        kind=kind,
        cases=len(ordered),
        interval=None if found is None else _outwards(found, TENTH),
    )


def if_enough(measured: Measurement, minimum_cases: int) -> Measurement:
    """A measurement as it is, or without its value when that rests on too few cases."""
    if measured.cases is None or measured.cases >= minimum_cases:
        return measured
    return replace(measured, value=None, interval=None)


def _outwards(exact: Interval, step: Decimal) -> Interval:
    return Interval(low=rounded_down(exact.low, step), high=rounded_up(exact.high, step))


def wilson(holding: int, cases: int) -> Interval:
    """Wilson's 95 % interval of a share, in percent, unrounded; the share itself always lies in it. Needs a case."""
    share, square = holding / cases, _Z * _Z
    middle = (share + square / (2 * cases)) / (1 + square / cases)
    half = _Z * sqrt(share * (1 - share) / cases + square / (4 * cases * cases)) / (1 + square / cases)
    return Interval(low=100 * max(0.0, min(share, middle - half)), high=100 * min(1.0, max(share, middle + half)))


def order_interval(ordered: Sequence[float], share: float) -> Interval | None:
    """Two of the ordered values between which the quantile lies 19 times in 20; None when there are too few for that."""
    low, high = _ends(len(ordered), share)
    if low < 1 or high > len(ordered):
        return None
    return Interval(low=ordered[low - 1], high=ordered[high - 1])


@lru_cache(maxsize=10_000)
def _ends(cases: int, share: float) -> tuple[int, int]:
    """Which of the ordered values these two are, counted from 1; many people have equally many cases."""
    first, below = _at_most(cases, share)
    low = first + sum(chance <= BEYOND_ONE_END for chance in below)
    high = 1 + first + sum(chance < 1 - BEYOND_ONE_END for chance in below)
    return low, high


def _at_most(cases: int, share: float) -> tuple[int, list[float]]:
    """From which count on it matters, and how likely at most that many, one more, two more … values lie below the quantile.

    By logarithms, so that nothing underflows. Counts nine standard deviations off are as good as impossible, and left out.
    """
    middle, far = cases * share, 9 * sqrt(cases * share * (1 - share))
    first, last = max(0, int(middle - far)), min(cases, int(middle + far) + 1)

    def likely(count: int) -> float:
        ways = lgamma(cases + 1) - lgamma(count + 1) - lgamma(cases - count + 1)
        return exp(ways + count * log(share) + (cases - count) * log(1 - share))

    return first, list(accumulate(likely(count) for count in range(first, last + 1)))


def _middle(kind: Aggregation, ordered: Sequence[float]) -> float:
    """The mean of the two middle values, or the smallest value that nine in ten do not exceed."""
    if kind is Aggregation.MEDIAN:
        return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return ordered[-(-9 * len(ordered) // 10) - 1]
