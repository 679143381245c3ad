"""Keeps people's names out of what a pipeline prints, whoever prints it: its log is read by more people than any report."""

import re
from collections.abc import Callable, Iterable
from typing import TextIO

from reports.commands.printing import PassingStream

SOMEBODY = "[somebody]"


class Discreet(PassingStream):
    """A text stream that says `[somebody]` in place of a name; `names` is asked at every write, since a team is read late."""

    def __init__(self, stream: TextIO, names: Callable[[], Iterable[str]]) -> None:
        super().__init__(stream)
        self._names = names

    def write(self, text: str) -> int:
        """Write the text without names."""
        names = sorted(self._names(), key=len, reverse=True)
        if names:
            words = "|".join(map(re.escape, names))
            text = re.sub(rf"(?<![\w-])(?:{words})(?![\w-])", SOMEBODY, text, flags=re.IGNORECASE)
        return super().write(text)
