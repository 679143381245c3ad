"""The Zendesk adapter against the sandbox over real HTTP and against collected answers of the real service."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from reports.adapters.http_session import PacedSession, Patience, Waiting
from reports.adapters.zendesk_access import AccessToken, OAuthClient, ZendeskAccess
from reports.adapters.zendesk_exports import KEPT_TAGS, ZendeskExports
from reports.adapters.zendesk_rows import KeptFields
from reports.core.facts import Ticket, TicketEvent
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.ports import Page
from reports.sandbox.zendesk_rest import zendesk_app
from reports.sandbox.zendesk_state import (
    SYSTEM,
    Comment,
    FieldChange,
    MetricSet,
    OAuthToken,
    TicketForm,
    TicketUpdate,
    ZendeskState,
    ZendeskTicket,
    ZendeskUser,
)
from reports.sandbox.zendesk_state import OAuthClient as KnownClient

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
START = datetime(2026, 11, 2, tzinfo=UTC)
EVERYTHING = Window(START, NOW)
FIRST = int(START.timestamp())
ADMIN, AGENT, COLLEAGUE = 9001, 4410001, 4410002
CLIENT = OAuthClient(client_id="reports", client_secret="sandbox-secret")
CONTRACTS = Path(os.environ.get("SUPPORT_REPORTS_SHARED", "../shared")) / "contracts" / "zendesk"
KEPT = KeptFields(tags=KEPT_TAGS)
TICKETS, EVENTS = "zendesk.tickets", "zendesk.ticket_events"


@dataclass
class MovableClock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:
        pass


@dataclass
class Service:
    """A sandbox Zendesk on loopback with its state and its clock."""

    url: str
    state: ZendeskState
    clock: MovableClock
    session: PacedSession

    def source(self, credentials: OAuthClient | AccessToken = CLIENT) -> ZendeskExports:
        return ZendeskExports(ZendeskAccess(self.url, credentials, self.session, self.clock), KEPT)

    def requests(self) -> int:
        return sum(one.reads for one in self.session.traffic())


@pytest.fixture
def zendesk() -> Iterator[Service]:
    clock, state = MovableClock(), _account()
    server: BaseWSGIServer = make_server(
        "127.0.0.1", 0, zendesk_app(state, clock.now), threaded=True, request_handler=QuietHandler
    )
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    session = PacedSession(Patience(attempts=2), Waiting(sleep=lambda seconds: None))
    try:
        yield Service(f"http://127.0.0.1:{server.server_port}", state, clock, session)
    finally:
        for adapter in session.adapters.values():
            adapter.close()
        server.shutdown()
        thread.join()
        server.server_close()


def _account() -> ZendeskState:
    state = ZendeskState(ticket_forms=[TicketForm(id=77, name="self_managed", created_at=FIRST)])
    state.add_users(
        ZendeskUser(id=user_id, name="CANARY Name", email="canary@example.com", role=role, created_at=FIRST)
        for user_id, role in ((ADMIN, "admin"), (AGENT, "agent"), (COLLEAGUE, "agent"))
    )
    state.clients["reports"] = KnownClient(id="reports", secret="sandbox-secret", user_id=ADMIN)
    state.tokens["plain-agent-token"] = OAuthToken(user_id=AGENT, scopes=frozenset({"read"}), expires_at=None)
    return state


def _ticket(ticket_id: int, at: int = FIRST, **more: Any) -> ZendeskTicket:
    plain = ZendeskTicket(
        id=ticket_id,
        subject="CANARY subject",
        description="CANARY description",
        requester_id=ADMIN,
        submitter_id=ADMIN,
        status="open",
        created_at=at,
        updated_at=at,
        generated_at=at,
        priority="high",
        ticket_form_id=77,
        tags=("CANARY_customer", "closed_by_merge"),
    )
    return replace(plain, **more)


def _update(
    update_id: int,
    at: int,
    *children: FieldChange | Comment,
    ticket_id: int = 1,
    updater_id: int = AGENT,
    created: bool = False,
) -> TicketUpdate:
    return TicketUpdate(at, update_id, ticket_id, updater_id, "Web form", created, children)


def _public(comment_id: int) -> Comment:
    return Comment(comment_id, AGENT, True, "CANARY body")


def _pages(source: ZendeskExports, stream: str, window: Window = EVERYTHING, cursor: str | None = None) -> list[Page]:
    return list(source.pages(stream, window, cursor))


def _events(pages: Sequence[Page]) -> list[TicketEvent]:
    return [fact for page in pages for fact in page.facts if isinstance(fact, TicketEvent)]


def _tickets(pages: Sequence[Page]) -> list[Ticket]:
    return [fact for page in pages for fact in page.facts if isinstance(fact, Ticket)]


# --- tickets ----------------------------------------------------------------------------------


def test_tickets__one_ticket_becomes_a_fact_of_allowed_fields_only(zendesk: Service) -> None:
    solved = FIRST + 500
    metrics = MetricSet(
        created_at=FIRST,
        updated_at=solved,
        solved_at=solved,
        reopens=2,
        reply_minutes=7,
        requester_wait_minutes=11,
        agent_wait_minutes=12,
        on_hold_minutes=13,
    )
    more: dict[str, Any] = {"group_id": 55, "organization_id": 66, "custom_status_id": 99, "support_type": "agent"}
    zendesk.state.put_tickets([_ticket(1, status="solved", assignee_id=AGENT, generated_at=solved, metrics=metrics, **more)])

    pages = _pages(zendesk.source(), TICKETS)

    assert _tickets(pages) == [
        Ticket(
            id=1,
            url=f"{zendesk.url}/agent/tickets/1",
            status="solved",
            priority="high",
            ticket_form="self_managed",
            assignee_id=AGENT,
            tags=("closed_by_merge",),
            created_at=START,
            solved_at=START + timedelta(seconds=500),
            seen_at=START + timedelta(seconds=500),
            group_id=55,
            custom_status_id=99,
            has_organization=True,
            by_ai_agent=False,
            reopens=2,
            reply_minutes=7,
            reply_business_minutes=7,
            waiting_minutes=11,
            pending_minutes=12,
            on_hold_minutes=13,
        )
    ]
    assert "CANARY" not in repr(pages)


def test_tickets__many_pages_with_equal_seconds_give_each_ticket_once(zendesk: Service) -> None:
    zendesk.state.put_tickets(_ticket(number, FIRST + number // 700) for number in range(2300))

    pages = _pages(zendesk.source(), TICKETS)

    assert [len(page.facts) for page in pages] == [1000, 1000, 300]
    assert sorted(ticket.id for ticket in _tickets(pages)) == list(range(2300))
    assert [page.until for page in pages] == [
        START + timedelta(seconds=1),
        START + timedelta(seconds=2),
        NOW - timedelta(minutes=2),
    ]


def test_tickets__the_stored_cursor_brings_only_what_changed_since(zendesk: Service) -> None:
    zendesk.state.put_tickets(_ticket(number, FIRST + number) for number in range(5))
    cursor = _pages(zendesk.source(), TICKETS)[-1].cursor
    zendesk.state.put_tickets([_ticket(3, FIRST + 3, status="pending", generated_at=FIRST + 90)])

    again = _pages(zendesk.source(), TICKETS, cursor=cursor)

    assert [(ticket.id, ticket.status) for ticket in _tickets(again)] == [(3, "pending")]


def test_tickets__an_account_without_tickets_keeps_no_cursor_and_starts_anew(zendesk: Service) -> None:
    (page,) = _pages(zendesk.source(), TICKETS)
    zendesk.state.put_tickets([_ticket(1)])

    assert page.facts == ()
    assert page.until == NOW - timedelta(minutes=2)
    assert [ticket.id for ticket in _tickets(_pages(zendesk.source(), TICKETS, cursor=page.cursor))] == [1]


def test_tickets__pages_past_the_window_are_not_asked_for(zendesk: Service) -> None:
    zendesk.state.put_tickets(_ticket(number, FIRST + number) for number in range(2500))

    pages = _pages(zendesk.source(), TICKETS, Window(START, START + timedelta(seconds=900)))

    assert len(pages) == 1
    assert pages[0].until == START + timedelta(seconds=999)


def test_tickets__a_scrubbed_row_counts_as_older_than_the_deletion_and_newer_than_all_before(zendesk: Service) -> None:
    zendesk.state.put_tickets([_ticket(1, assignee_id=AGENT)])
    zendesk.state.delete_ticket(1, FIRST + 100)
    pages = _pages(zendesk.source(), TICKETS)
    zendesk.state.scrub_ticket(1, FIRST + 30 * 86_400)
    zendesk.clock.moment = NOW + timedelta(days=30)

    later = _pages(zendesk.source(), TICKETS, Window(START, zendesk.clock.moment), pages[-1].cursor)

    ((deleted,), (scrubbed,)) = _tickets(pages), _tickets(later)
    assert (deleted.status, deleted.assignee_id) == ("deleted", AGENT)
    assert (scrubbed.status, scrubbed.assignee_id) == ("deleted", None)
    assert START < scrubbed.seen_at < deleted.seen_at == START + timedelta(seconds=100)
    assert later[-1].until == zendesk.clock.moment - timedelta(minutes=2), "how far the stream reaches is another matter"


def test_tickets__a_form_that_no_list_names_is_shown_by_its_id(zendesk: Service) -> None:
    zendesk.state.put_tickets([_ticket(1, ticket_form_id=78), _ticket(2, ticket_form_id=None)])

    assert [ticket.ticket_form for ticket in _tickets(_pages(zendesk.source(), TICKETS))] == ["78", ""]


# --- ticket events ----------------------------------------------------------------------------


def test_ticket_events__the_creating_update_tells_status_assignee_and_comment(zendesk: Service) -> None:
    children = (FieldChange(11, "status", "new", None), FieldChange(12, "assignee_id", AGENT, None), _public(13))
    zendesk.state.updates.extend([_update(10, FIRST, *children, updater_id=ADMIN, created=True)])

    events = _events(_pages(zendesk.source(), EVENTS))

    assert [(event.id, event.kind, event.old, event.new, event.created) for event in events] == [
        (11, "status", None, "new", True),
        (12, "assignee", None, str(AGENT), True),
        (13, "comment", None, "public", True),
    ]
    assert {(event.ticket_id, event.at, event.actor_id) for event in events} == {(1, START, ADMIN)}


def test_ticket_events__changes_tell_old_and_new_and_other_fields_are_left_out(zendesk: Service) -> None:
    children = (
        FieldChange(21, "assignee_id", COLLEAGUE, AGENT),
        FieldChange(22, "status", "solved", "open"),
        FieldChange(23, "priority", "urgent", "low"),
        FieldChange(24, "subject", "CANARY new", "CANARY old"),
        Comment(25, AGENT, False, "CANARY note"),
    )
    zendesk.state.updates.extend([_update(20, FIRST, *children)])

    pages = _pages(zendesk.source(), EVENTS)

    assert [(event.id, event.kind, event.old, event.new) for event in _events(pages)] == [
        (21, "assignee", str(AGENT), str(COLLEAGUE)),
        (22, "status", "open", "solved"),
        (23, "priority", "low", "urgent"),
        (25, "comment", None, "internal"),
    ]
    assert "CANARY" not in repr(pages)


def test_ticket_events__an_update_by_the_system_has_no_actor_and_an_unassignment_no_new(zendesk: Service) -> None:
    zendesk.state.updates.extend([_update(30, FIRST, FieldChange(31, "assignee_id", None, AGENT), updater_id=SYSTEM)])

    (event,) = _events(_pages(zendesk.source(), EVENTS))

    assert (event.actor_id, event.old, event.new) == (None, str(AGENT), None)


def test_ticket_events__a_second_with_more_than_a_page_and_repeated_seconds_lose_nothing(zendesk: Service) -> None:
    seconds = [0] * 5 + [7] * 1300 + [8 + number // 3 for number in range(2200)]
    zendesk.state.updates.extend(
        _update(100_000 + number, FIRST + second, _public(number)) for number, second in enumerate(seconds)
    )

    pages = _pages(zendesk.source(), EVENTS)

    assert {event.id for event in _events(pages)} == set(range(len(seconds)))
    assert len(_events(pages)) > len(seconds), "the last second of a page comes again, and the store keeps it once"
    assert pages[-1].until == NOW - timedelta(minutes=2)


def test_ticket_events__everything_before_until_has_been_seen(zendesk: Service) -> None:
    zendesk.state.updates.extend(_update(100_000 + number, FIRST + number // 9, _public(number)) for number in range(3500))
    moments = {number: START + timedelta(seconds=number // 9) for number in range(3500)}
    seen: set[int] = set()

    for page in zendesk.source().pages(EVENTS, EVERYTHING, None):
        seen |= {event.id for event in _events([page])}
        until = page.until
        assert until is not None
        assert {number for number, moment in moments.items() if moment < until} <= seen


def test_ticket_events__a_run_that_continues_finds_what_came_since(zendesk: Service) -> None:
    zendesk.state.updates.extend([_update(40, FIRST, _public(41))])
    cursor = _pages(zendesk.source(), EVENTS)[-1].cursor
    zendesk.clock.moment = NOW + timedelta(hours=1)
    zendesk.state.updates.extend([_update(50, int(NOW.timestamp()), _public(51))])

    again = _pages(zendesk.source(), EVENTS, cursor=cursor)

    assert 51 in {event.id for event in _events(again)}


def test_ticket_events__a_second_run_in_the_same_minute_is_accepted_and_costs_one_request(zendesk: Service) -> None:
    zendesk.state.updates.extend([_update(40, int(NOW.timestamp()) - 60, _public(41))])
    source = zendesk.source()
    cursor = _pages(source, EVENTS)[-1].cursor
    before = zendesk.requests()

    pages = _pages(source, EVENTS, cursor=cursor)

    assert [event.id for event in _events(pages)] == [41]
    assert zendesk.requests() - before == 1


# --- access -----------------------------------------------------------------------------------


def test_access__a_token_is_asked_for_once_and_renewed_when_it_ages(zendesk: Service) -> None:
    source = zendesk.source()
    _pages(source, EVENTS)
    _pages(source, EVENTS)
    granted = len(zendesk.state.tokens)
    zendesk.clock.moment += timedelta(hours=3)

    _pages(source, EVENTS)

    assert len(zendesk.state.tokens) == granted + 1


def test_access__a_wrong_secret_is_named_by_its_variable_and_never_shown(zendesk: Service) -> None:
    source = zendesk.source(OAuthClient(client_id="reports", client_secret="wrong-secret"))

    with pytest.raises(SourceError) as caught:
        _pages(source, EVENTS)

    assert "401" in caught.value.message
    assert "ZENDESK_CLIENT_SECRET" in caught.value.hint
    assert "wrong-secret" not in str(caught.value) + repr(source)


def test_access__an_agent_without_admin_rights_is_told_so(zendesk: Service) -> None:
    with pytest.raises(SourceError, match=r"does not let the token read this \(403"):
        _pages(zendesk.source(AccessToken(token="plain-agent-token")), TICKETS)


def test_access__credentials_do_not_show_in_their_repr() -> None:
    assert "s3cret" not in repr(OAuthClient(client_id="reports", client_secret="s3cret")) + repr(AccessToken(token="s3cret"))


def test_access__a_server_that_is_not_there(zendesk: Service) -> None:
    access = ZendeskAccess("http://127.0.0.1:9", AccessToken(token="any"), zendesk.session, zendesk.clock)
    source = ZendeskExports(access, KEPT)

    with pytest.raises(SourceError, match=r"Zendesk at http://127\.0\.0\.1:9 cannot be reached"):
        _pages(source, TICKETS)


# --- answers as collected from the real service -------------------------------------------------


class CannedAnswers(BaseAdapter):
    """Answers every request with the next body; the last one again and again."""

    def __init__(self, *bodies: object) -> None:
        super().__init__()
        self._bodies = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.url, response.request = 200, str(request.url), request
        response._content = self._bodies.pop(0) if len(self._bodies) > 1 else self._bodies[0]
        return response

    def close(self) -> None:
        pass


def _canned(*bodies: object) -> ZendeskExports:
    session = PacedSession()
    session.mount("https://", CannedAnswers(*bodies))
    access = ZendeskAccess("https://acme.zendesk.example.com", AccessToken(token="any"), session, MovableClock())
    return ZendeskExports(access, KEPT)


def _contract(name: str) -> Any:
    path = CONTRACTS / name
    if not path.is_file():
        pytest.skip(f"{path} is not there: the shared folder lies beside the project or where SUPPORT_REPORTS_SHARED says")
    return json.loads(path.read_text())


def test_contract__recorded_pages_of_the_cursor_export_are_understood() -> None:
    exchanges = _contract("recorded/incremental_tickets_cursor.json")
    bodies = [exchange["response"]["body"] for exchange in exchanges if exchange["response"]["status"] == 200]
    bare = [
        body | {"end_of_stream": True, "tickets": [ticket | {"ticket_form_id": None} for ticket in body["tickets"]]}
        for body in bodies
    ]

    facts = [_tickets(_pages(_canned(body), TICKETS)) for body in bare]

    assert [[ticket.id for ticket in page] for page in facts] == [[ticket["id"] for ticket in body["tickets"]] for body in bodies]
    assert any(facts)


def test_contract__a_sampled_ticket_event_without_child_ids_is_understood() -> None:
    sample = _contract("doc_samples_zenpy/ticket_event.json")

    (event,) = _events(_pages(_canned({"ticket_events": [sample], "end_of_stream": True, "end_time": None}), EVENTS))

    assert (event.id, event.kind, event.new, event.actor_id) == (sample["id"], "status", "solved", None)


def test_answers__a_page_that_leads_nowhere_ends_with_an_error_and_not_in_a_loop() -> None:
    stuck = {"ticket_events": [], "end_of_stream": False, "end_time": FIRST}

    with pytest.raises(SourceError, match="leads nowhere"):
        _pages(_canned(stuck), EVENTS)


def test_answers__an_unknown_shape_is_named_without_its_content() -> None:
    with pytest.raises(
        SourceError, match=r"unknown shape at https://acme\.zendesk\.example\.com/.*ticket_events\.json"
    ) as caught:
        _pages(_canned({"ticket_events": [{"id": "CANARY"}], "end_of_stream": True}), EVENTS)

    assert "CANARY" not in str(caught.value)


def test_answers__a_page_of_html_is_no_answer() -> None:
    with pytest.raises(SourceError, match="unknown shape"):
        _pages(_canned(b"<html>maintenance</html>"), TICKETS)
