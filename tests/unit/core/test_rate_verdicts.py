"""What shares and medians come to, from evidence to verdict, run and published week."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.chance import MISSED_BY_CHANCE
from reports.core.context import Context
from reports.core.judgement import AssessedWeek, Status, Verdict
from reports.core.model import Aggregation, Evidence, GoalKind, GoalTerms, Measurement, Period
from reports.core.published import PublishedWeeks
from reports.core.rates import ratio
from reports.core.results import EngineerResults, Plan, WeekResults, as_published
from tests.builders import W46, agreement, away, coverage, evidence, goal_book, measure, rules, team
from tests.judging import Observed, judge

SHARE = measure("own_ticket_reply_share", unit="replies", kind=Aggregation.RATIO, direction="none")
HOURS = measure("time_to_resolve", unit="hours", kind=Aggregation.MEDIAN, direction="less")
BAND = GoalTerms(measure=SHARE.name, target=50, upper=60, per=Period.WEEK, kind=GoalKind.BAND)
AT_LEAST = GoalTerms(measure=SHARE.name, target=50, per=Period.WEEK)
AT_MOST = GoalTerms(measure=HOURS.name, target=76, per=Period.WEEK, kind=GoalKind.AT_MOST)

GRAVITY = {Status.NOT_MET: 2, Status.WITHIN_NOISE: 1}


def replies(own: int, others: int, day: str = "2026-11-10") -> list[Evidence]:
    values = [1.0] * own + [0.0] * others
    return [evidence(f"{day} {n // 60:02}:{n % 60:02}", SHARE.name, value=value) for n, value in enumerate(values)]


def resolved(hours: Sequence[float], day: str = "2026-11-10") -> list[Evidence]:
    return [evidence(f"{day} {n // 60:02}:{n % 60:02}", HOURS.name, value=value) for n, value in enumerate(hours)]


def results(rows: Sequence[Evidence], *goals: GoalTerms, published: PublishedWeeks | None = None, **special: Any) -> WeekResults:
    ordinary: dict[str, Any] = {
        "team": team(),
        "goals": goal_book(agreement(*goals)),
        "context": Context(),
        "rule_sets": (rules(),),
    }
    until, judged_week = special.pop("until", "2027-01-01"), special.pop("week", W46)
    seen = Observed(measures=(SHARE, HOURS), evidence=tuple(rows), coverage=(coverage(until=until),), contributions=())
    return judge(Plan(**(ordinary | special)), seen, judged_week, published)


def own(rows: Sequence[Evidence], *goals: GoalTerms, **special: Any) -> EngineerResults:
    return results(rows, *goals, **special).engineers[0]


def week(rows: Sequence[Evidence], *goals: GoalTerms, **special: Any) -> AssessedWeek:
    return own(rows, *goals, **special).weeks[-1]


def only(rows: Sequence[Evidence], *goals: GoalTerms, **special: Any) -> Verdict:
    return week(rows, *goals, **special).verdicts[0]


# --- what is measured ---------------------------------------------------------------------------


def test_share__is_of_the_rows_of_the_week_that_hold() -> None:
    found = only(replies(23, 17) + replies(9, 0, "2026-11-08"), BAND).measurement

    assert (found.value, found.holding, found.cases) == (57.0, 23, 40)


def test_median__is_of_the_values_of_the_week() -> None:
    found = only(resolved(range(1, 22)), AT_MOST).measurement

    assert (found.value, found.cases, found.interval and (found.interval.low, found.interval.high)) == (11.0, 21, (6.0, 16.0))


@given(own_replies=st.integers(0, 40), others=st.integers(0, 40), seed=st.integers(0, 99))
def test_share__permuting_evidence_changes_nothing(own_replies: int, others: int, seed: int) -> None:
    rows = replies(own_replies, others)
    shuffled = random.Random(seed).sample(rows, len(rows))

    assert results(shuffled, BAND) == results(rows, BAND)


@given(hours=st.lists(st.integers(0, 300), max_size=40), seed=st.integers(0, 99))
def test_median__permuting_evidence_changes_nothing(hours: list[int], seed: int) -> None:
    rows = resolved(hours)
    shuffled = random.Random(seed).sample(rows, len(rows))

    assert results(shuffled, AT_MOST) == results(rows, AT_MOST)


# --- what it means --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own_replies", "others", "status"),
    [
        (20, 20, Status.MET),  # 50 %, the lower end
        (24, 16, Status.MET),  # 60 %, the upper end
        (19, 21, Status.WITHIN_NOISE),  # 48 %, 32 to 63 %
        (12, 28, Status.NOT_ASSESSED),  # 30 %, 18 to 46 %: all of it below 50
        (14, 26, Status.WITHIN_NOISE),  # 35 %, 22 to 51 %: reaches 50
        (30, 10, Status.WITHIN_NOISE),  # 75 %, 59 to 86 %: reaches 60
        (31, 9, Status.NOT_ASSESSED),  # 78 %, 62 to 88 %: all of it above 60
    ],
)
def test_band_of_a_share__is_a_question_only_with_its_whole_range_outside_and_never_missed(
    own_replies: int, others: int, status: Status
) -> None:
    assert only(replies(own_replies, others), BAND).status is status


@pytest.mark.parametrize(
    ("hours", "status"),
    [
        ([76.0] * 20, Status.MET),
        ([76.1] * 20, Status.NOT_MET),
        # Ranks 6 to 15 of twenty: five slow ones more than half leave the sixth fastest below the limit.
        ([10.0] * 6 + [200.0] * 14, Status.WITHIN_NOISE),
        ([10.0] * 5 + [200.0] * 15, Status.NOT_MET),
    ],
)
def test_limit_of_a_median__is_missed_only_with_its_whole_range_above(hours: list[float], status: Status) -> None:
    assert only(resolved(hours), AT_MOST).status is status


def test_too_few_cases__are_not_assessed_and_say_how_many_there_are() -> None:
    found = only(replies(0, 19), BAND)

    assert (found.status, found.reason) == (Status.NOT_ASSESSED, "only 19 of the 20 cases that it takes")
    assert (found.measurement.value, found.measurement.holding, found.measurement.cases) == (None, 0, 19)


def test_too_few_cases__leave_the_week_to_the_other_goals() -> None:
    rows = replies(1, 2) + resolved([5.0] * 20)

    assert week(rows, BAND, AT_MOST).status is Status.MET
    assert week(replies(1, 2), BAND).status is Status.NOT_ASSESSED


def test_a_source_that_was_not_read__is_no_data_for_a_share_too_and_its_target_stays() -> None:
    half_away = Context(unavailable=(away("2026-11-09", "2026-11-10"),))

    found = only(replies(20, 20), AT_LEAST, until="2026-11-12", context=half_away)

    assert (found.status, found.measurement.is_missing, found.target) == (Status.NO_DATA, True, 50)


def test_target_of_a_share__does_not_shrink_with_leave() -> None:
    half_away = Context(unavailable=(away("2026-11-09", "2026-11-11"),))

    assert only(replies(20, 20), AT_LEAST, context=half_away).target == 50
    assert only(replies(0, 40), AT_LEAST, context=half_away).status is Status.NOT_MET


def test_without_a_range__nothing_is_ever_missed() -> None:
    lenient = rules(minimum_cases_for_rate=1)

    assert only(resolved([500.0] * 5), AT_MOST, rule_sets=(lenient,)).status is Status.WITHIN_NOISE
    assert only(resolved([500.0] * 6), AT_MOST, rule_sets=(lenient,)).status is Status.NOT_MET


@given(own_replies=st.integers(0, 19), others=st.integers(0, 19), goal=st.sampled_from([BAND, AT_LEAST]))
def test_too_few_cases__never_count_against_anyone(own_replies: int, others: int, goal: GoalTerms) -> None:
    rows = replies(own_replies, min(others, 19 - own_replies))

    assert week(rows, goal).status is Status.NOT_ASSESSED
    assert own(rows, goal).weeks[-1].missed_run_length == 0


@given(own_replies=st.integers(0, 30), others=st.integers(0, 30), times=st.integers(2, 6), goal=st.sampled_from([BAND, AT_LEAST]))
def test_more_cases_of_the_same_share__never_turn_met_into_not_met(
    own_replies: int, others: int, times: int, goal: GoalTerms
) -> None:
    few = week(replies(own_replies, others), goal).status
    many = week(replies(own_replies * times, others * times), goal).status

    if few is Status.MET:
        assert many is Status.MET
    if few is Status.NOT_MET:
        assert many is Status.NOT_MET


@given(hours=st.lists(st.integers(0, 200), min_size=20, max_size=40), faster=st.integers(1, 100))
def test_resolving_faster__never_makes_it_worse(hours: list[int], faster: int) -> None:
    before = only(resolved(hours), AT_MOST).status
    after = only(resolved([max(0, each - faster) for each in hours]), AT_MOST).status

    assert GRAVITY.get(after, 0) <= GRAVITY.get(before, 0)


leave = st.lists(st.integers(9, 15).map(lambda n: f"2026-11-{n:02}"), max_size=7)


@given(own_replies=st.integers(0, 40), others=st.integers(0, 40), taken=leave, more=leave)
def test_more_leave__never_makes_a_share_worse(own_replies: int, others: int, taken: list[str], more: list[str]) -> None:
    def status(days_off: list[str]) -> Status:
        context = Context(unavailable=tuple(away(day) for day in days_off))
        return only(replies(own_replies, others), AT_LEAST, context=context).status

    assert GRAVITY.get(status(taken + more), 0) <= GRAVITY.get(status(taken), 0)


# --- runs -------------------------------------------------------------------------------------------


def weeks_of(*shares: tuple[int, int]) -> list[Evidence]:
    days = [str(W46.plus(-back).first_day) for back in range(len(shares) - 1, -1, -1)]
    return [row for day, (own_replies, others) in zip(days, shares, strict=True) for row in replies(own_replies, others, day)]


def test_run__of_shares_missed_each_week_is_beyond_chance() -> None:
    found = own(weeks_of(*[(2, 38)] * 4), AT_LEAST)

    assert found.weeks[-1].missed_run_length == 4
    assert found.chance is not None
    assert found.chance.is_beyond
    # Chance alone misses one week of twenty at most: all four of four less than once in 160,000.
    assert found.chance.totals[0].probability == pytest.approx(1 / 20**4)


@pytest.mark.parametrize("true_share", [50, 60, 75, 80, 90, 95, 98])
def test_chance__misses_at_most_one_week_of_twenty_for_somebody_at_the_goal(true_share: int) -> None:
    """Exactly: the binomial chance of every count of cases whose range lies below the true share, and of those above it."""
    for cases in range(20, 101):
        below = above = 0.0
        for holding in range(cases + 1):
            within = ratio(holding, cases).interval
            assert within is not None
            chance = comb(cases, holding) * (true_share / 100) ** holding * (1 - true_share / 100) ** (cases - holding)
            below += chance * (within.high < true_share)
            above += chance * (within.low > true_share)

        assert below < MISSED_BY_CHANCE
        assert above < MISSED_BY_CHANCE


def test_run__weeks_outside_a_band_make_none() -> None:
    found = own(weeks_of(*[(2, 38)] * 4), BAND)

    assert [each.status for each in found.weeks[-4:]] == [Status.NOT_ASSESSED] * 4
    assert (found.weeks[-1].missed_run_length, found.chance) == (0, None)


def test_run__a_share_that_was_once_within_noise_says_nothing_about_chance() -> None:
    slow = resolved([500.0] * 20, "2026-10-20") + resolved([500.0] * 20, "2026-10-27") + resolved([500.0] * 20, "2026-11-03")
    rows = [*slow, *resolved([500.0] * 20), *weeks_of((2, 38), (2, 38), (19, 21), (2, 38))]

    found = own(rows, AT_LEAST, AT_MOST)

    assert found.chance is not None
    assert [total.measure for total in found.chance.totals] == [HOURS.name]


def test_run__a_percentage_is_never_added_up() -> None:
    """Four weeks of 40 % are no total of 160 where 200 were expected."""
    found = own(weeks_of(*[(8, 12)] * 4), AT_LEAST)

    assert [each.status for each in found.weeks[-4:]] == [Status.WITHIN_NOISE] * 4
    assert found.chance is None


# --- published weeks ----------------------------------------------------------------------------------


def publish(rows: Sequence[Evidence], *goals: GoalTerms, **special: Any) -> PublishedWeeks:
    last_week = W46.plus(-1)
    return {last_week: as_published(results(rows, *goals, week=last_week, **special))}


def last_week(rows: Sequence[Evidence], *goals: GoalTerms, **special: Any) -> AssessedWeek:
    return own(rows, *goals, **special).weeks[-2]


def test_published_week__of_too_few_cases_stays_not_assessed_when_more_come_late() -> None:
    published = publish(replies(0, 19, "2026-11-03"), AT_LEAST)

    late = last_week(replies(0, 40, "2026-11-03"), AT_LEAST, published=published)

    assert (late.status, late.verdicts[0].status) == (Status.NOT_ASSESSED, Status.NOT_ASSESSED)
    assert [(c.published.cases, c.now.cases, c.status_now) for c in late.restated] == [(19, 40, Status.NOT_MET)]


def test_published_week__the_same_share_of_other_cases_is_marked() -> None:
    published = publish(replies(20, 20, "2026-11-03"), BAND)

    late = last_week(replies(21, 21, "2026-11-03"), BAND, published=published)

    assert [(c.published.value, c.now.value, c.now.cases) for c in late.restated] == [(50, 50, 42)]
    assert last_week(replies(20, 20, "2026-11-03"), BAND, published=published).restated == ()


def test_published_week__without_data_is_completed_by_a_share() -> None:
    published = publish(replies(20, 20, "2026-11-03"), BAND, until="2026-11-04")

    late = last_week(replies(20, 20, "2026-11-03"), BAND, published=published)

    assert (late.status, late.verdicts[0].measurement.value) == (Status.MET, 50)


@given(then=st.tuples(st.integers(0, 30), st.integers(0, 30)), now=st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_no_later_replies__ever_make_a_published_week_worse(then: tuple[int, int], now: tuple[int, int]) -> None:
    published = publish(replies(*then, "2026-11-03"), AT_LEAST)

    before = last_week(replies(*then, "2026-11-03"), AT_LEAST, published=published)
    after = last_week(replies(*now, "2026-11-03"), AT_LEAST, published=published)

    assert GRAVITY.get(after.status, 0) <= GRAVITY.get(before.status, 0)


# --- the baseline ----------------------------------------------------------------------------------


def test_baseline__is_made_of_what_the_rule_set_names() -> None:
    solved, new = measure("solved_tickets"), measure("new_tickets")
    old = rules()
    switched = rules(name="handbook-2026", effective_from=date(2026, 11, 9), baseline_measures=("new_tickets",))
    plan = Plan(team=team(), goals=goal_book(), context=Context(), rule_sets=(old, switched))
    seen = Observed(measures=(solved, new, SHARE), evidence=(), coverage=(coverage(),), contributions=())

    before, after = (judge(plan, seen, each).engineers[0].baseline for each in (W46.plus(-1), W46))

    assert [line.measure for line in before] == ["solved_tickets"]
    assert [line.measure for line in after] == ["new_tickets"]


def test_baseline__leaves_out_what_does_not_add_up() -> None:
    careless = replace(rules(), baseline_measures=(HOURS.name,))

    assert own(resolved([5.0] * 20), rule_sets=(careless,)).baseline == ()


def test_history__of_too_few_cases_has_no_value_and_is_no_gap() -> None:
    found = own(replies(9, 7)).history[SHARE.name][-1]

    assert found == Measurement(value=None, kind=Aggregation.RATIO, cases=16, holding=9)
    assert not found.is_missing
