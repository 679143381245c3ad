"""What happened to tickets in Zendesk, as facts from two exports; reads an allow-list of fields and never a word of a customer.

Both exports are plain requests through zenpy's session: zenpy 2.0.57 itself leaves off the last pages of a time-based
export whose page ends less than five minutes ago, and makes an object of every field.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from requests.auth import AuthBase
from zenpy import Zenpy
from zenpy.lib.exception import APIException, ZenpyException

from reports.adapters.http_session import (
    ZENDESK_CREDENTIALS,
    PacedSession,
    Service,
    checked_secret,
    refused,
    unreachable,
)
from reports.core.facts import Ticket, TicketEvent
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.ports import Clock, Page

#: Exports hold back the last minute, and refuse to start in it; the second minute is for clocks that differ.
#: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
WITHHELD = timedelta(minutes=2)
PAGE_SIZE = 1000
#: Tags may name customers, so only these are kept.
KEPT_TAGS = frozenset({"closed_by_merge"})
_TOKEN_LIFE = timedelta(hours=2)

T = TypeVar("T")


# --- who asks ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """A confidential OAuth client of an admin: the way in for a scheduled job, since API tokens are over."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A ready-made OAuth access token."""

    token: str = field(repr=False)


class _Granted(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int | None = None


class _FixedToken(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _RenewedToken(AuthBase):
    """Asks for a token when there is none that lasts; zenpy knows no renewal, so it happens below it, in the session."""

    def __init__(self, service: Service, client: OAuthClient, session: PacedSession, clock: Clock) -> None:
        self._service = service
        self._client = client
        self._session = session
        self._clock = clock
        self._token = ""
        self._renew_at = datetime.min.replace(tzinfo=UTC)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        now = self._clock.now()
        if now >= self._renew_at:
            granted = self._ask()
            life = timedelta(seconds=granted.expires_in) if granted.expires_in else _TOKEN_LIFE
            # A quarter is left for pauses that the server asks for between two pages.
            self._token, self._renew_at = granted.access_token, now + life * 3 / 4
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _ask(self) -> _Granted:
        url = f"{self._service.url}/oauth/tokens"
        body = {
            "grant_type": "client_credentials",
            "client_id": checked_secret(self._client.client_id, "ZENDESK_CLIENT_ID"),
            "client_secret": checked_secret(self._client.client_secret, "ZENDESK_CLIENT_SECRET"),
            # A narrower scope that Zendesk does not know would be granted too, and then open nothing.
            "scope": "read",
            "expires_in": int(_TOKEN_LIFE.total_seconds()),
        }
        # `auth` that changes nothing keeps a .netrc file from putting its own credentials in.
        return _answer(self._service, lambda: self._session.post(url, json=body, auth=lambda request: request), _GRANTED)


# --- what is read -----------------------------------------------------------------------------


class _MetricSet(msgspec.Struct, frozen=True):
    ticket_id: int | None = None
    solved_at: datetime | None = None


class _Ticket(msgspec.Struct, frozen=True):
    id: int
    created_at: datetime
    generated_timestamp: int
    status: str
    priority: str | None = None
    assignee_id: int | None = None
    ticket_form_id: int | None = None
    tags: list[str] = []
    metric_set: _MetricSet | None = None


class _TicketPage(msgspec.Struct, frozen=True):
    tickets: list[_Ticket]
    end_of_stream: bool
    after_cursor: str | None = None
    metric_sets: list[_MetricSet] = []


class _Child(msgspec.Struct, frozen=True):
    """A child event holds the changed field as a key of its own; what is not named here is never decoded."""

    id: int | None = None
    event_type: str = ""
    status: str | msgspec.UnsetType | None = msgspec.UNSET
    assignee_id: int | str | msgspec.UnsetType | None = msgspec.UNSET
    previous_value: msgspec.Raw = msgspec.Raw(b"null")
    comment_present: bool = False
    comment_public: bool | None = None
    public: bool | None = None


class _Update(msgspec.Struct, frozen=True):
    id: int
    ticket_id: int
    timestamp: int
    updater_id: int | None = None
    child_events: list[_Child] = []


class _UpdatePage(msgspec.Struct, frozen=True):
    ticket_events: list[_Update]
    end_of_stream: bool
    end_time: int | None = None


_GRANTED = msgspec.json.Decoder(_Granted)
_TICKETS = msgspec.json.Decoder(_TicketPage)
_UPDATES = msgspec.json.Decoder(_UpdatePage)
_PREVIOUS = msgspec.json.Decoder(int | str | None)


# --- the source -------------------------------------------------------------------------------


class ZendeskTickets:
    """The Zendesk source: the last known state of tickets, and who changed assignee and status or commented when."""

    def __init__(
        self,
        url: str,
        credentials: OAuthClient | AccessToken,
        session: PacedSession,
        clock: Clock,
        kept_tags: Collection[str] = KEPT_TAGS,
    ) -> None:
        self._service = Service("Zendesk", url.rstrip("/"), ZENDESK_CREDENTIALS)
        self._clock = clock
        self._kept_tags = frozenset(kept_tags)
        auth = (
            _FixedToken(checked_secret(credentials.token, "ZENDESK_TOKEN"))
            if isinstance(credentials, AccessToken)
            else _RenewedToken(self._service, credentials, session, clock)
        )
        self._desk = _zenpy(self._service.url, session.with_credentials(auth))

    @property
    def streams(self) -> tuple[str, ...]:
        """The two streams."""
        return ("zendesk.tickets", "zendesk.ticket_events")

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        """Pages of one stream, from the cursor or the window's start, until one reaches the window's end or nothing is left.

        Raises SourceError when Zendesk cannot be reached, refuses, or breaks its own paging laws.
        """
        exports: Mapping[str, Callable[[Window, str | None], Iterator[Page]]] = {
            "zendesk.tickets": self._tickets,
            "zendesk.ticket_events": self._ticket_events,
        }
        return exports[stream](window, cursor)

    def _tickets(self, window: Window, cursor: str | None) -> Iterator[Page]:
        """The cursor export: ordered by `generated_timestamp`, which also moves with system updates; a ticket that changes
        meanwhile comes again at the end, and a scrubbed one a month later. The cursor is a position, not a session.
        """
        place: str | None = cursor or None
        while True:
            now = self._clock.now()
            start = {"cursor": place} if place else {"start_time": self._start(window.start, now)}
            page = self._export("tickets/cursor", start | {"include": "metric_sets"}, _TICKETS)
            newest = max((_instant(ticket.generated_timestamp) for ticket in page.tickets), default=None)
            until = now - WITHHELD if page.end_of_stream else newest
            following = page.after_cursor or place or ""
            yield Page(stream="zendesk.tickets", facts=tuple(self._ticket_facts(page)), cursor=following, until=until)
            if page.end_of_stream or (newest is not None and newest >= window.end):
                return
            self._must_advance(following not in (place, ""))
            place = following

    def _ticket_events(self, window: Window, cursor: str | None) -> Iterator[Page]:
        """The time-based export: `end_time` is the second of the last row, which the next page repeats, or the second after
        when a whole page shares one. Without the `comment_events` sideload no comment's text is sent.
        """
        place = _instant(int(cursor)) if cursor else window.start
        while True:
            now = self._clock.now()
            start = self._start(place, now)
            page = self._export("ticket_events", {"start_time": start}, _UPDATES)
            following = start if page.end_time is None else page.end_time
            facts = tuple(event for update in page.ticket_events for event in _events(update))
            place = _instant(following)
            until = max(place, now - WITHHELD) if page.end_of_stream else place
            yield Page(stream="zendesk.ticket_events", facts=facts, cursor=str(following), until=until)
            if page.end_of_stream or place >= window.end:
                return
            self._must_advance(following > start)

    def _start(self, wanted: datetime, now: datetime) -> int:
        """A start that the exports accept; a repeated row does no harm."""
        return int(min(wanted, now - WITHHELD).timestamp())

    def _export(self, path: str, query: Mapping[str, str | int], decoder: "msgspec.json.Decoder[T]") -> T:
        url = f"{self._service.url}/api/v2/incremental/{path}.json"
        session: PacedSession = self._desk.tickets.session
        return _answer(self._service, lambda: session.get(url, params={**query, "per_page": PAGE_SIZE}), decoder)

    def _must_advance(self, advances: bool) -> None:
        if not advances:
            raise SourceError(
                f"{self._service.name} at {self._service.url} sent a page that leads nowhere",
                "Run again later; what was gathered stays.",
            )

    def _ticket_facts(self, page: _TicketPage) -> Iterator[Ticket]:
        beside = {metrics.ticket_id: metrics for metrics in page.metric_sets}
        for ticket in page.tickets:
            metrics = ticket.metric_set or beside.get(ticket.id, _MetricSet())
            yield Ticket(
                id=ticket.id,
                url=f"{self._service.url}/agent/tickets/{ticket.id}",
                status=ticket.status,
                priority=ticket.priority or "",
                ticket_form=self._form(ticket.ticket_form_id),
                assignee_id=ticket.assignee_id,
                tags=tuple(tag for tag in ticket.tags if tag in self._kept_tags),
                created_at=ticket.created_at,
                solved_at=metrics.solved_at,
                seen_at=_instant(ticket.generated_timestamp),
            )

    def _form(self, form_id: int | None) -> str:
        return "" if form_id is None else self._forms.get(form_id, str(form_id))

    @cached_property
    def _forms(self) -> Mapping[int, str]:
        """Names of ticket forms by id; empty on a plan that has no forms."""
        try:
            return {form.id: form.name for form in self._desk.ticket_forms()}
        except requests.RequestException as error:
            raise unreachable(self._service, error) from error
        except APIException as error:
            status = error.response.status_code
            if status in (403, 404):
                return {}
            raise refused(self._service, status, f"{self._service.url}/api/v2/ticket_forms.json") from error
        except (ZenpyException, ValueError) as error:
            # The budget below makes zenpy give up on a 429 at once; a date in Retry-After it cannot read at all.
            raise refused(self._service, 429, f"{self._service.url}/api/v2/ticket_forms.json") from error


def _zenpy(url: str, session: PacedSession) -> Zenpy:
    """A zenpy client for any address; it wants the host in two parts and knows one scheme."""
    parts = urlsplit(url)
    subdomain, _, domain = parts.netloc.replace("localhost", "127.0.0.1", 1).partition(".")
    # Anonymous: the session brings its own credentials. Budget 0: waiting is the session's business.
    desk = Zenpy(subdomain=subdomain, domain=domain, session=session, anonymous=True, disable_cache=True, ratelimit_budget=0)
    desk.ticket_forms.protocol = parts.scheme
    return desk


def _answer(service: Service, ask: Callable[[], requests.Response], decoder: "msgspec.json.Decoder[T]") -> T:
    try:
        response = ask()
    except requests.RequestException as error:
        raise unreachable(service, error) from error
    if response.status_code != 200:
        raise refused(service, response.status_code, response.url)
    try:
        return decoder.decode(response.content)
    except msgspec.MsgspecError as error:
        raise SourceError(
            f"{service.name} answered in an unknown shape at {response.url.partition('?')[0]}: {error}",
            "Check the address in config/sources.yml; if it is right, Zendesk has changed and the tool must follow.",
        ) from error


def _events(update: _Update) -> Iterator[TicketEvent]:
    created = any(child.event_type == "Create" for child in update.child_events)
    # The system is -1, and 0 in older events.
    actor = update.updater_id if update.updater_id and update.updater_id > 0 else None
    for child in update.child_events:
        for kind, old, new in _changes(child):
            yield TicketEvent(
                # Samples of old events show children without an id; the kind then tells them apart.
                id=update.id if child.id is None else child.id,
                ticket_id=update.ticket_id,
                at=_instant(update.timestamp),
                actor_id=actor,
                kind=kind,
                old=old,
                new=new,
                created=created,
            )


def _changes(child: _Child) -> Iterator[tuple[str, str | None, str | None]]:
    """Kind, old and new value of what we follow in a child event: `assignee`, `status` and `comment`."""
    if child.status is not msgspec.UNSET:
        yield "status", _previous(child), child.status
    if child.assignee_id is not msgspec.UNSET and not (child.event_type == "Create" and not child.assignee_id):
        yield "assignee", _previous(child), _text(child.assignee_id)
    if child.comment_present or child.event_type == "Comment":
        is_public = child.public if child.comment_public is None else child.comment_public
        yield "comment", None, "public" if is_public else "internal"


def _previous(child: _Child) -> str | None:
    return _text(_PREVIOUS.decode(child.previous_value))


def _text(value: int | str | None) -> str | None:
    return str(value) if value else None


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
