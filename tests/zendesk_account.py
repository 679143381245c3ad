"""A small Zendesk account for tests: few people, and tickets, updates and metric events by number."""

from datetime import UTC, datetime
from typing import Any

from reports.core.people import Team
from reports.sandbox.zendesk_account import account
from reports.sandbox.zendesk_promises import Rating
from reports.sandbox.zendesk_state import SYSTEM, Comment, FieldChange, MetricEvent, TicketUpdate, ZendeskState, ZendeskTicket
from tests import builders

#: Monday 12 January 2026, 06:00 UTC: long past for every computer that runs the tests, which zenpy needs.
NOW = datetime(2026, 1, 12, 6, tzinfo=UTC)
NOW_SECOND = int(NOW.timestamp())
START = NOW_SECOND - 7 * 86_400


def clock() -> datetime:
    """The present of the account."""
    return NOW


def small_account() -> ZendeskState:
    """Two engineers, a manager, an administrator and the requesters; no ticket."""
    team = Team(
        name="Test",
        time_zone="UTC",
        engineers=(builders.engineer("iduarte", zendesk_id=4410001), builders.engineer("jbeck", zendesk_id=4410002)),
        managers=(builders.manager(),),
    )
    return account(team)


def ticket(number: int, at: int, **special: Any) -> ZendeskTicket:
    """A solved ticket of the first engineer, last changed at a second."""
    ordinary: dict[str, Any] = {
        "id": number,
        "subject": f"CANARY subject {number}",
        "description": "CANARY text",
        "requester_id": 5500001,
        "submitter_id": 5500001,
        "status": "solved",
        "created_at": at - 3600,
        "updated_at": at,
        "generated_at": at,
        "assignee_id": 4410001,
        "priority": "normal",
        "tags": ("canary",),
    }
    return ZendeskTicket(**(ordinary | special))


def reply(number: int, at: int, *, public: bool = True) -> TicketUpdate:
    """An update with a comment by the first engineer that also solves the ticket."""
    children = (
        Comment(number * 10 + 1, 4410001, public, "CANARY reply"),
        FieldChange(number * 10 + 2, "status", "solved", "open"),
    )
    return TicketUpdate(at, number * 10, 1, 4410001, "Web form", False, children)


def taken(number: int, at: int) -> TicketUpdate:
    """An update by the system that assigns a ticket to the first engineer."""
    return TicketUpdate(at, number * 10, 1, SYSTEM, "Rule", False, (FieldChange(number * 10 + 1, "assignee_id", 4410001, None),))


def measured(number: int, at: int) -> MetricEvent:
    """A metric event."""
    return MetricEvent(at, number, 1, "reply_time", 1, "fulfill")


def promised(number: int, at: int) -> MetricEvent:
    """A metric event that applies the account's policy."""
    return MetricEvent(at, number, 1, "reply_time", 1, "apply_sla", target=480, policy_id=8800101, in_business_hours=True)


def rating(number: int, at: int = START) -> Rating:
    """A good rating of a ticket by the first requester."""
    return Rating(
        id=number,
        ticket_id=number,
        requester_id=5500001,
        assignee_id=4410001,
        group_id=7700001,
        score="good",
        comment="CANARY words",
        sent_at=at,
        rated_at=at,
    )
