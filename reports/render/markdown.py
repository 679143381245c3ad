"""Makes the text of strangers harmless for GitLab's Markdown; knows nothing of templates and never drops a word it could keep.

GitLab looks for references, mentions, emoji and bare addresses in the text *after* Markdown is parsed, where a
backslash or an entity is gone again. An invisible word joiner behind each sigil breaks those patterns for good.
"""

import re
from functools import lru_cache
from typing import Protocol

from reports.core.plain_text import LIMIT, STARTS_REFERENCE, WORD_JOINER, cleaned, taken_apart

#: Of a sentence; a title or a name is shorter.
SENTENCE_LIMIT = 1000
NO_TITLE = "(no title)"


class Safe(str):
    """Markdown that is fit to print. Whatever is computed from it is an ordinary text again, so nothing unsafe can slip in."""

    __slots__ = ()


#: In place of a text that shows nothing, since emphasis and tables need something to stand around.
NOTHING = Safe("–")


class MakeHarmless(Protocol):
    """How text becomes safe: `harmless`, or what a measurement of its cost puts in its place."""

    def __call__(self, text: str, limit: int = ...) -> Safe:
        """The text made safe, at most `limit` characters of it."""
        ...


# Letters, digits and the punctuation of plain prose: such a text needs no escaping.
_PROSE = re.compile(r"[A-Za-z][A-Za-z0-9 ,.()'\"?/;-]*")
_REST_OF_MARKDOWN = "`_]+="
_ENTITIES = {"\\": "&#92;", "|": "&#124;", "<": "&lt;", ">": "&gt;", "&": f"&amp;{WORD_JOINER}", ":": f":{WORD_JOINER}"}
_MARKDOWN = str.maketrans(
    _ENTITIES | {sign: f"\\{sign}{WORD_JOINER}" for sign in STARTS_REFERENCE} | {sign: f"\\{sign}" for sign in _REST_OF_MARKDOWN}
)
_HTML = str.maketrans(
    _ENTITIES
    | {sign: f"&#{ord(sign)};{WORD_JOINER}" for sign in STARTS_REFERENCE}
    | {sign: f"&#{ord(sign)};" for sign in _REST_OF_MARKDOWN + "\"'"}
)
_BLOCK_START = re.compile(r"[-;:/]|[0-9]{1,9}(?=[.)])")


@lru_cache(maxsize=4096)  # titles of measures, names and labels come again and again, in every report
def harmless(text: str, limit: int = LIMIT) -> Safe:
    """Inline Markdown that reads as the words of `text` and does nothing else, wherever in a line it stands.

    At most `limit` characters of the text are kept. A text of nothing that shows becomes a dash; an empty one stays empty.
    """
    if len(text) <= limit and _is_prose(text):
        return Safe(text)
    return escaped(cleaned(text, limit)) or (NOTHING if text else Safe())


def _is_prose(text: str) -> bool:
    """Whether the long way would give the very same text: the short way for most of what a report prints."""
    return _PROSE.fullmatch(text) is not None and "  " not in text and text[-1] != " " and taken_apart(text) == text


def escaped(text: str) -> Safe:
    """The same for a text that is cleaned already."""
    marked = _spelled(text, _MARKDOWN)
    return Safe(_BLOCK_START.sub(_guarded, marked, count=1) if _BLOCK_START.match(marked) else marked)


def _spelled(text: str, signs: dict[int, str]) -> str:
    return taken_apart(text).translate(signs).replace(f":{WORD_JOINER} ", ": ")


def _guarded(start: re.Match[str]) -> str:
    """A backslash before a sign, or behind the number of a list."""
    return f"{start[0]}\\" if start[0].isdigit() else f"\\{start[0]}"


def cell(text: str) -> Safe:
    """A harmless table cell; a dash when there is nothing to say."""
    return harmless(text) or NOTHING


def summary(text: str) -> Safe:
    """Harmless text for an HTML line such as `<summary>`, in which GitLab reads no Markdown."""
    return Safe(_spelled(cleaned(text), _HTML)) or NOTHING
