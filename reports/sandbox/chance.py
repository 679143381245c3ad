"""Repeatable chance: generators seeded by words, and counts and picks drawn from them; no state of its own."""

import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

Item = TypeVar("Item")


def chance(*seed: object) -> Random:
    """A generator for a subject, such as a seed, a person and a week; the same words give the same chance."""
    return Random("/".join(str(part) for part in seed))


def poisson(rng: Random, mean: float) -> int:
    """How many of many rare things happen when `mean` are expected; for small means."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def rounded(rng: Random, value: float) -> int:
    """The value rounded up or down by chance, so that it is right on average."""
    whole = math.floor(value)
    return whole + (rng.random() < value - whole)


def pick(rng: Random, items: Sequence[Item]) -> Item:
    """One of the items; faster than `Random.choice`, which matters a hundred thousand times."""
    return items[int(rng.random() * len(items))]


def between(rng: Random, low: int, high: int) -> int:
    """A whole number in [low, high)."""
    return low + int(rng.random() * (high - low))
