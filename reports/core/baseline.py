"""The ticket baseline: a factor times the mean per available day among peers of the same focus; shown, never counted."""

from collections.abc import Sequence
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


def baseline(measure: str, own: PeerWeek, group: Sequence[PeerWeek], rules: RuleSet) -> BaselineLine:
    """The line for `own` from the whole focus group (own included), leaving out whoever is not assessed or has no data."""
    counted = [
        (p.measurement.value, p.capacity.available_days) for p in group if not (p.capacity.uncounted or p.capacity.unknown)
    ]
    known = [(value, days) for value, days in counted if value is not None]
    line = _line(known, own.capacity.available_days, rules)
    value = own.measurement.value
    return BaselineLine(
        measure=measure, value=value, line=line, peers=len(known), status=_status(own.capacity, value, line, rules)
    )


def _line(known: Sequence[tuple[float, float]], available_days: float, rules: RuleSet) -> float | None:
    days = sum(d for _, d in known)
    if len(known) < rules.minimum_peers or days <= 0:
        return None
    return tenth(rules.baseline_factor * sum(v for v, _ in known) / days * available_days)


def _status(capacity: Capacity, value: float | None, line: float | None, rules: RuleSet) -> Status:
    if capacity.uncounted:
        return Status.NOT_ASSESSED
    if value is None or capacity.unknown:
        return Status.NO_DATA
    return Status.NOT_ASSESSED if line is None else below(value, line, rules.noise_units)
