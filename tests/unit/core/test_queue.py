from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.clocks import CountedHours, Opening
from reports.core.queue import (
    ClockName,
    NextStep,
    QueueLimits,
    RegionQueue,
    WaitingIssue,
    WaitingItem,
    WaitingKind,
    full_hour,
    region_named,
    region_queues,
)
from reports.core.queue_view import TimeAmount, TimeUnit, region_queue, rounded_down
from tests.builders import utc
from tests.queue_views import ASKS_FOR_CONTACT, BUSY, FEEDBACK, FRIDAY, HANDOVER, REQUEST, RULES, queue_busy, region, waiting

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CONTACTED = "ssat-manager-contacted-customer"


def queue(*issues: WaitingIssue, now: datetime = FRIDAY) -> RegionQueue:
    """The queue of EMEA."""
    return region_queues(issues, RULES, now)[0]


def only(issue: WaitingIssue, now: datetime = FRIDAY) -> WaitingItem:
    """The one item that an issue is in the queue of EMEA."""
    (item,) = queue(issue, now=now).items
    return item


# --- attention requests -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "clock", "deadline"),
    [
        (("star-urgency::urgent",), ClockName.URGENT, "2026-11-13 10:30"),
        (("star-urgency::timely",), ClockName.TIMELY, "2026-11-13 11:00"),
        (("star-urgency::not-urgent",), ClockName.NOT_URGENT, "2026-11-13 12:00"),
        (("star-urgency::not-urgent", "star-urgency::timely"), ClockName.TIMELY, "2026-11-13 11:00"),
        ((), ClockName.NOT_URGENT, "2026-11-13 12:00"),
    ],
)
def test_attention_request__has_the_time_of_its_urgency(labels: tuple[str, ...], clock: ClockName, deadline: str) -> None:
    item = only(waiting("2026-11-13 10:00", REQUEST, *labels))

    assert (item.clock.name, item.deadline, item.is_over) == (clock, utc(deadline), True)


@pytest.mark.parametrize(
    ("labels", "assignees", "step"),
    [
        (("star-urgency::timely",), ("ohart",), NextStep.GET_GOING),
        (("star-urgency::timely",), (), NextStep.FIND_OWNER),
        (("unstarred",), ("ohart",), NextStep.NAME_URGENCY),
        ((), (), NextStep.NAME_URGENCY),
    ],
)
def test_attention_request__says_what_is_next(labels: tuple[str, ...], assignees: tuple[str, ...], step: NextStep) -> None:
    assert only(waiting("2026-11-13 10:00", labels=labels, assignees=assignees)).next_step is step


def test_attention_request__waits_only_in_support_hours() -> None:
    # Friday 23:45 in Berlin; the support hours go on on Monday.
    created = "2026-11-13 22:45"
    item = only(waiting(created, REQUEST, "star-urgency::urgent"), now=utc("2026-11-15 12:00"))

    assert item.deadline == utc("2026-11-15 23:15")
    assert (item.is_over, item.counted) == (False, 15 * MINUTE)


def test_attention_request__over_on_friday_is_not_two_days_over_on_monday() -> None:
    created = "2026-11-13 22:00"
    item = only(waiting(created, REQUEST, "star-urgency::urgent"), now=utc("2026-11-16 00:30"))

    # Half an hour of Friday was left, and one hour of Monday has passed at 00:00 UTC.
    assert (item.is_over, item.counted) == (True, 90 * MINUTE)


def test_attention_request__in_support_hours_that_a_holiday_of_the_region_does_not_close() -> None:
    rules = replace(RULES, regions=(region(holidays=frozenset({date(2026, 11, 13)})),))
    issues = [
        waiting("2026-11-13 10:00", REQUEST, "star-urgency::timely"),
        waiting("2026-11-13 10:00", FEEDBACK, *ASKS_FOR_CONTACT),
    ]

    request, contact = sorted(region_queues(issues, rules, FRIDAY)[0].items, key=lambda item: item.deadline)

    assert request.deadline == utc("2026-11-13 11:00")
    assert contact.deadline == utc("2026-11-17 23:00")


@pytest.mark.parametrize(
    ("created", "deadline"),
    [
        ("2026-11-13 15:30", "2026-11-16 08:30"),  # Friday 16:30 in Berlin: half an hour is left until Monday
        ("2026-11-13 16:00", "2026-11-16 09:00"),  # Friday 17:00: nobody is there any more
        ("2026-11-14 12:00", "2026-11-16 09:00"),  # Saturday
        ("2026-11-16 05:00", "2026-11-16 09:00"),  # Monday 06:00, before anybody is there
        ("2026-10-23 14:30", "2026-10-26 08:30"),  # over the weekend in which the clock goes back
    ],
)
def test_attention_request__in_office_hours_of_its_region(created: str, deadline: str) -> None:
    office = CountedHours(
        time_zone="Europe/Berlin",
        openings=tuple(Opening(weekday=day, opens=time(9), closes=time(17)) for day in range(5)),
    )
    rules = replace(RULES, regions=(region(support_hours=office),))

    (item,) = region_queues([waiting(created, REQUEST, "star-urgency::timely")], rules, utc("2026-10-20 12:00"))[0].items

    assert item.deadline == utc(deadline)


@pytest.mark.parametrize(
    ("zone", "deadline"),
    [
        ("America/Chicago", "2026-11-17 06:00"),  # Saturday 00:30 there: the 48 hours begin on Monday 00:00, 06:00 UTC
        ("Pacific/Auckland", "2026-11-16 11:00"),  # Saturday 19:30
        ("Asia/Kolkata", "2026-11-16 18:30"),  # Saturday 12:00, and a zone with half an hour
    ],
)
def test_contact__begins_on_the_monday_of_the_regions_own_zone(zone: str, deadline: str) -> None:
    rules = replace(RULES, regions=(region(time_zone=zone),))
    limits = replace(rules.limits, contact=24 * HOUR)

    (item,) = region_queues([waiting("2026-11-14 06:30", FEEDBACK, *ASKS_FOR_CONTACT)], replace(rules, limits=limits), FRIDAY)[
        0
    ].items

    assert item.deadline == utc(deadline)


@pytest.mark.parametrize(
    ("changed", "kind", "deadline"),
    [
        ({"disposition": 4 * HOUR}, REQUEST, "2026-11-13 14:20"),
        ({"handover": 3 * HOUR}, HANDOVER, "2026-11-13 13:00"),
    ],
)
def test_limits__are_an_organisations_own(changed: dict[str, timedelta], kind: WaitingKind, deadline: str) -> None:
    rules = replace(RULES, limits=replace(RULES.limits, **changed))
    closed = utc("2026-11-13 10:20") if kind is REQUEST else None

    (item,) = region_queues([waiting("2026-11-13 10:00", kind, closed_at=closed)], rules, FRIDAY)[0].items

    assert item.deadline == utc(deadline)


@pytest.mark.parametrize("label", ["Escalation::License-Issue", "Escalation::Response-Time", "unstarred"])
def test_closed_request__with_a_disposition_is_done(label: str) -> None:
    assert queue(waiting("2026-11-13 10:00", REQUEST, label, closed_at=utc("2026-11-13 10:20"))).items == ()


def test_closed_request__without_a_disposition_has_a_shift_from_when_it_was_closed() -> None:
    item = only(waiting("2026-11-10 10:00", REQUEST, "star-urgency::urgent", closed_at=utc("2026-11-13 10:20")))

    assert (item.clock.name, item.next_step) == (ClockName.DISPOSITION, NextStep.ADD_DISPOSITION)
    assert (item.since, item.deadline) == (utc("2026-11-13 10:20"), utc("2026-11-13 18:20"))


@pytest.mark.parametrize(("closed", "shown"), [("2026-10-30 14:00", 1), ("2026-10-30 13:59", 0)])
def test_closed_request__is_looked_at_for_two_weeks(closed: str, shown: int) -> None:
    assert len(queue(waiting("2026-10-30 10:00", closed_at=utc(closed))).items) == shown


# --- feedback ---------------------------------------------------------------------------------------------


def test_contact__is_due_48_hours_later_from_monday_to_friday() -> None:
    item = only(waiting("2026-11-12 15:30", FEEDBACK, *ASKS_FOR_CONTACT))

    assert (item.clock.name, item.next_step) == (ClockName.CONTACT, NextStep.CONTACT_CUSTOMER)
    assert item.deadline == utc("2026-11-16 15:30")
    # From Friday 14:00 UTC: nine hours of Friday in Berlin, and Monday until 16:30 there.
    assert (item.is_over, item.counted) == (False, timedelta(hours=25, minutes=30))


def test_contact__on_a_weekend_begins_on_monday_in_the_zone_of_the_region() -> None:
    saturday_in_tokyo_friday_in_berlin = waiting("2026-11-13 16:00", FEEDBACK, *ASKS_FOR_CONTACT)
    in_tokyo = replace(saturday_in_tokyo_friday_in_berlin, region="APAC")

    (apac,) = region_queues([in_tokyo], RULES, FRIDAY)[1].items

    assert only(saturday_in_tokyo_friday_in_berlin).deadline == utc("2026-11-17 16:00")
    assert apac.deadline == datetime(2026, 11, 18, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    "labels",
    [
        ("satisfaction::bad",),
        ("satisfaction::good", "manager-contact-requested"),
        ("manager-contact-requested",),
        (*ASKS_FOR_CONTACT, CONTACTED),
    ],
)
def test_contact__is_asked_for_by_negative_feedback_that_nobody_answered_yet(labels: tuple[str, ...]) -> None:
    assert queue(waiting("2026-11-12 15:30", FEEDBACK, *labels)).items == ()
    assert only(waiting("2026-11-02 15:30", FEEDBACK, *labels)).clock.name is ClockName.FEEDBACK


@pytest.mark.parametrize(("created", "shown"), [("2026-11-06 14:00", 1), ("2026-11-06 14:01", 0)])
def test_feedback__is_listed_once_seven_days_are_over(created: str, shown: int) -> None:
    items = queue(waiting(created, FEEDBACK)).items

    assert [(item.is_over, item.next_step) for item in items] == [(True, NextStep.ANSWER_FEEDBACK)] * shown


def test_feedback__seven_days_count_weekends_and_holidays() -> None:
    rules = replace(RULES, regions=(region(holidays=frozenset({date(2026, 11, 9), date(2026, 11, 10)})),))

    (item,) = region_queues([waiting("2026-11-06 10:00", FEEDBACK)], rules, FRIDAY)[0].items

    assert item.deadline == utc("2026-11-13 10:00")


# --- handovers --------------------------------------------------------------------------------------------


def test_handover__without_an_assignee_has_a_shift() -> None:
    item = only(waiting("2026-11-13 10:00", HANDOVER))

    assert (item.clock.name, item.next_step) == (ClockName.HANDOVER, NextStep.FIND_OWNER)
    assert item.deadline == utc("2026-11-13 18:00")


def test_handover__that_somebody_took_waits_for_nobody() -> None:
    assert queue(waiting("2026-11-13 10:00", HANDOVER, assignees=("iduarte",))).items == ()


@pytest.mark.parametrize("kind", [FEEDBACK, HANDOVER])
def test_closed__feedback_and_handovers_are_done(kind: WaitingKind) -> None:
    assert queue(waiting("2026-10-13 10:00", kind, *ASKS_FOR_CONTACT, closed_at=utc("2026-11-13 10:20"))).items == ()


# --- queues -----------------------------------------------------------------------------------------------


def test_queue__holds_what_is_of_the_region() -> None:
    emea, apac = region_queues([waiting("2026-11-13 10:00"), waiting("2026-11-13 11:00", region="APAC", iid=2)], RULES, FRIDAY)

    assert [item.issue.iid for item in emea.items] == [1]
    assert [item.issue.iid for item in apac.items] == [2]


@pytest.mark.parametrize("name", ["", "LATAM"])
def test_queue__an_issue_of_no_known_region_stands_in_every_one(name: str) -> None:
    queues = region_queues([waiting("2026-11-13 10:00", region=name)], RULES, FRIDAY)

    assert [[item.next_step for item in each.items] for each in queues] == [[NextStep.NAME_REGION]] * 2


@pytest.mark.parametrize(
    ("labels", "region"),
    [
        (("in EMEA", "unstarred"), "EMEA"),
        (("in EMEA", "also in EMEA"), "EMEA"),
        (("in EMEA", "in APAC"), ""),
        (("In EMEA",), ""),
        ((), ""),
    ],
)
def test_region__is_named_by_labels_that_agree(labels: tuple[str, ...], region: str) -> None:
    assert region_named(labels, {"in EMEA": "EMEA", "also in EMEA": "EMEA", "in APAC": "APAC"}) == region


def test_queue__oldest_first_whatever_is_due_first() -> None:
    issues = [
        waiting("2026-11-13 13:00", REQUEST, "star-urgency::urgent", iid=3),
        waiting("2026-11-12 13:00", FEEDBACK, *ASKS_FOR_CONTACT, iid=1),
        waiting("2026-11-13 09:00", HANDOVER, iid=2),
    ]

    assert [item.issue.iid for item in queue(*issues).items] == [1, 2, 3]


def test_item__is_over_from_its_deadline_on() -> None:
    issue = waiting("2026-11-13 12:00", REQUEST, "star-urgency::timely")

    before, at = (only(issue, now=utc(now)) for now in ("2026-11-13 12:59", "2026-11-13 13:00"))

    assert (before.is_over, before.counted) == (False, HOUR)
    assert (at.is_over, at.counted) == (True, timedelta(0))


def test_item__opened_after_the_full_hour_has_its_whole_time_and_no_more() -> None:
    item = only(waiting("2026-11-13 14:10", REQUEST, "star-urgency::not-urgent"))

    assert (item.deadline, item.counted) == (utc("2026-11-13 16:10"), 2 * HOUR)


def test_full_hour__is_that_of_utc_wherever_the_clock_stands() -> None:
    in_kolkata = datetime(2026, 11, 13, 19, 45, 59, 999_999, tzinfo=ZoneInfo("Asia/Kolkata"))

    assert full_hour(in_kolkata) == utc("2026-11-13 14:00")


@given(first=st.integers(0, 3599), second=st.integers(0, 3599))
def test_law__within_an_hour_nothing_changes(first: int, second: int) -> None:
    one, other = (utc("2026-11-13 14:00") + timedelta(seconds=seconds) for seconds in (first, second))

    assert region_queues(BUSY, RULES, one) == region_queues(BUSY, RULES, other)


@given(order=st.permutations(BUSY))
def test_law__the_order_in_which_issues_are_read_changes_nothing(order: list[WaitingIssue]) -> None:
    assert region_queues(order, RULES, FRIDAY) == region_queues(BUSY, RULES, FRIDAY)


@given(minutes=st.integers(0, 30 * 24 * 60))
def test_law__what_is_over_stays_over_and_the_time_over_grows(minutes: int) -> None:
    later = FRIDAY + timedelta(minutes=minutes)
    contact = waiting("2026-11-09 08:00", FEEDBACK, *ASKS_FOR_CONTACT)

    now, then = only(contact), only(contact, now=later)

    assert (now.is_over, then.is_over) == (True, True)
    assert now.deadline == then.deadline
    assert then.counted >= now.counted


# --- the view ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "day", "count", "unit"),
    [
        (timedelta(0), 24, 0, TimeUnit.HOURS),
        (59 * MINUTE, 24, 0, TimeUnit.HOURS),
        (119 * MINUTE, 24, 1, TimeUnit.HOURS),
        (48 * HOUR - MINUTE, 24, 47, TimeUnit.HOURS),
        (48 * HOUR, 24, 2, TimeUnit.DAYS),
        (71 * HOUR, 24, 2, TimeUnit.DAYS),
        (15 * HOUR, 8, 15, TimeUnit.HOURS),
        (20 * HOUR, 8, 2, TimeUnit.DAYS),
    ],
)
def test_amount__is_rounded_down_and_counts_days_of_the_clocks_own_hours(
    span: timedelta, day: int, count: int, unit: TimeUnit
) -> None:
    assert rounded_down(span, day * HOUR) == TimeAmount(count=count, unit=unit)


def test_view__counts_what_is_over_and_finds_the_next_deadline() -> None:
    view = queue_busy()

    assert (len(view.rows), view.over) == (8, 3)
    assert view.next_deadline == utc("2026-11-13 14:10")


def test_view__without_a_deadline_to_come() -> None:
    late = waiting("2026-11-09 08:00", FEEDBACK, *ASKS_FOR_CONTACT)

    view = region_queue(queue(late), QueueLimits())

    assert (view.over, view.next_deadline) == (1, None)


def test_view__days_over_in_short_support_hours_are_days_of_those_hours() -> None:
    short = CountedHours(
        time_zone="Europe/Berlin",
        openings=tuple(Opening(weekday=day, opens=time(9), closes=time(17)) for day in range(5)),
    )
    rules = replace(RULES, regions=(region(support_hours=short),))
    # Due on Monday at 10:00 in Berlin; until Friday 15:00 there are 7 + 8 + 8 + 8 + 6 hours.
    found = region_queues([waiting("2026-11-09 08:00", REQUEST, "star-urgency::timely", iid=1)], rules, FRIDAY)

    assert found[0].items[0].deadline == utc("2026-11-09 09:00")
    assert region_queue(found[0], QueueLimits()).rows[0].amount == TimeAmount(count=4, unit=TimeUnit.DAYS)


def test_view__a_confidential_issue_is_named_by_its_number() -> None:
    view = region_queue(queue(waiting("2026-11-13 12:00", iid=78, title="")), QueueLimits())

    assert view.rows[0].text == "acme/support/ticket-attention-requests#78"


def test_view__holds_nobodys_name() -> None:
    issues = [replace(issue, assignees=("iduarte",)) for issue in BUSY]

    assert "iduarte" not in str(region_queue(queue(*issues), QueueLimits()))


def test_region_queue__begins_with_the_most_urgent_of_what_is_over_not_the_oldest() -> None:
    feedback = waiting("2026-11-01 09:00", FEEDBACK, iid=1)
    contact = waiting("2026-11-09 08:00", FEEDBACK, *ASKS_FOR_CONTACT, iid=2)
    timely = waiting("2026-11-13 10:00", REQUEST, "star-urgency::timely", iid=3)
    urgent = [waiting(f"2026-11-13 {at}", REQUEST, "star-urgency::urgent", iid=iid) for at, iid in (("11:30", 5), ("11:00", 4))]
    not_over = waiting("2026-11-13 14:00", REQUEST, "star-urgency::urgent", iid=6)

    def first(*issues: WaitingIssue) -> str | None:
        found = region_queue(queue(*issues), QueueLimits()).most_urgent
        return found.url.rpartition("/")[2] if found else None

    assert first(feedback, contact, timely, *urgent, not_over) == "4"
    assert first(feedback, contact, timely, not_over) == "3"
    assert first(feedback, contact) == "2"
    assert first(feedback) == "1"
    assert first(not_over) is None


def test_region_queue__an_issue_without_a_title_to_show_is_a_confidential_one() -> None:
    open_one, hidden = region_queue(queue(waiting("2026-11-13 13:00", iid=1), waiting("2026-11-13 13:10", iid=2, title="")),
                                    QueueLimits()).rows  # fmt: skip

    assert (open_one.text, open_one.is_confidential) == ("attention request 1", False)
    assert (hidden.text, hidden.is_confidential) == ("acme/support/ticket-attention-requests#2", True)
