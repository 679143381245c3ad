"""The story behind one number, as plain text: the rows, the formula, the capacity, the goal and the verdict."""

from collections.abc import Iterator
from datetime import date

from reports.core.judgement import AssessedWeek, Capacity, Verdict
from reports.core.model import Aggregation, Evidence, Goal, GoalKind, Measure, Measurement
from reports.core.plain_text import cleaned, for_terminal
from reports.core.results import WeekResults
from reports.errors import UsageError


def explanation(results: WeekResults, person: str, measure_name: str) -> str:
    """Everything that led to one person's number in the week that was judged; UsageError names what is not known."""
    measures = {m.name: m for m in results.measures}
    people = {e.username: e for e in results.engineers}
    if person not in people:
        raise UsageError(f"nobody in config/team.yml is {person!r}", f"known: {', '.join(sorted(people))}")
    if measure_name not in measures:
        raise UsageError(f"there is no measure {measure_name!r}", f"known: {', '.join(sorted(measures))}")
    own, measure = people[person], measures[measure_name]
    rows = [row for row in own.evidence if row.measure == measure_name]
    week = own.weeks[-1]
    verdict = next((v for v in week.verdicts if v.goal.measure == measure_name), None)
    first_day = verdict.capacity.days.first if verdict else results.week.first_day
    since = results.facts_since if results.facts_since is not None and first_day < results.facts_since else None
    parts = [
        _heading(person, week, measure),
        _rows(rows, since),
        _formula(measure, verdict.measurement if verdict else own.history[measure_name][-1], _of_rows(rows, since)),
        _week_capacity(week, verdict),
        _verdict(verdict, week),
    ]
    return for_terminal("\n\n".join("\n".join(part) for part in parts) + "\n")


def _heading(person: str, week: AssessedWeek, measure: Measure) -> Iterator[str]:
    yield f"{measure.title} of {person} in {week.week} ({week.week.first_day} to {week.week.last_day})"
    yield f"  {measure.definition}"
    yield f"  source: {measure.source}; unit: {measure.unit}; privacy: {measure.privacy}"


def _rows(rows: list[Evidence], since: date | None) -> Iterator[str]:
    yield f"Evidence: {len(rows)} rows" if rows else "Evidence: no rows"
    if since is not None:
        yield f"  events before {since} are kept no more; the value counts them"
    for row in rows:
        yield f"  {row.at:%Y-%m-%d %H:%M} UTC  {row.value:g}  {row.url}  {cleaned(row.note)}"


def _of_rows(rows: list[Evidence], since: date | None) -> str:
    return f"{len(rows)} rows" if since is None else f"{len(rows)} rows and what was counted before {since}"


def _formula(measure: Measure, measurement: Measurement, rows: str) -> Iterator[str]:
    if measurement.is_missing:
        yield f"Value: no data ({measurement.missing})"
    elif measurement.value is None:
        yield f"Value: none, since {measurement.cases} cases are too few for a {measure.kind}"
    elif measure.kind is Aggregation.RATIO:
        share = f"100 * {measurement.holding} rows that hold / {measurement.cases} rows"
        yield f"Value: ratio = {share} = {measurement.value:g} percent of {measure.unit}, in whole percents"
        yield f"  {_chance(measurement, 'Wilson interval')}"
    else:
        yield f"Value: {measure.kind} of {rows} = {measurement.value:g} {measure.unit}"
        if not measure.kind.adds_up:
            yield f"  {_chance(measurement, 'between two of the ordered values')}"


def _chance(measurement: Measurement, how: str) -> str:
    within = measurement.interval
    if within is None:
        return "too few rows to know what chance alone gives, so it is never not_met"
    given = f"chance alone gives {within.low:g} to {within.high:g} (95 %, {how})"
    return f"{given}; not_met only when all of that misses the goal, and a band never"


def _week_capacity(week: AssessedWeek, verdict: Verdict | None) -> Iterator[str]:
    yield from _capacity(week.capacity)
    if week.said_days is not None and week.said_days != week.capacity.available_days:
        yield f"  by their own word since it was published: {week.said_days:g}; what that changes counts only in their favour"
    if verdict is not None and verdict.capacity.days != week.capacity.days:
        span = verdict.capacity.days
        yield f"Capacity of the goal, {span.first} to {span.last}: {_days_sum(verdict.capacity)}"


def _capacity(capacity: Capacity) -> Iterator[str]:
    yield f"Capacity of the week: {_days_sum(capacity)}, of {capacity.full_time_days:g} for full time"
    if capacity.on_call_days:
        yield f"  on call on {_counted(capacity.on_call_days, 'day')}, rotation {', '.join(capacity.rotations)}"
    if capacity.labels:
        yield f"  not counted for: {', '.join(capacity.labels)}"
    if capacity.unknown:
        yield f"  not known: {capacity.unknown}"
    if capacity.uncounted:
        yield f"  the week is not assessed: {capacity.uncounted}"


def _days_sum(capacity: Capacity) -> str:
    """How the available days came about: `5 working days - 1 away = 4 available`."""
    taken = (
        (capacity.holiday_days, "public holiday" if capacity.holiday_days == 1 else "public holidays"),
        (capacity.unavailable_days, "away"),
        (capacity.training_days, "training"),
        (capacity.reduced_days, "not counted"),
        (capacity.on_call_week_days, "in a week on call"),
        (capacity.after_on_call_days, "in the week after on-call"),
        (capacity.onboarding_days, "in onboarding"),
        (capacity.ramp_days, "less while new"),
        (-capacity.corrected_days, "by their own word"),
    )
    terms = "".join(f" {'-' if value > 0 else '+'} {abs(value):g} {name}" for value, name in taken if value)
    return f"{_counted(capacity.working_days, 'working day')}{terms} = {capacity.available_days:g} available"


def _counted(value: float, noun: str) -> str:
    return f"{value:g} {noun}" if value == 1 else f"{value:g} {noun}s"


def _verdict(verdict: Verdict | None, week: AssessedWeek) -> Iterator[str]:
    if verdict is None:
        yield "Goal: none; the number is shown for information"
        return
    goal = verdict.goal
    agreed = f"agreed by {' and '.join(goal.agreed_by)}, in force since {goal.agreed_on}" if not goal.is_draft else "a draft"
    yield f"Goal: {_asked(goal)} per {goal.per} ({agreed})"
    if verdict.measurement.kind.adds_up:
        yield f"Target for the days available: {verdict.target:g}"
    else:
        yield f"Target, which days do not change: {verdict.target:g}"
    yield f"Verdict: {verdict.status}" + (f" ({verdict.reason})" if verdict.reason else "")
    for change in week.restated:
        if change.measure == goal.measure:
            old = f"{_figure(change.published)} of {change.published_target:g}"
            yield f"Changed since it was published: {old}, now {_figure(change.now)} of {change.target_now:g}"
    yield f"Rules: {week.rule_set}; run of missed weeks after this one: {week.missed_run_length}"


def _asked(goal: Goal) -> str:
    if goal.kind is GoalKind.AT_MOST:
        return f"at most {goal.target:g}"
    return f"{goal.target:g} to {goal.upper:g}" if goal.upper is not None else f"{goal.target:g}"


def _figure(measurement: Measurement) -> str:
    if measurement.is_missing:
        return "no data"
    cases = "" if measurement.cases is None else f" ({measurement.cases} cases)"
    return f"{'too few' if measurement.value is None else f'{measurement.value:g}'}{cases}"
