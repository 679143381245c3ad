from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.assessment import below
from reports.core.capacity import week_capacity
from reports.core.chance import ByChance, RunAndChance, Total, at_most, largest_total_beyond, run_and_chance
from reports.core.context import Context
from reports.core.judgement import AssessedWeek, Restatement, Status, Verdict
from reports.core.model import Goal, Measurement, Period
from tests.builders import W46, engineer, goal, rules


@pytest.mark.parametrize(
    ("total", "expected", "percent"),
    [(0, 1, 36.788), (8, 20, 0.209), (9, 20, 0.500), (20, 20, 55.909), (4, 5, 44.049), (3, 0, 100)],
)
def test_at_most__is_the_lower_tail_of_poissons_table(total: float, expected: float, percent: float) -> None:
    assert round(100 * at_most(total, expected), 3) == percent


@given(total=st.integers(0, 60), expected=st.floats(0.1, 500))
def test_at_most__grows_with_the_total_and_shrinks_with_what_was_expected(total: int, expected: float) -> None:
    assert 0 <= at_most(total, expected) <= at_most(total + 1, expected) <= 1
    assert at_most(total, expected + 1) <= at_most(total, expected) + 1e-12


def test_largest_total_beyond__eight_of_twenty_and_none_where_little_was_expected() -> None:
    assert largest_total_beyond(20) == 8
    assert largest_total_beyond(4) == -1


def week(back: int, *counted: tuple[Goal, float]) -> AssessedWeek:
    capacity = week_capacity(engineer(), W46.plus(-back), Context(), rules())
    verdicts = tuple(
        Verdict(
            goal=agreed,
            capacity=capacity,
            status=below(value, agreed.target, 1.0),
            measurement=Measurement(value=value),
            target=agreed.target,
            reason="",
        )
        for agreed, value in counted
    )
    missed = any(v.status is Status.NOT_MET for v in verdicts)
    return AssessedWeek(
        week=W46.plus(-back),
        rule_set="handbook-2023",
        capacity=capacity,
        verdicts=verdicts,
        status=Status.NOT_MET if missed else Status.MET,
        missed_run_length=0,
    )


TICKETS, PAIRING = goal("new_tickets", 5), goal("pairing_sessions", 2)


NOT_CALCULATED = RunAndChance(totals=(), found=ByChance.NOT_CALCULATED)


def run(*counts: float) -> RunAndChance:
    weeks = [week(len(counts) - n, (TICKETS, count)) for n, count in enumerate(counts)]
    return run_and_chance(weeks, len(counts))


def restated(judged: AssessedWeek, now: float, target: float = 5) -> AssessedWeek:
    """The same week after data came late."""
    (verdict,) = judged.verdicts
    change = Restatement(
        measure=verdict.goal.measure,
        published=verdict.measurement,
        published_target=verdict.target,
        published_status=verdict.status,
        now=Measurement(value=now),
        target_now=target,
        status_now=below(now, target, 1.0),
    )
    return replace(judged, restated=(change,))


def test_run__late_data_counts_where_it_speaks_for_the_person() -> None:
    agreed = goal("new_tickets", 5)
    one_each = [week(back, (agreed, 1)) for back in (3, 2, 1, 0)]

    as_published = run_and_chance(one_each, 4)
    more_came = run_and_chance([restated(judged, 3) for judged in one_each], 4)
    less_is_left = run_and_chance([restated(judged, 0) for judged in one_each], 4)
    fewer_days = run_and_chance([restated(judged, 1, target=2) for judged in one_each], 4)

    assert [(total.counted, total.expected) for total in as_published.totals] == [(4, 20)]
    assert [(total.counted, total.expected) for total in more_came.totals] == [(12, 20)]
    assert less_is_left.totals == as_published.totals
    assert [(total.counted, total.expected) for total in fewer_days.totals] == [(4, 8)]
    assert (as_published.found, more_came.found) == (ByChance.BEYOND, ByChance.WITHIN)


def test_run__two_a_week_where_five_were_agreed_is_beyond_chance() -> None:
    found = run(2, 2, 2, 2)

    assert found.is_beyond
    assert found.totals == (Total(measure="new_tickets", counted=8, expected=20, probability=at_most(8, 20)),)


def test_run__four_a_week_is_within_chance() -> None:
    assert run(4, 4, 4, 4).found is ByChance.WITHIN


def test_run__a_longer_one_is_looked_at_whole() -> None:
    assert not run(2, 2, 3, 2).is_beyond
    assert run(2, 2, 3, 2, 2).is_beyond


def test_run__only_its_own_weeks_count() -> None:
    weeks = [week(5, (TICKETS, 0.0)), week(4, (TICKETS, 9.0)), *(week(n, (TICKETS, 4.0)) for n in (3, 2, 1, 0))]

    assert run_and_chance(weeks, 4).totals[0].counted == 16


def test_run__a_goal_that_was_met_in_one_of_its_weeks_is_left_out() -> None:
    weeks = [week(n, (TICKETS, 2.0), (PAIRING, 0.0 if n else 2.0)) for n in (3, 2, 1, 0)]

    assert [total.measure for total in run_and_chance(weeks, 4).totals] == ["new_tickets"]


def test_run__with_two_goals_each_has_to_be_rarer() -> None:
    alone = [week(n, (TICKETS, 2.0)) for n in (3, 2, 1, 0)]
    both = [week(n, (TICKETS, 2.0), (PAIRING, 1.0)) for n in (3, 2, 1, 0)]

    assert run_and_chance(alone, 4).is_beyond
    assert not run_and_chance(both, 4).is_beyond


def test_run__goals_over_thirty_days_share_their_days_and_say_nothing_about_chance() -> None:
    docs = goal("docs_updates", 2, Period.ROLLING_30_DAYS)

    assert run_and_chance([week(n, (docs, 0.0)) for n in (3, 2, 1, 0)], 4) == NOT_CALCULATED


def test_run__a_weekly_goal_within_noise_does_not_explain_the_misses_of_a_longer_one() -> None:
    docs = goal("docs_updates", 2, Period.ROLLING_30_DAYS)
    found = run_and_chance([week(n, (docs, 0.0), (TICKETS, 4.5)) for n in (3, 2, 1, 0)], 4)

    assert [total.measure for total in found.totals] == ["new_tickets"]
    assert found.found is ByChance.NOT_CALCULATED


def test_run__a_weekly_goal_beyond_chance_is_so_whatever_else_was_missed() -> None:
    docs = goal("docs_updates", 2, Period.ROLLING_30_DAYS)

    assert run_and_chance([week(n, (docs, 0.0), (TICKETS, 2.0)) for n in (3, 2, 1, 0)], 4).is_beyond
    assert run_and_chance([week(n, (docs, 0.0), (TICKETS, 4.0)) for n in (3, 2, 1, 0)], 4).found is ByChance.WITHIN


def test_run__of_different_goals_in_its_weeks_is_not_calculated() -> None:
    other = [week(n, (TICKETS, 0.0 if n % 2 else 5.0), (PAIRING, 2.0 if n % 2 else 0.0)) for n in (3, 2, 1, 0)]

    assert run_and_chance(other, 4) == NOT_CALCULATED


def test_run__of_no_weeks_is_nothing() -> None:
    assert run_and_chance([], 0) == NOT_CALCULATED
