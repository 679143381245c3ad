"""Leave calendars and on-call schedules from the settings to the report, in whole weekly runs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reports.adapters.clocks import FixedClock
from reports.commands import console
from reports.core.judgement import Status
from reports.errors import UsageError
from reports.jobs import stages
from reports.jobs.demo import ENVIRONMENT, Demo
from reports.wiring.calendars import context_sources
from reports.wiring.house import House
from tests.integration.organisation import issue_of, of, results
from tests.loopback import Answer, Loopback, Request, loopback

LEAVE = b"""BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:canary-dentist
DTSTART;VALUE=DATE:20261110
DTEND;VALUE=DATE:20261112
END:VEVENT
END:VCALENDAR
""".replace(b"\n", b"\r\n")


@dataclass
class Outside:
    """The demo organisation with a calendar for one person and an on-call schedule."""

    demo: Demo
    calendars: Loopback
    pager: Loopback
    addresses: Path

    def house(self, **environment: str) -> House:
        secrets = {"CALENDAR_ADDRESSES": str(self.addresses), "PAGERDUTY_TOKEN": "u+read-only"}
        return House(
            config=self.demo.house.config,
            store_folder=self.demo.house.store_folder,
            environment={**ENVIRONMENT, **secrets, **environment},
            clock=FixedClock(self.demo.world.now),
        )

    def run(self) -> stages.Outcome:
        return stages.weekly(self.house(), self.demo.week, console.silent)


def on_call(request: Request) -> Answer:
    """Jonas is on call on one day of the week, whatever is asked for."""
    if request.path == "/log_entries":
        return Answer(body=b'{"log_entries": [], "more": false}')
    entry = {"start": "2026-11-12T08:00:00Z", "end": "2026-11-12T20:00:00Z", "user": {"id": "PJONAS"}}
    return Answer(body=json.dumps({"schedule": {"final_schedule": {"rendered_schedule_entries": [entry]}}}).encode())


@pytest.fixture
def outside(demo: Demo, tmp_path: Path) -> Iterator[Outside]:
    with loopback() as calendars, loopback() as pager:
        calendars.answer = lambda request: Answer(body=LEAVE)
        pager.answer = on_call
        sources = demo.house.config / "sources.yml"
        sources.write_text(
            sources.read_text(encoding="utf-8")
            + "\nleave_calendars: {addresses_from: CALENDAR_ADDRESSES}\n"
            + f"pagerduty: {{url: '{pager.url}', schedules: [{{id: P1, rotation: ceoc}}]}}\n",
            encoding="utf-8",
        )
        team = demo.house.config / "team.yml"
        text = team.read_text(encoding="utf-8").replace("username: jbeck\n", "username: jbeck\n    pagerduty_id: PJONAS\n")
        team.write_text(text, encoding="utf-8")
        addresses = tmp_path / "addresses"
        addresses.write_text(f"# one line each\nlfischer {calendars.url}/private-0123.ics\n", encoding="utf-8")
        yield Outside(demo, calendars, pager, addresses)


def test_a_calendar_and_a_schedule__count_like_the_days_in_yaml(outside: Outside) -> None:
    outcome = outside.run()

    judged = results(outside.demo)
    lena, jonas = of(judged, "lfischer").weeks[-1].capacity, of(judged, "jbeck").weeks[-1].capacity
    assert (lena.unavailable_days, lena.available_days) == (2, 3)
    assert (jonas.on_call_days, jonas.uncounted) == (1, "on call")
    assert outcome.gathered.gaps == ()
    assert "5 working days − 2 days away = 3 available" in issue_of(outside.demo, "lfischer").description


def test_what_a_calendar_calls_an_event__reaches_neither_store_nor_report(outside: Outside) -> None:
    outside.run()

    kept = [path for path in outside.demo.house.store_folder.rglob("*") if path.is_file()]
    assert any(path.name == "context.json" for path in kept)
    assert not [path for path in kept if b"canary-dentist" in path.read_bytes() or b"private-0123" in path.read_bytes()]
    assert "canary-dentist" not in issue_of(outside.demo, "lfischer").description


def test_a_calendar_that_is_down__is_no_data_and_the_next_run_completes_it(outside: Outside) -> None:
    outside.calendars.answer = lambda request: Answer(status=404)
    first = outside.run()
    before = of(results(outside.demo), "lfischer").weeks[-1]

    outside.calendars.answer = lambda request: Answer(body=LEAVE)
    second = outside.run()
    after = of(results(outside.demo), "lfischer").weeks[-1]

    assert first.gathered.gaps == ("a leave calendar was not given out (404) (people concerned: 1)",)
    assert {v.status for v in before.verdicts} <= {Status.NO_DATA, Status.NOT_ASSESSED}
    assert before.missed_run_length == 0
    assert second.gathered.gaps == ()
    assert (after.capacity.available_days, after.capacity.unknown) == (3, "")
    assert Status.NO_DATA not in {v.status for v in after.verdicts}


def test_missing_addresses__are_named_by_their_variable(outside: Outside) -> None:
    with pytest.raises(UsageError, match="CALENDAR_ADDRESSES"):
        stages.gather(outside.house(CALENDAR_ADDRESSES=""), outside.demo.week, console.silent)


@pytest.mark.parametrize("line", ["lfischer", "nobody https://calendar.example.com/x.ics", "lfischer a b"])
def test_a_line_that_is_no_address__is_named_by_its_number_alone(outside: Outside, line: str) -> None:
    outside.addresses.write_text(f"\n{line}\n", encoding="utf-8")

    with pytest.raises(UsageError, match="line 2 of the file of calendar addresses") as caught:
        context_sources(outside.house())

    assert "calendar.example.com/x" not in str(caught.value)


def test_measuring_again__needs_no_secret(outside: Outside) -> None:
    outside.run()

    again = stages.judged(outside.house(CALENDAR_ADDRESSES="", PAGERDUTY_TOKEN=""), outside.demo.week)

    assert of(again, "lfischer").weeks[-1].capacity.unavailable_days == 2
