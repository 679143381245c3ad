"""Whether four missed weeks are more than chance does: the total of those weeks against what working at the goal would give.

Weekly counts scatter. Somebody who takes five tickets a week in the long run takes four or fewer in 44 of 100 weeks, so
four missed weeks in a row alone say little. Their total says more, and a total so low that working at the goal would
hardly ever show it is called beyond chance. A share or a median that is missed has all of its interval on the wrong side,
which chance alone does in one of twenty weeks at most; in each week of a run it hardly ever does. Of goals over longer
windows, which share days, nothing is calculated, and a run that hangs on them is said to be neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp

from reports.core.judgement import AssessedWeek, Status
from reports.core.model import GoalKind, Period

#: A total is beyond chance when somebody working at the goal shows one as low in fewer than this share of such weeks.
BEYOND = 0.0025

#: How often at most chance alone makes a week miss a share or a median. Wilson's interval leaves 2.5 % on each side on average;
#: for shares near 90 % and twenty cases it is 4.3 %, as the tests calculate.
MISSED_BY_CHANCE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What the missed weeks of a run came to for one goal, and how often working at the goal gives as little.

    Of a share or a median, `counted` are the weeks that did not miss it, of so many `expected` not to.
    """

    measure: str
    counted: float
    expected: float
    probability: float


class ByChance(StrEnum):
    """How a run of missed weeks compares with what chance does to somebody who works at the goal."""

    BEYOND = "beyond"
    WITHIN = "within"
    NOT_CALCULATED = "not_calculated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAndChance:
    """The totals of every weekly goal that was missed in each week of a run, and what they say about it."""

    totals: tuple[Total, ...]
    found: ByChance

    @property
    def is_beyond(self) -> bool:
        """Whether chance alone is known to make such a run hardly ever."""
        return self.found is ByChance.BEYOND


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

    Looks at each weekly goal that was missed or within noise in every week of the run; of shares and medians, only at those
    that were missed in each. With several goals the share is divided by their number: who has more goals has more chances to
    miss one by chance. A run is within chance only when those goals alone explain every missed week of it.
    """
    missed = [week for week in weeks if week.status is Status.NOT_MET][-length:] if length else []
    totals = tuple(_totals(missed))
    if any(total.probability < share / len(totals) for total in totals):
        return RunAndChance(totals=totals, found=ByChance.BEYOND)
    known = frozenset(total.measure for total in totals)
    is_explained = bool(missed) and all(_misses_one_of(week, known) for week in missed)
    return RunAndChance(totals=totals, found=ByChance.WITHIN if is_explained else ByChance.NOT_CALCULATED)


def _misses_one_of(week: AssessedWeek, measures: frozenset[str]) -> bool:
    return any(v.status is Status.NOT_MET and v.goal.measure in measures for v in week.verdicts)


def _totals(missed: Sequence[AssessedWeek]) -> Iterable[Total]:
    for measure in _weekly_measures(missed):
        verdicts = [verdict for week in missed for verdict in week.verdicts if verdict.goal.measure == measure]
        if len(verdicts) < len(missed):
            continue
        if all(v.measurement.kind.adds_up and v.status in (Status.NOT_MET, Status.WITHIN_NOISE) for v in verdicts):
            yield _total(measure, [_kinder_figures(week, measure) for week in missed])
        elif all(not v.measurement.kind.adds_up and v.status is Status.NOT_MET for v in verdicts):
            yield _missed_each_week(measure, len(verdicts))


def _total(measure: str, figures: Sequence[tuple[float, float]]) -> Total:
    counted, expected = (sum(column) for column in zip(*figures, strict=True))
    return Total(measure=measure, counted=counted, expected=expected, probability=at_most(counted, expected))


def _kinder_figures(week: AssessedWeek, measure: str) -> tuple[float, float]:
    """Counted and target of a week: as published, or as they are known today where that speaks more for the person."""
    published = [(v.measurement.value or 0.0, v.target) for v in week.verdicts if v.goal.measure == measure]
    today = [(r.now.value or 0.0, r.target_now) for r in week.restated if r.measure == measure]
    return max(published + today, key=lambda figures: figures[0] - figures[1])


def _missed_each_week(measure: str, weeks: int) -> Total:
    return Total(measure=measure, counted=0, expected=weeks, probability=MISSED_BY_CHANCE**weeks)


def _weekly_measures(missed: Sequence[AssessedWeek]) -> tuple[str, ...]:
    """Measures with a weekly goal whose chance is known: counts to reach, shares and medians of any kind of goal.

    Only whole weeks are independent of each other.
    """
    weekly = (v for week in missed for v in week.verdicts if v.goal.per is Period.WEEK)
    known = (v for v in weekly if v.goal.kind is GoalKind.AT_LEAST or not v.measurement.kind.adds_up)
    return tuple(sorted({v.goal.measure for v in known}))
