"""Days off from iCalendar feeds: date and fraction, nothing else; what an event is called never reaches the parser.

The address of a feed is a secret, since whoever knows it reads the calendar: no message here names one.
"""

import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import recurring_ical_events
import requests
from dateutil.rrule import rrulestr
from icalendar import Calendar, Component, vRecur, vText
from icalendar.timezone import tzp

from reports.adapters.http_session import PacedSession
from reports.core.context import Context, Unavailable, Unknown
from reports.core.people import Engineer
from reports.core.weeks import DayRange, midnight
from reports.errors import SourceError, UsageError

#: A feed of many years of leave has some hundred kilobytes.
LARGEST_FEED = 10 * 1024 * 1024
#: Hours off that make a whole day off.
WORKING_DAY = timedelta(hours=8)

#: What is read, with the parts of a time zone's definition; every other line is dropped before parsing.
_KEPT_PROPERTIES = frozenset(
    {
        "UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS", "TRANSP",
        "TZID", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO", "X-WR-TIMEZONE", "CALSCALE",
    }
)  # fmt: skip
_KEPT_COMPONENTS = frozenset({"VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"})
#: An alarm in an event in a calendar is three deep.
_DEEPEST = 6
_NAME = re.compile(r"[A-Za-z0-9-]+")

#: Steps that finding the repetitions of one feed may take; a step looks at one day, a week or a month of a rule.
_MOST_STEPS = 300_000
_DAYS_OF_A_STEP = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 12, "YEARLY": 24}
_DAYS_OF_A_PERIOD = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}
_PLAIN_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})
#: Parts of a day make no sense for leave, and multiply the work.
_REFUSED_PARTS = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
#: After so many days every date meets every weekday again.
_CALENDAR_CYCLE = 28 * 366
#: Wider than any zone's distance from any other, and than a floating time's.
_MARGIN = timedelta(days=2)
_CHUNK = 64 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFeed:
    """One person's leave: an https or webcal address, or a file, in iCalendar form; `zone` is the person's own."""

    who: str
    address: str = field(repr=False)
    zone: str


def feeds_in(path: Path, people: Iterable[Engineer]) -> tuple[CalendarFeed, ...]:
    """The feeds of a file with a line `username address` for each; UsageError names the line that is wrong, never an address."""
    zones = {person.username: person.time_zone for person in people}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            "the file of calendar addresses cannot be read",
            "in GitLab its variable has to be of type file; see docs/operations.md",
        ) from None
    feeds = []
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 2 or words[0] not in zones:
            raise UsageError(
                f"line {number} of the file of calendar addresses is not 'username address' of an engineer in config/team.yml",
                "write one line for each calendar, such as: iduarte https://calendar.example.com/ines.ics",
            )
        feeds.append(CalendarFeed(who=words[0], address=words[1], zone=zones[words[0]]))
    return tuple(feeds)


class LeaveCalendars:
    """Reads the feeds of people; one that cannot be read makes its person's days unknown and stops nobody else's."""

    name = "leave calendars"

    def __init__(self, session: PacedSession, feeds: Sequence[CalendarFeed]) -> None:
        self._session = session
        self._feeds = feeds

    def context(self, days: DayRange) -> Context:
        """`unavailable` rows within the days, and one `unknown` row for every feed that could not be read."""
        away: list[Unavailable] = []
        unknown: list[Unknown] = []
        for feed in self._feeds:
            try:
                away += days_away(self._text(feed), feed.who, feed.zone, days)
            except SourceError as error:
                unknown.append(Unknown(who=feed.who, days=days, reason=error.message))
        return Context(unavailable=tuple(away), unknown=tuple(unknown))

    def _text(self, feed: CalendarFeed) -> str:
        if "://" not in feed.address:
            return _file_text(feed)
        url = re.sub("^webcals?://", "https://", feed.address)
        try:
            parts = urlsplit(url)
            if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
                raise _failure("has an address that is not encrypted", "Use its https address.")
            return self._download(feed, url)
        except (requests.RequestException, ValueError) as error:
            # The error itself is not chained: it holds the address.
            raise _failure(_cause(error), "Check the address and the network, then run again.") from None

    def _download(self, feed: CalendarFeed, url: str) -> str:
        user, password = requests.utils.get_auth_from_url(url)
        with self._session.get(url, auth=(user, password) if user else _unchanged, stream=True) as response:
            if response.status_code != 200:
                hint = "Ask its owner for a new address; people change it to stop sharing a calendar."
                raise _failure(f"was not given out ({response.status_code})", hint)
            content = bytearray()
            for chunk in response.iter_content(_CHUNK):
                content += chunk
                if len(content) > LARGEST_FEED:
                    raise _too_large()
        return _decoded(bytes(content))


def days_away(text: str, who: str, zone: str, span: DayRange) -> tuple[Unavailable, ...]:
    """The days of the span on which events take time, ordered; neighbouring days with the same fraction are one row.

    All-day events take whole days. Timed ones take their hours out of eight on every day of `zone` that they touch, by the
    clock on the wall or as they pass, whichever is more, so that a clock change takes no hour from anybody. Several events of
    a day add up to one day at most. Cancelled events, and those that leave their time free, take nothing. SourceError says
    what cannot be read.
    """
    own = _zone(zone)
    taken: dict[date, timedelta] = defaultdict(timedelta)
    for start, end in _busy_times(text, span):
        for day, time in _time_by_day(start, end, own, span):
            taken[day] += time
    return tuple(_rows(who, {day: round(min(time / WORKING_DAY, 1.0), 4) for day, time in taken.items() if time}))


# --- from events to days ----------------------------------------------------------------------


def _time_by_day(start: date, end: date, zone: ZoneInfo, span: DayRange) -> Iterator[tuple[date, timedelta]]:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        # An end on the first day or before it is how some programs write a single day.
        last = max(start, end - timedelta(days=1))
        yield from ((day, WORKING_DAY) for day in _within(span, start, last))
        return
    first, after = _instant(start, zone), _instant(end, zone)
    for day in _within(span, first.astimezone(zone).date(), after.astimezone(zone).date()):
        begin, stop = max(first, midnight(day, zone)), min(after, midnight(day + timedelta(days=1), zone))
        if begin < stop:
            yield day, max(stop - begin, _wall(stop, zone) - _wall(begin, zone))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        hint = "Write the person's time zone like Europe/Lisbon."
        raise _failure(f"belongs to somebody in an unknown time zone: {name!r}", hint) from None


def _within(span: DayRange, first: date, last: date) -> DayRange:
    return DayRange(max(first, span.first), min(last, span.last))


def _instant(moment: datetime, zone: ZoneInfo) -> datetime:
    """The instant in UTC; a time without a zone is one of the person's own clock."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _rows(who: str, fractions: Mapping[date, float]) -> Iterator[Unavailable]:
    row: Unavailable | None = None
    for day in sorted(fractions):
        if row and row.fraction == fractions[day] and row.days.last + timedelta(days=1) == day:
            row = Unavailable(who=who, days=DayRange(row.days.first, day), fraction=row.fraction)
            continue
        if row:
            yield row
        row = Unavailable(who=who, days=DayRange(day, day), fraction=fractions[day])
    if row:
        yield row


# --- from text to events ----------------------------------------------------------------------


def _busy_times(text: str, span: DayRange) -> list[tuple[date, date]]:
    """Starts and ends of everything that takes time around the span: dates of all-day events, datetimes of others."""
    kept = _kept_lines(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Zones that one feed defines would otherwise hold for the next one, too.
            tzp.use_default()
            calendars = Calendar.from_ical(kept, multiple=True)
            events = list(_components(calendars, "VEVENT"))
            for event in events:
                _check_times(event)
            _check_work(calendars, span)
            _tell_apart(events)
            return [times for calendar in calendars for times in _occurrences(calendar, span)]
    except SourceError:
        raise
    # A hand-made feed can fail the libraries in any way, and none of them may stop a run.
    except Exception as error:
        what = f"holds an event that cannot be understood ({type(error).__name__})"
        raise _failure(what, "Look for events with an odd date, duration or repetition, and write them anew.") from error


def _kept_lines(text: str) -> str:
    """The lines that matter, in whole components; what people wrote about an event is not among them."""
    inside: list[str] = []
    lines: list[str] = []
    keep = False
    for line in re.split(r"\r?\n", text.removeprefix("\ufeff")):
        if line[:1] in (" ", "\t", ""):
            lines += [line] if keep and line else []
            continue
        match = _NAME.match(line)
        name = match[0].upper() if match else ""
        component = line[6:].strip().upper() if name == "BEGIN" else ""
        inside += [component] if component else []
        if not inside or inside[0] != "VCALENDAR" or len(inside) > _DEEPEST:
            raise _failure("is not a calendar", "Its address may have changed, or ask for a login; use the iCal address.")
        keep = _KEPT_COMPONENTS.issuperset(inside) and (name in _KEPT_PROPERTIES or name in ("BEGIN", "END"))
        lines += [line] if keep else []
        if name == "END" and inside.pop() != line[4:].strip().upper():
            raise _broken_off()
    if inside or not lines:
        raise _broken_off()
    return "\r\n".join((*lines, ""))


def _check_times(event: Component) -> None:
    """Refuse what the libraries would guess: a zone that nobody knows, and an end before the start, which they swap."""
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if name in event and "TZID" in event[name].params and getattr(_time(event, name), "tzinfo", UTC) is None:
            what = "has times in a time zone that it does not define"
            raise _failure(what, "Export it again with its time zones, or use zones such as Europe/Lisbon.")
    length: Any = event.get("DURATION")
    backwards = length.dt < timedelta() if length else _ends_early(event)
    if backwards:
        raise _failure("holds an event that ends before it starts", "Mend the dates of that event.")


def _ends_early(event: Component) -> bool:
    if "DTEND" not in event:
        return False
    start, end = _time(event, "DTSTART"), _time(event, "DTEND")
    if isinstance(start, datetime) and isinstance(end, datetime) and start.tzinfo and end.tzinfo:
        return end < start
    return _day(end) < _day(start)


def _tell_apart(events: Iterable[Component]) -> None:
    """Give events of their own days their own UID: of several with the same one the library would keep the first alone."""
    starts: dict[tuple[str, str], set[date]] = defaultdict(set)
    for event in events:
        if "UID" not in event or "RECURRENCE-ID" in event:
            continue
        start = _time(event, "DTSTART")
        known = starts[str(event["UID"]), str(event.get("SEQUENCE", 0))]
        if known and start not in known:
            event["UID"] = vText(f"{event['UID']} {len(known)}")
        known.add(start)


def _occurrences(calendar: Component, span: DayRange) -> Iterator[tuple[date, date]]:
    query = recurring_ical_events.of(calendar)
    for event in query.between(span.first - _MARGIN, span.last + _MARGIN):
        if str(event.get("TRANSP", "")).upper() != "TRANSPARENT" and str(event.get("STATUS", "")).upper() != "CANCELLED":
            yield _time(event, "DTSTART"), _time(event, "DTEND")


def _components(calendars: Iterable[Component], *names: str) -> Iterator[Component]:
    return (part for calendar in calendars for part in calendar.walk() if part.name in names)


def _time(part: Component, name: str) -> date:
    value: Any = part[name]
    moment: date = value.dt
    return moment


# --- repetitions that never end ---------------------------------------------------------------


def _check_work(calendars: Iterable[Component], span: DayRange) -> None:
    """Refuse rules that would keep the libraries busy for long: they walk day by day from the first one."""
    steps = 0.0
    for part in _components(calendars, "VEVENT", "STANDARD", "DAYLIGHT"):
        rules = part.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            steps += _steps(rule, _time(part, "DTSTART"), span)
            if steps > _MOST_STEPS:
                what = "repeats too many events for too long"
                raise _failure(what, "Use a calendar for leave alone, or give old repetitions an end.")


def _steps(rule: vRecur, start: date, span: DayRange) -> float:
    frequency = str(rule["FREQ"][0]).upper()
    interval, count = int(rule.get("INTERVAL", [1])[0]), int(rule.get("COUNT", [0])[0])
    if frequency not in _DAYS_OF_A_STEP or interval < 1 or _REFUSED_PARTS & set(rule):
        what = "repeats an event in a way that leave never does, such as every hour"
        raise _failure(what, "Let it repeat by days, weeks, months or years.")
    last = min([span.last + _MARGIN, *(_day(until) for until in rule.get("UNTIL", []))])
    days = max(0, (last - _day(start)).days)
    limits = set(rule) - _PLAIN_PARTS - ({"BYDAY"} if frequency == "WEEKLY" else set())
    if limits:
        days += _CALENDAR_CYCLE
        if not _ever_happens(rule, start):
            raise _failure("repeats an event on days that do not exist", "Mend its repetition, or give it a single date.")
    elif count > 0:
        days = min(days, count * interval * _DAYS_OF_A_PERIOD[frequency])
    return 1 + days / _DAYS_OF_A_STEP[frequency] / interval


def _ever_happens(rule: vRecur, start: date) -> bool:
    """Whether a rule meets any day at all, such as 30 February; asked late in time, since the search ends with year 9999.

    Four hundred years are whole weeks and a whole round of leap years, so that the rule meets the same days then.
    """
    late = datetime(start.year + (9970 - start.year) // 400 * 400, start.month, start.day)  # noqa: DTZ001  (a date)
    endless: Any = vRecur({name: value for name, value in rule.items() if name not in ("UNTIL", "COUNT")})
    return next(iter(rrulestr(endless.to_ical().decode(), dtstart=late)), None) is not None


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


# --- reading, and failures in words -----------------------------------------------------------


def _file_text(feed: CalendarFeed) -> str:
    try:
        with Path(feed.address).open("rb") as file:
            content = file.read(LARGEST_FEED + 1)
    except (OSError, ValueError):
        raise _failure("is a file that cannot be read", "Check its path and who may read it.") from None
    if len(content) > LARGEST_FEED:
        raise _too_large()
    return _decoded(content)


def _decoded(content: bytes) -> str:
    """Its text; what is read of it is ASCII, so a title in another encoding does no harm."""
    return content.decode("utf-8", errors="replace")


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No credentials: neither another service's nor those of a .netrc file."""
    return request


def _cause(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "did not answer within the time limit"
    if isinstance(error, requests.exceptions.SSLError):
        return "is on a server whose certificate could not be verified"
    return "cannot be reached"


def _failure(what: str, hint: str) -> SourceError:
    return SourceError(f"a leave calendar {what}", hint)


def _too_large() -> SourceError:
    return _failure("has more than 10 MiB", "Use a calendar for leave alone.")


def _broken_off() -> SourceError:
    return _failure("breaks off in the middle", "Run again later, or export it again.")
