"""Everything about one person: given out whole, erased from every file and issue, and not gathered again."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.commands import console
from reports.core.publication import block_of
from reports.core.published import PublishedWeek
from reports.errors import PublishError, UsageError
from reports.jobs import personal_data, stages
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.jobs.retention import retain
from reports.sandbox.faults import failing
from reports.sandbox.gitlab_objects import Issue
from reports.wiring.house import House
from tests.integration.gathered import GatheredDemos, leave_the_team
from tests.integration.organisation import fresh_house, issue_of, reports, run
from tests.integration.test_command_line import at

KARIM = re.compile(rb"kaziz|karim aziz", re.IGNORECASE)
HIS_AGENT = re.compile(rb"(?<!\d)4410009(?!\d)")


def names_in(folder: Path, pattern: re.Pattern[bytes] = KARIM) -> list[str]:
    """The files below a folder that name somebody; Parquet is read as text, since it is compressed."""
    return sorted(name for name, text in _texts(folder) if pattern.search(text))


def _texts(folder: Path) -> Iterator[tuple[str, bytes]]:
    import duckdb

    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            found = duckdb.execute("SELECT * FROM read_parquet($1, hive_partitioning = false)", [str(path)])
            content = repr(found.fetchall()).encode()
        yield str(path.relative_to(folder)), content + str(path.relative_to(folder)).encode()


def about_karim(demo: Demo) -> list[Issue]:
    return [issue for issue in reports(demo).values() if (block := block_of(issue.description)) and "/kaziz/" in block.key]


def forget(house: House, person: str = "kaziz") -> personal_data.Forgotten:
    about = personal_data.subject(house, person)
    personal_data.refuse_to_forget(house, about)
    return personal_data.forget(house, about, personal_data.held(house, about, with_issues=True))


@pytest.fixture
def gathered(tmp_path: Path, gathered_demos: GatheredDemos) -> Iterator[Demo]:
    """Half of the organisation, its facts gathered already."""
    with gathered_demos.open(tmp_path / "demo", is_half=True) as opened:
        yield opened


@pytest.fixture
def left(gathered: Demo) -> Demo:
    """The organisation after a week of reports, from which Karim Aziz has gone."""
    run(gathered)
    retain(fresh_house(gathered), console.silent)
    assert len(about_karim(gathered)) == 2
    assert names_in(gathered.house.store_folder)
    leave_the_team(gathered.house.config, "kaziz")
    return gathered


# --- forget ---------------------------------------------------------------------------------------


def test_forget__leaves_no_trace_takes_nothing_from_others_and_lets_nothing_come_back(left: Demo) -> None:
    house = fresh_house(left)
    stages.write_files(house, left.week, stages.render(house, left.week, console.silent), console.silent)
    stages.hear(house, left.week, console.silent)
    others = {place: issue.description for place, issue in reports(left).items() if "/1-1s/" in place and "kaziz" not in place}
    before = len(list(house.store.facts()))

    done = forget(fresh_house(left))

    assert (len(done.deleted), len(done.emptied)) == (2, 0)
    assert names_in(left.house.store_folder) == names_in(left.house.store_folder, HIS_AGENT) == []
    assert about_karim(left) == []
    assert [place for place, issue in reports(left).items() if KARIM.search(issue.description.encode())] == []
    assert {place: issue.description for place, issue in reports(left).items() if place in others} == others
    assert 0 < before - len(list(fresh_house(left).store.facts())) < done.facts
    published = fresh_house(left).files(left.week).find(stages.PUBLISHED, PublishedWeek)
    assert published is not None
    assert len(published.engineers) == 11

    for stream in fresh_house(left).store.coverage():
        fresh_house(left).store.start(stream, fresh_house(left).clock.now())
    outcome = run(left)

    assert outcome.applied.failures == ()
    assert names_in(left.house.store_folder) == names_in(left.house.store_folder, HIS_AGENT) == []
    assert about_karim(left) == []


def test_forget__broken_off_and_done_again_it_finishes_and_empties_what_it_may_not_delete(left: Demo) -> None:
    places = sorted(f"{issue.project.path}#{issue.iid}" for issue in about_karim(left))
    left.sandbox.faults.add(failing("/issues/", method="DELETE", status=500, first=2))
    with pytest.raises(PublishError, match="delete"):
        forget(fresh_house(left))
    assert names_in(left.house.store_folder)

    left.sandbox.faults.clear()
    left.sandbox.faults.add(failing("/issues/", method="DELETE", status=403, count=None))
    done = forget(fresh_house(left))

    assert names_in(left.house.store_folder) == []
    assert (len(done.deleted), len(done.emptied)) == (0, 1)
    (emptied,) = (issue for place, issue in reports(left).items() if place in places)
    assert (emptied.state, emptied.title, emptied.assignee_ids) == ("closed", "Erased report", [])
    assert emptied.description == "What stood here was erased on request."


def test_forget__somebody_in_the_team_is_refused_until_a_gate_is_shut(gathered: Demo) -> None:
    run(gathered)
    with pytest.raises(UsageError, match="would bring everything back") as refused:
        forget(fresh_house(gathered))
    assert "- person: kaziz" in refused.value.hint
    assert len(about_karim(gathered)) == 2

    rules = gathered.house.config / "rules.yml"
    rules.write_text(rules.read_text(encoding="utf-8") + "\ngates:\n  - person: kaziz\n", encoding="utf-8")
    forget(fresh_house(gathered))
    outcome = run(gathered)

    assert names_in(gathered.house.store_folder) == names_in(gathered.house.store_folder, HIS_AGENT) == []
    assert outcome.applied.created == 0
    assert about_karim(gathered) == []


def test_forget_command__shows_first_and_erases_with_yes_and_names_nobody_in_a_pipeline(left: Demo) -> None:
    shown = at(left, "forget", "kaziz")

    assert shown.returncode == 2
    assert "issue: acme/support/1-1s/kaziz#1" in shown.stdout
    assert "names them: acme/support/managers#" in shown.stdout
    assert "nothing was erased yet" in shown.stderr
    assert names_in(left.house.store_folder)
    unknown = at(left, "forget", "kazis", "--yes")
    assert (unknown.returncode, "nobody called 'kazis'" in unknown.stderr) == (2, True)

    done = at(left, "forget", "kaziz", "--yes", "--keep-issues", environment=ENVIRONMENT | {"CI": "true"})

    assert (done.returncode, done.stderr) == (0, "")
    assert "not erased: e-mails that GitLab has sent" in done.stdout
    assert KARIM.search(done.stdout.encode()) is None
    assert names_in(left.house.store_folder) == []
    assert len(about_karim(left)) == 2


# --- export and log -------------------------------------------------------------------------------


def test_export__holds_everything_that_forget_would_erase_and_the_log(gathered: Demo, tmp_path: Path) -> None:
    run(gathered)
    once = fresh_house(gathered).logs.of("kaziz")
    run(gathered)
    assert fresh_house(gathered).logs.of("kaziz") == once, "a run that changes nothing adds nothing"
    gathered.sandbox.gitlab.add_note(issue_of(gathered, "kaziz"), "kaziz", "I was at a conference.", at=gathered.world.now)
    out = tmp_path / "out"

    done = at(gathered, "export", "kaziz", "--into", out)

    assert (done.returncode, done.stderr) == (0, "")
    assert at(gathered, "export", "kaziz", "--into", out).returncode == 2, "never over something that is there"
    facts = json.loads((out / "facts.json").read_text(encoding="utf-8"))
    engineer = gathered.house.settings.team.engineer("kaziz")
    assert {row["actor_id"] for row in facts["ticket_events"]} >= {engineer.zendesk_id}
    assert {row["author"] for row in facts["merge_requests"]} == {"kaziz"}
    weeks = json.loads((out / "weeks.json").read_text(encoding="utf-8"))
    assert weeks[str(gathered.week)]["status"] == "not_met"
    assert json.loads((out / "settings.json").read_text(encoding="utf-8"))["person"]["email"] == engineer.email
    log = {entry["report"] or entry["deed"]: entry for entry in json.loads((out / "log.json").read_text(encoding="utf-8"))}
    assert set(log) == {"goals changed", "engineer_weekly", "follow_up", "everything was given out"}
    assert log["engineer_weekly"]["readers"] == ["kaziz", "plindqvist", "support-reports-bot"]
    assert log["follow_up"]["readers"] == ["plindqvist", "support-reports-bot"]
    issues = "".join(path.read_text(encoding="utf-8") for path in (out / "issues").iterdir())
    assert "I was at a conference." in issues
    assert "Follow-up from" in issues
    for name in ("weeks", "days", "conversations"):
        assert b"iduarte" not in (out / f"{name}.json").read_bytes()
