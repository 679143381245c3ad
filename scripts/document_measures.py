"""Writes docs/measures.md from the headers of the measures' SQL files, so that the page cannot say anything else than they do."""

from collections.abc import Iterator
from pathlib import Path

from reports.core.model import Aggregation, Measure
from reports.measures.registry import read_measures

PAGE = Path(__file__).resolve().parent.parent / "docs" / "measures.md"

_INTRODUCTION = """\
# Measures

What is counted, from where, and who may see it. This page is written by `scripts/document-measures` from the headers of
the files in `reports/measures/`: a measure is one SQL file there, and nothing else. Each selects the events behind its
number, and `support-reports explain PERSON WEEK MEASURE` shows them.

*More* as direction means that more is better when a goal is agreed on it, *less* that less is; *none* means that neither
is: the number is context, or at most a share that belongs into a band. A share is the percentage of cases that hold; a share
or a median is given only with enough cases, and with the range that chance alone gives it.

Privacy: P0 anyone, P1 everybody in the company, P2 support managers, P3 the engineer and their manager.
"""

_KINDS = {
    Aggregation.COUNT: "a count of",
    Aggregation.SUM: "a sum of",
    Aggregation.RATIO: "a share of",
    Aggregation.MEDIAN: "a median in",
    Aggregation.P90: "a 90th percentile in",
}


def page() -> str:
    """The whole page."""
    measures = sorted((file.measure for file in read_measures()), key=lambda measure: measure.title)
    return "\n".join([_INTRODUCTION, *_overview(measures), "", *(line for m in measures for line in _section(m))])


def _overview(measures: list[Measure]) -> Iterator[str]:
    yield "| measure | title | unit | direction | privacy |"
    yield "| --- | --- | --- | --- | --- |"
    for m in measures:
        yield f"| [`{m.name}`](#{m.name}) | {m.title} | {m.unit} | {m.direction} | {m.privacy} |"


def _section(measure: Measure) -> Iterator[str]:
    yield f"## {measure.name}"
    yield ""
    yield f"**{measure.title}**, {_KINDS[measure.kind]} {measure.unit}. {measure.definition}"
    yield ""
    yield f"Source: {measure.source} (streams: {', '.join(f'`{stream}`' for stream in measure.streams)})."
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
