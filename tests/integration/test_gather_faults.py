"""Whatever goes wrong in a gather, its facts are those of an undisturbed one in the end, or the run says what is missing."""

import dataclasses
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.adapters import side_by_side
from reports.adapters.clocks import FixedClock
from reports.adapters.http_session import PacedSession, Patience, Waiting
from reports.adapters.parquet_store import ParquetStore
from reports.commands import console
from reports.core.facts import TABLES, Fact
from reports.core.weeks import Window
from reports.jobs import gathering
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.jobs.gathering import Gathered
from reports.ports import ActivitySource, Page
from reports.sandbox.faults import (
    Fault,
    delayed,
    failing,
    reset_after_write,
    reset_before_write,
    too_many_requests,
    truncated,
)
from reports.sandbox.zendesk_state import RateLimits
from reports.wiring.house import House
from tests.dying_process import DyingProcess
from tests.fakes import MemoryStore, each_once
from tests.small_organisation import small_organisation

NO_TIME = Waiting(sleep=lambda seconds: None)
USUAL, SHORT = Patience(attempts=3), Patience(read=0.4)
SPAN = timedelta(weeks=2)
Rows = Mapping[tuple[object, ...], Fact]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with small_organisation(tmp_path_factory.mktemp("small")) as opened:
        yield opened


@pytest.fixture
def sandbox_at_peace(demo: Demo) -> Iterator[None]:
    """No fault outlives its test, and the world's clock stands where it stood."""
    now = demo.world.now
    yield
    demo.sandbox.faults.clear()
    demo.world.now = now


@pytest.fixture(scope="module")
def undisturbed(demo: Demo) -> Rows:
    store = MemoryStore()
    assert gather(demo, store).failures == {}
    return rows(store)


def gather(
    demo: Demo,
    store: MemoryStore | ParquetStore,
    sources: Sequence[ActivitySource] | None = None,
    patience: Patience = USUAL,
    waiting: Waiting = NO_TIME,
) -> Gathered:
    """One gather as a fresh process would do it, with pauses that cost no time."""
    house = House(
        config=demo.house.config,
        store_folder=demo.house.store_folder,
        environment=ENVIRONMENT,
        clock=FixedClock(demo.world.now),
        new_session=lambda: PacedSession(patience, waiting),
    )
    needed = Window(end_of(demo) - SPAN, end_of(demo))
    with house.session:
        return gathering.gather(house.sources() if sources is None else sources, store, needed, demo.world.now, console.silent)


def end_of(demo: Demo) -> datetime:
    """The end of the reported week, whatever the clock says at present."""
    return datetime.combine(demo.week.plus(1).first_day, datetime.min.time(), demo.world.now.tzinfo)


def rows(store: MemoryStore) -> Rows:
    return each_once(store.facts)


# --- faults ---------------------------------------------------------------------------------------

#: Each strikes one request once.
PASSING = {
    "500": failing("", 500),
    "503": failing("", 503),
    "429 with a wait": too_many_requests("", 7),
    "429 without": too_many_requests(""),
    "reset before": reset_before_write(""),
    "reset after": reset_after_write(""),
    "cut short": truncated(""),
}


def requests_of(demo: Demo) -> list[tuple[str, str, str, int]]:
    """Every request of an undisturbed gather: host, method, path with query, and which of its like it is."""
    demo.sandbox.reset_log()
    gather(demo, MemoryStore())
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for request in list(demo.sandbox.requests):
        which = (request.host, request.method, f"{request.path}?{request.query}" if request.query else request.path)
        seen[which] += 1
        found.append((*which, seen[which]))
    return found


def on(fault: Fault, host: str, method: str, target: str, number: int) -> Fault:
    return dataclasses.replace(fault, host=host, method=method, path=f"^{re.escape(target)}$", first=number)


@pytest.mark.usefixtures("sandbox_at_peace")
@pytest.mark.parametrize("kind", PASSING)
def test_fault__that_passes_changes_no_fact_whichever_request_it_strikes(demo: Demo, undisturbed: Rows, kind: str) -> None:
    asked = requests_of(demo)
    for request in asked:
        demo.sandbox.faults.clear()
        demo.sandbox.faults.add(on(PASSING[kind], *request))
        demo.sandbox.reset_log()
        store = MemoryStore()

        gathered = gather(demo, store)

        assert (gathered.failures, len(demo.sandbox.requests)) == ({}, len(asked) + 1), request
        assert rows(store) == undisturbed, request


@pytest.mark.usefixtures("sandbox_at_peace")
def test_fault__an_answer_that_comes_too_late_is_asked_for_again(demo: Demo, undisturbed: Rows) -> None:
    for request in requests_of(demo):
        demo.sandbox.faults.clear()
        demo.sandbox.faults.add(on(delayed("", 0.6), *request))
        store = MemoryStore()

        assert gather(demo, store, patience=SHORT).failures == {}
        assert rows(store) == undisturbed, request


@pytest.mark.usefixtures("sandbox_at_peace")
@pytest.mark.parametrize("fault", [failing("", 500, count=None), reset_after_write("", count=None)], ids=["500", "reset after"])
def test_fault__that_lasts_is_said_and_the_next_run_completes(demo: Demo, undisturbed: Rows, fault: Fault) -> None:
    for request in requests_of(demo):
        demo.sandbox.faults.clear()
        demo.sandbox.faults.add(on(fault, *request))
        store = MemoryStore()

        disturbed = gather(demo, store)
        assert disturbed.gaps or rows(store) == undisturbed, request
        for stream in disturbed.failures:
            assert store.coverage()[stream].problem, request

        demo.sandbox.faults.clear()
        assert gather(demo, store).gaps == ()
        assert rows(store) == undisturbed, request
        assert {reach.problem for reach in store.coverage().values()} == {""}


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("sandbox_at_peace")
def test_limits__tight_ones_make_the_gather_slow_and_nothing_is_refused(
    demo: Demo, undisturbed: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A clock that jumps over every pause knows no two pauses at once; what is in flight together is in the tests of pacing.
    monkeypatch.setattr(side_by_side, "AT_ONCE", 1)
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        demo.world.now += timedelta(seconds=seconds)

    conditions, limits, store = demo.sandbox.conditions, demo.sandbox.zendesk.rate_limits, MemoryStore()
    demo.sandbox.conditions = dataclasses.replace(conditions, rate_limits={"gitlab": 2})
    demo.sandbox.zendesk.rate_limits = RateLimits(account=4, exports=1, enforced=True)
    demo.sandbox.reset_log()
    demo.world.now += timedelta(hours=1)  # to a minute in which nobody has asked yet
    try:
        gathered = gather(demo, store, waiting=Waiting(sleep=sleep, now=lambda: demo.world.now))
    finally:
        demo.sandbox.conditions, demo.sandbox.zendesk.rate_limits = conditions, limits

    assert (gathered.failures, [request for request in demo.sandbox.requests if request.status == 429]) == ({}, [])
    assert timeless(rows(store)) == timeless(undisturbed)
    assert len(waits) > 1


# --- how often ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("sandbox_at_peace")
@pytest.mark.parametrize(
    ("every", "first"),
    [(timedelta(days=1), timedelta(days=7)), (timedelta(hours=1), timedelta(hours=30))],
    ids=["daily", "hourly"],
)
def test_often__gathering_gives_the_facts_of_gathering_once(
    demo: Demo, undisturbed: Rows, every: timedelta, first: timedelta
) -> None:
    end, store = demo.world.now, MemoryStore()
    demo.world.now = end - first
    while demo.world.now < end:
        assert gather(demo, store).failures == {}
        demo.world.now = min(end, demo.world.now + every)
    gather(demo, store)

    assert timeless(rows(store)) == timeless(undisturbed)


def timeless(found: Rows) -> dict[tuple[object, ...], Fact]:
    """The facts without the moment at which a list was read, which differs for a list that is read again every day."""
    return {key: _without_moment(fact) for key, fact in found.items()}


def _without_moment(fact: Any) -> Fact:
    is_list = TABLES[type(fact)].newest == "seen_at" and not TABLES[type(fact)].week_of
    timeless: Fact = dataclasses.replace(fact, seen_at=None) if is_list else fact
    return timeless


# --- kills ----------------------------------------------------------------------------------------


#: The store treats all alike; these are kept by week and whole, as they come and by the newest copy.
KILLED_STREAMS = ("zendesk.tickets", "zendesk.ticket_events", "zendesk.agents", "gitlab.pairing")


@dataclasses.dataclass
class RecordedSource:
    """A source that yields the pages that a real one gave, from any of their cursors on."""

    recorded: Mapping[str, Sequence[Page]]

    @property
    def streams(self) -> tuple[str, ...]:
        return tuple(self.recorded)

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        pages = self.recorded[stream]
        done = next((number for number, page in enumerate(pages, 1) if page.cursor == cursor), 0)
        yield from pages[done:]


@pytest.fixture(scope="module")
def recorded(demo: Demo) -> list[RecordedSource]:
    """Every page of some streams, the facts of each cut in two, so that streams of one page are killed in their middle too."""

    class Recorder(MemoryStore):
        def commit(self, page: Page) -> None:
            super().commit(page)
            if page.stream in KILLED_STREAMS:
                pages.setdefault(page.stream, []).extend(halves(page))

    pages: dict[str, list[Page]] = {}
    assert gather(demo, Recorder()).failures == {}
    zendesk = {stream: found for stream, found in pages.items() if stream.startswith("zendesk")}
    return [RecordedSource(zendesk), RecordedSource({stream: found for stream, found in pages.items() if stream not in zendesk})]


def halves(page: Page) -> list[Page]:
    middle = len(page.facts) // 2
    first = dataclasses.replace(page, facts=page.facts[:middle], cursor=f"{page.cursor}, half", until=None)
    return [first, dataclasses.replace(page, facts=page.facts[middle:])]


def test_kill__between_any_two_changes_of_the_disk_loses_and_doubles_nothing(
    demo: Demo, recorded: list[RecordedSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = DyingProcess(monkeypatch)
    gather(demo, ParquetStore(tmp_path / "whole"), recorded)
    whole, points = stored(tmp_path / "whole"), process.changes
    assert points > 40

    for point in range(points):
        folder = tmp_path / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        with process.dying(before=point):
            gather(demo, ParquetStore(folder), recorded)

        gather(demo, ParquetStore(folder), recorded)
        assert stored(folder) == whole, point


def stored(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, doubles too, as a reader finds them; without the number of its page, and when it was seen."""
    found = {}
    with duckdb.connect() as connection:
        for table in TABLES.values():
            files = sorted(str(path) for path in folder.glob(f"facts/{table.name}/week=*/*.parquet"))
            if files:
                passing = "sequence" if table.week_of or table.newest != "seen_at" else "sequence, seen_at"
                query = f"SELECT * EXCLUDE ({passing}) FROM read_parquet(?, hive_partitioning = false) ORDER BY ALL"
                found[table.name] = connection.execute(query, [files]).fetchall()
    return found


@pytest.fixture
def plenty_left(demo: Demo) -> Iterator[None]:
    """Processes of their own wait as long as they are told to, and the sandbox's minute may be used up by other tests."""
    limits = demo.sandbox.zendesk.rate_limits
    demo.sandbox.zendesk.rate_limits = RateLimits(account=100_000, exports=100_000)
    yield
    demo.sandbox.zendesk.rate_limits = limits


@pytest.mark.usefixtures("sandbox_at_peace", "plenty_left")
def test_kill__of_the_whole_process_is_made_up_for_by_the_next_run(demo: Demo, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    with gather_process(demo, whole) as process:
        process.wait()

    demo.sandbox.conditions = dataclasses.replace(demo.sandbox.conditions, latency=0.1)
    for _ in range(3):
        before = len(list(killed.glob("streams/*.json")))
        with gather_process(demo, killed) as process:
            while process.poll() is None and len(list(killed.glob("streams/*.json"))) <= before:
                time.sleep(0.02)
            process.kill()
    demo.sandbox.conditions = dataclasses.replace(demo.sandbox.conditions, latency=0.0)
    with gather_process(demo, killed) as process:
        process.wait()

    assert stored(killed) == stored(whole)


def gather_process(demo: Demo, store: Path) -> subprocess.Popen[bytes]:
    """The command in a process of its own."""
    command = [str(Path(sys.executable).with_name("support-reports")), "--config", str(demo.house.config)]
    environment = {**ENVIRONMENT, "CI_PIPELINE_CREATED_AT": demo.world.now.isoformat()}
    return subprocess.Popen(
        [*command, "--store", str(store), "gather"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
