"""What teams, regions and the whole organisation come to together, week by week; numbers of groups, never of one person.

A group's week holds whoever belonged to it then: nobody brings the weeks of another team along. What cannot be known of a
person, because a source does not know them, is left out, and `people` says of how many a number is.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from zoneinfo import ZoneInfo

from reports.core.measurements import NOBODY, Counted, Tallies, hidden, measurement, together, unknown_person, unread_streams
from reports.core.model import APART, Coverage, Measure, Measurement, RuleSet
from reports.core.people import Engineer, Team
from reports.core.rates import if_enough
from reports.core.weeks import DayRange, Week, week_window

#: In a smaller group a count or a sum tells all who read it about one person.
MINIMUM_TEAM = 3

TOO_FEW_PEOPLE = f"fewer than {MINIMUM_TEAM} people"


class GroupKind(StrEnum):
    """What makes people a group: their manager, their region, or working here."""

    TEAM = "team"
    REGION = "region"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class GroupName:
    """A group: that of a manager's username, of a region, or of the organisation's name."""

    kind: GroupKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWeek:
    """What a group came to in a week, and how many people's work that is."""

    people: int
    measurement: Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    """What the cases of one category of the second kind, such as a type, come to: all of them, and by those of the first."""

    name: str
    whole: Measurement
    by_first: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupNumber:
    """One measure of a group: every week, oldest first, and the last week by the measure's categories, in their order.

    Of a measure that is told apart by two things, `categories` are those of the first, and `rows` those of the second.
    """

    measure: str
    weeks: tuple[GroupWeek, ...]
    categories: tuple[tuple[str, Measurement], ...] = ()
    rows: tuple[CategoryRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The numbers of a group that was large enough in the last week, by the name of the measure."""

    group: GroupName
    numbers: tuple[GroupNumber, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the numbers are made of: the catalogue, the counted evidence, how far each stream reaches, the rules of a week."""

    measures: Sequence[Measure]
    tallies: Tallies
    coverage: Mapping[str, Coverage]
    rules: Callable[[Week], RuleSet]
    is_shut: Callable[[Engineer, DayRange, str], bool] = lambda engineer, days, measure: False
    """Whether a measure of somebody was not agreed for some days: such work is in no number."""


#: Cases by their first and second category; the second is empty where the measure is told apart by one thing.
_Parts = Mapping[tuple[str, str], list[Counted]]


@dataclass(frozen=True, slots=True)
class _Member:
    """Somebody in the role of a week, and the positions of the groups they belonged to."""

    engineer: Engineer
    groups: tuple[int, ...]


class _Groups:
    """Every group there is in any of the weeks, by position, with its members in each week."""

    def __init__(self, team: Team, weeks: Sequence[Week]) -> None:
        self.names: list[GroupName] = []
        self._positions: dict[GroupName, int] = {}
        self.whole = self._position(GroupKind.ORGANISATION, team.name)
        self.members = {week: tuple(self._there(team, week)) for week in weeks}

    def region(self, name: str) -> int | None:
        """The position of a region; None when nobody works there."""
        return self._positions.get(GroupName(kind=GroupKind.REGION, name=name))

    def large_enough(self, week: Week) -> list[int]:
        """The groups that had enough people in a week, in the order of kinds and names."""
        sizes = Counter(group for member in self.members[week] for group in member.groups)
        return sorted((group for group, size in sizes.items() if size >= MINIMUM_TEAM), key=self._order)

    def _there(self, team: Team, week: Week) -> Iterator[_Member]:
        """Whoever had begun by the end of a week, in the role of the day on which its reports are published."""
        for engineer in team.as_of(week.report_day).engineers:
            if engineer.start_date <= week.last_day:
                team_and_region = (
                    self._position(GroupKind.TEAM, engineer.reports_to),
                    self._position(GroupKind.REGION, engineer.region),
                )
                yield _Member(engineer, (self.whole, *team_and_region))

    def _position(self, kind: GroupKind, name: str) -> int:
        group = GroupName(kind=kind, name=name)
        if group not in self._positions:
            self._positions[group] = len(self.names)
            self.names.append(group)
        return self._positions[group]

    def _order(self, position: int) -> tuple[int, str]:
        group = self.names[position]
        return list(GroupKind).index(group.kind), group.name


def group_numbers(team: Team, weeks: Sequence[Week], counts: Counts) -> tuple[Group, ...]:
    """Every measure of every group that had enough people in the last of the weeks, in the order of kinds and names."""
    groups = _Groups(team, weeks)
    shown = groups.large_enough(weeks[-1])
    numbers = [_Reckoning(measure, counts, groups, team.zone).numbers(shown) for measure in counts.measures]
    return tuple(Group(group=groups.names[group], numbers=tuple(found[group] for found in numbers)) for group in shown)


class _Reckoning:
    """One measure for all groups: each person's cases are looked up once and given to every group they belong to."""

    def __init__(self, measure: Measure, counts: Counts, groups: _Groups, zone: ZoneInfo) -> None:
        self.measure = measure
        self.counts = counts
        self.groups = groups
        self.zone = zone
        self.hidden = hidden(measure, counts.coverage)
        people = {member.engineer.username: member.engineer for there in groups.members.values() for member in there}
        known = {name for name, engineer in people.items() if not unknown_person(measure, engineer, counts.coverage)}
        self.members = {
            week: [m for m in there if m.engineer.username in known and not self._is_left_out(m.engineer, days)]
            for week, there in groups.members.items()
            for days in [_days(week)]
        }

    def _is_left_out(self, engineer: Engineer, days: DayRange) -> bool:
        """Whether a measure of somebody was not agreed for some days, or is of them alone counted no more."""
        name, tallies = self.measure.name, self.counts.tallies
        is_gone = tallies.uncounted(engineer.username, name, days) and not tallies.uncounted(NOBODY, name, days)
        return self.counts.is_shut(engineer, days, name) or bool(is_gone)

    def numbers(self, shown: Sequence[int]) -> dict[int, GroupNumber]:
        """The measure of every group that is shown."""
        weeks = [self._week(week, shown) for week in self.members]
        last = list(self.members)[-1]
        parts = self._categories(last) if self.measure.category else {}
        found = {}
        for group in shown:
            own: _Parts = {} if weeks[-1][group].measurement.missing else parts.get(group, {})
            found[group] = GroupNumber(
                measure=self.measure.name,
                weeks=tuple(week[group] for week in weeks),
                categories=tuple((first, self._pooled(last, own, first=first)) for first in _firsts(own)),
                rows=tuple(self._rows(last, own)) if self.measure.has_two_categories else (),
            )
        return found

    def _week(self, week: Week, shown: Sequence[int]) -> dict[int, GroupWeek]:
        missing = unread_streams(self.measure, week_window(week, self.zone), self.counts.coverage)
        missing = missing or self.counts.tallies.uncounted(NOBODY, self.measure.name, _days(week))
        people = Counter(group for member in self.members[week] for group in member.groups)
        parts: defaultdict[int, list[Counted]] = defaultdict(list)
        for groups, counted in self._cases(week):
            for group in groups:
                parts[group].append(counted)

        def measured(group: int) -> Measurement:
            why_not = missing or (TOO_FEW_PEOPLE if people[group] < MINIMUM_TEAM else "")
            if why_not:
                return Measurement(value=None, missing=why_not, kind=self.measure.kind)
            return self._measured(week, parts[group])

        return {group: GroupWeek(people=people[group], measurement=measured(group)) for group in shown}

    def _categories(self, week: Week) -> Mapping[int, _Parts]:
        parts: defaultdict[int, defaultdict[tuple[str, str], list[Counted]]] = defaultdict(lambda: defaultdict(list))
        days = _days(week)
        for person, groups in self._people(week):
            found = self.counts.tallies.by_category(person, self.measure.name, days)
            for (category, region), counted in found.items():
                first, _, second = category.partition(APART) if self.measure.has_two_categories else (category, "", "")
                for group in self._of_region(groups, region):
                    parts[group][first, second].append(counted)
        return parts

    def _rows(self, week: Week, parts: _Parts) -> Iterator[CategoryRow]:
        for second in sorted({second for _, second in parts}):
            by_first = tuple(self._measured(week, parts.get((first, second), ())) for first in _firsts(parts))
            yield CategoryRow(name=second, whole=self._pooled(week, parts, second=second), by_first=by_first)

    def _pooled(self, week: Week, parts: _Parts, *, first: str | None = None, second: str | None = None) -> Measurement:
        """All cases of one category, whatever the other one is."""
        chosen = (own for (one, other), own in parts.items() if first in (None, one) and second in (None, other))
        return self._measured(week, chain.from_iterable(chosen))

    def _measured(self, week: Week, parts: Iterable[Counted]) -> Measurement:
        found = measurement(self.measure.kind, together(parts))
        seen = replace(found, hidden=self.hidden) if self.hidden else found
        return if_enough(seen, self.counts.rules(week).minimum_cases_for_rate)

    def _cases(self, week: Week) -> Iterator[tuple[Iterable[int], Counted]]:
        """Cases with the groups they belong to."""
        days = _days(week)
        for person, groups in self._people(week):
            for region, counted in self.counts.tallies.by_region(person, self.measure.name, days).items():
                if counted.cases:
                    yield self._of_region(groups, region), counted

    def _people(self, week: Week) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Everybody by name with their groups; what is the organisation's may be nobody's, who belongs to no team."""
        yield from ((member.engineer.username, member.groups) for member in self.members[week])
        if not self.measure.is_of_people:
            yield NOBODY, (self.groups.whole,)

    def _of_region(self, groups: tuple[int, ...], region: str) -> tuple[int, ...]:
        """The groups of a case: its own region, where it names one, stands for that of the person."""
        if not region:
            return groups
        others = tuple(group for group in groups if self.groups.names[group].kind is not GroupKind.REGION)
        named = self.groups.region(region)
        return others if named is None else (*others, named)


def _firsts(parts: Mapping[tuple[str, str], object]) -> list[str]:
    return sorted({first for first, _ in parts})


def _days(week: Week) -> DayRange:
    return DayRange(week.first_day, week.last_day)
