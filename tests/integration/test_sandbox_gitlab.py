"""The small GitLab over real HTTP with an unmodified python-gitlab: reading, writing, paging, tokens and roles."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import gitlab
import pytest
import requests

from reports.sandbox.gitlab_objects import DEVELOPER, GUEST, MAINTAINER, PLANNER, REPORTER
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import Sandbox
from tests.gitlab_sandbox import MANAGERS, META, NOW, PRODUCT, MovingClock, client, running, small_gitlab


@pytest.fixture
def state() -> GitlabState:
    return small_gitlab()


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def box(state: GitlabState, clock: MovingClock) -> Iterator[Sandbox]:
    with running(state, clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def gl(box: Sandbox) -> Iterator[gitlab.Gitlab]:
    with client(box) as found:
        yield found


def ask(box: Sandbox, path: str, token: str | None = "writer") -> requests.Response:
    headers = {"PRIVATE-TOKEN": token} if token else {}
    return requests.get(f"{box.gitlab_url}/api/v4{path}", headers=headers, timeout=10)


# --- the instance and its people ------------------------------------------------------------------


def test_instance__says_who_is_asking_and_which_version(gl: gitlab.Gitlab) -> None:
    gl.auth()

    assert gl.user is not None
    assert gl.user.username == "support-reports-bot"
    assert gl.version()[0] == "19.2.0-ee"
    assert gl.personal_access_tokens.get("self").scopes == ["api"]


def test_users__by_exact_name_and_by_id(gl: gitlab.Gitlab, state: GitlabState) -> None:
    [found] = gl.users.list(username="IDUARTE", get_all=True)

    assert found.id == state.user("iduarte").id
    assert gl.users.get(found.id).name == "Ines Duarte"
    assert gl.users.list(username="nobody", get_all=True) == []


def test_user_by_name_in_the_path__is_refused_as_in_gitlab(box: Sandbox) -> None:
    assert ask(box, "/users/iduarte").status_code == 400


def test_projects_and_groups__by_path_with_slashes_and_by_id(gl: gitlab.Gitlab) -> None:
    project = gl.projects.get(MANAGERS)

    assert gl.projects.get(project.id).path_with_namespace == MANAGERS
    assert project.visibility == "private"
    assert gl.groups.get("acme/support").full_path == "acme/support"


def test_members_all__gives_each_person_once_with_the_highest_role(gl: gitlab.Gitlab, state: GitlabState) -> None:
    state.add_group("acme/leads")
    state.add_member("acme/leads", "plindqvist", DEVELOPER)
    state.add_member("acme/leads", "dev", DEVELOPER)
    state.invite_group(MANAGERS, "acme/leads", 20)

    members = gl.projects.get(MANAGERS).members_all.list(get_all=True)

    assert {m.username: m.access_level for m in members} == {
        "support-reports-bot": 15,
        "support-reports-reader": 20,
        "iduarte": 10,
        "plindqvist": 20,
        "dev": 20,
    }
    assert {m.username for m in gl.projects.get(MANAGERS).members.list(get_all=True)} == {"iduarte", "plindqvist"}


# --- tokens and roles -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "status", "word"),
    [("wrong", 401, "401 Unauthorized"), ("old", 401, "invalid_token"), (None, 401, "401 Unauthorized")],
)
def test_token__that_is_wrong_expired_or_missing(box: Sandbox, token: str | None, status: int, word: str) -> None:
    response = ask(box, "/user", token)

    assert response.status_code == status
    assert word in response.text


def test_token__as_bearer(box: Sandbox) -> None:
    response = requests.get(f"{box.gitlab_url}/api/v4/user", headers={"Authorization": "Bearer reader"}, timeout=10)

    assert response.json()["username"] == "support-reports-reader"


def test_read_only_token__may_not_write(box: Sandbox) -> None:
    with client(box, "reader") as reader:
        project = reader.projects.get(META)
        with pytest.raises(gitlab.GitlabCreateError, match="insufficient_scope") as caught:
            project.issues.create({"title": "x"})

    assert caught.value.response_code == 403


@pytest.mark.parametrize(
    ("project", "token", "status"),
    [
        (MANAGERS, None, 404),
        (MANAGERS, "dev", 404),
        (MANAGERS, "iduarte", 200),
        (META, None, 404),
        (META, "dev", 200),
        (PRODUCT, None, 200),
    ],
)
def test_project__is_seen_by_its_visibility(box: Sandbox, project: str, token: str | None, status: int) -> None:
    assert ask(box, f"/projects/{project.replace('/', '%2F')}", token).status_code == status


@pytest.mark.parametrize(
    ("level", "owner", "public", "sees", "sees_variables"),
    [
        (GUEST, "plindqvist", True, True, False),
        (PLANNER, "plindqvist", False, False, False),
        (REPORTER, "plindqvist", False, True, False),
        (REPORTER, "iduarte", False, True, False),
        (DEVELOPER, "plindqvist", False, True, False),
        (DEVELOPER, "iduarte", False, True, True),
        (MAINTAINER, "plindqvist", False, True, True),
    ],
)
def test_schedules__are_seen_by_role_and_their_variables_by_maintainers_and_owners(
    box: Sandbox, state: GitlabState, level: int, owner: str, public: bool, sees: bool, sees_variables: bool
) -> None:
    state.add_member(MANAGERS, "iduarte", level)
    state.projects[MANAGERS].public_pipelines = public
    state.add_schedule(MANAGERS, owner, "0 5 * * 1", NOW, run="weekly").active = False
    with client(box, "iduarte") as gl:
        schedules = gl.projects.get(MANAGERS, lazy=True).pipelineschedules
        if not sees:
            with pytest.raises(gitlab.GitlabListError, match="403"):
                schedules.list(get_all=True)
            return
        assert schedules.list(get_all=True, scope="active") == []
        (listed,) = schedules.list(get_all=True, scope="inactive")
        found = schedules.get(listed.id)

    assert (found.owner["username"], found.next_run_at) == (owner, "2026-11-16T06:00:00.000Z")
    assert ("variables" in found.attributes) is sees_variables


def test_confidential_issue__is_seen_from_planner_on_and_by_author_and_assignees(box: Sandbox, state: GitlabState) -> None:
    state.add_member(META, "dev", 10)
    state.add_issue(META, "support-reports-bot", "plain", created_at=NOW)
    state.add_issue(META, "support-reports-bot", "secret", created_at=NOW, confidential=True, assignees=["iduarte"])
    path = f"/projects/{META.replace('/', '%2F')}/issues"

    seen = {
        token: [issue["title"] for issue in ask(box, f"{path}?sort=asc", token).json()] for token in ("reader", "iduarte", "dev")
    }

    assert seen == {"reader": ["plain", "secret"], "iduarte": ["plain", "secret"], "dev": ["plain"]}
    assert ask(box, f"{path}/2", "dev").status_code == 404
    put = requests.put(f"{box.gitlab_url}/api/v4{path}/2", json={"title": "x"}, headers={"PRIVATE-TOKEN": "dev"}, timeout=10)
    assert put.status_code == 403


def test_guest__sets_labels_at_creation_only_and_edits_own_text(box: Sandbox) -> None:
    with client(box, "iduarte") as guest:
        issue = guest.projects.get(MANAGERS).issues.create({"title": "mine", "labels": ["weekly", "not there"]})
        issue.title, issue.labels = "still mine", []
        issue.save()

    assert issue.title == "still mine"
    assert issue.labels == ["weekly"]


def test_guest__does_not_see_merge_requests_of_a_private_project(box: Sandbox) -> None:
    path = f"/projects/{MANAGERS.replace('/', '%2F')}/merge_requests"

    assert ask(box, path, "iduarte").status_code == 403
    assert ask(box, path, "plindqvist").status_code == 200


# --- issues ---------------------------------------------------------------------------------------


def test_issue__is_created_as_asked_with_labels_made_on_the_fly(gl: gitlab.Gitlab, state: GitlabState) -> None:
    project = gl.projects.get(MANAGERS)

    issue = project.issues.create(
        {
            "title": "Team week",
            "description": "- [x] a\n- [ ] b",
            "labels": ["weekly", "brand new"],
            "assignee_ids": [state.user("plindqvist").id, state.user("dev").id],
            "confidential": True,
            "due_date": "2026-11-20",
        }
    )

    assert (issue.iid, issue.state, issue.confidential, issue.due_date) == (1, "opened", True, "2026-11-20")
    assert issue.labels == ["weekly", "brand new"]
    assert [user["username"] for user in issue.assignees] == ["plindqvist"], "somebody without access cannot be assigned"
    assert issue.task_completion_status == {"count": 2, "completed_count": 1}
    assert issue.created_at == "2026-11-16T06:00:00.000Z"
    assert [label.name for label in project.labels.list(get_all=True)] == ["brand new", "weekly"]


@pytest.mark.parametrize(
    ("attributes", "word"),
    [
        ({"title": "x" * 256}, "maximum is 255 characters"),
        ({"title": " "}, "can't be blank"),
        ({"title": "x", "description": "ü" * 600_000}, "is too long"),
        ({"title": "x", "due_date": "tomorrow-ish"}, "due_date is invalid"),
        ({"title": "x", "assignee_ids": ["petra"]}, "assignee_ids is invalid"),
    ],
)
def test_issue__that_cannot_be_is_refused(
    gl: gitlab.Gitlab, state: GitlabState, attributes: dict[str, object], word: str
) -> None:
    with pytest.raises(gitlab.GitlabCreateError, match=word) as caught:
        gl.projects.get(MANAGERS).issues.create(attributes)

    assert caught.value.response_code == 400
    assert state.projects[MANAGERS].issues == {}


def test_issue_update__needs_at_least_one_attribute(gl: gitlab.Gitlab, state: GitlabState) -> None:
    state.add_issue(MANAGERS, "support-reports-bot", "x", created_at=NOW)

    with pytest.raises(gitlab.GitlabUpdateError, match="at least one parameter must be provided"):
        gl.projects.get(MANAGERS).issues.update(1, {})


def test_issue_update__adds_and_removes_labels_and_writes_history(
    gl: gitlab.Gitlab, state: GitlabState, clock: MovingClock
) -> None:
    state.add_issue(MANAGERS, "support-reports-bot", "x", created_at=NOW - timedelta(days=1), labels=["a", "scope::1"])
    project = gl.projects.get(MANAGERS)
    clock.now += timedelta(minutes=1)

    project.issues.update(1, {"add_labels": "b,scope::2", "remove_labels": "a", "state_event": "close"})
    issue = project.issues.get(1)

    assert issue.labels == ["b", "scope::2"], "of scoped labels the later one wins"
    assert (issue.state, issue.attributes["closed_by"]["username"]) == ("closed", "support-reports-bot")
    assert issue.closed_at == issue.updated_at == "2026-11-16T06:01:00.000Z"
    events = issue.resourcelabelevents.list(get_all=True)
    assert [(e.label["name"], e.action) for e in events] == [
        ("a", "add"),
        ("scope::1", "add"),
        ("b", "add"),
        ("scope::2", "add"),
        ("a", "remove"),
        ("scope::1", "remove"),
    ]
    assert [event.state for event in issue.resourcestateevents.list(get_all=True)] == ["closed"]
    assert issue.notes.list(get_all=True) == [], "labels and states are no notes"


def test_issue_update__with_the_same_values_leaves_updated_at(gl: gitlab.Gitlab, state: GitlabState, clock: MovingClock) -> None:
    state.add_issue(MANAGERS, "support-reports-bot", "x", created_at=NOW, description="text", labels=["weekly"])
    clock.now += timedelta(hours=1)

    gl.projects.get(MANAGERS).issues.update(1, {"title": "x", "description": "text", "labels": "weekly"})

    assert state.projects[MANAGERS].issues[1].updated_at == NOW


def test_issue_update__changes_of_assignees_and_text_leave_system_notes(gl: gitlab.Gitlab, state: GitlabState) -> None:
    state.add_issue(MANAGERS, "support-reports-bot", "old", created_at=NOW, assignees=["iduarte"])
    project = gl.projects.get(MANAGERS)

    project.issues.update(1, {"title": "new", "description": "text", "assignee_ids": [state.user("plindqvist").id]})

    notes = project.issues.get(1).notes.list(get_all=True, sort="asc", activity_filter="only_activity")
    assert [note.body for note in notes] == [
        "changed title from **old** to **new**",
        "changed the description",
        "assigned to @plindqvist and unassigned @iduarte",
    ]


def test_issue_list__by_labels_state_author_time_and_numbers(gl: gitlab.Gitlab, state: GitlabState) -> None:
    for day in range(1, 6):
        author = "iduarte" if day % 2 else "plindqvist"
        at = NOW - timedelta(days=day)
        labels = ["weekly", "late"] if day > 3 else ["weekly"]
        state.add_issue(MANAGERS, author, f"day {day}", created_at=at, labels=labels, closed_at=at if day == 5 else None)
    issues = gl.projects.get(MANAGERS).issues

    def titles(**filters: Any) -> list[str]:
        return [issue.title for issue in issues.list(get_all=True, order_by="created_at", sort="asc", **filters)]

    assert titles(labels="weekly,late") == ["day 5", "day 4"]
    assert titles(state="opened", author_username="iduarte") == ["day 3", "day 1"]
    assert titles(created_after="2026-11-14T06:00:00Z") == ["day 2", "day 1"], "the bound itself is included"
    assert titles(updated_before="2026-11-12T06:00:00Z") == ["day 5", "day 4"]
    assert titles(author_username="nobody") == []
    assert titles(search="DAY 3") == ["day 3"]
    assert titles(**{"iids[]": [1, 4]}) == ["day 4", "day 1"]


def test_issue_list__unknown_word_or_time_is_refused(box: Sandbox) -> None:
    path = f"/projects/{MANAGERS.replace('/', '%2F')}/issues"

    assert ask(box, f"{path}?created_after=yesterday").json() == {"error": "created_after is invalid"}
    assert ask(box, f"{path}?state=open").json() == {"error": "state does not have a valid value"}


def test_group_issues__cover_every_project_below(gl: gitlab.Gitlab, state: GitlabState) -> None:
    state.add_issue(MANAGERS, "support-reports-bot", "one", created_at=NOW)
    state.add_issue(META, "support-reports-bot", "two", created_at=NOW)
    state.add_issue(PRODUCT, "dev", "three", created_at=NOW)

    assert {issue.title for issue in gl.groups.get("acme").issues.list(get_all=True)} == {"one", "two"}


# --- paging ---------------------------------------------------------------------------------------


def test_paging__offset_follows_links_and_caps_at_100(box: Sandbox, gl: gitlab.Gitlab, state: GitlabState) -> None:
    for number in range(205):
        state.add_issue(MANAGERS, "support-reports-bot", f"{number}", created_at=NOW + timedelta(seconds=number))
    path = f"/projects/{MANAGERS.replace('/', '%2F')}/issues"

    first = ask(box, f"{path}?per_page=500")

    assert len(first.json()) == 100
    assert (first.headers["X-Total"], first.headers["X-Total-Pages"], first.headers["X-Next-Page"]) == ("205", "3", "2")
    assert 'rel="last"' in first.headers["Link"]
    assert len(ask(box, path).json()) == 20
    found = gl.projects.get(MANAGERS).issues.list(iterator=True, per_page=50, order_by="created_at", sort="asc")
    assert [issue.title for issue in found] == [str(number) for number in range(205)]


def test_paging__keyset_neither_skips_nor_repeats_while_issues_come_in(gl: gitlab.Gitlab, state: GitlabState) -> None:
    for number in range(30):
        state.add_issue(MANAGERS, "support-reports-bot", f"{number}", created_at=NOW)
    pages = gl.projects.get(MANAGERS).issues.list(
        iterator=True, pagination="keyset", order_by="created_at", sort="desc", per_page=10
    )

    found = [next(pages).title for _ in range(10)]
    state.add_issue(MANAGERS, "support-reports-bot", "newer", created_at=NOW)
    found += [issue.title for issue in pages]

    assert found == [str(number) for number in range(29, -1, -1)]


def test_paging__counts_stop_above_ten_thousand(box: Sandbox, state: GitlabState) -> None:
    for number in range(10_001):
        state.add_merge_request(PRODUCT, "dev", f"{number}", created_at=NOW)

    answer = ask(box, f"/projects/{PRODUCT.replace('/', '%2F')}/merge_requests")

    assert "X-Total" not in answer.headers
    assert 'rel="last"' not in answer.headers["Link"]
    assert answer.headers["X-Next-Page"] == "2"


def test_paging__offset_beyond_fifty_thousand_is_refused_where_keyset_exists(box: Sandbox) -> None:
    path = f"/projects/{PRODUCT.replace('/', '%2F')}/issues?per_page=100&page=501"

    assert ask(box, path).status_code == 405


# --- comments and emoji -----------------------------------------------------------------------------


def test_notes__are_written_listed_changed_and_deleted(gl: gitlab.Gitlab, state: GitlabState, clock: MovingClock) -> None:
    issue = gl.projects.get(MANAGERS).issues.create({"title": "x"})
    first = issue.notes.create({"body": "first"})
    clock.now += timedelta(minutes=2)
    issue.notes.create({"body": "second"})
    clock.now += timedelta(minutes=2)
    first.body = "first, changed"
    first.save()

    listed = issue.notes.list(get_all=True, order_by="updated_at", sort="desc", activity_filter="only_comments")

    assert [note.body for note in listed] == ["first, changed", "second"]
    assert gl.projects.get(MANAGERS).issues.get(1).user_notes_count == 2
    first.delete()
    assert [note.body for note in issue.notes.list(get_all=True)] == ["second"]


def test_note__moves_updated_at_only_after_a_minute(gl: gitlab.Gitlab, state: GitlabState, clock: MovingClock) -> None:
    issue = gl.projects.get(MANAGERS).issues.create({"title": "x"})
    clock.now += timedelta(seconds=30)
    issue.notes.create({"body": "soon"})
    assert state.projects[MANAGERS].issues[1].updated_at == NOW

    clock.now += timedelta(seconds=60)
    issue.notes.create({"body": "later"})
    assert state.projects[MANAGERS].issues[1].updated_at == clock.now


def test_note__of_somebody_else_cannot_be_changed(box: Sandbox, gl: gitlab.Gitlab) -> None:
    gl.projects.get(MANAGERS).issues.create({"title": "x"}).notes.create({"body": "mine"})

    with client(box, "plindqvist") as other:
        [note] = other.projects.get(MANAGERS).issues.get(1).notes.list(get_all=True)
        note.body = "yours"
        with pytest.raises(gitlab.GitlabUpdateError):
            note.save()


def test_internal_note__is_hidden_from_a_guest_even_as_assignee(box: Sandbox, gl: gitlab.Gitlab, state: GitlabState) -> None:
    issue = gl.projects.get(MANAGERS).issues.create({"title": "x", "assignee_ids": [state.user("iduarte").id]})
    issue.notes.create({"body": "between us", "internal": True})

    with client(box, "iduarte") as guest:
        notes = guest.projects.get(MANAGERS).issues.get(1).notes.list(get_all=True)

    assert [note.body for note in notes] == ["assigned to @iduarte"]


def test_award_emoji__on_an_issue_and_on_a_note(gl: gitlab.Gitlab) -> None:
    issue = gl.projects.get(MANAGERS).issues.create({"title": "x"})
    note = issue.notes.create({"body": "/nothing"})

    issue.awardemojis.create({"name": "thumbsup"})
    note.awardemojis.create({"name": "eyes"})

    assert [award.name for award in note.awardemojis.list(get_all=True)] == ["eyes"]
    assert gl.projects.get(MANAGERS).issues.get(1).upvotes == 1
    with pytest.raises(gitlab.GitlabCreateError):
        note.awardemojis.create({"name": "eyes"})


# --- merge requests ---------------------------------------------------------------------------------


def test_merge_requests__of_project_and_group_with_filters(gl: gitlab.Gitlab, state: GitlabState) -> None:
    for day in range(4):
        merged = NOW - timedelta(days=day)
        labels = ["documentation", "Support Team Contributions"] if day % 2 else ["documentation"]
        state.add_merge_request(PRODUCT, "iduarte", f"{day}", created_at=NOW - timedelta(days=9), merged_at=merged, labels=labels)
    state.add_merge_request(PRODUCT, "dev", "open", created_at=NOW)
    merge_requests = gl.projects.get(PRODUCT).mergerequests

    by_time = merge_requests.list(iterator=True, state="merged", order_by="merged_at", sort="desc", per_page=3)
    labelled = gl.groups.get("gitlab-org").mergerequests.list(labels="documentation,Support Team Contributions", get_all=True)
    recent = merge_requests.list(author_username="iduarte", updated_after=(NOW - timedelta(days=1)).isoformat(), get_all=True)

    assert [mr.title for mr in by_time] == ["0", "1", "2", "3"]
    assert {mr.title for mr in labelled} == {"1", "3"}
    assert {mr.title for mr in recent} == {"0", "1"}
    assert merge_requests.get(1).merge_user["username"] == "iduarte"


# --- quick actions ----------------------------------------------------------------------------------


def test_quick_actions__on_creation_run_and_vanish_except_those_without_sense(gl: gitlab.Gitlab) -> None:
    issue = gl.projects.get(MANAGERS).issues.create(
        {
            "title": "x",
            "description": "Hello\n/label ~weekly ~no\n/assign @plindqvist\n/confidential\n/close\n/title y\n/due 2026-12-01",
        }
    )

    assert (issue.title, issue.state, issue.description) == ("x", "opened", "Hello")
    assert (issue.labels, issue.confidential, issue.due_date) == (["weekly"], True, "2026-12-01")
    assert issue.assignees[0]["username"] == "plindqvist"


def test_quick_actions__in_a_new_description_run(gl: gitlab.Gitlab) -> None:
    issue = gl.projects.get(MANAGERS).issues.create({"title": "x", "labels": ["weekly"]})

    issue.description = "Text\n/unlabel ~weekly\n/title y\n/close"
    issue.save()

    assert (issue.title, issue.state, issue.description, issue.labels) == ("y", "closed", "Text", [])


def test_quick_actions__shielded_text_stays_as_it_is(gl: gitlab.Gitlab) -> None:
    text = "```\n/close\n```\n\n`/close`\n\n> /close"

    issue = gl.projects.get(MANAGERS).issues.create({"title": "x", "description": text})
    issue.notes.create({"body": text})

    assert (issue.description, gl.projects.get(MANAGERS).issues.get(1).state) == (text, "opened")


def test_quick_actions__alone_in_a_note_leave_no_note(gl: gitlab.Gitlab) -> None:
    issue = gl.projects.get(MANAGERS).issues.create({"title": "x"})

    answer = issue.notes.create({"body": "/close"})

    assert answer.commands_changes == {"state_event": "close"}
    assert gl.projects.get(MANAGERS).issues.get(1).state == "closed"
    assert issue.notes.list(get_all=True) == []


def test_quick_actions__of_a_guest_go_no_further_than_the_guest(box: Sandbox, gl: gitlab.Gitlab) -> None:
    gl.projects.get(MANAGERS).issues.create({"title": "x", "labels": ["weekly"]})

    with client(box, "iduarte") as guest:
        guest.projects.get(MANAGERS).issues.get(1).notes.create({"body": "I say\n/close\n/unlabel ~weekly"})

    after = gl.projects.get(MANAGERS).issues.get(1)
    assert (after.state, after.labels, after.user_notes_count) == ("opened", ["weekly"], 1)


# --- mentions -----------------------------------------------------------------------------------------


def test_mentions__are_remembered_once_and_shielded_ones_are_none(gl: gitlab.Gitlab, state: GitlabState) -> None:
    issue = gl.projects.get(MANAGERS).issues.create({"title": "x", "description": "@iduarte `@dev` \\@plindqvist @nobody"})

    issue.description = "@iduarte again, and @all"
    issue.save()

    assert [(m.by, m.username, m.where) for m in state.mentions] == [
        ("support-reports-bot", "iduarte", f"{MANAGERS}#1"),
        ("support-reports-bot", "all", f"{MANAGERS}#1"),
    ]


def test_references__to_another_issue_leave_a_system_note_there(box: Sandbox, gl: gitlab.Gitlab, state: GitlabState) -> None:
    state.add_issue(META, "dev", "target", created_at=NOW)
    state.add_merge_request(PRODUCT, "dev", "target", created_at=NOW)

    gl.projects.get(MANAGERS).issues.create(
        {"title": "x", "description": f"support-team-meta#1 {PRODUCT}!1 {box.gitlab_url}/{META}/-/issues/1 #99"}
    )

    assert [reference.target for reference in state.cross_references] == [f"{META}#1", f"{PRODUCT}!1"]
    assert [note.body for note in state.projects[META].issues[1].notes] == [f"mentioned in issue {MANAGERS}#1"]


def test_references__from_a_hidden_issue_stay_hidden(box: Sandbox, gl: gitlab.Gitlab, state: GitlabState) -> None:
    state.add_issue(META, "dev", "target", created_at=NOW)
    gl.projects.get(MANAGERS).issues.create({"title": "about support-team-meta#1"})

    with client(box, "dev") as outsider, client(box, "plindqvist") as insider:
        seen = [len(who.projects.get(META).issues.get(1).notes.list(get_all=True)) for who in (outsider, insider)]

    assert seen == [0, 1]


def test_owner__may_choose_the_number_and_a_taken_one_is_refused(box: Sandbox, state: GitlabState) -> None:
    state.add_member(META, "dev", 50)
    with client(box, "dev") as owner:
        project = owner.projects.get(META)
        assert project.issues.create({"title": "x", "iid": 46}).iid == 46
        with pytest.raises(gitlab.GitlabCreateError) as caught:
            project.issues.create({"title": "again", "iid": 46})

    assert caught.value.response_code == 409
    assert state.projects[META].issues[46].title == "x"


def test_delete__by_planner_or_author_only(box: Sandbox, gl: gitlab.Gitlab, state: GitlabState) -> None:
    state.add_issue(PRODUCT, "iduarte", "x", created_at=NOW)
    state.add_member(PRODUCT, "support-reports-bot", PLANNER)

    with client(box, "dev") as developer, pytest.raises(gitlab.GitlabDeleteError):
        developer.projects.get(PRODUCT).issues.delete(1)
    gl.projects.get(PRODUCT).issues.delete(1)

    assert state.projects[PRODUCT].issues == {}
