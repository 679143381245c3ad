"""The words of the domain as values: people, goals, context, rules, measures, measurements; no behaviour beyond reading them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from reports.core.weeks import DayRange, Week

# --- people -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """An area of focus and the share of the person's time it has, in percent."""

    name: str
    percentage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Engineer:
    """A support engineer; `username` is the GitLab username and the key everywhere, `zendesk_id` None when unknown.

    `country` and `subdivision` are those whose public holidays the person has off; None when nobody said.
    """

    username: str
    name: str
    email: str
    zendesk_id: int | None
    level: str
    region: str
    focuses: tuple[Focus, ...]
    reports_to: str
    start_date: date
    time_zone: str
    country: str | None = None
    subdivision: str | None = None

    @property
    def main_focus(self) -> str:
        """The focus with the largest share; the first one named wins a tie."""
        return max(self.focuses, key=lambda focus: focus.percentage).name


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """A support manager, who reads the weekly issues of the people that report to them."""

    username: str
    name: str
    email: str
    region: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The organisation: its name, the zone its weeks are counted in, and its people."""

    name: str
    time_zone: str
    engineers: tuple[Engineer, ...]
    managers: tuple[Manager, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The zone that weeks are counted in."""
        return ZoneInfo(self.time_zone)

    def engineer(self, username: str) -> Engineer:
        """The engineer with that username; KeyError when there is none."""
        return {e.username: e for e in self.engineers}[username]

    def manager(self, username: str) -> Manager:
        """The manager with that username; KeyError when there is none."""
        return {m.username: m for m in self.managers}[username]

    def reports_of(self, manager: str) -> tuple[Engineer, ...]:
        """The engineers who report to a manager, by name: the only order people are ever listed in."""
        return tuple(sorted((e for e in self.engineers if e.reports_to == manager), key=lambda e: e.name))


# --- goals ------------------------------------------------------------------------------------


class Period(StrEnum):
    """Over what a goal is counted; the values are the words people write in YAML."""

    WEEK = "week"
    ROLLING_30_DAYS = "30 days"
    MONTH = "month"
    QUARTER = "quarter"


class GoalKind(StrEnum):
    """What a goal asks of its number; an informational one is shown and never assessed."""

    AT_LEAST = "at least"
    AT_MOST = "at most"
    BAND = "band"
    INFORMATIONAL = "informational"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalTerms:
    """How much of a measure, per which period; a target of 0 to reach marks a zero-goal period.

    `upper` is the upper end of a band, whose lower end is the target; None for every other kind.
    """

    measure: str
    target: float
    per: Period
    kind: GoalKind = GoalKind.AT_LEAST
    upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultGoals:
    """Goals for everyone whose level, main focus and region match; None matches all. Defaults alone are drafts."""

    level: str | None
    focus: str | None
    region: str | None
    goals: tuple[GoalTerms, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalAgreement:
    """From a day on, a person's goals are the defaults with these in their place, agreed by those named."""

    who: str
    valid_from: date
    valid_to: date | None
    agreed_by: tuple[str, ...]
    goals: tuple[GoalTerms, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalBook:
    """All goals that `goals.yml` holds."""

    defaults: tuple[DefaultGoals, ...]
    agreements: tuple[GoalAgreement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A goal in force for one person in one week; a draft is shown and never assessed."""

    measure: str
    target: float
    per: Period
    kind: GoalKind = GoalKind.AT_LEAST
    upper: float | None = None
    agreed_by: tuple[str, ...]
    agreed_on: date | None
    is_draft: bool


# --- context: dates and fractions, never reasons --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """Days on which a person is away; `fraction` of each working day, 1.0 for all of it."""

    who: str
    days: DayRange
    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Days on which a person is on call in a rotation."""

    who: str
    days: DayRange
    rotation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """Days whose capacity for goals is multiplied by `factor`, such as days that lead an account escalation."""

    who: str
    days: DayRange
    factor: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """From a day on, the weekdays a person works (0 Monday to 6 Sunday)."""

    who: str
    valid_from: date
    weekdays: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What clouds a week, from `context.yml`."""

    unavailable: tuple[Unavailable, ...] = ()
    on_call: tuple[OnCall, ...] = ()
    reduced: tuple[Reduced, ...] = ()
    working_days: tuple[WorkingDays, ...] = ()

    def of(self, who: str) -> "Context":
        """What concerns one person."""
        return Context(
            unavailable=tuple(row for row in self.unavailable if row.who == who),
            on_call=tuple(row for row in self.on_call if row.who == who),
            reduced=tuple(row for row in self.reduced if row.who == who),
            working_days=tuple(row for row in self.working_days if row.who == who),
        )


# --- rules ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The thresholds in force from a day on; a past week is judged by the rules of that week."""

    name: str
    effective_from: date
    missed_weeks_for_follow_up: int = 4
    action_plan_weeks: int = 2
    baseline_factor: float = 0.85
    minimum_peers: int = 5
    minimum_cases_for_rate: int = 20
    noise_units: float = 1.0
    uncounted_weeks_that_reset: int = 2
    follow_up_when: Literal["every_run", "beyond_chance"] = "every_run"
    onboarding_weeks: int = 13
    minimum_available_days: float = 1.0


# --- privacy and reports --------------------------------------------------------------------------


class Privacy(StrEnum):
    """Who may read a thing: P0 anyone, P1 all members, P2 support managers, P3 engineer and manager, P4 a case."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


ReportScope = Literal["each_engineer", "each_manager", "organisation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDefinition:
    """One report of `reports.yml`; `project` and `title` hold placeholders such as {username}, {week}, {name}."""

    name: str
    scope: ReportScope
    project: str
    title: str
    privacy: Privacy
    labels: tuple[str, ...]
    confidential: bool


# --- measures and measurements --------------------------------------------------------------------


class Aggregation(StrEnum):
    """How evidence rows become one value."""

    COUNT = "count"
    SUM = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the header of a measure's SQL file declares; `streams` are the gathered streams it needs."""

    name: str
    title: str
    unit: str
    kind: Aggregation
    direction: Literal["more", "less", "none"]
    privacy: Privacy
    definition: str
    source: str
    streams: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One event behind a number; `at` is aware UTC, `note` says what happened in a few words."""

    engineer: str
    measure: str
    at: datetime
    value: float
    url: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A measured value over a span, or None with the reason why there is no data."""

    value: float | None
    missing: str = ""


class Status(StrEnum):
    """What a week means for a goal or a person; only NOT_MET extends a run."""

    MET = "met"
    NOT_MET = "not_met"
    WITHIN_NOISE = "within_noise"
    NOT_ASSESSED = "not_assessed"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How much of a span a person had for goals, in days.

    `working_days` are the person's own, `full_time_days` Monday to Friday; targets are scaled by
    available over full-time days. `uncounted` says why the span is not assessed, empty when it is.
    """

    days: DayRange
    working_days: float
    unavailable_days: float
    reduced_days: float
    on_call_days: int
    full_time_days: float
    labels: tuple[str, ...]
    uncounted: str

    @property
    def available_days(self) -> float:
        """Working days less absence and declared reductions."""
        return self.working_days - self.unavailable_days - self.reduced_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one goal came to in one week; `capacity` is that of its own span, `target` is scaled to it, `reason` says why."""

    goal: Goal
    capacity: Capacity
    status: Status
    measurement: Measurement
    target: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """A number or target that has changed since its week was published, old and new, with what each would mean."""

    measure: str
    published: Measurement
    published_target: float
    published_status: Status
    now: Measurement
    target_now: float
    status_now: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedWeek:
    """One person's week: capacity, verdicts on every goal, the status of the whole, and the run after it."""

    week: Week
    rule_set: str
    capacity: Capacity
    verdicts: tuple[Verdict, ...]
    status: Status
    missed_run_length: int
    restated: tuple[Restatement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far a gathered stream reaches: [since, until); `problem` is what stopped it, empty when nothing did.

    `unknown_people` are usernames that the source has no account for, whose numbers are therefore unknown and not zero.
    """

    stream: str
    since: datetime | None
    until: datetime | None
    problem: str = ""
    unknown_people: tuple[str, ...] = ()
