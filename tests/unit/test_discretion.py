import io

import pytest

from reports.commands.discretion import Discreet
from reports.core.people import names_of
from tests.builders import engineer, manager, team

NAMES = names_of(
    team(engineer(name="Ines Duarte", other_usernames=("iduarte-admin",)), managers=(manager(name="Petra Lindqvist"),))
)


def said(text: str, names: frozenset[str] = NAMES) -> str:
    stream = io.StringIO()
    print(text, file=Discreet(stream, lambda: names), end="")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("update acme/1-1s/iduarte#3: refused", "update acme/1-1s/[somebody]#3: refused"),
        ("Weekly report 2026-W46: Ines Duarte", "Weekly report 2026-W46: [somebody]"),
        ("INES DUARTE, iduarte-admin and @plindqvist.", "[somebody], [somebody] and @[somebody]."),
        ("write to iduarte@example.com", "write to [somebody]"),
        ("Petra, or iduarte2, or riduarte", "Petra, or iduarte2, or riduarte"),
        ("issues: 3 created", "issues: 3 created"),
    ],
)
def test_discreet__says_somebody_for_whoever_is_in_the_team(text: str, printed: str) -> None:
    assert said(text) == printed


def test_discreet__knows_nobody_before_the_team_was_read() -> None:
    assert said("iduarte", frozenset()) == "iduarte"
