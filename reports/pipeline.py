"""The stages in order, on ports: gather, measure, render, plan, apply; no rules, no formats, no adapter by name."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

from reports.core.audience import Destination, Violation, violations
from reports.core.cases import FOLLOW_UP, Case
from reports.core.context import Context, Unknown
from reports.core.desired import EACH_REGION, Subject, desired_issue, subjects
from reports.core.follow_up_view import follow_up, follow_up_issue, follow_up_subject, followed
from reports.core.model import Coverage, ReportDefinition
from reports.core.overrides import Overrides
from reports.core.people import Engineer
from reports.core.publication import Action, Audience, DesiredIssue, Kind
from reports.core.publication import plan as plan_actions
from reports.core.published import PublishedWeeks
from reports.core.replies import Reply
from reports.core.report_views import Desk, contributions, engineer_weekly
from reports.core.results import Observed, Plan, WeekResults, evidence_window, judge
from reports.core.team_views import team_weekly
from reports.core.views import View
from reports.core.weeks import DayRange, Week, Window, week_window
from reports.errors import PublishError, SourceError
from reports.ports import (
    ActivitySource,
    ContextSource,
    FactStore,
    IssueTracker,
    MeasureEngine,
    Page,
    Progress,
    ProgressListener,
    Renderer,
)

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
    replies: tuple[Reply, ...] = ()

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
    answered: int = 0
    failures: tuple[str, ...] = ()
    failed: frozenset[str] = frozenset()
    """Keys of the issues that were refused."""


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
    rows: Mapping[str, int] = field(default_factory=dict)
    """Rows that came in now, by stream; one that came twice is counted twice."""
    notes: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    """Days of people whose calendar or schedule could not be read."""

    @property
    def unread(self) -> tuple[str, ...]:
        """Calendars and schedules that were not read, a sentence for each cause; names nobody."""
        people = Counter(reason for _, reason in {(row.who, row.reason) for row in self.unknown})
        return tuple(f"{reason} (people concerned: {count})" for reason, count in sorted(people.items()))

    @property
    def gaps(self) -> tuple[str, ...]:
        """Everything that was not read to the end, and why."""
        return (*(f"{stream}: {error.message}" for stream, error in self.failures.items()), *self.unread)


def gather(
    sources: Sequence[ActivitySource],
    store: FactStore,
    needed: Window,
    now: datetime,
    tell: ProgressListener,
    give_up: Callable[[], None] = lambda: None,
) -> Gathered:
    """Bring every stream of every source up to date; a source that fails is remembered as a problem, not as zero.

    Each source has a thread of its own, its streams come one after another. Whatever else ends one thread ends all of them
    after the page at hand; `give_up` is called then, so that nobody goes on waiting for a server.
    """
    notes = tuple(note for note in [store.renew()] if note)
    gathering = _Gathering(store, Window(needed.start, max(needed.start, now - SETTLING)), tell)
    with ThreadPoolExecutor(max_workers=max(1, len(sources)), thread_name_prefix="gather") as threads:
        running = [threads.submit(gathering.source, source) for source in sources]
        try:
            ended, _ = wait(running, return_when=FIRST_EXCEPTION)
            for thread in ended:
                thread.result()  # raises what ended it, while the others can still be told to stop
            streams = [reached for thread in running for reached in thread.result()]
        except BaseException:
            gathering.stopping.set()
            give_up()
            raise
    store.compact()
    return Gathered(
        coverage=tuple(store.coverage().values()),
        failures={reached.stream: reached.failure for reached in streams if reached.failure},
        rows={reached.stream: reached.rows for reached in streams},
        notes=notes,
    )


def gather_context(sources: Sequence[ContextSource], days: DayRange, tell: ProgressListener) -> Context:
    """What calendars and schedules outside say about these days, all of them together."""
    gathered = Context()
    for done, source in enumerate(sources):
        tell(Progress(step="gather", part=source.name, detail="", fraction=done / len(sources)))
        gathered = gathered.and_also(source.context(days))
    return gathered


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reached:
    """What a stream brought, and what stopped it before its end."""

    stream: str
    rows: int
    failure: SourceError | None = None


@dataclass(frozen=True, slots=True)
class _Gathering:
    """What the threads of one gather share."""

    store: FactStore
    window: Window
    tell: ProgressListener
    stopping: Event = field(default_factory=Event)

    def source(self, source: ActivitySource) -> list[_Reached]:
        """Every stream of one source, one after another."""
        return [self._stream(source, stream) for stream in source.streams]

    def _stream(self, source: ActivitySource, stream: str) -> _Reached:
        reach = self.store.coverage().get(stream)
        if reach is None or reach.since is None or reach.since > self.window.start:
            self.store.start(stream, self.window.start)
            reach = None
        way = Window(min((reach and reach.until) or self.window.start, self.window.end), self.window.end)
        rows = 0
        self.tell(Progress(step="gather", part=stream, detail="", fraction=0.0))
        try:
            for page in source.pages(stream, self.window, self.store.cursor(stream)):
                if self.stopping.is_set():
                    return _Reached(stream=stream, rows=rows)
                self.store.commit(page)
                rows += len(page.facts)
                self.tell(_on_the_way(page, way, rows))
        except SourceError as error:
            if not self.stopping.is_set():
                self.store.report_problem(stream, error.message)
            return _Reached(stream=stream, rows=rows, failure=error)
        self.store.report_problem(stream, "")
        self.tell(Progress(step="gather", part=stream, detail=f"{rows:,} rows", fraction=1.0))
        return _Reached(stream=stream, rows=rows)


def _on_the_way(page: Page, way: Window, rows: int) -> Progress:
    """How far a page brings its stream, by the moment up to which everything is there; not known while the source tells none."""
    if page.until is None or way.start >= way.end:
        return Progress(step="gather", part=page.stream, detail=f"{rows:,} rows", fraction=None)
    share = min(1.0, max(0.0, (page.until - way.start) / (way.end - way.start)))
    detail = f"{rows:,} rows, until {page.until:%Y-%m-%d %H:%M} UTC"
    return Progress(step="gather", part=page.stream, detail=detail, fraction=share)


def measure(
    plan: Plan, engine: MeasureEngine, store: FactStore, week: Week, published: PublishedWeeks, said: Overrides
) -> WeekResults:
    """Measure and judge a week from what the store holds; weeks that were published stay, what people said lies over them.

    Pages of a gather that was killed are merged first: they count like all others.
    """
    store.compact()
    observed = Observed(
        measures=engine.catalogue(),
        evidence=engine.evidence(plan.team, evidence_window(week, plan.zone)),
        coverage=tuple(store.coverage().values()),
        contributions=engine.contributions(week_window(week, plan.zone), plan.zone),
    )
    return judge(plan, observed, week, published, said)


def render(
    definitions: Sequence[ReportDefinition],
    desk: Desk,
    renderer: Renderer,
    tell: ProgressListener,
    only: Collection[str] | None = None,
) -> tuple[Rendered, ...]:
    """Every report of the week as an issue to publish, and every follow-up that goes on or begins; queues are of no week.

    `only` names the engineers whose own weekly reports are made; None for everybody's.
    """
    asked = [one for definition in definitions for one in _asked(definition, desk, definitions) if _is_wanted(one, only)]
    rendered = []
    for done, one in enumerate(asked):
        issue = one.issue(renderer.issue(one.definition.name, one.view))
        rendered.append(Rendered(definition=one.definition, subject=one.subject, view=one.view, issue=issue))
        tell(Progress(step="render", detail=f"{len(asked)} reports", fraction=(done + 1) / len(asked)))
    return tuple(rendered)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One report that the week asks for; `issue` makes its issue from its text."""

    definition: ReportDefinition
    subject: Subject
    view: View
    issue: Callable[[str], DesiredIssue]


def _is_wanted(asked: _Asked, only: Collection[str] | None) -> bool:
    return only is None or asked.definition.scope != "each_engineer" or asked.subject.username in only


def _asked(definition: ReportDefinition, desk: Desk, definitions: Sequence[ReportDefinition]) -> Iterator[_Asked]:
    if definition.scope == FOLLOW_UP:
        yield from (_asked_follow_up(definition, desk, engineer, case) for engineer, case in followed(desk))
        return
    if definition.scope == EACH_REGION:
        return
    for subject in subjects(definition, desk.plan.team, desk.results.week):
        yield _Asked(
            definition=definition,
            subject=subject,
            view=_view(definition, subject, desk, definitions),
            issue=partial(desired_issue, definition, subject, desk.results.week),
        )


def _asked_follow_up(definition: ReportDefinition, desk: Desk, engineer: Engineer, case: Case | None) -> _Asked:
    view = follow_up(desk, engineer, case)
    return _Asked(
        definition=definition,
        subject=follow_up_subject(engineer, view),
        view=view,
        issue=lambda body: replace(follow_up_issue(definition, engineer, case, view, body), replaces_older=False),
    )


def _view(definition: ReportDefinition, subject: Subject, desk: Desk, definitions: Sequence[ReportDefinition]) -> View:
    if definition.scope == "each_engineer":
        return engineer_weekly(desk, desk.plan.team.engineer(subject.username))
    if definition.scope == "each_manager":
        return team_weekly(desk, desk.plan.team.manager(subject.username), _report_urls(desk, definitions))
    return contributions(desk)


def _report_urls(desk: Desk, definitions: Sequence[ReportDefinition]) -> dict[str, str]:
    """Where each engineer's issue of the week lies: found by its title, since its number is not known before it is there."""
    urls = {engineer.username: desk.places.gitlab_url for engineer in desk.plan.team.engineers}
    for definition in definitions:
        if definition.scope == "each_engineer":
            for subject in subjects(definition, desk.plan.team, desk.results.week):
                project = definition.project.format_map(subject.placeholders)
                asked = urlencode({"state": "all", "search": definition.title.format_map(subject.placeholders)})
                urls[subject.username] = f"{desk.places.gitlab_url}/{project}/-/issues?{asked}"
    return urls


def plan(
    desired: Sequence[DesiredIssue], tracker: IssueTracker, week: Week, since: datetime, replies: Sequence[Reply] = ()
) -> PublicationPlan:
    """Hold rendered issues and answers against what is there, and against who could read them; writes nothing."""
    audiences = dict.fromkeys([*(issue.audience for issue in desired), *(reply.audience for reply in replies)])
    bot = tracker.bot()
    destinations = tracker.destinations(sorted({audience.project for audience in audiences}), since)
    refused = _refused(audiences, destinations, bot)
    keys = {violation.key for violation in refused}
    return PublicationPlan(
        week=week,
        bot=bot,
        desired=tuple(desired),
        actions=_permitted(desired, destinations, bot, keys),
        violations=refused,
        replies=tuple(reply for reply in replies if reply.audience.key not in keys),
    )


def refused(audiences: Sequence[Audience], tracker: IssueTracker, since: datetime) -> tuple[Violation, ...]:
    """Everything that stands in the way of writing for these audiences."""
    if not audiences:
        return ()
    destinations = tracker.destinations(sorted({audience.project for audience in audiences}), since)
    return _refused(audiences, destinations, tracker.bot())


def _refused(audiences: Iterable[Audience], destinations: Mapping[str, Destination], bot: str) -> tuple[Violation, ...]:
    found = (v for audience in audiences for v in violations(audience, destinations[audience.project], bot))
    return tuple(dict.fromkeys(found))


def _permitted(
    desired: Sequence[DesiredIssue], destinations: Mapping[str, Destination], bot: str, refused: set[str]
) -> tuple[Action, ...]:
    existing = {project: destination.issues for project, destination in destinations.items()}
    return plan_actions([issue for issue in desired if issue.key not in refused], existing, bot)


def apply(planned: PublicationPlan, tracker: IssueTracker, tell: ProgressListener) -> Applied:
    """Carry a plan's actions out; an issue that the tracker refuses does not stop the others."""
    counts = dict.fromkeys(Kind, 0)
    failures, failed = [], set()
    for done, action in enumerate(planned.actions):
        try:
            _carry_out(action, tracker)
        except PublishError as error:
            failures.append(error.message)
            failed.add(action.key)
        else:
            counts[action.kind] += 1
        tell(Progress(step="apply", detail=f"{len(planned.actions)} issues", fraction=(done + 1) / len(planned.actions)))
    return Applied(
        created=counts[Kind.CREATE],
        updated=counts[Kind.UPDATE] + counts[Kind.REOPEN],
        closed=counts[Kind.CLOSE],
        unchanged=counts[Kind.NOTHING],
        failures=tuple(failures),
        failed=frozenset(failed),
    )


def _carry_out(action: Action, tracker: IssueTracker) -> None:
    if action.kind is Kind.CREATE:
        tracker.create(action)
    elif action.kind is Kind.UPDATE:
        tracker.update(action)
    elif action.kind is Kind.CLOSE:
        tracker.close(action)
    elif action.kind is Kind.REOPEN:
        tracker.reopen(action)


def refuse_stale(reviewed: PublicationPlan, tracker: IssueTracker, since: datetime) -> None:
    """Raise PublishError unless planning again right now gives the very plan that was reviewed."""
    if plan(reviewed.desired, tracker, reviewed.week, since) != reviewed:
        raise PublishError(
            f"the plan for {reviewed.week} is stale: an issue, a member or a project has changed since it was made",
            "run `support-reports plan` again, read it, then apply it",
        )
