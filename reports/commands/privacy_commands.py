"""What the command line has for the people a report is about: who could read it, names kept out of logs, export and erasure."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reports.errors import AudienceError

if TYPE_CHECKING:
    from reports.jobs.personal_data import Held
    from reports.jobs.pipeline import PublicationPlan
    from reports.wiring.house import House

# ruff: noqa: PLC0415


def keep_names_out(house: "House") -> None:
    """In a pipeline, print no name of anybody in the team from here on: many can read its log."""
    from reports.commands.discretion import Discreet

    if os.environ.get("CI"):
        sys.stdout = Discreet(sys.stdout, lambda: house.names)
        sys.stderr = Discreet(sys.stderr, lambda: house.names)


@click.command()
@click.argument("person")
@click.option("--into", type=click.Path(path_type=Path), help="An empty folder. Default: export-PERSON.")
@click.option("--zendesk-id", type=int, multiple=True, help="A Zendesk agent of theirs that the store does not know of.")
@click.pass_obj
def export(house: "House", person: str, into: Path | None, zendesk_id: tuple[int, ...]) -> None:
    """Write everything that is held about a person into a folder: store, runs, settings, log and issues.

    Issues are read with GITLAB_TOKEN; without it they are left out, and it says so.
    """
    from reports.jobs import personal_data

    about = personal_data.subject(house, person, zendesk_id)
    found = personal_data.held(house, about, with_issues=house.may_write)
    folder = into or Path(f"export-{about.username}")
    by = os.environ.get("GITLAB_USER_LOGIN") or "whoever runs this tool"
    personal_data.export(house, about, found, folder, by)
    click.echo(f"{len(found.facts)} facts, {len(found.weeks)} weeks, {len(found.issues.theirs)} issues written")
    _say_unread(house, found)


@click.command()
@click.argument("person")
@click.option("--yes", is_flag=True, help="Do it; without this it only says what would be erased.")
@click.option("--keep-issues", is_flag=True, help="Leave their issues, where the law or a court asks for them.")
@click.option("--zendesk-id", type=int, multiple=True, help="A Zendesk agent of theirs that the store does not know of.")
@click.pass_obj
def forget(house: "House", person: str, yes: bool, keep_issues: bool, zendesk_id: tuple[int, ...]) -> None:
    """Erase everything that is held about a person who is in the team no more, or behind a shut gate.

    Facts, judged weeks, conversations, log, and their issues; nothing of them is gathered again afterwards.
    """
    from reports.errors import UsageError
    from reports.jobs import personal_data

    about = personal_data.subject(house, person, zendesk_id)
    personal_data.refuse_to_forget(house, about)
    if not keep_issues:
        house.require_to_publish(with_tickets=False)
    found = personal_data.held(house, about, with_issues=not keep_issues)
    _say_held(found)
    _say_unread(house, found)
    if not yes:
        raise UsageError("nothing was erased yet", "read the list, export it first where it is still needed, then add --yes")
    done = personal_data.forget(house, about, found)
    click.echo(f"erased: {done.facts} facts, {len(done.deleted)} issues deleted, {len(done.emptied)} emptied and closed")
    click.echo(f"        {len(done.redacted)} other issues no longer name them")
    for beyond in personal_data.BEYOND_REACH:
        click.echo(f"not erased: {beyond}")


@click.command()
@click.pass_obj
def retain(house: "House") -> None:
    """Remove what is older than `retention` in config/rules.yml says: facts leave their counts behind, results go later.

    Run it daily. The numbers of the weeks that are judged stay what they were.
    """
    from reports.commands import console
    from reports.jobs import retention

    with console.progress() as tell:
        done = retention.retain(house, tell)
    if done.facts_since is None:
        click.echo("facts: none were gathered yet")
    else:
        click.echo(f"facts: {done.facts:,} from before {done.facts_since} removed, {len(done.counted)} weeks counted before that")
    click.echo(
        f"results: {len(done.weeks)} weeks, {done.conversations} conversations, {done.log_lines} lines of logs removed, "
        f"{done.people} people who left long ago forgotten"
    )


def _say_held(found: "Held") -> None:
    click.echo(
        f"{len(found.facts)} facts, {len(found.counts)} counts of days, {len(found.weeks)} judged weeks, "
        f"{len(found.files)} files of runs, {found.conversations} conversations, {len(found.log)} lines of log"
    )
    if os.environ.get("CI"):
        return  # whoever has left the team is named by nothing that a log could leave out
    for issue in found.issues.theirs:
        click.echo(f"issue: {issue.project}#{issue.iid}")
    for issue, _ in found.issues.naming:
        click.echo(f"names them: {issue.project}#{issue.iid}")


def _say_unread(house: "House", found: "Held") -> None:
    for reason in found.unread:
        click.echo(f"not looked at: {reason}", err=True)
    if not house.may_write:
        click.echo("not looked at: issues, since GITLAB_TOKEN is not set", err=True)


def refuse(planned: "PublicationPlan") -> None:
    """Raise AudienceError when something of a plan must not be written: who could read it, why, and what to change."""
    from reports.core.publication import report_of

    if planned.violations:
        reasons = dict.fromkeys(f"\n  {report_of(v.key)} in {v.project}: {v.reason}" for v in planned.violations)
        remedies = dict.fromkeys(v.remedy for v in planned.violations if v.remedy)
        unnamed = "; `support-reports plan` in a clone names everybody, a pipeline's log nobody" if os.environ.get("CI") else ""
        raise AudienceError(
            f"refused, because somebody could read what is not for them:{''.join(reasons)}",
            f"{'; '.join(remedies)}; then run again, nothing else was held back{unnamed}",
        )
