"""The server around the small GitLab: keep-alive, quietness, foreign hosts, the request log, faults, latency and rate limits."""

import http.client
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from reports.errors import UsageError
from reports.sandbox import faults
from reports.sandbox.faults import Fault, FaultKind, Faults, parse_fault
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import Sandbox
from tests.gitlab_sandbox import MANAGERS, MovingClock, running, small_gitlab

ISSUES = f"/api/v4/projects/{MANAGERS.replace('/', '%2F')}/issues"
WRITER = {"PRIVATE-TOKEN": "writer"}


@pytest.fixture
def state() -> GitlabState:
    return small_gitlab()


@pytest.fixture
def box(state: GitlabState) -> Iterator[Sandbox]:
    with running(state) as sandbox:
        yield sandbox


def create(box: Sandbox) -> requests.Response:
    return requests.post(f"{box.gitlab_url}{ISSUES}", json={"title": "x"}, headers=WRITER, timeout=5)


def test_server__keeps_a_connection_open_and_prints_nothing(box: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    host, port = box.gitlab_url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.connect()
    first = connection.sock.getsockname()

    for path in ("/api/v4/version", f"{ISSUES}?per_page=1", "/nowhere"):
        connection.request("GET", path, headers=WRITER)
        connection.getresponse().read()

    assert connection.sock.getsockname() == first
    connection.close()
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_server__listens_on_loopback_only_and_refuses_a_foreign_name(box: Sandbox) -> None:
    assert box.gitlab_url.startswith("http://127.0.0.1:")
    assert box.zendesk_url.startswith("http://127.0.0.1:")
    answer = requests.get(f"{box.gitlab_url}/", headers={"Host": "evil.example"}, timeout=5)

    assert answer.status_code == 421


def test_server__frees_its_ports_and_ends_open_connections() -> None:
    with running(small_gitlab()) as sandbox:
        port = int(sandbox.gitlab_url.rpartition(":")[2])
        idle = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        idle.request("GET", "/")
        idle.getresponse().read()
    try:
        assert idle.sock.recv(1) == b""
    finally:
        idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_server__a_taken_port_is_named(box: Sandbox) -> None:
    taken = int(box.gitlab_url.rpartition(":")[2])

    with pytest.raises(UsageError, match=f"port {taken} on 127.0.0.1 cannot be used"), running(small_gitlab(), ports=(taken, 0)):
        pass


def test_log__counts_by_host_and_tells_reads_from_writes(box: Sandbox) -> None:
    create(box)
    requests.get(f"{box.gitlab_url}{ISSUES}?labels=x", headers=WRITER, timeout=5)
    requests.post(f"{box.gitlab_url}/api/graphql", json={"query": "{currentUser{id}}"}, headers=WRITER, timeout=5)
    requests.get(f"{box.zendesk_url}/api/v2/users/me.json", timeout=5)

    assert box.requests.by_host() == {"gitlab": 3, "zendesk": 1}
    assert (box.requests.reads(), box.requests.writes()) == (3, 1)
    assert [(r.method, r.path, r.query, r.status) for r in box.requests[:2]] == [
        ("POST", ISSUES, "", 201),
        ("GET", ISSUES, "labels=x", 200),
    ]
    box.reset_log()
    assert box.requests.by_host() == {}


# --- faults -------------------------------------------------------------------------------------


def test_fault__failing_status_is_not_carried_out(box: Sandbox, state: GitlabState) -> None:
    box.faults.add(faults.failing("/issues$", 502, "Bad gateway", method="POST"))

    assert create(box).status_code == 502
    assert create(box).status_code == 201
    assert len(state.projects[MANAGERS].issues) == 1


def test_fault__reset_before_the_write_leaves_nothing(box: Sandbox, state: GitlabState) -> None:
    box.faults.add(faults.reset_before_write("/issues$", method="POST"))

    with pytest.raises(requests.ConnectionError, match="reset"):
        create(box)
    assert state.projects[MANAGERS].issues == {}
    assert box.requests[-1].status == 0


def test_fault__reset_after_the_write_leaves_the_issue(box: Sandbox, state: GitlabState) -> None:
    box.faults.add(faults.reset_after_write("/issues$", method="POST"))

    with pytest.raises(requests.ConnectionError, match="reset"):
        create(box)
    assert [issue.title for issue in state.projects[MANAGERS].issues.values()] == ["x"]


def test_fault__truncated_body(box: Sandbox) -> None:
    box.faults.add(faults.truncated("/issues"))

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{box.gitlab_url}{ISSUES}", headers=WRITER, timeout=5)


@pytest.mark.parametrize("retry_after", [7, None])
def test_fault__too_many_requests_with_and_without_retry_after(box: Sandbox, retry_after: int | None) -> None:
    box.faults.add(faults.too_many_requests("/issues", retry_after))

    answer = requests.get(f"{box.gitlab_url}{ISSUES}", headers=WRITER, timeout=5)

    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == (str(retry_after) if retry_after else None)
    assert "RateLimit-Reset" in answer.headers, "GitLab sends it with every answer"


def test_fault__strikes_from_the_nth_match_so_often(box: Sandbox) -> None:
    box.faults.add(faults.failing("/issues", first=2, count=2))

    codes = [requests.get(f"{box.gitlab_url}{ISSUES}", headers=WRITER, timeout=5).status_code for _ in range(5)]

    assert codes == [200, 500, 500, 200, 200]


def test_fault__delay_holds_back_one_answer(box: Sandbox) -> None:
    box.faults.add(faults.delayed("/version", 0.05))

    started = time.perf_counter()
    answer = requests.get(f"{box.gitlab_url}/api/v4/version", headers=WRITER, timeout=5)

    assert answer.status_code == 200
    assert time.perf_counter() - started >= 0.05


def test_fault__on_one_host_leaves_the_other_alone(box: Sandbox) -> None:
    box.faults.add(faults.failing(".", 503, host="zendesk", count=None))

    assert requests.get(f"{box.gitlab_url}/api/v4/version", headers=WRITER, timeout=5).status_code == 200
    assert requests.get(f"{box.zendesk_url}/api/v2/users/me.json", timeout=5).status_code == 503
    box.faults.clear()
    assert requests.get(f"{box.zendesk_url}/api/v2/users/me.json", timeout=5).status_code != 503


def test_faults__chances_come_from_the_seed() -> None:
    def pattern(seed: int) -> list[bool]:
        found = Faults((Fault(kind=FaultKind.STATUS, path=".", count=None, probability=0.5),), seed)
        return [found.strike("gitlab", "GET", "/x") is not None for _ in range(20)]

    assert pattern(1) == pattern(1)
    assert pattern(1) != pattern(2)
    assert 3 < sum(pattern(1)) < 17


def test_parse_fault__reads_what_people_write() -> None:
    assert parse_fault("reset_after /issues$ method=POST first=2 count=all") == Fault(
        kind=FaultKind.RESET_AFTER, path="/issues$", method="POST", first=2, count=None
    )
    assert parse_fault("status . status=429 retry_after=3 host=zendesk probability=0.5") == Fault(
        kind=FaultKind.STATUS, path=".", status=429, headers={"Retry-After": "3"}, host="zendesk", probability=0.5
    )


@pytest.mark.parametrize("text", ["", "explode /x", "status", "status /x when=now", "status /x first=soon", "status ( "])
def test_parse_fault__says_what_it_does_not_understand(text: str) -> None:
    with pytest.raises(UsageError, match="fault"):
        parse_fault(text)


# --- latency and limits ---------------------------------------------------------------------------


def test_latency__holds_each_answer_back_and_does_not_hold_up_the_end() -> None:
    with running(small_gitlab(), latency=0.05) as sandbox:
        started = time.perf_counter()
        requests.get(f"{sandbox.gitlab_url}/", timeout=5)
        assert time.perf_counter() - started >= 0.05


def test_rate_limit__refuses_until_the_minute_is_over() -> None:
    clock = MovingClock()
    with running(small_gitlab(), clock=clock, rate_limits={"gitlab": 2}) as sandbox:
        answers = [requests.get(f"{sandbox.gitlab_url}{ISSUES}", headers=WRITER, timeout=5) for _ in range(3)]
        clock.now = clock.now.replace(minute=1)
        later = requests.get(f"{sandbox.gitlab_url}{ISSUES}", headers=WRITER, timeout=5)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert (answers[2].text, answers[2].headers["Retry-After"]) == ("Retry later\n", "60")
    assert later.status_code == 200


# --- what writing may meet ------------------------------------------------------------------------


def test_status_after__carries_the_request_out_and_answers_with_a_failure(box: Sandbox, state: GitlabState) -> None:
    box.faults.add(faults.failing_after_write("/issues", method="POST"))

    assert (create(box).status_code, len(state.projects[MANAGERS].issues)) == (502, 1)
    assert parse_fault("status_after /issues$ status=503").kind is FaultKind.STATUS_AFTER


def test_write_limits__refuse_without_a_header_until_the_next_minute(state: GitlabState) -> None:
    clock = MovingClock()
    with running(state, clock=clock, write_limits={"issues": 2, "notes": 1}) as box:
        refused = [create(box) for _ in range(3)][-1]
        notes = [requests.post(f"{box.gitlab_url}{ISSUES}/1/notes", json={"body": "x"}, headers=WRITER, timeout=5) for _ in "ab"]
        clock.now += timedelta(minutes=1)

        assert (refused.status_code, refused.headers.get("Retry-After")) == (429, None)
        assert [answer.status_code for answer in notes] == [201, 429]
        assert create(box).status_code == 201
    assert len(state.projects[MANAGERS].issues) == 3


def test_lag__shows_reads_as_they_were_so_many_writes_ago(state: GitlabState) -> None:
    with running(state, lag=2) as box:
        seen = []
        for _ in range(4):
            create(box)
            seen.append(len(requests.get(f"{box.gitlab_url}{ISSUES}", headers=WRITER, timeout=5).json()))

    assert (seen, len(state.projects[MANAGERS].issues)) == ([0, 0, 1, 2], 4)


def test_a_moved_project__is_read_by_its_old_path_and_written_by_its_id_only(box: Sandbox, state: GitlabState) -> None:
    state.move_project(MANAGERS, "acme/support/leads")
    old, number = ISSUES.removesuffix("/issues"), state.projects["acme/support/leads"].id

    assert requests.get(f"{box.gitlab_url}{old}", headers=WRITER, timeout=5).json()["path_with_namespace"] == "acme/support/leads"
    assert create(box).status_code == 405
    by_id = f"{box.gitlab_url}/api/v4/projects/{number}/issues"
    assert requests.post(by_id, json={"title": "x"}, headers=WRITER, timeout=5).status_code == 201


def test_snapshot__brings_everything_back(box: Sandbox, state: GitlabState) -> None:
    create(box)
    snapshot = state.snapshot()
    create(box)
    state.go_back(snapshot)

    assert create(box).json()["iid"] == 2
    assert len(state.projects[MANAGERS].issues) == 2
