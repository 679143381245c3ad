"""The weekly job on the example organisation: requests, wall time, rendering against bare Jinja2, and the start of --help."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment

from reports.commands import console
from reports.core.report_views import engineer_weekly
from reports.core.view import EngineerWeeklyView
from reports.jobs import stages
from reports.jobs.demo import Demo, DemoOptions, RunFigures, open_demo, run_weekly
from reports.render.environment import bare_environment, markdown_environment
from reports.render.links import LinkRules
from reports.render.markdown import harmless
from scripts.benchmarks.figures import Figure, median_ratio

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 11, 16, 6, tzinfo=UTC)
COMMAND = Path(sys.executable).with_name("support-reports")


def measure() -> list[Figure]:
    """All figures, from one demo and a few processes."""
    with _demo() as demo:
        first = run_weekly(demo, console.silent)
        second = run_weekly(demo, console.silent)
        rendering = _rendering_ratio(demo)
    return [
        Figure(name="weekly: reads of the first run, 24 engineers", value=_reads(first), unit="requests", goal=70),
        Figure(name="weekly: reads of the second run", value=_reads(second), unit="requests", goal=60),
        Figure(name="weekly: writes of the second run", value=second.writes, unit="requests", goal=0),
        Figure(name="weekly: wall time of the first run", value=first.seconds, unit="seconds", goal=10),
        Figure(name="weekly: rendering against bare Jinja2", value=rendering, unit="ratio", goal=2),
        Figure(name="weekly: --help against python -c pass", value=_help_ratio(), unit="ratio", goal=8),
    ]


@contextmanager
def _demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory() as folder:
        options = DemoOptions(example=ROOT / "config", folder=Path(folder) / "demo", now=MONDAY)
        with open_demo(options) as demo:
            yield demo


def _reads(figures: RunFigures) -> int:
    return sum(figures.requests.values()) - figures.writes


def _rendering_ratio(demo: Demo) -> float:
    """Rendering every engineer's issue in our environment against the same templates and filters without our escaping."""
    house = demo.house
    desk = house.desk(stages.plan_of(house, demo.week), stages.judged(house, demo.week), stages.said(house))
    views = [engineer_weekly(desk, engineer) for engineer in desk.plan.team.engineers]
    links = LinkRules.to(house.link_hosts, leave_traces=False)
    ours = markdown_environment(house.templates, links)
    bare = bare_environment(house.templates, links)
    return median_ratio(lambda: _render_all(ours, views), lambda: _render_all(bare, views), 15)


def _render_all(environment: Environment, views: Sequence[EngineerWeeklyView]) -> None:
    harmless.cache_clear()  # a run of its own begins with nothing remembered
    template = environment.get_template("engineer_weekly.md.j2")
    for view in views:
        template.render(view=view, pictures="")


def _help_ratio() -> float:
    ratios = [_seconds([str(COMMAND), "--help"]) / _seconds([sys.executable, "-c", "pass"]) for _ in range(11)]
    return statistics.median(ratios[1:])


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started
