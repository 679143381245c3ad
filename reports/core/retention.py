"""How long what is about people is kept: facts by whole weeks, then their counts, conversations and logs; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from reports.core.action_log import Deed, LogEntry
from reports.core.conversation import Heard, is_of_a_week
from reports.core.gates import Gates
from reports.core.measurements import NOBODY, Columns, unknown_person, unread_streams
from reports.core.model import Coverage, Measure
from reports.core.people import Team
from reports.core.weeks import DayRange, Week, midnight, week_window


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long facts are kept, in days, and what became of them, in weeks."""

    raw_fact_days: int = 35
    weekly_result_weeks: int = 26

    def oldest_week(self, today: date) -> Week:
        """The first week whose results are kept."""
        return Week.containing(today).plus(-self.weekly_result_weeks)

    def facts_since(self, today: date, coverage: Iterable[Coverage], zone: ZoneInfo) -> date | None:
        """The Monday before which facts go: a week goes as a whole, once every day of it is old enough and was read.

        A source that cannot be read holds its weeks back, for as long again at most: one that was given up would do so for
        ever. None as long as nothing was ever read.
        """
        reached = [moment for reach in coverage if (moment := reach.until or reach.since)]
        if not reached:
            return None
        read = min(reached).astimezone(zone).date()
        return max(self._monday(today, 2), min(self._monday(today, 1), Week.containing(read).first_day))

    def _monday(self, today: date, times: int) -> date:
        return Week.containing(today - times * timedelta(days=self.raw_fact_days)).first_day


DEFAULT_RETENTION = Retention()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """What one day brought one person of one measure in one category and region, as `Columns` hold it."""

    measure: str
    person: str
    day: int
    category: str
    region: str
    cases: int
    amount: float


def weeks_between(first: date, facts_since: date) -> tuple[Week, ...]:
    """The weeks from that of a day to the last one before a Monday."""
    weeks, week = [], Week.containing(first)
    while week.first_day < facts_since:
        weeks.append(week)
        week = week.plus(1)
    return tuple(weeks)


def first_read_day(coverage: Iterable[Coverage], zone: ZoneInfo) -> date | None:
    """The first day that any stream was read from; None when nothing was ever read."""
    return min((reach.since.astimezone(zone).date() for reach in coverage if reach.since), default=None)


def counted_people(
    measures: Sequence[Measure], coverage: Mapping[str, Coverage], team: Team, gates: Gates, week: Week
) -> Mapping[str, frozenset[str]]:
    """Of whom each measure can be counted in a week: with nobody among them, for what is the organisation's.

    Of whom the sources do not know and of what was not agreed nothing is kept, so that it stays no data.
    """
    days, window = DayRange(week.first_day, week.last_day), week_window(week, team.zone)
    return {
        measure.name: frozenset(
            {
                NOBODY,
                *(
                    e.username
                    for e in team.engineers
                    if not unknown_person(measure, e, coverage) and not gates.shut(e, days, measure.name)
                ),
            }
        )
        for measure in measures
        if not unread_streams(measure, window, coverage)
    }


def count_rows(columns: Mapping[str, Columns], people: Mapping[str, frozenset[str]], week: Week) -> Iterator[CountRow]:
    """The counted evidence of a week, of these people by measure, row by row."""
    for name, counted in people.items():
        if name in columns:
            yield from _rows(name, columns[name], counted, range(week.first_day.toordinal(), week.last_day.toordinal() + 1))


def _rows(measure: str, columns: Columns, people: frozenset[str], days: range) -> Iterator[CountRow]:
    for person, day, category, region, cases, amount in zip(
        columns.people, columns.days, columns.categories, columns.regions, columns.cases, columns.amounts, strict=True
    ):
        if day in days and columns.people_names[person] in people:
            yield CountRow(
                measure=measure,
                person=columns.people_names[person],
                day=day,
                category=columns.category_names[category],
                region=columns.region_names[region],
                cases=cases,
                amount=amount,
            )


def recent_heard(heard: Iterable[Heard], oldest: Week) -> tuple[Heard, ...]:
    """What was heard below issues of the weeks that are kept, and below older ones that are still open."""

    def is_recent(one: Heard) -> bool:
        return one.thread.is_open or (is_of_a_week(one.thread.key) and one.thread.week >= oldest)

    return tuple(one for one in heard if is_recent(one))


def recent_log(log: Sequence[LogEntry], oldest: Week, zone: ZoneInfo) -> tuple[LogEntry, ...]:
    """The entries since a week began, and what was agreed last, however long ago: it still holds."""
    since = midnight(oldest.first_day, zone)
    agreed = next((entry for entry in reversed(log) if entry.deed is Deed.GOALS), None)
    return tuple(entry for entry in log if entry.at >= since or entry is agreed)
