"""Text of strangers as plain text: the words on one line, for titles without what GitLab acts on, for terminals without orders.

GitLab looks for references, mentions, emoji and bare addresses in titles too. An invisible word joiner behind each sigil
breaks those patterns for good, and reads like nothing.
"""

import re
import unicodedata

#: U+2060, invisible and never a place to break a line.
WORD_JOINER = "\N{WORD JOINER}"
#: A title or a name.
LIMIT = 200
#: What a reference, a mention or a placeholder of GitLab can begin with.
STARTS_REFERENCE = "@#!~%$^*[{"

# What has a meaning without any sign that is escaped, and is taken apart by a word joiner.
# A whole word, as for GitLab: there is none in "feedback".
_COMMIT = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{7,}(?![0-9A-Za-z])")
_SHORTER_THAN_A_COMMIT = re.compile(r".{6}(?=.)")
_ISSUE_KEY = re.compile(r"(?<=[A-Z0-9_])-(?=[0-9])")
_WEB_ADDRESS = re.compile(r"[wW]{3}(?=\.)")

_INERT = str.maketrans({sign: f"{sign}{WORD_JOINER}" for sign in f"{STARTS_REFERENCE}&:"})

_KEPT_FORMATS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_SHOWN_AS_THEY_ARE = f"\n\t{_KEPT_FORMATS}{WORD_JOINER}"
_SPACES = {"Zs", "Zl", "Zp"}
_SILENT = {"Cc", "Cf", "Cs"}
_CLINGING = re.compile("[\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}\U0001f3fb-\U0001f3ff]")


def cleaned(text: str, limit: int = LIMIT) -> str:
    """The words of a text on one line: no control or direction signs, single spaces, at most `limit` characters."""
    if not text.isprintable():
        text = "".join(map(_visible, text))
    return shortened(" ".join(text.split()).strip(_KEPT_FORMATS), limit)


def _visible(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in _SPACES or sign in "\t\n\v\f\r\x85":
        return " "
    if (category in _SILENT and sign not in _KEPT_FORMATS) or _is_no_character(ord(sign)):
        return ""
    return sign


def _is_no_character(point: int) -> bool:
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF


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


def taken_apart(text: str) -> str:
    """Word joiners inside what might be the name of a commit, the key of an issue or an address without a scheme."""
    text = _COMMIT.sub(lambda found: _SHORTER_THAN_A_COMMIT.sub(rf"\g<0>{WORD_JOINER}", found[0]), text)
    text = _ISSUE_KEY.sub(rf"-{WORD_JOINER}", text) if "-" in text else text
    return _WEB_ADDRESS.sub(rf"\g<0>{WORD_JOINER}", text) if "." in text else text


def inert(text: str, limit: int = LIMIT) -> str:
    """The words of a text for a place that shows them as they are, such as a title: nobody is mentioned, nothing linked."""
    words = taken_apart(cleaned(text, limit)).translate(_INERT).replace(f":{WORD_JOINER} ", ": ")
    return f"{WORD_JOINER}{words}" if words.startswith("/") else words


def for_terminal(text: str) -> str:
    """The text with every sign spelled out that a terminal or the log of a job could obey; lines stay lines."""
    return text if text.isprintable() else "".join(map(_spelled_out, text))


def _spelled_out(sign: str) -> str:
    if sign.isprintable() or sign in _SHOWN_AS_THEY_ARE or unicodedata.category(sign) == "Zs":
        return sign
    return sign.encode("unicode_escape").decode("ascii")
