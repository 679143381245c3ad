"""The judged week of a whole team: everything the reports say, from counted evidence, goals, context and rules; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from reports.core.assessment import rules_in_force, verdict, week_status
from reports.core.baseline import BaselineLine, Peers, PeerWeek, baseline, peers_of
from reports.core.capacity import Capacities, said_days
from reports.core.chance import RunAndChance, run_and_chance
from reports.core.context import Context
from reports.core.gates import NO_GATES, NOT_AGREED, Gates
from reports.core.goals import goals_in_force, span_of
from reports.core.group_numbers import Counts, Group, group_numbers
from reports.core.handover import first_week_handed_over
from reports.core.judgement import AssessedWeek, Capacity, Verdict
from reports.core.measurements import Spans, Tallies
from reports.core.model import Coverage, Evidence, Goal, GoalBook, Measure, Measurement, Period, RuleSet
from reports.core.overrides import NOTHING_SAID, Overrides, overridden
from reports.core.people import Engineer, Team
from reports.core.published import PublishedWeek, PublishedWeeks, held, revised
from reports.core.rates import if_enough
from reports.core.runs import run_lengths
from reports.core.view import Contribution
from reports.core.weeks import DayRange, Week, Window, midnight, quarter_of, week_window

#: Weeks that are judged anew with each run: enough for two runs of four with pauses, and a quarter's view.
HISTORY_WEEKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What people wrote down: the team, goals, context and rules that a week is judged by."""

    team: Team
    goals: GoalBook
    context: Context
    rule_sets: tuple[RuleSet, ...]
    gates: Gates = NO_GATES

    @property
    def zone(self) -> ZoneInfo:
        """The zone that weeks are counted in."""
        return self.team.zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was gathered and measured: the catalogue, the counted evidence, how far each stream reaches, the digest."""

    measures: tuple[Measure, ...]
    tallies: Tallies
    coverage: tuple[Coverage, ...]
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineerResults:
    """One person's judged weeks, oldest first, with the value of every measure in each of them."""

    username: str
    weeks: tuple[AssessedWeek, ...]
    history: dict[str, tuple[Measurement, ...]]
    baseline: tuple[BaselineLine, ...]
    chance: RunAndChance | None
    """Whether the run is beyond chance, once it is long enough to ask for a talk; None before."""
    judged: AssessedWeek
    """The report's own week before anybody's words were laid over it: what is kept when it is published."""
    revised: tuple[AssessedWeek, ...] = ()
    """Earlier weeks that were published and read kinder or more complete by now: kept with the next publication."""
    evidence: tuple[Evidence, ...] = ()
    """The events behind the numbers of the report's own week: within each goal's span, else the week."""
    case_evidence: tuple[Evidence, ...] = ()
    """The events behind the goals of all weeks, for somebody who has a follow-up or a run that asks for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekResults:
    """The output of measuring and judging one week; enough to render every report without the store."""

    week: Week
    weeks: tuple[Week, ...]
    rules: RuleSet
    measures: tuple[Measure, ...]
    coverage: tuple[Coverage, ...]
    data_until: datetime | None
    engineers: tuple[EngineerResults, ...]
    contributions: tuple[Contribution, ...]
    organisation_measures: tuple[Measure, ...] = ()
    """What is counted of groups only, beside the `measures`, which are of people and of groups."""
    groups: tuple[Group, ...] = ()
    """Teams, regions and the whole, with every measure of both kinds in every week."""
    facts_since: date | None = None
    """The day before which events are kept no more, only their counts; None while nothing was removed."""


def evidence_window(week: Week, zone: ZoneInfo) -> Window:
    """Everything that judging a week looks at, in whole weeks: the history, the 30 days before it, the quarter it began in."""
    oldest = week.back_to(HISTORY_WEEKS)[0]
    first = min(oldest.plus(-4).first_day, quarter_of(oldest.first_day).first)
    return Window(midnight(Week.containing(first).first_day, zone), week_window(week, zone).end)


def judge(
    plan: Plan, observed: Observed, week: Week, published: PublishedWeeks | None = None, said: Overrides = NOTHING_SAID
) -> WeekResults:
    """Judge a week and the weeks before it for everyone in the team; weeks that were published stay as they were.

    What people `said` is laid over the judged weeks. The events behind the numbers are not in it yet: see `shown_events`.
    """
    context = plan.context.and_also(Context(corrections=said.corrections))
    judging = _Judging(replace(plan, context=context), observed, week, published or {}, said)
    return WeekResults(
        week=week,
        weeks=judging.weeks,
        rules=judging.rules(week),
        measures=tuple(judging.measures.values()),
        coverage=observed.coverage,
        data_until=_data_until(observed.coverage, week_window(week, plan.zone)),
        engineers=tuple(judging.engineer(e) for e in plan.team.engineers),
        contributions=observed.contributions,
        organisation_measures=tuple(measure for measure in observed.measures if not measure.is_of_people),
        facts_since=observed.tallies.facts_since,
        groups=group_numbers(plan.team, judging.weeks, judging.counts),
    )


def as_published(results: WeekResults) -> PublishedWeek:
    """What is kept of a judged week once it is published; the run is counted anew each time."""
    last = {e.username: e.judged for e in results.engineers}
    frozen = {name: replace(week, missed_run_length=0, restated=()) for name, week in last.items()}
    return PublishedWeek(week=results.week, rules=results.rules, engineers=frozen)


def as_revised(results: WeekResults, published: PublishedWeeks) -> tuple[PublishedWeek, ...]:
    """What is kept from now on of earlier weeks that were published and read otherwise by now."""
    changed = {(week.week, own.username): week for own in results.engineers for week in own.revised}
    return tuple(
        replace(kept, engineers={who: changed.get((week, who), each) for who, each in kept.engineers.items()})
        for week, kept in published.items()
        if any(week == other for other, _ in changed)
    )


def _data_until(coverage: Sequence[Coverage], window: Window) -> datetime | None:
    """The instant every stream reaches, at most the end of the week, so that running again later says the same."""
    reached = [c.until for c in coverage if c.until is not None]
    return min(window.end, *reached) if reached else None


class _Judging:
    """One judging of one week: holds what every step looks up."""

    def __init__(self, plan: Plan, observed: Observed, week: Week, published: PublishedWeeks, said: Overrides) -> None:
        self.plan = plan
        self.said = said
        self.published = published
        self.week = week
        self.weeks = week.back_to(HISTORY_WEEKS)
        self.measures = {m.name: m for m in observed.measures if m.is_of_people}
        self.people = {e.username: e for e in plan.team.engineers}
        coverage = {c.stream: c for c in observed.coverage}
        self.spans = Spans(observed.tallies, coverage, plan.zone)
        self.counts = Counts(
            measures=observed.measures, tallies=observed.tallies, coverage=coverage, rules=self.rules, is_shut=plan.gates.shut
        )
        self.judged_weeks = [(DayRange(each.first_day, each.last_day), self.rules(each)) for each in self.weeks]
        # Each person's own rows: looking through everybody's for every day would grow with the square of the team.
        self.contexts = {e.username: plan.context.of(e.username) for e in plan.team.engineers}
        self.capacities: dict[tuple[str, RuleSet], Capacities] = {}
        self.goals = plan.goals.by_person()
        self.focuses = {e.username: e.main_focus for e in plan.team.as_of(week.first_day).engineers}
        self.peers: dict[tuple[str, str], tuple[dict[str, PeerWeek], Peers]] = {}

    def engineer(self, engineer: Engineer) -> EngineerResults:
        judged = [self._week(engineer, week) for week in self.weeks]
        weeks = self._counted(engineer, [overridden(engineer.username, week, self.said) for week in judged])
        chance = self._chance(engineer, weeks)
        return EngineerResults(
            username=engineer.username,
            weeks=weeks,
            judged=judged[-1],
            revised=tuple(self._revised(engineer.username, judged[:-1])),
            history={name: self._history(engineer, m) for name, m in self.measures.items()},
            baseline=tuple(self._baseline(engineer, name) for name in self._baseline_measures()),
            chance=chance,
        )

    def _revised(self, username: str, judged: Sequence[AssessedWeek]) -> Iterator[AssessedWeek]:
        for week in judged:
            frozen = self._frozen(self.people[username], week.week)
            changed = revised(frozen, week) if frozen else None
            if changed:
                yield changed

    def _counted(self, engineer: Engineer, judged: Sequence[AssessedWeek]) -> tuple[AssessedWeek, ...]:
        """The weeks with the run after each; it begins anew after the last week that counts no more."""
        fresh_start = self._fresh_start(engineer)
        before = [week for week in judged if fresh_start is not None and week.week <= fresh_start]
        return (*self._runs(before), *self._runs(judged[len(before) :]))

    def _fresh_start(self, engineer: Engineer) -> Week | None:
        """The last week that counts no more: a follow-up of it was ended, or it lies with a former manager."""
        first = first_week_handed_over(engineer, self.week)
        ends = (self.said.fresh_starts.get(engineer.username), first.plus(-1) if first else None)
        return max((week for week in ends if week is not None), default=None)

    def _runs(self, judged: Sequence[AssessedWeek]) -> tuple[AssessedWeek, ...]:
        resets = [self.rules(week.week).uncounted_weeks_that_reset for week in judged]
        runs = run_lengths(zip((week.status for week in judged), resets, strict=True))
        return tuple(replace(week, missed_run_length=run) for week, run in zip(judged, runs, strict=True))

    def _week(self, engineer: Engineer, week: Week) -> AssessedWeek:
        """The week as it was published, if it was, else judged now."""
        frozen = self._frozen(engineer, week)
        if frozen is None:
            goals = goals_in_force(self.goals.get(engineer.username, self.plan.goals.defaults_only), engineer, week)
            known = tuple(goal for goal in goals if goal.measure in self.measures and not self._is_shut(engineer, goal, week))
            return self._judge(engineer, week, known, rules_in_force(self.plan.rule_sets, week))
        return held(frozen, self._judge(engineer, week, tuple(v.goal for v in frozen.verdicts), self.rules(week)))

    def _frozen(self, engineer: Engineer, week: Week) -> AssessedWeek | None:
        """The week as it was published; None when it was not, or when it holds what may not be measured any more."""
        published = self.published.get(week)
        frozen = published.engineers.get(engineer.username) if published else None
        if frozen is None or self.plan.gates.shut(engineer, DayRange(week.first_day, week.last_day)):
            return None
        return None if any(self._is_shut(engineer, verdict.goal, week) for verdict in frozen.verdicts) else frozen

    def _is_shut(self, engineer: Engineer, goal: Goal, week: Week) -> bool:
        """Whether some of the days that a goal counts were not agreed: it begins when all of them are."""
        return self.plan.gates.shut(engineer, span_of(goal, week), goal.measure)

    def rules(self, week: Week) -> RuleSet:
        """The rules a week was published with, else those in force then."""
        return self.published[week].rules if week in self.published else rules_in_force(self.plan.rule_sets, week)

    def _judge(self, engineer: Engineer, week: Week, goals: Sequence[Goal], rules: RuleSet) -> AssessedWeek:
        known = self._capacities_of(engineer, rules)
        capacity = known.week(week)
        if self.plan.gates.shut(engineer, DayRange(week.first_day, week.last_day)):
            capacity = replace(capacity, uncounted=NOT_AGREED)
        longer = {span_of(goal, week) for goal in goals if goal.per is not Period.WEEK}
        capacities = {span: known.span(span) for span in longer}
        verdicts = tuple(
            self._verdict(engineer, g, week, capacity if g.per is Period.WEEK else capacities[span_of(g, week)], rules)
            for g in goals
        )
        return AssessedWeek(
            week=week,
            rule_set=rules.name,
            capacity=capacity,
            verdicts=verdicts,
            status=week_status(capacity, verdicts),
            missed_run_length=0,
            said_days=said_days(engineer, week, self.contexts[engineer.username]),
        )

    def _verdict(self, engineer: Engineer, goal: Goal, week: Week, capacity: Capacity, rules: RuleSet) -> Verdict:
        measure = self.measures.get(goal.measure)
        if measure is None:
            return verdict(goal, week, capacity, Measurement(value=None, missing=f"the measure {goal.measure} is gone"), rules)
        return verdict(goal, week, capacity, self._measure(engineer, measure, span_of(goal, week), rules), rules)

    def _measure(self, engineer: Engineer, measure: Measure, days: DayRange, rules: RuleSet) -> Measurement:
        if self.plan.gates.shut(engineer, days, measure.name):
            return Measurement(value=None, missing=NOT_AGREED, kind=measure.kind)
        return if_enough(self.spans.measured(measure, engineer, days), rules.minimum_cases_for_rate)

    def _history(self, engineer: Engineer, measure: Measure) -> tuple[Measurement, ...]:
        return tuple(self._measure(engineer, measure, days, rules) for days, rules in self.judged_weeks)

    def _chance(self, engineer: Engineer, weeks: Sequence[AssessedWeek]) -> RunAndChance | None:
        fresh_start = self._fresh_start(engineer)
        if fresh_start is not None and self.week <= fresh_start:
            return None  # a follow-up of this run was ended
        length = weeks[-1].missed_run_length
        needed = self.rules(self.week).missed_weeks_for_follow_up
        return run_and_chance(weeks, length) if length >= needed else None

    def _baseline_measures(self) -> list[str]:
        rules = rules_in_force(self.plan.rule_sets, self.week)
        return [name for name in rules.baseline_measures if name in self.measures and self.measures[name].kind.adds_up]

    def _baseline(self, engineer: Engineer, name: str) -> BaselineLine:
        weeks, peers = self._peers(self.focuses[engineer.username], name)
        return baseline(name, weeks[engineer.username], peers, rules_in_force(self.plan.rule_sets, self.week))

    def _peers(self, focus: str, name: str) -> tuple[Mapping[str, PeerWeek], Peers]:
        """What everybody of a focus did of a measure this week, looked up once for all of them."""
        if (focus, name) not in self.peers:
            group = [e for e in self.plan.team.engineers if self.focuses[e.username] == focus]
            weeks = {e.username: self._peer(e, name) for e in group}
            self.peers[focus, name] = weeks, peers_of(weeks.values())
        return self.peers[focus, name]

    def _peer(self, engineer: Engineer, name: str) -> PeerWeek:
        rules = rules_in_force(self.plan.rule_sets, self.week)
        days = DayRange(self.week.first_day, self.week.last_day)
        return PeerWeek(
            username=engineer.username,
            capacity=self._capacity(engineer, rules),
            measurement=self._measure(engineer, self.measures[name], days, rules),
        )

    def _capacity(self, engineer: Engineer, rules: RuleSet) -> Capacity:
        """The capacity of the report's own week as it was published, so that one page never knows two; else that of today."""
        frozen = self._frozen(engineer, self.week)
        if frozen is not None and not frozen.capacity.unknown:
            return frozen.capacity
        return self._capacities_of(engineer, rules).week(self.week)

    def _capacities_of(self, engineer: Engineer, rules: RuleSet) -> Capacities:
        asked = engineer.username, rules
        if asked not in self.capacities:
            self.capacities[asked] = Capacities(engineer, self.contexts[engineer.username], rules)
        return self.capacities[asked]
