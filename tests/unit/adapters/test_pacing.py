"""Limits on a clock that moves by pauses only, against servers that count as the real ones do."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from heapq import heappop, heappush
from itertools import count, cycle
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from reports.adapters.http_session import PacedSession, Waiting
from reports.adapters.pacing import MARGIN, Allowance, Pacing, account_allowance, limits, resource_allowance, retry_after
from reports.adapters.side_by_side import AT_ONCE
from tests.paused_clock import PausedClock

NOW = datetime(2026, 11, 16, 6, 0, 20, tzinfo=UTC)
EXPORT = "https://acme.zendesk.example.com/api/v2/incremental/tickets/cursor.json"
USERS = "https://acme.zendesk.example.com/api/v2/users.json"
GRAPHQL = "https://gitlab.example.com/api/graphql"


class Server(BaseAdapter):
    """Counts requests in windows of a minute and refuses those beyond its limit; `headers` makes what it says of it."""

    def __init__(self, clock: PausedClock, limit: int, headers: Callable[[int, int], dict[str, str]], offset: int = 0) -> None:
        super().__init__()
        self.clock, self.limit, self.headers, self.offset = clock, limit, headers, offset
        self.seen: dict[int, int] = {}
        self.arrivals: list[float] = []
        self.refused = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        second = self.clock.now().timestamp() + self.offset
        window = int(second // 60)
        self.seen[window] = self.seen.get(window, 0) + 1
        self.arrivals.append(second)
        is_over = self.seen[window] > self.limit
        self.refused += is_over
        response = requests.Response()
        response.status_code, response.url, response.request = (429 if is_over else 200), str(request.url), request
        left, resets = max(0, self.limit - self.seen[window]), 60 - int(second) % 60
        response.headers.update({"Content-Type": "application/json"} | self.headers(left, resets))
        response._content = b"{}"
        return response

    def close(self) -> None:
        pass


def of_zendesk(total: int) -> Callable[[int, int], dict[str, str]]:
    """The header of the exports beside that of an account with plenty left."""
    account = {"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "650", "ratelimit-limit": "700", "ratelimit-remaining": "650"}
    name = "zendesk-ratelimit-incremental-exports"
    return lambda left, resets: account | {"ratelimit-reset": "9", name: f"total={total}; remaining={left}; resets={resets}"}


def silent(left: int, resets: int) -> dict[str, str]:
    return {}


def asked(server: Server, url: str, times: int) -> list[float]:
    """The pauses that so many requests need."""
    clock = server.clock
    session = PacedSession(waiting=Waiting(sleep=clock.sleep, random=lambda: 1.0, now=clock.now))
    session.mount("https://", server)
    for _ in range(times):
        assert session.get(url).status_code == 200
    return clock.pauses


# --- what the server says -------------------------------------------------------------------------


def test_pace__exports_go_out_ten_at_once_and_then_wait_for_the_window_the_server_names() -> None:
    server = Server(PausedClock(NOW), 10, of_zendesk(10))

    pauses = asked(server, EXPORT, 25)

    assert pauses == [41.0, 60.0]  # to the end of the minute and a second more; then a whole one
    assert server.refused == 0


def test_pace__the_add_on_with_thirty_exports_a_minute_is_used() -> None:
    server = Server(PausedClock(NOW), 30, of_zendesk(30))

    assert asked(server, EXPORT, 60) == [41.0]


def test_pace__others_who_use_up_the_limit_are_noticed() -> None:
    clock = PausedClock(NOW)
    server = Server(clock, 10, of_zendesk(10))
    server.seen[int(NOW.timestamp() // 60)] = 9

    assert asked(server, EXPORT, 2) == [41.0]
    assert server.refused == 0


def test_pace__gitlabs_window_is_read_by_gitlabs_own_clock() -> None:
    """The runner's clock is five minutes behind."""
    clock = PausedClock(NOW)
    theirs = timedelta(minutes=5)

    def headers(left: int, resets: int) -> dict[str, str]:
        now = clock.now() + theirs
        ends = int(now.timestamp()) + resets
        return {
            "RateLimit-Limit": "20",
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(ends),
            "Date": format_datetime(now, usegmt=True),
        }

    assert asked(Server(clock, 20, headers), GRAPHQL, 21) == [41.0]


def test_pace__a_window_that_ends_in_days_is_of_another_clock_and_taken_for_a_minute() -> None:
    clock = PausedClock(NOW)

    def headers(left: int, resets: int) -> dict[str, str]:
        return {"RateLimit-Limit": "20", "RateLimit-Remaining": str(left), "RateLimit-Reset": str(int(NOW.timestamp()) + 10**6)}

    assert asked(Server(clock, 20, headers), GRAPHQL, 21) == [61.0]


# --- where the server says nothing ----------------------------------------------------------------


@given(offset=st.integers(0, 59), times=st.integers(1, 45))
def test_pace__without_headers_no_minute_sees_more_than_documented_whenever_it_begins(offset: int, times: int) -> None:
    server = Server(PausedClock(NOW), 10, silent, offset)

    pauses = asked(server, EXPORT, times)

    assert server.refused == 0
    assert sum(pauses) == 61.0 * ((times - 1) // 10)


@given(gaps=st.lists(st.floats(0, 90), min_size=1, max_size=60))
def test_pace__without_headers_no_sixty_seconds_see_more_than_documented(gaps: list[float]) -> None:
    clock = PausedClock(NOW)
    server = Server(clock, 10**6, silent)
    session = PacedSession(waiting=Waiting(sleep=clock.sleep, now=clock.now))
    session.mount("https://", server)

    for gap in gaps:
        session.get(EXPORT)
        clock.moment += timedelta(seconds=gap)

    assert all(later - earlier >= 60 for earlier, later in zip(server.arrivals, server.arrivals[10:], strict=False))


def test_pace__an_account_is_held_to_the_lowest_plan_until_it_says_more() -> None:
    assert asked(Server(PausedClock(NOW), 10**6, silent), USERS, 201) == [61.0]


# --- several at once ------------------------------------------------------------------------------


@given(
    limit=st.integers(AT_ONCE, 40),
    offset=st.integers(0, 59),
    travel=st.lists(st.floats(0.01, 20), min_size=1, max_size=30),
)
def test_pace__of_several_in_flight_none_is_refused_in_whatever_order_answers_come(
    limit: int, offset: int, travel: list[float]
) -> None:
    """Eight ask again as soon as they were answered; each way to the server and back takes its own time."""
    pacing, seen, times = Pacing(), Counter[int](), cycle(travel)
    happens: list[tuple[float, int, str, requests.PreparedRequest, requests.Response]] = []
    numbers = count()

    def later(moment: float, what: str, request: requests.PreparedRequest, response: requests.Response) -> None:
        heappush(happens, (moment, next(numbers), what, request, response))

    for _ in range(AT_ONCE):
        later(NOW.timestamp(), "asks", requests.Request("GET", GRAPHQL).prepare(), requests.Response())
    while sum(seen.values()) < 4 * limit:
        now, _, what, request, response = heappop(happens)
        if what == "asks":
            later(pacing.reserve(request, now).at + MARGIN / 2 * (next(times) / 20), "arrives", request, response)
        elif what == "arrives":
            window, second = divmod(int(now) + offset, 60)
            seen[window] += 1
            assert seen[window] <= limit, "refused"
            response.status_code = 200
            told = {
                "RateLimit-Limit": limit,
                "RateLimit-Remaining": limit - seen[window],
                "RateLimit-Reset": int(now) + 60 - second,
            }
            date = format_datetime(datetime.fromtimestamp(int(now), UTC), usegmt=True)
            response.headers = CaseInsensitiveDict({name: str(value) for name, value in told.items()} | {"Date": date})
            later(now + next(times), "answers", request, response)
        else:
            pacing.answered(request, response, datetime.fromtimestamp(now, UTC))
            later(now, "asks", request, response)


def test_pace__each_host_and_each_limit_is_counted_by_itself() -> None:
    clock = PausedClock(NOW)
    session = PacedSession(waiting=Waiting(sleep=clock.sleep, now=clock.now))
    session.mount("https://", Server(clock, 10**6, silent))

    for host in ("acme", "globex"):
        for path in ("tickets/cursor", "ticket_events", "users/cursor"):
            for _ in range(5):
                session.get(f"https://{host}.zendesk.example.com/api/v2/incremental/{path}.json")

    assert clock.pauses == []


def test_pace__exports_of_all_three_kinds_share_one_limit() -> None:
    clock = PausedClock(NOW)
    session = PacedSession(waiting=Waiting(sleep=clock.sleep, now=clock.now))
    session.mount("https://", Server(clock, 10**6, silent))

    for path in ("tickets/cursor", "ticket_events", "ticket_metric_events"):
        for _ in range(4):
            session.get(f"https://acme.zendesk.example.com/api/v2/incremental/{path}.json")

    assert clock.pauses == [61.0]


# --- which limits a request counts against ----------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("GET", "/api/v2/incremental/ticket_events.json", ["incremental exports", "requests"]),
        ("GET", "/api/v2/incremental/users/cursor.json", ["incremental exports of users", "requests"]),
        ("GET", "/api/v2/users.json", ["requests"]),
        ("POST", "/gitlab/api/graphql", ["requests"]),
        ("POST", "/api/v4/projects/1/issues/2/notes", ["notes", "requests"]),
        ("GET", "/api/v4/projects/1/issues/2/notes", ["requests"]),
        ("POST", "/api/v4/projects/1/issues", ["new issues", "requests"]),
        ("GET", "/api/v4/projects/acme%2Fsupport/members/all", ["lists of members", "requests"]),
        ("GET", "/schedules/P1", ["requests"]),
    ],
)
def test_limits__of_a_request(method: str, path: str, names: list[str]) -> None:
    assert [limit.name for limit in limits(method, path)] == names


def test_limits__a_host_without_documented_ones_is_not_held_up() -> None:
    assert asked(Server(PausedClock(NOW), 10**6, silent), "https://calendar.example.com/feed.ics", 500) == []


# --- reading headers --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["zendesk-ratelimit-incremental-exports", "Zendesk-Rate-Limit-Incremental-Exports"])
def test_header__of_a_resource(name: str) -> None:
    headers = CaseInsensitiveDict({name: "total=10; remaining=9; resets=2"})

    assert resource_allowance(headers) == Allowance(total=10, left=9, resets=2)


@pytest.mark.parametrize("value", ["", "total=10", "total=ten; remaining=9; resets=2", "9"])
def test_header__of_a_resource_that_cannot_be_understood_says_nothing(value: str) -> None:
    assert resource_allowance(CaseInsensitiveDict({"zendesk-ratelimit-incremental-exports": value})) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"ratelimit-limit": "700", "ratelimit-remaining": "699", "ratelimit-reset": "40"},
        {"rate-limit": "700", "rate-limit-remaining": "699", "rate-limit-reset": "40"},
        {"RateLimit-Limit": "700", "RateLimit-Remaining": "699", "RateLimit-Reset": str(int(NOW.timestamp()) + 40)},
    ],
)
def test_header__of_an_account(headers: dict[str, str]) -> None:
    assert account_allowance(CaseInsensitiveDict(headers), NOW) == Allowance(total=700, left=699, resets=40)


def test_header__of_an_account_without_an_end_means_a_minute() -> None:
    headers = CaseInsensitiveDict({"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "0"})

    assert account_allowance(headers, NOW) == Allowance(total=700, left=0, resets=60)


@given(st.dictionaries(st.sampled_from(["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Date"]), st.text()))
def test_header__of_any_kind_is_read_without_a_fault(headers: dict[str, str]) -> None:
    found = account_allowance(CaseInsensitiveDict(headers), NOW)

    assert found is None or (found.total >= 0 and found.left >= 0)


@given(st.text())
def test_retry_after__of_any_kind_is_read_without_a_fault(text: str) -> None:
    seconds = retry_after(CaseInsensitiveDict({"Retry-After": text}), NOW)

    assert seconds is None or seconds >= 0
