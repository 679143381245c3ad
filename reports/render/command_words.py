"""Commands as a template may print them inside a code span: only the letters that commands are made of, never free text."""

import re
from collections.abc import Iterable
from datetime import date

from reports.core.commands import Command, PlanGoal
from reports.render.markdown import Safe

#: What a canonical command can hold. Anything else would not be one, and could end the code span it stands in.
_SAFE = re.compile(r"[A-Za-z0-9@:,._ -]*")


def _plain(text: str) -> Safe:
    if _SAFE.fullmatch(text) is None:
        raise ValueError("a command holds a letter that no command has")
    return Safe(text)


def command(value: Command) -> Safe:
    """The canonical text of a command."""
    return _plain(value.text)


def mention(value: str) -> Safe:
    """How the tool is addressed; it belongs in a code span, where it calls nobody."""
    return _plain(value)


def plan_goals(goals: Iterable[PlanGoal]) -> Safe:
    """The goals of a plan as they are written: `new_tickets 4, pairing_sessions 2`."""
    return _plain(", ".join(goal.text for goal in goals))


def iso_day(value: date) -> Safe:
    """A day as it is written in a command, such as `2026-11-23`."""
    return Safe(value.isoformat())
