"""Tickets from the sandbox through adapter, store and measures, against a plain count of the sandbox's own state."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from reports.adapters.http_session import PacedSession, Wait, Waiting
from reports.adapters.parquet_store import ParquetStore
from reports.adapters.zendesk_access import OAuthClient, ZendeskAccess
from reports.adapters.zendesk_exports import KEPT_TAGS, ZendeskExports
from reports.adapters.zendesk_rows import KeptFields
from reports.core.model import Evidence
from reports.core.weeks import Week, Window
from reports.measures.engine import DuckdbMeasures
from reports.ports import Page
from reports.sandbox.faults import Fault, failing, reset_after_write, reset_before_write, too_many_requests, truncated
from reports.sandbox.made_up_team import made_up_team
from reports.sandbox.server import Sandbox
from reports.sandbox.world import World, make_world
from reports.sandbox.zendesk_state import Comment, FieldChange, TicketUpdate

LAST = Week(2026, 46)


@dataclass(frozen=True)
class Gathered:
    """A made-up organisation and the folder its tickets were gathered into."""

    world: World
    store: Path
    window: Window
    pages: list[Page]


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
        pages = _pages(world, sandbox)
        for page in pages:
            if store.cursor(page.stream) is None:
                store.start(page.stream, window.start)
            store.commit(page)
    store.compact()
    return Gathered(world, folder, window, pages)


def _window(world: World) -> Window:
    first = datetime.combine(LAST.plus(-3).first_day, datetime.min.time(), UTC)
    return Window(first, world.now - timedelta(minutes=2))


def _pages(world: World, sandbox: Sandbox, watch: Callable[[Wait], None] = lambda wait: None) -> list[Page]:
    client_id, client = next(iter(world.zendesk.clients.items()))
    credentials = OAuthClient(client_id=client_id, client_secret=client.secret)
    with PacedSession(waiting=Waiting(sleep=lambda seconds: None)) as session:
        session.announce(watch)
        access = ZendeskAccess(sandbox.zendesk_url, credentials, session, FixedClock(world.now))
        source = ZendeskExports(access, KeptFields(tags=KEPT_TAGS))
        return [page for stream in source.streams for page in source.pages(stream, _window(world), None)]


def _evidence(gathered: Gathered) -> tuple[Evidence, ...]:
    with DuckdbMeasures(gathered.store).measuring(gathered.world.team, gathered.window) as measuring:
        return measuring.evidence()


def test_ticket_facts__every_event_of_the_sandbox_is_counted_once(gathered: Gathered) -> None:
    evidence = [row for row in _evidence(gathered) if row.measure in COUNTED_PLAINLY]

    assert Counter((row.measure, row.engineer, round(row.value, 6)) for row in evidence) == _plain_count(gathered)


def test_ticket_facts__pages_that_come_again_change_no_evidence(gathered: Gathered) -> None:
    before = _evidence(gathered)

    store = ParquetStore(gathered.store)
    for page in gathered.pages:
        store.commit(page)
    store.compact()

    assert _evidence(gathered) == before


def test_ticket_facts__no_word_of_a_customer_is_in_the_store(gathered: Gathered) -> None:
    files = sorted(str(path) for path in gathered.store.glob("facts/*/*/*.parquet"))
    with duckdb.connect() as connection:
        rows = [connection.execute("SELECT * FROM read_parquet(?)", [file]).fetchall() for file in files]
    evidence = _evidence(gathered)

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
        undisturbed = _pages(world, sandbox)
        for number in range(1, len(sandbox.requests) + 1):
            waits: list[Wait] = []
            sandbox.faults.clear()
            sandbox.faults.add(dataclasses.replace(fault, first=number))

            assert _pages(world, sandbox, waits.append) == undisturbed
            assert sum(not wait.reason.startswith("limit of ") for wait in waits) == 1


def test_ticket_facts__resolution_times_by_priority_and_type_are_those_of_every_first_solve(gathered: Gathered) -> None:
    for measure in ("resolution_p50", "resolution_p90"):
        found = [row for row in _evidence(gathered) if row.measure == measure]

        assert Counter((row.engineer, row.category, round(row.value, 6)) for row in found) == _plain_resolutions(gathered)
        assert len({row.category for row in found}) > 8


def _plain_resolutions(gathered: Gathered) -> Counter[tuple[str, str, float]]:
    """Walks through each ticket's changes up to its first solve, with the priority until then and the form it has now."""
    zendesk = gathered.world.zendesk
    names = {engineer.zendesk_id: engineer.username for engineer in gathered.world.team.engineers}
    forms = {form.id: form.name for form in zendesk.ticket_forms}
    lives: dict[int, list[TicketUpdate]] = {}
    for update in zendesk.updates.rows():
        lives.setdefault(update.ticket_id, []).append(update)
    found: Counter[tuple[str, str, float]] = Counter()
    for ticket_id, life in lives.items():
        ticket = zendesk.tickets[ticket_id]
        is_counted = "closed_by_merge" not in ticket.tags and ticket.support_type != "ai_agent"
        if is_counted and gathered.window.contains(datetime.fromtimestamp(life[0].at, UTC)):
            form = "" if ticket.ticket_form_id is None else forms[ticket.ticket_form_id]
            found.update(_first_solve(life, names, form))
    return found


def _first_solve(life: list[TicketUpdate], names: dict[int | None, str], form: str) -> Iterator[tuple[str, str, float]]:
    now: dict[str, object] = {}
    pending, since = 0, life[0].at
    for update in life:
        changes = {child.field: child.value for child in update.children if isinstance(child, FieldChange)}
        if "status" in changes:
            pending += update.at - since if now.get("status") == "pending" else 0
            since = update.at
        now |= changes
        if changes.get("status") == "solved":
            who = now.get("assignee_id")
            engineer = names.get(who, "") if isinstance(who, int) else ""
            yield engineer, f"{now.get('priority') or ''} · {form}", round((update.at - life[0].at - pending) / 3600, 6)
            return


@dataclass
class History:
    """What happened to a ticket so far: whose it is, its status since when, and its hours without those on hold."""

    created: datetime
    assignee: int | None = None
    was_assigned: bool = False
    solved_in: set[Week] = dataclasses.field(default_factory=set)
    status: object = None
    since: datetime | None = None
    hours: float = 0.0

    def becomes(self, status: object, moment: datetime) -> None:
        if self.since is not None and self.status != "hold":
            self.hours += (moment - self.since).total_seconds() / 3600
        self.status, self.since = status, moment


Counted = tuple[str, int | None, float]


COUNTED_PLAINLY = {
    "new_tickets",
    "solved_tickets",
    "time_to_resolve",
    "public_comments",
    "internal_notes",
    "own_ticket_reply_share",
}


def _plain_count(gathered: Gathered) -> Counter[tuple[str, str, float]]:
    """Walks through all updates in order, remembering what became of each ticket; knows the time before the window too."""
    names = {engineer.zendesk_id: engineer.username for engineer in gathered.world.team.engineers}
    histories: dict[int, History] = {}
    counted: list[Counted] = []
    for update in gathered.world.zendesk.updates.rows():
        moment = datetime.fromtimestamp(update.at, UTC)
        history = histories.setdefault(update.ticket_id, History(moment))
        made = [*_changed(update, history, moment, gathered.window), *_said(update, history)]
        if gathered.window.contains(moment):
            counted += made
    return Counter((measure, names[who], round(value, 6)) for measure, who, value in counted if who in names)


def _changed(update: TicketUpdate, history: History, moment: datetime, window: Window) -> Iterator[Counted]:
    changes = {child.field: child.value for child in update.children if isinstance(child, FieldChange)}
    if "assignee_id" in changes:
        new = changes["assignee_id"]
        history.assignee = new if isinstance(new, int) else None
        if isinstance(new, int) and not history.was_assigned:
            history.was_assigned = True
            yield "new_tickets", new, 1
    if "status" not in changes:
        return
    history.becomes(changes["status"], moment)
    week = Week.containing(moment.date())
    if changes["status"] == "solved":
        if not history.solved_in and window.contains(history.created):
            yield "time_to_resolve", history.assignee, history.hours
        if week not in history.solved_in:
            yield "solved_tickets", history.assignee, 1
        history.solved_in.add(week)


def _said(update: TicketUpdate, history: History) -> Iterator[Counted]:
    for comment in (child for child in update.children if isinstance(child, Comment)):
        yield "public_comments" if comment.public else "internal_notes", update.updater_id, 1
        if comment.public and not update.created:
            yield "own_ticket_reply_share", update.updater_id, float(update.updater_id == history.assignee)
