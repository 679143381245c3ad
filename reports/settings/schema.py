"""The shape of each file in `config/`, typed by pydantic, with the descriptions an editor shows; it reads no file.

What one entry can say about itself is checked here; what it says about other entries is checked in the `*_checks` modules.
"""

from datetime import date
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from reports.settings.scalars import (
    Email,
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
    Word,
    refusal,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Shape(BaseModel):
    """What every map here has in common: no unknown keys, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _distinct(words: list[str]) -> list[str]:
    if len(set(words)) < len(words):
        raise refusal("repeated-word", "the same word stands in this list twice", "keep one")
    return words


Words = Annotated[list[Word], Field(min_length=1), AfterValidator(_distinct)]


S = TypeVar("S", bound=Shape)


def _ends_after_start(entry: S, first: date, last: date | None) -> S:
    if last is not None and last < first:
        raise refusal("backwards", f"the last day {last} lies before the first day {first}", "swap them", at="to")
    return entry


# --- team.yml ---------------------------------------------------------------------------------


class Organisation(Shape):
    """The organisation and the words its people are described with."""

    name: Text = Field(description="What the organisation is called in reports.")
    time_zone: Text = Field(description="The zone weeks are counted in, such as Europe/Lisbon or UTC.")
    levels: Words = Field(description="The levels of engineers, lowest first.")
    regions: Words = Field(description="The regions people work in.")
    focuses: Words = Field(description="The areas of focus.")


class ManagerEntry(Shape):
    """A support manager."""

    username: Username = Field(description="The GitLab username; the key by which other files name the person.")
    name: Text = Field(description="The name as reports show it.")
    email: Email = Field(description="The work address.")
    region: Word = Field(description="One of organisation.regions.")
    time_zone: Text = Field(description="The zone the person lives in, such as Asia/Tokyo.")


class FocusEntry(Shape):
    """An area of focus and its share of the person's time."""

    name: Word = Field(description="One of organisation.focuses.")
    percentage: int = Field(ge=1, le=100, description="The share of the person's time in percent; the shares add up to 100.")


def _whole(focuses: list[FocusEntry]) -> list[FocusEntry]:
    names = [focus.name for focus in focuses]
    if len(set(names)) < len(names):
        raise refusal("repeated-word", "the same focus is named twice", "add the two shares up")
    total = sum(focus.percentage for focus in focuses)
    if total != 100:
        raise refusal("focus-sum", f"the percentages add up to {total}", "they must add up to 100")
    return focuses


Focuses = Annotated[list[FocusEntry], Field(min_length=1), AfterValidator(_whole)]


class ChangeEntry(Shape):
    """What is different about a person from a day on; what is left out stays as it was."""

    valid_from: FirstDay = Field(
        alias="from", description="The first day it holds, after the start date; a week such as 2026-W26 means its Monday."
    )
    level: Word | None = Field(None, description="One of organisation.levels.")
    region: Word | None = Field(None, description="One of organisation.regions.")
    focuses: Focuses | None = Field(None, description="The areas of focus with their shares, 100 percent in all.")
    reports_to: Username | None = Field(None, description="The username of the new manager.")
    time_zone: Text | None = Field(None, description="The zone the person lives in, such as Europe/Lisbon.")
    country: Text | None = Field(None, description="Whose public holidays the person has off: two capital letters, such as PT.")
    subdivision: Text | None = Field(None, description="The part of that country; a new country begins without one.")


class EngineerEntry(Shape):
    """A support engineer."""

    username: Username = Field(description="The GitLab username; the key by which other files name the person.")
    name: Text = Field(description="The name as reports show it.")
    email: Email = Field(description="The work address.")
    zendesk_id: int | None = Field(
        None, ge=1, description="The id of the Zendesk agent; without it ticket measures have no data."
    )
    level: Word = Field(description="One of organisation.levels.")
    region: Word = Field(description="One of organisation.regions.")
    focuses: Focuses = Field(description="The areas of focus with their shares, 100 percent in all.")
    reports_to: Username = Field(description="The username of the manager.")
    start_date: FirstDay = Field(description="The first day in the team; the first weeks are not assessed.")
    time_zone: Text = Field(description="The zone the person lives in, such as Europe/Lisbon.")
    country: Text | None = Field(None, description="Whose public holidays the person has off: two capital letters, such as PT.")
    subdivision: Text | None = Field(None, description="The part of that country, where its holidays differ, such as BY in DE.")
    changes: list[ChangeEntry] | None = Field(
        None, description="What is different from which day on, the oldest first; all else here holds before the first change."
    )


class TeamFile(Shape):
    """team.yml: who is here."""

    organisation: Organisation = Field(description="The organisation and the words its people are described with.")
    managers: list[ManagerEntry] = Field(min_length=1, description="The support managers.")
    people: list[EngineerEntry] = Field(min_length=1, description="The support engineers.")


# --- goals.yml --------------------------------------------------------------------------------


class TermsEntry(Shape):
    """How much, per which period."""

    target: float = Field(ge=0, le=100_000, description="How many; 0 to reach marks a period without a goal.")
    per: Literal["week", "30 days", "month", "quarter"] = Field(
        description="Counted in the week, in the 30 days that end with it, or in its calendar month or quarter."
    )
    kind: Literal["at least", "at most", "band", "informational"] = Field(
        "at least", description="What the number is asked to be; informational is shown and never assessed."
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

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        return _ends_after_start(self, self.valid_from, self.valid_to)


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

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        return _ends_after_start(self, self.first, self.last)


class UnavailableEntry(SpanEntry):
    """Days away: dates and a fraction, never a reason."""

    fraction: float = Field(
        1.0, gt=0, le=1, description="How much of each working day, 0.5 for half days; all of it when left out."
    )


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
        AfterValidator(_distinct),
    ] = Field(description="The days worked, out of mon, tue, wed, thu, fri, sat and sun.")


class ContextFile(Shape):
    """context.yml: what clouds a week, in dates and fractions."""

    unavailable: list[UnavailableEntry] | None = Field(None, description="Days away. Dates and fractions, never reasons.")
    on_call: list[OnCallEntry] | None = Field(None, description="Days on call.")
    reduced: list[ReducedEntry] | None = Field(None, description="Days with less room for goals.")
    working_days: list[WorkingDaysEntry] | None = Field(None, description="Part time and other working weeks.")


# --- rules.yml --------------------------------------------------------------------------------


class RuleSetEntry(Shape):
    """Thresholds in force from a day on; a past week keeps the rules of its day."""

    name: Word = Field(description="The name that reports show.")
    effective_from: FirstDay = Field(description="The first day it is in force; the next rule set ends it.")
    missed_weeks_for_follow_up: int = Field(4, ge=1, le=52, description="How many missed weeks in a row ask for a talk.")
    action_plan_weeks: int = Field(2, ge=1, le=52, description="How long the plan after such a talk runs, in weeks.")
    baseline_factor: float = Field(
        0.85, gt=0, le=1, description="The ticket baseline as a share of the peers' mean per available day."
    )
    minimum_peers: int = Field(5, ge=2, le=1000, description="No baseline with fewer peers than this.")
    minimum_cases_for_rate: int = Field(20, ge=1, le=100_000, description="No rate with fewer cases than this.")
    noise_units: float = Field(1.0, ge=0, le=100, description="A gap smaller than this many units is within noise.")
    uncounted_weeks_that_reset: int = Field(2, ge=1, le=52, description="So many uncounted weeks in a row set a run back to 0.")
    follow_up_when: Literal["every_run", "beyond_chance"] = Field(
        "every_run", description="Whether every run of missed weeks asks for a follow-up, or only one beyond what chance does."
    )
    onboarding_weeks: int = Field(13, ge=0, le=104, description="How many weeks after the start date are not assessed.")
    minimum_available_days: float = Field(1.0, ge=0, le=7, description="A week with fewer available days is not assessed.")


class RulesFile(Shape):
    """rules.yml: the thresholds."""

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
    excluded_accounts: list[Username] = Field([], description="Accounts whose work is never counted, such as bots.")
    mention: Username = Field(
        "support-reports", description="The name that comments address the tool by, after an @; its own account or another word."
    )
    link_hosts: list[Host] = Field([], description="Hosts that reports may link to, besides those of the two addresses.")


class ZendeskEntry(Shape):
    """Where Zendesk is."""

    url: Url = Field(description="The address of Zendesk; https, plain http on loopback only.")


class SourcesFile(Shape):
    """sources.yml: where the facts come from; secrets come from the environment."""

    gitlab: GitlabEntry = Field(description="Where GitLab is and what is read there.")
    zendesk: ZendeskEntry = Field(description="Where Zendesk is.")


# --- reports.yml ------------------------------------------------------------------------------


class ReportEntry(Shape):
    """One report: for whom, where, and who may read it."""

    scope: Literal["each_engineer", "each_manager", "organisation", "each_follow_up"] = Field(
        alias="for", description="One issue for whom each week; each_follow_up: one whenever the rules ask for a talk."
    )
    project: ProjectTemplate = Field(description="The project the issue goes to; {username} gives each person their own.")
    title: Text = Field(description="The title, with placeholders such as {week}.")
    privacy: Literal["P0", "P1", "P2", "P3", "P4"] = Field(
        description="Who may read it: P0 anyone, P1 all members, P2 support managers, P3 engineer and manager, P4 a case."
    )
    labels: list[Label] = Field([], description="Labels of the issue.")
    confidential: bool = Field(description="Whether the issue is confidential; P3 and P4 need it, or a project per person.")


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
