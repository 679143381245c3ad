"""How sure a rate is: the Wilson score interval, which stays inside 0 and 1 and is honest with few cases."""

from dataclasses import dataclass
from math import sqrt

#: The 97.5th percentile of the normal distribution: an interval of 95 %.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true rate plausibly lies, both ends in [0, 1]."""

    low: float
    high: float

    def touches(self, low: float, high: float) -> bool:
        """Whether any rate between two others is plausible."""
        return self.low <= high and low <= self.high


def wilson(successes: int, cases: int) -> Interval:
    """The interval of 95 % for a rate seen as `successes` of `cases`; with no case anything is plausible."""
    if cases == 0:
        return Interval(0.0, 1.0)
    rate, square = successes / cases, _Z * _Z
    centre = rate + square / (2 * cases)
    spread = _Z * sqrt(rate * (1 - rate) / cases + square / (4 * cases * cases))
    scale = 1 + square / cases
    return Interval(max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))
