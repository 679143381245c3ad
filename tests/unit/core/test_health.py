"""What is right and wrong with an installation, judged from plain observations."""

from datetime import UTC, date, datetime, timedelta

import pytest

from reports.core.audience import Destination, Member
from reports.core.expected import expected_audiences
from reports.core.gitlab_health import Publishing, Sight, TokenSeen, about_reports, about_sight, about_tokens, about_version
from reports.core.health import (
    Finding,
    Server,
    StoreSeen,
    Trouble,
    Verdict,
    about_server,
    about_store,
    exit_code,
    ok,
    unseen,
    warning,
    worst,
    wrong,
)
from reports.core.model import Coverage, Privacy, ReportDefinition
from reports.core.people import Team
from reports.core.zendesk_health import DeskSeen, about_desk
from tests.builders import W46, engineer, manager

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)
TODAY = date(2026, 11, 16)
URL = "https://gitlab.example.com"
BOT = "support-reports-bot"


def broken(code: int) -> Finding:
    return wrong("something", Trouble(says="is broken", step="mend it", code=code))


def verdicts(findings: object) -> dict[str, Verdict]:
    assert not isinstance(findings, str)
    return {one.subject: one.verdict for one in findings}  # type: ignore[attr-defined]


# --- the worst ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("findings", "code", "verdict"),
    [
        ([], 0, Verdict.OK),
        ([ok("a", "")], 0, Verdict.OK),
        ([ok("a", ""), warning("b", "", "see to it")], 9, Verdict.WARNING),
        ([warning("b", "", "see to it"), broken(7)], 7, Verdict.WRONG),
        ([broken(8), broken(4), unseen("c", "b")], 4, Verdict.WRONG),
    ],
)
def test_exit_code__is_the_smallest_of_what_is_wrong_and_9_for_warnings(
    findings: list[Finding], code: int, verdict: Verdict
) -> None:
    assert (exit_code(findings), worst(findings)) == (code, verdict)


# --- servers and clocks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("apart", "says"),
    [
        (timedelta(seconds=60), "agrees with ours"),
        (timedelta(seconds=-60), "agrees with ours"),
        (timedelta(minutes=10), "our clock is 10 minutes ahead of its clock"),
        (timedelta(minutes=-90), "our clock is 90 minutes behind its clock"),
        (timedelta(hours=5), "our clock is 5 hours ahead of its clock"),
        (timedelta(days=3), "our clock is 3 days ahead of its clock"),
    ],
)
def test_clock__may_differ_by_a_minute(apart: timedelta, says: str) -> None:
    reached, clock = about_server("GitLab", Server(url=URL, clock=NOW - apart), NOW)

    assert (reached.verdict, clock.says) == (Verdict.OK, says)


def test_server__that_tells_no_time_is_not_blamed() -> None:
    assert verdicts(about_server("GitLab", Server(url=URL), NOW)) == {"GitLab: server": Verdict.OK}


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("19.2.0-ee", Verdict.OK),
        ("17.7.0", Verdict.OK),
        ("17.6.9-ee", Verdict.WARNING),
        ("9.9.9", Verdict.WARNING),
        ("", Verdict.UNSEEN),
    ],
)
def test_version__is_compared_as_numbers(version: str, verdict: Verdict) -> None:
    assert about_version(version).verdict is verdict


# --- tokens ---------------------------------------------------------------------------------------


def writing(days_left: int | None = None) -> TokenSeen:
    ends = None if days_left is None else TODAY + timedelta(days=days_left)
    return TokenSeen(variable="GITLAB_TOKEN", username=BOT, scopes=("api",), ends_on=ends)


@pytest.mark.parametrize(("days", "verdict"), [(None, Verdict.OK), (15, Verdict.OK), (14, Verdict.WARNING), (1, Verdict.WARNING)])
def test_token__is_worth_a_word_two_weeks_before_it_ends(days: int | None, verdict: Verdict) -> None:
    assert next(about_tokens(writing(days), None, TODAY)).verdict is verdict


def test_tokens__of_the_same_user_are_noticed_whatever_the_capitals() -> None:
    reading = TokenSeen(variable="GITLAB_READ_TOKEN", username=BOT.upper(), scopes=("read_api",))

    assert verdicts(about_tokens(writing(), reading, TODAY))["GitLab: two users"] is Verdict.WARNING


# --- what is read ---------------------------------------------------------------------------------


def test_labels__of_a_project_that_could_not_be_asked_are_not_said_to_be_there() -> None:
    found = about_sight(Sight(labels={"a/b": frozenset({"x"})}), 3, {"a/b": ["x"], "c/d": ["x"]})

    assert [one.says for one in found if one.verdict is not Verdict.OK] == ["the labels of c/d cannot be read"]


def test_labels__of_a_project_that_is_not_there_are_not_missed_as_well() -> None:
    found = verdicts(about_sight(Sight(missing=("c/d",)), 3, {"c/d": ["x"]}))

    assert found == {
        "GitLab: what is counted": Verdict.WRONG,
        "GitLab: people": Verdict.OK,
        "GitLab: labels": Verdict.OK,
    }


def test_labels__without_queues_are_not_looked_at() -> None:
    assert "GitLab: labels" not in verdicts(about_sight(Sight(), 3, {}))


# --- where reports go -----------------------------------------------------------------------------

OWN = ReportDefinition(
    name="engineer_weekly",
    scope="each_engineer",
    project="acme/1-1s/{username}",
    title="Report {week}",
    privacy=Privacy.P3,
    labels=(),
    confidential=True,
)
FOLLOW_UP = ReportDefinition(
    name="follow_up",
    scope="each_follow_up",
    project="acme/follow-ups/{manager_username}",
    title="Follow-up from {week}",
    privacy=Privacy.P4,
    labels=(),
    confidential=True,
)
QUEUE = ReportDefinition(
    name="region_queue",
    scope="each_region",
    project="acme/managers",
    title="Queue {region}",
    privacy=Privacy.P2,
    labels=(),
    confidential=True,
)
TEAM = Team(name="Acme", time_zone="UTC", engineers=(engineer("iduarte"), engineer("jbeck")), managers=(manager(),))


def place(project: str, *members: tuple[str, int], visibility: str = "private") -> Destination:
    listed = tuple(Member(user_id=n, username=name, access_level=level) for n, (name, level) in enumerate(members))
    return Destination(project=project, visibility=visibility, members=listed, issues=())


def reports_in(*places: Destination, level: int = 15) -> list[Finding]:
    audiences = tuple(expected_audiences([OWN], TEAM, (), W46))
    there = {one.project: one for one in places}
    return list(about_reports(audiences, Publishing(bot=BOT, places=there, levels=dict.fromkeys(there, level))))


def test_expected_audiences__name_every_place_and_its_readers() -> None:
    found = list(expected_audiences([OWN, FOLLOW_UP, QUEUE], TEAM, ("EMEA",), W46))

    assert [(one.project, one.readers) for one in found] == [
        ("acme/1-1s/iduarte", ("iduarte", "plindqvist")),
        ("acme/1-1s/jbeck", ("jbeck", "plindqvist")),
        ("acme/follow-ups/plindqvist", ("plindqvist",)),
        ("acme/follow-ups/plindqvist", ("plindqvist",)),
        ("acme/managers", ("plindqvist",)),
    ]


def test_expected_audiences__without_queues_have_no_queue_issue() -> None:
    assert list(expected_audiences([QUEUE], TEAM, (), W46)) == []


def test_reports__of_right_places_are_one_line() -> None:
    found = reports_in(place("acme/1-1s/iduarte", ("iduarte", 10), ("plindqvist", 15)), place("acme/1-1s/jbeck"))

    assert [(one.subject, one.verdict, one.says) for one in found] == [
        ("report: engineer_weekly", Verdict.OK, "2 projects: there, writable, readable by nobody else")
    ]


def test_reports__say_all_that_is_wrong_at_once() -> None:
    (absent, low, surplus) = reports_in(place("acme/1-1s/iduarte", ("jbeck", 20)), level=10)

    assert (absent.code, low.code, surplus.code) == (7, 7, 8)
    assert "acme/1-1s/jbeck" in absent.says
    assert "below Planner in acme/1-1s/iduarte" in low.says
    assert "jbeck (access level 20) could read it" in surplus.says


# --- Zendesk and the store ------------------------------------------------------------------------


def test_desk__with_a_person_without_an_id_and_one_with_two() -> None:
    people = (engineer("iduarte", zendesk_id=None), engineer("jbeck", zendesk_id=2, other_zendesk_ids=(3,)))
    desk = DeskSeen(role="admin", needed={"tickets": 200}, schedules=("Hours",), statuses=5, agents=frozenset({2}))

    found = [one for one in about_desk(desk, people, "") if one.verdict is not Verdict.OK]

    assert [one.says for one in found] == ["there is no agent 3, whom team.yml names for jbeck"]


def test_desk__a_passing_refusal_does_not_blame_the_role() -> None:
    desk = DeskSeen(role="admin", needed={"tickets": 503}, schedules=("Hours",), agents=frozenset())

    found = {one.subject: one for one in about_desk(desk, (), "")}

    assert "status page" in found["Zendesk: tickets"].step


@pytest.mark.parametrize(("days", "verdict"), [(7, Verdict.OK), (8, Verdict.WARNING)])
def test_store__is_old_after_a_week(days: int, verdict: Verdict) -> None:
    reach = Coverage(stream="gitlab.issues", since=NOW - timedelta(days=90), until=NOW - timedelta(days=days))
    older = Coverage(stream="gitlab.pairing", since=NOW - timedelta(days=90), until=None)
    store = StoreSeen(place="store", writing=None, reading=None, is_outdated=False, coverage=(reach, older))

    assert verdicts(about_store(store, NOW))["store: age"] is verdict
