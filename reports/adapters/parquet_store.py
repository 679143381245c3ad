"""The store of facts: Parquet files and one small JSON file per stream; it judges nothing and can be deleted and gathered again.

    store.json                                  the format of the store
    streams/<stream>.json                       cursor, reach and trouble of a stream
    facts/<table>/new/<stream>-<page>.parquet   one committed page each
    facts/<table>/week=2026-W46/<stream>.parquet   pages merged by `compact`, each row once (`week=all`: not by week)

A page's rows become durable before the cursor that follows it. A crash between the two replays the page into a file
of the same name. A row may therefore lie in the store more than once; readers keep the one with the largest `sequence`.
"""

import os
import re
import typing
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from reports.core.facts import TABLES, Fact
from reports.core.model import Coverage
from reports.core.traces import IsTheirs, without
from reports.errors import StoreError
from reports.ports import Page

FORMAT = 1
#: So many pages of a stream wait at most before they are merged unasked; it bounds the files a reader opens.
_PAGES_BEFORE_COMPACTION = 64
_CHECK_FOLDER = "Check the folder's rights and the free space, or name another with --store."
_REBUILD = "Delete the store's folder and gather again: the store is a cache of the sources."

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


class _StreamState(msgspec.Struct, frozen=True, kw_only=True):
    stream: str
    cursor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    problem: str = ""
    pages: int = 0
    unknown_people: tuple[str, ...] = ()
    blind_spots: tuple[str, ...] = ()


class _StoreHeader(msgspec.Struct, frozen=True):
    format: int


class ParquetStore:
    """Keeps facts in a folder; every method raises StoreError when the folder cannot be read or written."""

    def __init__(self, folder: Path, is_kept_out: IsTheirs = lambda account: False) -> None:
        self._folder = folder
        self._is_kept_out = is_kept_out

    def coverage(self) -> Mapping[str, Coverage]:
        """How far each known stream reaches."""
        self._check_format()
        names = sorted(path.stem for path in (self._folder / "streams").glob("*.json"))
        return {state.stream: _coverage(state) for state in map(self._state, names)}

    def cursor(self, stream: str) -> str | None:
        """Where the stream continues; None when it was never gathered."""
        self._check_format()
        return self._state(stream).cursor

    def start(self, stream: str, since: datetime) -> None:
        """Forget a stream, its facts too, and begin it anew at an instant."""
        pages = self._state(stream).pages
        self._save(_StreamState(stream=stream, since=since, pages=pages))
        with self._failures():
            for path in [*self._new_files(stream), *(self._folder / "facts").glob(f"*/week=*/{stream}.parquet")]:
                path.unlink()

    def commit(self, page: Page) -> None:
        """Make a page and its cursor durable together; committing the same page again changes nothing."""
        state = self._state(page.stream)
        number = state.pages + 1
        for table, facts in _by_table(self._without_kept_out(page.facts)).items():
            self._write_page(table, facts, f"{page.stream}-{number:08d}.parquet", number)
        until = max((moment for moment in (state.until, page.until) if moment), default=None)
        unknown = state.unknown_people if page.unknown_people is None else page.unknown_people
        blind = state.blind_spots if page.blind_spots is None else page.blind_spots
        told = {"unknown_people": unknown, "blind_spots": blind}
        self._save(msgspec.structs.replace(state, cursor=page.cursor, until=until, pages=number, **told))
        if len(self._new_files(page.stream)) >= _PAGES_BEFORE_COMPACTION:
            self._compact_stream(page.stream)

    def report_problem(self, stream: str, problem: str) -> None:
        """Remember why the stream stopped short; an empty text clears it."""
        self._save(msgspec.structs.replace(self._state(stream), problem=problem))

    def compact(self) -> None:
        """Merge committed pages into one file per stream and week, each row once; the facts stay the same."""
        for stream in self.coverage():
            self._compact_stream(stream)

    def _without_kept_out(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        """The facts without those of whom nothing may be stored."""
        left = (without(fact, self._is_kept_out) for fact in facts)
        return [fact for fact in left if fact is not None]

    # --- streams ------------------------------------------------------------------------------

    def _state(self, stream: str) -> _StreamState:
        path = self._stream_path(stream)
        try:
            return msgspec.json.decode(path.read_bytes(), type=_StreamState)
        except FileNotFoundError:
            return _StreamState(stream=stream)
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror}", _CHECK_FOLDER) from error
        except msgspec.DecodeError as error:
            raise StoreError(f"{path} cannot be read: {error}", "Delete that file: the stream is then gathered anew.") from error

    def _save(self, state: _StreamState) -> None:
        self._check_format()
        header = self._folder / "store.json"
        with self._failures():
            if not header.exists():
                _replace_durably(header, msgspec.json.encode(_StoreHeader(FORMAT)))
            _replace_durably(self._stream_path(state.stream), msgspec.json.format(msgspec.json.encode(state), indent=2))

    def _stream_path(self, stream: str) -> Path:
        if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", stream):
            raise ValueError(f"{stream!r} is not the name of a stream")
        return self._folder / "streams" / f"{stream}.json"

    def _check_format(self) -> None:
        path = self._folder / "store.json"
        try:
            found = msgspec.json.decode(path.read_bytes(), type=_StoreHeader).format
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError) as error:
            raise StoreError(f"{path} cannot be read: {error}", _REBUILD) from error
        if found > FORMAT:
            raise StoreError(
                f"{path} is of format {found}; this version reads up to format {FORMAT}",
                "Use the newer version of the tool that wrote it, or another --store folder.",
            )

    # --- facts --------------------------------------------------------------------------------

    def _write_page(self, table: type[Fact], facts: Sequence[Fact], name: str, number: int) -> None:
        target = self._table_folder(table) / "new" / name
        rows = target.with_suffix(".ndjson")
        with self._failures():
            target.parent.mkdir(parents=True, exist_ok=True)
            rows.write_bytes(_ENCODER.encode_lines(facts))
            self._copy(f"SELECT {_columns(table)}, {number}::BIGINT AS sequence FROM {_lines(table, rows)}", target)
            rows.unlink()

    def _compact_stream(self, stream: str) -> None:
        for kind in TABLES:
            pages = [path for path in self._new_files(stream) if path.parent.parent == self._table_folder(kind)]
            if pages:
                with self._failures():
                    self._merge(kind, stream, pages)

    def _merge(self, kind: type[Fact], stream: str, pages: Sequence[Path]) -> None:
        """Fold pages into their weeks; they go only when every week is in place, so a crash leaves doubles and no gap."""
        moment = TABLES[kind].week_of
        week = f"strftime(\"{moment}\", '%G-W%V')" if moment else "'all'"
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT *, {week} AS week FROM {_files(pages)}")
        for (name,) in self._connection.execute("SELECT DISTINCT week FROM fresh ORDER BY week").fetchall():
            target = self._table_folder(kind) / f"week={name}" / f"{stream}.parquet"
            target.parent.mkdir(exist_ok=True)
            known = f" UNION ALL BY NAME SELECT * FROM {_files([target])}" if target.exists() else ""
            fresh = f"SELECT * EXCLUDE (week) FROM fresh WHERE week = '{name}'"
            self._copy(_each_once(kind, f"{fresh}{known}"), target)
        for path in pages:
            path.unlink()

    def facts(self) -> Iterator[Fact]:
        """Every stored fact, one that was stored twice perhaps twice."""
        for kind, path in self._fact_files():
            yield from (fact for fact, _ in self._rows(kind, path))

    def rewrite(self, change: Callable[[Fact], Fact | None]) -> int:
        """Put a changed fact in the place of each, or nothing; how many were changed.

        A file is replaced whole or not at all, so what a crash leaves undone is done by doing it again.
        """
        self._check_format()
        changed = 0
        for kind, path in self._fact_files():
            rows = self._rows(kind, path)
            after = [(change(fact), sequence) for fact, sequence in rows]
            different = sum(new != old for (new, _), (old, _) in zip(after, rows, strict=True))
            if different:
                changed += different
                self._replace_rows(kind, path, [(fact, sequence) for fact, sequence in after if fact is not None])
        with self._failures():
            for leftover in [*self._folder.glob("facts/*/*/*.ndjson"), *self._folder.glob("facts/*/*/*.draft")]:
                leftover.unlink()
        return changed

    def forget_unknown(self, usernames: Collection[str]) -> None:
        """Name them no more among the people whom a source has no account for."""
        for stream in self.coverage():
            state = self._state(stream)
            left = tuple(name for name in state.unknown_people if name not in usernames)
            if left != state.unknown_people:
                self._save(msgspec.structs.replace(state, unknown_people=left))

    def _fact_files(self) -> Iterator[tuple[type[Fact], Path]]:
        for kind in TABLES:
            yield from ((kind, path) for path in sorted(self._table_folder(kind).glob("*/*.parquet")))

    def _rows(self, kind: type[Fact], path: Path) -> list[tuple[Fact, int]]:
        with self._failures():
            found = self._connection.execute(f"SELECT * FROM {_files([path])}")
            columns = [name for name, *_ in found.description or ()]
            rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        hints = typing.get_type_hints(kind)
        return [(kind(**{n: _as_stored(v) for n, v in row.items() if n in hints}), row["sequence"]) for row in rows]

    def _replace_rows(self, kind: type[Fact], path: Path, rows: Sequence[tuple[Fact, int]]) -> None:
        with self._failures():
            if not rows:
                path.unlink()
                return
            lines = path.with_suffix(".ndjson")
            lines.write_bytes(_ENCODER.encode_lines([{**msgspec.to_builtins(fact), "sequence": n} for fact, n in rows]))
            self._copy(f"SELECT {_columns(kind)}, sequence FROM {_lines(kind, lines, sequence='BIGINT')}", path)
            lines.unlink()

    def _copy(self, query: str, target: Path) -> None:
        draft = target.with_suffix(".draft")
        self._connection.execute(f"COPY ({query}) TO {_literal(draft)} (FORMAT parquet, COMPRESSION zstd)")
        _rename_durably(draft, target)

    def _table_folder(self, kind: type[Fact]) -> Path:
        return self._folder / "facts" / TABLES[kind].name

    def _new_files(self, stream: str) -> list[Path]:
        return sorted((self._folder / "facts").glob(f"*/new/{stream}-{'[0-9]' * 8}.parquet"))

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        # One thread: the pages are small, and rows keep the order they are written in.
        options: dict[str, str | bool | int | float | list[str]] = {"threads": 1, "autoinstall_known_extensions": False}
        return duckdb.connect(config=options | {"autoload_known_extensions": False})

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            place = error.filename or self._folder
            raise StoreError(
                f"The store cannot be written: {error.strerror or error} ({place})",
                _CHECK_FOLDER,
            ) from error
        except duckdb.Error as error:
            raise StoreError(f"The store in {self._folder} cannot be used: {_first_line(error)}", _REBUILD) from error


_ENCODER = msgspec.json.Encoder()


def _coverage(state: _StreamState) -> Coverage:
    return Coverage(
        stream=state.stream,
        since=state.since,
        until=state.until,
        problem=state.problem,
        unknown_people=state.unknown_people,
        blind_spots=state.blind_spots,
    )


def _by_table(facts: Sequence[Fact]) -> Mapping[type[Fact], Sequence[Fact]]:
    tables: defaultdict[type[Fact], list[Fact]] = defaultdict(list)
    for fact in facts:
        tables[type(fact)].append(fact)
    return tables


def _lines(kind: type[Fact], rows: Path, **more: str) -> str:
    """The rows of a file, one JSON object each. A time is read with its zone: DuckDB would drop it silently otherwise."""
    types = {name: _SQL_TYPES[hint].replace("TIMESTAMP", "TIMESTAMPTZ") for name, hint in typing.get_type_hints(kind).items()}
    columns = ", ".join(f"'{name}': '{sql_type}'" for name, sql_type in (types | more).items())
    return f"read_json({_literal(rows)}, format = 'newline_delimited', columns = {{{columns}}})"


def _as_stored(value: Any) -> Any:
    """A value of a column as a fact has it: times are UTC without saying so."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    return tuple(value) if isinstance(value, list) else value


def _columns(kind: type[Fact]) -> str:
    """The columns of a kind of fact, times in UTC and without a zone."""
    hints = typing.get_type_hints(kind)
    timely = {name for name, hint in hints.items() if _SQL_TYPES[hint] == "TIMESTAMP"}
    return ", ".join(f'timezone(\'UTC\', "{name}") AS "{name}"' if name in timely else f'"{name}"' for name in hints)


def _each_once(kind: type[Fact], query: str) -> str:
    table = TABLES[kind]
    key = ", ".join(f'"{column}"' for column in table.key)
    newest = f'"{table.newest}" DESC, ' if table.newest else ""
    return f"SELECT DISTINCT ON ({key}) * FROM ({query}) ORDER BY {key}, {newest}sequence DESC"


def _files(paths: Sequence[Path]) -> str:
    names = ", ".join(_literal(path) for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false, union_by_name = true)"


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _replace_durably(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.write_bytes(content)
    _rename_durably(draft, target)


def _rename_durably(draft: Path, target: Path) -> None:
    """Bring the draft's bytes to disk, then its name: a reader sees the old file or the whole new one."""
    _sync(draft)
    draft.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
