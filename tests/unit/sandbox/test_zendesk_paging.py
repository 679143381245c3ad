"""The paging laws, one by one and for arbitrary streams."""

import base64
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sandbox.zendesk_paging import (
    ListQuery,
    cursor_of,
    cursor_page,
    list_cursor,
    list_key,
    list_page,
    position_of,
    time_page,
)
from reports.sandbox.zendesk_state import Timeline

NOW = 10_000
Key = tuple[int, int]


def stream(*rows: Key) -> Timeline[Key]:
    timeline: Timeline[Key] = Timeline()
    timeline.extend(rows)
    return timeline


def every(_: int) -> bool:
    return True


# --- cursors -----------------------------------------------------------------------------------------


def test_cursor__is_what_zendesk_sends_for_the_same_row() -> None:
    assert cursor_of((1707271741, 4045)) == "MTcwNzI3MTc0MS4wfHw0MDQ1fA=="


def test_cursor__names_its_position_again() -> None:
    assert position_of(cursor_of((1695052663, 28))) == (1695052663, 28)


@pytest.mark.parametrize("cursor", ["", "x", "MTIz", "MTcwNzI3MTc0MS4wfHw0MDQ1fA", base64.b64encode(b"\xff").decode(), "é"])
def test_cursor__nonsense_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        position_of(cursor)


@pytest.mark.parametrize(
    ("order", "key", "cursor"),
    [
        ("id", (6130855204506,), "eyJvIjoiaWQiLCJ2IjoiYVpwV2NuT1RCUUFBIn0="),
        ("name,id", ("Support", 6130852536346), "eyJvIjoibmFtZSxpZCIsInYiOiJjd2NBQUFCVGRYQndiM0owYVJxZ1NYT1RCUUFBIn0="),
        (
            "name,id",
            ("🎯Support", 6136065314586),
            "eyJvIjoibmFtZSxpZCIsInYiOiJjd2dBQUFEd240NnZVM1Z3Y0c5eWRHa2FULzZwbEFVQUFBPT0ifQ==",
        ),
    ],
)
def test_list_cursor__is_what_zendesk_sends_for_the_same_item(order: str, key: tuple[str | int, ...], cursor: str) -> None:
    assert list_cursor(order, key) == cursor
    assert list_key(cursor) == key


@given(st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(max_size=20)), max_size=3).map(tuple))
def test_list_cursor__any_key_comes_back(key: tuple[str | int, ...]) -> None:
    assert list_key(list_cursor("any", key)) == key


@pytest.mark.parametrize("value", [None, 7, "AAAA", base64.b64encode(b"i1").decode()])
def test_list_key__nonsense_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        list_key(base64.b64encode(json.dumps({"o": "id", "v": value}).encode()).decode())


# --- the time-based export ---------------------------------------------------------------------------


def test_time_page__ends_at_the_second_of_its_last_row() -> None:
    page = time_page(stream((1, 1), (2, 2), (3, 3)), start=0, per_page=2, now=NOW)
    assert (page.rows, page.end_time, page.end_of_stream) == ([(1, 1), (2, 2)], 2, False)


def test_time_page__the_next_one_repeats_that_second() -> None:
    page = time_page(stream((1, 1), (2, 2), (3, 3)), start=2, per_page=2, now=NOW)
    assert (page.rows, page.end_time, page.end_of_stream) == ([(2, 2), (3, 3)], 3, True)


def test_time_page__one_second_overflows_the_page_and_points_past_itself() -> None:
    page = time_page(stream((1, 1), (1, 2), (1, 3), (2, 4)), start=0, per_page=2, now=NOW)
    assert (page.rows, page.end_time, page.end_of_stream) == ([(1, 1), (1, 2), (1, 3)], 2, False)


def test_time_page__a_page_of_one_row_also_points_past_its_second() -> None:
    page = time_page(stream((1, 1), (9, 2)), start=0, per_page=1, now=NOW)
    assert (page.rows, page.end_time) == ([(1, 1)], 2)


def test_time_page__a_second_cut_in_a_mixed_page_is_repeated_whole() -> None:
    rows = stream((1, 1), (2, 2), (2, 3), (2, 4))
    first = time_page(rows, start=0, per_page=2, now=NOW)
    assert (first.rows, first.end_time) == ([(1, 1), (2, 2)], 2)
    second = time_page(rows, start=2, per_page=2, now=NOW)
    assert (second.rows, second.end_time, second.end_of_stream) == ([(2, 2), (2, 3), (2, 4)], 3, True)


def test_time_page__the_last_minute_is_withheld() -> None:
    page = time_page(stream((1, 1), (NOW - 60, 2), (NOW - 59, 3)), start=0, per_page=9, now=NOW)
    assert page.rows == [(1, 1), (NOW - 60, 2)]
    assert page.end_of_stream


def test_time_page__nothing_left_has_no_end_time() -> None:
    page = time_page(stream((1, 1)), start=2, per_page=9, now=NOW)
    assert (page.rows, page.end_time, page.end_of_stream) == ((), None, True)


seconds = st.lists(st.integers(0, 30), max_size=60)


@given(seconds, st.integers(1, 7))
def test_time_page__following_end_time_shows_every_row_and_ends(times: list[int], per_page: int) -> None:
    rows = [(at, number) for number, at in enumerate(times)]
    timeline, seen, start = stream(*rows), set[Key](), 0
    for _ in range(len(rows) + 2):
        page = time_page(timeline, start, per_page, NOW)
        seen.update(page.rows)
        if page.end_of_stream:
            break
        assert page.end_time is not None
        start = page.end_time
    assert page.end_of_stream
    assert seen == set(rows)


# --- the cursor export -------------------------------------------------------------------------------


def test_cursor_page__a_touched_row_moves_to_the_end_and_is_seen_again() -> None:
    order = stream((1, 1), (2, 2), (3, 3))
    first = cursor_page(order, 0, 2, NOW, every)
    assert first.keys == [(1, 1), (2, 2)]
    order.discard((1, 1))
    order.extend([(5, 1)])
    assert first.position == (2, 2)
    rest = cursor_page(order, order.index_past((2, 2)), 9, NOW, every)
    assert (rest.keys, rest.position, rest.end_of_stream) == ([(3, 3), (5, 1)], (5, 1), True)


def test_cursor_page__the_last_minute_is_withheld() -> None:
    page = cursor_page(stream((NOW - 60, 1), (NOW - 59, 2)), 0, 9, NOW, every)
    assert (page.keys, page.end_of_stream) == ([(NOW - 60, 1)], True)


def test_cursor_page__unwanted_rows_are_passed_by() -> None:
    page = cursor_page(stream((1, 1), (2, 2), (3, 3), (4, 4)), 0, 1, NOW, lambda ticket: ticket == 2)
    assert (page.keys, page.position, page.end_of_stream) == ([(2, 2)], (4, 4), True)


def test_cursor_page__an_empty_one_has_no_position() -> None:
    page = cursor_page(stream(), 0, 9, NOW, every)
    assert (page.keys, page.position, page.end_of_stream) == ([], None, True)


@given(seconds, st.integers(1, 7))
def test_cursor_page__following_the_position_shows_every_row_once(times: list[int], per_page: int) -> None:
    rows = [(at, number) for number, at in enumerate(times)]
    order, seen, first = stream(*rows), list[Key](), 0
    while True:
        page = cursor_page(order, first, per_page, NOW, every)
        seen.extend(page.keys)
        if page.end_of_stream:
            break
        assert page.position is not None
        first = order.index_past(page.position)
    assert seen == sorted(rows)


# --- lists ---------------------------------------------------------------------------------------------


def walk(items: Sequence[int], size: int) -> list[tuple[list[int], bool]]:
    """Every page of a list of numbers: its items and whether it claims more."""
    pages, query = [], ListQuery(size)
    while True:
        page = list_page(items, lambda item: (item,), "id", query)
        pages.append((list(page.items), page.has_more))
        if not page.has_more:
            return pages
        assert page.after is not None
        query = ListQuery(size, after=list_key(page.after))


def test_list_page__a_short_last_page_ends_the_list() -> None:
    assert walk([1, 2, 3], 2) == [([1, 2], True), ([3], False)]


def test_list_page__after_a_full_last_page_comes_an_empty_one() -> None:
    assert walk([1, 2], 2) == [([1, 2], True), ([], False)]
    page = list_page([1, 2], lambda item: (item,), "id", ListQuery(2, after=(2,)))
    assert (page.before, page.after) == (None, None)


def test_list_page__before_gives_the_page_in_front() -> None:
    page = list_page([1, 2, 3, 4], lambda item: (item,), "id", ListQuery(2, before=(4,)))
    assert page.items == [2, 3]
