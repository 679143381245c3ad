"""Serves the small GitLab and Zendesk on two loopback ports, with a log, faults, latency and rate limits; no rule of either."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self
from wsgiref.types import WSGIApplication

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from reports.sandbox.faults import Fault, FaultKind, Faults
from reports.sandbox.gitlab_rest import REQUESTS_PER_MINUTE, gitlab_app
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.replica import Replica
from reports.sandbox.web_server import Ending, LoopbackServer, Reply
from reports.sandbox.zendesk_rest import zendesk_app
from reports.sandbox.zendesk_state import ZendeskState

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

GITLAB, ZENDESK = "gitlab", "zendesk"
_READING_POSTS = ("/api/graphql", "/oauth/tokens")
_TOO_MANY_WRITES = '{"message":{"error":"This endpoint has been requested too many times. Try again later."}}'


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request that came in; `status` is 0 when the connection was reset instead of answered.

    `user` is whose token of GitLab it carried, empty for none that is known.
    """

    host: str
    method: str
    path: str
    query: str
    status: int
    user: str = ""

    @property
    def is_write(self) -> bool:
        """Whether it was meant to change something; GraphQL queries and the fetching of tokens are not."""
        return self.method not in ("GET", "HEAD") and self.path not in _READING_POSTS


class RequestLog(list[LoggedRequest]):
    """The requests since the last reset, in the order of their answers."""

    def by_host(self) -> dict[str, int]:
        """How many requests each host had."""
        return dict(Counter(request.host for request in self))

    def reads(self) -> int:
        """How many requests only read."""
        return sum(not request.is_write for request in self)

    def writes(self) -> int:
        """How many requests were meant to change something."""
        return sum(request.is_write for request in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How the network and the limits are: seconds of latency per request, requests per minute by host (none: no limit).

    `write_limits` are GitLab's own ones per minute, of `issues` opened in a project and of `notes`: refused without a header.
    """

    latency: float = 0.0
    rate_limits: Mapping[str, int] | None = None
    retry_after: bool = True
    write_limits: Mapping[str, int] | None = None

    def limit(self, host: str) -> int | None:
        """The requests a host allows in a minute."""
        return (self.rate_limits or {}).get(host)


class Sandbox:
    """Both servers, up between `with` and its end, with what they hold and what they were asked.

    With a `lag` GitLab's reads show the state before the last so many writes.
    `clock` gives aware times in UTC and is asked for every request; the ports are free ones unless given.
    """

    def __init__(
        self,
        gitlab: GitlabState,
        zendesk: ZendeskState,
        clock: Callable[[], datetime],
        *,
        faults: tuple[Fault, ...] = (),
        seed: int = 1,
        latency: float = 0.0,
        rate_limits: Mapping[str, int] | None = None,
        retry_after: bool = True,
        write_limits: Mapping[str, int] | None = None,
        lag: int = 0,
        ports: tuple[int, int] = (0, 0),
    ) -> None:
        self.gitlab = gitlab
        self.zendesk = zendesk
        self.requests = RequestLog()
        self.faults = Faults(faults, seed)
        self.conditions = Conditions(latency=latency, rate_limits=rate_limits, retry_after=retry_after, write_limits=write_limits)
        self.replica = Replica(gitlab, clock, lag) if lag else None
        self._clock = clock
        self._observed: Counter[tuple[str, int]] = Counter()
        self._written: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._apps: dict[str, WSGIApplication] = {GITLAB: gitlab_app(gitlab, clock), ZENDESK: zendesk_app(zendesk, clock)}
        self._servers = {
            host: LoopbackServer(partial(self.answer, host), port) for host, port in zip(self._apps, ports, strict=True)
        }

    @property
    def gitlab_url(self) -> str:
        """Where the small GitLab is, without a slash at the end."""
        return self._servers[GITLAB].url

    @property
    def zendesk_url(self) -> str:
        """Where the small Zendesk is, without a slash at the end."""
        return self._servers[ZENDESK].url

    def reset_log(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self.requests.clear()

    def __enter__(self) -> Self:
        for server in self._servers.values():
            server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopping.set()
        for server in self._servers.values():
            server.stop()

    def answer(self, host: str, environ: "WSGIEnvironment") -> Reply:
        """What a host answers to a request, whichever way it came."""
        replica = self.replica if host == GITLAB else None
        is_read = environ["REQUEST_METHOD"] == "GET" or environ["REQUEST_URI"] in _READING_POSTS
        reply = self._reply(host, replica.app if replica and is_read else self._apps[host], environ)
        if replica and not is_read:
            replica.follow()
        self._log(host, environ, reply)
        return reply

    def _log(self, host: str, environ: "WSGIEnvironment", reply: Reply) -> None:
        status = 0 if reply.ending is Ending.RESET else int(reply.status[:3])
        path, _, query = environ["REQUEST_URI"].partition("?")
        token = self.gitlab.tokens.get(environ.get("HTTP_PRIVATE_TOKEN", ""))
        user = self.gitlab.users[token.user_id].username if token else ""
        with self._lock:
            self.requests.append(LoggedRequest(host, environ["REQUEST_METHOD"], path, query, status, user))

    def _reply(self, host: str, app: WSGIApplication, environ: "WSGIEnvironment") -> Reply:
        if not self._is_own_host(host, environ.get("HTTP_HOST", "")):
            return _plain(HTTPStatus.MISDIRECTED_REQUEST, "This server answers to its own address only.\n")
        if self.conditions.latency:
            self._stopping.wait(self.conditions.latency)
        limits = self._rate_limit_headers(host)
        if limits is None:
            return self._refusal(host)
        if host == GITLAB and self._is_too_much(environ["REQUEST_METHOD"], environ["REQUEST_URI"]):
            return _plain(HTTPStatus.TOO_MANY_REQUESTS, _TOO_MANY_WRITES)
        fault = self.faults.strike(host, environ["REQUEST_METHOD"], environ["REQUEST_URI"])
        return _with_headers(reply_under(fault, app, environ, self._stopping.wait), limits)

    def _is_own_host(self, host: str, named: str) -> bool:
        port = self._servers[host].port
        return named in (f"127.0.0.1:{port}", f"localhost:{port}")

    # --- rate limits --------------------------------------------------------------------------

    def _rate_limit_headers(self, host: str) -> dict[str, str] | None:
        """GitLab's `RateLimit-` headers (Zendesk's application sends its own limits, the server only the time by its clock); None
        when the minute's requests are used up.
        """
        second = int(self._clock().timestamp())
        limit = self.conditions.limit(host)
        with self._lock:
            self._observed[host, second // 60] += 1
            observed = self._observed[host, second // 60]
        if limit is not None and observed > limit:
            return None
        if host != GITLAB:
            return {"Date": http_date(second)}
        # A limit that is not enforced never reads as used up: the clock may stand still for thousands of requests.
        return _limit_headers(limit or REQUESTS_PER_MINUTE, observed if limit else min(observed, REQUESTS_PER_MINUTE - 1), second)

    def _is_too_much(self, method: str, target: str) -> bool:
        """Whether a write is beyond GitLab's limit of its kind in this minute: issues per project, notes in all."""
        kind = target.rpartition("/")[2]
        limit = (self.conditions.write_limits or {}).get(kind)
        if method != "POST" or limit is None:
            return False
        counted = (target if kind == "issues" else kind, int(self._clock().timestamp()) // 60)
        with self._lock:
            self._written[counted] += 1
            return self._written[counted] > limit

    def _refusal(self, host: str) -> Reply:
        second = int(self._clock().timestamp())
        limit = self.conditions.limit(host) or 0
        headers = _limit_headers(limit, limit, second) if host == GITLAB else {}
        if self.conditions.retry_after:
            headers["Retry-After"] = str(60 - second % 60)
        return _plain(HTTPStatus.TOO_MANY_REQUESTS, "Retry later\n", headers)


def _limit_headers(limit: int, observed: int, second: int) -> dict[str, str]:
    """The limit by GitLab's own clock, which `Date` tells."""
    return {
        "Date": http_date(second),
        "RateLimit-Limit": str(limit),
        "RateLimit-Name": "throttle_authenticated_api",
        "RateLimit-Observed": str(observed),
        "RateLimit-Remaining": str(max(0, limit - observed)),
        "RateLimit-Reset": str((second // 60 + 1) * 60),
    }


def reply_under(fault: Fault | None, app: WSGIApplication, environ: "WSGIEnvironment", wait: Callable[[float], object]) -> Reply:
    """What an application answers, or what a fault makes of it."""
    if fault is None:
        return _run(app, environ)
    if fault.kind is FaultKind.STATUS:
        return _plain(HTTPStatus(fault.status), fault.body, fault.headers)
    if fault.kind is FaultKind.STATUS_AFTER:
        _run(app, environ)
        return _plain(HTTPStatus(fault.status), fault.body, fault.headers)
    if fault.kind is FaultKind.RESET_BEFORE:
        return _plain(HTTPStatus.OK, "", ending=Ending.RESET)
    if fault.kind is FaultKind.DELAY:
        wait(fault.seconds)
        return _run(app, environ)
    ending = Ending.RESET if fault.kind is FaultKind.RESET_AFTER else Ending.TRUNCATED
    return _run(app, environ, ending)


def _run(app: WSGIApplication, environ: "WSGIEnvironment", ending: Ending = Ending.WHOLE) -> Reply:
    response = Response.from_app(app, environ, buffered=True)
    return Reply(status=response.status, headers=tuple(response.headers.items()), body=response.get_data(), ending=ending)


def _plain(status: HTTPStatus, body: str, headers: Mapping[str, str] | None = None, ending: Ending = Ending.WHOLE) -> Reply:
    kind = "application/json" if body.startswith(("{", "[")) else "text/plain; charset=utf-8"
    merged = {"Content-Type": kind, **(headers or {})}
    return Reply(status=f"{status.value} {status.phrase}", headers=tuple(merged.items()), body=body.encode(), ending=ending)


def _with_headers(reply: Reply, headers: Mapping[str, str]) -> Reply:
    return Reply(status=reply.status, headers=(*reply.headers, *headers.items()), body=reply.body, ending=reply.ending)
