import pytest

from reports.commands.explain import explanation
from reports.core.context import Context
from reports.core.model import Aggregation, GoalBook, GoalKind, GoalTerms, Period
from reports.core.published import PublishedWeeks
from reports.core.results import Plan, WeekResults, as_published
from reports.errors import UsageError
from tests.builders import (
    W46,
    agreement,
    away,
    corrected,
    coverage,
    evidence,
    goal_book,
    measure,
    on_call,
    reduced,
    rules,
    team,
    terms,
)
from tests.judging import Observed, judge


def results(
    goals: GoalBook | None = None,
    *,
    note: str = "ticket 7 taken",
    context: Context | None = None,
    published: PublishedWeeks | None = None,
) -> WeekResults:
    plan = Plan(
        team=team(),
        goals=goals or goal_book(agreement(terms("new_tickets", 5))),
        context=context or Context(unavailable=(away("2026-11-13"),)),
        rule_sets=(rules(),),
    )
    rows = (evidence("2026-11-10 10:00", note=note, url="https://acme.zendesk.example.com/agent/tickets/7"),)
    return judge(plan, Observed(measures=(measure(),), evidence=rows, coverage=(coverage(),), contributions=()), W46, published)


def test_explanation__shows_rows_formula_capacity_goal_and_verdict() -> None:
    assert explanation(results(), "iduarte", "new_tickets") == (
        "New tickets of iduarte in 2026-W46 (2026-11-09 to 2026-11-15)\n"
        "  What the test says.\n"
        "  source: Zendesk; unit: tickets; privacy: P3\n"
        "\n"
        "Evidence: 1 rows\n"
        "  2026-11-10 10:00 UTC  1  https://acme.zendesk.example.com/agent/tickets/7  ticket 7 taken\n"
        "\n"
        "Value: count of 1 rows = 1 tickets\n"
        "\n"
        "Capacity of the week: 5 working days - 1 away = 4 available, of 5 for full time\n"
        "\n"
        "Goal: 5 per week (agreed by iduarte and plindqvist, in force since 2026-06-22)\n"
        "Target for the days available: 4\n"
        "Verdict: not_met\n"
        "Rules: handbook-2023; run of missed weeks after this one: 12\n"
    )


SHARE = measure("own_ticket_reply_share", unit="replies", kind=Aggregation.RATIO)
HOURS = measure("time_to_resolve", unit="hours", kind=Aggregation.MEDIAN)


def rate_results(own: int, others: int, hours: int) -> WeekResults:
    goals = (
        GoalTerms(measure=SHARE.name, target=50, upper=60, per=Period.WEEK, kind=GoalKind.BAND),
        GoalTerms(measure=HOURS.name, target=10, per=Period.WEEK, kind=GoalKind.AT_MOST),
    )
    plan = Plan(team=team(), goals=goal_book(agreement(*goals)), context=Context(), rule_sets=(rules(minimum_cases_for_rate=3),))
    rows = [evidence(f"2026-11-10 10:{n:02}", SHARE.name, value=float(n < own)) for n in range(own + others)]
    rows += [evidence(f"2026-11-10 11:{n:02}", HOURS.name, value=float(n)) for n in range(1, hours + 1)]
    return judge(plan, Observed(measures=(SHARE, HOURS), evidence=tuple(rows), coverage=(coverage(),), contributions=()), W46)


def test_explanation__of_a_share_shows_what_is_divided_and_what_chance_gives() -> None:
    text = explanation(rate_results(23, 17, 0), "iduarte", SHARE.name)

    assert "Value: ratio = 100 * 23 rows that hold / 40 rows = 57 percent of replies, in whole percents\n" in text
    assert (
        "  chance alone gives 42 to 72 (95 %, Wilson interval); not_met only when all of that misses the goal, and a band never\n"
        in text
    )
    assert "Goal: 50 to 60 per week (agreed by" in text
    assert "Target, which days do not change: 50\n" in text


def test_explanation__of_a_median_shows_the_rows_it_is_the_middle_of() -> None:
    text = explanation(rate_results(0, 0, 20), "iduarte", HOURS.name)

    assert "Evidence: 20 rows\n" in text
    assert "Value: median of 20 rows = 10.5 hours\n" in text
    assert "chance alone gives 6 to 15 (95 %, between two of the ordered values)" in text
    assert "Goal: at most 10 per week" in text
    assert "Verdict: within_noise\n" in text


def test_explanation__of_too_few_cases_says_so() -> None:
    few = rate_results(1, 1, 5)

    assert "Value: none, since 2 cases are too few for a ratio\n" in explanation(few, "iduarte", SHARE.name)
    assert "Verdict: not_assessed (only 2 of the 3 cases that it takes)\n" in explanation(few, "iduarte", SHARE.name)
    assert "too few rows to know what chance alone gives, so it is never not_met\n" in explanation(few, "iduarte", HOURS.name)


def test_explanation__without_a_goal_says_so() -> None:
    assert "Goal: none; the number is shown for information\n" in explanation(results(goal_book()), "iduarte", "new_tickets")


def test_explanation__shows_no_control_characters() -> None:
    assert "\x1b" not in explanation(results(note="evil \x1b[2J"), "iduarte", "new_tickets")


@pytest.mark.parametrize(
    ("person", "name", "said"),
    [
        ("idaurte", "new_tickets", "nobody in config/team.yml is 'idaurte'"),
        ("iduarte", "new_ticket", "there is no measure 'new_ticket'"),
    ],
)
def test_explanation__names_what_it_does_not_know_and_what_it_does(person: str, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        explanation(results(), person, name)

    assert "known: " in caught.value.hint


def test_explanation__each_term_of_the_days_has_its_sign_and_its_noun() -> None:
    context = Context(
        holidays=(away("2026-11-11"),),
        reduced=(reduced("2026-11-12"),),
        on_call=(on_call("2026-10-19", "2026-10-25"),),
        corrections=(corrected(W46, 2.5),),
    )
    monthly = goal_book(agreement(terms("new_tickets", 5, Period.ROLLING_30_DAYS)))

    text = explanation(results(monthly, context=context), "iduarte", "new_tickets")

    assert "5 working days - 1 public holiday - 1 not counted - 0.5 by their own word = 2.5 available, of 5 for full time" in text
    assert "  not counted for: account escalation\n" in text
    assert (
        "Capacity of the goal, 2026-10-17 to 2026-11-15: 20 working days - 1 public holiday - 1 not counted"
        " - 5 in a week on call - 5 in the week after on-call - 0.5 by their own word = 7.5 available\n"
    ) in text


def test_explanation__names_the_rotation_of_an_on_call_week() -> None:
    text = explanation(results(context=Context(on_call=(on_call("2026-11-14", "2026-11-15"),))), "iduarte", "new_tickets")

    assert "  on call on 2 days, rotation ceoc\n  the week is not assessed: on call\n" in text


def test_explanation__a_word_after_publication_stands_beside_the_published_days() -> None:
    published = {W46: as_published(results(context=Context()))}

    text = explanation(
        results(context=Context(corrections=(corrected(W46, 3.5),)), published=published), "iduarte", "new_tickets"
    )

    assert "Capacity of the week: 5 working days = 5 available, of 5 for full time\n" in text
    assert "  by their own word since it was published: 3.5; what that changes counts only in their favour\n" in text
    assert "Changed since it was published: 1 of 5, now 1 of 3.5\n" in text
