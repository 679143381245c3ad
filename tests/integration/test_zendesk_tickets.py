"""The exports of Zendesk against the sandbox over real HTTP and against collected answers of the real service."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from reports.adapters.http_session import PacedSession
from reports.adapters.zendesk_access import AccessToken, OAuthClient, ZendeskAccess
from reports.adapters.zendesk_exports import ZendeskExports
from reports.adapters.zendesk_rows import KeptFields
from reports.core.facts import Ticket, TicketEvent, TicketMetricEvent
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.ports import Page
from reports.sandbox.zendesk_account import CLIENT_ID, CLIENT_SECRET
from reports.sandbox.zendesk_promises import SlaPolicy
from reports.sandbox.zendesk_state import (
    SYSTEM,
    Comment,
    FieldChange,
    MetricEvent,
    MetricSet,
    OAuthToken,
    TicketForm,
    TicketUpdate,
    ZendeskState,
    ZendeskTicket,
    ZendeskUser,
)
from reports.sandbox.zendesk_state import OAuthClient as KnownClient
from tests.integration.organisation import SHARED
from tests.zendesk_service import KEPT, NOW, MovableClock, Service, service

START = datetime(2026, 11, 2, tzinfo=UTC)
EVERYTHING = Window(START, NOW)
FIRST = int(START.timestamp())
ADMIN, AGENT, COLLEAGUE = 9001, 4410001, 4410002
CONTRACTS = SHARED / "contracts" / "zendesk"
TICKETS, EVENTS, METRICS = "zendesk.tickets", "zendesk.ticket_events", "zendesk.metric_events"
PROMISED = 8900101


@pytest.fixture
def zendesk() -> Iterator[Service]:
    with service(_account()) as served:
        yield served


def _account() -> ZendeskState:
    state = ZendeskState(ticket_forms=[TicketForm(id=77, name="self_managed", created_at=FIRST)])
    state.add_users(
        ZendeskUser(id=user_id, name="CANARY Name", email="canary@example.com", role=role, created_at=FIRST)
        for user_id, role in ((ADMIN, "admin"), (AGENT, "agent"), (COLLEAGUE, "agent"))
    )
    state.clients[CLIENT_ID] = KnownClient(id=CLIENT_ID, secret=CLIENT_SECRET, user_id=ADMIN)
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

    pages = _pages(zendesk.exports(), TICKETS)

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

    pages = _pages(zendesk.exports(), TICKETS)

    assert [len(page.facts) for page in pages] == [1000, 1000, 300]
    assert sorted(ticket.id for ticket in _tickets(pages)) == list(range(2300))
    assert [page.until for page in pages] == [
        START + timedelta(seconds=1),
        START + timedelta(seconds=2),
        NOW - timedelta(minutes=2),
    ]


def test_tickets__the_stored_cursor_brings_only_what_changed_since(zendesk: Service) -> None:
    zendesk.state.put_tickets(_ticket(number, FIRST + number) for number in range(5))
    cursor = _pages(zendesk.exports(), TICKETS)[-1].cursor
    zendesk.state.put_tickets([_ticket(3, FIRST + 3, status="pending", generated_at=FIRST + 90)])

    again = _pages(zendesk.exports(), TICKETS, cursor=cursor)

    assert [(ticket.id, ticket.status) for ticket in _tickets(again)] == [(3, "pending")]


def test_tickets__an_account_without_tickets_keeps_no_cursor_and_starts_anew(zendesk: Service) -> None:
    (page,) = _pages(zendesk.exports(), TICKETS)
    zendesk.state.put_tickets([_ticket(1)])

    assert page.facts == ()
    assert page.until == NOW - timedelta(minutes=2)
    assert [ticket.id for ticket in _tickets(_pages(zendesk.exports(), TICKETS, cursor=page.cursor))] == [1]


def test_tickets__pages_past_the_window_are_not_asked_for(zendesk: Service) -> None:
    zendesk.state.put_tickets(_ticket(number, FIRST + number) for number in range(2500))

    pages = _pages(zendesk.exports(), TICKETS, Window(START, START + timedelta(seconds=900)))

    assert len(pages) == 1
    assert pages[0].until == START + timedelta(seconds=999)


def test_tickets__a_scrubbed_row_counts_as_older_than_the_deletion_and_newer_than_all_before(zendesk: Service) -> None:
    zendesk.state.put_tickets([_ticket(1, assignee_id=AGENT)])
    zendesk.state.delete_ticket(1, FIRST + 100)
    pages = _pages(zendesk.exports(), TICKETS)
    zendesk.state.scrub_ticket(1, FIRST + 30 * 86_400)
    zendesk.clock.moment = NOW + timedelta(days=30)

    later = _pages(zendesk.exports(), TICKETS, Window(START, zendesk.clock.moment), pages[-1].cursor)

    ((deleted,), (scrubbed,)) = _tickets(pages), _tickets(later)
    assert (deleted.status, deleted.assignee_id) == ("deleted", AGENT)
    assert (scrubbed.status, scrubbed.assignee_id) == ("deleted", None)
    assert START < scrubbed.seen_at < deleted.seen_at == START + timedelta(seconds=100)
    assert later[-1].until == zendesk.clock.moment - timedelta(minutes=2), "how far the stream reaches is another matter"


def test_tickets__a_form_that_no_list_names_is_shown_by_its_id(zendesk: Service) -> None:
    zendesk.state.put_tickets([_ticket(1, ticket_form_id=78), _ticket(2, ticket_form_id=None)])

    assert [ticket.ticket_form for ticket in _tickets(_pages(zendesk.exports(), TICKETS))] == ["78", ""]


# --- ticket events ----------------------------------------------------------------------------


def test_ticket_events__the_creating_update_tells_status_assignee_and_comment(zendesk: Service) -> None:
    children = (FieldChange(11, "status", "new", None), FieldChange(12, "assignee_id", AGENT, None), _public(13))
    zendesk.state.updates.extend([_update(10, FIRST, *children, updater_id=ADMIN, created=True)])

    events = _events(_pages(zendesk.exports(), EVENTS))

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

    pages = _pages(zendesk.exports(), EVENTS)

    assert [(event.id, event.kind, event.old, event.new) for event in _events(pages)] == [
        (21, "assignee", str(AGENT), str(COLLEAGUE)),
        (22, "status", "open", "solved"),
        (23, "priority", "low", "urgent"),
        (25, "comment", None, "internal"),
    ]
    assert "CANARY" not in repr(pages)


def test_ticket_events__an_update_by_the_system_has_no_actor_and_an_unassignment_no_new(zendesk: Service) -> None:
    zendesk.state.updates.extend([_update(30, FIRST, FieldChange(31, "assignee_id", None, AGENT), updater_id=SYSTEM)])

    (event,) = _events(_pages(zendesk.exports(), EVENTS))

    assert (event.actor_id, event.old, event.new) == (None, str(AGENT), None)


def test_ticket_events__a_second_with_more_than_a_page_and_repeated_seconds_lose_nothing(zendesk: Service) -> None:
    seconds = [0] * 5 + [7] * 1300 + [8 + number // 3 for number in range(2200)]
    zendesk.state.updates.extend(
        _update(100_000 + number, FIRST + second, _public(number)) for number, second in enumerate(seconds)
    )

    pages = _pages(zendesk.exports(), EVENTS)

    assert {event.id for event in _events(pages)} == set(range(len(seconds)))
    assert len(_events(pages)) > len(seconds), "the last second of a page comes again, and the store keeps it once"
    assert pages[-1].until == NOW - timedelta(minutes=2)


def test_ticket_events__everything_before_until_has_been_seen(zendesk: Service) -> None:
    zendesk.state.updates.extend(_update(100_000 + number, FIRST + number // 9, _public(number)) for number in range(3500))
    moments = {number: START + timedelta(seconds=number // 9) for number in range(3500)}
    seen: set[int] = set()

    for page in zendesk.exports().pages(EVENTS, EVERYTHING, None):
        seen |= {event.id for event in _events([page])}
        until = page.until
        assert until is not None
        assert {number for number, moment in moments.items() if moment < until} <= seen


def test_ticket_events__a_run_that_continues_finds_what_came_since(zendesk: Service) -> None:
    zendesk.state.updates.extend([_update(40, FIRST, _public(41))])
    cursor = _pages(zendesk.exports(), EVENTS)[-1].cursor
    zendesk.clock.moment = NOW + timedelta(hours=1)
    zendesk.state.updates.extend([_update(50, int(NOW.timestamp()), _public(51))])

    again = _pages(zendesk.exports(), EVENTS, cursor=cursor)

    assert 51 in {event.id for event in _events(again)}


def test_ticket_events__a_second_run_in_the_same_minute_is_accepted_and_costs_one_request(zendesk: Service) -> None:
    zendesk.state.updates.extend([_update(40, int(NOW.timestamp()) - 60, _public(41))])
    source = zendesk.exports()
    cursor = _pages(source, EVENTS)[-1].cursor
    zendesk.asked_for()

    pages = _pages(source, EVENTS, cursor=cursor)

    assert [event.id for event in _events(pages)] == [41]
    assert len(zendesk.asked_for()) == 1


def _told(children: Sequence[FieldChange], zendesk: Service, kept: KeptFields = KEPT, *, created: bool = False) -> list[Any]:
    zendesk.state.updates.extend([_update(20, FIRST, *children, created=created)])
    pages = _pages(zendesk.exports(kept), EVENTS)
    assert "CANARY" not in repr(pages)
    return [(event.kind, event.old, event.new) for event in _events(pages)]


def test_ticket_events__group_priority_and_form_are_followed_with_the_names_of_forms(zendesk: Service) -> None:
    zendesk.state.ticket_forms.append(TicketForm(id=78, name="saas", created_at=FIRST))
    changes = [
        FieldChange(21, "group_id", 56, 55),
        FieldChange(22, "priority", "low", None),
        FieldChange(23, "ticket_form_id", 78, 77),
    ]

    assert _told(changes, zendesk) == [("group", "55", "56"), ("priority", None, "low"), ("form", "self_managed", "saas")]


def test_ticket_events__nothing_set_at_the_beginning_is_no_event(zendesk: Service) -> None:
    nothing = [FieldChange(21, "priority", None, None), FieldChange(22, "assignee_id", None, None)]

    assert _told([*nothing, FieldChange(23, "group_id", 55, None)], zendesk, created=True) == [("group", None, "55")]


def test_ticket_events__deletion_and_restoration_are_changes_of_the_status(zendesk: Service) -> None:
    changes = [FieldChange(21, "status", "deleted", "open"), FieldChange(22, "status", "open", "deleted")]

    assert _told(changes, zendesk) == [("status", "open", "deleted"), ("status", "deleted", "open")]


def test_ticket_events__of_tags_only_those_let_through_are_told_one_by_one(zendesk: Service) -> None:
    kept = KeptFields(tags={"star", "rehome", "closed_by_merge"})
    change = FieldChange(21, "tags", "CANARY_customer closed_by_merge star", "CANARY_customer rehome")

    assert _told([change], zendesk, kept) == [("tag", None, "closed_by_merge"), ("tag", None, "star"), ("tag", "rehome", None)]


def test_ticket_events__promised_updates_are_days_of_the_configured_field_and_of_no_other(zendesk: Service) -> None:
    field = str(PROMISED)
    changes = [
        FieldChange(21, field, "2026-11-12", None),
        FieldChange(22, field, None, "2026-11-12"),
        FieldChange(23, field, "CANARY customer", "2026-11-13"),
        FieldChange(24, "8900102", "2026-11-14", None),
    ]

    assert _told(changes, zendesk, KeptFields(tags=(), next_update=PROMISED)) == [
        ("next_update", None, "2026-11-12"),
        ("next_update", "2026-11-12", None),
        ("next_update", "2026-11-13", None),
    ]


def test_ticket_events__without_a_configured_field_no_promise_is_read(zendesk: Service) -> None:
    assert _told([FieldChange(21, str(PROMISED), "2026-11-12", None)], zendesk) == []


def test_exports__what_an_ai_agent_handles_is_read_and_marked(zendesk: Service) -> None:
    zendesk.state.put_tickets([_ticket(1, support_type="ai_agent"), _ticket(2)])
    zendesk.state.updates.extend([_update(20, FIRST, _public(21), updater_id=SYSTEM)])

    assert [ticket.by_ai_agent for ticket in _tickets(_pages(zendesk.exports(), TICKETS))] == [True, False]
    assert len(_events(_pages(zendesk.exports(), EVENTS))) == 1


@pytest.mark.parametrize("stream", [TICKETS, EVENTS, METRICS])
def test_exports__any_page_read_again_gives_the_same_facts(zendesk: Service, stream: str) -> None:
    zendesk.state.put_tickets(_ticket(number, FIRST + number // 3) for number in range(1500))
    zendesk.state.updates.extend(_update(100_000 + number, FIRST + number // 3, _public(number)) for number in range(1500))
    zendesk.state.metric_events.extend(_step(number, FIRST + number // 3, "activate") for number in range(1500))
    pages = _pages(zendesk.exports(), stream)

    for before, page in zip([None, *(page.cursor for page in pages)], pages, strict=False):
        again = next(zendesk.exports().pages(stream, EVERYTHING, before))
        assert (again.facts, again.cursor, again.until) == (page.facts, page.cursor, page.until)


# --- metric events ----------------------------------------------------------------------------


def _step(step_id: int, at: int, kind: str, **more: Any) -> MetricEvent:
    return MetricEvent(at, step_id, 1, "reply_time", 1, kind)._replace(**more)


def _steps(pages: Sequence[Page]) -> list[TicketMetricEvent]:
    return [fact for page in pages for fact in page.facts if isinstance(fact, TicketMetricEvent)]


def test_metric_events__a_promise_has_its_policy_its_seconds_and_its_hours(zendesk: Service) -> None:
    zendesk.state.promises.policies.append(
        SlaPolicy(id=36, title="CANARY title", description="CANARY text", created_at=FIRST, targets=())
    )
    zendesk.state.metric_events.extend(
        [
            _step(1, FIRST, "activate"),
            _step(2, FIRST, "apply_sla", target=480, policy_id=36, in_business_hours=True),
            _step(3, FIRST + 60, "fulfill"),
            _step(4, FIRST + 60, "update_status", minutes=1),
        ]
    )

    pages = _pages(zendesk.exports(), METRICS)

    assert [(step.kind, step.policy_id, step.target_seconds, step.in_business_hours) for step in _steps(pages)] == [
        ("activate", None, None, None),
        ("apply_sla", 36, 28_800, True),
        ("fulfill", None, None, None),
    ]
    assert {(step.ticket_id, step.metric, step.instance) for step in _steps(pages)} == {(1, "reply_time", 1)}
    assert "CANARY" not in repr(pages)


def test_metric_events__a_breach_that_is_taken_back_comes_again_as_deleted_with_its_own_time(zendesk: Service) -> None:
    breach = _step(5, FIRST, "breach")
    zendesk.state.metric_events.extend([breach])
    first = _pages(zendesk.exports(), METRICS)
    zendesk.state.take_back(breach, FIRST + 900)

    (again,) = [step for step in _steps(_pages(zendesk.exports(), METRICS, cursor=first[-1].cursor)) if step.is_deleted]

    assert [step.is_deleted for step in _steps(first)] == [False]
    assert (again.id, again.at) == (5, START)


# --- access -----------------------------------------------------------------------------------


def test_access__a_token_that_zendesk_forgets_in_the_middle_is_renewed_once(zendesk: Service) -> None:
    zendesk.state.put_tickets(_ticket(number, FIRST + number) for number in range(2500))
    pages = zendesk.exports().pages(TICKETS, EVERYTHING, None)
    next(pages)
    zendesk.state.tokens.clear()
    zendesk.asked.clear()

    rest = list(pages)

    assert [len(page.facts) for page in rest] == [1000, 500]
    assert zendesk.asked.count("/oauth/tokens") == 1
    assert len(zendesk.asked_for()) == 3, "the page that was refused, the same again, and the last"


def test_access__what_zendesk_goes_on_refusing_is_not_asked_for_again_and_again(zendesk: Service) -> None:
    zendesk.state.withheld["incremental"] = 401

    with pytest.raises(SourceError, match="does not know the token"):
        _pages(zendesk.exports(), TICKETS)

    assert len(zendesk.asked_for()) == 2


def test_access__two_sources_in_two_threads_share_one_token(zendesk: Service) -> None:
    zendesk.state.updates.extend([_update(40, FIRST, _public(41))])
    access = zendesk.access()
    sources = [ZendeskExports(access, KEPT) for _ in range(2)]
    threads = [Thread(target=_pages, args=(source, EVENTS)) for source in sources]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert zendesk.asked.count("/oauth/tokens") == 1


def test_access__a_token_is_asked_for_once_and_renewed_when_it_ages(zendesk: Service) -> None:
    source = zendesk.exports()
    _pages(source, EVENTS)
    _pages(source, EVENTS)
    granted = len(zendesk.state.tokens)
    zendesk.clock.moment += timedelta(hours=3)

    _pages(source, EVENTS)

    assert len(zendesk.state.tokens) == granted + 1


def test_access__a_wrong_secret_is_named_by_its_variable_and_never_shown(zendesk: Service) -> None:
    source = zendesk.exports(credentials=OAuthClient(client_id=CLIENT_ID, client_secret="wrong-secret"))

    with pytest.raises(SourceError) as caught:
        _pages(source, EVENTS)

    assert "401" in caught.value.message
    assert "ZENDESK_CLIENT_SECRET" in caught.value.hint
    assert "wrong-secret" not in str(caught.value) + repr(source)


def test_access__an_agent_without_admin_rights_is_told_so(zendesk: Service) -> None:
    with pytest.raises(SourceError, match=r"does not let the token read this \(403"):
        _pages(zendesk.exports(credentials=AccessToken(token="plain-agent-token")), TICKETS)


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


def _canned(*bodies: object, kept: KeptFields = KEPT) -> ZendeskExports:
    session = PacedSession()
    session.mount("https://", CannedAnswers(*bodies))
    access = ZendeskAccess("https://acme.zendesk.example.com", AccessToken(token="any"), session, MovableClock())
    return ZendeskExports(access, kept)


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


def test_contract__the_shapes_of_a_recording_of_2026_are_understood() -> None:
    """Made-up values in the shapes that a trial account answered with: ids as text, tags as a difference, "0" for no priority."""
    children: list[dict[str, Any]] = [
        {"comment_present": True, "comment_public": True, "event_type": "Comment", "id": 1, "via": "Mail"},
        {"event_type": "Create", "id": 2, "priority": None, "via": "Mail"},
        {"added_tags": ["closed_by_merge", "CANARY"], "removed_tags": [], "tags": ["CANARY"], "event_type": "Create", "id": 3},
        {"event_type": "Create", "id": 4, "status": "open"},
        {"event_type": "Create", "id": 5, "group_id": 55},
        {"event_type": "Create", "id": 6, "custom_status_id": "99"},
        {"event_type": "Create", "id": 7, "ticket_form_id": "77"},
        {"event_type": "Change", "id": 8, "priority": "normal", "previous_value": "0", "rel": "trigger", "via": "Rule"},
        {"event_type": "Create", "id": 9, "sla_policy": "CANARY title"},
        {"custom_ticket_fields": {str(PROMISED): "2026-11-12"}, "event_type": "Change", "id": 10, "previous_value": None},
        {"custom_ticket_fields": {"1": "CANARY"}, "event_type": "Change", "id": 11, "previous_value": ["CANARY"]},
        {"comment_id": "1", "event_type": "CommentRedactionEvent", "id": 12},
    ]
    updates = [
        {"id": 100, "ticket_id": 1, "timestamp": FIRST, "updater_id": 5, "via": "Mail", "child_events": children},
        {"id": 101, "ticket_id": 1, "timestamp": FIRST, "updater_id": -1, "via": "SLA", "child_events": []},
    ]
    page = {"ticket_events": updates, "end_of_stream": True, "end_time": FIRST, "count": 2, "next_page": "https://again"}
    forms: dict[str, Any] = {"ticket_forms": [], "next_page": None, "count": 0}

    pages = _pages(_canned(page, forms, kept=KeptFields(tags={"closed_by_merge"}, next_update=PROMISED)), EVENTS)

    assert [(event.id, event.kind, event.old, event.new) for event in _events(pages)] == [
        (1, "comment", None, "public"),
        (3, "tag", None, "closed_by_merge"),
        (4, "status", None, "open"),
        (5, "group", None, "55"),
        (7, "form", None, "77"),
        (8, "priority", None, "normal"),
        (10, "next_update", None, "2026-11-12"),
    ]
    assert "CANARY" not in repr(pages)


def test_contract__fields_by_name_and_value_are_understood() -> None:
    """As audits write them, and as old samples of updates do."""
    children = [
        {"event_type": "Change", "id": 1, "field_name": "status", "value": "solved", "previous_value": "open"},
        {"event_type": "Change", "id": 2, "field_name": str(PROMISED), "value": "2026-11-12", "previous_value": None},
        {"event_type": "Change", "id": 3, "field_name": "subject", "value": "CANARY", "previous_value": "CANARY"},
        {"event_type": "Change", "id": 4, "field_name": "group_id", "value": {"odd": "CANARY"}, "previous_value": "55"},
    ]
    update = {"id": 100, "ticket_id": 1, "timestamp": FIRST, "child_events": children}

    pages = _pages(
        _canned({"ticket_events": [update], "end_of_stream": True}, kept=KeptFields(tags=(), next_update=PROMISED)), EVENTS
    )

    assert [(event.kind, event.old, event.new) for event in _events(pages)] == [
        ("status", "open", "solved"),
        ("next_update", None, "2026-11-12"),
        ("group", "55", None),
    ]
    assert "CANARY" not in repr(pages)


@pytest.mark.parametrize("place", ["within", "beside", "both"])
def test_contract__metric_sets_are_found_within_their_tickets_and_beside_them(place: str) -> None:
    moment = "2026-11-02T00:00:00Z"
    ticket = {"id": 7, "created_at": moment, "updated_at": moment, "generated_timestamp": FIRST, "status": "open"}
    metrics = {"ticket_id": 7, "reopens": 2, "reply_time_in_minutes": {"calendar": 9, "business": None}, "solved_at": None}
    within = {"metric_set": metrics} if place != "beside" else {}
    beside = {"metric_sets": [metrics]} if place != "within" else {}

    (fact,) = _tickets(_pages(_canned({"tickets": [ticket | within], "end_of_stream": True} | beside), TICKETS))

    assert (fact.reopens, fact.reply_minutes, fact.reply_business_minutes, fact.waiting_minutes) == (2, 9, None, None)


def test_contract__the_official_example_of_metric_events_ends_although_it_does_not_say_so() -> None:
    example = _contract("official_examples/TicketMetricEventsResponseExample.json")
    example["end_time"] = FIRST
    older = Window(datetime.fromtimestamp(FIRST, UTC), NOW)

    steps = _steps(_pages(_canned(example), METRICS, older))

    assert [(step.metric, step.instance, step.kind) for step in steps] == [
        ("agent_work_time", 0, "measure"),
        ("agent_work_time", 1, "activate"),
        ("pausable_update_time", 0, "measure"),
    ]


def test_contract__the_sampled_promise_is_understood() -> None:
    sample = _contract("doc_samples_zenpy/ticket_metric_event.json")

    (step,) = _steps(_pages(_canned({"ticket_metric_events": [sample], "end_of_stream": True}), METRICS))

    assert (step.kind, step.policy_id, step.target_seconds, step.in_business_hours, step.is_deleted) == (
        "apply_sla",
        sample["sla"]["policy"]["id"],
        sample["sla"]["target"] * 60,
        False,
        False,
    )


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
