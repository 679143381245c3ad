"""A gather of 1,000 engineers and 100,000 tickets a week: requests, wall time under the documented limits, memory, decoding.

The limits are enforced on a clock that runs with the machine's and jumps over every pause, so hours pass in minutes. Memory is
that of a process of its own, without limits. With BENCH_QUICK in the environment everything is ten times smaller.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from reports import console, stages
from reports.adapters.http_session import PacedSession, Waiting
from reports.core.weeks import Week, last_full_week
from reports.sandbox.zendesk_state import RateLimits
from reports.wiring import House
from scripts.benchmarks import decoding
from scripts.benchmarks.busy_week import Organisation, monday_after, organisation
from scripts.benchmarks.figures import Figure

ENGINEERS, TICKETS, FEW = 1000, 100_000, 100
EXPORTS_A_MINUTE, ACCOUNT_A_MINUTE, GITLAB_A_MINUTE = 10, 700, 2000
#: What a page may hold: of an export, of a list, and the people that one query may ask for.
EXPORT_PAGE, LIST_PAGE, PEOPLE = 1000, 100, 50
#: A token, ticket forms, custom statuses, SLA policies, schedules, the holidays of two, and ratings: one request each.
SHORT_LISTS = 8


def measure() -> list[Figure]:
    """All figures; it takes some minutes and says on standard error what it is at."""
    scale = 10 if os.environ.get("BENCH_QUICK") else 1
    engineers, tickets = ENGINEERS // scale, TICKETS // scale
    return [*_under_limits(engineers, tickets), _daily(), *_memory(engineers, tickets), *decoding.measure()]


def _say(what: str) -> None:
    sys.stderr.write(f"gather: {what} …\n")
    sys.stderr.flush()


# --- requests and wall time -----------------------------------------------------------------------


@dataclass
class JumpingClock:
    """The machine's time since a beginning, and every pause as if it had passed.

    Pauses of two threads add up, though really they would overlap: the clock is never in our favour.
    """

    begin: datetime
    started: float = field(default_factory=time.monotonic)
    ahead: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def now(self) -> datetime:
        """The present instant."""
        return self.begin + timedelta(seconds=time.monotonic() - self.started + self.ahead)

    def sleep(self, seconds: float) -> None:
        """Jump over a pause."""
        with self.lock:
            self.ahead += seconds


def _under_limits(engineers: int, tickets: int) -> list[Figure]:
    clock = JumpingClock(monday_after(_week()))
    with _made(engineers, tickets, clock.now) as made:
        made.sandbox.zendesk.rate_limits = RateLimits(account=ACCOUNT_A_MINUTE, exports=EXPORTS_A_MINUTE, enforced=True)
        made.sandbox.conditions = replace(made.sandbox.conditions, rate_limits={"gitlab": GITLAB_A_MINUTE})
        _say("they are gathered under the documented limits")
        clock.started = time.monotonic()
        rows = _gather(made, clock)
        seconds = (clock.now() - clock.begin).total_seconds()
        size = f"{engineers:,} engineers, {tickets:,} tickets"
        sent, forced = len(made.sandbox.requests), 60.0 * ((_fewest_exports(made) - 1) // EXPORTS_A_MINUTE)
        refused = sum(request.status == 429 for request in made.sandbox.requests)
        return [
            Figure(
                name=f"gather: requests against the fewest, {size}",
                value=sent / _fewest(made, rows),
                unit="ratio",
                goal=1.05,
            ),
            Figure(name="gather: requests", value=sent, unit="requests"),
            Figure(name="gather: of them refused with 429", value=refused, unit="requests"),
            Figure(name="gather: wall time against what the limits force", value=seconds / forced, unit="ratio", goal=1.05),
            Figure(name="gather: wall time under the limits", value=seconds / 3600, unit="hours"),
        ]


def _fewest_exports(made: Organisation) -> int:
    """The pages that all rows of the three exports fill."""
    zendesk = made.sandbox.zendesk
    return sum(
        _pages(n, EXPORT_PAGE) for n in (len(zendesk.tickets), len(zendesk.updates.rows()), len(zendesk.metric_events.rows()))
    )


def _fewest(made: Organisation, rows: Mapping[str, int]) -> int:
    """The requests without which no client can get every row: full pages, everything that can be asked together asked together.

    Of GitLab: what people merged and opened comes in one answer for 50 of them, further issues in pages; what is in projects
    fills pages; label and state events are two lists for each attention request.
    """
    zendesk = made.sandbox.zendesk
    agents = len(zendesk.users_by_role(frozenset({"agent", "admin"})))
    lists = sum(_pages(n, LIST_PAGE) for n in (agents, len(zendesk.group_memberships), len(zendesk.groups)))
    people = max(_pages(len(made.team.engineers), PEOPLE), _pages(rows["gitlab.issues"], LIST_PAGE))
    projects = _pages(rows["gitlab.pairing"] + rows["gitlab.training"], LIST_PAGE)
    return _fewest_exports(made) + lists + SHORT_LISTS + people + projects


def _pages(rows: int, size: int) -> int:
    return max(1, -(-rows // size))


# --- a day with nothing new -----------------------------------------------------------------------


def _daily() -> Figure:
    clock = JumpingClock(monday_after(_week()))
    with _made(FEW, None, clock.now) as made:
        _gather(made, clock)
        clock.sleep(86_400)
        made.sandbox.reset_log()
        _say("a day later, with nothing new")
        _gather(made, clock)
        requests = len(made.sandbox.requests)
    return Figure(name=f"gather: requests of a day with nothing new, {FEW} engineers", value=requests, unit="requests", goal=20)


def _gather(made: Organisation, clock: JumpingClock) -> Mapping[str, int]:
    """The rows that a gather brings as a fresh process would do it; with something missing a bench would measure nothing."""
    house = House(
        config=made.config,
        store_folder=made.config.parent / "store",
        environment=made.environment,
        clock=clock,
        new_session=lambda: PacedSession(waiting=Waiting(sleep=clock.sleep, now=clock.now)),
    )
    with house.session:
        gathered = stages.gather(house, made.week, console.silent)
    if gathered.gaps:
        raise RuntimeError(f"something is missing: {gathered.gaps}")
    return gathered.rows


# --- memory ---------------------------------------------------------------------------------------


def _memory(engineers: int, tickets: int) -> list[Figure]:
    half, whole = (_peak(engineers, count) for count in (tickets // 2, tickets))
    return [
        Figure(name=f"gather: peak memory, {tickets:,} tickets", value=whole, unit="MiB", goal=300),
        Figure(name="gather: peak memory of twice as many pages", value=whole / half, unit="ratio", goal=1.1),
    ]


#: The command, then the most memory it had at once. What `wait4` says of it would count its parent, from before it began.
_COMMAND = """
import sys
from pathlib import Path
from reports.cli import cli
cli.main(sys.argv[1:], standalone_mode=False)
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))
"""


def _peak(engineers: int, tickets: int) -> float:
    """The peak resident memory of the command, in MiB; Linux only."""
    with _made(engineers, tickets, lambda: datetime.now(UTC)) as made:
        _say(f"{tickets:,} tickets are gathered by a process of its own")
        options = ["--config", str(made.config), "--store", str(made.config.parent / "store")]
        command = [sys.executable, "-c", _COMMAND, *options, "gather", "--week", str(made.week)]
        done = subprocess.run(command, env=made.environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"gather ended with {done.returncode}: {done.stderr[-500:]}")
    return int(done.stdout.split()[-1]) / 1024


@contextmanager
def _made(engineers: int, tickets: int | None, clock: Callable[[], datetime]) -> Iterator[Organisation]:
    _say(f"{engineers:,} engineers and {'their' if tickets is None else f'{tickets:,}'} tickets are made")
    with tempfile.TemporaryDirectory() as folder, organisation(Path(folder), _week(), (engineers, tickets), clock) as made:
        yield made


def _week() -> Week:
    """The last full week, since a process of its own goes by the machine's clock."""
    return last_full_week(datetime.now(UTC), ZoneInfo("UTC"))
