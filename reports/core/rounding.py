"""The one rounding rule: numbers are rounded before they are compared, so that no report contradicts its verdict.

An exact half goes down, which for targets and lines is in the person's favour. Noise of binary fractions below a millionth
counts neither as more than half nor as more than nothing.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_DOWN, Decimal

TENTH = Decimal("0.1")
WHOLE = Decimal("1")


def tenth(value: float) -> float:
    """A number as it is shown and compared."""
    return rounded(value, TENTH)


def rounded(value: float, step: Decimal) -> float:
    """The nearest multiple of a step."""
    return _rounded(value, step, ROUND_HALF_DOWN)


def rounded_down(value: float, step: Decimal) -> float:
    """The multiple of a step at or below."""
    return _rounded(value, step, ROUND_FLOOR)


def rounded_up(value: float, step: Decimal) -> float:
    """The multiple of a step at or above."""
    return _rounded(value, step, ROUND_CEILING)


def _rounded(value: float, step: Decimal, way: str) -> float:
    return float(Decimal(f"{value:.6f}").quantize(step, way))
