"""`.gitlab-ci.yml` against GitLab's own schema, and its promise that a person can run every job."""

import json
import os
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SUPPORT_REPORTS_SHARED", ROOT.parent / "shared"))
SCHEMA = SHARED / "contracts/gitlab/ci/ci.json"
PIPELINE = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text(encoding="utf-8"))
JOBS = {name: job for name, job in PIPELINE.items() if isinstance(job, dict) and "script" in job}


@pytest.mark.skipif(not SCHEMA.exists(), reason=f"GitLab's CI schema is not at {SCHEMA}")
def test_pipeline__is_valid_by_gitlabs_schema() -> None:
    errors = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(PIPELINE)

    assert [error.message for error in errors] == []


@pytest.mark.parametrize("name", JOBS)
def test_job__runs_one_script_that_is_there_and_executable(name: str) -> None:
    script = JOBS[name]["script"]

    assert isinstance(script, str)
    assert os.access(ROOT / script.split()[0], os.X_OK)


@pytest.mark.parametrize("name", ["weekly", "listen", "queue"])
def test_writing_job__runs_alone_is_never_cut_off_and_leaves_no_artifact(name: str) -> None:
    job = PIPELINE[JOBS[name]["extends"]] | JOBS[name]

    assert job["resource_group"] == "support-reports-writer"
    assert job["interruptible"] is False
    assert job["cache"]["key"] == "support-reports-store"
    assert "artifacts" not in job


def test_jobs__are_never_repeated_because_their_script_failed() -> None:
    assert not {"always", "script_failure", "unknown_failure", "api_failure"} & set(PIPELINE["default"]["retry"]["when"])


def runs(rules: list[dict[str, str]], variables: dict[str, str]) -> bool:
    """Whether a job runs: the first rule decides whose comparisons of a variable with a text all hold."""
    for rule in rules:
        comparisons = (part.strip().removeprefix("$").split(" == ") for part in rule["if"].split("&&"))
        if all(variables.get(name) == text.strip('"') for name, text in comparisons):
            return rule.get("when") != "never"
    return False


@pytest.mark.parametrize(
    ("source", "hourly", "jobs"),
    [
        ("merge_request_event", "", {"test", "check"}),
        ("schedule", "", {"weekly"}),
        ("schedule", "true", {"listen", "queue"}),
        ("web", "", {"weekly"}),
        ("push", "", set()),
    ],
)
def test_pipelines__test_merge_requests_and_publish_on_schedules(source: str, hourly: str, jobs: set[str]) -> None:
    variables = {"CI_PIPELINE_SOURCE": source, "SUPPORT_REPORTS_HOURLY": hourly}

    assert {name for name, job in JOBS.items() if runs(job["rules"], variables)} == jobs
