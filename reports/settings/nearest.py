"""How a found word is quoted and which known word comes nearest; knows no vocabulary of its own."""

from collections.abc import Collection, Sequence, Set
from difflib import get_close_matches

_LONGEST_QUOTE = 60
_MOST_LISTED = 20


def quoted(text: str) -> str:
    """The text in quotes, on one line, control characters spelled out, cut when long."""
    return repr(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…")


def nearest_word(word: str, known: Collection[str]) -> str:
    """The known word that is most like another, small and capital letters alike; empty when none is near."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    close = get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else ""


def did_you_mean(word: str, known: Collection[str]) -> str:
    """The hint for an unknown word: the nearest known one, else the known ones when they are few, else nothing."""
    nearest = nearest_word(word, known)
    if nearest:
        return f"did you mean {quoted(nearest)}?"
    if 0 < len(known) <= _MOST_LISTED:
        return f"expected {_listed(sorted(known) if isinstance(known, Set) else list(known))}"
    return ""


def _listed(words: Sequence[str]) -> str:
    shown = [word if word.isprintable() else quoted(word) for word in words]
    return shown[0] if len(shown) == 1 else f"one of {', '.join(shown)}"
