"""A gather of 1,000 engineers and 100,000 tickets a week: requests, wall time under the documented limits, memory, decoding.

The limits are enforced on a clock that runs with the machine's and jumps over every pause, so hours pass in minutes. Memory is
that of a process of its own, without limits. With BENCH_QUICK in the environment everything is ten times smaller.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
#: One query asks for the roles that the token's user has in all places.
ROLES = 1


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


@dataclass(frozen=True, slots=True)
class Need:
    """Rows that have to be asked for below some paths, and the fewest requests that they fill."""

    what: str
    paths: str
    fewest: int

    def taken(self, made: Organisation) -> int:
        """The requests that were sent for it."""
        return sum(re.match(self.paths, request.path) is not None for request in made.sandbox.requests)


def _under_limits(engineers: int, tickets: int) -> list[Figure]:
    clock = JumpingClock(monday_after(_week()))
    with _made(engineers, tickets, clock.now) as made:
        made.sandbox.zendesk.rate_limits = RateLimits(account=ACCOUNT_A_MINUTE, exports=EXPORTS_A_MINUTE, enforced=True)
        made.sandbox.conditions = replace(made.sandbox.conditions, rate_limits={"gitlab": GITLAB_A_MINUTE})
        _say("they are gathered under the documented limits")
        clock.started = time.monotonic()
        rows = _gather(made, clock)
        seconds = (clock.now() - clock.begin).total_seconds()
        exports = _exports(made)
        needs = [*exports, *_lists(made), *_of_gitlab(made, rows)]
        forced = 60.0 * ((sum(need.fewest for need in exports) - 1) // EXPORTS_A_MINUTE)
        return [
            *_requests(made, needs, f"{engineers:,} engineers, {tickets:,} tickets"),
            Figure(name="gather: wall time against what the limits force", value=seconds / forced, unit="ratio", goal=1.05),
            Figure(name="gather: wall time under the limits", value=seconds / 3600, unit="hours"),
        ]


def _requests(made: Organisation, needs: Sequence[Need], size: str) -> Iterator[Figure]:
    sent, fewest = len(made.sandbox.requests), sum(need.fewest for need in needs)
    yield Figure(name=f"gather: requests against the fewest, {size}", value=sent / fewest, unit="ratio", goal=1.05)
    yield Figure(name=f"gather: requests (fewest: {fewest:,})", value=sent, unit="requests")
    for need in needs:
        yield Figure(name=f"gather: of them {need.what} (fewest: {need.fewest:,})", value=need.taken(made), unit="requests")
    refused = sum(request.status == 429 for request in made.sandbox.requests)
    yield Figure(name="gather: of them refused with 429", value=refused, unit="requests")


# What follows are the requests without which no client can get every row: full pages, and together what can be asked together.


def _exports(made: Organisation) -> list[Need]:
    """The pages that all rows of the exports fill, as if the time-based ones did not repeat the last second of a page."""
    zendesk, folder = made.sandbox.zendesk, "/api/v2/incremental"
    return [
        Need("tickets", f"{folder}/tickets/", _pages(len(zendesk.tickets), EXPORT_PAGE)),
        Need("updates of tickets", f"{folder}/ticket_events", _pages(len(zendesk.updates.rows()), EXPORT_PAGE)),
        Need("steps of metrics", f"{folder}/ticket_metric_events", _pages(len(zendesk.metric_events.rows()), EXPORT_PAGE)),
    ]


def _lists(made: Organisation) -> list[Need]:
    zendesk = made.sandbox.zendesk
    agents = len(zendesk.users_by_role(frozenset({"agent", "admin"})))
    desk = sum(_pages(rows, LIST_PAGE) for rows in (agents, len(zendesk.group_memberships), len(zendesk.groups)))
    # A token, forms, custom statuses, SLA policies, schedules, and the holidays of each schedule.
    whole = 5 + len(zendesk.promises.schedules)
    return [
        Need("satisfaction ratings", "/api/v2/(satisfaction|guide)", _pages(len(zendesk.promises.ratings), LIST_PAGE)),
        Need("agents, memberships and groups", "/api/v2/(users|group)", desk),
        Need("short lists and tokens", "/(oauth|api/v2/(ticket_forms|custom_statuses|slas|business_hours))", whole),
    ]


def _of_gitlab(made: Organisation, rows: Mapping[str, int]) -> list[Need]:
    """What people merged and opened comes in one answer for 50 of them, further issues in pages; the longest list of a project
    has room beside it for the others. Labels and states are two lists for each attention request, as GitLab has no other.
    """
    people = max(_pages(len(made.team.engineers), PEOPLE), _pages(rows["gitlab.issues"], LIST_PAGE))
    projects = max(_pages(rows[stream], LIST_PAGE) for stream in ("gitlab.pairing", "gitlab.training"))
    asked_for_attention = made.sandbox.gitlab.projects["acme/support/ticket-attention-requests"].issues
    return [
        Need("lists of GitLab", "/api/graphql", people + projects + ROLES),
        Need("histories of attention requests", "/api/v4/projects/.*/resource_", 2 * len(asked_for_attention)),
    ]


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
