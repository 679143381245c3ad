"""Public holidays of people's countries as days off, from the `holidays` library; a holiday is a date here, never a name."""

from collections.abc import Iterable, Iterator

from reports.core.context import Unavailable
from reports.core.people import Engineer
from reports.core.weeks import DayRange
from reports.errors import ConfigError


def public_holidays(people: Iterable[Engineer], days: DayRange) -> tuple[Unavailable, ...]:
    """The holidays of everyone whose country is known, one row each; ConfigError names a code that nobody knows."""
    return tuple(row for person in people if person.country for row in _days_off(person, person.country, days))


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
