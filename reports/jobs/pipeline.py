"""The stages in order, on ports: gather, measure, render, plan; no rules, no formats, no adapter by name."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from reports.core.audience import Destination, Lookout, Violation, could_read, lowest_level, violations
from reports.core.cases import FOLLOW_UP, Case
from reports.core.desired import EACH_REGION, Subject, desired_issue, subjects, title_of
from reports.core.follow_up_view import follow_up, follow_up_issue, follow_up_subject, followed
from reports.core.gates import agreed_events
from reports.core.model import ReportDefinition
from reports.core.overrides import Overrides
from reports.core.parts import DESCRIPTION_LIMIT, ROOM_FOR_WORDS, in_parts, search_address
from reports.core.people import Engineer
from reports.core.publication import Action, Audience, DesiredIssue, Kind, ours, week_of, whole_of
from reports.core.publication import plan as plan_actions
from reports.core.published import PublishedWeeks
from reports.core.replies import Reply
from reports.core.report_views import Desk, contributions, engineer_weekly
from reports.core.results import Observed, Plan, WeekResults, evidence_window, judge
from reports.core.service_view import service_weekly
from reports.core.shown_events import wanted, with_events
from reports.core.team_views import team_weekly
from reports.core.views import View
from reports.core.weeks import Week, week_window
from reports.errors import PublishError
from reports.ports import (
    FactStore,
    IssueTracker,
    MeasureEngine,
    Measuring,
    Progress,
    ProgressListener,
    Renderer,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationPlan:
    """What was rendered, what is to be done about it, and what must not be written; the plan file."""

    week: Week
    bot: str
    desired: tuple[DesiredIssue, ...]
    actions: tuple[Action, ...]
    violations: tuple[Violation, ...]
    replies: tuple[Reply, ...] = ()
    moved: tuple[str, ...] = ()
    """Projects that lie elsewhere by now, a sentence each."""
    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The usernames of who can read each issue, by key; of issues that anybody may read nothing."""

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
    """Keys of the issues that were refused, or not tried any more."""


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


def measure(
    plan: Plan,
    engine: MeasureEngine,
    store: FactStore,
    week: Week,
    published: PublishedWeeks,
    said: Overrides,
    only: Collection[str] | None = None,
) -> WeekResults:
    """Measure and judge a week from what the store holds; weeks that were published stay, what people said lies over them.

    Numbers are everybody's; the events behind them are read where a report shows them, of `only` these people or everybody.
    Pages of a gather that was killed are merged first: they count like all others.
    """
    store.compact()
    with engine.measuring(plan.team, evidence_window(week, plan.zone)) as measuring:
        results = judge(plan, _observed(plan, engine, store, measuring, week), week, published, said)
        rows = measuring.evidence(wanted(results, said.followed, only))
    agreed = agreed_events(rows, plan.team, plan.gates)
    return with_events(results, agreed, plan.zone, said.followed)


def judged(plan: Plan, engine: MeasureEngine, store: FactStore, week: Week, said: Overrides) -> WeekResults:
    """A week and those before it judged anew, whatever was published of them, without the events behind the numbers."""
    store.compact()
    with engine.measuring(plan.team, evidence_window(week, plan.zone)) as measuring:
        return judge(plan, _observed(plan, engine, store, measuring, week), week, None, said)


def _observed(plan: Plan, engine: MeasureEngine, store: FactStore, measuring: Measuring, week: Week) -> Observed:
    return Observed(
        measures=engine.catalogue(),
        tallies=measuring.tallies(),
        coverage=tuple(store.coverage().values()),
        contributions=engine.contributions(week_window(week, plan.zone), plan.zone),
    )


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
        issue=lambda body: replace(follow_up_issue(definition, engineer, case, view, body), close_after_weeks=None),
    )


def _view(definition: ReportDefinition, subject: Subject, desk: Desk, definitions: Sequence[ReportDefinition]) -> View:
    if definition.scope == "each_engineer":
        return engineer_weekly(desk, desk.plan.team.engineer(subject.username))
    if definition.scope == "each_manager":
        return team_weekly(desk, desk.plan.team.manager(subject.username), _report_urls(desk, definitions))
    return service_weekly(desk) if definition.scope == "service" else contributions(desk)


def _report_urls(desk: Desk, definitions: Sequence[ReportDefinition]) -> dict[str, str]:
    """Where each engineer's issue of the week lies: found by its title, since its number is not known before it is there."""
    urls = {engineer.username: desk.places.gitlab_url for engineer in desk.plan.team.engineers}
    for definition in definitions:
        if definition.scope == "each_engineer":
            for subject in subjects(definition, desk.plan.team, desk.results.week):
                project = definition.project.format_map(subject.placeholders)
                urls[subject.username] = search_address(desk.places.gitlab_url, project, title_of(definition, subject))
    return urls


def plan(
    desired: Sequence[DesiredIssue], tracker: IssueTracker, week: Week, since: datetime, replies: Sequence[Reply] = ()
) -> PublicationPlan:
    """Hold rendered issues and answers against what is there, and against who could read them; writes nothing.

    Issues of the week that are closed by now were opened since an instant; those that belong to no week, closed since then.
    """
    bot = tracker.bot()
    destinations = tracker.destinations(_lookouts(desired, replies, week, since))
    issues = [part for issue in desired for part in _fitting(issue, destinations[issue.project], bot, tracker.url)]
    audiences = dict.fromkeys([*(issue.audience for issue in issues), *(reply.audience for reply in replies)])
    refused = _refused(audiences, destinations, bot)
    keys = {violation.key for violation in refused}
    return PublicationPlan(
        week=week,
        bot=bot,
        desired=tuple(issues),
        actions=_permitted(issues, destinations, bot, keys),
        violations=refused,
        replies=tuple(reply for reply in replies if reply.audience.key not in keys),
        moved=tuple(_moved(one) for one in destinations.values() if one.moved_to),
        readers={a.key: could_read(a, destinations[a.project], bot) for a in audiences if a.readers},
    )


def _lookouts(desired: Sequence[DesiredIssue], replies: Sequence[Reply], week: Week, since: datetime) -> dict[str, Lookout]:
    """What has to be known of each project; an issue of an older week was opened as many weeks earlier."""
    audiences: dict[str, list[Audience]] = {}
    for audience in (*(issue.audience for issue in desired), *(reply.audience for reply in replies)):
        audiences.setdefault(audience.project, []).append(audience)
    weeks: dict[str, list[str]] = {}
    for issue in desired:
        weeks.setdefault(issue.project, []).append(week_of(issue.key))
    return {
        project: _lookout(lowest_level(audiences[project]), weeks.get(project, [str(week)]), week, since)
        for project in sorted(audiences)
    }


def _lookout(level: int | None, weeks: Sequence[str], week: Week, since: datetime) -> Lookout:
    if "" in weeks:
        return Lookout(level=level, closed_since=since)
    earliest = min(Week.parse(min(weeks)), week)
    return Lookout(level=level, opened_since=since - (week.first_day - earliest.first_day))


def _fitting(issue: DesiredIssue, there: Destination, bot: str, url: str) -> tuple[DesiredIssue, ...]:
    """The issue in as many parts as it takes, with room for the words of people around it."""
    same = (block for block in ours(there.issues, bot).values() if whole_of(block.key) == whole_of(issue.key))
    words = max((len(f"{block.before}{block.after}".encode()) for block in same), default=0)
    return in_parts(issue, DESCRIPTION_LIMIT - max(words, ROOM_FOR_WORDS), url)


def _moved(destination: Destination) -> str:
    return f"{destination.project} is now {destination.moved_to}: correct `project` in config/reports.yml"


def refused(audiences: Sequence[Audience], tracker: IssueTracker, since: datetime) -> tuple[Violation, ...]:
    """Everything that stands in the way of writing for these audiences."""
    if not audiences:
        return ()
    projects = sorted({audience.project for audience in audiences})
    lookouts = {
        project: Lookout(level=lowest_level(a for a in audiences if a.project == project), opened_since=since)
        for project in projects
    }
    destinations = tracker.destinations(lookouts)
    return _refused(audiences, destinations, tracker.bot())


def _refused(audiences: Iterable[Audience], destinations: Mapping[str, Destination], bot: str) -> tuple[Violation, ...]:
    found = (v for audience in audiences for v in violations(audience, destinations[audience.project], bot))
    return tuple(dict.fromkeys(found))


def _permitted(
    desired: Sequence[DesiredIssue], destinations: Mapping[str, Destination], bot: str, refused: set[str]
) -> tuple[Action, ...]:
    existing = {project: destination.issues for project, destination in destinations.items()}
    return plan_actions([issue for issue in desired if issue.key not in refused], existing, bot)


def refuse_stale(reviewed: PublicationPlan, tracker: IssueTracker, since: datetime) -> None:
    """Raise PublishError unless planning again right now gives the very plan that was reviewed."""
    if plan(reviewed.desired, tracker, reviewed.week, since) != reviewed:
        raise PublishError(
            f"the plan for {reviewed.week} is stale: an issue, a member or a project has changed since it was made",
            "run `support-reports plan` again, read it, then apply it",
        )
