"""The figures of docs/fairness.md: they must be those of the bench and keep its goals."""

import re
from pathlib import Path

import pytest

from scripts.benchmarks.fairness import PEOPLE, measure

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fairness.md"


def rows() -> list[tuple[float, ...]]:
    table = PAGE.read_text(encoding="utf-8").split("<!-- the figures")[1].split("\n- *The plain")[0]
    return [tuple(map(float, match)) for match in re.findall(r"\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|\n", table)]


def test_page__says_what_the_bench_measures() -> None:
    values = [figure.value for figure in measure(PEOPLE)]
    measured = [tuple(values[start : start + 3]) for start in range(0, len(values), 3)]

    assert len(rows()) == len(measured) == 7
    for said, found in zip(rows(), measured, strict=True):
        assert said == pytest.approx(found, rel=0.02, abs=0.05)
