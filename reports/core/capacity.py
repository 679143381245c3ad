"""Available days of a person in a week or a longer span, from working days, days off, on-call, reductions and onboarding.

A day is a date of the person's own calendar, and a week is seven of them: a clock change loses no hour of anybody's day.
Dates and fractions only: why somebody is away is never known here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reports.core.context import Context, OnCall, Unavailable
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
    """One calendar day of one person: what a working day went to, each in days; the rest of it was available."""

    working: float
    holiday: float
    unavailable: float
    training: float
    reduced: float
    ramp: float
    full_time: float
    correction: float = 0.0

    @property
    def computed(self) -> float:
        """What was available before anybody corrected it."""
        return self.working - self.holiday - self.unavailable - self.training - self.reduced - self.ramp

    @property
    def available(self) -> float:
        """What was available."""
        return self.computed + self.correction


def week_capacity(engineer: Engineer, week: Week, context: Context, rules: RuleSet) -> Capacity:
    """The capacity of one ISO week, and why it is not assessed where it is not."""
    return Capacities(engineer, context, rules).week(week)


def span_capacity(engineer: Engineer, days: DayRange, context: Context, rules: RuleSet) -> Capacity:
    """The capacity of a longer span: days of weeks that are not assessed (on call, onboarding) give nothing to it."""
    return Capacities(engineer, context, rules).span(days)


class Capacities:
    """The capacities of one person by one rule set; a day that many spans share is looked at once."""

    def __init__(self, engineer: Engineer, context: Context, rules: RuleSet) -> None:
        self._engineer = engineer
        self._own = context.of(engineer.username)
        self._rules = rules
        self._days: dict[date, _Day] = {}
        self._uncounted: dict[date, str] = {}

    def week(self, week: Week) -> Capacity:
        """That of one ISO week, as `week_capacity`."""
        plain = self._sum(DayRange(week.first_day, week.last_day), {})
        reason = self._uncounted_day(week.first_day)
        if not reason and plain.available_days < self._rules.minimum_available_days:
            reason = AWAY
        return replace(plain, uncounted=reason)

    def span(self, days: DayRange) -> Capacity:
        """That of a longer span, as `span_capacity`."""
        capacity = self._sum(days, {day: self._uncounted_day(day) for day in days})
        if capacity.available_days >= self._rules.minimum_available_days:
            return capacity
        before_start = days.last < self._engineer.start_date
        return replace(capacity, uncounted=BEFORE_START if before_start else _took_most(capacity))

    def _uncounted_day(self, day: date) -> str:
        """Why the week of a day is not counted; empty when it is."""
        if day not in self._uncounted:
            week = Week.containing(day)
            self._uncounted |= dict.fromkeys(week.days, _uncounted_week(self._engineer, week, self._own, self._rules))
        return self._uncounted[day]

    def _sum(self, days: DayRange, uncounted: Mapping[date, str]) -> Capacity:
        """The days of a span; those in it that are `uncounted` give nothing to it, each with the reason (empty: it does)."""
        who, own, shares = self._engineer.username, self._own, {day: self._day(day) for day in days}
        shifts = _shifts(who, own)
        lost = dict.fromkeys((ON_CALL, AFTER_ON_CALL, ONBOARDING, BEFORE_START, ""), 0.0)
        for day, share in shares.items():
            lost[uncounted.get(day, "")] += share.available
        return Capacity(
            days=days,
            working_days=sum(s.working for s in shares.values()),
            holiday_days=sum(s.holiday for s in shares.values()),
            unavailable_days=sum(s.unavailable for s in shares.values()),
            training_days=sum(s.training for s in shares.values()),
            reduced_days=sum(s.reduced for s in shares.values()),
            ramp_days=sum(s.ramp for s in shares.values()),
            corrected_days=sum(s.correction for s in shares.values()),
            on_call_week_days=lost[ON_CALL],
            after_on_call_days=lost[AFTER_ON_CALL],
            onboarding_days=lost[ONBOARDING] + lost[BEFORE_START],
            on_call_days=sum(any(day in shift.days for shift in shifts) for day in shares),
            labels=tuple(sorted({r.label for r in own.reduced if _overlap(r.days, days)})),
            rotations=tuple(sorted({s.rotation for s in shifts if _overlap(s.days, days)})),
            uncounted="",
            unknown=_unknown(who, days, own),
            full_time_days=sum(s.full_time for s in shares.values()),
        )

    def _day(self, day: date) -> _Day:
        if day not in self._days:
            week = Week.containing(day)
            self._days |= _shares(self._engineer, DayRange(week.first_day, week.last_day), self._own, self._rules)
        return self._days[day]


def _took_most(capacity: Capacity) -> str:
    """What took most of a span of which hardly anything is left."""
    takers = {
        ON_CALL: capacity.on_call_week_days,
        AFTER_ON_CALL: capacity.after_on_call_days,
        ONBOARDING: capacity.onboarding_days,
    }
    most = max(takers, key=lambda reason: takers[reason])
    left_at_all = capacity.working_days - capacity.not_assessed_days
    return most if takers[most] > left_at_all - capacity.available_days else AWAY


def said_days(engineer: Engineer, week: Week, context: Context) -> float | None:
    """The engineer's own word on the days of a week, at most those of a full week; None when they said nothing."""
    said = [row.available_days for row in context.corrections if (row.who, row.week) == (engineer.username, week)]
    weekdays = [day.weekday() in _weekdays(engineer.username, day, context) for day in week.days]
    return min(said[-1], float(max(len(FULL_TIME), sum(weekdays)))) if said else None


def is_on_call(engineer: str, day: date, context: Context) -> bool:
    """Whether the person is on call on that day, in any rotation."""
    return any(day in shift.days for shift in _shifts(engineer, context))


def days_off(engineer: Engineer, days: DayRange, context: Context, rules: RuleSet) -> float:
    """How many of the person's working days they were away, on leave or for a public holiday."""
    own = context.of(engineer.username)
    shares = [_day(engineer, day, own, rules) for day in days]
    return sum(share.unavailable + share.holiday for share in shares)


def _uncounted_week(engineer: Engineer, week: Week, context: Context, rules: RuleSet) -> str:
    if week.last_day < engineer.start_date:
        return BEFORE_START
    if week.first_day < engineer.start_date + timedelta(weeks=rules.onboarding_weeks):
        return ONBOARDING
    if any(is_on_call(engineer.username, day, context) for day in week.days):
        return ON_CALL
    if not rules.assess_week_after_on_call and any(is_on_call(engineer.username, d, context) for d in week.plus(-1).days):
        return AFTER_ON_CALL
    return ""


def _shares(engineer: Engineer, days: DayRange, context: Context, rules: RuleSet) -> Mapping[date, _Day]:
    """Every day of a span; a week that the engineer corrected has what they said, spread over its days."""
    corrected = {row.week: said_days(engineer, row.week, context) for row in context.corrections}
    shares = {}
    for day in days:
        week = Week.containing(day)
        share = _day(engineer, day, context, rules)
        said = corrected.get(week)
        if said is not None:
            share = replace(share, correction=_correction(engineer, week, day, said, context, rules))
        shares[day] = share
    return shares


def _correction(engineer: Engineer, week: Week, day: date, said: float, context: Context, rules: RuleSet) -> float:
    """By how much a day of a corrected week differs from what was computed: in proportion to it, else to working days."""
    computed = {d: _day(engineer, d, context, rules) for d in week.days}
    weights = {d: share.computed for d, share in computed.items()}
    if not sum(weights.values()):
        weights = {d: share.working or share.full_time for d, share in computed.items()}
    return said * weights[day] / sum(weights.values()) - computed[day].computed


def _day(engineer: Engineer, day: date, context: Context, rules: RuleSet) -> _Day:
    """What a working day went to: public holidays first, then leave, training, reductions, and the ramp of who is new."""
    working = float(day.weekday() in _weekdays(engineer.username, day, context) and day >= engineer.start_date)
    holiday = working * _taken(context.holidays, engineer.username, day)
    away = min(working - holiday, working * _taken(context.unavailable, engineer.username, day))
    training = min(working - holiday - away, working * _taken(context.training, engineer.username, day))
    factor = min((r.factor for r in context.reduced if r.who == engineer.username and day in r.days), default=1.0)
    left = working - holiday - away - training
    return _Day(
        working=working,
        holiday=holiday,
        unavailable=away,
        training=training,
        reduced=left * (1 - factor),
        ramp=left * factor * (1 - _ramp(engineer, day, rules)),
        full_time=float(day.weekday() in FULL_TIME),
    )


def _taken(rows: Iterable[Unavailable], who: str, day: date) -> float:
    return min(1.0, sum(row.fraction for row in rows if row.who == who and day in row.days))


def _ramp(engineer: Engineer, day: date, rules: RuleSet) -> float:
    """What somebody new can be asked for, as a share: that of the first step whose months have not passed yet."""
    months = 12 * (day.year - engineer.start_date.year) + day.month - engineer.start_date.month
    whole = months - (day.day < engineer.start_date.day)
    return next((step.share for step in rules.onboarding_ramp if whole < step.until_month), 1.0)


def _unknown(who: str, days: DayRange, context: Context) -> str:
    return next((row.reason for row in context.unknown if row.who == who and _overlap(row.days, days)), "")


def _weekdays(who: str, day: date, context: Context) -> frozenset[int]:
    in_force = [w for w in context.working_days if w.who == who and w.valid_from <= day]
    return max(in_force, key=lambda w: w.valid_from).weekdays if in_force else FULL_TIME


def _shifts(who: str, context: Context) -> tuple[OnCall, ...]:
    return tuple(shift for shift in context.on_call if shift.who == who)


def _overlap(one: DayRange, other: DayRange) -> bool:
    return one.first <= other.last and other.first <= one.last
