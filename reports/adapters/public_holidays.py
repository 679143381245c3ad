"""Public holidays of countries as days off, from the `holidays` library; a holiday is a date here, never a name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from reports.core.context import Unavailable
from reports.core.people import Engineer
from reports.core.weeks import DayRange
from reports.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country and, where its holidays differ, the part of it; `file` and `whose` say who named it, for a message."""

    code: str
    part: str | None
    file: str
    whose: str


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
    place = Country(code=country, part=person.subdivision, file="config/team.yml", whose=person.username)
    for day in holidays_of(place, days):
        yield Unavailable(who=person.username, days=DayRange(day, day), fraction=1.0)


def holidays_of(country: Country, days: DayRange) -> tuple[date, ...]:
    """The holidays of a country among some days; ConfigError names a code that nobody knows."""
    import holidays  # noqa: PLC0415  (half a second, for those who use it)

    known = holidays.list_supported_countries()
    if country.code not in known or country.part not in (None, *known[country.code]):
        raise _unknown(country, known)
    years = range(days.first.year, days.last.year + 1)
    calendar = holidays.country_holidays(country.code, subdiv=country.part, years=years)
    return tuple(day for day in sorted(calendar) if day in days)


def _unknown(country: Country, known: dict[str, list[str]]) -> ConfigError:
    where = f"{country.file}: no public holidays are known for"
    if country.code not in known:
        hint = "use the code of two capital letters, such as PT or DE"
        return ConfigError(f"{where} the country {country.code!r} of {country.whose}", hint)
    parts = ", ".join(known[country.code]) or "none: leave `subdivision` out"
    return ConfigError(f"{where} the part {country.part!r} of {country.code}, named for {country.whose}", f"known parts: {parts}")
