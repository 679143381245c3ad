"""What people said that changes how a week counts: excused weeks, disputed numbers, corrected days, a fresh start; no reasons.

Excused and disputed is laid over judged weeks, never into the published ones, so that taking the word back brings the week
back as it was. Corrected days are part of the context that a week is judged with, and relief they bring is kept with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reports.core.assessment import week_status
from reports.core.context import Correction
from reports.core.judgement import AssessedWeek, Status, Verdict
from reports.core.weeks import Week

EXCUSED = "excused"
DISPUTED = "disputed, until it is settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Excused weeks by person, disputed numbers by person and measure, corrected days, and the last week of an ended case."""

    excused: frozenset[tuple[str, Week]] = frozenset()
    disputed: frozenset[tuple[str, str, Week]] = frozenset()
    corrections: tuple[Correction, ...] = ()
    fresh_starts: Mapping[str, Week] = field(default_factory=dict)
    followed: frozenset[str] = frozenset()
    """Usernames with a follow-up that is open or wants an answer, for whom the events behind the goals of all weeks are kept."""


NOTHING_SAID = Overrides()


def overridden(username: str, judged: AssessedWeek, overrides: Overrides) -> AssessedWeek:
    """A judged week as it counts: an excused one is not assessed, nor is a number that the engineer disputes."""
    if (username, judged.week) in overrides.excused:
        return _excused(judged)
    disputed = {measure for who, measure, week in overrides.disputed if (who, week) == (username, judged.week)}
    if not disputed & {verdict.goal.measure for verdict in judged.verdicts}:
        return judged
    verdicts = tuple(_set_aside(v, DISPUTED) if v.goal.measure in disputed else v for v in judged.verdicts)
    return replace(judged, verdicts=verdicts, status=_status_without(judged, verdicts))


def _excused(judged: AssessedWeek) -> AssessedWeek:
    """An excused week; one that speaks for the person keeps its status, since it ends a run."""
    capacity = replace(judged.capacity, uncounted=judged.capacity.uncounted or EXCUSED)
    if judged.status in (Status.MET, Status.WITHIN_NOISE):
        return replace(judged, capacity=capacity)
    verdicts = tuple(_set_aside(verdict, EXCUSED) for verdict in judged.verdicts)
    return replace(judged, capacity=capacity, verdicts=verdicts, status=Status.NOT_ASSESSED)


def _set_aside(verdict: Verdict, reason: str) -> Verdict:
    """A verdict that does not count; what was not assessed anyway keeps its own reason."""
    if verdict.status is Status.NOT_ASSESSED:
        return verdict
    return replace(verdict, status=Status.NOT_ASSESSED, reason=reason)


def _status_without(judged: AssessedWeek, verdicts: Iterable[Verdict]) -> Status:
    """The week's status without what is disputed: a miss that hangs on it waits, so it neither extends nor ends a run."""
    without = week_status(judged.capacity, verdicts)
    if judged.status is Status.NOT_MET:
        return judged.status if without is Status.NOT_MET else Status.NOT_ASSESSED
    return without if (judged.status, without) == (Status.WITHIN_NOISE, Status.MET) else judged.status
