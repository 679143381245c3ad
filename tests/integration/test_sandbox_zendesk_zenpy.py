"""Unmodified zenpy against the sandbox Zendesk over HTTP."""

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from zenpy import Zenpy
from zenpy.lib.exception import APIException

from reports.sandbox.zendesk_account import AGENT_TOKEN, BOT_ID, LIGHT_AGENT_ID, ZENDESK_TOKEN
from reports.sandbox.zendesk_rest import zendesk_app
from reports.sandbox.zendesk_state import ZendeskState
from tests.zendesk_account import START, clock, measured, reply, small_account, taken, ticket


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


def filled_account() -> ZendeskState:
    """An account with 250 tickets, 250 updates and 250 metric events, one a second."""
    state = small_account()
    state.put_tickets(ticket(number, START + number) for number in range(1, 251))
    state.updates.extend(
        reply(number, START + number) if number % 2 else taken(number, START + number) for number in range(1, 251)
    )
    state.metric_events.extend(measured(number, START + number) for number in range(1, 251))
    return state


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, zendesk_app(filled_account(), clock), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def zenpy(address: str, monkeypatch: pytest.MonkeyPatch) -> Zenpy:
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")
    monkeypatch.setenv("ZENPY_FORCE_NETLOC", address)
    return Zenpy(subdomain="acme", oauth_token=ZENDESK_TOKEN, disable_cache=True)


def test_zenpy__lists_users_by_role(zenpy: Zenpy) -> None:
    assert sorted(user.id for user in zenpy.users(role=["agent", "admin"])) == [
        4300001,
        4400001,
        4410001,
        4410002,
        LIGHT_AGENT_ID,
        BOT_ID,
    ]


def test_zenpy__pages_through_users_by_cursor(zenpy: Zenpy) -> None:
    assert len(list(zenpy.users(cursor_pagination=16))) == 66


def test_zenpy__lists_groups_and_memberships(zenpy: Zenpy) -> None:
    assert [group.name for group in zenpy.groups(cursor_pagination=2)] == ["AMER", "APAC", "EMEA", "Support"]
    assert {membership.user_id for membership in zenpy.group_memberships()} == {4410001, 4410002}


def test_zenpy__lists_custom_statuses_forms_and_fields(zenpy: Zenpy) -> None:
    assert [status.status_category for status in zenpy.custom_statuses()] == [
        "new",
        "open",
        "pending",
        "hold",
        "solved",
        "hold",
        "pending",
    ]
    assert len(list(zenpy.ticket_forms())) == 4
    assert len(list(zenpy.ticket_fields())) == 7


def test_zenpy__shows_a_ticket_and_who_it_is(zenpy: Zenpy) -> None:
    assert zenpy.tickets(id=7).status == "solved"
    assert zenpy.users.me().role == "admin"


def test_zenpy__exports_every_ticket_once_page_by_page(zenpy: Zenpy) -> None:
    export = zenpy.tickets.incremental(start_time=START, include=["metric_sets"], per_page=100)
    assert [row.id for row in export] == list(range(1, 251))
    assert export.end_of_stream
    assert [row.id for row in zenpy.tickets.incremental(cursor=export.after_cursor)] == []


def test_zenpy__exports_every_ticket_event(zenpy: Zenpy) -> None:
    events = list(zenpy.tickets.events(START, per_page=100))
    assert {event.id for event in events} == {number * 10 for number in range(1, 251)}
    assert len(events) == 252, "each of two further pages repeats the second of the last row before"


def test_zenpy__exports_ticket_events_with_comments(zenpy: Zenpy) -> None:
    first = next(zenpy.tickets.events(START, include=["comment_events"]))
    assert first.child_events[0]["body"] == "CANARY reply"


def test_zenpy__exports_every_metric_event(zenpy: Zenpy) -> None:
    assert [event.id for event in zenpy.tickets.metrics_incremental(START)] == list(range(1, 251))


def test_zenpy__shows_a_refusal_as_its_own_error(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")
    monkeypatch.setenv("ZENPY_FORCE_NETLOC", address)
    agent = Zenpy(subdomain="acme", oauth_token=AGENT_TOKEN, disable_cache=True)
    with pytest.raises(APIException, match="You do not have access"):
        agent.tickets.incremental(start_time=START)
