"""A report that is too long for one issue, in parts: cut at its sections, never in the middle of anything; pure.

GitLab counts a description in bytes of UTF-8. Each part is an issue of its own for the same people, with links between them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlencode

from reports.core.publication import DesiredIssue, description_of, part_key

#: What GitLab takes unless its administrators say otherwise, in bytes.
DESCRIPTION_LIMIT = 1_048_576

#: Kept free for what people write around a report, in bytes.
ROOM_FOR_WORDS = 65_536

TITLE_LIMIT = 255

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})(?P<rest>.*)")
_HEADING = re.compile(r"#{1,3} ")
_LEFT_OUT = "*Something is left out here: on its own it is longer than an issue may be.*"
_MOST_PARTS = 999


def search_address(gitlab_url: str, project: str, title: str) -> str:
    """The address that finds an issue by its title: its number is not known before it is there."""
    return f"{gitlab_url}/{project}/-/issues?{urlencode({'state': 'all', 'search': title})}"


def in_parts(issue: DesiredIssue, limit: int, gitlab_url: str) -> tuple[DesiredIssue, ...]:
    """The issue itself when its description fits into `limit` bytes, else a first part under its key and those that follow."""
    if _size(description_of(issue)) <= limit:
        return (issue,)
    longest = _part(issue, "", _MOST_PARTS, _MOST_PARTS, gitlab_url)
    texts = list(_packed(issue.body, limit - _size(description_of(longest)))) or [_LEFT_OUT]
    return tuple(_part(issue, text, number, len(texts), gitlab_url) for number, text in enumerate(texts, start=1))


def _part(issue: DesiredIssue, text: str, number: int, parts: int, gitlab_url: str) -> DesiredIssue:
    """One part with its links; the first keeps key and title."""
    key, title, lines = issue.key, issue.title, [text]
    if number > 1:
        key, title = part_key(issue.key, number), _title(issue.title, number)
        first = search_address(gitlab_url, issue.project, issue.title)
        begins = f"**Part {number} of a report that begins in [part 1]({first}).**"
        lines = [f"{begins} Please comment there: here nobody listens.", *lines]
    if number < parts or parts == _MOST_PARTS:
        following = search_address(gitlab_url, issue.project, _title(issue.title, number + 1))
        lines.append(f"---\n\n**The report goes on in [part {number + 1}]({following}).**")
    return replace(issue, key=key, title=title, body="\n\n".join(lines))


def _title(title: str, number: int) -> str:
    suffix = f" (part {number})"
    return f"{title[: TITLE_LIMIT - len(suffix)]}{suffix}"


def _packed(body: str, room: int) -> Iterator[str]:
    """A text in as few pieces of at most `room` bytes as its sections allow; a section goes into two only when it has to."""
    held = ""
    for piece in _pieces(body, room):
        if held and _size(held) + _size(piece) > room:
            yield held.strip("\n")
            held = ""
        held += piece
    if held.strip():
        yield held.strip("\n")


def _pieces(body: str, room: int) -> Iterator[str]:
    for section in _cut(body, _begins_section):
        if _size(section) <= room:
            yield section
            continue
        for piece in _cut(section, _begins_piece):
            yield piece if _size(piece) <= room else f"{_LEFT_OUT}\n\n"


def _begins_section(line: str, before: str) -> bool:
    return _HEADING.match(line) is not None


def _begins_piece(line: str, before: str) -> bool:
    """A folded block begins a piece, and so does what follows one; a heading stays with what it is the heading of."""
    return (line.startswith("<details") and _HEADING.match(before) is None) or before.startswith("</details>")


def _cut(text: str, begins: Callable[[str, str], bool]) -> Iterator[str]:
    """The text in pieces that join to it again; never cut inside code or inside a folded block."""
    piece: list[str] = []
    before = ""
    for line, is_inside in _lines_with_depth(text.splitlines(keepends=True)):
        if piece and not is_inside and begins(line, before):
            yield "".join(piece)
            piece = []
        piece.append(line)
        before = line if line.strip() else before
    yield "".join(piece)


def _lines_with_depth(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it lies inside code or a folded block that began on an earlier line."""
    fence, folded = "", 0
    for line in lines:
        yield line, bool(fence or folded)
        marks = _FENCE.match(line)
        if fence:
            if marks and marks["marks"].startswith(fence) and not marks["rest"].strip():
                fence = ""
        elif marks:
            fence = marks["marks"]
        else:
            folded = max(0, folded + line.count("<details") - line.count("</details>"))


def _size(text: str) -> int:
    return len(text.encode())
