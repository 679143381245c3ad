from datetime import date

from reports.adapters.public_holidays import holidays_of, public_holidays
from reports.core.capacity import week_capacity
from reports.core.context import Context
from reports.core.people import Engineer
from reports.core.weeks import Week
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


def test_a_holiday__takes_a_day_once_even_during_leave() -> None:
    ines = engineer(country="PT")
    christmas_week = Week(2026, 52)
    holidays = public_holidays([ines], YEAR)

    alone = week_capacity(ines, christmas_week, Context(holidays=holidays), rules())
    with_leave = week_capacity(
        ines, christmas_week, Context(holidays=holidays, unavailable=(away("2026-12-24", "2026-12-25"),)), rules()
    )

    assert (alone.available_days, with_leave.available_days) == (4, 3)


def test_holidays_of__a_region_are_those_of_its_country_or_of_its_part() -> None:
    epiphany = date(2026, 1, 6)

    assert date(2026, 12, 25) in holidays_of("DE", None, YEAR)
    assert epiphany in holidays_of("DE", "BY", YEAR)
    assert epiphany not in holidays_of("DE", None, YEAR)
