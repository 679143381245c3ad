"""The store of facts: Parquet files and one small JSON file per stream; it judges nothing and can be deleted and gathered again.

    store.json                                  the format of the store
    streams/<stream>.json                       cursor, reach and trouble of a stream, unless a later page tells them
    facts/removed.json                          the day before which facts were removed
    facts/<table>/new/<stream>-<page>.ndjson    one committed page each, a row per line, and what the stream's file would say
    facts/<table>/week=2026-W46/<stream>.parquet   pages merged by `compact` (`week=all`: not by week)

The cursor that follows a page is the last line of the page's last file, so that waiting once for the disk makes both durable. A
crash before that replays the page into files of the same names, so a row may be committed more than once: `compact` keeps the
one with the largest `sequence`. After it, and only then, a reader finds every row, and each row of a table once per stream.
"""

import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from threading import RLock
from zoneinfo import ZoneInfo

import duckdb
import msgspec

from reports.adapters.compaction import Compaction
from reports.adapters.durable_files import replace_durably
from reports.adapters.expired_facts import remove_expired
from reports.adapters.private_database import private_database
from reports.adapters.stored_facts import StoredFacts
from reports.core.facts import TABLES, Fact
from reports.core.model import Coverage
from reports.core.traces import IsTheirs, all_without
from reports.core.weeks import midnight
from reports.errors import StoreError
from reports.ports import Page

FORMAT = 2
_CHECK_FOLDER = "Check the folder's rights and the free space, or name another with --store."
_REBUILD = "Delete the store's folder and gather again: the store is a cache of the sources."


class _StreamState(msgspec.Struct, frozen=True, kw_only=True):
    stream: str
    cursor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    problem: str = ""
    pages: int = 0
    unknown_people: tuple[str, ...] = ()
    blind_spots: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


class _Carried(msgspec.Struct, frozen=True):
    """The line of a page that is no row."""

    state: _StreamState


class _StoreHeader(msgspec.Struct, frozen=True):
    format: int


class _Removed(msgspec.Struct, frozen=True):
    facts_since: date


class ParquetStore:
    """Keeps facts in a folder; every method raises StoreError when the folder cannot be read or written.

    Several threads may use it, one for each stream; another process may not while this one writes.
    """

    def __init__(self, folder: Path, is_kept_out: IsTheirs = lambda account: False) -> None:
        self._folder = folder
        self._facts = folder / "facts"
        self._is_kept_out = is_kept_out
        self._lock = RLock()
        self._carried: dict[str, _StreamState] = {}

    @property
    def is_outdated(self) -> bool:
        """Whether an older version of the tool wrote what is stored, so that `renew` forgets it."""
        found = self._format()
        return found is not None and found < FORMAT

    def renew(self) -> str:
        """Forget what an older version of the tool stored, since it kept less; says so, or nothing where all is well."""
        with self._lock:
            if not self.is_outdated:
                return ""
            found = self._format()
            self._carried.clear()
            with self._failures():
                # Cursors first: without them the facts are gathered anew, whenever this is interrupted.
                for folder in (self._folder / "streams", self._facts):
                    if folder.exists():
                        shutil.rmtree(folder)
                replace_durably(self._folder / "store.json", msgspec.json.encode(_StoreHeader(FORMAT)))
            return f"the store was of format {found}, written by an older version: everything is gathered anew"

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
        with self._lock:
            pages = self._state(stream).pages
            # Without a beginning a stream is started again, so one that is interrupted here leaves no old fact behind.
            self._save(_StreamState(stream=stream, pages=pages))
            with self._failures():
                for path in [*_flat(self._pages(stream)), *self._facts.glob(f"*/week=*/{stream}.parquet")]:
                    path.unlink()
            self._save(_StreamState(stream=stream, since=since, pages=pages))

    def commit(self, page: Page) -> None:
        """Make a page and its cursor durable together; committing the same page again changes nothing."""
        self._check_format()
        with self._lock:
            state = self._state(page.stream)
            until = max((moment for moment in (state.until, page.until) if moment), default=None)
            tells = {"unknown_people": page.unknown_people, "blind_spots": page.blind_spots, "hints": page.hints}
            told = {name: sentences for name, sentences in tells.items() if sentences is not None}
            following = msgspec.structs.replace(state, cursor=page.cursor, until=until, pages=state.pages + 1, **told)
            kinds = {kind: all_without(facts, self._is_kept_out) for kind, facts in _by_kind(page.facts).items()}
            files = {kind: _ENCODER.encode_lines(facts) for kind, facts in kinds.items() if facts}
            is_carried = bool(files) and self._stream_path(page.stream).exists()
            if is_carried:
                files[list(files)[-1]] += _ENCODER.encode_lines([_Carried(following)])
            with self._failures():
                for kind, lines in files.items():
                    name = f"{page.stream}-{following.pages:08d}.ndjson"
                    replace_durably(self._facts / TABLES[kind].name / "new" / name, lines)
            if is_carried:
                self._carried[page.stream] = following
            else:
                self._save(following)

    def report_problem(self, stream: str, problem: str) -> None:
        """Remember why the stream stopped short; an empty text clears it."""
        with self._lock:
            state = self._state(stream)
            if state.problem != problem:
                self._save(msgspec.structs.replace(state, problem=problem))

    def compact(self) -> None:
        """Merge every committed page, those of a run that was killed too; from then on each row lies once per table and stream.

        Pages go only when every week is in place, so a crash leaves doubles and no gap, and the next merging removes them.
        """
        with self._lock:
            waiting = {stream: pages for stream in self.coverage() if (pages := self._pages(stream))}
            if not waiting:
                return
            with self._failures(), Compaction(self._facts) as compaction:
                for stream, pages in waiting.items():
                    self._save(self._state(stream))
                    for kind, files in pages.items():
                        compaction.merge(stream, kind, files)
                        for path in files:
                            path.unlink()

    # --- shards -------------------------------------------------------------------------------

    def set_out_from(self, other: "ParquetStore") -> None:
        """Become an empty store whose streams continue where those of another one stand, which is only read."""
        with self._lock, self._failures():
            self._carried.clear()
            if self._folder.exists():
                shutil.rmtree(self._folder)
            for stream in () if other.is_outdated else other.coverage():
                self._save(other._state(stream))

    def take_in(self, stream: str, others: "Sequence[ParquetStore]", cursor: str | None) -> None:
        """Fold in what others have gathered of a stream, and continue at a cursor; doing it again does no harm."""
        self.compact()
        for other in others:
            other.compact()
        read = [other._state(stream) for other in others]
        with self._lock:
            since = max((state.since for state in read if state.since), default=None)
            if since and since != self._state(stream).since:
                self.start(stream, since)
            with self._failures(), Compaction(self._facts) as compaction:
                self._facts.mkdir(parents=True, exist_ok=True)
                for kind in TABLES:
                    compaction.take_in(stream, kind, [other._facts for other in others])
            self._save(_joined(read, cursor))

    # --- streams ------------------------------------------------------------------------------

    def _state(self, stream: str) -> _StreamState:
        """What is known of a stream: as its own file says, or a page that was committed later."""
        with self._lock:
            if stream in self._carried:
                return self._carried[stream]
            state = self._saved(stream)
            later = [path for path in _flat(self._pages(stream)) if int(path.stem[-8:]) > state.pages]
            carried = (self._carried_by(path) for path in sorted(later, key=lambda path: path.stem, reverse=True))
            return next((found for found in carried if found), state)

    def _saved(self, stream: str) -> _StreamState:
        path = self._stream_path(stream)
        try:
            return msgspec.json.decode(path.read_bytes(), type=_StreamState)
        except FileNotFoundError:
            return _StreamState(stream=stream)
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror}", _CHECK_FOLDER) from error
        except msgspec.DecodeError as error:
            raise StoreError(f"{path} cannot be read: {error}", "Delete that file: the stream is then gathered anew.") from error

    def _carried_by(self, path: Path) -> _StreamState | None:
        """What a page says of its stream; nothing when it is one of several files, whose last one was never written."""
        with self._failures():
            line = path.read_bytes().rstrip(b"\n").rpartition(b"\n")[2]
        try:
            return msgspec.json.decode(line, type=_Carried).state
        except msgspec.DecodeError:
            return None

    def _save(self, state: _StreamState) -> None:
        self._check_format()
        header = self._folder / "store.json"
        with self._failures():
            if not header.exists():
                replace_durably(header, msgspec.json.encode(_StoreHeader(FORMAT)))
            replace_durably(self._stream_path(state.stream), msgspec.json.format(msgspec.json.encode(state), indent=2))
        self._carried.pop(state.stream, None)

    def _stream_path(self, stream: str) -> Path:
        if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", stream):
            raise ValueError(f"{stream!r} is not the name of a stream")
        return self._folder / "streams" / f"{stream}.json"

    def _check_format(self) -> None:
        found, path = self._format(), self._folder / "store.json"
        if found is not None and found > FORMAT:
            raise StoreError(
                f"{path} is of format {found}; this version reads up to format {FORMAT}",
                "Use the newer version of the tool that wrote it, or another --store folder.",
            )
        if found is not None and found < FORMAT:
            raise StoreError(
                f"{path} is of format {found}, of an older version of the tool; this one reads format {FORMAT}",
                "Run `support-reports gather`: it begins anew by itself.",
            )

    def _format(self) -> int | None:
        """The format of what lies in the folder; None when there is no store."""
        path = self._folder / "store.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=_StoreHeader).format
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise StoreError(f"{path} cannot be read: {error}", _REBUILD) from error

    # --- facts --------------------------------------------------------------------------------

    def _pages(self, stream: str) -> dict[type[Fact], list[Path]]:
        """The pages of a stream that are not merged yet, by kind and in their order."""
        name = f"{stream}-{'[0-9]' * 8}.ndjson"
        found = {kind: sorted((self._facts / table.name / "new").glob(name)) for kind, table in TABLES.items()}
        return {kind: pages for kind, pages in found.items() if pages}

    def facts(self) -> Iterator[Fact]:
        """Every stored fact, one that was stored twice perhaps twice."""
        self.compact()
        with self._lock, self._failures(), private_database() as database:
            yield from StoredFacts(self._facts, database).facts()

    def rewrite(self, change: Callable[[Fact], Fact | None]) -> int:
        """Put a changed fact in the place of each, or nothing; how many were changed. Doing it again does no harm."""
        self.compact()
        with self._lock, self._failures(), private_database() as database:
            changed = StoredFacts(self._facts, database).rewrite(change)
            for leftover in [*self._facts.glob("*/*/*.lines"), *self._facts.glob("*/*/*.draft")]:
                leftover.unlink()
            return changed

    @property
    def facts_since(self) -> date | None:
        """The day before which facts were removed, but for those of what goes on; None while none were.

        None as well where an older version stored them: all are gathered anew.
        """
        if self.is_outdated:
            return None
        try:
            return msgspec.json.decode(self._removed.read_bytes(), type=_Removed).facts_since
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise StoreError(f"{self._removed} cannot be read: {error}", _REBUILD) from error

    def remove_before(self, day: date, zone: ZoneInfo) -> int:
        """Remove the facts of what is over before a day of a zone; how many. Doing it again does no harm."""
        self.compact()
        with self._lock, self._failures():
            # The day comes first: facts that are still there are not asked, and those that are gone are no zero.
            replace_durably(self._removed, msgspec.json.encode(_Removed(day)))
            return remove_expired(self._facts, midnight(day, zone))

    @property
    def _removed(self) -> Path:
        """Among the facts, so that it goes with them: whoever gathers anew gathers as far back as ever."""
        return self._facts / "removed.json"

    def forget_unknown(self, usernames: Collection[str]) -> None:
        """Name them no more: neither among the people whom a source has no account for, nor in where a stream continues.

        A stream whose cursor names one of them is read again from its beginning, which changes no fact.
        """
        self.compact()
        names = re.compile("|".join(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])" for name in usernames) or r"(?!)", re.IGNORECASE)
        for stream in self.coverage():
            state = self._state(stream)
            left = tuple(name for name in state.unknown_people if name not in usernames)
            cursor = None if names.search(state.cursor or "") else state.cursor
            hints = tuple(hint for hint in state.hints if not names.search(hint))
            if (left, cursor, hints) != (state.unknown_people, state.cursor, state.hints):
                self._save(msgspec.structs.replace(state, unknown_people=left, cursor=cursor, hints=hints))

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


def _joined(states: Sequence[_StreamState], cursor: str | None) -> _StreamState:
    """What is known of a stream of which each state knows a part."""
    untils = [state.until for state in states]
    return msgspec.structs.replace(
        states[0],
        cursor=cursor,
        since=max((state.since for state in states if state.since), default=None),
        until=min((until for until in untils if until), default=None) if all(untils) else None,
        problem=next((state.problem for state in states if state.problem), ""),
        pages=max(state.pages for state in states),
        unknown_people=_every(state.unknown_people for state in states),
        blind_spots=_every(state.blind_spots for state in states),
        hints=_every(state.hints for state in states),
    )


def _every(told: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentence for sentences in told for sentence in sentences))


def _coverage(state: _StreamState) -> Coverage:
    return Coverage(
        stream=state.stream,
        since=state.since,
        until=state.until,
        problem=state.problem,
        unknown_people=state.unknown_people,
        blind_spots=state.blind_spots,
        hints=state.hints,
    )


def _by_kind(facts: Sequence[Fact]) -> Mapping[type[Fact], Sequence[Fact]]:
    kinds: defaultdict[type[Fact], list[Fact]] = defaultdict(list)
    for fact in facts:
        kinds[type(fact)].append(fact)
    return kinds


def _flat(pages: Mapping[type[Fact], Sequence[Path]]) -> list[Path]:
    return [path for paths in pages.values() for path in paths]


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
