"""What of a view a template shows, and in what order: choosing and grouping only."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from reports.core.judgement import Status
from reports.core.view import Contribution, CountView, EngineerWeeklyView, GoalView
from reports.core.weeks import Week
from reports.render import charts
from reports.render.markdown import Safe, summary


def agreed(goals: Iterable[GoalView]) -> tuple[GoalView, ...]:
    """The goals that both sides agreed."""
    return tuple(goal for goal in goals if not goal.goal.is_draft)


def drafts(goals: Iterable[GoalView]) -> tuple[GoalView, ...]:
    """The goals that wait for an agreement."""
    return tuple(goal for goal in goals if goal.goal.is_draft)


def having(items: Iterable[Any], status: str) -> tuple[Any, ...]:
    """The goals or lines with that status."""
    return tuple(item for item in items if item.status == Status(status))


def disputed(goals: Iterable[GoalView]) -> tuple[GoalView, ...]:
    """The goals whose number is called wrong and waits for the manager's word."""
    return tuple(goal for goal in goals if goal.is_disputed)


def eventful(items: Iterable[Any]) -> tuple[Any, ...]:
    """The numbers that have something to show: events, cases, or a reason why there are none."""
    return tuple(item for item in items if _is_eventful(item))


def _is_eventful(item: GoalView | CountView) -> bool:
    found = item.measurement
    return bool(item.evidence or found.value or found.cases) or found.is_missing


def quiet(view: EngineerWeeklyView) -> tuple[Any, ...]:
    """The numbers of which nothing happened."""
    everything: tuple[GoalView | CountView, ...] = (*view.goals, *view.counts)
    return tuple(item for item in everything if not _is_eventful(item))


def by_family(counts: Iterable[Any]) -> tuple[tuple[Safe, tuple[Any, ...]], ...]:
    """Numbers without a goal, those of one family together under its name; they come ordered by family."""
    families = groupby(counts, key=lambda count: count.measure.family)
    return tuple((summary(name.replace("_", " ").capitalize() or "Others"), tuple(group)) for name, group in families)


def not_ready(members: Iterable[Any]) -> tuple[Any, ...]:
    """The people whose report lacks data."""
    return tuple(member for member in members if not member.ready)


def by_day(contributions: Iterable[Contribution]) -> tuple[tuple[date, tuple[Contribution, ...]], ...]:
    """The contributions of each day, in the order they come in."""
    return tuple((on, tuple(group)) for on, group in groupby(contributions, key=lambda c: c.merged_on))


def has_line(goal: GoalView) -> bool:
    """Whether the goal's chart has a line for the target."""
    return bool(charts.goal_chart(goal).targets)


def left_out(goal: GoalView) -> tuple[Week, ...]:
    """The weeks that the goal's chart in an issue has to leave out."""
    shown = charts.drawable_weeks(charts.goal_chart(goal))
    return tuple(week for at, week in enumerate(goal.trend.weeks) if at not in shown)


def week_before(values: charts.Values) -> float | None:
    """The last value but one; None when there is none."""
    return values[-2] if len(values) > 1 else None


SELECTIONS = (
    agreed,
    drafts,
    having,
    disputed,
    eventful,
    quiet,
    by_family,
    not_ready,
    by_day,
    has_line,
    left_out,
    week_before,
)
