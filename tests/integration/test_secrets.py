"""Planted secrets are looked for in everything that a run says, keeps or sends, also when everything goes wrong."""

import io
import logging
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.adapters.clocks import FixedClock
from reports.adapters.http_session import PacedSession, Patience
from reports.commands import console
from reports.errors import ReportsError
from reports.jobs import stages
from reports.jobs.demo import Demo, DemoOptions, open_demo
from reports.sandbox.faults import Fault, failing, reset_before_write, truncated
from reports.sandbox.web_server import Reply
from reports.sandbox.zendesk_account import ADMIN_ID
from reports.sandbox.zendesk_state import OAuthClient
from reports.wiring.house import House
from tests.integration.gathered import GatheredDemos
from tests.integration.organisation import MONDAY, reports
from tests.loopback import Answer, Loopback, loopback

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

CANARY = "canary7"
PLANTED = {
    "GITLAB_TOKEN": f"glpat-{CANARY}-writer-0001",
    "GITLAB_READ_TOKEN": f"glpat-{CANARY}-reader-0002",
    "ZENDESK_CLIENT_ID": "support-reports-client",
    "ZENDESK_CLIENT_SECRET": f"{CANARY}-zendesk-client-0003",
    "PAGERDUTY_TOKEN": f"u+{CANARY}-pagerduty-0004",
    "UNRELATED_PASSWORD": f"{CANARY}-unrelated-0005",
    "CI_JOB_TOKEN": f"{CANARY}-job-0006",
}
#: Runs the command with every library's logging switched on.
TALKATIVE = "import logging; logging.basicConfig(level=logging.DEBUG); from reports.commands.cli import main; main()"
COMMANDS = ("check", "gather", "measure", "render", "plan", "apply", "weekly", "listen", "queue")
OF_A_WEEK = ("gather", "measure", "render", "plan", "apply", "weekly", "listen")


@pytest.fixture
def demo(tmp_path: Path, gathered_demos: GatheredDemos) -> Iterator[Demo]:
    """Half of the organisation before its first run."""
    with open_demo(DemoOptions(example=gathered_demos.half, folder=tmp_path / "demo", now=MONDAY)) as opened:
        yield opened


@pytest.fixture
def elsewhere() -> Iterator[Loopback]:
    """Another host: where redirects lead, and whose calendars are read."""
    with loopback() as server:
        yield server


@pytest.fixture
def planted(demo: Demo, elsewhere: Loopback, tmp_path: Path) -> dict[str, str]:
    """The environment with secrets that the sandbox takes, a calendar behind a secret address, and a .netrc."""
    gitlab = demo.sandbox.gitlab
    gitlab.add_token(PLANTED["GITLAB_TOKEN"], "support-reports-bot", ["api"])
    gitlab.add_token(PLANTED["GITLAB_READ_TOKEN"], "support-reports-reader", ["read_api"])
    client = OAuthClient(id=PLANTED["ZENDESK_CLIENT_ID"], secret=PLANTED["ZENDESK_CLIENT_SECRET"], user_id=ADMIN_ID)
    demo.sandbox.zendesk.clients[client.id] = client
    calendars = tmp_path / "calendars"
    address = elsewhere.url.replace("://", f"://ines:{CANARY}-calendar-0007@")
    calendars.write_text(f"iduarte {address}/{CANARY}-private-0008/basic.ics\n", encoding="utf-8")
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login bot password {CANARY}-netrc-0009\n", encoding="utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    sources = demo.house.config / "sources.yml"
    outside = f"leave_calendars:\n  addresses_from: CALENDAR_ADDRESSES\npagerduty:\n  url: {elsewhere.url}\n"
    schedules = "  schedules: [{id: PABC123, rotation: ceoc}]\n"
    sources.write_text(f"{sources.read_text(encoding='utf-8')}\n{outside}{schedules}", encoding="utf-8")
    return PLANTED | {"CALENDAR_ADDRESSES": str(calendars), "HOME": str(tmp_path), "NETRC": str(tmp_path / ".netrc")}


def call(demo: Demo, environment: dict[str, str], command: str) -> str:
    """Everything a command says, with every library talking."""
    week = ["--week", str(demo.week)] if command in OF_A_WEEK else []
    where = ["--config", str(demo.house.config), "--store", str(demo.house.store_folder)]
    done = subprocess.run(
        [sys.executable, "-c", TALKATIVE, *where, command, *week],
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 1, done.stderr[-2000:]
    return done.stdout + done.stderr


def kept(demo: Demo) -> list[Path]:
    """Files of the store that hold a secret."""
    files = [path for path in demo.house.store_folder.rglob("*") if path.is_file()]
    return [path for path in files if CANARY.encode() in path.read_bytes()]


def assert_only_where_they_belong(demo: Demo, elsewhere: Loopback, said: str) -> None:
    shown = [line for line in said.split("\n") if CANARY in line]
    assert shown == []
    assert kept(demo) == []
    assert [key for key, issue in reports(demo).items() if CANARY in issue.title + issue.description] == []
    assert [note.body for issue in reports(demo).values() for note in issue.notes if CANARY in note.body] == []
    for request in elsewhere.requests:
        sent = [value for name, value in request.headers.items() if CANARY in value]
        assert sent in ([], [f"Token token={PLANTED['PAGERDUTY_TOKEN']}"]), request.path
        assert sent == [] or request.path == "/schedules/PABC123"


def test_every_command__says_keeps_and_sends_no_secret(demo: Demo, elsewhere: Loopback, planted: dict[str, str]) -> None:
    elsewhere.answer = lambda request: Answer(500, f"no {CANARY}".encode())

    said = "\n".join(call(demo, planted, command) for command in COMMANDS)

    assert "issues: 19 created" in said
    assert len(reports(demo)) >= 19
    assert_only_where_they_belong(demo, elsewhere, said)


ECHO = f'{{"message":"bad token {PLANTED["GITLAB_READ_TOKEN"]} {PLANTED["GITLAB_TOKEN"]}"'
GRAPHQL_ECHO = '{"errors":[{"message":"no: ' + PLANTED["GITLAB_READ_TOKEN"] + " " + PLANTED["GITLAB_TOKEN"] + '"}]}'


def everything(**fields: object) -> Fault:
    return failing("/", count=None, **fields)  # type: ignore[arg-type]


WRONG: dict[str, Fault] = {
    "401 that repeats the token": everything(status=401, body=ECHO),
    "403": everything(status=403, body=ECHO + "}"),
    "404 for everything": everything(status=404, body=ECHO + "}"),
    "broken JSON that repeats the token": everything(status=200, body=ECHO, headers={"Content-Type": "text/plain"}),
    "errors of GraphQL that repeat the token": everything(
        status=200, body=GRAPHQL_ECHO, headers={"Content-Type": "application/json"}
    ),
    "connections that are cut": reset_before_write("/", count=None),
    "answers that break off": truncated("/", count=None),
    "a page in place of JSON": everything(status=200, body=f"<html>{ECHO}", headers={"Content-Type": "text/html"}),
}


def impatient(demo: Demo, environment: dict[str, str]) -> House:
    house = House(
        config=demo.house.config,
        store_folder=demo.house.store_folder,
        environment=environment,
        clock=FixedClock(demo.world.now),
    )
    house.__dict__["session"] = PacedSession(Patience(attempts=1, attempts_at_strangers=1, total_wait=0.0, read=5.0))
    return house


def told(stage: str, house: House, demo: Demo) -> str:
    """What a failing stage raises, printed with the variables of every frame, causes included."""
    stage_of: dict[str, Callable[[], object]] = {
        "weekly": lambda: stages.weekly(house, demo.week, console.silent),
        "gather": lambda: stages.gather(house, demo.week, console.silent),
        "listen": lambda: stages.listen(house, demo.week, console.silent),
        "queue": lambda: stages.queue(house, console.silent),
    }
    try:
        return repr(stage_of[stage]())
    except ReportsError as error:
        frames = traceback.TracebackException.from_exception(error, capture_locals=True)
        return f"{error}\n{error!r}\n{''.join(frames.format())}"


def without_this_file(text: str) -> str:
    """The frames of the tests hold the planted secrets themselves."""
    return re.sub(rf'  File "{re.escape(__file__)}".*?(?=\n  File |\n\S|\Z)', "", text, flags=re.DOTALL)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any library logs."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(before)
    root.removeHandler(handler)


@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_goes_wrong__shows_no_secret_in_messages_logs_and_tracebacks(
    wrong: str, demo: Demo, elsewhere: Loopback, planted: dict[str, str], log: io.StringIO
) -> None:
    demo.sandbox.faults.add(WRONG[wrong])

    said = [told(stage, impatient(demo, planted), demo) for stage in ("gather", "weekly", "listen", "queue")]

    assert_only_where_they_belong(demo, elsewhere, without_this_file("\n".join(said)) + log.getvalue())


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host__takes_no_secret_along(
    status: int, demo: Demo, elsewhere: Loopback, planted: dict[str, str], log: io.StringIO
) -> None:
    demo.sandbox.faults.add(everything(status=status, body="", headers={"Location": f"{elsewhere.url}/taken"}))

    said = [told(stage, impatient(demo, planted), demo) for stage in ("gather", "weekly", "listen", "queue")]

    assert any(request.path == "/taken" for request in elsewhere.requests)
    assert_only_where_they_belong(demo, elsewhere, without_this_file("\n".join(said)) + log.getvalue())


def test_netrc__is_not_read_for_any_server(demo: Demo, planted: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = demo.sandbox._reply

    def remember(host: str, app: "WSGIApplication", environ: "WSGIEnvironment") -> Reply:
        seen.append(environ.get("HTTP_AUTHORIZATION", ""))
        return real(host, app, environ)

    monkeypatch.setattr(demo.sandbox, "_reply", remember)
    demo.sandbox.faults.add(everything(status=500))

    told("gather", impatient(demo, planted), demo)

    assert seen
    assert not [value for value in seen if value.startswith("Basic ")]


@pytest.mark.parametrize(
    "line",
    [
        f"  token: glpat-{CANARY}-literal-000000",
        f"  url: https://bot:{CANARY}-password@gitlab.example.com",
        f"  product_group: glpat-{CANARY}-literal-000000",
        f"  password: {CANARY}",
        f"  # glpat-{CANARY}-in-a-comment-0000",
    ],
)
def test_a_secret_in_the_configuration__is_an_error_that_does_not_show_it(line: str, demo: Demo, planted: dict[str, str]) -> None:
    sources = demo.house.config / "sources.yml"
    text = sources.read_text(encoding="utf-8")
    sources.write_text(text.replace("gitlab:\n", f"gitlab:\n{line}\n", 1), encoding="utf-8")

    said = call(demo, planted, "check") + call(demo, planted, "weekly")

    assert "sources.yml:" in said
    assert re.search(r"error: (this looks like a token|this address holds credentials|a secret cannot stand here)", said)
    assert CANARY not in said
    assert kept(demo) == []


def test_the_house__shows_no_environment() -> None:
    house = House(config=Path("config"), store_folder=Path("store"), environment=PLANTED)

    assert CANARY not in repr(house)
