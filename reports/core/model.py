"""The words of the domain as values: goals, rules, reports, measures, measurements; no behaviour beyond reading them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


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

    @property
    def defaults_only(self) -> "GoalBook":
        """The goals of somebody who agreed nothing."""
        return GoalBook(defaults=self.defaults, agreements=())

    def by_person(self) -> "dict[str, GoalBook]":
        """What concerns each person who agreed something."""
        found: dict[str, list[GoalAgreement]] = {}
        for agreement in self.agreements:
            found.setdefault(agreement.who, []).append(agreement)
        return {who: GoalBook(defaults=self.defaults, agreements=tuple(own)) for who, own in found.items()}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RampStep:
    """Until so many whole months after the start date, the share of a full day that goals may ask of somebody new."""

    until_month: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The thresholds in force from a day on; a past week is judged by the rules of that week."""

    name: str
    effective_from: date
    missed_weeks_for_follow_up: int = 4
    action_plan_weeks: int = 2
    baseline_measures: tuple[str, ...] = ("solved_tickets", "public_comments", "internal_notes")
    """What is held beside the peers' mean; each counts or sums."""
    baseline_factor: float = 0.85
    minimum_peers: int = 5
    minimum_cases_for_rate: int = 20
    noise_units: float = 1.0
    uncounted_weeks_that_reset: int = 2
    follow_up_when: Literal["every_run", "beyond_chance"] = "every_run"
    onboarding_weeks: int = 13
    onboarding_ramp: tuple[RampStep, ...] = ()
    """By rising months; after the last one, or without any, a day counts in full."""
    assess_week_after_on_call: bool = False
    minimum_available_days: float = 1.0


class Privacy(StrEnum):
    """Who may read a thing: P0 anyone, P1 all members, P2 support managers, P3 engineer and manager, P4 a case."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


ReportScope = Literal["each_engineer", "each_manager", "organisation", "service", "each_follow_up", "each_region"]


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
    links_leave_traces: bool = False
    """Whether a link to an issue or merge request may leave a "mentioned in" at the other end."""
    close_after_weeks: int = 1
    """So many weeks after its own week the issue of a week is closed."""


class Aggregation(StrEnum):
    """How evidence rows become one value."""

    COUNT = "count"
    SUM = "sum"
    RATIO = "ratio"
    MEDIAN = "median"
    P90 = "p90"

    @property
    def adds_up(self) -> bool:
        """Whether the values of parts add up to that of the whole; only then does a target shrink with the days."""
        return self in (Aggregation.COUNT, Aggregation.SUM)


MeasureScope = Literal["engineer", "organisation"]

#: Between the names of two things that tell the cases of a measure apart, and between the two in the category of a case.
BOTH, APART = " and ", " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the header of a measure's SQL file declares; `streams` are the gathered streams it needs.

    Of `organisation` scope is what is counted of teams, regions and the whole only, never of a person. `category` names what
    its numbers may be broken down by, such as `priority`, or two things, as in `priority and type`; empty when they may not.
    Measures of one `family` lie in one folder.
    """

    name: str
    title: str
    unit: str
    kind: Aggregation
    direction: Literal["more", "less", "none"]
    privacy: Privacy
    definition: str
    source: str
    streams: tuple[str, ...]
    scope: MeasureScope = "engineer"
    category: str = ""
    family: str = ""

    @property
    def is_of_people(self) -> bool:
        """Whether it is counted for each engineer."""
        return self.scope == "engineer"

    @property
    def has_two_categories(self) -> bool:
        """Whether each case is told apart by two things at once; its category then holds both, ` · ` between them."""
        return BOTH in self.category


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One event behind a number; `at` is aware UTC, `note` says what happened in a few words.

    `category` is that of the measure, empty when it has none. Of a measure of the organisation, `engineer` is empty where it
    is nobody's, and `region` is empty where the event names none.
    """

    engineer: str
    measure: str
    at: datetime
    value: float
    url: str
    note: str
    category: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From where to where chance alone moves a share or a quantile, 19 times in 20; both ends included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A measured value over a span, or None with the reason why there is no data.

    A ratio is in percent. Ratios and quantiles say of how many `cases`, and have no value, yet nothing `missing`, when those
    are too few to say anything; `holding` is how many of the cases of a ratio hold, None for anything else.
    """

    value: float | None
    missing: str = ""
    kind: Aggregation = Aggregation.COUNT
    cases: int | None = None
    holding: int | None = None
    interval: Interval | None = None
    hidden: str = ""
    """What the source hides from the reading token, so that there may be more than was counted; empty when all is seen."""

    @property
    def is_missing(self) -> bool:
        """Whether a source could not be read, unlike cases that were read and are too few."""
        return self.value is None and self.cases is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far a gathered stream reaches: [since, until); `problem` is what stopped it, empty when nothing did.

    `unknown_people` are usernames that the source has no account for, whose numbers are therefore unknown and not zero.
    `blind_spots` are sentences on what the source hides from the reading token, which is unknown and not zero either.
    `hints` are sentences on what should be mended; they change no number.
    """

    stream: str
    since: datetime | None
    until: datetime | None
    problem: str = ""
    unknown_people: tuple[str, ...] = ()
    blind_spots: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
