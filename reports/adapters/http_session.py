"""The HTTP session that every source is read through: pacing, timeouts, patient retries of reads, counts; it reads no answer.

Only reads are ever repeated: a write that may have arrived is for the caller to look up, never to send again.
"""

import logging
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_any, retry_if_exception, retry_if_result

from reports.adapters.http_messages import bytes_received, host_of, is_cut_short, is_read
from reports.adapters.pacing import Pacing, retry_after
from reports.adapters.secrets import Secret
from reports.errors import SourceError
from reports.ports import Traffic

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


class TruncatedBody(requests.ConnectionError):
    """An answer whose JSON ends in the middle, although its length was as announced."""


class WaitTooLong(requests.RequestException):
    """A request that was not sent, because a limit would make it wait longer than we may."""


class RunEnded(requests.RequestException):
    """A request that was not sent, because somebody ended the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds; the totals are for the whole session.

    Faults should pass soon: their total is short. Limits are what they are, and a large account's take hours: their total only
    keeps a run from staying for ever. A host that never answered is more likely misspelt than busy, so it gets fewer attempts.
    """

    connect: float = 10.0
    read: float = 60.0
    first_wait: float = 0.5
    longest_wait: float = 30.0
    total_wait: float = 300.0
    longest_limit_wait: float = 3600.0
    total_limit_wait: float = 24 * 3600.0
    attempts: int = 6
    attempts_at_strangers: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A pause before a request is sent or repeated.

    `asked` says whether the server named its length, `for_limit` whether a limit forces it and not a fault.
    """

    host: str
    seconds: float
    reason: str
    asked: bool
    for_limit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a session waits with: the sleep, the random number in [0, 1) and the present instant.

    Without a sleep of its own it waits so that `give_up` ends it.
    """

    sleep: Callable[[float], None] | None = None
    random: Callable[[], float] = random.random
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


@dataclass(slots=True)
class _Ledger:
    """What sessions of one run share: requests by host and kind, bytes, hosts that ever answered, seconds waited and why."""

    counts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)
    answered: set[str] = field(default_factory=set)
    waits: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    waited_for: defaultdict[bool, float] = field(default_factory=lambda: defaultdict(float))
    waiting_until: defaultdict[tuple[str, bool], float] = field(default_factory=lambda: defaultdict(float))
    lock: Lock = field(default_factory=Lock)
    pacing: Pacing = field(default_factory=Pacing)
    ended: Event = field(default_factory=Event)
    watch: Callable[[Wait], None] = field(default=lambda wait: None)


class PacedSession(requests.Session):
    """A `requests` session that keeps to limits, times out, repeats reads, counts, and keeps secrets on their host.

    Several threads may share it and its siblings.
    """

    def __init__(self, patience: Patience | None = None, waiting: Waiting | None = None) -> None:
        super().__init__()
        self.headers["User-Agent"] = "support-reports"
        self._patience = patience or Patience()
        self._waiting = waiting or Waiting()
        self._ledger = _Ledger()

    def with_credentials(self, auth: AuthBase) -> "PacedSession":
        """A session of its own for one server's credentials; limits, counts and waiting stay common."""
        session = PacedSession(self._patience, self._waiting)
        session._ledger = self._ledger
        session.auth = auth
        session.adapters = self.adapters
        session.proxies, session.verify, session.cert, session.trust_env = self.proxies, self.verify, self.cert, self.trust_env
        return session

    def announce(self, watch: Callable[[Wait], None]) -> None:
        """Tell somebody of every pause from now on."""
        self._ledger.watch = watch

    def give_up(self) -> None:
        """End every pause, and send nothing more: the run is over."""
        self._ledger.ended.set()

    def now(self) -> datetime:
        """The present instant by which it waits."""
        return self._waiting.now()

    def pause(self, wait: Wait) -> None:
        """Wait for a reason of the caller's, announced and counted like its own."""
        self._note(wait)
        self._pause(wait.seconds)

    @property
    def waited(self) -> float:
        """Seconds spent waiting, for limits and after faults; of threads that waited at once those of one."""
        return sum(self._ledger.waited_for.values())

    def traffic(self) -> tuple[Traffic, ...]:
        """What each host was asked so far, by name (with its port where it has one)."""
        ledger = self._ledger
        with ledger.lock:
            return tuple(
                Traffic(
                    host=host,
                    reads=ledger.counts[host, True],
                    writes=ledger.counts[host, False],
                    received=ledger.received[host],
                    waits={reason: seconds for (of, reason), seconds in sorted(ledger.waits.items()) if of == host},
                )
                for host in sorted({host for host, _ in ledger.counts})
            )

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
        ledger, host = self._ledger, host_of(request)
        self._take_turn(request)
        with ledger.lock:
            ledger.counts[host, is_read(request)] += 1
        try:
            response = super().send(request, **kwargs)
        except requests.RequestException as error:
            ledger.pacing.unanswered(request)
            # What lies below holds the raw headers in its variables, and with them the token.
            error.__cause__ = error.__context__ = None
            raise error.with_traceback(None) from None
        except BaseException:
            ledger.pacing.unanswered(request)
            raise
        ledger.pacing.answered(request, response, self._waiting.now())
        with ledger.lock:
            ledger.answered.add(host)
            ledger.received[host] += 0 if kwargs.get("stream") else bytes_received(response)
        if is_read(request) and not kwargs.get("stream") and is_cut_short(response):
            raise TruncatedBody("the answer ends in the middle", request=request, response=response)
        return response

    def _take_turn(self, request: requests.PreparedRequest) -> None:
        """Wait until the limits let a request go out."""
        now = self._waiting.now().timestamp()
        turn = self._ledger.pacing.reserve(request, now)
        pause = turn.at - now
        if pause <= 0:
            self._refuse_after_the_end()
            return
        wait = Wait(host=host_of(request), seconds=pause, reason=f"limit of {turn.limit}", asked=True, for_limit=True)
        try:
            if self._is_too_long(wait):
                raise WaitTooLong(wait.reason, request=request)
            self._note(wait)
            self._pause(pause)
        except BaseException:
            self._ledger.pacing.unanswered(request)
            raise

    def _pause(self, seconds: float) -> None:
        if self._waiting.sleep is None:
            self._ledger.ended.wait(seconds)
        else:
            self._waiting.sleep(seconds)
        self._refuse_after_the_end()

    def _refuse_after_the_end(self) -> None:
        if self._ledger.ended.is_set():
            raise RunEnded("the run was ended")

    def _is_too_long(self, wait: Wait) -> bool:
        mine = self._patience
        total, longest = (
            (mine.total_limit_wait, mine.longest_limit_wait) if wait.for_limit else (mine.total_wait, mine.total_wait)
        )
        return wait.seconds > longest or self._ledger.waited_for[wait.for_limit] + self._counted(wait) > total

    def _counted(self, wait: Wait) -> float:
        """The seconds by which a wait is longer than those of other threads for the same: threads wait side by side."""
        end = self._waiting.now().timestamp() + wait.seconds
        return min(wait.seconds, max(0.0, end - self._ledger.waiting_until[wait.host, wait.for_limit]))

    def _note(self, wait: Wait) -> None:
        ledger, end = self._ledger, self._waiting.now().timestamp() + wait.seconds
        with ledger.lock:
            counted = self._counted(wait)
            ledger.waited_for[wait.for_limit] += counted
            ledger.waits[wait.host, wait.reason] += counted
            ledger.waiting_until[wait.host, wait.for_limit] = max(end, ledger.waiting_until[wait.host, wait.for_limit])
        ledger.watch(wait)

    def _retrying(self) -> Retrying:
        return Retrying(
            retry=retry_any(retry_if_exception(_may_pass), retry_if_result(lambda answer: answer.status_code in _PASSING_STATUS)),
            wait=self._wait_before_next,
            stop=self._is_enough,
            sleep=self._pause,
            before_sleep=lambda state: self._note(self._wait_of(state)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )

    def _wait_before_next(self, state: RetryCallState) -> float:
        asked = _asked_wait(state, self._waiting.now())
        if asked is not None:
            return asked
        # Limits without a header are counted per minute, so the first guess is eight times a passing fault's. When the window
        # that other headers speak of ends says nothing about them: waiting for that could take an hour.
        doublings = state.attempt_number - 1 + (3 if _status(state) == 429 else 0)
        ceiling = min(self._patience.longest_wait, self._patience.first_wait * 2**doublings)
        return float(ceiling * (0.5 + 0.5 * self._waiting.random()))

    def _is_enough(self, state: RetryCallState) -> bool:
        known = host_of(state.args[0]) in self._ledger.answered
        attempts = self._patience.attempts if known else self._patience.attempts_at_strangers
        return state.attempt_number >= attempts or self._is_too_long(self._wait_of(state))

    def _wait_of(self, state: RetryCallState) -> Wait:
        return Wait(
            host=host_of(state.args[0]),
            seconds=state.upcoming_sleep,
            reason=_reason(state),
            asked=_asked_wait(state, self._waiting.now()) is not None,
            for_limit=_status(state) == 429,
        )


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, _PASSING_ERRORS) and not isinstance(error, requests.exceptions.SSLError)


def _asked_wait(state: RetryCallState, now: datetime) -> float | None:
    """The seconds that an answer asks for; None when there was no answer, or no word in it."""
    if state.outcome is None or state.outcome.failed:
        return None
    return retry_after(state.outcome.result().headers, now)


def _status(state: RetryCallState) -> int | None:
    if state.outcome is None or state.outcome.failed:
        return None
    return int(state.outcome.result().status_code)


def _reason(state: RetryCallState) -> str:
    error = state.outcome.exception() if state.outcome else None
    return f"status {_status(state)}" if error is None else _plain_cause(error)


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


_CAUSES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (WaitTooLong, "its limits ask us to wait longer than we may"),
    (RunEnded, "the run was ended"),
    (requests.exceptions.SSLError, "its certificate could not be verified"),
    (requests.ConnectTimeout, "no connection within the time limit"),
    (requests.Timeout, "no answer within the time limit"),
    (
        (TruncatedBody, requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError),
        "its answers break off",
    ),
)


def _plain_cause(error: BaseException) -> str:
    if "NameResolutionError" in repr(error):
        return "no such host"
    return next((cause for kinds, cause in _CAUSES if isinstance(error, kinds)), "the connection was refused or cut")
