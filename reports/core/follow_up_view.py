"""A follow-up into the view of its issue: its weeks, what else could explain them, how a plan goes; no verdict."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from reports.core.assessment import scaled_target
from reports.core.case_views import (
    CaseWeek,
    Examples,
    Explanation,
    ExplanationView,
    FollowUpView,
    MissedCell,
    MissedGoal,
    OtherWork,
    PlanCell,
    PlanView,
    PlanWeek,
)
from reports.core.cases import Case
from reports.core.commands import CommandKind, PlanGoal
from reports.core.desired import Subject, desired_issue
from reports.core.followups import ActionPlan, CaseState, Progress
from reports.core.judgement import AssessedWeek, Capacity, Status, Verdict
from reports.core.model import Goal, GoalKind, Measure, Measurement, Period, ReportDefinition
from reports.core.overrides import DISPUTED, EXCUSED
from reports.core.people import Engineer
from reports.core.publication import DesiredIssue
from reports.core.report_views import Desk, asks_for_follow_up, events, events_since, report_head, run_view
from reports.core.results import EngineerResults
from reports.core.view import EvidenceView
from reports.core.weeks import DayRange, Week, window_of_days

#: A follow-up is due a week after the Monday on which it is opened.
DUE_AFTER = timedelta(days=8)

EVIDENCE_ROWS = 20

_COUNTED = (Status.MET, Status.NOT_MET, Status.WITHIN_NOISE)


def followed(desk: Desk) -> tuple[tuple[Engineer, Case | None], ...]:
    """Whoever has a follow-up that goes on or still wants an answer, and whoever is to have one (None), by username.

    A follow-up is for the manager of today. A new manager has the weekly report first: one that is to begin waits for it.
    """
    people = sorted(desk.plan.team.as_of(desk.today).engineers, key=lambda engineer: engineer.username)
    return tuple(found for engineer in people for found in _followed(desk, engineer))


def _followed(desk: Desk, engineer: Engineer) -> Iterator[tuple[Engineer, Case | None]]:
    case = desk.talks.open_case(engineer.username)
    if case is not None:
        yield engineer, case
    elif asks_for_follow_up(desk, desk.of(engineer.username)) and desk.reader(engineer.username) == engineer.reports_to:
        yield engineer, None
    else:
        yield from ((engineer, ended) for ended in desk.talks.waiting_cases(engineer.username)[-1:])


def follow_up(desk: Desk, engineer: Engineer, case: Case | None) -> FollowUpView:
    """The issue of a follow-up that is going on, or of one that is to be opened now (`case` is None)."""
    own = desk.of(engineer.username)
    opened = case.opened if case else desk.results.week
    so_far = case.progress if case else Progress()
    weeks = _weeks(own, opened, desk.results.rules.missed_weeks_for_follow_up)
    missed = tuple(_missed(desk, weeks))
    return FollowUpView(
        head=report_head(desk),
        name=engineer.name,
        username=engineer.username,
        manager=desk.plan.team.manager(engineer.reports_to).name,
        mention=desk.mention,
        opened=opened,
        due_on=opened.last_day + DUE_AFTER,
        run=run_view(desk, own),
        state=so_far.state(desk.today),
        progress=so_far,
        weeks=tuple(_case_week(desk, week) for week in reversed(weeks)),
        missed=missed,
        explanations=_explanations(desk, engineer, own, weeks),
        evidence=tuple((goal.measure, _events(desk, own, goal.measure, weeks)) for goal in missed),
        events_since=events_since(desk, weeks[0].week.first_day),
        plan=plan_view(desk, own, so_far.plan) if so_far.plan else None,
        taken=tuple(one for one in case.listened.taken if one.command.kind is not CommandKind.HELP) if case else (),
        example_plan=tuple(_example(goal, desk.measures[goal.measure]) for goal in _goals(weeks, missed)),
        examples=_examples(desk, opened),
    )


def _examples(desk: Desk, opened: Week) -> Examples:
    """Days around the Monday of the report and a week that is still judged, so that no example is refused for them."""
    week = desk.results.week
    excused = opened if opened in desk.results.weeks else week
    return Examples(past=week.report_day, to_come=week.plus(1).report_day, week=excused)


def _weeks(own: EngineerResults, opened: Week, needed: int) -> tuple[AssessedWeek, ...]:
    """The weeks that led to the follow-up, whatever was said of them since, and those after it; oldest first."""
    until = [week for week in own.weeks if week.week <= opened]
    at_issue = [n for n, week in enumerate(until) if _is_at_issue(week)][-needed:]
    return own.weeks[at_issue[0] :] if at_issue else own.weeks[len(until) :]


def _is_at_issue(week: AssessedWeek) -> bool:
    return week.status is Status.NOT_MET or any(v.reason in (EXCUSED, DISPUTED) for v in week.verdicts)


def _missed(desk: Desk, weeks: Sequence[AssessedWeek]) -> Iterator[MissedGoal]:
    """Every goal that was missed, by its measure's name; one whose measure is gone from the catalogue is left out."""
    verdicts = [v for week in weeks for v in week.verdicts]
    for name in sorted({v.goal.measure for v in verdicts if v.status is Status.NOT_MET} & set(desk.measures)):
        counted = [v.status for v in verdicts if v.goal.measure == name and v.status in _COUNTED]
        missed = counted.count(Status.NOT_MET)
        yield MissedGoal(measure=desk.measures[name], weeks_missed=missed, weeks_counted=len(counted))


def _case_week(desk: Desk, week: AssessedWeek) -> CaseWeek:
    return CaseWeek(
        week=week.week,
        status=week.status,
        capacity=_known_days(week),
        goals=tuple(_cell(desk, v) for v in week.verdicts if v.goal.measure in desk.measures and _is_open(v)),
    )


def _known_days(week: AssessedWeek) -> Capacity:
    """The days of a week as they are known today: leave that was recorded after it was published is in them."""
    return week.capacity_now or week.capacity


def _is_open(verdict: Verdict) -> bool:
    """Whether there is something to look at: not what was met, nor drafts, information and calendar periods still open."""
    if verdict.status is Status.NOT_ASSESSED:
        return verdict.reason in (EXCUSED, DISPUTED)
    return verdict.status is not Status.MET


def _cell(desk: Desk, verdict: Verdict) -> MissedCell:
    return MissedCell(
        goal=verdict.goal,
        measure=desk.measures[verdict.goal.measure],
        measurement=verdict.measurement,
        target=verdict.target,
        status=verdict.status,
        reason=verdict.reason,
    )


def _events(desk: Desk, own: EngineerResults, measure: Measure, weeks: Sequence[AssessedWeek]) -> tuple[EvidenceView, ...]:
    """What did count for a missed goal in these weeks, newest first."""
    window = window_of_days(DayRange(weeks[0].week.first_day, weeks[-1].week.last_day), desk.plan.zone)
    rows = [row for row in own.case_evidence if row.measure == measure.name and window.contains(row.at)]
    return events(reversed(rows))[:EVIDENCE_ROWS]


# --- what else could explain it ------------------------------------------------------------------


def _explanations(
    desk: Desk, engineer: Engineer, own: EngineerResults, weeks: Sequence[AssessedWeek]
) -> tuple[ExplanationView, ...]:
    capacities = [_known_days(week) for week in weeks]
    other = tuple(_other_work(desk, own, weeks))
    unmet = tuple(_never_met(desk, own, weeks))
    months = (desk.results.week.last_day - engineer.start_date).days / 30.4
    return (
        ExplanationView(kind=Explanation.LEAVE, amount=sum(_days_away(c) for c in capacities)),
        ExplanationView(kind=Explanation.PART_TIME, amount=sum(_days_not_worked(c) for c in capacities)),
        ExplanationView(kind=Explanation.CORRECTIONS, amount=sum(abs(c.corrected_days) for c in capacities)),
        ExplanationView(kind=Explanation.ON_CALL, amount=sum(c.on_call_days for c in capacities)),
        ExplanationView(kind=Explanation.ESCALATION, amount=sum(c.reduced_days for c in capacities)),
        ExplanationView(kind=Explanation.OTHER_WORK, amount=len(other), other_work=other),
        ExplanationView(kind=Explanation.DATA_GAPS, amount=sum(_has_gap(week) for week in weeks)),
        ExplanationView(kind=Explanation.ONBOARDING, amount=months),
        ExplanationView(kind=Explanation.TARGET, amount=len(unmet), measures=unmet),
    )


def _days_away(capacity: Capacity) -> float:
    return capacity.holiday_days + capacity.unavailable_days + capacity.training_days


def _days_not_worked(capacity: Capacity) -> float:
    """By how much the person's own working week is shorter than a full one; a longer one explains nothing."""
    return max(0.0, capacity.full_time_days - capacity.working_days)


def _other_work(desk: Desk, own: EngineerResults, weeks: Sequence[AssessedWeek]) -> Iterator[OtherWork]:
    """Measures without a missed goal of which there was at least one more per week, on average, than in the weeks before."""
    missed = {goal.measure.name for goal in _missed(desk, weeks)}
    these = {week.week for week in weeks}
    for measure in sorted(desk.results.measures, key=lambda m: m.title):
        values = list(zip((week.week for week in own.weeks), own.history[measure.name], strict=True))
        now = [m.value for week, m in values if week in these and m.value is not None]
        before = [m.value for week, m in values if week < weeks[0].week and m.value is not None]
        if not measure.kind.adds_up or measure.name in missed or not now or not before:
            continue
        found = OtherWork(measure=measure, before=_mean(before), now=_mean(now))
        if round(found.now - found.before, 6) >= 1:
            yield found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _has_gap(week: AssessedWeek) -> bool:
    return bool(_known_days(week).unknown) or any(verdict.measurement.is_missing for verdict in week.verdicts)


def _never_met(desk: Desk, own: EngineerResults, weeks: Sequence[AssessedWeek]) -> Iterator[Measure]:
    """Missed goals that were not met in any week the tool knows: perhaps the target is not right."""
    met = {v.goal.measure for week in own.weeks for v in week.verdicts if v.status in (Status.MET, Status.WITHIN_NOISE)}
    return (goal.measure for goal in _missed(desk, weeks) if goal.measure.name not in met)


# --- the action plan -------------------------------------------------------------------------------


def plan_view(desk: Desk, own: EngineerResults, plan: ActionPlan) -> PlanView:
    """An action plan with its weeks so far: whole weeks from its start on, until enough of them have counted."""
    known = [goal for goal in plan.goals if goal.measure in desk.measures]
    needed = desk.results.rules.action_plan_weeks
    is_too_old = plan.start < own.weeks[0].week.first_day
    return PlanView(
        plan=plan,
        goals=tuple((desk.measures[goal.measure], goal.target) for goal in known),
        weeks=() if is_too_old else tuple(_until_counted(_plan_weeks(desk, own, plan.start, known), needed)),
        weeks_needed=needed,
        is_too_old=is_too_old,
    )


def _plan_weeks(desk: Desk, own: EngineerResults, start: date, goals: Sequence[PlanGoal]) -> Iterator[PlanWeek]:
    for n, week in enumerate(own.weeks):
        if week.week.first_day < start:
            continue
        capacity = _known_days(week)
        cells = tuple(_plan_cell(desk.measures[g.measure], g, capacity, own.history[g.measure][n]) for g in goals)
        has_data = not capacity.unknown and not any(cell.measurement.is_missing for cell in cells)
        yield PlanWeek(week=week.week, is_counted=has_data and not capacity.uncounted, capacity=capacity, cells=cells)


def _plan_cell(measure: Measure, goal: PlanGoal, capacity: Capacity, measurement: Measurement) -> PlanCell:
    terms = Goal(measure=goal.measure, target=goal.target, per=Period.WEEK, agreed_by=(), agreed_on=None, is_draft=False)
    return PlanCell(measure=measure, measurement=measurement, target=scaled_target(terms, capacity, measure.kind))


def _until_counted(weeks: Iterable[PlanWeek], needed: int) -> Iterator[PlanWeek]:
    counted = 0
    for week in weeks:
        if counted == needed:
            return
        counted += week.is_counted
        yield week


def _goals(weeks: Sequence[AssessedWeek], missed: Sequence[MissedGoal]) -> Iterator[Goal]:
    """The latest terms of each missed goal."""
    latest = {v.goal.measure: v.goal for week in weeks for v in week.verdicts}
    return (latest[goal.measure.name] for goal in missed)


def _example(goal: Goal, measure: Measure) -> PlanGoal:
    """Half of what was to be reached; of anything else half would not be easier."""
    can_be_halved = goal.kind is GoalKind.AT_LEAST and measure.kind.adds_up
    return PlanGoal(measure=goal.measure, target=max(1.0, goal.target // 2) if can_be_halved else goal.target)


# --- the issue it goes to --------------------------------------------------------------------------


def follow_up_issue(
    definition: ReportDefinition, engineer: Engineer, case: Case | None, view: FollowUpView, body: str
) -> DesiredIssue:
    """The issue of a follow-up, for the manager and whom they allowed; it is closed or reopened only at their word."""
    subject = follow_up_subject(engineer, view)
    issue = desired_issue(definition, subject, view.opened, body)
    return replace(
        issue,
        labels=(*definition.labels, state_label(view.state)),
        due_on=view.due_on,
        stale_labels=tuple(state_label(state) for state in CaseState if state is not view.state),
        is_open=_asked_to_be_open(case) if case else None,
    )


def state_label(state: CaseState) -> str:
    """The label that shows a state on boards."""
    return f"follow-up::{state}"


def follow_up_subject(engineer: Engineer, view: FollowUpView) -> Subject:
    """Whom a follow-up is about, who may read it, and what its title and project may name."""
    words = {
        "username": engineer.username,
        "name": engineer.name,
        "manager": view.manager,
        "manager_username": engineer.reports_to,
        "week": str(view.opened),
        "week_start": str(view.opened.first_day),
        "week_end": str(view.opened.last_day),
    }
    readers = tuple(sorted({engineer.reports_to, *view.progress.allowed}))
    return Subject(username=engineer.username, placeholders=words, readers=readers, assignees=(engineer.reports_to,))


def _asked_to_be_open(case: Case) -> bool | None:
    """What the comments that still wait for an answer ask for; None when they ask for neither."""
    closing = {CommandKind.PLAN_MET: False, CommandKind.NO_CONCERN: False, CommandKind.REOPEN: True}
    asked = [closing[c.kind] for answer in case.listened.answers for c in answer.record.took if c.kind in closing]
    return asked[-1] if asked else None
