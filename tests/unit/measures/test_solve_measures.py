from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from reports.measures.engine import MeasureSettings
from tests.unit.measures.ticket_stories import (
    ADA,
    BO,
    DEE,
    LOU,
    REQUESTER,
    ROBOT,
    RULE,
    agents,
    assigned,
    at,
    event,
    merged,
    note,
    opened,
    prioritised,
    status,
    tagged,
    ticket,
)

if TYPE_CHECKING:
    from reports.core.facts import Fact
    from tests.unit.measures.conftest import Measured


def cases(measured: "Measured", measure: str) -> list[tuple[str, datetime, float]]:
    return [(row.engineer, row.at, row.value) for row in measured.of(measure)]


def life(*steps: tuple[float, str], by: int | None = ADA, ticket_id: int = 1) -> "list[Fact]":
    """A ticket that is new at 0 and then has these statuses."""
    before = ["new", *(word for _, word in steps)]
    return [
        status(0, None, "new", created=True, actor_id=REQUESTER, ticket_id=ticket_id),
        *(status(hours, old, new, actor_id=by, ticket_id=ticket_id) for old, (hours, new) in zip(before, steps, strict=False)),
    ]


# --- by hand --------------------------------------------------------------------------------------


def test_solved__by_whose_ticket_it_was_and_by_whose_hand(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=DEE), *life((5, "solved"), by=BO), assigned(1, None, ADA), assigned(6, ADA, DEE))

    assert measured.credits("solved_tickets") == [("ada", "ticket 1 solved by a colleague")]
    assert measured.credits("solved_by_hand") == [("bo", "ticket 1, a colleague's")]


def test_solved_by_hand__what_a_rule_solves_is_nobodys(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=ADA), *life((5, "solved"), by=RULE))

    assert measured.credits("solved_tickets") == [("ada", "ticket 1 solved by a rule")]
    assert measured.of("solved_by_hand") == []


def test_solved_by_hand__counts_once_a_week_for_each_who_did_it(measured: "Measured") -> None:
    measured.put(
        ticket(),
        *life((1, "solved"), (2, "open"), (3, "solved")),
        status(4, "solved", "open"),
        status(5, "open", "solved", actor_id=BO),
        status(170, "open", "solved"),
    )

    assert [(who, when) for who, when, _ in cases(measured, "solved_by_hand")] == [
        ("ada", at(1)),
        ("ada", at(170)),
        ("bo", at(5)),
    ]


def test_solved__a_merged_ticket_counts_as_the_other(measured: "Measured") -> None:
    measured.put(
        ticket(1, assignee_id=ADA, tags=("closed_by_merge",)),
        *life((5, "solved"), (6, "open")),
        *merged(7),
        ticket(2, assignee_id=ADA),
        *life((8, "solved"), ticket_id=2),
    )

    for measure in ("solved_tickets", "solved_by_hand", "time_to_resolve", "resolution_hours", "resolution_p90"):
        assert [row.url[-1] for row in measured.of(measure)] == ["2"]
    assert measured.of("reopened_tickets") == []


# --- opened again ---------------------------------------------------------------------------------


def test_reopened_tickets__belong_to_whose_they_were_when_solved(measured: "Measured") -> None:
    measured.put(
        ticket(assignee_id=DEE),
        assigned(0, None, ADA),
        *life((5, "solved")),
        assigned(6, ADA, BO),
        status(20, "solved", "open", actor_id=REQUESTER),
        assigned(20, BO, DEE),
    )

    assert cases(measured, "reopened_tickets") == [("ada", at(20), 1.0)]
    assert measured.credits("reopened_tickets") == [("ada", "ticket 1 opened again after 15 hours")]


def test_reopened_tickets__closing_is_no_reopening(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=ADA), *life((5, "solved"), (100, "closed"), by=RULE))

    assert measured.of("reopened_tickets") == []


def test_reopened_tickets__several_times_in_a_week_count_once_in_it(measured: "Measured") -> None:
    again = ((5, "solved"), (6, "open"), (7, "solved"), (8, "pending"), (9, "solved"), (180, "open"))
    measured.put(ticket(assignee_id=ADA), *life(*again))

    assert [when for _, when, _ in cases(measured, "reopened_tickets")] == [at(6), at(180)]


def test_reopened_tickets__of_a_solve_that_was_not_gathered_nobody_knows_whose_it_was(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=ADA), status(5, "solved", "open", actor_id=REQUESTER))

    assert measured.of("reopened_tickets") == []


def test_reopen_rate__a_ticket_counts_when_its_seven_days_are_over(measured: "Measured") -> None:
    measured.put(
        ticket(1, assignee_id=ADA),
        *life((5, "solved")),
        ticket(2, assignee_id=BO),
        *life((6, "solved"), (6 + 167, "open"), ticket_id=2),
        ticket(3),
        *life((7, "solved"), (7 + 168, "open"), ticket_id=3),
    )

    assert cases(measured, "reopen_rate") == [("", at(7 + 168), 0.0), ("ada", at(5 + 168), 0.0), ("bo", at(6 + 168), 1.0)]


def test_reopen_rate__a_ticket_solved_again_counts_once(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=ADA), *life((5, "solved"), (300, "open"), (310, "solved"), (311, "open")))

    assert cases(measured, "reopen_rate") == [("ada", at(5 + 168), 0.0)]


# --- how long --------------------------------------------------------------------------------------


def test_resolution_hours__leave_out_waiting_for_the_requester_and_keep_waiting_for_the_developers(measured: "Measured") -> None:
    measured.put(
        ticket(assignee_id=DEE),
        assigned(0, None, ADA),
        assigned(50, ADA, DEE),
        *life((2, "pending"), (12, "open"), (14, "hold"), (34, "pending"), (35, "solved"), (36, "open"), (45, "solved"), by=RULE),
    )

    assert cases(measured, "resolution_hours") == [("ada", at(35), 24.0)]
    assert measured.credits("resolution_hours") == [("ada", "ticket 1, saas, normal, without 11 hours pending")]
    assert cases(measured, "resolution_hours_p90") == cases(measured, "resolution_p50") == cases(measured, "resolution_p90")
    assert cases(measured, "time_to_resolve") == [("ada", at(35), 15.0)]


@pytest.mark.parametrize("measure", ["resolution_p50", "resolution_p90"])
def test_resolution__of_all_tickets_is_by_the_priority_of_that_moment_and_by_the_type(measured: "Measured", measure: str) -> None:
    measured.put(
        *(ticket(ticket_form="l_and_r", priority="low", assignee_id=DEE), *life((5, "solved"))),
        *(prioritised(1, "low", "high"), prioritised(6, "high", "low")),
        *(ticket(2, ticket_form="", priority="urgent", assignee_id=ADA), *life((4, "solved"), ticket_id=2)),
        *(ticket(3, ticket_form="saas", priority=""), *life((3, "solved"), ticket_id=3)),
    )

    assert [(row.engineer, row.category, row.note) for row in measured.of(measure)] == [
        ("", " · saas", "ticket 3, saas"),
        ("", "high · l_and_r", "ticket 1, l_and_r, high"),
        ("ada", "urgent · ", "ticket 2, urgent"),
    ]


def test_resolution_hours__of_a_person_are_by_type_and_tell_the_priority_of_each_ticket(measured: "Measured") -> None:
    measured.put(
        *(ticket(1, ticket_form="l_and_r", priority="low", assignee_id=DEE), *life((5, "solved"))),
        *(ticket(2, ticket_form="saas", priority="high", assignee_id=ADA), *life((5, "solved"), ticket_id=2)),
    )

    for measure in ("resolution_hours", "resolution_hours_p90"):
        assert [(row.engineer, row.category, row.note) for row in measured.of(measure)] == [
            ("ada", "saas", "ticket 2, saas, high"),
        ], "the other ticket is of nobody in the team"


@pytest.mark.parametrize(("measure", "word"), [("on_hold_hours", "hold"), ("pending_hours", "pending")])
def test_waiting__each_stretch_counts_when_it_ends_for_whose_ticket_it_is_then(
    measured: "Measured", measure: str, word: str
) -> None:
    measured.put(
        ticket(assignee_id=DEE),
        assigned(0, None, ADA),
        assigned(10, ADA, BO),
        *life((2, word), (20, "open"), (21, word), (24, "solved"), (25, word)),
    )

    assert cases(measured, measure) == [("bo", at(20), 18.0), ("bo", at(24), 3.0)]
    assert measured.credits(measure)[1] == ("bo", "ticket 1, then solved")


# --- triage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "touch",
    [
        assigned(6, None, BO),
        event("group", 6, new="12"),
        prioritised(6, None, "high"),
        event("form", 6, new="saas"),
        note(6),
        status(6, "new", "open"),
    ],
    ids=lambda touch: touch.kind,
)
def test_hours_to_triage__end_with_the_first_touch_of_a_person(measured: "Measured", touch: "Fact") -> None:
    measured.put(*agents(), ticket(), *opened(1), touch, note(7, BO))

    assert cases(measured, "hours_to_triage") == [("ada", at(6), 5.0)]


@pytest.mark.parametrize("nobody", [RULE, ROBOT, LOU, REQUESTER], ids=str)
def test_hours_to_triage__what_no_person_who_answers_does_is_none(measured: "Measured", nobody: int | None) -> None:
    measured.put(
        *agents(),
        ticket(),
        *opened(1, priority="high"),
        assigned(2, None, ADA, actor_id=nobody),
        note(3, nobody),
        note(9, DEE),
    )

    assert cases(measured, "hours_to_triage") == [("", at(9), 8.0)]
    assert [row.category for row in measured.of("hours_to_triage")] == ["high"]
    assert cases(measured, "hours_to_triage_p90") == cases(measured, "hours_to_triage")
    assert [row.category for row in measured.of("hours_to_triage_p90")] == ["high"]


def test_hours_to_triage__a_ticket_that_an_agent_opened_is_left_out(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(1, by=ADA), note(9, DEE))

    assert cases(measured, "hours_to_triage") == []


# --- escalations ----------------------------------------------------------------------------------


def test_escalation_rate__is_of_the_first_solves_with_a_tag_until_then(measured: "Measured") -> None:
    measured.put(
        ticket(1, assignee_id=ADA),
        *life((5, "solved")),
        tagged(2, "star"),
        ticket(2),
        *life((6, "solved"), ticket_id=2),
        tagged(7, "escalated", ticket_id=2),
        ticket(3),
        *life((7, "solved"), ticket_id=3),
        tagged(2, "closed_soon", ticket_id=3),
        ticket(4),
        *life((8, "solved"), ticket_id=4),
        tagged(2, "star", ticket_id=4),
        event("tag", 3, ticket_id=4, old="star"),
    )

    assert cases(measured, "escalation_rate") == [("", at(6), 0.0), ("", at(7), 0.0), ("", at(8), 1.0), ("ada", at(5), 1.0)]


def test_escalation_rate__without_tags_there_is_no_number_rather_than_none(measured: "Measured") -> None:
    measured.put(ticket(), *life((5, "solved")))

    assert replace(measured, settings=MeasureSettings()).of("escalation_rate") == []


@pytest.mark.parametrize("measure", ["resolution_p50", "resolution_p90", "reopen_rate", "escalation_rate"])
def test_the_organisation__has_no_solves_that_an_ai_agent_made_alone(measured: "Measured", measure: str) -> None:
    measured.put(
        *(ticket(1, by_ai_agent=True), *life((5, "solved"), by=ROBOT)),
        *(ticket(2), *life((6, "solved"), by=ROBOT, ticket_id=2)),
    )

    assert [row.url[-1] for row in measured.of(measure)] == ["2"]


def test_solved_tickets__of_an_engineer_count_whatever_handles_them(measured: "Measured") -> None:
    measured.put(ticket(by_ai_agent=True, assignee_id=ADA), *life((5, "solved"), by=ROBOT))

    assert cases(measured, "solved_tickets") == [("ada", at(5), 1.0)]
