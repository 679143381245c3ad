"""What may be measured of whom, and when: gates per legal entity, team, person and measure, shut until they were agreed.

Whoever is behind a shut gate is treated as if they were not in the team: nobody measures, shows or follows up anything.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reports.core.model import Evidence
from reports.core.people import Engineer, Team
from reports.core.weeks import DayRange, Week

#: Why a week of somebody is not assessed, and a number of theirs not measured.
NOT_AGREED = "not agreed for these days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whom and what it concerns (None for all), and on which days it is open; without a first day it is shut.

    `team` is the username of a manager. `agreed_with` says who agreed; the tool shows it and reads nothing into it.
    """

    entity: str | None = None
    team: str | None = None
    person: str | None = None
    measure: str | None = None
    agreed_from: date | None = None
    agreed_to: date | None = None
    agreed_with: str = ""

    def shuts(self, role: Engineer, days: DayRange, measure: str) -> bool:
        """Whether it keeps a measure of somebody in one role shut on any of some days; no measure stands for the person."""
        return self.measure in (None, measure) and self.concerns(role) and not self._is_open(days)

    def concerns(self, role: Engineer) -> bool:
        """Whether it is about somebody in one role, open or shut."""
        asked = ((self.entity, role.entity), (self.team, role.reports_to), (self.person, role.username))
        return all(wanted in (None, is_so) for wanted, is_so in asked)

    def _is_open(self, days: DayRange) -> bool:
        begun = self.agreed_from is not None and self.agreed_from <= days.first
        return begun and (self.agreed_to is None or days.last <= self.agreed_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """All gates; what no gate concerns is open, and what several concern is open when all of them are."""

    rows: tuple[Gate, ...] = ()

    def shut(self, engineer: Engineer, days: DayRange, measure: str = "") -> bool:
        """Whether a measure of somebody (or the person, with no measure) is shut on any of some days."""
        if not self.rows:
            return False
        roles = tuple(_roles(engineer, days))
        return any(gate.shuts(role, part, measure) for gate in self.rows for role, part in roles)

    def concern(self, engineer: Engineer, day: date) -> bool:
        """Whether any of them is about somebody as a whole on a day."""
        return any(gate.measure is None and gate.concerns(engineer.as_of(day)) for gate in self.rows)

    def and_since(self, first_days: Mapping[str, date]) -> "Gates":
        """These, and for some people a first day on which anything was gathered: no agreement reaches further back."""
        return Gates(rows=(*self.rows, *(Gate(person=who, agreed_from=day) for who, day in sorted(first_days.items()))))

    def shut_on(self, engineer: Engineer, day: date, measure: str = "") -> bool:
        """The same for one day."""
        return self.shut(engineer, DayRange(day, day), measure)


NO_GATES = Gates()


def _roles(engineer: Engineer, days: DayRange) -> Iterator[tuple[Engineer, DayRange]]:
    """The roles somebody has on some days, each with its days."""
    begins = [days.first, *(role.since for role in engineer.changes if days.first < role.since <= days.last)]
    ends = [*(begin - timedelta(days=1) for begin in begins[1:]), days.last]
    for first, last in zip(begins, ends, strict=True):
        yield engineer.as_of(first), DayRange(first, last)


def agreed_events(rows: Iterable[Evidence], team: Team, gates: Gates) -> tuple[Evidence, ...]:
    """The events without those of measures that were not agreed for their day."""
    if not gates.rows:
        return tuple(rows)
    people = {engineer.username: engineer for engineer in team.engineers}

    def is_shut(row: Evidence) -> bool:
        engineer = people.get(row.engineer)
        return engineer is not None and gates.shut_on(engineer, row.at.astimezone(team.zone).date(), row.measure)

    return tuple(row for row in rows if not is_shut(row))


def open_team(team: Team, gates: Gates, week: Week, today: date) -> Team:
    """The team without those who are behind a shut gate on any day of a week, or today: an objection holds at once."""
    if not gates.rows:
        return team
    days = DayRange(week.first_day, week.last_day)
    people = (e for e in team.engineers if not gates.shut(e, days) and not gates.shut_on(e, today))
    return replace(team, engineers=tuple(people))


def open_today(team: Team, gates: Gates, today: date) -> Team:
    """The team of those about whom something may be gathered and heard on a day."""
    return replace(team, engineers=tuple(e for e in team.engineers if not gates.shut_on(e, today)))
