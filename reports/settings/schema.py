"""The shape of each file in `config/`, typed by pydantic, with the descriptions an editor shows; it reads no file.

What one entry can say about itself is checked here; what it says about other entries is checked in the `*_checks` modules.
"""

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from reports.settings.queue_schema import QueuesEntry
from reports.settings.scalars import (
    FirstDay,
    GroupPath,
    Host,
    Label,
    LastDay,
    ProjectPath,
    ProjectTemplate,
    Text,
    Url,
    Username,
    Variable,
    WeekId,
    Word,
    refusal,
)
from reports.settings.shape import Shape, distinct
from reports.settings.team_schema import TeamFile


def _after(first: date | None, last: date | None) -> date | None:
    """The last day, checked beside the first: also when another key of the entry is wrong."""
    if first is not None and last is not None and last < first:
        raise refusal("backwards", f"the last day {last} lies before the first day {first}", "swap them")
    return last


# --- goals.yml --------------------------------------------------------------------------------


class TermsEntry(Shape):
    """How much, per which period."""

    target: float = Field(ge=0, le=100_000, description="How many; 0 to reach marks a period without a goal.")
    per: Literal["week", "30 days", "month", "quarter"] = Field(
        description="Counted in the week, in the 30 days that end with it, or in its calendar month or quarter."
    )
    kind: Literal["at least", "at most", "band", "informational"] = Field(
        "at least",
        description="What the number is asked to be; informational is shown and never assessed, outside a band is never a miss.",
    )
    upper: float | None = Field(None, ge=0, le=100_000, description="The upper end of a band; its lower end is the target.")


class WhenEntry(Shape):
    """Whom default goals are for; what is left out matches everyone."""

    level: Word | None = Field(None, description="Only people of this level.")
    focus: Word | None = Field(None, description="Only people whose main focus this is.")
    region: Word | None = Field(None, description="Only people of this region.")


class DefaultsEntry(Shape):
    """Goals for everyone that `when` matches; a later row wins, measure by measure."""

    when: WhenEntry = Field(description="Whom the goals are for; {} for everyone.")
    goals: dict[str, TermsEntry] = Field(description="Measure to target and period.")


class DaysFrom(Shape):
    """Something that holds from a day on, to a last day where one is named."""

    valid_from: FirstDay = Field(
        alias="from", description="The first day, such as 2026-06-22; a week such as 2026-W26 means its Monday."
    )
    valid_to: LastDay | None = Field(None, alias="to", description="The last day; a week such as 2026-W26 means its Sunday.")

    @field_validator("valid_to")
    @classmethod
    def _forwards(cls, last: date | None, info: ValidationInfo) -> date | None:
        return _after(info.data.get("valid_from"), last)


class AgreementEntry(DaysFrom):
    """What one person and their manager agreed, from a day on."""

    agreed_by: list[Username] = Field(
        description="The usernames of those who agreed; both the person and the manager, or it stays a draft."
    )
    goals: dict[str, TermsEntry] = Field(description="What differs from the defaults; {} when the defaults hold as they are.")


class GoalsFile(Shape):
    """goals.yml: what was agreed."""

    defaults: list[DefaultsEntry] = Field(description="Goals by level, focus and region; drafts until a person agrees to them.")
    people: dict[str, list[AgreementEntry]] = Field(description="Username to that person's agreements, one after the other.")


# --- context.yml ------------------------------------------------------------------------------


class SpanEntry(Shape):
    """Days of one person, first and last included."""

    who: Username = Field(description="The username of the engineer.")
    first: FirstDay = Field(alias="from", description="The first day; a week such as 2026-W34 means its Monday.")
    last: LastDay = Field(alias="to", description="The last day, included; a week such as 2026-W41 means its Sunday.")

    @field_validator("last")
    @classmethod
    def _forwards(cls, last: date | None, info: ValidationInfo) -> date | None:
        return _after(info.data.get("first"), last)


class UnavailableEntry(SpanEntry):
    """Days away: dates and a fraction, never a reason."""

    fraction: float = Field(
        1.0, gt=0, le=1, description="How much of each working day, 0.5 for half days; all of it when left out."
    )


class TrainingEntry(SpanEntry):
    """Days in training."""

    fraction: float = Field(
        1.0, gt=0, le=1, description="How much of each working day, 0.5 for half days; all of it when left out."
    )


class CorrectionEntry(Shape):
    """A week's available days as the engineer says, in place of what is computed."""

    who: Username = Field(description="The username of the engineer.")
    week: WeekId = Field(description="The week, such as 2026-W45.")
    available_days: float = Field(ge=0, le=7, description="How many days the engineer had for goals, such as 4.5.")


class OnCallEntry(SpanEntry):
    """Days on call."""

    rotation: Word = Field(description="The rotation, such as ceoc.")


class ReducedEntry(SpanEntry):
    """Days with less room for goals, declared by the manager."""

    factor: float = Field(ge=0, le=1, description="What the days count for goals: 0 for nothing, 0.5 for half.")
    label: Text = Field(description="The kind of work that took the days, such as account escalation; the report shows it.")


class WorkingDaysEntry(Shape):
    """The weekdays a person works, from a day on; Monday to Friday for who has no row."""

    who: Username = Field(description="The username of the engineer.")
    valid_from: FirstDay = Field(alias="from", description="The first day it holds.")
    days: Annotated[
        list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
        Field(min_length=1, max_length=7),
        AfterValidator(distinct),
    ] = Field(description="The days worked, out of mon, tue, wed, thu, fri, sat and sun.")


class ContextFile(Shape):
    """context.yml: what clouds a week, in dates and fractions."""

    unavailable: list[UnavailableEntry] | None = Field(None, description="Days away. Dates and fractions, never reasons.")
    on_call: list[OnCallEntry] | None = Field(None, description="Days on call.")
    reduced: list[ReducedEntry] | None = Field(None, description="Days with less room for goals.")
    training: list[TrainingEntry] | None = Field(None, description="Days in training.")
    working_days: list[WorkingDaysEntry] | None = Field(None, description="Part time and other working weeks.")
    corrections: list[CorrectionEntry] | None = Field(None, description="Weeks whose available days an engineer corrected.")


# --- rules.yml --------------------------------------------------------------------------------


class RampStepEntry(Shape):
    """What somebody new can be asked for, until so many whole months after the start date."""

    until_month: int = Field(ge=1, le=36, description="The step holds until this many whole months after the start date.")
    share: float = Field(ge=0, le=1, description="What a day counts for goals meanwhile, 0.5 for half.")


def _rising(steps: list[RampStepEntry]) -> list[RampStepEntry]:
    months = [step.until_month for step in steps]
    if any(later <= earlier for earlier, later in pairwise(months)):
        raise refusal("ramp-order", "the steps do not go on from month to month", "give each step a later until_month")
    return steps


class RuleSetEntry(Shape):
    """Thresholds in force from a day on; a past week keeps the rules of its day."""

    name: Word = Field(description="The name that reports show.")
    effective_from: FirstDay = Field(description="The first day it is in force; the next rule set ends it.")
    missed_weeks_for_follow_up: int = Field(4, ge=1, le=52, description="How many missed weeks in a row ask for a talk.")
    action_plan_weeks: int = Field(2, ge=1, le=52, description="How long the plan after such a talk runs, in weeks.")
    baseline_measures: Annotated[list[Word], AfterValidator(distinct)] = Field(
        ["solved_tickets", "public_comments", "internal_notes"],
        description="The measures beside the peers' mean; each counts or sums. An empty list shows no baseline.",
    )
    baseline_factor: float = Field(
        0.85, gt=0, le=1, description="The ticket baseline as a share of the peers' mean per available day."
    )
    minimum_peers: int = Field(5, ge=2, le=1000, description="No baseline with fewer peers than this.")
    minimum_cases_for_rate: int = Field(20, ge=1, le=100_000, description="No share and no median of fewer cases than this.")
    noise_units: float = Field(1.0, ge=0, le=100, description="A gap smaller than this many units is within noise.")
    uncounted_weeks_that_reset: int = Field(2, ge=1, le=52, description="So many uncounted weeks in a row set a run back to 0.")
    follow_up_when: Literal["every_run", "beyond_chance"] = Field(
        "every_run", description="Whether every run of missed weeks asks for a follow-up, or only one beyond what chance does."
    )
    onboarding_weeks: int = Field(13, ge=0, le=104, description="How many weeks after the start date are not assessed.")
    onboarding_ramp: Annotated[list[RampStepEntry], AfterValidator(_rising)] = Field(
        [], description="What a day of somebody new counts for goals, step by step; in full after the last one."
    )
    assess_week_after_on_call: bool = Field(False, description="Whether the week after an on-call week is assessed.")
    minimum_available_days: float = Field(1.0, ge=0, le=7, description="A week with fewer available days is not assessed.")


class AgreedEntry(DaysFrom):
    """Since when something is agreed, and with whom."""

    agreed_with: Text = Field(alias="with", description="Who agreed, such as works council.")


class GateEntry(Shape):
    """Something that is not measured, shown or followed up before it is agreed; what is left out matches everything."""

    entity: Text | None = Field(None, description="Only people whom this legal entity employs.")
    team: Username | None = Field(None, description="Only people who report to the manager with this username.")
    person: Username | None = Field(None, description="Only the engineer with this username.")
    measure: Word | None = Field(None, description="Only this measure; all of them when left out.")
    agreed: AgreedEntry | None = Field(None, description="Since when it is open; shut as long as this is left out.")

    @model_validator(mode="after")
    def _about_something(self) -> "GateEntry":
        if (self.entity, self.team, self.person, self.measure) == (None, None, None, None):
            raise refusal("empty-gate", "a gate says what it is about", "name at least one of entity, team, person and measure")
        return self


class RetentionEntry(Shape):
    """How long what is about people is kept; `support-reports retain` removes what is older."""

    raw_fact_days: int = Field(
        35, ge=14, le=3660, description="How many days facts are kept at least; whole weeks go, and leave their counts."
    )
    weekly_result_weeks: int = Field(
        26, ge=13, le=520, description="How many weeks counts, judged weeks, conversations and logs are kept."
    )


class RulesFile(Shape):
    """rules.yml: the thresholds, what waits for an agreement, and how long anything is kept."""

    retention: RetentionEntry | None = Field(None, description="How long what is about people is kept.")
    gates: list[GateEntry] | None = Field(None, description="What is not measured before it is agreed; nothing when left out.")
    rule_sets: list[RuleSetEntry] = Field(min_length=1, description="The rule sets, each from its own day on.")


# --- sources.yml ------------------------------------------------------------------------------


class GitlabEntry(Shape):
    """Where GitLab is and what is read there."""

    url: Url = Field(description="The address of GitLab; https, plain http on loopback only.")
    product_group: GroupPath = Field(description="The group whose merge requests and issues count as product work.")
    handbook_projects: list[ProjectPath] = Field(min_length=1, description="Projects whose merge requests are handbook updates.")
    training_projects: list[ProjectPath] = Field(
        min_length=1, description="Projects whose closed issues are finished training modules."
    )
    pairing_projects: list[ProjectPath] = Field(min_length=1, description="Projects whose issues are pairing sessions.")
    excluded_accounts: list[Username] = Field(
        [], description="Accounts whose work is never counted; those that GitLab itself calls bots need not stand here."
    )
    user_events: bool = Field(
        False, description="Whether to read what everybody did anywhere in GitLab, comments too: a request per account and run."
    )
    mention: Username = Field(
        "support-reports", description="The name that comments address the tool by, after an @; its own account or another word."
    )
    link_hosts: list[Host] = Field([], description="Hosts that reports may link to, besides those of the two addresses.")
    queues: QueuesEntry | None = Field(None, description="What waits for the managers on call; no queue when left out.")


class ZendeskEntry(Shape):
    """Where Zendesk is, and what the organisation has made of it."""

    url: Url = Field(description="The address of Zendesk; https, plain http on loopback only.")
    next_update_field: int | None = Field(
        None, ge=1, description="The id of the date field in which agents note until when they promised an update."
    )
    escalation_tags: Annotated[list[Word], AfterValidator(distinct)] = Field(
        [], description="Tags that mark a ticket as escalated."
    )
    schedule: Text | None = Field(
        None, description="The name of the schedule of business hours that tickets go by; the oldest one when left out."
    )
    bots: Annotated[list[int], AfterValidator(distinct)] = Field(
        [], description="Ids of agents that are programs, whose replies are nobody's."
    )


class LeaveCalendarsEntry(Shape):
    """Leave from iCalendar feeds; only dates and fractions are taken."""

    addresses_from: Variable = Field(
        description="The environment variable that names a file with a line 'username address' for each feed."
    )


class ScheduleEntry(Shape):
    """A PagerDuty schedule."""

    id: Word = Field(description="The id of the schedule, such as PABC123.")
    rotation: Word = Field(description="The rotation that reports show, such as ceoc.")


class PagerdutyEntry(Shape):
    """On-call days from PagerDuty's final schedules, overrides included."""

    url: Url = Field("https://api.pagerduty.com", description="The address of PagerDuty's API.")
    schedules: list[ScheduleEntry] = Field(min_length=1, description="The schedules to read.")


class SourcesFile(Shape):
    """sources.yml: where the facts come from; secrets come from the environment."""

    gitlab: GitlabEntry = Field(description="Where GitLab is and what is read there.")
    zendesk: ZendeskEntry = Field(description="Where Zendesk is.")
    leave_calendars: LeaveCalendarsEntry | None = Field(None, description="Leave from iCalendar feeds.")
    pagerduty: PagerdutyEntry | None = Field(None, description="On-call days from PagerDuty.")


# --- reports.yml ------------------------------------------------------------------------------


class ReportEntry(Shape):
    """One report: for whom, where, and who may read it."""

    scope: Literal["each_engineer", "each_manager", "organisation", "service", "each_follow_up", "each_region"] = Field(
        alias="for",
        description="One issue for whom each week; each_follow_up: one whenever the rules ask for a talk; "
        "service: the numbers of teams, regions and the whole; each_region: one for good, of what waits there.",
    )
    project: ProjectTemplate = Field(description="The project the issue goes to; {username} gives each person their own.")
    title: Text = Field(description="The title, with placeholders such as {week}.")
    privacy: Literal["P0", "P1", "P2", "P3", "P4"] = Field(
        description="Who may read it: P0 anyone, P1 all members, P2 support managers, P3 engineer and manager, P4 a case."
    )
    labels: list[Label] = Field([], description="Labels of the issue.")
    confidential: bool = Field(description="Whether the issue is confidential; P3 and P4 need it, or a project per person.")
    links_leave_traces: bool | None = Field(
        None,
        description='Whether links to issues and merge requests may leave a "mentioned in" there; not in P3, P4 when left out.',
    )
    close_after_weeks: int = Field(
        1, ge=1, le=52, description="How many weeks later the issue of a week is closed; 1: when the next one opens."
    )


class ReportsFile(Shape):
    """reports.yml: what is published where."""

    reports: dict[str, ReportEntry] = Field(description="Report name (and template) to its settings.")


FILES: dict[str, type[Shape]] = {
    "team.yml": TeamFile,
    "goals.yml": GoalsFile,
    "context.yml": ContextFile,
    "rules.yml": RulesFile,
    "sources.yml": SourcesFile,
    "reports.yml": ReportsFile,
}
