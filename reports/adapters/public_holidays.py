"""Public holidays of people's countries as days off, from the `holidays` library; a holiday is a date here, never a name."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from reports.core.context import Unavailable
from reports.core.people import Engineer
from reports.core.weeks import DayRange
from reports.errors import ConfigError


def public_holidays(people: Iterable[Engineer], days: DayRange) -> tuple[Unavailable, ...]:
    """The holidays of everyone whose country is known, one row each; ConfigError names a code that nobody knows.

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
    import holidays  # noqa: PLC0415  (half a second, for those who use it)

    known = holidays.list_supported_countries()
    if country not in known or person.subdivision not in (None, *known[country]):
        raise _unknown(person, country, known)
    years = range(days.first.year, days.last.year + 1)
    calendar = holidays.country_holidays(country, subdiv=person.subdivision, years=years)
    for day in sorted(calendar):
        if day in days:
            yield Unavailable(who=person.username, days=DayRange(day, day), fraction=1.0)


def _unknown(person: Engineer, country: str, known: dict[str, list[str]]) -> ConfigError:
    where = "config/team.yml: no public holidays are known for"
    if country not in known:
        hint = "use the code of two capital letters, such as PT or DE"
        return ConfigError(f"{where} the country {country!r} of {person.username}", hint)
    parts = ", ".join(known[country]) or "none: leave `subdivision` out"
    what = f"the part {person.subdivision!r} of {country} where {person.username} lives"
    return ConfigError(f"{where} {what}", f"known parts: {parts}")
