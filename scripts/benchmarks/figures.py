"""One measured figure with its goal, and the table and JSON of many."""

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured value, and the most it may be."""

    name: str
    value: float
    unit: str
    goal: float

    @property
    def holds(self) -> bool:
        """Whether the value is within its goal."""
        return self.value <= self.goal


def as_json(figures: Sequence[Figure]) -> str:
    """A JSON list of name, value, unit, goal and holds."""
    return json.dumps([asdict(figure) | {"holds": figure.holds} for figure in figures], indent=2)


def as_table(figures: Sequence[Figure]) -> str:
    """The figures as aligned text."""
    width = max(len(figure.name) for figure in figures)
    rows = [f"{f.name:{width}}  {f.value:>10.2f}  {f.unit:10}  at most {f.goal:<8g}  {_word(f)}" for f in figures]
    return "\n".join(rows)


def _word(figure: Figure) -> str:
    return "holds" if figure.holds else "DOES NOT HOLD"


def median_seconds(work: Callable[[], object], rounds: int) -> float:
    """The median wall time of some work in seconds, after one round that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def median_ratio(work: Callable[[], object], against: Callable[[], object], rounds: int) -> float:
    """The median of the ratio of two works' wall times, taken in turn so that a slow moment hits both."""
    ratios = [median_seconds(work, 1) / median_seconds(against, 1) for _ in range(rounds)]
    return statistics.median(ratios)
