"""All conversations of a team folded: which follow-ups there are, whose word counts in them, and how weeks count for it."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.cases import NO_TALKS, Case, Talks, WeeklyTalk, overrides, project_of, talks
from reports.core.conversation import Heard
from reports.core.followups import CaseState, Refusal
from reports.core.overrides import NOTHING_SAID, Overrides
from reports.core.people import Team
from reports.core.weeks import Week
from tests.builders import corrected, engineer, manager, role, team, utc
from tests.case_builders import (
    ALLOWED,
    ENGINEER,
    FOLLOW_UP_KEY,
    MANAGER,
    STRANGER,
    TODAY,
    WEEKLY_KEY,
    definitions,
    heard,
    record,
    said,
)

UTC = ZoneInfo("UTC")
STOCKHOLM = ZoneInfo("Europe/Stockholm")
W44, W45, W46 = Week(2026, 44), Week(2026, 45), Week(2026, 46)

THEIR_NEW_MANAGER = "ohart"
OLD_PLACE, NEW_PLACE = "acme/support/follow-ups/plindqvist", "acme/support/follow-ups/ohart"


def folded(*conversations: Heard, of: Team | None = None) -> Talks:
    """The conversations of a team; of Ines alone unless another is given."""
    return talks(conversations, definitions(), of or team(), TODAY)


def after_a_manager_change() -> Team:
    """Ines reports to somebody else since Monday."""
    change = role("2026-11-16", reports_to=THEIR_NEW_MANAGER)
    return team(engineer(changes=(change,)), managers=(manager(), manager(THEIR_NEW_MANAGER)))


def case(*everything: Any, of: Team | None = None, **special: Any) -> Case:
    """One follow-up, folded."""
    (found,) = folded(heard(*everything, **special), of=of).cases
    return found


def weekly(*everything: Any, week: Week = W46, who: str = ENGINEER, **special: Any) -> Heard:
    """What was said below a weekly report."""
    return heard(*everything, key=f"engineer_weekly/{who}/{week}", project=f"acme/support/1-1s/{who}", **special)


def counts(*conversations: Heard, zone: ZoneInfo = UTC, of: Team | None = None) -> Overrides:
    """How weeks count for what was said."""
    return overrides(folded(*conversations, of=of), zone)


# --- which conversations there are ----------------------------------------------------------------------


def test_talks__nothing_heard() -> None:
    assert folded() == NO_TALKS
    assert overrides(NO_TALKS, UTC) == NOTHING_SAID


def test_talks__tell_follow_ups_from_weekly_reports() -> None:
    found = folded(heard(), weekly())

    assert [(one.engineer.username, one.opened, one.is_open) for one in found.cases] == [(ENGINEER, W46, True)]
    assert [(one.engineer.username, one.week) for one in found.weekly] == [(ENGINEER, W46)]


@pytest.mark.parametrize(
    "key",
    ["follow_up/gone/2026-W46", "engineer_weekly/gone/2026-W46", "team_weekly/plindqvist/2026-W46", "retired/iduarte/2026-W46"],
)
def test_talks__of_people_who_left_and_of_other_reports_are_left_out(key: str) -> None:
    assert folded(heard(said("no concern"), key=key)) == NO_TALKS


@pytest.mark.parametrize(
    "key",
    ["", "engineer_weekly", "engineer_weekly/iduarte", "engineer_weekly/iduarte/9999-W52", "engineer_weekly/iduarte/x/2026-W46"],
)
def test_talks__an_issue_whose_key_was_damaged_concerns_nobody_and_stops_nobody(key: str) -> None:
    damaged = heard(said("available 3", ENGINEER), key=key, project="acme/support/1-1s/iduarte")

    assert folded(damaged) == NO_TALKS
    assert folded(damaged, weekly()) == folded(weekly())


@pytest.mark.parametrize("key", [WEEKLY_KEY, FOLLOW_UP_KEY])
def test_talks__a_key_that_was_edited_into_somebody_elses_takes_nothing_from_them(key: str) -> None:
    forged = heard(said("excuse 2026-W45"), key=key, project="acme/support/1-1s/kaziz")

    assert folded(forged) == NO_TALKS


def test_talks__what_lies_with_a_former_manager_still_belongs_to_the_engineer() -> None:
    assert len(folded(heard(), of=after_a_manager_change()).cases) == 1


def test_talks__do_not_depend_on_the_order_in_which_issues_are_listed() -> None:
    conversations = [
        heard(said("no concern")),
        weekly(week=W45),
        weekly(week=W46),
        heard(key="follow_up/iduarte/2026-W30", iid=2),
    ]

    assert folded(*reversed(conversations)) == folded(*conversations)
    assert [one.week for one in folded(*conversations).weekly] == [W45, W46]


def test_project_of__is_that_of_the_current_manager() -> None:
    weekly_report, _, follow_up = definitions()

    assert project_of(follow_up, engineer()) == OLD_PLACE
    assert project_of(follow_up, engineer(reports_to=THEIR_NEW_MANAGER)) == NEW_PLACE
    assert project_of(weekly_report, engineer()) == "acme/support/1-1s/iduarte"


# --- one follow-up --------------------------------------------------------------------------------------


def test_case__follows_what_the_manager_says() -> None:
    found = case(
        said("discussed with @their-manager on 2026-11-16", at="2026-11-17 10:00", comment=1),
        said("conversation held on 2026-11-17", at="2026-11-17 15:00", comment=2),
    )

    assert (found.progress.state(TODAY), found.is_open, found.ended_at) == (CaseState.CONVERSATION, True, None)


@pytest.mark.parametrize("text", ["no concern", "plan not met"])
def test_case__is_ended_in_words(text: str) -> None:
    plan = "discussed with @their-manager on 2026-11-02\nconversation held on 2026-11-02\nplan from 2026-11-02: new_tickets 2"
    found = case(said(plan, comment=1, at="2026-11-16 10:00"), said(text, comment=2, at="2026-11-17 10:00"))

    assert (found.is_open, found.ended_at) == (False, utc("2026-11-17 10:00"))


def test_case__is_ended_by_closing_its_issue() -> None:
    found = case(closed_at=utc("2026-11-18 08:00"))

    assert (found.is_open, found.ended_at) == (False, utc("2026-11-18 08:00"))


def test_case__that_was_ended_in_words_ended_then_and_not_when_its_issue_was_closed() -> None:
    found = case(said("no concern", at="2026-11-15 23:00"), closed_at=utc("2026-11-16 00:05"))

    assert found.ended_at == utc("2026-11-15 23:00")


def test_case__that_is_reopened_in_words_goes_on_though_its_issue_is_still_closed() -> None:
    found = case(
        said("no concern", at="2026-11-17 08:00", comment=1),
        said("reopen", at="2026-11-17 10:00", comment=2),
        said("discussed with @their-manager on 2026-11-16", at="2026-11-17 10:30", comment=3),
        closed_at=utc("2026-11-17 09:00"),
    )

    assert (found.is_open, found.ended_at, found.progress.step) == (True, None, CaseState.DISCUSSED)


def test_case__that_is_paused_is_open() -> None:
    found = case(said("pause until 2026-12-07"))

    assert (found.is_open, found.progress.state(TODAY)) == (True, CaseState.PAUSED)


@pytest.mark.parametrize("author", [STRANGER, ENGINEER, ALLOWED])
def test_case__hears_nobody_else(author: str) -> None:
    found = case(said("no concern", author))

    assert found.is_open
    assert [reason for answer in found.listened.answers for _, reason in answer.refused] == [Refusal.NOT_YOURS]


# --- handed over ----------------------------------------------------------------------------------------


def test_handed_over__the_old_follow_up_neither_goes_on_nor_has_ended() -> None:
    found = case(said("discussed with @their-manager on 2026-11-16"), of=after_a_manager_change())

    assert (found.is_left, found.is_open, found.ended_at) == (True, False, None)


@pytest.mark.parametrize("author", [MANAGER, THEIR_NEW_MANAGER, ENGINEER])
def test_handed_over__nobodys_word_counts_in_it_any_more(author: str) -> None:
    found = case(said("excuse 2026-W45\nno concern", author), of=after_a_manager_change())

    assert found.listened.taken == ()
    assert {reason for answer in found.listened.answers for _, reason in answer.refused} == {Refusal.NOT_YOURS}


def test_handed_over__the_new_managers_own_follow_up_begins_at_the_beginning() -> None:
    old_words = said("discussed with @their-manager on 2026-11-16")
    old = Heard(thread=heard().thread, said=(old_words,), records=(record(old_words, old_words.requests.commands[0].text),))
    new = heard(said("help", THEIR_NEW_MANAGER), project=NEW_PLACE)

    found = folded(old, new, of=after_a_manager_change())

    by_place = {one.heard.thread.project: one for one in found.cases}
    assert found.open_case(ENGINEER) == by_place[NEW_PLACE]
    assert by_place[NEW_PLACE].progress.step is CaseState.OPEN
    assert [reason for answer in by_place[NEW_PLACE].listened.answers for _, reason in answer.refused] == []


def test_handed_over__the_former_manager_has_no_word_in_the_new_follow_up_nor_in_the_weekly_report() -> None:
    new = heard(said("no concern", MANAGER), project=NEW_PLACE)

    found = folded(new, weekly(said("excuse 2026-W45", MANAGER)), of=after_a_manager_change())

    assert [one.listened.taken for one in found.cases] == [()]
    assert [one.listened.taken for one in found.weekly] == [()]


def test_handed_over__weeks_that_were_excused_stay_excused() -> None:
    words = said("excuse 2026-W45")
    old = Heard(thread=heard().thread, said=(words,), records=(record(words, "excuse 2026-W45"),))

    assert counts(old, of=after_a_manager_change()).excused == {(ENGINEER, W45)}


@pytest.mark.parametrize(
    ("author", "text", "written", "edited", "is_taken"),
    [
        (MANAGER, "excuse 2026-W45", "2026-11-13 10:00", "", True),
        (MANAGER, "excuse 2026-W45", "2026-11-13 10:00", "2026-11-14 10:00", True),
        (MANAGER, "excuse 2026-W45", "2026-11-13 10:00", "2026-11-17 10:00", False),
        (THEIR_NEW_MANAGER, "excuse 2026-W45", "2026-11-13 10:00", "2026-11-17 10:00", False),
        (THEIR_NEW_MANAGER, "excuse 2026-W45", "2026-11-16 10:00", "2026-11-17 10:00", True),
        (ENGINEER, "wrong new_tickets 2026-W45", "2026-11-13 10:00", "2026-11-17 10:00", True),
    ],
)
def test_handed_over__a_comment_that_was_edited_counts_only_by_who_was_the_manager_all_along(
    author: str, text: str, written: str, edited: str, is_taken: bool
) -> None:
    found = folded(weekly(said(text, author, written, edited=edited)), of=after_a_manager_change())

    assert [len(one.listened.taken) for one in found.weekly] == [int(is_taken)]


# --- which follow-up ------------------------------------------------------------------------------------


def older(*everything: Any, **special: Any) -> Heard:
    """A follow-up that was opened in August."""
    ordinary: dict[str, Any] = {"key": "follow_up/iduarte/2026-W33", "iid": 2, "opened_at": utc("2026-08-17 06:00")}
    return heard(*everything, **(ordinary | special))


def test_open_case__is_the_one_that_goes_on() -> None:
    found = folded(older(said("no concern")), heard())

    going_on = found.open_case(ENGINEER)
    assert going_on is not None
    assert going_on.opened == W46


def test_open_case__is_the_oldest_should_there_be_two() -> None:
    found = folded(heard(), older()).open_case(ENGINEER)

    assert found is not None
    assert found.opened == Week(2026, 33)


def test_open_case__there_is_none_of_others_nor_after_the_end() -> None:
    found = folded(heard(said("no concern")))

    assert found.open_case(ENGINEER) is None
    assert folded(heard()).open_case(STRANGER) is None


def test_waiting_cases__are_ended_ones_with_a_comment_to_answer_oldest_first() -> None:
    ended, words = said("no concern"), said("help", at="2026-11-18 10:00", comment=2)
    answered = Heard(thread=heard(iid=3).thread, said=(ended,), records=(record(ended, "no concern"),))

    found = folded(heard(said("no concern")), older(ended, words), answered)

    assert [one.opened for one in found.waiting_cases(ENGINEER)] == [Week(2026, 33), W46]
    assert [one.heard.thread.iid for one in found.waiting_cases(ENGINEER)] == [2, 1]
    assert found.waiting_cases(STRANGER) == ()


def test_waiting_cases__one_that_goes_on_is_not_among_them() -> None:
    assert folded(heard(said("help"))).waiting_cases(ENGINEER) == ()


# --- how weeks count ------------------------------------------------------------------------------------


def test_excused__from_the_follow_up_and_from_the_weekly_report() -> None:
    said_there = counts(heard(said("excuse 2026-W44")), weekly(said("excuse 2026-W45")))

    assert said_there.excused == {(ENGINEER, W44), (ENGINEER, W45)}


def test_excused__stays_so_when_the_follow_up_has_ended() -> None:
    assert counts(heard(said("excuse 2026-W44\nno concern"))).excused == {(ENGINEER, W44)}


@pytest.mark.parametrize(("author", "place"), [(ENGINEER, WEEKLY_KEY), (STRANGER, WEEKLY_KEY), (ENGINEER, FOLLOW_UP_KEY)])
def test_excused__not_at_anybody_elses_word(author: str, place: str) -> None:
    assert counts(heard(said("excuse 2026-W44", author), key=place)) in (
        NOTHING_SAID,
        Overrides(followed=frozenset({ENGINEER})),
    )


def test_disputed__until_the_manager_settles_that_number() -> None:
    wrong = said("wrong new_tickets 2026-W45\nwrong docs_updates 2026-W45\nwrong new_tickets 2026-W44", ENGINEER)
    settle = said("settle new_tickets 2026-W45", at="2026-11-18 10:00", comment=2)

    assert counts(weekly(wrong)).disputed == {
        (ENGINEER, "new_tickets", W45),
        (ENGINEER, "docs_updates", W45),
        (ENGINEER, "new_tickets", W44),
    }
    assert counts(weekly(wrong, settle)).disputed == {(ENGINEER, "docs_updates", W45), (ENGINEER, "new_tickets", W44)}


def test_disputed__what_was_settled_before_it_was_called_wrong_is_disputed_all_the_same() -> None:
    settle = said("settle new_tickets 2026-W45", at="2026-11-18 08:00", comment=1)
    wrong = said("wrong new_tickets 2026-W45", ENGINEER, at="2026-11-18 09:00", comment=2)

    assert counts(weekly(settle, wrong)).disputed == {(ENGINEER, "new_tickets", W45)}
    assert counts(heard(settle), weekly(wrong)).disputed == {(ENGINEER, "new_tickets", W45)}


def test_disputed__once_more_after_it_was_settled_is_refused_and_says_so() -> None:
    words = [
        said("wrong new_tickets 2026-W45", ENGINEER, at="2026-11-18 08:00", comment=1),
        said("settle new_tickets 2026-W45", at="2026-11-18 09:00", comment=2),
        said("wrong new_tickets 2026-W45\nwrong new_tickets 2026-W44", ENGINEER, at="2026-11-18 10:00", comment=3),
    ]
    (talk,) = folded(weekly(*words)).weekly

    assert [(c.week, reason) for c, reason in talk.listened.answers[-1].refused] == [(W45, Refusal.ALREADY_SETTLED)]
    assert counts(weekly(*words)).disputed == {(ENGINEER, "new_tickets", W44)}


def test_disputed_and_settled__excuse_no_week() -> None:
    wrong, settle = said("wrong new_tickets 2026-W45", ENGINEER), said("settle docs_updates 2026-W45", comment=2)

    assert counts(weekly(wrong, settle)) == Overrides(disputed=frozenset({(ENGINEER, "new_tickets", W45)}))


def test_disputed__is_settled_from_the_follow_up_or_another_weekly_report_too() -> None:
    wrong = weekly(said("wrong new_tickets 2026-W45", ENGINEER), week=W45)
    settle = said("settle new_tickets 2026-W45", at="2026-11-18 10:00")

    assert counts(wrong, heard(settle)).disputed == frozenset()
    assert counts(wrong, weekly(settle)).disputed == frozenset()


def refused(*conversations: Heard) -> list[Refusal]:
    """Why commands were refused, in the order of the issues and of what was said there."""
    found = folded(*conversations)
    everything: list[Case | WeeklyTalk] = [*found.cases, *found.weekly]
    return [reason for talk in everything for answer in talk.listened.answers for _, reason in answer.refused]


def test_settle__of_a_number_that_nobody_called_wrong_says_so() -> None:
    settle = said("settle new_tickets 2026-W45", at="2026-11-18 10:00")
    before = said("wrong new_tickets 2026-W45", ENGINEER, at="2026-11-18 09:00")
    later = said("wrong new_tickets 2026-W45", ENGINEER, at="2026-11-18 11:00")
    others = said("wrong docs_updates 2026-W45\nwrong new_tickets 2026-W44", ENGINEER, at="2026-11-18 09:00")
    managers = said("wrong new_tickets 2026-W45", at="2026-11-18 09:00")

    assert refused(heard(settle), weekly(before, week=W45)) == []
    assert refused(heard(settle), weekly(later, week=W45)) == [Refusal.NOT_DISPUTED]
    assert refused(heard(settle), weekly(others)) == [Refusal.NOT_DISPUTED]
    assert refused(heard(settle), weekly(managers)) == [Refusal.NOT_DISPUTED, Refusal.NOT_YOURS]


def test_settle__of_a_number_whose_comment_is_gone_is_taken_since_it_was_answered() -> None:
    words = said("wrong new_tickets 2026-W45", ENGINEER)
    gone = Heard(thread=weekly().thread, records=(record(words, "wrong new_tickets 2026-W45"),))

    assert refused(gone, heard(said("settle new_tickets 2026-W45"))) == []


def test_allow__nobody_who_is_an_engineer_in_the_team() -> None:
    colleagues = team(engineer(), engineer(STRANGER), engineer(ALLOWED), managers=(manager(), manager(ALLOWED)))

    found = case(said(f"allow @{STRANGER.upper()}\nallow @{ENGINEER}\nallow @{ALLOWED}\nallow @somebody"), of=colleagues)

    assert [(one.who, reason) for one, reason in found.listened.answers[0].refused] == [
        (STRANGER.upper(), Refusal.IS_AN_ENGINEER),
        (ENGINEER, Refusal.IS_AN_ENGINEER),
    ]
    assert found.progress.allowed == {ALLOWED, "somebody"}


def test_disputed__not_settled_by_the_engineer_nor_called_wrong_by_the_manager() -> None:
    own = said("wrong new_tickets 2026-W45\nsettle new_tickets 2026-W45", ENGINEER, comment=1)
    managers = said("wrong docs_updates 2026-W45", MANAGER, comment=2)

    assert counts(weekly(own, managers)).disputed == {(ENGINEER, "new_tickets", W45)}


def test_disputed__of_one_person_is_not_settled_by_the_word_about_another() -> None:
    two = team(engineer(), engineer(STRANGER))
    wrong = weekly(said("wrong new_tickets 2026-W45", ENGINEER))
    settle = weekly(said("settle new_tickets 2026-W45"), who=STRANGER)

    assert counts(wrong, settle, of=two).disputed == {(ENGINEER, "new_tickets", W45)}


def test_corrections__the_last_word_on_the_week_of_the_report() -> None:
    first = said("available 4.5", ENGINEER, at="2026-11-16 10:00", comment=1)
    second = said("available 3", ENGINEER, at="2026-11-17 10:00", comment=2)

    assert counts(weekly(second, first), weekly(said("available 0", ENGINEER), week=W44)).corrections == (
        corrected(W44, 0),
        corrected(W46, 3),
    )


def test_corrections__only_in_the_engineers_own_words() -> None:
    by_others = [said("available 1", MANAGER, comment=1), said("available 2", STRANGER, comment=2)]

    assert counts(weekly(*by_others)).corrections == ()
    assert counts(heard(said("available 1", ENGINEER), said("available 1", MANAGER, comment=2))).corrections == ()


def test_fresh_start__is_the_week_in_which_the_latest_follow_up_ended() -> None:
    first = older(said("no concern", at="2026-08-26 10:00"))
    second = heard(said("no concern", at="2026-11-17 10:00"))

    assert counts(first).fresh_starts == {ENGINEER: Week(2026, 35)}
    assert counts(second, first).fresh_starts == {ENGINEER: Week(2026, 47)}


def test_fresh_start__is_a_week_of_the_zone_that_weeks_are_counted_in() -> None:
    late_on_sunday = heard(said("no concern", at="2026-11-15 23:30"))

    assert counts(late_on_sunday, zone=UTC).fresh_starts == {ENGINEER: W46}
    assert counts(late_on_sunday, zone=STOCKHOLM).fresh_starts == {ENGINEER: Week(2026, 47)}


def test_fresh_start__by_closing_the_issue() -> None:
    assert counts(heard(closed_at=utc("2026-11-18 08:00"))).fresh_starts == {ENGINEER: Week(2026, 47)}


def test_fresh_start__there_is_none_while_it_goes_on_or_after_it_was_reopened() -> None:
    assert counts(heard()).fresh_starts == {}
    assert counts(heard(said("no concern\nreopen"))).fresh_starts == {}
    assert counts(heard(said("pause until 2026-12-07"))).fresh_starts == {}


def test_followed__are_people_with_a_follow_up_that_goes_on() -> None:
    assert counts(heard()).followed == {ENGINEER}
    assert counts(heard(said("no concern"))).followed == {ENGINEER}, "its comment is not answered yet"
    words = said("no concern")
    assert counts(Heard(thread=heard().thread, said=(words,), records=(record(words, "no concern"),))).followed == frozenset()
    assert counts(heard(), of=after_a_manager_change()).followed == frozenset()
    assert counts(weekly()).followed == frozenset()


# --- laws -----------------------------------------------------------------------------------------------

WORDS = (
    "wrong new_tickets 2026-W45",
    "settle new_tickets 2026-W45",
    "excuse 2026-W45",
    "available 3",
    "no concern",
    "reopen",
    "help",
)


@given(st.lists(st.tuples(st.sampled_from([STRANGER, ALLOWED, "gone"]), st.sampled_from(WORDS)), max_size=6))
def test_law__what_strangers_say_changes_no_week_and_no_follow_up(everything: list[tuple[str, str]]) -> None:
    words = [said(text, author, comment=n) for n, (author, text) in enumerate(everything, start=1)]

    assert counts(heard(*words), weekly(*words)) == counts(heard(), weekly())


@given(
    st.permutations([older(said("no concern")), heard(said("excuse 2026-W44")), weekly(said("available 3", ENGINEER), week=W45)])
)
def test_law__the_order_of_issues_does_not_matter(conversations: list[Heard]) -> None:
    assert counts(*conversations) == Overrides(
        excused=frozenset({(ENGINEER, W44)}),
        corrections=(corrected(W45, 3),),
        fresh_starts={ENGINEER: Week.containing(date(2026, 11, 17))},
        followed=frozenset({ENGINEER}),
    )
