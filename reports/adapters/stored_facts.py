"""Reads merged facts back as values and puts changed ones in their place, file by file: for what is held about one person."""

import typing
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from reports.adapters.compaction import PARQUET, columns_of, lines_of, literal
from reports.adapters.durable_files import rename_durably
from reports.core.facts import TABLES, Fact

_ENCODER = msgspec.json.Encoder()
_Row = tuple[Fact, int]


class StoredFacts:
    """The Parquet files below a folder of facts, all of whose pages are merged; raises duckdb.Error or OSError."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self._folder = folder
        self._connection = connection

    def facts(self) -> Iterator[Fact]:
        """Every fact; one that several streams brought comes once for each."""
        for kind, path in self._files():
            yield from (fact for fact, _ in self._rows(kind, path))

    def rewrite(self, change: Callable[[Fact], Fact | None]) -> int:
        """Put a changed fact in the place of each, or nothing; how many were changed.

        A file is replaced whole or not at all, so what a crash leaves undone is done by doing it again.
        """
        changed = 0
        for kind, path in self._files():
            rows = self._rows(kind, path)
            after = [(change(fact), sequence) for fact, sequence in rows]
            different = sum(new != old for (new, _), (old, _) in zip(after, rows, strict=True))
            if different:
                changed += different
                self._replace(kind, path, [(fact, sequence) for fact, sequence in after if fact is not None])
        return changed

    def _files(self) -> Iterator[tuple[type[Fact], Path]]:
        for kind, table in TABLES.items():
            yield from ((kind, path) for path in sorted((self._folder / table.name).glob("*/*.parquet")))

    def _rows(self, kind: type[Fact], path: Path) -> list[_Row]:
        found = self._connection.execute(f"SELECT * FROM read_parquet({literal(path)}, hive_partitioning = false)")
        names = [name for name, *_ in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        hints = typing.get_type_hints(kind)
        return [(kind(**{n: _as_stored(v) for n, v in row.items() if n in hints}), row["sequence"]) for row in rows]

    def _replace(self, kind: type[Fact], path: Path, rows: Sequence[_Row]) -> None:
        if not rows:
            path.unlink()
            return
        lines, draft = path.with_suffix(".lines"), path.with_suffix(".draft")
        lines.write_bytes(_ENCODER.encode_lines([{**msgspec.to_builtins(fact), "sequence": n} for fact, n in rows]))
        query = f"SELECT {columns_of(kind)}, sequence FROM {lines_of(kind, [lines], sequence='BIGINT')}"
        self._connection.execute(f"COPY ({query}) TO {literal(draft)} ({PARQUET})")
        lines.unlink()
        rename_durably(draft, path)


def _as_stored(value: Any) -> Any:
    """A value of a column as a fact has it: times are UTC without saying so."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    return tuple(value) if isinstance(value, list) else value
