"""The example organisation with its store filled: gathering takes longest and is the same for every test of what follows."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import count
from pathlib import Path

from reports.commands import console
from reports.core.weeks import last_full_week
from reports.jobs import stages
from reports.jobs.demo import Demo, DemoOptions, open_demo
from reports.measures.registry import catalogue
from reports.settings.loader import load
from tests.integration.organisation import EXAMPLE, MONDAY, fresh_house

#: Below the ports that a system gives out by itself, and others for each process of the tests.
_FIRST_PORT = 21_000 + 200 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def half_of_the_example(folder: Path) -> Path:
    """The example's configuration with the teams of two managers only, Petra's and Olivia's: half as much to do."""
    shutil.copytree(EXAMPLE, folder)
    engineers = load(EXAMPLE, catalogue()).team.engineers
    for engineer in engineers:
        if engineer.reports_to not in ("plindqvist", "ohart"):
            leave_the_team(folder, engineer.username)
    return folder


def leave_the_team(config: Path, username: str) -> None:
    """Take somebody out of team.yml, goals.yml and context.yml, as a person would."""
    for name in ("team", "goals", "context"):
        path = config / f"{name}.yml"
        text = path.read_text(encoding="utf-8")
        text = re.sub(rf"^  - username: {username}\n(?:    .*\n|\n)*", "", text, flags=re.MULTILINE)
        text = re.sub(rf"^  {username}:\n(?:    .*\n)*", "", text, flags=re.MULTILINE)
        text = re.sub(rf"^  - \{{who: {username},.*\n", "", text, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")


@dataclass(slots=True)
class _Place:
    """Two addresses, which facts hold, and what was gathered there by the present of then."""

    ports: tuple[int, int]
    stores: dict[tuple[Path, datetime], Path] = field(default_factory=dict)
    is_taken: bool = False


class GatheredDemos:
    """Opens the organisation where it was open before, so that what was gathered from there still fits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: list[_Place] = []
        self._ports = count(_FIRST_PORT, 2)

    @contextmanager
    def open(
        self, folder: Path, now: datetime = MONDAY, present: datetime | None = None, *, is_half: bool = False
    ) -> Iterator[Demo]:
        """The world as of `now`, its clock at the `present` of the first run, everything gathered by then; or half of it."""
        place = self._place()
        place.is_taken = True
        example = self.half if is_half else EXAMPLE
        options = DemoOptions(example=example, folder=folder, now=now, ports=place.ports)
        try:
            with open_demo(options) as demo:
                demo.world.now = present or demo.world.now
                self._gather(demo, place, example)
                yield demo
        finally:
            place.is_taken = False

    def _place(self) -> _Place:
        free = next((place for place in self._places if not place.is_taken), None)
        if free is None:
            port = next(self._ports)
            free = _Place((port, port + 1))
            self._places.append(free)
        return free

    @cached_property
    def half(self) -> Path:
        """The configuration of the half organisation."""
        return half_of_the_example(self._folder / "half")

    def _gather(self, demo: Demo, place: _Place, example: Path) -> None:
        store, kept = demo.house.store_folder, place.stores.get((example, demo.world.now))
        if kept:
            shutil.copytree(kept, store)
            return
        house = fresh_house(demo)
        gathered = stages.gather(house, last_full_week(demo.world.now, house.plan.zone), console.silent)
        assert gathered.gaps == ()
        kept = self._folder / f"{place.ports[0]}-{len(place.stores)}"
        shutil.copytree(store, kept)
        place.stores[example, demo.world.now] = kept
