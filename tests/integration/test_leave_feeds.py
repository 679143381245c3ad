"""Leave calendars read from addresses, over real HTTP, and from files."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reports.adapters.http_session import PacedSession, Patience, Waiting
from reports.adapters.leave_calendars import LARGEST_FEED, CalendarFeed, LeaveCalendars
from reports.core.context import Context, Unavailable, Unknown
from tests.builders import days
from tests.loopback import Answer, Loopback, Request, loopback

NOVEMBER = days("2026-11-01", "2026-11-30")
CALENDAR = b"""BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
SUMMARY:Arzttermin \xfc
DTSTART;VALUE=DATE:20261109
DTEND;VALUE=DATE:20261111
END:VEVENT
END:VCALENDAR
"""
AWAY = Unavailable(who="iduarte", days=days("2026-11-09", "2026-11-10"), fraction=1.0)
SECRET = "private-8f2c"


@dataclass
class Feeds:
    server: Loopback
    session: PacedSession

    def read(self, *addresses: str) -> Context:
        """What the calendars at these addresses say, one person each."""
        people = ("iduarte", "kmori", "tlee")
        feeds = [
            CalendarFeed(who=who, address=address, zone="Europe/Lisbon") for who, address in zip(people, addresses, strict=False)
        ]
        return LeaveCalendars(self.session, feeds).context(NOVEMBER)

    def reason(self, address: str) -> str:
        """Why the calendar at an address cannot be read; it never tells the address."""
        context = self.read(address)
        (row,) = context.unknown
        assert context == Context(unknown=(Unknown(who="iduarte", days=NOVEMBER, reason=row.reason),))
        assert SECRET not in row.reason
        assert "127.0.0.1" not in row.reason
        return row.reason


@pytest.fixture
def feeds() -> Iterator[Feeds]:
    session = PacedSession(Patience(attempts=2, attempts_at_strangers=2, read=0.5), Waiting(sleep=lambda seconds: None))
    with loopback() as server:
        server.answer = lambda request: Answer(body=CALENDAR, headers={"Content-Type": "text/calendar"})
        yield Feeds(server, session)
        for adapter in session.adapters.values():
            adapter.close()


def test_feed__at_an_address(feeds: Feeds) -> None:
    assert feeds.read(f"{feeds.server.url}/{SECRET}/basic.ics") == Context(unavailable=(AWAY,))


def test_feed__in_a_file(feeds: Feeds, tmp_path: Path) -> None:
    (tmp_path / "leave.ics").write_bytes(b"\xef\xbb\xbf" + CALENDAR)

    assert feeds.read(str(tmp_path / "leave.ics")) == Context(unavailable=(AWAY,))


def test_feed__one_that_fails_stops_nobody_elses(feeds: Feeds, tmp_path: Path) -> None:
    (tmp_path / "odd.ics").write_text("BEGIN:VCALENDAR\n")

    context = feeds.read(feeds.server.url, str(tmp_path / "missing.ics"), str(tmp_path / "odd.ics"))

    assert context.unavailable == (AWAY,)
    assert [(row.who, row.days) for row in context.unknown] == [("kmori", NOVEMBER), ("tlee", NOVEMBER)]


def test_feed__behind_a_password_in_its_address(feeds: Feeds) -> None:
    feeds.read(feeds.server.url.replace("://", "://ines:p%40ss@"))

    (request,) = feeds.server.requests
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"ines:p@ss").decode()


def test_feed__gets_no_credentials_of_anything_else(feeds: Feeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    feeds.read(feeds.server.url)

    (request,) = feeds.server.requests
    assert "Authorization" not in request.headers


def test_feed__a_passing_fault_is_tried_again(feeds: Feeds) -> None:
    answers = iter([Answer(503), Answer(body=CALENDAR)])
    feeds.server.answer = lambda request: next(answers)

    assert feeds.read(feeds.server.url).unavailable == (AWAY,)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500])
def test_refused__says_the_status_and_no_address(feeds: Feeds, status: int) -> None:
    feeds.server.answer = lambda request: Answer(status, b"no")

    assert feeds.reason(f"{feeds.server.url}/{SECRET}") == f"a leave calendar was not given out ({status})"


def test_refused__a_login_page_is_not_a_calendar(feeds: Feeds) -> None:
    feeds.server.answer = lambda request: Answer(body=b"<html>Sign in</html>")

    assert feeds.reason(feeds.server.url) == "a leave calendar is not a calendar"


def test_refused__an_answer_that_breaks_off(feeds: Feeds) -> None:
    feeds.server.answer = lambda request: Answer(body=CALENDAR[:-20], headers={"Content-Length": str(len(CALENDAR))})
    cut_by_the_network = feeds.reason(f"{feeds.server.url}/{SECRET}")
    feeds.server.answer = lambda request: Answer(body=CALENDAR[:-20])
    cut_before_that = feeds.reason(f"{feeds.server.url}/{SECRET}")

    assert cut_by_the_network in (
        "a leave calendar cannot be reached",
        "a leave calendar did not answer within the time limit",
    )
    assert cut_before_that == "a leave calendar breaks off in the middle"


def test_refused__more_than_ten_mebibytes(feeds: Feeds, tmp_path: Path) -> None:
    large = b"X" * (LARGEST_FEED + 1)
    (tmp_path / "large.ics").write_bytes(large)
    feeds.server.answer = lambda request: Answer(body=large)

    assert feeds.reason(str(tmp_path / "large.ics")) == "a leave calendar has more than 10 MiB"


def test_refused__nobody_is_there(feeds: Feeds) -> None:
    assert feeds.reason(f"http://127.0.0.1:9/{SECRET}") == "a leave calendar cannot be reached"


@pytest.mark.parametrize("address", [f"http://calendar.example.com/{SECRET}", f"ftp://calendar.example.com/{SECRET}"])
def test_refused__an_address_that_others_can_read_along(feeds: Feeds, address: str) -> None:
    assert feeds.reason(address) == "a leave calendar has an address that is not encrypted"


@pytest.mark.parametrize("address", [f"https://[{SECRET}", f"https:///{SECRET}", f"/nowhere/{SECRET}\x00.ics", ""])
def test_refused__what_is_no_address_at_all(feeds: Feeds, address: str) -> None:
    assert feeds.reason(address).startswith("a leave calendar ")


def test_request__asks_once_and_says_nothing_about_us(feeds: Feeds) -> None:
    feeds.read(f"{feeds.server.url}/{SECRET}")

    (request,) = feeds.server.requests
    assert isinstance(request, Request)
    assert request.path == f"/{SECRET}"
    assert request.headers["User-Agent"] == "support-reports"
