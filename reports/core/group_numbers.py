"""What teams, regions and the whole organisation come to together, week by week; numbers of groups, never of one person.

A group's week holds whoever belonged to it then: nobody brings the weeks of another team along. What cannot be known of a
person, because a source does not know them, is left out, and `people` says of how many a number is.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from reports.core.measurements import NOBODY, Cell, Counted, Tallies, measurement, unknown_person, unread_streams
from reports.core.model import Coverage, Measure, Measurement, RuleSet
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
class GroupNumber:
    """One measure of a group: every week, oldest first, and the last week by the measure's categories, in their order."""

    measure: str
    weeks: tuple[GroupWeek, ...]
    categories: tuple[tuple[str, Measurement], ...] = ()


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


@dataclass(frozen=True, slots=True)
class _Member:
    """Somebody in the role of a week, and the groups they belonged to."""

    engineer: Engineer
    groups: tuple[GroupName, ...]


@dataclass(slots=True)
class _Pool:
    """The cases of a group so far."""

    cases: int = 0
    amounts: list[float] = field(default_factory=list)

    def add(self, counted: Counted) -> None:
        """Take in further cases."""
        self.cases += counted.cases
        self.amounts.extend(counted.amounts)


def group_numbers(team: Team, weeks: Sequence[Week], counts: Counts) -> tuple[Group, ...]:
    """Every measure of every group that had enough people in the last of the weeks, in the order of kinds and names."""
    members = {week: tuple(_there(team, week)) for week in weeks}
    sizes = Counter(group for member in members[weeks[-1]] for group in member.groups)
    shown = sorted((group for group, size in sizes.items() if size >= MINIMUM_TEAM), key=_order)
    whole = GroupName(kind=GroupKind.ORGANISATION, name=team.name)
    reckonings = [_Reckoning(measure, counts, members, whole, team.zone) for measure in counts.measures]
    numbers = [reckoning.numbers(shown) for reckoning in reckonings]
    return tuple(Group(group=group, numbers=tuple(found[group] for found in numbers)) for group in shown)


def _there(team: Team, week: Week) -> Iterator[_Member]:
    """Whoever had begun by the end of a week, with the groups of the day on which its reports are published."""
    for engineer in team.as_of(week.report_day).engineers:
        if engineer.start_date <= week.last_day:
            groups = (
                GroupName(kind=GroupKind.TEAM, name=engineer.reports_to),
                GroupName(kind=GroupKind.REGION, name=engineer.region),
                GroupName(kind=GroupKind.ORGANISATION, name=team.name),
            )
            yield _Member(engineer, groups)


def _order(group: GroupName) -> tuple[int, str]:
    return list(GroupKind).index(group.kind), group.name


class _Reckoning:
    """One measure for all groups: each person's cases are looked up once and given to every group they belong to."""

    def __init__(
        self, measure: Measure, counts: Counts, members: Mapping[Week, Sequence[_Member]], whole: GroupName, zone: ZoneInfo
    ) -> None:
        self.measure = measure
        self.counts = counts
        self.zone = zone
        self.whole = whole
        people = {member.engineer.username: member.engineer for week in members.values() for member in week}
        known = {name for name, engineer in people.items() if not unknown_person(measure, engineer, counts.coverage)}
        self.members = {week: [m for m in there if m.engineer.username in known] for week, there in members.items()}
        self.weeks = tuple(members)

    def numbers(self, shown: Sequence[GroupName]) -> dict[GroupName, GroupNumber]:
        """The measure of every group that is shown."""
        weeks = [self._week(week, shown) for week in self.weeks]
        categories = self._categories(self.weeks[-1]) if self.measure.category else {}
        return {
            group: GroupNumber(
                measure=self.measure.name,
                weeks=tuple(week[group] for week in weeks),
                categories=() if weeks[-1][group].measurement.missing else tuple(sorted(categories.get(group, {}).items())),
            )
            for group in shown
        }

    def _week(self, week: Week, shown: Sequence[GroupName]) -> dict[GroupName, GroupWeek]:
        missing = unread_streams(self.measure, week_window(week, self.zone), self.counts.coverage)
        people = Counter(group for member in self.members[week] for group in member.groups)
        pools: defaultdict[GroupName, _Pool] = defaultdict(_Pool)
        for groups, counted in self._cases(week):
            for group in groups:
                pools[group].add(counted)

        def measured(group: GroupName) -> Measurement:
            why_not = missing or (TOO_FEW_PEOPLE if people[group] < MINIMUM_TEAM else "")
            if why_not:
                return Measurement(value=None, missing=why_not, kind=self.measure.kind)
            return self._measured(week, pools[group])

        return {group: GroupWeek(people=people[group], measurement=measured(group)) for group in shown}

    def _categories(self, week: Week) -> dict[GroupName, dict[str, Measurement]]:
        pools: defaultdict[tuple[GroupName, str], _Pool] = defaultdict(_Pool)
        for groups, cell in self._cells(week):
            for group in groups:
                pools[group, cell.category].add(cell.counted)
        found: defaultdict[GroupName, dict[str, Measurement]] = defaultdict(dict)
        for (group, category), pool in pools.items():
            found[group][category] = self._measured(week, pool)
        return found

    def _measured(self, week: Week, pool: _Pool) -> Measurement:
        counted = Counted(pool.cases, pool.amounts)
        return if_enough(measurement(self.measure.kind, counted), self.counts.rules(week).minimum_cases_for_rate)

    def _cases(self, week: Week) -> Iterator[tuple[Iterable[GroupName], Counted]]:
        """What belongs together, with the groups it belongs to."""
        if self.measure.is_of_people:
            for member in self.members[week]:
                yield member.groups, self.counts.tallies.counted(member.engineer.username, self.measure.name, _days(week))
        else:
            yield from ((groups, cell.counted) for groups, cell in self._cells(week))

    def _cells(self, week: Week) -> Iterator[tuple[Iterable[GroupName], Cell]]:
        """The same in small pieces; what is the organisation's may be nobody's, and says itself of which region it is."""
        for member in self.members[week]:
            for cell in self.counts.tallies.cells(member.engineer.username, self.measure.name, _days(week)):
                yield _of_region(member.groups, cell), cell
        if not self.measure.is_of_people:
            for cell in self.counts.tallies.cells(NOBODY, self.measure.name, _days(week)):
                yield _of_region((self.whole,), cell), cell


def _days(week: Week) -> DayRange:
    return DayRange(week.first_day, week.last_day)


def _of_region(groups: Sequence[GroupName], cell: Cell) -> Sequence[GroupName]:
    """The groups of a case: its own region, where it names one, stands for that of the person."""
    if not cell.region:
        return groups
    return (*(g for g in groups if g.kind is not GroupKind.REGION), GroupName(kind=GroupKind.REGION, name=cell.region))
