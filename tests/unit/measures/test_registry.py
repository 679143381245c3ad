from collections.abc import Callable
from pathlib import Path

import pytest

from reports.core.model import Aggregation, Measure, Privacy
from reports.errors import ConfigError
from reports.measures.registry import catalogue, read_measures

GOOD = """-- name: kudos_given
-- title: Kudos given
-- unit: replies
-- kind: count
-- direction: more
-- privacy: P3
-- streams: zendesk.ticket_events, zendesk.tickets
-- source: Zendesk: ticket events
-- definition: The first public comment of a ticket,
--   credited to its author.
SELECT 1;
"""
BUILT_IN = {
    *("docs_updates", "support_contributions", "support_fixes", "handbook_updates", "training_updates", "issues_created"),
    *("pairing_sessions", "training_modules", "new_tickets", "solved_tickets", "public_comments", "internal_notes"),
    *("own_ticket_reply_share", "time_to_resolve", "new_tickets_taken", "new_tickets_given", "tickets_taken_over"),
    *("first_replies", "solved_by_hand", "reopened_tickets", "next_updates_kept", "on_hold_hours", "pending_hours"),
    *("resolution_hours", "resolution_hours_p90", "comments_on_others_tickets", "attention_requests_handled"),
    *("feedback_issues_handled", "training_checklist_items", "first_reply_sla", "next_reply_sla", "first_reply_hours"),
    *("first_reply_business_hours", "satisfaction", "on_call_pages", "gitlab_activity"),
}
OF_THE_ORGANISATION = {
    *(
        "first_reply_attainment",
        "next_reply_attainment",
        "first_reply_p50",
        "first_reply_p90",
        "resolution_p50",
        "resolution_p90",
    ),
    *("backlog", "backlog_by_age", "backlog_age_p50", "backlog_age_p90", "escalation_rate", "reopen_rate"),
    *("hours_to_triage", "hours_to_triage_p90"),
}
STREAMS = {
    *("gitlab.merge_requests", "gitlab.issues", "gitlab.pairing", "gitlab.training"),
    *("gitlab.attention_requests", "gitlab.feedback", "gitlab.user_events", "pagerduty.pages"),
    *("zendesk.tickets", "zendesk.ticket_events", "zendesk.agents", "zendesk.metric_events", "zendesk.schedules"),
    "zendesk.satisfaction",
}

WriteMeasure = Callable[[str, str], Path]


def test_registry__holds_the_measures_of_the_package_by_name() -> None:
    names = [file.measure.name for file in read_measures()]

    assert names == sorted(BUILT_IN | OF_THE_ORGANISATION)
    assert {measure.name for measure in catalogue() if not measure.is_of_people} == OF_THE_ORGANISATION


def test_registry__every_built_in_measure_names_known_streams_and_ends_its_definition() -> None:
    measures = [file.measure for file in read_measures()]

    assert {stream for measure in measures for stream in measure.streams} == STREAMS
    assert [measure.name for measure in measures if not measure.definition.endswith(".")] == []
    tickets = [measure for measure in measures if "zendesk.tickets" in measure.streams]
    assert {measure.privacy for measure in tickets if measure.is_of_people} == {Privacy.P3}
    assert {measure.privacy for measure in tickets if not measure.is_of_people} == {Privacy.P2}


def test_registry__reads_a_header_with_continued_lines(measure_file: WriteMeasure) -> None:
    folder = measure_file("kudos_given", GOOD)

    file = next(file for file in read_measures([folder]) if file.measure.name == "kudos_given")

    assert file.measure == Measure(
        name="kudos_given",
        title="Kudos given",
        unit="replies",
        kind=Aggregation.COUNT,
        direction="more",
        privacy=Privacy.P3,
        definition="The first public comment of a ticket, credited to its author.",
        source="Zendesk: ticket events",
        streams=("zendesk.ticket_events", "zendesk.tickets"),
        family="family",
    )
    assert file.sql == "SELECT 1"


def test_registry__scope_and_category_may_be_said(measure_file: WriteMeasure) -> None:
    more = "-- scope: organisation\n-- category: priority\n-- definition"
    folder = measure_file("kudos_given", GOOD.replace("-- definition", more))

    measures = {measure.name: measure for measure in catalogue([folder])}

    assert (measures["kudos_given"].scope, measures["kudos_given"].category) == ("organisation", "priority")
    assert (measures["docs_updates"].scope, measures["docs_updates"].category) == ("engineer", "")
    two = [name for name, measure in measures.items() if measure.has_two_categories]
    assert two == ["resolution_p50", "resolution_p90"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("-- source", "-- scope: team\n-- source", ":8: 'scope' is 'team'; it must be one of engineer, organisation"),
        ("-- kind: count\n", "-- kind: average\n", ":4: 'kind' is 'average'; it must be one of count, sum"),
        ("-- direction: more\n", "-- direction: up\n", ":5: 'direction' is 'up'; it must be one of more, less, none"),
        ("-- privacy: P3\n", "-- privacy: P9\n", ":6: 'privacy' is 'P9'; it must be one of P0, P1, P2, P3, P4"),
        ("-- unit: replies\n", "", ":1: the header has no 'unit'"),
        ("-- unit: replies\n", "-- unit:\n", ":3: 'unit' is empty"),
        ("-- unit: replies\n", "-- unit: replies\n-- unit: hours\n", ":4: 'unit' stands here a second time"),
        ("-- unit: replies\n", "-- unit: replies\n-- colour: red\n", ":4: unknown key 'colour'; known are name, title, unit, "),
        ("-- unit: replies\n", "-- unit: replies\n-- see the wiki\n", ":4: '-- see the wiki' is no header line"),
        ("-- name: kudos_given\n", "-- name: replies\n", ":1: the name 'replies' is not that of the file, 'kudos_given'"),
        ("zendesk.tickets\n", "tickets\n", ":7: 'tickets' is not a stream such as gitlab.issues"),
        ("SELECT 1;\n", "", ":11: no query follows the header"),
    ],
)
def test_registry__a_wrong_header_is_reported_with_file_and_line(
    measure_file: WriteMeasure, old: str, new: str, problem: str
) -> None:
    folder = measure_file("kudos_given", GOOD.replace(old, new))

    with pytest.raises(ConfigError) as caught:
        read_measures([folder])

    assert f"{folder / 'family' / 'kudos_given.sql'}{problem}" in caught.value.message
    assert caught.value.message.count("\n") == 0, "one mistake, one line"


def test_registry__every_problem_of_every_file_is_told_at_once(measure_file: WriteMeasure) -> None:
    measure_file("kudos_given", GOOD.replace("count", "average").replace("P3", "P9"))
    folder = measure_file("docs_updates", GOOD.replace("kudos_given", "docs_updates"))

    with pytest.raises(ConfigError) as caught:
        read_measures([folder])

    lines = caught.value.message.splitlines()
    assert len(lines) == 3
    assert "the measure 'docs_updates' stands in" in lines[2]


def test_registry__a_file_that_is_not_text_is_named(measure_file: WriteMeasure) -> None:
    folder = measure_file("kudos_given", "")
    (folder / "family" / "kudos_given.sql").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match=r"kudos_given\.sql:1: cannot be read"):
        read_measures([folder])
