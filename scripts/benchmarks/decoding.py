"""Pages of tickets into the store, against zenpy making its objects of the same pages in the same run; no network in either.

Ours is everything from the bytes of a page to merged Parquet on the disk, cursor and all. zenpy is used as its documentation
shows: walk through the cursor export. Once only that, once reading of each ticket what we store of it, instants as instants; it
stores nothing.
"""

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec
import requests
from requests.adapters import BaseAdapter
from zenpy import Zenpy

from reports.adapters.clocks import FixedClock
from reports.adapters.http_session import PacedSession, Waiting
from reports.adapters.parquet_store import ParquetStore
from reports.core.weeks import Week, Window
from reports.ports import ActivitySource
from reports.sandbox.made_up_team import made_up_team
from reports.sandbox.zendesk_json import exported_ticket_json
from reports.wiring.house import House
from scripts.benchmarks.busy_week import ROOT, busy_zendesk, monday_after
from scripts.benchmarks.figures import Figure

TICKETS, PAGE, ROUNDS, SHORT_ROUNDS = 20_000, 1000, 3, 5
WEEK = Week(2026, 2)  # long past for every computer: zenpy looks at its clock
STREAM = "zendesk.tickets"
HOST = "https://acme.zendesk.example.com"


class Recorded(BaseAdapter):
    """Answers with pages that were made before, as bytes."""

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        super().__init__()
        self._pages = pages

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The page that a cursor leads to, or the first; no ticket forms."""
        parts = urlsplit(str(request.url))
        cursor = parse_qs(parts.query).get("cursor", ["0"])[0]
        response = requests.Response()
        response.status_code, response.url, response.request = 200, str(request.url), request
        response.headers["Content-Type"] = "application/json"
        # Without a word on both limits, the pacing keeps to the documented ones, and waits.
        response.headers["zendesk-ratelimit-incremental-exports"] = "total=1000000; remaining=999999; resets=60"
        response.headers.update({"X-Rate-Limit": "1000000", "X-Rate-Limit-Remaining": "999999"})
        response._content = self._pages[cursor] if "incremental" in parts.path else b'{"ticket_forms": [], "next_page": null}'
        return response

    def close(self) -> None:
        """Nothing is open."""


def measure() -> list[Figure]:
    """How many times longer zenpy takes, and how long we take for a ticket."""
    sys.stderr.write("gather: pages of tickets are decoded and stored, and read with zenpy …\n")
    pages = recorded()
    source = _source(pages)
    with tempfile.TemporaryDirectory() as folder:

        def ours() -> None:
            _store(source, Path(tempfile.mkdtemp(dir=folder)))

        ours()
        alone = _times(lambda: _zenpy(pages, lambda ticket: None), ours)
        reading = _times(lambda: _zenpy(pages, _what_we_store), ours)
        seconds = _spent(ours, SHORT_ROUNDS)
    against = f"against decoding and storing {TICKETS:,} tickets"
    return [
        Figure(
            name=f"gather: zenpy, reading the fields we store, {against}",
            value=reading.wall,
            unit="times",
            goal=20,
            at_least=True,
        ),
        Figure(name="gather: zenpy, reading the fields we store, in processor time", value=reading.processor, unit="times"),
        Figure(name=f"gather: zenpy, objects alone, {against}", value=alone.wall, unit="times"),
        Figure(name="gather: zenpy, objects alone, in processor time", value=alone.processor, unit="times"),
        Figure(name="gather: decoding and storing a ticket", value=seconds.wall / TICKETS * 1e6, unit="microseconds"),
        Figure(
            name="gather: decoding and storing a ticket, in processor time",
            value=seconds.processor / TICKETS * 1e6,
            unit="microseconds",
        ),
    ]


class _Spent(NamedTuple):
    """Seconds of some work, or how many times as many another one took, by the wall's clock and by the processor's."""

    wall: float
    processor: float


def _times(zenpy: Callable[[], object], ours: Callable[[], object]) -> _Spent:
    """How many times longer zenpy takes, in turn so that a slow moment hits both; ours is shorter and so timed more often."""
    rounds = [(_spent(zenpy, 1), _spent(ours, SHORT_ROUNDS)) for _ in range(ROUNDS)]
    return _Spent(*(statistics.median(theirs[clock] / mine[clock] for theirs, mine in rounds) for clock in range(2)))


def _spent(work: Callable[[], object], rounds: int) -> _Spent:
    spent = []
    for _ in range(rounds):
        gc.collect()
        wall, processor = time.perf_counter(), time.process_time()
        work()
        spent.append((time.perf_counter() - wall, time.process_time() - processor))
    return _Spent(*map(statistics.median, zip(*spent, strict=True)))


def recorded() -> dict[str, bytes]:
    """The cursor export of a made-up week by cursor, each ticket about 5 kB."""
    tickets = [
        exported_ticket_json(ticket, HOST, with_metrics=True)
        for ticket in busy_zendesk(made_up_team(10, WEEK)[0], WEEK, TICKETS).tickets.values()
    ]
    starts = range(0, len(tickets), PAGE)
    return {str(start): _page(tickets[start : start + PAGE], start + PAGE, len(tickets)) for start in starts}


def _page(tickets: list[Any], following: int, all_in_all: int) -> bytes:
    return msgspec.json.encode(
        {
            "tickets": tickets,
            "after_url": f"{HOST}/api/v2/incremental/tickets/cursor.json?cursor={following}",
            "before_url": None,
            "after_cursor": str(following),
            "before_cursor": None,
            "end_of_stream": following >= all_in_all,
        }
    )


def _session(pages: Mapping[str, bytes]) -> PacedSession:
    """It refuses to wait: a pause for a limit would be taken for work."""
    session = PacedSession(waiting=Waiting(sleep=_refuse_to_wait))
    session.mount("https://", Recorded(pages))
    return session


def _refuse_to_wait(seconds: float) -> None:
    raise RuntimeError(f"the answers of this bench made the session wait for {seconds:.3f} seconds")


def _source(pages: Mapping[str, bytes]) -> ActivitySource:
    """The product's own source of tickets; making it, settings and all, is not measured."""
    house = House(
        config=ROOT / "config",
        store_folder=Path("unused"),
        environment={"ZENDESK_TOKEN": "none"},
        clock=FixedClock(monday_after(WEEK)),
        new_session=lambda: _session(pages),
    )
    return house.ticket_source()


def _store(source: ActivitySource, folder: Path) -> None:
    """What a gather does with the pages of one stream, to the last byte on the disk."""
    window = Window(monday_after(WEEK) - timedelta(weeks=1), monday_after(WEEK))
    store = ParquetStore(folder)
    store.start(STREAM, window.start)
    for page in source.pages(STREAM, window, None):
        store.commit(page)
    store.compact()


def _zenpy(pages: Mapping[str, bytes], use: Callable[[Any], object]) -> None:
    desk = Zenpy(subdomain="acme", domain="zendesk.example.com", session=_session(pages), anonymous=True)
    count = 0
    for ticket in desk.tickets.incremental(start_time=datetime(2026, 1, 5, tzinfo=UTC), include=["metric_sets"]):
        use(ticket)
        count += 1
    if count != TICKETS:
        raise RuntimeError(f"zenpy found {count} of {TICKETS} tickets")


def _what_we_store(ticket: Any) -> object:
    """The fields of our fact of a ticket; zenpy leaves the metric set as JSON, whose one date is read in the fastest way."""
    metrics = ticket.metric_set
    solved_at = metrics["solved_at"]
    return (
        ticket.id,
        ticket.status,
        ticket.priority,
        ticket.ticket_form_id,
        ticket.assignee_id,
        tuple(ticket.tags),
        ticket.created,
        datetime.fromisoformat(solved_at) if solved_at else None,
        datetime.fromtimestamp(ticket.generated_timestamp, UTC),
        ticket.group_id,
        ticket.custom_status_id,
        ticket.organization_id is not None,
        ticket.support_type,
        metrics["reopens"],
        metrics["reply_time_in_minutes"]["calendar"],
        metrics["reply_time_in_minutes"]["business"],
        metrics["requester_wait_time_in_minutes"]["calendar"],
        metrics["agent_wait_time_in_minutes"]["calendar"],
        metrics["on_hold_time_in_minutes"]["calendar"],
    )
