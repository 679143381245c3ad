"""What stands still in Zendesk while tickets move: agents, groups, statuses, SLA policies, business hours, and what customers
thought; names of people, policies and schedules are dropped where they are read.

A list that hardly changes is read again only when the last reading, which is its cursor, is old enough. All of a reading is one
page, so that a run that breaks off never leaves half a list as the present one.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reports.adapters.zendesk_access import ZendeskAccess
from reports.adapters.zendesk_business_hours import read_business_hours
from reports.adapters.zendesk_satisfaction import SatisfactionReader
from reports.core.facts import Agent, AgentGroup, AgentGroupMembership, CustomStatus, Fact, SlaTarget
from reports.core.weeks import Window
from reports.ports import Page

#: A little less than a day and a week, so that a job that starts some minutes earlier than last time still reads.
DAILY, WEEKLY = timedelta(hours=20), timedelta(days=6, hours=12)
_AGENTS, _MEMBERSHIPS, _GROUPS = "zendesk.agents", "zendesk.group_memberships", "zendesk.groups"
_STATUSES, _POLICIES, _SCHEDULES = "zendesk.custom_statuses", "zendesk.sla_policies", "zendesk.schedules"
_SATISFACTION = "zendesk.satisfaction"
_READ_AGAIN_AFTER: Mapping[str, timedelta] = {
    _AGENTS: DAILY,
    _MEMBERSHIPS: DAILY,
    _GROUPS: WEEKLY,
    _STATUSES: WEEKLY,
    _POLICIES: WEEKLY,
    _SCHEDULES: WEEKLY,
}
#: Kinds of agents that Zendesk's roles alone do not tell apart; it often leaves them out.
_LIGHT, _CONTRIBUTOR = 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """What an organisation says of its desk: the agents that are programs, and the schedule of a ticket without another.

    An empty name stands for the oldest schedule.
    """

    bots: Collection[int] = ()
    schedule: str = ""


class ZendeskLists:
    """The source of the lists."""

    def __init__(self, access: ZendeskAccess, settings: DeskSettings) -> None:
        self._clock = access.clock
        self._client = access.client()
        self._settings = settings
        self._satisfaction = SatisfactionReader(self._client)

    @property
    def streams(self) -> tuple[str, ...]:
        """The lists."""
        return (*_READ_AGAIN_AFTER, _SATISFACTION)

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        """One list, unless the last reading is young enough; ratings from the cursor or the window's start on.

        A plan that has no such list gives an empty one. Raises SourceError when Zendesk cannot be reached or refuses.
        """
        now = self._clock.now()
        if stream == _SATISFACTION:
            yield from self._satisfaction.pages(stream, window, cursor, now)
            return
        read, _, known = (cursor or "").partition(" ")
        if read and now - datetime.fromisoformat(read) < _READ_AGAIN_AFTER[stream]:
            yield Page(stream=stream, facts=(), cursor=cursor or "", until=now)
            return
        facts: Iterable[Fact]
        if stream == _SCHEDULES:
            facts, known = read_business_hours(self._client, self._settings.schedule, known, now)
        else:
            facts = self._list(stream, now)
        yield Page(stream=stream, facts=tuple(facts), cursor=f"{now.isoformat()} {known}".strip(), until=now)

    def _list(self, stream: str, now: datetime) -> Iterator[Fact]:
        lists: Mapping[str, Callable[[datetime], Iterator[Fact]]] = {
            _AGENTS: self._agents,
            _MEMBERSHIPS: self._memberships,
            _GROUPS: self._groups,
            _STATUSES: self._statuses,
            _POLICIES: self._targets,
        }
        return lists[stream](now)

    def _agents(self, now: datetime) -> Iterator[Agent]:
        roles = ["agent", "admin"]
        for user in self._client.listed("users.json", lambda desk: desk.users(role=roles, cursor_pagination=True)):
            yield Agent(
                id=user.id,
                role=role_of(user),
                is_active=bool(user.active) and not user.suspended,
                is_bot=user.id in self._settings.bots,
                seen_at=now,
            )

    def _memberships(self, now: datetime) -> Iterator[AgentGroupMembership]:
        path = "group_memberships.json"
        for row in self._client.listed(path, lambda desk: desk.group_memberships(cursor_pagination=True)):
            yield AgentGroupMembership(id=row.id, agent_id=row.user_id, group_id=row.group_id, seen_at=now)

    def _groups(self, now: datetime) -> Iterator[AgentGroup]:
        for group in self._client.listed("groups.json", lambda desk: desk.groups(cursor_pagination=True)):
            yield AgentGroup(id=group.id, name=group.name, seen_at=now)

    def _statuses(self, now: datetime) -> Iterator[CustomStatus]:
        for status in self._client.listed_if_offered("custom_statuses.json", lambda desk: desk.custom_statuses()):
            yield CustomStatus(id=status.id, category=status.status_category, is_active=bool(status.active), seen_at=now)

    def _targets(self, now: datetime) -> Iterator[SlaTarget]:
        for policy in self._client.listed_if_offered("slas/policies.json", lambda desk: desk.sla_policies()):
            for target in policy.policy_metrics or ():
                seconds = _seconds(target)
                if target.metric and seconds is not None:
                    yield SlaTarget(
                        policy_id=policy.id,
                        metric=target.metric,
                        priority=target.priority or "",
                        target_seconds=seconds,
                        in_business_hours=bool(target.business_hours),
                        seen_at=now,
                    )


def role_of(user: Any) -> str:
    """What an agent may do: `admin`, `agent`, `contributor` or `light_agent`."""
    if user.role == "admin":
        return "admin"
    if user.role_type == _LIGHT or user.only_private_comments:
        return "light_agent"
    return "contributor" if user.role_type == _CONTRIBUTOR else "agent"


def _seconds(target: Any) -> int | None:
    seconds = getattr(target, "target_in_seconds", None)
    if seconds is not None or target.target is None:
        return seconds
    return int(target.target) * 60
