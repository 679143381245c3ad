"""The ticket baseline: a factor times the mean per available day among peers of the same focus; shown, never counted."""

from collections.abc import Iterable
from dataclasses import dataclass

from reports.core.assessment import below
from reports.core.judgement import Capacity, Status
from reports.core.model import Measurement, RuleSet
from reports.core.rounding import tenth


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerWeek:
    """What one person of a focus group did of one measure in a week, and the capacity they had."""

    username: str
    capacity: Capacity
    measurement: Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineLine:
    """The line for one person and measure, and where their value stands; no line with too few peers."""

    measure: str
    value: float | None
    line: float | None
    peers: int
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """What a focus group came to together: how many people with how much in how many available days."""

    count: int
    total: float
    days: float


def peers_of(group: Iterable[PeerWeek]) -> Peers:
    """The sums of a focus group, leaving out whoever is not assessed or has no data."""
    counted = (p for p in group if not (p.capacity.uncounted or p.capacity.unknown))
    known = [(p.measurement.value, p.capacity.available_days) for p in counted if p.measurement.value is not None]
    return Peers(count=len(known), total=sum(value for value, _ in known), days=sum(days for _, days in known))


def baseline(measure: str, own: PeerWeek, peers: Peers, rules: RuleSet) -> BaselineLine:
    """The line for `own` from their whole focus group, own included."""
    line = _line(peers, own.capacity.available_days, rules)
    value = own.measurement.value
    return BaselineLine(
        measure=measure, value=value, line=line, peers=peers.count, status=_status(own.capacity, value, line, rules)
    )


def _line(peers: Peers, available_days: float, rules: RuleSet) -> float | None:
    if peers.count < rules.minimum_peers or peers.days <= 0:
        return None
    return tenth(rules.baseline_factor * peers.total / peers.days * available_days)


def _status(capacity: Capacity, value: float | None, line: float | None, rules: RuleSet) -> Status:
    if capacity.uncounted:
        return Status.NOT_ASSESSED
    if value is None or capacity.unknown:
        return Status.NO_DATA
    return Status.NOT_ASSESSED if line is None else below(value, line, rules.noise_units)
