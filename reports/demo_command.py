"""What `support-reports demo` and `sandbox` print and keep running; the work itself is in `demo`."""

import json
import threading
from datetime import datetime
from pathlib import Path

import click

from reports import console
from reports.demo import Demo, DemoOptions, RunFigures, open_demo, run_weekly

EXAMPLE = Path(__file__).resolve().parent.parent / "config"


def options(config: Path, folder: Path, now: datetime, merge_requests: Path | None, seed: int) -> DemoOptions:
    """The demo's options; its organisation is the example of this repository wherever the command is called from."""
    example = config if (config / "team.yml").exists() else EXAMPLE
    return DemoOptions(example=example, folder=folder, now=now, seed=seed, merge_requests=merge_requests)


def run(chosen: DemoOptions, *, as_json: bool, serve: bool) -> None:
    """Run the weekly job twice and say what it did and where to look."""
    with open_demo(chosen) as demo:
        with console.progress() as tell:
            first = run_weekly(demo, tell)
            second = run_weekly(demo, console.silent)
        if as_json:
            click.echo(json.dumps({"week": str(demo.week), "first": first.as_json(), "second": second.as_json()}, indent=2))
        else:
            _say(demo, chosen.folder, first, second)
        if serve:
            _keep_up(demo)


def _say(demo: Demo, folder: Path, first: RunFigures, second: RunFigures) -> None:
    click.echo(f"\nWeek {demo.week} of a made-up support organisation: {len(demo.house.settings.team.engineers)} engineers\n")
    click.echo("             created  updated  closed  unchanged  requests (GitLab, Zendesk)  writes  seconds")
    for name, run_ in (("first run", first), ("second run", second)):
        hosts = f"{run_.requests.get('gitlab', 0)}, {run_.requests.get('zendesk', 0)}"
        click.echo(
            f"{name:12} {run_.created:7}  {run_.updated:7}  {run_.closed:6}  {run_.unchanged:9}"
            f"  {hosts:>26}  {run_.writes:6}  {run_.seconds:7.1f}"
        )
    reports = folder / "store" / "runs" / str(demo.week) / "reports"
    click.echo(f"\nLook at   {reports}/engineer_weekly/ (Markdown with charts, one file per person)")
    click.echo(
        f"Ask       support-reports --config {folder}/config --store {folder}/store explain iduarte {demo.week} new_tickets"
    )
    click.echo("Browse    support-reports demo --serve")


def _keep_up(demo: Demo) -> None:
    click.echo(f"\nThe issues are at {demo.sandbox.gitlab_url} (this machine only). Stop with Ctrl-C.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("\nstopped")
