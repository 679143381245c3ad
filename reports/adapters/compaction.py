"""Merges committed pages into Parquet files by week, in bounded memory; it knows no stream's cursor and deletes nothing of them.

Pages are first sorted by week into drafts, then every week's drafts are merged with what is known of that week. What does not
fit into memory goes to a folder beside the facts, so the size of a gather changes the time this takes and not the memory.
"""

import shutil
import typing
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from reports.adapters.durable_files import rename_durably
from reports.core.facts import TABLES, Fact

_MEMORY = "96MB"
#: A line is one row; read_json sets aside twice this much.
_LONGEST_LINE = 1 << 20

_SQL_TYPES: Mapping[Any, str] = {
    str: "VARCHAR",
    int: "BIGINT",
    bool: "BOOLEAN",
    bool | None: "BOOLEAN",
    datetime: "TIMESTAMP",
    int | None: "BIGINT",
    str | None: "VARCHAR",
    datetime | None: "TIMESTAMP",
    tuple[str, ...]: "VARCHAR[]",
    tuple[int, ...]: "BIGINT[]",
}


class Compaction:
    """One DuckDB for the length of one merging of whatever streams; raises duckdb.Error or OSError."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the tables lie."""
        self._folder = folder
        self._drafts, self._spilled = folder / ".drafts", folder / ".spilled"
        options: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
            "memory_limit": _MEMORY,
            "temp_directory": str(self._spilled),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._connection = duckdb.connect(config=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()
        for scratch in (self._drafts, self._spilled):
            shutil.rmtree(scratch, ignore_errors=True)

    def merge(self, stream: str, kind: type[Fact], pages: Sequence[Path]) -> None:
        """Fold a stream's pages of one kind into the files of their weeks, each row once and in the order of its key.

        When this returns, every week is in place; a crash before leaves old or new files, and the pages.
        """
        shutil.rmtree(self._drafts, ignore_errors=True)
        _sort_into_weeks(self._connection, kind, pages, self._drafts)
        for fresh in sorted(self._drafts.glob("week=*")):
            _merge_week(self._connection, kind, fresh, self._folder / TABLES[kind].name / fresh.name / f"{stream}.parquet")


def _sort_into_weeks(connection: duckdb.DuckDBPyConnection, kind: type[Fact], pages: Sequence[Path], drafts: Path) -> None:
    moment = TABLES[kind].week_of
    week = f"strftime(\"{moment}\", '%G-W%V')" if moment else "'all'"
    # The number of a page is the end of its name: 00000012.ndjson.
    sequence = "CAST(substr(filename, -15, 8) AS BIGINT)"
    _copy(
        connection,
        f"SELECT *, {week} AS week FROM (SELECT {_columns(kind)}, {sequence} AS sequence FROM {_lines(kind, pages)})",
        drafts,
        "PARTITION_BY (week)",
    )


def _merge_week(connection: duckdb.DuckDBPyConnection, kind: type[Fact], fresh: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    table = TABLES[kind]
    files = [*fresh.glob("*.parquet"), *([target] if target.exists() else [])]
    key = ", ".join(f'"{column}"' for column in table.key)
    newest = f'"{table.newest}" DESC, ' if table.newest else ""
    # Not DISTINCT ON: its states cannot leave the memory, those of a window can.
    once = f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {newest}sequence DESC) = 1"
    draft = target.with_suffix(".draft")
    _copy(connection, f"SELECT * FROM {_files(files)} {once} ORDER BY {key}", draft)
    rename_durably(draft, target)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path, *options: str) -> None:
    chosen = ", ".join(("FORMAT parquet", "COMPRESSION zstd", *options))
    connection.execute(f"COPY ({query}) TO {_literal(target)} ({chosen})")


def _lines(kind: type[Fact], pages: Sequence[Path]) -> str:
    """The rows of pages, one JSON object each. A time is read with its zone: DuckDB would drop it silently otherwise."""
    types = {name: _SQL_TYPES[hint].replace("TIMESTAMP", "TIMESTAMPTZ") for name, hint in typing.get_type_hints(kind).items()}
    columns = ", ".join(f"'{name}': '{sql_type}'" for name, sql_type in types.items())
    options = f"format = 'newline_delimited', filename = true, maximum_object_size = {_LONGEST_LINE}"
    return f"read_json([{_literals(pages)}], {options}, columns = {{{columns}}})"


def _columns(kind: type[Fact]) -> str:
    """The columns of a kind of fact, times in UTC and without a zone."""
    hints = typing.get_type_hints(kind)
    timely = {name for name, hint in hints.items() if _SQL_TYPES[hint] == "TIMESTAMP"}
    return ", ".join(f'timezone(\'UTC\', "{name}") AS "{name}"' if name in timely else f'"{name}"' for name in hints)


def _files(paths: Sequence[Path]) -> str:
    return f"read_parquet([{_literals(paths)}], hive_partitioning = false, union_by_name = true)"


def _literals(paths: Sequence[Path]) -> str:
    return ", ".join(_literal(path) for path in paths)


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
