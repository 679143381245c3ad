"""Each stage with the files it reads and leaves behind, and all of them together as the weekly job; no printing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from reports import pipeline
from reports.core.publication import DesiredIssue
from reports.core.published import PublishedWeek
from reports.core.results import HISTORY_WEEKS, WeekResults, as_published, evidence_window
from reports.core.weeks import Week, week_window
from reports.pipeline import Applied, Gathered, PublicationPlan, Rendered
from reports.ports import Progress, ProgressListener
from reports.wiring import House

RESULTS, DESIRED, PLAN, PUBLISHED = "results", "desired", "plan", "published"

#: Issues opened longer ago than this before the week and closed since are another week's: they are not looked at.
LOOK_BACK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a weekly run came to."""

    week: Week
    gathered: Gathered
    planned: PublicationPlan
    applied: Applied

    @property
    def gaps(self) -> tuple[str, ...]:
        """Streams that were not read to the end, and why."""
        return tuple(f"{stream}: {error.message}" for stream, error in self.gathered.failures.items())


def gather(house: House, week: Week, tell: ProgressListener) -> Gathered:
    """Bring the facts up to date, as far back as judging the week needs."""
    return pipeline.gather(house.sources(), house.store, evidence_window(week, house.plan.zone), house.clock.now(), tell)


def judged(house: House, week: Week) -> WeekResults:
    """The week measured and judged from the stored facts and the weeks that were published; leaves no file."""
    return pipeline.measure(house.plan, house.engine, house.store, week, published_weeks(house, week))


def measure(house: House, week: Week) -> WeekResults:
    """Measure and judge the week; leaves `results.json`."""
    results = judged(house, week)
    house.files(week).write(RESULTS, results)
    return results


def published_weeks(house: House, week: Week) -> dict[Week, PublishedWeek]:
    """What was published of the weeks that a report looks at."""
    found = {each: house.files(each).find(PUBLISHED, PublishedWeek) for each in week.back_to(HISTORY_WEEKS)}
    return {each: published for each, published in found.items() if published is not None}


def render(house: House, week: Week, tell: ProgressListener) -> tuple[Rendered, ...]:
    """Render every report of the judged week as an issue; leaves `desired.json`."""
    results = house.files(week).read(RESULTS, WeekResults, "measure")
    rendered = pipeline.render(house.settings.reports, house.desk(results), house.renderer, tell)
    house.files(week).write(DESIRED, tuple(report.issue for report in rendered))
    return rendered


def write_files(house: House, week: Week, rendered: Sequence[Rendered], tell: ProgressListener) -> Path:
    """Write rendered reports as Markdown files with charts, for reading without GitLab; gives their folder."""
    folder = house.files(week).folder / "reports"
    for done, report in enumerate(rendered):
        house.renderer.file(report.definition.name, report.view, folder / report.file)
        tell(Progress(step="draw", detail=str(report.file), fraction=(done + 1) / len(rendered)))
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
    applied = pipeline.apply(planned, house.tracker, tell)
    results = house.files(planned.week).read(RESULTS, WeekResults, "measure")
    house.files(planned.week).write(PUBLISHED, as_published(results))
    return applied


def weekly(house: House, week: Week, tell: ProgressListener) -> Outcome:
    """Gather, measure, render, plan, apply: what the schedule runs."""
    gathered = gather(house, week, tell)
    measure(house, week)
    render(house, week, tell)
    planned = plan(house, week)
    applied = _publish(house, planned, tell)
    return Outcome(week=week, gathered=gathered, planned=planned, applied=applied)


def _since(house: House, week: Week) -> datetime:
    return week_window(week, house.plan.zone).start - LOOK_BACK
