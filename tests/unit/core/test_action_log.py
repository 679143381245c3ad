from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reports.core.action_log import Deed, Deeds, LogEntry, agreements_in_words, goals_entry, shown_to_subject
from reports.core.model import Privacy, ReportDefinition, ReportScope
from reports.core.publication import Action, Kind
from reports.core.weeks import Week
from tests.builders import W46, agreement, goal_book, terms, utc

NOW = utc("2026-11-16 06:00")
BOT = "support-reports-bot"


def definition(name: str, scope: ReportScope, privacy: Privacy) -> ReportDefinition:
    return ReportDefinition(name=name, scope=scope, project="p", title="t", privacy=privacy, labels=(), confidential=True)


DEEDS = Deeds(
    at=NOW,
    bot=BOT,
    readers={"engineer_weekly/iduarte/2026-W46": ("iduarte", "plindqvist", BOT)},
    definitions=(
        definition("engineer_weekly", "each_engineer", Privacy.P3),
        definition("team_weekly", "each_manager", Privacy.P2),
        definition("follow_up", "each_follow_up", Privacy.P4),
    ),
)


def action(key: str, kind: Kind = Kind.CREATE, iid: int | None = None) -> Action:
    return Action(kind=kind, key=key, project="acme/iduarte", iid=iid, title="", reason="")


def entry(at: str = "2026-11-11 10:00", **special: Any) -> LogEntry:
    ordinary: dict[str, Any] = {"at": utc(at), "deed": Deed.OPENED, "by": BOT}
    return LogEntry(**(ordinary | special))


@pytest.mark.parametrize(
    ("kind", "deed"),
    [(Kind.CREATE, "opened"), (Kind.UPDATE, "updated"), (Kind.CLOSE, "closed"), (Kind.REOPEN, "reopened")],
)
def test_deeds__of_an_action_say_what_when_where_and_who_could_read_it(kind: Kind, deed: str) -> None:
    assert list(DEEDS.of_actions([action("engineer_weekly/iduarte/2026-W46", kind, 3)])) == [
        (
            "iduarte",
            LogEntry(
                at=NOW,
                deed=Deed(deed),
                by=BOT,
                report="engineer_weekly",
                week=W46,
                detail="acme/iduarte#3",
                readers=("iduarte", "plindqvist", BOT),
            ),
        )
    ]


def test_deeds__are_kept_of_reports_about_one_engineer_only() -> None:
    actions = [
        action("team_weekly/plindqvist/2026-W46"),
        action("contributions/all/2026-W46"),
        action("engineer_weekly/iduarte/2026-W46", Kind.NOTHING),
        action("engineer_weekly/iduarte/soon"),
        action("follow_up/kaziz/2026-W46"),
    ]

    assert [(who, e.is_follow_up, e.detail) for who, e in DEEDS.of_actions(actions)] == [("kaziz", True, "acme/iduarte")]


def test_deeds__of_an_answer_name_the_report_it_stands_below() -> None:
    ((who, answered),) = DEEDS.of_answers([("engineer_weekly/iduarte/2026-W46", "acme/iduarte#3")])

    assert (who, answered.deed, answered.week) == ("iduarte", Deed.ANSWERED, W46)


def test_goals__are_noted_when_they_read_otherwise_than_before() -> None:
    book = goal_book(agreement(terms("new_tickets", 5)))
    first = goals_entry([], book, "iduarte", NOW)
    assert first is not None
    assert first.detail == "from 2026-06-22 agreed by iduarte and plindqvist: new_tickets at least 5 per week"

    assert goals_entry([first, entry()], book, "iduarte", NOW) is None
    raised = goal_book(agreement(terms("new_tickets", 6)))
    assert goals_entry([first], raised, "iduarte", NOW) is not None
    assert goals_entry([first], goal_book(), "iduarte", NOW) is not None


def test_goals__of_others_and_of_nobody_are_no_news() -> None:
    assert goals_entry([], goal_book(agreement(terms())), "jbeck", NOW) is None
    assert agreements_in_words(goal_book(agreement(agreed_by=())), "iduarte").endswith("agreed by nobody: the defaults")


def test_shown__is_what_was_done_within_the_week_in_the_zone_of_the_weeks() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    begins = utc("2026-11-08 15:00")  # Monday in Tokyo
    moments = [
        begins - timedelta(seconds=1),
        begins,
        begins + timedelta(days=7) - timedelta(seconds=1),
        begins + timedelta(days=7),
    ]
    log = [LogEntry(at=at, deed=Deed.OPENED, by=BOT) for at in moments]

    assert [e.at for e in shown_to_subject(log, W46, zone)] == moments[1:3]


def test_shown__of_a_follow_up_is_only_that_it_was_opened() -> None:
    zone = ZoneInfo("UTC")
    log = [entry(deed=deed, is_follow_up=True, week=Week(2026, 45)) for deed in Deed]

    assert [e.deed for e in shown_to_subject(log, W46, zone)] == [Deed.OPENED]
