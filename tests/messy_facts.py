"""Facts of a few hundred tickets and changes at random, with gaps, ties, strangers and what makes no sense."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from reports.core.facts import (
    BusinessHours,
    Fact,
    MergeRequest,
    OnCallPage,
    SatisfactionRating,
    Ticket,
    TicketEvent,
    TicketMetricEvent,
    UserEvent,
    WorkItem,
    WorkItemEvent,
)
from tests.unit.measures.ticket_stories import ADA, BO, DEE, LOU, REQUESTER, ROBOT, ROBOT_BY_SETTING, agents

#: Lisbon's clocks change on 29 March and 25 October, those of Lord Howe by half an hour.
SPANS = (datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 16, tzinfo=UTC))
_OTHER_BO, _NOBODY_KNOWN = 22, 888
_PEOPLE = (ADA, ADA, ADA, BO, BO, _OTHER_BO, DEE, LOU, REQUESTER, REQUESTER, ROBOT, ROBOT_BY_SETTING, _NOBODY_KNOWN, None)
_ASSIGNEES = ("1", "1", "2", "22", "50", "888", None)
_STATUSES = ("new", "open", "pending", "hold", "solved", "solved", "closed")
_PRIORITIES = ("low", "normal", "high", "urgent", None)
_TAGS = ("escalated", "star", "other", "closed_by_merge")
_PROMISED = ("2026-03-28", "2026-03-29", "2026-04-02", "2026-10-24", "2026-10-25", "2026-10-28", "soon", None)
_GITLAB = ("ada", "ADA", "bo", "Bo-Old", "cy", "stranger")


def messy_facts(tickets: int, seed: int) -> Iterator[Fact]:
    """All that there is of so many tickets, and as many other things; the same for the same seed."""
    chance = Random(seed)
    yield from agents()
    yield from _schedules()
    for number in range(1, tickets + 1):
        yield from _ticket(chance, number)
        yield from _gitlab(chance, number)


def _schedules() -> Iterator[BusinessHours]:
    office = tuple((1440 * day + 540, 1440 * day + 1020) for day in range(1, 6))
    nights = ((0, 90), (60, 600), (1440 * 3, 1440 * 4 + 30), *office)
    versions: tuple[tuple[int, str, str, Any, bool], ...] = (
        (1, "2026-03-25", "Europe/Lisbon", nights, True),
        (2, "2026-03-26", "Australia/Lord_Howe", nights, False),
        (1, "2026-10-20", "Europe/Lisbon", nights, False),
        (2, "2026-10-20", "Australia/Lord_Howe", nights, True),
        (1, "2026-10-27", "Middle Earth", office, True),
        (2, "2026-10-28", "America/New_York", (), False),
        (1, "2026-10-29", "America/New_York", office, True),
    )
    for schedule, since, zone, hours, is_default in versions:
        yield BusinessHours(
            schedule_id=schedule,
            valid_from=datetime.fromisoformat(since).replace(tzinfo=UTC),
            is_default=is_default,
            time_zone=zone,
            opens=tuple(opens for opens, _ in hours),
            closes=tuple(closes for _, closes in hours),
            holidays=("2026-03-30/2026-03-31", "2026-10-22/2026-10-22"),
        )


def _moments(chance: Random, about: int) -> list[datetime]:
    """Up to twice so many in order, now and then several at once and some on the hour."""
    moment = chance.choice(SPANS) + timedelta(seconds=chance.randrange(10 * 86400))
    found = []
    for _ in range(chance.randrange(2 * about)):
        if chance.random() < 0.85:
            moment += timedelta(microseconds=chance.randrange(2 * 86400 * 10**6))
        if chance.random() < 0.1:
            moment = moment.replace(minute=0, second=0, microsecond=0)
        found.append(moment)
    return found


def _ticket(chance: Random, number: int) -> Iterator[Fact]:
    moments = _moments(chance, 18)
    has_state, has_beginning = chance.random() < 0.95, chance.random() < 0.8
    for place, moment in enumerate(moments):
        kinds = ("status", "comment") if place == 0 and has_beginning else (_kind(chance),)
        for more, kind in enumerate(kinds):
            old, new = _change(chance, kind)
            yield TicketEvent(
                id=1_000_000 + 1000 * number + 2 * place + more,
                ticket_id=number,
                at=moment,
                actor_id=_actor(chance, place, kind, new),
                kind=kind,
                old=None if place == 0 else old,
                new=("new" if kind == "status" else "public") if place == 0 and has_beginning else new,
                created=place == 0 and has_beginning,
            )
    if has_state:
        yield _state(chance, number, moments[0] if moments else chance.choice(SPANS))
    yield from _replies(chance, number, moments)
    for place in range(chance.randrange(3)):
        yield SatisfactionRating(
            id=f"r{number}-{place}",
            ticket_id=number,
            at=chance.choice(SPANS) + timedelta(hours=chance.randrange(400)),
            score=chance.choice(("good", "good", "bad", "offered")),
            assignee_id=chance.choice(_PEOPLE),
        )


def _actor(chance: Random, place: int, kind: str, new: str | None) -> int | None:
    if place == 0 and chance.random() < 0.8:
        return REQUESTER
    return int(new) if kind == "assignee" and new and chance.random() < 0.5 else chance.choice(_PEOPLE)


def _kind(chance: Random) -> str:
    return chance.choice(
        ("status", "status", "status", "comment", "comment", "comment", "assignee", "priority", "tag", "next_update")
    )


def _change(chance: Random, kind: str) -> tuple[str | None, str | None]:
    words: dict[str, tuple[str | None, ...]] = {
        "status": _STATUSES,
        "assignee": _ASSIGNEES,
        "priority": _PRIORITIES,
        "next_update": _PROMISED,
    }
    if kind == "comment":
        return None, chance.choice(("public", "public", "internal"))
    if kind == "tag":
        tag = _TAGS[-1] if chance.random() < 0.02 else chance.choice(_TAGS[:-1])
        return (None, tag) if chance.random() < 0.8 else (tag, None)
    return chance.choice(words[kind]), chance.choice(words[kind])


def _state(chance: Random, number: int, created_at: datetime) -> Ticket:
    return Ticket(
        id=number,
        url=f"https://acme.zendesk.example.com/agent/tickets/{number}",
        status=chance.choice(_STATUSES),
        priority=chance.choice(_PRIORITIES) or "",
        ticket_form=chance.choice(("saas", "self-managed", "")),
        assignee_id=chance.choice(_PEOPLE),
        tags=tuple(chance.sample(_TAGS, chance.randrange(3))) if chance.random() < 0.1 else (),
        created_at=created_at,
        solved_at=None,
        seen_at=created_at + timedelta(days=chance.randrange(1, 40)),
        by_ai_agent=chance.random() < 0.1,
    )


def _replies(chance: Random, number: int, moments: list[datetime]) -> Iterator[TicketMetricEvent]:
    """Steps of the reply time, most of them at the moment of some event."""
    for place, moment in enumerate(moments):
        kind = chance.choice(("apply_sla", "apply_sla", "fulfill", "fulfill", "breach", "activate"))
        yield TicketMetricEvent(
            id=2_000_000 + 1000 * number + place,
            ticket_id=number,
            at=moment,
            metric="reply_time" if chance.random() < 0.95 else "agent_work_time",
            instance=1 + place // 9,
            kind=kind,
            policy_id=5 if kind == "apply_sla" else None,
            target_seconds=chance.choice((3600, 7200, None)) if kind == "apply_sla" else None,
            in_business_hours=False if kind == "apply_sla" else None,
            is_deleted=chance.random() < 0.05,
        )


def _gitlab(chance: Random, number: int) -> Iterator[Fact]:
    moment = chance.choice(SPANS) + timedelta(seconds=chance.randrange(20 * 86400))
    title = chance.choice(("", f"Change {number}", "a\\b 'c' \"d\" 100 % ü"))
    where: dict[str, Any] = {
        "project": "acme/product",
        "iid": number,
        "title": title,
        "url": f"https://gitlab.example.com/{number}",
    }
    labels = tuple(chance.sample(("documentation", "Support Team Contributions", "backend"), chance.randrange(4)))
    area = chance.choice(("product", "handbook", "training"))
    yield MergeRequest(id=f"m{number}", area=area, author=chance.choice(_GITLAB), labels=labels, merged_at=moment, **where)
    tasks = chance.randrange(4)
    yield WorkItem(
        id=f"i{number}",
        area=chance.choice(("product", "pairing", "training", "attention_request", "feedback")),
        author=chance.choice(_GITLAB),
        assignees=tuple(chance.sample(_GITLAB, chance.randrange(4))),
        labels=(),
        created_at=moment,
        closed_at=moment + timedelta(days=3) if chance.random() < 0.6 else None,
        closed_by=chance.choice((*_GITLAB, "")),
        tasks=tasks,
        tasks_done=chance.randrange(tasks + 1),
        **where,
    )
    for place in range(chance.randrange(4)):
        at = moment + timedelta(hours=chance.randrange(3))
        kind = chance.choice(("closed", "closed", "reopened", "label_added"))
        yield WorkItemEvent(id=f"e{number}-{place}", item=f"i{number}", at=at, actor=chance.choice(_GITLAB), kind=kind, label="")
    yield UserEvent(
        id=f"u{number}",
        author=chance.choice(_GITLAB),
        at=moment,
        action=chance.choice(("pushed to", "commented on", "")),
        target=chance.choice(("Issue", "")),
        project=chance.choice(("acme/product", "")),
        url="",
    )
    yield OnCallPage(
        id=f"p{number}", responder_id=chance.choice(("PADA", "PXXX")), at=moment, url="https://acme.pagerduty.example.com/1"
    )
