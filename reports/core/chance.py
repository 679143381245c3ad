"""Whether four missed weeks are more than chance does: the total of those weeks against what working at the goal would give.

Weekly counts scatter. Somebody who takes five tickets a week in the long run takes four or fewer in 44 of 100 weeks, so
four missed weeks in a row alone say little. Their total says more, and a total so low that working at the goal would
hardly ever show it is called beyond chance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp

from reports.core.judgement import AssessedWeek, Status
from reports.core.model import GoalKind, Period

#: A total is beyond chance when somebody working at the goal shows one as low in fewer than this share of such weeks.
BEYOND = 0.0025


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What the missed weeks of a run came to for one goal, and how often working at the goal gives as little."""

    measure: str
    counted: float
    expected: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAndChance:
    """The totals of every weekly goal that was missed in each week of a run, and whether any is beyond chance."""

    totals: tuple[Total, ...]
    is_beyond: bool


def at_most(total: float, expected: float) -> float:
    """How likely a Poisson count with that mean is at most `total`; exact to rounding for means up to 700."""
    if expected <= 0:
        return 1.0
    term = mass = exp(-expected)
    for count in range(1, int(total) + 1):
        term *= expected / count
        mass += term
    return min(1.0, mass)


def largest_total_beyond(expected: float, share: float = BEYOND) -> int:
    """The largest total that is beyond chance for what was expected; -1 when not even nothing at all is."""
    total = -1
    while at_most(total + 1, expected) < share:
        total += 1
    return total


def run_and_chance(weeks: Sequence[AssessedWeek], length: int, share: float = BEYOND) -> RunAndChance:
    """The run of `length` missed weeks at the end of some judged weeks, against chance.

    Looks at each weekly goal that was missed or within noise in every week of the run. With several goals the share is
    divided by their number: who has more goals has more chances to miss one by chance.
    """
    missed = [week for week in weeks if week.status is Status.NOT_MET][-length:] if length else []
    totals = tuple(_totals(missed))
    is_beyond = any(total.probability < share / len(totals) for total in totals)
    return RunAndChance(totals=totals, is_beyond=is_beyond)


def _totals(missed: Sequence[AssessedWeek]) -> Iterable[Total]:
    for measure in _weekly_measures(missed):
        verdicts = [verdict for week in missed for verdict in week.verdicts if verdict.goal.measure == measure]
        if len(verdicts) == len(missed) and all(v.status in (Status.NOT_MET, Status.WITHIN_NOISE) for v in verdicts):
            counted = sum(v.measurement.value or 0.0 for v in verdicts)
            expected = sum(v.target for v in verdicts)
            yield Total(measure=measure, counted=counted, expected=expected, probability=at_most(counted, expected))


def _weekly_measures(missed: Sequence[AssessedWeek]) -> tuple[str, ...]:
    """Measures with a goal to reach each week: only their weeks are independent of each other."""
    goals = (verdict.goal for week in missed for verdict in week.verdicts)
    return tuple(sorted({g.measure for g in goals if g.per is Period.WEEK and g.kind is GoalKind.AT_LEAST}))
