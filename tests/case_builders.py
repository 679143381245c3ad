"""Follow-ups, weekly reports and what is said below them, with everything ordinary filled in; commands as people write them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from reports.core.command_parsing import requests_in
from reports.core.commands import Command, Requests
from reports.core.conversation import Comment, Heard, Record, Said, Thread, hear, noticed_marker, record_marker
from reports.core.followups import Taken
from reports.core.listening import Answer, Change, Check, Listened, listen
from reports.core.model import Privacy, ReportDefinition
from tests.builders import utc

MANAGER, ENGINEER, STRANGER, ALLOWED = "plindqvist", "iduarte", "kaziz", "ohart"
BOT, MENTION = "support-reports-bot", "@support-reports"
MEASURES = ("new_tickets", "docs_updates", "pairing_sessions")

FOLLOW_UP_KEY = "follow_up/iduarte/2026-W46"
WEEKLY_KEY = "engineer_weekly/iduarte/2026-W46"

#: The Tuesday after the week 2026-W46, after which the follow-up was opened.
TODAY = date(2026, 11, 17)
NOW = "2026-11-17 10:00"


def requests(text: str) -> Requests:
    """What a comment asks for; each line of `text` is one command without the mention."""
    return read(to_the_tool(text))


def read(text: str) -> Requests:
    """What a whole comment asks for, with the ordinary mention and measures."""
    return requests_in(text, MENTION, MEASURES)


def to_the_tool(text: str) -> str:
    """The same lines with the mention before each."""
    return "\n".join(f"{MENTION} {line}" for line in text.splitlines())


def command(text: str) -> Command:
    """One command, as it is written after the mention."""
    (found,) = requests(text).commands
    return found


def said(text: str, author: str = MANAGER, at: str = NOW, comment: int = 1, edited: str = "") -> Said:
    """A comment that addresses the tool."""
    edited_at = utc(edited) if edited else None
    return Said(comment=comment, author=author, at=utc(at), requests=requests(text), edited_at=edited_at)


def taken(text: str, author: str = MANAGER, at: str = NOW, comment: int = 1) -> Taken:
    """A command in force."""
    return Taken(command=command(text), author=author, at=utc(at), comment=comment)


def record(words: Said, *took: str) -> Record:
    """What was taken from a comment when it was answered."""
    commands = tuple(command(text) for text in took)
    return Record(comment=words.comment, author=words.author, at=words.at, digest=words.requests.digest, took=commands)


def comment(number: int, text: str, author: str = MANAGER, at: str | datetime = NOW) -> Comment:
    """A comment as the tracker has it, with the mention before each line."""
    moment = utc(at) if isinstance(at, str) else at
    return Comment(id=number, author=author, at=moment, text=to_the_tool(text))


def thread(key: str = FOLLOW_UP_KEY, **special: Any) -> Thread:
    """The open follow-up of Ines, which lies with her manager, or her weekly report by its key."""
    is_weekly = key.startswith("engineer_weekly")
    closed_at = special.get("closed_at")
    ordinary = {
        "project": "acme/support/1-1s/iduarte" if is_weekly else "acme/support/follow-ups/plindqvist",
        "iid": 1,
        "url": "https://gitlab.example.com/acme/support/-/issues/1",
        "key": key,
        "is_open": closed_at is None,
        "opened_at": utc("2026-11-16 06:00"),
        "closed_at": None,
        "updated_at": utc("2026-11-16 06:00"),
        "comments": 0,
    }
    return Thread(**(ordinary | special))


def heard(*everything: Said, key: str = FOLLOW_UP_KEY, **special: Any) -> Heard:
    """A conversation in which nothing was answered yet."""
    return Heard(thread=thread(key, **special), said=everything)


def definitions() -> tuple[ReportDefinition, ...]:
    """The weekly report, the team's page and the follow-up, as in the example configuration."""
    return (
        definition("engineer_weekly", "each_engineer", "acme/support/1-1s/{username}", Privacy.P3),
        definition("team_weekly", "each_manager", "acme/support/managers", Privacy.P2),
        definition("follow_up", "each_follow_up", "acme/support/follow-ups/{manager_username}", Privacy.P4),
    )


def definition(name: str, scope: Any, project: str, privacy: Privacy) -> ReportDefinition:
    """One confidential report."""
    return ReportDefinition(name=name, scope=scope, project=project, title=name, privacy=privacy, labels=(), confidential=True)


@dataclass(slots=True)
class Conversation:
    """An issue with its comments over several runs: each run hears everything there is and posts its answers as notes."""

    check: Check
    thread: Thread = field(default_factory=thread)
    comments: list[Comment] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def run(self) -> Listened:
        """Hear, fold and answer once."""
        listened = listen(self.heard(), self.check)
        self.answers += listened.answers
        self.changes += listened.changes
        self._post(record_marker(answer.record) for answer in listened.answers)
        self._post(noticed_marker(change.noticed) for change in listened.changes)
        return listened

    def run_over(self, comments: Sequence[Comment], cuts: Iterable[int]) -> Listened:
        """Say the comments with a run after each of so many of them, and one at the end."""
        places = sorted({cut for cut in cuts if 0 <= cut <= len(comments)})
        for first, last in zip([0, *places], [*places, len(comments)], strict=True):
            self.comments += comments[first:last]
            listened = self.run()
        return listened

    def heard(self) -> Heard:
        """The conversation as the next run hears it."""
        return hear(self.thread, self.comments, BOT, read)

    def _post(self, texts: Iterable[str]) -> None:
        last = max((one.at for one in self.comments), default=utc(NOW)) + timedelta(minutes=1)
        for text in texts:
            number = 1000 + len(self.comments)
            self.comments.append(Comment(id=number, author=BOT, at=last, text=f"Understood.\n{text}"))
