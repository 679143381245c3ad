"""The evidence of one measure, asked of DuckDB: counted by person, category and day, or event by event; it judges nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import duckdb

from reports.core.measurements import NOBODY, Columns
from reports.core.model import Aggregation, Evidence
from reports.core.people import Team
from reports.errors import ConfigError
from reports.measures.registry import MeasureFile

_HINT = 'It must select the columns engineer, "at" (UTC), value, url and note, and the category that its header names.'

#: Whoever is no engineer is nobody; only measures of the organisation count what is nobody's.
_SELECTED = """
SELECT {person} AS person, "at", CAST(value AS DOUBLE) AS value, {category} AS category, {region} AS region{more}
FROM (
{sql}
) AS selected
WHERE "at" >= $start AND "at" < $end{of_somebody}
"""

#: A measure without categories or regions has none here either: grouping by a word, even if it is always the same, takes time.
_CASES_OF_A_DAY = """
SELECT
    person, local_day("at") AS day{places},
    CAST(count(*) AS UINTEGER) AS cases, count(*) FILTER (value > 0) AS amount, count(*) FILTER ({refused}) AS refused
FROM ({selected}) AS found
GROUP BY ALL
"""
_EACH_CASE = """
SELECT
    person, local_day("at") AS day{places},
    CAST(1 AS UTINYINT) AS cases, value AS amount, CAST({refused} AS INTEGER) AS refused
FROM ({selected}) AS found
"""

_PLACES = "SELECT bool_or(refused > 0){places} FROM tallied GROUP BY ALL"

_COLUMNS = """
SELECT
    CAST(enum_code(person) AS USMALLINT) AS people,
    CAST(day - DATE '0001-01-01' + 1 AS INTEGER) AS days,
    CAST({category} AS USMALLINT) AS categories,
    CAST({region} AS USMALLINT) AS regions,
    cases AS cases,
    CAST(amount AS DOUBLE) AS amounts
FROM tallied
ORDER BY person, day
"""

_EVENTS = """
SELECT
    CAST(person AS VARCHAR) AS engineer, found."at", value, url, note,
    {category} AS category, {region} AS region
FROM ({selected}) AS found
{wanted}
ORDER BY ALL
"""
_WANTED = """
JOIN wanted
    ON wanted.engineer = found.person AND wanted.measure = $measure AND found."at" >= wanted.since AND found."at" < wanted.until
"""

Bounds = Mapping[str, datetime]


def names_of(team: Team) -> tuple[str, ...]:
    """Nobody's name and everybody's, in the order of the numbers that stand for them."""
    return (NOBODY, *sorted(engineer.username for engineer in team.engineers))


def introduce_names(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Make these names a type of DuckDB, so that a column holds and compares small numbers."""
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    connection.execute(f"CREATE TYPE engineer_name AS ENUM ({quoted})")


@dataclass(frozen=True, slots=True)
class TallyQuery:
    """What counts the evidence of a measure, and by which columns beside person and day: its category, its region, or neither."""

    sql: str
    places: tuple[str, ...]


def tally_query(connection: duckdb.DuckDBPyConnection, file: MeasureFile) -> TallyQuery:
    """How to count a measure; a median and a 90th percentile of the same are one question. Else as `tally_of`."""
    counting = _EACH_CASE if _needs_values(file.measure.kind) else _CASES_OF_A_DAY
    with _failures(file):
        places = _places(connection, file)
        selected, refused = _selected(file, places), _refused(file.measure.kind)
        return TallyQuery(counting.format(selected=selected, refused=refused, places=_listed(places)), places)


def tally_of(
    connection: duckdb.DuckDBPyConnection, query: TallyQuery, file: MeasureFile, bounds: Bounds, names: tuple[str, ...]
) -> Columns:
    """What the query that counts a measure's evidence within bounds gives; `names` are those of the team.

    Raises ConfigError when the query fails or gives what cannot be counted.
    """
    with _failures(file):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE tallied AS {query.sql}", bounds)
        rows = connection.execute(_PLACES.format(places=_listed(map(_word, query.places)))).fetchall()
        if any(has_refused for has_refused, *_ in rows):
            raise _first_refused(connection, file, bounds)
        words = {"category": [""], "region": [""]}
        words |= {column: sorted({row[n] for row in rows}) for n, column in enumerate(query.places, start=1)}
        positions = {column: _position(column, known) for column, known in words.items()}
        told_apart = {column: known for column, known in words.items() if len(known) > 1}
        found: Mapping[str, Any] = connection.execute(_COLUMNS.format(**positions), told_apart).fetchnumpy()
    columns = {name: memoryview(column) for name, column in found.items()}
    return Columns(people_names=names, category_names=tuple(words["category"]), region_names=tuple(words["region"]), **columns)


def events_of(
    connection: duckdb.DuckDBPyConnection, file: MeasureFile, bounds: Bounds, *, only_wanted: bool
) -> Iterator[Evidence]:
    """The events of a measure within bounds, by person and time; of these only those in the table `wanted` when asked so.

    Raises ConfigError when the query fails or gives what cannot be counted.
    """
    more = ", coalesce(url, '') AS url, coalesce(note, '') AS note"
    asked: dict[str, datetime | str] = dict(bounds) | ({"measure": file.measure.name} if only_wanted else {})
    with _failures(file):
        query = _EVENTS.format(
            selected=_selected(file, _places(connection, file), more),
            category=_word("category"),
            region=_word("region"),
            wanted=_WANTED if only_wanted else "",
        )
        rows = connection.execute(query, asked).fetchall()
    for engineer, moment, value, url, note, category, region in rows:
        if not _is_countable(file.measure.kind, value):
            raise _uncountable(file, value)
        yield Evidence(
            engineer=engineer,
            measure=file.measure.name,
            at=moment.replace(tzinfo=UTC),
            value=value,
            url=url,
            note=note,
            category=category,
            region=region,
        )


def _selected(file: MeasureFile, places: Collection[str], more: str = "") -> str:
    """What a measure selects, with the empty word for each of the places that it does not tell."""
    person, nobody = "TRY_CAST(engineer AS engineer_name)", f"CAST('{NOBODY}' AS engineer_name)"
    return _SELECTED.format(
        sql=file.sql,
        person=person if file.measure.is_of_people else f"coalesce({person}, {nobody})",
        of_somebody=f" AND {person} <> {nobody}" if file.measure.is_of_people else "",
        category="category" if "category" in places else "''",
        region="region" if "region" in places else "''",
        more=more,
    )


def _places(connection: duckdb.DuckDBPyConnection, file: MeasureFile) -> tuple[str, ...]:
    """What a measure tells of a case beside whose it is and when; one of the organisation may name a region."""
    has_region = not file.measure.is_of_people and "region" in _columns(connection, file)
    return (*(("category",) if file.measure.category else ()), *(("region",) if has_region else ()))


def _columns(connection: duckdb.DuckDBPyConnection, file: MeasureFile) -> set[str]:
    return {name for name, *_ in connection.execute(f"DESCRIBE {file.sql}").fetchall()}


def _word(column: str) -> str:
    """A category or region as text; it may be of a type whose values are small numbers, which is faster to count by."""
    return f"coalesce(CAST({column} AS VARCHAR), '')"


def _listed(columns: Iterable[str]) -> str:
    """Further columns of a list."""
    return "".join(f", {column}" for column in columns)


def _position(column: str, words: Sequence[str]) -> str:
    """The position of a column's word among those that it has; nothing is looked up where there is one only."""
    return f"list_position(${column}, {_word(column)}) - 1" if len(words) > 1 else "0"


def _needs_values(kind: Aggregation) -> bool:
    return kind in (Aggregation.SUM, Aggregation.MEDIAN, Aggregation.P90)


def _refused(kind: Aggregation) -> str:
    """Whether a value cannot be counted."""
    return "value IS NULL OR NOT isfinite(value)" + (" OR value NOT IN (0, 1)" if kind is Aggregation.RATIO else "")


def _is_countable(kind: Aggregation, value: float | None) -> bool:
    """The same in Python, the other way round."""
    return value is not None and isfinite(value) and (kind is not Aggregation.RATIO or value in (0, 1))


def _first_refused(connection: duckdb.DuckDBPyConnection, file: MeasureFile, bounds: Bounds) -> ConfigError:
    wrong = f"SELECT value FROM ({_selected(file, ())}) WHERE {_refused(file.measure.kind)} LIMIT 1"
    ((value,),) = connection.execute(wrong, bounds).fetchall()
    return _uncountable(file, value)


def _uncountable(file: MeasureFile, value: float | None) -> ConfigError:
    allowed = "1 for a case that holds and 0 for one that does not" if file.measure.kind is Aggregation.RATIO else "a number"
    return ConfigError(f"{file.path}: a row has the value {value}", f"The value of a {file.measure.kind} must be {allowed}.")


@contextmanager
def _failures(file: MeasureFile) -> Iterator[None]:
    """Failures of a measure's query with the file they come from."""
    try:
        yield
    except duckdb.Error as error:
        raise ConfigError(f"{file.path}: the query cannot be run: {str(error).strip()}", _HINT) from error
