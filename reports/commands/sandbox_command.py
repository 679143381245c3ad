"""What `support-reports sandbox` starts and prints: the two servers alone, with whatever weather was asked for."""

import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from reports.core.weeks import last_full_week
from reports.errors import UsageError
from reports.jobs.demo import ENVIRONMENT, DemoOptions, example_folder, open_demo, sandbox_of
from reports.sandbox.faults import parse_fault
from reports.sandbox.made_up_team import made_up_team
from reports.sandbox.server import Conditions, Sandbox
from reports.sandbox.world import make_world
from reports.sandbox.world_gitlab import TEAM_GROUP


def options(config: Path, now: datetime, chosen: Mapping[str, Any]) -> DemoOptions:
    """The options as they came from the command line; UsageError names a fault or limit that cannot be understood."""
    weather = Conditions(
        latency=chosen["latency"], rate_limits=parse_limits(chosen["rate_limit"]), retry_after=chosen["retry_after"]
    )
    return DemoOptions(
        example=example_folder(config),
        folder=chosen["folder"],
        now=now,
        seed=chosen["seed"],
        weeks=chosen["weeks"],
        merge_requests=chosen["merge_requests"],
        conditions=weather,
        faults=tuple(parse_fault(text) for text in chosen["fault"]),
        ports=chosen["ports"],
    )


def run(options: DemoOptions, engineers: int | None) -> None:
    """Keep the servers up until somebody stops them; without a number of engineers they hold the example organisation."""
    if engineers is None:
        with open_demo(options) as demo:
            _keep_up(demo.sandbox, f"--config {demo.house.config} --store {demo.house.store_folder} weekly --week {demo.week}")
        return
    with _made_up(options, engineers) as sandbox:
        _keep_up(sandbox, "")


def _made_up(options: DemoOptions, engineers: int) -> Sandbox:
    if options.merge_requests is not None:
        raise UsageError("--merge-requests goes with the example organisation only", "leave out --engineers")
    week = last_full_week(options.now, ZoneInfo("UTC"))
    team, context = made_up_team(engineers, week)
    return sandbox_of(make_world(team, context, week, options.weeks, options.seed), options)


def parse_limits(texts: tuple[str, ...]) -> Mapping[str, int]:
    """Requests per minute by host from words such as `gitlab=60`; UsageError says what is wrong."""
    limits = {}
    for text in texts:
        host, _, number = text.partition("=")
        if host not in ("gitlab", "zendesk") or not number.isdigit():
            raise UsageError(f"rate limit {text!r} is not understood", "write gitlab=60 or zendesk=400: requests per minute")
        limits[host] = int(number)
    return limits


def _keep_up(sandbox: Sandbox, command: str) -> None:
    click.echo(f"GitLab   {sandbox.gitlab_url}\nZendesk  {sandbox.zendesk_url}\n")
    for name, value in ENVIRONMENT.items():
        click.echo(f"export {name}={value}")
    if command:
        click.echo(f".venv/bin/support-reports {command}")
    addresses = f"--gitlab-url {sandbox.gitlab_url} --zendesk-url {sandbox.zendesk_url}"
    click.echo(f".venv/bin/support-reports init --group {TEAM_GROUP} {addresses} --into mine")
    click.echo("\nOnly this machine can reach them. Stop with Ctrl-C.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("\nstopped")
