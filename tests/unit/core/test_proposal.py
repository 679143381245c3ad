from typing import Any

import pytest

from reports.core.proposal import Account, DeskAgent, proposal


def account(username: str = "iduarte", **special: Any) -> Account:
    ordinary: dict[str, Any] = {"name": "Ines Duarte", "email": "", "access_level": 20, "is_bot": False, "joined": None}
    return Account(username=username, **(ordinary | special))


def agent(id: int = 1, **special: Any) -> DeskAgent:
    ordinary: dict[str, Any] = {"name": "Somebody Else", "email": "somebody@example.com", "time_zone": ""}
    return DeskAgent(id=id, **(ordinary | special))


def agents_of(*people: Account | DeskAgent) -> dict[str, int | None]:
    accounts = [one for one in people if isinstance(one, Account)]
    found = proposal(accounts, [one for one in people if isinstance(one, DeskAgent)])
    return {match.account.username: match.agent.id if match.agent else None for match in (*found.managers, *found.engineers)}


def test_proposal__the_same_address_is_the_same_person_whatever_the_name() -> None:
    assert agents_of(account(email="Ines@Example.com"), agent(7, email="ines@example.com")) == {"iduarte": 7}


@pytest.mark.parametrize("name", ["Inês Duarte", "Duarte, Ines", "INES DUARTE", "Ines  Duarte"])
def test_proposal__the_same_name_is_found_in_other_spellings(name: str) -> None:
    assert agents_of(account(), agent(7, name=name)) == {"iduarte": 7}


def test_proposal__a_first_name_alone_is_nobody() -> None:
    assert agents_of(account("ines", name="Ines"), agent(7, name="Ines")) == {"ines": None}


def test_proposal__a_username_is_found_in_the_address() -> None:
    assert agents_of(account(name="I. D."), agent(7, email="iduarte@example.com")) == {"iduarte": 7}


@pytest.mark.parametrize(
    "people",
    [
        (account("one"), account("two"), agent(7, name="Ines Duarte")),
        (account("one"), agent(7, name="Ines Duarte"), agent(8, name="Ines Duarte")),
    ],
    ids=["two accounts", "two agents"],
)
def test_proposal__a_name_that_two_bear_matches_nobody(people: tuple[Account | DeskAgent, ...]) -> None:
    assert set(agents_of(*people).values()) == {None}


def test_proposal__an_address_settles_whose_the_name_is() -> None:
    one, two = account("one", email="one@example.com"), account("two")
    sure, other = agent(7, name="Ines Duarte", email="one@example.com"), agent(8, name="Ines Duarte")

    assert agents_of(one, two, sure, other) == {"one": 7, "two": 8}


def test_proposal__bots_and_guests_are_not_proposed_and_maintainers_lead() -> None:
    bot, guest = account("bot", is_bot=True), account("guest", access_level=10)
    lead, engineer = account("lead", access_level=40), account("iduarte", access_level=30)

    found = proposal([bot, guest, lead, engineer], [])

    assert [match.account.username for match in found.managers] == ["lead"]
    assert [match.account.username for match in found.unmatched] == ["iduarte"]


def test_proposal__agents_that_are_nobody_are_listed_by_name() -> None:
    found = proposal([account()], [agent(3, name="Zoe Zorn"), agent(2, name="adam apple"), agent(1, name="Ines Duarte")])

    assert [one.id for one in found.agents_left] == [2, 3]


def test_proposal__managers_are_those_who_were_named() -> None:
    owner, named = account("owner", access_level=50), account("Named", access_level=30)

    found = proposal([owner, named], [], managers=["named"])

    assert [match.account.username for match in found.managers] == ["Named"]
    assert [match.account.username for match in found.engineers] == ["owner"]
