"""What else happens to a made-up ticket beside the work on it: tags, triage, priorities, promises, a light agent, a rating.

All of it is laid over a finished life with chances of its own, so that nobody's work depends on it.
"""

from bisect import insort
from datetime import UTC, date, datetime
from random import Random

from reports.sandbox import phrases
from reports.sandbox.chance import between, pick
from reports.sandbox.ticket_life import Change, Draft, Said, TicketLife
from reports.sandbox.zendesk_account import FORM_IDS, LIGHT_AGENT_ID, NEXT_UPDATE_FIELD, POLICY
from reports.sandbox.zendesk_promises import Rating
from reports.sandbox.zendesk_state import SYSTEM

HOUR, DAY = 3600, 86_400
#: Tags that are put on a ticket in the course of it, not with it.
LATER_TAGS = frozenset({"account_escalation", "closed_by_merge"})
_PRIORITIES = ("low", "normal", "high", "urgent")


def add_details(life: TicketLife, rng: Random) -> None:
    """Lay everything but ratings over a life."""
    _tag(life, rng)
    _triage(life, rng)
    _change_priority(life, rng)
    _promise_updates(life, rng)
    _hear_a_light_agent(life, rng)


def _tag(life: TicketLife, rng: Random) -> None:
    """Tags with the request, one of which names the customer; others with the first or the last update after it."""
    first, later = life.drafts[0], [tag for tag in life.request.tags if tag in LATER_TAGS]
    tags = [tag for tag in life.request.tags if tag not in LATER_TAGS]
    if life.request.organization_id is not None:
        tags.append(f"canary_{pick(rng, phrases.CUSTOMERS).lower()}")
    first.children.append(Change("sla_policy", POLICY, None))
    if tags:
        first.children.append(Change("tags", " ".join(sorted(tags)), None))
    if later and len(life.drafts) > 1:
        draft = life.drafts[-1 if "closed_by_merge" in later else 1]
        draft.children.append(Change("tags", " ".join(sorted(tags + later)), " ".join(sorted(tags))))


def _triage(life: TicketLife, rng: Random) -> None:
    """Now and then the requester chose the wrong form, and whoever takes the ticket puts it right."""
    if len(life.drafts) < 2 or rng.random() > 0.02 or life.request.form_id == FORM_IDS["Emergency"]:
        return
    right = FORM_IDS["SaaS"] if life.request.form_id != FORM_IDS["SaaS"] else FORM_IDS["Self-Managed"]
    life.drafts[1].children.append(Change("ticket_form_id", right, life.request.form_id))


def _change_priority(life: TicketLife, rng: Random) -> None:
    """Agents set another priority in one ticket out of fifteen."""
    updates = [draft for draft in life.drafts[1:] if draft.updater_id not in (SYSTEM, life.request.requester_id)]
    if not updates or rng.random() > 1 / 15:
        return
    draft, old = pick(rng, updates), life.request.priority
    place = _PRIORITIES.index(old) + (1 if rng.random() < 0.6 else -1)
    if 0 <= place < len(_PRIORITIES):
        draft.children.append(Change("priority", _PRIORITIES[place], old))
        life.priorities.append((draft.at, _PRIORITIES[place]))


def _promise_updates(life: TicketLife, rng: Random) -> None:
    """With many public replies an agent notes until when to come back; what is solved needs no more."""
    promised: str | None = None
    for draft in life.drafts[1:]:
        spoke = any(isinstance(child, Said) and child.public for child in draft.children)
        if not spoke or draft.updater_id in (SYSTEM, life.request.requester_id):
            continue
        is_solved = any(isinstance(child, Change) and child[:2] == ("status", "solved") for child in draft.children)
        day = None if is_solved else _day(draft.at + between(rng, 1, 4) * DAY).isoformat() if rng.random() < 0.4 else promised
        if day != promised:
            draft.children.append(Change(str(NEXT_UPDATE_FIELD), day, promised))
            promised = day


def _hear_a_light_agent(life: TicketLife, rng: Random) -> None:
    """Somebody of another department leaves a note where others are waited for."""
    held = [at for at, status in life.changed if status == "hold"]
    if held and rng.random() < 0.25:
        insert(life, Draft(held[0] + HOUR, LIGHT_AGENT_ID, "Web form", [Said(LIGHT_AGENT_ID, False, pick(rng, phrases.NOTES))]))


def rate(life: TicketLife, ticket_id: int, rng: Random) -> Rating | None:
    """Ask the requester of a solved ticket what they think; one in eight answers, and a few think again."""
    if not life.solved or life.request.support_type != "agent" or rng.random() > 0.3:
        return None
    sent = life.solved[0] + 2
    score, rated = "offered", sent
    insert(life, Draft(sent, SYSTEM, "Web service", [Change("satisfaction_score", "offered", None)]))
    answered = sent + between(rng, HOUR, 3 * DAY)
    for _ in range(2 if rng.random() < 0.06 else 1):
        if rng.random() < 0.45 and answered <= life.now:
            new = "good" if rng.random() < 0.88 else "bad"
            if new != score:
                insert(life, Draft(answered, SYSTEM, "Web service", [Change("satisfaction_score", new, score)]))
            score, rated = new, answered
            answered += between(rng, HOUR, DAY)
    return Rating(
        id=9_700_000_000 + ticket_id,
        ticket_id=ticket_id,
        requester_id=life.request.requester_id,
        assignee_id=life.assignee,
        group_id=life.request.group_id,
        score=score,
        comment=None if score == "offered" else f"{phrases.CANARY} says what it thinks",
        sent_at=sent,
        rated_at=rated,
    )


def insert(life: TicketLife, draft: Draft) -> None:
    """Put an update between the others, at the first second that is free, unless that is still to come."""
    taken, at = {known.at for known in life.drafts}, draft.at
    while at in taken:
        at += 1
    if at <= life.now:
        insort(life.drafts, draft._replace(at=at), key=lambda known: known.at)


def _day(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()
