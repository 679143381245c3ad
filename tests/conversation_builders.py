"""Comments and threads with everything ordinary filled in, so that a test names only what is said."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from reports.core.command_parsing import requests_in
from reports.core.commands import Command, CommandKind, PlanGoal, Requests
from reports.core.conversation import Comment, Heard, Record, Thread, hear, record_marker
from reports.core.weeks import Week
from tests.builders import utc

MENTION = "@support-reports"
BOT = "support-reports-bot"
MEASURES = ("docs_updates", "new_tickets", "pairing_sessions")
ISSUE_URL = "https://gitlab.example.com/acme/support/managers/-/issues/12"
FIRST_SAID = utc("2026-11-17 09:00")
"""When the comment with the number 1 was written; every further one comes a minute later."""


def asked(text: str) -> Requests:
    """What a comment asks, with the ordinary mention and measures."""
    return requests_in(text, MENTION, MEASURES)


def comment(text: str, id: int = 1, author: str = "plindqvist", **special: Any) -> Comment:
    """A comment of the manager, later the higher its number."""
    ordinary: dict[str, Any] = {"id": id, "author": author, "at": FIRST_SAID + timedelta(minutes=id - 1), "text": text}
    return Comment(**(ordinary | special))


def thread(**special: Any) -> Thread:
    """The open follow-up issue about Ines that was opened after week 46."""
    ordinary: dict[str, Any] = {
        "project": "acme/support/managers",
        "iid": 12,
        "url": ISSUE_URL,
        "key": "follow_up/iduarte/2026-W46",
        "is_open": True,
        "opened_at": utc("2026-11-16 06:00"),
        "closed_at": None,
        "updated_at": utc("2026-11-18 10:00"),
        "comments": 1,
    }
    return Thread(**(ordinary | special))


def record(*took: Command, of: Comment) -> Record:
    """What the bot took from a comment."""
    return Record(comment=of.id, author=of.author, at=of.at, digest=asked(of.text).digest, took=took)


def answer(*took: Command, of: Comment, id: int = 100, author: str = BOT) -> Comment:
    """The bot's note that answers a comment."""
    return comment(f"Understood.\n\n{record_marker(record(*took, of=of))}", id, author)


def heard(*comments: Comment) -> Heard:
    """What is heard below the follow-up issue."""
    return hear(thread(comments=len(comments)), comments, BOT, asked)


def any_command() -> st.SearchStrategy[Command]:
    """Every command that a person can write, with any of the values that its kind takes."""
    weeks = st.dates().map(Week.containing).filter(lambda week: week.year >= 1000)
    who = st.from_regex(r"[a-z0-9]([a-z0-9_.-]{0,20}[a-z0-9])?", fullmatch=True)
    fields: dict[CommandKind, dict[str, st.SearchStrategy[Any]]] = {
        CommandKind.EXCUSE: {"week": weeks},
        CommandKind.DISCUSSED: {"who": who, "day": st.dates()},
        CommandKind.CONVERSATION_HELD: {"day": st.dates()},
        CommandKind.PLAN_FROM: {"day": st.dates(), "goals": _plan_goals()},
        CommandKind.PAUSE_UNTIL: {"day": st.dates()},
        CommandKind.ALLOW: {"who": who},
        CommandKind.SETTLE: {"measure": st.sampled_from(MEASURES), "week": weeks},
        CommandKind.WRONG: {"measure": st.sampled_from(MEASURES), "week": weeks},
        CommandKind.AVAILABLE: {"days": _thousandths(7)},
    }
    return st.sampled_from(CommandKind).flatmap(lambda kind: st.builds(Command, kind=st.just(kind), **fields.get(kind, {})))


def _plan_goals() -> st.SearchStrategy[tuple[PlanGoal, ...]]:
    goals = st.builds(PlanGoal, measure=st.sampled_from(MEASURES), target=_thousandths(999))
    return st.lists(goals, min_size=1, unique_by=lambda goal: goal.measure).map(tuple)


def _thousandths(most: int) -> st.SearchStrategy[float]:
    return st.integers(0, most * 1000).map(lambda number: number / 1000)
