"""Days off from calendars, with the days and fractions counted by hand."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.adapters.leave_calendars import CalendarFeed, days_away
from reports.core.context import Unavailable
from reports.errors import SourceError
from tests.builders import days

#: 1 November 2026 is a Sunday, so the 2nd is a Monday.
NOVEMBER = days("2026-11-01", "2026-11-30")
LISBON = "Europe/Lisbon"


def calendar(*parts: str) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *parts, "END:VCALENDAR", ""))


def event(*lines: str, uid: str = "leave-1") -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"))


def all_day(first: str, after: str, *lines: str, uid: str = "leave-1") -> str:
    return event(f"DTSTART;VALUE=DATE:{first}", f"DTEND;VALUE=DATE:{after}", *lines, uid=uid)


def read(*parts: str, zone: str = LISBON, span: str = "2026-11-01 2026-11-30") -> dict[str, float]:
    """Fraction by day, written as month and day; every row is of the person that was asked for."""
    rows = days_away(calendar(*parts), "iduarte", zone, days(*span.split()))
    assert {row.who for row in rows} <= {"iduarte"}
    return {f"{day:%m-%d}": row.fraction for row in rows for day in row.days}


# --- all-day events ---------------------------------------------------------------------------


def test_all_day__the_end_is_the_day_after() -> None:
    assert read(all_day("20261109", "20261112")) == {"11-09": 1.0, "11-10": 1.0, "11-11": 1.0}


def test_all_day__neighbouring_days_are_one_row() -> None:
    text = calendar(
        all_day("20261109", "20261111"), all_day("20261111", "20261112", uid="b"), all_day("20261113", "20261114", uid="c")
    )

    assert days_away(text, "iduarte", LISBON, NOVEMBER) == (
        Unavailable(who="iduarte", days=days("2026-11-09", "2026-11-11"), fraction=1.0),
        Unavailable(who="iduarte", days=days("2026-11-13"), fraction=1.0),
    )


@pytest.mark.parametrize("lines", [(), ("DTEND;VALUE=DATE:20261109",), ("DURATION:P1D",)])
def test_all_day__a_single_day_however_its_end_is_written(lines: tuple[str, ...]) -> None:
    assert read(event("DTSTART;VALUE=DATE:20261109", *lines)) == {"11-09": 1.0}


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_all_day__is_that_day_in_every_zone(zone: str) -> None:
    assert read(all_day("20261109", "20261110"), zone=zone) == {"11-09": 1.0}


def test_all_day__only_the_days_of_the_span() -> None:
    assert read(all_day("20261020", "20261224"), span="2026-11-09 2026-11-10") == {"11-09": 1.0, "11-10": 1.0}
    assert read(all_day("20261020", "20261101"), all_day("20261201", "20261202", uid="b")) == {}


def test_all_day__days_of_a_clock_change_are_whole_days() -> None:
    # Lisbon's clocks went forward on 29 March 2026 and go back on 25 October.
    march = read(all_day("20260328", "20260331"), span="2026-03-01 2026-03-31")
    october = read(all_day("20261024", "20261027"), span="2026-10-01 2026-10-31")

    assert march == {"03-28": 1.0, "03-29": 1.0, "03-30": 1.0}
    assert october == {"10-24": 1.0, "10-25": 1.0, "10-26": 1.0}


# --- timed events -----------------------------------------------------------------------------


def test_timed__hours_are_a_fraction_of_eight() -> None:
    assert read(event("DTSTART:20261109T090000Z", "DTEND:20261109T110000Z")) == {"11-09": 0.25}


def test_timed__more_than_eight_hours_are_one_day() -> None:
    assert read(event("DTSTART:20261109T070000Z", "DTEND:20261109T190000Z")) == {"11-09": 1.0}


def test_timed__each_day_has_its_own_hours() -> None:
    # Monday 20:00 to Wednesday 02:00: four hours, a whole day, two hours.
    assert read(event("DTSTART:20261109T200000Z", "DTEND:20261111T020000Z")) == {"11-09": 0.5, "11-10": 1.0, "11-11": 0.25}


def test_timed__an_end_at_midnight_leaves_the_next_day_alone() -> None:
    assert read(event("DTSTART:20261109T200000Z", "DTEND:20261110T000000Z")) == {"11-09": 0.5}


def test_timed__falls_on_the_days_of_the_persons_own_zone() -> None:
    # 22:00 to 02:00 UTC is 09:00 to 13:00 of the next day in Sydney, eleven hours ahead in November.
    nightly = event("DTSTART:20261109T220000Z", "DTEND:20261110T020000Z")

    assert read(nightly, zone="Australia/Sydney") == {"11-10": 0.5}
    assert read(nightly) == {"11-09": 0.25, "11-10": 0.25}


def test_timed__in_a_named_zone() -> None:
    # 22:00 to 24:00 in New York is 03:00 to 05:00 in Lisbon.
    late = event("DTSTART;TZID=America/New_York:20261109T220000", "DTEND;TZID=America/New_York:20261110T000000")

    assert read(late) == {"11-10": 0.25}


def test_timed__in_a_zone_as_windows_names_it() -> None:
    assert read(event("DTSTART;TZID=W. Europe Standard Time:20261109T003000", "DURATION:PT2H")) == {
        "11-08": 0.0625,
        "11-09": 0.1875,
    }


def own_zone(offset: str) -> str:
    rules = ("BEGIN:STANDARD", "DTSTART:16010101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}", "END:STANDARD")
    return "\r\n".join(("BEGIN:VTIMEZONE", "TZID:Customized Time Zone", *rules, "END:VTIMEZONE"))


def test_timed__a_zone_that_the_calendar_defines_holds_for_this_calendar_alone() -> None:
    noon = event("DTSTART;TZID=Customized Time Zone:20261109T120000", "DURATION:PT2H")

    assert read(own_zone("+1300"), noon, zone="UTC") == {"11-08": 0.125, "11-09": 0.125}
    assert read(own_zone("-1300"), noon, zone="UTC") == {"11-10": 0.25}


def test_timed__without_a_zone_is_by_the_persons_own_clock() -> None:
    floating = event("DTSTART:20261109T230000", "DTEND:20261110T010000")

    assert read(floating, zone="Australia/Sydney") == {"11-09": 0.125, "11-10": 0.125}


def test_timed__the_calendars_default_zone_holds_for_utc_times_only_in_name() -> None:
    assert read("X-WR-TIMEZONE:Asia/Tokyo", event("DTSTART:20261109T090000Z", "DTEND:20261109T130000Z")) == {"11-09": 0.5}


def test_timed__a_clock_change_takes_no_hour() -> None:
    # 29 March 2026: 00:00 to 04:00 by the clock are three hours; 25 October: 00:00 to 04:00 by the clock are five.
    spring = event(f"DTSTART;TZID={LISBON}:20260329T000000", f"DTEND;TZID={LISBON}:20260329T040000")
    autumn = event(f"DTSTART;TZID={LISBON}:20261025T000000", f"DTEND;TZID={LISBON}:20261025T040000")

    assert read(spring, span="2026-03-29 2026-03-29") == {"03-29": 0.5}
    assert read(autumn, span="2026-10-25 2026-10-25") == {"10-25": 0.625}


def test_timed__from_midnight_to_midnight_is_a_day_even_where_it_has_23_hours() -> None:
    whole = event(f"DTSTART;TZID={LISBON}:20260328T000000", f"DTEND;TZID={LISBON}:20260331T000000")

    assert read(whole, span="2026-03-01 2026-03-31") == {"03-28": 1.0, "03-29": 1.0, "03-30": 1.0}


def test_timed__without_length_takes_nothing() -> None:
    assert read(event("DTSTART:20261109T090000Z")) == {}


def test_several_events_of_a_day__add_up_to_one_at_most() -> None:
    morning = event("DTSTART:20261109T090000Z", "DTEND:20261109T110000Z", uid="a")
    noon = event("DTSTART:20261109T120000Z", "DTEND:20261109T140000Z", uid="b")

    assert read(morning, noon) == {"11-09": 0.5}
    assert read(morning, all_day("20261109", "20261110", uid="c")) == {"11-09": 1.0}


# --- what does not count ----------------------------------------------------------------------


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "status:cancelled"])
def test_free_and_cancelled_events__take_nothing(line: str) -> None:
    assert read(all_day("20261109", "20261110", line)) == {}


@pytest.mark.parametrize("line", ["TRANSP:OPAQUE", "STATUS:CONFIRMED", "STATUS:TENTATIVE"])
def test_other_events__take_their_days(line: str) -> None:
    assert read(all_day("20261109", "20261110", line)) == {"11-09": 1.0}


def test_other_components__take_nothing() -> None:
    todo = "BEGIN:VTODO\r\nUID:t\r\nDTSTART;VALUE=DATE:20261109\r\nDUE;VALUE=DATE:20261112\r\nEND:VTODO"
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDURATION:P5D\r\nEND:VALARM"

    assert read(todo, all_day("20261120", "20261121", alarm)) == {"11-20": 1.0}


def test_words__are_dropped_before_parsing() -> None:
    # Broken where the words are: a parser that met them would stumble, and a title cannot pass for a date.
    hostile = (
        "SUMMARY;X=:doctor",
        "DESCRIPTION:a long story",
        " DTSTART;VALUE=DATE:20261120",
        "LOCATION:clinic\x85DTSTART;VALUE=DATE:20261121\u2028DTEND;VALUE=DATE:20261122",
        'ATTENDEE;CN="x:mailto:nobody',
        "what is this",
    )

    assert read(all_day("20261109", "20261110", *hostile)) == {"11-09": 1.0}


def test_folded_lines__are_read_whole() -> None:
    assert read("BEGIN:VEVENT\r\nUID:leave-\r\n 1\r\nDTSTART;VALUE=DA\r\n TE:202611\r\n\t09\r\nEND:VEVENT") == {"11-09": 1.0}


# --- repetitions ------------------------------------------------------------------------------


def test_repetition__weekly_without_end_fills_the_span() -> None:
    fridays = all_day("20200103", "20200104", "RRULE:FREQ=WEEKLY;BYDAY=FR")

    assert list(read(fridays)) == ["11-06", "11-13", "11-20", "11-27"]


def test_repetition__until_is_included() -> None:
    fridays = all_day("20261106", "20261107", "RRULE:FREQ=WEEKLY;UNTIL=20261120")

    assert list(read(fridays)) == ["11-06", "11-13", "11-20"]


def test_repetition__a_count_counts_from_the_start() -> None:
    fridays = all_day("20261030", "20261031", "RRULE:FREQ=WEEKLY;COUNT=3")

    assert list(read(fridays)) == ["11-06", "11-13"]


def test_repetition__excluded_days_are_days_of_work() -> None:
    fridays = all_day("20261106", "20261107", "RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20261113,20261127")

    assert list(read(fridays)) == ["11-06", "11-20"]


def test_repetition__excluded_times_in_a_zone() -> None:
    zone = "TZID=Europe/Berlin"
    mondays = event(
        f"DTSTART;{zone}:20261102T090000", f"DTEND;{zone}:20261102T130000", "RRULE:FREQ=WEEKLY", f"EXDATE;{zone}:20261109T090000"
    )

    assert read(mondays) == {"11-02": 0.5, "11-16": 0.5, "11-23": 0.5, "11-30": 0.5}


def test_repetition__extra_days() -> None:
    assert list(read(all_day("20261103", "20261104", "RDATE;VALUE=DATE:20261105,20261112"))) == ["11-03", "11-05", "11-12"]


def test_repetition__a_moved_occurrence_leaves_its_day() -> None:
    fridays = all_day("20261106", "20261107", "RRULE:FREQ=WEEKLY")
    moved = all_day("20261111", "20261113", "RECURRENCE-ID;VALUE=DATE:20261113")

    assert list(read(fridays, moved)) == ["11-06", "11-11", "11-12", "11-20", "11-27"]


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_repetition__a_cancelled_occurrence_gives_its_day_back(line: str) -> None:
    fridays = all_day("20261106", "20261107", "RRULE:FREQ=WEEKLY")
    cancelled = all_day("20261113", "20261114", "RECURRENCE-ID;VALUE=DATE:20261113", line)

    assert list(read(fridays, cancelled)) == ["11-06", "11-20", "11-27"]


def test_repetition__a_shortened_occurrence() -> None:
    zone = "TZID=Europe/Lisbon"
    series = event(f"DTSTART;{zone}:20261106T090000", f"DTEND;{zone}:20261106T170000", "RRULE:FREQ=WEEKLY;COUNT=3")
    shorter = event(f"DTSTART;{zone}:20261113T090000", f"DTEND;{zone}:20261113T110000", f"RECURRENCE-ID;{zone}:20261113T090000")

    assert read(series, shorter) == {"11-06": 1.0, "11-13": 0.25, "11-20": 1.0}


def test_repetition__keeps_its_hour_over_a_clock_change() -> None:
    # 23:00 to 01:00 in Lisbon, every Saturday around 25 October 2026.
    zone = "TZID=Europe/Lisbon"
    series = event(f"DTSTART;{zone}:20261017T230000", f"DTEND;{zone}:20261018T010000", "RRULE:FREQ=WEEKLY;COUNT=3")

    hours = read(series, span="2026-10-01 2026-11-30")

    assert hours == dict.fromkeys(["10-17", "10-18", "10-24", "10-25", "10-31", "11-01"], 0.125)


def test_repetition__an_occurrence_that_began_before_the_span() -> None:
    fortnights = all_day("20261001", "20261016", "RRULE:FREQ=MONTHLY")

    assert list(read(fortnights, span="2026-11-14 2026-11-20")) == ["11-14", "11-15"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["11-30"]),
        ("FREQ=MONTHLY;BYDAY=2FR", ["11-13"]),
        ("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=12", ["11-12"]),
        ("FREQ=DAILY;INTERVAL=10;BYMONTH=11", ["11-01", "11-11", "11-21"]),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=1MO", ["11-02"]),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=12;BYMONTHDAY=1", []),
    ],
)
def test_repetition__forms_that_programs_write(rule: str, expected: list[str]) -> None:
    # From Monday 5 January 2026, the 5th day of the year; 1 November is the 305th, three hundred days later.
    found = list(read(all_day("20260105", "20260106", f"RRULE:{rule}")))

    assert found == expected


# --- repetitions that nobody should wait for --------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY;COUNT=3",
        "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
        "FREQ=WEEKLY;BYMONTH=6;BYMONTHDAY=31;UNTIL=20261231",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
    ],
)
def test_hostile_repetition__is_refused_at_once(rule: str) -> None:
    # The years 2025, 2029 and so on have no 29 February.
    with pytest.raises(SourceError, match="a leave calendar repeats an event"):
        read(all_day("20250105", "20250106", f"RRULE:{rule}"))


def test_hostile_repetition__in_a_zones_definition_is_refused_too() -> None:
    lines = ("DTSTART:19700101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=SECONDLY")
    zone = "\r\n".join(("BEGIN:VTIMEZONE", "TZID:Odd", "BEGIN:STANDARD", *lines, "END:STANDARD", "END:VTIMEZONE"))

    with pytest.raises(SourceError, match="every hour"):
        read(zone, event("DTSTART;TZID=Odd:20261109T090000", "DURATION:PT1H"))


def test_hostile_repetition__thousands_of_old_endless_rules_are_refused() -> None:
    many = (all_day("19700101", "19700102", "RRULE:FREQ=DAILY", uid=str(n)) for n in range(1000))

    with pytest.raises(SourceError, match="too many events for too long"):
        read(*many)


def test_repetition__hundreds_of_ordinary_rules_are_read() -> None:
    many = (all_day("20200102", "20200103", "RRULE:FREQ=WEEKLY;UNTIL=20210101", uid=str(n)) for n in range(300))

    assert read(*many, all_day("20261109", "20261110", uid="now")) == {"11-09": 1.0}


def test_repetition__a_very_old_daily_one_within_the_bounds() -> None:
    assert len(read(all_day("18000101", "18000102", "RRULE:FREQ=DAILY"))) == 30


# --- text that cannot be read -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "breaks off"),
        ("<html>Please log in</html>", "is not a calendar"),
        ("BEGIN:VTODO\r\nEND:VTODO\r\n", "is not a calendar"),
        (calendar(*["BEGIN:VEVENT"] * 9999, *["END:VEVENT"] * 9999), "is not a calendar"),
        (calendar(all_day("20261109", "20261110")).removesuffix("END:VCALENDAR\r\n"), "breaks off"),
        (calendar("BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261109"), "breaks off"),
        (calendar(event("DTSTART:tomorrow")), "cannot be understood"),
        (calendar(event("DURATION:P1D")), "cannot be understood"),
        (calendar(event("DTSTART:20261109T090000Z", "DTEND:20261109T083000Z")), "ends before it starts"),
        (calendar(event("DTSTART:20261109T090000Z", "DURATION:-PT1H")), "ends before it starts"),
        (calendar(all_day("20261109", "20261105")), "ends before it starts"),
        (calendar(all_day("20261109", "20261110", "RRULE:FREQ=SOMETIMES")), "cannot be understood"),
        (calendar(all_day("20261109", "20261110", "RRULE:INTERVAL=2")), "cannot be understood"),
        (calendar(event("DTSTART;TZID=Nowhere/Land:20261109T090000", "DURATION:PT1H")), "a time zone that it does not define"),
        (calendar("CALSCALE:JULIAN", all_day("20261109", "20261110")), "cannot be understood"),
    ],
)
def test_unreadable_text__says_whose_what_and_what_to_do(text: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        days_away(text, "iduarte", LISBON, NOVEMBER)

    assert "a leave calendar" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc"])
def test_unknown_zone__is_refused(zone: str) -> None:
    with pytest.raises(SourceError, match="unknown time zone"):
        read(zone=zone)


def test_an_empty_calendar__is_no_leave() -> None:
    assert read() == {}


LINES = [
    "BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART:20261109", "DTSTART;VALUE=DATE:20261109", "DURATION:P1D", "RRULE:FREQ=DAILY",
    "RDATE:1", "EXDATE:", "RECURRENCE-ID:x", "X-WR-TIMEZONE:Mars/Base", "END:VEVENT", "END:VCALENDAR", " ", "END:", "\x00",
]  # fmt: skip


@given(st.text(max_size=300) | st.lists(st.sampled_from(LINES), max_size=12).map("\r\n".join))
def test_any_text__is_read_or_refused_in_words(text: str) -> None:
    try:
        rows = days_away(text, "iduarte", LISBON, NOVEMBER)
    except SourceError:
        return
    assert all(row.days.first in NOVEMBER and row.days.last in NOVEMBER for row in rows)


@given(
    st.lists(st.tuples(st.integers(0, 60 * 24 * 60), st.integers(0, 60 * 24 * 20)), max_size=6),
    st.sampled_from([LISBON, "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]),
)
def test_any_times__give_ordered_separate_rows_within_the_span(times: list[tuple[int, int]], zone: str) -> None:
    start = date(2026, 10, 1)
    events = []
    for number, (minute, length) in enumerate(times):
        day, rest = divmod(minute, 24 * 60)
        stamp = f"{start + timedelta(days=day):%Y%m%d}T{rest // 60:02}{rest % 60:02}00Z"
        events.append(event(f"DTSTART:{stamp}", f"DURATION:PT{length}M", uid=str(number)))
    rows = days_away(calendar(*events), "iduarte", zone, NOVEMBER)

    assert all(0 < row.fraction <= 1 for row in rows)
    assert all(NOVEMBER.first <= row.days.first <= row.days.last <= NOVEMBER.last for row in rows)
    assert all(a.days.last < b.days.first for a, b in pairwise(rows))


def test_same_uid__on_days_of_their_own_are_events_of_their_own() -> None:
    assert list(read(all_day("20261109", "20261110"), all_day("20261120", "20261121"))) == ["11-09", "11-20"]


def test_same_uid__twice_the_same_event_counts_once() -> None:
    half = event("DTSTART:20261109T090000Z", "DTEND:20261109T110000Z")

    assert read(half, half) == {"11-09": 0.25}


def test_same_uid__a_newer_version_takes_the_place_of_the_older() -> None:
    assert list(read(all_day("20261109", "20261110", "SEQUENCE:1"), all_day("20261120", "20261121", "SEQUENCE:2"))) == ["11-20"]


# --- what is shown ----------------------------------------------------------------------------


def test_a_feed__does_not_show_its_address() -> None:
    feed = CalendarFeed(who="iduarte", address="https://calendar.example.com/private-8f2c/basic.ics", zone=LISBON)

    assert "private" not in repr(feed)
