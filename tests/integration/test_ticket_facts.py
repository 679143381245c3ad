"""Tickets from the sandbox through adapter, store and measures, against a plain count of the sandbox's own state."""

import dataclasses
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from reports.adapters.http_session import PacedSession, Waiting
from reports.adapters.parquet_store import ParquetStore
from reports.adapters.zendesk_tickets import OAuthClient, ZendeskTickets
from reports.core.weeks import Week, Window
from reports.measures.engine import DuckdbMeasures
from reports.ports import Page
from reports.sandbox.faults import Fault, failing, reset_after_write, reset_before_write, too_many_requests, truncated
from reports.sandbox.made_up_team import made_up_team
from reports.sandbox.server import Sandbox
from reports.sandbox.world import World, make_world
from reports.sandbox.zendesk_state import Comment, FieldChange

LAST = Week(2026, 46)


@dataclass(frozen=True)
class Gathered:
    """A made-up organisation and the folder its tickets were gathered into."""

    world: World
    store: Path
    window: Window


@dataclass(frozen=True)
class FixedClock:
    moment: datetime

    def now(self) -> datetime:
        return self.moment


@pytest.fixture(scope="module")
def world() -> World:
    team, context = made_up_team(6)
    return make_world(team, context, LAST, weeks=4)


@pytest.fixture(scope="module")
def gathered(world: World, tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    folder = tmp_path_factory.mktemp("gathered") / "store"
    store = ParquetStore(folder)
    window = _window(world)
    with Sandbox(world.gitlab, world.zendesk, lambda: world.now) as sandbox:
        for page in _pages(world, sandbox, Waiting()):
            if store.cursor(page.stream) is None:
                store.start(page.stream, window.start)
            store.commit(page)
    return Gathered(world, folder, window)


def _window(world: World) -> Window:
    first = datetime.combine(LAST.plus(-3).first_day, datetime.min.time(), UTC)
    return Window(first, world.now - timedelta(minutes=2))


def _pages(world: World, sandbox: Sandbox, waiting: Waiting) -> list[Page]:
    client_id, client = next(iter(world.zendesk.clients.items()))
    credentials = OAuthClient(client_id=client_id, client_secret=client.secret)
    with PacedSession(waiting=waiting) as session:
        source = ZendeskTickets(sandbox.zendesk_url, credentials, session, FixedClock(world.now))
        return [page for stream in source.streams for page in source.pages(stream, _window(world), None)]


def test_ticket_facts__every_event_of_the_sandbox_is_counted_once(gathered: Gathered) -> None:
    evidence = DuckdbMeasures(gathered.store).evidence(gathered.world.team, gathered.window)

    assert Counter((row.measure, row.engineer) for row in evidence) == _plain_count(gathered)


def test_ticket_facts__compaction_changes_no_evidence(gathered: Gathered) -> None:
    before = DuckdbMeasures(gathered.store).evidence(gathered.world.team, gathered.window)

    ParquetStore(gathered.store).compact()

    assert DuckdbMeasures(gathered.store).evidence(gathered.world.team, gathered.window) == before


def test_ticket_facts__no_word_of_a_customer_is_in_the_store(gathered: Gathered) -> None:
    files = sorted(str(path) for path in gathered.store.glob("facts/*/*/*.parquet"))
    with duckdb.connect() as connection:
        rows = [connection.execute("SELECT * FROM read_parquet(?)", [file]).fetchall() for file in files]
    evidence = DuckdbMeasures(gathered.store).evidence(gathered.world.team, gathered.window)

    assert sum(len(part) for part in rows) > 1000
    assert "CANARY" not in repr(rows) + repr(evidence)


@pytest.mark.parametrize(
    "fault",
    [
        failing("", 503, host="zendesk"),
        too_many_requests("", 7, host="zendesk"),
        too_many_requests("", host="zendesk"),
        reset_before_write("", host="zendesk"),
        reset_after_write("", host="zendesk"),
        truncated("", host="zendesk"),
    ],
    ids=["503", "429 with a wait", "429 without", "reset before", "reset after", "cut short"],
)
def test_ticket_facts__a_passing_fault_on_any_request_changes_no_fact(world: World, fault: Fault) -> None:
    with Sandbox(world.gitlab, world.zendesk, lambda: world.now) as sandbox:
        undisturbed = _pages(world, sandbox, Waiting())
        for number in range(1, len(sandbox.requests) + 1):
            waits: list[float] = []
            sandbox.faults.clear()
            sandbox.faults.add(dataclasses.replace(fault, first=number))

            assert _pages(world, sandbox, Waiting(sleep=waits.append)) == undisturbed
            assert len(waits) == 1


def _plain_count(gathered: Gathered) -> Counter[tuple[str, str]]:
    """Walks through all updates in order, remembering who has which ticket; knows the time before the window too."""
    names = {engineer.zendesk_id: engineer.username for engineer in gathered.world.team.engineers}
    assignees: dict[int, int | None] = {}
    ever_assigned: set[int] = set()
    solved: set[tuple[int, Week]] = set()
    counted: list[tuple[str, int | None]] = []
    for update in gathered.world.zendesk.updates.rows():
        moment = datetime.fromtimestamp(update.at, UTC)
        made: list[tuple[str, int | None]] = []
        changes = {child.field: child.value for child in update.children if isinstance(child, FieldChange)}
        if "assignee_id" in changes:
            new = changes["assignee_id"]
            assignees[update.ticket_id] = new if isinstance(new, int) else None
            if isinstance(new, int) and update.ticket_id not in ever_assigned:
                ever_assigned.add(update.ticket_id)
                made.append(("new_tickets", new))
        key = (update.ticket_id, Week.containing(moment.date()))
        if changes.get("status") == "solved" and key not in solved:
            solved.add(key)
            made.append(("solved_tickets", assignees.get(update.ticket_id)))
        comments = [child for child in update.children if isinstance(child, Comment)]
        made += [("public_comments" if comment.public else "internal_notes", update.updater_id) for comment in comments]
        if gathered.window.contains(moment):
            counted += made
    return Counter((measure, names[who]) for measure, who in counted if who in names)
