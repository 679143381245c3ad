"""Available days of a person in a week or a longer span, from working days, leave, on-call, reductions and onboarding.

Dates and fractions only: why somebody is away is never known here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reports.core.context import Context, OnCall
from reports.core.judgement import Capacity
from reports.core.model import RuleSet
from reports.core.people import Engineer
from reports.core.weeks import DayRange, Week

FULL_TIME = frozenset(range(5))

BEFORE_START = "before the start date"
ONBOARDING = "onboarding"
ON_CALL = "on call"
AFTER_ON_CALL = "week after on-call"
AWAY = "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """One calendar day of one person: shares of a working day, each in [0, 1]."""

    working: float
    unavailable: float
    reduced: float
    full_time: float


def week_capacity(engineer: Engineer, week: Week, context: Context, rules: RuleSet) -> Capacity:
    """The capacity of one ISO week, and why it is not assessed where it is not."""
    days = DayRange(week.first_day, week.last_day)
    own = context.of(engineer.username)
    plain = _sum(engineer, days, days, own)
    reason = _uncounted_week(engineer, week, own, rules)
    if not reason and plain.available_days < rules.minimum_available_days:
        reason = AWAY
    return replace(plain, uncounted=reason)


def span_capacity(engineer: Engineer, days: DayRange, context: Context, rules: RuleSet) -> Capacity:
    """The capacity of a longer span: days of weeks that are not assessed (on call, onboarding) give nothing to it."""
    own = context.of(engineer.username)
    weeks = {Week.containing(day) for day in days}
    uncounted = {week for week in weeks if _uncounted_week(engineer, week, own, rules)}
    counted = [day for day in days if Week.containing(day) not in uncounted]
    capacity = _sum(engineer, days, counted, own)
    reason = AWAY if capacity.available_days < rules.minimum_available_days else ""
    return replace(capacity, uncounted=reason)


def is_on_call(engineer: str, day: date, context: Context) -> bool:
    """Whether the person is on call on that day, in any rotation."""
    return any(day in shift.days for shift in _shifts(engineer, context))


def days_off(engineer: Engineer, days: DayRange, context: Context) -> float:
    """How many of the person's working days they were away."""
    return sum(_day(engineer, day, context).unavailable for day in days)


def _uncounted_week(engineer: Engineer, week: Week, context: Context, rules: RuleSet) -> str:
    if week.last_day < engineer.start_date:
        return BEFORE_START
    if week.first_day < engineer.start_date + timedelta(weeks=rules.onboarding_weeks):
        return ONBOARDING
    if any(is_on_call(engineer.username, day, context) for day in week.days):
        return ON_CALL
    if any(is_on_call(engineer.username, day, context) for day in week.plus(-1).days):
        return AFTER_ON_CALL
    return ""


def _sum(engineer: Engineer, days: DayRange, counted: Iterable[date], context: Context) -> Capacity:
    counted = frozenset(counted)
    shares = {day: _day(engineer, day, context) for day in days}
    uncounted = sum(s.working - s.unavailable - s.reduced for day, s in shares.items() if day not in counted)
    return Capacity(
        days=days,
        working_days=sum(s.working for s in shares.values()),
        unavailable_days=sum(s.unavailable for s in shares.values()),
        reduced_days=sum(s.reduced for s in shares.values()) + uncounted,
        on_call_days=sum(is_on_call(engineer.username, day, context) for day in days),
        labels=_labels(engineer.username, days, context),
        uncounted="",
        full_time_days=sum(s.full_time for s in shares.values()),
    )


def _day(engineer: Engineer, day: date, context: Context) -> _Day:
    full_time = float(day.weekday() in FULL_TIME)
    working = float(day.weekday() in _weekdays(engineer.username, day, context) and day >= engineer.start_date)
    away = min(1.0, sum(u.fraction for u in context.unavailable if u.who == engineer.username and day in u.days))
    factor = min((r.factor for r in context.reduced if r.who == engineer.username and day in r.days), default=1.0)
    return _Day(
        working=working,
        unavailable=working * away,
        reduced=working * (1 - away) * (1 - factor),
        full_time=full_time,
    )


def _weekdays(who: str, day: date, context: Context) -> frozenset[int]:
    in_force = [w for w in context.working_days if w.who == who and w.valid_from <= day]
    return max(in_force, key=lambda w: w.valid_from).weekdays if in_force else FULL_TIME


def _shifts(who: str, context: Context) -> tuple[OnCall, ...]:
    return tuple(shift for shift in context.on_call if shift.who == who)


def _labels(who: str, days: DayRange, context: Context) -> tuple[str, ...]:
    rotations = {shift.rotation for shift in _shifts(who, context) if _overlap(shift.days, days)}
    reductions = {r.label for r in context.reduced if r.who == who and _overlap(r.days, days)}
    return tuple(sorted(rotations)) + tuple(sorted(reductions))


def _overlap(one: DayRange, other: DayRange) -> bool:
    return one.first <= other.last and other.first <= one.last
