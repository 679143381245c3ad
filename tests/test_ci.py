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


@pytest.mark.parametrize("name", ["weekly", "listen"])
def test_writing_job__runs_alone_is_never_cut_off_and_leaves_no_artifact(name: str) -> None:
    job = PIPELINE[JOBS[name]["extends"]] | JOBS[name]

    assert job["resource_group"] == "support-reports-writer"
    assert job["interruptible"] is False
    assert "artifacts" not in job


def test_jobs__are_never_repeated_because_their_script_failed() -> None:
    assert not {"always", "script_failure", "unknown_failure", "api_failure"} & set(PIPELINE["default"]["retry"]["when"])


def test_pipelines__test_and_check_merge_requests_and_publish_on_schedules() -> None:
    def conditions(job: str) -> list[str]:
        return [rule["if"] for rule in JOBS[job]["rules"]]

    merge_request, web = '$CI_PIPELINE_SOURCE == "merge_request_event"', '$CI_PIPELINE_SOURCE == "web"'
    schedule = '$CI_PIPELINE_SOURCE == "schedule"'
    assert conditions("test") == conditions("check") == [merge_request]
    assert conditions("weekly") == [f'{schedule} && $SCHEDULED != "hourly"', web]
    assert conditions("listen") == [f'{schedule} && $SCHEDULED == "hourly"']
