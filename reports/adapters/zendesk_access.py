"""The way into Zendesk for all of its sources: one token that renews itself, and a zenpy client for each; it knows no facts."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from requests.auth import AuthBase
from zenpy import Zenpy
from zenpy.lib.exception import APIException, RatelimitBudgetExceeded, ZenpyException

from reports.adapters.http_session import (
    ZENDESK_CREDENTIALS,
    PacedSession,
    Service,
    checked_secret,
    refused,
    unreachable,
)
from reports.errors import SourceError
from reports.ports import Clock

_TOKEN_LIFE = timedelta(hours=2)
#: Answers that mean that the plan has no such thing, or that this user may not see it.
_NOT_OFFERED = (403, 404)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """A confidential OAuth client of an admin: the way in for a scheduled job, since API tokens are over."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A ready-made OAuth access token."""

    token: str = field(repr=False)


class ZendeskAccess:
    """A Zendesk account and the credentials for it; every source makes itself a client, and all of them share one token."""

    def __init__(self, url: str, credentials: OAuthClient | AccessToken, session: PacedSession, clock: Clock) -> None:
        self.service = Service("Zendesk", url.rstrip("/"), ZENDESK_CREDENTIALS)
        self.clock = clock
        self._session = session
        self._auth = (
            _FixedToken(checked_secret(credentials.token, "ZENDESK_TOKEN"))
            if isinstance(credentials, AccessToken)
            else _RenewedToken(self.service, credentials, session, clock)
        )

    def client(self) -> "ZendeskClient":
        """A client of its own for one thread: zenpy's are not safe for two."""
        return ZendeskClient(self.service, self._session.with_credentials(self._auth))


class ZendeskClient:
    """Reads with one zenpy client: small lists with zenpy itself, everything else through zenpy's session.

    What comes back is decoded at once, so that no object of an API leaves a source.
    """

    def __init__(self, service: Service, session: PacedSession) -> None:
        self.service = service
        self._desk = _zenpy(service.url, session)

    def get(self, path: str, query: Mapping[str, str | int], decoder: "msgspec.json.Decoder[T]") -> T:
        """The answer at a path below `/api/v2/`; SourceError for anything but an answer in the expected shape."""
        return answer(self.service, lambda: self._ask(path, query), decoder)

    def get_if_offered(self, path: str, query: Mapping[str, str | int], decoder: "msgspec.json.Decoder[T]") -> T | None:
        """The same; None where the plan offers no such thing."""
        try:
            return self.get(path, query, decoder)
        except _RefusedError as refusal:
            if refusal.status in _NOT_OFFERED:
                return None
            raise

    def status(self, path: str, query: Mapping[str, str | int]) -> int:
        """Only the status that a path answers with; SourceError when no answer came, or something that is not Zendesk's."""
        try:
            response = self._ask(path, query)
        except requests.RequestException as error:
            raise unreachable(self.service, error) from error
        if response.status_code == 200 and not response.content.lstrip().startswith(b"{"):
            raise unknown_shape(self.service, response.url, "no JSON object")
        return int(response.status_code)

    def listed(self, path: str, ask: Callable[[Zenpy], Iterable[Any]]) -> list[Any]:
        """All of a list that zenpy reads; `path` is for the words of a SourceError."""
        place = f"{self.service.url}/api/v2/{path}"
        try:
            return list(ask(self._desk))
        except requests.RequestException as error:
            raise unreachable(self.service, error) from error
        except APIException as error:
            raise _RefusedError(self.service, error.response.status_code, place) from error
        except (RatelimitBudgetExceeded, ValueError) as error:
            # The budget below makes zenpy give up on a 429 at once; a date in Retry-After it cannot read at all.
            raise _RefusedError(self.service, 429, place) from error
        except ZenpyException as error:
            raise unknown_shape(self.service, place, "not what zenpy knows") from error

    def listed_if_offered(self, path: str, ask: Callable[[Zenpy], Iterable[Any]]) -> list[Any]:
        """The same; nothing where the plan offers no such thing."""
        try:
            return self.listed(path, ask)
        except _RefusedError as refusal:
            if refusal.status in _NOT_OFFERED:
                return []
            raise

    def _ask(self, path: str, query: Mapping[str, str | int]) -> requests.Response:
        session: PacedSession = self._desk.tickets.session
        return session.get(f"{self.service.url}/api/v2/{path}", params=query)


def answer(service: Service, ask: Callable[[], requests.Response], decoder: "msgspec.json.Decoder[T]") -> T:
    """What was asked for, decoded; SourceError when nothing came, or something else."""
    try:
        response = ask()
    except requests.RequestException as error:
        raise unreachable(service, error) from error
    if response.status_code != 200:
        raise _RefusedError(service, response.status_code, response.url)
    try:
        return decoder.decode(response.content)
    except msgspec.MsgspecError as error:
        raise unknown_shape(service, response.url, str(error)) from error


def unknown_shape(service: Service, url: str, why: str) -> SourceError:
    """What to say to an answer that is not understood; never what stood in it."""
    return SourceError(
        f"{service.name} answered in an unknown shape at {url.partition('?')[0]}: {why}",
        "Check the address in config/sources.yml; if it is right, Zendesk has changed and the tool must follow.",
    )


class _RefusedError(SourceError):
    def __init__(self, service: Service, status: int, url: str) -> None:
        said = refused(service, status, url)
        super().__init__(said.message, said.hint)
        self.status = status


def _zenpy(url: str, session: PacedSession) -> Zenpy:
    """A zenpy client for any address; it wants the host in two parts and knows one scheme."""
    # Whoever turns on logging would else find whole answers in it.
    logging.getLogger("zenpy").setLevel(logging.WARNING)
    parts = urlsplit(url)
    subdomain, _, domain = parts.netloc.replace("localhost", "127.0.0.1", 1).partition(".")
    # Anonymous: the session brings its own credentials. Budget 0: waiting is the session's business.
    desk = Zenpy(subdomain=subdomain, domain=domain, session=session, anonymous=True, disable_cache=True, ratelimit_budget=0)
    for api in (
        desk.users,
        desk.groups,
        desk.group_memberships,
        desk.ticket_forms,
        desk.custom_statuses,
        desk.sla_policies,
    ):
        api.protocol = parts.scheme
    return desk


# --- tokens -----------------------------------------------------------------------------------


class _Granted(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int | None = None


_GRANTED = msgspec.json.Decoder(_Granted)


class _FixedToken(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _RenewedToken(AuthBase):
    """Asks for a token when there is none that lasts, and once more when Zendesk no longer knows it.

    zenpy knows no renewal, so it happens below it, in the session. Several threads share it.
    """

    def __init__(self, service: Service, client: OAuthClient, session: PacedSession, clock: Clock) -> None:
        self._service = service
        self._client = client
        self._session = session
        self._clock = clock
        self._token = ""
        self._renew_at = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._lasting()}"
        request.hooks["response"] = [self._ask_again]
        return request

    def _lasting(self, refused: str = "") -> str:
        """A token that lasts and is not the refused one."""
        with self._lock:
            now = self._clock.now()
            if now >= self._renew_at or self._token == refused:
                granted = self._ask()
                life = timedelta(seconds=granted.expires_in) if granted.expires_in else _TOKEN_LIFE
                # A quarter is left for pauses that the server asks for between two pages.
                self._token, self._renew_at = granted.access_token, now + life * 3 / 4
            return self._token

    def _ask_again(self, response: requests.Response, **settings: Any) -> requests.Response:
        """Put a request that was answered with 401 once more, with a new token."""
        if response.status_code != 401:
            return response
        again = response.request.copy()
        again.hooks = {"response": []}
        again.headers["Authorization"] = f"Bearer {self._lasting(_bearer(again))}"
        return self._session.send(again, **settings)

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
        return answer(self._service, lambda: self._session.post(url, json=body, auth=lambda request: request), _GRANTED)


def _bearer(request: requests.PreparedRequest) -> str:
    return str(request.headers.get("Authorization", "")).removeprefix("Bearer ")
