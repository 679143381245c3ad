"""What a role that is too low hides is reported, never counted as zero; against the small GitLab."""

from datetime import timedelta

import pytest

from reports.core.facts import MergeRequest, WorkItem
from reports.sandbox.gitlab_objects import GUEST, PLANNER, REPORTER
from reports.sandbox.gitlab_state import GitlabState
from tests.gitlab_gathering import FEEDBACK, HANDBOOK, PAIRING, READER, REQUESTS, TRAINING, Gathered, gathering, support_gitlab
from tests.gitlab_sandbox import NOW, PRODUCT

DAY = timedelta(days=1)


def blind_spots(state: GitlabState) -> dict[str, tuple[str, ...]]:
    """What each stream says that it does not see, without those that see everything."""
    with gathering(state) as there:
        told = there.run(Gathered()).told
    return {stream: page.blind_spots for stream, page in told.items() if page.blind_spots}


def lower(state: GitlabState, level: int) -> GitlabState:
    """Take the reader out of the group of the support projects, and give it a role in each instead."""
    del state.groups["acme/support"].members[state.user(READER).id]
    for path in (TRAINING, PAIRING, REQUESTS, FEEDBACK):
        state.add_member(path, READER, level)
    return state


@pytest.mark.parametrize("level", [PLANNER, REPORTER])
def test_role__of_planner_or_higher_everywhere_hides_nothing(level: int) -> None:
    assert blind_spots(lower(support_gitlab(), level)) == {}


def test_role__of_guest_hides_confidential_issues_and_merge_requests_of_private_projects() -> None:
    state = lower(support_gitlab(), GUEST)
    state.add_issue(REQUESTS, "support-forms", "seen", created_at=NOW - DAY)
    state.add_issue(REQUESTS, "support-forms", "hidden", created_at=NOW - DAY, confidential=True)
    state.add_merge_request(TRAINING, "iduarte", "hidden", created_at=NOW - DAY, merged_at=NOW - DAY)
    with gathering(state) as there:
        found = there.run(Gathered())

    assert [fact.title for fact in found.of(WorkItem)] == ["seen"]
    assert found.of(MergeRequest) == []
    assert {stream: page.blind_spots for stream, page in found.told.items()} == {
        "gitlab.merge_requests": (
            f"gitlab.merge_requests: role Guest in {TRAINING} hides merge requests from the reading token",
        ),
        "gitlab.issues": (),
        "gitlab.pairing": (f"gitlab.pairing: role Guest in {PAIRING} hides confidential issues from the reading token",),
        "gitlab.training": (f"gitlab.training: role Guest in {TRAINING} hides confidential issues from the reading token",),
        "gitlab.attention_requests": (
            f"gitlab.attention_requests: role Guest in {REQUESTS} hides confidential issues from the reading token",
        ),
        "gitlab.feedback": (f"gitlab.feedback: role Guest in {FEEDBACK} hides confidential issues from the reading token",),
    }


def test_role__none_in_a_public_group_hides_its_confidential_issues_only() -> None:
    state = support_gitlab()
    del state.groups["gitlab-org"].members[state.user(READER).id]

    assert blind_spots(state) == {
        "gitlab.issues": ("gitlab.issues: no role in gitlab-org hides confidential issues from the reading token",)
    }


def test_role__of_guest_in_a_private_group_hides_merge_requests_too() -> None:
    state = support_gitlab()
    state.groups["gitlab-org"].visibility = state.projects[PRODUCT].visibility = "private"
    state.add_member("gitlab-org", READER, GUEST)

    assert blind_spots(state) == {
        "gitlab.merge_requests": (
            "gitlab.merge_requests: role Guest in gitlab-org hides merge requests of private projects from the reading token",
        ),
        "gitlab.issues": ("gitlab.issues: role Guest in gitlab-org hides confidential issues from the reading token",),
    }


def test_role__through_an_invited_group_counts() -> None:
    state = support_gitlab()
    for path in ("gitlab-org", TRAINING):
        state.groups.get(path, state.projects.get(path)).members.pop(state.user(READER).id, None)  # type: ignore[union-attr]
    state.add_group("readers")
    state.add_member("readers", READER, REPORTER)
    state.invite_group("gitlab-org", "readers", PLANNER)

    assert blind_spots(state) == {}


def test_role__of_somebody_with_nearly_the_same_name_is_not_the_readers() -> None:
    state = support_gitlab()
    del state.groups["gitlab-org"].members[state.user(READER).id]
    state.add_user(f"{READER}-2", "Another")
    state.add_member("gitlab-org", f"{READER}-2", REPORTER)

    assert list(blind_spots(state)) == ["gitlab.issues"]


def test_role__that_was_raised_clears_what_was_said() -> None:
    state = lower(support_gitlab(), GUEST)
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - DAY)
        before = found.told["gitlab.pairing"].blind_spots
        state.add_member(PAIRING, READER, PLANNER)
        there.run(found)

    assert (len(before or ()), found.told["gitlab.pairing"].blind_spots) == (1, ())


def test_public_project__shows_its_merge_requests_to_anybody() -> None:
    state = support_gitlab()
    assert state.user(READER).id not in state.projects[HANDBOOK].members

    assert blind_spots(state) == {}
