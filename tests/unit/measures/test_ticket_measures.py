import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from reports.core.facts import Ticket, TicketEvent
from reports.core.weeks import Week

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured

ADA, BO, STRANGER = 1, 2, 99
BO_BEFORE = 22
MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
_numbers = count(1)


def ticket(ticket_id: int = 1, assignee_id: int | None = None, seen_at: datetime = MONDAY) -> Ticket:
    return Ticket(
        id=ticket_id,
        url=f"https://acme.zendesk.example.com/agent/tickets/{ticket_id}",
        status="open",
        priority="normal",
        ticket_form="saas",
        assignee_id=assignee_id,
        tags=(),
        created_at=MONDAY - timedelta(days=400),
        solved_at=None,
        seen_at=seen_at,
    )


def event(kind: str, hours: float, *, ticket_id: int = 1, **fields: Any) -> TicketEvent:
    plain: dict[str, Any] = {"actor_id": ADA, "old": None, "new": None, "created": False}
    return TicketEvent(id=next(_numbers), ticket_id=ticket_id, at=MONDAY + timedelta(hours=hours), kind=kind, **(plain | fields))


def assigned(hours: float, old: int | None, new: int | None, **fields: Any) -> TicketEvent:
    names = {"old": None if old is None else str(old), "new": None if new is None else str(new)}
    return event("assignee", hours, **(names | fields))


def solved(hours: float, **fields: Any) -> TicketEvent:
    return event("status", hours, **({"old": "open", "new": "solved"} | fields))


# --- new tickets ------------------------------------------------------------------------------


@pytest.mark.parametrize(("actor", "word"), [(ADA, "taken"), (BO, "given"), (None, "given")])
def test_new_tickets__the_first_assignment_counts_taken_or_given(measured: "Measured", actor: int | None, word: str) -> None:
    measured.put(ticket(), assigned(1, None, ADA, actor_id=actor))

    (row,) = measured.of("new_tickets")

    assert (row.engineer, row.note, row.at) == ("ada", f"ticket 1 {word}, saas", MONDAY + timedelta(hours=1))
    assert row.url == "https://acme.zendesk.example.com/agent/tickets/1"


def test_new_tickets__a_handover_counts_for_nobody(measured: "Measured") -> None:
    measured.put(assigned(1, None, ADA), assigned(2, ADA, BO))

    assert measured.credits("new_tickets") == [("ada", "ticket 1 taken")]


def test_new_tickets__a_ticket_given_back_and_taken_again_counts_once(measured: "Measured") -> None:
    measured.put(assigned(1, None, ADA), assigned(2, ADA, None), assigned(3, None, BO, actor_id=BO))

    assert measured.credits("new_tickets") == [("ada", "ticket 1 taken")]


def test_new_tickets__a_ticket_that_came_from_somebody_else_is_not_new(measured: "Measured") -> None:
    measured.put(
        *(assigned(1, None, STRANGER), assigned(2, STRANGER, ADA)),
        *(assigned(1, BO, None, ticket_id=2), assigned(2, None, ADA, ticket_id=2)),
    )

    assert measured.of("new_tickets") == []


# --- solved tickets ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "words"), [(ADA, "solved"), (BO, "solved by a colleague"), (None, "solved by a rule")], ids=["own", "other", "rule"]
)
def test_solved_tickets__belong_to_the_assignee_whoever_set_the_status(
    measured: "Measured", actor: int | None, words: str
) -> None:
    measured.put(ticket(assignee_id=BO), assigned(1, None, ADA), solved(2, actor_id=actor), assigned(3, ADA, BO))

    assert measured.credits("solved_tickets") == [("ada", f"ticket 1 {words}")]


def test_solved_tickets__an_assignment_in_the_same_update_is_in_force(measured: "Measured") -> None:
    measured.put(ticket(), assigned(1, None, BO), solved(2), assigned(2, BO, ADA))

    assert [row.engineer for row in measured.of("solved_tickets")] == ["ada"]


def test_solved_tickets__without_an_earlier_change_the_next_one_tells_who_it_was(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=STRANGER), solved(1), assigned(2, ADA, BO), assigned(3, BO, STRANGER))

    assert [row.engineer for row in measured.of("solved_tickets")] == ["ada"]


def test_solved_tickets__without_any_change_the_present_assignee_is_who_it_was(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=BO), solved(1))

    assert [row.engineer for row in measured.of("solved_tickets")] == ["bo"]


def test_solved_tickets__an_unassigned_ticket_belongs_to_nobody_even_if_assigned_later(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=ADA), assigned(0, ADA, None), solved(1), assigned(2, None, ADA))

    assert measured.of("solved_tickets") == []


def test_solved_tickets__twice_in_a_week_counts_once_at_the_first(measured: "Measured") -> None:
    measured.put(assigned(0, None, ADA), solved(1), assigned(2, ADA, BO), solved(3, actor_id=BO))

    assert [(row.engineer, row.at) for row in measured.of("solved_tickets")] == [("ada", MONDAY + timedelta(hours=1))]


def test_solved_tickets__again_in_the_next_week_counts_again(measured: "Measured") -> None:
    measured.put(assigned(0, None, ADA), solved(1), solved(1 + 7 * 24))

    assert [row.engineer for row in measured.of("solved_tickets")] == ["ada", "ada"]


def test_solved_tickets__the_week_is_that_of_the_teams_zone(measured: "Measured") -> None:
    """Sunday 23:30 in UTC is Monday 00:30 in Lisbon's summer, so the two solves lie in two reporting weeks."""
    sunday = datetime(2026, 7, 5, 22, 30, tzinfo=UTC)
    measured.put(ticket(assignee_id=ADA), _at(solved(0), sunday), _at(solved(0), sunday + timedelta(hours=1)))

    assert len(measured.of("solved_tickets")) == 2


def _at(moved: TicketEvent, moment: datetime) -> TicketEvent:
    return TicketEvent(
        id=moved.id,
        ticket_id=moved.ticket_id,
        at=moment,
        actor_id=moved.actor_id,
        kind=moved.kind,
        old=moved.old,
        new=moved.new,
        created=moved.created,
    )


def test_solved_tickets__closing_without_solving_does_not_count(measured: "Measured") -> None:
    measured.put(
        ticket(assignee_id=ADA), event("status", 1, old="open", new="closed"), event("status", 2, old="open", new="hold")
    )

    assert measured.of("solved_tickets") == []


# --- comments ---------------------------------------------------------------------------------


def test_comments__belong_to_who_made_the_update_and_say_whose_ticket(measured: "Measured") -> None:
    measured.put(
        *(ticket(1, ADA), ticket(2, BO), ticket(3)),
        *(event("comment", 1, new="public", ticket_id=number) for number in (1, 2, 3)),
        event("comment", 2, new="internal", actor_id=BO),
        event("comment", 2, new="public", actor_id=STRANGER),
        event("comment", 2, new="public", actor_id=None),
    )

    assert measured.credits("public_comments") == [
        ("ada", "public comment on ticket 1"),
        ("ada", "public comment on ticket 2, a colleague's"),
        ("ada", "public comment on ticket 3, unassigned"),
    ]
    assert measured.credits("internal_notes") == [("bo", "internal note on ticket 1, a colleague's")]


# --- whose tickets the replies are on ---------------------------------------------------------------


def reply(hours: float, **fields: Any) -> TicketEvent:
    return event("comment", hours, **({"new": "public"} | fields))


def shares(measured: "Measured") -> list[tuple[str, float, str]]:
    return [(row.engineer, row.value, row.note) for row in measured.of("own_ticket_reply_share")]


def test_own_ticket_reply_share__each_public_reply_is_a_case_and_those_on_own_tickets_hold(measured: "Measured") -> None:
    measured.put(
        *(ticket(1, ADA), ticket(2, BO), ticket(3)),
        *(reply(number, ticket_id=number) for number in (1, 2, 3)),
        event("comment", 4, new="internal"),
        reply(5, actor_id=STRANGER),
    )

    assert shares(measured) == [
        ("ada", 1, "public reply on ticket 1, their own"),
        ("ada", 0, "public reply on ticket 2, a colleague's"),
        ("ada", 0, "public reply on ticket 3, unassigned"),
    ]


def test_own_ticket_reply_share__what_counts_is_whose_ticket_it_was_then(measured: "Measured") -> None:
    measured.put(
        ticket(assignee_id=BO), assigned(0, None, BO), reply(1), assigned(2, BO, ADA), reply(2), assigned(3, ADA, BO), reply(4)
    )

    assert [value for _, value, _ in shares(measured)] == [0, 1, 0]


def test_own_ticket_reply_share__the_opening_comment_is_no_reply(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=ADA), reply(0, created=True), reply(1))

    assert len(shares(measured)) == 1


# --- how long until the first solve -------------------------------------------------------------------


def status(hours: float, old: str | None, new: str, **fields: Any) -> TicketEvent:
    return event("status", hours, **({"old": old, "new": new} | fields))


def resolutions(measured: "Measured") -> list[tuple[str, float, str]]:
    return [(row.engineer, row.value, row.note) for row in measured.of("time_to_resolve")]


def test_time_to_resolve__is_from_creation_to_the_first_solve(measured: "Measured") -> None:
    measured.put(
        ticket(assignee_id=ADA),
        *(status(0, None, "new"), status(1, "new", "open"), status(6, "open", "pending"), status(30.5, "pending", "solved")),
    )

    assert resolutions(measured) == [("ada", 30.5, "ticket 1, saas")]


def test_time_to_resolve__leaves_out_time_on_hold(measured: "Measured") -> None:
    measured.put(
        ticket(assignee_id=ADA),
        *(status(0, None, "new"), status(2, "new", "hold"), status(12, "hold", "open")),
        *(status(14, "open", "hold"), status(20, "hold", "solved")),
    )

    assert resolutions(measured) == [("ada", 4, "ticket 1, saas, without 16 hours on hold")]


def test_time_to_resolve__a_ticket_solved_again_counts_once_for_whom_it_was_then(measured: "Measured") -> None:
    measured.put(
        *(ticket(assignee_id=BO), assigned(0, None, ADA), assigned(5, ADA, BO)),
        *(status(0, None, "new"), status(4, "new", "solved"), status(6, "solved", "hold"), status(9, "hold", "solved")),
    )

    assert resolutions(measured) == [("ada", 4, "ticket 1, saas")]


def test_time_to_resolve__a_ticket_whose_beginning_was_not_gathered_is_left_out(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=ADA), status(1, "hold", "open"), status(2, "open", "solved"))

    assert resolutions(measured) == []


def test_time_to_resolve__a_ticket_closed_without_a_solve_is_left_out(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=ADA), status(0, None, "new"), status(2, "new", "closed"))

    assert resolutions(measured) == []


# --- all together -----------------------------------------------------------------------------


def test_tickets__the_state_seen_last_is_the_present_one_in_whatever_order_it_came(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=BO, seen_at=MONDAY + timedelta(days=2)))
    measured.put(ticket(assignee_id=ADA, seen_at=MONDAY), solved(1))

    assert [row.engineer for row in measured.of("solved_tickets")] == ["bo"]


def test_events__committed_twice_count_once(measured: "Measured") -> None:
    facts = (ticket(assignee_id=ADA), solved(1), event("comment", 1, new="public"))
    measured.put(*facts)
    measured.put(*facts)

    counted = Counter(row.measure for row in measured.evidence())
    assert {measure: counted[measure] for measure in ("solved_tickets", "solved_by_hand", "public_comments")} == {
        "solved_tickets": 1,
        "solved_by_hand": 1,
        "public_comments": 1,
    }


def test_measures__agree_with_a_plain_count_over_random_histories(measured: "Measured") -> None:
    chance = random.Random(46)
    tickets = [ticket(number, chance.choice([None, ADA, BO, STRANGER])) for number in range(200)]
    events = [made for known in tickets for made in _history(chance, known)]
    chance.shuffle(events)
    measured.put(*tickets, *events)

    expected = _plain_count(tickets, events)
    named = {(measure, who) for measure, who, _ in expected}
    compared = {measure for measure, _ in named}
    found = Counter((row.measure, row.engineer, row.value) for row in measured.evidence() if row.measure in compared)

    assert found == expected
    assert len(named) == 12, "every ticket measure has something for both"


def _history(chance: random.Random, known: Ticket) -> list[TicketEvent]:
    """Changes at full hours, so that several often share a moment; old and new need not join, as in a damaged export."""
    words_of: dict[str, list[str | None]] = {
        "assignee": [None, "1", "2", "99"],
        "status": [None, "open", "pending", "hold", "solved", "closed"],
        "comment": ["public", "internal"],
    }
    made = []
    for _ in range(chance.randrange(12)):
        kind = chance.choice(list(words_of))
        words = words_of[kind]
        actor = chance.choice([None, ADA, BO, STRANGER])
        old = None if kind == "comment" else chance.choice(words)
        made.append(event(kind, chance.randrange(500), ticket_id=known.id, old=old, new=chance.choice(words), actor_id=actor))
    return made


def _plain_count(tickets: Sequence[Ticket], events: Sequence[TicketEvent]) -> Counter[tuple[str, str, float]]:
    names = {ADA: "ada", BO: "bo"}
    counted: list[tuple[str, int | None, float]] = []
    for known in tickets:
        mine = sorted((e for e in events if e.ticket_id == known.id), key=lambda e: (e.at, e.id))
        changes = [e for e in mine if e.kind == "assignee"]
        if changes and changes[0].old is None and changes[0].new is not None:
            counted.append(("new_tickets", int(changes[0].new), 1))
        counted += _first_solve(known, mine, changes)
        weeks: set[Week] = set()
        for made in mine:
            if made.kind == "comment":
                counted.append(("public_comments" if made.new == "public" else "internal_notes", made.actor_id, 1))
            if made.kind == "comment" and made.new == "public":
                is_own = made.actor_id == _assignee_at(made.at, changes, known)
                counted.append(("own_ticket_reply_share", made.actor_id, float(is_own)))
            week = Week.containing(_lisbon_day(made.at))
            if made.kind == "status" and made.new == "solved" and week not in weeks:
                weeks.add(week)
                counted.append(("solved_tickets", _assignee_at(made.at, changes, known), 1))
    return Counter((measure, names[who], value) for measure, who, value in counted if who in names)


def _first_solve(
    known: Ticket, mine: Sequence[TicketEvent], changes: Sequence[TicketEvent]
) -> list[tuple[str, int | None, float]]:
    """Hour by hour, as somebody with a calendar and a pencil would: every event of these histories is at a full hour."""
    statuses = [e for e in mine if e.kind == "status"]
    first = next((at for at, e in enumerate(statuses) if e.new == "solved"), None)
    if first is None or statuses[0].old is not None:
        return []
    until_then = pairwise(statuses[: first + 1])
    hours = sum((until.at - since.at).total_seconds() / 3600 for since, until in until_then if since.new != "hold")
    return [("time_to_resolve", _assignee_at(statuses[first].at, changes, known), hours)]


def _assignee_at(moment: datetime, changes: Sequence[TicketEvent], known: Ticket) -> int | None:
    before = [change for change in changes if change.at <= moment]
    after = [change for change in changes if change.at > moment]
    if not changes:
        return known.assignee_id
    name = before[-1].new if before else after[0].old
    return None if name is None else int(name)


def _lisbon_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo("Europe/Lisbon")).date()


# --- several accounts -------------------------------------------------------------------------


def test_accounts__what_another_account_of_somebody_does_is_theirs(measured: "Measured") -> None:
    measured.put(
        ticket(),
        assigned(1, None, BO_BEFORE, actor_id=BO),
        event("comment", 2, actor_id=BO_BEFORE, new="public"),
        event("comment", 3, actor_id=BO, new="public"),
        solved(4, actor_id=BO),
    )

    assert measured.credits("new_tickets") == [("bo", "ticket 1 taken, saas")]
    assert [row.value for row in measured.of("own_ticket_reply_share")] == [1.0, 1.0]
    assert measured.credits("solved_tickets") == [("bo", "ticket 1 solved")]
