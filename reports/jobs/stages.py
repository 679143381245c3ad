"""Each stage with the files it reads and leaves behind, and all of them together as the weekly job; no printing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from reports.core.audience import Violation
from reports.core.cases import FOLLOW_UP, Talks, overrides, talks
from reports.core.context import Context
from reports.core.conversation import Heard
from reports.core.desired import EACH_REGION
from reports.core.gates import open_team
from reports.core.publication import DesiredIssue
from reports.core.published import PublishedWeek
from reports.core.queue import full_hour, region_queues
from reports.core.queue_view import region_queue
from reports.core.results import HISTORY_WEEKS, Plan, WeekResults, as_published, as_revised, evidence_window
from reports.core.shards import Shard
from reports.core.weeks import DayRange, Week, Window, last_full_week, week_window
from reports.errors import UsageError
from reports.jobs import applying, dialogue, gathering, kept_weeks, pipeline, queues, records, sharding
from reports.jobs.gathering import Gathered
from reports.jobs.pipeline import Applied, PublicationPlan, Rendered
from reports.ports import ActivitySource, FactStore, Progress, ProgressListener
from reports.wiring import calendars as calendar_wiring
from reports.wiring import queue_sources as queue_wiring
from reports.wiring.house import House

RESULTS, DESIRED, PLAN, PUBLISHED, HEARD, CONTEXT = "results", "desired", "plan", "published", "heard", "context"

#: Leave and on-call so far ahead of a week move the end of a plan that was agreed in it.
LOOK_AHEAD_WEEKS = 9

#: A comment may show in the list of issues only after a while: GitLab moves an issue's time of change once a minute.
OVERLAP = timedelta(days=1)

#: An issue that belongs to no week is found for so long after somebody closed it.
LOOK_BACK = timedelta(weeks=1)

#: GitLab's clock may be behind that of the runner.
CLOCKS_APART = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardSoFar:
    """What was heard below the issues; a cache of the comments that can be rebuilt from them."""

    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a weekly run came to."""

    week: Week
    gathered: Gathered
    planned: PublicationPlan
    applied: Applied


def gather(house: House, week: Week, tell: ProgressListener) -> Gathered:
    """Bring the facts up to date, as far back as judging the week needs; leaves `context.json` where calendars are read."""
    renewed = house.store.renew()
    window = kept_weeks.needed_facts(house, week)
    records.remember_people(house)
    taken_in = sharding.take_in(house, window, tell)
    gathered = _gather(house, sharding.left_to_read(house.sources(), taken_in), window, tell)
    gathered = replace(gathered, notes=(*([renewed] if renewed else []), *taken_in.notes, *gathered.notes))
    if not house.looks_outside:
        return gathered
    days = DayRange(window.start.astimezone(house.plan.zone).date(), week.plus(LOOK_AHEAD_WEEKS).last_day)
    context = gathering.gather_context(calendar_wiring.context_sources(house), days, tell)
    house.files(week).write(CONTEXT, context)
    return replace(gathered, unknown=context.unknown)


def gather_shard(house: House, week: Week, shard: Shard, tell: ProgressListener) -> Gathered:
    """Bring a shard's part of the facts up to date beside the store, which is only read; the next `gather` takes it in."""
    window = kept_weeks.needed_facts(house, week)
    return sharding.gather_shard(house, shard, lambda store: _gather(house, house.sources(shard), window, tell, store))


def _gather(
    house: House,
    sources: Sequence[ActivitySource],
    needed: Window,
    tell: ProgressListener,
    store: FactStore | None = None,
) -> Gathered:
    session = house.session
    session.announce(
        lambda wait: tell(
            Progress(step="wait", part=wait.host, detail=f"{wait.seconds:.0f} s: {wait.reason}", fraction=None),
        )
    )
    return gathering.gather(sources, store or house.store, needed, house.clock.now(), tell, session.give_up)


def hear(house: House, week: Week, tell: ProgressListener) -> tuple[Violation, ...]:
    """Read what people have said below the issues since it was last read; leaves `heard.json`.

    What cannot be answered, since somebody else could read that, does not count until it can: why not is what this gives.
    Follow-ups are looked through as far back as judging that week looks, so that whatever happens to a comment there is
    noticed. Since when is what GitLab's own clock said last: that of a runner may be another.
    """
    before = house.heard.find(HEARD, HeardSoFar)
    far_back = week_window(week.plus(-HISTORY_WEEKS), house.plan.zone).start
    latest = max((one.thread.updated_at for one in before.heard), default=None) if before else None
    lately = latest - OVERLAP if latest else far_back
    where = {
        dialogue.place_of(definition): far_back if definition.scope == FOLLOW_UP else lately
        for definition in house.settings.reports
        if definition.scope in (FOLLOW_UP, "each_engineer")
    }
    heard = dialogue.hear_all(house.conversations, where, before.heard if before else (), house.reader(), tell)
    said_anywhere = tuple(replace(one, is_muted=False) for one in heard)
    refused = pipeline.refused(
        dialogue.waiting(house.settings.reports, _folded(house, said_anywhere)), house.tracker, house.clock.now()
    )
    mute = {(violation.key, violation.project) for violation in refused}
    heard = tuple(replace(one, is_muted=(one.thread.key, one.thread.project) in mute) for one in said_anywhere)
    house.heard.write(HEARD, HeardSoFar(heard=heard))
    return refused


def said(house: House) -> Talks:
    """What was heard below the issues so far, folded."""
    so_far = house.heard.find(HEARD, HeardSoFar)
    return _folded(house, so_far.heard if so_far else ())


def _folded(house: House, heard: Sequence[Heard]) -> Talks:
    return talks(heard, house.settings.reports, house.open_today, house.today)


def judged(house: House, week: Week, only: Collection[str] | None = None) -> WeekResults:
    """The week measured and judged from the stored facts, the weeks that were published and what was said; leaves no file.

    It holds the events of `only` these people; None for everybody's.
    """
    plan, spoken = plan_of(house, week), overrides(said(house), house.plan.zone)
    return pipeline.measure(plan, kept_weeks.measures(house, week), house.store, week, published_weeks(house, week), spoken, only)


def refuse_empty_store(house: House) -> None:
    """Refuse with a UsageError to explain anything when nothing was ever gathered."""
    if not house.store.coverage():
        hint = "run `support-reports gather` first, or name another folder with --store"
        raise UsageError(f"nothing was gathered into {house.store_folder} yet", hint)


def plan_of(house: House, week: Week) -> Plan:
    """What people wrote down, with what calendars and schedules said when the week was gathered; nobody behind a shut gate."""
    gates = house.gates
    open_plan = replace(house.plan, gates=gates, team=open_team(house.plan.team, gates, week, house.today))
    if not house.looks_outside:
        return open_plan
    outside = house.files(week).read(CONTEXT, Context, "gather")
    return replace(open_plan, context=house.plan.context.and_also(outside))


def measure(house: House, week: Week) -> WeekResults:
    """Measure and judge the week; leaves `results.json`."""
    results = judged(house, week)
    house.files(week).write(RESULTS, results)
    return results


def measures_in_spark_sql(house: House, week: Week) -> str:
    """The measures that the week is judged by as a script for an engine that has the facts already; reads no fact."""
    return house.engine.in_spark_sql(house.plan.team, evidence_window(week, house.plan.zone)).as_text()


def published_weeks(house: House, week: Week) -> dict[Week, PublishedWeek]:
    """What was published of the weeks that a report looks at."""
    found = {each: house.files(each).find(PUBLISHED, PublishedWeek) for each in week.back_to(HISTORY_WEEKS)}
    return {each: published for each, published in found.items() if published is not None}


def render(house: House, week: Week, tell: ProgressListener) -> tuple[Rendered, ...]:
    """Render every report of the judged week as an issue; leaves `desired.json`."""
    results = house.files(week).read(RESULTS, WeekResults, "measure")
    rendered = pipeline.render(
        house.settings.reports, house.desk(plan_of(house, week), results, said(house)), house.renderer, tell
    )
    house.files(week).write(DESIRED, tuple(report.issue for report in rendered))
    return rendered


def write_files(house: House, week: Week, rendered: Sequence[Rendered], tell: ProgressListener) -> Path:
    """Write rendered reports as Markdown files with charts, for reading without GitLab; gives their folder."""
    folder = house.files(week).folder / "reports"
    for done, report in enumerate(rendered):
        house.renderer.file(report.definition.name, report.view, folder / report.file)
        tell(Progress(step="draw", detail=f"{len(rendered)} files", fraction=(done + 1) / len(rendered)))
    return folder


def plan(house: House, week: Week) -> PublicationPlan:
    """Hold the rendered issues against GitLab; leaves `plan.json`, writes nothing anywhere else."""
    desired = house.files(week).read(DESIRED, tuple[DesiredIssue, ...], "render")
    planned = pipeline.plan(desired, house.tracker, week, _since(house, week))
    house.files(week).write(PLAN, planned)
    return planned


def apply(house: House, week: Week, tell: ProgressListener) -> tuple[PublicationPlan, Applied]:
    """Carry out the plan that was reviewed; PublishError when it is stale."""
    planned = house.files(week).read(PLAN, PublicationPlan, "plan")
    pipeline.refuse_stale(planned, house.tracker, _since(house, week))
    return planned, _publish(house, planned, tell)


def _publish(house: House, planned: PublicationPlan, tell: ProgressListener) -> Applied:
    """Carry a plan out, and freeze the week that people can read from now on."""
    applied = _carried_out(house, planned, tell)
    records.log_deeds(house, planned, applied)
    results = house.files(planned.week).read(RESULTS, WeekResults, "measure")
    for earlier in as_revised(results, published_weeks(house, planned.week)):
        house.files(earlier.week).write(PUBLISHED, earlier)
    house.files(planned.week).write(PUBLISHED, as_published(results))
    return applied


def _carried_out(house: House, planned: PublicationPlan, tell: ProgressListener) -> Applied:
    if planned.moved:
        tell(Progress(step="moved", detail="; ".join(planned.moved), fraction=1.0))
    return applying.apply(planned.actions, house.tracker, tell)


def weekly(house: House, week: Week, tell: ProgressListener) -> Outcome:
    """Gather, hear, measure, render, plan, apply: what the schedule runs."""
    house.require_to_publish(with_tickets=True)
    gathered = gather(house, week, tell)
    hear(house, week, tell)
    measure(house, week)
    render(house, week, tell)
    planned = plan(house, week)
    applied = _publish(house, planned, tell)
    return Outcome(week=week, gathered=gathered, planned=planned, applied=applied)


def listen(house: House, week: Week, tell: ProgressListener) -> tuple[PublicationPlan, Applied]:
    """Hear what people said, answer it, and bring follow-ups and the reports it concerns up to date.

    `week` is the week whose reports people read: the latest one that was published.
    """
    unanswerable = hear(house, week, tell)
    desk = house.desk(plan_of(house, week), judged(house, week), said(house))
    wanted = dialogue.replies(house.settings.reports, desk, house.renderer)
    concerned = dialogue.concerned(desk)
    definitions = [d for d in house.settings.reports if d.scope in (FOLLOW_UP, "each_engineer")]
    rendered = pipeline.render(definitions, desk, house.renderer, tell, concerned)
    planned = pipeline.plan([one.issue for one in rendered], house.tracker, week, _since(house, week), wanted)
    applied = _carried_out(house, planned, tell)
    answers = dialogue.kept_promises(planned.replies, applied.failed)
    answered, failures = dialogue.post(answers, house.conversations, tell)
    records.log_deeds(house, planned, replace(applied, failures=applied.failures + failures), answers)
    planned = replace(planned, violations=tuple(dict.fromkeys((*unanswerable, *planned.violations))))
    return planned, replace(applied, answered=answered, failures=applied.failures + failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOutcome:
    """What a run for the queues came to; `gaps` are the sources that could not be read, a sentence each."""

    planned: PublicationPlan
    applied: Applied
    gaps: tuple[str, ...]


def queue(house: House, tell: ProgressListener) -> QueueOutcome | None:
    """Bring the queue issue of every region up to date; None when no queue is named, or no report is for each region."""
    settings, definitions = house.queues, [d for d in house.settings.reports if d.scope == EACH_REGION]
    if settings is None or not definitions:
        return None
    house.require_to_publish(with_tickets=bool(settings.handover_tags))
    sources, gaps = list(queue_wiring.queue_sources(house, settings)), []
    if settings.handover_tags:
        gaps += _gather_tickets(house, tell)
        sources += [] if gaps else [queue_wiring.stored_handovers(house, settings)]
    now, rules = house.clock.now(), queue_wiring.queue_rules(house, settings)
    waiting, unread = queues.read(sources, Window(full_hour(now) - rules.limits.closed_for, now), tell)
    gaps += unread
    views = [region_queue(one, rules.limits, tuple(gaps)) for one in region_queues(waiting, rules, now)]
    desired = queues.render(definitions, house.plan.team, views, house.renderer)
    week = Week.containing(now.astimezone(house.plan.zone).date())
    planned = pipeline.plan(desired, house.tracker, week, now - LOOK_BACK)
    return QueueOutcome(planned=planned, applied=_carried_out(house, planned, tell), gaps=tuple(gaps))


def _gather_tickets(house: House, tell: ProgressListener) -> list[str]:
    """Bring the tickets up to date, as far back as the weekly job needs them; what could not be read, a sentence each."""
    now = house.clock.now()
    needed = kept_weeks.needed_facts(house, last_full_week(now, house.plan.zone))
    gathered = _gather(house, [house.ticket_source()], needed, tell)
    return [f"{stream}: {error.message}" for stream, error in gathered.failures.items()]


def latest_published(house: House, week: Week) -> Week | None:
    """The latest week up to the given one whose reports were published; None when none was, as far as judging looks back."""
    return max(published_weeks(house, week), default=None)


def _since(house: House, week: Week) -> datetime:
    """Since when the issues of a week were opened: since its end, unless somebody reports a week that is still going on."""
    window = week_window(week, house.plan.zone)
    return (window.end if window.end <= house.clock.now() else window.start) - CLOCKS_APART
