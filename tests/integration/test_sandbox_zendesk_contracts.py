"""The sandbox Zendesk against recorded exchanges and the official description; skipped where that folder is missing."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
import yaml
from werkzeug.test import Client

from reports.sandbox.zendesk_account import ZENDESK_TOKEN
from reports.sandbox.zendesk_paging import cursor_of, time_page
from reports.sandbox.zendesk_rest import zendesk_app
from reports.sandbox.zendesk_state import MetricSet, Timeline
from tests.zendesk_account import START, clock, measured, promised, rating, reply, small_account, taken, ticket

CONTRACTS = Path(os.environ.get("SUPPORT_REPORTS_SHARED", Path(__file__).parents[3] / "shared")) / "contracts" / "zendesk"
pytestmark = pytest.mark.skipif(not CONTRACTS.is_dir(), reason="the folder of contracts, ../shared, is not there")
Json = dict[str, Any]


def exchanges(name: str) -> list[Json]:
    """Recorded exchanges that ended well, of one file."""
    recorded: list[Json] = json.loads((CONTRACTS / "recorded" / f"{name}.json").read_text())
    return [exchange for exchange in recorded if exchange["response"]["status"] == 200]


def first_recorded(name: str, key: str) -> Json:
    """The first recorded object under a key, whether a list or one."""
    for exchange in exchanges(name):
        found = (exchange["response"]["body"] or {}).get(key)
        if found:
            return dict(found[0] if isinstance(found, list) else found)
    raise AssertionError(f"no {key} in {name}")


@pytest.fixture(scope="module")
def client() -> Client:
    state = small_account()
    metrics = MetricSet(created_at=START, updated_at=START, solved_at=START, reply_minutes=7)
    state.put_tickets([ticket(1, START, metrics=metrics), ticket(2, START, status="open", assignee_id=None, priority=None)])
    state.updates.extend([reply(1, START), taken(2, START)])
    state.metric_events.extend([measured(1, START), promised(2, START)])
    state.promises.ratings.append(rating(1))
    return zendesk_app(state, clock).test_client()


def served(client: Client, path: str) -> Json:
    answer = client.get(f"/api/v2/{path}", headers={"Authorization": f"Bearer {ZENDESK_TOKEN}"})
    assert answer.status_code == 200
    return dict(answer.get_json())


# --- keys and kinds as recorded --------------------------------------------------------------------------


def kinds(value: object) -> str:
    """The JSON kind of a value; null fits any other."""
    return {bool: "true or false", int: "number", float: "number", str: "text", list: "list", dict: "map"}.get(
        type(value), "null"
    )


@pytest.mark.parametrize(
    ("path", "key", "recording", "recorded_key"),
    [
        ("tickets.json?page[size]=9", "tickets", "tickets_list", "tickets"),
        ("incremental/tickets/cursor.json?start_time=0", "tickets", "incremental_tickets_cursor", "tickets"),
        ("tickets/1.json", "ticket", "ticket_show", "ticket"),
        ("users.json?page[size]=9", "users", "users_list", "users"),
        ("groups.json?page[size]=9", "groups", "groups", "groups"),
        ("group_memberships.json?page[size]=9", "group_memberships", "group_memberships", "group_memberships"),
    ],
)
def test_objects__have_the_recorded_keys_of_the_recorded_kinds(
    client: Client, path: str, key: str, recording: str, recorded_key: str
) -> None:
    found = served(client, path)[key]
    ours = found[-1] if isinstance(found, list) else found
    theirs = first_recorded(recording, recorded_key)
    assert set(ours) - {"metric_set", "support_type"} == set(theirs), "the type of support is in recordings since 2026"
    for name, value in theirs.items():
        assert "null" in (kinds(value), kinds(ours[name])) or kinds(value) == kinds(ours[name]), name


def test_custom_status__has_the_recorded_keys(client: Client) -> None:
    recorded = json.loads((CONTRACTS / "recorded" / "custom_statuses.json").read_text())
    theirs = next(exchange["response"]["body"]["custom_status"] for exchange in recorded if exchange["response"]["status"] < 300)
    assert set(served(client, "custom_statuses.json")["custom_statuses"][0]) == set(theirs)


def test_ticket_field__has_every_official_key(client: Client) -> None:
    official = json.loads((CONTRACTS / "official_examples" / "TicketFieldsResponseExample.json").read_text())["ticket_fields"][0]
    assert set(official) <= set(served(client, "ticket_fields.json")["ticket_fields"][0])


def test_metric_set__has_the_official_keys(client: Client) -> None:
    example = json.loads((CONTRACTS / "official_examples" / "TicketMetricsResponseExample.json").read_text())
    official = example["ticket_metrics"][0]
    ours = served(client, "incremental/tickets/cursor.json?start_time=0&include=metric_sets")["tickets"][0]["metric_set"]
    assert set(official) - set(ours) <= {"custom_status_updated_at"}
    assert set(ours) - set(official) <= {"url"}


@pytest.mark.parametrize(
    ("path", "example", "name"),
    [
        ("incremental/ticket_events.json?start_time=1", "ExportIncrementalTicketEventsResponseExample", "ticket_events"),
        ("incremental/ticket_metric_events.json?start_time=1", "TicketMetricEventsResponseExample", "ticket_metric_events"),
        ("incremental/tickets/cursor.json?start_time=1", "CursorBasedExportIncrementalTicketsResponseExample", "tickets"),
    ],
)
def test_exports__have_the_official_frame(client: Client, path: str, example: str, name: str) -> None:
    official = json.loads((CONTRACTS / "official_examples" / f"{example}.json").read_text())
    ours = served(client, path)
    assert set(official) - {name} <= set(ours)
    assert ours[name]


def test_ticket_event__has_the_keys_of_the_samples(client: Client) -> None:
    sample = json.loads((CONTRACTS / "doc_samples_zenpy" / "ticket_event.json").read_text())
    events = served(client, "incremental/ticket_events.json?start_time=1")["ticket_events"]
    assert set(sample) <= set(events[0])
    assert set(sample["child_events"][0]) - {"status"} <= set(events[0]["child_events"][1])


SERVICE = [
    ("slas/policies.json", "sla_policies", "official_examples/SLAPoliciesResponseExample.json"),
    ("slas/policies.json", "sla_policies", "mocks_airbyte/sla_policies.json"),
    ("satisfaction_ratings.json", "satisfaction_ratings", "official_examples/SatisfactionRatingsResponseExample.json"),
    ("satisfaction_ratings.json?page[size]=9", "satisfaction_ratings", "mocks_airbyte/satisfaction_ratings.json"),
    ("business_hours/schedules.json", "schedules", "mocks_airbyte/schedules.json"),
]


@pytest.mark.parametrize(("path", "key", "example"), SERVICE)
def test_promises__have_the_keys_and_kinds_of_the_examples(client: Client, path: str, key: str, example: str) -> None:
    theirs = json.loads((CONTRACTS / example).read_text())
    ours = served(client, path)
    assert set(theirs) <= set(ours)
    # Only a bad rating has a reason.
    for name in theirs[key][0].keys() - {"reason", "reason_id"}:
        value = theirs[key][0][name]
        assert "null" in (kinds(value), kinds(ours[key][0][name])) or kinds(value) == kinds(ours[key][0][name]), name


def test_promises__have_the_keys_of_the_samples(client: Client) -> None:
    policy = json.loads((CONTRACTS / "doc_samples_zenpy" / "sla_policy.json").read_text())
    assert set(policy) == set(served(client, "slas/policies.json")["sla_policies"][0])
    assert set(policy["policy_metrics"][0]) <= set(served(client, "slas/policies.json")["sla_policies"][0]["policy_metrics"][0])
    schedule = json.loads((CONTRACTS / "doc_samples_zenpy" / "schedule.json").read_text())
    ours = served(client, "business_hours/schedules.json")["schedules"][0]
    assert (set(schedule), set(schedule["intervals"][0])) == (set(ours), set(ours["intervals"][0]))


def test_promise_of_a_metric__has_the_keys_and_kinds_of_the_sample(client: Client) -> None:
    sample = json.loads((CONTRACTS / "doc_samples_zenpy" / "ticket_metric_event.json").read_text())
    events = served(client, "incremental/ticket_metric_events.json?start_time=1")["ticket_metric_events"]
    sla = next(event["sla"] for event in events if event["type"] == "apply_sla")
    assert set(sample["sla"]) <= set(sla)
    assert set(sample["sla"]["policy"]) == set(sla["policy"])


def test_survey_response__is_shaped_as_public_clients_read_it(client: Client) -> None:
    """No recording may be copied; these are the keys that clients of a trial account read in October 2026."""
    state = small_account()
    state.promises.ratings_by = "surveys"
    state.promises.ratings.append(rating(1))
    answer = served(zendesk_app(state, clock).test_client(), "guide/survey_responses?page[size]=50")
    (response,) = answer["survey_responses"]
    assert set(answer) == {"survey_responses", "meta"}
    assert set(response) == {"id", "expires_at", "responder_id", "subject_zrns", "subjects", "survey", "answers"}
    assert response["subjects"] == [{"id": "1", "type": "ticket", "zrn": "zen:ticket:1"}]
    assert {"type", "rating", "rating_category", "question", "created_at", "updated_at"} == set(response["answers"][0])


# --- the official description --------------------------------------------------------------------------


OBJECTS = frozenset(
    {
        "GroupObject",
        "GroupMembershipObject",
        "TicketMetricEventBaseObject",
        "SatisfactionRatingObject",
        "SLAPolicyObject",
        "SLAPolicyFilterObject",
        "SLAPolicyFilterConditionObject",
        "SLAPolicyMetricObject",
    }
)


@cache
def schemas() -> Json:
    """Some schemas of the official description; the whole of it takes half a minute to read."""
    text = (CONTRACTS / "openapi" / "zendesk-support-oas.yaml").read_text()
    lines = text[text.index("\n  schemas:\n") :].splitlines()
    return dict(yaml.safe_load("\n".join(_blocks(lines, OBJECTS))))


def _blocks(lines: list[str], names: frozenset[str]) -> Iterator[str]:
    """The lines of some entries, four spaces deep."""
    inside = False
    for line in lines:
        if line.startswith("    ") and not line.startswith("     "):
            inside = line.strip().rstrip(":") in names
        if inside:
            yield line[4:]


@pytest.mark.parametrize(
    ("path", "key", "schema"),
    [
        ("groups.json", "groups", "GroupObject"),
        ("group_memberships.json", "group_memberships", "GroupMembershipObject"),
        ("incremental/ticket_metric_events.json?start_time=1", "ticket_metric_events", "TicketMetricEventBaseObject"),
        ("slas/policies.json", "sla_policies", "SLAPolicyObject"),
        ("satisfaction_ratings.json", "satisfaction_ratings", "SatisfactionRatingObject"),
    ],
)
def test_objects__fit_the_official_schema(client: Client, path: str, key: str, schema: str) -> None:
    items = served(client, path)[key]

    assert items
    for item in items:
        jsonschema.validate(item, {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": schemas()}})


# --- paging as recorded ----------------------------------------------------------------------------------


def test_cursor_export__our_cursor_of_each_recorded_last_row_is_the_recorded_one() -> None:
    checked = 0
    for exchange in exchanges("incremental_tickets_cursor"):
        page = exchange["response"]["body"]
        if page.get("tickets"):
            last = page["tickets"][-1]
            assert cursor_of((last["generated_timestamp"], last["id"])) == page["after_cursor"]
            checked += 1
    assert checked > 50


def test_time_export__our_pages_over_the_recorded_rows_are_the_recorded_ones() -> None:
    pages = [exchange for exchange in exchanges("incremental_tickets_time") if exchange["response"]["body"].get("tickets")]
    for cassette in {exchange["cassette"] for exchange in pages}:
        own = [exchange for exchange in pages if exchange["cassette"] == cassette]
        rows = {(row["generated_timestamp"], row["id"]) for exchange in own for row in exchange["response"]["body"]["tickets"]}
        timeline: Timeline[tuple[int, int]] = Timeline()
        timeline.extend(rows)
        for exchange in own:
            asked, theirs = parse_qs(urlsplit(exchange["request"]["uri"]).query), exchange["response"]["body"]
            ours = time_page(timeline, int(asked["start_time"][0]), int(asked.get("per_page", ["1000"])[0]), now=1 << 40)
            assert len(ours.rows) == theirs["count"]
            assert ours.end_time == theirs["end_time"]
