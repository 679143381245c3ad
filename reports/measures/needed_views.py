"""Which statements of `views.sql` some measures need, told by the names they use; it runs nothing.

A statement stands after those whose names it uses. A name that is only mentioned, as in a text, is taken for used.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

_DEFINED = re.compile(r"CREATE (?:TEMP )?(?:TABLE|VIEW|MACRO|TYPE) (\w+)|SET VARIABLE (\w+)")
_COMMENT = re.compile(r"--.*")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededViews:
    """Statements in their order, and every word that they and the measures use, in small letters."""

    statements: tuple[str, ...]
    words: frozenset[str]


def needed_views(views: str, queries: Iterable[str]) -> NeededViews:
    """Of the statements that define views those that the queries of measures need, and what these need in turn."""
    words = {word for query in queries for word in _words(query)}
    needed = []
    for statement in reversed(duckdb.extract_statements(views)):
        text = _COMMENT.sub("", statement.query).strip()
        if not _defined(text).isdisjoint(words):
            needed.append(text)
            words |= _words(text)
    return NeededViews(statements=tuple(reversed(needed)), words=frozenset(words))


def _defined(statement: str) -> set[str]:
    """The name that a statement gives to something."""
    return _words(" ".join("".join(found) for found in _DEFINED.findall(statement)))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))
