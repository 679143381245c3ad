"""Zendesk's schedules as versions of business hours: when they open and close, in which zone, and which days are off.

Zendesk shows a schedule as it is now. What it was before is remembered in the cursor, from the first reading on, so that a
promise is judged by the hours of its own time; names of schedules and holidays are not kept.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from reports.adapters.rails_time_zones import iana_zone
from reports.adapters.zendesk_access import ZendeskClient
from reports.core.facts import BusinessHours
from reports.errors import SourceError

_PATH = "business_hours/schedules"


class _Interval(msgspec.Struct, frozen=True):
    start_time: int
    end_time: int


class _Schedule(msgspec.Struct, frozen=True):
    id: int
    name: str
    time_zone: str
    created_at: datetime
    updated_at: datetime | None = None
    intervals: list[_Interval] = []


class _Schedules(msgspec.Struct, frozen=True):
    schedules: list[_Schedule]


class _Holiday(msgspec.Struct, frozen=True):
    start_date: str
    end_date: str


class _Holidays(msgspec.Struct, frozen=True):
    holidays: list[_Holiday]


class _Hours(msgspec.Struct, frozen=True, kw_only=True):
    time_zone: str
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    holidays: tuple[str, ...]


class _Version(msgspec.Struct, frozen=True, kw_only=True):
    schedule: int
    valid_from: datetime
    hours: _Hours


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the cursor remembers: every version that was ever seen, oldest first, and when that was."""

    read: datetime
    versions: tuple[_Version, ...]


_SCHEDULES = msgspec.json.Decoder(_Schedules)
_HOLIDAYS = msgspec.json.Decoder(_Holidays)
_KNOWN = msgspec.json.Decoder(_Known)


def read_business_hours(client: ZendeskClient, default: str, known: str, now: datetime) -> tuple[Sequence[BusinessHours], str]:
    """Every version of every schedule, and what to hand in as `known` the next time; none on a plan without schedules.

    `default` names the schedule of a ticket without another, the oldest when it is empty. Raises SourceError, also when no
    schedule has that name.
    """
    last = _KNOWN.decode(known) if known else None
    found = client.get_if_offered(f"{_PATH}.json", {}, _SCHEDULES)
    schedules = sorted(found.schedules, key=lambda schedule: (schedule.created_at, schedule.id)) if found else []
    in_force = _default(schedules, default)
    versions = list(last.versions if last else ())
    for schedule in schedules:
        hours = _hours(client, schedule)
        before = [version for version in versions if version.schedule == schedule.id]
        if not before or before[-1].hours != hours:
            since = _since(schedule, last.read if before and last else None, now)
            versions.append(_Version(schedule=schedule.id, valid_from=since, hours=hours))
    remembered = msgspec.json.encode(_Known(read=now, versions=tuple(versions))).decode()
    return tuple(_facts(versions, in_force)), remembered


def _default(schedules: Sequence[_Schedule], name: str) -> int | None:
    if not name or not schedules:
        return schedules[0].id if schedules else None
    named = [schedule.id for schedule in schedules if schedule.name == name]
    if not named:
        raise SourceError(
            f"Zendesk has no schedule with the name that zendesk.schedule gives ({name})",
            "Copy the name from Zendesk's list of schedules into config/sources.yml, or leave the key out for the oldest one.",
        )
    return named[0]


def _hours(client: ZendeskClient, schedule: _Schedule) -> _Hours:
    holidays = client.get(f"{_PATH}/{schedule.id}/holidays.json", {}, _HOLIDAYS).holidays
    intervals = sorted(schedule.intervals, key=lambda interval: interval.start_time)
    return _Hours(
        time_zone=_zone(schedule.time_zone),
        opens=tuple(interval.start_time for interval in intervals),
        closes=tuple(interval.end_time for interval in intervals),
        holidays=tuple(sorted(f"{holiday.start_date}/{holiday.end_date}" for holiday in holidays)),
    )


def _zone(name: str) -> str:
    """The IANA name of a zone, which Zendesk names as Rails does; SourceError when nobody knows it."""
    zone = iana_zone(name)
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SourceError(
            f"Zendesk has a schedule in a time zone that is not known here: {name}",
            "Choose another zone for the schedule in Zendesk, or add this one to reports/adapters/rails_time_zones.py.",
        ) from error


def _since(schedule: _Schedule, read: datetime | None, now: datetime) -> datetime:
    """From when on the hours hold: always, when they are the first; else since the change, if Zendesk tells when that was."""
    if read is None:
        return schedule.created_at
    return schedule.updated_at if schedule.updated_at and read < schedule.updated_at <= now else now


def _facts(versions: Sequence[_Version], default: int | None) -> Iterator[BusinessHours]:
    for version in versions:
        yield BusinessHours(
            schedule_id=version.schedule,
            valid_from=version.valid_from,
            is_default=version.schedule == default,
            time_zone=version.hours.time_zone,
            opens=version.hours.opens,
            closes=version.hours.closes,
            holidays=version.hours.holidays,
        )
