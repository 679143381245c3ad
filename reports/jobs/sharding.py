"""What several machines have gathered, each a shard, into one store: whoever gathers next takes all of it in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from reports.core.model import Coverage
from reports.core.shards import Shard, ShardNote, fitting
from reports.core.weeks import Window
from reports.jobs.gathering import Gathered
from reports.ports import ActivitySource, FactStore, Page, Progress, ProgressListener
from reports.wiring import shard_stores
from reports.wiring.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What came in and what was left out, a sentence each, and the streams of which nothing is left to read."""

    notes: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()


def gather_shard(house: House, shard: Shard, gather: Callable[[FactStore], Gathered]) -> Gathered:
    """Let a shard be gathered into a store of its own, which goes on from where the house's stands; that one is only read."""
    note = shard_stores.set_out(house, shard)
    gathered = gather(shard_stores.store_of(house, shard))
    ended = tuple(stream for stream in note.cursors if stream not in gathered.failures)
    shard_stores.write_note(house, replace(note, ended=ended))
    return gathered


def take_in(house: House, needed: Window, tell: ProgressListener) -> TakenIn:
    """Fold what shards have gathered into the store, and remove them; nothing is left to read of a stream that reaches as needed.

    Left out is what does not fit any more or is not whole. It is read again from its source: slower, and never wrong.
    """
    notes = shard_stores.notes(house)
    if not notes:
        shard_stores.remove_all(house)
        return TakenIn()
    cursors = {stream: house.store.cursor(stream) for note in notes for stream in note.cursors}
    fit = fitting(notes, cursors, shard_stores.terms_mark(house))
    taken = {}
    for done, (stream, read) in enumerate(fit.items(), start=1):
        if _take_in(house, stream, read):
            taken[stream] = read
        tell(Progress(step="shards", detail=f"{len(fit)} streams", fraction=done / len(fit)))
    shard_stores.remove_all(house)
    said = [f"shards: {len(notes)} of {max(note.shard.of for note in notes)} were there, {len(taken)} streams taken in"]
    if left := sorted(set(cursors) - set(taken)):
        said.append(f"shards: not whole or too late, and read again here: {', '.join(left)}")
    ended = [stream for stream, read in taken.items() if all(stream in note.ended for note in read)]
    reach = house.store.coverage()
    return TakenIn(notes=tuple(said), complete=tuple(stream for stream in ended if _covers(reach[stream], needed)))


def left_to_read(sources: Sequence[ActivitySource], taken_in: TakenIn) -> list[ActivitySource]:
    """The sources without the streams of which nothing is left to read."""
    return [_LeftToRead(source, taken_in.complete) for source in sources]


@dataclass(frozen=True, slots=True)
class _LeftToRead:
    source: ActivitySource
    complete: tuple[str, ...]

    @property
    def streams(self) -> tuple[str, ...]:
        return tuple(stream for stream in self.source.streams if stream not in self.complete)

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        return self.source.pages(stream, window, cursor)


def _covers(reach: Coverage, needed: Window) -> bool:
    """Whether a stream was read from the beginning of a window to its end."""
    return bool(reach.since and reach.until and reach.since <= needed.start and reach.until >= needed.end)


def _take_in(house: House, stream: str, read: tuple[ShardNote, ...]) -> bool:
    """Take a stream in, unless a part was never begun or the parts begin at different days, so that none of them is whole."""
    stores = [shard_stores.store_of(house, note.shard) for note in read]
    reaches = [store.coverage().get(stream) for store in stores]
    begun = {reach.since if reach else None for reach in reaches}
    if None in begun or len(begun) > 1:
        return False
    house.store.take_in(stream, stores, shard_stores.joined_cursor([store.cursor(stream) for store in stores]))
    return True
