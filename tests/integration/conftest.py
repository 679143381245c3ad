"""The example organisation in its sandbox, fresh for each test that writes, shared by those that only look."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.commands import console
from reports.jobs import stages
from reports.jobs.demo import Demo, DemoOptions, open_demo
from reports.jobs.stages import Outcome
from tests.integration.gathered import GatheredDemos
from tests.integration.organisation import EXAMPLE, MONDAY


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """The organisation before its first run."""
    with open_demo(DemoOptions(example=EXAMPLE, folder=tmp_path / "demo", now=MONDAY)) as opened:
        yield opened


@pytest.fixture(scope="session")
def gathered_demos(tmp_path_factory: pytest.TempPathFactory) -> GatheredDemos:
    """Opens the organisation with its store filled already."""
    return GatheredDemos(tmp_path_factory.mktemp("gathered"))


@pytest.fixture
def gathered(tmp_path: Path, gathered_demos: GatheredDemos) -> Iterator[Demo]:
    """The organisation before its first report, its facts gathered already."""
    with gathered_demos.open(tmp_path / "demo") as opened:
        yield opened


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, Outcome]]:
    """The organisation after one weekly run; not to be changed."""
    folder = tmp_path_factory.mktemp("published") / "demo"
    with open_demo(DemoOptions(example=EXAMPLE, folder=folder, now=MONDAY)) as opened:
        yield opened, stages.weekly(opened.house, opened.week, console.silent)
