"""A first config from the sandbox over real HTTP: who is matched, what is marked, and that nothing is written over unasked."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from reports.commands import console
from reports.core.health import Verdict
from reports.errors import SourceError, UsageError
from reports.jobs import first_steps
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.jobs.doctor import examine
from reports.jobs.first_steps import FirstSteps
from reports.measures.registry import catalogue
from reports.sandbox.gitlab_objects import DEVELOPER, GUEST, PLANNER, REPORTER
from reports.sandbox.server import ZENDESK
from reports.sandbox.world_gitlab import PRODUCT_GROUP, READER, WRITER
from reports.sandbox.world_gitlab import TEAM_GROUP as GROUP
from reports.settings.first_config import CHECK, FirstPlaces, first_places
from reports.settings.loader import load
from reports.wiring.house import House
from tests.integration.organisation import fresh_house
from tests.integration.test_command_line import COMMAND, NOBODY_LISTENS, call

#: 24 engineers, 4 managers, the bot and the customer; 23 engineers, the managers, the administrator and a program.
PROGRESS = "init:   0%  members of acme/team\ninit:  50%  agents of Zendesk\ninit: 100%  30 members, 29 agents\n"


@pytest.fixture
def founded(demo: Demo) -> Demo:
    """The organisation, with a customer in the group that everybody is a member of."""
    demo.sandbox.gitlab.add_member(GROUP, "customer-ana", GUEST)
    return demo


def places(demo: Demo, group: str = GROUP) -> FirstPlaces:
    return first_places(demo.sandbox.gitlab_url, demo.sandbox.zendesk_url, group)


def proposed(demo: Demo, *managers: str) -> FirstSteps:
    return first_steps.propose(fresh_house(demo), places(demo), managers, console.silent)


def init(
    demo: Demo, folder: Path, *more: str, environment: dict[str, str] | None = None, group: str = GROUP
) -> subprocess.CompletedProcess[str]:
    """The command as somebody calls it in a folder."""
    where = ("--group", group, "--gitlab-url", demo.sandbox.gitlab_url, "--zendesk-url", demo.sandbox.zendesk_url)
    return call("init", *where, *more, environment=dict(ENVIRONMENT) if environment is None else environment, folder=folder)


def test_init__in_an_empty_folder_writes_a_config_that_passes_the_check(founded: Demo, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()

    done = init(founded, folder)
    checked = call("check", folder=folder)

    team = founded.house.settings.team
    assert (done.returncode, done.stderr) == (0, PROGRESS)
    assert "24 engineers and 4 managers into config" in done.stdout
    assert (checked.returncode, "error" in checked.stdout) == (0, False)
    written = load(folder / "config", catalogue())
    assert [one.username for one in written.team.engineers] == [one.username for one in team.engineers]
    assert [one.username for one in written.team.managers] == [one.username for one in team.managers]
    assert {one.username: one.zendesk_id for one in written.team.engineers} == {
        one.username: one.zendesk_id for one in team.engineers
    }
    assert written.sources.gitlab.url == founded.sandbox.gitlab_url
    assert (folder / "config/schemas/team.json").exists()


def test_proposal__is_well_to_the_doctor_once_its_projects_are_made(founded: Demo, tmp_path: Path) -> None:
    gitlab, team = founded.sandbox.gitlab, founded.house.settings.team
    files = dict(proposed(founded).files)
    files["sources.yml"] = files["sources.yml"].replace("product_group: acme ", f"product_group: {PRODUCT_GROUP} ")
    first_steps.write(files, tmp_path)
    for name in ("handbook", "support-training", "support-pairing"):
        gitlab.add_project(f"{GROUP}/{name}")
    gitlab.add_project(f"{GROUP}-reports/managers")
    gitlab.add_member(f"{GROUP}-reports", WRITER, PLANNER)
    for manager in team.managers:
        gitlab.add_member(f"{GROUP}-reports/managers", manager.username, PLANNER)
    first = min(team.managers, key=lambda manager: manager.name)
    for engineer in team.engineers:
        path = f"{GROUP}-reports/1-1s/{engineer.username}"
        gitlab.add_project(path)
        gitlab.add_member(path, engineer.username, GUEST)
        gitlab.add_member(path, first.username, PLANNER)
    house = House(config=tmp_path, store_folder=tmp_path / "store", environment=ENVIRONMENT, clock=founded.house.clock)

    found = examine(house, console.silent)

    assert [(one.subject, one.verdict) for one in found if one.verdict is not Verdict.OK] == [("pipelines", Verdict.UNSEEN)]


def test_init__asks_nothing_that_writes_and_each_list_by_pages(founded: Demo) -> None:
    founded.sandbox.reset_log()

    proposed(founded)

    asked = founded.sandbox.requests
    assert asked.writes() == 0
    assert asked.by_host() == {"gitlab": 3, "zendesk": 2}


def test_proposal__follows_every_page_of_a_large_group(founded: Demo) -> None:
    gitlab = founded.sandbox.gitlab
    for number in range(230):
        gitlab.add_user(f"person{number:03}", f"Person Number{number}")
        gitlab.add_member(GROUP, f"person{number:03}", DEVELOPER)

    assert len(proposed(founded).found.engineers) == 24 + 230


def test_proposal__matches_by_address_where_gitlab_shows_it_and_by_name_elsewhere(founded: Demo) -> None:
    gitlab = founded.sandbox.gitlab
    gitlab.user("iduarte").shows_email = True
    gitlab.user("iduarte").name = "I. D."

    matches = {match.account.username: match for match in proposed(founded).found.engineers}

    assert (matches["iduarte"].by, matches["jbeck"].by) == ("e-mail", "name")
    assert matches["iduarte"].agent is not None


def test_proposal__marks_whom_it_could_not_match(founded: Demo) -> None:
    gitlab = founded.sandbox.gitlab
    gitlab.add_user("newcomer", "Nora Newcomer")
    gitlab.add_member(GROUP, "newcomer", DEVELOPER)

    steps = proposed(founded)

    own = steps.files["team.yml"].partition("username: newcomer")[2].partition("- username")[0]
    assert [match.account.username for match in steps.found.unmatched] == ["newcomer", "tbaker"]
    assert f"# zendesk_id:  {CHECK}: no agent was surely this person" in own


def test_proposal__leaves_out_bots_customers_and_who_is_blocked(founded: Demo) -> None:
    gitlab = founded.sandbox.gitlab
    gitlab.user("jbeck").state = "blocked"

    names = {match.account.username for match in proposed(founded).found.engineers}

    assert names & {READER, "customer-ana", "jbeck"} == set()


def test_proposal__takes_the_named_managers_and_everybody_else_as_engineer(founded: Demo) -> None:
    found = proposed(founded, "OHart").found

    assert [match.account.username for match in found.managers] == ["ohart"]
    assert "plindqvist" in {match.account.username for match in found.engineers}


def test_proposal__a_manager_who_is_no_member_is_named_with_the_nearest(founded: Demo) -> None:
    with pytest.raises(UsageError, match="acme/team has no member with that username") as refused:
        proposed(founded, "plindquist")

    assert refused.value.hint == "did you mean 'plindqvist'?"


def test_proposal__a_group_that_is_not_there_is_named(founded: Demo) -> None:
    with pytest.raises(SourceError, match="has no group acme/nobody, or the token cannot see it"):
        first_steps.propose(fresh_house(founded), places(founded, "acme/nobody"), (), console.silent)


def test_proposal__a_group_without_maintainers_asks_for_managers(founded: Demo) -> None:
    founded.sandbox.gitlab.add_group("acme/flat")
    founded.sandbox.gitlab.add_member("acme/flat", "iduarte", DEVELOPER)
    founded.sandbox.gitlab.add_member("acme/flat", READER, REPORTER)

    with pytest.raises(UsageError) as refused:
        first_steps.propose(fresh_house(founded), places(founded, "acme/flat"), (), console.silent)

    assert "--manager USERNAME" in refused.value.hint


def test_init__refuses_to_write_over_files_without_a_terminal(founded: Demo, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/team.yml").write_text("mine\n", encoding="utf-8")

    refused = init(founded, tmp_path)

    assert refused.returncode == 2
    assert "config holds team.yml already; nothing was written" in refused.stderr
    assert "--into" in refused.stderr
    assert sorted(path.name for path in (tmp_path / "config").iterdir()) == ["team.yml"]
    assert (tmp_path / "config/team.yml").read_text(encoding="utf-8") == "mine\n"
    assert init(founded, tmp_path, "--into", "elsewhere").returncode == 0
    assert init(founded, tmp_path, "--yes").returncode == 0
    assert init(founded, tmp_path).returncode == 0, "what is the same is not written over"


@pytest.mark.parametrize(("answer", "code", "is_kept"), [("n", 2, True), ("y", 0, False)])
def test_init__asks_on_a_terminal(answer: str, code: int, is_kept: bool, founded: Demo, tmp_path: Path) -> None:
    team = tmp_path / "team.yml"
    team.write_text("mine\n", encoding="utf-8")
    where = ("--group", GROUP, "--gitlab-url", founded.sandbox.gitlab_url, "--zendesk-url", founded.sandbox.zendesk_url)
    keyboard, terminal = pty.openpty()
    with os.fdopen(keyboard, "wb", buffering=0) as typing, os.fdopen(terminal, "rb") as read:
        typing.write(f"{answer}\n".encode())
        done = subprocess.run(
            [COMMAND, "init", *where, "--into", tmp_path],
            env=ENVIRONMENT | {"PATH": os.environ["PATH"]},
            stdin=read,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == code
    assert "holds team.yml already. Write over them? [y/N]" in done.stdout
    assert (team.read_text(encoding="utf-8") == "mine\n") is is_kept


def test_init__names_every_missing_secret_and_asks_nobody(founded: Demo, tmp_path: Path) -> None:
    founded.sandbox.reset_log()

    refused = init(founded, tmp_path, environment={})

    assert refused.returncode == 2
    for name in ("GITLAB_READ_TOKEN or GITLAB_TOKEN", "ZENDESK_TOKEN or ZENDESK_CLIENT_ID"):
        assert name in refused.stderr
    assert list(founded.sandbox.requests) == []


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://gitlab.example.com", "plain http would send tokens unprotected"),
        ("gitlab.example.com", "this is not the address of a server"),
    ],
)
def test_init__an_address_that_would_give_a_secret_away_is_refused(address: str, says: str, tmp_path: Path) -> None:
    where = ("--group", GROUP, "--gitlab-url", address, "--zendesk-url", NOBODY_LISTENS)

    refused = call("init", *where, environment=dict(ENVIRONMENT), folder=tmp_path)

    assert (refused.returncode, f"--gitlab-url: {says}" in refused.stderr) == (2, True)


def test_init__when_zendesk_refuses_nothing_is_written(founded: Demo, tmp_path: Path) -> None:
    refused = init(founded, tmp_path, environment=ENVIRONMENT | {"ZENDESK_CLIENT_SECRET": "wrong-secret"})

    assert refused.returncode == 4
    assert "ZENDESK_CLIENT_SECRET" in refused.stderr
    assert "wrong-secret" not in refused.stdout + refused.stderr
    assert not (tmp_path / "config").exists()
    assert founded.sandbox.requests.by_host()[ZENDESK] >= 1


def test_house__reads_no_settings_to_propose_them(founded: Demo, tmp_path: Path) -> None:
    house = House(config=tmp_path, store_folder=tmp_path, environment=ENVIRONMENT)

    first_steps.propose(house, places(founded), (), console.silent)

    assert "settings" not in vars(house)
