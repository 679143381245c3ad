"""Two judgings held against each other: what is summed up, what is left out, and which goals and rules are looked at."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reports.core.context import Context
from reports.core.model import GoalAgreement
from reports.core.preview import FEWEST_PEOPLE, GoalChange, as_from_now_on, compared
from reports.core.results import Plan, WeekResults
from tests.builders import W46, agreement, coverage, engineer, evidence, goal_book, measure, rules, team, terms
from tests.judging import Observed, judge

PEOPLE = ("ann", "ben", "cem", "dan")
TODAY = date(2026, 11, 16)


def plan(*agreements: GoalAgreement, **special: Any) -> Plan:
    ordinary: dict[str, Any] = {
        "team": team(*(engineer(who) for who in PEOPLE)),
        "goals": goal_book(*agreements),
        "context": Context(),
        "rule_sets": (rules(),),
    }
    return Plan(**(ordinary | special))


def agreed(who: str, target: float, **special: Any) -> GoalAgreement:
    return agreement(terms("new_tickets", target), who=who, agreed_by=(who, "plindqvist"), **special)


def judged(*agreements: GoalAgreement) -> WeekResults:
    """Everybody took five tickets in the last week and none before."""
    rows = [evidence(f"2026-11-09 09:{minute:02}", who=who) for who in PEOPLE for minute in range(5)]
    seen = Observed(measures=(measure(),), evidence=rows, coverage=(coverage(),), contributions=())
    return judge(as_from_now_on(plan(*agreements), TODAY), seen, W46)


def all_of(target: float, count: int = len(PEOPLE)) -> list[GoalAgreement]:
    """The first so many people with a target, the others with five."""
    return [agreed(who, target if number < count else 5) for number, who in enumerate(PEOPLE)]


def test_compared__the_same_settings_change_nothing() -> None:
    assert compared(judged(*all_of(5)), judged(*all_of(5))).changes == ()


def test_compared__counts_people_weeks_and_what_is_missed_before_and_after() -> None:
    """With seven in place of five the last week, met before, is missed by all four; the seven weeks before stay missed."""
    before, after = judged(*all_of(5)), judged(*all_of(7))

    sums = {"people": 4, "weeks": 4, "missed_before": 4 * 7, "missed_after": 4 * 8}
    assert compared(before, after).changes == (
        GoalChange(measure="", title="", **sums),
        GoalChange(measure="new_tickets", title="New tickets", **sums),
    )
    assert len(compared(before, after).weeks) == 8


def test_compared__a_change_for_three_people_shows_and_one_for_two_does_not() -> None:
    assert [change.people for change in compared(judged(*all_of(5)), judged(*all_of(7, count=3))).changes] == [3, 3]
    assert compared(judged(*all_of(5)), judged(*all_of(7, count=2))).changes == ()


@given(st.lists(st.sampled_from([0.0, 3.0, 5.0, 5.5, 7.0]), min_size=len(PEOPLE), max_size=len(PEOPLE)))
def test_compared__never_tells_of_fewer_than_three_people(targets: list[float]) -> None:
    new = [agreed(who, target) for who, target in zip(PEOPLE, targets, strict=True)]

    assert all(change.people >= FEWEST_PEOPLE for change in compared(judged(*all_of(5)), judged(*new)).changes)


def test_as_from_now_on__takes_an_agreement_that_begins_later() -> None:
    now, later = agreed("ann", 5), agreed("ann", 7, valid_from=date(2026, 12, 7))

    [only] = as_from_now_on(plan(later, now), TODAY).goals.agreements

    assert (only.goals[0].target, only.valid_from, only.valid_to) == (7, date.min, None)


def test_as_from_now_on__leaves_out_what_has_ended_and_keeps_what_will() -> None:
    ended, will = agreed("ann", 5, valid_to=date(2026, 11, 15)), agreed("ben", 5, valid_to=date(2026, 11, 16))

    assert [one.who for one in as_from_now_on(plan(ended, will), TODAY).goals.agreements] == ["ben"]


def test_as_from_now_on__takes_the_rules_that_begin_last() -> None:
    newer = rules(name="next year", effective_from=date(2027, 1, 4))

    assert as_from_now_on(plan(rule_sets=(newer, rules())), TODAY).rule_sets == (newer,)
