"""Judged weeks into the views that templates see: selection and order only, no judgement and no words of its own."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reports.core.activity_links import Places, activity_links
from reports.core.capacity import days_off, is_on_call
from reports.core.cases import NO_TALKS, Talks
from reports.core.goals import agreement_in_force, span_of
from reports.core.handover import first_week_handed_over
from reports.core.judgement import Status, Verdict
from reports.core.model import Aggregation, Evidence, Measure, Measurement, RuleSet
from reports.core.people import Engineer, Manager
from reports.core.rates import if_enough, ratio
from reports.core.results import EngineerResults, Plan, WeekResults
from reports.core.view import (
    BaselineView,
    Contribution,
    ContributionsView,
    CountView,
    EngineerWeeklyView,
    EvidenceView,
    GoalView,
    Link,
    ReportHead,
    RestatedView,
    RunView,
    TeamMemberRow,
    TeamNumber,
    TeamWeeklyView,
    TrendView,
    WeekCell,
    WeekRow,
)
from reports.core.weeks import DayRange, Week

TABLE_WEEKS = 8
HIGHLIGHTS = 5
HIGHLIGHT_MEASURES = ("support_contributions", "docs_updates", "handbook_updates", "training_updates", "training_modules")
REVIEW_TICKETS = 2
ENDS_SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a view is made from: what was planned, what was judged, and where things lie."""

    plan: Plan
    results: WeekResults
    places: Places
    today: date
    """The day in the zone that weeks are counted in: a paused follow-up goes on by itself on its day."""
    mention: str
    """How comments address the tool, such as `@support-reports`."""
    talks: Talks = NO_TALKS

    @property
    def measures(self) -> dict[str, Measure]:
        """The catalogue by name."""
        return {m.name: m for m in self.results.measures}

    def reader(self, username: str) -> str:
        """The manager who reads an engineer's report of the week."""
        return self.plan.team.engineer(username).as_of(self.results.week.report_day).reports_to

    def first_shown(self, username: str) -> Week | None:
        """The first week that was handed over to that manager; None when no week is held back."""
        first = first_week_handed_over(self.plan.team.engineer(username), self.results.week)
        return first if first is not None and first > self.results.weeks[0] else None

    def of(self, username: str) -> EngineerResults:
        """The results of one engineer, as far back as the manager who reads the report may see them."""
        own = {e.username: e for e in self.results.engineers}[username]
        first = self.first_shown(username)
        if first is None:
            return own
        shown = tuple(week for week in own.weeks if week.week >= first)
        history = {name: values[-len(shown) :] for name, values in own.history.items()}
        return replace(own, weeks=shown, history=history)


def report_head(desk: Desk) -> ReportHead:
    """The head every report starts with."""
    week = desk.results.week
    return ReportHead(
        week=week,
        first_day=week.first_day,
        last_day=week.last_day,
        organisation=desk.plan.team.name,
        time_zone=desk.plan.team.time_zone,
        rule_set=desk.results.rules.name,
        data_until=desk.results.data_until,
        gaps=tuple(f"{c.stream}: {c.problem}" for c in desk.results.coverage if c.problem),
    )


# --- the engineer's week ----------------------------------------------------------------------------


def engineer_weekly(desk: Desk, engineer: Engineer) -> EngineerWeeklyView:
    """The engineer's weekly issue: in the role of the week, for the manager of the day on which it is published."""
    own = desk.of(engineer.username)
    role = engineer.as_of(desk.results.week.first_day)
    assessed = own.weeks[-1]
    goals = _goals(desk, own)
    columns = tuple(dict.fromkeys(view.measure for view in goals))
    counted = [v for v in assessed.verdicts if v.status in (Status.MET, Status.WITHIN_NOISE, Status.NOT_MET)]
    return EngineerWeeklyView(
        head=report_head(desk),
        name=engineer.name,
        username=engineer.username,
        manager=desk.plan.team.manager(desk.reader(engineer.username)).name,
        focuses=tuple((f.name, f.percentage) for f in role.focuses),
        capacity=assessed.capacity,
        status=assessed.status,
        highlights=_highlights(desk, own),
        goals=goals,
        goals_met=sum(v.status is Status.MET for v in counted),
        goals_assessed=len(counted),
        baseline=_baseline(desk, own),
        baseline_focus=role.main_focus,
        counts=_counts(desk, own, columns),
        review_tickets=_review_tickets(desk, own),
        run=run_view(desk, own),
        columns=columns,
        weeks=_week_rows(own, columns),
        handed_over_from=desk.first_shown(engineer.username),
        restated=_restated(desk, own),
        activity_links=activity_links(desk.places, engineer, desk.results.week),
        cannot_see=(),
    )


def _goals(desk: Desk, own: EngineerResults) -> tuple[GoalView, ...]:
    verdicts = own.weeks[-1].verdicts
    ordered = sorted(verdicts, key=lambda v: (v.goal.is_draft, desk.measures[v.goal.measure].title))
    return tuple(_goal(desk, own, verdict) for verdict in ordered)


def _goal(desk: Desk, own: EngineerResults, verdict: Verdict) -> GoalView:
    span = span_of(verdict.goal, desk.results.week)
    return GoalView(
        measure=desk.measures[verdict.goal.measure],
        goal=verdict.goal,
        capacity=verdict.capacity,
        status=verdict.status,
        measurement=verdict.measurement,
        target=verdict.target,
        reason=verdict.reason,
        span=(span.first, span.last),
        trend=_trend(own, verdict.goal.measure),
        evidence=events(row for row in own.evidence if row.measure == verdict.goal.measure),
    )


def _trend(own: EngineerResults, measure: str) -> TrendView:
    by_week = [{v.goal.measure: v for v in week.verdicts}.get(measure) for week in own.weeks]
    return TrendView(
        weeks=tuple(week.week for week in own.weeks),
        values=tuple(v.measurement.value if v else None for v in by_week),
        targets=tuple(v.target if v and v.status is not Status.NOT_ASSESSED else None for v in by_week),
    )


def events(rows: Iterable[Evidence]) -> tuple[EvidenceView, ...]:
    """Evidence as reports show it, in the order it came."""
    return tuple(EvidenceView(at=row.at, note=row.note, url=row.url, value=row.value) for row in rows)


def _highlights(desk: Desk, own: EngineerResults) -> tuple[Link, ...]:
    first_day = desk.results.week.first_day
    rows = [
        row for row in own.evidence if row.measure in HIGHLIGHT_MEASURES and row.at.astimezone(desk.plan.zone).date() >= first_day
    ]
    newest = sorted(rows, key=lambda row: row.at, reverse=True)
    links = {row.url: Link(text=row.note, url=row.url) for row in newest}
    return tuple(links.values())[:HIGHLIGHTS]


def _baseline(desk: Desk, own: EngineerResults) -> tuple[BaselineView, ...]:
    return tuple(
        BaselineView(measure=desk.measures[line.measure], value=line.value, line=line.line, peers=line.peers, status=line.status)
        for line in own.baseline
    )


def _counts(desk: Desk, own: EngineerResults, columns: Sequence[Measure]) -> tuple[CountView, ...]:
    others = sorted((m for m in desk.results.measures if m not in columns), key=lambda m: m.title)
    return tuple(
        CountView(
            measure=measure,
            measurement=own.history[measure.name][-1],
            evidence=events(row for row in own.evidence if row.measure == measure.name),
        )
        for measure in others
    )


def _review_tickets(desk: Desk, own: EngineerResults) -> tuple[Link, ...]:
    """Tickets with more than one comment in the week, drawn by a hash so that anybody can draw them again."""
    times: dict[str, int] = {}
    for row in own.evidence:
        if row.measure in ("public_comments", "internal_notes"):
            times[row.url] = times.get(row.url, 0) + 1
    seed = f"{desk.results.week}/{own.username}/"
    talked_about = [url for url, count in times.items() if count > 1]
    drawn = sorted(talked_about, key=lambda url: hashlib.sha256(f"{seed}{url}".encode()).hexdigest())
    return tuple(Link(text=f"ticket {url.rpartition('/')[2]}", url=url) for url in sorted(drawn[:REVIEW_TICKETS]))


def run_view(desk: Desk, own: EngineerResults) -> RunView:
    """The run of missed weeks that an engineer's report shows from 0 on."""
    counted = (Status.MET, Status.WITHIN_NOISE, Status.NOT_MET)
    return RunView(
        length=own.weeks[-1].missed_run_length,
        needed=desk.results.rules.missed_weeks_for_follow_up,
        assessed_weeks=sum(week.status in counted for week in own.weeks),
        by_chance=own.chance.found if own.chance else None,
    )


def _week_rows(own: EngineerResults, columns: Sequence[Measure]) -> tuple[WeekRow, ...]:
    rows = []
    for week in reversed(own.weeks[-TABLE_WEEKS:]):
        verdicts = {v.goal.measure: v for v in week.verdicts}
        rows.append(
            WeekRow(
                week=week.week,
                available_days=week.capacity.available_days,
                working_days=week.capacity.working_days,
                cells=tuple(_cell(verdicts.get(measure.name)) for measure in columns),
                status=week.status,
                context=(*((week.capacity.uncounted,) if week.capacity.uncounted else ()), *week.capacity.labels),
            )
        )
    return tuple(rows)


def _restated(desk: Desk, own: EngineerResults) -> tuple[RestatedView, ...]:
    return tuple(
        RestatedView(
            week=week.week,
            measure=desk.measures[change.measure],
            published=change.published,
            published_target=change.published_target,
            published_status=change.published_status,
            now=change.now,
            target_now=change.target_now,
            status_now=change.status_now,
        )
        for week in reversed(own.weeks)
        for change in week.restated
    )


def _cell(verdict: Verdict | None) -> WeekCell | None:
    if verdict is None:
        return None
    return WeekCell(goal=verdict.goal, measurement=verdict.measurement, target=verdict.target, status=verdict.status)


# --- the manager's week -----------------------------------------------------------------------------


def team_weekly(desk: Desk, manager: Manager, report_urls: dict[str, str]) -> TeamWeeklyView:
    """The manager's team issue; `report_urls` lead to each engineer's weekly issues. Holds nobody's status."""
    people = desk.plan.team.reports_of(manager.username, desk.results.week.report_day)
    reached = [own for own in (desk.of(e.username) for e in people) if own.chance is not None]
    asked = [own for own in reached if asks_for_follow_up(desk, own)]
    return TeamWeeklyView(
        head=report_head(desk),
        manager=manager.name,
        members=tuple(_member(desk, e, report_urls[e.username]) for e in people),
        runs_reached=len(asked),
        runs_within_chance=len(reached) - len(asked),
        goals_to_agree=tuple(Link(text=e.name, url=report_urls[e.username]) for e in people if _needs_agreement(desk, e)),
        nobody_off_for_a_month=sum(_had_no_day_off(desk, e) for e in people),
        on_call_ended=sum(is_on_call(e.username, desk.results.week.last_day, desk.plan.context) for e in people),
        numbers=_team_numbers(desk, manager),
        weeks=desk.results.weeks,
    )


def asks_for_follow_up(desk: Desk, own: EngineerResults) -> bool:
    """Whether the rules ask for a follow-up of a run that is long enough: of every one, or only of one beyond chance."""
    every = desk.results.rules.follow_up_when == "every_run"
    return own.chance is not None and (every or own.chance.is_beyond)


def _member(desk: Desk, engineer: Engineer, url: str) -> TeamMemberRow:
    own = desk.of(engineer.username)
    missing = sorted(desk.measures[name].title for name, values in own.history.items() if values[-1].is_missing)
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


def _had_no_day_off(desk: Desk, engineer: Engineer) -> bool:
    last = desk.results.week.last_day
    month = DayRange(last - timedelta(days=30), last)
    return engineer.start_date <= month.first and days_off(engineer, month, desk.plan.context, desk.results.rules) < 1


def _team_numbers(desk: Desk, manager: Manager) -> tuple[TeamNumber, ...]:
    """Sums over those who were in the team in each week: nobody brings the weeks of another team along."""
    teams = [desk.plan.team.reports_of(manager.username, week.report_day) for week in desk.results.weeks]
    results = {own.username: own for own in desk.results.engineers}
    numbers = []
    pooled = (m for m in desk.results.measures if m.kind.adds_up or m.kind is Aggregation.RATIO)
    for measure in sorted(pooled, key=lambda m: m.title):
        weekly = ([results[e.username].history[measure.name][n] for e in people] for n, people in enumerate(teams))
        sums = tuple(_together(week, desk.results.rules) for week in weekly)
        numbers.append(TeamNumber(measure=measure, value=sums[-1], trend=sums))
    return tuple(numbers)


def _together(values: Sequence[Measurement], rules: RuleSet) -> float | None:
    """The team's sum, or the share of all its cases; None when anybody's is missing, which would look like a drop or a rise."""
    if not values or any(measured.is_missing for measured in values):
        return None
    if all(measured.kind.adds_up for measured in values):
        return sum(measured.value or 0.0 for measured in values)
    pooled = ratio(sum(measured.holding or 0 for measured in values), sum(measured.cases or 0 for measured in values))
    return if_enough(pooled, rules.minimum_cases_for_rate).value


# --- the organisation's digest ------------------------------------------------------------------------


def contributions(desk: Desk) -> ContributionsView:
    """The digest of merged contributions."""

    def order(c: Contribution) -> tuple[object, ...]:
        return (c.merged_on, c.project, c.title, c.url)

    return ContributionsView(head=report_head(desk), contributions=tuple(sorted(desk.results.contributions, key=order)))
