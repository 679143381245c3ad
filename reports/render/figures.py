"""Measured numbers in words: counts, shares of cases and medians, each with what it rests on; no judgement of its own."""

from reports.core.model import Aggregation, Goal, GoalKind, Interval, Measure, Measurement
from reports.core.view import WeekCell
from reports.render.markdown import Safe, harmless

NO_DATA = Safe("no data")
_QUANTILE_WORDS = {Aggregation.MEDIAN: Safe("median"), Aggregation.P90: Safe("90th percentile")}


def number(value: float | None) -> Safe:
    """A whole number as it is, any other with one decimal; "no data" for None."""
    return NO_DATA if value is None else Safe(f"{value:.1f}".removesuffix(".0"))


def exact(value: float) -> Safe:
    """A number as it is, to two decimals where it has them."""
    return Safe(f"{value:.2f}".rstrip("0").rstrip("."))


def amount(value: float | None, kind: Aggregation) -> Safe:
    """A number of a measure: a share with its sign."""
    return Safe(f"{number(value)} %") if kind is Aggregation.RATIO and value is not None else number(value)


def measured(found: Measurement) -> Safe:
    """A measurement in a few words: `4`, `58 % of 40`, `9 of 16` where that is too few for a share, `141.4 (25 cases)`."""
    if found.cases is None:
        return number(found.value)
    if not found.cases:
        return Safe("no cases")
    if found.kind is Aggregation.RATIO:
        share = number(found.holding) if found.value is None else amount(found.value, found.kind)
        return Safe(f"{share} of {found.cases}")
    cases = "1 case" if found.cases == 1 else f"{found.cases} cases"
    return Safe(cases) if found.value is None else Safe(f"{number(found.value)} ({cases})")


def rests_on(found: Measurement, measure: Measure) -> Safe:
    """A share or quantile with its cases and what chance makes of it: `58 % of 40 replies; chance alone gives 42–73 %`."""
    unit = harmless(measure.unit)
    if not found.cases:
        return measured(found)
    if found.value is None:
        of = f"{measured(found)} {unit}" if found.kind is Aggregation.RATIO else measured(found)
        return Safe(f"{of}, too few for a {_QUANTILE_WORDS.get(found.kind, 'share')}")
    if found.kind is Aggregation.RATIO:
        return Safe(f"{measured(found)} {unit}; {_chance(found.interval, Safe('%'))}")
    words = f"The {_QUANTILE_WORDS[found.kind]} of {found.cases} cases is {number(found.value)} {unit}"
    return Safe(f"{words}; {_chance(found.interval, unit)}")


def _chance(interval: Interval | None, unit: Safe) -> Safe:
    if interval is None:
        return Safe("too few cases to know what chance alone gives")
    return Safe(f"chance alone gives {number(interval.low)}–{number(interval.high)} {unit}")


def unit_words(measure: Measure) -> Safe:
    """What a number of a measure is in: `tickets`, `percent of replies`, `median hours`."""
    unit = harmless(measure.unit)
    if measure.kind is Aggregation.RATIO:
        return Safe(f"percent of {unit}")
    return Safe(f"{_QUANTILE_WORDS[measure.kind]} {unit}") if measure.kind in _QUANTILE_WORDS else unit


def target_words(goal: Goal, target: float, kind: Aggregation = Aggregation.COUNT) -> Safe:
    """What a goal asks for: a number to reach, `at most` a number, or both ends of a band."""
    asked = amount(target, kind)
    if goal.kind is GoalKind.AT_MOST:
        return Safe(f"at most {asked}")
    if goal.kind is GoalKind.BAND:
        return Safe(f"{number(target)}–{amount(goal.upper, kind)}")
    return asked


def brief(found: Measurement) -> Safe:
    """A measurement without its cases, where there are enough of them: `4`, `58 %`, `9 of 16`, `141.4`."""
    return measured(found) if found.value is None else amount(found.value, found.kind)


def week_figures(cell: WeekCell) -> Safe:
    """What a goal came to in a week and what was asked, in few letters: `4 / 5`, `58 % / 50–60 %`, `141.4 / ≤ 120`."""
    kind = cell.measurement.kind
    is_limit = cell.goal.kind is GoalKind.AT_MOST
    asked = f"≤ {amount(cell.target, kind)}" if is_limit else target_words(cell.goal, cell.target, kind)
    return Safe(f"{brief(cell.measurement)} / {asked}")
