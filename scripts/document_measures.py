"""Writes docs/measures.md from the headers of the measures' SQL files, so that the page cannot say anything else than they do."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from reports.core.model import Aggregation, Measure
from reports.measures.registry import MeasureFile, read_measures

PAGE = Path(__file__).resolve().parent.parent / "docs" / "measures.md"

_INTRODUCTION = """\
# Measures

What is counted, from where, and who may see it. This page is written by `scripts/document-measures` from the headers of
the files in `reports/measures/`: a measure is one SQL file there, and nothing else. Each selects the events behind its
number, and `support-reports explain PERSON WEEK MEASURE` shows them.

Credit goes to who did a thing when it was done, or to whose ticket it was at that moment; never to who has the ticket now.

*More* as direction means that more is better when a goal is agreed on it, *less* that less is; *none* means that neither
is: the number is context, or at most a share that belongs into a band. A share is the percentage of cases that hold; a share
or a median is given only with enough cases, and with the range that chance alone gives it.

Most measures are of each engineer, and of a team, a region and the organisation as far as those are large enough. Those of
the *organisation* are of these only, never of a person: they also count what nobody had or did. That is of no team and, unless
the measure names the region of a case, of no region: it stands in the number of the organisation only, so regions need not add
up to it. Tickets that an AI agent handles and nobody has taken over are none of the organisation's.

Privacy: P0 anyone, P1 everybody in the company, P2 support managers, P3 the engineer and their manager.
"""

#: Families in the order of the page: the folder of the files, its heading and what it is about. Others follow by name.
_FAMILIES = {
    "tickets": ("Tickets", "Who took, answered, solved and promised what."),
    "service_levels": ("Service levels", "How long requesters waited for a reply, and whether it came in time."),
    "satisfaction": ("What requesters say", "The last word of a requester on each ticket."),
    "collaboration": ("Collaboration", "Help for others, and growth."),
    "contributions": ("Contributions", "What was changed in GitLab."),
    "on_call": ("On call", "Pages, as work done."),
    "queues": ("The whole queue", "Numbers of teams, regions and the organisation."),
}

_KINDS = {
    Aggregation.COUNT: "a count of",
    Aggregation.SUM: "a sum of",
    Aggregation.RATIO: "a share of",
    Aggregation.MEDIAN: "a median in",
    Aggregation.P90: "a 90th percentile in",
}


def page() -> str:
    """The whole page."""
    known = list(_FAMILIES)
    files = sorted(read_measures(), key=lambda file: (_place(_family(file), known), _family(file), file.measure.title))
    families = [(name, [file.measure for file in found]) for name, found in groupby(files, key=_family)]
    headings = [_words(name)[0] for name, _ in families]
    contents = [f"- [{heading}](#{_anchor(heading)})" for heading in headings]
    return "\n".join([_INTRODUCTION, *contents, "", *(line for name, found in families for line in _part(name, found))])


def _family(file: MeasureFile) -> str:
    return file.path.parent.name


def _place(family: str, known: Sequence[str]) -> int:
    return known.index(family) if family in known else len(known)


def _words(family: str) -> tuple[str, str]:
    """The heading of a family and what it is about."""
    return _FAMILIES.get(family, (family.replace("_", " ").capitalize(), ""))


def _anchor(heading: str) -> str:
    """What GitLab makes of a heading."""
    return heading.lower().replace(" ", "-")


def _part(family: str, measures: Sequence[Measure]) -> Iterator[str]:
    heading, about = _words(family)
    yield f"## {heading}"
    yield ""
    if about:
        yield about
        yield ""
    yield "| measure | title | unit | direction | by | privacy |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for m in measures:
        yield f"| [`{m.name}`](#{m.name}) | {m.title} | {m.unit} | {m.direction} | {m.category} | {m.privacy} |"
    yield ""
    for measure in measures:
        yield from _section(measure)


def _section(measure: Measure) -> Iterator[str]:
    yield f"### {measure.name}"
    yield ""
    of = "" if measure.is_of_people else ", of the organisation"
    yield f"**{measure.title}**, {_KINDS[measure.kind]} {measure.unit}{of}. {measure.definition}"
    yield ""
    by = f" Told apart by {measure.category}." if measure.category else ""
    yield f"Source: {measure.source} (streams: {', '.join(f'`{stream}`' for stream in measure.streams)}).{by}"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
