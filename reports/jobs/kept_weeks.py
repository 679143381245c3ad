"""Weeks whose facts are gone: since when there are facts, and the measures that count earlier days by what was kept of them."""

from reports.core.results import evidence_window
from reports.core.retention import weeks_between
from reports.core.weeks import Week, Window, midnight
from reports.measures.with_counts import MeasuresWithCounts
from reports.ports import MeasureEngine
from reports.wiring.house import House


def measures(house: House, week: Week) -> MeasureEngine:
    """The measures, for judging a week."""
    since = house.store.facts_since
    if since is None:
        return house.engine
    begin = evidence_window(week, house.plan.zone).start.astimezone(house.plan.zone).date()
    return MeasuresWithCounts(house.engine, house.counts.read(weeks_between(begin, since), since))


def needed_facts(house: House, week: Week) -> Window:
    """The window of facts for judging a week: of earlier days counts were kept, and nobody gathers their facts again."""
    window, since = evidence_window(week, house.plan.zone), house.store.facts_since
    if since is None:
        return window
    return Window(min(max(window.start, midnight(since, house.plan.zone)), window.end), window.end)
