"""Shards: the parts of a gather that several machines do at once, told apart by counting people and streams."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_SHARD = re.compile(r"([1-9]\d{0,2})/([1-9]\d{0,2})")


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """One of so many shards, numbered from 1; `str()` gives it as `2/4`."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """The shard named by a text such as `2/4`; ValueError says what is expected."""
        found = _SHARD.fullmatch(text)
        if found is None or int(found[1]) > int(found[2]):
            raise ValueError(f"{text!r} is not a shard; write it like 2/4, the second of four")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def name(self) -> str:
        """Its name where a stroke cannot stand, such as `2-of-4`."""
        return f"{self.number}-of-{self.of}"

    def takes(self, position: int) -> bool:
        """Whether what stands at a position, from 0 on, is this shard's."""
        return position % self.of == self.number - 1

    def part(self, whole: Sequence[T]) -> tuple[T, ...]:
        """Its part of a sequence that is the same for every shard."""
        return tuple(whole[self.number - 1 :: self.of])


#: Everything at once.
WHOLE = Shard(1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardNote:
    """What a shard set out from: the cursor of each of its streams, and a mark of the terms it read on.

    `shared` are those of its streams of which every other shard reads a part as well, `ended` those that it read to the end.
    """

    shard: Shard
    terms: str
    cursors: Mapping[str, str | None]
    shared: tuple[str, ...]
    ended: tuple[str, ...] = ()


def fitting(notes: Sequence[ShardNote], cursors: Mapping[str, str | None], terms: str) -> dict[str, tuple[ShardNote, ...]]:
    """The streams of which every part is there, and who read them; `cursors` is where the store's streams stand now.

    What was read from another place than the store is at now is left out, since something else has gathered meanwhile.
    """
    valid = [note for note in notes if note.terms == terms]
    counts = {note.shard.of for note in valid}
    if len(counts) != 1:
        return {}
    whole = {}
    for stream in sorted({stream for note in valid for stream in note.cursors}):
        read = [note for note in valid if stream in note.cursors and note.cursors[stream] == cursors.get(stream)]
        wanted = counts if any(stream in note.shared for note in valid) else {1}
        if {len(read)} == wanted:
            whole[stream] = tuple(sorted(read, key=lambda note: note.shard))
    return whole
