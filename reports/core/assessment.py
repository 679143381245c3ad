"""What one goal and one whole week come to: measurement × goal × capacity under the rules of that week; pure arithmetic."""

from collections.abc import Iterable
from math import inf

from reports.core.goals import is_still_open
from reports.core.judgement import Capacity, Status, Verdict
from reports.core.model import Aggregation, Goal, GoalKind, Interval, Measurement, RuleSet
from reports.core.rounding import tenth
from reports.core.weeks import Week

DRAFT = "draft, not agreed by both sides"
ZERO_GOAL = "zero-goal period"
INFORMATIONAL = "for information only"
OUTSIDE_THE_BAND = "outside the band, which is a question and not a miss"


def rules_in_force(rule_sets: Iterable[RuleSet], week: Week) -> RuleSet:
    """The latest rule set that was in force on the Monday of a week; the first one before that."""
    ordered = sorted(rule_sets, key=lambda rules: rules.effective_from)
    begun = [rules for rules in ordered if rules.effective_from <= week.first_day]
    return begun[-1] if begun else ordered[0]


def scaled_target(goal: Goal, capacity: Capacity, kind: Aggregation = Aggregation.COUNT) -> float:
    """The target for the days available, to one decimal: the number that is shown is the number that is compared.

    Only what is to be reached shrinks with the days: a limit or a band is the same for everybody, else leave would tighten it.
    Nor does a share or a median shrink, which `kind` says: fewer days give fewer cases, not worse ones.
    """
    if goal.kind is not GoalKind.AT_LEAST or not kind.adds_up:
        return goal.target
    if capacity.full_time_days <= 0:
        return 0.0
    share = min(1.0, max(0.0, capacity.available_days) / capacity.full_time_days)
    return tenth(goal.target * share)


def below(value: float, target: float, noise_units: float) -> Status:
    """MET at or above the target, WITHIN_NOISE less than the noise below it, else NOT_MET."""
    shortfall = round(target - value, 6)
    if shortfall <= 0:
        return Status.MET
    return Status.WITHIN_NOISE if shortfall < noise_units else Status.NOT_MET


def held_against(goal: Goal, value: float, target: float, noise_units: float) -> Status:
    """What a value means for a goal of any kind: at least, at most, or between both ends of a band."""
    if goal.kind is GoalKind.AT_MOST:
        return below(target, value, noise_units)
    if goal.kind is GoalKind.BAND and goal.upper is not None and value > goal.upper:
        return below(goal.upper, value, noise_units)
    return below(value, target, noise_units)


def held_against_chance(goal: Goal, value: float, target: float, interval: Interval | None) -> Status:
    """What a share or a quantile means: NOT_MET only when all that chance could make of it lies on the wrong side.

    Without an interval nobody knows what chance makes of it, so it is never NOT_MET.
    """
    lowest, highest = _allowed(goal, target)
    if lowest <= value <= highest:
        return Status.MET
    is_beyond = interval is not None and (interval.high < lowest or interval.low > highest)
    return Status.NOT_MET if is_beyond else Status.WITHIN_NOISE


def _allowed(goal: Goal, target: float) -> tuple[float, float]:
    """From where to where a goal is met, both included."""
    if goal.kind is GoalKind.AT_MOST:
        return -inf, target
    return target, goal.upper if goal.kind is GoalKind.BAND and goal.upper is not None else inf


def verdict(goal: Goal, week: Week, capacity: Capacity, measurement: Measurement, rules: RuleSet) -> Verdict:
    """The verdict on one goal in one week; `capacity` and `measurement` are those of the goal's own span."""
    target = scaled_target(goal, capacity, measurement.kind)
    status, reason = _status(goal, week, capacity, measurement, target, rules)
    return Verdict(goal=goal, capacity=capacity, status=status, measurement=measurement, target=target, reason=reason)


def _status(
    goal: Goal, week: Week, capacity: Capacity, measurement: Measurement, target: float, rules: RuleSet
) -> tuple[Status, str]:
    reason = _not_assessed(goal, week, capacity)
    if reason:
        return Status.NOT_ASSESSED, reason
    unknown = _unknown(goal, capacity, measurement, target)
    if unknown:
        return Status.NO_DATA, unknown
    if measurement.value is None:
        return Status.NOT_ASSESSED, f"only {measurement.cases} of the {rules.minimum_cases_for_rate} cases that it takes"
    if measurement.kind.adds_up:
        status = held_against(goal, measurement.value, target, rules.noise_units)
    else:
        status = held_against_chance(goal, measurement.value, target, measurement.interval)
    if goal.kind is GoalKind.BAND and status is Status.NOT_MET:
        return Status.NOT_ASSESSED, OUTSIDE_THE_BAND
    return status, ""


def _unknown(goal: Goal, capacity: Capacity, measurement: Measurement, target: float) -> str:
    """What is not known and would have to be for a verdict; empty when enough is."""
    if capacity.unknown:
        return capacity.unknown
    if measurement.is_missing:
        return measurement.missing
    return "" if _is_reached_anyway(goal, measurement, target) else measurement.hidden


def _is_reached_anyway(goal: Goal, measurement: Measurement, target: float) -> bool:
    """Whether what was seen is enough, however much more there may be; a share of what was seen tells nothing."""
    is_enough = measurement.value is not None and measurement.value >= target
    return is_enough and measurement.kind.adds_up and goal.kind is GoalKind.AT_LEAST


def _not_assessed(goal: Goal, week: Week, capacity: Capacity) -> str:
    if goal.is_draft:
        return DRAFT
    if goal.kind is GoalKind.INFORMATIONAL:
        return INFORMATIONAL
    if goal.target == 0 and goal.kind is GoalKind.AT_LEAST:
        return ZERO_GOAL
    if capacity.uncounted:
        return capacity.uncounted
    if is_still_open(goal.per, week):
        return f"counted when the {goal.per} ends"
    return ""


def week_status(capacity: Capacity, verdicts: Iterable[Verdict]) -> Status:
    """The status of a whole week: missed when any agreed goal was, unknown when nothing was missed but data is."""
    if capacity.uncounted:
        return Status.NOT_ASSESSED
    statuses = {v.status for v in verdicts}
    for status in (Status.NOT_MET, Status.NO_DATA, Status.WITHIN_NOISE, Status.MET):
        if status in statuses:
            return status
    return Status.NOT_ASSESSED
