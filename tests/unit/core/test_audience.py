from dataclasses import replace
from typing import Any

import pytest

from reports.core.audience import Destination, Exposure, Member, could_read, violations
from reports.core.model import Privacy
from reports.core.publication import DesiredIssue, ExistingIssue, description_of
from tests.audience_table import INVOLVEMENTS, LEVELS, READS, reads
from tests.builders import desired, existing

BOT = Member(user_id=1, username="support-reports-bot", access_level=15)
INES = Member(user_id=2, username="iduarte", access_level=10)
PETRA = Member(user_id=3, username="plindqvist", access_level=40)


def destination(*members: Member, visibility: str = "private") -> Destination:
    return Destination(
        project="acme/support/1-1s/iduarte", visibility=visibility, members=(BOT, INES, PETRA, *members), issues=()
    )


def published(wanted: DesiredIssue, **special: Any) -> ExistingIssue:
    return existing(description_of(wanted), **special)


def reasons(place: Destination, **special: Any) -> list[str]:
    return [violation.reason for violation in violations(desired(**special).audience, place, "support-reports-bot")]


def test_audience__engineer_manager_and_bot_may_read() -> None:
    assert reasons(destination()) == []


@pytest.mark.parametrize(("level", "allowed"), [(10, True), (15, False), (20, False), (25, False), (50, False)])
def test_audience__from_planner_on_a_colleague_would_read_a_confidential_issue(level: int, allowed: bool) -> None:
    place = destination(Member(user_id=9, username="jbeck", access_level=level))

    assert reasons(place) == ([] if allowed else [f"jbeck (access level {level}) could read it"])


def test_audience__capital_letters_make_no_other_account() -> None:
    assert reasons(destination(), readers=("IDuarte", "plindqvist"), assignees=("Iduarte",)) == []


def test_audience__without_confidentiality_every_member_would_read_it() -> None:
    place = destination(Member(user_id=9, username="jbeck", access_level=10))

    assert reasons(place, confidential=False) == ["jbeck (access level 10) could read it"]


def test_audience__an_open_project_needs_a_confidential_issue() -> None:
    assert reasons(destination(visibility="internal")) == []
    assert reasons(destination(visibility="internal"), confidential=False) == [
        "the project is internal and the issue is not confidential"
    ]


def test_audience__an_assignee_reads_whatever_their_role() -> None:
    assert reasons(destination(), assignees=("iduarte", "jbeck")) == ["its assignee jbeck could read it"]


def test_audience__an_assignee_whom_somebody_added_to_the_issue_that_is_there_reads_it() -> None:
    wanted = desired()
    there = replace(destination(), issues=(published(wanted, assignees=("iduarte", "jbeck")),))

    assert [v.reason for v in violations(wanted.audience, there, BOT.username)] == ["its assignee jbeck could read it"]


def test_audience__who_is_assigned_to_another_issue_reads_that_one_only() -> None:
    other = published(desired("engineer_weekly/iduarte/2026-W45"), assignees=("jbeck",))
    forged = published(desired(), author="iduarte", assignees=("jbeck",))
    there = replace(destination(), issues=(other, forged))

    assert violations(desired().audience, there, BOT.username) == ()


@pytest.mark.parametrize("privacy", [Privacy.P0, Privacy.P1])
def test_audience__what_all_may_read_goes_anywhere(privacy: Privacy) -> None:
    place = destination(Member(user_id=9, username="jbeck", access_level=50), visibility="public")

    assert reasons(place, privacy=privacy, confidential=False, readers=()) == []


# --- the whole matrix -----------------------------------------------------------------------------


def predicted(visibility: str, is_confidential: bool, level: int, involvement: str) -> bool:
    """What the core says of somebody called jbeck."""
    jonas = (Member(user_id=9, username="jbeck", access_level=level),) if level else ()
    exposure = Exposure(
        visibility=visibility,
        is_confidential=is_confidential,
        members=(BOT, *jonas),
        author="jbeck" if "author" in involvement else BOT.username,
        assignees=("jbeck",) if "assignee" in involvement else (),
    )
    return exposure.is_open or any(reader.username == "jbeck" for reader in exposure.readers)


@pytest.mark.parametrize("involvement", INVOLVEMENTS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("visibility", "is_confidential"), READS)
def test_audience__of_members_is_what_gitlab_documents(
    visibility: str, is_confidential: bool, level: int, involvement: str
) -> None:
    assert predicted(visibility, is_confidential, level, involvement) == reads(visibility, is_confidential, level, involvement)


@pytest.mark.parametrize("external", [False, True])
@pytest.mark.parametrize("involvement", INVOLVEMENTS)
@pytest.mark.parametrize(("visibility", "is_confidential"), READS)
def test_audience__of_outsiders_is_never_less_than_gitlab_documents(
    visibility: str, is_confidential: bool, involvement: str, external: bool
) -> None:
    documented = reads(visibility, is_confidential, 0, involvement, external=external)

    assert predicted(visibility, is_confidential, 0, involvement) or not documented


def test_audience__minimal_access_counts_where_the_issue_is_not_confidential() -> None:
    """GitLab shows such a member nothing, but a role made by hand on top of it may, and has the same level."""
    assert predicted("private", False, 5, "nobody")
    assert not predicted("private", True, 5, "nobody")


@pytest.mark.parametrize("username", ["support-reports-reader", "project_42_bot_0f3a", "a-blocked-person"])
def test_audience__bots_and_blocked_accounts_that_are_members_count(username: str) -> None:
    place = destination(Member(user_id=9, username=username, access_level=20))

    assert reasons(place) == [f"{username} (access level 20) could read it"]


def test_violation__says_what_to_change_and_names_whom_once() -> None:
    place = destination(Member(user_id=9, username="JBeck", access_level=20), visibility="public")

    found = violations(desired(assignees=("iduarte", "jbeck", "kaziz")).audience, place, BOT.username)

    assert {v.by: v.remedy.split(" ")[0] for v in found} == {"JBeck": "remove", "kaziz": "unassign"}


def test_violation__an_open_project_is_one_too() -> None:
    (found,) = violations(desired(confidential=False).audience, destination(visibility="public"), BOT.username)

    assert (found.by, found.remedy.partition(",")[0]) == ("", "make the project private")


def test_could_read__lists_everybody_once_in_alphabetical_order() -> None:
    guest = Member(user_id=9, username="zguest", access_level=10)

    assert could_read(desired().audience, destination(guest), BOT.username) == ("iduarte", "plindqvist", BOT.username)
    assert could_read(desired(confidential=False).audience, destination(guest), BOT.username)[-1] == "zguest"
