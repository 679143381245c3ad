"""Facts of tickets in a few words, for the tests of measures: hours are counted from Monday 9 November 2026, 00:00 UTC."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from reports.core.facts import Agent, SatisfactionRating, Ticket, TicketEvent, TicketMetricEvent
from tests.unit.measures.conftest import BOT_BY_SETTING

#: Ada and Bo are engineers of the team, Dee an agent who is not, Lou a light agent; the rest are no people who answer.
ADA, BO, DEE, LOU, REQUESTER, ROBOT, ROBOT_BY_SETTING = 1, 2, 50, 51, 900, 70, BOT_BY_SETTING
RULE = None
MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
_numbers = count(1)


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def agents() -> tuple[Agent, ...]:
    plain: dict[str, Any] = {"is_active": True, "is_bot": False, "seen_at": MONDAY}
    return (
        Agent(**(plain | {"id": ADA, "role": "agent"})),
        Agent(**(plain | {"id": DEE, "role": "admin"})),
        Agent(**(plain | {"id": LOU, "role": "light_agent"})),
        Agent(**(plain | {"id": ROBOT, "role": "agent", "is_bot": True})),
        Agent(**(plain | {"id": ROBOT_BY_SETTING, "role": "agent"})),
    )


def ticket(ticket_id: int = 1, **fields: Any) -> Ticket:
    plain: dict[str, Any] = {
        "id": ticket_id,
        "url": f"https://acme.zendesk.example.com/agent/tickets/{ticket_id}",
        "status": "open",
        "priority": "normal",
        "ticket_form": "saas",
        "assignee_id": None,
        "tags": (),
        "created_at": MONDAY,
        "solved_at": None,
        "seen_at": at(1000),
    }
    return Ticket(**(plain | fields))


def event(kind: str, hours: float, *, ticket_id: int = 1, **fields: Any) -> TicketEvent:
    plain: dict[str, Any] = {"actor_id": ADA, "old": None, "new": None, "created": False}
    return TicketEvent(id=next(_numbers), ticket_id=ticket_id, at=at(hours), kind=kind, **(plain | fields))


def opened(hours: float = 0, *, by: int | None = REQUESTER, priority: str | None = None, ticket_id: int = 1) -> list[TicketEvent]:
    """The events of a creating update: the status, the opening comment, and a priority if one was set at once."""
    creating: dict[str, Any] = {"ticket_id": ticket_id, "actor_id": by, "created": True}
    events = [event("status", hours, new="new", **creating), event("comment", hours, new="public", **creating)]
    return events + ([event("priority", hours, new=priority, **creating)] if priority else [])


def assigned(hours: float, old: int | None, new: int | None, **fields: Any) -> TicketEvent:
    names = {"old": None if old is None else str(old), "new": None if new is None else str(new)}
    return event("assignee", hours, **(names | fields))


def status(hours: float, old: str | None, new: str, **fields: Any) -> TicketEvent:
    return event("status", hours, **({"old": old, "new": new} | fields))


def reply(hours: float, by: int | None = ADA, **fields: Any) -> TicketEvent:
    return event("comment", hours, **({"new": "public", "actor_id": by} | fields))


def note(hours: float, by: int | None = ADA, **fields: Any) -> TicketEvent:
    return event("comment", hours, **({"new": "internal", "actor_id": by} | fields))


def prioritised(hours: float, old: str | None, new: str | None, **fields: Any) -> TicketEvent:
    return event("priority", hours, **({"old": old, "new": new} | fields))


def tagged(hours: float, tag: str, **fields: Any) -> TicketEvent:
    return event("tag", hours, **({"new": tag} | fields))


def merged(hours: float, by: int = ADA, ticket_id: int = 1) -> list[TicketEvent]:
    """The update that closes a ticket into another: a notice, the status and the tag."""
    made: dict[str, Any] = {"ticket_id": ticket_id, "actor_id": by}
    return [
        reply(hours, by, ticket_id=ticket_id),
        status(hours, "open", "closed", **made),
        tagged(hours, "closed_by_merge", **made),
    ]


def step(kind: str, hours: float, *, ticket_id: int = 1, instance: int = 1, **fields: Any) -> TicketMetricEvent:
    """A step of the reply time."""
    plain: dict[str, Any] = {
        "metric": "reply_time",
        "policy_id": None,
        "target_seconds": None,
        "in_business_hours": None,
        "is_deleted": False,
    }
    return TicketMetricEvent(
        id=next(_numbers), ticket_id=ticket_id, at=at(hours), instance=instance, kind=kind, **(plain | fields)
    )


def applied(hours: float, target_hours: float | None = 4, **fields: Any) -> TicketMetricEvent:
    target = None if target_hours is None else int(3600 * target_hours)
    return step("apply_sla", hours, **({"policy_id": 5, "target_seconds": target, "in_business_hours": False} | fields))


def rated(hours: float, score: str, rating: str = "1", ticket_id: int = 1, assignee_id: int | None = ADA) -> SatisfactionRating:
    return SatisfactionRating(id=rating, ticket_id=ticket_id, at=at(hours), score=score, assignee_id=assignee_id)
