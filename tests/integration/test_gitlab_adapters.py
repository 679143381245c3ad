"""Our GitLab adapters over real HTTP: everything is read to its last page, and the queries are those GitLab knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import graphql
import pytest

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_activity import GitlabActivity, GitlabPlaces
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_issues import GitlabIssues
from reports.adapters.gitlab_queues import GitlabQueue
from reports.adapters.http_session import PacedSession
from reports.core.audience import Lookout
from reports.core.facts import MergeRequest, WorkItem
from reports.core.publication import Kind, plan
from reports.core.queue import WaitingIssue, WaitingKind
from reports.core.weeks import Window
from reports.errors import PublishError, SourceError
from reports.sandbox.gitlab_objects import GUEST, MAINTAINER
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.graphql_complexity import ComplexityCounter
from reports.sandbox.server import Sandbox
from tests.builders import desired
from tests.gitlab_sandbox import MANAGERS, META, NOW, PRODUCT, contracts, running, small_gitlab

WINDOW = Window(NOW - timedelta(days=60), NOW)
PLACES = GitlabPlaces(
    people={"dev": ("dev",), "iduarte": ("iduarte",)},
    product_group="gitlab-org",
    handbook_projects=("gitlab-com/handbook",),
    training_projects=(META,),
    pairing_projects=(META,),
)


@contextmanager
def activity(state: GitlabState) -> Iterator[tuple[GitlabActivity, Sandbox]]:
    with running(state) as sandbox, PacedSession() as session:
        yield GitlabActivity(GitlabClient(sandbox.gitlab_url, "reader", session, SourceError), PLACES), sandbox


@contextmanager
def tracker(state: GitlabState) -> Iterator[tuple[GitlabIssues, Sandbox]]:
    with running(state) as sandbox, PacedSession() as session:
        yield GitlabIssues(GitlabClient(sandbox.gitlab_url, "writer", session, PublishError)), sandbox


def facts(state: GitlabState, stream: str, cursor: str | None = None) -> list[Any]:
    with activity(state) as (source, _):
        return [fact for page in source.pages(stream, WINDOW, cursor) for fact in page.facts]


# --- the queries themselves -----------------------------------------------------------------------


COUNTED = (
    ("destinations", queries.destinations_query, range(1, queries.DESTINATIONS_PER_QUERY + 1)),
    ("issues", queries.issues_query, range(1, queries.PROJECTS_PER_REREAD + 1)),
    ("places", queries.places_query, (queries.PLACES_PER_QUERY,)),
    ("roles", queries.roles_query, (0, queries.ROLES_PER_QUERY)),
)
TEXTS = {name: text for name, text in vars(queries).items() if isinstance(text, str) and text.lstrip().startswith("query ")} | {
    f"{name} of {count}": query(count) for name, query, counts in COUNTED for count in counts
}


@pytest.fixture(scope="module")
def gitlab_schema() -> graphql.GraphQLSchema:
    sdl = (contracts() / "graphql/gitlab_schema.graphql").read_text(encoding="utf-8")
    return graphql.build_schema(sdl, assume_valid=True)


@pytest.mark.parametrize("name", TEXTS)
def test_query__is_valid_in_gitlabs_own_schema(name: str, gitlab_schema: graphql.GraphQLSchema) -> None:
    assert graphql.validate(gitlab_schema, graphql.parse(TEXTS[name])) == []


@pytest.mark.parametrize("name", TEXTS)
def test_query__costs_less_than_gitlabs_limit(name: str, gitlab_schema: graphql.GraphQLSchema) -> None:
    # GitLab's true count may differ from this estimate by a few points, so not all of its 250 are used.
    assert ComplexityCounter(gitlab_schema, graphql.parse(TEXTS[name]), {}).score() <= 225


@pytest.mark.parametrize("name", TEXTS)
def test_query__stays_below_gitlabs_limit_of_characters(name: str) -> None:
    assert len(TEXTS[name]) < 10_000


# --- activity -------------------------------------------------------------------------------------


def test_merge_requests__of_a_busy_author_are_read_to_the_last() -> None:
    activity_count = 230
    state = small_gitlab()
    for n in range(activity_count):
        merged = NOW - timedelta(hours=n + 1)
        state.add_merge_request(PRODUCT, "dev", f"Change {n}", created_at=merged, merged_at=merged, labels=("documentation",))

    found = facts(state, "gitlab.merge_requests")

    assert sorted(fact.iid for fact in found) == list(range(1, activity_count + 1))
    assert {(fact.author, fact.area, fact.project, fact.labels) for fact in found} == {
        ("dev", "product", PRODUCT, ("documentation",))
    }


def test_merge_requests__outside_the_window_or_of_no_area_are_left_out() -> None:
    state = small_gitlab()
    state.add_project("elsewhere/project", visibility="public")
    for project, at in (
        (PRODUCT, WINDOW.start),
        (PRODUCT, WINDOW.start - timedelta(seconds=1)),
        (PRODUCT, WINDOW.end),  # GitLab's mergedBefore would let this one through: it reaches to the end of the day
        ("elsewhere/project", NOW - timedelta(days=1)),
    ):
        state.add_merge_request(project, "dev", f"{project} {at}", created_at=at, merged_at=at)

    found = facts(state, "gitlab.merge_requests")

    assert [(fact.project, fact.merged_at) for fact in found] == [(PRODUCT, WINDOW.start)]
    assert isinstance(found[0], MergeRequest)


def test_issues__are_read_to_the_last_page_and_a_confidential_title_is_not_kept() -> None:
    state = small_gitlab()
    for n in range(150):
        state.add_issue(PRODUCT, "dev", f"Issue {n}", created_at=NOW - timedelta(hours=n + 1))
    state.add_member("gitlab-org", "support-reports-reader", MAINTAINER)
    state.add_issue(PRODUCT, "iduarte", "Customer Corp is down", created_at=NOW - timedelta(hours=1), confidential=True)

    found = facts(state, "gitlab.issues")

    assert len(found) == 151
    assert [fact.title for fact in found if fact.author == "iduarte"] == [""]
    assert {fact.project for fact in found} == {PRODUCT}


def test_pairing_and_training__take_what_was_opened_and_what_changed() -> None:
    state = small_gitlab()
    state.add_member(META, "iduarte", GUEST)
    long_ago, opened, closed = NOW - timedelta(days=70), NOW - timedelta(days=40), NOW - timedelta(days=2)
    state.add_issue(META, "dev", "Geo", created_at=long_ago, closed_at=closed, assignees=("iduarte",))
    state.add_issue(META, "dev", "Still open", created_at=opened, assignees=("iduarte",))
    state.add_issue(META, "dev", "Long ago", created_at=long_ago, closed_at=long_ago, assignees=("iduarte",))

    pairing, training = facts(state, "gitlab.pairing"), facts(state, "gitlab.training")

    assert [(fact.title, fact.assignees) for fact in pairing] == [("Still open", ("iduarte",))]
    assert [(fact.title, fact.closed_at, fact.area) for fact in training] == [
        ("Geo", closed, "training"),
        ("Still open", None, "training"),
    ]
    assert isinstance(training[0], WorkItem)


def test_people_without_an_account__are_named_on_the_last_page() -> None:
    state = small_gitlab()
    places = replace(PLACES, people={name: (name,) for name in ("DEV", "gone", "iduarte")})
    with running(state) as sandbox, PacedSession() as session:
        source = GitlabActivity(GitlabClient(sandbox.gitlab_url, "reader", session, SourceError), places)
        *_, last = source.pages("gitlab.merge_requests", WINDOW, None)

    assert last.unknown_people == ("gone",)


def test_a_project_the_reader_cannot_see__is_a_failure_with_its_path() -> None:
    state = small_gitlab()
    del state.projects[META]

    with pytest.raises(SourceError, match=f"has no {META}"):
        facts(state, "gitlab.pairing")


# --- queues ---------------------------------------------------------------------------------------


def waiting(state: GitlabState, kind: WaitingKind) -> tuple[list[WaitingIssue], int]:
    """What waits in META as the adapter gives it, and in how many requests it was read."""
    with running(state) as sandbox, PacedSession() as session:
        client = GitlabClient(sandbox.gitlab_url, "reader", session, SourceError)
        found = GitlabQueue(client, META, kind, {"in EMEA": "EMEA"}).waiting(Window(NOW - timedelta(days=14), NOW))
        return sorted(found, key=lambda issue: issue.iid), len(sandbox.requests)


def test_queue__of_requests_holds_the_open_and_the_lately_closed_in_two_requests() -> None:
    state = small_gitlab()
    state.add_member(META, "iduarte", GUEST)
    old = NOW - timedelta(days=40)
    state.add_issue(META, "dev", "Open", created_at=old, labels=("urgent", "in EMEA"), assignees=("iduarte",))
    state.add_issue(META, "dev", "Closed", created_at=old, closed_at=NOW - timedelta(days=14))
    state.add_issue(META, "dev", "Closed long ago", created_at=old, closed_at=NOW - timedelta(days=15))
    state.add_issue(META, "dev", "Customer Corp", created_at=old, confidential=True)

    found, requests = waiting(state, WaitingKind.ATTENTION_REQUEST)

    assert [(issue.iid, issue.title, issue.region, issue.assignees) for issue in found] == [
        (1, "Open", "EMEA", ("iduarte",)),
        (2, "Closed", "", ()),
        (4, "", "", ()),
    ]
    assert [(issue.created_at, issue.closed_at) for issue in found[:2]] == [(old, None), (old, NOW - timedelta(days=14))]
    assert requests == 2


def test_queue__of_feedback_holds_the_open_in_one_request() -> None:
    state = small_gitlab()
    state.add_issue(META, "dev", "Open", created_at=NOW)
    state.add_issue(META, "dev", "Closed", created_at=NOW, closed_at=NOW)

    found, requests = waiting(state, WaitingKind.FEEDBACK)

    assert ([issue.title for issue in found], requests) == (["Open"], 1)


def test_queue__is_read_to_its_last_page() -> None:
    state = small_gitlab()
    for n in range(101):
        state.add_issue(META, "dev", f"Open {n}", created_at=NOW)
        state.add_issue(META, "dev", f"Closed {n}", created_at=NOW, closed_at=NOW)

    found, requests = waiting(state, WaitingKind.ATTENTION_REQUEST)

    assert (len(found), requests) == (202, 4)


# --- publishing -----------------------------------------------------------------------------------


def test_destinations__hold_everybody_who_is_in_by_any_way_with_the_highest_level() -> None:
    state = small_gitlab()
    for n in range(70):
        state.add_user(f"guest{n}", f"Guest {n}")
        state.add_member(MANAGERS, f"guest{n}", GUEST)
    state.add_group("leads")
    state.add_user("lead", "A Lead")
    state.add_member("leads", "lead", MAINTAINER)
    state.invite_group(MANAGERS, "leads", MAINTAINER)
    state.add_member("acme", "iduarte", MAINTAINER)

    with tracker(state) as (issues, _):
        destination = issues.destinations({MANAGERS: Lookout(level=0, opened_since=NOW)})[MANAGERS]

    levels = {member.username: member.access_level for member in destination.members}
    assert (levels["lead"], levels["iduarte"], levels["support-reports-bot"]) == (40, 40, 15)
    assert sum(name.startswith("guest") for name in levels) == 70


def test_destinations__hold_every_open_issue_of_the_bot_and_the_closed_ones_since() -> None:
    state = small_gitlab()
    old = NOW - timedelta(days=300)
    for n in range(45):
        state.add_issue(MANAGERS, "support-reports-bot", f"Open {n}", created_at=old)
    state.add_issue(MANAGERS, "support-reports-bot", "Closed long ago", created_at=old, closed_at=old)
    state.add_issue(MANAGERS, "support-reports-bot", "Closed lately", created_at=NOW, closed_at=NOW)
    state.add_issue(MANAGERS, "plindqvist", "Not the bot's", created_at=NOW)

    with tracker(state) as (issues, _):
        found = issues.destinations({MANAGERS: Lookout(level=15, opened_since=NOW - timedelta(days=14))})[MANAGERS].issues

    titles = {issue.title for issue in found}
    assert len(found) == 46
    assert "Closed lately" in titles
    assert not {"Closed long ago", "Not the bot's"} & titles


def test_what_was_created__is_found_again_and_nothing_is_left_to_do() -> None:
    wanted = desired(project=MANAGERS, assignees=("iduarte",), labels=("support-reports", "made on the fly"))
    with tracker(small_gitlab()) as (issues, sandbox):
        there = issues.destinations({MANAGERS: Lookout(level=0, opened_since=NOW)})
        action = plan([wanted], {MANAGERS: there[MANAGERS].issues}, issues.bot())[0]
        issues.meet(wanted.assignees)
        issues.create(action)
        found = issues.destinations({MANAGERS: Lookout(level=0, opened_since=NOW)})[MANAGERS].issues
        again = plan([wanted], {MANAGERS: found}, issues.bot())

    assert [(a.kind, a.iid) for a in again] == [(Kind.NOTHING, 1)]
    assert (found[0].confidential, found[0].assignees) == (True, ("iduarte",))
    stored = sandbox.gitlab.projects[MANAGERS].issues[1]
    assert stored.labels == ["support-reports", "made on the fly"]
