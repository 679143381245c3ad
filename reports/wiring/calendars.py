"""The settings of leave calendars and on-call schedules into what reads them; beside `wiring`, it names adapters."""

from pathlib import Path
from typing import TYPE_CHECKING

from reports.ports import ContextSource
from reports.wiring.house import READ_PAGERDUTY, House

if TYPE_CHECKING:
    from reports.settings.values import LeaveCalendarsSource, PagerdutySource

# Adapters are imported where they are made, as in wiring.
# ruff: noqa: PLC0415


def context_sources(house: House) -> tuple[ContextSource, ...]:
    """Leave calendars and on-call schedules, where the settings name them; UsageError names what is missing."""
    sources = house.settings.sources
    calendars = _leave_calendars(house, sources.leave_calendars) if sources.leave_calendars else None
    schedules = _pagerduty(house, sources.pagerduty) if sources.pagerduty else None
    return tuple(source for source in (calendars, schedules) if source)


def _leave_calendars(house: House, source: "LeaveCalendarsSource") -> ContextSource:
    from reports.adapters.leave_calendars import LeaveCalendars, feeds_in

    house.require((source.addresses_from,))
    feeds = feeds_in(Path(house.secret(source.addresses_from)), house.settings.team.engineers)
    read = {engineer.username for engineer in house.open_today.engineers}
    return LeaveCalendars(house.session, [feed for feed in feeds if feed.who in read])


def _pagerduty(house: House, source: "PagerdutySource") -> ContextSource:
    from reports.adapters.pagerduty import PagerDutySchedules, Responder, Rotations, Schedule

    house.require(READ_PAGERDUTY)
    people = [
        Responder(id=engineer.pagerduty_id, who=engineer.username, zone=engineer.time_zone)
        for engineer in house.open_today.engineers
        if engineer.pagerduty_id
    ]
    schedules = [Schedule(id=id, rotation=rotation) for id, rotation in source.schedules.items()]
    rotations = Rotations(schedules=schedules, responders=people)
    return PagerDutySchedules(house.secret(*READ_PAGERDUTY), house.session, rotations, source.url)
