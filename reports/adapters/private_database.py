"""A DuckDB in memory of one's own, for reading and writing a store's files: one thread, no extension, closed at the end."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import duckdb


@contextmanager
def private_database() -> Iterator[duckdb.DuckDBPyConnection]:
    """One DuckDB for as long as it is needed."""
    options: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with closing(duckdb.connect(config=options)) as connection:
        yield connection
