"""The example organisation with its store filled: gathering takes longest and is the same for every test of what follows."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

from reports import console, stages
from reports.core.weeks import last_full_week
from reports.demo import Demo, DemoOptions, open_demo
from tests.integration.organisation import EXAMPLE, MONDAY, fresh_house

#: Below the ports that a system gives out by itself, and others for each process of the tests.
_FIRST_PORT = 21_000 + 200 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@dataclass(slots=True)
class _Place:
    """Two addresses, which facts hold, and what was gathered there by the present of then."""

    ports: tuple[int, int]
    stores: dict[datetime, Path] = field(default_factory=dict)
    is_taken: bool = False


class GatheredDemos:
    """Opens the organisation where it was open before, so that what was gathered from there still fits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: list[_Place] = []
        self._ports = count(_FIRST_PORT, 2)

    @contextmanager
    def open(self, folder: Path, now: datetime = MONDAY, present: datetime | None = None) -> Iterator[Demo]:
        """The world as of `now`, its clock at the `present` of the first run, everything gathered by then."""
        place = self._place()
        place.is_taken = True
        options = DemoOptions(example=EXAMPLE, folder=folder, now=now, ports=place.ports)
        try:
            with open_demo(options) as demo:
                demo.world.now = present or demo.world.now
                self._gather(demo, place)
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

    def _gather(self, demo: Demo, place: _Place) -> None:
        store, kept = demo.house.store_folder, place.stores.get(demo.world.now)
        if kept:
            shutil.copytree(kept, store)
            return
        house = fresh_house(demo)
        gathered = stages.gather(house, last_full_week(demo.world.now, house.plan.zone), console.silent)
        assert gathered.gaps == ()
        kept = self._folder / f"{place.ports[0]}-{len(place.stores)}"
        shutil.copytree(store, kept)
        place.stores[demo.world.now] = kept
