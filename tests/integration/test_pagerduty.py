"""The PagerDuty adapter over real HTTP, against answers in the shape of the real service."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reports.adapters.http_session import PacedSession, Patience, Waiting
from reports.adapters.pagerduty import PagerDutySchedules, Responder, Rotations, Schedule
from reports.core.context import Context, OnCall, Unknown
from reports.core.weeks import DayRange
from reports.errors import SourceError
from tests.builders import days
from tests.loopback import Answer, Loopback, Request, loopback

EMERGENCIES = Schedule(id="PI7DH85", rotation="emergencies")
INES = Responder(id="PX0001", who="iduarte", zone="Europe/Lisbon")
KENJI = Responder(id="PX0002", who="kmori", zone="Asia/Tokyo")
NOVEMBER = days("2026-11-01", "2026-11-30")


@dataclass
class PagerDuty:
    """The server, a session that does not sleep, and the pauses it would have made."""

    server: Loopback
    session: PacedSession
    pauses: list[float]

    def read(
        self,
        *schedules: Schedule,
        people: Sequence[Responder] = (INES, KENJI),
        span: DayRange = NOVEMBER,
        token: str = "u+read-only",
    ) -> Context:
        rotations = Rotations(schedules=schedules or (EMERGENCIES,), responders=people)
        return PagerDutySchedules(token, self.session, rotations, self.server.url).context(span)

    def shifts(self, *entries: dict[str, Any], span: DayRange = NOVEMBER) -> list[tuple[str, str, str]]:
        """Who is on call from which day to which, when the schedule has these entries."""
        self.server.answer = lambda request: rendered(request, *entries)
        rows = self.read(span=span).on_call
        return [(row.who, str(row.days.first), str(row.days.last)) for row in rows]


@pytest.fixture
def pagerduty() -> Iterator[PagerDuty]:
    pauses: list[float] = []
    session = PacedSession(Patience(attempts=3, attempts_at_strangers=3), Waiting(sleep=pauses.append))
    with loopback() as server:
        yield PagerDuty(server, session, pauses)
        for adapter in session.adapters.values():
            adapter.close()


def entry(user: str, start: str, end: str) -> dict[str, Any]:
    return {
        "start": start,
        "end": end,
        "user": {
            "id": user,
            "type": "user_reference",
            "summary": "Somebody",
            "self": f"https://api.pagerduty.com/users/{user}",
            "html_url": f"https://acme.pagerduty.com/users/{user}",
        },
    }


def rendered(request: Request, *entries: dict[str, Any], planned: Sequence[dict[str, Any]] = ()) -> Answer:
    """A schedule as PagerDuty renders it: entries within the span that was asked for, cut at its ends."""
    since, until = (datetime.fromisoformat(request.query[name]) for name in ("since", "until"))

    def cut(each: dict[str, Any]) -> dict[str, Any]:
        start = max(datetime.fromisoformat(each["start"]), since)
        end = min(datetime.fromisoformat(each["end"]), until)
        return each | {"start": start.isoformat(), "end": end.isoformat()}

    def within(some: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each for each in map(cut, some) if each["start"] < each["end"]]

    body: dict[str, Any] = {
        "schedule": {
            "id": request.path.rpartition("/")[2],
            "type": "schedule",
            "summary": "Customer emergencies",
            "time_zone": request.query["time_zone"],
            "name": "Customer emergencies",
            "description": None,
            "schedule_layers": [
                {
                    "name": "Layer 1",
                    "id": "PG68P1M",
                    "rendered_schedule_entries": within(planned),
                    "rotation_turn_length_seconds": 604800,
                    "users": [],
                    "restrictions": [],
                }
            ],
            "overrides_subschedule": {"name": "Overrides", "rendered_schedule_entries": [], "rendered_coverage_percentage": None},
            "final_schedule": {
                "name": "Final Schedule",
                "rendered_schedule_entries": within(entries),
                "rendered_coverage_percentage": 100.0,
            },
            "users": [{"id": "PX0001", "type": "user_reference"}],
            "escalation_policies": [],
        }
    }
    return Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def refusal(status: int, message: str, code: int, **headers: str) -> Answer:
    body = json.dumps({"error": {"message": message, "code": code}}).encode()
    return Answer(status, body, {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()})


# --- days -------------------------------------------------------------------------------------


def test_on_call__a_week_is_the_days_it_touches(pagerduty: PagerDuty) -> None:
    # Monday 9:00 Amsterdam to Monday 9:00 is 8:00 in Lisbon: both Mondays are touched.
    found = pagerduty.shifts(entry("PX0001", "2026-11-09T09:00:00+01:00", "2026-11-16T09:00:00+01:00"))

    assert found == [("iduarte", "2026-11-09", "2026-11-16")]


def test_on_call__names_the_rotation_as_our_readers_know_it(pagerduty: PagerDuty) -> None:
    pagerduty.server.answer = lambda request: rendered(request, entry("PX0001", "2026-11-09T08:00:00Z", "2026-11-09T12:00:00Z"))

    assert pagerduty.read() == Context(
        on_call=(OnCall(who="iduarte", days=days("2026-11-09"), rotation="emergencies"),),
    )


def test_on_call__an_entry_that_ends_at_the_persons_midnight_leaves_the_next_day_alone(pagerduty: PagerDuty) -> None:
    # 15:00 UTC is midnight in Tokyo.
    ends_at_midnight = entry("PX0002", "2026-11-09T00:00:00Z", "2026-11-09T15:00:00Z")
    ends_a_second_later = entry("PX0002", "2026-11-09T00:00:00Z", "2026-11-09T15:00:01Z")

    assert pagerduty.shifts(ends_at_midnight) == [("kmori", "2026-11-09", "2026-11-09")]
    assert pagerduty.shifts(ends_a_second_later) == [("kmori", "2026-11-09", "2026-11-10")]


def test_on_call__one_entry_falls_on_different_days_of_different_people(pagerduty: PagerDuty) -> None:
    late = ("2026-11-09T20:00:00Z", "2026-11-09T23:00:00Z")

    found = pagerduty.shifts(entry("PX0001", *late), entry("PX0002", *late))

    assert found == [("iduarte", "2026-11-09", "2026-11-09"), ("kmori", "2026-11-10", "2026-11-10")]


def test_on_call__shifts_on_neighbouring_days_are_one_row(pagerduty: PagerDuty) -> None:
    daily = [entry("PX0001", f"2026-11-{day}T08:00:00Z", f"2026-11-{day}T12:00:00Z") for day in ("11", "09", "10", "13")]

    assert pagerduty.shifts(*daily) == [("iduarte", "2026-11-09", "2026-11-11"), ("iduarte", "2026-11-13", "2026-11-13")]


def test_on_call__only_the_days_of_the_span(pagerduty: PagerDuty) -> None:
    whole = entry("PX0001", "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z")

    assert pagerduty.shifts(whole, span=days("2026-11-09", "2026-11-10")) == [("iduarte", "2026-11-09", "2026-11-10")]


def test_on_call__the_span_is_whole_in_the_persons_own_zone(pagerduty: PagerDuty) -> None:
    # 15:00 to 16:00 UTC of the 8th is the first hour of the 9th in Tokyo; the same hour a day later is the 10th's.
    first = entry("PX0002", "2026-11-08T15:00:00Z", "2026-11-08T16:00:00Z")
    after = entry("PX0002", "2026-11-09T15:00:00Z", "2026-11-09T16:00:00Z")

    assert pagerduty.shifts(first, after, span=days("2026-11-09")) == [("kmori", "2026-11-09", "2026-11-09")]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # Lisbon, 29 March 2026: the clock goes from 1:00 to 2:00, so the day ends at 23:00 UTC.
        ("2026-03-29T00:00:00+00:00", "2026-03-30T00:00:00+01:00", ("2026-03-29", "2026-03-29")),
        ("2026-03-29T22:59:00Z", "2026-03-29T23:01:00Z", ("2026-03-29", "2026-03-30")),
        # 25 October 2026: from 2:00 back to 1:00, so the day begins at 23:00 UTC and ends at midnight UTC.
        ("2026-10-25T00:00:00+01:00", "2026-10-26T00:00:00+00:00", ("2026-10-25", "2026-10-25")),
        ("2026-10-24T22:59:00Z", "2026-10-24T23:01:00Z", ("2026-10-24", "2026-10-25")),
    ],
)
def test_on_call__days_of_a_clock_change(pagerduty: PagerDuty, start: str, end: str, expected: tuple[str, str]) -> None:
    year = days("2026-03-01", "2026-10-31")

    assert pagerduty.shifts(entry("PX0001", start, end), span=year) == [("iduarte", *expected)]


def test_on_call__an_override_counts_and_the_plan_does_not(pagerduty: PagerDuty) -> None:
    planned = [entry("PX0001", "2026-11-09T08:00:00Z", "2026-11-16T08:00:00Z")]
    final = [
        entry("PX0001", "2026-11-09T08:00:00Z", "2026-11-11T00:00:00Z"),
        entry("PX0002", "2026-11-11T00:00:00Z", "2026-11-12T00:00:00Z"),
        entry("PX0001", "2026-11-12T00:00:00Z", "2026-11-16T08:00:00Z"),
    ]
    pagerduty.server.answer = lambda request: rendered(request, *final, planned=planned)

    rows = [(row.who, row.days) for row in pagerduty.read().on_call]

    # Tokyo is nine hours ahead, so the swapped day ends there on the morning of the 12th.
    assert rows == [
        ("iduarte", days("2026-11-09", "2026-11-10")),
        ("iduarte", days("2026-11-12", "2026-11-16")),
        ("kmori", days("2026-11-11", "2026-11-12")),
    ]


def test_on_call__entries_of_nobody_and_of_no_length_are_left_out(pagerduty: PagerDuty) -> None:
    nobody = entry("PX0001", "2026-11-09T08:00:00Z", "2026-11-09T09:00:00Z") | {"user": None}
    empty = entry("PX0001", "2026-11-12T08:00:00Z", "2026-11-12T08:00:00Z")
    body = {"schedule": {"final_schedule": {"rendered_schedule_entries": [nobody, empty]}}}
    pagerduty.server.answer = lambda request: Answer(body=json.dumps(body).encode())

    assert pagerduty.read() == Context()


def test_unmapped_users__have_no_row(pagerduty: PagerDuty) -> None:
    strangers = [entry(user, "2026-11-09T08:00:00Z", "2026-11-10T08:00:00Z") for user in ("PX0008", "PX0009", "PX0009")]
    pagerduty.server.answer = lambda request: rendered(request, *strangers)

    assert pagerduty.read(EMERGENCIES, Schedule(id="PJ1", rotation="managers")) == Context()


# --- what is asked ----------------------------------------------------------------------------


def test_request__is_as_pagerduty_wants_it(pagerduty: PagerDuty) -> None:
    pagerduty.shifts()

    (request,) = pagerduty.server.requests
    assert request.path == "/schedules/PI7DH85"
    assert request.query == {
        "since": "2026-10-31T00:00:00+00:00",
        "until": "2026-12-02T00:00:00+00:00",
        "time_zone": "UTC",
    }
    assert request.headers["Authorization"] == "Token token=u+read-only"
    assert request.headers["Accept"] == "application/vnd.pagerduty+json;version=2"


def test_request__a_long_span_is_asked_in_pieces_without_gaps(pagerduty: PagerDuty) -> None:
    whole_year = days("2026-01-01", "2026-12-31")

    found = pagerduty.shifts(entry("PX0001", "2025-12-01T00:00:00Z", "2027-02-01T00:00:00Z"), span=whole_year)

    asked = [
        (datetime.fromisoformat(request.query["since"]), datetime.fromisoformat(request.query["until"]))
        for request in pagerduty.server.requests
    ]
    # 365 days and one at each end are 367: four times 84, and 31.
    assert [(until - since).days for since, until in asked] == [84, 84, 84, 84, 31]
    assert all(earlier[1] == later[0] for earlier, later in pairwise(asked))
    assert found == [("iduarte", "2026-01-01", "2026-12-31")]


def test_request__an_id_stays_in_its_place(pagerduty: PagerDuty) -> None:
    pagerduty.read(Schedule(id="../users?x=", rotation="odd"))

    assert {request.path for request in pagerduty.server.requests} == {"/schedules/..%2Fusers%3Fx%3D"}


def test_token__that_is_none_is_refused_by_its_variable(pagerduty: PagerDuty) -> None:
    with pytest.raises(SourceError, match="PAGERDUTY_TOKEN holds no usable secret"):
        pagerduty.read(token="two words")


# --- refusals ---------------------------------------------------------------------------------


def test_too_many_requests__waits_as_long_as_asked(pagerduty: PagerDuty) -> None:
    answers = iter([refusal(429, "Rate Limit Exceeded", 2020, Retry_After="7")])
    shift = entry("PX0001", "2026-11-09T08:00:00Z", "2026-11-09T12:00:00Z")
    pagerduty.server.answer = lambda request: next(answers, None) or rendered(request, shift)

    rows = pagerduty.read().on_call

    assert [row.days for row in rows] == [days("2026-11-09")]
    assert pagerduty.pauses == [7.0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(401, "Invalid API token", 2006), "PagerDuty does not know the token (401"),
        (refusal(403, "Access Denied", 2010), "does not let the token read this (403"),
        (refusal(404, "Not Found", 2100), "has nothing at"),
        (refusal(400, "Invalid Input Provided", 2001), "answered 400"),
        (refusal(429, "Rate Limit Exceeded", 2020, Retry_After="1"), "asks to wait longer"),
        (Answer(200, b"<html>"), "answered in an unknown shape"),
        (Answer(200, b'{"schedule": {"id": "PI7DH85"}}'), "answered in an unknown shape"),
    ],
)
def test_unreadable_schedule__makes_everybody_on_it_unknown(pagerduty: PagerDuty, answer: Answer, said: str) -> None:
    pagerduty.server.answer = lambda request: answer

    context = pagerduty.read()

    assert context.on_call == ()
    assert [(row.who, row.days) for row in context.unknown] == [("iduarte", NOVEMBER), ("kmori", NOVEMBER)]
    assert all(row.reason.startswith("the on-call schedule emergencies could not be read: ") for row in context.unknown)
    assert all(said in row.reason and "read-only" not in row.reason for row in context.unknown)


def test_unreadable_schedule__leaves_the_others_as_they_are(pagerduty: PagerDuty) -> None:
    shift = entry("PX0001", "2026-11-09T08:00:00Z", "2026-11-09T12:00:00Z")
    gone = Schedule(id="PGONE", rotation="managers")
    pagerduty.server.answer = lambda request: refusal(404, "", 2100) if "PGONE" in request.path else rendered(request, shift)

    context = pagerduty.read(gone, EMERGENCIES, people=[INES])

    assert context.on_call == (OnCall(who="iduarte", days=days("2026-11-09"), rotation="emergencies"),)
    assert [type(row) for row in context.unknown] == [Unknown]
    assert "the on-call schedule managers" in context.unknown[0].reason


def test_unreadable_schedule__half_of_it_is_none_of_it(pagerduty: PagerDuty) -> None:
    shift = entry("PX0001", "2026-01-05T08:00:00Z", "2026-01-05T12:00:00Z")
    pagerduty.server.answer = lambda request: (
        rendered(request, shift) if request.query["since"] < "2026-02" else refusal(400, "Invalid Input Provided", 2001)
    )

    context = pagerduty.read(span=days("2026-01-01", "2026-06-30"), people=[INES])

    assert context.on_call == ()
    assert [row.days for row in context.unknown] == [days("2026-01-01", "2026-06-30")]


def test_no_server__is_said_plainly(pagerduty: PagerDuty) -> None:
    rotations = Rotations(schedules=[EMERGENCIES], responders=[INES])
    source = PagerDutySchedules("token", pagerduty.session, rotations, "http://127.0.0.1:9")

    (row,) = source.context(NOVEMBER).unknown

    assert "PagerDuty at http://127.0.0.1:9 cannot be reached" in row.reason


# --- a law ------------------------------------------------------------------------------------


def test_round_the_clock__every_day_has_somebody_in_every_zone(pagerduty: PagerDuty) -> None:
    # Handovers every day at 9:00 Amsterdam, over both clock changes: each day of each person is touched twice.
    amsterdam = ZoneInfo("Europe/Amsterdam")
    start = datetime(2026, 3, 1, 9, tzinfo=amsterdam)
    turns = [(start + timedelta(days=n), start + timedelta(days=n + 1)) for n in range(250)]
    entries = [entry("PX0001", first.isoformat(), after.isoformat()) for first, after in turns]

    found = pagerduty.shifts(*entries, span=days("2026-03-02", "2026-10-31"))

    assert found == [("iduarte", "2026-03-02", "2026-10-31")]
