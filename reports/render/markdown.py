"""Makes the text of strangers harmless for GitLab's Markdown; knows nothing of templates and never drops a word it could keep.

GitLab looks for references, mentions, emoji and bare addresses in the text *after* Markdown is parsed, where a
backslash or an entity is gone again. An invisible word joiner behind each sigil breaks those patterns for good.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote, urlsplit

#: U+2060, invisible and never a place to break a line.
WORD_JOINER = "\N{WORD JOINER}"
#: A title or a name; a whole sentence may be longer.
LIMIT = 200
SENTENCE_LIMIT = 1000
NO_TITLE = "(no title)"


class Safe(str):
    """Markdown that is fit to print. Whatever is computed from it is an ordinary text again, so nothing unsafe can slip in."""

    __slots__ = ()


class MakeHarmless(Protocol):
    """How text becomes safe: `harmless`, or what a measurement of its cost puts in its place."""

    def __call__(self, text: str, limit: int = ...) -> Safe:
        """The text made safe, at most `limit` characters of it."""
        ...


# Letters, digits and the punctuation of plain prose: such a text needs no escaping.
_PROSE = re.compile(r"[A-Za-z][A-Za-z0-9 ,.()'\"?/;-]*")
# What has a meaning without any sign that is escaped, and is taken apart by a word joiner.
# A whole word, as for GitLab: there is none in "feedback".
_COMMIT = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{7,}(?![0-9A-Za-z])")
_SHORTER_THAN_A_COMMIT = re.compile(r".{6}(?=.)")
_ISSUE_KEY = re.compile(r"(?<=[A-Z0-9_])-(?=[0-9])")
_WEB_ADDRESS = re.compile(r"[wW]{3}(?=\.)")

_STARTS_REFERENCE = "@#!~%$^*[{"
_REST_OF_MARKDOWN = "`_]+="
_ENTITIES = {"\\": "&#92;", "|": "&#124;", "<": "&lt;", ">": "&gt;", "&": f"&amp;{WORD_JOINER}", ":": f":{WORD_JOINER}"}
_MARKDOWN = str.maketrans(
    _ENTITIES | {sign: f"\\{sign}{WORD_JOINER}" for sign in _STARTS_REFERENCE} | {sign: f"\\{sign}" for sign in _REST_OF_MARKDOWN}
)
_HTML = str.maketrans(
    _ENTITIES
    | {sign: f"&#{ord(sign)};{WORD_JOINER}" for sign in _STARTS_REFERENCE}
    | {sign: f"&#{ord(sign)};" for sign in _REST_OF_MARKDOWN + "\"'"}
)
_BLOCK_START = re.compile(r"[-;:/]|[0-9]{1,9}(?=[.)])")

_KEPT_FORMATS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_SPACES = {"Zs", "Zl", "Zp"}
_SILENT = {"Cc", "Cf", "Cs"}
_CLINGING = re.compile("[\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}\U0001f3fb-\U0001f3ff]")


@lru_cache(maxsize=4096)  # titles of measures, names and labels come again and again, in every report
def harmless(text: str, limit: int = LIMIT) -> Safe:
    """Inline Markdown that reads as the words of `text` and does nothing else, wherever in a line it stands.

    At most `limit` characters of the text are kept.
    """
    return Safe(text) if len(text) <= limit and _is_prose(text) else escaped(cleaned(text, limit))


def _is_prose(text: str) -> bool:
    """Whether the long way would give the very same text: the short way for most of what a report prints."""
    return _PROSE.fullmatch(text) is not None and "  " not in text and text[-1] != " " and _taken_apart(text) == text


def escaped(text: str) -> Safe:
    """The same for a text that is cleaned already."""
    marked = _spelled(text, _MARKDOWN)
    return Safe(_BLOCK_START.sub(_guarded, marked, count=1) if _BLOCK_START.match(marked) else marked)


def _spelled(text: str, signs: dict[int, str]) -> str:
    return _taken_apart(text).translate(signs).replace(f":{WORD_JOINER} ", ": ")


def _taken_apart(text: str) -> str:
    """Word joiners inside what might be the name of a commit, the key of an issue or an address without a scheme."""
    text = _COMMIT.sub(lambda found: _SHORTER_THAN_A_COMMIT.sub(rf"\g<0>{WORD_JOINER}", found[0]), text)
    text = _ISSUE_KEY.sub(rf"-{WORD_JOINER}", text) if "-" in text else text
    return _WEB_ADDRESS.sub(rf"\g<0>{WORD_JOINER}", text) if "." in text else text


def _guarded(start: re.Match[str]) -> str:
    """A backslash before a sign, or behind the number of a list."""
    return f"{start[0]}\\" if start[0].isdigit() else f"\\{start[0]}"


def cell(text: str) -> Safe:
    """A harmless table cell; a dash when there is nothing to say."""
    return harmless(text) or Safe("–")


def summary(text: str) -> Safe:
    """Harmless text for an HTML line such as `<summary>`, in which GitLab reads no Markdown."""
    return Safe(_spelled(cleaned(text), _HTML))


def link(text: str, url: str, hosts: Collection[str], make_harmless: MakeHarmless = harmless) -> Safe:
    """A link to a page of one of the hosts (`host` or `host:port`); only the text when the URL leads anywhere else."""
    shown = make_harmless(text) or make_harmless(NO_TITLE)
    return Safe(f"[{shown}]({_destination(url)})") if leads_to(url, hosts) else shown


def leads_to(url: str, hosts: Collection[str]) -> bool:
    """Whether a URL is http or https, without credentials, on one of the hosts."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() in hosts and url.isprintable()


def _destination(url: str) -> str:
    """The URL with everything that could end or restructure a Markdown link spelled in percent signs."""
    return quote(url, safe="/:?#@!$&,;=+%~._-").replace("&", "&amp;")


def cleaned(text: str, limit: int = LIMIT) -> str:
    """The words of a text on one line: no control or direction signs, single spaces, at most `limit` characters."""
    if not text.isprintable():
        text = "".join(map(_visible, text))
    return shortened(" ".join(text.split()).strip(_KEPT_FORMATS), limit)


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in _SPACES or sign in "\t\n\v\f\r\x85":
        return " "
    if (category in _SILENT and sign not in _KEPT_FORMATS) or ord(sign) & 0xFFFE == 0xFFFE:
        return ""
    return sign


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis when something was cut, never through a composed character."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end and _clings(text, end):
        end -= 1
    return f"{text[: end or limit - 1].rstrip()}…"


def _clings(text: str, at: int) -> bool:
    """Whether the character at a place belongs to the one before it."""
    sign = text[at]
    if _CLINGING.match(sign) or unicodedata.category(sign).startswith("M") or text[at - 1] == "\N{ZERO WIDTH JOINER}":
        return True
    return _is_flag_letter(sign) and (at - _flags_begin(text, at)) % 2 == 1


def _is_flag_letter(sign: str) -> bool:
    return "\N{REGIONAL INDICATOR SYMBOL LETTER A}" <= sign <= "\N{REGIONAL INDICATOR SYMBOL LETTER Z}"


def _flags_begin(text: str, at: int) -> int:
    while at and _is_flag_letter(text[at - 1]):
        at -= 1
    return at
