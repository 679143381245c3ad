"""How many times longer others take for the questions that our measures answer; whoever says something else is not compared."""

import sys
import time
from collections.abc import Collection, Mapping
from datetime import date
from math import fsum, isclose
from pathlib import Path

from reports.core.measurements import Tallies
from reports.core.model import Aggregation
from reports.core.people import Team
from reports.core.weeks import DayRange, Window, midnight, week_window
from reports.measures.engine import DuckdbMeasures
from scripts.benchmarks import pandas_measures, postgres_measures, postgres_server
from scripts.benchmarks.pandas_measures import Answer
from scripts.benchmarks.ticket_history import History


def against_pandas(store: Path, history: History) -> float:
    """How many times longer pandas takes, reading included on both sides."""
    import pandas  # noqa: F401, PLC0415  (loaded before anybody's time runs, numpy with it)

    team = history.team()
    questions = pandas_measures.QUESTIONS
    ours, tallies = _measured(store, history, team, questions)
    started = time.perf_counter()
    facts = pandas_measures.frames(store, {one.zendesk_id or 0: one.username for one in team.engineers}, history.zone)
    answers = {name: ask(facts) for name, ask in questions.items()}
    theirs = time.perf_counter() - started
    _compare(store, history, team, answers, tallies)
    return theirs / ours


def against_postgres(programs: Path, store: Path, history: History) -> float:
    """How many times longer PostgreSQL takes, with its facts loaded and indexed before, while we read ours from files.

    We are asked before and after it, so that a slow moment hits both; the mean counts.
    """
    team = history.team()
    questions = postgres_measures.questions()
    with postgres_server.running(programs) as server:
        postgres_measures.load(server, store, history, team)
        before, tallies = _measured(store, history, team, questions)
        started = time.perf_counter()
        lines = postgres_measures.asked(server, history)
        theirs = time.perf_counter() - started
        after, _ = _measured(store, history, team, questions)
    _compare(store, history, team, postgres_measures.answers(lines), tallies)
    seconds = f"PostgreSQL {theirs:.1f} s, ours {before:.1f} s before and {after:.1f} s after it"
    sys.stderr.write(f"measure: {len(questions)} measures, {history.events / 1_000_000:g} million events: {seconds}\n")
    return theirs / ((before + after) / 2)


def window_of(history: History, team: Team) -> Window:
    """All days of a history."""
    return Window(midnight(history.first_day, team.zone), week_window(history.until, team.zone).end)


def _measured(store: Path, history: History, team: Team, asked: Collection[str]) -> tuple[float, Tallies]:
    """How many seconds we take for these measures, and what they say."""
    started = time.perf_counter()
    with DuckdbMeasures(store).measuring(team, window_of(history, team), asked) as measuring:
        tallies = measuring.tallies()
    return time.perf_counter() - started, tallies


def _compare(store: Path, history: History, team: Team, answers: Mapping[str, Answer], tallies: Tallies) -> None:
    """Refuse to compare the speed of different answers."""
    kinds = {measure.name: measure.kind for measure in DuckdbMeasures(store).catalogue()}
    if set(answers) != set(tallies.columns):
        raise AssertionError(f"answered by one side only: {sorted(set(answers) ^ set(tallies.columns))}")
    days = DayRange(history.first_day, history.until.last_day)
    for name, answer in answers.items():
        theirs = {key: found for key, found in answer.items() if date.fromisoformat(key[1]) in days}
        _compare_days(name, kinds[name], theirs, tallies)
        ours = sum(tallies.counted(engineer.username, name, days).cases for engineer in team.engineers)
        if ours != sum(cases for cases, _ in theirs.values()):
            raise AssertionError(f"{name}: we count days that the others do not")


def _compare_days(name: str, kind: Aggregation, theirs: Answer, tallies: Tallies) -> None:
    for (engineer, day), (cases, total) in theirs.items():
        on = date.fromisoformat(day)
        found = tallies.counted(engineer, name, DayRange(on, on))
        amount = float(found.cases) if kind is Aggregation.COUNT else fsum(found.amounts)
        if found.cases != cases or not isclose(amount, total, abs_tol=1e-6):
            raise AssertionError(f"{name} of {engineer} on {day}: {cases} ({total}) by them, {found.cases} ({amount}) by us")
