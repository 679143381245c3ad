"""The one rounding rule: targets and lines to one decimal, an exact half down, which is in the person's favour."""

from decimal import ROUND_HALF_DOWN, Decimal

_TENTH = Decimal("0.1")


def tenth(value: float) -> float:
    """A target as it is shown and compared; noise of binary fractions below a millionth does not count as more than half."""
    return float(Decimal(f"{value:.6f}").quantize(_TENTH, ROUND_HALF_DOWN))
