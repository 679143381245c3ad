"""The translated measures on a Spark of this machine: the same events as DuckDB finds, of facts as odd as can be."""

import shutil
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reports.adapters.parquet_store import ParquetStore
from reports.core.facts import TABLES
from reports.core.model import Evidence
from reports.core.weeks import Window
from reports.measures.engine import MEMORY_LIMIT, DuckdbMeasures
from reports.measures.registry import catalogue
from reports.measures.stored_facts import opened
from reports.measures.warehouse import WarehouseScript
from reports.ports import Page
from tests.messy_facts import messy_facts
from tests.unit.measures.conftest import SETTINGS, TEAM

#: Not the whole time that the facts are of.
WINDOW = Window(datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("messy")
    store = ParquetStore(folder)
    store.commit(Page(stream="test.stream", facts=tuple(messy_facts(tickets=250, seed=20261121)), cursor="1", until=None))
    store.compact()
    return folder


@pytest.fixture(scope="module")
def on_duckdb(store: Path) -> dict[str, list[Evidence]]:
    """What DuckDB finds, by measure."""
    engine = DuckdbMeasures(store, settings=SETTINGS)
    with engine.measuring(TEAM, WINDOW) as measuring:
        rows = measuring.evidence()
    return {measure.name: [row for row in rows if row.measure == measure.name] for measure in engine.catalogue()}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on two threads that talks to nobody, logs nothing, and compiles nothing: with so few rows that takes longest."""
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine, which Spark needs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about versions of pandas, which nobody uses here
        sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
        folder = tmp_path_factory.mktemp("spark")
        settings = {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.log.level": "OFF",
            "spark.sql.session.timeZone": "UTC",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.shuffle.partitions": "1",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.local.dir": str(folder),
        }
        builder = sql.SparkSession.builder.master("local[2]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        try:
            yield session
        finally:
            session.stop()


@pytest.fixture(scope="module")
def script(store: Path) -> WarehouseScript:
    return DuckdbMeasures(store, settings=SETTINGS).in_spark_sql(TEAM, WINDOW)


@pytest.fixture(scope="module")
def warehouse(spark: Any, script: WarehouseScript, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The script run as its user would: the tables, the facts into them, the rest."""
    folder = tmp_path_factory.mktemp("facts")
    for statement in script.tables:
        spark.sql(statement.sql)
    with opened(store, MEMORY_LIMIT, TABLES.values()) as connection:
        for table in TABLES.values():
            path = folder / f"{table.name}.parquet"
            connection.execute(f"COPY stored_{table.name} TO '{path}' (FORMAT parquet)")
            if spark.catalog.tableExists(f"stored_{table.name}"):
                spark.sql(f"INSERT INTO stored_{table.name} SELECT * FROM parquet.`{path}`")
    for statement in (*script.views, *script.measures):
        spark.sql(statement.sql)
    return spark


def test_messy_facts__give_every_measure_something_to_find(on_duckdb: dict[str, list[Evidence]]) -> None:
    assert {name for name, rows in on_duckdb.items() if len(rows) < 5} == set()


@pytest.mark.parametrize("measure", [measure.name for measure in catalogue()])
def test_spark__finds_the_same_events(warehouse: Any, on_duckdb: dict[str, list[Evidence]], measure: str) -> None:
    found = warehouse.sql(f"SELECT * FROM measure_{measure}").collect()
    theirs = sorted((row.person, row.at, row.category, row.region, row.url, row.note, row.value) for row in found)
    expected = on_duckdb[measure]
    ours = sorted(
        (row.engineer, row.at.replace(tzinfo=None), row.category, row.region, row.url, row.note, row.value) for row in expected
    )

    assert [row[:-1] for row in theirs] == [row[:-1] for row in ours]
    assert [row[-1] for row in theirs] == pytest.approx([row[-1] for row in ours], abs=1e-9)
