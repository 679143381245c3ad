"""Weeks that were published: frozen with the goals, capacity, rules and numbers they were judged with; changes are marked.

What comes to light later (late data, leave that was recorded afterwards) never changes a published verdict. It stands
beside it, old and new, and only ever counts in the person's favour.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reports.core.assessment import week_status
from reports.core.judgement import AssessedWeek, Restatement, Status, Verdict
from reports.core.model import RuleSet
from reports.core.weeks import Week

#: From what says nothing against anyone to what does.
_GRAVITY = {Status.MET: 0, Status.NOT_ASSESSED: 0, Status.NO_DATA: 1, Status.WITHIN_NOISE: 1, Status.NOT_MET: 2}


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
    milder one.
    """
    pairs = list(zip(frozen.verdicts, today.verdicts, strict=True))
    verdicts = tuple(now if _is_completed(old, now) else old for old, now in pairs)
    return replace(
        frozen,
        capacity=today.capacity if frozen.capacity.unknown else frozen.capacity,
        verdicts=verdicts,
        status=_milder(week_status(frozen.capacity, verdicts), today.status),
        said_days=today.said_days,
        restated=tuple(_restatement(old, now) for old, now in pairs if _differs(old, now)),
    )


def _is_completed(old: Verdict, now: Verdict) -> bool:
    was_open = old.measurement.is_missing or bool(old.capacity.unknown)
    return was_open and not now.measurement.is_missing and not now.capacity.unknown


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
    """Whether a status of today would say more against the person than the published one, which then stands."""
    return _GRAVITY[now] > _GRAVITY[published]


def _milder(one: Status, other: Status) -> Status:
    """The status that counts less against the person; the published one when both count the same."""
    return other if _GRAVITY[other] < _GRAVITY[one] and other is not Status.NO_DATA else one
