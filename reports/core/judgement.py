"""What measuring and judging come to, as values: status, capacity, verdicts, and the assessed week."""

from dataclasses import dataclass
from enum import StrEnum

from reports.core.model import Goal, Measurement
from reports.core.weeks import DayRange, Week


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

    `working_days` are the person's own, `full_time_days` Monday to Friday; targets are scaled by available over full-time
    days. `corrected_days` is by how much the engineer's own word differs from what was computed, negative for fewer.
    `on_call_days` are calendar days on call, in one of the `rotations`; they take nothing by themselves. In a span of several
    weeks, the days of those that are not assessed are `on_call_week_days`, `after_on_call_days` or `onboarding_days`;
    `reduced_days` are what declared reductions took, and `labels` their names. `uncounted` says why the span is not
    assessed, empty when it is; `unknown` why nobody knows, empty when it is known.
    """

    days: DayRange
    working_days: float
    unavailable_days: float
    reduced_days: float
    on_call_days: int
    full_time_days: float
    labels: tuple[str, ...]
    uncounted: str
    holiday_days: float = 0.0
    training_days: float = 0.0
    ramp_days: float = 0.0
    corrected_days: float = 0.0
    on_call_week_days: float = 0.0
    after_on_call_days: float = 0.0
    onboarding_days: float = 0.0
    rotations: tuple[str, ...] = ()
    unknown: str = ""

    @property
    def available_days(self) -> float:
        """Working days less what was taken from them, as corrected by the engineer."""
        taken = self.holiday_days + self.unavailable_days + self.training_days + self.reduced_days + self.ramp_days
        return round(self.working_days - taken - self.not_assessed_days + self.corrected_days, 6)

    @property
    def not_assessed_days(self) -> float:
        """Days of weeks that are not assessed, which give nothing to a longer span."""
        return self.on_call_week_days + self.after_on_call_days + self.onboarding_days


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
    said_days: float | None = None
    """How many days the engineer says there were, which a week that was published before does not have; None for no word."""
    restated: tuple[Restatement, ...] = ()
    capacity_now: Capacity | None = None
    """The days as they are known today, where they are fewer than when the week was published."""
