from typing import TYPE_CHECKING

import pytest

from tests.unit.measures.ticket_stories import ADA, BO, DEE, RULE, assigned, at, merged, opened, tagged, ticket

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured


def notes(measured: "Measured", *measures: str) -> dict[str, list[tuple[str, str]]]:
    rows = measured.evidence()
    return {name: [(row.engineer, row.note) for row in rows if row.measure == name] for name in measures}


# --- new tickets --------------------------------------------------------------------------------


@pytest.mark.parametrize(("actor", "which"), [(ADA, "taken"), (BO, "given"), (RULE, "given")])
def test_new_tickets__are_either_taken_or_given(measured: "Measured", actor: int | None, which: str) -> None:
    measured.put(ticket(), assigned(1, None, ADA, actor_id=actor))

    assert notes(measured, "new_tickets_taken", "new_tickets_given", "tickets_taken_over") == {
        "new_tickets_taken": [],
        "new_tickets_given": [],
        "tickets_taken_over": [],
        f"new_tickets_{which}": [("ada", "ticket 1, saas")],
    }


def test_new_tickets__are_told_apart_by_type(measured: "Measured") -> None:
    measured.put(
        *(ticket(1, ticket_form="saas"), ticket(2, ticket_form="l_and_r"), ticket(3, ticket_form="")),
        *(assigned(number, None, ADA, ticket_id=number) for number in (1, 2, 3)),
    )

    for measure in ("new_tickets", "new_tickets_taken"):
        assert [row.category for row in measured.of(measure)] == ["saas", "l_and_r", ""]


def test_new_tickets__one_that_was_merged_counts_as_the_other(measured: "Measured") -> None:
    measured.put(
        *(ticket(1), ticket(2, tags=("closed_by_merge",))),
        *(assigned(1, None, ADA), assigned(1, None, BO, ticket_id=2, actor_id=BO)),
    )

    assert [(row.engineer, row.url[-1]) for row in measured.of("new_tickets")] == [("ada", "1")]


def test_merged_tickets__are_known_by_the_event_when_the_tag_was_scrubbed_away(measured: "Measured") -> None:
    measured.put(ticket(1, tags=()), assigned(1, None, ADA), tagged(2, "closed_by_merge"))

    assert measured.of("new_tickets") == []


# --- taken over ---------------------------------------------------------------------------------


def test_tickets_taken_over__come_from_whoever_had_them(measured: "Measured") -> None:
    measured.put(
        *(ticket(1), assigned(1, None, ADA), assigned(2, ADA, BO, actor_id=BO)),
        *(ticket(2), assigned(1, None, DEE, ticket_id=2), assigned(3, DEE, ADA, ticket_id=2, actor_id=RULE)),
    )

    assert measured.credits("tickets_taken_over") == [("ada", "ticket 2 taken over, saas"), ("bo", "ticket 1 taken over, saas")]


def test_tickets_taken_over__also_when_nobody_had_them_in_between(measured: "Measured") -> None:
    measured.put(ticket(), assigned(1, None, ADA), assigned(2, ADA, None), assigned(5, None, BO, actor_id=BO))

    assert [(row.engineer, row.at) for row in measured.of("tickets_taken_over")] == [("bo", at(5))]


def test_tickets_taken_over__one_that_comes_back_is_not(measured: "Measured") -> None:
    measured.put(ticket(), assigned(1, None, ADA), assigned(2, ADA, None), assigned(3, None, ADA))

    assert measured.of("tickets_taken_over") == []


def test_tickets_taken_over__to_and_fro_counts_once_a_week_each(measured: "Measured") -> None:
    measured.put(
        *(ticket(), assigned(0, DEE, ADA), assigned(1, ADA, BO), assigned(2, BO, ADA), assigned(3, ADA, BO)),
        *(assigned(7 * 24, BO, ADA), assigned(7 * 24 + 1, ADA, None)),
    )

    assert [(row.engineer, row.at) for row in measured.of("tickets_taken_over")] == [
        ("ada", at(0)),
        ("ada", at(7 * 24)),
        ("bo", at(1)),
    ]


def test_tickets_taken_over__one_whose_first_holder_is_known_only_by_name_counts(measured: "Measured") -> None:
    """Nothing older was gathered, but the change says from whom the ticket came."""
    measured.put(ticket(), assigned(1, BO, ADA))

    assert [row.engineer for row in measured.of("tickets_taken_over")] == ["ada"]
    assert measured.of("new_tickets") == []


def test_merge__takes_an_assignment_away_from_nobody_else(measured: "Measured") -> None:
    measured.put(
        ticket(1), *opened(), assigned(1, None, ADA), *merged(2, BO), ticket(2), assigned(2, None, BO, ticket_id=2, actor_id=BO)
    )

    assert [(row.engineer, row.url[-1]) for row in measured.of("new_tickets")] == [("bo", "2")]
