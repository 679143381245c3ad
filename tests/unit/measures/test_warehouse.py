"""The script for a warehouse as it is written; that Spark finds the same with it is held in the integration tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlglot

from reports.errors import ConfigError
from reports.measures.engine import DuckdbMeasures
from reports.measures.registry import catalogue
from reports.measures.spark_sql import SparkSql, written
from reports.measures.warehouse import WarehouseScript
from tests.unit.measures.conftest import SETTINGS, TEAM, YEAR

HEADER = """-- name: pages_by_night
-- title: Pages by night
-- unit: pages
-- kind: count
-- direction: none
-- privacy: P3
-- streams: pagerduty.incidents
-- source: PagerDuty
-- definition: What the test says.
"""


def script(*more_measures: Path) -> WarehouseScript:
    return DuckdbMeasures(Path("nowhere"), more_measures, SETTINGS).in_spark_sql(TEAM, YEAR)


def spark(sql: str) -> str:
    settings = {"tags": sqlglot.exp.convert(["a"]), "reporting_zone": sqlglot.exp.convert("Europe/Lisbon")}
    tree = SparkSql(settings).rewritten(sqlglot.parse_one(sql, read="duckdb"))
    return " ".join(written(tree).replace("`", "").split()).replace("( ", "(").replace(" )", ")")


def test_script__has_a_view_for_every_measure_and_none_of_our_own_functions() -> None:
    made = script()

    names = [statement.sql.split("`")[1] for statement in made.measures]
    assert names == [f"measure_{measure.name}" for measure in catalogue()]
    own = ("getvariable", "local_day", "reporting_week", "utc_of", "ticket_url", "whose(", "infinity", "engineer_name")
    assert [word for word in own if word in made.as_text().lower()] == []


def test_script__touches_no_table_outside_its_schema() -> None:
    first, second, *rest = (statement.sql for statement in script().tables)

    assert (first, second) == ("CREATE SCHEMA IF NOT EXISTS support_reports", "USE support_reports")
    assert all(sql.startswith("CREATE TABLE IF NOT EXISTS `stored_") for sql in rest)


def test_script__drops_nothing_but_what_it_makes() -> None:
    statements = [statement.sql for statement in script().views]

    dropped = {sql.split("`")[1] for sql in statements if sql.startswith("DROP TABLE")}
    made = {sql.split("`")[1] for sql in statements if sql.startswith("CREATE TABLE")}
    assert dropped == made
    assert not any(name.startswith("stored_") for name in dropped)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SELECT epoch(a - b)", "SELECT (CAST((UNIX_MICROS(a) - UNIX_MICROS(b)) AS DOUBLE) / 1000000)"),
        ("SELECT dayofweek(day)", "SELECT (DAYOFWEEK(day) - 1)"),
        ("SELECT concat('ticket ', id)", "SELECT CONCAT_WS('', 'ticket ', id)"),
        ("SELECT arg_min(a, b)", "SELECT MIN_BY(a, b) FILTER(WHERE NOT a IS NULL)"),
        ("SELECT t.* REPLACE (1 AS a) FROM t", "SELECT t.* EXCEPT (a), 1 AS a FROM t"),
        ("SELECT * EXCLUDE (b) REPLACE (1 AS a) FROM t", "SELECT * EXCEPT (b, a), 1 AS a FROM t"),
        ("WITH a AS MATERIALIZED (SELECT 1 AS x) FROM a", "WITH a AS (SELECT 1 AS x) SELECT * FROM a"),
        ("SELECT CAST(a AS ticket_status)", "SELECT CAST(a AS STRING)"),
        ("SELECT TIMESTAMP 'infinity'", "SELECT CAST('9999-01-01' AS TIMESTAMP_NTZ)"),
        ("SELECT list_contains(getvariable('tags'), b)", "SELECT ARRAY_CONTAINS((ARRAY('a')), b)"),
        ("SELECT list_extract(a, 1)", "SELECT ELEMENT_AT(a, 1)"),
    ],
)
def test_spark_sql__says_the_same(ours: str, theirs: str) -> None:
    assert spark(ours) == theirs


@pytest.mark.parametrize(
    "query", ["SELECT getvariable('nothing_of_ours')", "SELECT FROM WHERE"], ids=["unknown setting", "no SQL"]
)
def test_measure__that_cannot_be_translated_is_named(measure_file: Callable[[str, str], Path], query: str) -> None:
    folder = measure_file("pages_by_night", HEADER + query)

    with pytest.raises(ConfigError, match=r"pages_by_night\.sql: the query cannot be translated"):
        script(folder)
