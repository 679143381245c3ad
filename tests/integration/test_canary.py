"""No word of a customer leaves Zendesk: a canary in every text there, and a search for it in all that a weekly run leaves."""

import dataclasses
import logging
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from reports.commands import console
from reports.jobs import stages
from reports.jobs.demo import Demo, DemoOptions, open_demo
from reports.sandbox.faults import failing
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.zendesk_account import NEXT_UPDATE_FIELD
from reports.sandbox.zendesk_state import Comment, FieldChange, TicketUpdate, Timeline, ZendeskState
from tests.integration.organisation import EXAMPLE, MONDAY, fresh_house, reports

#: Zendesk writes tags in small letters, so this is looked for whatever the letters.
CANARY = "zq7canary"
#: What a person may read in a report: names of groups, forms and custom statuses are labels of the organisation itself.
LABELS = ("Support", "Self-Managed")


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Demo]:
    """The example organisation before its first run, with a canary in every text of Zendesk and confidential issue of GitLab."""
    with open_demo(DemoOptions(example=EXAMPLE, folder=tmp_path / "demo", now=MONDAY)) as demo:
        _plant_in_people(demo.sandbox.zendesk)
        _plant_in_tickets(demo.sandbox.zendesk)
        _plant_in_promises(demo.sandbox.zendesk)
        _plant_in_confidential_issues(demo.sandbox.gitlab)
        yield demo


def _plant_in_people(state: ZendeskState) -> None:
    for user in list(state.users.values()):
        state.users[user.id] = dataclasses.replace(
            user, name=f"{CANARY} name", email=f"{CANARY}@x.example", notes=f"{CANARY} notes"
        )
    state.organizations.update((number, f"{CANARY} organisation") for number in state.organizations)


def _plant_in_tickets(state: ZendeskState) -> None:
    for ticket in list(state.tickets.values()):
        state.tickets[ticket.id] = dataclasses.replace(
            ticket,
            subject=ticket.subject if ticket.subject == "SCRUBBED" else f"{CANARY} subject",
            description=f"{CANARY} description",
            channel=f"{CANARY} channel",
            tags=(*ticket.tags, f"{CANARY}_tag"),
            custom_fields=((1, f"{CANARY} field"), (NEXT_UPDATE_FIELD, f"{CANARY} no day")),
        )
    updates: Timeline[TicketUpdate] = Timeline()
    updates.extend(map(_planted_update, state.updates.rows()))
    state.updates = updates


def _planted_update(update: TicketUpdate) -> TicketUpdate:
    children = [
        child._replace(body=f"{CANARY} words") if isinstance(child, Comment) else _planted_change(child)
        for child in update.children
    ]
    last = update.id + len(children)
    more = [
        FieldChange(last + 1, "1", f"{CANARY} field", f"{CANARY} before"),
        FieldChange(last + 2, str(NEXT_UPDATE_FIELD), f"{CANARY} no day", f"{CANARY} before"),
    ]
    return update._replace(via=f"{CANARY} via", children=(*children, *more))


def _planted_change(change: FieldChange) -> FieldChange:
    if change.field in ("subject", "sla_policy"):
        return change._replace(value=f"{CANARY} {change.field}")
    if change.field == "tags":
        return change._replace(
            value=f"{change.value or ''} {CANARY}_tag".strip(), previous=f"{change.previous or ''} {CANARY}_old"
        )
    return change


def _plant_in_promises(state: ZendeskState) -> None:
    promises = state.promises
    promises.policies[:] = [
        dataclasses.replace(policy, title=f"{CANARY} title", description=f"{CANARY} text") for policy in promises.policies
    ]
    promises.ratings[:] = [dataclasses.replace(rating, comment=f"{CANARY} comment") for rating in promises.ratings]
    for place, schedule in enumerate(promises.schedules):
        holidays = tuple(dataclasses.replace(holiday, name=f"{CANARY} holiday") for holiday in schedule.holidays)
        # The first schedule is named in the configuration.
        name = schedule.name if place == 0 else f"{CANARY} schedule"
        promises.schedules[place] = dataclasses.replace(schedule, name=name, holidays=holidays)
    state.custom_statuses[:] = [dataclasses.replace(status, label=f"{CANARY} status") for status in state.custom_statuses]
    state.ticket_fields[:] = [dataclasses.replace(field, title=f"{CANARY} field") for field in state.ticket_fields]


def _plant_in_confidential_issues(state: GitlabState) -> None:
    for project in state.projects.values():
        for issue in project.issues.values():
            if issue.confidential:
                issue.title = issue.description = f"{CANARY} issue"


def _in_files(folder: Path) -> Iterator[str]:
    """Names and contents of every file of the store; Parquet is packed, so it is read as rows."""
    with duckdb.connect() as connection:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if path.suffix == ".parquet":
                content = repr(connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall())
            else:
                content = path.read_bytes().decode("utf-8", errors="replace")
            yield f"{path.relative_to(folder)}: {content}"


def _in_issues(demo: Demo) -> list[str]:
    """What the bot wrote."""
    return [f"{place}: {issue.title} {issue.description}" for place, issue in reports(demo).items()]


def _canaries(texts: list[str]) -> list[str]:
    """Where a canary is, with what stands around it; those that the example organisation always has are found too."""
    found = [(text, text.lower().find("canary")) for text in texts]
    return [f"{text[:60]} … {text[max(0, place - 60) : place + 60]}" for text, place in found if place >= 0]


@pytest.mark.parametrize("ratings_by", ["ratings", "surveys"])
def test_canary__in_every_text_of_zendesk_is_in_nothing_that_a_run_leaves_behind(
    planted: Demo, ratings_by: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    planted.sandbox.zendesk.promises.ratings_by = "surveys" if ratings_by == "surveys" else "ratings"

    with console.progress() as listener:
        outcome = stages.weekly(planted.house, planted.week, listener)

    shown = capsys.readouterr()
    left = [*_in_files(planted.house.store_folder), *_in_issues(planted), repr(outcome), shown.out, shown.err, caplog.text]
    assert _canaries(left) == []
    # The search would find something: labels are there, and so is every kind of fact.
    everything = "\n".join(left)
    assert all(label in everything for label in LABELS)
    kept = {path.parent.parent.name for path in planted.house.store_folder.glob("facts/*/*/*.parquet")}
    assert kept >= {"tickets", "ticket_events", "ticket_metric_events", "agents", "agent_groups", "sla_targets"}
    assert kept >= {"agent_group_memberships", "business_hours", "custom_statuses", "satisfaction_ratings"}


@pytest.mark.parametrize("path", ["incremental/tickets", "incremental/ticket_events", "users", "satisfaction_ratings"])
def test_canary__in_a_refusal_is_not_repeated(
    planted: Demo, path: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    planted.sandbox.faults.add(failing(path, 422, f'{{"error":"{CANARY} refused"}}', host="zendesk", count=None))
    house = fresh_house(planted)

    with console.progress() as listener:
        gathered = stages.gather(house, planted.week, listener)

    shown = capsys.readouterr()
    assert gathered.failures
    said = [repr(gathered), shown.out, shown.err, caplog.text, *_in_files(house.store_folder)]
    assert _canaries(said) == []
