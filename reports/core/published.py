"""Weeks that were published: frozen with the goals, capacity, rules and numbers they were judged with; changes are marked.

What comes to light later (late data, leave that was recorded afterwards) never changes a published verdict. It stands
beside it, old and new, and only ever counts in the person's favour.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reports.core.assessment import week_status
from reports.core.judgement import AssessedWeek, Capacity, Restatement, Status, Verdict
from reports.core.model import RuleSet
from reports.core.weeks import Week

#: From what ends a run of missed weeks to what lengthens it.
_KINDEST_FIRST = (Status.MET, Status.WITHIN_NOISE, Status.NOT_ASSESSED, Status.NO_DATA, Status.NOT_MET)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedWeek:
    """A week as it was published: the rules it was judged by, and each engineer's judgement by username."""

    week: Week
    rules: RuleSet
    engineers: dict[str, AssessedWeek]


PublishedWeeks = Mapping[Week, PublishedWeek]


def held(frozen: AssessedWeek, today: AssessedWeek) -> AssessedWeek:
    """A published week, with what has changed; `today` is the same week judged by the same goals and rules again.

    A verdict stays; one that lacked its number or the days available is completed when they are known. The status is the
    kindest of all views of the week: as it was published, as it is today, and goal by goal. What is kept of it (`revised`)
    holds from then on, so that a source that is down takes no relief back.
    """
    pairs = list(zip(frozen.verdicts, today.verdicts, strict=True))
    completed = tuple(now if _is_completed(old, now) else old for old, now in pairs)
    capacity = today.capacity if frozen.capacity.unknown else frozen.capacity
    by_goal = tuple(_kinder(old, now) for old, now in zip(completed, today.verdicts, strict=True))
    return replace(
        frozen,
        capacity=capacity,
        capacity_now=_lesser(capacity, frozen.capacity_now, today.capacity),
        verdicts=completed,
        status=_status(frozen, week_status(capacity, completed), _by_goal(capacity, today, by_goal), today.status),
        said_days=today.said_days,
        restated=tuple(_restatement(old, now) for old, now in pairs if _differs(old, now)),
    )


def revised(frozen: AssessedWeek, now: AssessedWeek) -> AssessedWeek | None:
    """What is to be kept of a published week from now on; None when it is what is kept already."""
    kept = replace(now, missed_run_length=0, restated=())
    return kept if kept != replace(frozen, missed_run_length=0, restated=()) else None


def _is_completed(old: Verdict, now: Verdict) -> bool:
    was_open = old.measurement.is_missing or bool(old.capacity.unknown or old.measurement.hidden)
    return was_open and now.status is not Status.NO_DATA and not now.measurement.is_missing and not now.capacity.unknown


def _differs(old: Verdict, now: Verdict) -> bool:
    """Whether number or target is another today; facts that were deleted since are no news."""
    if now.measurement.is_missing or now.capacity.unknown:
        return False
    return _shown(now) != _shown(old)


def _shown(verdict: Verdict) -> tuple[float | None, int | None, float]:
    return verdict.measurement.value, verdict.measurement.cases, verdict.target


def _restatement(old: Verdict, now: Verdict) -> Restatement:
    return Restatement(
        measure=old.goal.measure,
        published=old.measurement,
        published_target=old.target,
        published_status=old.status,
        now=now.measurement,
        target_now=now.target,
        status_now=now.status,
    )


def is_worse(now: Status, published: Status) -> bool:
    """Whether a status of today is less kind than the published one, which then stands."""
    return _KINDEST_FIRST.index(now) > _KINDEST_FIRST.index(published)


def _status(frozen: AssessedWeek, *views: Status) -> Status:
    """The kindest status; a week that was published as met or as not assessed stays that."""
    if frozen.status in (Status.MET, Status.NOT_ASSESSED):
        return frozen.status
    known = {view for view in (*views, frozen.status) if view is not Status.NO_DATA}
    return min(known, key=_KINDEST_FIRST.index, default=Status.NO_DATA)


def _by_goal(capacity: Capacity, today: AssessedWeek, verdicts: tuple[Verdict, ...]) -> Status:
    """The status that the kinder verdict of each goal makes; days that do not count today let no other goal end a run."""
    return week_status(capacity if today.capacity.unknown else today.capacity, verdicts)


def _kinder(old: Verdict, now: Verdict) -> Verdict:
    if now.status is Status.NO_DATA:
        return old
    return min(old, now, key=lambda verdict: _KINDEST_FIRST.index(verdict.status))


def _lesser(published: Capacity, noted: Capacity | None, today: Capacity) -> Capacity | None:
    """The days that came to light after publication; None unless they are fewer than those that were published."""
    least = noted or published
    is_less = not least.uncounted and (bool(today.uncounted) or today.available_days < least.available_days)
    return today if is_less and not today.unknown else noted
