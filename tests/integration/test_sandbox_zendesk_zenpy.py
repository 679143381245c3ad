"""Unmodified zenpy against the sandbox Zendesk over HTTP."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from zenpy import Zenpy
from zenpy.lib.exception import APIException

from reports.adapters.clocks import FixedClock
from reports.adapters.http_session import PacedSession
from reports.adapters.zendesk_access import AccessToken, ZendeskAccess
from reports.adapters.zendesk_exports import ZendeskExports
from reports.adapters.zendesk_lists import DeskSettings, ZendeskLists
from reports.core.weeks import Window
from reports.ports import ActivitySource
from reports.sandbox.zendesk_account import AGENT_TOKEN, BOT_ID, LIGHT_AGENT_ID, ZENDESK_TOKEN
from reports.sandbox.zendesk_rest import zendesk_app
from reports.sandbox.zendesk_state import ZendeskState
from tests.zendesk_account import NOW, START, clock, measured, rating, reply, small_account, taken, ticket
from tests.zendesk_service import KEPT


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
    state.promises.ratings += [rating(number, START + number) for number in range(1, 151)]
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


# --- the same as our adapters ----------------------------------------------------------------


@pytest.fixture
def gathered(address: str) -> Callable[[str], list[Any]]:
    """What our own sources read of a stream."""
    access = ZendeskAccess(f"http://{address}", AccessToken(token=ZENDESK_TOKEN), PacedSession(), FixedClock(NOW))
    sources: list[ActivitySource] = [ZendeskExports(access, KEPT), ZendeskLists(access, DeskSettings())]

    def read(stream: str) -> list[Any]:
        source = next(source for source in sources if stream in source.streams)
        window = Window(datetime.fromtimestamp(START, UTC), NOW)
        return [fact for page in source.pages(stream, window, None) for fact in page.facts]

    return read


def test_zenpy__lists_the_tickets_that_we_read(zenpy: Zenpy, gathered: Callable[[str], list[Any]]) -> None:
    theirs = zenpy.tickets.incremental(start_time=START, include=["metric_sets"])

    assert {(row.id, row.status, row.priority, row.assignee_id) for row in theirs} == {
        (fact.id, fact.status, fact.priority, fact.assignee_id) for fact in gathered("zendesk.tickets")
    }


def test_zenpy__lists_the_updates_that_we_read(zenpy: Zenpy, gathered: Callable[[str], list[Any]]) -> None:
    theirs = {
        (child["id"], event.ticket_id, event.timestamp)
        for event in zenpy.tickets.events(START)
        for child in event.child_events
        if child.keys() & {"status", "assignee_id", "comment_present"}
    }

    assert theirs == {(fact.id, fact.ticket_id, int(fact.at.timestamp())) for fact in gathered("zendesk.ticket_events")}
    assert len(theirs) > 250


def test_zenpy__lists_the_steps_of_metrics_that_we_read(zenpy: Zenpy, gathered: Callable[[str], list[Any]]) -> None:
    assert {(row.id, row.metric, row.type) for row in zenpy.tickets.metrics_incremental(START)} == {
        (fact.id, fact.metric, fact.kind) for fact in gathered("zendesk.metric_events")
    }


@pytest.mark.parametrize(
    ("stream", "theirs"),
    [
        ("zendesk.agents", lambda zenpy: zenpy.users(role=["agent", "admin"])),
        ("zendesk.groups", lambda zenpy: zenpy.groups()),
        ("zendesk.group_memberships", lambda zenpy: zenpy.group_memberships()),
        ("zendesk.custom_statuses", lambda zenpy: zenpy.custom_statuses()),
    ],
)
def test_zenpy__lists_what_we_list(
    zenpy: Zenpy, gathered: Callable[[str], list[Any]], stream: str, theirs: Callable[[Zenpy], Iterable[Any]]
) -> None:
    assert {row.id for row in theirs(zenpy)} == {fact.id for fact in gathered(stream)}


def test_zenpy__lists_the_targets_that_we_read(zenpy: Zenpy, gathered: Callable[[str], list[Any]]) -> None:
    theirs = {
        (policy.id, target.metric, target.priority, target.target * 60)
        for policy in zenpy.sla_policies()
        for target in policy.policy_metrics
    }

    assert theirs == {(t.policy_id, t.metric, t.priority, t.target_seconds) for t in gathered("zendesk.sla_policies")}
    assert len(theirs) == 8


def test_zenpy__lists_the_ratings_that_we_read(zenpy: Zenpy, gathered: Callable[[str], list[Any]]) -> None:
    theirs = {(str(row.id), row.ticket_id, row.score) for row in zenpy.satisfaction_ratings()}

    assert theirs == {(fact.id, fact.ticket_id, fact.score) for fact in gathered("zendesk.satisfaction")}
    assert len(theirs) == 150


def test_zenpy__shows_a_refusal_as_its_own_error(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")
    monkeypatch.setenv("ZENPY_FORCE_NETLOC", address)
    agent = Zenpy(subdomain="acme", oauth_token=AGENT_TOKEN, disable_cache=True)
    with pytest.raises(APIException, match="You do not have access"):
        agent.tickets.incremental(start_time=START)
