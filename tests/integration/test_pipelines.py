"""The pipelines as they run, in gitlab-ci-local with its shell executor, against the sandbox: a repository that holds nothing but
`config/` and one include.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reports.jobs.demo import ENVIRONMENT, Demo
from reports.sandbox.gitlab_objects import MAINTAINER
from reports.sandbox.world_gitlab import WRITER
from tests.integration.organisation import ROOT, issue_of, reports
from tests.integration.test_command_line import COMMAND

FOLDER = ROOT / "build" / "pipeline-tools" / "node_modules" / ".bin"
TOOL = shutil.which("gitlab-ci-local", path=f"{FOLDER}{os.pathsep}{os.environ['PATH']}")
MISSING = [name for name, found in (("gitlab-ci-local", TOOL), ("rsync", shutil.which("rsync"))) if not found]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} not installed; .ci/run does it")

PIPELINES = "acme/pipelines/support-reports"
JOB_TOKEN = "sandbox-job-token"
COMPONENT = "templates/support-reports/template.yml"


def git(repository: Path, *arguments: str) -> str:
    who = {"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.com"}
    committer = {"GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.com"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(repository), **who, **committer}
    done = subprocess.run(["git", *arguments], cwd=repository, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(demo: Demo, tmp_path: Path) -> Path:
    """A repository with a `config/` and one include, and its project on the sandbox."""
    folder = tmp_path / "repository"
    shutil.copytree(demo.house.config, folder / "config")
    (folder / COMPONENT).parent.mkdir(parents=True)
    shutil.copy(ROOT / COMPONENT, folder / COMPONENT)
    include(folder)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "remote", "add", "origin", str(tmp_path / "origin.git"))
    commit(folder, "The configuration")
    git(folder, "push", "--quiet", "--set-upstream", "origin", "main")
    state = demo.sandbox.gitlab
    state.add_project(PIPELINES)
    state.add_member(PIPELINES, WRITER, MAINTAINER)
    state.add_token(JOB_TOKEN, WRITER, ["api"])
    return folder


def include(repository: Path, **inputs: object) -> None:
    """Write the pipeline of the repository: one include."""
    given = {"setup": "true", "command": str(COMMAND), **inputs}
    text = json.dumps({"include": [{"local": COMPONENT, "inputs": given}]})
    (repository / ".gitlab-ci.yml").write_text(text, encoding="utf-8")


def commit(repository: Path, message: str) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message)


def pipeline(demo: Demo, repository: Path, source: str, **variables: str) -> str:
    """Run a pipeline as GitLab would start it; gives its log."""
    given = {
        "CI_PIPELINE_SOURCE": source,
        "CI_PIPELINE_CREATED_AT": f"{demo.world.now:%Y-%m-%dT%H:%M:%SZ}",
        "CI_SERVER_URL": demo.sandbox.gitlab_url,
        "CI_PROJECT_PATH": PIPELINES,
        "CI_JOB_TOKEN": JOB_TOKEN,
        "GITLAB_CI": "true",
        "CI": "true",
        **ENVIRONMENT,
        **variables,
    }
    words = [word for name, value in given.items() for word in ("--variable", f"{name}={value}")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(repository.parent)}
    options = ["--force-shell-executor", "--shell-isolation", *words]
    done = subprocess.run(
        [str(TOOL), *options], cwd=repository, env=environment, capture_output=True, text=True, check=False, timeout=240
    )
    log = done.stdout + done.stderr
    assert done.returncode == 0, log
    return log


def artifact(repository: Path, job: str, file: str) -> bytes:
    return (repository / ".gitlab-ci-local" / "artifacts" / job / file).read_bytes()


def test_weekly_and_listen__publish_and_answer_with_nothing_but_the_kept_store_between_them(
    demo: Demo, repository: Path, tmp_path: Path
) -> None:
    log = pipeline(demo, repository, "schedule", SUPPORT_REPORTS_RUN="weekly")

    assert "issues: 31 created, 0 updated, 0 closed, 0 unchanged" in log
    assert len(demo.sandbox.gitlab.projects[PIPELINES].packages) == 1
    assert b"weekly: done" in artifact(repository, "support-reports-weekly", "build/support-reports/summary.md")
    assert (
        ElementTree.fromstring(artifact(repository, "support-reports-weekly", "build/support-reports/junit.xml")).attrib[
            "failures"
        ]
        == "0"
    )

    issue = issue_of(demo, "iduarte")
    demo.sandbox.gitlab.add_note(issue, "iduarte", "@support-reports help", at=demo.world.now)
    told = tmp_path / "payload.json"
    note = {"object_kind": "note", "user": {"username": "iduarte"}, "object_attributes": {"noteable_type": "Issue"}}
    told.write_text(json.dumps(note), encoding="utf-8")
    log = pipeline(demo, repository, "trigger", TRIGGER_PAYLOAD=str(told))

    assert "comments: 1 answered" in log
    assert len(reports(demo)) == 31


def test_shards__gather_in_parallel_jobs_and_the_weekly_job_takes_them_in(demo: Demo, repository: Path) -> None:
    include(repository, shards=3)
    commit(repository, "Three shards")

    log = pipeline(demo, repository, "schedule", SUPPORT_REPORTS_RUN="weekly")

    assert "shards: 3 of 3 were there, 16 streams taken in" in log
    assert "read again" not in log
    assert "issues: 31 created, 0 updated, 0 closed, 0 unchanged" in log
    [kept] = demo.sandbox.gitlab.projects[PIPELINES].packages
    assert not kept.version.startswith("shard")
    exports = [(request.path, request.query) for request in demo.sandbox.requests if "/incremental/" in request.path]
    assert len(exports) == len(set(exports)) > 60  # one shard reads them, and the weekly job goes on from there


def test_merge_request__is_checked_and_what_it_would_change_is_told_on_it(demo: Demo, repository: Path) -> None:
    pipeline(demo, repository, "schedule", SUPPORT_REPORTS_RUN="weekly")
    before = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--quiet", "-b", "three-pairings")
    goals = repository / "config" / "goals.yml"
    two = "new_tickets: {target: 3, per: week}\n      pairing_sessions: {target: 2"
    text = goals.read_text(encoding="utf-8")
    assert text.count(two) == 1
    goals.write_text(text.replace(two, f"{two[:-1]}3"), encoding="utf-8")
    commit(repository, "Three pairings for associates")
    change = demo.sandbox.gitlab.add_merge_request(PIPELINES, "plindqvist", "Three pairings", created_at=demo.world.now)

    log = pipeline(
        demo,
        repository,
        "merge_request_event",
        CI_MERGE_REQUEST_IID=str(change.iid),
        CI_MERGE_REQUEST_DIFF_BASE_SHA=before,
    )

    assert "support-reports-weekly" not in log
    assert [note.body.count("| Pairing sessions | 4 | 16 | 2 | 17 |") for note in change.notes] == [1]
    problems = json.loads(artifact(repository, "support-reports-check", "build/support-reports/code-quality.json"))
    assert {problem["severity"] for problem in problems} == {"minor"}
