from datetime import date
from pathlib import Path

import pytest

from reports.core.proposal import Account, DeskAgent, Match, Proposal
from reports.measures.registry import catalogue
from reports.settings.first_config import CHECK, FirstPlaces, first_config
from reports.settings.loader import check, load

PLACES = FirstPlaces(
    gitlab_url="https://gitlab.example.com", zendesk_url="https://acme.zendesk.example.com", group="acme/support"
)
TODAY = date(2026, 11, 21)
HANA = Match(
    account=Account(
        username="hmori", name="Hana Mori", email="hmori@example.com", access_level=40, is_bot=False, joined=date(2020, 1, 6)
    ),
    agent=DeskAgent(id=9, name="Hana Mori", email="hmori@example.com", time_zone="Asia/Tokyo"),
    by="e-mail",
)


def engineer(name: str = "Ines Duarte", agent: DeskAgent | None = None, by: str = "") -> Match:
    account = Account(username="iduarte", name=name, email="", access_level=20, is_bot=False, joined=date(2024, 2, 5))
    return Match(account=account, agent=agent, by=by)


def written(folder: Path, *engineers: Match, left: tuple[DeskAgent, ...] = ()) -> str:
    """The team file of a first config in a folder."""
    found = Proposal(managers=(HANA,), engineers=engineers, agents_left=left)
    for name, text in first_config(found, PLACES, TODAY).items():
        (folder / name).write_text(text, encoding="utf-8")
    return (folder / "team.yml").read_text(encoding="utf-8")


def test_first_config__passes_the_check(tmp_path: Path) -> None:
    written(tmp_path, engineer())

    assert [str(problem) for problem in check(tmp_path, catalogue()) if problem.severity == "error"] == []


@pytest.mark.parametrize(
    "name",
    ["Ines: Duarte #1", "yes", "- x", "007", "{a: b}", 'O\'Hara "Ines"', "Ænes\\n", "*alias", "null", "2024-01-01", "x" * 150],
)
def test_first_config__keeps_every_name_as_it_is(tmp_path: Path, name: str) -> None:
    written(tmp_path, engineer(name))

    assert load(tmp_path, catalogue()).team.engineers[0].name == name


def test_first_config__marks_whom_it_could_not_match(tmp_path: Path) -> None:
    team = written(tmp_path, engineer())

    assert f"    # zendesk_id:  {CHECK}: no agent was surely this person" in team
    assert load(tmp_path, catalogue()).team.engineers[0].zendesk_id is None


def test_first_config__says_when_only_the_name_is_the_same(tmp_path: Path) -> None:
    same_name = DeskAgent(id=7, name="Ines Duarte", email="", time_zone="")

    assert f"zendesk_id: 7 {CHECK}: only the name is the same" in written(tmp_path, engineer(agent=same_name, by="name"))


def test_first_config__takes_what_an_agent_tells(tmp_path: Path) -> None:
    agent = DeskAgent(id=7, name="Ines Duarte", email="ines@example.com", time_zone="Europe/Lisbon")
    written(tmp_path, engineer(agent=agent, by="e-mail"))

    ines = load(tmp_path, catalogue()).team.engineers[0]

    assert (ines.zendesk_id, ines.email, ines.time_zone) == (7, "ines@example.com", "Europe/Lisbon")
    assert (ines.start_date, ines.reports_to) == (date(2024, 2, 5), "hmori")


def test_first_config__lists_agents_that_are_nobody_and_no_name_of_theirs_leaves_its_line(tmp_path: Path) -> None:
    team = written(tmp_path, engineer(), left=(DeskAgent(id=3, name="Eve\nmanagers: []", email="", time_zone=""),))

    assert "#   3  Eve managers: []" in team
    assert [manager.username for manager in load(tmp_path, catalogue()).team.managers] == ["hmori"]
