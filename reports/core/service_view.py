"""What the whole, its regions and its teams come to, into a view for those who answer for the service; numbers of groups only.

A group's number stands beside its own weeks before and never beside another group's in an order of size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reports.core.group_numbers import CategoryRow, Group, GroupKind, GroupNumber
from reports.core.model import Measure, Measurement
from reports.core.report_views import Desk, report_head
from reports.core.view import ReportHead
from reports.core.weeks import Week

#: Work that people did is in their own and their team's report; of groups it says little.
_FAMILIES = ("queues", "service_levels", "satisfaction")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNumber:
    """One number of a group for the week and the weeks before, oldest first, and the week by category, such as priority.

    `rows` are the week by a second category, such as type, and by both; none where no type alone has enough cases.
    """

    measure: Measure
    measurement: Measurement
    trend: tuple[float | None, ...]
    categories: tuple[tuple[str, Measurement], ...]
    rows: tuple[CategoryRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceGroup:
    """A team, a region or the whole, with its numbers by title."""

    name: str
    kind: GroupKind
    people: int
    numbers: tuple[ServiceNumber, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceWeeklyView:
    """The week of the service: readable by every support manager, so no number is of fewer than three people."""

    head: ReportHead
    whole: tuple[ServiceGroup, ...]
    """The organisation, once; nothing when it is too small."""
    regions: tuple[ServiceGroup, ...]
    teams: tuple[ServiceGroup, ...]
    weeks: tuple[Week, ...]


def service_weekly(desk: Desk) -> ServiceWeeklyView:
    """The numbers of every group that is large enough, by the names of the groups."""
    groups = [_group(desk, group) for group in desk.results.groups]
    return ServiceWeeklyView(
        head=report_head(desk),
        whole=tuple(group for group in groups if group.kind is GroupKind.ORGANISATION),
        regions=tuple(group for group in groups if group.kind is GroupKind.REGION),
        teams=tuple(sorted((g for g in groups if g.kind is GroupKind.TEAM), key=lambda g: g.name)),
        weeks=desk.results.weeks,
    )


def _group(desk: Desk, group: Group) -> ServiceGroup:
    name = group.group.name
    is_team = group.group.kind is GroupKind.TEAM
    numbers = sorted(_numbers(desk, group), key=lambda number: (number.measure.family, number.measure.title))
    return ServiceGroup(
        name=desk.plan.team.manager(name).name if is_team else name,
        kind=group.group.kind,
        people=max((number.weeks[-1].people for number in group.numbers), default=0),
        numbers=tuple(numbers),
    )


def _numbers(desk: Desk, group: Group) -> Iterator[ServiceNumber]:
    set_up = {reach.stream for reach in desk.results.coverage}
    measures = {measure.name: measure for measure in (*desk.results.measures, *desk.results.organisation_measures)}
    for number in group.numbers:
        measure = measures[number.measure]
        if measure.family in _FAMILIES and set_up.issuperset(measure.streams) and not _is_of_one_reply(measure):
            yield _number(measure, number)


def _is_of_one_reply(measure: Measure) -> bool:
    """What is counted of who replied has a twin that is counted of the tickets, and that one tells of a group."""
    return measure.family == "service_levels" and measure.is_of_people


def _number(measure: Measure, number: GroupNumber) -> ServiceNumber:
    return ServiceNumber(
        measure=measure,
        measurement=number.weeks[-1].measurement,
        trend=tuple(week.measurement.value for week in number.weeks),
        categories=number.categories,
        rows=number.rows if any(row.whole.value is not None for row in number.rows) else (),
    )
