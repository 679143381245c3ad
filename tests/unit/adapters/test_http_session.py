"""The session's patience, counting and secrecy, with scripted answers in place of a network."""

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from requests.auth import HTTPBasicAuth

from reports.adapters.http_session import (
    PacedSession,
    Patience,
    RunEnded,
    Service,
    Wait,
    Waiting,
    WaitTooLong,
    checked_secret,
    refused,
    unreachable,
)
from reports.adapters.side_by_side import side_by_side
from reports.errors import SourceError
from tests.paused_clock import PausedClock

URL = "https://gitlab.example.com/api/v4/issues"
GRAPHQL = "https://gitlab.example.com/api/graphql"
NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
SERVICE = Service("GitLab", "https://gitlab.example.com", "GITLAB_READ_TOKEN or GITLAB_TOKEN")


@dataclass(frozen=True)
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"ok": true}'


class Script(BaseAdapter):
    """Answers or fails as told, in order; the last step again and again."""

    def __init__(self, *steps: Answer | Exception) -> None:
        super().__init__()
        self._steps = list(steps)
        self.sent: list[requests.PreparedRequest] = []
        self.timeouts: list[object] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(request)
        self.timeouts.append(kwargs.get("timeout"))
        step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        if isinstance(step, Exception):
            raise step
        response = requests.Response()
        response.status_code, response.url, response.request = step.status, str(request.url), request
        response.headers.update({"Content-Type": "application/json"} | step.headers)
        response._content = step.body
        return response

    def close(self) -> None:
        pass


@dataclass
class Bench:
    """A session on a script, with every pause and wait it made, on a clock that moves by its pauses only."""

    session: PacedSession
    script: Script
    clock: PausedClock
    waits: list[Wait]

    @property
    def pauses(self) -> list[float]:
        return self.clock.pauses


def _bench(*steps: Answer | Exception, patience: Patience | None = None, random: Callable[[], float] = lambda: 1.0) -> Bench:
    clock, waits = PausedClock(NOW), list[Wait]()
    session, script = PacedSession(patience, Waiting(sleep=clock.sleep, random=random, now=clock.now)), Script(*steps)
    session.announce(waits.append)
    session.mount("https://", script)
    return Bench(session, script, clock, waits)


# --- repeating reads --------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_read__a_passing_fault_is_repeated_with_growing_pauses(status: int) -> None:
    bench = _bench(Answer(status), Answer(status), Answer())

    assert bench.session.get(URL).status_code == 200
    assert bench.pauses == [0.5, 1.0]
    assert bench.session.waited == 1.5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_read__a_lasting_refusal_is_returned_at_once(status: int) -> None:
    bench = _bench(Answer(status), Answer())

    assert bench.session.get(URL).status_code == status
    assert bench.pauses == []


@pytest.mark.parametrize(
    "error",
    [
        requests.ConnectionError("reset"),
        requests.ReadTimeout("slow"),
        requests.exceptions.ChunkedEncodingError("cut"),
        requests.exceptions.ContentDecodingError("bad gzip"),
    ],
)
def test_read__a_broken_connection_is_repeated(error: Exception) -> None:
    bench = _bench(error, Answer())

    assert bench.session.get(URL).status_code == 200


def test_read__json_that_ends_in_the_middle_is_repeated() -> None:
    bench = _bench(Answer(body=b'{"issues": [{"id": 1}, {"i'), Answer(body=b'{"issues": []}\n'))

    assert bench.session.get(URL).json() == {"issues": []}
    assert [wait.reason for wait in bench.waits] == ["its answers break off"]


@pytest.mark.parametrize("body", [b"", b"[]", b'"text"', b"null", b' {"a": 1} '])
def test_read__whole_json_is_taken_as_it_is(body: bytes) -> None:
    bench = _bench(Answer(body=body))

    assert bench.session.get(URL).content == body
    assert bench.pauses == []


def test_read__a_certificate_that_fails_is_not_tried_again() -> None:
    bench = _bench(requests.exceptions.SSLError("self-signed"))

    with pytest.raises(requests.exceptions.SSLError):
        bench.session.get(URL)
    assert len(bench.script.sent) == 1


def test_read__the_last_answer_surfaces_when_the_attempts_are_used_up() -> None:
    bench = _bench(Answer(503), patience=Patience(attempts=3))

    assert bench.session.get(URL).status_code == 503
    assert len(bench.script.sent) == 3


def test_read__a_host_that_never_answered_gets_fewer_attempts() -> None:
    bench = _bench(requests.ConnectionError("refused"))

    with pytest.raises(requests.ConnectionError):
        bench.session.get(URL)
    assert len(bench.script.sent) == Patience().attempts_at_strangers


# --- waiting as asked -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Mon, 16 Nov 2026 06:00:20 GMT", 20.0),
        ("Mon, 16 Nov 2026 05:00:00 GMT", 0.0),
    ],
)
def test_wait__retry_after_is_followed_as_number_and_as_date(retry_after: str, seconds: float) -> None:
    bench = _bench(Answer(429, {"Retry-After": retry_after}), Answer())

    assert bench.session.get(URL).status_code == 200
    assert bench.pauses == [seconds]
    assert bench.waits == [Wait(host="gitlab.example.com", seconds=seconds, reason="status 429", asked=True, for_limit=True)]


@pytest.mark.parametrize("retry_after", ["soon", "-5", "", "99999999999999"])
def test_wait__an_unusable_retry_after_is_as_good_as_none(retry_after: str) -> None:
    bench = _bench(Answer(429, {"Retry-After": retry_after}), Answer())

    assert bench.session.get(URL).status_code == 200
    assert bench.pauses == [4.0]


def test_wait__a_429_without_header_outlasts_a_minute() -> None:
    bench = _bench(Answer(429), patience=Patience(attempts=6))

    bench.session.get(URL)
    assert bench.pauses == [4.0, 8.0, 16.0, 30.0, 30.0]


def test_wait__pauses_are_jittered_between_half_and_whole() -> None:
    bench = _bench(Answer(503), Answer(), random=lambda: 0.0)

    bench.session.get(URL)
    assert bench.pauses == [0.25]


def test_wait__a_pause_after_a_fault_beyond_the_total_is_not_begun() -> None:
    bench = _bench(Answer(503, {"Retry-After": "200"}), patience=Patience(total_wait=300))

    assert bench.session.get(URL).status_code == 503
    assert bench.pauses == [200.0]


def test_wait__the_total_is_of_the_session_and_of_its_siblings() -> None:
    bench = _bench(Answer(503, {"Retry-After": "200"}), Answer(), Answer(503, {"Retry-After": "200"}), Answer())
    sibling = bench.session.with_credentials(HTTPBasicAuth("user", "secret"))

    assert bench.session.get(URL).status_code == 200
    assert sibling.get(URL).status_code == 503
    assert sibling.waited == bench.session.waited == 200.0


def test_wait__of_threads_that_wait_at_once_counts_once() -> None:
    """Eight requests meet a server that asks all of them for a minute, by a clock that stands still meanwhile."""
    meeting = Barrier(8, timeout=30)
    session = PacedSession(Patience(total_wait=90), Waiting(sleep=lambda seconds: None, now=lambda: NOW))
    session.mount("https://", Busy(meeting))

    statuses = side_by_side(lambda number: session.get(f"{URL}/{number}").status_code, range(8))

    assert statuses == [200] * 8
    assert session.waited == 60


class Busy(BaseAdapter):
    """Asks everybody to come back in a minute, once all of them are here; then answers."""

    def __init__(self, meeting: Barrier) -> None:
        super().__init__()
        self._meeting = meeting
        self._asked: set[str] = set()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.url, response.request = 200, str(request.url), request
        response.headers.update({"Content-Type": "application/json", "Retry-After": "60"})
        response._content = b"{}"
        if str(request.url) not in self._asked:
            self._asked.add(str(request.url))
            self._meeting.wait()
            response.status_code = 503
        return response

    def close(self) -> None:
        pass


def test_wait__what_limits_force_does_not_count_as_a_fault() -> None:
    steps = [Answer(429, {"Retry-After": "200"}), Answer()] * 5
    bench = _bench(*steps, Answer(503), Answer(), patience=Patience(total_wait=300))

    assert [bench.session.get(URL).status_code for _ in range(6)] == [200] * 6
    assert bench.session.waited == 1000.5


def test_wait__a_limit_that_asks_for_more_than_an_hour_is_not_waited_for() -> None:
    bench = _bench(Answer(429, {"Retry-After": "3601"}))

    assert bench.session.get(URL).status_code == 429
    assert bench.pauses == []


def test_wait__a_healthy_reset_header_does_not_lengthen_the_pause_after_a_429() -> None:
    """Limits of GitLab's application answer 429 with the headers of another limit, whose window may be an hour long."""
    others = {"RateLimit-Limit": "7200", "RateLimit-Remaining": "7100", "RateLimit-Reset": str(int(NOW.timestamp()) + 3000)}
    bench = _bench(Answer(429, others), Answer())

    assert bench.session.get(URL).status_code == 200
    assert bench.pauses == [4.0]


def test_wait__is_said_by_host_and_reason() -> None:
    bench = _bench(Answer(503), Answer(503), Answer(429, {"Retry-After": "7"}), Answer())

    bench.session.get(URL)

    (traffic,) = bench.session.traffic()
    assert traffic.waits == {"status 429": 7.0, "status 503": 1.5}


def test_wait__ends_when_the_run_is_given_up() -> None:
    session = PacedSession()
    session.mount("https://", Script(Answer(429, {"Retry-After": "3000"})))
    session.announce(lambda wait: session.give_up())

    with pytest.raises(RunEnded):
        session.get(URL)
    with pytest.raises(RunEnded):
        session.with_credentials(HTTPBasicAuth("user", "secret")).get(URL)


# --- keeping to limits ----------------------------------------------------------------------------


def test_limit__a_write_waits_for_its_turn_too() -> None:
    bench = _bench(Answer(201))

    for _ in range(61):
        bench.session.post("https://gitlab.example.com/api/v4/projects/1/issues/2/notes", json={"body": "x"})

    assert bench.pauses == [61.0]
    assert bench.waits[0].reason == "limit of 60 notes a minute"


def test_limit__a_turn_that_comes_too_late_is_not_waited_for_and_nothing_is_sent() -> None:
    used_up = {"RateLimit-Limit": "10", "RateLimit-Remaining": "0", "RateLimit-Reset": "3600"}
    bench = _bench(Answer(200, used_up))
    bench.session.get(URL)

    with pytest.raises(WaitTooLong) as caught:
        bench.session.get(URL)

    assert len(bench.script.sent) == 1
    assert unreachable(SERVICE, caught.value).message.endswith("its limits ask us to wait longer than we may")


# --- writes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("step", [Answer(503), Answer(429, {"Retry-After": "1"})])
def test_write__is_sent_once_whatever_the_answer(method: str, step: Answer) -> None:
    bench = _bench(step, Answer())

    assert bench.session.request(method, URL, json={"title": "x"}).status_code == step.status
    assert len(bench.script.sent) == 1


def test_write__is_sent_once_when_the_connection_breaks() -> None:
    bench = _bench(requests.ReadTimeout("slow"), Answer())

    with pytest.raises(requests.ReadTimeout):
        bench.session.post(URL, json={"title": "x"})
    assert len(bench.script.sent) == 1


def test_write__follows_no_redirect() -> None:
    bench = _bench(Answer(302, {"Location": "https://gitlab.example.com/elsewhere"}), Answer())

    assert bench.session.post(URL, json={}).status_code == 302
    assert len(bench.script.sent) == 1


@pytest.mark.parametrize(
    ("url", "body", "sent"),
    [
        (GRAPHQL, {"query": "query { currentUser { id } }"}, 2),
        (GRAPHQL, {"query": "{ currentUser { id } }"}, 2),
        (GRAPHQL, {"query": "mutation { createNote(input: {}) { errors } }"}, 1),
        (GRAPHQL, {"query": "# a comment\nfragment F on Note { id }\nmutation M { x }"}, 1),
        (GRAPHQL, {"operations": []}, 1),
        ("https://acme.zendesk.example.com/oauth/tokens", {"grant_type": "client_credentials"}, 2),
    ],
)
def test_write__a_post_that_only_reads_counts_as_a_read(url: str, body: dict[str, object], sent: int) -> None:
    bench = _bench(Answer(502), Answer())

    bench.session.post(url, json=body)
    assert len(bench.script.sent) == sent


# --- counting, timeouts, secrets ----------------------------------------------------------------


def test_count__every_attempt_is_counted_by_host_and_kind() -> None:
    bench = _bench(Answer(503), Answer())
    sibling = bench.session.with_credentials(HTTPBasicAuth("user", "secret"))

    bench.session.get(URL)
    sibling.get("https://acme.zendesk.example.com:8443/api/v2/users")
    bench.session.post(URL, json={})

    (zendesk, gitlab) = bench.session.traffic()
    assert (zendesk.host, zendesk.reads, zendesk.writes) == ("acme.zendesk.example.com:8443", 1, 0)
    assert (gitlab.host, gitlab.reads, gitlab.writes) == ("gitlab.example.com", 2, 1)


def test_count__bytes_are_those_of_every_answer() -> None:
    bench = _bench(Answer(503, body=b"12345"), Answer(body=b'{"a": 1}'))

    bench.session.get(URL)

    assert [one.received for one in bench.session.traffic()] == [13]


def test_timeout__stands_where_the_caller_names_none() -> None:
    bench = _bench(Answer())

    bench.session.get(URL)
    bench.session.get(URL, timeout=3)
    assert bench.script.timeouts == [(10.0, 60.0), 3]


def test_secret__leaves_with_no_redirect_to_another_host() -> None:
    bench = _bench(Answer(302, {"Location": "https://elsewhere.example.com/"}), Answer())

    bench.session.get(URL, headers={"PRIVATE-TOKEN": "glsecret", "Authorization": "Bearer glsecret"})

    first, second = bench.script.sent
    assert first.headers["PRIVATE-TOKEN"] == "glsecret"
    assert "glsecret" not in json.dumps(dict(second.headers))


def test_secret__stays_on_a_redirect_within_the_host() -> None:
    bench = _bench(Answer(302, {"Location": "/api/v4/issues/"}), Answer())

    bench.session.get(URL, headers={"PRIVATE-TOKEN": "glsecret"})

    assert bench.script.sent[1].headers["PRIVATE-TOKEN"] == "glsecret"


def test_secret__one_sessions_credentials_do_not_reach_another() -> None:
    bench = _bench(Answer())
    bench.session.with_credentials(HTTPBasicAuth("user", "secret")).get(URL)

    bench.session.get(URL)

    assert ["Authorization" in request.headers for request in bench.script.sent] == [True, False]


@pytest.mark.parametrize("value", ["", "   ", "two words", "line\nbreak", "nön-ascii"])
def test_secret__that_cannot_be_one_is_refused_by_the_name_of_its_variable(value: str) -> None:
    with pytest.raises(SourceError, match="GITLAB_TOKEN holds no usable secret") as caught:
        checked_secret(value, "GITLAB_TOKEN")
    assert not value.strip() or value not in str(caught.value)


def test_secret__loses_the_blanks_around_it() -> None:
    assert checked_secret(" glpat-example\n", "GITLAB_TOKEN") == "glpat-example"


# --- failures in words ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "GitLab does not know the token (401 at https://gitlab.example.com/api/v4/issues)"),
        (403, "GitLab does not let the token read this (403 at https://gitlab.example.com/api/v4/issues)"),
        (404, "GitLab has nothing at https://gitlab.example.com/api/v4/issues (404)"),
        (429, "GitLab asks to wait longer than we may (https://gitlab.example.com/api/v4/issues)"),
        (503, "GitLab answered 503 at https://gitlab.example.com/api/v4/issues"),
    ],
)
def test_refused__says_what_and_where_without_the_query(status: int, words: str) -> None:
    error = refused(SERVICE, status, f"{URL}?private_token=glsecret")

    assert error.message == words
    assert error.hint
    assert "glsecret" not in str(error)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (requests.ConnectTimeout("x"), "no connection within the time limit"),
        (requests.ReadTimeout("x"), "no answer within the time limit"),
        (requests.exceptions.SSLError("x"), "its certificate could not be verified"),
        (requests.exceptions.ChunkedEncodingError("x"), "its answers break off"),
        (requests.ConnectionError("NameResolutionError: no such name"), "no such host"),
        (requests.ConnectionError("x"), "the connection was refused or cut"),
    ],
)
def test_unreachable__says_why_in_plain_words(error: Exception, cause: str) -> None:
    assert unreachable(SERVICE, error).message == f"GitLab at https://gitlab.example.com cannot be reached: {cause}"


# --- on the wire ------------------------------------------------------------------------------


def test_wire__a_body_shorter_than_announced_is_read_again() -> None:
    short = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"half":'
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n" + b'{"whole": true}'
    session = PacedSession(waiting=Waiting(sleep=lambda seconds: None))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=_serve, args=(server, [short, whole]))
        thread.start()
        answer = session.get(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()

    assert answer.json() == {"whole": True}


def _serve(server: socket.socket, answers: list[bytes]) -> None:
    for answer in answers:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)
