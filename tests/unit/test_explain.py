import pytest

from reports.core.context import Context
from reports.core.model import GoalBook
from reports.core.results import Observed, Plan, WeekResults, judge
from reports.errors import UsageError
from reports.explain import explanation
from tests.builders import W46, agreement, away, coverage, evidence, goal_book, measure, rules, team, terms


def results(goals: GoalBook | None = None, *, note: str = "ticket 7 taken") -> WeekResults:
    plan = Plan(
        team=team(),
        goals=goals or goal_book(agreement(terms("new_tickets", 5))),
        context=Context(unavailable=(away("2026-11-13"),)),
        rule_sets=(rules(),),
    )
    rows = (evidence("2026-11-10 10:00", note=note, url="https://acme.zendesk.example.com/agent/tickets/7"),)
    return judge(plan, Observed(measures=(measure(),), evidence=rows, coverage=(coverage(),), contributions=()), W46)


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
