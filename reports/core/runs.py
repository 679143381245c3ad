"""How many counted weeks in a row missed an agreed goal; a fold over week statuses, oldest first."""

from collections.abc import Iterable
from dataclasses import dataclass

from reports.core.judgement import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The run so far, and how many uncounted weeks have passed since its last counted one."""

    length: int = 0
    uncounted: int = 0


def extend(run: Run, status: Status, uncounted_weeks_that_reset: int) -> Run:
    """The run after one more week.

    A missed week extends it; a met one, or one within noise, ends it; a week that is not assessed or has
    no data pauses it, and so many of those in a row end it.
    """
    if status is Status.NOT_MET:
        return Run(length=run.length + 1)
    if status in (Status.MET, Status.WITHIN_NOISE):
        return Run()
    uncounted = run.uncounted + 1
    return Run() if uncounted >= uncounted_weeks_that_reset else Run(length=run.length, uncounted=uncounted)


def run_lengths(weeks: Iterable[tuple[Status, int]]) -> tuple[int, ...]:
    """The length of the run after each week; each comes with the number of uncounted weeks that reset it then."""
    run, lengths = Run(), []
    for status, reset in weeks:
        run = extend(run, status, reset)
        lengths.append(run.length)
    return tuple(lengths)
