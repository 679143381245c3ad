"""What is right and wrong with an installation: a finding for each thing that was looked at, with the next step; asks nobody.

A thing that could not be looked at is neither right nor wrong: it says which other one has to be mended first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reports.core.model import Coverage

#: What `doctor` ends with when nothing is wrong and something needs to be seen to: the reports come, but not all is in them.
SEEN_TO = 9
#: Exit codes of what is wrong, by what it stops.
SECRETS, CONFIG, SOURCE, STORE, PUBLISHING, AUDIENCE = 2, 3, 4, 5, 7, 8

#: Zendesk refuses to export its last minute, so a clock that is further ahead asks for what it does not give.
CLOCKS_APART = timedelta(minutes=1)
OLD_STORE = timedelta(days=7)


class Verdict(StrEnum):
    """How it is with a thing, from the best to the worst; what was not checked stands apart."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNSEEN = "not checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, how it is, and what to do next; `code` is the exit code of what is wrong, by what it stops."""

    subject: str
    verdict: Verdict
    says: str
    step: str = ""
    code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why something could not be looked at, and what to do about it."""

    says: str
    step: str
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server as it answers: `clock` is what its answer says the time is, None when it does not."""

    url: str
    clock: datetime | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSeen:
    """The store: whether it can be written and read, and how far each stream reaches; nothing before the first gather."""

    place: str
    writing: Trouble | None
    reading: Trouble | None
    is_outdated: bool
    coverage: tuple[Coverage, ...]


def ok(subject: str, says: str) -> Finding:
    """All is well."""
    return Finding(subject=subject, verdict=Verdict.OK, says=says)


def warning(subject: str, says: str, step: str) -> Finding:
    """The reports come, but something is missing in them or soon will be."""
    return Finding(subject=subject, verdict=Verdict.WARNING, says=says, step=step)


def wrong(subject: str, trouble: Trouble) -> Finding:
    """Something does not work."""
    return Finding(subject=subject, verdict=Verdict.WRONG, says=trouble.says, step=trouble.step, code=trouble.code)


def unseen(subject: str, first: str) -> Finding:
    """It could not be looked at before the `first` thing is mended."""
    return Finding(subject=subject, verdict=Verdict.UNSEEN, says=f"mend {first} first, then look again")


def exit_code(findings: Iterable[Finding]) -> int:
    """The worst in a number: the smallest code of what is wrong, which a run would meet first; else 9 for a warning, else 0."""
    found = tuple(findings)
    wrongs = [finding.code for finding in found if finding.verdict is Verdict.WRONG]
    if wrongs:
        return min(wrongs)
    return SEEN_TO if any(finding.verdict is Verdict.WARNING for finding in found) else 0


def worst(findings: Iterable[Finding]) -> Verdict:
    """The worst verdict."""
    verdicts = {finding.verdict for finding in findings}
    return next((verdict for verdict in (Verdict.WRONG, Verdict.WARNING) if verdict in verdicts), Verdict.OK)


def about_server(name: str, server: Server, now: datetime) -> Iterator[Finding]:
    """Whether it is reached, and whether its clock and ours agree."""
    if server.trouble:
        yield wrong(f"{name}: server", server.trouble)
        yield unseen(f"{name}: everything else", f"{name}: server")
        return
    yield ok(f"{name}: server", server.url)
    if server.clock is not None:
        yield _about_clock(f"{name}: clock", now - server.clock)


def _about_clock(subject: str, ahead: timedelta) -> Finding:
    if abs(ahead) <= CLOCKS_APART:
        return ok(subject, "agrees with ours")
    how = "ahead of" if ahead > timedelta() else "behind"
    return warning(
        subject,
        f"our clock is {_length(abs(ahead))} {how} its clock",
        "set the clock of this machine by NTP: what is new is asked for by the time here",
    )


def _length(span: timedelta) -> str:
    """A length of time in words that fit its size."""
    minutes = round(span / timedelta(minutes=1))
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 2880 else f"{round(minutes / 1440)} days"


def about_store(store: StoreSeen, now: datetime) -> Iterator[Finding]:
    """Whether the store can be written and read, and how old what it holds is."""
    yield wrong("store: writing", store.writing) if store.writing else ok("store: writing", store.place)
    if store.is_outdated:
        says = "it was written by an older version of the tool"
        yield warning("store: reading", says, "run `support-reports gather`: it begins anew by itself, which takes longer once")
    elif store.reading:
        yield wrong("store: reading", store.reading)
    else:
        yield _about_age(store.coverage, now)
        for reach in store.coverage:
            if reach.problem:
                step = "mend that, then run `support-reports gather`; until then the numbers that need it are no data"
                yield warning(f"store: {reach.stream}", f"the last gather stopped short: {reach.problem}", step)


def _about_age(coverage: tuple[Coverage, ...], now: datetime) -> Finding:
    subject = "store: age"
    newest = max((reach.until for reach in coverage if reach.until), default=None)
    if newest is None:
        return ok(subject, "nothing was gathered yet; the first gather reads everything")
    if now - newest > OLD_STORE:
        return warning(
            subject,
            f"nothing was gathered for {_length(now - newest)}",
            "see in Build, Pipeline schedules whether the schedule is active and its owner still there; then run it",
        )
    return ok(subject, f"gathered until {newest:%Y-%m-%d %H:%M} UTC")
