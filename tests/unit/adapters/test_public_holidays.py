from datetime import date

import pytest

from reports.adapters.public_holidays import Country, holidays_of, public_holidays
from reports.core.capacity import week_capacity
from reports.core.context import Context
from reports.core.people import Engineer
from reports.core.weeks import Week
from reports.errors import ConfigError
from tests.builders import away, days, engineer, role, rules

YEAR = days("2026-01-01", "2026-12-31")


def dates(person: Engineer) -> list[date]:
    return [row.days.first for row in public_holidays([person], YEAR)]


def test_public_holidays__are_those_of_the_country_within_the_days() -> None:
    ines = engineer(country="PT")

    assert date(2026, 12, 8) in dates(ines)
    assert public_holidays([ines], days("2026-12-02", "2026-12-07")) == ()
    assert {(row.who, row.fraction) for row in public_holidays([ines], YEAR)} == {("iduarte", 1.0)}


def test_public_holidays__differ_by_the_part_of_a_country() -> None:
    epiphany = date(2026, 1, 6)

    assert epiphany in dates(engineer(country="DE", subdivision="BY"))
    assert epiphany not in dates(engineer(country="DE", subdivision="BE"))


def test_public_holidays__of_somebody_whose_country_is_not_known_are_none() -> None:
    assert dates(engineer()) == []


def test_public_holidays__over_the_turn_of_the_year() -> None:
    around = days("2026-12-31", "2027-01-01")

    assert [row.days.first for row in public_holidays([engineer(country="PT")], around)] == [date(2027, 1, 1)]


def test_public_holidays__of_somebody_who_moved_are_those_of_each_country_while_they_lived_there() -> None:
    moved = engineer(country="PT", changes=(role("2026-05-01", country="DE", subdivision="BE"),))
    found = dates(moved)

    # Freedom Day is Portugal's alone, Unity Day Germany's; on Labour Day, the day of the move, both rest.
    assert {date(2026, 4, 25), date(2026, 5, 1), date(2026, 10, 3)} <= set(found)
    assert not {date(2026, 6, 10), date(2026, 12, 8)} & set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("country", "part", "said", "hint"),
    [
        ("Portugal", None, "country 'Portugal' of iduarte", "two capital letters"),
        ("PTT", None, "country 'PTT' of iduarte", "such as PT or DE"),
        ("DE", "ZZ", "the part 'ZZ' of DE, named for iduarte", "BY"),
    ],
)
def test_public_holidays__a_code_nobody_knows_is_named(country: str, part: str | None, said: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        dates(engineer(country=country, subdivision=part))

    assert hint in caught.value.hint


def test_a_holiday__takes_a_day_once_even_during_leave() -> None:
    ines = engineer(country="PT")
    christmas_week = Week(2026, 52)
    holidays = public_holidays([ines], YEAR)

    alone = week_capacity(ines, christmas_week, Context(holidays=holidays), rules())
    with_leave = week_capacity(
        ines, christmas_week, Context(holidays=holidays, unavailable=(away("2026-12-24", "2026-12-25"),)), rules()
    )

    assert (alone.available_days, with_leave.available_days) == (4, 3)


def test_holidays_of__a_region_are_those_of_its_country_and_a_wrong_code_names_the_file() -> None:
    def named(code: str) -> Country:
        return Country(code=code, part=None, file="config/sources.yml", whose="the region EMEA")

    assert date(2026, 12, 25) in holidays_of(named("DE"), YEAR)
    with pytest.raises(ConfigError, match=r"config/sources\.yml: .* the country 'XX' of the region EMEA"):
        holidays_of(named("XX"), YEAR)
