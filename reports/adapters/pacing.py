"""When a request may go out: the documented limits of the servers, and what their answers say is left; it never sleeps.

A limit that a server states in its headers is taken as it says, window by window. Where it states none, no stretch as long as
the documented window sees more requests than are allowed, whenever the server's own window begins.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain
from threading import Lock
from urllib.parse import urlsplit

import requests

from reports.adapters.http_messages import host_of

#: Seconds after a window's end: servers round, and clocks differ.
MARGIN = 1.0
#: No server counts longer than an hour; whatever names another moment is of another clock, and a minute is the usual window.
_LONGEST_WINDOW = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many requests in so many seconds to paths that match; None: as many as the server says in its headers."""

    name: str
    requests: int | None
    seconds: float = 60.0
    path: str = ""
    methods: frozenset[str] | None = None

    def concerns(self, method: str, path: str) -> bool:
        """Whether a request counts against it."""
        return (self.methods is None or method in self.methods) and re.search(self.path, path) is not None


_WRITES = frozenset({"POST", "PUT"})
#: Limits of single resources; the first that matches holds, beside that of the account.
#: https://developer.zendesk.com/api-reference/introduction/rate-limits/#endpoint-rate-limits
#: https://docs.gitlab.com/user/gitlab_com/#rate-limits-on-gitlabcom
RESOURCES = (
    Limit(name="incremental exports of users", requests=20, path=r"/api/v2/incremental/users/cursor"),
    Limit(name="incremental exports", requests=10, path=r"/api/v2/incremental/"),
    Limit(name="search exports", requests=100, path=r"/api/v2/search/export"),
    Limit(name="notes", requests=60, path=r"/api/v4/.*/notes(/\d+)?$", methods=_WRITES),
    Limit(name="new issues", requests=200, path=r"/api/v4/projects/[^/]+/issues$", methods=frozenset({"POST"})),
    Limit(name="lists of members", requests=200, path=r"/api/v4/.*/members/all$"),
    Limit(name="single users", requests=300, seconds=600.0, path=r"/api/v4/users/\d+$"),
    Limit(name="single groups and projects", requests=400, path=r"/api/v4/(groups|projects)/[^/]+$"),
)
#: Limits of a whole account; the lowest plan's for Zendesk, whose headers name the account's own.
ACCOUNTS = (
    Limit(name="requests", requests=200, path=r"/api/v2/"),
    Limit(name="requests", requests=2000, path=r"/api/(v4/|graphql$)"),
    Limit(name="requests", requests=None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a server says is left: `left` of `total` requests until the window ends in `resets` seconds."""

    total: int
    left: int
    resets: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When a request may go out, as a Unix time, and which limit decided that, in words."""

    at: float
    limit: str


@dataclass(slots=True)
class _Window:
    """A window as the server counts: from `opens` on, `left` requests until it `ends`."""

    total: int
    left: int
    opens: float
    ends: float

    def earliest(self, now: float) -> float:
        if self.left > 0 or now >= self.ends:
            return max(now, self.opens)
        return self.ends + MARGIN

    def take(self, at: float, length: float) -> None:
        if at >= self.ends:
            self.left, self.opens, self.ends = self.total, at, at + length
        self.left -= 1


@dataclass(slots=True)
class _Bucket:
    """Requests that count against one limit of one host."""

    limit: Limit
    taken: deque[float] = field(default_factory=deque)
    window: _Window | None = None
    in_flight: int = 0
    closed_until: float = 0.0
    closed_by: requests.PreparedRequest | None = None

    def earliest(self, request: requests.PreparedRequest, now: float) -> float:
        # Whoever was told to wait does so by itself, before it asks again.
        at = now if self.closed_by is request else max(now, self.closed_until)
        if self.window is not None:
            return max(at, self.window.earliest(now))
        if self.limit.requests is None or len(self.taken) < self.limit.requests:
            return at
        return max(at, self.taken[0] + self.limit.seconds + MARGIN)

    def take(self, at: float) -> None:
        self.in_flight += 1
        if self.window is not None:
            self.window.take(at, self.limit.seconds)
        if self.limit.requests is not None:
            self.taken.append(at)
            if len(self.taken) > self.limit.requests:
                self.taken.popleft()

    def told(self, allowance: Allowance, now: float) -> None:
        # A window that somebody waits for already is a later one than the answer speaks of.
        if self.window is None or self.window.opens <= now:
            left = max(0, allowance.left - self.in_flight)
            self.window = _Window(total=allowance.total, left=left, opens=0.0, ends=now + allowance.resets)

    @property
    def words(self) -> str:
        total = self.window.total if self.window else self.limit.requests
        return f"{total} {self.limit.name} {'a minute' if self.limit.seconds == 60 else f'in {self.limit.seconds:.0f} s'}"


class Pacing:
    """Gives every request its turn; for several threads and hosts."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, Limit], _Bucket] = {}
        self._lock = Lock()

    def reserve(self, request: requests.PreparedRequest, now: float) -> Turn:
        """The turn of a request: take it, then say `answered` or `unanswered`."""
        with self._lock:
            buckets = self._of(request)
            slowest = max(buckets, key=lambda bucket: bucket.earliest(request, now))
            at = slowest.earliest(request, now)
            for bucket in buckets:
                bucket.take(at)
            return Turn(at=at, limit=slowest.words)

    def unanswered(self, request: requests.PreparedRequest) -> None:
        """Nothing came back."""
        with self._lock:
            for bucket in self._of(request):
                bucket.in_flight -= 1

    def answered(self, request: requests.PreparedRequest, response: requests.Response, now: datetime) -> None:
        """Learn from an answer what is left, and from a refusal until when to ask no more."""
        account, own = account_allowance(response.headers, now), resource_allowance(response.headers)
        asked = retry_after(response.headers, now) if response.status_code == 429 else None
        moment = now.timestamp()
        with self._lock:
            buckets = self._of(request)
            for bucket in buckets:
                bucket.in_flight -= 1
            if account is not None:
                buckets[-1].told(account, moment)
            if own is not None and len(buckets) > 1:
                buckets[0].told(own, moment)
            if asked is not None:
                buckets[0].closed_until, buckets[0].closed_by = moment + asked, request
            elif buckets[0].closed_by is request:
                buckets[0].closed_until, buckets[0].closed_by = 0.0, None

    def _of(self, request: requests.PreparedRequest) -> list[_Bucket]:
        """The bucket of the resource, where it has one, then that of the account."""
        host, path = host_of(request), urlsplit(str(request.url)).path
        return [self._buckets.setdefault((host, limit), _Bucket(limit)) for limit in limits(str(request.method), path)]


def limits(method: str, path: str) -> Iterator[Limit]:
    """What a request counts against: its resource's limit where it has one, then its account's."""
    own = next((limit for limit in RESOURCES if limit.concerns(method, path)), None)
    account = next(limit for limit in ACCOUNTS if limit.concerns(method, path))
    return chain([own] if own else [], [account])


# --- headers ----------------------------------------------------------------------------------


def resource_allowance(headers: Mapping[str, str]) -> Allowance | None:
    """What Zendesk says of the limit of one resource, such as `total=10; remaining=9; resets=2`; None without a word."""
    for name, value in headers.items():
        if re.match(r"zendesk-rate-?limit-", name.lower()):
            said = {key: int(number) for key, number in re.findall(r"(\w+) *= *(\d{1,9})", value)}
            if {"total", "remaining", "resets"} <= said.keys():
                return Allowance(total=said["total"], left=said["remaining"], resets=_believable(said["resets"]))
    return None


def account_allowance(headers: Mapping[str, str], now: datetime) -> Allowance | None:
    """What GitLab or Zendesk says of the account's limit; None without a word, or when it cannot be understood."""
    total = _number(headers, "RateLimit-Limit", "X-Rate-Limit", "Rate-Limit-Limit", "Rate-Limit")
    left = _number(headers, "RateLimit-Remaining", "X-Rate-Limit-Remaining", "Rate-Limit-Remaining")
    if not total or left is None:
        return None
    resets = float(_number(headers, "RateLimit-Reset", "Rate-Limit-Reset") or 60)
    if resets > 1e6:  # GitLab names the moment by its own clock, Zendesk the seconds until then
        resets -= (_moment(headers.get("Date", "")) or now).timestamp()
    return Allowance(total=total, left=left, resets=_believable(resets))


def _believable(resets: float) -> float:
    return resets if 0 <= resets <= _LONGEST_WINDOW else 60.0


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that `Retry-After` names, as a number or a date; None without a usable one."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    moment = _moment(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(headers: Mapping[str, str], *names: str) -> int | None:
    for name in names:
        found = re.match(r"\d{1,12}", headers.get(name, "").strip())
        if found:
            return int(found[0])
    return None
