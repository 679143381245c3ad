"""Whose account is whose: several accounts, renamed people, strangers with their names, bots; against the small GitLab."""

from datetime import timedelta

import pytest

from reports.adapters.gitlab_accounts import KnownAccount, TeamAccounts
from reports.adapters.gitlab_shapes import Account
from reports.core.facts import MergeRequest, UserEvent, WorkItem, WorkItemEvent
from reports.sandbox.faults import failing
from reports.sandbox.gitlab_state import GitlabState
from tests.gitlab_gathering import PAIRING, REQUESTS, TRAINING, Gathered, gathering, support_gitlab
from tests.gitlab_sandbox import NOW, PRODUCT

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def merge(state: GitlabState, who: str, days_ago: float) -> None:
    at = NOW - days_ago * DAY
    state.add_merge_request(PRODUCT, who, f"{who} {days_ago}", created_at=at, merged_at=at)


def authors(gathered: Gathered) -> list[tuple[str, str]]:
    return sorted((fact.author, fact.title) for fact in gathered.of(MergeRequest))


# --- several accounts -----------------------------------------------------------------------------


def test_other_accounts__are_asked_for_and_keep_their_own_name() -> None:
    state = support_gitlab()
    merge(state, "jbeck", 1)
    merge(state, "jbeck-admin", 2)
    state.add_issue(PRODUCT, "jbeck-admin", "x", created_at=NOW - DAY)
    with gathering(state) as there:
        found = there.run(Gathered())

    assert authors(found) == [("jbeck", "jbeck 1"), ("jbeck-admin", "jbeck-admin 2")]
    assert [fact.author for fact in found.of(WorkItem)] == ["jbeck-admin"]
    assert found.told["gitlab.merge_requests"].unknown_people == ()


def test_other_account__that_is_missing_is_a_hint_and_makes_nobody_unknown() -> None:
    with gathering(support_gitlab()) as there:
        told = there.run(Gathered(), people={"jbeck": ("jbeck", "jbeck-old"), "gone": ("gone", "jbeck-admin")}).told

    assert told["gitlab.merge_requests"].unknown_people == ("gone",)
    assert told["gitlab.merge_requests"].hints == ("GitLab has no account jbeck-old, which team.yml names",)


def test_names__are_spelt_as_in_the_team_file() -> None:
    state = support_gitlab()
    merge(state, "iduarte", 1)
    state.add_issue(PAIRING, "iduarte", "x", created_at=NOW - DAY, assignees=("iduarte", "jbeck"))
    with gathering(state) as there:
        found = there.run(Gathered(), people={"IDuarte": ("IDuarte",)})

    assert authors(found) == [("IDuarte", "iduarte 1")]
    assert [(fact.author, fact.assignees) for fact in found.of(WorkItem)] == [("IDuarte", ("IDuarte", "jbeck"))]


# --- renamed ----------------------------------------------------------------------------------------


def test_renamed__is_found_by_number_and_counted_under_the_name_of_the_team_file() -> None:
    state = support_gitlab()
    merge(state, "iduarte", 3)
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - 2 * DAY)
        state.rename_user("iduarte", "ines.d")
        merge(state, "ines.d", 1)
        state.add_issue(PRODUCT, "ines.d", "bug", created_at=NOW - DAY)
        state.add_issue(PAIRING, "jbeck", "Geo", created_at=NOW - DAY, assignees=("ines.d", "jbeck"))
        state.add_issue(TRAINING, "ines.d", "Geo", created_at=NOW - DAY, closed_at=NOW - HOUR, assignees=("ines.d",))
        state.add_issue(REQUESTS, "support-forms", "x", created_at=NOW - DAY, closed_at=NOW - HOUR, closed_by="ines.d")
        there.asked()
        there.run(found, with_user_events=True)
        asked = there.asked()

    assert authors(found) == [("iduarte", "iduarte 3"), ("iduarte", "ines.d 1")]
    items = {fact.area: fact for fact in found.of(WorkItem)}
    assert (items["product"].author, items["pairing"].assignees) == ("iduarte", ("iduarte", "jbeck"))
    assert (items["training"].author, items["training"].assignees) == ("iduarte", ("iduarte",))
    assert items["attention_request"].closed_by == "iduarte"
    assert {event.actor for event in found.of(WorkItemEvent)} == {"iduarte"}
    assert "iduarte" in {event.author for event in found.of(UserEvent)}
    assert "ines.d" not in {event.author for event in found.of(UserEvent)}
    last = found.told["gitlab.merge_requests"]
    assert last.unknown_people == ()
    assert last.hints == (
        "iduarte is called ines.d in GitLab now and still counted: in team.yml write ines.d, and iduarte among other_usernames",
    )
    assert asked.count("POST /api/graphql") == 6  # 3 as ever, the number, the new name, the projects of events


def test_renamed__whoever_took_the_name_is_a_stranger() -> None:
    state = support_gitlab()
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - 2 * DAY)
        state.rename_user("iduarte", "ines.d")
        state.add_user("iduarte", "Somebody else")
        merge(state, "iduarte", 1)
        merge(state, "ines.d", 1)
        state.add_issue(PRODUCT, "iduarte", "x", created_at=NOW - DAY)
        state.add_issue(PAIRING, "iduarte", "x", created_at=NOW - DAY, assignees=("iduarte",))
        there.run(found)

    assert authors(found) == [("iduarte", "ines.d 1")]
    assert [(fact.area, fact.author, fact.assignees) for fact in found.of(WorkItem)] == [("pairing", "", ())]


def test_renamed__before_any_run_is_unknown() -> None:
    state = support_gitlab()
    state.rename_user("iduarte", "ines.d")
    merge(state, "ines.d", 1)
    with gathering(state) as there:
        found = there.run(Gathered())

    assert found.told["gitlab.merge_requests"].unknown_people == ("iduarte",)
    assert authors(found) == []


def test_renamed__once_the_team_file_follows_everything_is_as_before() -> None:
    state = support_gitlab()
    merge(state, "iduarte", 3)
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - 2 * DAY)
        state.rename_user("iduarte", "ines.d")
        there.run(found, now=NOW - DAY)
        there.run(found, people={"ines.d": ("ines.d", "iduarte")})

    assert authors(found) == [("ines.d", "iduarte 3")]
    assert (found.told["gitlab.merge_requests"].unknown_people, found.told["gitlab.merge_requests"].hints) == ((), ())


def test_deleted_and_made_again__is_the_same_person() -> None:
    accounts = TeamAccounts({"iduarte": ("iduarte",)}, ())
    accounts.remember({"iduarte": "gid://gitlab/User/1"})
    again = KnownAccount(id="gid://gitlab/User/2", username="iduarte", bot=False)

    assert accounts.lost(["iduarte"], [again]) == ["gid://gitlab/User/1"]
    assert accounts.meet(["iduarte"], [again], []) == []
    assert (accounts.name(again), accounts.ids, accounts.hints) == ("iduarte", {"iduarte": again.id}, ())


def test_renamed__a_stream_after_a_failed_one_still_knows_the_names() -> None:
    state = support_gitlab()
    with gathering(state) as there:
        found = there.run(Gathered(), now=NOW - 2 * DAY)
        state.rename_user("iduarte", "ines.d")
        state.add_issue(PAIRING, "jbeck", "Geo", created_at=NOW - DAY, assignees=("ines.d",))
        there.sandbox.faults.add(failing("/api/graphql", status=403))
        there.run_on(found)

    assert [fact.assignees for fact in found.of(WorkItem)] == [("iduarte",)]


# --- bots -------------------------------------------------------------------------------------------


def test_bots__are_nobody_in_every_fact() -> None:
    state = support_gitlab()
    state.add_user("helper", "Helper", bot=True)
    state.add_user("project_1001_bot_5f3a", "Token")
    state.add_user("service_account_group_7_0aF3", "Service")
    bots = ("helper", "project_1001_bot_5f3a", "service_account_group_7_0aF3", "support-forms")
    for bot in bots:
        for path in (PAIRING, REQUESTS):
            state.add_member(path, bot, 10)
            closed = {"closed_at": NOW - HOUR, "closed_by": bot} if path == REQUESTS else {}
            people = (bot, "iduarte")
            state.add_issue(path, bot, bot, created_at=NOW - DAY, labels=("a",), assignees=people, **closed)  # type: ignore[arg-type]
    with gathering(state) as there:
        found = there.run(Gathered())

    assert {(fact.author, fact.assignees, fact.closed_by) for fact in found.of(WorkItem)} == {("", ("iduarte",), "")}
    assert {event.actor for event in found.of(WorkItemEvent)} == {""}
    assert len(found.of(WorkItem)) == 8


@pytest.mark.parametrize(("excluded", "is_bot"), [(("jbeck",), False), ((), True)])
def test_bots__named_in_the_team_count_for_nobody(excluded: tuple[str, ...], is_bot: bool) -> None:
    state = support_gitlab()
    state.user("jbeck").bot = is_bot
    merge(state, "jbeck", 1)
    state.add_issue(PRODUCT, "jbeck", "x", created_at=NOW - DAY)
    with gathering(state) as there:
        found = there.run(Gathered(), excluded_accounts=excluded)

    assert found.facts == {}
    said = found.told["gitlab.merge_requests"].hints
    assert said == (("jbeck is a bot's account in GitLab: what it does counts for nobody, though team.yml names it",) * is_bot)


@pytest.mark.parametrize(
    "username",
    [
        "project_7_bot_0a1b2c",
        "project_7_bot",
        "project_7_bot2",
        "group_7_bot_0a1b2c",
        "service_account_0a1b",
        "service_account_group_12_0a1b",
        "ghost",
        "GitLab-Security-Policy-Bot",
        "support-bot",
    ],
)
def test_bots__are_known_by_the_names_gitlab_gives_them(username: str) -> None:
    assert TeamAccounts({}, ()).name(Account(username=username)) == ""


@pytest.mark.parametrize("username", ["project_lead", "botond", "group_7_bottom", "ghostwriter", "support", "abbott"])
def test_bots__people_with_such_names_are_people(username: str) -> None:
    assert TeamAccounts({}, ()).name(Account(username=username)) == username


def test_bots__once_known_are_known_where_nobody_says_so() -> None:
    accounts = TeamAccounts({}, ())
    assert accounts.name(KnownAccount(id="1", username="helper", bot=True)) == ""

    assert accounts.name(Account(username="helper")) == ""
