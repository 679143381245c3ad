"""What the templates of a follow-up and of the bot's answers see: complete, numbers as numbers; the words are the template's."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from reports.core.commands import Command, Misunderstood, PlanGoal
from reports.core.followups import ActionPlan, CaseState, Progress, Refusal, Taken
from reports.core.judgement import Capacity, Status
from reports.core.model import Goal, Measure, Measurement
from reports.core.view import EvidenceView, ReportHead, RunView
from reports.core.weeks import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCell:
    """What one goal came to in a week of a follow-up: missed, or not counted and why (`reason`, empty when it counted)."""

    goal: Goal
    measure: Measure
    measurement: Measurement
    target: float
    status: Status
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWeek:
    """One week of a follow-up with the goals that were agreed then; met ones, drafts and those not due in it are left out."""

    week: Week
    status: Status
    capacity: Capacity
    goals: tuple[MissedCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedGoal:
    """A goal that was missed, and in how many of the weeks in which it counted."""

    measure: Measure
    weeks_missed: int
    weeks_counted: int


class Explanation(StrEnum):
    """What else than the person could explain missed weeks: the first thing to look at."""

    LEAVE = "leave"
    PART_TIME = "part time"
    CORRECTIONS = "corrections"
    ON_CALL = "on-call"
    ESCALATION = "escalation"
    OTHER_WORK = "other work"
    DATA_GAPS = "data gaps"
    ONBOARDING = "onboarding"
    TARGET = "target"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWork:
    """A measure of which there was more in these weeks than before, each as a mean per week."""

    measure: Measure
    before: float
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationView:
    """One possible explanation: how much of it the tool sees in these weeks; 0 when it sees none.

    `amount` counts days away, days less than full time, days corrected by the engineer's own word, days on call, days of
    declared reductions, kinds of other work above their own mean, weeks without data, months in the team, or goals never met
    in any week the tool knows. `measures` and `other_work` name what is counted.
    """

    kind: Explanation
    amount: float
    measures: tuple[Measure, ...] = ()
    other_work: tuple[OtherWork, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCell:
    """What one goal of an action plan came to in a week; `target` is scaled to the available days."""

    measure: Measure
    measurement: Measurement
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWeek:
    """A week since the plan began; one that does not count (leave, on-call, no data) moves the end of the plan."""

    week: Week
    is_counted: bool
    capacity: Capacity
    cells: tuple[PlanCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """An action plan and how it goes: facts for the two, no verdict."""

    plan: ActionPlan
    goals: tuple[tuple[Measure, float], ...]
    """Measure and target per full week."""
    weeks: tuple[PlanWeek, ...]
    """Oldest first; none when it began before the weeks that are judged."""
    weeks_needed: int
    is_too_old: bool = False
    """Whether it began before the weeks that are judged: which of them counted is not known any more."""

    @property
    def weeks_counted(self) -> int:
        """How many counted weeks have passed."""
        return sum(week.is_counted for week in self.weeks)

    @property
    def is_over(self) -> bool:
        """Whether all its counted weeks have passed."""
        return self.weeks_counted >= self.weeks_needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Days and a week that make sense in the examples of how to answer: a past day, one to come, a week that is over."""

    past: date
    to_come: date
    week: Week


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpView:
    """The follow-up issue: for the engineer's manager and whom they allowed; a person decides every step."""

    head: ReportHead
    name: str
    username: str
    manager: str
    mention: str
    opened: Week
    due_on: date
    run: RunView
    state: CaseState
    progress: Progress
    weeks: tuple[CaseWeek, ...]
    """The weeks it is about and those since, newest first."""
    missed: tuple[MissedGoal, ...]
    """The goals that were missed in any of them."""
    explanations: tuple[ExplanationView, ...]
    evidence: tuple[tuple[Measure, tuple[EvidenceView, ...]], ...]
    events_since: date | None
    """The day before which events of these weeks are kept no more; None when all of them are there."""
    plan: PlanView | None
    taken: tuple[Taken, ...]
    """Every command in force but requests for help, oldest first."""
    example_plan: tuple[PlanGoal, ...]
    """Goals as an example of how a plan is written: half of what was missed."""
    examples: Examples


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """The bot's answer to one comment: what it took, what it refused and why, what it did not understand.

    `author` is the username of whom it answers, `name` their name, empty for somebody who is not in the team.
    """

    mention: str
    author: str
    name: str
    is_follow_up: bool
    taken: tuple[Command, ...]
    refused: tuple[tuple[Command, Refusal], ...]
    misunderstood: tuple[Misunderstood, ...]
    examples: Examples


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """The bot's note that an answered comment was edited or deleted: what it said stays in force.

    `is_damaged`: it was the bot's own note below it that somebody changed, so that what it said is lost.
    """

    mention: str
    author: str
    taken: tuple[Command, ...]
    is_damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOverView:
    """The bot's note that an action plan has had its weeks: facts, and the handbook's next step; no verdict."""

    mention: str
    plan: PlanView
