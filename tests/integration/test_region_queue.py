"""The queue of each region from end to end against the sandbox, over real HTTP: what waits, what is over, who may read it."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from reports.commands import console
from reports.core.publication import Kind, block_of
from reports.errors import UsageError
from reports.jobs import stages
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.jobs.stages import QueueOutcome
from reports.sandbox.faults import failing, reset_after_write
from reports.sandbox.gitlab_objects import GUEST, PLANNER, Issue
from reports.sandbox.world_gitlab import MANAGERS, READER
from reports.sandbox.world_queues import ASKS_FOR_CONTACT, ATTENTION_REQUESTS, FEEDBACK, FORM, URGENT
from tests.integration.organisation import fresh_house, reports, run
from tests.integration.test_command_line import at

EMEA, APAC, AMER = "EMEA", "APAC", "AMER"
REGIONS = (AMER, APAC, EMEA)


def queue(demo: Demo) -> QueueOutcome:
    """One run as another process would do it."""
    outcome = stages.queue(fresh_house(demo), console.silent)
    assert outcome is not None
    return outcome


def queues(demo: Demo) -> Mapping[str, Issue]:
    """The open queue issue of each region."""
    keyed = [(block.key, issue) for issue in reports(demo).values() if (block := block_of(issue.description))]
    return {key.split("/")[1]: i for key, i in keyed if key.startswith("region_queue/") and i.state == "opened"}


def rows(issue: Issue) -> list[str]:
    """What a queue lists, oldest first: the words in the column `What`, as they are linked, and how they stand."""
    table = issue.description.partition("<details>")[0]
    cells = [line.split(" | ") for line in table.splitlines() if line.startswith("| ") and "](" in line]
    return [f"{cell[1].partition('](')[2].rstrip(')').rpartition('/')[2]} {cell[2]}: {cell[4]}" for cell in cells]


def edited(demo: Demo, file: str, old: str, new: str) -> None:
    path = demo.house.config / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def ask(demo: Demo, region: str, *labels: str, minutes: int = 10) -> Issue:
    """Somebody asks for attention some minutes ago."""
    created = demo.world.now - timedelta(minutes=minutes)
    named = (f"OrganizationRegion::{region}",) if region else ()
    return demo.sandbox.gitlab.add_issue(ATTENTION_REQUESTS, FORM, "Please look", created_at=created, labels=(*labels, *named))


# --- once, and in place -----------------------------------------------------------------------------


def test_first_run__opens_one_confidential_issue_per_region_and_the_second_writes_nothing(demo: Demo) -> None:
    first = queue(demo)
    demo.sandbox.reset_log()
    second = queue(demo)

    assert (first.applied.created, first.gaps, first.planned.violations) == (3, (), ())
    assert (second.applied.created, second.applied.updated, second.applied.unchanged) == (0, 0, 3)
    assert not [request for request in demo.sandbox.requests if request.is_write and request.host == "gitlab"]
    assert {region: (issue.title, issue.confidential, issue.project.path) for region, issue in queues(demo).items()} == {
        region: (f"Queue {region}", True, MANAGERS) for region in REGIONS
    }


def test_queues__list_what_waits_oldest_first_with_the_time_that_is_left(demo: Demo) -> None:
    queue(demo)

    # Monday 06:00 UTC: 07:00 in Berlin, 15:00 in Tokyo, Sunday has just ended in Chicago.
    assert rows(queues(demo)[EMEA]) == [
        "2 other feedback: over by 3 days",
        "2 closed attention request without a disposition: over by 24 h",
        "3 customer who asks for contact: 22 h left",
        "3613 handover without an assignee: 1 h left",
        "3 attention request, urgent: over by 2 h",
        "4 attention request: less than 1 h left",
    ]
    assert rows(queues(demo)[APAC]) == [
        "3614 handover without an assignee: 6 h left",
        "5 attention request, timely: less than 1 h left",
    ]
    assert "**Nothing is waiting.**" in queues(demo)[AMER].description


def test_a_confidential_title__is_not_shown(demo: Demo) -> None:
    queue(demo)

    assert "confidential, so without its title: [" in queues(demo)[EMEA].description
    assert "A customer's name" not in str([issue.description for issue in reports(demo).values()])


def test_a_closed_request__vanishes_and_a_new_one_appears_in_the_same_issue(demo: Demo) -> None:
    queue(demo)
    stalled = demo.sandbox.gitlab.projects[ATTENTION_REQUESTS].issues[3]
    stalled.state, stalled.closed_at = "closed", demo.world.now
    stalled.labels.append("unstarred")
    new = ask(demo, AMER, URGENT)

    outcome = queue(demo)

    assert (outcome.applied.created, outcome.applied.updated, outcome.applied.unchanged) == (0, 2, 1)
    assert "3 attention request, urgent: over by 2 h" not in rows(queues(demo)[EMEA])
    assert rows(queues(demo)[AMER]) == [f"{new.iid} attention request, urgent: less than 1 h left"]


def test_an_hour_later__the_time_left_is_less_and_the_issues_are_the_same(demo: Demo) -> None:
    queue(demo)
    numbers = {region: issue.iid for region, issue in queues(demo).items()}
    demo.world.now += timedelta(hours=1)

    outcome = queue(demo)

    assert (outcome.applied.created, outcome.applied.updated, outcome.applied.unchanged) == (0, 2, 1)  # AMER is empty
    assert {region: issue.iid for region, issue in queues(demo).items()} == numbers
    assert "3 customer who asks for contact: 21 h left" in rows(queues(demo)[EMEA])


def test_a_new_week__closes_no_queue_and_opens_none(demo: Demo) -> None:
    queue(demo)
    demo.world.now += timedelta(weeks=5)

    outcome = queue(demo)

    assert (outcome.applied.created, outcome.applied.updated, outcome.applied.closed) == (0, 3, 0)
    assert sorted(queues(demo)) == list(REGIONS)


def test_the_weekly_job__neither_publishes_nor_closes_a_queue(demo: Demo) -> None:
    queue(demo)

    outcome = run(demo)

    assert not [action for action in outcome.planned.actions if action.key.startswith("region_queue")]
    assert sorted(queues(demo)) == list(REGIONS)


def test_a_queue_that_somebody_closed__is_open_again(demo: Demo) -> None:
    queue(demo)
    emea = queues(demo)[EMEA]
    emea.state, emea.closed_at = "closed", demo.world.now

    outcome = queue(demo)

    assert [action.kind for action in outcome.planned.actions if action.kind is not Kind.NOTHING] == [Kind.REOPEN]
    assert sorted(queues(demo)) == list(REGIONS)


def test_words_of_people__stay_when_the_queue_moves_on(demo: Demo) -> None:
    queue(demo)
    issue = queues(demo)[EMEA]
    issue.description = f"On call this week: see the calendar.\n\n{issue.description}"
    demo.world.now += timedelta(hours=1)

    queue(demo)

    assert issue.description.startswith("On call this week: see the calendar.\n\n<!-- support-reports key=region_queue/EMEA ")


def test_an_answer_lost_after_the_write__leads_to_no_second_issue(demo: Demo) -> None:
    demo.sandbox.faults.add(reset_after_write("/issues", method="POST", first=2))

    first, second = queue(demo), queue(demo)

    assert (first.applied.created, first.applied.failures) == (3, ())
    assert (second.applied.created, second.applied.unchanged) == (0, 3)
    assert len(reports(demo)) == 3


def test_an_issue_of_no_region__stands_in_every_queue(demo: Demo) -> None:
    lost = ask(demo, "", URGENT)

    queue(demo)

    for region in REGIONS:
        assert f"{lost.iid} attention request, urgent: less than 1 h left" in rows(queues(demo)[region])
        assert "add the label of its region" in queues(demo)[region].description


# --- what it costs ----------------------------------------------------------------------------------


def test_a_run__asks_each_project_at_most_twice_and_zendesk_only_what_is_new(demo: Demo) -> None:
    queue(demo)
    demo.sandbox.reset_log()

    queue(demo)

    asked = [(request.host, request.path) for request in demo.sandbox.requests]
    # Requests (open, closed), feedback (open), and audience with own issues.
    assert asked.count(("gitlab", "/api/graphql")) == 4
    assert [path for host, path in asked if host == "zendesk" and "oauth" not in path] == [
        "/api/v2/incremental/tickets/cursor.json",
        "/api/v2/incremental/ticket_events.json",
    ]


def test_more_issues_than_a_page__are_all_read(demo: Demo) -> None:
    for number in range(120):
        ask(demo, AMER, URGENT, minutes=number)

    queue(demo)

    assert len(rows(queues(demo)[AMER])) == 120


# --- no data is no empty queue ----------------------------------------------------------------------


def test_a_project_that_is_gone__is_named_in_every_queue_and_the_rest_is_shown(demo: Demo) -> None:
    del demo.sandbox.gitlab.projects[FEEDBACK]

    outcome = queue(demo)

    assert [gap.partition(":")[0] for gap in outcome.gaps] == [FEEDBACK]
    for issue in queues(demo).values():
        assert "**Not everything could be read,**" in issue.description
    assert "**Nothing that could be read is waiting.**" in queues(demo)[AMER].description
    assert len(rows(queues(demo)[EMEA])) == 4


def test_a_project_the_reader_was_taken_out_of__is_no_empty_queue(demo: Demo) -> None:
    del demo.sandbox.gitlab.projects[ATTENTION_REQUESTS].members[demo.sandbox.gitlab.user(READER).id]

    assert [gap.partition(":")[0] for gap in queue(demo).gaps] == [ATTENTION_REQUESTS]


def test_zendesk_down__says_so_shows_no_handover_and_the_next_run_fills_the_gap(demo: Demo) -> None:
    queue(demo)
    demo.sandbox.faults.add(failing("/incremental/tickets", status=403, count=1))

    down, well = queue(demo), queue(demo)

    assert [gap.partition(":")[0] for gap in down.gaps] == ["zendesk.tickets"]
    assert well.gaps == ()
    assert "3613 handover without an assignee: 1 h left" in rows(queues(demo)[EMEA])


def test_gitlab_refusing_a_list__is_a_gap_of_that_project_alone(demo: Demo) -> None:
    demo.sandbox.faults.add(failing("/api/graphql", status=403, count=1))

    assert [gap.partition(":")[0] for gap in queue(demo).gaps] == [ATTENTION_REQUESTS]


# --- who may read it --------------------------------------------------------------------------------


def test_a_colleague_at_planner__could_read_a_confidential_queue_so_nothing_is_written(demo: Demo) -> None:
    demo.sandbox.gitlab.add_member(MANAGERS, "iduarte", PLANNER)

    outcome = queue(demo)

    assert {violation.reason for violation in outcome.planned.violations} == {"iduarte (access level 15) could read it"}
    assert reports(demo) == {}


def test_a_guest__reads_no_confidential_queue_but_one_that_is_not_is_refused(demo: Demo) -> None:
    demo.sandbox.gitlab.add_member(MANAGERS, "iduarte", GUEST)
    confidential = queue(demo)
    edited(demo, "reports.yml", "labels: [support-reports, region-queue]\n    confidential: true", "confidential: false")
    demo.world.now += timedelta(hours=1)

    open_to_guests = queue(demo)

    assert (confidential.applied.created, confidential.planned.violations) == (3, ())
    assert {violation.reason for violation in open_to_guests.planned.violations} == {"iduarte (access level 10) could read it"}
    assert open_to_guests.applied.updated == 0


# --- as a person or a pipeline meets it -------------------------------------------------------------


def test_command__says_what_it_did_and_a_gap_ends_with_9(demo: Demo) -> None:
    well = at(demo, "queue")
    demo.sandbox.faults.add(failing("/incremental/tickets", status=403, count=1))
    partial = at(demo, "queue")

    assert (well.returncode, well.stdout) == (0, "issues: 3 created, 0 updated, 0 closed, 0 unchanged\n")
    assert partial.returncode == 9
    assert "missing: zendesk.tickets: " in partial.stderr


def test_command__refuses_with_8_and_names_who_could_read_it(demo: Demo) -> None:
    demo.sandbox.gitlab.add_member(MANAGERS, "iduarte", PLANNER)

    refused = at(demo, "queue")

    assert refused.returncode == 8
    assert "region_queue in acme/support/managers: iduarte (access level 15) could read it" in refused.stderr


def test_command__without_queues_in_the_configuration_does_nothing(demo: Demo) -> None:
    path = demo.house.config / "sources.yml"
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("  queues:"))
    end = next(n for n, line in enumerate(lines) if line.startswith("zendesk:"))
    path.write_text("\n".join(lines[:start] + lines[end:]), encoding="utf-8")

    done = at(demo, "queue")

    assert (done.returncode, done.stdout.startswith("no queue: name `queues` in config/sources.yml")) == (0, True)
    assert reports(demo) == {}


def test_without_handovers__zendesk_is_not_asked_and_needs_no_secret(demo: Demo) -> None:
    edited(demo, "sources.yml", "    handovers: {} # tickets handed over to a region that nobody has there\n", "")
    environment = {name: secret for name, secret in ENVIRONMENT.items() if name.startswith("GITLAB")}

    outcome = stages.queue(fresh_house(demo, environment), console.silent)

    assert outcome is not None
    assert (outcome.applied.created, outcome.gaps) == (3, ())
    assert {request.host for request in demo.sandbox.requests} == {"gitlab"}


def test_without_a_token_to_write__nothing_is_read(demo: Demo) -> None:
    environment = {name: secret for name, secret in ENVIRONMENT.items() if name != "GITLAB_TOKEN"}

    with pytest.raises(UsageError, match="missing in the environment: GITLAB_TOKEN"):
        stages.queue(fresh_house(demo, environment), console.silent)
    assert list(demo.sandbox.requests) == []


def test_an_empty_queue__changes_only_with_the_day(demo: Demo) -> None:
    queue(demo)
    day_has_begun = queues(demo)[AMER].description
    demo.world.now += timedelta(hours=20)  # from Monday 00:00 in Chicago to its evening
    queue(demo)
    evening = queues(demo)[AMER].description
    demo.world.now += timedelta(hours=4)
    queue(demo)

    assert evening == day_has_begun
    assert "as of Mon 16 Nov" in evening
    assert "as of Tue 17 Nov" in queues(demo)[AMER].description


def test_with_handovers__a_missing_secret_is_named(demo: Demo) -> None:
    with pytest.raises(UsageError, match="ZENDESK_TOKEN or ZENDESK_CLIENT_ID"):
        stages.queue(fresh_house(demo, {"GITLAB_TOKEN": ENVIRONMENT["GITLAB_TOKEN"]}), console.silent)


def test_a_public_holiday_of_the_region__stops_the_48_hours(demo: Demo) -> None:
    # The Day of Repentance, Wednesday 18 November 2026, is a holiday in Saxony and nowhere else in Germany.
    created = demo.world.now - timedelta(hours=1)
    labels = (*ASKS_FOR_CONTACT, "OrganizationRegion::EMEA")
    issue = demo.sandbox.gitlab.add_issue(FEEDBACK, FORM, "Negative", created_at=created, labels=labels)
    edited(demo, "sources.yml", "country: DE}", "country: DE, subdivision: SN}")

    queue(demo)

    # From Monday 06:00 in Berlin 48 hours are over on Wednesday 06:00, so with a holiday on Wednesday on Thursday 06:00.
    table = [line for line in queues(demo)[EMEA].description.splitlines() if f"/issues/{issue.iid})" in line]
    assert "Thu 19 Nov 06:00" in table[0]
