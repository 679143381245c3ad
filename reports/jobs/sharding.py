"""What several machines have gathered, each a shard, into one store: whoever gathers next takes all of it in."""

from reports.core.shards import Shard, fitting
from reports.ports import Progress, ProgressListener
from reports.wiring import shard_stores
from reports.wiring.house import House


def take_in(house: House, tell: ProgressListener) -> tuple[str, ...]:
    """Fold what shards have gathered into the store, and remove them; a sentence on what came in and what was left out.

    Left out is what does not fit any more or is not whole. It is read again from its source: slower, and never wrong.
    """
    notes = shard_stores.notes(house)
    if not notes:
        return ()
    cursors = {stream: house.store.cursor(stream) for note in notes for stream in note.cursors}
    streams = fitting(notes, cursors, shard_stores.kept_out_mark(house))
    taken = [stream for stream, shards in streams.items() if _take_in(house, stream, shards, tell)]
    shard_stores.remove_all(house)
    left = sorted(set(cursors) - set(taken))
    said = [f"shards: {len(notes)} of {max(note.shard.of for note in notes)} were there, {len(taken)} streams taken in"]
    if left:
        said.append(f"shards: not whole or too late, and read again here: {', '.join(left)}")
    return tuple(said)


def _take_in(house: House, stream: str, shards: tuple[Shard, ...], tell: ProgressListener) -> bool:
    """Take a stream in, unless its parts begin at different days, so that none of them is whole."""
    stores = [shard_stores.store_of(house, shard) for shard in shards]
    if len({store.coverage()[stream].since for store in stores}) > 1:
        return False
    tell(Progress(step="shards", part=stream, detail=f"taken in from {len(stores)}", fraction=None))
    house.store.take_in(stream, stores, shard_stores.joined_cursor([store.cursor(stream) for store in stores]))
    return True
