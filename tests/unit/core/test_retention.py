from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.action_log import Deed, LogEntry
from reports.core.gates import Gate, Gates
from reports.core.measurements import NOBODY, Counted, KeptCounts, Tallies
from reports.core.model import Aggregation
from reports.core.retention import Retention, count_rows, counted_people, recent_log, weeks_between
from reports.core.weeks import DayRange, Week
from tests.builders import W46, coverage, days, engineer, evidence, measure, team, utc
from tests.judging import tallied

UTC_ZONE = ZoneInfo("UTC")
CUT = date(2026, 10, 12)
EVERYBODY = frozenset({NOBODY, "iduarte", "jbeck"})
KINDS = {"new_tickets": Aggregation.COUNT, "time_to_resolve": Aggregation.MEDIAN}


# --- until when ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "since"),
    [("2026-11-15", "2026-10-05"), ("2026-11-16", "2026-10-12"), ("2026-11-22", "2026-10-12"), ("2026-11-23", "2026-10-19")],
)
def test_facts__go_by_whole_weeks_once_every_day_is_old_enough(today: str, since: str) -> None:
    reach = coverage(until=f"{today} 06:00")

    assert Retention().facts_since(date.fromisoformat(today), [reach], UTC_ZONE) == date.fromisoformat(since)


def test_facts__wait_for_the_source_that_was_read_last() -> None:
    reaches = [coverage(until="2026-11-16 06:00"), coverage(until="2026-10-01 06:00")]

    assert Retention().facts_since(date(2026, 11, 16), reaches, UTC_ZONE) == date(2026, 9, 28)


def test_facts__wait_for_a_source_that_was_given_up_as_long_again_and_no_longer() -> None:
    reaches = [coverage(until="2026-11-16 06:00"), coverage(until="2026-03-01 06:00")]

    assert Retention().facts_since(date(2026, 11, 16), reaches, UTC_ZONE) == date(2026, 9, 7)


def test_facts__of_a_stream_that_has_not_come_anywhere_are_all_kept() -> None:
    reaches = [coverage(until="2026-11-16 06:00"), replace(coverage(since="2026-10-01"), until=None)]

    assert Retention().facts_since(date(2026, 11, 16), reaches, UTC_ZONE) == date(2026, 9, 28)


def test_facts__that_were_never_read_have_no_day() -> None:
    assert Retention().facts_since(date(2026, 11, 16), [], UTC_ZONE) is None


def test_results__are_kept_for_so_many_weeks() -> None:
    assert Retention(weekly_result_weeks=13).oldest_week(date(2026, 11, 16)) == Week(2026, 34)


def test_weeks_between__ends_before_the_monday() -> None:
    assert weeks_between(date(2026, 9, 30), CUT) == (Week(2026, 40), Week(2026, 41))
    assert weeks_between(CUT, CUT) == ()


# --- of whom ------------------------------------------------------------------------------------------


def test_counted_people__are_those_whom_the_sources_know_and_who_agreed() -> None:
    people = team(engineer(), engineer("jbeck"), engineer("kaziz", zendesk_id=None))
    gates = Gates(rows=(Gate(person="jbeck", measure="new_tickets"),))
    reaches = {reach.stream: reach for reach in [coverage()]}

    found = counted_people([measure(), measure("first_replies")], reaches, people, gates, W46)

    assert found == {"new_tickets": {NOBODY, "iduarte"}, "first_replies": {NOBODY, "iduarte", "jbeck"}}


def test_counted_people__of_a_measure_that_was_not_read_there_are_none() -> None:
    reaches = {reach.stream: reach for reach in [coverage(since="2026-11-10")]}

    assert counted_people([measure()], reaches, team(engineer()), Gates(), W46) == {}


# --- the law: what was kept and what is left count as everything did ----------------------------------------


events = st.lists(
    st.tuples(
        st.dates(date(2026, 9, 28), date(2026, 10, 25)),
        st.sampled_from(sorted(EVERYBODY - {NOBODY})),
        st.sampled_from(sorted(KINDS)),
        st.integers(1, 5),
        st.sampled_from(["question", "incident"]),
    ),
    max_size=25,
)


@given(events, st.dates(date(2026, 9, 28), date(2026, 10, 25)), st.integers(0, 27))
def test_law__kept_and_fresh_counts_are_all_counts(
    happened: list[tuple[date, str, str, int, str]], first: date, length: int
) -> None:
    rows = [
        evidence(f"{day} 10:00", name, who=who, value=float(value), category=category)
        for day, who, name, value, category in happened
    ]
    measures = [measure(name, kind=kind) for name, kind in KINDS.items()]
    whole = tallied(rows, UTC_ZONE, measures)
    fresh = tallied([row for row in rows if row.at.date() >= CUT], UTC_ZONE, measures)
    split = fresh.and_kept(kept_of(whole))
    asked = DayRange(first, first + timedelta(days=length))

    for who in EVERYBODY:
        for name in KINDS:
            assert split.uncounted(who, name, asked) == ""
            assert plain(split.counted(who, name, asked)) == plain(whole.counted(who, name, asked))
            by_category, all_by_category = (t.by_category(who, name, asked) for t in (split, whole))
            assert {k: plain(v) for k, v in by_category.items()} == {k: plain(v) for k, v in all_by_category.items()}


def kept_of(whole: Tallies) -> KeptCounts:
    """The weeks before the cut, by way of the rows that are kept of them."""
    people = dict.fromkeys(KINDS, EVERYBODY)
    weeks = weeks_between(date(2026, 9, 28), CUT)
    rows = [row for week in weeks for row in count_rows(whole.columns, people, week)]
    counted = [
        evidence(f"{date.fromordinal(row.day)} 10:00", row.measure, who=row.person, value=row.amount, category=row.category)
        for row in rows
        for _ in range(row.cases)
    ]
    measures = [measure(name, kind=kind) for name, kind in KINDS.items()]
    return KeptCounts(facts_since=CUT, tallies=tallied(counted, UTC_ZONE, measures), weeks=dict.fromkeys(weeks, people))


def plain(counted: Counted) -> tuple[int, list[float]]:
    return counted.cases, sorted(counted.amounts)


# --- no zero that was never counted ---------------------------------------------------------------------


def kept(weeks: dict[Week, dict[str, frozenset[str]]]) -> Tallies:
    return Tallies({}, KeptCounts(facts_since=CUT, tallies=Tallies({}), weeks=weeks))


def test_uncounted__a_measure_that_is_newer_than_the_counts() -> None:
    tallies = kept({Week(2026, 41): {"new_tickets": EVERYBODY}})

    assert tallies.uncounted("iduarte", "first_replies", days("2026-10-05", "2026-10-11")) == (
        "the facts of 2026-W41 are kept no more, and it was not counted while they were there"
    )


def test_uncounted__somebody_who_was_not_counted_then() -> None:
    tallies = kept({Week(2026, 41): {"new_tickets": EVERYBODY}})

    assert tallies.uncounted("kaziz", "new_tickets", days("2026-10-09", "2026-10-20")) == (
        "the facts of 2026-W41 are kept no more, and this person was not counted while they were there"
    )
    assert tallies.uncounted("jbeck", "new_tickets", days("2026-10-09", "2026-10-20")) == ""
    assert tallies.uncounted("kaziz", "new_tickets", days("2026-10-12", "2026-10-20")) == ""


def test_uncounted__a_week_whose_counts_are_lost() -> None:
    tallies = kept({Week(2026, 41): {"new_tickets": EVERYBODY}})

    assert "2026-W40" in tallies.uncounted("iduarte", "new_tickets", days("2026-10-01", "2026-10-20"))


# --- logs ---------------------------------------------------------------------------------------------


def test_log__keeps_what_is_recent_and_what_was_agreed_last() -> None:
    opened = LogEntry(at=utc("2026-04-06 06:00"), deed=Deed.OPENED, by="bot")
    first = replace(opened, deed=Deed.GOALS, detail="5 per week")
    last = replace(first, at=utc("2026-04-13 06:00"), detail="4 per week")
    recent = replace(opened, at=utc("2026-11-09 06:00"))

    assert recent_log([opened, first, last, recent], Week(2026, 20), UTC_ZONE) == (last, recent)
