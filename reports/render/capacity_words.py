"""The days of a week or a longer span in words: how they came about, in one sum, and what clouded them; it judges nothing."""

from collections.abc import Iterable

from reports.core.capacity import AWAY, ON_CALL
from reports.core.judgement import Capacity
from reports.core.model import Period
from reports.core.view import GoalView, WeekRow
from reports.render.figures import exact, target_words
from reports.render.markdown import Safe, harmless


def counted_exactly(value: float, one: str, many: str) -> Safe:
    """A number with its noun, to two decimals where it has them: `1 day`, `0.25 days`."""
    shown = exact(value)
    return Safe(f"{shown} {harmless(one if shown == '1' else many)}")


def days(value: float) -> Safe:
    """A number of days: `1 day`, `4.5 days`, `0.25 days`."""
    return counted_exactly(value, "day", "days")


def available(capacity: Capacity) -> Safe:
    """Available of working days on one line: `1.75 of 4`."""
    space = "\N{NO-BREAK SPACE}"
    return Safe(f"{exact(capacity.available_days)}{space}of{space}{exact(capacity.working_days)}")


def days_sum(capacity: Capacity) -> Safe:
    """How the available days came about, in one sum; without one where nothing was taken from the working days."""
    taken = (
        (capacity.holiday_days, counted_exactly(capacity.holiday_days, "public holiday", "public holidays")),
        (capacity.unavailable_days, f"{days(capacity.unavailable_days)} away"),
        (capacity.training_days, f"{days(capacity.training_days)} in training"),
        (capacity.reduced_days, f"{days(capacity.reduced_days)} not counted{_in_brackets(capacity.labels)}"),
        (capacity.on_call_week_days, f"{exact(capacity.on_call_week_days)} in a week on call{_rotations(capacity)}"),
        (capacity.after_on_call_days, f"{exact(capacity.after_on_call_days)} in the week after"),
        (capacity.onboarding_days, f"{exact(capacity.onboarding_days)} in onboarding"),
        (capacity.ramp_days, f"{days(capacity.ramp_days)} less while new"),
    )
    terms = "".join(f" − {text}" for holds, text in taken if holds)
    if capacity.corrected_days:
        sign = "+" if capacity.corrected_days > 0 else "−"
        terms += f" {sign} {days(abs(capacity.corrected_days))} in your own words"
    of_all = "" if capacity.working_days == capacity.full_time_days else f", of {exact(capacity.full_time_days)} for full time"
    if not terms:
        return Safe(f"{exact(capacity.available_days)} of {days(capacity.working_days)} available{of_all}")
    working = counted_exactly(capacity.working_days, "working day", "working days")
    return Safe(f"{working}{terms} = {exact(capacity.available_days)} available{of_all}")


def _in_brackets(names: Iterable[str]) -> str:
    shown = ", ".join(harmless(name) for name in names)
    return f" ({shown})" if shown else ""


def _rotations(capacity: Capacity) -> str:
    return _in_brackets(f"rotation {name}" for name in capacity.rotations)


def on_call(capacity: Capacity) -> Safe:
    """On how many days of a week somebody was on call, and in which rotation; empty when on none."""
    if not capacity.on_call_days:
        return Safe()
    return Safe(f"on call on {days(capacity.on_call_days)}{_rotations(capacity)}")


def uncounted(capacity: Capacity) -> Safe:
    """Why a week is not assessed, where that is not said by its days on call already; empty when it is assessed."""
    return Safe() if capacity.uncounted == ON_CALL and capacity.on_call_days else harmless(capacity.uncounted)


def scaling(goal: GoalView) -> Safe:
    """What the days make of a target, in one line; the sum of a week's own days stands above all its goals."""
    if goal.goal.per is not Period.WEEK:
        return Safe(f"{days_sum(goal.capacity)}{f': {_target(goal)}' if goal.asks else ''}")
    return Safe(_target(goal).capitalize()) if goal.asks else Safe()


def _target(goal: GoalView) -> str:
    asked, scaled = target_words(goal.goal, goal.goal.target), target_words(goal.goal, goal.target)
    if asked == scaled:
        return f"target stays {asked}"
    share = f" for {exact(goal.capacity.available_days)} of {days(goal.capacity.full_time_days)}"
    return f"target {asked} becomes {scaled}{share if goal.goal.per is Period.WEEK else ''}"


def clouds(row: WeekRow) -> Safe:
    """What clouded a week, for the table of weeks; a dash when nothing is known to have."""
    return Safe(", ".join(text for text in _clouds(row) if text) or "–")


def _clouds(row: WeekRow) -> Iterable[str]:
    capacity = row.capacity_now or row.capacity
    taken = capacity.holiday_days + capacity.unavailable_days + capacity.training_days + capacity.reduced_days
    if not (capacity.uncounted == AWAY and taken):
        yield uncounted(capacity)
    if row.capacity.uncounted != capacity.uncounted:
        yield uncounted(row.capacity)
    yield on_call(capacity)
    if capacity.holiday_days:
        yield counted_exactly(capacity.holiday_days, "public holiday", "public holidays")
    if capacity.unavailable_days:
        yield f"{days(capacity.unavailable_days)} away"
    if capacity.training_days:
        yield f"{days(capacity.training_days)} in training"
    if capacity.reduced_days:
        yield f"{days(capacity.reduced_days)} not counted{_in_brackets(capacity.labels)}"
    if row.said_days is not None:
        yield f"you said {days(row.said_days)}"
    elif capacity.corrected_days:
        yield f"you said {days(capacity.available_days)}"
    if row.disputed:
        yield f"disputed: {', '.join(harmless(measure.title) for measure in row.disputed)}"
