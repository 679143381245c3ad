"""Words for the integration tests about the example organisation."""

import os
from datetime import UTC, datetime
from pathlib import Path

from reports.adapters.clocks import FixedClock
from reports.commands import console
from reports.core.results import EngineerResults, WeekResults
from reports.core.weeks import Week
from reports.jobs import stages
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.jobs.stages import Outcome
from reports.sandbox.gitlab_objects import Issue
from reports.wiring.house import House

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "config"
SHARED = Path(os.environ.get("SUPPORT_REPORTS_SHARED", ROOT.parent / "shared"))
MERGE_REQUESTS = SHARED / "data/merge-requests-gitlab-runner.jsonl"

#: The Monday after the week the example's YAML is written for.
MONDAY = datetime(2026, 11, 16, 6, tzinfo=UTC)


def fresh_house(demo: Demo, environment: dict[str, str] | None = None) -> House:
    """A house as another process would build it."""
    return House(
        config=demo.house.config,
        store_folder=demo.house.store_folder,
        environment=ENVIRONMENT if environment is None else environment,
        clock=FixedClock(demo.world.now),
    )


def run(demo: Demo, week: Week | None = None) -> Outcome:
    """One weekly run as another process would do it."""
    return stages.weekly(fresh_house(demo), week or demo.week, console.silent)


def results(demo: Demo) -> WeekResults:
    """What the last run judged."""
    return demo.house.files(demo.week).read(stages.RESULTS, WeekResults, "measure")


def of(judged: WeekResults, username: str) -> EngineerResults:
    """One person's judged weeks."""
    return next(own for own in judged.engineers if own.username == username)


def reports(demo: Demo) -> dict[str, Issue]:
    """Every issue the bot has opened, by `project#iid`."""
    bot = demo.sandbox.gitlab.user("support-reports-bot").id
    issues = (issue for project in demo.sandbox.gitlab.projects.values() for issue in project.issues.values())
    return {f"{issue.project.path}#{issue.iid}": issue for issue in issues if issue.author_id == bot}


def issue_of(demo: Demo, username: str) -> Issue:
    """The weekly issue of one engineer."""
    return next(iter(demo.sandbox.gitlab.projects[f"acme/support/1-1s/{username}"].issues.values()))
