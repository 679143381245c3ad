from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from reports.core.weeks import Window
from tests.unit.measures.ticket_stories import ADA, BO, RULE, assigned, at, prioritised, status, ticket

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured

WEEK = 7 * 24
INSTANT = timedelta(microseconds=1)
#: Three whole weeks from Monday on; Lisbon's clocks are those of UTC then.
THREE_WEEKS = Window(at(0), at(3 * WEEK))


def ends(measured: "Measured", measure: str = "backlog", window: Window = THREE_WEEKS) -> list[tuple[str, datetime, str]]:
    return [(row.engineer, row.at, row.category) for row in measured.of(measure, window)]


def test_backlog__is_what_was_not_solved_in_the_last_instant_of_each_week(measured: "Measured") -> None:
    measured.put(
        *(ticket(1), status(5, None, "new"), status(WEEK - 1, "new", "solved")),
        *(ticket(2), status(5, None, "new", ticket_id=2), status(WEEK, "new", "solved", ticket_id=2)),
        *(ticket(3), status(WEEK, None, "open", ticket_id=3), status(3 * WEEK + 1, "open", "closed", ticket_id=3)),
    )

    assert [(row.url[-1], row.at) for row in measured.of("backlog", THREE_WEEKS)] == [
        ("2", at(WEEK) - INSTANT),
        ("3", at(2 * WEEK) - INSTANT),
        ("3", at(3 * WEEK) - INSTANT),
    ]


def test_backlog__holds_pending_and_on_hold_tickets_and_those_opened_again(measured: "Measured") -> None:
    measured.put(
        *(ticket(), status(5, None, "new"), status(6, "new", "pending"), status(WEEK + 1, "pending", "solved")),
        status(3 * WEEK - 1, "solved", "hold"),
    )

    assert [when for _, when, _ in ends(measured)] == [at(WEEK) - INSTANT, at(3 * WEEK) - INSTANT]


def test_backlog__a_quiet_week_has_one_too(measured: "Measured") -> None:
    """Nothing at all happened after the first week, and it still waits."""
    measured.put(ticket(), status(5, None, "new"))

    assert len(ends(measured)) == 3


def test_backlog__has_the_priority_and_the_assignee_of_that_moment(measured: "Measured") -> None:
    measured.put(
        *(ticket(priority="low", assignee_id=BO), status(5, None, "new")),
        *(prioritised(5, None, "high"), prioritised(WEEK + 5, "high", "low")),
        *(assigned(WEEK + 5, None, ADA), assigned(2 * WEEK + 5, ADA, BO)),
    )

    assert ends(measured) == [
        ("", at(WEEK) - INSTANT, "high"),
        ("ada", at(2 * WEEK) - INSTANT, "low"),
        ("bo", at(3 * WEEK) - INSTANT, "low"),
    ]
    assert [note for _, note in measured.credits("backlog", THREE_WEEKS)] == [
        "ticket 1, high, unassigned",
        "ticket 1, low",
        "ticket 1, low",
    ]


def test_backlog__a_ticket_without_any_known_change_is_as_it_was_last_seen(measured: "Measured") -> None:
    measured.put(
        *(ticket(1, assignee_id=ADA, created_at=at(-500)), ticket(2, status="solved", created_at=at(-500))),
        *(ticket(3), status(1, None, "solved", ticket_id=3)),
    )

    assert [(row.url[-1], row.engineer) for row in measured.of("backlog", Window(at(0), at(WEEK)))] == [("1", "ada")]


def test_backlog__before_its_first_known_change_a_ticket_had_the_old_status(measured: "Measured") -> None:
    measured.put(
        *(ticket(1, created_at=at(-500)), status(WEEK + 5, "pending", "solved")),
        *(ticket(2, created_at=at(-500)), status(3, None, "solved", ticket_id=2)),
    )

    assert [row.url[-1] for row in measured.of("backlog", THREE_WEEKS)] == ["1"]


def test_backlog__what_an_ai_agent_handles_waits_for_nobody_here(measured: "Measured") -> None:
    measured.put(
        *(ticket(1, by_ai_agent=True), status(5, None, "new")),
        *(ticket(2, by_ai_agent=True, created_at=at(-500)), ticket(3), status(5, None, "new", ticket_id=3)),
    )

    assert [row.url[-1] for row in measured.of("backlog", Window(at(0), at(WEEK)))] == ["3"]


@pytest.mark.parametrize("gone", ["deleted", "closed"])
def test_backlog__a_ticket_that_went_without_an_event_is_no_longer_in_it(measured: "Measured", gone: str) -> None:
    measured.put(ticket(status=gone, seen_at=at(WEEK + 1)), status(5, None, "new"))

    assert [when for _, when, _ in ends(measured)] == [at(WEEK) - INSTANT]


def test_backlog__a_rule_that_solves_takes_a_ticket_out(measured: "Measured") -> None:
    measured.put(ticket(), status(5, None, "pending"), status(WEEK + 5, "pending", "solved", actor_id=RULE))

    assert len(ends(measured)) == 1


def test_backlog__weeks_end_in_the_teams_zone(measured: "Measured") -> None:
    """In summer the reporting week in Lisbon ends on Sunday at 23:00 in UTC."""
    sunday = datetime(2026, 7, 5, tzinfo=UTC)
    hours = (sunday - at(0)).total_seconds() / 3600
    measured.put(
        *(ticket(1, created_at=sunday), status(hours + 22.9, None, "new")),
        *(ticket(2, created_at=sunday), status(hours + 23, None, "new", ticket_id=2)),
    )

    found = measured.of("backlog", Window(sunday, sunday + timedelta(days=7)))

    assert [(row.url[-1], row.at) for row in found] == [("1", sunday + timedelta(hours=23) - INSTANT)]


def test_backlog__by_age_and_how_old(measured: "Measured") -> None:
    ages = {1: 0.5, 2: 7, 3: 29.5, 4: 30, 5: 90}
    end = at(WEEK)
    measured.put(
        *(ticket(number, created_at=end - timedelta(days=days)) for number, days in ages.items()),
        *(ticket(9), status(1, None, "solved", ticket_id=9)),
    )

    by_age = {row.url[-1]: row.category for row in measured.of("backlog_by_age", Window(at(0), end))}
    how_old = {int(row.url[-1]): row.value for row in measured.of("backlog_age_p90", Window(at(0), end))}

    assert by_age == {"1": "under 7 days", "2": "7 to 29 days", "3": "7 to 29 days", "4": "30 to 89 days", "5": "90 days or more"}
    assert how_old == ages
