"""How often the people of the team were paged, from PagerDuty's log of incidents; never what an incident is about."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import requests

from reports.adapters.http_session import PacedSession, Service, checked_secret, refused, unreachable
from reports.adapters.pagerduty import PAGERDUTY_CREDENTIALS, PAGERDUTY_URL, FixedToken
from reports.core.facts import OnCallPage
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.ports import Page

STREAM = "pagerduty.pages"
PER_PAGE = 100
#: PagerDuty answers no offset beyond this.
FURTHEST = 10_000
LONGEST_SPAN = timedelta(days=28)
#: An entry may show in the log only after a while.
OVERLAP = timedelta(hours=1)

#: An incident is put before somebody when it is assigned and when it is escalated; every notification would count twice.
_PUTS_BEFORE_SOMEBODY = frozenset({"assign_log_entry", "escalate_log_entry"})


class _User(msgspec.Struct, frozen=True):
    id: str


class _Incident(msgspec.Struct, frozen=True):
    html_url: str | None = None


class _Entry(msgspec.Struct, frozen=True):
    id: str
    type: str
    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    assignees: list[_User] = []
    incident: _Incident = _Incident()


class _Answer(msgspec.Struct, frozen=True):
    log_entries: list[_Entry]
    more: bool


class _Cursor(msgspec.Struct, frozen=True):
    """Everything before `known` is known of these responders."""

    known: datetime
    responders: tuple[str, ...]


_ANSWER = msgspec.json.Decoder(_Answer)


class PagerDutyPages:
    """The log of PagerDuty as a source: one row whenever an incident was assigned or escalated to one of the responders."""

    def __init__(self, token: str, session: PacedSession, responders: Sequence[str], url: str = PAGERDUTY_URL) -> None:
        """`responders` are ids of users in PagerDuty, others are left out. SourceError when the token is no usable secret."""
        self._service = Service("PagerDuty", url.rstrip("/"), PAGERDUTY_CREDENTIALS)
        self._session = session.with_credentials(FixedToken(checked_secret(token, PAGERDUTY_CREDENTIALS)))
        self._responders = frozenset(responders)

    @property
    def streams(self) -> tuple[str, ...]:
        """One stream, and none when nobody's id is known."""
        return (STREAM,) if self._responders else ()

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        """Pages up to the window's end; responders who are new are read from its start, and everybody with them."""
        before = msgspec.json.decode(cursor, type=_Cursor) if cursor else None
        start = window.start
        if before and self._responders <= set(before.responders):
            start = max(window.start, before.known - OVERLAP)
        known = _Cursor(start, tuple(sorted(self._responders)))
        for since, until in _spans(start, window.end):
            facts = tuple(fact for entry in self._entries(since, until) for fact in self._facts(entry))
            known = msgspec.structs.replace(known, known=until)
            yield Page(stream=stream, facts=facts, cursor=msgspec.json.encode(known).decode(), until=until)
        if start >= window.end:
            yield Page(stream=stream, facts=(), cursor=msgspec.json.encode(known).decode(), until=window.end)

    def _facts(self, entry: _Entry) -> Iterator[OnCallPage]:
        for user in entry.assignees:
            if entry.type in _PUTS_BEFORE_SOMEBODY and user.id in self._responders:
                at, url = entry.created_at.astimezone(UTC), entry.incident.html_url or ""
                yield OnCallPage(id=f"{entry.id}/{user.id}", responder_id=user.id, at=at, url=url)

    def _entries(self, since: datetime, until: datetime) -> list[_Entry]:
        """Every entry from the first instant up to the second; a span with more than PagerDuty lists is read in two halves."""
        found: list[_Entry] = []
        for offset in range(0, FURTHEST, PER_PAGE):
            answer = self._page(since, until, offset)
            found += answer.log_entries
            if not answer.more:
                # PagerDuty includes both ends.
                return [entry for entry in found if since <= entry.created_at < until]
        middle = since + (until - since) / 2
        if middle <= since:
            raise SourceError(f"PagerDuty lists more than {FURTHEST} entries at {since}", "Ask PagerDuty's support why.")
        return [*self._entries(since, middle), *self._entries(middle, until)]

    def _page(self, since: datetime, until: datetime, offset: int) -> _Answer:
        url = f"{self._service.url}/log_entries"
        span = {"since": since.isoformat(), "until": until.isoformat(), "time_zone": "UTC"}
        query = {**span, "limit": str(PER_PAGE), "offset": str(offset)}
        try:
            response = self._session.get(url, params=query)
        except requests.RequestException as error:
            raise unreachable(self._service, error) from error
        if response.status_code != 200:
            raise refused(self._service, response.status_code, url)
        try:
            return _ANSWER.decode(response.content)
        except msgspec.MsgspecError as error:
            raise SourceError(
                f"PagerDuty answered in an unknown shape at {url}: {error}",
                "Check the address in config/sources.yml; if it is right, PagerDuty has changed and the tool must follow.",
            ) from error


def _spans(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        until = min(start + LONGEST_SPAN, end)
        yield start, until
        start = until
