"""What people ask of the tool in a comment, as values with one canonical text each; reading free text is `command_parsing`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from reports.core.weeks import Week, monday_from

#: The highest target of a goal, as in the settings.
MOST_TARGET = 100_000
#: Nobody has more available days in a week than these.
MOST_DAYS = 7

_USERNAME = re.compile(r"[A-Za-z0-9_.-]{0,255}")
_MEASURE = re.compile(r"[A-Za-z0-9_]{0,100}")


class CommandKind(StrEnum):
    """The words a command begins with."""

    HELP = "help"
    EXCUSE = "excuse"
    DISCUSSED = "discussed"
    INFORMED = "informed"
    CONVERSATION_HELD = "conversation held"
    PLAN_FROM = "plan from"
    PLAN_MET = "plan met"
    PLAN_NOT_MET = "plan not met"
    NO_CONCERN = "no concern"
    PAUSE_UNTIL = "pause until"
    REOPEN = "reopen"
    ALLOW = "allow"
    SETTLE = "settle"
    WRONG = "wrong"
    AVAILABLE = "available"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGoal:
    """One goal of an action plan: how much of a measure per full week."""

    measure: str
    target: float

    @property
    def text(self) -> str:
        """The goal as it is written in a command, such as `new_tickets 4.5`."""
        return f"{self.measure} {_figure(self.target)}"


def _figure(number: float) -> str:
    """A number with as many of three decimals as it needs, never in powers of ten."""
    return f"{number:.3f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command; only the fields that its kind has are set, and no free text is kept.

    `who` is a username without @; `days` are available days of a week.
    """

    kind: CommandKind
    week: Week | None = None
    day: date | None = None
    who: str = ""
    measure: str = ""
    goals: tuple[PlanGoal, ...] = ()
    days: float | None = None

    @property
    def counted_from(self) -> date | None:
        """The Monday from which the weeks of a plan count; None when the command has no day."""
        return monday_from(self.day) if self.day else None

    @property
    def text(self) -> str:
        """The canonical words of the command, which parse to the same command again."""
        kind = self.kind
        if kind is CommandKind.DISCUSSED:
            return f"discussed with @{self.who} on {self.day}"
        if kind is CommandKind.INFORMED:
            return "informed team member relations"
        if kind is CommandKind.CONVERSATION_HELD:
            return f"conversation held on {self.day}"
        if kind is CommandKind.PLAN_FROM:
            return f"plan from {self.day}: {', '.join(goal.text for goal in self.goals)}"
        words = (
            self.measure,
            self.week,
            self.day,
            f"@{self.who}" if self.who else None,
            _figure(self.days) if self.days is not None else None,
        )
        return " ".join([str(kind), *(str(word) for word in words if word)])


class Trouble(StrEnum):
    """Why a line that addresses the tool is not a command."""

    UNKNOWN_WORD = "unknown word"
    NO_WEEK = "no week"
    BAD_WEEK = "bad week"
    NO_DAY = "no day"
    BAD_DAY = "bad day"
    NO_PERSON = "no person"
    NO_MEASURE = "no measure"
    UNKNOWN_MEASURE = "unknown measure"
    NO_GOALS = "no goals"
    NO_NUMBER = "no number"
    BAD_NUMBER = "bad number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Misunderstood:
    """A line that addresses the tool and is not a command: what is the matter, and what was probably meant.

    `kind` is the command it comes nearest to, None when it comes near none; `nearest` is a known word like the one
    written, such as a measure's name, empty when there is none. What was written is not kept: it may say anything.
    """

    trouble: Trouble
    kind: CommandKind | None = None
    nearest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Everything in one comment that addresses the tool, in its order."""

    commands: tuple[Command, ...] = ()
    misunderstood: tuple[Misunderstood, ...] = ()
    digest: str = ""
    """Sixteen hex digits of the addressed lines, so that a later edit of them is noticed; empty when there are none."""


def command_as_json(command: Command) -> dict[str, Any]:
    """A command as plain values that survive JSON; what is not set is left out."""
    fields = {
        "week": str(command.week) if command.week else None,
        "day": str(command.day) if command.day else None,
        "who": command.who or None,
        "measure": command.measure or None,
        "goals": {goal.measure: goal.target for goal in command.goals} or None,
        "days": command.days,
    }
    return {"kind": str(command.kind)} | {name: value for name, value in fields.items() if value is not None}


def command_from_json(value: Mapping[str, Any]) -> Command:
    """The command that `command_as_json` wrote; ValueError when it is none, such as after somebody edited a note."""
    try:
        return _command(value)
    except (AttributeError, KeyError, OverflowError, TypeError) as error:
        raise ValueError("these values are no command") from error


def _command(value: Mapping[str, Any]) -> Command:
    return Command(
        kind=CommandKind(value["kind"]),
        week=Week.parse(value["week"]) if "week" in value else None,
        day=date.fromisoformat(value["day"]) if "day" in value else None,
        who=_name(value.get("who", ""), _USERNAME),
        measure=_name(value.get("measure", ""), _MEASURE),
        goals=tuple(
            PlanGoal(measure=_name(measure, _MEASURE), target=_amount(target, MOST_TARGET))
            for measure, target in value.get("goals", {}).items()
        ),
        days=_amount(value["days"], MOST_DAYS) if "days" in value else None,
    )


def _name(value: str, letters: re.Pattern[str]) -> str:
    if letters.fullmatch(value) is None:
        raise ValueError("a name in a command holds a letter that no name has")
    return value


def _amount(value: float, most: int) -> float:
    amount = float(value)
    if not 0 <= amount <= most:
        raise ValueError(f"an amount in a command is not between 0 and {most}")
    return amount
