"""The stages in order, on ports: gather, measure, render, plan, apply; no rules, no formats, no adapter by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from reports.core.audience import Destination, Violation, violations
from reports.core.desired import Subject, desired_issue, subjects
from reports.core.model import Coverage, ReportDefinition
from reports.core.publication import Action, DesiredIssue, Kind
from reports.core.publication import plan as plan_actions
from reports.core.published import PublishedWeeks
from reports.core.report_views import Desk, contributions, engineer_weekly, team_weekly
from reports.core.results import Observed, Plan, WeekResults, evidence_window, judge
from reports.core.view import View
from reports.core.weeks import Week, Window, week_window
from reports.errors import PublishError, SourceError
from reports.ports import ActivitySource, FactStore, IssueTracker, MeasureEngine, Progress, ProgressListener, Renderer

#: Sources show an event only after a while: Zendesk withholds the last minute of its exports.
SETTLING = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationPlan:
    """What was rendered, what is to be done about it, and what must not be written; the plan file."""

    week: Week
    bot: str
    desired: tuple[DesiredIssue, ...]
    actions: tuple[Action, ...]
    violations: tuple[Violation, ...]

    def count(self, kind: Kind) -> int:
        """How many actions are of a kind."""
        return sum(action.kind is kind for action in self.actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What was written, and what the tracker refused, a sentence each."""

    created: int = 0
    updated: int = 0
    closed: int = 0
    unchanged: int = 0
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One issue as text together with what it was made from, so that a file with charts can be made beside it."""

    definition: ReportDefinition
    subject: Subject
    view: View
    issue: DesiredIssue = field(repr=False)

    @property
    def file(self) -> Path:
        """Where the report lies among the rendered files: `<report>/<subject>.md`."""
        return Path(self.definition.name) / f"{self.subject.username}.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """How far each stream reaches now, and what stopped those that did not reach the end, with what to do about it."""

    coverage: tuple[Coverage, ...]
    failures: Mapping[str, SourceError]


def gather(
    sources: Sequence[ActivitySource], store: FactStore, needed: Window, now: datetime, tell: ProgressListener
) -> Gathered:
    """Bring every stream of every source up to date; a source that fails is remembered as a problem, not as zero."""
    window = Window(needed.start, max(needed.start, now - SETTLING))
    streams = [(source, stream) for source in sources for stream in source.streams]
    failures = {}
    for done, (source, stream) in enumerate(streams):
        tell(Progress(step="gather", detail=stream, fraction=done / len(streams)))
        try:
            _gather_stream(source, stream, store, window, tell)
        except SourceError as error:
            failures[stream] = error
            store.report_problem(stream, error.message)
    store.compact()
    tell(Progress(step="gather", detail="done", fraction=1.0))
    return Gathered(coverage=tuple(store.coverage().values()), failures=failures)


def _gather_stream(source: ActivitySource, stream: str, store: FactStore, window: Window, tell: ProgressListener) -> None:
    reach = store.coverage().get(stream)
    if reach is None or reach.since is None or reach.since > window.start:
        store.start(stream, window.start)
    rows = 0
    for page in source.pages(stream, window, store.cursor(stream)):
        store.commit(page)
        rows += len(page.facts)
        tell(Progress(step="gather", detail=f"{stream}: {rows} rows", fraction=None))
    store.report_problem(stream, "")


def measure(plan: Plan, engine: MeasureEngine, store: FactStore, week: Week, published: PublishedWeeks) -> WeekResults:
    """Measure and judge a week from what the store holds; weeks that were published stay as they were."""
    observed = Observed(
        measures=engine.catalogue(),
        evidence=engine.evidence(plan.team, evidence_window(week, plan.zone)),
        coverage=tuple(store.coverage().values()),
        contributions=engine.contributions(week_window(week, plan.zone), plan.zone),
    )
    return judge(plan, observed, week, published)


def render(
    definitions: Sequence[ReportDefinition], desk: Desk, renderer: Renderer, tell: ProgressListener
) -> tuple[Rendered, ...]:
    """Every report of the week as an issue to publish."""
    week, team = desk.results.week, desk.plan.team
    asked = [(definition, subject) for definition in definitions for subject in subjects(definition, team, week)]
    rendered = []
    for done, (definition, subject) in enumerate(asked):
        view = _view(definition, subject, desk, definitions)
        issue = desired_issue(definition, subject, week, renderer.issue(definition.name, view))
        rendered.append(Rendered(definition=definition, subject=subject, view=view, issue=issue))
        tell(Progress(step="render", detail=issue.title, fraction=(done + 1) / len(asked)))
    return tuple(rendered)


def _view(definition: ReportDefinition, subject: Subject, desk: Desk, definitions: Sequence[ReportDefinition]) -> View:
    if definition.scope == "each_engineer":
        return engineer_weekly(desk, desk.plan.team.engineer(subject.username))
    if definition.scope == "each_manager":
        return team_weekly(desk, desk.plan.team.manager(subject.username), _report_urls(desk, definitions))
    return contributions(desk)


def _report_urls(desk: Desk, definitions: Sequence[ReportDefinition]) -> dict[str, str]:
    """Where each engineer's weekly issues lie: a list by label, since an issue's number is not known before it is there."""
    urls = {engineer.username: desk.places.gitlab_url for engineer in desk.plan.team.engineers}
    for definition in definitions:
        if definition.scope == "each_engineer":
            for subject in subjects(definition, desk.plan.team, desk.results.week):
                project = definition.project.format_map(subject.placeholders)
                urls[subject.username] = f"{desk.places.gitlab_url}/{project}/-/issues"
    return urls


def plan(desired: Sequence[DesiredIssue], tracker: IssueTracker, week: Week, since: datetime) -> PublicationPlan:
    """Hold the rendered issues against what is there, and against who could read them; writes nothing."""
    projects = sorted({issue.project for issue in desired})
    bot = tracker.bot()
    destinations = tracker.destinations(projects, since)
    refused = tuple(v for issue in desired for v in violations(issue, destinations[issue.project], bot))
    return PublicationPlan(
        week=week,
        bot=bot,
        desired=tuple(desired),
        actions=_permitted(desired, destinations, bot, {v.key for v in refused}),
        violations=refused,
    )


def _permitted(
    desired: Sequence[DesiredIssue], destinations: Mapping[str, Destination], bot: str, refused: set[str]
) -> tuple[Action, ...]:
    existing = {project: destination.issues for project, destination in destinations.items()}
    return plan_actions([issue for issue in desired if issue.key not in refused], existing, bot)


def apply(planned: PublicationPlan, tracker: IssueTracker, tell: ProgressListener) -> Applied:
    """Carry a plan out; an issue that the tracker refuses does not stop the others."""
    counts = dict.fromkeys(Kind, 0)
    failures = []
    for done, action in enumerate(planned.actions):
        try:
            _carry_out(action, tracker)
        except PublishError as error:
            failures.append(error.message)
        else:
            counts[action.kind] += 1
        tell(Progress(step="apply", detail=f"{action.kind} {action.title}", fraction=(done + 1) / len(planned.actions)))
    return Applied(
        created=counts[Kind.CREATE],
        updated=counts[Kind.UPDATE],
        closed=counts[Kind.CLOSE],
        unchanged=counts[Kind.NOTHING],
        failures=tuple(failures),
    )


def _carry_out(action: Action, tracker: IssueTracker) -> None:
    if action.kind is Kind.CREATE:
        tracker.create(action)
    elif action.kind is Kind.UPDATE:
        tracker.update(action)
    elif action.kind is Kind.CLOSE:
        tracker.close(action)


def refuse_stale(reviewed: PublicationPlan, tracker: IssueTracker, since: datetime) -> None:
    """Raise PublishError unless planning again right now gives the very plan that was reviewed."""
    if plan(reviewed.desired, tracker, reviewed.week, since) != reviewed:
        raise PublishError(
            f"the plan for {reviewed.week} is stale: an issue, a member or a project has changed since it was made",
            "run `support-reports plan` again, read it, then apply it",
        )
