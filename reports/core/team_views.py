"""A manager's team into the view of the team issue: sums, to-dos and days; whoever else reads it learns nobody's status."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from reports.core.capacity import is_on_call
from reports.core.goals import agreement_in_force
from reports.core.group_numbers import MINIMUM_TEAM
from reports.core.model import Aggregation, Measure, Measurement, RuleSet
from reports.core.people import Engineer, Manager
from reports.core.rates import if_enough, ratio
from reports.core.report_views import TABLE_WEEKS, Desk, asks_for_follow_up, disputed, had_no_day_off, report_head, shown_measures
from reports.core.view import Link, TeamMemberRow, TeamNumber, TeamWeeklyView
from reports.core.weeks import DayRange, Week

ENDS_SOON = timedelta(days=14)


def team_weekly(desk: Desk, manager: Manager, report_urls: dict[str, str]) -> TeamWeeklyView:
    """The manager's team issue; `report_urls` lead to each engineer's weekly issues. Holds nobody's status."""
    people = desk.plan.team.reports_of(manager.username, desk.results.week.report_day)
    reached = [own for own in (desk.of(e.username) for e in people) if own.chance is not None]
    asked = [own for own in reached if asks_for_follow_up(desk, own)]
    is_small = len(people) < MINIMUM_TEAM
    numbers = sorted(_team_numbers(desk, manager), key=lambda number: (number.measure.family, number.measure.title))
    asked_for = _asked_for(desk, people)
    page = TeamWeeklyView(
        head=report_head(desk),
        manager=manager.name,
        members=tuple(_member(desk, e, report_urls[e.username]) for e in people),
        runs_reached=len(asked),
        runs_within_chance=len(reached) - len(asked),
        goals_to_agree=tuple(Link(text=e.name, url=report_urls[e.username]) for e in people if _needs_agreement(desk, e)),
        nobody_off_for_a_month=sum(had_no_day_off(desk, e) for e in people),
        disputed_numbers=sum(len(disputed(w)) for e in people for w in desk.of(e.username).weeks[-TABLE_WEEKS:]),
        follow_ups_url=_follow_ups_url(desk, manager),
        on_call_ended=sum(is_on_call(e.username, desk.results.week.last_day, desk.plan.context) for e in people),
        numbers=tuple(sorted((n for n in numbers if n.measure.name in asked_for), key=lambda n: n.measure.title)),
        others=tuple(number for number in numbers if number.measure.name not in asked_for),
        weeks=desk.results.weeks,
        is_small=is_small,
    )
    return _without_counts(page) if is_small else page


def _without_counts(page: TeamWeeklyView) -> TeamWeeklyView:
    """The page of a team so small that a count or a sum would say whose it is."""
    return replace(
        page,
        runs_reached=0,
        runs_within_chance=0,
        nobody_off_for_a_month=0,
        disputed_numbers=0,
        on_call_ended=0,
        numbers=(),
        others=(),
    )


def _follow_ups_url(desk: Desk, manager: Manager) -> str:
    """The project that holds this manager's follow-ups and nobody else's; empty where there is none such."""
    place = desk.follow_ups.project if desk.follow_ups else ""
    if "{manager_username}" not in place or "{username}" in place:
        return ""
    return f"{desk.places.gitlab_url}/{place.format_map({'manager_username': manager.username})}/-/issues"


def _member(desk: Desk, engineer: Engineer, url: str) -> TeamMemberRow:
    own = desk.of(engineer.username)
    shut = {measure.name for measure in desk.shut_measures(engineer)}
    missing = sorted(
        measure.title for measure in shown_measures(desk) if own.history[measure.name][-1].is_missing and measure.name not in shut
    )
    capacity = own.weeks[-1].capacity
    return TeamMemberRow(
        name=engineer.name,
        report=Link(text=engineer.name, url=url),
        ready=not missing,
        missing=tuple(missing),
        available_days=capacity.available_days,
        working_days=capacity.working_days,
    )


def _needs_agreement(desk: Desk, engineer: Engineer) -> bool:
    """Whether goals are drafts, or will be within two weeks because the agreement ends and none follows it."""
    soon = desk.results.week.last_day + ENDS_SOON
    ends = agreement_in_force(desk.plan.goals, engineer.username, soon) is None
    return ends or any(v.goal.is_draft for v in desk.of(engineer.username).weeks[-1].verdicts)


def _asked_for(desk: Desk, people: Sequence[Engineer]) -> frozenset[str]:
    """What somebody here has a goal for, and what the baseline is made of."""
    goals = {verdict.goal.measure for engineer in people for verdict in desk.of(engineer.username).weeks[-1].verdicts}
    return frozenset(goals | set(desk.results.rules.baseline_measures))


def _team_numbers(desk: Desk, manager: Manager) -> tuple[TeamNumber, ...]:
    """Sums over those who were in the team in each week: nobody brings the weeks of another team along."""
    teams = [desk.plan.team.reports_of(manager.username, week.report_day) for week in desk.results.weeks]
    results = {own.username: own for own in desk.results.engineers}
    numbers = []
    pooled = (m for m in shown_measures(desk) if m.kind.adds_up or m.kind is Aggregation.RATIO)
    for measure in sorted(pooled, key=lambda m: m.title):
        weekly = (
            [results[e.username].history[measure.name][n] for e in people if not _is_shut(desk, e, week, measure)]
            for n, (week, people) in enumerate(zip(desk.results.weeks, teams, strict=True))
        )
        sums = tuple(_together(week, desk.results.rules) for week in weekly)
        numbers.append(TeamNumber(measure=measure, value=sums[-1], trend=sums))
    return tuple(numbers)


def _is_shut(desk: Desk, engineer: Engineer, week: Week, measure: Measure) -> bool:
    """Whether it was not agreed to count somebody's part: sums are without them, and never take them for zero."""
    return desk.plan.gates.shut(engineer, DayRange(week.first_day, week.last_day), measure.name)


def _together(values: Sequence[Measurement], rules: RuleSet) -> float | None:
    """The team's sum, or the share of all its cases; None when anybody's is missing, which would look like a drop or a rise."""
    if len(values) < MINIMUM_TEAM or any(measured.is_missing for measured in values):
        return None
    if all(measured.kind.adds_up for measured in values):
        return sum(measured.value or 0.0 for measured in values)
    pooled = ratio(sum(measured.holding or 0 for measured in values), sum(measured.cases or 0 for measured in values))
    return if_enough(pooled, rules.minimum_cases_for_rate).value
