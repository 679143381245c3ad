"""How it is with the schedules of the pipelines that do the work: those that have to be there, and why one may not run.

Which one a schedule is says its variable `SUPPORT_REPORTS_RUN`. GitLab shows it to Maintainers and to the schedule's owner only;
to others a schedule is the one that its times fit.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reports.core.health import PUBLISHING, Finding, Trouble, Verdict, ok, warning, wrong

PIPELINES = "pipelines"
VARIABLE = "SUPPORT_REPORTS_RUN"
#: GitLab starts what is due every few minutes; on a busy server it takes longer.
LATE = timedelta(hours=2)

_WHERE = "in Build, Pipeline schedules"
_ONE_VALUE = re.compile(r"\w+")


class Run(StrEnum):
    """What a pipeline does, as `SUPPORT_REPORTS_RUN` says it; the most frequent first, each that has to be there in `_TIMES`."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    ROTATE_TOKEN = "rotate-token"


_OFTEN = tuple(Run)
#: The runs that have to be there.
_TIMES = {
    Run.WEEKLY: "on Monday morning",
    Run.DAILY: f"every day, with the variable {VARIABLE} = daily",
    Run.HOURLY: f"every hour, with the variable {VARIABLE} = hourly",
}
_WITHOUT = {
    Run.WEEKLY: "no report is written",
    Run.DAILY: "nothing too old is deleted, and nobody notices when reports stop",
    Run.HOURLY: "comments are not answered, and queues not brought up to date",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule as GitLab tells it: `owner_state` is empty where there is no owner, `next_run_at` None where no run is planned.

    `run` is what its variable says, empty where it has none, None where we may not know.
    """

    description: str
    ref: str
    cron: str
    is_active: bool
    next_run_at: datetime | None
    owner: str
    owner_state: str
    run: str | None

    @property
    def kind(self) -> Run | None:
        """What it starts; None when that is nothing of ours, or not known."""
        if self.run is None:
            return _pace(self.cron)
        return next((run for run in Run if run == (self.run or Run.WEEKLY)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulesSeen:
    """The schedules of a project, and the branch they have to be on; empty when we may not know it."""

    project: str
    default_branch: str
    schedules: tuple[Schedule, ...]


def unasked() -> Finding:
    """That nobody said in which project the pipelines run."""
    step = "set CI_PROJECT_PATH to the project with the pipelines, as GitLab does in a job, and look again"
    return Finding(subject=PIPELINES, verdict=Verdict.UNSEEN, says="this is no pipeline, so whose schedules?", step=step)


def unreadable(project: str) -> Finding:
    """That no token sees the schedules of the project."""
    step = f"give the reading or the writing user the role Reporter in {project}, or look yourself {_WHERE}"
    says = f"{project} is not there, or does not show its schedules to our tokens"
    return Finding(subject=PIPELINES, verdict=Verdict.UNSEEN, says=says, step=step)


def about_schedules(seen: SchedulesSeen, now: datetime) -> Iterator[Finding]:
    """Whether the weekly, the daily and the hourly schedule are there and will run, and which one sets what means nothing."""
    for run in _TIMES:
        yield from _about_run(run, [one for one in seen.schedules if one.kind is run], seen.default_branch, now)
    for one in seen.schedules:
        if one.run is not None and one.kind is None:
            says = f"{_named(one)} sets {VARIABLE} to {one.run!r}, which starts nothing"
            yield warning(PIPELINES, says, f"set it to one of {', '.join(Run)} {_WHERE}")


def _about_run(run: Run, own: Sequence[Schedule], branch: str, now: datetime) -> Iterator[Finding]:
    subject = f"{PIPELINES}: {run}"
    if not own:
        says, step = f"there is no schedule, so {_WITHOUT[run]}", f"make one {_WHERE}, {_TIMES[run]}"
        yield _graded(subject, run, Trouble(says=says, step=step, code=PUBLISHING))
        return
    troubles = {one: tuple(_stops(run, one, now)) for one in own}
    working = [one for one in own if not troubles[one]]
    if not working:
        yield from (_graded(subject, run, trouble) for found in troubles.values() for trouble in found)
    blemishes = [finding for one in working for finding in _blemishes(subject, run, one, branch)]
    yield from blemishes
    if working and not blemishes:
        yield ok(subject, _well(working[0]))


def _graded(subject: str, run: Run, trouble: Trouble) -> Finding:
    """Without the weekly run no reports come; without another one they do."""
    return wrong(subject, trouble) if run is Run.WEEKLY else warning(subject, trouble.says, trouble.step)


def _well(one: Schedule) -> str:
    guessed = "" if one.run is not None else f"; taken for it by its times, since we may not see its {VARIABLE}"
    return f"next on {one.next_run_at:%Y-%m-%d %H:%M} UTC, owned by {one.owner}{guessed}"


def _stops(run: Run, one: Schedule, now: datetime) -> Iterator[Trouble]:
    """Why a schedule will not run: the first reason, which the others follow from."""
    if one.owner_state != "active":
        whose = f"its owner {one.owner} is {one.owner_state}" if one.owner_state else "it has no owner"
        yield _stopped(run, one, whose, "let somebody who stays take it over, and make it active,")
    elif not one.is_active:
        yield _stopped(run, one, "it is inactive", "make it active")
    elif one.next_run_at is None or one.next_run_at < now - LATE:
        due = f"it was due on {one.next_run_at:%Y-%m-%d %H:%M} UTC" if one.next_run_at else "no next run is planned"
        yield _stopped(run, one, due, "save it anew, which plans its next run, and run it by hand once,")


def _stopped(run: Run, one: Schedule, why: str, step: str) -> Trouble:
    return Trouble(says=f"{_named(one)} does not run: {why}, so {_WITHOUT[run]}", step=f"{step} {_WHERE}", code=PUBLISHING)


def _blemishes(subject: str, run: Run, one: Schedule, branch: str) -> Iterator[Finding]:
    """What is wrong with a schedule that runs."""
    if branch and one.ref != branch:
        says = f"{_named(one)} runs on {one.ref} in place of {branch}: other settings, and protected variables may be empty there"
        yield warning(subject, says, f"set its target branch to {branch} {_WHERE}")
    pace = _pace(one.cron)
    if pace is None:
        return
    if _OFTEN.index(pace) > _OFTEN.index(run):
        yield warning(subject, f"{_named(one)} runs less often than {run} ({one.cron})", f"let it run {_TIMES[run]}")
    elif run is Run.WEEKLY and pace is not run:
        says = f"{_named(one)} starts the weekly run more than once a week ({one.cron})"
        step = f"set its variable {VARIABLE} {_WHERE} if it is meant for something else, or let it run on Mondays only"
        yield warning(subject, says, step)


def _named(one: Schedule) -> str:
    return f"the schedule {one.description!r}"


def _pace(cron: str) -> Run | None:
    """The run that comes round as often as a pattern, as far as its fields tell; None when they are something else."""
    fields = cron.split()
    if len(fields) != 5:
        return None
    _, hour, day, month, weekday = (_ONE_VALUE.fullmatch(field) is not None for field in fields)
    if day or month:
        return Run.ROTATE_TOKEN
    if not hour:
        return Run.HOURLY
    return Run.WEEKLY if weekday else Run.DAILY
