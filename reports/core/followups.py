"""The state of one follow-up, folded from the commands that were taken, and what stands in the way of the next one.

It decides nothing: every step is one that a person wrote down in a comment. Times are those of the comments, so the same
comments always come to the same state, however many runs they were read in.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from reports.core.commands import Command, CommandKind, PlanGoal
from reports.core.conversation import Said
from reports.core.people import same_user
from reports.core.results import HISTORY_WEEKS
from reports.core.weeks import Week, monday_from


class CaseState(StrEnum):
    """Where a follow-up stands; the values are those of the labels that boards show."""

    OPEN = "open"
    DISCUSSED = "discussed"
    INFORMED = "informed"
    CONVERSATION = "conversation"
    ACTION_PLAN = "action-plan"
    PLAN_MET = "plan-met"
    PLAN_NOT_MET = "plan-not-met"
    NO_CONCERN = "no-concern"
    PAUSED = "paused"


class Refusal(StrEnum):
    """Why a command is not taken: what is missing, never who else could."""

    NOT_YOURS = "not yours"
    NOT_DISCUSSED = "not discussed"
    NO_CONVERSATION = "no conversation"
    NO_PLAN = "no plan"
    HAS_ENDED = "has ended"
    HAS_NOT_ENDED = "has not ended"
    IN_THE_FUTURE = "in the future"
    IN_THE_PAST = "in the past"
    IN_THE_WEEKLY_REPORT = "in the weekly report"
    IN_THE_FOLLOW_UP = "in the follow-up"
    ALREADY_SETTLED = "already settled"
    NOT_DISPUTED = "not disputed"
    NOT_JUDGED = "not judged"
    BEFORE_THE_CONVERSATION = "before the conversation"
    IS_AN_EXAMPLE = "is an example"
    IS_AN_ENGINEER = "is an engineer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A command in force: who gave it, when (aware UTC) and in which comment."""

    command: Command
    author: str
    at: datetime
    comment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPlan:
    """What manager and engineer agreed to try, per full week from a day on."""

    start: date
    goals: tuple[PlanGoal, ...]

    @property
    def counted_from(self) -> date:
        """The Monday of the first whole week, from which on weeks count."""
        return monday_from(self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What has been done so far in a follow-up, each step with its day; None is not yet."""

    discussed_with: str = ""
    discussed_on: date | None = None
    informed_on: date | None = None
    conversation_on: date | None = None
    plan: ActionPlan | None = None
    outcome: CaseState | None = None
    ended_at: datetime | None = None
    reopened_at: datetime | None = None
    paused_until: date | None = None
    allowed: frozenset[str] = frozenset()

    @property
    def step(self) -> CaseState:
        """The furthest step that was reached, whether or not it is paused."""
        if self.outcome is not None:
            return self.outcome
        if self.plan is not None:
            return CaseState.ACTION_PLAN
        if self.conversation_on is not None:
            return CaseState.CONVERSATION
        if self.informed_on is not None:
            return CaseState.INFORMED
        return CaseState.DISCUSSED if self.discussed_on is not None else CaseState.OPEN

    def has_ended(self, closed_at: datetime | None) -> bool:
        """Whether somebody ended it, in words or by closing the issue, and nobody has asked to reopen it since."""
        is_shut = closed_at is not None and (self.reopened_at is None or self.reopened_at < closed_at)
        return self.outcome is not None or is_shut

    def state(self, today: date) -> CaseState:
        """Where it stands on a day: a pause ends by itself on the day it names."""
        if self.outcome is None and self.paused_until is not None and today < self.paused_until:
            return CaseState.PAUSED
        return self.step


def progress(taken: Iterable[Taken]) -> Progress:
    """The fold over commands in the order they were given."""
    so_far = Progress()
    for one in taken:
        so_far = _after(so_far, one)
    return so_far


def _after(so_far: Progress, taken: Taken) -> Progress:
    change = _STEPS.get(taken.command.kind)
    return replace(so_far, **change(so_far, taken)) if change is not None else so_far


def _ended(outcome: CaseState) -> "_Step":
    return lambda so_far, taken: {"outcome": outcome, "ended_at": taken.at, "paused_until": None}


def _plan(so_far: Progress, taken: Taken) -> dict[str, Any]:
    return {"plan": ActionPlan(start=taken.command.day or taken.at.date(), goals=taken.command.goals)}


_Step = Callable[[Progress, Taken], dict[str, Any]]

#: What each command changes; the others change nothing here.
_STEPS: dict[CommandKind, _Step] = {
    CommandKind.DISCUSSED: lambda _, taken: {"discussed_with": taken.command.who, "discussed_on": taken.command.day},
    CommandKind.INFORMED: lambda _, taken: {"informed_on": taken.at.date()},
    CommandKind.CONVERSATION_HELD: lambda _, taken: {"conversation_on": taken.command.day},
    CommandKind.PLAN_FROM: _plan,
    CommandKind.PLAN_MET: _ended(CaseState.PLAN_MET),
    CommandKind.PLAN_NOT_MET: _ended(CaseState.PLAN_NOT_MET),
    CommandKind.NO_CONCERN: _ended(CaseState.NO_CONCERN),
    CommandKind.PAUSE_UNTIL: lambda _, taken: {"paused_until": taken.command.day},
    CommandKind.REOPEN: lambda _, taken: {
        "outcome": None,
        "ended_at": None,
        "paused_until": None,
        "reopened_at": taken.at,
    },
    CommandKind.ALLOW: lambda so_far, taken: {"allowed": so_far.allowed | {taken.command.who}},
}

#: The first step that has to be there before a command makes sense, and what is missing without it.
_NEEDS = {
    CommandKind.INFORMED: ("discussed_on", Refusal.NOT_DISCUSSED),
    CommandKind.CONVERSATION_HELD: ("discussed_on", Refusal.NOT_DISCUSSED),
    CommandKind.PLAN_FROM: ("conversation_on", Refusal.NO_CONVERSATION),
    CommandKind.PLAN_MET: ("plan", Refusal.NO_PLAN),
    CommandKind.PLAN_NOT_MET: ("plan", Refusal.NO_PLAN),
}

#: Usernames that stand in our examples and that nobody has.
EXAMPLE_NAMES = frozenset({"their-username", "a-username"})

#: Commands that make sense in a follow-up whatever its state.
_ALWAYS = frozenset({CommandKind.HELP, CommandKind.EXCUSE, CommandKind.SETTLE, CommandKind.ALLOW})

#: What only the engineer says, in their weekly report.
FROM_THE_ENGINEER = frozenset({CommandKind.WRONG, CommandKind.AVAILABLE})

#: What the manager may also say in the engineer's weekly report.
ALSO_IN_THE_WEEKLY_REPORT = frozenset({CommandKind.EXCUSE, CommandKind.SETTLE})


def follow_up_refusal(command: Command, said: Said, manager: str, so_far: Progress, closed_at: datetime | None) -> Refusal | None:
    """Why a command in a follow-up is not taken; None when it is.

    Only the manager and those they allowed may command; `closed_at` is when the issue was closed, None while it is open.
    """
    is_manager = same_user(said.author, manager)
    is_allowed = any(same_user(said.author, name) for name in so_far.allowed)
    if not is_manager and (not is_allowed or command.kind is CommandKind.ALLOW):
        return Refusal.NOT_YOURS
    if command.kind in FROM_THE_ENGINEER:
        return Refusal.IN_THE_WEEKLY_REPORT
    if command.who.casefold() in EXAMPLE_NAMES:
        return Refusal.IS_AN_EXAMPLE
    on = said.at.date()
    if command.kind in _ALWAYS:
        return _bad_date(command, on)
    was_shut = closed_at if closed_at is not None and closed_at <= said.at else None
    return _wrong_order(command, so_far, on, so_far.has_ended(was_shut)) or _bad_date(command, on) or _too_early(command, so_far)


def _wrong_order(command: Command, so_far: Progress, on: date, has_ended: bool) -> Refusal | None:
    if command.kind is CommandKind.REOPEN:
        return None if has_ended or so_far.state(on) is CaseState.PAUSED else Refusal.HAS_NOT_ENDED
    if has_ended:
        return Refusal.HAS_ENDED
    needed = _NEEDS.get(command.kind)
    return needed[1] if needed is not None and getattr(so_far, needed[0]) is None else None


def _too_early(command: Command, so_far: Progress) -> Refusal | None:
    """A plan is for weeks that come after the two have talked: nobody can keep to it in weeks that are over."""
    held_on = so_far.conversation_on
    if command.kind is CommandKind.PLAN_FROM and command.day is not None and held_on is not None and command.day < held_on:
        return Refusal.BEFORE_THE_CONVERSATION
    return None


def weekly_report_refusal(command: Command, said: Said, engineer: str, manager: str) -> Refusal | None:
    """Why a command in a weekly report is not taken; None when it is: the engineer's own words, and a few of the manager's."""
    is_engineer, is_manager = same_user(said.author, engineer), same_user(said.author, manager)
    on = said.at.date()
    if not is_engineer and not is_manager:
        return Refusal.NOT_YOURS
    if command.kind is CommandKind.HELP:
        return None
    if command.kind in FROM_THE_ENGINEER:
        return _bad_date(command, on) if is_engineer else Refusal.NOT_YOURS
    if not is_manager:
        return Refusal.NOT_YOURS
    return _bad_date(command, on) if command.kind in ALSO_IN_THE_WEEKLY_REPORT else Refusal.IN_THE_FOLLOW_UP


def already_settled(before: Iterable[Taken], command: Command) -> Refusal | None:
    """Why a number is not called wrong once more; None unless it was called wrong and settled before in this conversation."""
    same = [one.command.kind for one in before if (one.command.measure, one.command.week) == (command.measure, command.week)]
    if command.kind is not CommandKind.WRONG or CommandKind.WRONG not in same:
        return None
    return Refusal.ALREADY_SETTLED if CommandKind.SETTLE in same[same.index(CommandKind.WRONG) :] else None


def _bad_date(command: Command, on: date) -> Refusal | None:
    """What has been held lies behind, a pause ahead; a week is known once it has begun and as long as it is judged.

    `on` is a day of UTC: with somebody east of it the next day may have begun already.
    """
    latest = on + timedelta(days=1)
    if (
        command.kind in (CommandKind.DISCUSSED, CommandKind.CONVERSATION_HELD)
        and command.day is not None
        and command.day > latest
    ):
        return Refusal.IN_THE_FUTURE
    if command.kind is CommandKind.PAUSE_UNTIL and command.day is not None and command.day <= on:
        return Refusal.IN_THE_PAST
    if command.week is not None and command.week.first_day > latest:
        return Refusal.IN_THE_FUTURE
    if command.week is not None and command.week < Week.containing(on).plus(-HISTORY_WEEKS):
        return Refusal.NOT_JUDGED
    return None
