"""The paging laws of Zendesk as pure functions over rows in order; knows no HTTP and no ticket.

They follow what recorded exchanges show where the official description is silent or wrong.
"""

import base64
import json
import re
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from reports.sandbox.zendesk_state import Timeline

#: Seconds of the newest changes that an export holds back.
WITHHELD = 60
#: The most rows that a page of an export is asked to hold.
EXPORT_PAGE = 1000
#: The most rows of a page of a list.
LIST_PAGE = 100
#: How deep offset paging reaches, in records.
OFFSET_DEPTH = 10_000

_POSITION = re.compile(r"(\d+)\.0\|\|(\d+)\|")
Row = TypeVar("Row", bound=tuple[object, ...])
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class CursorPage:
    """Keys (time, id) of one page of the cursor export, the position after it, and whether it was the last."""

    keys: Sequence[tuple[int, int]]
    position: tuple[int, int] | None
    end_of_stream: bool


@dataclass(frozen=True, slots=True)
class TimePage(Generic[Row]):
    """Rows of one page of a time-based export; `end_time` is where the next one starts, None when nothing was left."""

    rows: Sequence[Row]
    end_time: int | None
    end_of_stream: bool


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Item]):
    """Items of one page of a list with the cursors of its first and last item; None on an empty page."""

    items: Sequence[Item]
    before: str | None
    after: str | None
    has_more: bool


def cursor_of(position: tuple[int, int]) -> str:
    """The text of a position in the cursor export: of the last row seen, not of a session."""
    return base64.b64encode(f"{position[0]}.0||{position[1]}|".encode()).decode()


def position_of(cursor: str) -> tuple[int, int]:
    """The position that a cursor names; ValueError when it names none."""
    try:
        match = _POSITION.fullmatch(base64.b64decode(cursor, validate=True).decode("ascii"))
    except ValueError:
        match = None
    if match is None:
        raise ValueError(f"{cursor!r} is not a cursor")
    return int(match[1]), int(match[2])


def cursor_page(
    order: Timeline[tuple[int, int]],
    first: int,
    per_page: int,
    now: int,
    wanted: Callable[[int], bool],
) -> CursorPage:
    """The next page of the cursor export from an index on; rows of the last minute stay out.

    Rows that are not `wanted` are skipped, but the position moves past them.
    """
    keys = order.rows()
    end = order.index_past((now - WITHHELD, 1 << 62))
    page: list[tuple[int, int]] = []
    place = first
    while place < end and len(page) < per_page:
        if wanted(keys[place][1]):
            page.append(keys[place])
        place += 1
    while place < end and not wanted(keys[place][1]):
        place += 1
    return CursorPage(page, keys[place - 1] if place > first else None, place >= end)


def time_page(rows: Timeline[Row], start: int, per_page: int, now: int) -> TimePage[Row]:
    """The page of a time-based export that starts at a second; rows of the last minute stay out.

    A page that lies in one second holds all of that second, however many, and points at the next one;
    any other points at the second of its last row, which the next page repeats.
    """
    every = rows.rows()
    first, end = rows.index_at(start), rows.index_at(now - WITHHELD + 1)
    if first >= end:
        return TimePage((), None, end_of_stream=True)
    last = min(first + per_page, end)
    second = _second(every[last - 1])
    if _second(every[first]) == second:
        last = min(rows.index_at(second + 1), end)
        return TimePage(every[first:last], second + 1, end_of_stream=last >= end)
    return TimePage(every[first:last], second, end_of_stream=last >= end)


def list_page(
    items: Sequence[Item], key: Callable[[Item], tuple[str | int, ...]], order: str, query: "ListQuery"
) -> ListPage[Item]:
    """A page of a list, sorted by `key`, by cursor; a full page always claims more, so the last page may be empty."""
    if query.after is not None:
        first = bisect_right(items, query.after, key=key)
        chosen = items[first : first + query.size]
    elif query.before is not None:
        last = bisect_left(items, query.before, key=key)
        chosen = items[max(0, last - query.size) : last]
    else:
        chosen = items[: query.size]
    if not chosen:
        return ListPage((), None, None, has_more=False)
    ends = [list_cursor(order, key(item)) for item in (chosen[0], chosen[-1])]
    return ListPage(chosen, ends[0], ends[1], has_more=len(chosen) == query.size)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a request for a list page asks: its size and the key it continues from."""

    size: int
    after: tuple[str | int, ...] | None = None
    before: tuple[str | int, ...] | None = None


def list_cursor(order: str, key: tuple[str | int, ...]) -> str:
    """The cursor of an item in a list ordered by the named fields, packed as Zendesk packs it."""
    packed = b"".join(_packed(part) for part in key)
    text = json.dumps({"o": order, "v": base64.b64encode(packed).decode()}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def list_key(cursor: str) -> tuple[str | int, ...]:
    """The key that a list cursor names; ValueError when it names none."""
    try:
        packed = base64.b64decode(json.loads(base64.b64decode(cursor, validate=True))["v"], validate=True)
        return tuple(_unpacked(packed))
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise ValueError(f"{cursor!r} is not a cursor") from error


def _packed(part: str | int) -> bytes:
    if isinstance(part, int):
        return b"i" + struct.pack("<q", part)
    text = part.encode()
    return b"s" + struct.pack("<i", len(part)) + text


def _unpacked(packed: bytes) -> list[str | int]:
    parts: list[str | int] = []
    while packed:
        kind, packed = packed[:1], packed[1:]
        if kind == b"i":
            parts.append(struct.unpack("<q", packed[:8])[0])
            packed = packed[8:]
        elif kind == b"s":
            # The length counts characters, not bytes: seen where a group's name holds an emoji.
            text = packed[4:].decode(errors="surrogateescape")[: struct.unpack("<i", packed[:4])[0]]
            parts.append(text)
            packed = packed[4 + len(text.encode()) :]
        else:
            raise ValueError(kind)
    return parts


def _second(row: tuple[object, ...]) -> int:
    second = row[0]
    assert isinstance(second, int)
    return second
