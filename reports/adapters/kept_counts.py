"""The counts of weeks whose facts are gone: one Parquet file a week, and beside it of whom each measure was counted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from reports.adapters.compaction import PARQUET, literal, literals
from reports.adapters.durable_files import rename_durably, replace_durably
from reports.adapters.private_database import private_database
from reports.core.measurements import Columns, KeptCounts, Tallies
from reports.core.retention import CountRow
from reports.core.weeks import Week
from reports.errors import StoreError

_ROWS, _PEOPLE = "counts.parquet", "counted.json"
_ORDER = "ORDER BY measure, person, day, category, region, amount"

_COLUMNS = """
SELECT
    CAST(list_position($people, person) - 1 AS UINTEGER) AS people,
    day AS days,
    CAST(list_position($categories, category) - 1 AS USMALLINT) AS categories,
    CAST(list_position($regions, region) - 1 AS USMALLINT) AS regions,
    cases AS cases,
    amount AS amounts
FROM kept
WHERE measure = $measure
ORDER BY people, days
"""


class CountFiles:
    """The counts below the folder of the runs; every method raises StoreError when they cannot be read or written."""

    def __init__(self, runs: Path) -> None:
        self._runs = runs

    @property
    def weeks(self) -> tuple[Week, ...]:
        """The weeks whose counts are kept, oldest first."""
        return tuple(sorted(Week.parse(path.parent.name) for path in self._runs.glob(f"????-W??/{_PEOPLE}")))

    @property
    def people(self) -> frozenset[str]:
        """Everybody who was counted in any of them."""
        with self._failures():
            found = (names for week in self.weeks for names in self._people(week).values())
            return frozenset().union(*found)

    def write(self, week: Week, people: Mapping[str, frozenset[str]], rows: Iterable[CountRow]) -> None:
        """Keep the counts of a week; of whom they are comes last, and without it there are none."""
        with self._failures():
            self._write_rows(week, [asdict(row) for row in rows])
            replace_durably(self._path(week, _PEOPLE), _people_as_json(people))

    def read(self, weeks: Iterable[Week], facts_since: date) -> KeptCounts:
        """The counts of those of some weeks that were kept."""
        found = [week for week in weeks if self._path(week, _PEOPLE).exists()]
        with self._failures():
            people = {week: self._people(week) for week in found}
            columns = self._columns([self._path(week, _ROWS) for week in found])
        return KeptCounts(facts_since=facts_since, tallies=Tallies(columns), weeks=people)

    def rows_of(self, username: str) -> Iterator[CountRow]:
        """Everything that was counted of one person."""
        for week in self.weeks:
            with self._failures():
                rows = self._rows(week, lambda person: person.casefold() == username.casefold())
            yield from rows

    def forget(self, username: str) -> None:
        """Keep the counts of everybody else."""
        wanted = username.casefold()
        for week in self.weeks:
            with self._failures():
                people = self._people(week)
                if any(name.casefold() == wanted for names in people.values() for name in names):
                    left = {
                        measure: frozenset(name for name in names if name.casefold() != wanted)
                        for measure, names in people.items()
                    }
                    self.write(week, left, self._rows(week, lambda person: person.casefold() != wanted))

    def _path(self, week: Week, name: str) -> Path:
        return self._runs / str(week) / name

    def _people(self, week: Week) -> dict[str, frozenset[str]]:
        return msgspec.json.decode(self._path(week, _PEOPLE).read_bytes(), type=dict[str, frozenset[str]])

    def _rows(self, week: Week, is_wanted: Callable[[str], bool]) -> list[CountRow]:
        with private_database() as connection:
            found = connection.execute(f"FROM read_parquet({literal(self._path(week, _ROWS))}) {_ORDER}")
            names = [name for name, *_ in found.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return [CountRow(**row) for row in rows if is_wanted(row["person"])]

    def _write_rows(self, week: Week, rows: Sequence[Mapping[str, object]]) -> None:
        target = self._path(week, _ROWS)
        lines, draft = target.with_suffix(".lines"), target.with_suffix(".draft")
        replace_durably(lines, msgspec.json.Encoder().encode_lines(rows))
        types = "{measure: 'VARCHAR', person: 'VARCHAR', day: 'INTEGER', category: 'VARCHAR', region: 'VARCHAR', "
        types += "cases: 'UINTEGER', amount: 'DOUBLE'}"
        read = f"read_json({literal(lines)}, format = 'newline_delimited', columns = {types})"
        with private_database() as connection:
            connection.execute(f"COPY (FROM {read} {_ORDER}) TO {literal(draft)} ({PARQUET})")
        lines.unlink()
        rename_durably(draft, target)

    def _columns(self, files: Sequence[Path]) -> dict[str, Columns]:
        if not files:
            return {}
        with private_database() as connection:
            connection.execute(f"CREATE TEMP TABLE kept AS FROM read_parquet([{literals(files)}])")
            people = _words(connection, "person")
            measures = _words(connection, "measure")
            return {measure: _columns_of(connection, measure, people) for measure in measures}

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (OSError, duckdb.Error, msgspec.MsgspecError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise StoreError(
                f"the counts below {self._runs} cannot be used: {reason}",
                "restore them from a backup of the store; without them, weeks whose facts are gone have no numbers",
            ) from error


def _columns_of(connection: duckdb.DuckDBPyConnection, measure: str, people: list[str]) -> Columns:
    categories = _words(connection, "category", measure)
    regions = _words(connection, "region", measure)
    asked = {"measure": measure, "people": people, "categories": categories, "regions": regions}
    found: Mapping[str, Any] = connection.execute(_COLUMNS, asked).fetchnumpy()
    columns = {name: memoryview(column) for name, column in found.items()}
    return Columns(people_names=tuple(people), category_names=tuple(categories), region_names=tuple(regions), **columns)


def _words(connection: duckdb.DuckDBPyConnection, column: str, measure: str | None = None) -> list[str]:
    only = "WHERE measure = $measure" if measure is not None else ""
    asked = {"measure": measure} if measure is not None else {}
    return [word for (word,) in connection.execute(f"SELECT DISTINCT {column} FROM kept {only} ORDER BY ALL", asked).fetchall()]


def _people_as_json(people: Mapping[str, frozenset[str]]) -> bytes:
    return msgspec.json.format(msgspec.json.encode({name: sorted(people[name]) for name in sorted(people)}), indent=1)
