from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.measures.ticket_stories import (
    ADA,
    BO,
    DEE,
    LOU,
    MONDAY,
    REQUESTER,
    ROBOT,
    ROBOT_BY_SETTING,
    RULE,
    agents,
    applied,
    assigned,
    at,
    event,
    merged,
    note,
    opened,
    prioritised,
    reply,
    status,
    step,
    ticket,
)

if TYPE_CHECKING:
    from reports.core.facts import Fact
    from tests.unit.measures.conftest import Measured


def whose_first_reply(measured: "Measured") -> list[tuple[str, datetime]]:
    return [(row.engineer, row.at) for row in measured.of("first_replies")]


# --- first replies --------------------------------------------------------------------------------


def test_first_replies__belong_to_who_wrote_them_whoever_had_the_ticket_then_or_later(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(assignee_id=BO),
        *opened(),
        assigned(1, None, BO),
        note(2),
        reply(3, ADA),
        reply(4, BO),
        assigned(5, BO, DEE),
    )

    assert whose_first_reply(measured) == [("ada", at(3))]
    assert [(row.engineer, row.value, row.category) for row in measured.of("first_reply_hours")] == [("ada", 3.0, "normal")]


@pytest.mark.parametrize("nobody", [ROBOT, ROBOT_BY_SETTING, RULE, REQUESTER, LOU], ids=str)
def test_first_replies__what_no_person_who_may_answer_says_first_is_none(measured: "Measured", nobody: int | None) -> None:
    measured.put(*agents(), ticket(), *opened(), reply(1, nobody), reply(5, ADA))

    assert whose_first_reply(measured) == [("ada", at(5))]


def test_first_replies__an_agent_beside_the_team_answers_too_and_the_second_is_not_the_first(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(), reply(1, DEE), reply(5, ADA))

    assert whose_first_reply(measured) == []
    assert [(row.engineer, row.value) for row in measured.of("first_reply_p50")] == [("", 1.0)]


def test_first_replies__a_ticket_that_an_agent_opened_waits_for_none(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(by=ADA), reply(1, REQUESTER), reply(5, ADA))

    assert whose_first_reply(measured) == []


def test_first_replies__one_that_a_bot_opened_for_a_requester_waits(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(by=ROBOT), reply(5, ADA))

    assert whose_first_reply(measured) == [("ada", at(5))]


def test_first_replies__of_a_ticket_that_began_before_anything_was_gathered_nobody_knows(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), status(0, "open", "pending"), reply(5, ADA))

    assert whose_first_reply(measured) == []


def test_first_replies__a_merged_ticket_has_none_and_its_notice_is_no_comment(measured: "Measured") -> None:
    measured.put(*agents(), ticket(1, tags=("closed_by_merge",), assignee_id=BO), *opened(), note(1), *merged(2), ticket(2))

    assert whose_first_reply(measured) == []
    assert measured.of("public_comments") == []
    assert measured.of("own_ticket_reply_share") == []
    assert [row.at for row in measured.of("comments_on_others_tickets")] == [at(1)]


def test_first_reply_hours__go_by_the_priority_at_the_moment_of_the_reply(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(priority="low"),
        *opened(priority="normal"),
        prioritised(1, "normal", "urgent"),
        reply(2),
        prioritised(3, "urgent", "low"),
    )

    assert [(row.value, row.category, row.note) for row in measured.of("first_reply_hours")] == [
        (2.0, "urgent", "first reply on ticket 1, urgent")
    ]


# --- on others' tickets ---------------------------------------------------------------------------


def test_comments_on_others_tickets__are_on_what_was_somebody_elses_then(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(1, assignee_id=ADA),
        *opened(),
        note(1),
        assigned(2, None, BO),
        note(3),
        reply(4),
        assigned(5, BO, ADA),
        note(6),
        ticket(2, assignee_id=BO),
        *opened(by=ADA, ticket_id=2),
    )

    assert [(row.engineer, row.at, row.category) for row in measured.of("comments_on_others_tickets")] == [
        ("ada", at(3), "internal"),
        ("ada", at(4), "public"),
    ]


# --- service levels -------------------------------------------------------------------------------


def answered(hours: float = 3, by: int | None = ADA, *, instance: int = 1, ticket_id: int = 1) -> "list[Fact]":
    """A public comment and the step that it fulfils."""
    return [reply(hours, by, ticket_id=ticket_id), step("fulfill", hours, instance=instance, ticket_id=ticket_id)]


def verdicts(measured: "Measured", measure: str = "first_reply_sla") -> list[tuple[str, datetime, float, str]]:
    return [(row.engineer, row.at, row.value, row.category) for row in measured.of(measure)]


def test_sla__a_reply_without_breach_is_in_time_and_one_after_it_is_not(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(1),
        *opened(),
        step("activate", 0),
        applied(0),
        *answered(3),
        ticket(2),
        applied(0, ticket_id=2),
        step("breach", 4, ticket_id=2),
        *answered(6.5, BO, ticket_id=2),
        ticket(3),
        applied(0, ticket_id=3),
        step("breach", 3, ticket_id=3),
        *answered(3, ticket_id=3),
    )

    assert verdicts(measured) == [("ada", at(3), 0.0, "normal"), ("ada", at(3), 1.0, "normal"), ("bo", at(6.5), 0.0, "normal")]
    assert measured.credits("first_reply_sla")[-1] == ("bo", "first reply on ticket 2, normal, 2.5 hours late")
    assert verdicts(measured, "next_reply_sla") == []


def test_sla__credit_is_of_who_replied_not_of_who_had_the_ticket_or_has_it(measured: "Measured") -> None:
    measured.put(
        *agents(), ticket(assignee_id=DEE), *opened(), applied(0), assigned(1, None, BO), *answered(3), assigned(4, BO, DEE)
    )

    assert [who for who, *_ in verdicts(measured)] == ["ada"]


def test_sla__later_replies_are_next_replies(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(),
        *opened(),
        applied(0),
        *answered(3),
        applied(10, instance=2),
        *answered(11, BO, instance=2),
        applied(20, instance=3),
        step("breach", 24, instance=3),
        *answered(25, ADA, instance=3),
    )

    assert [who for who, *_ in verdicts(measured)] == ["ada"]
    assert verdicts(measured, "next_reply_sla") == [("ada", at(25), 0.0, "normal"), ("bo", at(11), 1.0, "normal")]
    assert len(verdicts(measured, "next_reply_attainment")) == 2


def test_sla__a_breach_that_was_taken_back_is_none(measured: "Measured") -> None:
    """The policy changed in mid-flight: the first target was missed, Zendesk took that back, and the second was kept."""
    measured.put(
        *agents(),
        ticket(priority="low"),
        *opened(priority="high"),
        applied(0, 1),
        step("breach", 1, is_deleted=True),
        prioritised(2, "high", "low"),
        applied(2, 24),
        *answered(6),
        prioritised(8, "low", "urgent"),
        applied(8, 0.5),
    )

    assert verdicts(measured) == [("ada", at(6), 1.0, "low")]


def test_sla__the_priority_is_that_of_the_moment_the_target_was_applied(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(priority="urgent"),
        *opened(priority="normal"),
        applied(0),
        prioritised(2, "normal", "urgent"),
        *answered(3),
    )

    assert [category for *_, category in verdicts(measured)] == ["normal"]


def test_sla__a_target_that_came_with_the_reply_is_too_late_to_count(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(priority="normal"), *answered(3), applied(3))

    assert verdicts(measured) == []


def test_sla__without_a_policy_there_is_no_case(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(), applied(0), applied(1, None, policy_id=None), *answered(3))

    assert verdicts(measured) == []
    assert verdicts(measured, "first_reply_attainment") == []


def test_sla__an_open_one_counts_once_it_is_late_and_for_nobody(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(1),
        *opened(),
        applied(0),
        step("breach", 4),
        ticket(2),
        applied(0, ticket_id=2),
    )

    assert verdicts(measured) == []
    assert verdicts(measured, "first_reply_attainment") == [("", at(4), 0.0, "normal")]
    assert measured.credits("first_reply_attainment") == [("", "first reply on ticket 1, normal, still waiting")]


@pytest.mark.parametrize(("measure", "instance"), [("first_reply_attainment", 1), ("next_reply_attainment", 2)])
def test_sla__what_an_ai_agent_handles_is_not_late(measured: "Measured", measure: str, instance: int) -> None:
    measured.put(
        *(*agents(), ticket(1, by_ai_agent=True), ticket(2)),
        *(applied(0, instance=instance), step("breach", 4, instance=instance)),
        *(applied(0, instance=instance, ticket_id=2), step("breach", 5, instance=instance, ticket_id=2)),
    )

    assert verdicts(measured, measure) == [("", at(5), 0.0, "normal")]


def test_sla__a_late_one_stays_where_the_time_ran_out_when_it_is_answered_after_all(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(), applied(0), step("breach", 4), *answered(200, BO))

    assert verdicts(measured, "first_reply_attainment") == [("bo", at(4), 0.0, "normal")]
    assert verdicts(measured) == [("bo", at(200), 0.0, "normal")]


@pytest.mark.parametrize("nobody", [ROBOT, ROBOT_BY_SETTING, RULE], ids=str)
def test_sla__what_a_bot_answers_counts_for_nobody(measured: "Measured", nobody: int | None) -> None:
    measured.put(*agents(), ticket(), *opened(), applied(0), *answered(0.1, nobody), reply(2, ADA))

    assert verdicts(measured) == []
    assert verdicts(measured, "first_reply_attainment") == []


def test_sla__a_ticket_solved_without_a_word_is_the_organisations_only(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(), applied(0), status(2, "new", "solved"), step("fulfill", 2))

    assert verdicts(measured) == []
    assert verdicts(measured, "first_reply_attainment") == [("", at(2), 1.0, "normal")]


def test_sla__other_metrics_and_merged_tickets_are_left_out(measured: "Measured") -> None:
    other: dict[str, Any] = {"metric": "agent_work_time"}
    measured.put(
        *agents(),
        ticket(1),
        applied(0, **other),
        step("fulfill", 3, **other),
        reply(3),
        ticket(2, tags=("closed_by_merge",)),
        applied(0, ticket_id=2),
        *answered(3, ticket_id=2),
        ticket(3),
        applied(0, ticket_id=3, instance=0),
        *answered(3, ticket_id=3, instance=0),
    )

    assert verdicts(measured) == []


def test_sla__a_requester_who_writes_in_the_same_second_takes_no_credit(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(), applied(0), reply(3, REQUESTER), *answered(3, ROBOT), reply(3, REQUESTER))

    assert verdicts(measured, "first_reply_attainment") == []


# --- next updates -----------------------------------------------------------------------------------


def promised(hours: float, old: str | None, new: str | None, by: int | None = ADA) -> "Fact":
    return event("next_update", hours, old=old, new=new, actor_id=by)


def kept(measured: "Measured") -> list[tuple[str, datetime, float]]:
    return [(row.engineer, row.at, row.value) for row in measured.of("next_updates_kept")]


#: Wednesday 11 November ends in Lisbon, whose clocks then are those of UTC, 72 hours after Monday began.
WEDNESDAY, FRIDAY = "2026-11-11", "2026-11-13"
ITS_LAST_INSTANT = datetime(2026, 11, 11, 23, 59, 59, 999999, tzinfo=UTC)


def test_next_updates_kept__by_a_public_answer_until_the_end_of_the_day(measured: "Measured") -> None:
    measured.put(*agents(), ticket(assignee_id=ADA), reply(1), promised(1, None, WEDNESDAY), note(20), reply(71.9))

    assert kept(measured) == [("ada", at(71.9), 1.0)]
    assert measured.credits("next_updates_kept") == [("ada", "ticket 1, next update promised for 2026-11-11")]


@pytest.mark.parametrize(
    "too_little",
    [note(20), reply(20, REQUESTER), reply(20, ROBOT), reply(1), reply(72)],
    ids=["note", "requester", "bot", "the promise itself", "the day after"],
)
def test_next_updates_kept__not_by_anything_less_than_an_answer_in_time(measured: "Measured", too_little: "Fact") -> None:
    measured.put(*agents(), ticket(assignee_id=ADA), promised(1, None, WEDNESDAY), too_little)

    assert kept(measured) == [("ada", ITS_LAST_INSTANT, 0.0)]


def test_next_updates_kept__a_colleagues_answer_keeps_it_for_whose_ticket_it_was(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(assignee_id=DEE),
        assigned(0, None, ADA),
        promised(1, None, WEDNESDAY),
        reply(30, BO),
        assigned(40, ADA, DEE),
    )

    assert kept(measured) == [("ada", at(30), 1.0)]


def test_next_updates_kept__a_promise_goes_with_the_ticket(measured: "Measured") -> None:
    """Ada promised and handed the ticket over; when the day ended it was Bo's, and afterwards Dee's."""
    measured.put(
        *agents(),
        ticket(assignee_id=DEE),
        assigned(0, None, ADA),
        promised(1, None, WEDNESDAY),
        assigned(40, ADA, BO),
        assigned(100, BO, DEE),
    )

    assert kept(measured) == [("bo", ITS_LAST_INSTANT, 0.0)]


def test_next_updates_kept__a_day_that_is_moved_with_an_answer_is_kept_and_the_new_one_begins(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(assignee_id=ADA),
        promised(1, None, WEDNESDAY),
        reply(50),
        promised(50, WEDNESDAY, FRIDAY),
        reply(100),
    )

    assert kept(measured) == [("ada", at(50), 1.0), ("ada", at(100), 1.0)]


def test_next_updates_kept__a_day_that_is_moved_without_a_word_before_it_passed_is_no_case(measured: "Measured") -> None:
    measured.put(*agents(), ticket(assignee_id=ADA), promised(1, None, WEDNESDAY), promised(50, WEDNESDAY, FRIDAY), reply(60))

    assert kept(measured) == [("ada", at(60), 1.0)]


def test_next_updates_kept__a_day_that_is_changed_after_it_passed_stays_as_it_was(measured: "Measured") -> None:
    measured.put(*agents(), ticket(assignee_id=ADA), promised(1, None, WEDNESDAY), promised(80, WEDNESDAY, None), reply(81))

    assert kept(measured) == [("ada", ITS_LAST_INSTANT, 0.0)]


def test_next_updates_kept__a_ticket_that_was_solved_until_then_keeps_nobody_waiting(measured: "Measured") -> None:
    measured.put(*agents(), ticket(assignee_id=ADA), promised(1, None, WEDNESDAY), status(50, "open", "solved"))

    assert kept(measured) == []


def test_next_updates_kept__one_that_was_opened_again_until_then_does(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(assignee_id=ADA),
        promised(1, None, WEDNESDAY),
        status(50, "open", "solved"),
        status(60, "solved", "open", actor_id=REQUESTER),
    )

    assert kept(measured) == [("ada", ITS_LAST_INSTANT, 0.0)]


def test_next_updates_kept__a_day_that_had_passed_and_a_text_that_is_no_day_are_no_cases(measured: "Measured") -> None:
    measured.put(*agents(), ticket(assignee_id=ADA), promised(73, None, WEDNESDAY), promised(74, WEDNESDAY, "soon"))

    assert kept(measured) == []


def test_next_updates_kept__the_day_ends_at_midnight_in_the_teams_zone(measured: "Measured") -> None:
    """In summer Lisbon is an hour ahead of UTC: 23:30 in UTC is the day after."""
    hours = (datetime(2026, 7, 15, 23, 30, tzinfo=UTC) - MONDAY).total_seconds() / 3600
    measured.put(*agents(), ticket(assignee_id=ADA), promised(hours - 48, None, "2026-07-15"), reply(hours))

    assert kept(measured) == [("ada", datetime(2026, 7, 15, 22, 59, 59, 999999, tzinfo=UTC), 0.0)]
