"""What chance does to a weekly goal: how often each rule follows up simulated people who work well, or notices who does not.

One goal of five a week, counts that scatter as Poisson counts do, 52 weeks, 40,000 people. The rules are those of
`reports.core`: a week is missed when `below` says so, and a total is beyond chance when `largest_total_beyond` says so.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from reports.core.assessment import below
from reports.core.chance import largest_total_beyond
from reports.core.judgement import Status
from scripts.benchmarks.figures import Figure

PEOPLE, WEEKS, GOAL, RUN, SOON = 40_000, 52, 5.0, 4, 13
SEED = 20261116
ABOVE, AT, HALF = 1.2, 1.0, 0.5

Counts = NDArray[np.int64]
Alarms = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to notice: its name, the target of the week, and how far below it is still noise."""

    name: str
    target: float = GOAL
    noise_units: float = 0.0
    beyond_chance: bool = False


PLAIN = Rule("plain")
NOISE = Rule("with the noise band", noise_units=1.0)
BEYOND = Rule("beyond chance", noise_units=1.0, beyond_chance=True)
SHORT_WEEK = 4.5
RULES = (PLAIN, NOISE, BEYOND)
SHORT = tuple(Rule(f"{r.name}, 4.5 days", SHORT_WEEK, r.noise_units, r.beyond_chance) for r in RULES)


def measure(people: int = PEOPLE) -> list[Figure]:
    """Every rule at every rate, with the likelihood-ratio detector as the bound of what is possible."""
    figures = [figure for rule in (*RULES, *SHORT) for figure in _figures(rule, people)]
    noticed = _noticed_soon(alarms(BEYOND, counts(HALF, people)))
    return [*figures, *_bound(noticed, people)]


def _figures(rule: Rule, people: int) -> list[Figure]:
    scale = rule.target / GOAL
    judged = rule is BEYOND
    return [
        Figure(
            name=f"fairness: {rule.name}: false runs at {ABOVE:g} times the goal",
            value=per_100_years(alarms(rule, counts(ABOVE * scale, people))),
            unit="per 100 person-years",
            goal=1.0 if judged else None,
        ),
        Figure(
            name=f"fairness: {rule.name}: runs at the goal itself",
            value=per_100_years(alarms(rule, counts(AT * scale, people))),
            unit="per 100 person-years",
        ),
        Figure(
            name=f"fairness: {rule.name}: half the goal noticed within {SOON} weeks",
            value=_noticed_soon(alarms(rule, counts(HALF * scale, people))),
            unit="share of people",
            goal=0.85 if judged else None,
            at_least=judged,
        ),
    ]


@cache
def counts(rate: float, people: int) -> Counts:
    """Weekly counts of people whose true rate is so many times the goal; the same for every rule."""
    return np.random.default_rng([SEED, round(rate * 1000)]).poisson(GOAL * rate, size=(people, WEEKS))


def alarms(rule: Rule, seen: Counts) -> Alarms:
    """Where a run of missed weeks makes the rule speak, once per run; a total is that of the whole run so far."""
    missed = _missed(rule, seen)
    limits = np.asarray([largest_total_beyond(rule.target * length) for length in range(WEEKS + 1)])
    length, total = (np.zeros(len(seen), dtype=np.int64) for _ in range(2))
    spoken = np.zeros(len(seen), dtype=bool)
    found = np.zeros(seen.shape, dtype=bool)
    for week in range(seen.shape[1]):
        length = np.where(missed[:, week], length + 1, 0)
        total = np.where(missed[:, week], total + seen[:, week], 0)
        spoken &= length > 0
        speaks = (length >= RUN) & ~spoken
        if rule.beyond_chance:
            speaks &= total <= limits[length]
        found[:, week] = speaks
        spoken |= speaks
    return found


def _missed(rule: Rule, seen: Counts) -> Alarms:
    table = [below(float(count), rule.target, rule.noise_units) is Status.NOT_MET for count in range(int(seen.max()) + 1)]
    return np.asarray(table, dtype=bool)[seen]


def per_100_years(found: Alarms) -> float:
    """How often a rule spoke, per 100 people and year."""
    return int(np.count_nonzero(found)) / found.size * 52 * 100


def _noticed_soon(found: Alarms) -> float:
    return int(np.count_nonzero(found[:, :SOON].any(axis=1))) / len(found)


# --- the bound --------------------------------------------------------------------------------------


def _bound(noticed: float, people: int) -> list[Figure]:
    """The likelihood-ratio detector, set to notice as many at half the goal as `beyond chance` does."""
    threshold = _threshold(noticed, counts(HALF, people))
    return [
        Figure(
            name=f"fairness: likelihood ratio (bound): false runs at {rate:g} times the goal",
            value=per_100_years(_likelihood_alarms(counts(rate, people), threshold)),
            unit="per 100 person-years",
        )
        for rate in (ABOVE, AT)
    ] + [
        Figure(
            name=f"fairness: likelihood ratio (bound): half the goal noticed within {SOON} weeks",
            value=_noticed_soon(_likelihood_alarms(counts(HALF, people), threshold)),
            unit="share of people",
        )
    ]


def _likelihood_alarms(seen: Counts, threshold: float) -> Alarms:
    """CUSUM of the log likelihood ratio of half the goal against the goal; begins anew after it spoke."""
    steps = GOAL * (1 - HALF) + seen * np.log(HALF)
    score = np.zeros(len(seen))
    found = np.zeros(seen.shape, dtype=bool)
    for week in range(seen.shape[1]):
        score = np.maximum(0.0, score + steps[:, week])
        found[:, week] = score >= threshold
        score[found[:, week]] = 0.0
    return found


def _threshold(noticed: float, seen: Counts) -> float:
    """The threshold at which so many people are noticed soon, by halving."""
    low, high = 0.0, 40.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if _noticed_soon(_likelihood_alarms(seen, middle)) >= noticed else (low, middle)
    return low
