"""The sandbox Zendesk request by request: ways in, refusals, lists, exports, limits."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from reports.sandbox.zendesk_account import AGENT_TOKEN, CLIENT_ID, CLIENT_SECRET, ZENDESK_TOKEN
from reports.sandbox.zendesk_rest import zendesk_app
from reports.sandbox.zendesk_state import OAuthToken, RateLimits, ZendeskState
from tests.zendesk_account import NOW, NOW_SECOND, START, clock, measured, reply, small_account, taken, ticket

ADMIN = {"Authorization": f"Bearer {ZENDESK_TOKEN}"}
EXPORT = "/api/v2/incremental/tickets/cursor.json"
EVENTS = "/api/v2/incremental/ticket_events.json"


@pytest.fixture
def state() -> ZendeskState:
    return small_account()


@pytest.fixture
def client(state: ZendeskState) -> Client:
    return zendesk_app(state, clock).test_client()


def get(client: Client, path: str, headers: dict[str, str] | None = None, **query: object) -> TestResponse:
    return client.get(path, headers=ADMIN if headers is None else headers, query_string={k: str(v) for k, v in query.items()})


def body(response: TestResponse) -> Any:
    assert response.status_code == 200, response.text
    return response.json


def follow(client: Client, url: str) -> Any:
    """What stands at the address that an answer gave."""
    assert url.startswith("http://localhost/")
    return body(client.get(url.removeprefix("http://localhost"), headers=ADMIN))


# --- ways in -------------------------------------------------------------------------------------------


def ask_token(client: Client, **special: object) -> TestResponse:
    asked: dict[str, object] = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "scope": "read",
    }
    return client.post("/oauth/tokens", json=asked | special)


def test_oauth__client_credentials_give_a_token_that_opens_the_exports(client: Client) -> None:
    answer = body(ask_token(client, expires_in=3600))
    assert (answer["token_type"], answer["scope"], answer["expires_in"]) == ("bearer", "read", 3600)
    me = body(get(client, "/api/v2/users/me.json", {"Authorization": f"Bearer {answer['access_token']}"}))
    assert me["user"]["role"] == "admin"


def test_oauth__a_token_ends_by_the_clock(state: ZendeskState) -> None:
    present = [NOW]
    client = zendesk_app(state, lambda: present[0]).test_client()
    headers = {"Authorization": f"Bearer {body(ask_token(client, expires_in=301))['access_token']}"}
    present[0] = NOW + timedelta(seconds=300)
    assert get(client, "/api/v2/groups.json", headers).status_code == 200
    present[0] = NOW + timedelta(seconds=301)
    refused = get(client, "/api/v2/groups.json", headers)
    assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("life", [300, 172_800, 0, "soon"])
def test_oauth__a_life_out_of_bounds_is_refused(client: Client, life: object) -> None:
    assert ask_token(client, expires_in=life).status_code == 400


@pytest.mark.parametrize("wrong", [{"client_secret": "guess"}, {"client_id": "nobody"}])
def test_oauth__wrong_credentials_are_refused(client: Client, wrong: dict[str, str]) -> None:
    refused = ask_token(client, **wrong)
    assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")


def test_oauth__an_unknown_scope_yields_a_token_that_opens_nothing(client: Client) -> None:
    token = body(ask_token(client, scope="everything:read"))["access_token"]
    refused = get(client, "/api/v2/users.json", {"Authorization": f"Bearer {token}"})
    assert (refused.status_code, refused.get_json()["error"]) == (403, "Forbidden")


def test_oauth__a_narrow_scope_opens_its_own_resource_only(client: Client, state: ZendeskState) -> None:
    state.tokens["narrow"] = OAuthToken(user_id=4400001, scopes=frozenset({"tickets:read"}), expires_at=None)
    headers = {"Authorization": "Bearer narrow"}
    assert get(client, EXPORT, headers, start_time=0).status_code == 200
    assert get(client, "/api/v2/users.json", headers).status_code == 403


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic bWVAZXhhbXBsZS5jb20vdG9rZW46eA=="}])
def test_requests__without_a_bearer_token_are_refused(client: Client, header: dict[str, str]) -> None:
    refused = get(client, "/api/v2/tickets.json", header)
    assert (refused.status_code, refused.get_json()) == (401, {"error": "Couldn't authenticate you"})


def test_me__without_credentials_is_nobody_with_status_200(client: Client) -> None:
    assert body(get(client, "/api/v2/users/me.json", {}))["user"]["id"] is None


@pytest.mark.parametrize("path", [EXPORT, EVENTS, "/api/v2/incremental/ticket_metric_events.json"])
def test_exports__are_for_administrators(client: Client, path: str) -> None:
    refused = get(client, path, {"Authorization": f"Bearer {AGENT_TOKEN}"}, start_time=0)
    assert (refused.status_code, refused.get_json()["error"]["title"]) == (403, "Forbidden")


def test_requests__of_an_unknown_path_name_the_endpoint(client: Client) -> None:
    refused = get(client, "/api/v2/views.json")
    assert (refused.status_code, refused.get_json()["error"]) == (404, "InvalidEndpoint")


# --- lists -----------------------------------------------------------------------------------------------


def test_users__can_be_filtered_by_role(client: Client) -> None:
    answer = body(client.get("/api/v2/users.json?role[]=agent&role[]=admin", headers=ADMIN))
    assert {user["role"] for user in answer["users"]} == {"agent", "admin"}
    assert answer["count"] == 6


def test_users__by_offset_link_to_the_next_page_until_the_last(client: Client) -> None:
    first = body(get(client, "/api/v2/users.json", per_page=60))
    second = follow(client, first["next_page"])
    assert [len(first["users"]), len(second["users"])] == [60, 6]
    assert (second["next_page"], first["previous_page"]) == (None, None)


def test_users__by_offset_end_at_ten_thousand(client: Client) -> None:
    assert get(client, "/api/v2/users.json", page=100, per_page=100).status_code == 200
    refused = get(client, "/api/v2/users.json", page=101, per_page=100)
    assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (400, "InvalidPaginationDepth")


def test_users__by_cursor_keep_the_filter_and_end_with_an_empty_page(client: Client) -> None:
    first = body(client.get("/api/v2/users.json?role[]=agent&role[]=admin&page[size]=3", headers=ADMIN))
    second = follow(client, first["links"]["next"])
    third = follow(client, second["links"]["next"])
    assert [page["meta"]["has_more"] for page in (first, second, third)] == [True, True, False]
    assert third == {
        "users": [],
        "meta": {"has_more": False, "after_cursor": None, "before_cursor": None},
        "links": {"prev": None, "next": None},
    }


@pytest.mark.parametrize("query", ["page[size]=many", "page[after]=nonsense", "page=one"])
def test_lists__refuse_a_page_that_is_none(client: Client, query: str) -> None:
    assert client.get(f"/api/v2/groups.json?{query}", headers=ADMIN).status_code == 400


def test_groups__come_by_name(client: Client) -> None:
    names = [group["name"] for group in body(client.get("/api/v2/groups.json?page[size]=100", headers=ADMIN))["groups"]]
    assert names == ["AMER", "APAC", "EMEA", "Support"]


@pytest.mark.parametrize("path", ["group_memberships", "ticket_forms", "ticket_fields", "custom_statuses"])
def test_settings__are_listed_under_their_name(client: Client, path: str) -> None:
    with_suffix, without = body(get(client, f"/api/v2/{path}.json")), body(get(client, f"/api/v2/{path}"))
    assert with_suffix[path]
    assert [item["id"] for item in without[path]] == [item["id"] for item in with_suffix[path]]


def test_tickets__do_not_list_deleted_ones(client: Client, state: ZendeskState) -> None:
    state.put_tickets([ticket(1, START), ticket(2, START)])
    state.delete_ticket(1, START + 60)
    answer = client.get("/api/v2/tickets.json?page[size]=1", headers=ADMIN)
    assert [row["id"] for row in body(answer)["tickets"]] == [2]
    assert answer.headers["zendesk-ratelimit-tickets-index"].startswith("total=100")
    assert get(client, "/api/v2/tickets/1.json").get_json() == {"error": "RecordNotFound", "description": "Not found"}
    assert body(get(client, "/api/v2/tickets/2.json"))["ticket"]["subject"] == "CANARY subject 2"


# --- the ticket export -----------------------------------------------------------------------------------


def test_ticket_export__goes_on_from_its_cursor_and_keeps_the_options(client: Client, state: ZendeskState) -> None:
    state.put_tickets(ticket(number, START + number) for number in (1, 2, 3))
    first = body(get(client, EXPORT, start_time=0, per_page=2, include="metric_sets"))
    assert ([row["id"] for row in first["tickets"]], first["end_of_stream"]) == ([1, 2], False)
    assert "include=metric_sets" in first["after_url"]
    second = follow(client, first["after_url"])
    assert ([row["id"] for row in second["tickets"]], second["end_of_stream"]) == ([3], True)
    again = body(get(client, EXPORT, cursor=first["after_cursor"]))
    assert [row["id"] for row in again["tickets"]] == [3]
    assert (second["before_cursor"], second["before_url"]) == (None, None)


def test_ticket_export__at_the_end_is_an_empty_page_without_cursor(client: Client, state: ZendeskState) -> None:
    state.put_tickets([ticket(1, START)])
    last = body(get(client, EXPORT, start_time=0))
    empty = body(get(client, EXPORT, cursor=last["after_cursor"]))
    assert (empty["tickets"], empty["after_cursor"], empty["end_of_stream"]) == ([], None, True)


def test_ticket_export__shows_a_touched_ticket_again_with_its_old_update_time(client: Client, state: ZendeskState) -> None:
    state.put_tickets([ticket(1, START), ticket(2, START + 1)])
    first = body(get(client, EXPORT, start_time=0, per_page=1))
    state.touch_ticket(1, START + 90)
    rest = body(get(client, EXPORT, cursor=first["after_cursor"]))["tickets"]
    assert [(row["id"], row["generated_timestamp"]) for row in rest] == [(2, START + 1), (1, START + 90)]
    assert rest[1]["updated_at"] == first["tickets"][0]["updated_at"]


def test_ticket_export__shows_deleted_and_later_scrubbed_tickets_unless_excluded(client: Client, state: ZendeskState) -> None:
    state.put_tickets([ticket(1, START), ticket(2, START)])
    state.delete_ticket(1, START + 60)
    state.delete_ticket(2, START + 60)
    state.scrub_ticket(2, START + 120)
    rows = body(get(client, EXPORT, start_time=0))["tickets"]
    assert [(row["status"], row["subject"]) for row in rows] == [("deleted", "CANARY subject 1"), ("deleted", "SCRUBBED")]
    assert (rows[1]["description"], rows[1]["assignee_id"], rows[1]["tags"]) == ("X", None, [])
    assert rows[1]["updated_at"] == rows[0]["updated_at"]
    assert body(get(client, EXPORT, start_time=0, exclude_deleted="true"))["tickets"] == []


@pytest.mark.parametrize(("scope", "ids"), [("agent", [1]), ("ai_agent", [2]), ("all", [1, 2])])
def test_ticket_export__leaves_out_tickets_of_ai_agents_unless_asked(
    client: Client, state: ZendeskState, scope: str, ids: list[int]
) -> None:
    state.put_tickets([ticket(1, START), ticket(2, START, support_type="ai_agent")])
    rows = body(get(client, EXPORT, start_time=0, support_type_scope=scope))["tickets"]
    assert [row["id"] for row in rows] == ids
    if scope == "agent":
        assert [row["id"] for row in body(get(client, EXPORT, start_time=0))["tickets"]] == ids


@pytest.mark.parametrize("query", [{}, {"start_time": "yesterday"}, {"start_time": "-1"}, {"cursor": "bm9uc2Vuc2U="}])
def test_ticket_export__refuses_a_start_that_is_none(client: Client, query: dict[str, str]) -> None:
    assert client.get(EXPORT, headers=ADMIN, query_string=query).status_code == 400


@pytest.mark.parametrize("path", [EXPORT, EVENTS])
def test_exports__refuse_a_start_within_the_last_minute(client: Client, path: str) -> None:
    assert get(client, path, start_time=NOW_SECOND - 60).status_code == 200
    refused = get(client, path, start_time=NOW_SECOND - 59)
    assert refused.status_code == 422
    assert refused.get_json()["description"].startswith("Too recent start_time.")


# --- the event exports -------------------------------------------------------------------------------------


def test_event_export__says_only_that_there_was_a_comment(client: Client, state: ZendeskState) -> None:
    state.updates.extend([reply(1, START), reply(2, START + 1, public=False)])
    answer = get(client, EVENTS, start_time=START)
    events = body(answer)["ticket_events"]
    comments = [event["child_events"][0] for event in events]
    assert [(row["comment_present"], row["comment_public"]) for row in comments] == [(True, True), (True, False)]
    assert "CANARY reply" not in answer.text
    assert events[0]["child_events"][1] == {
        "id": 12,
        "via": "Web form",
        "via_reference_id": None,
        "status": "solved",
        "event_type": "Change",
        "previous_value": "open",
    }


def test_event_export__shows_comments_with_the_sideload(client: Client, state: ZendeskState) -> None:
    state.updates.extend([reply(1, START)])
    comment = body(get(client, EVENTS, start_time=START, include="comment_events"))["ticket_events"][0]["child_events"][0]
    assert (comment["type"], comment["public"], comment["body"]) == ("Comment", True, "CANARY reply")


def test_event_export__names_the_system_as_updater(client: Client, state: ZendeskState) -> None:
    state.updates.extend([taken(1, START)])
    event = body(get(client, EVENTS, start_time=START))["ticket_events"][0]
    assert (event["updater_id"], event["timestamp"]) == (-1, START)
    assert (event["child_events"][0]["assignee_id"], event["child_events"][0]["previous_value"]) == (4410001, None)


def test_event_export__links_from_page_to_page_and_keeps_the_options(client: Client, state: ZendeskState) -> None:
    state.updates.extend(reply(number, START + number) for number in (1, 2, 3))
    first = body(get(client, EVENTS, start_time=START, per_page=2, include="comment_events"))
    assert (first["count"], first["end_time"], first["end_of_stream"]) == (2, START + 2, False)
    assert first["next_page"].endswith(f"include=comment_events&per_page=2&start_time={START + 2}")
    second = follow(client, first["next_page"])
    assert [event["id"] for event in second["ticket_events"]] == [20, 30]
    assert second["end_of_stream"]


def test_event_export__past_the_end_is_empty(client: Client, state: ZendeskState) -> None:
    state.updates.extend([reply(1, START)])
    answer = body(get(client, EVENTS, start_time=START + 1))
    assert answer == {"ticket_events": [], "count": 0, "end_of_stream": True, "end_time": None, "next_page": None}


def test_metric_event_export__lists_the_steps(client: Client, state: ZendeskState) -> None:
    state.metric_events.extend([measured(1, START)])
    answer = body(get(client, "/api/v2/incremental/ticket_metric_events.json", start_time=START))
    assert answer["ticket_metric_events"] == [
        {"id": 1, "ticket_id": 1, "metric": "reply_time", "instance_id": 1, "type": "fulfill", "time": "2026-01-05T06:00:00Z"}
    ]


# --- limits --------------------------------------------------------------------------------------------------


def test_limits__every_answer_tells_the_account_and_the_export_bucket(client: Client) -> None:
    answer = get(client, EVENTS, start_time=START)
    assert answer.headers["X-Rate-Limit"] == "700"
    assert answer.headers["ratelimit-remaining"] == answer.headers["X-Rate-Limit-Remaining"] == "699"
    assert answer.headers["zendesk-ratelimit-incremental-exports"] == "total=30; remaining=29; resets=60"
    assert "zendesk-ratelimit-incremental-exports" not in get(client, "/api/v2/groups.json").headers


def test_limits__not_enforced_never_read_as_used_up(client: Client, state: ZendeskState) -> None:
    state.rate_limits = RateLimits(account=3, exports=2)
    answers = [get(client, EVENTS, start_time=START) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[-1].headers["zendesk-ratelimit-incremental-exports"].startswith("total=2; remaining=1;")


def test_limits__enforced_refuse_until_the_next_minute(state: ZendeskState) -> None:
    present: list[datetime] = [NOW + timedelta(seconds=15)]
    client = zendesk_app(state, lambda: present[0]).test_client()
    state.rate_limits = RateLimits(account=100, exports=2, enforced=True)
    assert [get(client, EVENTS, start_time=START).status_code for _ in range(3)] == [200, 200, 429]
    refused = get(client, EVENTS, start_time=START)
    assert refused.headers["Retry-After"] == "45"
    assert refused.get_json()["error"] == "APIRateLimitExceeded"
    assert get(client, "/api/v2/groups.json").status_code == 200
    present[0] = NOW + timedelta(seconds=60)
    assert get(client, EVENTS, start_time=START).status_code == 200
