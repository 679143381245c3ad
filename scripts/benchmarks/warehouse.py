"""The translated measures on a Spark of this machine beside DuckDB: `python -m scripts.benchmarks.warehouse EVENTS`.

It is no part of `scripts/bench`, since it needs Java.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reports.core.facts import TABLES
from reports.measures.engine import MEMORY_LIMIT, DuckdbMeasures
from reports.measures.stored_facts import opened
from reports.measures.warehouse import WarehouseScript
from scripts.benchmarks.comparisons import window_of
from scripts.benchmarks.ticket_history import History

#: So few rows that compiling queries would take longest.
FEW_ROWS = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
}
MANY_ROWS = {"spark.driver.memory": "4g", "spark.sql.shuffle.partitions": "4"}


@contextmanager
def spark_session(folder: Path, settings: Mapping[str, str]) -> Iterator[Any]:
    """A Spark on two threads with its files in a folder, that talks to nobody outside and logs nothing."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - slow, and not everywhere

    ours = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.log.level": "OFF",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder),
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in (ours | dict(settings)).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()


def fill(spark: Any, script: WarehouseScript, store: Path, folder: Path) -> None:
    """Make the script's tables and bring a store's facts into them, each row once."""
    for statement in script.tables:
        spark.sql(statement.sql)
    with opened(store, MEMORY_LIMIT, TABLES.values()) as connection:
        for name in (f"stored_{table.name}" for table in TABLES.values()):
            if spark.catalog.tableExists(name):
                path = folder / f"{name}.parquet"
                connection.execute(f"COPY {name} TO '{path}' (FORMAT parquet)")
                spark.sql(f"INSERT INTO {name} SELECT * FROM parquet.`{path}`")


def run(spark: Any, script: WarehouseScript) -> None:
    """Everything of the script that follows the facts."""
    for statement in (*script.views, *script.measures):
        spark.sql(statement.sql)


def compare(events: int) -> None:
    """Count the evidence of every measure with both engines, and say how long that took."""
    with tempfile.TemporaryDirectory() as name:
        folder, history = Path(name), History(events=events)
        store, team = folder / "store", history.team()
        history.write(store)
        window, engine = window_of(history, team), DuckdbMeasures(folder / "store")
        started = time.perf_counter()
        with engine.measuring(team, window) as measuring:
            measuring.tallies()
        print(f"DuckDB: {time.perf_counter() - started:.1f} s")
        script = engine.in_spark_sql(team, window)
        with spark_session(folder, MANY_ROWS) as spark:
            fill(spark, script, store, folder)
            started = time.perf_counter()
            run(spark, script)
            print(f"Spark, views: {time.perf_counter() - started:.1f} s")
            for measure in engine.catalogue():
                counted = "SELECT person, CAST(at AS DATE), category, region, count(*), sum(value)"
                spark.sql(f"{counted} FROM measure_{measure.name} GROUP BY ALL").collect()
            print(f"Spark, all: {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    compare(int(sys.argv[1]))
