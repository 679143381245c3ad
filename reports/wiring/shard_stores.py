"""The stores of shards, below the folder of the store that takes them in, and what has to be the same for that."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from reports.core.people import Team
from reports.core.shards import Shard, ShardNote
from reports.core.traces import accounts_of
from reports.errors import StoreError
from reports.wiring.house import House

if TYPE_CHECKING:
    from reports.adapters.parquet_store import ParquetStore
    from reports.adapters.run_files import RunFiles

# Adapters are imported where they are made, as in the house.
# ruff: noqa: PLC0415

_NOTE = "shard"


def store_of(house: House, shard: Shard) -> "ParquetStore":
    """The facts of a shard."""
    return house.store_at(_files(house).folder / shard.name)


def set_out(house: House, shard: Shard) -> ShardNote:
    """Make the store of a shard one that continues where the house's stands, with a note of where that is."""
    streams = [stream for source in house.sources(shard) for stream in source.streams]
    store = store_of(house, shard)
    store.set_out_from(house.store)
    note = ShardNote(
        shard=shard,
        terms=terms_mark(house),
        cursors={stream: store.cursor(stream) for stream in streams},
        shared=house.gitlab_activity(shard).shared,
    )
    write_note(house, note)
    return note


def write_note(house: House, note: ShardNote) -> None:
    """Keep what a shard set out from beside what it gathers."""
    files = _files(house)
    files.elsewhere(files.folder / note.shard.name).write(_NOTE, note)


def notes(house: House) -> tuple[ShardNote, ...]:
    """What the shards that wait to be taken in set out from; one that cannot be read, or by this version, never did."""
    files = _files(house)
    found = (_note(house, files.elsewhere(folder)) for folder in sorted(files.folder.glob("*-of-*")))
    return tuple(note for note in found if note)


def _note(house: House, files: "RunFiles") -> ShardNote | None:
    try:
        note = files.find(_NOTE, ShardNote)
        if note:
            store_of(house, note.shard).coverage()  # raises where this version cannot read it
    except StoreError:
        return None
    return note


def joined_cursor(cursors: Sequence[str | None]) -> str | None:
    """Where a stream continues that several shards read, or one."""
    from reports.adapters.gitlab_activity import joined_cursor

    return cursors[0] if len(cursors) == 1 else joined_cursor(cursors)


def remove_all(house: House) -> None:
    """Remove what shards have gathered and nobody has taken in."""
    files = _files(house)
    if files.folder.exists():
        files.remove()


def terms_mark(house: House) -> str:
    """What is read, of whom something may be stored and of whom not, as a text that tells no name and differs when that does."""
    people = _accounts(house.open_today), _accounts(house.settings.team), house.tombstones.mark
    return hashlib.sha256(msgspec.json.encode((people, house.settings.sources), order="deterministic")).hexdigest()


def _accounts(team: Team) -> list[str]:
    return sorted(account for engineer in team.engineers for account in accounts_of(engineer))


def _files(house: House) -> "RunFiles":
    from reports.adapters.run_files import RunFiles
    from reports.adapters.store_archives import SHARDS

    return RunFiles(house.store_folder / SHARDS)
