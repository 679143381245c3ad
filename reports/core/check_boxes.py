"""Boxes that people ticked inside the bot's text: they stay ticked when the text is written again; pure."""

import re
from collections import defaultdict

_BOX = re.compile(r"^(?P<before>[\s>]*(?:[-*+]|\d+[.)])[ \t]+)\[(?P<tick>[ xX~])\](?P<after>[ \t].*)$", re.MULTILINE)


def with_ticks(text: str, shown: str) -> str:
    """A text with every open box ticked that is ticked in what was shown; boxes are told apart by their words and order."""
    ticks = defaultdict(list)
    for box in _BOX.finditer(shown):
        ticks[_words(box)].append(box["tick"])

    def ticked(box: re.Match[str]) -> str:
        left = ticks[_words(box)]
        tick = left.pop(0) if left else " "
        return f"{box['before']}[{tick}]{box['after']}" if box["tick"] == " " else box[0]

    return _BOX.sub(ticked, text)


def _words(box: re.Match[str]) -> str:
    return box["after"].strip()
