"""One measured figure with its goal, and the table and JSON of many."""

import gc
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured value and the most it may be, or with `at_least` the least; a goal of None only informs."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the value is within its goal."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def as_json(figures: Sequence[Figure]) -> str:
    """A JSON list of name, value, unit, goal and holds."""
    rows = [{"name": f.name, "value": f.value, "unit": f.unit, "goal": f.goal, "holds": f.holds} for f in figures]
    return json.dumps(rows, indent=2)


def as_table(figures: Sequence[Figure]) -> str:
    """The figures as aligned text."""
    width = max(len(figure.name) for figure in figures)
    unit = max(len(figure.unit) for figure in figures)
    return "\n".join(f"{f.name:{width}}  {f.value:>10.3f}  {f.unit:{unit}}  {_goal(f)}" for f in figures)


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    limit = f"{'at least' if figure.at_least else 'at most'} {figure.goal:g}"
    return f"{limit:14}  {'holds' if figure.holds else 'DOES NOT HOLD'}"


def median_seconds(work: Callable[[], object], rounds: int) -> float:
    """The median wall time of some work in seconds, after one round that is not counted; what lies about is cleared before."""
    work()
    times = []
    for _ in range(rounds):
        gc.collect()
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def median_ratio(work: Callable[[], object], against: Callable[[], object], rounds: int) -> float:
    """The median of the ratio of two works' wall times, taken in turn so that a slow moment hits both."""
    ratios = [median_seconds(work, 1) / median_seconds(against, 1) for _ in range(rounds)]
    return statistics.median(ratios)
