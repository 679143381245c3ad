"""What the GitLab adapter makes of each stream, and in how few requests, against the small GitLab over real HTTP."""

import json
from datetime import timedelta
from typing import Any

import pytest

from reports.core.facts import MergeRequest, UserEvent, WorkItem, WorkItemEvent
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.jobs.gathering import SETTLING
from reports.sandbox.faults import failing
from tests.gitlab_gathering import (
    FEEDBACK,
    HANDBOOK,
    PAIRING,
    REQUESTS,
    START,
    TRAINING,
    Gathered,
    Gathering,
    gathering,
    support_gitlab,
)
from tests.gitlab_sandbox import NOW, PRODUCT

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def gathered_once(state: Any, **places: Any) -> Gathered:
    with gathering(state) as there:
        return there.run(Gathered(), **places)


# --- attention requests and feedback ----------------------------------------------------------------


def test_attention_request__comes_with_every_change_of_its_labels_and_state() -> None:
    state = support_gitlab()
    opened = NOW - 5 * DAY
    request = state.add_issue(REQUESTS, "support-forms", "Ticket 1", created_at=opened, labels=("urgent",), assignees=("jbeck",))
    state.put_label(request, "iduarte", "unstarred", at=opened + HOUR)
    state.take_label(request, "plindqvist", "urgent", at=opened + 2 * HOUR)
    state.set_state(request, "jbeck", "closed", at=opened + 3 * HOUR)
    state.set_state(request, "iduarte", "reopened", at=opened + 4 * HOUR)
    state.set_state(request, "plindqvist", "closed", at=opened + 5 * HOUR)

    found = gathered_once(state)

    (item,) = found.of(WorkItem)
    assert (item.area, item.project, item.author, item.assignees) == ("attention_request", REQUESTS, "", ("jbeck",))
    assert (item.labels, item.closed_at, item.closed_by) == (("unstarred",), opened + 5 * HOUR, "plindqvist")
    events = sorted(found.of(WorkItemEvent), key=lambda event: event.at)
    assert [(event.at - opened, event.actor, event.kind, event.label) for event in events] == [
        (0 * HOUR, "", "label_added", "urgent"),
        (1 * HOUR, "iduarte", "label_added", "unstarred"),
        (2 * HOUR, "plindqvist", "label_removed", "urgent"),
        (3 * HOUR, "jbeck", "closed", ""),
        (4 * HOUR, "iduarte", "reopened", ""),
        (5 * HOUR, "plindqvist", "closed", ""),
    ]
    assert {event.item for event in events} == {item.id}
    assert len({event.id for event in events}) == 6


def test_attention_request__that_is_open_again_was_closed_by_nobody() -> None:
    state = support_gitlab()
    request = state.add_issue(REQUESTS, "iduarte", "x", created_at=NOW - DAY, closed_at=NOW - HOUR)
    state.set_state(request, "iduarte", "reopened", at=NOW - 30 * MINUTE)

    (item,) = gathered_once(state).of(WorkItem)

    assert (item.closed_at, item.closed_by) == (None, "")


def test_attention_request__a_label_that_was_deleted_since_says_nothing() -> None:
    state = support_gitlab()
    state.add_issue(REQUESTS, "iduarte", "x", created_at=NOW - DAY, labels=("gone", "kept"))
    del state.projects[REQUESTS].labels["gone"]

    assert [event.label for event in gathered_once(state).of(WorkItemEvent)] == ["kept"]


def test_attention_request__many_events_are_read_to_the_last_page() -> None:
    state = support_gitlab()
    request = state.add_issue(REQUESTS, "iduarte", "x", created_at=NOW - 9 * DAY)
    for n in range(120):
        at = NOW - 8 * DAY + n * MINUTE
        state.put_label(request, "iduarte", "busy", at=at) if n % 2 == 0 else state.take_label(request, "iduarte", "busy", at=at)

    assert len(gathered_once(state).of(WorkItemEvent)) == 120


def test_attention_request__history_is_read_only_of_what_changed() -> None:
    state = support_gitlab()
    for n in range(3):
        state.add_issue(REQUESTS, "iduarte", f"{n}", created_at=NOW - 5 * DAY)
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - DAY)
        there.asked()
        state.put_label(state.projects[REQUESTS].issues[2], "iduarte", "late", at=NOW - 5 * HOUR)
        there.run(found)
        asked = there.asked()

    assert [line for line in asked if "resource_" in line] == [
        f"GET /api/v4/projects/{REQUESTS.replace('/', '%2F')}/issues/2/resource_{kind}_events" for kind in ("label", "state")
    ]
    assert [item.labels for item in found.of(WorkItem)] == [(), ("late",), ()]


def test_attention_request__that_is_confidential_has_no_title() -> None:
    state = support_gitlab()
    state.add_issue(REQUESTS, "support-forms", "Customer Corp", created_at=NOW - DAY, confidential=True, labels=("urgent",))

    found = gathered_once(state)

    assert [item.title for item in found.of(WorkItem)] == [""]
    assert "Customer Corp" not in repr(found.facts)


def test_feedback__is_kept_with_its_labels_and_no_history() -> None:
    state = support_gitlab()
    state.add_issue(FEEDBACK, "support-forms", "x", created_at=NOW - DAY, labels=("satisfaction::bad",), closed_at=NOW - HOUR)

    found = gathered_once(state)

    assert [(item.area, item.labels, item.closed_at) for item in found.of(WorkItem)] == [
        ("feedback", ("satisfaction::bad",), NOW - HOUR)
    ]
    assert found.of(WorkItemEvent) == []


def test_streams__without_a_place_are_not_there() -> None:
    with gathering(support_gitlab()) as there:
        few = there.source(attention_request_projects=(), feedback_projects=()).streams
        more = there.source(with_user_events=True).streams

    assert few == ("gitlab.merge_requests", "gitlab.issues", "gitlab.pairing", "gitlab.training")
    assert more == (*few, "gitlab.attention_requests", "gitlab.feedback", "gitlab.user_events")


# --- training and types -----------------------------------------------------------------------------


def test_training__boxes_are_counted_and_the_last_state_is_kept() -> None:
    state = support_gitlab()
    steps = "- [x] one\n- [ ] two\n- [ ] three\n"
    module = state.add_issue(TRAINING, "iduarte", "Geo", created_at=NOW - 300 * DAY, description=steps, assignees=("iduarte",))
    state.add_issue(TRAINING, "jbeck", "Not touched lately", created_at=NOW - 300 * DAY)
    module.updated_at = NOW - 2 * DAY
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - DAY)
        before = found.of(WorkItem)
        module.description = steps.replace("[ ]", "[x]")
        state.set_state(module, "plindqvist", "closed", at=NOW - HOUR)
        after = there.run(found).of(WorkItem)

    assert [(item.title, item.tasks, item.tasks_done, item.closed_at) for item in before] == [("Geo", 3, 1, None)]
    assert [(item.title, item.tasks, item.tasks_done, item.closed_at) for item in after] == [("Geo", 3, 3, NOW - HOUR)]


@pytest.mark.parametrize("kind", ["task", "incident", "test_case"])
def test_issues__other_work_items_do_not_count(kind: str) -> None:
    state = support_gitlab()
    for path in (PRODUCT, TRAINING, PAIRING, REQUESTS, FEEDBACK):
        state.add_issue(path, "iduarte", "not an issue", created_at=NOW - DAY, issue_type=kind)

    assert gathered_once(state).facts == {}


# --- windows ----------------------------------------------------------------------------------------


def test_windows__are_half_open_whatever_gitlab_includes() -> None:
    end = NOW - SETTLING
    moments = {"before": START - timedelta(microseconds=1), "first": START, "last": end - timedelta(microseconds=1), "end": end}
    state = support_gitlab()
    for name, at in moments.items():
        state.add_merge_request(PRODUCT, "iduarte", name, created_at=at, merged_at=at)
        state.add_issue(PRODUCT, "iduarte", name, created_at=at)
        state.add_issue(PAIRING, "iduarte", name, created_at=at, assignees=("iduarte",))

    found = gathered_once(state)

    assert sorted(fact.title for fact in found.of(MergeRequest)) == ["first", "last"]
    assert sorted(fact.title for fact in found.of(WorkItem)) == ["first", "first", "last", "last"]


def test_window__a_module_that_is_opened_at_its_end_belongs_to_the_next() -> None:
    state = support_gitlab()
    state.add_issue(TRAINING, "iduarte", "x", created_at=NOW - SETTLING)
    with gathering(state) as there:
        found = there.run(Gathered())
        before = len(found.facts)
        there.run(found, now=NOW + HOUR)

    assert (before, len(found.facts)) == (0, 1)


# --- later runs -------------------------------------------------------------------------------------


def test_later_run__sees_labels_that_were_put_on_weeks_after_the_merge() -> None:
    state = support_gitlab()
    merged = NOW - 29 * DAY
    state.add_label(PRODUCT, "documentation")
    request = state.add_merge_request(PRODUCT, "iduarte", "x", created_at=merged, merged_at=merged)
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - DAY)
        request.labels.append("documentation")
        request.updated_at = NOW - HOUR
        there.run(found)

    assert [fact.labels for fact in found.of(MergeRequest)] == [("documentation",)]


def test_later_run__reads_somebody_new_and_a_new_project_from_the_start() -> None:
    state = support_gitlab()
    for who in ("iduarte", "jbeck"):
        state.add_merge_request(HANDBOOK, who, who, created_at=NOW - 20 * DAY, merged_at=NOW - 20 * DAY)
        state.add_issue(PRODUCT, who, who, created_at=NOW - 20 * DAY)
    state.add_issue(PAIRING, "jbeck", "Geo", created_at=NOW - 20 * DAY, assignees=("jbeck",))
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - DAY, people={"iduarte": ("iduarte",)}, handbook_projects=(), pairing_projects=())
        assert [fact.title for fact in found.facts.values()] == ["iduarte"]  # type: ignore[union-attr]
        there.run(found)

    assert sorted(fact.title for fact in found.of(MergeRequest)) == ["iduarte", "jbeck"]
    assert sorted((fact.area, fact.title) for fact in found.of(WorkItem)) == [
        ("pairing", "Geo"),
        ("product", "iduarte"),
        ("product", "jbeck"),
    ]


def test_later_run__a_cursor_of_an_older_version_leads_to_reading_from_the_start() -> None:
    state = support_gitlab()
    state.add_issue(PAIRING, "iduarte", "Geo", created_at=NOW - 20 * DAY, assignees=("iduarte",))

    with gathering(state) as there:
        found = there.run(Gathered(cursors={"gitlab.pairing": (NOW - DAY).isoformat()}))

    assert [fact.title for fact in found.of(WorkItem)] == ["Geo"]


def test_pages__only_the_last_one_moves_the_cursor_and_the_reach() -> None:
    state = support_gitlab()
    for n in range(60):
        state.add_issue(PAIRING, "iduarte", f"{n}", created_at=NOW - DAY)
    with gathering(state) as there:
        window = Window(START, NOW - SETTLING)
        *before, last = there.source().pages("gitlab.pairing", window, None)
        *again, _ = there.source().pages("gitlab.pairing", window, before[-1].cursor)

    assert [len(page.facts) for page in before] == [len(page.facts) for page in again] == [50, 10]
    assert ({page.until for page in before}, last.until) == ({None}, window.end)
    assert last.cursor != before[-1].cursor == before[0].cursor


# --- how many requests ------------------------------------------------------------------------------


def many(count: int) -> dict[str, tuple[str, ...]]:
    return {f"engineer{n}": (f"engineer{n}",) for n in range(count)}


@pytest.mark.parametrize(("people", "requests"), [(10, 3), (100, 4), (120, 5)])
def test_requests__of_any_run_with_little_new(people: int, requests: int) -> None:
    state = support_gitlab()
    for name in many(people):
        state.add_user(name, name)
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - DAY, people=many(people))
        first = there.asked()
        there.run(found, people=many(people))
        second = there.asked()

    # People in batches of 50, the four projects' first pages in one, the reader's roles in one.
    assert first == second == ["POST /api/graphql"] * requests


def test_requests__long_lists_are_continued_and_never_read_twice() -> None:
    state = support_gitlab()
    for n in range(250):
        state.add_issue(PAIRING, "iduarte", f"{n}", created_at=NOW - 20 * DAY + n * MINUTE)
        state.add_issue(PRODUCT, "iduarte", f"{n}", created_at=NOW - 20 * DAY + n * MINUTE)
        merged = NOW - 20 * DAY + n * MINUTE
        state.add_merge_request(PRODUCT, "iduarte", f"{n}", created_at=merged, merged_at=merged)
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - DAY)
        first = len(there.asked())
        there.run(found)
        second = len(there.asked())

    assert (len(found.of(WorkItem)), len(found.of(MergeRequest))) == (500, 250)
    # 3, and two more pages of each: 50 + 100 + 100 sessions, 100 + 100 + 50 of the others.
    assert (first, second) == (9, 3)


def test_requests__a_stream_that_failed_before_is_asked_for_alone() -> None:
    state = support_gitlab()
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - DAY)
        found.cursors["gitlab.feedback"] = there.run(Gathered(), now=NOW - 2 * DAY).cursors["gitlab.feedback"]
        there.asked()
        there.run(found)
        asked = there.asked()

    assert len(asked) == 4


# --- answers that are no answers ----------------------------------------------------------------------


def body(there: Gathering, stream: str) -> None:
    list(there.source().pages(stream, Window(START, NOW - SETTLING), None))


def test_partial_data__with_errors_beside_it_is_a_failure() -> None:
    partial = '{"data": {"users": {"nodes": []}, "place": null}, "errors": [{"message": "Timeout on validation"}]}'
    cut = failing("/api/graphql", status=200, body=partial)
    with gathering(support_gitlab(), faults=(cut,)) as there, pytest.raises(SourceError, match="refused a query: Timeout"):
        body(there, "gitlab.merge_requests")


def test_unknown_shape__of_an_event_names_the_place() -> None:
    state = support_gitlab()
    state.add_issue(REQUESTS, "iduarte", "x", created_at=NOW - DAY)
    odd = failing("resource_label_events", status=200, body='[{"id": "one"}]', headers={"Content-Type": "application/json"})
    with (
        gathering(state, faults=(odd,)) as there,
        pytest.raises(SourceError, match="_events answered in an unknown"),
    ):
        body(there, "gitlab.attention_requests")


def test_refused_history__is_a_failure_and_a_request_that_is_gone_has_none() -> None:
    state = support_gitlab()
    state.add_issue(REQUESTS, "iduarte", "x", created_at=NOW - DAY, labels=("a",))
    with gathering(state, faults=(failing("resource_label_events", status=403),)) as there:
        with pytest.raises(SourceError, match=f"read the history of {REQUESTS}#1 \\(403\\)"):
            body(there, "gitlab.attention_requests")
        there.sandbox.faults.clear()
        there.sandbox.faults.add(failing("resource_label_events", status=404))
        found = there.run(Gathered())

    assert (len(found.of(WorkItem)), found.of(WorkItemEvent)) == (1, [])


# --- events of users ----------------------------------------------------------------------------------


def test_user_events__are_what_the_team_did_anywhere_without_a_word_of_it() -> None:
    state = support_gitlab()
    state.add_project("elsewhere/project", visibility="public")
    issue = state.add_issue("elsewhere/project", "dev", "Customer Corp", created_at=NOW - 3 * DAY)
    note = state.add_note(issue, "iduarte", "Customer Corp again", at=NOW - 2 * DAY)
    mine = state.add_issue(PRODUCT, "jbeck-admin", "x", created_at=NOW - DAY, closed_at=NOW - HOUR, closed_by="iduarte")
    merged = state.add_merge_request(PRODUCT, "dev", "y", created_at=NOW - DAY, merged_at=NOW - DAY, merged_by="jbeck")

    with gathering(state) as there:
        found = there.run(Gathered(), with_user_events=True)
        base = there.sandbox.gitlab_url

    events = sorted(found.of(UserEvent), key=lambda event: (event.at, event.author))
    assert [(event.author, event.action, event.target, event.project, event.url) for event in events] == [
        ("iduarte", "commented on", "Issue", "elsewhere/project", f"{base}/elsewhere/project/-/issues/1#note_{note.id}"),
        ("jbeck", "accepted", "MergeRequest", PRODUCT, f"{base}/{PRODUCT}/-/merge_requests/{merged.iid}"),
        ("jbeck-admin", "opened", "Issue", PRODUCT, f"{base}/{PRODUCT}/-/issues/{mine.iid}"),
        ("iduarte", "closed", "Issue", PRODUCT, f"{base}/{PRODUCT}/-/issues/{mine.iid}"),
    ]
    assert "Customer" not in repr(found.of(UserEvent))


def test_user_events__follow_the_links_and_not_the_length_of_a_page() -> None:
    state = support_gitlab()
    state.add_project("secret/project")
    issue = state.add_issue(PRODUCT, "dev", "x", created_at=NOW - 20 * DAY)
    hidden = state.add_issue("secret/project", "dev", "x", created_at=NOW - 20 * DAY)
    for n in range(230):
        # The newest 120 are hidden from the reader: the first page is empty, the second short.
        state.add_note(issue if n < 110 else hidden, "iduarte", "x", at=NOW - 10 * DAY + n * MINUTE)

    found = gathered_once(state, with_user_events=True)

    assert len(found.of(UserEvent)) == 110


def test_user_events__half_open_days_apart_and_only_the_new_ones_later() -> None:
    state = support_gitlab()
    issue = state.add_issue(PRODUCT, "dev", "x", created_at=NOW - 20 * DAY)
    end = NOW - SETTLING
    for at in (START - timedelta(seconds=1), START, end - timedelta(seconds=1), end):
        state.add_note(issue, "iduarte", "x", at=at)
    with gathering(state) as there:
        found = there.run(Gathered(), with_user_events=True)
        before = {event.at for event in found.of(UserEvent)}
        there.run(found, now=NOW + HOUR, with_user_events=True)
        after = {event.at for event in found.of(UserEvent)}

    assert (before, after - before) == ({START, end - timedelta(seconds=1)}, {end})


def test_user_events__of_a_project_that_is_hidden_by_now_have_no_address() -> None:
    state = support_gitlab()
    source = {
        "id": 1,
        "action_name": "pushed to",
        "created_at": (NOW - DAY).isoformat(),
        "project_id": 999_999,
        "target_type": None,
        "target_iid": None,
    }
    pushed = failing("/users/.*/events", status=200, body=json.dumps([source]), headers={"Content-Type": "application/json"})
    with gathering(state, faults=(pushed,)) as there:
        found = there.run(Gathered(), with_user_events=True, people={"iduarte": ("iduarte",)})

    assert [(event.action, event.target, event.project, event.url) for event in found.of(UserEvent)] == [
        ("pushed to", "", "", "")
    ]
