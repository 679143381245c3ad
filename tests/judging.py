"""Judging from evidence rows as the pipeline does it from stored facts: counted, judged, and the rows that are shown put in."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reports.core import results
from reports.core.measurements import NOBODY, Columns, Tallies
from reports.core.model import Aggregation, Coverage, Evidence, Measure
from reports.core.overrides import NOTHING_SAID, Overrides
from reports.core.published import PublishedWeeks
from reports.core.results import Plan, WeekResults
from reports.core.shown_events import with_events
from reports.core.view import Contribution
from reports.core.weeks import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was observed, with every event as a row."""

    measures: tuple[Measure, ...]
    evidence: Collection[Evidence]
    coverage: tuple[Coverage, ...]
    contributions: tuple[Contribution, ...]


def judge(
    plan: Plan, observed: Observed, week: Week, published: PublishedWeeks | None = None, said: Overrides = NOTHING_SAID
) -> WeekResults:
    counted = results.Observed(
        measures=observed.measures,
        tallies=tallied(observed.evidence, plan.zone, observed.measures),
        coverage=observed.coverage,
        contributions=observed.contributions,
    )
    judged = results.judge(plan, counted, week, published, said)
    return with_events(judged, observed.evidence, plan.zone, said.followed)


def tallied(rows: Iterable[Evidence], zone: ZoneInfo, measures: Collection[Measure]) -> Tallies:
    """Rows counted in plain Python."""
    by_measure: defaultdict[str, list[Evidence]] = defaultdict(list)
    for row in rows:
        by_measure[row.measure].append(row)
    return Tallies({measure.name: _columns(by_measure[measure.name], zone, measure.kind) for measure in measures})


def _columns(rows: Collection[Evidence], zone: ZoneInfo, kind: Aggregation) -> Columns:
    """Each event a row of its own."""
    people, categories, regions = (
        sorted({NOBODY, *words}) for words in ([r.engineer for r in rows], [r.category for r in rows], [r.region for r in rows])
    )
    needs_values = kind not in (Aggregation.COUNT, Aggregation.RATIO)
    cells = sorted(
        (
            people.index(row.engineer),
            row.at.astimezone(zone).date().toordinal(),
            categories.index(row.category),
            regions.index(row.region),
            row.value if needs_values else float(row.value > 0),
        )
        for row in rows
    )
    return Columns(
        people=[cell[0] for cell in cells],
        days=[cell[1] for cell in cells],
        categories=[cell[2] for cell in cells],
        regions=[cell[3] for cell in cells],
        cases=[1] * len(cells),
        amounts=[cell[4] for cell in cells],
        people_names=tuple(people),
        category_names=tuple(categories),
        region_names=tuple(regions),
    )
