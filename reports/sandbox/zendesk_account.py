"""The made-up Zendesk account without tickets: people, groups, forms, statuses and the ways in; its ids are fixed."""

from datetime import UTC, date, datetime

from reports.core.people import Engineer, Team
from reports.sandbox import phrases
from reports.sandbox.zendesk_promises import Holiday, PolicyTarget, Schedule, SlaPolicy
from reports.sandbox.zendesk_state import (
    CustomStatus,
    GroupMembership,
    OAuthClient,
    OAuthToken,
    TicketField,
    TicketForm,
    ZendeskGroup,
    ZendeskState,
    ZendeskUser,
)

CLIENT_ID = "support-reports"
CLIENT_SECRET = "sandbox-zendesk-secret"
#: A bearer token that does not expire, for those who do not want client credentials.
ZENDESK_TOKEN = "sandbox-zendesk-token"
#: A live token of an agent who is no administrator, for tests of refusals.
AGENT_TOKEN = "sandbox-zendesk-agent-token"

#: The administrator who made the OAuth client; also hands tickets out.
ADMIN_ID = 4400001
FIRST_MANAGER_ID = 4300001
#: Somebody of another department, who may leave notes only, and a program that answers first.
LIGHT_AGENT_ID, BOT_ID = 4450001, 4500001
#: The date field in which agents note until when they promised an update.
NEXT_UPDATE_FIELD = 8900101
POLICY = f"{phrases.CANARY} Priority support"
#: Minutes until a first and a next reply, by priority; only what is urgent is promised day and night.
REPLIES = {"urgent": (30, 240), "high": (240, 240), "normal": (480, 1440), "low": (1440, 1440)}
FOUNDED = int(datetime(2020, 1, 6, tzinfo=UTC).timestamp())

REQUESTER_IDS = tuple(range(5500001, 5500061))
ORGANIZATION_IDS = tuple(range(6600001, 6600001 + len(phrases.CUSTOMERS)))
GROUP_IDS = {"Support": 7700001, "AMER": 7700002, "APAC": 7700003, "EMEA": 7700004}
FORM_IDS = {"Self-Managed": 8800001, "SaaS": 8800002, "License and Renewals": 8800003, "Emergency": 8800004}
STATUSES = {"new": "New", "open": "Open", "pending": "Pending", "hold": "On-hold", "solved": "Solved"}
#: Statuses that the account made itself: category and whether it is still in use.
OWN_STATUSES = {"Waiting for development": ("hold", True), "Waiting for a call": ("pending", False)}
FIELDS = {
    "subject": "Subject",
    "description": "Description",
    "status": "Status",
    "priority": "Priority",
    "group": "Group",
    "assignee": "Assignee",
}


def account(team: Team) -> ZendeskState:
    """The account of a team: an agent for every engineer with a Zendesk id, managers, an administrator, requesters."""
    state = ZendeskState()
    state.add_users(_people(team))
    state.organizations.update(
        (organization_id, f"{phrases.CANARY} {name}")
        for organization_id, name in zip(ORGANIZATION_IDS, phrases.CUSTOMERS, strict=True)
    )
    state.groups += [
        ZendeskGroup(id=group_id, name=name, created_at=FOUNDED, is_default=name == "Support")
        for name, group_id in GROUP_IDS.items()
    ]
    state.group_memberships += _memberships(team)
    state.ticket_forms += [
        TicketForm(id=form_id, name=name, created_at=FOUNDED, is_default=name == "Self-Managed")
        for name, form_id in FORM_IDS.items()
    ]
    state.ticket_fields += [
        TicketField(id=8900001 + place, type=kind, title=title, created_at=FOUNDED)
        for place, (kind, title) in enumerate(FIELDS.items())
    ]
    state.ticket_fields.append(TicketField(id=NEXT_UPDATE_FIELD, type="date", title="Next update due", created_at=FOUNDED))
    state.custom_statuses += [
        CustomStatus(id=9900001 + place, category=category, label=label, created_at=FOUNDED)
        for place, (category, label) in enumerate(STATUSES.items())
    ]
    state.custom_statuses += [
        CustomStatus(id=9900101 + place, category=category, label=label, created_at=FOUNDED, is_default=False, active=active)
        for place, (label, (category, active)) in enumerate(OWN_STATUSES.items())
    ]
    state.promises.schedules += _schedules()
    state.promises.policies.append(_policy())
    _add_ways_in(state, team)
    return state


def _people(team: Team) -> list[ZendeskUser]:
    agents = [_agent(engineer) for engineer in team.engineers if engineer.zendesk_id is not None]
    managers = [
        ZendeskUser(
            id=FIRST_MANAGER_ID + place,
            name=manager.name,
            email=manager.email,
            role="agent",
            created_at=FOUNDED,
            default_group_id=GROUP_IDS["Support"],
            time_zone=manager.time_zone,
        )
        for place, manager in enumerate(team.managers)
    ]
    admin = ZendeskUser(id=ADMIN_ID, name="Support Operations", email="ops@example.com", role="admin", created_at=FOUNDED)
    return [*agents, *managers, admin, *_others(), *_requesters()]


def _others() -> list[ZendeskUser]:
    return [
        ZendeskUser(
            id=LIGHT_AGENT_ID,
            name="Product Developer",
            email="developer@example.com",
            role="agent",
            created_at=FOUNDED,
            role_type=1,
            only_private_comments=True,
        ),
        ZendeskUser(id=BOT_ID, name="Answer Bot", email="bot@example.com", role="agent", created_at=FOUNDED),
    ]


def _agent(engineer: Engineer) -> ZendeskUser:
    assert engineer.zendesk_id is not None
    return ZendeskUser(
        id=engineer.zendesk_id,
        name=engineer.name,
        email=engineer.email,
        role="agent",
        created_at=FOUNDED,
        default_group_id=GROUP_IDS["Support"],
        time_zone=engineer.time_zone,
    )


def _requesters() -> list[ZendeskUser]:
    return [
        ZendeskUser(
            id=requester_id,
            name=f"{phrases.REQUESTERS[place % len(phrases.REQUESTERS)]} {phrases.CANARY} {place}",
            email=f"canary{place}@customer.example",
            role="end-user",
            created_at=FOUNDED,
            organization_id=ORGANIZATION_IDS[place % len(ORGANIZATION_IDS)],
            notes=f"{phrases.CANARY} prefers to be called in the morning",
        )
        for place, requester_id in enumerate(REQUESTER_IDS)
    ]


def _memberships(team: Team) -> list[GroupMembership]:
    pairs = [
        (engineer.zendesk_id, group_id, name == "Support")
        for engineer in team.engineers
        for name, group_id in GROUP_IDS.items()
        if engineer.zendesk_id is not None and name in ("Support", engineer.region)
    ]
    return [
        GroupMembership(id=7800001 + place, user_id=user_id, group_id=group_id, created_at=FOUNDED, is_default=default)
        for place, (user_id, group_id, default) in enumerate(pairs)
    ]


def _schedules() -> list[Schedule]:
    """Five days round the clock, which is the oldest one, and office hours elsewhere."""
    whole_days = tuple((day * 1440, (day + 1) * 1440) for day in range(1, 6))
    office = tuple((day * 1440 + 540, day * 1440 + 1020) for day in range(1, 6))
    return [
        Schedule(
            id=8700001,
            name="Support hours",
            time_zone="Berlin",
            zone="Europe/Berlin",
            intervals=whole_days,
            created_at=FOUNDED,
            updated_at=FOUNDED,
            holidays=_holidays(),
        ),
        Schedule(
            id=8700002,
            name="Sales hours",
            time_zone="Eastern Time (US & Canada)",
            zone="America/New_York",
            intervals=office,
            created_at=FOUNDED + 86_400,
            updated_at=FOUNDED + 86_400,
        ),
    ]


def _holidays() -> tuple[Holiday, ...]:
    days = [(year, month, first, last) for year in range(2020, 2040) for month, first, last in ((1, 1, 1), (12, 25, 26))]
    return tuple(
        Holiday(
            id=8710001 + place, name=f"{phrases.CANARY} day off", first=date(year, month, first), last=date(year, month, last)
        )
        for place, (year, month, first, last) in enumerate(days)
    )


def _policy() -> SlaPolicy:
    targets = [
        PolicyTarget(priority=priority, metric=metric, minutes=minutes, in_business_hours=priority != "urgent")
        for priority, promised in REPLIES.items()
        for metric, minutes in zip(("first_reply_time", "next_reply_time"), promised, strict=True)
    ]
    return SlaPolicy(
        id=8800101, title=POLICY, description=f"{phrases.CANARY} for everybody", created_at=FOUNDED, targets=tuple(targets)
    )


def _add_ways_in(state: ZendeskState, team: Team) -> None:
    state.clients[CLIENT_ID] = OAuthClient(id=CLIENT_ID, secret=CLIENT_SECRET, user_id=ADMIN_ID)
    state.tokens[ZENDESK_TOKEN] = OAuthToken(user_id=ADMIN_ID, scopes=frozenset({"read"}), expires_at=None)
    if team.managers:
        state.tokens[AGENT_TOKEN] = OAuthToken(user_id=FIRST_MANAGER_ID, scopes=frozenset({"read"}), expires_at=None)
