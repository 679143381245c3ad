"""Merges committed pages into Parquet files by week, in bounded memory; it knows no stream's cursor and deletes nothing of them.

Pages are first sorted by week into drafts, then every week's drafts are merged with what is known of that week. What does not
fit into memory goes to a folder beside the facts, so the size of a gather changes the time this takes and not the memory.
"""

import shutil
import typing
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from reports.adapters.durable_files import rename_durably
from reports.core.facts import TABLES, Fact

#: The second version packs numbers that rise, as ids and times do.
PARQUET = "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2"

_MEMORY = "96MB"
#: A line is one row; read_json sets aside twice this much.
_LONGEST_LINE = 1 << 20
#: Rows that wait for their week's file cannot leave the memory, so they do not wait for long.
_ROWS_BEFORE_WRITING = 20_000
#: As much of packed files is sorted at once, and as many weeks are written at once: DuckDB keeps a file open for each.
_BATCH_BYTES, _BATCH_WEEKS = 4_000_000, 50

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
        self._drafts, self._merged, self._spilled = folder / ".drafts", folder / ".merged", folder / ".spilled"
        options: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
            "memory_limit": _MEMORY,
            "temp_directory": str(self._spilled),
            "preserve_insertion_order": False,
            "partitioned_write_flush_threshold": _ROWS_BEFORE_WRITING,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        self._connection = duckdb.connect(config=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()
        for scratch in (self._drafts, self._merged, self._spilled):
            shutil.rmtree(scratch, ignore_errors=True)

    def merge(self, stream: str, kind: type[Fact], pages: Sequence[Path]) -> None:
        """Fold a stream's pages of one kind into the files of their weeks, each row once and in the order of its table.

        When this returns, every week is in place; a crash before leaves old or new files, and the pages.
        """
        self._sort_into_weeks(kind, pages)
        self._merge(stream, kind, self._drafts.glob("week=*/*.parquet"))

    def take_in(self, stream: str, kind: type[Fact], others: Sequence[Path]) -> None:
        """Fold what other folders of tables hold of a stream into the files of its weeks; nothing there is changed."""
        name = TABLES[kind].name
        self._merge(stream, kind, (file for other in others for file in (other / name).glob(f"week=*/{stream}.parquet")))

    def _merge(self, stream: str, kind: type[Fact], files: Iterable[Path]) -> None:
        fresh: defaultdict[str, list[Path]] = defaultdict(list)
        for file in sorted(files):
            fresh[file.parent.name].append(file)
        table = self._folder / TABLES[kind].name
        for some in _batches([_Week(fresh[week], table / week / f"{stream}.parquet") for week in sorted(fresh)]):
            self._merge_weeks(kind, some)

    def _sort_into_weeks(self, kind: type[Fact], pages: Sequence[Path]) -> None:
        moment = TABLES[kind].week_of
        week = f"strftime(\"{moment}\", '%G-W%V')" if moment else "'all'"
        # The number of a page is the end of its name: 00000012.ndjson.
        sequence = "CAST(substr(filename, -15, 8) AS BIGINT)"
        # A line without a key is no row: it says where the stream continues.
        is_row = f'"{TABLES[kind].key[0]}" IS NOT NULL'
        rows = f"SELECT {columns_of(kind)}, {sequence} AS sequence FROM {lines_of(kind, pages)} WHERE {is_row}"
        self._write_weeks(f"SELECT *, {week} AS week FROM ({rows})", self._drafts)

    def _merge_weeks(self, kind: type[Fact], weeks: "Sequence[_Week]") -> None:
        key, order = (", ".join(f'"{column}"' for column in columns) for columns in (TABLES[kind].key, TABLES[kind].order))
        newest = f'"{TABLES[kind].newest}" DESC, ' if TABLES[kind].newest else ""
        # Not DISTINCT ON: its states cannot leave the memory, those of a window can.
        once = f"QUALIFY row_number() OVER (PARTITION BY week, {key} ORDER BY {newest}sequence DESC) = 1"
        files = literals([file for week in weeks for file in week.files])
        # The name of its folder is a row's week.
        rows = f"read_parquet([{files}], hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"
        self._write_weeks(f"SELECT * FROM {rows} {once} ORDER BY week, {order}", self._merged)
        for week in weeks:
            (merged,) = (self._merged / week.target.parent.name).glob("*.parquet")
            week.target.parent.mkdir(parents=True, exist_ok=True)
            rename_durably(merged, week.target)

    def _write_weeks(self, query: str, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._connection.execute(f"COPY ({query}) TO {literal(folder)} ({PARQUET}, PARTITION_BY (week))")


@dataclass(frozen=True, slots=True)
class _Week:
    """The files with a week's new rows, and the one that all of the week belongs into."""

    fresh: Sequence[Path]
    target: Path

    @property
    def files(self) -> list[Path]:
        return [*self.fresh, *([self.target] if self.target.exists() else [])]

    @property
    def size(self) -> int:
        return sum(file.stat().st_size for file in self.files)


def _batches(weeks: Sequence[_Week]) -> Iterator[list[_Week]]:
    """Small weeks together, since every statement takes its time, and large ones alone, since sorting has to stay in memory."""
    batch: list[_Week] = []
    size = 0
    for week in weeks:
        size += week.size
        if batch and (size > _BATCH_BYTES or len(batch) == _BATCH_WEEKS):
            yield batch
            batch, size = [], week.size
        batch.append(week)
    if batch:
        yield batch


def lines_of(kind: type[Fact], pages: Sequence[Path], **more: str) -> str:
    """The rows of pages, one JSON object each, with `more` columns of SQL types.

    A time is read with its zone: DuckDB would drop it silently otherwise.
    """
    types = {name: _SQL_TYPES[hint].replace("TIMESTAMP", "TIMESTAMPTZ") for name, hint in typing.get_type_hints(kind).items()}
    columns = ", ".join(f"'{name}': '{sql_type}'" for name, sql_type in (types | more).items())
    options = f"format = 'newline_delimited', filename = true, maximum_object_size = {_LONGEST_LINE}"
    return f"read_json([{literals(pages)}], {options}, columns = {{{columns}}})"


def columns_of(kind: type[Fact]) -> str:
    """The columns of a kind of fact, times in UTC and without a zone."""
    hints = typing.get_type_hints(kind)
    timely = {name for name, hint in hints.items() if _SQL_TYPES[hint] == "TIMESTAMP"}
    return ", ".join(f'timezone(\'UTC\', "{name}") AS "{name}"' if name in timely else f'"{name}"' for name in hints)


def declared_columns(kind: type[Fact]) -> str:
    """The columns of a kind of fact with their types, for a table without rows."""
    return ", ".join(f'"{name}" {_SQL_TYPES[hint]}' for name, hint in typing.get_type_hints(kind).items())


def literals(paths: Sequence[Path]) -> str:
    """Paths as a list in SQL."""
    return ", ".join(literal(path) for path in paths)


def literal(path: Path) -> str:
    """A path as a text in SQL."""
    return "'" + str(path).replace("'", "''") + "'"
