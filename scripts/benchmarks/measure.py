"""All measures over the ticket events of a large organisation: time, memory, and how much longer others take for some of them."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reports.core.context import Context
from reports.core.measurements import Tallies
from reports.core.model import Coverage, GoalAgreement, GoalBook, GoalTerms, Measure, Period, RuleSet
from reports.core.people import Team
from reports.core.results import Observed, Plan, judge
from reports.core.shown_events import wanted
from reports.core.weeks import Window
from reports.measures.engine import DuckdbMeasures
from scripts.benchmarks import pandas_measures, postgres_measures, postgres_server
from scripts.benchmarks.comparisons import against_pandas, against_postgres, window_of
from scripts.benchmarks.figures import Figure
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
    """The whole in a process of its own, then ours and others in turn, whose answers must be the same.

    PostgreSQL is asked about the whole, pandas, which keeps everything in memory, about a smaller sample.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole, part = (Path(folder) / name for name in ("whole", "part"))
        History(events=events).write(whole)
        taken = in_a_process(whole, events)
        History(events=sample).write(part)
        compared = [*_with_pandas(part, History(events=sample)), *_with_postgres(whole, History(events=events))]
    size = _millions(History(events=events))
    return [
        Figure(name=f"measure: {taken.measures} measures, {size}", value=taken.measuring, unit="seconds", goal=10),
        Figure(name="measure: peak memory of that", value=taken.peak, unit="MiB", goal=2048),
        Figure(name="measure: judging 1,000 engineers and their groups", value=taken.judging, unit="seconds"),
        Figure(name=f"measure: the {taken.shown} events that reports show", value=taken.showing, unit="seconds"),
        *compared,
    ]


def _with_pandas(store: Path, history: History) -> Iterator[Figure]:
    name = f"measure: plain pandas against ours, {len(pandas_measures.QUESTIONS)} measures with reading, {_millions(history)}"
    yield Figure(name=name, value=against_pandas(store, history), unit="ratio")


def _with_postgres(store: Path, history: History) -> Iterator[Figure]:
    """How many times longer PostgreSQL takes; nothing where there is none."""
    programs = postgres_server.programs()
    if programs is None:
        sys.stderr.write("measure: PostgreSQL is not installed here, so only pandas is compared with\n")
        return
    name = f"measure: models in PostgreSQL against ours, {len(postgres_measures.questions())} measures, {_millions(history)}"
    yield Figure(name=name, value=against_postgres(programs, store, history), unit="ratio", goal=10, at_least=True)


def _millions(history: History) -> str:
    return f"{history.events / 1_000_000:g} million ticket events"


def in_a_process(store: Path, events: int) -> Taken:
    """All measures over a store of so many events, in a process of its own."""
    command = [sys.executable, "-m", "scripts.benchmarks.measure", str(store), str(events)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    return Taken(**json.loads(answer.stdout))


def all_measures(store: Path, history: History) -> Taken:
    """Measure everything, judge everybody, and read the events that reports show."""
    team = history.team()
    engine, window = DuckdbMeasures(store), window_of(history, team)
    started = time.perf_counter()
    with engine.measuring(team, window) as measuring:
        tallies = measuring.tallies()
        measured, peak = time.perf_counter(), _peak()
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


def _peak() -> float:
    """The most memory this process has had, in MiB; Linux only. `getrusage` would count its parent's, from before it began."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) / 1024


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
