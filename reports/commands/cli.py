"""The command line: commands, options and the only exit codes; every command is a few lines over a stage.

Nothing heavy is imported before a command runs, so that `--help` feels instant.
"""

import json
import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reports.commands import job_record, pipeline_commands, privacy_commands, setup_commands
from reports.commands.week_option import WEEK, chosen_week, present, week_option
from reports.core.weeks import Week
from reports.errors import EXIT_PARTIAL, PublishError, ReportsError, SourceError

if TYPE_CHECKING:
    from reports.wiring.house import House

# ruff: noqa: PLC0415

EXIT_CODES = """\b
Exit codes:
  0 done                    5 the store cannot be used
  1 a bug in this tool      6 a template cannot be rendered
  2 wrong usage             7 an issue could not be written
  3 config/ has errors      8 refused: the wrong eyes could read it
  4 no source could be read 9 partial: reports made, some data missing
"""


_ZENDESK = "ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET (or ZENDESK_TOKEN)"
_OUTSIDE = "PAGERDUTY_TOKEN and CALENDAR_ADDRESSES where config/sources.yml names them"
NEEDED_TO_READ = f"Needs in the environment: GITLAB_READ_TOKEN (or GITLAB_TOKEN), {_ZENDESK}, {_OUTSIDE}."
NEEDED_TO_PUBLISH = (
    f"Needs in the environment: GITLAB_TOKEN (and GITLAB_READ_TOKEN where another user reads), {_ZENDESK}, {_OUTSIDE}."
)
NEEDED_FOR_QUEUES = (
    f"Needs in the environment: GITLAB_TOKEN (and GITLAB_READ_TOKEN where another user reads), for handovers {_ZENDESK}."
)
#: Commands that read nothing from the store: it is not fetched for them.
_WITHOUT_STORE = frozenset({"check", "schema", "demo", "sandbox", "watch", "rotate-token"})
#: Copies of the store that are kept after a command: after one that erases no older one, which would hold what it erased; of
#: one that only looks none, since a merge request's pipeline has nothing to say there, nor of a shard, which is kept by itself.
_COPIES = {"forget": 1, "retain": 1, "explain": 0, "preview": 0, "gather-shard": 0}


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--config", type=click.Path(path_type=Path), default="config", show_default=True, help="Folder with the YAML.")
@click.option(
    "--store",
    default="store",
    envvar="SUPPORT_REPORTS_STORE",
    show_default=True,
    show_envvar=True,
    help="Folder for facts and runs, or where they are kept between jobs: gitlab://group/project/name, s3://bucket/folder, gs://…",
)
@click.version_option(package_name="support-reports")
@click.pass_context
def cli(context: click.Context, config: Path, store: str) -> None:
    """Weekly reports on a support team's agreed goals, gathered from GitLab and Zendesk.

    Try `support-reports demo` first: it needs no account and no network.
    """
    from reports.wiring.house import House

    folder = _local(store) if context.invoked_subcommand in _WITHOUT_STORE else context.with_resource(_kept(store, context))
    context.obj = House(config=config, store_folder=folder, environment=os.environ)
    privacy_commands.keep_names_out(context.obj)


# --- looking at the configuration -----------------------------------------------------------------


@cli.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "codequality"]),
    default="text",
    show_default=True,
    help="codequality shows problems inside a merge request's diff.",
)
@click.option(
    "--code-quality",
    type=click.Path(path_type=Path),
    help="Write the Code Quality report into this file too, whatever is printed.",
)
@click.pass_obj
def check(house: "House", form: str, code_quality: Path | None) -> None:
    """Validate config/ and list every problem with file, line and column."""
    from reports.measures.registry import catalogue
    from reports.settings import problems
    from reports.settings.loader import check as find_problems

    found = find_problems(house.config, catalogue())
    write = {"text": problems.as_text, "json": problems.as_json, "codequality": problems.as_codequality}[form]
    click.echo(write(found))
    if code_quality is not None:
        code_quality.parent.mkdir(parents=True, exist_ok=True)
        code_quality.write_text(problems.as_codequality(found) + "\n", encoding="utf-8")
    if any(problem.severity == "error" for problem in found):
        raise SystemExit(3)


@cli.command()
@click.option("--into", type=click.Path(path_type=Path), help="Write <file>.json files into this folder instead of printing.")
def schema(into: Path | None) -> None:
    """Print the JSON Schemas of config/*.yml, for editors that complete and check YAML."""
    from reports.settings.json_schema import json_schemas, schema_files

    if into is None:
        click.echo(json.dumps(json_schemas(), indent=2))
        return
    into.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (into / name).write_text(text, encoding="utf-8")
        click.echo(into / name)


# --- the stages -----------------------------------------------------------------------------------


@cli.command(epilog=NEEDED_TO_READ)
@week_option
@click.pass_obj
def gather(house: "House", week: Week | None) -> None:
    """Fetch what is new from GitLab and Zendesk into the store."""
    from reports.commands import console, outcome_text
    from reports.jobs import stages

    with console.progress() as tell:
        gathered = stages.gather(house, chosen_week(house, week), tell)
    outcome_text.say_gathered(gathered)
    outcome_text.say_traffic(house.session.traffic())
    outcome_text.say_failures(gathered)
    if len(gathered.failures) == len(gathered.coverage):
        raise SourceError("no source could be read, so there is nothing to report")
    heard_all = _hear(house, chosen_week(house, week))
    if gathered.gaps or not heard_all:
        raise SystemExit(EXIT_PARTIAL)


@cli.command()
@week_option
@click.pass_obj
def measure(house: "House", week: Week | None) -> None:
    """Measure and judge a week from the store."""
    from reports.jobs import stages

    chosen = chosen_week(house, week)
    results = stages.measure(house, chosen)
    click.echo(f"{chosen}: {len(results.engineers)} people, {len(results.measures)} measures")


@cli.command()
@week_option
@click.pass_obj
def render(house: "House", week: Week | None) -> None:
    """Render the reports of a measured week as Markdown files with charts."""
    from reports.commands import console
    from reports.jobs import stages

    chosen = chosen_week(house, week)
    with console.progress() as tell:
        rendered = stages.render(house, chosen, tell)
        folder = stages.write_files(house, chosen, rendered, tell)
    click.echo(f"{len(rendered)} reports in {folder}")


@cli.command()
@week_option
@click.option("--json", "as_json", is_flag=True, help="Print the whole plan as JSON.")
@click.option("--diff/--no-diff", default=None, help="Show changed lines. Default: not in CI, whose logs many can read.")
@click.pass_obj
def plan(house: "House", week: Week | None, as_json: bool, diff: bool | None) -> None:
    """Show which issues would be created, updated or closed; writes nothing."""
    from reports.commands import plan_text
    from reports.jobs import stages

    planned = stages.plan(house, chosen_week(house, week))
    if as_json:
        click.echo(plan_text.as_json(planned))
    else:
        click.echo(plan_text.as_text(planned, with_diff=not os.environ.get("CI") if diff is None else diff))
    privacy_commands.refuse(planned)


@cli.command()
@week_option
@click.pass_obj
def apply(house: "House", week: Week | None) -> None:
    """Carry out the plan that `plan` made, unless anything has changed since."""
    from reports.commands import console, outcome_text
    from reports.jobs import stages

    with console.progress() as tell:
        planned, applied = stages.apply(house, chosen_week(house, week), tell)
    outcome_text.say_applied(applied)
    privacy_commands.refuse(planned)


@cli.command(epilog=NEEDED_TO_PUBLISH)
@week_option
@click.pass_obj
def weekly(house: "House", week: Week | None) -> None:
    """Gather, measure, render, plan and apply: what the schedule runs on Monday."""
    from reports.commands import console, outcome_text
    from reports.jobs import stages

    with console.progress() as tell:
        outcome = stages.weekly(house, chosen_week(house, week), tell)
    click.echo(f"week {outcome.week}")
    outcome_text.say_gathered(outcome.gathered)
    outcome_text.say_traffic(house.session.traffic())
    outcome_text.say_failures(outcome.gathered)
    outcome_text.say_applied(outcome.applied)
    privacy_commands.refuse(outcome.planned)
    if outcome.gathered.gaps:
        click.echo("Some data is missing; the reports say so and count it as no data, never as zero.", err=True)
        raise SystemExit(EXIT_PARTIAL)


@cli.command(epilog="Needs GITLAB_TOKEN in the environment.")
@click.option(
    "--week", type=WEEK, help="Up to which week to look. Default: the last full one; the latest published one is taken."
)
@click.option(
    "--payload",
    type=click.Path(path_type=Path),
    envvar="TRIGGER_PAYLOAD",
    show_envvar=True,
    help="A webhook's payload: nothing is done unless it tells of somebody's comment on an issue.",
)
@click.pass_obj
def listen(house: "House", week: Week | None, payload: Path | None) -> None:
    """Read what people commented, answer it, and bring follow-ups up to date: what the schedule runs every hour."""
    from reports.commands import console, outcome_text
    from reports.jobs import stages, upkeep

    if payload is not None and not upkeep.is_about_a_comment(payload, house.tracker.bot()):
        click.echo("the webhook tells of no comment that somebody wrote on an issue: nothing to do")
        return

    published = stages.latest_published(house, chosen_week(house, week))
    if published is None:
        click.echo("nothing was published yet, so nobody can have commented; run `support-reports weekly` first")
        return
    with console.progress() as tell:
        planned, applied = stages.listen(house, published, tell)
    click.echo(f"comments: {applied.answered} answered")
    outcome_text.say_applied(applied)
    privacy_commands.refuse(planned)


@cli.command(epilog=NEEDED_FOR_QUEUES)
@click.pass_obj
def queue(house: "House") -> None:
    """Show each region's managers on call what waits, and until when: what the schedule runs every hour."""
    from reports.commands import console, outcome_text
    from reports.jobs import stages

    with console.progress() as tell:
        outcome = stages.queue(house, tell)
    if outcome is None:
        click.echo("no queue: name `queues` in config/sources.yml and a report `for: each_region` in config/reports.yml")
        return
    for gap in outcome.gaps:
        click.echo(f"missing: {gap}", err=True)
    outcome_text.say_applied(outcome.applied)
    privacy_commands.refuse(outcome.planned)
    if outcome.gaps:
        raise SystemExit(EXIT_PARTIAL)


@cli.command()
@click.argument("person")
@click.argument("week", type=WEEK)
@click.argument("measure_name", metavar="MEASURE")
@click.pass_obj
def explain(house: "House", person: str, week: Week, measure_name: str) -> None:
    """Show the events, formula, capacity, goal and verdict behind a number.

    For example: support-reports explain iduarte 2026-W46 docs_updates
    """
    from reports.commands.explain import explanation
    from reports.jobs import stages

    stages.refuse_empty_store(house)
    click.echo(explanation(stages.judged(house, week, {person}), person, measure_name), nl=False)


cli.add_command(privacy_commands.export)
cli.add_command(privacy_commands.forget)
cli.add_command(privacy_commands.retain)
cli.add_command(setup_commands.init)
cli.add_command(setup_commands.doctor)
cli.add_command(pipeline_commands.gather_shard)
cli.add_command(pipeline_commands.preview)
cli.add_command(setup_commands.measures)
cli.add_command(pipeline_commands.watch)
cli.add_command(pipeline_commands.rotate_token)


# --- the made-up organisation ---------------------------------------------------------------------


@cli.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default="demo", show_default=True, help="Where to leave what it makes."
)
@click.option(
    "--merge-requests", type=click.Path(path_type=Path), help="Real merge requests (JSON lines) instead of made-up ones."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another made-up organisation's luck.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with the figures of both runs.")
@click.option("--serve", is_flag=True, help="Keep the servers up and look at the issues in a browser.")
@click.pass_obj
def demo(house: "House", folder: Path, merge_requests: Path | None, seed: int, as_json: bool, serve: bool) -> None:
    """Run the weekly job twice against a made-up support organisation.

    Starts a small GitLab and a small Zendesk on this machine; no account, no network.
    """
    from reports.commands import demo_command

    options = demo_command.options(house.config, folder, present(), merge_requests, seed)
    demo_command.run(options, as_json=as_json, serve=serve)


@cli.command()
@click.option("--folder", type=click.Path(path_type=Path), default="demo", show_default=True, help="Where to leave its config.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another made-up organisation's luck.")
@click.option("--engineers", type=click.IntRange(1, 1000), help="A made-up team of this size instead of the example.")
@click.option("--weeks", type=click.IntRange(1, 104), default=16, show_default=True, help="Weeks of activity.")
@click.option("--merge-requests", type=click.Path(path_type=Path), help="Real merge requests (JSON lines) instead.")
@click.option("--latency", type=float, default=0.0, show_default=True, help="Seconds that every answer takes.")
@click.option("--rate-limit", multiple=True, metavar="HOST=N", help="Requests a minute, such as gitlab=60 or zendesk=400.")
@click.option("--retry-after/--no-retry-after", default=True, show_default=True, help="Whether a refusal says how long to wait.")
@click.option("--fault", multiple=True, metavar="FAULT", help="Such as 'reset_after /issues$ method=POST first=2 count=all'.")
@click.option("--ports", type=(int, int), default=(0, 0), help="Of GitLab and of Zendesk; free ones otherwise.")
@click.pass_obj
def sandbox(house: "House", /, engineers: int | None, **chosen: Any) -> None:
    """Keep a small GitLab and a small Zendesk up on this machine.

    Faults are written `kind path key=value ...`: kinds are status, status_after, reset_before, reset_after, truncate and delay;
    keys are method, host, first, count, status, body, probability, seconds and retry_after.
    """
    from reports.commands import sandbox_command

    sandbox_command.run(sandbox_command.options(house.config, present(), chosen), engineers)


# --- at the edge ----------------------------------------------------------------------------------


def main() -> None:
    """Run the command line; expected failures become one message and their exit code, bugs keep their traceback."""
    command = next((word for word in sys.argv[1:] if word in cli.commands), "")
    with job_record.kept_in(os.environ.get("SUPPORT_REPORTS_RECORD", ""), command):
        try:
            cli()
        except ReportsError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            sys.exit(0)


def _local(store: str) -> Path:
    """Where a command that needs no store would have it; never what an address names."""
    return Path("store" if "://" in store else store)


def _kept(store: str, context: click.Context) -> AbstractContextManager[Path]:
    from reports.wiring.kept_store import kept_store

    copies = _COPIES.get(context.invoked_subcommand or "")
    return kept_store(store, os.environ, lambda sentence: click.echo(sentence, err=True), copies)


def _hear(house: "House", week: Week) -> bool:
    """Read the comments where there is a token to do so; whether nothing stood in the way."""
    from reports.commands import console
    from reports.jobs import stages

    if not house.may_write:
        click.echo("comments: not read, since GITLAB_TOKEN is not set; what was heard before counts", err=True)
        return True
    try:
        with console.progress() as tell:
            stages.hear(house, week, tell)
    except PublishError as error:
        click.echo(f"missing: comments: {error}", err=True)
        return False
    return True
