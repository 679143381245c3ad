"""The made-up support organisation as a whole: a GitLab and a Zendesk filled by seed and week; starts no server."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reports.core.context import Context
from reports.core.people import Team
from reports.core.weeks import DayRange, Week, midnight, quarter_of
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.roster import calendars
from reports.sandbox.world_activity import Scene, add_activity
from reports.sandbox.world_gitlab import organisation
from reports.sandbox.world_queues import add_queues
from reports.sandbox.world_zendesk import zendesk_world
from reports.sandbox.zendesk_state import ZendeskState

UTC_ZONE = ZoneInfo("UTC")
#: Weeks before the first reported one in which tickets are already lived, so that it begins with tickets at hand.
TICKET_LEAD_IN = 2


@dataclass(slots=True)
class World:
    """Both systems and the present: the Monday morning after the last week, until somebody moves it on."""

    gitlab: GitlabState
    zendesk: ZendeskState
    team: Team
    now: datetime


def make_world(team: Team, context: Context, last_week: Week, weeks: int = 16, seed: int = 1, zone: ZoneInfo = UTC_ZONE) -> World:
    """The organisation's activity over some weeks up to `last_week`; the same arguments make the same world.

    GitLab starts with the quarter of the first week or five weeks before it, whichever is earlier, so that goals
    over 30 days and quarters see all that they count.
    """
    first_week = last_week.plus(1 - weeks)
    now = midnight(last_week.plus(1).first_day, zone) + timedelta(hours=6)
    first_day = min(quarter_of(first_week.first_day).first, first_week.plus(-5).first_day)
    begin = Week.containing(first_day)
    team = team.as_of(now.astimezone(zone).date())
    calendar = calendars(team, context, DayRange(begin.first_day, now.astimezone(zone).date()), zone)
    every_week = last_week.back_to((last_week.first_day - begin.first_day).days // 7 + 1)
    with _no_garbage_collection():
        gitlab = organisation(team, datetime(2020, 1, 6, tzinfo=UTC))
        add_activity(Scene(gitlab, team, calendar, every_week, last_week, now, seed))
        add_queues(gitlab, team, now)
        ticket_weeks = every_week[-(weeks + TICKET_LEAD_IN) :]
        zendesk = zendesk_world(team, calendar, ticket_weeks, last_week, int(now.timestamp()), seed)
    return World(gitlab, zendesk, team, now)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Nothing that a world is made of is garbage, and looking for it takes half the time of a large one."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
