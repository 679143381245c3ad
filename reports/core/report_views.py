"""Judged weeks into the views that templates see: selection and order only, no judgement and no words of its own."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from reports.core.action_log import LogEntry, shown_to_subject
from reports.core.activity_links import Places, activity_links
from reports.core.capacity import days_off
from reports.core.cases import NO_TALKS, Talks
from reports.core.goals import span_of
from reports.core.handover import first_week_handed_over
from reports.core.judgement import AssessedWeek, Status, Verdict
from reports.core.model import Evidence, Measure, ReportDefinition
from reports.core.overrides import DISPUTED
from reports.core.people import Engineer
from reports.core.published import is_worse
from reports.core.results import EngineerResults, Plan, WeekResults
from reports.core.view import (
    BaselineView,
    Contribution,
    ContributionsView,
    CountView,
    EngineerWeeklyView,
    EvidenceView,
    FollowUpStand,
    GoalView,
    Link,
    ReportHead,
    RestatedView,
    RunView,
    TrendView,
    WeekCell,
    WeekRow,
    asks_something,
)
from reports.core.weeks import DayRange, Week

TABLE_WEEKS = 8
HIGHLIGHTS = 5
HIGHLIGHT_MEASURES = ("support_contributions", "docs_updates", "handbook_updates", "training_updates", "training_modules")
REVIEW_TICKETS = 2


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
    follow_ups: ReportDefinition | None = None
    """The report that follows up a run of missed weeks; None when there is none."""
    logs: Mapping[str, tuple[LogEntry, ...]] = field(default_factory=dict)
    """What was done about each engineer, by username."""

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

    def shut_measures(self, engineer: Engineer) -> tuple[Measure, ...]:
        """The measures that it was not agreed to count of an engineer in the report's week, by title."""
        days = DayRange(self.results.week.first_day, self.results.week.last_day)
        shut = (m for m in self.results.measures if self.plan.gates.shut(engineer, days, m.name))
        return tuple(sorted(shut, key=lambda m: m.title))

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
    columns = _columns(own, goals)
    counted = [v for v in assessed.verdicts if v.status in (Status.MET, Status.WITHIN_NOISE, Status.NOT_MET)]
    return EngineerWeeklyView(
        head=report_head(desk),
        mention=desk.mention,
        name=engineer.name,
        username=engineer.username,
        manager=desk.plan.team.manager(desk.reader(engineer.username)).name,
        focuses=tuple((f.name, f.percentage) for f in role.focuses),
        capacity=assessed.capacity,
        said_days=_said_since(assessed),
        had_no_day_off=had_no_day_off(desk, engineer),
        status=assessed.status,
        highlights=_highlights(desk, own),
        goals=goals,
        goals_met=sum(v.status is Status.MET for v in counted),
        goals_assessed=len(counted),
        baseline=_baseline(desk, own),
        baseline_focus=role.main_focus,
        counts=_counts(desk, own, {view.measure for view in goals} | set(desk.shut_measures(engineer))),
        review_tickets=_review_tickets(desk, own),
        run=run_view(desk, own),
        follow_up=_follow_up(desk, engineer, own),
        example_measure=_example_measure(goals),
        example_days=_example_days(assessed.capacity.available_days),
        columns=columns,
        weeks=_week_rows(desk, own, columns),
        handed_over_from=desk.first_shown(engineer.username),
        restated=_restated(desk, own),
        activity_links=activity_links(desk.places, engineer, desk.results.week),
        cannot_see=_cannot_see(desk, engineer),
        log=shown_to_subject(desk.logs.get(engineer.username, ()), desk.results.week, desk.plan.zone),
    )


def _cannot_see(desk: Desk, engineer: Engineer) -> tuple[str, ...]:
    spots = (spot for reach in desk.results.coverage for spot in reach.blind_spots)
    shut = (f"{measure.title}: not measured, since nobody has agreed to it yet" for measure in desk.shut_measures(engineer))
    return tuple(dict.fromkeys((*spots, *shut)))


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
        events_since=events_since(desk, span.first),
    )


def events_since(desk: Desk, first: date) -> date | None:
    """The day before which events are kept no more, where days that begin with `first` reach further back."""
    since = desk.results.facts_since
    return since if since is not None and first < since else None


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


def shown_measures(desk: Desk) -> tuple[Measure, ...]:
    """What is counted of people here: a measure of a source that nobody has set up is not in any report."""
    set_up = {reach.stream for reach in desk.results.coverage}
    return tuple(m for m in desk.results.measures if m.is_of_people and set_up.issuperset(m.streams))


def _counts(desk: Desk, own: EngineerResults, with_goal: Collection[Measure]) -> tuple[CountView, ...]:
    others = sorted((m for m in shown_measures(desk) if m not in with_goal), key=lambda m: (m.family, m.title))
    return tuple(
        CountView(
            measure=measure,
            measurement=own.history[measure.name][-1],
            evidence=events(row for row in own.evidence if row.measure == measure.name),
            events_since=events_since(desk, desk.results.week.first_day),
        )
        for measure in others
    )


def _review_tickets(desk: Desk, own: EngineerResults) -> tuple[Link, ...]:
    """Tickets with more than one comment in the week, drawn by a hash so that anybody can draw them again."""
    times: dict[str, int] = {}
    for row in own.evidence:
        if row.measure in ("public_comments", "internal_notes") and row.url:
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


def _follow_up(desk: Desk, engineer: Engineer, own: EngineerResults) -> FollowUpStand:
    """The follow-up that is open, or opens with this report; a new manager's begins with their own first report."""
    case = desk.talks.open_case(engineer.username)
    if case is not None:
        return FollowUpStand(since=case.opened)
    is_theirs = desk.reader(engineer.username) == engineer.as_of(desk.today).reports_to
    if desk.follow_ups is not None and is_theirs and asks_for_follow_up(desk, own):
        return FollowUpStand(since=desk.results.week)
    return FollowUpStand(has_ended=any(case.engineer.username == engineer.username for case in desk.talks.cases))


def asks_for_follow_up(desk: Desk, own: EngineerResults) -> bool:
    """Whether the rules ask for a follow-up of a run that is long enough: of every one, or only of one beyond chance."""
    every = desk.results.rules.follow_up_when == "every_run"
    return own.chance is not None and (every or own.chance.is_beyond)


def had_no_day_off(desk: Desk, engineer: Engineer) -> bool:
    """Whether somebody who was there all the time had no day off in the last 31 days."""
    last = desk.results.week.last_day
    month = DayRange(last - timedelta(days=30), last)
    return engineer.start_date <= month.first and days_off(engineer, month, desk.plan.context, desk.results.rules) < 1


def _example_measure(goals: Sequence[GoalView]) -> str:
    """A missed goal where there is one, else one that asks for something and is not called wrong already."""
    ordered = sorted(goals, key=lambda view: (view.status is not Status.NOT_MET, view.is_disputed or not view.asks))
    return ordered[0].measure.name if ordered else "docs_updates"


def _example_days(available_days: float) -> float:
    """Half a day fewer, in whole and half days."""
    return max(0.5, (2 * available_days - 1) // 1 / 2)


def _said_since(week: AssessedWeek) -> float | None:
    """What the engineer said of the days of a week, unless the days shown are those already."""
    return None if week.said_days in (None, week.capacity.available_days) else week.said_days


def _columns(own: EngineerResults, goals: Sequence[GoalView]) -> tuple[Measure, ...]:
    asked = {v.goal.measure for week in own.weeks[-TABLE_WEEKS:] for v in week.verdicts if asks_something(v.goal)}
    return tuple(dict.fromkeys(view.measure for view in goals if view.measure.name in asked))


def disputed(week: AssessedWeek) -> list[str]:
    """The measures whose number the engineer calls wrong and nobody has settled."""
    return [v.goal.measure for v in week.verdicts if v.reason == DISPUTED]


def _week_rows(desk: Desk, own: EngineerResults, columns: Sequence[Measure]) -> tuple[WeekRow, ...]:
    rows = []
    for week in reversed(own.weeks[-TABLE_WEEKS:]):
        verdicts = {v.goal.measure: v for v in week.verdicts}
        rows.append(
            WeekRow(
                week=week.week,
                capacity=week.capacity,
                capacity_now=week.capacity_now,
                said_days=_said_since(week),
                disputed=tuple(desk.measures[name] for name in disputed(week)),
                cells=tuple(_cell(verdicts.get(measure.name)) for measure in columns),
                status=week.status,
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
            counts=not is_worse(change.status_now, change.published_status),
        )
        for week in reversed(own.weeks)
        for change in week.restated
    )


def _cell(verdict: Verdict | None) -> WeekCell | None:
    if verdict is None:
        return None
    return WeekCell(goal=verdict.goal, measurement=verdict.measurement, target=verdict.target, status=verdict.status)


# --- the organisation's digest ------------------------------------------------------------------------


def contributions(desk: Desk) -> ContributionsView:
    """The digest of merged contributions."""

    def order(c: Contribution) -> tuple[object, ...]:
        return (c.merged_on, c.project, c.title, c.url)

    return ContributionsView(head=report_head(desk), contributions=tuple(sorted(desk.results.contributions, key=order)))
