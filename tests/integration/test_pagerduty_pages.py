"""The source of pages over real HTTP, against answers in the shape of PagerDuty's log of incidents."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from reports.adapters.http_session import PacedSession, Patience, Waiting
from reports.adapters.pagerduty_pages import PagerDutyPages
from reports.core.facts import OnCallPage
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.ports import Page
from tests.builders import utc
from tests.loopback import Answer, Loopback, Request, loopback

INES, KENJI, STRANGER = "PX0001", "PX0002", "PX0009"
START, END = utc("2026-11-02 00:00"), utc("2026-11-16 06:00")
WINDOW = Window(START, END)


@dataclass
class PagerDuty:
    """The server with its log, newest first as PagerDuty has it, and a session that does not sleep."""

    server: Loopback
    session: PacedSession
    log: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.answer = self.listed

    def listed(self, request: Request) -> Answer:
        """Both ends included, in pages."""
        since, until = (datetime.fromisoformat(request.query[name]) for name in ("since", "until"))
        inside = [entry for entry in self.log if since <= datetime.fromisoformat(entry["created_at"]) <= until]
        inside.sort(key=lambda entry: str(entry["created_at"]), reverse=True)
        limit, offset = int(request.query["limit"]), int(request.query["offset"])
        if offset + limit > 10_000:
            return Answer(400, b'{"error": {"message": "Invalid Input Provided", "code": 2001}}')
        more = offset + limit < len(inside)
        body = {"log_entries": inside[offset : offset + limit], "limit": limit, "offset": offset, "more": more, "total": None}
        return Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})

    def pages(self, cursor: str | None = None, window: Window = WINDOW, responders: Sequence[str] = (INES, KENJI)) -> list[Page]:
        source = PagerDutyPages("u+read-only", self.session, responders, self.server.url)
        return list(source.pages("pagerduty.pages", window, cursor))

    def facts(self, cursor: str | None = None, window: Window = WINDOW) -> list[OnCallPage]:
        """What is gathered, oldest first."""
        found = [fact for page in self.pages(cursor, window) for fact in page.facts if isinstance(fact, OnCallPage)]
        return sorted(found, key=lambda fact: (fact.at, fact.id))


@pytest.fixture
def pagerduty() -> Iterator[PagerDuty]:
    session = PacedSession(Patience(attempts=2, attempts_at_strangers=2), Waiting(sleep=lambda seconds: None))
    with loopback() as server:
        yield PagerDuty(server, session)
        for adapter in session.adapters.values():
            adapter.close()


def entry(number: int, at: datetime, *users: str, kind: str = "assign_log_entry") -> dict[str, Any]:
    incident = {"id": f"Q{number}", "type": "incident_reference", "summary": f"[#{number}] Customer Corp is down"}
    return {
        "id": f"R{number}",
        "type": kind,
        "summary": f"Assigned to {', '.join(users)}: Customer Corp is down",
        "self": f"https://api.pagerduty.com/log_entries/R{number}",
        "html_url": None,
        "created_at": at.isoformat().replace("+00:00", "Z"),
        "agent": {"id": "PSERVICE", "type": "service_reference", "summary": "Customer emergencies"},
        "channel": {"type": "auto"},
        "incident": incident | {"html_url": f"https://acme.pagerduty.com/incidents/Q{number}"},
        "service": {"id": "PSERVICE", "type": "service_reference"},
        "teams": [],
        "contexts": [],
        "assignees": [{"id": user, "type": "user_reference", "summary": "Somebody"} for user in users],
        "event_details": {"description": "Customer Corp is down"},
    }


def test_page__is_an_incident_put_before_somebody_of_the_team(pagerduty: PagerDuty) -> None:
    at = utc("2026-11-09 08:30")
    pagerduty.log = [entry(1, at, INES, STRANGER)]

    assert pagerduty.facts() == [
        OnCallPage(id=f"R1/{INES}", responder_id=INES, at=at, url="https://acme.pagerduty.com/incidents/Q1")
    ]


def test_page__an_assignment_and_an_escalation_are_two_and_nothing_else_is_one(pagerduty: PagerDuty) -> None:
    at = utc("2026-11-09 08:30")
    kinds = ("trigger", "assign", "notify", "acknowledge", "escalate", "annotate", "resolve")
    pagerduty.log = [
        entry(n, at + n * timedelta(minutes=1), KENJI if kind == "escalate" else INES, kind=f"{kind}_log_entry")
        for n, kind in enumerate(kinds)
    ]

    assert [(fact.id, fact.responder_id) for fact in pagerduty.facts()] == [(f"R1/{INES}", INES), (f"R4/{KENJI}", KENJI)]


def test_pages__hold_no_word_of_what_happened(pagerduty: PagerDuty) -> None:
    pagerduty.log = [entry(1, utc("2026-11-09 08:30"), INES)]

    assert "Customer" not in repr(pagerduty.pages())


def test_window__is_half_open_although_pagerduty_includes_both_ends(pagerduty: PagerDuty) -> None:
    second = timedelta(seconds=1)
    pagerduty.log = [entry(n, at, INES) for n, at in enumerate((START - second, START, END - second, END))]

    assert [fact.id for fact in pagerduty.facts()] == [f"R1/{INES}", f"R2/{INES}"]


def test_lists__are_read_to_the_last_page(pagerduty: PagerDuty) -> None:
    pagerduty.log = [entry(n, START + n * timedelta(minutes=1), INES) for n in range(250)]

    assert len(pagerduty.facts()) == 250
    assert [request.query["offset"] for request in pagerduty.server.requests] == ["0", "100", "200"]


def test_lists__longer_than_pagerduty_gives_are_read_in_halves(pagerduty: PagerDuty) -> None:
    pagerduty.log = [entry(n, START + n * timedelta(minutes=1), INES) for n in range(10_050)]
    quarter = Window(START, START + timedelta(minutes=10_050))

    found = pagerduty.facts(window=quarter)

    assert len(found) == len({fact.id for fact in found}) == 10_050


def test_lists__with_a_moment_of_too_many_are_a_failure(pagerduty: PagerDuty) -> None:
    endless = {"log_entries": [], "more": True}
    pagerduty.server.answer = lambda request: Answer(body=json.dumps(endless).encode())
    moment = Window(START, START + timedelta(microseconds=2))

    with pytest.raises(SourceError, match="lists more than 10000 entries"):
        pagerduty.pages(window=moment)


def test_long_spans__are_asked_for_in_pieces_each_with_its_cursor(pagerduty: PagerDuty) -> None:
    half_a_year = Window(START - timedelta(days=180), END)
    pages = pagerduty.pages(window=half_a_year)

    asked = [request.query for request in pagerduty.server.requests]
    lengths = [datetime.fromisoformat(query["until"]) - datetime.fromisoformat(query["since"]) for query in asked]
    assert [length.days for length in lengths] == [28, 28, 28, 28, 28, 28, 26]
    assert [page.until for page in pages][-1] == END
    assert len({page.cursor for page in pages}) == 7


def test_later_run__asks_for_the_last_hour_again_and_gives_the_same_ids(pagerduty: PagerDuty) -> None:
    late = entry(1, END - timedelta(minutes=30), INES)
    pagerduty.log = [late, entry(2, END + timedelta(hours=1), KENJI)]
    *_, last = pagerduty.pages()
    again = pagerduty.facts(last.cursor, Window(START, END + timedelta(days=1)))

    assert [fact.id for fact in again] == [f"R1/{INES}", f"R2/{KENJI}"]
    assert pagerduty.server.requests[-1].query["since"] == (END - timedelta(hours=1)).isoformat()


def test_later_run__with_somebody_new_reads_from_the_start(pagerduty: PagerDuty) -> None:
    pagerduty.log = [entry(1, START, INES, KENJI)]
    *_, last = pagerduty.pages(responders=(INES,))

    found = pagerduty.pages(last.cursor, responders=(INES, KENJI))

    assert [fact.id for page in found for fact in page.facts] == [f"R1/{INES}", f"R1/{KENJI}"]  # type: ignore[union-attr]


@pytest.mark.parametrize("every", [timedelta(hours=1), timedelta(days=1), timedelta(days=14)])
def test_rhythm__hourly_daily_and_weekly_give_the_same_pages(pagerduty: PagerDuty, every: timedelta) -> None:
    pagerduty.log = [entry(n, START + n * timedelta(minutes=50), (INES, KENJI, STRANGER)[n % 3]) for n in range(300)]
    found: dict[str, OnCallPage] = {}
    cursor, now = None, START
    while now < END:
        now = min(now + every, END)
        for page in pagerduty.pages(cursor, Window(START, now)):
            cursor = page.cursor
            found |= {fact.id: fact for fact in page.facts if isinstance(fact, OnCallPage)}

    assert len(found) == 200


def test_nobody_with_an_id__asks_for_nothing(pagerduty: PagerDuty) -> None:
    assert PagerDutyPages("u+read-only", pagerduty.session, (), pagerduty.server.url).streams == ()


def test_request__is_as_pagerduty_wants_it(pagerduty: PagerDuty) -> None:
    pagerduty.pages()

    (request,) = pagerduty.server.requests
    assert request.path == "/log_entries"
    assert request.query == {
        "since": START.isoformat(),
        "until": END.isoformat(),
        "time_zone": "UTC",
        "limit": "100",
        "offset": "0",
    }
    assert request.headers["Authorization"] == "Token token=u+read-only"
    assert request.headers["Accept"] == "application/vnd.pagerduty+json;version=2"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, b"{}"), "does not know the token"),
        (Answer(403, b"{}"), "does not let the token read this"),
        (Answer(429, b"{}", {"Retry-After": "1"}), "asks to wait longer"),
        (Answer(200, b"<html>"), "answered in an unknown shape"),
        (Answer(200, b'{"log_entries": []}'), "answered in an unknown shape"),
    ],
)
def test_refusal__is_a_failure_in_words(pagerduty: PagerDuty, answer: Answer, said: str) -> None:
    pagerduty.server.answer = lambda request: answer

    with pytest.raises(SourceError, match=said):
        pagerduty.pages()
