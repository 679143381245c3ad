"""Keeps people's names out of what a pipeline prints, whoever prints it: its log is read by more people than any report."""

import re
from collections.abc import Callable, Iterable
from typing import TextIO

from reports.core.people import Engineer, Manager, Team
from reports.printing import PassingStream

SOMEBODY = "[somebody]"


def names_of(team: Team) -> frozenset[str]:
    """Every word by which somebody in the team could be told: usernames, names, addresses."""
    people: list[Engineer | Manager] = [*team.engineers, *team.managers]
    names = {word for person in people for word in (person.username, person.name, person.email)}
    return frozenset(names | {name for engineer in team.engineers for name in engineer.other_usernames})


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
