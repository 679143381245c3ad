"""All measures over the ticket events of a large organisation: time, memory, and how long plain pandas takes for some of them."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from math import fsum, isclose
from pathlib import Path

from reports.core.context import Context
from reports.core.measurements import Tallies
from reports.core.model import Aggregation, Coverage, GoalAgreement, GoalBook, GoalTerms, Measure, Period, RuleSet
from reports.core.people import Team
from reports.core.results import Observed, Plan, judge
from reports.core.shown_events import wanted
from reports.core.weeks import DayRange, Window, midnight, week_window
from reports.measures.engine import DuckdbMeasures
from scripts.benchmarks.figures import Figure
from scripts.benchmarks.pandas_measures import QUESTIONS, Answer, frames
from scripts.benchmarks.ticket_history import History

EVENTS, SAMPLE = 10_000_000, 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a run of all measures took, in seconds and MiB; the judging and the events of a report are beside the goal."""

    measures: int
    measuring: float
    peak: float
    judging: float
    showing: float
    shown: int


def measure(events: int = EVENTS, sample: int = SAMPLE) -> list[Figure]:
    """The whole in a process of its own, then ours and pandas in turn on a smaller sample, whose answers must be the same."""
    with tempfile.TemporaryDirectory() as folder:
        whole, part = (Path(folder) / name for name in ("whole", "part"))
        History(events=events).write(whole)
        taken = _in_a_process(whole, events)
        History(events=sample).write(part)
        ratio = against_pandas(part, History(events=sample))
    size = f"{events / 1_000_000:g} million ticket events"
    return [
        Figure(name=f"measure: {taken.measures} measures, {size}", value=taken.measuring, unit="seconds", goal=10),
        Figure(name="measure: peak memory of that", value=taken.peak, unit="MiB", goal=2048),
        Figure(name="measure: judging 1,000 engineers and their groups", value=taken.judging, unit="seconds"),
        Figure(name=f"measure: the {taken.shown} events that reports show", value=taken.showing, unit="seconds"),
        Figure(
            name=f"measure: plain pandas against ours, {len(QUESTIONS)} measures with reading, {sample / 1_000_000:g} million",
            value=ratio,
            unit="ratio",
            goal=10,
            at_least=True,
        ),
    ]


def _in_a_process(store: Path, events: int) -> Taken:
    command = [sys.executable, "-m", "scripts.benchmarks.measure", str(store), str(events)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    return Taken(**json.loads(answer.stdout))


def against_pandas(store: Path, history: History) -> float:
    """How many times longer pandas takes than we do for the same measures from the same files; both must say the same."""
    import pandas  # noqa: F401, PLC0415  (loaded before anybody's time runs, numpy with it)

    team = history.team()
    engine = DuckdbMeasures(store)
    started = time.perf_counter()
    with engine.measuring(team, window_of(history, team), QUESTIONS) as measuring:
        tallies = measuring.tallies()
    ours = time.perf_counter() - started
    started = time.perf_counter()
    facts = frames(store, {engineer.zendesk_id or 0: engineer.username for engineer in team.engineers}, history.zone)
    answers = {name: ask(facts) for name, ask in QUESTIONS.items()}
    theirs = time.perf_counter() - started
    kinds = {measure.name: measure.kind for measure in engine.catalogue()}
    for name, answer in answers.items():
        _compare(name, kinds[name], answer, tallies, history)
    return theirs / ours


def _compare(name: str, kind: Aggregation, theirs: Answer, tallies: Tallies, history: History) -> None:
    """Refuse to compare the speed of different answers."""
    days = DayRange(history.first_day, history.until.last_day)
    for (engineer, day), (cases, total) in theirs.items():
        on = date.fromisoformat(day)
        found = tallies.counted(engineer, name, DayRange(on, on))
        amount = float(found.cases) if kind is Aggregation.COUNT else fsum(found.amounts)
        if on in days and (found.cases != cases or not isclose(amount, total, abs_tol=1e-6)):
            raise AssertionError(f"{name} of {engineer} on {day}: {cases} ({total}) by pandas, {found.cases} ({amount}) by us")
    known = {engineer for engineer, _ in theirs}
    ours = sum(tallies.counted(engineer, name, days).cases for engineer in known)
    if ours != sum(cases for (_, day), (cases, _) in theirs.items() if date.fromisoformat(day) in days):
        raise AssertionError(f"{name}: we count days that pandas does not")


def window_of(history: History, team: Team) -> Window:
    """From the first day of a history to the end of its last week."""
    return Window(midnight(history.first_day, team.zone), week_window(history.until, team.zone).end)


def all_measures(store: Path, history: History) -> Taken:
    """Measure everything, judge everybody, and read the events that reports show."""
    team = history.team()
    engine, window = DuckdbMeasures(store), window_of(history, team)
    started = time.perf_counter()
    with engine.measuring(team, window) as measuring:
        tallies = measuring.tallies()
        measured, peak = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        results = judge(_plan(team), _observed(engine.catalogue(), tallies, window), history.until)
        judged = time.perf_counter()
        shown = measuring.evidence(wanted(results, ()))
    return Taken(
        measures=len(engine.catalogue()),
        measuring=measured - started,
        peak=peak,
        judging=judged - measured,
        showing=time.perf_counter() - judged,
        shown=len(shown),
    )


def _plan(team: Team) -> Plan:
    """Everybody agreed on five new tickets a week."""
    agreements = [
        GoalAgreement(
            who=engineer.username,
            valid_from=engineer.start_date,
            valid_to=None,
            agreed_by=(engineer.username, engineer.reports_to),
            goals=(GoalTerms(measure="new_tickets", target=5, per=Period.WEEK),),
        )
        for engineer in team.engineers
    ]
    rules = RuleSet(name="handbook", effective_from=date(2023, 1, 1))
    return Plan(team=team, goals=GoalBook(defaults=(), agreements=tuple(agreements)), context=Context(), rule_sets=(rules,))


def _observed(measures: tuple[Measure, ...], tallies: Tallies, window: Window) -> Observed:
    streams = sorted({stream for one in measures for stream in one.streams})
    coverage = tuple(Coverage(stream=stream, since=window.start, until=window.end) for stream in streams)
    return Observed(measures=measures, tallies=tallies, coverage=coverage, contributions=())


if __name__ == "__main__":
    taken = all_measures(Path(sys.argv[1]), History(events=int(sys.argv[2])))
    sys.stdout.write(json.dumps({name: getattr(taken, name) for name in Taken.__slots__}))
