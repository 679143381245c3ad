"""What a pipeline prints, and what it leaves for others to see: no name of anybody."""

import os
import re
import subprocess
import sys
from pathlib import Path

from reports.core.publication import report_of
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.sandbox.faults import failing
from reports.sandbox.gitlab_objects import PLANNER
from tests.integration.organisation import ROOT, issue_of, reports
from tests.integration.test_command_line import at

IN_CI = ENVIRONMENT | {"CI": "true"}


def words(demo: Demo) -> re.Pattern[str]:
    """Every username, name, first or last name, and address of everybody in the team."""
    team = demo.house.settings.team
    people = [(person.username, person.name, person.email) for person in team.engineers]
    people += [(person.username, person.name, person.email) for person in team.managers]
    known = {word for person in people for word in (*person, *person[1].split())}
    return re.compile("|".join(rf"\b{re.escape(word)}\b" for word in sorted(known, key=len, reverse=True)), re.IGNORECASE)


def printed(demo: Demo, *command: object) -> tuple[int, str]:
    done = at(demo, *command, environment=IN_CI)
    return done.returncode, done.stdout + done.stderr


def test_logs__of_every_command_that_a_pipeline_runs_name_nobody(demo: Demo) -> None:
    names, week = words(demo), ("--week", demo.week)
    log = {}
    for command in ("gather", "measure", "render", "plan", "apply", "weekly", "queue"):
        log[command] = printed(demo, command, *(() if command == "queue" else week))
    demo.sandbox.gitlab.add_note(issue_of(demo, "iduarte"), "iduarte", "available 3", at=demo.world.now)
    log["listen"] = printed(demo, "listen", *week)

    assert {command: code for command, (code, _) in log.items()} == dict.fromkeys(log, 0)
    assert {command: names.findall(text) for command, (_, text) in log.items()} == {command: [] for command in log}
    # Nor does what others see of an issue without reading it: labels of any, titles of those about a case.
    labels = {label for issue in reports(demo).values() for label in issue.labels}
    assert [label for label in labels if names.search(label)] == []
    cases = [issue.title for issue in reports(demo).values() if report_of(issue.description.partition("key=")[2]) == "follow_up"]
    assert len(cases) == 1
    assert names.search(cases[0]) is None


def test_logs__of_what_goes_wrong_name_nobody_either(gathered: Demo) -> None:
    names, week = words(gathered), ("--week", gathered.week)
    gathered.sandbox.gitlab.add_member("acme/support/1-1s/iduarte", "jbeck", PLANNER)
    place = gathered.sandbox.gitlab.projects["acme/support/1-1s/kaziz"].id
    gathered.sandbox.faults.add(failing(f"/projects/{place}/issues", method="POST", status=500, count=None))

    failed, log = printed(gathered, "weekly", *week)
    gathered.sandbox.faults.clear()
    refused, second = printed(gathered, "weekly", *week)
    by_hand = at(gathered, "weekly", *week)

    assert (failed, refused, by_hand.returncode) == (7, 8, 8)
    assert names.findall(log + second) == []
    assert "[somebody] (access level 15) could read it" in second
    assert "`support-reports plan` in a clone names everybody" in second
    assert "jbeck (access level 15) could read it" in by_hand.stderr


def test_artifacts__hold_what_was_printed_and_name_nobody(demo: Demo, tmp_path: Path) -> None:
    """What jobs leave is this folder and nothing else; tests/test_ci.py holds the pipelines against it."""
    demo.sandbox.gitlab.add_member("acme/support/1-1s/iduarte", "jbeck", PLANNER)
    recorded = IN_CI | {"GITLAB_CI": "true", "SUPPORT_REPORTS_RECORD": str(tmp_path / "build")}

    refused = at(demo, "weekly", "--week", demo.week, environment=recorded)

    assert refused.returncode == 8
    left = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "build").iterdir()}
    assert set(left) == {"summary.md", "junit.xml"}
    assert all("[somebody] (access level 15) could read it" in text for text in left.values())
    assert words(demo).findall("".join(left.values())) == []
    assert "gather:" not in left["summary.md"]


def test_traceback__of_a_bug_names_nobody_in_a_pipeline(demo: Demo, tmp_path: Path) -> None:
    recorded = IN_CI | {"SUPPORT_REPORTS_RECORD": str(tmp_path)}
    code = (
        "from reports.commands import cli\nfrom reports.jobs import stages\n"
        "def broken(house, *more): raise KeyError(house.settings.team.engineers[6].username)\n"
    )
    code += "stages.measure = broken\ncli.main()"
    where = ["--config", str(demo.house.config), "--store", str(demo.house.store_folder)]
    run = [sys.executable, "-c", code, *where, "measure", "--week", str(demo.week)]

    done = subprocess.run(run, env={"PATH": os.environ["PATH"]} | recorded, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "KeyError: '[somebody]'" in done.stderr
