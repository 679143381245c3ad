"""Who may answer tickets in Zendesk, with names and addresses, for a first proposal of the team; nothing of it is stored."""

from typing import Any
from zoneinfo import available_timezones

from reports.adapters.rails_time_zones import iana_zone
from reports.adapters.zendesk_access import ZendeskAccess
from reports.adapters.zendesk_lists import role_of
from reports.core.proposal import DeskAgent

_ANSWERING = ("admin", "agent")


def desk_agents(access: ZendeskAccess) -> tuple[DeskAgent, ...]:
    """Agents and administrators who are active and may write to customers; SourceError when Zendesk cannot be read."""
    users = access.client().listed("users.json", lambda desk: desk.users(role=["agent", "admin"], cursor_pagination=True))
    return tuple(_agent(user) for user in users if user.active and not user.suspended and role_of(user) in _ANSWERING)


def _agent(user: Any) -> DeskAgent:
    zone = getattr(user, "iana_time_zone", None) or iana_zone(user.time_zone or "")
    return DeskAgent(
        id=user.id,
        name=user.name or "",
        email=user.email or "",
        time_zone=zone if zone in available_timezones() else "",
    )
