"""Public holidays of countries as days off, from the `holidays` library; a holiday is a date here, never a name."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from reports.core.context import Unavailable
from reports.core.people import Engineer
from reports.core.weeks import DayRange


def public_holidays(people: Iterable[Engineer], days: DayRange) -> tuple[Unavailable, ...]:
    """The holidays of everyone whose country is known, one row each.

    Who has moved has the holidays of each country while they lived there.
    """
    stretches = (stretch for person in people for stretch in _stretches(person, days))
    return tuple(row for person, held in stretches if person.country for row in _days_off(person, person.country, held))


def _stretches(person: Engineer, days: DayRange) -> Iterator[tuple[Engineer, DayRange]]:
    """The person in each role they have during these days, with its days."""
    firsts = [days.first, *(role.since for role in person.changes if days.first < role.since <= days.last)]
    lasts = [*(first - timedelta(days=1) for first in firsts[1:]), days.last]
    yield from ((person.as_of(first), DayRange(first, last)) for first, last in zip(firsts, lasts, strict=True))


def _days_off(person: Engineer, country: str, days: DayRange) -> Iterator[Unavailable]:
    for day in holidays_of(country, person.subdivision, days):
        yield Unavailable(who=person.username, days=DayRange(day, day), fraction=1.0)


def holidays_of(country: str, part: str | None, days: DayRange) -> tuple[date, ...]:
    """The holidays of a country, or of a part of it, among some days; both are codes that the settings have checked."""
    import holidays  # noqa: PLC0415  (half a second, for those who use it)

    years = range(days.first.year, days.last.year + 1)
    calendar = holidays.country_holidays(country, subdiv=part, years=years)
    return tuple(day for day in sorted(calendar) if day in days)
