"""What `support-reports demo` prints and keeps running; the work itself is in `demo`."""

import json
import threading
from datetime import datetime
from pathlib import Path

import click

from reports.commands import console
from reports.jobs.demo import ENVIRONMENT, Demo, DemoOptions, RunFigures, draw, example_folder, open_demo, run_weekly


def options(config: Path, folder: Path, now: datetime, merge_requests: Path | None, seed: int) -> DemoOptions:
    """The options as they came from the command line."""
    return DemoOptions(example=example_folder(config), folder=folder, now=now, seed=seed, merge_requests=merge_requests)


def run(chosen: DemoOptions, *, as_json: bool, serve: bool) -> None:
    """Run the weekly job twice and say what it did and where to look."""
    with open_demo(chosen) as demo:
        with console.progress() as tell:
            first = run_weekly(demo, tell)
            second = run_weekly(demo, console.silent)
            folder = draw(demo, tell)
        if as_json:
            click.echo(json.dumps({"week": str(demo.week), "first": first.as_json(), "second": second.as_json()}, indent=2))
        else:
            _say_figures(demo, first, second)
            _say_where(demo, folder)
        if serve:
            _keep_up(demo)


def _say_figures(demo: Demo, first: RunFigures, second: RunFigures) -> None:
    people = len(demo.house.settings.team.engineers)
    click.echo(f"\nWeek {demo.week} of a made-up support organisation with {people} engineers\n")
    click.echo("             created  updated  closed  unchanged   GitLab requests  Zendesk requests  seconds")
    for name, figures in (("first run", first), ("second run", second)):
        counts = f"{figures.created:7}  {figures.updated:7}  {figures.closed:6}  {figures.unchanged:9}"
        hosts = f"{figures.requests.get('gitlab', 0):16}  {figures.requests.get('zendesk', 0):16}"
        click.echo(f"{name:12} {counts}  {hosts}  {figures.seconds:7.1f}")
        for gap in figures.gaps:
            click.echo(f"             missing: {gap}")
        for refusal in figures.refused:
            click.echo(f"             refused: {refusal}")


def _say_where(demo: Demo, folder: Path) -> None:
    example = demo.house.settings.team.engineers[0].username
    where = f"--config {demo.house.config} --store {demo.house.store_folder}"
    click.echo(f"\nRead     {folder}/engineer_weekly/{example}.md (and one for everyone, with charts)")
    click.echo(f"Ask      .venv/bin/support-reports {where} explain {example} {demo.week} new_tickets")
    click.echo("Browse   scripts/demo --serve")


def _keep_up(demo: Demo) -> None:
    manager = demo.house.settings.team.managers[0].username
    click.echo(f"\nThe issues, as a manager sees them: {demo.sandbox.gitlab_url}/?as={manager}")
    click.echo("\nTo try commands against it, in another shell:\n")
    for name, value in ENVIRONMENT.items():
        click.echo(f"export {name}={value}")
    where = f"--config {demo.house.config} --store {demo.house.store_folder}"
    click.echo(f".venv/bin/support-reports {where} listen --week {demo.week}")
    click.echo(f".venv/bin/support-reports {where} queue\n")
    click.echo("Only this machine can reach them. Stop with Ctrl-C.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("\nstopped")
