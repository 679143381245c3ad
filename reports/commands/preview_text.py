"""A preview as the text of a comment: sums by goal, nobody's name."""

from collections.abc import Iterator

from reports.core.preview import FEWEST_PEOPLE, WHOLE_WEEK, Preview

#: Finds the comment again, to bring it up to date in place.
MARKER = "<!-- support-reports preview -->"

_HEAD = "| goal | people whose verdict would differ | weeks of theirs that would | missed weeks of theirs now | and then |"
_NOTE = (
    f"What concerns fewer than {FEWEST_PEOPLE} people is not shown, and neither is whom anything concerns. Everybody's newest "
    "goals and the newest rules are applied to all of these weeks, on both sides. Published weeks stay as they are."
)


def as_markdown(preview: Preview) -> str:
    """The comment, with its marker."""
    return "\n".join((MARKER, *_lines(preview), "", _NOTE, ""))


def _lines(preview: Preview) -> Iterator[str]:
    first, last = preview.weeks[0], preview.weeks[-1]
    yield f"### What this change of `config/` would have done from {first} to {last}"
    yield ""
    if not preview.changes:
        yield "No verdict would differ, or none that may be shown."
        return
    yield _HEAD
    yield "|---|---:|---:|---:|---:|"
    for change in preview.changes:
        title = "**the week as a whole**" if change.measure == WHOLE_WEEK else change.title
        yield f"| {title} | {change.people} | {change.weeks} | {change.missed_before} | {change.missed_after} |"
