"""Evidence rows into values over any span, keeping "no data" apart from zero."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import fsum
from zoneinfo import ZoneInfo

from reports.core.model import Aggregation, Coverage, Evidence, Measure, Measurement
from reports.core.people import Engineer
from reports.core.rates import quantile, ratio
from reports.core.weeks import DayRange, Window, window_of_days

NO_ZENDESK_ID = "no Zendesk id is known for this person"


class Evidences:
    """All evidence by person and measure, ordered by time, for counting over windows."""

    def __init__(self, rows: Iterable[Evidence]) -> None:
        self._rows: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.at, row.url, row.note)):
            self._rows[row.engineer, row.measure].append(row)

    def within(self, engineer: str, measure: str, window: Window) -> tuple[Evidence, ...]:
        """The rows of one person and measure in a half-open window, oldest first."""
        rows = self._rows.get((engineer, measure), [])
        return tuple(rows[_first_at(rows, window.start) : _first_at(rows, window.end)])


def _first_at(rows: list[Evidence], moment: datetime) -> int:
    return bisect_left(rows, moment, key=lambda row: row.at)


def measurement(kind: Aggregation, rows: Sequence[Evidence]) -> Measurement:
    """What evidence rows come to: how many there are, the sum of their values, the share of those above 0, or a quantile."""
    if kind is Aggregation.COUNT:
        return Measurement(value=float(len(rows)))
    if kind is Aggregation.SUM:
        return Measurement(value=fsum(row.value for row in rows), kind=kind)
    if kind is Aggregation.RATIO:
        return ratio(sum(row.value > 0 for row in rows), len(rows))
    return quantile(kind, (row.value for row in rows))


def missing_reason(measure: Measure, engineer: Engineer, window: Window, coverage: Mapping[str, Coverage]) -> str:
    """Why a measure of a person has no data over a window; empty when it has."""
    if engineer.zendesk_id is None and any(stream.startswith("zendesk.") for stream in measure.streams):
        return NO_ZENDESK_ID
    for source in sorted({stream.partition(".")[0] for stream in measure.streams}):
        if any(engineer.username in reach.unknown_people for name, reach in coverage.items() if name.startswith(f"{source}.")):
            return f"{source} has no account named {engineer.username}"
    for stream in measure.streams:
        reach = coverage.get(stream)
        if reach is None or reach.since is None or reach.until is None:
            return f"{stream} was never gathered"
        if reach.since > window.start:
            return f"{stream} was gathered only since {reach.since:%Y-%m-%d}"
        if reach.until < window.end:
            return f"{stream} was gathered only until {reach.until:%Y-%m-%d %H:%M} UTC"
    return ""


def hidden(measure: Measure, coverage: Mapping[str, Coverage]) -> str:
    """What the sources of a measure hide from the reading token; empty when it sees everything."""
    reaches = (coverage.get(stream) for stream in measure.streams)
    return "; ".join(dict.fromkeys(spot for reach in reaches if reach for spot in reach.blind_spots))


def measure_span(
    measure: Measure, engineer: Engineer, days: DayRange, zone: ZoneInfo, evidence: Evidences, coverage: Mapping[str, Coverage]
) -> Measurement:
    """The value of one measure of one person over whole days, or None with the reason."""
    window = window_of_days(days, zone)
    missing = missing_reason(measure, engineer, window, coverage)
    if missing:
        return Measurement(value=None, missing=missing, kind=measure.kind)
    found = measurement(measure.kind, evidence.within(engineer.username, measure.name, window))
    return replace(found, hidden=hidden(measure, coverage))
