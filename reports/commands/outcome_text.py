"""What a command says when it is done: what came in and what it cost, what is missing, what was written and what was refused."""

from collections.abc import Sequence

import click

from reports.errors import PublishError
from reports.jobs.gathering import Gathered
from reports.jobs.pipeline import Applied
from reports.ports import Traffic


def say_gathered(gathered: Gathered) -> None:
    """How far each stream reaches now, and the rows that came in."""
    for note in gathered.notes:
        click.echo(note)
    for reach in gathered.coverage:
        until = f"{reach.until:%Y-%m-%d %H:%M} UTC" if reach.until else "never"
        rows = f"  {gathered.rows[reach.stream]:>10,} rows" if reach.stream in gathered.rows else ""
        click.echo(f"{reach.stream:27} until {until:20}{rows}".rstrip())


def say_traffic(traffic: Sequence[Traffic]) -> None:
    """What each server was asked, how much it sent, and how long it made us wait for what."""
    for one in traffic:
        click.echo(f"{one.host}: {one.reads:,} reads, {one.writes:,} writes, {one.received / 1e6:,.1f} MB")
        for reason, seconds in one.waits.items():
            click.echo(f"  waited {seconds:,.0f} s: {reason}")


def say_failures(gathered: Gathered) -> None:
    """What could not be read and what to do about it, one line a cause, and what changes no number but should be put right."""
    by_cause: dict[str, list[str]] = {}
    for stream, error in gathered.failures.items():
        by_cause.setdefault(str(error), []).append(stream)
    for cause, streams in by_cause.items():
        click.echo(f"missing: {', '.join(streams)}: {cause}", err=True)
    for gap in gathered.unread:
        click.echo(f"missing: {gap}", err=True)
    for hint in dict.fromkeys(hint for reach in gathered.coverage for hint in reach.hints):
        click.echo(f"hint: {hint}", err=True)


def say_applied(applied: Applied) -> None:
    """What was written; PublishError lists what the tracker refused."""
    click.echo(
        f"issues: {applied.created} created, {applied.updated} updated, {applied.closed} closed, {applied.unchanged} unchanged"
    )
    if applied.failures:
        listed = "\n  ".join(applied.failures)
        raise PublishError(
            f"{len(applied.failures)} issues could not be written:\n  {listed}",
            "mend the cause and run the command again: what was written stays, nothing is written twice",
        )
