from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.clocks import CountedHours, Opening, counted_between, deadline_after, every_hour, mondays_to_fridays
from tests.builders import utc

HOUR = timedelta(hours=1)
TWO_DAYS = timedelta(hours=48)

#: Clocks change on a Sunday in Berlin and New York, on a Friday in Cairo, by half an hour on Lord Howe, at midnight in Havana.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana")


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    """An instant from what a clock in the zone shows."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def office(zone: str = "Europe/Berlin", opens: int = 9, closes: int = 17) -> CountedHours:
    """Office hours from Monday to Friday."""
    return CountedHours(
        time_zone=zone, openings=tuple(Opening(weekday=d, opens=time(opens), closes=time(closes)) for d in range(5))
    )


def due(start: str, zone: str = "Europe/Berlin", *holidays: str) -> str:
    """When 48 hours from Monday to Friday are over, as a clock in the zone shows it."""
    hours = mondays_to_fridays(zone, frozenset(date.fromisoformat(day) for day in holidays))
    return f"{deadline_after(local(start, zone), TWO_DAYS, hours).astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"


# --- 48 hours from Monday to Friday ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "deadline"),
    [
        ("2026-11-09 09:30", "Wed 11 Nov 09:30"),
        ("2026-11-12 09:30", "Mon 16 Nov 09:30"),
        ("2026-11-13 23:30", "Tue 17 Nov 23:30"),
        ("2026-11-14 00:00", "Wed 18 Nov 00:00"),
        ("2026-11-15 23:59", "Wed 18 Nov 00:00"),
        ("2026-11-16 00:00", "Wed 18 Nov 00:00"),
    ],
)
def test_deadline__skips_the_weekend(start: str, deadline: str) -> None:
    assert due(start) == deadline


def test_deadline__that_is_used_up_on_friday_at_midnight_is_not_moved_to_monday() -> None:
    assert due("2026-11-12 00:00") == "Sat 14 Nov 00:00"
    assert due("2026-11-12 00:01") == "Mon 16 Nov 00:01"


def test_deadline__of_one_instant_depends_on_where_the_weekend_has_begun() -> None:
    start = utc("2026-11-13 16:00")

    berlin = deadline_after(start, TWO_DAYS, mondays_to_fridays("Europe/Berlin"))
    tokyo = deadline_after(start, TWO_DAYS, mondays_to_fridays("Asia/Tokyo"))
    chicago = deadline_after(start, TWO_DAYS, mondays_to_fridays("America/Chicago"))

    # 17:00 on Friday in Berlin, 01:00 on Saturday in Tokyo, 10:00 on Friday in Chicago.
    assert berlin == local("2026-11-17 17:00")
    assert tokyo == local("2026-11-18 00:00", "Asia/Tokyo")
    assert chicago == local("2026-11-17 10:00", "America/Chicago")


@pytest.mark.parametrize(
    ("holidays", "deadline"),
    [
        (("2026-11-16",), "Wed 18 Nov 16:00"),
        (("2026-11-16", "2026-11-17"), "Thu 19 Nov 16:00"),
        (("2026-11-14", "2026-11-15"), "Tue 17 Nov 16:00"),
        (("2026-11-13",), "Wed 18 Nov 00:00"),
    ],
)
def test_deadline__skips_public_holidays(holidays: tuple[str, ...], deadline: str) -> None:
    assert due("2026-11-13 16:00", "Europe/Berlin", *holidays) == deadline


def test_deadline__a_clock_change_on_sunday_takes_nothing() -> None:
    # Berlin: forward on 29 March, back on 25 October 2026.
    assert due("2026-03-27 12:00") == "Tue 31 Mar 12:00"
    assert due("2026-10-23 12:00") == "Tue 27 Oct 12:00"


def test_deadline__a_friday_of_23_hours_takes_an_hour_of_monday() -> None:
    # Cairo: 24 April 2026 begins at 01:00.
    assert due("2026-04-23 00:00", "Africa/Cairo") == "Mon 27 Apr 01:00"


def test_deadline__a_thursday_of_25_hours_gives_one_back() -> None:
    # Cairo: on 29 October 2026 the hour before midnight comes twice.
    assert due("2026-10-29 00:00", "Africa/Cairo") == "Fri 30 Oct 23:00"


# --- support hours ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "deadline"),
    [
        ("2026-11-09 10:00", 2 * HOUR, "2026-11-09 12:00"),
        ("2026-11-09 16:30", HOUR, "2026-11-10 09:30"),
        ("2026-11-13 16:45", HOUR / 2, "2026-11-16 09:15"),
        ("2026-11-13 16:30", HOUR / 2, "2026-11-13 17:00"),
        ("2026-11-09 03:00", HOUR / 2, "2026-11-09 09:30"),
        ("2026-11-09 09:00", 9 * HOUR, "2026-11-10 10:00"),
    ],
)
def test_deadline__counts_office_hours_only(start: str, limit: timedelta, deadline: str) -> None:
    assert deadline_after(local(start), limit, office()) == local(deadline)


def test_opening__over_midnight_belongs_to_the_day_it_begins_on() -> None:
    friday_night = CountedHours(
        time_zone="Europe/Berlin",
        openings=(Opening(weekday=4, opens=time(22), closes=time(6)),),
        holidays=frozenset({date(2026, 11, 14), date(2026, 11, 20)}),
    )

    assert deadline_after(local("2026-11-14 05:00"), HOUR, friday_night) == local("2026-11-14 06:00")
    assert deadline_after(local("2026-11-14 05:00"), 2 * HOUR, friday_night) == local("2026-11-27 23:00")


def test_openings__that_overlap_count_once() -> None:
    twice = CountedHours(
        time_zone="UTC",
        openings=(Opening(weekday=0, opens=time(8), closes=time(12)), Opening(weekday=0, opens=time(10), closes=time(14))),
    )

    assert counted_between(utc("2026-11-09 00:00"), utc("2026-11-10 00:00"), twice) == 6 * HOUR


def test_opening__within_an_hour_that_is_skipped_counts_nothing_that_day() -> None:
    # Berlin, 29 March 2026: 02:00 to 03:00 does not exist.
    at_night = CountedHours(time_zone="Europe/Berlin", openings=(Opening(weekday=6, opens=time(2, 15), closes=time(3)),))

    assert counted_between(local("2026-03-29 00:00"), local("2026-03-30 00:00"), at_night) == timedelta(0)
    assert counted_between(local("2026-03-22 00:00"), local("2026-03-23 00:00"), at_night) == timedelta(minutes=45)


@pytest.mark.parametrize(
    ("hours", "day"),
    [
        (mondays_to_fridays("Europe/Berlin"), 24 * HOUR),
        (every_hour(), 24 * HOUR),
        (office(), 8 * HOUR),
        (replace(office(), openings=(*office().openings, Opening(weekday=0, opens=time(20), closes=time(22)))), 10 * HOUR),
        (replace(office(), openings=(*office().openings, Opening(weekday=0))), 24 * HOUR),
    ],
)
def test_day__is_the_fullest_weekday(hours: CountedHours, day: timedelta) -> None:
    assert hours.day == day


@pytest.mark.parametrize("openings", [(), (Opening(weekday=7),)])
def test_counted_hours__without_any_are_refused(openings: tuple[Opening, ...]) -> None:
    with pytest.raises(ValueError, match="nothing would ever be due"):
        CountedHours(time_zone="UTC", openings=openings)


@pytest.mark.parametrize("limit", [timedelta(0), -HOUR])
def test_deadline__of_no_time_is_refused(limit: timedelta) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        deadline_after(utc("2026-11-09 09:00"), limit, every_hour())


def test_counted_between__nothing_when_the_end_comes_first() -> None:
    assert counted_between(utc("2026-11-10 09:00"), utc("2026-11-09 09:00"), every_hour()) == timedelta(0)


def test_every_hour__seven_days_are_168_hours_also_over_a_clock_change() -> None:
    deadline = deadline_after(local("2026-10-20 12:00"), timedelta(days=7), every_hour())

    assert deadline == local("2026-10-27 11:00")
    assert deadline.tzinfo is UTC


# --- laws -------------------------------------------------------------------------------------------------

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 6 * 365 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
limits = st.integers(1, 10 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
times = st.integers(0, 24 * 4 - 1).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
openings = st.builds(Opening, weekday=st.integers(0, 6), opens=times, closes=times)
holidays = st.frozensets(st.integers(0, 6 * 365).map(lambda days: BEGIN.date() + timedelta(days=days)), max_size=40)
# At least an hour on some weekday: the longest limit is then over within five years.
some_hours = st.builds(
    CountedHours,
    time_zone=st.sampled_from(ZONES),
    openings=st.lists(openings, min_size=3, max_size=8).map(tuple),
    holidays=holidays,
).filter(lambda hours: hours.day >= HOUR)


@given(start=moments, limit=limits, hours=some_hours)
def test_law__from_the_start_to_the_deadline_exactly_the_limit_is_counted(
    start: datetime, limit: timedelta, hours: CountedHours
) -> None:
    deadline = deadline_after(start, limit, hours)

    assert counted_between(start, deadline, hours) == limit
    assert counted_between(start, deadline - timedelta(seconds=1), hours) < limit


@given(start=moments, later=limits, limit=limits, more=limits, hours=some_hours)
def test_law__who_comes_later_or_has_longer_is_never_due_earlier(
    start: datetime, later: timedelta, limit: timedelta, more: timedelta, hours: CountedHours
) -> None:
    deadline = deadline_after(start, limit, hours)

    assert deadline_after(start + later, limit, hours) >= deadline
    assert deadline_after(start, limit + more, hours) > deadline


@given(start=moments, limit=limits, hours=some_hours, others=holidays)
def test_law__one_more_holiday_never_brings_a_deadline_forward(
    start: datetime, limit: timedelta, hours: CountedHours, others: frozenset[date]
) -> None:
    with_others = replace(hours, holidays=hours.holidays | others)

    assert deadline_after(start, limit, with_others) >= deadline_after(start, limit, hours)


@given(start=moments, first=limits, second=limits, hours=some_hours)
def test_law__counted_time_adds_up(start: datetime, first: timedelta, second: timedelta, hours: CountedHours) -> None:
    middle, end = start + first, start + first + second

    assert counted_between(start, middle, hours) + counted_between(middle, end, hours) == counted_between(start, end, hours)


def by_looking_at_the_clock(start: datetime, minutes: int, counts: Callable[[datetime], bool], zone: str) -> timedelta:
    """The same by asking every minute what the clock on the wall shows."""
    shown = ((start + timedelta(minutes=n)).astimezone(ZoneInfo(zone)) for n in range(minutes))
    return timedelta(minutes=sum(counts(moment) for moment in shown))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("week", ["2026-03-05", "2026-03-26", "2026-04-02", "2026-04-22", "2026-10-22", "2026-10-28"])
def test_counted_between__as_the_clock_on_the_wall_shows(zone: str, week: str) -> None:
    start, minutes = utc(f"{week} 03:17"), 6 * 24 * 60
    end = start + timedelta(minutes=minutes)

    seen = by_looking_at_the_clock(start, minutes, lambda at: at.weekday() < 5, zone)
    at_work = by_looking_at_the_clock(start, minutes, lambda at: at.weekday() < 5 and 9 <= at.hour < 17, zone)

    assert counted_between(start, end, mondays_to_fridays(zone)) == seen
    assert counted_between(start, end, office(zone)) == at_work
