"""The HTTP session that every source is read through: timeouts, patient retries of reads, counts; it understands no answer.

Only reads are ever repeated: a write that may have arrived is for the caller to look up, never to send again.
"""

import json
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_any, retry_if_exception, retry_if_result

from reports.adapters.secrets import Secret
from reports.errors import SourceError

# It writes whole addresses at DEBUG, and the address of a calendar is a secret.
logging.getLogger("urllib3").setLevel(logging.INFO)

GITLAB_CREDENTIALS = "GITLAB_READ_TOKEN or GITLAB_TOKEN"
ZENDESK_CREDENTIALS = "ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET, or ZENDESK_TOKEN"

_PASSING_STATUS = frozenset({429, 500, 502, 503, 504})
_PASSING_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
_SECRET_HEADERS = ("Authorization", "PRIVATE-TOKEN", "JOB-TOKEN")
_CLOSING = {b"{": b"}", b"[": b"]"}


class TruncatedBody(requests.ConnectionError):
    """An answer whose JSON ends in the middle, although its length was as announced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds; `total_wait` is for the whole session.

    A host that never answered is more likely misspelt than busy, so it gets fewer attempts.
    """

    connect: float = 10.0
    read: float = 60.0
    first_wait: float = 0.5
    longest_wait: float = 30.0
    total_wait: float = 300.0
    attempts: int = 6
    attempts_at_strangers: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A pause before a read is repeated; `asked` says whether the server named its length."""

    host: str
    seconds: float
    reason: str
    asked: bool


@dataclass(frozen=True, slots=True)
class RequestCount:
    """Requests sent, repetitions included."""

    reads: int = 0
    writes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a session waits with: the sleep, the random number in [0, 1), the present instant, and whoever watches."""

    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    watch: Callable[[Wait], None] = field(default=lambda wait: None)


@dataclass(slots=True)
class _Ledger:
    """What sessions of one run share: requests by host and kind, hosts that ever answered, seconds waited."""

    counts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    answered: set[str] = field(default_factory=set)
    waited: float = 0.0
    lock: Lock = field(default_factory=Lock)


class PacedSession(requests.Session):
    """A `requests` session that times out, repeats reads as servers ask, counts requests, and keeps secrets on their host."""

    def __init__(self, patience: Patience | None = None, waiting: Waiting | None = None) -> None:
        super().__init__()
        self.headers["User-Agent"] = "support-reports"
        self._patience = patience or Patience()
        self._waiting = waiting or Waiting()
        self._ledger = _Ledger()

    def with_credentials(self, auth: AuthBase) -> "PacedSession":
        """A session of its own for one server's credentials; counts and waiting stay common."""
        session = PacedSession(self._patience, self._waiting)
        session._ledger = self._ledger
        session.auth = auth
        session.adapters = self.adapters
        session.proxies, session.verify, session.cert, session.trust_env = self.proxies, self.verify, self.cert, self.trust_env
        return session

    @property
    def waited(self) -> float:
        """Seconds spent waiting before repetitions."""
        return self._ledger.waited

    def requests_by_host(self) -> Mapping[str, RequestCount]:
        """How many requests went to each host, named with its port where it has one."""
        with self._ledger.lock:
            counts = dict(self._ledger.counts)
        hosts = sorted({host for host, _ in counts})
        return {host: RequestCount(counts.get((host, True), 0), counts.get((host, False), 0)) for host in hosts}

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request; a read is repeated while its failure may pass, a write goes out once and follows no redirect.

        Returns the last answer whatever its status; raises what `requests` raises when there was none.
        """
        kwargs["timeout"] = kwargs.get("timeout") or (self._patience.connect, self._patience.read)
        if not is_read(request):
            kwargs["allow_redirects"] = False
            return self._send_once(request, **kwargs)
        return self._retrying()(self._send_once, request, **kwargs)

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Drop every credential when a redirect leaves the host; `requests` alone knows one header only."""
        old, new = urlsplit(str(response.request.url)), urlsplit(str(prepared_request.url))
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            for name in _SECRET_HEADERS:
                prepared_request.headers.pop(name, None)

    def _send_once(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        with self._ledger.lock:
            self._ledger.counts[_host(request), is_read(request)] += 1
        try:
            response = super().send(request, **kwargs)
        except requests.RequestException as error:
            # What lies below holds the raw headers in its variables, and with them the token.
            error.__cause__ = error.__context__ = None
            raise error.with_traceback(None) from None
        self._ledger.answered.add(_host(request))
        if is_read(request) and not kwargs.get("stream") and _is_cut_short(response):
            raise TruncatedBody("the answer ends in the middle", request=request, response=response)
        return response

    def _retrying(self) -> Retrying:
        return Retrying(
            retry=retry_any(retry_if_exception(_may_pass), retry_if_result(lambda answer: answer.status_code in _PASSING_STATUS)),
            wait=self._wait_before_next,
            stop=self._is_enough,
            sleep=self._waiting.sleep,
            before_sleep=self._note_wait,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )

    def _wait_before_next(self, state: RetryCallState) -> float:
        asked = _asked_wait(state, self._waiting.now())
        if asked is not None:
            return asked
        # Limits without a header are counted per minute, so the first guess is eight times a passing fault's.
        doublings = state.attempt_number - 1 + (3 if _status(state) == 429 else 0)
        ceiling = min(self._patience.longest_wait, self._patience.first_wait * 2**doublings)
        return float(ceiling * (0.5 + 0.5 * self._waiting.random()))

    def _is_enough(self, state: RetryCallState) -> bool:
        known = _host(state.args[0]) in self._ledger.answered
        attempts = self._patience.attempts if known else self._patience.attempts_at_strangers
        too_long = self._ledger.waited + state.upcoming_sleep > self._patience.total_wait
        return too_long or state.attempt_number >= attempts

    def _note_wait(self, state: RetryCallState) -> None:
        self._ledger.waited += state.upcoming_sleep
        asked = _asked_wait(state, self._waiting.now()) is not None
        wait = Wait(host=_host(state.args[0]), seconds=state.upcoming_sleep, reason=_reason(state), asked=asked)
        self._waiting.watch(wait)


def is_read(request: requests.PreparedRequest) -> bool:
    """Whether sending the request again can change nothing: a GET, a GraphQL query, or asking for a token."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return True
    path = urlsplit(str(request.url)).path
    if request.method != "POST":
        return False
    return path.endswith("/oauth/tokens") or (path.endswith("/api/graphql") and _is_graphql_query(request.body))


def _is_graphql_query(body: bytes | str | Any) -> bool:
    """Errs towards a write: any mention of a mutation, even in a string, makes it one."""
    try:
        query = json.loads(body)["query"]
    except (TypeError, ValueError, KeyError):
        return False
    return isinstance(query, str) and re.search(r"\bmutation\b", query) is None


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, _PASSING_ERRORS) and not isinstance(error, requests.exceptions.SSLError)


def _is_cut_short(response: requests.Response) -> bool:
    if response.status_code != 200 or "json" not in response.headers.get("Content-Type", ""):
        return False
    body = response.content
    closing = _CLOSING.get(body[:64].lstrip()[:1])
    return closing is not None and body[-64:].rstrip()[-1:] != closing


def _asked_wait(state: RetryCallState, now: datetime) -> float | None:
    """The seconds that `Retry-After` names, as a number or a date; None without a usable one."""
    if state.outcome is None or state.outcome.failed:
        return None
    text = state.outcome.result().headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _status(state: RetryCallState) -> int | None:
    if state.outcome is None or state.outcome.failed:
        return None
    return int(state.outcome.result().status_code)


def _reason(state: RetryCallState) -> str:
    error = state.outcome.exception() if state.outcome else None
    return f"status {_status(state)}" if error is None else _plain_cause(error)


def _host(request: requests.PreparedRequest) -> str:
    return urlsplit(str(request.url)).netloc.rpartition("@")[2]


# --- failures in words ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Service:
    """A system we read: its name, its address, and the environment variables that hold its credentials."""

    name: str
    url: str
    credentials: str


def unreachable(service: Service, error: BaseException) -> SourceError:
    """What to say when no answer came."""
    return SourceError(
        f"{service.name} at {_public_url(service.url)} cannot be reached: {_plain_cause(error)}",
        "Check the address in config/sources.yml and the network, then run again; what was gathered stays.",
    )


def refused(service: Service, status: int, url: str) -> SourceError:
    """What to say to an answer that is not the one we wanted; names the place without its query."""
    place = _public_url(url)
    if status in (401, 403):
        what = "does not know the token" if status == 401 else "does not let the token read this"
        return SourceError(
            f"{service.name} {what} ({status} at {place})",
            f"Check {service.credentials}: valid, not expired, and with the right to read this place.",
        )
    if status == 404:
        return SourceError(
            f"{service.name} has nothing at {place} (404)",
            f"Check the names in config/sources.yml, and that the account behind {service.credentials} may see them.",
        )
    if status == 429:
        return SourceError(
            f"{service.name} asks to wait longer than we may ({place})", "Run again later; what was gathered stays."
        )
    return SourceError(f"{service.name} answered {status} at {place}", "Run again later; what was gathered stays.")


def checked_secret(value: str, variable: str) -> Secret:
    """The secret of an environment variable without blanks around it; SourceError names the variable, never the value.

    Without this, the HTTP library would print a secret that holds a line break.
    """
    stripped = value.strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise SourceError(f"{variable} holds no usable secret", f"Set {variable} to the token itself: one word, no line break.")
    return Secret(stripped)


def _public_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _plain_cause(error: BaseException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate could not be verified"
    if isinstance(error, requests.ConnectTimeout):
        return "no connection within the time limit"
    if isinstance(error, requests.Timeout):
        return "no answer within the time limit"
    if isinstance(error, TruncatedBody | requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "its answers break off"
    if "NameResolutionError" in repr(error):
        return "no such host"
    return "the connection was refused or cut"
