"""Commands that only pipelines have a use for: shards, the preview of a change, the watchdog, the renewal of a token."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reports.commands.week_option import chosen_week, week_option
from reports.core.shards import Shard
from reports.core.weeks import Week
from reports.errors import EXIT_PARTIAL

if TYPE_CHECKING:
    from reports.wiring.house import House

# ruff: noqa: PLC0415


class _ShardType(click.ParamType[Shard]):
    """A shard such as 2/4."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        """The shard, or click's own usage error."""
        try:
            return value if isinstance(value, Shard) else Shard.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command("gather-shard")
@click.argument("shard", type=_ShardType())
@week_option
@click.pass_obj
def gather_shard(house: "House", shard: Shard, week: Week | None) -> None:
    """Fetch one of several parts of what is new, such as 2/4, while other machines fetch the others.

    It needs what `gather` needs, and only reads the store: the next `gather` or `weekly` takes every part in. In GitLab's
    parallel jobs the part is $CI_NODE_INDEX/$CI_NODE_TOTAL. docs/scale.md says from which size on this pays.
    """
    from reports.commands import console, outcome_text
    from reports.jobs import stages

    with console.progress() as tell:
        gathered = stages.gather_shard(house, chosen_week(house, week), shard, tell)
    outcome_text.say_gathered(gathered)
    outcome_text.say_traffic(house.session.traffic())
    outcome_text.say_failures(gathered)
    if gathered.gaps:
        raise SystemExit(EXIT_PARTIAL)


@click.command()
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="Folder with the YAML as it was before the change.",
)
@click.pass_obj
def preview(house: "House", against: Path) -> None:
    """Show what a change of config/ would have made of the last eight weeks: sums by goal, nobody's name.

    In a merge request's pipeline it is a comment there, brought up to date in place; that takes GITLAB_PREVIEW_TOKEN.
    """
    from reports.commands import preview_text
    from reports.commands.week_option import last_week
    from reports.jobs import previews, upkeep

    text = preview_text.as_markdown(previews.preview(house, against, last_week(house)))
    click.echo(text)
    written = upkeep.comment(house, text, preview_text.MARKER)
    if written is None:
        click.echo("no comment was written: there is no merge request, or no GITLAB_PREVIEW_TOKEN", err=True)
    else:
        click.echo("the comment on the merge request is " + ("up to date now" if written else "up to date already"))


@click.command(epilog="Needs GITLAB_TOKEN in the environment.")
@click.option("--days", type=click.IntRange(1, 60), default=8, show_default=True, help="So long without reports is noticed.")
@click.pass_obj
def watch(house: "House", days: int) -> None:
    """Open one issue for the operators when no weekly report was published for days: schedules end without a word."""
    from reports.jobs import upkeep

    opened = upkeep.watch(house, timedelta(days=days))
    said = {
        None: f"weekly reports were published within the last {days} days",
        True: f"no weekly report for more than {days} days: an issue was opened",
        False: f"no weekly report for more than {days} days: there is an issue already",
    }
    click.echo(said[opened])


@click.command("rotate-token", epilog="Needs GITLAB_TOKEN in the environment, of a Maintainer of the project with the pipelines.")
@click.option(
    "--variable",
    type=click.Choice(["GITLAB_TOKEN", "GITLAB_READ_TOKEN", "GITLAB_PREVIEW_TOKEN"]),
    default="GITLAB_TOKEN",
    show_default=True,
    help="The CI/CD variable whose token is renewed.",
)
@click.option("--days", type=click.IntRange(2, 365), default=90, show_default=True, help="So long the new token lives.")
@click.pass_obj
def rotate_token(house: "House", variable: str, days: int) -> None:
    """Renew a token and keep the new one in its CI/CD variable; the old one ends at once. Never repeat it when it failed."""
    from reports.jobs import upkeep

    if upkeep.rotate_token(house, variable, timedelta(days=days)):
        click.echo(f"{variable} holds a new token for {days} days")
    else:
        click.echo(f"{variable} was renewed less than a day ago: nothing to do")
