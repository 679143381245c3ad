"""Opens the stored facts in DuckDB, each row once, and closes the door to files behind them; it measures nothing."""

import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from reports.core.facts import FactTable
from reports.errors import StoreError

_TABLES = Path(__file__).parent / "facts.sql"


@contextmanager
def opened(
    store: Path, memory_limit: str, tables: Iterable[FactTable], in_files: Collection[FactTable] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with some tables of a store as `stored_…`; the others are there and empty.

    Those `in_files` are read from the store's files whenever somebody asks, and only what is asked for. What does not fit
    into memory goes to a folder that is removed at the end. Raises StoreError when the facts cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="support-reports-") as spill:
        options: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "threads": 2,
            "temp_directory": spill,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with closing(duckdb.connect(config=options)) as connection:
            connection.execute(_TABLES.read_text(encoding="utf-8"))
            with store_failures(store):
                for table in tables:
                    _bring_in(connection, store, table, is_kept_outside=table in in_files)
            yield connection


def close_files(connection: duckdb.DuckDBPyConnection, in_files: Iterable[FactTable]) -> None:
    """Let nothing open a file from now on, so that a measure sees facts and nothing else; what is `in_files` is gone."""
    for table in in_files:
        connection.execute(f"DROP VIEW IF EXISTS stored_{table.name}")
    connection.execute("SET enable_external_access = false")


@contextmanager
def store_failures(store: Path) -> Iterator[None]:
    """Failures to read the store as what they are."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise StoreError(
            f"The facts in {store} cannot be read: {reason}",
            "Delete the store's folder and gather again: the store is a cache of the sources.",
        ) from error


def _bring_in(connection: duckdb.DuckDBPyConnection, store: Path, table: FactTable, *, is_kept_outside: bool) -> None:
    name, files = f"stored_{table.name}", sorted((store / "facts" / table.name).glob("*/*.parquet"))
    if not files:
        if is_kept_outside:
            connection.execute(
                f"ALTER TABLE {name} RENAME TO empty_{table.name}; CREATE TEMP VIEW {name} AS FROM empty_{table.name}"
            )
        return
    columns = ", ".join(f'"{column}"' for column, *_ in connection.execute(f"DESCRIBE {name}").fetchall())
    rows = f"SELECT {columns} FROM {_each_once(table, files)}"
    if is_kept_outside:
        connection.execute(f"DROP TABLE {name}; CREATE TEMP VIEW {name} AS {rows}")
    else:
        connection.execute(f"INSERT INTO {name} {rows}")


def _each_once(table: FactTable, files: list[Path]) -> str:
    """The rows of some files. The store keeps a row once per stream, and in one week; several streams may bring the same."""
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    rows = f"read_parquet([{names}], hive_partitioning = false, union_by_name = true)"
    if max(Counter(path.parent for path in files).values()) == 1 and all(path.parent.name != "new" for path in files):
        return rows
    key = ", ".join(f'"{column}"' for column in table.key)
    newest = f'"{table.newest}" DESC, ' if table.newest else ""
    return f"(SELECT DISTINCT ON ({key}) * FROM {rows} ORDER BY {key}, {newest}sequence DESC)"
