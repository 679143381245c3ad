import typing
from pathlib import Path

import duckdb
import pytest

from reports.core.facts import TABLES
from reports.measures.engine import DuckdbMeasures
from scripts.benchmarks.comparisons import against_pandas
from scripts.benchmarks.measure import all_measures
from scripts.benchmarks.ticket_history import History

SMALL = History(events=20_000, engineers=30, weeks=3)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    SMALL.write(folder)
    return folder


def test_history__has_the_fields_of_the_facts_each_row_once(store: Path) -> None:
    written = {kind: sorted(map(str, store.glob(f"facts/{table.name}/week=*/*.parquet"))) for kind, table in TABLES.items()}

    for kind, files in ((kind, files) for kind, files in written.items() if files):
        key = ", ".join(f'"{name}"' for name in TABLES[kind].key)
        rows = f"FROM read_parquet({files}, hive_partitioning = false)"
        with duckdb.connect() as connection:
            columns = [name for name, *_ in connection.execute(f"DESCRIBE {rows}").fetchall()]
            doubles = connection.execute(f"SELECT {key} {rows} GROUP BY ALL HAVING count(*) > 1").fetchall()
        assert (columns, doubles) == ([*typing.get_type_hints(kind), "sequence"], [])


def test_history__has_about_as_many_events_as_asked_and_is_the_same_again(store: Path, tmp_path: Path) -> None:
    SMALL.write(tmp_path)
    counts = []
    for folder in (store, tmp_path):
        files = [str(path) for path in folder.glob("facts/ticket_events/*/*.parquet")]
        with duckdb.connect() as connection:
            rows = "SELECT count(*), bit_xor(hash(id, ticket_id, kind, old, new)) FROM read_parquet($files)"
            counts += connection.execute(rows, {"files": files}).fetchall()

    assert counts[0] == counts[1]
    assert counts[0][0] == pytest.approx(SMALL.events, rel=0.2)


def test_bench__measures_the_history_and_shows_its_events(store: Path) -> None:
    taken = all_measures(store, SMALL)

    assert taken.measures == len(DuckdbMeasures(store).catalogue())
    assert taken.shown > 0


def test_bench__pandas_says_the_same(store: Path) -> None:
    assert against_pandas(store, SMALL) > 0
