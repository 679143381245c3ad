"""`.gitlab-ci.yml` and the component against GitLab's own schema, and their promise that a person can run every job."""

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SUPPORT_REPORTS_SHARED", ROOT.parent / "shared"))
SCHEMA = SHARED / "contracts/gitlab/ci/ci.json"
COMPONENT = "templates/support-reports/template.yml"


def documents(path: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((ROOT / path).read_text(encoding="utf-8")))


def filled_in(node: Any, inputs: dict[str, Any]) -> Any:
    """A document with inputs put in as GitLab does it: what is nothing but an input keeps the input's type."""
    if isinstance(node, dict):
        return {key: filled_in(value, inputs) for key, value in node.items()}
    if isinstance(node, list):
        return [filled_in(value, inputs) for value in node]
    if not isinstance(node, str):
        return node
    alone = INPUT.fullmatch(node)
    return inputs[alone[1]] if alone else INPUT.sub(lambda found: str(inputs[found[1]]), node)


INPUT = re.compile(r"\$\[\[ inputs\.(\w+) \]\]")
[OWN], [SPEC, COMPONENT_AS_WRITTEN] = documents(".gitlab-ci.yml"), documents(COMPONENT)
INPUTS: dict[str, dict[str, Any]] = SPEC["spec"]["inputs"]
HERE: dict[str, Any] = {name: given["default"] for name, given in INPUTS.items()} | OWN["include"][0]["inputs"]
RUNNING = filled_in(COMPONENT_AS_WRITTEN, HERE)
SCHEDULES = ("weekly", "daily", "hourly", "rotate-token")
WRITING = [f"support-reports-{name}" for name in ("weekly", "gather", "retain", "watch", "listen", "queue", "rotate-token")]


def whole(job: dict[str, Any], among: dict[str, Any]) -> dict[str, Any]:
    """A job with what it extends, maps merged as GitLab does it."""
    below = whole(among[job["extends"]], among) if "extends" in job else {}
    return merged(below, job)


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {key: merged(below[key], above[key]) for key in below.keys() & above.keys() if isinstance(above[key], dict)}
    return {**below, **above, **both}


def jobs(among: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: whole(job, among) for name, job in among.items() if isinstance(job, dict) and "script" in job}


JOBS = jobs(OWN) | jobs(RUNNING)


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"GitLab's CI schema is not at {SCHEMA}")
@pytest.mark.parametrize("document", [OWN, SPEC, RUNNING], ids=["own", "component's inputs", "component"])
def test_pipeline__is_valid_by_gitlabs_schema(document: dict[str, Any]) -> None:
    errors = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(document)

    assert [error.message for error in errors] == []


@pytest.mark.parametrize("name", JOBS)
def test_job__runs_one_script_that_is_there_and_executable(name: str) -> None:
    script = JOBS[name]["script"]

    assert isinstance(script, str)
    assert "\n" not in script
    assert os.access(ROOT / script.split()[0], os.X_OK)


def test_component__every_input_is_used_and_has_a_default_so_that_no_pipeline_fails_for_want_of_one() -> None:
    used = set(INPUT.findall((ROOT / COMPONENT).read_text(encoding="utf-8")))

    assert used == set(INPUTS)
    assert all("default" in given and given["description"] for given in INPUTS.values())
    assert set(OWN["include"][0]["inputs"]) <= used


def test_component__its_jobs_take_no_name_of_the_pipeline_that_includes_it() -> None:
    assert {name for name in RUNNING if not name.removeprefix(".").startswith("support-reports")} == {"variables"}
    assert not {"default", "workflow", "stages"} & set(RUNNING)


@pytest.mark.parametrize("name", WRITING)
def test_writing_job__runs_alone_is_never_cut_off_and_leaves_only_what_it_said_for_a_week(name: str) -> None:
    job = JOBS[name]

    assert job["resource_group"] == "support-reports-writer"
    assert job["interruptible"] is False
    assert job["artifacts"]["paths"] == [f"{job['variables']['SUPPORT_REPORTS_RECORD']}/"]
    assert (job["artifacts"]["access"], job["artifacts"]["expire_in"]) == ("developer", "1 week")
    assert "store" not in json.dumps(job["cache"])


def test_jobs__are_never_repeated_because_their_script_failed() -> None:
    for name in WRITING:
        reasons = JOBS[name]["retry"]["when"] if JOBS[name]["retry"] else []
        assert not {"always", "script_failure", "unknown_failure", "api_failure"} & set(reasons)
    assert JOBS["support-reports-rotate-token"]["retry"] == 0


def runs(rules: list[dict[str, Any]], variables: dict[str, Any]) -> bool:
    """Whether a job runs: the first rule decides whose comparisons of a variable with a text all hold."""
    for rule in rules:
        comparisons = (part.strip().removeprefix("$").split(" == ") for part in rule["if"].split("&&"))
        if all(str(variables.get(name)) == text.strip('"') for name, text in comparisons):
            return rule.get("when") != "never"
    return False


@pytest.mark.parametrize(
    ("source", "run", "expected"),
    [
        ("merge_request_event", "weekly", {"lint", "types", "test", "check", "preview"}),
        ("schedule", "weekly", {"weekly"}),
        ("schedule", "daily", {"gather", "retain", "watch"}),
        ("schedule", "hourly", {"listen", "queue"}),
        ("schedule", "rotate-token", {"rotate-token"}),
        ("trigger", "weekly", {"listen"}),
        ("web", "weekly", {"weekly"}),
        ("web", "hourly", {"listen", "queue"}),
        ("web", "rotate-token", set()),
        ("push", "weekly", set()),
    ],
)
def test_pipelines__test_merge_requests_and_publish_on_schedules(source: str, run: str, expected: set[str]) -> None:
    variables = {"CI_PIPELINE_SOURCE": source, "SUPPORT_REPORTS_RUN": run}
    running = {name for name, job in JOBS.items() if runs(job["rules"], job.get("variables", {}) | variables)}

    assert {name.removeprefix("support-reports-") for name in running} == expected


@pytest.mark.parametrize(
    ("shards", "source", "run", "runs_them"),
    [
        (4, "schedule", "weekly", True),
        (4, "schedule", "daily", True),
        (4, "web", "daily", True),
        (4, "schedule", "hourly", False),
        (4, "merge_request_event", "weekly", False),
        (1, "schedule", "weekly", False),
    ],
)
def test_shards__run_at_once_before_those_who_take_them_in_where_there_are_several(
    shards: int, source: str, run: str, runs_them: bool
) -> None:
    among = jobs(filled_in(COMPONENT_AS_WRITTEN, HERE | {"shards": shards}))
    job = among["support-reports-shards"]
    variables = job["variables"] | {"CI_PIPELINE_SOURCE": source, "SUPPORT_REPORTS_RUN": run}

    assert runs(job["rules"], variables) is runs_them
    assert job["parallel"] == shards
    assert "resource_group" not in job
    takers = {name for name, other in among.items() if "needs" in other}
    assert takers == {"support-reports-weekly", "support-reports-gather"}
    for name in takers:
        assert among[name]["needs"] == [{"job": "support-reports-shards", "optional": True, "artifacts": False}]


def test_schedules__are_those_that_the_form_for_a_pipeline_offers() -> None:
    offered = RUNNING["variables"]["SUPPORT_REPORTS_RUN"]

    assert tuple(offered["options"]) == SCHEDULES
    assert offered["value"] == "weekly"


def test_preview__only_looks_at_merge_requests_that_change_the_configuration_and_stops_nobody() -> None:
    [rule] = JOBS["support-reports-preview"]["rules"]

    assert rule["changes"] == ["config/**/*"]
    assert JOBS["support-reports-preview"]["allow_failure"] is True
