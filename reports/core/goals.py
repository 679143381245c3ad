"""Which goals hold for whom in which week: defaults, what the person agreed in their place, and whether both sides agreed."""

from datetime import date, timedelta

from reports.core.model import DefaultGoals, Goal, GoalAgreement, GoalBook, GoalTerms, Period
from reports.core.people import Engineer
from reports.core.weeks import DayRange, Week, month_of, quarter_of

ROLLING_DAYS = 30

#: Periods of the calendar, which end in some weeks only.
_CALENDAR = {Period.MONTH: month_of, Period.QUARTER: quarter_of}


def goals_in_force(book: GoalBook, engineer: Engineer, week: Week) -> tuple[Goal, ...]:
    """The goals of a person in a week, by measure; those not agreed by both sides are drafts.

    A set of goals, or a role, that starts in the middle of a week holds from the next Monday. The other side is whoever
    is the person's manager by then or was before: a manager change turns nothing that was agreed into a draft.
    """
    role = engineer.as_of(week.first_day)
    managers = frozenset(name for _, name in engineer.managers(week.first_day))
    agreement = agreement_in_force(book, engineer.username, week.first_day)
    terms = {goal.measure: goal for row in book.defaults if _matches(row, role) for goal in row.goals}
    if agreement is not None:
        terms |= {goal.measure: goal for goal in agreement.goals}
    return tuple(_goal(terms[measure], agreement, engineer.username, managers) for measure in sorted(terms))


def agreement_in_force(book: GoalBook, who: str, day: date) -> GoalAgreement | None:
    """The latest set of goals of a person that has begun and has not ended on a day."""
    begun = [a for a in book.agreements if a.who == who and a.valid_from <= day]
    latest = max(begun, key=lambda a: a.valid_from, default=None)
    if latest is None or (latest.valid_to is not None and latest.valid_to < day):
        return None
    return latest


def span_of(goal: Goal, week: Week) -> DayRange:
    """The days over which a goal counts when the given week is judged."""
    if goal.per is Period.WEEK:
        return DayRange(week.first_day, week.last_day)
    if goal.per is Period.ROLLING_30_DAYS:
        return DayRange(week.last_day - timedelta(days=ROLLING_DAYS - 1), week.last_day)
    return closing_period(goal.per, week) or DayRange(_CALENDAR[goal.per](week.last_day).first, week.last_day)


def closing_period(per: Period, week: Week) -> DayRange | None:
    """The calendar month or quarter that ends in this week, if one does; None for periods that end with every week."""
    if per not in _CALENDAR:
        return None
    period = _CALENDAR[per](week.first_day)
    return period if period.last <= week.last_day else None


def is_still_open(per: Period, week: Week) -> bool:
    """Whether a goal of that period is not due in this week yet."""
    return per in _CALENDAR and closing_period(per, week) is None


def _matches(row: DefaultGoals, role: Engineer) -> bool:
    return row.level in (None, role.level) and row.focus in (None, role.main_focus) and row.region in (None, role.region)


def _goal(terms: GoalTerms, agreement: GoalAgreement | None, who: str, managers: frozenset[str]) -> Goal:
    agreed_by = agreement.agreed_by if agreement else ()
    is_agreed = who in agreed_by and not managers.isdisjoint(agreed_by)
    return Goal(
        measure=terms.measure,
        target=terms.target,
        per=terms.per,
        kind=terms.kind,
        upper=terms.upper,
        agreed_by=agreed_by,
        agreed_on=agreement.valid_from if agreement else None,
        is_draft=not is_agreed,
    )
