"""The command line as a person or a pipeline meets it: a process of its own, its words and its exit code."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reports.jobs.demo import ENVIRONMENT, Demo
from reports.sandbox.faults import failing
from reports.sandbox.gitlab_objects import REPORTER
from tests.integration.organisation import EXAMPLE, ROOT, reports

COMMAND = Path(sys.executable).with_name("support-reports")
NOBODY_LISTENS = "http://127.0.0.1:9"


def call(*arguments: object, environment: dict[str, str] | None = None, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command with nothing of our own environment but what a process needs."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | (environment or {})
    return subprocess.run([COMMAND, *map(str, arguments)], env=env, cwd=folder, capture_output=True, text=True, check=False)


def at(demo: Demo, *arguments: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command on the demo's config and store."""
    where = ("--config", demo.house.config, "--store", demo.house.store_folder)
    return call(*where, *arguments, environment=dict(ENVIRONMENT) if environment is None else environment)


def edited(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the example's config with one text replaced."""
    shutil.copytree(EXAMPLE, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


# --- the whole job --------------------------------------------------------------------------------


def test_weekly__publishes_says_what_it_did_and_ends_with_0(demo: Demo) -> None:
    done = at(demo, "weekly", "--week", demo.week)

    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert "issues: 31 created, 0 updated, 0 closed, 0 unchanged" in done.stdout
    assert len(reports(demo)) == 31


def test_plan__in_ci_shows_what_would_change_and_no_line_of_a_report(gathered: Demo) -> None:
    for stage in ("gather", "measure", "render"):
        assert at(gathered, stage, "--week", gathered.week).returncode == 0

    in_ci = at(gathered, "plan", "--week", gathered.week, environment=ENVIRONMENT | {"CI": "true"})
    by_hand = at(gathered, "plan", "--week", gathered.week)

    assert "31 to create, 0 to update, 0 to close, 0 unchanged" in in_ci.stdout
    assert "Agreed goals" not in in_ci.stdout
    assert "Agreed goals" in by_hand.stdout
    assert reports(gathered) == {}


def test_plan_json__is_the_whole_plan(gathered: Demo) -> None:
    for stage in ("gather", "measure", "render"):
        at(gathered, stage, "--week", gathered.week)

    planned = json.loads(at(gathered, "plan", "--json", "--week", gathered.week).stdout)

    assert {action["kind"] for action in planned["actions"]} == {"create"}
    assert len(planned["desired"]) == 31


def test_apply__refuses_a_plan_that_has_become_stale(gathered: Demo) -> None:
    for stage in ("gather", "measure", "render", "plan"):
        at(gathered, stage, "--week", gathered.week)
    at(gathered, "apply", "--week", gathered.week)

    again = at(gathered, "apply", "--week", gathered.week)

    assert (again.returncode, "is stale" in again.stderr) == (7, True)


def test_explain__shows_the_events_behind_a_number(gathered: Demo) -> None:
    at(gathered, "gather", "--week", gathered.week)

    told = at(gathered, "explain", "iduarte", gathered.week, "new_tickets")

    assert told.returncode == 0
    assert told.stdout.startswith("New tickets of iduarte in 2026-W46 (2026-11-09 to 2026-11-15)")
    assert "Target for the days available: 4\n" in told.stdout
    assert told.stdout.count("/agent/tickets/") == int(told.stdout.split("Evidence: ")[1].split(" ")[0])


# --- bad surroundings -----------------------------------------------------------------------------


def test_weekly__a_source_that_is_down_ends_with_9_after_publishing(demo: Demo) -> None:
    demo.sandbox.faults.add(failing("/incremental/", host="zendesk", status=403, count=None))

    done = at(demo, "weekly", "--week", demo.week)

    assert done.returncode == 9
    assert "missing: zendesk.tickets: Zendesk does not let the token read this (403 at " in done.stderr
    assert "missing: zendesk.ticket_events: Zendesk does not let the token read this (403 at " in done.stderr
    assert "31 created" in done.stdout


def test_weekly__a_refused_token_names_the_variable(demo: Demo) -> None:
    done = at(demo, "weekly", "--week", demo.week, environment=ENVIRONMENT | {"GITLAB_TOKEN": "expired-token-value"})

    assert done.returncode == 7
    assert "GITLAB_TOKEN" in done.stderr
    assert "expired-token-value" not in done.stdout + done.stderr
    assert reports(demo) == {}


def test_weekly__missing_secrets_are_named_together(demo: Demo) -> None:
    done = at(demo, "weekly", "--week", demo.week, environment={})

    assert done.returncode == 2
    for name in ("GITLAB_TOKEN", "ZENDESK_CLIENT_ID", "ZENDESK_CLIENT_SECRET"):
        assert name in done.stderr


def test_gather__a_server_that_cannot_be_reached_is_named_and_the_other_is_read(demo: Demo) -> None:
    sources = demo.house.config / "sources.yml"
    text = sources.read_text(encoding="utf-8")
    sources.write_text(text.replace(demo.sandbox.gitlab_url, NOBODY_LISTENS), encoding="utf-8")

    done = at(demo, "gather", "--week", demo.week)

    assert done.returncode == 9
    gitlab = "gitlab.merge_requests, gitlab.issues, gitlab.pairing, gitlab.training, gitlab.attention_requests, gitlab.feedback"
    assert f"missing: {gitlab}: GitLab at {NOBODY_LISTENS} cannot be reached: the connection was refused or cut" in done.stderr
    assert "Check the address in config/sources.yml" in done.stderr
    assert "gitlab.issues               until never                          0 rows\n" in done.stdout
    assert "zendesk.tickets             until never" not in done.stdout


def test_gather__when_no_source_can_be_read_ends_with_4(tmp_path: Path) -> None:
    config = edited(tmp_path / "config", "sources.yml", "https://gitlab.example.com", NOBODY_LISTENS)
    sources = config / "sources.yml"
    placeholder = "https://acme.zendesk.example.com"
    sources.write_text(sources.read_text(encoding="utf-8").replace(placeholder, NOBODY_LISTENS), encoding="utf-8")

    done = call("--config", config, "--store", tmp_path / "store", "gather", "--week", "2026-W46", environment=dict(ENVIRONMENT))

    assert done.returncode == 4
    assert done.stderr.count(f"at {NOBODY_LISTENS} cannot be reached") == 2


def test_weekly__a_missing_project_ends_with_7_and_writes_nothing(gathered: Demo) -> None:
    del gathered.sandbox.gitlab.projects["acme/support/managers"]

    done = at(gathered, "weekly", "--week", gathered.week)

    assert (done.returncode, "has no project acme/support/managers" in done.stderr) == (7, True)
    assert reports(gathered) == {}


def test_weekly__the_wrong_eyes_end_with_8_and_a_name(gathered: Demo) -> None:
    gathered.sandbox.gitlab.add_member("acme/support/1-1s/iduarte", "jbeck", REPORTER)

    done = at(gathered, "weekly", "--week", gathered.week)

    assert done.returncode == 8
    assert "engineer_weekly in acme/support/1-1s/iduarte: jbeck (access level 20) could read it" in done.stderr
    assert "Ines" not in done.stdout + done.stderr


def test_measure__before_gathering_everything_is_no_data_and_no_crash(demo: Demo) -> None:
    done = at(demo, "measure", "--week", demo.week)

    assert done.returncode == 0


def test_render__before_measuring_says_what_to_run_first(demo: Demo) -> None:
    done = at(demo, "render", "--week", demo.week)

    assert done.returncode == 5
    assert "run `support-reports measure` first" in done.stderr


# --- configuration --------------------------------------------------------------------------------


def test_check__the_example_is_fine() -> None:
    done = call("check")

    assert done.returncode == 0
    assert "error" not in done.stdout


def test_check__a_typo_is_named_with_file_line_column_and_the_nearest_word(tmp_path: Path) -> None:
    config = edited(tmp_path / "config", "goals.yml", "{docs_updates: {target: 3", "{docs_update: {target: 3")

    done = call("--config", config, "check")

    assert done.returncode == 3
    assert "goals.yml:41:15: error: unknown measure 'docs_update'; did you mean 'docs_updates'?" in done.stdout


def test_any_command__with_broken_configuration_ends_with_3(tmp_path: Path) -> None:
    config = edited(tmp_path / "config", "team.yml", "reports_to: plindqvist", "reports_to: plindquist")

    done = call("--config", config, "measure", "--week", "2026-W46")

    assert done.returncode == 3
    assert "did you mean 'plindqvist'?" in done.stderr


@pytest.mark.parametrize("week", ["2026-46", "2026-W60", "yesterday"])
def test_a_wrong_week__is_a_wrong_use_and_says_how_to_write_one(week: str) -> None:
    done = call("measure", "--week", week)

    assert done.returncode == 2
    assert "2026-W46" in done.stderr or "has no week 60" in done.stderr


def test_help__teaches_the_commands_and_the_exit_codes() -> None:
    text = call("--help").stdout

    for word in ("demo", "weekly", "explain", "9 partial", "8 refused"):
        assert word in text


def test_schema__is_what_editors_are_given(tmp_path: Path) -> None:
    assert call("schema", "--into", tmp_path).returncode == 0

    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    shipped = {path.name: path.read_text(encoding="utf-8") for path in (EXAMPLE / "schemas").iterdir()}
    assert written == shipped


# --- the demo -------------------------------------------------------------------------------------


def test_demo_json__is_one_object_with_the_figures_of_both_runs(tmp_path: Path) -> None:
    done = call("demo", "--json", "--folder", tmp_path / "demo")
    figures = json.loads(done.stdout)

    assert done.returncode == 0
    assert set(figures) == {"week", "first", "second"}
    assert (figures["first"]["created"], figures["second"]["unchanged"]) == (31, 31)
    assert [figures["second"][name] for name in ("created", "updated", "closed", "writes")] == [0, 0, 0, 0]
    assert set(figures["first"]["requests"]) == {"gitlab", "zendesk"}
    pictures = list((tmp_path / "demo").rglob("engineer_weekly/iduarte/*.svg"))
    assert len(pictures) == 4


def test_demo__never_empties_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")

    done = call("demo", "--folder", tmp_path)

    assert done.returncode == 2
    assert (tmp_path / "precious.txt").read_text(encoding="utf-8") == "mine"
