"""What our credentials may read in Zendesk, asking for as little as each path gives; it judges nothing and keeps no content."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from reports.adapters.zendesk_access import ZendeskAccess, ZendeskClient
from reports.core.health import Trouble
from reports.core.zendesk_health import DeskSeen
from reports.errors import ReportsError

_OK = 200
#: Exports hold back the last minute; the second one is for clocks that differ.
_RECENT = timedelta(minutes=2)
_ONE = {"page[size]": 1}
#: What the numbers cannot do without, and what not every plan has, by path.
_EXPORTS = {
    "tickets": "incremental/tickets/cursor.json",
    "ticket events": "incremental/ticket_events.json",
    "metric events": "incremental/ticket_metric_events.json",
}
_LISTS = {"agents and groups": "group_memberships.json"}
_OFFERED = {
    "ticket forms": "ticket_forms.json",
    "SLA policies": "slas/policies.json",
    "satisfaction": "satisfaction_ratings.json",
}


class _Me(msgspec.Struct, frozen=True):
    id: int | None = None
    role: str = ""


class _User(msgspec.Struct, frozen=True):
    user: _Me


class _Schedule(msgspec.Struct, frozen=True):
    name: str


class _Schedules(msgspec.Struct, frozen=True):
    schedules: list[_Schedule]


class _Statuses(msgspec.Struct, frozen=True):
    custom_statuses: list[msgspec.Raw]


_USER, _SCHEDULES = msgspec.json.Decoder(_User), msgspec.json.Decoder(_Schedules)
_STATUSES = msgspec.json.Decoder(_Statuses)


def desk_seen(access: ZendeskAccess, now: datetime) -> DeskSeen:
    """Role, streams and lists; `now` is by Zendesk's clock. What cannot be asked at all is the trouble."""
    client = access.client()
    try:
        me = client.get("users/me.json", {}, _USER).user
        exports = {name: client.status(path, _beginning(now)) for name, path in _EXPORTS.items()}
        lists = _statuses(client, _LISTS)
        schedules = client.get_if_offered("business_hours/schedules.json", {}, _SCHEDULES)
        custom = client.get_if_offered("custom_statuses.json", {}, _STATUSES)
        return DeskSeen(
            role=me.role if me.id is not None else "",
            needed=exports | lists,
            offered=_statuses(client, _OFFERED),
            schedules=None if schedules is None else tuple(one.name for one in schedules.schedules),
            statuses=None if custom is None else len(custom.custom_statuses),
            agents=_agents(client) if set(lists.values()) == {_OK} else None,
        )
    except ReportsError as error:
        return DeskSeen(trouble=Trouble(says=error.message, step=error.hint, code=error.exit_code))


def _beginning(now: datetime) -> dict[str, str | int]:
    return {"start_time": int((now - _RECENT).timestamp()), "per_page": 1}


def _statuses(client: ZendeskClient, paths: Mapping[str, str]) -> dict[str, int]:
    return {name: client.status(path, _ONE) for name, path in paths.items()}


def _agents(client: ZendeskClient) -> frozenset[int]:
    users = client.listed("users.json", lambda desk: desk.users(role=["agent", "admin"], cursor_pagination=True))
    return frozenset(user.id for user in users if user.active and not user.suspended)
