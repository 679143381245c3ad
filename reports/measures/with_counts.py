"""Measures over facts as far back as there are any, and over the counts that were kept of the days before."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reports.core.measurements import KeptCounts, Tallies
from reports.core.model import Evidence, Measure
from reports.core.people import Team
from reports.core.shown_events import Wanted
from reports.core.view import Contribution
from reports.core.weeks import Window, midnight
from reports.ports import MeasureEngine, Measuring


@dataclass(frozen=True, slots=True)
class _Measuring:
    """What is asked of facts, and what was kept."""

    of_facts: Measuring
    kept: KeptCounts

    def tallies(self) -> Tallies:
        return self.of_facts.tallies().and_kept(self.kept)

    def evidence(self, wanted: Collection[Wanted]) -> tuple[Evidence, ...]:
        return self.of_facts.evidence(wanted)


@dataclass(frozen=True, slots=True)
class MeasuresWithCounts:
    """A measure engine that asks no fact from before there are any: those that are left are of what goes on until today."""

    engine: MeasureEngine
    kept: KeptCounts

    def catalogue(self) -> tuple[Measure, ...]:
        """As of the engine."""
        return self.engine.catalogue()

    @contextmanager
    def measuring(self, team: Team, window: Window) -> Iterator[Measuring]:
        """The measures of a team over a window, of facts and of what was kept."""
        begin = min(max(window.start, midnight(self.kept.facts_since, team.zone)), window.end)
        with self.engine.measuring(team, Window(begin, window.end)) as measuring:
            yield _Measuring(measuring, self.kept)

    def contributions(self, window: Window, zone: ZoneInfo) -> tuple[Contribution, ...]:
        """As of the engine, as far as there are facts."""
        return self.engine.contributions(window, zone)
