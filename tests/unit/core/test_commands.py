import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from reports.core.commands import Command, CommandKind, PlanGoal, command_as_json, command_from_json
from reports.core.weeks import Week
from tests.conversation_builders import any_command

W44 = Week(2026, 44)
PLAN = Command(
    kind=CommandKind.PLAN_FROM,
    day=date(2026, 11, 23),
    goals=(PlanGoal(measure="new_tickets", target=4), PlanGoal(measure="pairing_sessions", target=2.5)),
)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (Command(kind=CommandKind.HELP), "help"),
        (Command(kind=CommandKind.EXCUSE, week=W44), "excuse 2026-W44"),
        (
            Command(kind=CommandKind.DISCUSSED, who="tmwangi", day=date(2026, 11, 17)),
            "discussed with @tmwangi on 2026-11-17",
        ),
        (Command(kind=CommandKind.INFORMED), "informed team member relations"),
        (Command(kind=CommandKind.CONVERSATION_HELD, day=date(2026, 11, 18)), "conversation held on 2026-11-18"),
        (PLAN, "plan from 2026-11-23: new_tickets 4, pairing_sessions 2.5"),
        (Command(kind=CommandKind.PLAN_MET), "plan met"),
        (Command(kind=CommandKind.PLAN_NOT_MET), "plan not met"),
        (Command(kind=CommandKind.NO_CONCERN), "no concern"),
        (Command(kind=CommandKind.PAUSE_UNTIL, day=date(2026, 12, 7)), "pause until 2026-12-07"),
        (Command(kind=CommandKind.REOPEN), "reopen"),
        (Command(kind=CommandKind.ALLOW, who="jbeck"), "allow @jbeck"),
        (Command(kind=CommandKind.SETTLE, measure="docs_updates", week=W44), "settle docs_updates 2026-W44"),
        (Command(kind=CommandKind.WRONG, measure="docs_updates", week=W44), "wrong docs_updates 2026-W44"),
        (Command(kind=CommandKind.AVAILABLE, days=4.5), "available 4.5"),
        (Command(kind=CommandKind.AVAILABLE, days=0.0), "available 0"),
        (Command(kind=CommandKind.EXCUSE, week=Week(999, 1)), "excuse 0999-W01"),
    ],
)
def test_command_text__is_what_a_person_would_write(command: Command, text: str) -> None:
    assert command.text == text


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (4.0, "new_tickets 4"),
        (0.0, "new_tickets 0"),
        (0.001, "new_tickets 0.001"),
        (2.5, "new_tickets 2.5"),
        (10.0, "new_tickets 10"),
        (1234.567, "new_tickets 1234.567"),
        (99_999.6, "new_tickets 99999.6"),
        (100_000.0, "new_tickets 100000"),
    ],
)
def test_plan_goal_text__is_the_same_number_again(target: float, text: str) -> None:
    assert PlanGoal(measure="new_tickets", target=target).text == text


def test_command_as_json__names_only_what_is_set() -> None:
    assert command_as_json(Command(kind=CommandKind.EXCUSE, week=W44)) == {"kind": "excuse", "week": "2026-W44"}
    assert command_as_json(Command(kind=CommandKind.PLAN_MET)) == {"kind": "plan met"}


def test_command_as_json__keeps_a_week_without_any_available_day() -> None:
    assert command_as_json(Command(kind=CommandKind.AVAILABLE, days=0.0)) == {"kind": "available", "days": 0.0}


def test_command_as_json__a_plan_lists_its_goals_by_measure() -> None:
    assert command_as_json(PLAN) == {
        "kind": "plan from",
        "day": "2026-11-23",
        "goals": {"new_tickets": 4, "pairing_sessions": 2.5},
    }


def test_command_from_json__reads_the_goals_of_a_plan_in_their_order() -> None:
    written = {"kind": "plan from", "day": "2026-11-23", "goals": {"pairing_sessions": 2, "new_tickets": 4}}

    assert [goal.measure for goal in command_from_json(written).goals] == ["pairing_sessions", "new_tickets"]


@pytest.mark.parametrize(
    "written",
    [
        {},
        [],
        "reopen",
        None,
        {"kind": "snooze"},
        {"kind": ["reopen"]},
        {"kind": "excuse", "week": "2026-W99"},
        {"kind": "excuse", "week": 44},
        {"kind": "excuse", "week": None},
        {"kind": "pause until", "day": "soon"},
        {"kind": "pause until", "day": 20261207},
        {"kind": "allow", "who": "jo`beck"},
        {"kind": "allow", "who": {"jo": "beck"}},
        {"kind": "settle", "measure": "<b>", "week": "2026-W44"},
        {"kind": "plan from", "goals": ["new_tickets"]},
        {"kind": "plan from", "goals": {"new tickets!": 4}},
        {"kind": "plan from", "goals": {"new_tickets": "four"}},
        {"kind": "plan from", "goals": {"new_tickets": None}},
        {"kind": "plan from", "goals": {"new_tickets": -1}},
        {"kind": "plan from", "goals": {"new_tickets": 100_001}},
        {"kind": "plan from", "goals": {"new_tickets": 10**400}},
        {"kind": "available", "days": [4]},
        {"kind": "available", "days": 7.5},
        {"kind": "available", "days": float("nan")},
    ],
    ids=repr,
)
def test_command_from_json__says_when_something_is_no_command(written: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        command_from_json(written)


@given(any_command())
def test_command__is_the_same_after_json(command: Command) -> None:
    assert command_from_json(json.loads(json.dumps(command_as_json(command)))) == command


def test_command_kinds__are_written_in_records_as_they_always_were() -> None:
    assert [str(kind) for kind in CommandKind] == [
        "help",
        "excuse",
        "discussed",
        "informed",
        "conversation held",
        "plan from",
        "plan met",
        "plan not met",
        "no concern",
        "pause until",
        "reopen",
        "allow",
        "settle",
        "wrong",
        "available",
    ]


def test_command_kinds__none_begins_like_the_whole_of_another() -> None:
    kinds = [str(kind) for kind in CommandKind]

    assert [(one, other) for one in kinds for other in kinds if one != other and f"{other} ".startswith(f"{one} ")] == []
