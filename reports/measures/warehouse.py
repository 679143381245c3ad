"""The measures as a script for an engine that the facts lie in already: tables, team, views, and a view for each measure.

It asks no database. That both engines find the same events is held by `tests/integration/test_warehouse.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import available_timezones

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from reports.core.facts import TABLES
from reports.core.measurements import NOBODY
from reports.core.people import Team
from reports.core.weeks import Window
from reports.errors import ConfigError
from reports.measures.needed_views import needed_views
from reports.measures.registry import BUILT_IN, MeasureFile
from reports.measures.spark_sql import SparkSql, written
from reports.measures.team_tables import team_tables

_HEADER = """-- The measures of Support Reports in Spark SQL, for one session: what each finds is in a view `measure_<name>`.
-- Fill the tables `stored_...` with the facts first. The other tables of the schema are made anew each time.
-- Written by `support-reports measures`, and holds usernames and names of config/team.yml.
"""
#: A schema of its own, so that nobody's table of the same name is touched.
_SCHEMA = "support_reports"

#: As the engine for DuckDB selects; a person is whoever is in the team.
_EVENTS = """
SELECT
    {person} AS person, selected."at", CAST(selected.value AS DOUBLE) AS value, {category} AS category, {region} AS region,
    coalesce(selected.url, '') AS url, coalesce(selected.note, '') AS note
FROM (
{sql}
) AS selected
{join} JOIN people AS team ON team.username = selected.engineer
WHERE selected."at" >= CAST('{start}' AS TIMESTAMP) AND selected."at" < CAST('{end}' AS TIMESTAMP)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of the script, and a word on it for who reads it."""

    about: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseScript:
    """Statements in the order in which they have to be run; `tables` are to be filled before the others."""

    tables: tuple[Statement, ...]
    views: tuple[Statement, ...]
    measures: tuple[Statement, ...]

    def as_text(self) -> str:
        """The whole as one file."""
        statements = (*self.tables, *self.views, *self.measures)
        return _HEADER + "".join(f"\n-- {statement.about}\n{statement.sql};\n" for statement in statements)


def warehouse_script(
    files: Sequence[MeasureFile], team: Team, settings: Sequence[tuple[str, str, str | list[str] | list[int]]], window: Window
) -> WarehouseScript:
    """Everything that the measures need, for the events of a window; settings are name, type in SQL and value.

    Raises ConfigError for a measure that cannot be translated.
    """
    needed = needed_views((BUILT_IN / "views.sql").read_text(encoding="utf-8"), (file.sql for file in files))
    variables = {name: exp.convert(value) for name, _, value in settings}
    variables["reporting_zone"] = exp.convert(team.time_zone)
    variables["measured_until"] = exp.cast(exp.convert(_in_utc(window.end)), "TIMESTAMP")
    variables["tickets_at"] = sqlglot.parse_one("(SELECT value FROM tickets_at)", read="duckdb")
    spark = SparkSql(variables)
    return WarehouseScript(
        tables=(
            Statement(about="a schema of its own", sql=f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}"),
            Statement(about="in which all tables are", sql=f"USE {_SCHEMA}"),
            *_fact_tables(needed.words),
        ),
        views=(
            Statement(about="times are UTC", sql="SET TIME ZONE 'UTC'"),
            *_team_views(team),
            *_zones(needed.words),
            *(one for text in needed.statements for one in _view(spark, text)),
        ),
        measures=tuple(_measure(spark, file, window) for file in files),
    )


def _fact_tables(words: frozenset[str]) -> Iterator[Statement]:
    keys = {f"stored_{table.name}": table for table in TABLES.values()}
    for definition in _definitions():
        table = keys.get(name := definition.this.this.name)
        if table is not None and name in words:
            definition.set("properties", None)
            definition.set("exists", True)
            newest = f", of several the one with the newest {table.newest}" if table.newest else ""
            yield Statement(about=f"each row once by {', '.join(table.key)}{newest}", sql=written(definition))


def _definitions() -> Iterator[exp.Create]:
    """The tables of `facts.sql`."""
    parsed = sqlglot.parse((BUILT_IN / "facts.sql").read_text(encoding="utf-8"), read="duckdb")
    return (statement for statement in parsed if isinstance(statement, exp.Create))


def _team_views(team: Team) -> Iterator[Statement]:
    rows = team_tables(team.engineers)
    for definition in _definitions():
        columns = definition.this
        if columns.this.name in rows:
            yield _temporary_view(columns.this.name, _values(columns.expressions, rows[columns.this.name]), "the team")


def _values(columns: Sequence[exp.Expr], rows: Sequence[tuple[str | int | None, ...]]) -> exp.Expr:
    """Rows as a query; one of nothing but NULL, which is left out again, lets there be none."""
    names = [column.name for column in columns]
    given = exp.values([(None,) * len(names), *rows], alias="given", columns=names)
    typed = [exp.alias_(exp.cast(exp.column(column.name), column.args["kind"].copy()), column.name) for column in columns]
    return exp.select(*typed).from_(given).where(exp.column(names[0]).is_(exp.null()).not_())


def _zones(words: frozenset[str]) -> Iterator[Statement]:
    """The zones that Python knows by place; an engine that does not know one either says so."""
    if "pg_timezone_names" in words:
        names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
        zones = exp.values([(name,) for name in names], alias="zones", columns=["name"])
        yield _temporary_view("time_zones", exp.select("name").from_(zones), "time zones that a schedule may name")


def _view(spark: SparkSql, text: str) -> Iterator[Statement]:
    """A statement of `views.sql`: a macro is only learnt, and what is a table there is one here."""
    if text.startswith("CREATE TYPE"):
        return
    statement = sqlglot.parse_one(text, read="duckdb")
    if isinstance(statement, exp.Set):
        assigned = statement.expressions[0].this
        value = exp.select(exp.alias_(spark.rewritten(assigned.expression), "value"))
        yield _temporary_view(assigned.this.name, value, "a word that views use")
        return
    assert isinstance(statement, exp.Create)
    if statement.kind == "MACRO":
        spark.learn(statement)
        return
    name, query = statement.this.name, spark.rewritten(statement.expression)
    if statement.kind == "VIEW":
        yield _temporary_view(name, query, f"{name}, as views.sql has it")
        return
    yield Statement(about="made anew each time", sql=written(exp.Drop(tables=[exp.to_table(name)], kind="TABLE", exists=True)))
    made = exp.Create(this=exp.to_table(name), kind="TABLE", expression=query)
    yield Statement(about=f"{name}, as views.sql has it", sql=written(made))


def _measure(spark: SparkSql, file: MeasureFile, window: Window) -> Statement:
    measure = file.measure
    try:
        selected = sqlglot.parse_one(file.sql, read="duckdb")
        has_region = isinstance(selected, exp.Query) and "region" in selected.named_selects
        query = _EVENTS.format(
            sql=file.sql,
            person="team.username" if measure.is_of_people else f"coalesce(team.username, '{NOBODY}')",
            category="coalesce(selected.category, '')" if measure.category else "''",
            region="coalesce(selected.region, '')" if has_region and not measure.is_of_people else "''",
            join="" if measure.is_of_people else "LEFT",
            start=_in_utc(window.start),
            end=_in_utc(window.end),
        )
        tree = spark.rewritten(sqlglot.parse_one(query, read="duckdb"))
        return _temporary_view(f"measure_{measure.name}", tree, f"{measure.title}, {measure.unit}")
    except SqlglotError as error:
        raise ConfigError(
            f"{file.path}: the query cannot be translated: {str(error).strip()}",
            "Write it in SQL that both engines have.",
        ) from error


def _temporary_view(name: str, query: exp.Expr, about: str) -> Statement:
    created = exp.Create(
        this=exp.to_table(name),
        kind="VIEW",
        expression=query,
        replace=True,
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
    )
    return Statement(about=about, sql=written(created))


def _in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
