from pathlib import Path

import duckdb
import pytest

from scripts.benchmarks import postgres_measures, postgres_server
from scripts.benchmarks.comparisons import against_postgres
from scripts.benchmarks.ticket_history import History

WITHOUT_SOME = " AND assignee_id % 2 = 0"

TINY = History(events=5_000, engineers=10, weeks=3)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    TINY.write(folder)
    return folder


@pytest.fixture
def programs() -> Path:
    found = postgres_server.programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed here")
    return found


def test_bench__postgres_says_the_same(store: Path, programs: Path) -> None:
    assert against_postgres(programs, store, TINY) > 0


def test_bench__refuses_to_compare_different_answers(store: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = postgres_measures.questions()
    monkeypatch.setattr(postgres_measures, "questions", lambda: right | {"new_tickets": right["new_tickets"] + WITHOUT_SOME})

    with pytest.raises(AssertionError, match="new_tickets: we count days that the others do not"):
        against_postgres(programs, store, TINY)


def test_server__is_reached_by_a_file_only_and_gone_afterwards(programs: Path) -> None:
    with postgres_server.running(programs) as server:
        assert server.run("SHOW listen_addresses").strip() == ""
        assert server.run("SELECT 1 + 1").strip() == "2"

    assert not server.folder.exists()


def test_history__has_targets_of_both_clocks_kept_and_missed(store: Path) -> None:
    targets = """
        SELECT bool_or(in_business_hours) AS in_business_hours, bool_or(kind = 'breach') AS is_late
        FROM read_parquet($files)
        WHERE metric = 'reply_time'
        GROUP BY ticket_id, instance
        HAVING in_business_hours IS NOT NULL
    """
    with duckdb.connect() as connection:
        files = {"files": str(store / "facts/ticket_metric_events/*/*.parquet")}
        kinds = connection.execute(f"SELECT DISTINCT in_business_hours, is_late FROM ({targets}) ORDER BY ALL", files).fetchall()

    assert kinds == [(False, False), (False, True), (True, False), (True, True)]
