"""What the small GitLab says of people and places for gathering: events of users, roles, numbers, types, renames."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import gitlab
import pytest
import requests

from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.server import Sandbox
from tests.gitlab_sandbox import MANAGERS, META, NOW, PRODUCT, client, running, small_gitlab

DAY = timedelta(days=1)


@pytest.fixture
def state() -> GitlabState:
    return small_gitlab()


@pytest.fixture
def box(state: GitlabState) -> Iterator[Sandbox]:
    with running(state) as sandbox:
        yield sandbox


def rows(box: Sandbox, query: str, token: str = "reader") -> Any:
    answer = requests.post(
        f"{box.gitlab_url}/api/graphql", json={"query": query}, headers={"PRIVATE-TOKEN": token}, timeout=10
    ).json()
    assert "errors" not in answer
    return answer["data"]


def test_users__by_number_whatever_they_are_called_now(box: Sandbox, state: GitlabState) -> None:
    number = state.user("dev").id
    state.rename_user("dev", "developer")

    found = rows(
        box, f'{{a:users(ids:["gid://gitlab/User/{number}"]){{nodes{{username}}}} b:users(usernames:["dev"]){{nodes{{id}}}}}}'
    )

    assert found == {"a": {"nodes": [{"username": "developer"}]}, "b": {"nodes": []}}


def test_projects__by_number_only_those_that_the_asker_sees(box: Sandbox, state: GitlabState) -> None:
    ids = ", ".join(f'"gid://gitlab/Project/{state.projects[path].id}"' for path in (META, MANAGERS))
    query = f"{{projects(ids:[{ids}]){{nodes{{fullPath}}}}}}"

    assert {node["fullPath"] for node in rows(box, query)["projects"]["nodes"]} == {META, MANAGERS}
    assert [node["fullPath"] for node in rows(box, query, "dev")["projects"]["nodes"]] == [META]


def test_group_members__by_relation_and_a_part_of_their_name(box: Sandbox, state: GitlabState) -> None:
    state.add_group("leads")
    state.add_member("leads", "dev", 40)
    state.invite_group("acme/support", "leads", 30)
    members = "nodes{accessLevel{integerValue} user{username}}"
    query = f"""{{group(fullPath:"acme/support"){{
      own: groupMembers(relations:[DIRECT], search:"READER"){{{members}}}
      all: groupMembers(relations:[DIRECT, SHARED_FROM_GROUPS]){{{members}}} }}}}"""

    found = rows(box, query)["group"]

    def levels(alias: str) -> dict[str, int]:
        return {m["user"]["username"]: m["accessLevel"]["integerValue"] for m in found[alias]["nodes"]}

    assert levels("own") == {"support-reports-reader": 20}
    assert levels("all") == {"support-reports-bot": 15, "support-reports-reader": 20, "dev": 30}


@pytest.mark.parametrize(("token", "sees"), [("reader", True), ("iduarte", False), ("plindqvist", True)])
def test_permissions__merge_requests_of_a_private_project_are_not_for_guests(box: Sandbox, token: str, sees: bool) -> None:
    found = rows(box, f'{{project(fullPath:"{MANAGERS}"){{userPermissions{{readMergeRequest}}}}}}', token)

    assert found["project"]["userPermissions"] == {"readMergeRequest": sees}


def test_types__tasks_are_listed_beside_issues_unless_issues_are_asked_for(box: Sandbox, state: GitlabState) -> None:
    state.add_issue(META, "dev", "issue", created_at=NOW)
    state.add_issue(META, "dev", "task", created_at=NOW, issue_type="task")
    query = f'{{project(fullPath:"{META}"){{all:issues{{nodes{{type}}}} some:issues(types:[ISSUE]){{nodes{{title}}}}}}}}'

    found = rows(box, query)["project"]

    assert [node["type"] for node in found["all"]["nodes"]] == ["TASK", "ISSUE"]
    assert found["some"]["nodes"] == [{"title": "issue"}]
    with client(box, "reader") as gl:
        listed = gl.projects.get(META).issues.list(issue_type="task", get_all=True)
    assert [(issue.title, issue.issue_type) for issue in listed] == [("task", "task")]


def test_issue__that_was_added_with_labels_and_closed_has_the_events_of_it(box: Sandbox, state: GitlabState) -> None:
    state.add_issue(META, "dev", "x", created_at=NOW - DAY, labels=("a",), closed_at=NOW, closed_by="plindqvist")
    with client(box, "reader") as gl:
        issue = gl.projects.get(META).issues.get(1)
        labels = issue.resourcelabelevents.list(get_all=True)
        states = issue.resourcestateevents.list(get_all=True)

    assert [(e.user["username"], e.action, e.label["name"]) for e in labels] == [("dev", "add", "a")]
    assert [(e.user["username"], e.state) for e in states] == [("plindqvist", "closed")]


# --- events of users --------------------------------------------------------------------------------


@pytest.fixture
def gl(box: Sandbox) -> Iterator[gitlab.Gitlab]:
    with client(box, "reader") as connected:
        yield connected


def actions(gl: gitlab.Gitlab, username: str, **asked: Any) -> list[str]:
    user = gl.users.list(username=username, get_all=True)[0]
    return [event.action_name for event in user.events.list(iterator=True, **asked)]


def test_user_events__newest_first_with_dates_that_are_exclusive(gl: gitlab.Gitlab, state: GitlabState) -> None:
    issue = state.add_issue(PRODUCT, "dev", "x", created_at=NOW - 3 * DAY)
    state.add_note(issue, "dev", "hello", at=NOW - 2 * DAY)
    state.set_state(issue, "dev", "closed", at=NOW - DAY)

    assert actions(gl, "dev") == ["closed", "commented on", "opened"]
    between = {"after": str((NOW - 3 * DAY).date()), "before": str((NOW - DAY).date())}
    assert actions(gl, "dev", **between) == ["commented on"]
    assert actions(gl, "dev", sort="asc") == ["opened", "commented on", "closed"]


def test_user_events__what_the_asker_may_not_see_leaves_a_page_short(box: Sandbox, gl: gitlab.Gitlab, state: GitlabState) -> None:
    state.add_project("secret/project")
    hidden = state.add_issue("secret/project", "plindqvist", "x", created_at=NOW - 3 * DAY)
    shown = state.add_issue(PRODUCT, "plindqvist", "x", created_at=NOW - 3 * DAY)
    for n in range(30):
        state.add_note(hidden if n % 2 else shown, "dev", "x", at=NOW - DAY + timedelta(minutes=n))

    headers = {"PRIVATE-TOKEN": "reader"}
    first = requests.get(f"{box.gitlab_url}/api/v4/users/dev/events?per_page=20", headers=headers, timeout=10)

    assert len(first.json()) == 10
    assert first.headers["X-Next-Page"] == "2"
    assert len(actions(gl, "dev", per_page=20)) == 15


def test_user_events__a_comment_says_where_it_stands(gl: gitlab.Gitlab, state: GitlabState) -> None:
    note = state.add_note(state.add_issue(PRODUCT, "dev", "x", created_at=NOW), "iduarte", "hello", at=NOW)
    (event,) = gl.users.list(username="iduarte", get_all=True)[0].events.list(get_all=True)

    assert (event.target_type, event.target_id) == ("Note", note.id)
    assert (event.note["noteable_type"], event.note["noteable_iid"], event.note["body"]) == ("Issue", 1, "hello")


@pytest.mark.parametrize(("path", "status"), [("nobody", 404), ("dev/events?after=soon", 400)])
def test_user_events__wrong_questions_are_refused(box: Sandbox, path: str, status: int) -> None:
    path = path if "/" in path else f"{path}/events"
    answer = requests.get(f"{box.gitlab_url}/api/v4/users/{path}", headers={"PRIVATE-TOKEN": "reader"}, timeout=10)

    assert answer.status_code == status
