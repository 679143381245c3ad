"""The translated measures on a Spark of this machine: the same events as DuckDB finds, of facts as odd as can be."""

import shutil
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reports.adapters.parquet_store import ParquetStore
from reports.core.model import Evidence
from reports.core.weeks import Window
from reports.measures.engine import DuckdbMeasures
from reports.measures.registry import catalogue
from reports.measures.warehouse import WarehouseScript
from reports.ports import Page
from scripts.benchmarks.warehouse import FEW_ROWS, fill, run, spark_session
from tests.messy_facts import messy_facts
from tests.unit.measures.conftest import SETTINGS, TEAM

#: Not the whole time that the facts are of.
WINDOW = Window(datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("messy")
    store = ParquetStore(folder)
    store.commit(Page(stream="test.stream", facts=tuple(messy_facts(tickets=300, seed=20261121)), cursor="1", until=None))
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
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine, which Spark needs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about versions of pandas, which nobody uses here
        pytest.importorskip("pyspark.sql", reason="pyspark is not installed: scripts/setup warehouse")
        with spark_session(tmp_path_factory.mktemp("spark"), FEW_ROWS) as session:
            yield session


@pytest.fixture(scope="module")
def script(store: Path) -> WarehouseScript:
    return DuckdbMeasures(store, settings=SETTINGS).in_spark_sql(TEAM, WINDOW)


@pytest.fixture(scope="module")
def warehouse(spark: Any, script: WarehouseScript, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The script run as its user would: the tables, the facts into them, the rest."""
    fill(spark, script, store, tmp_path_factory.mktemp("facts"))
    run(spark, script)
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
