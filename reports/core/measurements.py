"""Counted evidence into values over any span of days, keeping "no data" apart from zero."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import fsum
from zoneinfo import ZoneInfo

from reports.core.model import Aggregation, Coverage, Evidence, Measure, Measurement
from reports.core.people import Engineer
from reports.core.rates import quantile, ratio
from reports.core.weeks import DayRange, Week, Window, window_of_days

NO_ZENDESK_ID = "no Zendesk id is known for this person"
NOBODY = ""
ANYWHERE = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """The counted evidence of one measure: columns of equal length, ordered by person and day.

    A row of a count or a ratio is what one day brought one person in one category and region, or a part of it: so many
    `cases`, of which the `amounts` hold. A row of a sum or a quantile is a single case, its value the amount. `people`,
    `categories` and `regions` are positions in the names; the name of nobody is empty. Days are ordinals of dates, as the
    reporting zone counts them.
    """

    people: Sequence[int]
    days: Sequence[int]
    categories: Sequence[int]
    regions: Sequence[int]
    cases: Sequence[int]
    amounts: Sequence[float]
    people_names: tuple[str, ...]
    category_names: tuple[str, ...] = ("",)
    region_names: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Counted:
    """What some cases come to together: how many there are, and what holds of them, or their values."""

    cases: int = 0
    amounts: Sequence[float] = ()


def together(parts: Iterable[Counted]) -> Counted:
    """Cases that were counted apart."""
    cases, amounts = 0, list[float]()
    for part in parts:
        cases += part.cases
        amounts.extend(part.amounts)
    return Counted(cases, amounts)


class Tallies:
    """All counted evidence by measure and person, for adding up over days; few numbers where there were many events.

    Those of earlier days may come from what was kept of them.
    """

    def __init__(self, measures: Mapping[str, Columns], kept: "KeptCounts | None" = None) -> None:
        self._columns = measures
        self._rows = {name: _rows_of_people(columns) for name, columns in measures.items()}
        self._kept = kept

    @property
    def columns(self) -> Mapping[str, Columns]:
        """The counted evidence by measure, but for what was kept of earlier days."""
        return self._columns

    @property
    def facts_since(self) -> date | None:
        """The day before which there are counts and no events; None while nothing was removed."""
        return self._kept.facts_since if self._kept else None

    def and_kept(self, kept: "KeptCounts | None") -> "Tallies":
        """The same with what was kept of the days before."""
        return Tallies(self._columns, kept)

    def uncounted(self, person: str, measure: str, days: DayRange) -> str:
        """Why some of these days cannot be counted any more; empty when all can. Nobody stands for the measure as a whole."""
        return self._kept.uncounted(person, measure, days) if self._kept else ""

    def counted(self, person: str, measure: str, days: DayRange) -> Counted:
        """What one person's cases of a measure come to on whole days."""
        own, before = self._counted(person, measure, days), self._before(days)
        return together((before.counted(person, measure, days), own)) if before else own

    def by_region(self, person: str, measure: str, days: DayRange) -> Mapping[str, Counted]:
        """The same cases by the region that they name; those that name none under the empty one."""
        columns = self._columns.get(measure)
        names_none = columns is None or columns.region_names in ((), (ANYWHERE,))
        if names_none and not self._before(days):
            return {ANYWHERE: self.counted(person, measure, days)}
        parts = self.by_category(person, measure, days)
        regions = dict.fromkeys(region for _, region in parts)
        return {region: together(part for (_, own), part in parts.items() if own == region) for region in regions}

    def by_category(self, person: str, measure: str, days: DayRange) -> Mapping[tuple[str, str], Counted]:
        """The same cases by their category and the region that they name."""
        own, before = self._by_category(person, measure, days), self._before(days)
        if not before:
            return own
        kept = before.by_category(person, measure, days)
        return {place: together(part[place] for part in (kept, own) if place in part) for place in (*kept, *own)}

    def _before(self, days: DayRange) -> "Tallies | None":
        """What was kept of the days before there are facts, where some of these are among them."""
        return self._kept.tallies if self._kept and days.first < self._kept.facts_since else None

    def _counted(self, person: str, measure: str, days: DayRange) -> Counted:
        rows = self._within(person, measure, days)
        if rows.start == rows.stop:
            return Counted()
        columns = self._columns[measure]
        return Counted(sum(columns.cases[rows]), columns.amounts[rows])

    def _by_category(self, person: str, measure: str, days: DayRange) -> Mapping[tuple[str, str], Counted]:
        rows = self._within(person, measure, days)
        if rows.start == rows.stop:
            return {}
        columns = self._columns[measure]
        cases: defaultdict[tuple[int, int], int] = defaultdict(int)
        amounts: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
        for category, region, count, amount in zip(
            columns.categories[rows], columns.regions[rows], columns.cases[rows], columns.amounts[rows], strict=True
        ):
            cases[category, region] += count
            amounts[category, region].append(amount)
        names, regions = columns.category_names, columns.region_names
        return {(names[c], regions[r]): Counted(count, amounts[c, r]) for (c, r), count in cases.items()}

    def _within(self, person: str, measure: str, days: DayRange) -> slice:
        rows = self._rows.get(measure, {}).get(person)
        if rows is None:
            return slice(0, 0)
        column = self._columns[measure].days
        first = bisect_left(column, days.first.toordinal(), rows.start, rows.stop)
        return slice(first, bisect_left(column, days.last.toordinal() + 1, first, rows.stop))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptCounts:
    """What was counted of the days before `facts_since`, a Monday: their facts are gone, or may go.

    `weeks` says of whom each measure was counted in each week; the empty name stands for the measure itself.
    """

    facts_since: date
    tallies: Tallies
    weeks: Mapping[Week, Mapping[str, frozenset[str]]]

    def uncounted(self, person: str, measure: str, days: DayRange) -> str:
        """Why something cannot be counted over these days; empty when it can, by what was kept or by facts."""
        for week in _weeks_of(days, self.facts_since):
            people = self.weeks.get(week, {}).get(measure, frozenset())
            if person not in people:
                who = "it" if NOBODY not in people else "this person"
                return f"the facts of {week} are kept no more, and {who} was not counted while they were there"
        return ""


def _weeks_of(days: DayRange, before: date) -> Iterator[Week]:
    monday = Week.containing(days.first).first_day
    while monday <= days.last and monday < before:
        yield Week.containing(monday)
        monday += timedelta(weeks=1)


def _rows_of_people(columns: Columns) -> dict[str, slice]:
    """Where each person's rows lie."""
    starts = [bisect_left(columns.people, number) for number in range(len(columns.people_names) + 1)]
    found = zip(columns.people_names, starts, starts[1:], strict=False)
    return {name: slice(start, stop) for name, start, stop in found if start < stop}


class Evidences:
    """Evidence rows by person and measure, ordered by time, for showing those of a window."""

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


def measurement(kind: Aggregation, counted: Counted) -> Measurement:
    """What cases come to: how many there are, the sum of their values, the share of those that hold, or a quantile."""
    if kind is Aggregation.COUNT:
        return Measurement(value=float(counted.cases))
    if kind is Aggregation.SUM:
        return Measurement(value=fsum(counted.amounts), kind=kind)
    if kind is Aggregation.RATIO:
        return ratio(int(sum(counted.amounts)), counted.cases)
    return quantile(kind, counted.amounts)


def unknown_person(measure: Measure, engineer: Engineer, coverage: Mapping[str, Coverage]) -> str:
    """Why the sources of a measure do not know a person; empty when they do."""
    if engineer.zendesk_id is None and any(stream.startswith("zendesk.") for stream in measure.streams):
        return NO_ZENDESK_ID
    for source in sorted({stream.partition(".")[0] for stream in measure.streams}):
        if any(engineer.username in reach.unknown_people for name, reach in coverage.items() if name.startswith(f"{source}.")):
            return f"{source} has no account named {engineer.username}"
    return ""


def unread_streams(measure: Measure, window: Window, coverage: Mapping[str, Coverage]) -> str:
    """Why the streams of a measure do not reach over a window; empty when they do."""
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


class Spans:
    """Measurements of people over days; what is asked again and again, such as how far the streams reach, is looked up once."""

    def __init__(self, tallies: Tallies, coverage: Mapping[str, Coverage], zone: ZoneInfo) -> None:
        self._tallies = tallies
        self._coverage = coverage
        self._zone = zone
        self._unknown: dict[tuple[tuple[str, ...], str], str] = {}
        self._unread: dict[tuple[tuple[str, ...], DayRange], str] = {}
        self._hidden: dict[tuple[str, ...], str] = {}

    def measured(self, measure: Measure, engineer: Engineer, days: DayRange) -> Measurement:
        """The value of one measure of one person over whole days, or None with the reason."""
        missing = (
            self._unknown_person(measure, engineer)
            or self._unread_streams(measure, days)
            or self._tallies.uncounted(engineer.username, measure.name, days)
        )
        if missing:
            return Measurement(value=None, missing=missing, kind=measure.kind)
        found = measurement(measure.kind, self._tallies.counted(engineer.username, measure.name, days))
        spots = self._hidden_spots(measure)
        return replace(found, hidden=spots) if spots else found

    def _hidden_spots(self, measure: Measure) -> str:
        if measure.streams not in self._hidden:
            self._hidden[measure.streams] = hidden(measure, self._coverage)
        return self._hidden[measure.streams]

    def _unknown_person(self, measure: Measure, engineer: Engineer) -> str:
        asked = measure.streams, engineer.username
        if asked not in self._unknown:
            self._unknown[asked] = unknown_person(measure, engineer, self._coverage)
        return self._unknown[asked]

    def _unread_streams(self, measure: Measure, days: DayRange) -> str:
        asked = measure.streams, days
        if asked not in self._unread:
            self._unread[asked] = unread_streams(measure, window_of_days(days, self._zone), self._coverage)
        return self._unread[asked]
