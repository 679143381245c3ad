"""Open hours in SQL, held against a count that shares nothing with it: zoneinfo, whole days, and a list of stretches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.core.facts import BusinessHours
from reports.measures.registry import BUILT_IN, read_measures
from tests.unit.measures.ticket_stories import ADA, MONDAY, agents, event, opened, reply, ticket

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
#: Monday to Friday, 09:00 to 17:00, in minutes since Sunday 00:00.
OFFICE = tuple((1440 * day + 540, 1440 * day + 1020) for day in range(1, 6))
DAY_AND_NIGHT = tuple((1440 * day, 1440 * (day + 1)) for day in range(7))


def hours(
    zone: str,
    weekly: Sequence[tuple[int, int]] = OFFICE,
    holidays: tuple[str, ...] = (),
    since: datetime = EPOCH,
    schedule: int = 1,
    is_default: bool = True,
) -> BusinessHours:
    return BusinessHours(
        schedule_id=schedule,
        valid_from=since,
        is_default=is_default,
        time_zone=zone,
        opens=tuple(opens for opens, _ in weekly),
        closes=tuple(closes for _, closes in weekly),
        holidays=holidays,
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def answered_at(measured: "Measured", created: str, replied: str, *schedules: BusinessHours) -> float:
    """Business hours from the creation of a ticket to its first reply."""
    first, last = ((moment(text) - MONDAY).total_seconds() / 3600 for text in (created, replied))
    measured.put(*schedules, *agents(), ticket(), *opened(first), reply(last))
    (row,) = measured.of("first_reply_business_hours")
    assert (row.engineer, row.at, row.category) == ("ada", moment(replied), "normal")
    return row.value


# --- nights, holidays, clock changes --------------------------------------------------------------


@pytest.mark.parametrize(
    ("created", "replied", "expected"),
    [
        ("2026-11-10 10:00", "2026-11-10 12:30", 2.5),
        ("2026-11-10 16:00", "2026-11-11 10:00", 2),  # over night
        ("2026-11-13 16:30", "2026-11-16 09:15", 0.75),  # over a weekend
        ("2026-11-14 10:00", "2026-11-15 20:00", 0),  # on a weekend
        ("2026-11-10 03:00", "2026-11-10 08:59:59", 0),
        ("2026-11-10 17:00", "2026-11-11 09:00", 0),
        ("2026-11-10 08:00", "2026-11-20 18:00", 9 * 8),
    ],
)
def test_business_hours__only_open_time_counts(measured: "Measured", created: str, replied: str, expected: float) -> None:
    assert answered_at(measured, created, replied, hours("Etc/UTC")) == pytest.approx(expected)


def test_business_hours__a_holiday_is_a_whole_day_of_the_schedules_own_zone(measured: "Measured") -> None:
    """Friday 1 May in Sydney lies from Thursday 14:00 to Friday 14:00 in UTC."""
    night_shift = hours("Australia/Sydney", DAY_AND_NIGHT, ("2026-05-01/2026-05-01", "2026-05-04/2026-05-05"))

    assert answered_at(measured, "2026-04-30 00:00", "2026-05-03 00:00", night_shift) == pytest.approx(3 * 24 - 24)


def test_business_hours__a_night_that_is_an_hour_shorter_has_an_hour_less(measured: "Measured") -> None:
    """Lisbon's clocks go from 01:00 to 02:00 on 29 March."""
    night = hours("Europe/Lisbon", ((0, 360),))

    assert answered_at(measured, "2026-03-28 12:00", "2026-03-29 12:00", night) == pytest.approx(5)


def test_business_hours__a_night_that_is_an_hour_longer_has_an_hour_more(measured: "Measured") -> None:
    night = hours("Europe/Lisbon", ((0, 360),))

    assert answered_at(measured, "2026-10-24 12:00", "2026-10-25 12:00", night) == pytest.approx(7)


def test_business_hours__open_at_nine_is_nine_by_the_clock_before_and_after_it_changes(measured: "Measured") -> None:
    """New York opens at 14:00 in UTC until 7 March, and at 13:00 from 9 March on."""
    office = hours("America/New_York")

    assert answered_at(measured, "2026-03-06 13:00", "2026-03-09 13:30", office) == pytest.approx(8 + 0.5)


def test_business_hours__each_stretch_goes_by_the_schedule_in_force_then(measured: "Measured") -> None:
    """Until Wednesday noon support was open day and night, since then in office hours."""
    before, after = hours("Etc/UTC", DAY_AND_NIGHT), hours("Etc/UTC", OFFICE, since=moment("2026-11-11 12:00"))

    assert answered_at(measured, "2026-11-10 18:00", "2026-11-12 10:00", before, after) == pytest.approx(18 + 5 + 1)


def test_business_hours__the_schedule_that_is_the_default_then_counts(measured: "Measured") -> None:
    changed = moment("2026-11-11 00:00")
    schedules = (
        *(hours("Etc/UTC", OFFICE), hours("Etc/UTC", OFFICE, since=changed, is_default=False)),
        *(
            hours("Etc/UTC", DAY_AND_NIGHT, schedule=2, is_default=False),
            hours("Etc/UTC", DAY_AND_NIGHT, schedule=2, since=changed),
        ),
    )

    assert answered_at(measured, "2026-11-10 10:00", "2026-11-11 03:00", *schedules) == pytest.approx(7 + 3)


def test_business_hours__the_first_schedule_known_holds_for_the_time_before(measured: "Measured") -> None:
    assert answered_at(
        measured, "2026-11-10 10:00", "2026-11-10 12:00", hours("Etc/UTC", since=moment("2026-11-20 00:00"))
    ) == pytest.approx(2)


@pytest.mark.parametrize(
    "schedule", [(), (hours("Etc/UTC", is_default=False),), (hours("Middle Earth"),)], ids=["none", "no default", "no zone"]
)
def test_business_hours__without_a_schedule_there_is_no_number_rather_than_none(
    measured: "Measured", schedule: Sequence[BusinessHours]
) -> None:
    measured.put(*schedule, *agents(), ticket(), *opened(0), reply(5), event("group", 6))

    assert measured.of("first_reply_business_hours") == []
    assert len(measured.of("first_reply_hours")) == 1


# --- against another count ------------------------------------------------------------------------

ZONES = ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata", "Pacific/Auckland")
#: Clock changes of all these zones lie in these months.
FIRST_DAY, LAST_DAY = date(2026, 3, 1), date(2026, 11, 15)


@dataclass(frozen=True)
class Stretch:
    opens_at: datetime
    closes_at: datetime


def stretches(versions: Sequence[BusinessHours]) -> Iterator[Stretch]:
    """Every stretch of every version, day by day, cut to the time in which the version was in force."""
    for number, version in enumerate(versions):
        since = version.valid_from if number else datetime.min.replace(tzinfo=UTC)
        until = versions[number + 1].valid_from if number + 1 < len(versions) else datetime.max.replace(tzinfo=UTC)
        off = {day for text in version.holidays for day in _days(*map(date.fromisoformat, text.split("/")))}
        for day in _days(FIRST_DAY - timedelta(days=3), LAST_DAY + timedelta(days=3)):
            for opens, closes in zip(version.opens, version.closes, strict=True):
                if opens // 1440 == day.isoweekday() % 7 and day not in off:
                    start, end = (_instant(day, minute - 1440 * (opens // 1440), version) for minute in (opens, closes))
                    yield Stretch(max(start, since), min(end, until))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _instant(day: date, minute: int, version: BusinessHours) -> datetime:
    by_the_clock = datetime.combine(day, time.min) + timedelta(minutes=minute)
    return by_the_clock.replace(tzinfo=ZoneInfo(version.time_zone)).astimezone(UTC)


def open_seconds(versions: Sequence[BusinessHours], start: datetime, end: datetime) -> float:
    """Seconds of [start, end) that lie in any stretch, each once."""
    seconds, reached = 0.0, start
    for stretch in sorted(stretches(versions), key=lambda stretch: stretch.opens_at):
        opens_at, closes_at = max(stretch.opens_at, reached), min(stretch.closes_at, end)
        if opens_at < closes_at:
            seconds += (closes_at - opens_at).total_seconds()
            reached = closes_at
    return seconds


@st.composite
def weekly_hours(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Up to three stretches a day that do not touch each other."""
    found = []
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        marks = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
        found += [
            (1440 * day + 15 * opens, 1440 * day + 15 * closes) for opens, closes in zip(marks[::2], marks[1::2], strict=False)
        ]
    return found


moments = st.integers(0, 259 * 24 * 3600).map(lambda second: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=second))
days_off = st.lists(
    st.tuples(st.dates(FIRST_DAY, LAST_DAY), st.integers(0, 9)).map(
        lambda pair: f"{pair[0]}/{pair[0] + timedelta(days=pair[1])}"
    ),
    max_size=4,
)


@st.composite
def schedules(draw: st.DrawFn) -> list[BusinessHours]:
    """One to three versions of a schedule, in order."""
    since = [EPOCH, *sorted(draw(st.sets(moments, max_size=2)))]
    return [hours(draw(st.sampled_from(ZONES)), draw(weekly_hours()), tuple(draw(days_off)), start) for start in since]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(schedules(), st.lists(st.tuples(moments, moments).map(sorted), min_size=1, max_size=40))
def test_business_hours__agree_with_a_count_by_zoneinfo(versions: list[BusinessHours], spans: list[list[datetime]]) -> None:
    found = _measured(versions, spans)

    assert found == pytest.approx([open_seconds(versions, start, end) / 3600 for start, end in spans])


def _measured(versions: Sequence[BusinessHours], spans: Sequence[Sequence[datetime]]) -> list[float]:
    """What the measure says of tickets that wait for these spans, on a database with nothing else in it."""
    (query,) = (file.sql for file in read_measures() if file.measure.name == "first_reply_business_hours")
    with duckdb.connect() as connection:
        connection.execute((BUILT_IN / "facts.sql").read_text())
        connection.execute(
            "CREATE TYPE engineer_name AS ENUM ('', 'ada'); CREATE TEMP MACRO local_day(moment) AS CAST(moment AS DATE)"
        )
        connection.execute("INSERT INTO people VALUES ('ada', 1, 'Ada')")
        connection.execute("INSERT INTO agents_of VALUES ('ada', 1, 1)")
        for version in versions:
            values = [version.schedule_id, _naive(version.valid_from), version.is_default, version.time_zone]
            lists = [list(version.opens), list(version.closes), list(version.holidays)]
            connection.execute("INSERT INTO stored_business_hours VALUES (?, ?, ?, ?, ?, ?, ?)", values + lists)
        for number, (start, end) in enumerate(spans):
            for one, who, created in ((start, 900, True), (end, ADA, False)):
                row = [2 * number + (not created), number, _naive(one), who, "comment", None, "public", created]
                connection.execute("INSERT INTO stored_ticket_events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("SET VARIABLE reporting_zone = 'UTC'")
        connection.execute((BUILT_IN / "views.sql").read_text())
        return [
            value for value, _ in connection.execute(f"SELECT value, note FROM ({query}) ORDER BY length(note), note").fetchall()
        ]


def _naive(aware: datetime) -> datetime:
    return aware.astimezone(UTC).replace(tzinfo=None)
