"""What is said below an issue of ours: comments that address the tool, and the bot's own notes that say what it took.

The bot's notes are the record: each names the comment it answers and the commands it took from it, so that a comment that is
changed or deleted later neither undoes nor repeats anything. Only notes the bot itself wrote count. A note that somebody
damaged counts as one that took nothing, and is reported like an edited comment. No free text is kept.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.core.commands import Command, Requests, command_as_json, command_from_json
from reports.core.weeks import Week

#: What is found in a comment that addresses the tool: `command_parsing.requests_in` with its mention and measures.
Reader = Callable[[str], Requests]

#: The digest of a record that can no longer be read: no comment has it, so that a change is noticed.
DAMAGED = "damaged"

#: Years of weeks that can be counted on from, forwards and backwards; no issue is of any other.
YEARS = range(2000, 3000)

_RECORD = re.compile(
    r"<!-- support-reports heard comment=(?P<comment>[0-9]{1,18})(?![0-9])(?P<fields>.*?)(?:-->|$)", re.MULTILINE
)
_FIELDS = re.compile(r" by=(?P<by>\S+) at=(?P<at>\S+) digest=(?P<digest>\S+) took=(?P<took>\[.*\]) ")
_NOTICED = re.compile(r"<!-- support-reports noticed comment=(?P<comment>[0-9]{1,18}) digest=(?P<digest>\S*) -->")
_POSTED = re.compile(r"<!-- support-reports posted (?P<name>\S+) -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment as the tracker has it; times are aware UTC, `edited_at` is None when it was never changed."""

    id: int
    author: str
    at: datetime
    text: str
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where issues of ours lie: a project, or a group with everything below it."""

    path: str
    is_group: bool


def is_of_a_week(key: str) -> bool:
    """Whether a key is `<report>/<subject>/<week>` with a week that there is: whoever may edit an issue can damage its key."""
    report, _, rest = key.partition("/")
    subject, _, week = rest.partition("/")
    try:
        year = Week.parse(week).year
    except ValueError:
        return False
    return bool(report and subject) and year in YEARS


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """An issue of ours without what is said below it; `key` is that of its marker, `comments` how many there are."""

    project: str
    iid: int
    url: str
    key: str
    is_open: bool
    opened_at: datetime
    closed_at: datetime | None
    updated_at: datetime
    comments: int
    assignees: tuple[str, ...] = ()

    @property
    def report(self) -> str:
        """The report that the issue was made by."""
        return self.key.split("/")[0]

    @property
    def subject(self) -> str:
        """The username of whom the issue is about."""
        return self.key.split("/")[1]

    @property
    def week(self) -> Week:
        """The week that the issue is about, or was opened after; ValueError when its key ends with none."""
        return Week.parse(self.key.rpartition("/")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A comment that addresses the tool, reduced to what it asks."""

    comment: int
    author: str
    at: datetime
    requests: Requests
    edited_at: datetime | None = None
    """When its words were last changed; None when they never were."""

    @property
    def moments(self) -> tuple[datetime, ...]:
        """When it was written, and when it came to say what it says: whoever commands has to be allowed to at each."""
        return (self.at,) if self.edited_at is None else (self.at, self.edited_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the bot took from a comment when it answered it; it stays in force whatever becomes of the comment.

    When the bot's note was damaged nothing was taken, `digest` is `DAMAGED`, and `at` is the time of the note.
    """

    comment: int
    author: str
    at: datetime
    digest: str
    took: tuple[Command, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """A change of an answered comment that was reported; an empty digest means that nothing in it addresses the tool now."""

    comment: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A thread with its comments reduced to what matters to the tool, in the order it was said."""

    thread: Thread
    said: tuple[Said, ...] = ()
    records: tuple[Record, ...] = ()
    noticed: tuple[Noticed, ...] = ()
    posted: tuple[str, ...] = ()
    is_muted: bool = False
    """Whether nobody can be answered in it for now, since somebody else could read that: what is not answered waits."""


def hear(thread: Thread, comments: Iterable[Comment], bot: str, reader: Reader) -> Heard:
    """Reduce the comments of a thread to what addresses the tool and what the bot has answered."""
    in_order = sorted(comments, key=lambda comment: (comment.at, comment.id))
    notes = [comment for comment in in_order if comment.author == bot]
    own = [note.text for note in notes]
    return Heard(
        thread=thread,
        said=tuple(_said((comment for comment in in_order if comment.author != bot), reader)),
        records=_records(notes, {comment.id: comment.author for comment in in_order}),
        noticed=tuple(
            Noticed(comment=int(match["comment"]), digest=match["digest"]) for text in own for match in _NOTICED.finditer(text)
        ),
        posted=tuple(match["name"] for text in own for match in _POSTED.finditer(text)),
    )


def _said(comments: Iterable[Comment], reader: Reader) -> Iterable[Said]:
    for comment in comments:
        requests = reader(comment.text)
        if requests.digest:
            yield Said(comment=comment.id, author=comment.author, at=comment.at, requests=requests, edited_at=comment.edited_at)


def _records(notes: Sequence[Comment], authors: Mapping[int, str]) -> tuple[Record, ...]:
    """The bot's records, one per comment: the first one counts, should an answer ever have been posted twice.

    One that can be read comes before a damaged one. `authors` are those of the comments that are there.
    """
    found: dict[int, Record] = {}
    everything = [record for note in notes for record in _records_in(note, authors)]
    for record in sorted(everything, key=lambda one: one.digest == DAMAGED):
        found.setdefault(record.comment, record)
    return tuple(sorted(found.values(), key=lambda record: (record.at, record.comment)))


def _records_in(note: Comment, authors: Mapping[int, str]) -> Iterator[Record]:
    for match in _RECORD.finditer(note.text):
        comment = int(match["comment"])
        try:
            yield _record(comment, match["fields"])
        except (ValueError, RecursionError):
            # To take nothing is the safe side: the comment is not obeyed a second time, and its author is told.
            author = authors.get(comment, note.author)
            yield Record(comment=comment, author=author, at=note.at, digest=DAMAGED, took=())


def _record(comment: int, fields: str) -> Record:
    """The record that `record_marker` wrote; ValueError when it is damaged."""
    match = _FIELDS.fullmatch(fields)
    if match is None:
        raise ValueError("a record lacks a field")
    at = datetime.fromisoformat(match["at"])
    if at.tzinfo is None:
        raise ValueError("the time of a record names no zone")
    took = tuple(command_from_json(value) for value in json.loads(match["took"]))
    return Record(comment=comment, author=match["by"], at=at, digest=match["digest"], took=took)


def record_marker(record: Record) -> str:
    """The hidden line by which the bot's answer says which comment it answers and what it took."""
    took = json.dumps([command_as_json(command) for command in record.took], separators=(",", ":"))
    return (
        f"<!-- support-reports heard comment={record.comment} by={record.author} at={record.at.isoformat()} "
        f"digest={record.digest} took={took} -->"
    )


def noticed_marker(noticed: Noticed) -> str:
    """The hidden line of a note that reports the change of an answered comment."""
    return f"<!-- support-reports noticed comment={noticed.comment} digest={noticed.digest} -->"


def posted_marker(name: str) -> str:
    """The hidden line of something that is posted once; `name` has no blanks."""
    return f"<!-- support-reports posted {name} -->"
