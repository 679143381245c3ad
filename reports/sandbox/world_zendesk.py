"""The made-up account on Zendesk: its people and settings, and tickets lived through by the engineers on their shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from reports.core.people import Engineer, Team
from reports.core.weeks import Week
from reports.sandbox import phrases
from reports.sandbox.chance import between, chance, pick, poisson, rounded
from reports.sandbox.roster import Calendar, Shift, fullness
from reports.sandbox.sla_steps import Promise, metric_steps
from reports.sandbox.stories import pace
from reports.sandbox.ticket_details import add_details, rate
from reports.sandbox.ticket_life import Change, Draft, MetricDraft, Request, Said, TicketLife
from reports.sandbox.zendesk_account import ADMIN_ID, BOT_ID, FORM_IDS, GROUP_IDS, ORGANIZATION_IDS, REQUESTER_IDS, account
from reports.sandbox.zendesk_state import (
    SYSTEM,
    Comment,
    FieldChange,
    MetricEvent,
    TicketUpdate,
    ZendeskState,
)

MINUTE, HOUR, DAY = 60, 3600, 86_400
FIRST_TICKET_ID = 1001
FIRST_UPDATE_ID = 926_000_000_000
FIRST_METRIC_EVENT_ID = 935_000_000_000
#: Room for the children of an update between its id and the next one's.
IDS_PER_UPDATE = 16
#: The id of the account's own status for tickets on hold.
WAITING_FOR_DEVELOPMENT = 9900101
#: After this long without a shift of the owner the ticket is handed over.
LONGEST_ABSENCE = 5 * DAY
FOCUS_FORMS = {"self_managed": "Self-Managed", "saas": "SaaS", "l_and_r": "License and Renewals"}
PRIORITIES = ("low", "normal", "normal", "normal", "normal", "high", "high", "urgent")


@dataclass(frozen=True, slots=True)
class Desk:
    """What ticket lives draw on: the agents with their calendars, and the present."""

    agents: Sequence[Engineer]
    calendars: Mapping[str, Calendar]
    now: int
    lives: list[TicketLife] = field(default_factory=list)

    def agent_id(self, engineer: Engineer) -> int:
        """The Zendesk id of an engineer who has one."""
        assert engineer.zendesk_id is not None
        return engineer.zendesk_id


def zendesk_world(
    team: Team, calendars: Mapping[str, Calendar], weeks: Sequence[Week], last_week: Week, now: int, seed: int
) -> ZendeskState:
    """The account with all tickets of some weeks up to `now` (Unix seconds)."""
    state = account(team)
    desk = Desk([engineer for engineer in team.engineers if engineer.zendesk_id is not None], calendars, now)
    for engineer in desk.agents:
        for week in weeks:
            _live_week(desk, engineer, week, last_week, seed)
    for week in weeks:
        _live_unowned(desk, week, seed)
    _live_handovers(desk, seed)
    _fill(state, desk, seed)
    _odd_ends(state, now)
    return state


# --- a week of one engineer ------------------------------------------------------------------------


def _live_week(desk: Desk, engineer: Engineer, week: Week, last_week: Week, seed: int) -> None:
    shifts = desk.calendars[engineer.username].in_week(week)
    if not shifts:
        return
    rng = chance(seed, engineer.username, week, "tickets")
    usual = pace(engineer, week, last_week, seed)
    share = fullness(shifts)
    count = rounded(rng, usual.sure_tickets * share) + poisson(rng, usual.more_tickets * share)
    for shift in rng.choices(shifts, [shift.weight for shift in shifts], k=count) if share else ():
        _live_ticket(desk, engineer, shift, rng)
    emergencies = sum(shift.on_call for shift in shifts) // 3
    for shift in [shift for shift in shifts if shift.on_call][:emergencies]:
        _live_emergency(desk, engineer, shift, rng)
    escalated = [shift for shift in shifts if shift.escalation > 0]
    if escalated:
        _live_escalation(desk, engineer, escalated, rng)


def _live_ticket(desk: Desk, engineer: Engineer, shift: Shift, rng: Random) -> None:
    at = between(rng, shift.start, max(shift.start + 1, shift.end - HOUR))
    me = desk.agent_id(engineer)
    life = TicketLife(_request(engineer, rng), desk.now)
    life.create(at - between(rng, 5 * MINUTE, 5 * HOUR))
    life.assign(at, me, _giver(desk, engineer, rng))
    at = _converse(desk, life, engineer, at, rng)
    _end(desk, life, engineer, at, rng)
    desk.lives.append(life)


def _giver(desk: Desk, engineer: Engineer, rng: Random) -> int:
    draw = rng.random()
    if draw < 0.84:
        return desk.agent_id(engineer)
    return SYSTEM if draw < 0.94 else ADMIN_ID


def _converse(desk: Desk, life: TicketLife, engineer: Engineer, at: int, rng: Random) -> int:
    """Replies, notes and answers in turn; the moment of the owner's next chance to work on it."""
    me = desk.agent_id(engineer)
    at += between(rng, MINUTE, 50 * MINUTE)
    for _ in range(1 + poisson(rng, 1.9)):
        if rng.random() < 0.58:
            _note(desk, life, engineer, at - between(rng, 30, 20 * MINUTE), rng)
        waits_for_others = rng.random() < 0.1
        life.say(at, me, pick(rng, phrases.AGENT_REPLIES), public=True, status="hold" if waits_for_others else "pending")
        answered = at + between(rng, 20 * MINUTE, 20 * HOUR)
        if rng.random() < 0.75:
            life.say(answered, life.request.requester_id, pick(rng, phrases.REQUESTER_REPLIES), public=True, status="open")
        following = _next_chance(desk, engineer, answered, rng)
        if following is None:
            return answered
        at = following
    return at


def _note(desk: Desk, life: TicketLife, engineer: Engineer, at: int, rng: Random) -> None:
    writer = engineer if rng.random() < 0.75 else pick(rng, desk.agents)
    if writer is not engineer:
        shift = desk.calendars[writer.username].after(at)
        if shift is None or shift.start > at or shift.weight < 0.3:
            writer = engineer
    life.say(at, desk.agent_id(writer), pick(rng, phrases.NOTES), public=False)


def _next_chance(desk: Desk, engineer: Engineer, moment: int, rng: Random) -> int | None:
    """A moment in the owner's next shift, None when that is too far away."""
    shift = desk.calendars[engineer.username].after(moment)
    if shift is None or shift.start - moment > LONGEST_ABSENCE or shift.weight <= 0:
        return None
    return shift.start + between(rng, MINUTE, max(2 * MINUTE, min(3 * HOUR, shift.end - shift.start)))


def _end(desk: Desk, life: TicketLife, engineer: Engineer, at: int, rng: Random) -> None:
    me, draw = desk.agent_id(engineer), rng.random()
    if life.status == "open" and _next_chance(desk, engineer, at, rng) is None:
        draw = 0.9
    if draw < 0.74:
        life.say(at, me, phrases.AGENT_REPLIES[-1], public=True, status="solved")
    elif draw < 0.86:
        life.say(at, me, phrases.AGENT_REPLIES[0], public=True, status="pending")
        at += 7 * DAY
        life.move(at, "solved")
    elif draw < 0.96:
        at = _hand_over(desk, life, engineer, at, rng)
    else:
        return
    if rng.random() < 0.06:
        at = _reopen(desk, life, engineer, at, rng)
    life.move(at + 4 * DAY, "closed")


def _hand_over(desk: Desk, life: TicketLife, engineer: Engineer, at: int, rng: Random) -> int:
    for _ in range(8):
        peer = pick(rng, desk.agents)
        if peer is engineer:
            continue
        shift = desk.calendars[peer.username].after(at)
        if shift is not None and shift.start - at < 3 * DAY and shift.weight > 0.3:
            break
    else:
        return at
    own = desk.calendars[engineer.username].after(at)
    is_there = own is not None and own.start <= at
    life.assign(at, desk.agent_id(peer), desk.agent_id(engineer) if is_there else ADMIN_ID)
    end = shift.start + between(rng, 5 * MINUTE, HOUR)
    life.say(end, desk.agent_id(peer), phrases.AGENT_REPLIES[-1], public=True, status="solved")
    return end


def _reopen(desk: Desk, life: TicketLife, engineer: Engineer, at: int, rng: Random) -> int:
    if life.status != "solved":
        return at
    answered = at + between(rng, 2 * HOUR, 2 * DAY)
    again = _next_chance(desk, engineer, answered, rng)
    if again is None:
        return at
    life.say(answered, life.request.requester_id, pick(rng, phrases.REQUESTER_REPLIES), public=True, status="open")
    life.say(again, desk.agent_id(engineer), phrases.AGENT_REPLIES[-1], public=True, status="solved")
    return again


# --- other tickets -----------------------------------------------------------------------------------


def _live_emergency(desk: Desk, engineer: Engineer, shift: Shift, rng: Random) -> None:
    at = between(rng, shift.start, shift.end - HOUR)
    me = desk.agent_id(engineer)
    life = TicketLife(_request(engineer, rng, form="Emergency", priority="urgent", tags=("emergency",)), desk.now)
    life.create(at)
    life.assign(at + 60, me, SYSTEM)
    life.say(at + 12 * MINUTE, me, pick(rng, phrases.AGENT_REPLIES), public=True, status="open")
    for part in range(3):
        life.say(at + (20 + 10 * part) * MINUTE, me, pick(rng, phrases.NOTES), public=False)
    life.say(at + 55 * MINUTE, me, phrases.AGENT_REPLIES[-1], public=True, status="solved")
    life.move(at + 4 * DAY, "closed")
    desk.lives.append(life)


def _live_escalation(desk: Desk, engineer: Engineer, shifts: Sequence[Shift], rng: Random) -> None:
    """A ticket that the account's manager leads with the engineer: long notes, few replies."""
    me = desk.agent_id(engineer)
    life = TicketLife(_request(engineer, rng, priority="urgent", tags=("account_escalation",)), desk.now)
    life.create(shifts[0].start - 2 * HOUR)
    life.assign(shifts[0].start + 5 * MINUTE, ADMIN_ID, ADMIN_ID)
    for shift in shifts:
        for part in range(between(rng, 3, 6)):
            at = shift.start + (part + 1) * (shift.end - shift.start) // 7
            life.say(at, me, phrases.ESCALATION_NOTE, public=False)
        life.say(shift.end - 10 * MINUTE, me, phrases.AGENT_REPLIES[2], public=True)
    desk.lives.append(life)


def _live_unowned(desk: Desk, week: Week, seed: int) -> None:
    """Tickets that no engineer of the team has: some still waiting, some answered by an AI agent."""
    rng = chance(seed, week, "unowned")
    monday = monday_of(week)
    for number in range(1 + len(desk.agents) // 12):
        life = TicketLife(_oddly(_request(None, rng), chance(seed, week, "odd", number)), desk.now)
        created = monday + between(rng, 0, 5 * DAY)
        if created < desk.now:
            life.create(created)
            ends = rng.random() < 0.7 or "closed_by_merge" in life.request.tags
            life.move(created + 3 * DAY, "solved" if ends else "open", ADMIN_ID)
            desk.lives.append(life)
    for _ in range(1 + len(desk.agents) // 10):
        life = TicketLife(_request(None, rng, support_type="ai_agent"), desk.now)
        created = monday + between(rng, 0, 7 * DAY)
        if created < desk.now:
            life.create(created)
            life.say(created + MINUTE, BOT_ID, phrases.AGENT_REPLIES[1], public=True, status="solved")
            life.move(created + 4 * DAY, "closed")
            desk.lives.append(life)


def _oddly(request: Request, rng: Random) -> Request:
    """Some requests are merged into another ticket, some come from nobody's organisation."""
    draw = rng.random()
    if draw < 0.2:
        return replace(request, tags=("closed_by_merge",))
    return replace(request, organization_id=None) if draw < 0.5 else request


def _live_handovers(desk: Desk, seed: int) -> None:
    """Tickets that wait to be taken in another region: one in EMEA, one in APAC."""
    rng = chance(seed, "handovers")
    for hours, tags in ((20, ("need_handover", "handed_over_to_emea")), (2, ("handed_over_to_apac",))):
        life = TicketLife(_request(None, rng, tags=tags), desk.now)
        life.create(desk.now - hours * HOUR)
        desk.lives.append(life)


def monday_of(week: Week) -> int:
    """Midnight UTC of a week's Monday, in Unix seconds."""
    return (week.first_day.toordinal() - 719_163) * DAY


def _request(
    engineer: Engineer | None,
    rng: Random,
    *,
    form: str | None = None,
    priority: str | None = None,
    tags: tuple[str, ...] = (),
    support_type: str = "agent",
) -> Request:
    organization = int(rng.random() * len(phrases.CUSTOMERS))
    focus = engineer.main_focus if engineer is not None else "self_managed"
    region = engineer.region if engineer is not None else "EMEA"
    return Request(
        requester_id=pick(rng, REQUESTER_IDS),
        organization_id=ORGANIZATION_IDS[organization],
        subject=f"{phrases.CANARY} {phrases.CUSTOMERS[organization]}: {pick(rng, phrases.TOPICS)}",
        text=pick(rng, phrases.REQUEST_TEXTS),
        form_id=FORM_IDS[form or FOCUS_FORMS.get(focus, "Self-Managed")],
        priority=priority or pick(rng, PRIORITIES),
        channel="email" if rng.random() < 0.3 else "web",
        group_id=GROUP_IDS.get(region, GROUP_IDS["Support"]),
        tags=tags,
        support_type=support_type,
    )


# --- into the state ------------------------------------------------------------------------------------


def _fill(state: ZendeskState, desk: Desk, seed: int) -> None:
    status_ids = {**state.status_ids(), "hold": WAITING_FOR_DEVELOPMENT}
    promise = Promise(state.promises.policies[0], state.promises.schedules[0])
    in_order = sorted(desk.lives, key=lambda life: life.drafts[0].at)
    numbered = list(enumerate(in_order, start=FIRST_TICKET_ID))
    for ticket_id, life in numbered:
        rng = chance(seed, "details", life.drafts[0].at, life.request.requester_id)
        add_details(life, rng)
        rating = rate(life, ticket_id, rng)
        state.promises.ratings += [rating] if rating else []
    for _, life in numbered[::97]:
        if life.status == "closed":
            life.delete(min(life.drafts[-1].at + DAY, desk.now - HOUR), ADMIN_ID)
    state.put_tickets(life.ticket(ticket_id, status_ids) for ticket_id, life in numbered)
    steps = sorted(
        (step.at, ticket_id, n, step) for ticket_id, life in numbered for n, step in enumerate(metric_steps(life, promise))
    )
    state.metric_events.extend(_step(place, ticket_id, step) for place, (_, ticket_id, _, step) in enumerate(steps))
    drafts = sorted((draft.at, ticket_id, n, draft) for ticket_id, life in numbered for n, draft in enumerate(life.drafts))
    state.updates.extend(
        _update(place, ticket_id, draft, number == 0) for place, (_, ticket_id, number, draft) in enumerate(drafts)
    )


def _step(place: int, ticket_id: int, step: MetricDraft) -> MetricEvent:
    return MetricEvent(
        step.at,
        FIRST_METRIC_EVENT_ID + place,
        ticket_id,
        step.metric,
        step.instance_id,
        step.type,
        step.target,
        step.minutes,
        step.deleted,
        step.policy_id,
        step.in_business_hours,
    )


def _update(place: int, ticket_id: int, draft: Draft, created: bool) -> TicketUpdate:
    update_id = FIRST_UPDATE_ID + place * IDS_PER_UPDATE
    children = tuple([_child(child_id, child) for child_id, child in enumerate(draft.children, start=update_id + 1)])
    return TicketUpdate(draft.at, update_id, ticket_id, draft.updater_id, draft.via, created, children)


def _child(child_id: int, child: Change | Said) -> FieldChange | Comment:
    if isinstance(child, Said):
        return Comment(child_id, child.author_id, child.public, child.body)
    return FieldChange(child_id, child.field, child.value, child.previous)


def _odd_ends(state: ZendeskState, now: int) -> None:
    """What every real account has: scrubbed tickets, and some that a system change moved on in the export."""
    for ticket in [ticket for ticket in state.tickets.values() if ticket.status == "deleted"]:
        if ticket.updated_at + 30 * DAY < now:
            state.scrub_ticket(ticket.id, ticket.updated_at + 30 * DAY)
    for ticket_id in state.ticket_ids()[5::61]:
        ticket = state.tickets[ticket_id]
        if ticket.status == "closed":
            state.touch_ticket(ticket_id, min(ticket.updated_at + 20 * DAY, now - HOUR))
