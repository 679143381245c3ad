"""Runs the measures' SQL over the stored facts and returns the evidence behind every number; it sums nothing and judges nobody.

The facts are loaded into memory first; after that DuckDB may open no file any more, so a measure sees facts and nothing else.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from reports.core.facts import TABLES, FactTable
from reports.core.model import Aggregation, Evidence, Measure
from reports.core.people import Engineer, Team
from reports.core.view import Contribution
from reports.core.weeks import Window
from reports.errors import ConfigError, StoreError
from reports.measures.registry import BUILT_IN, MeasureFile, read_measures

_EVIDENCE = """
SELECT
    coalesce(people.username, '') AS engineer, "at", CAST(value AS DOUBLE), coalesce(url, ''), coalesce(note, ''),
    {category} AS category, {region} AS region
FROM ({sql}
) AS selected
{join} JOIN people ON people.username = selected.engineer
WHERE "at" >= $start AND "at" < $end
ORDER BY ALL
"""


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


class DuckdbMeasures:
    """Measures the facts in a store's folder; further folders may hold further measures."""

    def __init__(
        self,
        store: Path,
        more_measures: Sequence[Path] = (),
        settings: MeasureSettings = MeasureSettings(),
        memory_limit: str = "1GiB",
    ) -> None:
        self._store = store
        self._files = read_measures(more_measures)
        self._settings = settings
        self._memory_limit = memory_limit

    def catalogue(self) -> tuple[Measure, ...]:
        """Every measure there is, by name."""
        return tuple(file.measure for file in self._files)

    def evidence(self, team: Team, window: Window) -> tuple[Evidence, ...]:
        """Every event in the window that counts for a measure of an engineer, ordered by measure, engineer and time.

        It loads the facts anew, so ask once for the longest stretch needed. Raises StoreError when they cannot be read and
        ConfigError when a measure's query fails.
        """
        with self._facts() as connection:
            _introduce(connection, team, self._settings, window)
            return tuple(row for file in self._files for row in _select(connection, file, window))

    def contributions(self, window: Window, zone: ZoneInfo) -> tuple[Contribution, ...]:
        """Every merge request of the window that carries the contributions label, whoever wrote it; days are of the zone."""
        with self._facts() as connection:
            rows = connection.execute(_sql("contributions"), _bounds(window) | {"zone": zone.key}).fetchall()
        return tuple(
            Contribution(merged_on=day, project=project, title=title, url=url, labels=tuple(labels))
            for day, project, title, url, labels in rows
        )

    def handovers(self, tags: Collection[str]) -> tuple[Handover, ...]:
        """Every ticket with one of the tags that has no assignee and is not solved, by its number."""
        with self._facts() as connection:
            rows = connection.execute(_sql("handovers"), {"tags": sorted(tags)}).fetchall()
        return tuple(
            Handover(ticket=number, url=url, tags=tuple(found), since=since.replace(tzinfo=UTC))
            for number, url, found, since in rows
        )

    @contextmanager
    def _facts(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database in memory with the stored facts in it, unable to open a file from then on."""
        options: dict[str, str | bool | int | float | list[str]] = {"memory_limit": self._memory_limit, "threads": 2}
        no_downloads = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        with closing(duckdb.connect(config=options | no_downloads)) as connection:
            connection.execute(_sql("facts"))
            with _store_failures(self._store):
                for table in TABLES.values():
                    self._fill(connection, table)
            connection.execute("SET enable_external_access = false")
            yield connection

    def _fill(self, connection: duckdb.DuckDBPyConnection, table: FactTable) -> None:
        files = sorted(str(path) for path in (self._store / "facts" / table.name).glob("*/*.parquet"))
        if not files:
            return
        key = ", ".join(f'"{column}"' for column in table.key)
        newest = f'"{table.newest}" DESC, ' if table.newest else ""
        columns = ", ".join(f'"{name}"' for name, *_ in connection.execute(f"DESCRIBE stored_{table.name}").fetchall())
        connection.execute(
            f"""
            INSERT INTO stored_{table.name}
            SELECT DISTINCT ON ({key}) {columns}
            FROM read_parquet($files, hive_partitioning = false, union_by_name = true)
            ORDER BY {key}, {newest}sequence DESC
            """,
            {"files": files},
        )


def _introduce(connection: duckdb.DuckDBPyConnection, team: Team, settings: MeasureSettings, window: Window) -> None:
    """Make the team, its reporting zone, the settings and what is asked for known, and what a measure selects from."""
    _introduce_people(connection, team.engineers)
    connection.execute("SET VARIABLE reporting_zone = $zone", {"zone": team.time_zone})
    connection.execute("SET VARIABLE measured_until = $end::TIMESTAMP", {"end": _bounds(window)["end"]})
    for name, kind, value in settings.variables():
        connection.execute(f"SET VARIABLE {name} = $value::{kind}", {"value": value})
    connection.execute(_sql("views"))
    connection.execute("SET lock_configuration = true")


def _introduce_people(connection: duckdb.DuckDBPyConnection, engineers: Sequence[Engineer]) -> None:
    agents = [(one.username, own, ids[0]) for one in engineers if (ids := _zendesk_ids(one)) for own in ids]
    accounts = [(one.username, account.lower()) for one in engineers for account in one.usernames]
    pagers = [(one.username, one.pagerduty_id) for one in engineers if one.pagerduty_id is not None]
    people = [(one.username, next(iter(_zendesk_ids(one)), None), one.name) for one in engineers]
    for table, kinds, rows in (
        ("people", ("VARCHAR", "BIGINT", "VARCHAR"), people),
        ("accounts", ("VARCHAR", "VARCHAR"), accounts),
        ("agents_of", ("VARCHAR", "BIGINT", "BIGINT"), agents),
        ("pagers", ("VARCHAR", "VARCHAR"), pagers),
    ):
        columns = ", ".join(f"unnest(${n}::{kind}[])" for n, kind in enumerate(kinds, start=1))
        connection.execute(f"INSERT INTO {table} SELECT {columns}", [[row[n] for row in rows] for n in range(len(kinds))])


def _zendesk_ids(engineer: Engineer) -> tuple[int, ...]:
    """Every id of Zendesk that somebody has; the first one stands for them all."""
    return tuple(found for found in (engineer.zendesk_id, *engineer.other_zendesk_ids) if found is not None)


def _select(connection: duckdb.DuckDBPyConnection, file: MeasureFile, window: Window) -> Iterator[Evidence]:
    try:
        rows = connection.execute(_query(connection, file), _bounds(window)).fetchall()
    except duckdb.Error as error:
        raise ConfigError(
            f"{file.path}: the query cannot be run: {str(error).strip()}",
            'It must select the columns engineer, "at" (UTC), value, url and note, and the category that its header names.',
        ) from error
    _refuse_what_cannot_be_counted(file, [row[2] for row in rows])
    name = file.measure.name
    for engineer, moment, value, url, note, category, region in rows:
        yield Evidence(
            engineer=engineer,
            measure=name,
            at=moment.replace(tzinfo=UTC),
            value=value,
            url=url,
            note=note,
            category=category,
            region=region,
        )


def _query(connection: duckdb.DuckDBPyConnection, file: MeasureFile) -> str:
    """The evidence of a measure; that of the organisation may name a region, and belongs to nobody when not to an engineer."""
    has_region = not file.measure.is_of_people and "region" in _columns(connection, file)
    return _EVIDENCE.format(
        sql=file.sql,
        category="coalesce(category, '')" if file.measure.category else "''",
        region="coalesce(region, '')" if has_region else "''",
        join="INNER" if file.measure.is_of_people else "LEFT",
    )


def _columns(connection: duckdb.DuckDBPyConnection, file: MeasureFile) -> set[str]:
    return {name for name, *_ in connection.execute(f"DESCRIBE {file.sql}").fetchall()}


def _refuse_what_cannot_be_counted(file: MeasureFile, values: Sequence[float | None]) -> None:
    is_ratio = file.measure.kind is Aggregation.RATIO
    for value in values:
        if value is None or not isfinite(value) or (is_ratio and value not in (0, 1)):
            allowed = "1 for a case that holds and 0 for one that does not" if is_ratio else "a number"
            raise ConfigError(
                f"{file.path}: a row has the value {value}", f"The value of a {file.measure.kind} must be {allowed}."
            )


@contextmanager
def _store_failures(store: Path) -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise StoreError(
            f"The facts in {store} cannot be read: {reason}",
            "Delete the store's folder and gather again: the store is a cache of the sources.",
        ) from error


def _bounds(window: Window) -> dict[str, str | datetime]:
    """A window as the store counts time: UTC without saying so."""
    start, end = (moment.astimezone(UTC).replace(tzinfo=None) for moment in (window.start, window.end))
    return {"start": start, "end": end}


def _sql(name: str) -> str:
    return (BUILT_IN / f"{name}.sql").read_text(encoding="utf-8")
