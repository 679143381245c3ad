"""From which size on a step pays: shards where answers take their time, the store on its way between jobs, measuring more events.

Answers come late by as much as a server far away takes, limits are off. With BENCH_QUICK in the environment everything is ten
times smaller.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from reports.adapters.object_depot import ObjectDepot
from reports.adapters.store_archives import bring_in, carry_out
from reports.core.weeks import last_full_week
from reports.sandbox.faults import delayed
from scripts.benchmarks import measure as measuring
from scripts.benchmarks.busy_week import ROOT, Organisation, organisation
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.gather import ENGINEERS, TICKETS
from scripts.benchmarks.ticket_history import History

SHARDS, LATE = 4, 0.25
FEW_TICKETS = 5_000
EVENTS = (2_500_000, 10_000_000, 20_000_000)


def measure() -> list[Figure]:
    """All figures; it takes some minutes and says on standard error what it is at."""
    scale = 10 if os.environ.get("BENCH_QUICK") else 1
    return [
        *_sharded(ENGINEERS // scale),
        *_kept(ENGINEERS // scale, TICKETS // scale),
        *(figure for events in EVENTS for figure in _measured(events // scale)),
    ]


def _say(what: str) -> None:
    sys.stderr.write(f"scale: {what} …\n")
    sys.stderr.flush()


# --- shards ---------------------------------------------------------------------------------------


def _sharded(engineers: int) -> Iterator[Figure]:
    """With the events of users, which GitLab lists for one user at a time."""
    with tempfile.TemporaryDirectory() as folder, _organisation(Path(folder), engineers, FEW_TICKETS) as made:
        _ask_for_user_events(made.config / "sources.yml")
        made.sandbox.faults.add(delayed(".", LATE, count=None))
        _say(f"{engineers:,} engineers are gathered at once")
        alone = _seconds(made, [["gather"]])
        asked = _requests(made)
        _say(f"and in {SHARDS} shards")
        apart = _seconds(made, [["gather-shard", f"{number}/{SHARDS}"] for number in range(1, SHARDS + 1)], "shards")
        together = _seconds(made, [["gather"]], "shards")
        asked_in_shards = _requests(made)
    what = f"{engineers:,} engineers with their events, answers {LATE * 1000:.0f} ms late"
    yield Figure(name=f"scale: gather, {what}", value=alone, unit="seconds")
    yield Figure(name=f"scale: the same in {SHARDS} shards, until the last has ended", value=apart, unit="seconds")
    yield Figure(name="scale: taking them in and reading what is new", value=together, unit="seconds")
    yield Figure(name="scale: alone against shards and taking them in", value=alone / (apart + together), unit="ratio")
    yield Figure(name="scale: requests of shards against one gather", value=asked_in_shards / asked, unit="ratio")


@contextmanager
def _organisation(folder: Path, engineers: int, tickets: int) -> Iterator[Organisation]:
    """Somewhere far away: the week is the last one, since commands go by the machine's clock."""
    _say(f"{engineers:,} engineers and {tickets:,} tickets are made")
    week = last_full_week(datetime.now(UTC), ZoneInfo("UTC"))
    with organisation(folder, week, (engineers, tickets), lambda: datetime.now(UTC)) as made:
        yield made


def _ask_for_user_events(sources: Path) -> None:
    told = yaml.safe_load(sources.read_text(encoding="utf-8"))
    told["gitlab"]["user_events"] = True
    sources.write_text(yaml.safe_dump(told), encoding="utf-8")


def _seconds(made: Organisation, commands: Sequence[Sequence[str]], store: str = "store") -> float:
    """How long commands take that run at once, each a process of its own; with one that failed a bench would measure nothing."""
    options = ["--config", str(made.config), "--store", str(made.config.parent / store)]
    started = time.perf_counter()
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "reports", *options, *command, "--week", str(made.week)],
            env=made.environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    said = [process.communicate()[1] for process in running]
    if any(process.returncode for process in running):
        raise RuntimeError("\n".join(said)[-1000:])
    return time.perf_counter() - started


def _requests(made: Organisation) -> int:
    """The requests since this was last asked."""
    count = len(made.sandbox.requests)
    made.sandbox.reset_log()
    return count


# --- the store between jobs -----------------------------------------------------------------------


def _kept(engineers: int, tickets: int) -> Iterator[Figure]:
    """To a folder of this machine: what a network adds is the size by its speed."""
    with tempfile.TemporaryDirectory() as name, _organisation(Path(name), engineers, tickets) as made:
        _say("they are gathered, kept and brought in again")
        _seconds(made, [["gather"]])
        folder, depot = Path(name), ObjectDepot(f"file://{name}/kept")
        started = time.perf_counter()
        carry_out(depot, folder / "store", datetime.now(UTC))
        carried = time.perf_counter()
        bring_in(depot, folder / "again")
        brought = time.perf_counter()
        size = sum(path.stat().st_size for path in (folder / "kept").iterdir()) / 1e6
    what = f"{tickets:,} tickets with {8 * tickets:,} steps and {6 * tickets:,} updates"
    yield Figure(name=f"scale: the store of {what}", value=size, unit="MB")
    yield Figure(name="scale: packing and keeping it", value=carried - started, unit="seconds")
    yield Figure(name="scale: bringing it in again", value=brought - carried, unit="seconds")


# --- measuring ------------------------------------------------------------------------------------


def _measured(events: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        _say(f"{events:,} ticket events are measured")
        History(events=events).write(Path(folder))
        taken = measuring.in_a_process(Path(folder), events)
    size = f"{events / 1_000_000:g} million ticket events"
    yield Figure(name=f"scale: {taken.measures} measures, {size}", value=taken.measuring, unit="seconds")
    yield Figure(name="scale: peak memory of that", value=taken.peak, unit="MiB")
