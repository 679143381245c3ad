"""On-call days from PagerDuty's schedules as they were in the end, swaps and overrides included."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
import requests
from requests.auth import AuthBase

from reports.adapters.http_session import PacedSession, Service, checked_secret, refused, unreachable
from reports.core.context import Context, OnCall, Unknown
from reports.core.weeks import DayRange
from reports.errors import SourceError

PAGERDUTY_URL = "https://api.pagerduty.com"
PAGERDUTY_CREDENTIALS = "PAGERDUTY_TOKEN"

#: PagerDuty refuses spans over three months, and the shortest three have 89 days.
LONGEST_SPAN = timedelta(days=84)
#: No zone is further from UTC.
_MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule by its id in PagerDuty, such as PI7DH85, and the rotation that our readers know it as."""

    id: str
    rotation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """A person by their user id in PagerDuty; `zone` is the person's own."""

    id: str
    who: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotations:
    """The schedules to read and the people who may be on them; other users are left out."""

    schedules: Sequence[Schedule]
    responders: Sequence[Responder]


class FixedToken(AuthBase):
    """An API key as PagerDuty wants it, with the version of the API."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the headers on a request."""
        request.headers["Authorization"] = f"Token token={self._token}"
        request.headers["Accept"] = "application/vnd.pagerduty+json;version=2"
        return request


# --- what is read -----------------------------------------------------------------------------

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _User(msgspec.Struct, frozen=True):
    id: str | None = None


class _Entry(msgspec.Struct, frozen=True):
    start: _Instant
    end: _Instant
    user: _User | None = None


class _FinalSchedule(msgspec.Struct, frozen=True):
    rendered_schedule_entries: list[_Entry]


class _Schedule(msgspec.Struct, frozen=True):
    final_schedule: _FinalSchedule


class _Answer(msgspec.Struct, frozen=True):
    schedule: _Schedule


_ANSWER = msgspec.json.Decoder(_Answer)


# --- the source -------------------------------------------------------------------------------


class PagerDutySchedules:
    """Reads final schedules; one that cannot be read makes the days of everybody who may be on it unknown."""

    name = "on-call schedules"

    def __init__(self, token: str, session: PacedSession, rotations: Rotations, url: str = PAGERDUTY_URL) -> None:
        """SourceError when the token is no usable secret."""
        self._service = Service("PagerDuty", url.rstrip("/"), PAGERDUTY_CREDENTIALS)
        self._session = session.with_credentials(FixedToken(checked_secret(token, PAGERDUTY_CREDENTIALS)))
        self._rotations = rotations

    def context(self, days: DayRange) -> Context:
        """Who was on call on which of the days, each day in the person's own zone; `unknown` where it could not be read."""
        people = {responder.id: responder for responder in self._rotations.responders}
        on_call: list[OnCall] = []
        unknown: list[Unknown] = []
        for schedule in self._rotations.schedules:
            try:
                entries = [entry for chunk in _chunks(days) for entry in self._entries(schedule, *chunk)]
            except SourceError as error:
                reason = f"the on-call schedule {schedule.rotation} could not be read: {error.message}"
                unknown += [Unknown(who=person.who, days=days, reason=reason) for person in people.values()]
                continue
            on_call += _shifts(entries, people, schedule.rotation, days)
        return Context(on_call=tuple(on_call), unknown=tuple(unknown))

    def _entries(self, schedule: Schedule, since: datetime, until: datetime) -> list[_Entry]:
        url = f"{self._service.url}/schedules/{quote(schedule.id, safe='')}"
        query = {"since": since.isoformat(), "until": until.isoformat(), "time_zone": "UTC"}
        try:
            response = self._session.get(url, params=query)
        except requests.RequestException as error:
            raise unreachable(self._service, error) from error
        if response.status_code != 200:
            raise refused(self._service, response.status_code, url)
        try:
            return _ANSWER.decode(response.content).schedule.final_schedule.rendered_schedule_entries
        except msgspec.MsgspecError as error:
            raise SourceError(
                f"PagerDuty answered in an unknown shape at {url}: {error}",
                "Check the address in config/sources.yml; if it is right, PagerDuty has changed and the tool must follow.",
            ) from error


def _chunks(span: DayRange) -> Iterator[tuple[datetime, datetime]]:
    """The span in every zone of the world, in stretches that PagerDuty accepts; it cuts entries at their ends."""
    since = datetime.combine(span.first, time.min, UTC) - _MARGIN
    end = datetime.combine(span.last, time.min, UTC) + timedelta(days=1) + _MARGIN
    while since < end:
        until = min(since + LONGEST_SPAN, end)
        yield since, until
        since = until


def _shifts(entries: Iterable[_Entry], people: Mapping[str, Responder], rotation: str, span: DayRange) -> Iterator[OnCall]:
    days: dict[str, set[date]] = defaultdict(set)
    for entry in entries:
        person = people.get(entry.user.id or "") if entry.user else None
        if person:
            days[person.who].update(day for day in _days_touched(entry, ZoneInfo(person.zone)) if day in span)
    for who in sorted(days):
        yield from (OnCall(who=who, days=stretch, rotation=rotation) for stretch in _stretches(days[who]))


def _days_touched(entry: _Entry, zone: ZoneInfo) -> Iterable[date]:
    """The local days of a half-open entry: one that ends at midnight leaves the day that begins then alone."""
    if entry.start >= entry.end:
        return ()
    last = (entry.end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone)
    return DayRange(entry.start.astimezone(zone).date(), last.date())


def _stretches(days: Iterable[date]) -> Iterator[DayRange]:
    first = last = None
    for day in sorted(days):
        if first is None or last is None or day - last > timedelta(days=1):
            if first and last:
                yield DayRange(first, last)
            first = day
        last = day
    if first and last:
        yield DayRange(first, last)
