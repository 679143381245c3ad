from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.shards import WHOLE, Shard, ShardNote, fitting

ITEMS = st.lists(st.integers())
COUNTS = st.integers(min_value=1, max_value=9)


@given(ITEMS, COUNTS)
def test_parts__hold_everything_exactly_once(items: list[int], of: int) -> None:
    parts = [Shard(number, of).part(items) for number in range(1, of + 1)]

    assert sorted(item for part in parts for item in part) == sorted(items)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@given(st.integers(min_value=0, max_value=99), COUNTS)
def test_positions__are_taken_by_the_shard_whose_part_has_them(position: int, of: int) -> None:
    takers = [shard for number in range(1, of + 1) if (shard := Shard(number, of)).takes(position)]

    assert len(takers) == 1
    assert position in takers[0].part(range(100))


def test_whole__takes_everything() -> None:
    assert WHOLE.part("abc") == ("a", "b", "c")
    assert all(WHOLE.takes(position) for position in range(5))


def test_parse__reads_what_str_writes() -> None:
    assert Shard.parse("2/4") == Shard(2, 4)
    assert (str(Shard(2, 4)), Shard(2, 4).name) == ("2/4", "2-of-4")


@pytest.mark.parametrize("text", ["", "2", "0/4", "5/4", "-1/4", "1/0", "a/b", "2/4/6", " 2/4", "1/1000"])
def test_parse__anything_else_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 2/4"):
        Shard.parse(text)


# --- what fits together -------------------------------------------------------------------------------

STORE = {"people": "p0", "exports": "e0"}


def note(number: int, of: int, terms: str = "mark", **cursors: str | None) -> ShardNote:
    return ShardNote(shard=Shard(number, of), terms=terms, cursors=cursors, shared=("people",))


def fit(*notes: ShardNote, store: Mapping[str, str | None] = STORE) -> dict[str, list[int]]:
    """The streams that fit, with the numbers of the shards that read them."""
    return {stream: [one.shard.number for one in read] for stream, read in fitting(notes, store, "mark").items()}


def test_fitting__a_shared_stream_needs_every_shard_and_any_other_only_its_own() -> None:
    first, second = note(1, 2, people="p0", exports="e0"), note(2, 2, people="p0")

    assert fit(first, second) == {"exports": [1], "people": [1, 2]}
    assert fit(first) == {"exports": [1]}
    assert fit(second) == {}
    assert fit() == {}


def test_fitting__what_set_out_from_elsewhere_is_left_out() -> None:
    assert fit(note(1, 2, people="p0", exports="old"), note(2, 2, people="p0")) == {"people": [1, 2]}
    assert fit(note(1, 2, people="old", exports="e0"), note(2, 2, people="p0")) == {"exports": [1]}


def test_fitting__a_stream_that_was_never_read_fits_those_that_began_it() -> None:
    assert fit(note(1, 1, people=None), store={}) == {"people": [1]}
    assert fit(note(1, 1, people="p0"), store={}) == {}
    assert fit(note(1, 1, people=None)) == {}


def test_fitting__nothing_of_before_somebody_was_forgotten() -> None:
    assert fit(note(1, 2, people="p0", exports="e0"), note(2, 2, "other", people="p0")) == {"exports": [1]}
    assert fit(note(1, 2, "other", people="p0", exports="e0"), note(2, 2, people="p0")) == {}


def test_fitting__shards_of_different_counts_do_not_mix() -> None:
    assert fit(note(1, 2, people="p0", exports="e0"), note(2, 3, people="p0")) == {}
