"""The demo: a made-up organisation in a sandbox, the weekly job against it twice, and the numbers of both runs."""

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from reports.adapters.clocks import FixedClock
from reports.core.weeks import Week, last_full_week
from reports.errors import UsageError
from reports.jobs import stages
from reports.measures.registry import catalogue
from reports.ports import ProgressListener
from reports.sandbox.example import EXAMPLE_WEEK, shift_dates
from reports.sandbox.faults import Fault
from reports.sandbox.merge_request_import import last_full_week as last_week_of_file
from reports.sandbox.merge_request_import import replace_merge_requests
from reports.sandbox.server import Conditions, Sandbox
from reports.sandbox.world import World, make_world
from reports.sandbox.world_gitlab import READER_TOKEN, WRITER_TOKEN
from reports.sandbox.zendesk_account import CLIENT_ID, CLIENT_SECRET
from reports.settings.loader import load
from reports.wiring.house import House

WEEKS = 16
_EXAMPLE = Path(__file__).resolve().parents[2] / "config"
_MARKER = ".support-reports-demo"
_PLACEHOLDERS = {"gitlab": "https://gitlab.example.com", "zendesk": "https://acme.zendesk.example.com"}
ENVIRONMENT = {
    "GITLAB_TOKEN": WRITER_TOKEN,
    "GITLAB_READ_TOKEN": READER_TOKEN,
    "ZENDESK_CLIENT_ID": CLIENT_ID,
    "ZENDESK_CLIENT_SECRET": CLIENT_SECRET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What a person can choose about the demo; `now` is the present instant, `example` the folder of the example config."""

    example: Path
    folder: Path
    now: datetime
    seed: int = 1
    weeks: int = WEEKS
    merge_requests: Path | None = None
    conditions: Conditions = field(default_factory=Conditions)
    faults: tuple[Fault, ...] = ()
    ports: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A sandbox that is up, and the house that works against it."""

    sandbox: Sandbox
    house: House
    world: World
    week: Week


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """What one weekly run did and cost."""

    created: int
    updated: int
    closed: int
    unchanged: int
    requests: Mapping[str, int]
    writes: int
    seconds: float
    gaps: tuple[str, ...]
    refused: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {
            "created": self.created,
            "updated": self.updated,
            "closed": self.closed,
            "unchanged": self.unchanged,
            "requests": dict(self.requests),
            "writes": self.writes,
            "seconds": round(self.seconds, 2),
            "gaps": list(self.gaps),
            "refused": list(self.refused),
        }


@contextmanager
def open_demo(options: DemoOptions) -> Iterator[Demo]:
    """Make the organisation, start the sandbox and write a config that points at it."""
    _empty(options.folder)
    week = _week(options)
    config = options.folder / "config"
    _write_config(options.example, config, weeks=_weeks_between(EXAMPLE_WEEK, week), urls=_PLACEHOLDERS)
    world = _world(options, config, week)
    with sandbox_of(world, options) as sandbox:
        urls = {"gitlab": sandbox.gitlab_url, "zendesk": sandbox.zendesk_url}
        _write_config(options.example, config, weeks=_weeks_between(EXAMPLE_WEEK, week), urls=urls)
        yield Demo(sandbox=sandbox, house=_house(config, options.folder / "store", world), world=world, week=week)


def sandbox_of(world: World, options: DemoOptions) -> Sandbox:
    """The two servers with a world in them, not started yet; their clock stands at the world's Monday morning."""
    return Sandbox(
        world.gitlab,
        world.zendesk,
        lambda: world.now,
        faults=options.faults,
        seed=options.seed,
        latency=options.conditions.latency,
        rate_limits=options.conditions.rate_limits,
        retry_after=options.conditions.retry_after,
        ports=options.ports,
    )


def _world(options: DemoOptions, config: Path, week: Week) -> World:
    settings = load(config, catalogue())
    world = make_world(settings.team, settings.context, week, options.weeks, options.seed, settings.team.zone)
    if options.merge_requests is not None:
        replace_merge_requests(world, options.merge_requests)
    return world


def example_folder(config: Path) -> Path:
    """The config that a demo starts from: the one asked for, else the example of this repository."""
    return config if (config / "team.yml").exists() else _EXAMPLE


def run_weekly(demo: Demo, tell: ProgressListener) -> RunFigures:
    """Run the weekly job once, as a fresh process would, and count what it cost."""
    demo.sandbox.reset_log()
    house = _house(demo.house.config, demo.house.store_folder, demo.world)
    started = time.perf_counter()
    outcome = stages.weekly(house, demo.week, tell)
    seconds = time.perf_counter() - started
    requests = Counter(request.host for request in demo.sandbox.requests)
    return RunFigures(
        created=outcome.applied.created,
        updated=outcome.applied.updated,
        closed=outcome.applied.closed,
        unchanged=outcome.applied.unchanged,
        requests=dict(sorted(requests.items())),
        writes=sum(request.is_write for request in demo.sandbox.requests),
        seconds=seconds,
        gaps=outcome.gathered.gaps,
        refused=(*(f"{v.key}: {v.reason}" for v in outcome.planned.violations), *outcome.applied.failures),
    )


def draw(demo: Demo, tell: ProgressListener) -> Path:
    """Leave every report as a Markdown file with charts; gives their folder."""
    house = _house(demo.house.config, demo.house.store_folder, demo.world)
    return stages.write_files(house, demo.week, stages.render(house, demo.week, tell), tell)


def _house(config: Path, store: Path, world: World) -> House:
    return House(config=config, store_folder=store, environment=ENVIRONMENT, clock=FixedClock(world.now))


def _week(options: DemoOptions) -> Week:
    """The last full week: of the merge-request file where one is given, else of now."""
    settings = load(options.example, catalogue())
    if options.merge_requests is not None:
        return last_week_of_file(options.merge_requests, settings.team.zone)
    return last_full_week(options.now, settings.team.zone)


def _weeks_between(one: Week, other: Week) -> int:
    return (other.first_day - one.first_day).days // 7


def _write_config(example: Path, folder: Path, *, weeks: int, urls: Mapping[str, str]) -> None:
    """Copy the example's YAML with its dates moved and its servers replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(example.glob("*.yml")):
        text = shift_dates(source.read_text(encoding="utf-8"), weeks)
        for system, placeholder in _PLACEHOLDERS.items():
            text = text.replace(placeholder, urls[system])
        (folder / source.name).write_text(text, encoding="utf-8")


def _empty(folder: Path) -> None:
    """Begin with an empty folder; one that is not a demo's own is never emptied."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARKER).exists():
            raise UsageError(f"{folder} is not empty and is no demo folder", "choose another with --folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARKER).write_text("made by `support-reports demo`; it is emptied when the demo runs again\n", encoding="utf-8")
