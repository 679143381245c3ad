"""Runs the measures' SQL over the stored facts: counted by person and day, or as the events behind a number; it judges nobody.

The facts are read first; after that DuckDB may open no file any more, so a measure sees facts and nothing else.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb

from reports.core.facts import TABLES, MergeRequest, Ticket, TicketEvent, TicketMetricEvent
from reports.core.measurements import Columns, Tallies
from reports.core.model import Evidence, Measure
from reports.core.people import Engineer, Team
from reports.core.shown_events import Wanted
from reports.core.view import Contribution
from reports.core.weeks import Window, window_of_days
from reports.measures.evidence_queries import TallyQuery, events_of, introduce_names, names_of, tally_of, tally_query
from reports.measures.local_days import local_day
from reports.measures.needed_views import needed_views
from reports.measures.registry import BUILT_IN, MeasureFile, read_measures
from reports.measures.stored_facts import close_files, opened, store_failures
from reports.measures.team_tables import team_tables

if TYPE_CHECKING:
    from reports.measures.warehouse import WarehouseScript

#: As much memory as DuckDB may take for facts and for queries; what is more goes to a temporary folder.
MEMORY_LIMIT = "1500MiB"

#: So large that they stay in their files, from which `views.sql` makes what measures need of them.
_IN_FILES = (TABLES[Ticket], TABLES[TicketEvent], TABLES[TicketMetricEvent])


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings:
    """What measures may ask for by name: each field is a variable, such as `getvariable('escalation_tags')`."""

    contributions_label: str = "Support Team Contributions"
    """The label of GitLab that makes a merge request a contribution of support."""
    escalation_tags: tuple[str, ...] = ()
    """A ticket that got one of these tags of Zendesk was escalated."""
    bots: tuple[int, ...] = ()
    """Ids of Zendesk that are nobody, though Zendesk does not say so."""

    def variables(self) -> Iterator[tuple[str, str, str | list[str] | list[int]]]:
        """Name, type in SQL and value of each."""
        yield "contributions_label", "VARCHAR", self.contributions_label
        yield "escalation_tags", "VARCHAR[]", list(self.escalation_tags)
        yield "bots", "BIGINT[]", list(self.bots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A ticket that was handed over and has no assignee, with those of its tags that are kept; `since` is when it lost one."""

    ticket: int
    url: str
    tags: tuple[str, ...]
    since: datetime


class OpenMeasures:
    """The measures of a team over the facts of one window, which were read once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, files: Sequence[MeasureFile], team: Team, window: Window) -> None:
        self._connection = connection
        self._files = files
        self._zone = team.zone
        self._bounds = _bounds(window)
        self._names = names_of(team)

    def tallies(self) -> Tallies:
        """Every measure counted by person, category and day; ConfigError when a measure's query fails."""
        queries = {file.measure.name: tally_query(self._connection, file) for file in self._files}
        found: dict[TallyQuery, Columns] = {}
        for file in self._files:
            query = queries[file.measure.name]
            if query not in found:
                found[query] = tally_of(self._connection, query, file, self._bounds, self._names)
        return Tallies({name: found[query] for name, query in queries.items()})

    def evidence(self, wanted: Collection[Wanted] | None = None) -> tuple[Evidence, ...]:
        """The events that are wanted, or all of the window, ordered by measure, engineer and time.

        Raises ConfigError when a measure's query fails.
        """
        files = self._files
        if wanted is not None:
            self._want(wanted)
            measures = {one.measure for one in wanted}
            files = [file for file in files if file.measure.name in measures]
        only_wanted = wanted is not None
        return tuple(row for file in files for row in events_of(self._connection, file, self._bounds, only_wanted=only_wanted))

    def _want(self, wanted: Collection[Wanted]) -> None:
        windows = [_bounds(window_of_days(one.days, self._zone)) for one in wanted]
        rows = [(one.engineer, one.measure, *window.values()) for one, window in zip(wanted, windows, strict=True)]
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE wanted (engineer engineer_name, measure VARCHAR, since TIMESTAMP, until TIMESTAMP)"
        )
        _fill(self._connection, "wanted", ("engineer_name", "VARCHAR", "TIMESTAMP", "TIMESTAMP"), rows)


class DuckdbMeasures:
    """Measures the facts in a store's folder; further folders may hold further measures."""

    def __init__(
        self,
        store: Path,
        more_measures: Sequence[Path] = (),
        settings: MeasureSettings = MeasureSettings(),
        memory_limit: str = MEMORY_LIMIT,
    ) -> None:
        self._store = store
        self._files = read_measures(more_measures)
        self._settings = settings
        self._memory_limit = memory_limit

    def catalogue(self) -> tuple[Measure, ...]:
        """Every measure there is, by name."""
        return tuple(file.measure for file in self._files)

    @contextmanager
    def measuring(self, team: Team, window: Window, asked: Collection[str] | None = None) -> Iterator[OpenMeasures]:
        """The measures of a team over a window, or those that are `asked` for by name, on facts that are read here, once.

        Only what these measures need is read. Raises StoreError when the facts cannot be.
        """
        files = [file for file in self._files if asked is None or file.measure.name in asked]
        needed = needed_views(_sql("views"), (file.sql for file in files))
        tables = [table for table in TABLES.values() if f"stored_{table.name}" in needed.words]
        with opened(self._store, self._memory_limit, tables, _IN_FILES) as connection:
            _introduce(connection, team, self._settings, window)
            with store_failures(self._store):
                for statement in needed.statements:
                    connection.execute(statement)
            close_files(connection, [table for table in _IN_FILES if table in tables])
            connection.execute("SET lock_configuration = true")
            yield OpenMeasures(connection, files, team, window)

    def in_spark_sql(self, team: Team, window: Window) -> "WarehouseScript":
        """The measures of a team over a window for an engine that has the facts already; reads no fact.

        Raises ConfigError for a measure that cannot be translated.
        """
        from reports.measures.warehouse import warehouse_script  # noqa: PLC0415 - only who asks for it waits for sqlglot

        return warehouse_script(self._files, team, tuple(self._settings.variables()), window)

    def contributions(self, window: Window, zone: ZoneInfo) -> tuple[Contribution, ...]:
        """Every merge request of the window that carries the contributions label, whoever wrote it; days are of the zone."""
        tables = (TABLES[MergeRequest],)
        with opened(self._store, self._memory_limit, tables, tables) as connection, store_failures(self._store):
            asked = {"zone": zone.key, "label": self._settings.contributions_label}
            rows = connection.execute(_sql("contributions"), _bounds(window) | asked).fetchall()
        return tuple(
            Contribution(merged_on=day, project=project, title=title, url=url, labels=tuple(labels))
            for day, project, title, url, labels in rows
        )

    def handovers(self, tags: Collection[str]) -> tuple[Handover, ...]:
        """Every ticket with one of the tags that has no assignee and is not solved, by its number."""
        tables = (TABLES[Ticket], TABLES[TicketEvent])
        with opened(self._store, self._memory_limit, tables, tables) as connection, store_failures(self._store):
            rows = connection.execute(_sql("handovers"), {"tags": sorted(tags)}).fetchall()
        return tuple(
            Handover(ticket=number, url=url, tags=tuple(found), since=since.replace(tzinfo=UTC))
            for number, url, found, since in rows
        )


def _introduce(connection: duckdb.DuckDBPyConnection, team: Team, settings: MeasureSettings, window: Window) -> None:
    """Make the team, its reporting zone, the settings and what is asked for known."""
    introduce_names(connection, names_of(team))
    connection.execute("ALTER TABLE people ALTER username TYPE engineer_name")
    _introduce_people(connection, team.engineers)
    connection.execute("SET VARIABLE reporting_zone = $zone", {"zone": team.time_zone})
    connection.execute("SET VARIABLE measured_until = $end::TIMESTAMP", {"end": _bounds(window)["end"]})
    connection.execute(f"CREATE TEMP MACRO local_day(moment) AS {local_day(team.zone, window)}")
    for name, kind, value in settings.variables():
        connection.execute(f"SET VARIABLE {name} = $value::{kind}", {"value": value})


def _introduce_people(connection: duckdb.DuckDBPyConnection, engineers: Sequence[Engineer]) -> None:
    kinds = {
        "people": ("VARCHAR", "BIGINT", "VARCHAR"),
        "accounts": ("VARCHAR", "VARCHAR"),
        "agents_of": ("VARCHAR", "BIGINT", "BIGINT"),
        "pagers": ("VARCHAR", "VARCHAR"),
    }
    for table, rows in team_tables(engineers).items():
        _fill(connection, table, kinds[table], rows)


def _fill(connection: duckdb.DuckDBPyConnection, table: str, kinds: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Insert rows column by column: one by one would take a millisecond each."""
    columns = ", ".join(f"unnest(${n}::{kind}[])" for n, kind in enumerate(kinds, start=1))
    connection.execute(f"INSERT INTO {table} SELECT {columns}", [[row[n] for row in rows] for n in range(len(kinds))])


def _bounds(window: Window) -> dict[str, datetime]:
    """A window as the store counts time: UTC without saying so."""
    start, end = (moment.astimezone(UTC).replace(tzinfo=None) for moment in (window.start, window.end))
    return {"start": start, "end": end}


def _sql(name: str) -> str:
    return (BUILT_IN / f"{name}.sql").read_text(encoding="utf-8")
