"""Everything a template may see: complete, nothing lazy, numbers as numbers; the words are the template's.

Texts marked (untrusted) come from titles and names of any API; the renderer makes them harmless.
"""

from dataclasses import dataclass
from datetime import date, datetime

from reports.core.action_log import LogEntry
from reports.core.chance import ByChance
from reports.core.judgement import Capacity, Status
from reports.core.model import Goal, GoalKind, Measure, Measurement
from reports.core.overrides import DISPUTED
from reports.core.weeks import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A text (untrusted) that leads to a URL on one of the configured hosts."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """One event behind a number: when, a few words (untrusted), and where to see it."""

    at: datetime
    note: str
    url: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendView:
    """Value and scaled target of one goal over the last weeks, oldest first; None where there is no data or no target."""

    weeks: tuple[Week, ...]
    values: tuple[float | None, ...]
    targets: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalView:
    """A goal, what it came to, and the events behind it."""

    measure: Measure
    goal: Goal
    capacity: Capacity
    """Of the goal's own span: the days that its target is scaled by."""
    status: Status
    measurement: Measurement
    target: float
    """Scaled to the available days, rounded to one decimal: the number shown is the number compared."""
    reason: str
    span: tuple[date, date]
    """First and last day that counted."""
    trend: TrendView
    evidence: tuple[EvidenceView, ...]
    events_since: date | None = None
    """The day before which events of these days are kept no more; None when all of them are there."""

    @property
    def is_disputed(self) -> bool:
        """Whether the engineer calls the number wrong, and nobody has settled it yet."""
        return self.reason == DISPUTED

    @property
    def asks(self) -> bool:
        """Whether anything was to be reached or kept to: not for information only, nor in days that do not count."""
        is_out = self.status is Status.NOT_ASSESSED and bool(self.capacity.uncounted)
        return asks_something(self.goal) and not is_out


def asks_something(goal: Goal) -> bool:
    """Whether a goal asks for anything: not one for information only, nor one of zero."""
    return goal.kind is not GoalKind.INFORMATIONAL and not (goal.kind is GoalKind.AT_LEAST and goal.target == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView:
    """A measure without a goal: shown as it is, with its events."""

    measure: Measure
    measurement: Measurement
    evidence: tuple[EvidenceView, ...]
    events_since: date | None = None
    """As of a goal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineView:
    """A ticket measure beside 0.85 times the mean per available day of peers with the same focus; never counts."""

    measure: Measure
    value: float | None
    line: float | None
    """Scaled to the person's available days, one decimal; None with fewer peers than the rules ask for."""
    peers: int
    status: Status
    """MET at or above the line, WITHIN_NOISE less than a unit below, NOT_MET below, NOT_ASSESSED or NO_DATA otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekRow:
    """One week of the table: a cell per goal column in the order of `EngineerWeeklyView.columns`."""

    week: Week
    capacity: Capacity
    cells: tuple["WeekCell | None", ...]
    status: Status
    capacity_now: Capacity | None = None
    """The days as they are known today, where they are fewer than in `capacity`, which was published."""
    said_days: float | None = None
    """The engineer's own word on the days, where `capacity` does not hold it."""
    disputed: tuple[Measure, ...] = ()
    """Numbers that the engineer calls wrong and nobody has settled yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCell:
    """What a goal came to in a week."""

    goal: Goal
    measurement: Measurement
    target: float
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RestatedView:
    """A number or target of a published week that has changed since; the published verdict stands, unless this is milder."""

    week: Week
    measure: Measure
    published: Measurement
    published_target: float
    published_status: Status
    now: Measurement
    target_now: float
    status_now: Status
    counts: bool = True
    """Whether it may count: never when it says more against the person than what was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpStand:
    """What an engineer's report says of a follow-up: from which week one is open or opens now, or that one has ended."""

    since: Week | None = None
    has_ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """How many counted weeks in a row missed an agreed goal, of how many that lead to a follow-up."""

    length: int
    needed: int
    assessed_weeks: int
    by_chance: ByChance | None = None
    """How the run compares with what chance does; None before it is long enough to ask for a talk."""

    @property
    def reached(self) -> bool:
        """Whether the run is long enough that the two should talk."""
        return self.length >= self.needed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHead:
    """What every report says first."""

    week: Week
    first_day: date
    last_day: date
    organisation: str
    time_zone: str
    rule_set: str
    data_until: datetime | None
    """Facts reach to this instant (aware, UTC), at most the end of the week; None when nothing was gathered."""
    gaps: tuple[str, ...]
    """Sources that failed or are partial, one sentence each; empty when everything was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineerWeeklyView:
    """The engineer's weekly issue: the same for engineer and manager."""

    head: ReportHead
    mention: str
    """How comments address the tool, such as `@support-reports`."""
    name: str
    username: str
    manager: str
    focuses: tuple[tuple[str, int], ...]
    capacity: Capacity
    said_days: float | None
    """The engineer's own word on the days of the week, where `capacity` does not hold it; None when it does."""
    had_no_day_off: bool
    """Whether the last 31 days held no day off."""
    status: Status
    highlights: tuple[Link, ...]
    """What went well: merged contributions, finished trainings; newest first."""
    goals: tuple[GoalView, ...]
    """Agreed goals first, then drafts; each group by measure title."""
    goals_met: int
    goals_assessed: int
    baseline: tuple[BaselineView, ...]
    baseline_focus: str
    counts: tuple[CountView, ...]
    """Measures without a goal."""
    review_tickets: tuple[Link, ...]
    """Tickets drawn at random, with the week and username as seed, for the two to look at together."""
    run: RunView
    follow_up: FollowUpStand
    example_measure: str
    """What the example of a number called wrong names: a goal that was missed, where there is one."""
    example_days: float
    """What the example of fewer days names."""
    columns: tuple[Measure, ...]
    """The measures whose goals asked for something in any of these weeks."""
    weeks: tuple[WeekRow, ...]
    """Newest first."""
    restated: tuple[RestatedView, ...]
    """Changes to weeks that were published, newest week first; empty when nothing changed."""
    activity_links: tuple[Link, ...]
    cannot_see: tuple[str, ...]
    """What no source shows, a sentence each."""
    handed_over_from: Week | None = None
    """The first week that this manager may see, when weeks before it lie with a former one; None when all are shown."""
    log: tuple[LogEntry, ...] = ()
    """What was done in the week with issues about the person, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMemberRow:
    """A person on the manager's page: where the weekly report is and whether it has all its data; never a status."""

    name: str
    report: Link
    ready: bool
    missing: tuple[str, ...]
    """Titles of the measures without data; empty when complete."""
    available_days: float
    working_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamNumber:
    """A sum over the whole team for the week and the weeks before, oldest first; None where data is missing."""

    measure: Measure
    value: float | None
    trend: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamWeeklyView:
    """The manager's team issue: readable by every support manager, so it never says who met what."""

    head: ReportHead
    manager: str
    members: tuple[TeamMemberRow, ...]
    """Alphabetical."""
    runs_reached: int
    """How many people have reached the run that asks for a follow-up; their own reports say who."""
    runs_within_chance: int
    """How many have a run as long that the rules ask only a line in the next 1:1 for, since chance does as much."""
    goals_to_agree: tuple[Link, ...]
    """People whose goals are drafts or end soon, alphabetical, linked to their report."""
    nobody_off_for_a_month: int
    """How many had no day off in the last 31 days."""
    disputed_numbers: int
    """How many numbers are called wrong and wait for the manager's word."""
    follow_ups_url: str
    """The manager's own list of follow-ups, which nobody else can read; empty when it has no place of its own."""
    on_call_ended: int
    """How many end an on-call week with this week: recovery is worth offering."""
    numbers: tuple[TeamNumber, ...]
    """What somebody in the team has a goal for, and what the baseline is made of, by title."""
    weeks: tuple[Week, ...]
    others: tuple[TeamNumber, ...] = ()
    """Everything else that is counted of people, by family and title."""
    is_small: bool = False
    """Whether the team is so small that counts and sums are left out, since they would say whose they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """A merged contribution; project, title and labels are untrusted."""

    merged_on: date
    project: str
    title: str
    url: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionsView:
    """The organisation's digest of merged contributions: work, not people."""

    head: ReportHead
    contributions: tuple[Contribution, ...]
    """By day, then project, then title."""
