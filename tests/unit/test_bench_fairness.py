import numpy as np
import pytest

from scripts.benchmarks.fairness import BEYOND, NOISE, PLAIN, WEEKS, alarms, measure, per_100_years


def weeks_of(*counts: int) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    padded = [*counts, *([9] * (WEEKS - len(counts)))]
    return np.asarray([padded])


def test_plain_rule__speaks_once_in_a_run_of_four_missed_weeks() -> None:
    found = alarms(PLAIN, weeks_of(4, 4, 4, 4, 4, 4, 9, 4, 4, 4, 4))

    assert np.flatnonzero(found[0]).tolist() == [3, 10]


def test_noise_band__of_whole_numbers_at_a_whole_goal_changes_nothing() -> None:
    seen = weeks_of(4, 4, 4, 4)

    assert (alarms(NOISE, seen) == alarms(PLAIN, seen)).all()


def test_beyond_chance__speaks_when_the_total_of_the_run_is_low_enough() -> None:
    assert not alarms(BEYOND, weeks_of(4, 4, 4, 4)).any()
    assert np.flatnonzero(alarms(BEYOND, weeks_of(2, 2, 2, 2))[0]).tolist() == [3]
    assert np.flatnonzero(alarms(BEYOND, weeks_of(3, 2, 2, 2, 2))[0]).tolist() == [4]


def test_per_100_years__is_alarms_by_people_and_years() -> None:
    found = np.zeros((200, 26), dtype=bool)
    found[:3, 0] = True

    assert per_100_years(found) == pytest.approx(3.0)


def test_measure__of_few_people_has_a_figure_for_every_rule_and_rate() -> None:
    figures = measure(people=300)

    assert len(figures) == 6 * 3 + 3
    assert [f.goal for f in figures if f.goal is not None] == [1.0, 0.85]
