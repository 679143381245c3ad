import pytest

from reports.core.judgement import Status
from reports.core.runs import run_lengths

WORDS = {"x": Status.NOT_MET, "o": Status.MET, "~": Status.WITHIN_NOISE, "-": Status.NOT_ASSESSED, "?": Status.NO_DATA}


@pytest.mark.parametrize(
    ("weeks", "lengths"),
    [
        ("xxxx", [1, 2, 3, 4]),
        ("xxox", [1, 2, 0, 1]),
        ("xx~x", [1, 2, 0, 1]),
        ("xx-xx", [1, 2, 2, 3, 4]),
        ("xx?x", [1, 2, 2, 3]),
        ("xx--x", [1, 2, 2, 0, 1]),
        ("xx-?x", [1, 2, 2, 0, 1]),
        ("xx-x-x", [1, 2, 2, 3, 3, 4]),
        ("----", [0, 0, 0, 0]),
        ("", []),
    ],
)
def test_run__not_met_extends_counted_weeks_end_and_uncounted_ones_pause(weeks: str, lengths: list[int]) -> None:
    assert list(run_lengths((WORDS[letter], 2) for letter in weeks)) == lengths


def test_run__how_many_uncounted_weeks_end_it_is_a_rule() -> None:
    weeks = [(WORDS[letter], 3) for letter in "xx--x"]

    assert list(run_lengths(weeks)) == [1, 2, 2, 2, 3]
