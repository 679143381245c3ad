from datetime import date
from typing import Any

import pytest

from reports.core.goals import closing_period, goals_in_force, span_of
from reports.core.model import DefaultGoals, Goal, GoalAgreement, Period
from reports.core.people import Focus, Role
from reports.core.weeks import Week
from tests.builders import W46, agreement, days, defaults, engineer, goal, goal_book, role, terms

EVERYONE = defaults(terms("new_tickets", 5), terms("pairing_sessions", 2))


def in_force(*agreements: GoalAgreement, default: tuple[DefaultGoals, ...] = (EVERYONE,), week: Week = W46) -> dict[str, Goal]:
    goals = goals_in_force(goal_book(*agreements, default=default), engineer(), week)
    return {g.measure: g for g in goals}


def test_goals__defaults_without_an_agreement_are_drafts() -> None:
    goals = in_force()

    assert {name: (g.target, g.is_draft, g.agreed_on) for name, g in goals.items()} == {
        "new_tickets": (5, True, None),
        "pairing_sessions": (2, True, None),
    }


def test_goals__an_agreement_covers_the_defaults_and_what_stands_in_their_place() -> None:
    goals = in_force(agreement(terms("new_tickets", 4)))

    assert {name: (g.target, g.is_draft) for name, g in goals.items()} == {
        "new_tickets": (4, False),
        "pairing_sessions": (2, False),
    }


def test_goals__a_later_default_that_matches_wins() -> None:
    juniors = defaults(terms("new_tickets", 3), level="intermediate")
    elsewhere = defaults(terms("new_tickets", 9), region="APAC")

    assert in_force(default=(EVERYONE, juniors, elsewhere))["new_tickets"].target == 3


def test_goals__named_by_one_side_only_are_drafts() -> None:
    assert in_force(agreement(agreed_by=("iduarte",)))["new_tickets"].is_draft
    assert in_force(agreement(agreed_by=("plindqvist",)))["new_tickets"].is_draft


def test_goals__agreed_with_a_former_manager_stay_agreed() -> None:
    book = goal_book(agreement(agreed_by=("iduarte", "hmori")), default=(EVERYONE,))
    changed = engineer(reports_to="hmori", changes=(role("2026-11-09"),))

    assert not any(g.is_draft for g in goals_in_force(book, changed, W46))


def test_goals__begin_on_the_monday_on_or_after_their_day() -> None:
    begun = agreement(terms("new_tickets", 4), valid_from=date(2026, 11, 9))
    midweek = agreement(terms("new_tickets", 4), valid_from=date(2026, 11, 10))

    assert in_force(begun)["new_tickets"].target == 4
    assert in_force(midweek)["new_tickets"].target == 5


def test_goals__the_latest_agreement_holds() -> None:
    old, new = agreement(terms("new_tickets", 4)), agreement(terms("new_tickets", 6), valid_from=date(2026, 10, 1))

    assert in_force(new, old)["new_tickets"].target == 6


def test_goals__an_ended_agreement_leaves_drafts() -> None:
    ended = agreement(terms("new_tickets", 4), valid_to=date(2026, 11, 8))

    assert in_force(ended)["new_tickets"].is_draft


def test_span__a_week_thirty_days_and_the_quarter_so_far() -> None:
    assert span_of(goal(per=Period.WEEK), W46) == days("2026-11-09", "2026-11-15")
    assert span_of(goal(per=Period.ROLLING_30_DAYS), W46) == days("2026-10-17", "2026-11-15")
    assert span_of(goal(per=Period.QUARTER), W46) == days("2026-10-01", "2026-11-15")


def test_span__the_week_a_quarter_ends_in_looks_at_that_quarter() -> None:
    week = Week.containing(date(2026, 9, 30))

    assert closing_period(Period.QUARTER, week) == days("2026-07-01", "2026-09-30")
    assert span_of(goal(per=Period.QUARTER), week) == days("2026-07-01", "2026-09-30")


def test_closing_period__a_quarter_that_ends_on_sunday_ends_in_that_week() -> None:
    assert closing_period(Period.QUARTER, Week.containing(date(2028, 12, 31))) == days("2028-10-01", "2028-12-31")
    assert closing_period(Period.QUARTER, W46) is None


def test_span__a_calendar_month_so_far_and_whole_in_the_week_it_ends_in() -> None:
    monthly = goal(per=Period.MONTH)

    assert span_of(monthly, W46) == days("2026-11-01", "2026-11-15")
    assert span_of(monthly, Week.containing(date(2026, 11, 30))) == days("2026-11-01", "2026-11-30")
    assert closing_period(Period.WEEK, W46) is None


# --- roles with days --------------------------------------------------------------------------------

BY_LEVEL = (EVERYONE, defaults(terms("new_tickets", 7), level="senior"))
BY_REGION = (EVERYONE, defaults(terms("new_tickets", 4), region="APAC"))
BY_FOCUS = (EVERYONE, defaults(terms("new_tickets", 3), focus="saas"))
SAAS = (Focus(name="saas", percentage=60), Focus(name="self_managed", percentage=40))


def target(default: tuple[DefaultGoals, ...], changed: Role, week: Week) -> float:
    book = goal_book(agreement(), default=default)
    return {g.measure: g.target for g in goals_in_force(book, engineer(changes=(changed,)), week)}["new_tickets"]


@pytest.mark.parametrize(
    ("default", "special", "then"),
    [(BY_LEVEL, {"level": "senior"}, 7), (BY_REGION, {"region": "APAC"}, 4), (BY_FOCUS, {"focuses": SAAS}, 3)],
)
def test_goals__of_a_past_week_are_those_of_the_role_of_its_monday(
    default: tuple[DefaultGoals, ...], special: dict[str, Any], then: float
) -> None:
    on_monday, on_tuesday = role("2026-11-09", **special), role("2026-11-10", **special)

    assert [target(default, on_monday, W46.plus(n)) for n in (-1, 0, 1)] == [5, then, then]
    assert [target(default, on_tuesday, W46.plus(n)) for n in (-1, 0, 1)] == [5, 5, then]


def test_goals__signed_by_somebody_who_was_never_their_manager_are_drafts() -> None:
    book = goal_book(agreement(agreed_by=("iduarte", "hmori")), default=(EVERYONE,))

    assert all(g.is_draft for g in goals_in_force(book, engineer(), W46))


def test_goals__signed_by_the_manager_to_come_are_agreed_from_the_change_on() -> None:
    book = goal_book(agreement(agreed_by=("iduarte", "hmori")), default=(EVERYONE,))
    changed = engineer(changes=(role("2026-11-09", reports_to="hmori"),))

    assert [goals_in_force(book, changed, W46.plus(n))[0].is_draft for n in (-1, 0)] == [True, False]
