"""What people ask of the tool in a comment, as values with one canonical text each; reading free text is `command_parsing`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from reports.core.weeks import Week


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
            return f"plan from {self.day}: {', '.join(f'{goal.measure} {goal.target:g}' for goal in self.goals)}"
        words = (
            self.measure,
            self.week,
            self.day,
            f"@{self.who}" if self.who else None,
            f"{self.days:g}" if self.days is not None else None,
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
    """The command that `command_as_json` wrote."""
    return Command(
        kind=CommandKind(value["kind"]),
        week=Week.parse(value["week"]) if "week" in value else None,
        day=date.fromisoformat(value["day"]) if "day" in value else None,
        who=value.get("who", ""),
        measure=value.get("measure", ""),
        goals=tuple(PlanGoal(measure=measure, target=target) for measure, target in value.get("goals", {}).items()),
        days=value.get("days"),
    )
