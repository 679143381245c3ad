"""What was done to issues about somebody, when, and who could read them then: what the subject reads in the weekly report."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from reports.core.conversation import is_of_a_week
from reports.core.model import GoalBook, ReportDefinition
from reports.core.publication import Action, Kind, report_of, subject_of
from reports.core.weeks import Week, week_window


class Deed(StrEnum):
    """What was done."""

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"
    REOPENED = "reopened"
    ANSWERED = "answered a comment below"
    GOALS = "goals changed"
    EXPORTED = "everything was given out"


_DEEDS = {Kind.CREATE: Deed.OPENED, Kind.UPDATE: Deed.UPDATED, Kind.CLOSE: Deed.CLOSED, Kind.REOPEN: Deed.REOPENED}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One thing that was done: when (aware UTC), by whom, in which report of which week, and who could read it then.

    `detail` says what else there is to know, such as where the issue lies.
    """

    at: datetime
    deed: Deed
    by: str
    report: str = ""
    week: Week | None = None
    detail: str = ""
    readers: tuple[str, ...] = ()
    is_follow_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deeds:
    """What a run did, for the log: the moment, the bot, and who could read each issue, by key."""

    at: datetime
    bot: str
    readers: Mapping[str, tuple[str, ...]]
    definitions: tuple[ReportDefinition, ...]

    def of_actions(self, actions: Iterable[Action]) -> Iterator[tuple[str, LogEntry]]:
        """The username and the entry for every action on a report about one engineer."""
        for action in actions:
            if action.kind in _DEEDS:
                place = f"{action.project}#{action.iid}" if action.iid else action.project
                yield from self._entry(_DEEDS[action.kind], action.key, place)

    def of_answers(self, keys_and_places: Iterable[tuple[str, str]]) -> Iterator[tuple[str, LogEntry]]:
        """The same for every answer below one."""
        for key, place in keys_and_places:
            yield from self._entry(Deed.ANSWERED, key, place)

    def _entry(self, deed: Deed, key: str, place: str) -> Iterator[tuple[str, LogEntry]]:
        scopes = {definition.name: definition.scope for definition in self.definitions}
        scope = scopes.get(report_of(key))
        if scope in ("each_engineer", "each_follow_up") and is_of_a_week(key):
            yield (
                subject_of(key),
                LogEntry(
                    at=self.at,
                    deed=deed,
                    by=self.bot,
                    report=report_of(key),
                    week=Week.parse(key.rpartition("/")[2]),
                    detail=place,
                    readers=self.readers.get(key, ()),
                    is_follow_up=scope == "each_follow_up",
                ),
            )


def agreements_in_words(book: GoalBook, username: str) -> str:
    """All that was agreed with somebody, in one line that is another when any of it is."""
    agreed = (a for a in book.agreements if a.who == username)
    return "; ".join(
        f"from {a.valid_from}{f' to {a.valid_to}' if a.valid_to else ''} agreed by {' and '.join(a.agreed_by) or 'nobody'}: "
        + (", ".join(f"{g.measure} {g.kind} {g.target:g} per {g.per}" for g in a.goals) or "the defaults")
        for a in sorted(agreed, key=lambda a: a.valid_from)
    )


def goals_entry(log: Iterable[LogEntry], book: GoalBook, username: str, at: datetime) -> LogEntry | None:
    """An entry when what was agreed with somebody reads otherwise than it did when this was last looked at."""
    known = [entry.detail for entry in log if entry.deed is Deed.GOALS]
    now = agreements_in_words(book, username)
    if now == (known[-1] if known else ""):
        return None
    return LogEntry(at=at, deed=Deed.GOALS, by="config/goals.yml", detail=now)


def shown_to_subject(log: Iterable[LogEntry], week: Week, zone: ZoneInfo) -> tuple[LogEntry, ...]:
    """What was done in a week, oldest first. Of a follow-up only that it was opened: what a manager does there is theirs."""
    window = week_window(week, zone)
    shown = (entry for entry in log if window.contains(entry.at))
    return tuple(entry for entry in shown if not entry.is_follow_up or entry.deed is Deed.OPENED)
