"""A manager change hands over the goals and the last four weeks only, and only the current manager may command."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reports.core.cases import Case, Talks, WeeklyTalk, overrides, talks
from reports.core.command_parsing import requests_in
from reports.core.commands import Command, CommandKind
from reports.core.conversation import Heard, Record, Said, Thread
from reports.core.follow_up_view import follow_up, followed
from reports.core.followups import Refusal
from reports.core.handover import first_week_handed_over
from reports.core.model import Evidence, Privacy, ReportDefinition, ReportScope
from reports.core.people import Engineer
from reports.core.report_views import Desk, engineer_weekly
from reports.core.results import as_published
from reports.core.team_views import team_weekly
from reports.core.view import EngineerWeeklyView
from reports.core.weeks import Week
from tests.builders import W46, agreement, coverage, engineer, evidence, goal_book, manager, role, team, terms, utc
from tests.judging import Observed, judge
from tests.unit.core.test_report_views import desk

W42, W44, W45 = W46.plus(-4), W46.plus(-2), W46.plus(-1)
MANAGERS = (manager("ohart", name="Olivia Hart"), manager("plindqvist", name="Petra Lindqvist"))
FIVE_A_WEEK = goal_book(agreement(terms("new_tickets", 5)))


def changed(on: str, username: str = "iduarte") -> Engineer:
    """Somebody who reported to Petra, and to Olivia from a day on."""
    return engineer(username, changes=(role(on, reports_to="ohart"),))


def desk_of(person: Engineer, *rows: Evidence, week: Week = W46, **special: Any) -> Desk:
    """The desk at which a week of one person is reported; nothing is done in any week but what the rows say."""
    return desk(*rows, team=team(person, managers=MANAGERS), goals=FIVE_A_WEEK, week=week, **special)


def report(person: Engineer, week: Week = W46) -> EngineerWeeklyView:
    return engineer_weekly(desk_of(person, week=week), person)


# --- what is handed over ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "week", "first"),
    [
        ("2026-11-09", W45, W42),  # the report of W45 is published on the day of the change
        ("2026-11-10", W45, None),  # a day later it was still Petra's
        ("2026-11-10", W46, W42),
        ("2026-11-15", W46, W42),
        ("2026-11-16", W46, W46.plus(-3)),
        ("2026-11-17", W46, None),
    ],
)
def test_first_week_handed_over__is_four_weeks_before_the_week_of_the_change(on: str, week: Week, first: Week | None) -> None:
    assert first_week_handed_over(changed(on), week) == first


def test_first_week_handed_over__a_change_of_anything_else_holds_nothing_back() -> None:
    promoted = engineer(changes=(role("2026-11-09", level="senior", region="APAC"),))

    assert first_week_handed_over(promoted, W46) is None


def test_engineer_weekly__the_first_report_for_a_new_manager_shows_four_weeks() -> None:
    view = report(changed("2026-11-09"), W45)

    assert view.manager == "Olivia Hart"
    assert [str(row.week) for row in view.weeks] == ["2026-W45", "2026-W44", "2026-W43", "2026-W42"]
    assert view.goals[0].trend.weeks == (W42, W42.plus(1), W44, W45)
    assert (view.handed_over_from, view.run.length, view.run.assessed_weeks) == (W42, 4, 4)


def test_engineer_weekly__what_changed_in_an_older_week_is_not_shown_to_a_new_manager() -> None:
    late = [evidence(f"{week.first_day} 10:00") for week in (W42.plus(-1), W42)]

    def restated(person: Engineer) -> list[Week]:
        made = desk_of(person)
        published = {week: as_published(desk_of(person, week=week).results) for week in (W42.plus(-1), W42)}
        found = Observed(measures=made.results.measures, evidence=tuple(late), coverage=(coverage(),), contributions=())
        now = replace(made, results=judge(made.plan, found, W46, published))
        return [row.week for row in engineer_weekly(now, person).restated]

    assert restated(engineer()) == [W42, W42.plus(-1)]
    assert restated(changed("2026-11-09")) == [W42]


def test_engineer_weekly__before_the_change_everything_is_shown_to_the_former_manager() -> None:
    view = report(changed("2026-11-09"), W44)

    assert (view.manager, len(view.weeks), view.handed_over_from, view.run.length) == ("Petra Lindqvist", 8, None, 12)


def test_engineer_weekly__the_weeks_of_a_new_manager_grow_again() -> None:
    view = report(changed("2026-10-12"))

    assert view.handed_over_from == Week(2026, 38)
    assert (len(view.weeks), len(view.goals[0].trend.weeks), view.run.length) == (8, 9, 9)


def test_engineer_weekly__a_change_long_ago_holds_no_week_back() -> None:
    assert report(changed("2026-09-21")).handed_over_from is None


def test_engineer_weekly__goals_agreed_with_the_former_manager_are_still_assessed() -> None:
    assert not report(changed("2026-11-09")).goals[0].goal.is_draft


def test_team_weekly__somebody_new_is_listed_and_brings_no_numbers_of_the_weeks_before() -> None:
    rows = [evidence(f"{W46.plus(-n).first_day} 10:00") for n in range(12)]
    hers = tuple(engineer(name, reports_to="ohart") for name in ("oadeyemi", "rlaurent", "siqbal"))
    theirs = tuple(engineer(name) for name in ("jbeck", "kaziz", "lfischer"))
    people = (changed("2026-11-09"), *hers, *theirs)
    made = desk(*rows, team=team(*people, managers=MANAGERS), goals=FIVE_A_WEEK)
    urls = {person.username: f"https://x/{person.username}" for person in people}
    olivia, petra = (team_weekly(made, one, urls) for one in MANAGERS)

    def tickets(view: Any) -> tuple[float | None, ...]:
        return next(tuple(number.trend) for number in (*view.numbers, *view.others) if number.measure.name == "new_tickets")

    # The report of W45 is published on the Monday of the change: it is the first of Olivia's team.
    assert ("Iduarte" in [row.name for row in olivia.members], tickets(olivia)) == (True, (*[0] * 10, 1, 1))
    assert ("Iduarte" in [row.name for row in petra.members], tickets(petra)) == (False, (*[1] * 10, 0, 0))


def test_team_weekly__no_sum_of_a_week_in_which_the_team_was_small() -> None:
    rows = [evidence(f"{W46.plus(-n).first_day} 10:00") for n in range(12)]
    people = (changed("2026-11-09"), *(engineer(name, reports_to="ohart") for name in ("oadeyemi", "rlaurent")))
    made = desk(*rows, team=team(*people, managers=MANAGERS), goals=FIVE_A_WEEK)
    olivia = team_weekly(made, MANAGERS[0], dict.fromkeys((person.username for person in people), "https://x/1"))

    numbers = {number.measure.name: number for number in (*olivia.numbers, *olivia.others)}
    assert tuple(numbers["new_tickets"].trend) == (*[None] * 10, 1, 1)


# --- what was said ------------------------------------------------------------------------------------


def definition(name: str, scope: ReportScope, project: str) -> ReportDefinition:
    return ReportDefinition(name=name, scope=scope, project=project, title="x", privacy=Privacy.P3, labels=(), confidential=True)


FOLLOW_UP = definition("follow_up", "each_follow_up", "acme/follow-ups/{manager_username}")
WEEKLY = definition("engineer_weekly", "each_engineer", "acme/1-1s/{username}")
APART = definition("engineer_weekly", "each_engineer", "acme/1-1s/{manager_username}/{username}")


def said(author: str, at: str, text: str, comment: int = 7) -> Said:
    requests = requests_in(f"@support-reports {text}", "@support-reports", frozenset({"new_tickets"}))
    return Said(comment=comment, author=author, at=utc(at), requests=requests)


def heard(key: str, project: str, *comments: Said, records: tuple[Record, ...] = (), closed_at: str = "") -> Heard:
    thread = Thread(
        project=project,
        iid=1,
        url="https://x/1",
        key=key,
        is_open=not closed_at,
        opened_at=utc("2026-11-02 06:00"),
        closed_at=utc(closed_at) if closed_at else None,
        updated_at=utc("2026-11-02 06:00"),
        comments=len(comments),
    )
    return Heard(thread=thread, said=comments, records=records)


def weekly(*comments: Said, person: Engineer, today: str, lies: str = "acme/1-1s/iduarte", **special: Any) -> WeeklyTalk:
    one = heard("engineer_weekly/iduarte/2026-W44", lies, *comments)
    definitions = (special.get("definition", WEEKLY),)
    (talk,) = talks([one], definitions, team(person, managers=MANAGERS), date.fromisoformat(today)).weekly
    return talk


def all_talks(*conversations: Heard, person: Engineer, today: str) -> Talks:
    return talks(conversations, (FOLLOW_UP, WEEKLY), team(person, managers=MANAGERS), date.fromisoformat(today))


def case(*comments: Said, person: Engineer, today: str, **special: Any) -> Case:
    one = heard("follow_up/iduarte/2026-W44", "acme/follow-ups/plindqvist", *comments, **special)
    (found,) = all_talks(one, person=person, today=today).cases
    return found


def refusals(talk: Case | WeeklyTalk) -> list[Refusal]:
    return [reason for answer in talk.listened.answers for _, reason in answer.refused]


def test_weekly_report__a_managers_word_counts_while_they_are_the_manager() -> None:
    excuse = "excuse 2026-W44"
    before = weekly(said("plindqvist", "2026-11-08 23:00", excuse), person=changed("2026-11-09"), today="2026-11-10")
    after = weekly(said("plindqvist", "2026-11-09 01:00", excuse), person=changed("2026-11-09"), today="2026-11-10")
    new = weekly(said("ohart", "2026-11-09 01:00", excuse), person=changed("2026-11-09"), today="2026-11-10")

    assert [refusals(talk) for talk in (before, after, new)] == [[], [Refusal.NOT_YOURS], []]
    assert [len(talk.listened.taken) for talk in (before, after, new)] == [1, 0, 1]


def test_weekly_report__the_engineers_word_always_counts() -> None:
    talk = weekly(said("iduarte", "2026-11-10 09:00", "available 4"), person=changed("2026-11-09"), today="2026-11-10")

    assert len(talk.listened.taken) == 1


def test_weekly_report__is_read_by_the_current_manager_where_it_lies_with_them() -> None:
    assert weekly(person=changed("2026-11-09"), today="2026-11-08").read_by == "plindqvist"
    assert weekly(person=changed("2026-11-09"), today="2026-11-09").read_by == "ohart"


def test_weekly_report__one_that_stayed_with_the_former_manager_is_read_by_them() -> None:
    talk = weekly(person=changed("2026-11-09"), today="2026-11-10", lies="acme/1-1s/plindqvist/iduarte", definition=APART)

    assert talk.read_by == "plindqvist"


def test_follow_up__stays_with_the_former_manager_and_nobody_is_heard_there() -> None:
    words = [said("plindqvist", "2026-11-10 09:00", "no concern"), said("ohart", "2026-11-10 10:00", "no concern", 8)]

    left = case(*words, person=changed("2026-11-09"), today="2026-11-10")

    assert (left.is_left, left.is_open, left.ended_at, left.listened.taken) == (True, False, None, ())
    assert refusals(left) == [Refusal.NOT_YOURS, Refusal.NOT_YOURS]


def test_follow_up__whom_the_former_manager_allowed_commands_no_more() -> None:
    allowed = record("plindqvist", "2026-11-03 09:00", Command(kind=CommandKind.ALLOW, who="hmori"))

    left = case(
        said("hmori", "2026-11-10 09:00", "no concern"), person=changed("2026-11-09"), today="2026-11-10", records=(allowed,)
    )

    assert refusals(left) == [Refusal.NOT_YOURS]


def record(author: str, at: str, *took: Command, comment: int = 5) -> Record:
    return Record(comment=comment, author=author, at=utc(at), digest="x", took=took)


def test_follow_up__what_was_answered_before_the_change_stays_in_force() -> None:
    excused = record("plindqvist", "2026-11-03 09:00", Command(kind=CommandKind.EXCUSE, week=W44))
    one = heard("follow_up/iduarte/2026-W44", "acme/follow-ups/plindqvist", records=(excused,))

    found = overrides(all_talks(one, person=changed("2026-11-09"), today="2026-11-10"), team().zone)

    assert found.excused == {("iduarte", W44)}


def test_follow_up__one_that_ended_before_the_change_lets_missed_weeks_count_anew() -> None:
    ended = record("plindqvist", "2026-11-03 09:00", Command(kind=CommandKind.NO_CONCERN))
    place = "acme/follow-ups/plindqvist"
    in_words = heard("follow_up/iduarte/2026-W44", place, records=(ended,))
    by_closing = heard("follow_up/iduarte/2026-W44", place, closed_at="2026-11-03 09:00")
    closed_too_late = heard("follow_up/iduarte/2026-W44", place, closed_at="2026-11-10 09:00")

    def fresh_starts(one: Heard) -> object:
        return overrides(all_talks(one, person=changed("2026-11-09"), today="2026-11-10"), team().zone).fresh_starts

    assert [fresh_starts(one) for one in (in_words, by_closing, closed_too_late)] == [{"iduarte": W45}, {"iduarte": W45}, {}]


def test_follow_up__of_a_manager_who_comes_back_hears_nothing_that_was_said_meanwhile() -> None:
    back = engineer(changes=(role("2026-11-09", reports_to="ohart"), role("2026-11-16")))
    meanwhile, now = (said("plindqvist", f"2026-11-{day} 09:00", "no concern", int(day)) for day in ("10", "17"))

    assert refusals(case(meanwhile, person=back, today="2026-11-17")) == [Refusal.NOT_YOURS]
    assert refusals(case(now, person=back, today="2026-11-17")) == []


def test_follow_up__in_a_project_of_all_managers_stays_with_the_manager_it_was_opened_for() -> None:
    shared = replace(FOLLOW_UP, project="acme/follow-ups")
    one = heard("follow_up/iduarte/2026-W44", "acme/follow-ups")

    def is_left(today: str) -> bool:
        people = team(changed("2026-11-09"), managers=MANAGERS)
        return talks([one], (shared,), people, date.fromisoformat(today)).cases[0].is_left

    assert (is_left("2026-11-08"), is_left("2026-11-09")) == (False, True)


# --- a follow-up for the new manager ------------------------------------------------------------------


def with_former_case(person: Engineer, week: Week, today: str) -> Desk:
    one = heard("follow_up/iduarte/2026-W44", "acme/follow-ups/plindqvist")
    said_so_far = all_talks(one, person=person, today=today)
    return replace(desk_of(person, week=week), today=date.fromisoformat(today), talks=said_so_far)


def test_followed__the_new_manager_gets_a_follow_up_of_their_own_with_the_weeks_handed_over() -> None:
    made = with_former_case(changed("2026-11-09"), W45, "2026-11-09")
    ((person, found),) = followed(made)

    view = follow_up(made, person, found)

    assert (person.reports_to, found, view.manager, view.taken) == ("ohart", None, "Olivia Hart", ())
    assert [row.week for row in view.weeks] == [W45, W44, W42.plus(1), W42]
    assert (view.opened, view.run.length) == (W45, 4)


def test_followed__in_the_middle_of_a_week_a_new_follow_up_waits_for_the_next_report() -> None:
    midweek = changed("2026-11-11")

    assert followed(with_former_case(midweek, W45, "2026-11-11")) == ()
    assert [found for _, found in followed(with_former_case(midweek, W46, "2026-11-16"))] == [None]


def test_followed__the_former_manager_keeps_theirs_until_the_day_of_the_change() -> None:
    ((person, found),) = followed(with_former_case(changed("2026-11-09"), W44, "2026-11-08"))

    assert (person.reports_to, found is not None) == ("plindqvist", True)
