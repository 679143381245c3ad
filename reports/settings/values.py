"""What the six files come to: the values the rest of the tool works with; built from checked shapes, checking nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest

from reports.core.context import Context, Correction, OnCall, Reduced, Unavailable, WorkingDays
from reports.core.gates import NO_GATES, Gate, Gates
from reports.core.model import (
    DefaultGoals,
    GoalAgreement,
    GoalBook,
    GoalKind,
    GoalTerms,
    Period,
    Privacy,
    RampStep,
    ReportDefinition,
    RuleSet,
)
from reports.core.people import Engineer, Focus, Manager, Role, Team
from reports.core.retention import DEFAULT_RETENTION, Retention
from reports.core.weeks import DayRange, Week
from reports.settings.queue_values import QueueSettings, queues_of
from reports.settings.schema import (
    AgreementEntry,
    ContextFile,
    GateEntry,
    GoalsFile,
    ReportEntry,
    ReportsFile,
    RuleSetEntry,
    RulesFile,
    SourcesFile,
    SpanEntry,
    TermsEntry,
)
from reports.settings.shape import WEEKDAYS
from reports.settings.team_schema import ChangeEntry, EngineerEntry, FocusEntry, Organisation, TeamFile


@dataclass(frozen=True, slots=True, kw_only=True)
class GitlabSource:
    """Where GitLab is and what is read there; `link_hosts` are the further hosts that reports may link to.

    `queues` is None for an organisation that names none. `user_events`: whether everything that people did is read.
    """

    url: str
    product_group: str
    handbook_projects: tuple[str, ...]
    training_projects: tuple[str, ...]
    pairing_projects: tuple[str, ...]
    excluded_accounts: tuple[str, ...]
    link_hosts: tuple[str, ...]
    mention: str
    queues: QueueSettings | None
    user_events: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ZendeskSource:
    """Where Zendesk is, and what the organisation has made of it; an empty `schedule` stands for the oldest one."""

    url: str
    next_update_field: int | None = None
    escalation_tags: tuple[str, ...] = ()
    schedule: str = ""
    bots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveCalendarsSource:
    """The environment variable that names the file with everybody's feed, whose addresses are secrets."""

    addresses_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerdutySource:
    """Where PagerDuty is, and its schedules: id to rotation."""

    url: str
    schedules: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the facts come from; calendars and PagerDuty only where they are named."""

    gitlab: GitlabSource
    zendesk: ZendeskSource
    leave_calendars: LeaveCalendarsSource | None = None
    pagerduty: PagerdutySource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that `config/` says; the time zone of the weeks is the team's, rule sets are sorted by their first day."""

    team: Team
    goals: GoalBook
    context: Context
    rule_sets: tuple[RuleSet, ...]
    sources: Sources
    reports: tuple[ReportDefinition, ...]
    gates: Gates = NO_GATES
    retention: Retention = DEFAULT_RETENTION


def team_of(file: TeamFile) -> Team:
    """The people; engineers and managers by username."""
    managers = [Manager(**entry.model_dump()) for entry in file.managers]
    return Team(
        name=file.organisation.name,
        time_zone=file.organisation.time_zone,
        engineers=tuple(sorted(map(engineer_of, file.people), key=lambda engineer: engineer.username)),
        managers=tuple(sorted(managers, key=lambda manager: manager.username)),
    )


def engineer_of(entry: EngineerEntry) -> Engineer:
    """A person with every change of their role."""
    tuples = {
        "focuses": _focuses(entry.focuses),
        "changes": tuple(_roles(entry, entry.changes or ())),
        "other_usernames": tuple(entry.other_usernames),
        "other_zendesk_ids": tuple(entry.other_zendesk_ids),
    }
    return Engineer(**{**entry.model_dump(), **tuples})


def _focuses(entries: Sequence[FocusEntry]) -> tuple[Focus, ...]:
    return tuple(Focus(name=focus.name, percentage=focus.percentage) for focus in entries)


def _roles(person: EngineerEntry, changes: Sequence[ChangeEntry]) -> Iterator[Role]:
    """The whole role after each change; the part of a country goes with the country."""
    role = Role(
        since=person.start_date,
        level=person.level,
        region=person.region,
        focuses=_focuses(person.focuses),
        reports_to=person.reports_to,
        time_zone=person.time_zone,
        country=person.country,
        subdivision=person.subdivision,
        entity=person.entity,
    )
    for change in changes:
        role = replace(
            role,
            since=change.valid_from,
            level=change.level or role.level,
            region=change.region or role.region,
            focuses=_focuses(change.focuses) if change.focuses else role.focuses,
            reports_to=change.reports_to or role.reports_to,
            time_zone=change.time_zone or role.time_zone,
            country=change.country or role.country,
            subdivision=change.subdivision or (None if change.country else role.subdivision),
            entity=change.entity or role.entity,
        )
        yield role


def goals_of(file: GoalsFile) -> GoalBook:
    """The goals; an agreement without a last day ends on the day before the person's next one."""
    defaults = tuple(
        DefaultGoals(level=row.when.level, focus=row.when.focus, region=row.when.region, goals=_terms(row.goals))
        for row in file.defaults
    )
    agreements = [agreement for who, rows in sorted(file.people.items()) for agreement in _agreements(who, rows)]
    return GoalBook(defaults=defaults, agreements=tuple(agreements))


def _agreements(who: str, rows: Sequence[AgreementEntry]) -> list[GoalAgreement]:
    ordered = sorted(rows, key=lambda row: row.valid_from)
    return [
        GoalAgreement(
            who=who,
            valid_from=row.valid_from,
            valid_to=row.valid_to or (following.valid_from - timedelta(days=1) if following else None),
            agreed_by=tuple(row.agreed_by),
            goals=_terms(row.goals),
        )
        for row, following in zip_longest(ordered, ordered[1:])
    ]


def _terms(goals: Mapping[str, TermsEntry]) -> tuple[GoalTerms, ...]:
    return tuple(
        GoalTerms(measure=name, target=entry.target, per=Period(entry.per), kind=GoalKind(entry.kind), upper=entry.upper)
        for name, entry in goals.items()
    )


def context_of(file: ContextFile) -> Context:
    """What clouds a week, in the order of the file."""
    return Context(
        unavailable=tuple(Unavailable(who=row.who, days=_days(row), fraction=row.fraction) for row in file.unavailable or ()),
        on_call=tuple(OnCall(who=row.who, days=_days(row), rotation=row.rotation) for row in file.on_call or ()),
        reduced=tuple(Reduced(who=row.who, days=_days(row), factor=row.factor, label=row.label) for row in file.reduced or ()),
        working_days=tuple(
            WorkingDays(who=row.who, valid_from=row.valid_from, weekdays=frozenset(map(WEEKDAYS.index, row.days)))
            for row in file.working_days or ()
        ),
        training=tuple(Unavailable(who=row.who, days=_days(row), fraction=row.fraction) for row in file.training or ()),
        corrections=tuple(
            Correction(who=row.who, week=Week.parse(row.week), available_days=row.available_days)
            for row in file.corrections or ()
        ),
    )


def _days(row: SpanEntry) -> DayRange:
    return DayRange(row.first, row.last)


def rule_sets_of(file: RulesFile) -> tuple[RuleSet, ...]:
    """The rule sets by the day they come into force."""
    rule_sets = [_rule_set(entry) for entry in file.rule_sets]
    return tuple(sorted(rule_sets, key=lambda rule_set: rule_set.effective_from))


def _rule_set(entry: RuleSetEntry) -> RuleSet:
    ramp = tuple(RampStep(until_month=step.until_month, share=step.share) for step in entry.onboarding_ramp)
    lists = {"baseline_measures": tuple(entry.baseline_measures), "onboarding_ramp": ramp}
    return RuleSet(**{**entry.model_dump(), **lists})


def gates_of(file: RulesFile) -> Gates:
    """The gates in the order of the file."""
    return Gates(rows=tuple(_gate(entry) for entry in file.gates or ()))


def _gate(entry: GateEntry) -> Gate:
    agreed = entry.agreed
    return Gate(
        entity=entry.entity,
        team=entry.team,
        person=entry.person,
        measure=entry.measure,
        agreed_from=agreed.valid_from if agreed else None,
        agreed_to=agreed.valid_to if agreed else None,
        agreed_with=agreed.agreed_with if agreed else "",
    )


def retention_of(file: RulesFile) -> Retention:
    """How long anything is kept."""
    asked = file.retention
    if asked is None:
        return DEFAULT_RETENTION
    return Retention(raw_fact_days=asked.raw_fact_days, weekly_result_weeks=asked.weekly_result_weeks)


def sources_of(file: SourcesFile, organisation: Organisation) -> Sources:
    """Where the facts come from; the organisation fills in what its queues leave out."""
    gitlab, zendesk, calendars, pager = file.gitlab, file.zendesk, file.leave_calendars, file.pagerduty
    return Sources(
        gitlab=GitlabSource(
            url=gitlab.url,
            product_group=gitlab.product_group,
            handbook_projects=tuple(gitlab.handbook_projects),
            training_projects=tuple(gitlab.training_projects),
            pairing_projects=tuple(gitlab.pairing_projects),
            excluded_accounts=tuple(gitlab.excluded_accounts),
            link_hosts=tuple(gitlab.link_hosts),
            mention=gitlab.mention,
            queues=queues_of(gitlab.queues, organisation.regions, organisation.time_zone) if gitlab.queues else None,
            user_events=gitlab.user_events,
        ),
        zendesk=ZendeskSource(
            url=zendesk.url,
            next_update_field=zendesk.next_update_field,
            escalation_tags=tuple(zendesk.escalation_tags),
            schedule=zendesk.schedule or "",
            bots=tuple(zendesk.bots),
        ),
        leave_calendars=LeaveCalendarsSource(addresses_from=calendars.addresses_from) if calendars else None,
        pagerduty=PagerdutySource(url=pager.url, schedules={s.id: s.rotation for s in pager.schedules}) if pager else None,
    )


def reports_of(file: ReportsFile) -> tuple[ReportDefinition, ...]:
    """The reports in the order of the file."""
    return tuple(
        ReportDefinition(
            name=name,
            scope=entry.scope,
            project=entry.project,
            title=entry.title,
            privacy=Privacy(entry.privacy),
            labels=tuple(entry.labels),
            confidential=entry.confidential,
            links_leave_traces=_leaves_traces(entry),
            close_after_weeks=entry.close_after_weeks,
        )
        for name, entry in file.reports.items()
    )


def _leaves_traces(entry: ReportEntry) -> bool:
    """What the report says, or else whether it is for more people than those whom it is about."""
    return entry.privacy not in ("P3", "P4") if entry.links_leave_traces is None else entry.links_leave_traces
