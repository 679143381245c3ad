from dataclasses import replace
from typing import Any

import pytest

from reports.core.audience import Destination, Member, violations
from reports.core.model import Privacy
from reports.core.publication import DesiredIssue, ExistingIssue, description_of
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
