"""Which events the reports of a week show, and those events put into its results; nobody reads or keeps the others."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from reports.core.goals import span_of
from reports.core.measurements import Evidences
from reports.core.model import Evidence
from reports.core.results import EngineerResults, WeekResults
from reports.core.weeks import DayRange, window_of_days

Spans = Mapping[str, DayRange]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The events of one person and measure on whole days; nobody asks for the same two twice."""

    engineer: str
    measure: str
    days: DayRange


def wanted(results: WeekResults, followed: Collection[str], only: Collection[str] | None = None) -> tuple[Wanted, ...]:
    """What the reports show: the week or the span of a goal, and all weeks of the goals of whoever is or may be `followed`.

    `only` names the people whose reports are made; None for everybody's.
    """
    people = (own for own in results.engineers if only is None or own.username in only)
    return tuple(one for own in people for one in _wanted(own, results, followed))


def with_events(results: WeekResults, rows: Iterable[Evidence], zone: ZoneInfo, followed: Collection[str]) -> WeekResults:
    """Judged results with the events that their reports show, chosen from rows that may hold more."""
    events = Evidences(rows)

    def chosen(own: EngineerResults, spans: Spans) -> tuple[Evidence, ...]:
        found = (events.within(own.username, name, window_of_days(days, zone)) for name, days in spans.items())
        return tuple(row for rows in found for row in rows)

    engineers = tuple(
        replace(
            own,
            evidence=chosen(own, _reported(own, results)),
            case_evidence=chosen(own, _of_a_case(own, results, followed)),
        )
        for own in results.engineers
    )
    return replace(results, engineers=engineers)


def _wanted(own: EngineerResults, results: WeekResults, followed: Collection[str]) -> Iterator[Wanted]:
    reported, of_a_case = _reported(own, results), _of_a_case(own, results, followed)
    for name in sorted(reported):
        spans = [spans[name] for spans in (reported, of_a_case) if name in spans]
        whole = DayRange(min(days.first for days in spans), max(days.last for days in spans))
        yield Wanted(engineer=own.username, measure=name, days=whole)


def _reported(own: EngineerResults, results: WeekResults) -> Spans:
    """The week for every measure, but for one with a goal the span of the goal."""
    spans = {measure.name: DayRange(results.week.first_day, results.week.last_day) for measure in results.measures}
    goals = (verdict.goal for verdict in own.weeks[-1].verdicts)
    return spans | {goal.measure: span_of(goal, results.week) for goal in goals if goal.measure in spans}


def _of_a_case(own: EngineerResults, results: WeekResults, followed: Collection[str]) -> Spans:
    """All judged weeks for the measures of goals, of somebody who has a follow-up or a run that asks for one."""
    if own.chance is None and own.username not in followed:
        return {}
    known = {measure.name for measure in results.measures}
    names = {verdict.goal.measure for week in own.weeks for verdict in week.verdicts} & known
    days = DayRange(results.weeks[0].first_day, results.week.last_day)
    return dict.fromkeys(sorted(names), days)
