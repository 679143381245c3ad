"""The command line with a store that is kept at an address between jobs: what is lost, what is not, and what it says."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.jobs.demo import ENVIRONMENT, Demo, DemoOptions, open_demo
from reports.sandbox.faults import Fault, FaultKind, failing
from reports.sandbox.gitlab_objects import MAINTAINER, Issue, Package
from reports.sandbox.world_gitlab import TEAM_META
from reports.wiring.kept_store import kept_store
from tests.integration.gathered import GatheredDemos
from tests.integration.organisation import MONDAY, reports
from tests.integration.test_command_line import COMMAND, call
from tests.s3_server import S3Server, s3_server

PLACE = f"gitlab://{TEAM_META}/support-reports-store"
JOB_TOKEN = "sandbox-job-token"


def job(
    demo: Demo, place: str, *arguments: object, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A job with nothing of an earlier one but what is kept at the place."""
    return call(
        "--config", demo.house.config, "--store", place, *arguments, environment=job_environment(demo) | (environment or {})
    )


def job_environment(demo: Demo) -> dict[str, str]:
    return dict(ENVIRONMENT) | {"CI_SERVER_URL": demo.sandbox.gitlab_url, "CI_JOB_TOKEN": JOB_TOKEN}


def packages(demo: Demo) -> list[Package]:
    return demo.sandbox.gitlab.projects[TEAM_META].packages


def texts(found: dict[str, Issue]) -> dict[str, str]:
    return {key: issue.description for key, issue in found.items()}


@pytest.fixture
def demo(tmp_path: Path, gathered_demos: GatheredDemos) -> Iterator[Demo]:
    """Half of the organisation before its first run."""
    with open_demo(DemoOptions(example=gathered_demos.half, folder=tmp_path / "demo", now=MONDAY)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def job_token(demo: Demo) -> None:
    """The user whose job it is: a maintainer of the project with the registry."""
    demo.sandbox.gitlab.add_token(JOB_TOKEN, "plindqvist", ["api"])
    assert demo.sandbox.gitlab.projects[TEAM_META].members[demo.sandbox.gitlab.user("plindqvist").id] == MAINTAINER


@pytest.fixture
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


def test_jobs__share_a_store_in_the_package_registry_and_lose_nothing_but_time_with_it(demo: Demo) -> None:
    first = job(demo, PLACE, "weekly", "--week", demo.week)
    assert (first.returncode, len(packages(demo))) == (0, 1), first.stderr
    assert f"nothing is kept at {PLACE} yet: everything is read from its sources" in first.stderr
    published = texts(reports(demo))

    demo.sandbox.reset_log()
    second = job(demo, PLACE, "weekly", "--week", demo.week)
    reads = sum(not request.is_write for request in demo.sandbox.requests)
    assert "issues: 0 created, 0 updated, 0 closed, 19 unchanged" in second.stdout

    packages(demo).clear()
    demo.sandbox.reset_log()
    third = job(demo, PLACE, "weekly", "--week", demo.week)
    assert "issues: 0 created, 0 updated, 0 closed, 19 unchanged" in third.stdout
    assert texts(reports(demo)) == published
    assert sum(not request.is_write for request in demo.sandbox.requests) > reads


def test_job__that_fails_half_way_keeps_what_it_gathered(demo: Demo) -> None:
    demo.sandbox.faults.add(failing("/issues", method="POST", status=400, count=None))

    done = job(demo, PLACE, "weekly", "--week", demo.week)

    assert (done.returncode, len(packages(demo))) == (7, 1)
    judged = job(demo, PLACE, "measure", "--week", demo.week)
    assert judged.returncode == 0
    assert "nothing is kept" not in judged.stderr


def test_job__whose_runner_asks_it_to_end_keeps_what_it_gathered(demo: Demo) -> None:
    demo.sandbox.faults.add(
        Fault(kind=FaultKind.DELAY, path="/incremental/ticket_events", host="zendesk", seconds=3.0, count=None)
    )
    with subprocess.Popen(
        [COMMAND, "--config", str(demo.house.config), "--store", PLACE, "gather", "--week", str(demo.week)],
        env={"PATH": os.environ["PATH"]} | job_environment(demo),
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        next(line for line in running.stderr if line.startswith("gather:"))
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 128 + signal.SIGTERM

    assert len(packages(demo)) == 1


def test_shards__of_parallel_jobs_are_taken_in_by_the_next_and_no_shard_writes_the_store_itself(
    demo: Demo, tmp_path: Path
) -> None:
    place, kept = f"file://{tmp_path}/kept", tmp_path / "kept"
    parts = [job(demo, place, "gather-shard", f"{number}/2", "--week", demo.week) for number in (1, 2)]
    assert [part.returncode for part in parts] == [0, 0], parts
    assert sorted(path.name[:13] for path in kept.iterdir()) == ["shard-1-of-2-", "shard-2-of-2-"]

    done = job(demo, place, "weekly", "--week", demo.week)

    assert done.returncode == 0, done.stderr
    assert f"shards: 2 of 2 were there, {done.stdout.count(' until ')} streams taken in" in done.stdout
    assert "read again" not in done.stdout
    assert "issues: 19 created" in done.stdout
    [left] = kept.iterdir()
    assert not left.name.startswith("shard")


def test_shard__that_is_none_is_refused_with_what_to_write(demo: Demo, tmp_path: Path) -> None:
    done = job(demo, f"file://{tmp_path}/kept", "gather-shard", "5/4")

    assert done.returncode == 2
    assert "'5/4' is not a shard; write it like 2/4, the second of four" in done.stderr


def test_command__that_needs_no_store_does_not_fetch_it(demo: Demo) -> None:
    assert job(demo, PLACE, "check", environment={"CI_JOB_TOKEN": "unknown"}).returncode == 0


def test_preview__looks_at_the_kept_store_and_keeps_none(demo: Demo, tmp_path: Path) -> None:
    place, kept = f"file://{tmp_path}/kept", tmp_path / "kept"
    job(demo, place, "gather", "--week", demo.week)
    before = sorted(kept.iterdir())

    assert job(demo, place, "preview", "--against", demo.house.config).returncode == 0
    assert (sorted(kept.iterdir()), len(before)) == (before, 1)


def test_kept_store__a_command_that_erased_leaves_one_copy_and_one_that_failed_to_leaves_all(tmp_path: Path) -> None:
    place, kept = f"file://{tmp_path}/kept", tmp_path / "kept"

    def command(text: str, copies: int | None = None, failure: Exception | None = None) -> None:
        with kept_store(place, {}, lambda sentence: None, copies) as store:
            store.mkdir(exist_ok=True)
            (store / "store.json").write_text(text)
            if failure:
                raise failure

    command("one")
    command("two")
    with pytest.raises(ZeroDivisionError):
        command("three", 1, ZeroDivisionError())
    assert len(list(kept.iterdir())) == 3

    command("four", 1)
    assert len(list(kept.iterdir())) == 1


def test_store__in_object_storage_takes_credentials_and_server_from_the_environment(demo: Demo, s3: S3Server) -> None:
    environment = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3.url,
        "AWS_ALLOW_HTTP": "true",
    }
    place = f"s3://{s3.bucket}/reports"

    assert job(demo, place, "gather", "--week", demo.week, environment=environment).returncode == 0
    assert job(demo, place, "measure", "--week", demo.week, environment=environment).returncode == 0


@pytest.mark.parametrize(
    ("place", "environment", "says"),
    [
        ("ftp://somewhere/store", {}, "the kind 'ftp' is not known"),
        ("gitlab://store", {}, "write it like gitlab://group/project/support-reports-store"),
        (PLACE, {"CI_SERVER_URL": ""}, "lacks in the environment: CI_SERVER_URL"),
        (PLACE, {"CI_JOB_TOKEN": "", "GITLAB_TOKEN": ""}, "lacks in the environment: CI_JOB_TOKEN or GITLAB_TOKEN"),
    ],
)
def test_place__that_cannot_be_used_is_refused_with_what_to_do(
    demo: Demo, place: str, environment: dict[str, str], says: str
) -> None:
    done = job(demo, place, "measure", environment=environment)

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_store__that_cannot_be_reached_stops_the_job_before_it_does_anything(demo: Demo) -> None:
    done = job(demo, PLACE, "weekly", environment={"CI_JOB_TOKEN": "unknown"})

    assert (done.returncode, reports(demo)) == (5, {})
    assert "the kept store (package support-reports-store of acme/support/support-team-meta) cannot be used" in done.stderr


def test_damaged_archive__is_named_and_the_one_before_is_used(demo: Demo, tmp_path: Path) -> None:
    place = f"file://{tmp_path}/kept"
    job(demo, place, "gather", "--week", demo.week)
    (tmp_path / "kept" / f"20991116T070000000000Z-{'0' * 32}.tar").write_bytes(b"half of it")

    done = job(demo, place, "measure", "--week", demo.week)

    assert done.returncode == 0
    assert "is damaged and was passed over for 20" in done.stderr
