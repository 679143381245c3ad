"""python-gitlab itself lists from the small GitLab what our adapter gathers: merge requests, issues, events, members."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import gitlab
import pytest

from reports.core.facts import MergeRequest, UserEvent, WorkItem, WorkItemEvent
from reports.core.weeks import Window
from reports.jobs.gathering import SETTLING
from reports.sandbox.gitlab_state import GitlabState
from tests.gitlab_gathering import (
    FEEDBACK,
    HANDBOOK,
    PAIRING,
    PLACES,
    READER,
    REQUESTS,
    START,
    TRAINING,
    Gathered,
    gathering,
    support_gitlab,
)
from tests.gitlab_sandbox import NOW, PRODUCT, client

HOUR = timedelta(hours=1)
WINDOW = Window(START, NOW - SETTLING)
TEAM = [account for accounts in PLACES.people.values() for account in accounts]


def busy_gitlab() -> GitlabState:
    """Something of every kind at every third hour of forty days, some of it before the window, some by others."""
    state = support_gitlab()
    everybody = ("iduarte", "jbeck", "jbeck-admin", "dev", "plindqvist", "support-forms")
    for n in range(320):
        at, who, other = NOW - 3 * n * HOUR, everybody[n % 6], everybody[n % 5]
        closed = at + 2 * HOUR if n % 2 and n else None
        labels = ("a",) if n % 3 else ("a", "b")
        place = (PRODUCT, PAIRING, TRAINING, REQUESTS, FEEDBACK)[n % 5]
        boxes = "- [x] one\n- [ ] two\n"
        issue = state.add_issue(place, who, f"{n}", created_at=at, labels=labels, assignees=(who, other), description=boxes)
        issue.confidential = n % 7 == 0
        if closed:
            state.set_state(issue, other, "closed", at=closed)
        state.add_note(issue, other, "x", at=at + HOUR)
        project = (PRODUCT, HANDBOOK, TRAINING)[n % 3]
        state.add_merge_request(project, who, f"{n}", created_at=at, merged_at=closed, merged_by=other, labels=labels)
    return state


@dataclass(frozen=True)
class Both:
    """The same GitLab as gathered by us and as seen by python-gitlab with the same token."""

    ours: Gathered
    theirs: gitlab.Gitlab
    state: GitlabState


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    state = busy_gitlab()
    with gathering(state) as there, client(there.sandbox, "reader") as theirs:
        yield Both(there.run(Gathered(), with_user_events=True), theirs, state)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def inside(text: str | None) -> bool:
    return text is not None and WINDOW.contains(moment(text))


def name(user: dict[str, str] | None) -> str:
    """Bots and excluded accounts are nobody."""
    return "" if user is None or user["username"] in ("support-forms", "support-reports-bot") else user["username"]


def test_merge_requests__are_the_same(both: Both) -> None:
    projects = [both.theirs.projects.get(path) for path in (PRODUCT, HANDBOOK, TRAINING)]
    theirs = {
        (project.path_with_namespace, request.iid, request.author["username"], request.merged_at, tuple(sorted(request.labels)))
        for project in projects
        for request in project.mergerequests.list(state="merged", iterator=True, per_page=100)
        if inside(request.merged_at) and request.author["username"] in TEAM
    }
    ours = {
        (fact.project, fact.iid, fact.author, f"{fact.merged_at:%Y-%m-%dT%H:%M:%S.000Z}", fact.labels)
        for fact in both.ours.of(MergeRequest)
    }

    assert ours == theirs
    assert len(ours) == 40


def test_issues_of_the_group__are_the_same(both: Both) -> None:
    group = both.theirs.groups.get("gitlab-org")
    theirs = {
        (issue.references["full"], issue.author["username"], issue.confidential or issue.title)
        for issue in group.issues.list(iterator=True, per_page=100)
        if inside(issue.created_at) and issue.author["username"] in TEAM
    }
    items = [fact for fact in both.ours.of(WorkItem) if fact.area == "product"]
    ours = {(f"{fact.project}#{fact.iid}", fact.author, fact.title or True) for fact in items}

    assert ours == theirs
    assert len(ours) > 15


@pytest.mark.parametrize(
    ("area", "path"),
    [("pairing", PAIRING), ("training", TRAINING), ("attention_request", REQUESTS), ("feedback", FEEDBACK)],
)
def test_issues_of_projects__are_the_same(both: Both, area: str, path: str) -> None:
    theirs = {
        (
            issue.iid,
            name(issue.author),
            tuple(sorted({name(user) for user in issue.assignees} - {""})),
            tuple(sorted(issue.labels)),
            issue.closed_at,
            name(issue.attributes["closed_by"]) if area == "attention_request" else "",
            (issue.task_completion_status["count"], issue.task_completion_status["completed_count"]),
        )
        for issue in both.theirs.projects.get(path).issues.list(state="all", iterator=True, per_page=100)
        if (inside(issue.created_at) if area == "pairing" else moment(issue.updated_at) >= START - HOUR)
        and moment(issue.created_at) < WINDOW.end
    }
    ours = {
        (
            fact.iid,
            fact.author,
            fact.assignees,
            fact.labels,
            f"{fact.closed_at:%Y-%m-%dT%H:%M:%S.000Z}" if fact.closed_at else None,
            fact.closed_by,
            (fact.tasks, fact.tasks_done),
        )
        for fact in both.ours.of(WorkItem)
        if fact.area == area
    }

    assert ours == theirs
    assert len(ours) > 40


def test_events_of_requests__are_the_same(both: Both) -> None:
    items = {fact.id: fact.iid for fact in both.ours.of(WorkItem) if fact.area == "attention_request"}
    issues = both.theirs.projects.get(REQUESTS).issues
    labels = {
        (
            iid,
            event.created_at,
            name(event.user),
            {"add": "label_added", "remove": "label_removed"}[event.action],
            event.label["name"],
        )
        for iid in items.values()
        for event in issues.get(iid, lazy=True).resourcelabelevents.list(iterator=True)
    }
    states = {
        (iid, event.created_at, name(event.user), event.state, "")
        for iid in items.values()
        for event in issues.get(iid, lazy=True).resourcestateevents.list(iterator=True)
    }
    ours = {
        (items[fact.item], f"{fact.at:%Y-%m-%dT%H:%M:%S.000Z}", fact.actor, fact.kind, fact.label)
        for fact in both.ours.of(WorkItemEvent)
    }

    assert ours == labels | states
    assert len(states) > 20


def test_events_of_users__are_the_same(both: Both) -> None:
    theirs = {
        (event.id, username, event.created_at, event.action_name)
        for username in TEAM
        for event in both.theirs.users.list(username=username, get_all=True)[0].events.list(iterator=True, per_page=100)
        if inside(event.created_at)
    }
    ours = {(int(fact.id), fact.author, f"{fact.at:%Y-%m-%dT%H:%M:%S.000Z}", fact.action) for fact in both.ours.of(UserEvent)}

    assert ours == theirs
    assert len(ours) > 100


def test_members__the_readers_role_is_the_one_that_hides_nothing(both: Both) -> None:
    levels = {
        path: {member.username: member.access_level for member in both.theirs.projects.get(path).members_all.list(iterator=True)}
        for path in (TRAINING, PAIRING, REQUESTS, FEEDBACK)
    }

    assert all(level[READER] >= 15 for level in levels.values())
    assert [page.blind_spots for page in both.ours.told.values()] == [()] * 7
