"""What the command line has for whoever sets the tool up: a first config, whether all is well, the measures for a warehouse."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reports.commands.week_option import week_option
from reports.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from reports.core.weeks import Week
    from reports.jobs.first_steps import FirstSteps
    from reports.wiring.house import House

# ruff: noqa: PLC0415

_NEEDED = (
    "Needs in the environment: GITLAB_READ_TOKEN (or GITLAB_TOKEN) and "
    "ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET (or ZENDESK_TOKEN)."
)


@click.command(epilog=_NEEDED)
@click.option("--group", required=True, help="The GitLab group whose members the team is, such as acme/support.")
@click.option("--zendesk-url", required=True, help="Where Zendesk is, such as https://acme.zendesk.com.")
@click.option("--gitlab-url", help="Where GitLab is. Default: that of the pipeline, else https://gitlab.com.")
@click.option("--manager", multiple=True, help="The username of a manager. Default: every Maintainer and Owner of the group.")
@click.option("--into", type=click.Path(path_type=Path), help="The folder to write into. Default: that of --config.")
@click.option("--yes", is_flag=True, help="Write over files that are there already, without asking.")
@click.pass_obj
def init(
    house: "House", group: str, zendesk_url: str, gitlab_url: str | None, manager: tuple[str, ...], into: Path | None, yes: bool
) -> None:
    """Propose a first config/ from a GitLab group and the agents of Zendesk.

    People are matched by e-mail address and name; what could not be known is marked with `# please check`.
    """
    from reports.commands import console
    from reports.jobs import first_steps
    from reports.settings.first_config import first_places

    address = gitlab_url or os.environ.get("CI_SERVER_URL") or "https://gitlab.com"
    places = first_places(address, zendesk_url, group)
    with console.progress() as tell:
        steps = first_steps.propose(house, places, manager, tell)
    folder = into or house.config
    _may_write(steps, folder, yes=yes)
    first_steps.write(steps.files, folder)
    _say_proposed(steps, folder)


@click.command(epilog="Needs in the environment what `weekly` needs; what is missing is a line of its own.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every finding.")
@click.pass_obj
def doctor(house: "House", as_json: bool) -> None:
    """Look at servers, clocks, tokens, roles, projects, readers, Zendesk and store, and say what to do next.

    Writes nothing. Ends with 0 when all is well, 9 when something needs to be seen to, else with the code of what is wrong.
    """
    from reports.commands import console, doctor_text
    from reports.core.health import exit_code
    from reports.jobs.doctor import examine

    with console.progress() as tell:
        findings = examine(house, tell)
    click.echo(doctor_text.as_json(findings) if as_json else doctor_text.as_text(findings))
    raise SystemExit(exit_code(findings))


def _may_write(steps: "FirstSteps", folder: Path, *, yes: bool) -> None:
    """Ask before anything is written over; without anybody to ask, refuse."""
    there = steps.changed_in(folder)
    if not there or yes:
        return
    what = f"{folder} holds {', '.join(there)} already"
    if not sys.stdin.isatty():
        raise UsageError(f"{what}; nothing was written", "name another folder with --into, or write over them with --yes")
    if not click.confirm(f"{what}. Write over them?"):
        raise UsageError("nothing was written", "name another folder with --into")


def _say_proposed(steps: "FirstSteps", folder: Path) -> None:
    """What was found and what is next; ConfigError when the proposal does not pass the check after all."""
    from reports.measures.registry import catalogue
    from reports.settings.first_config import CHECK
    from reports.settings.loader import check
    from reports.settings.problems import as_text, errors_of

    found = steps.found
    click.echo(f"{len(found.engineers)} engineers and {len(found.managers)} managers into {folder}")
    click.echo(
        f"  {len(found.engineers) - len(found.unmatched)} engineers with their Zendesk agent, {len(found.unmatched)} without"
    )
    click.echo(f"  {len(found.agents_left)} agents who are surely nobody of them, listed at the end of team.yml")
    guesses = sum(text.count(CHECK) for text in steps.files.values())
    click.echo(f"next: correct the {guesses} guesses, all marked `{CHECK}`, then run `support-reports check` and `doctor`")
    errors = errors_of(check(folder, catalogue()))
    if errors:
        raise ConfigError(f"the proposal has errors:\n{as_text(errors)}", "correct these lines first")


@click.command()
@week_option
@click.option("--dialect", type=click.Choice(["spark"]), required=True, help="The SQL of the engine that has the facts.")
@click.option("--into", type=click.Path(path_type=Path), help="Write a file instead of printing.")
@click.pass_obj
def measures(house: "House", week: "Week | None", dialect: str, into: Path | None) -> None:
    """Translate the measures for an engine that has the facts already, such as a warehouse."""
    from reports.commands.week_option import chosen_week
    from reports.jobs import stages

    script = stages.measures_in_spark_sql(house, chosen_week(house, week))
    if into is None:
        click.echo(script, nl=False)
        return
    into.write_text(script, encoding="utf-8")
    click.echo(f"{into} holds the measures in SQL of {dialect}, and names of people")
