"""Who is heard, that each comment is answered once, and that it never matters how the comments were split over runs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.commands import Command, CommandKind
from reports.core.conversation import Comment, Heard, Noticed, Record, Said, Thread
from reports.core.followups import Progress, Refusal, Taken, follow_up_refusal, progress, weekly_report_refusal
from reports.core.listening import Change, Check, Listened, listen
from tests.builders import utc
from tests.case_builders import (
    ALLOWED,
    BOT,
    ENGINEER,
    MANAGER,
    STRANGER,
    WEEKLY_KEY,
    Conversation,
    command,
    comment,
    heard,
    record,
    said,
    taken,
    thread,
)


def check_of(issue: Thread, manager: str = MANAGER) -> Check:
    """Who and what is taken below a follow-up."""
    return lambda before, words, asked: follow_up_refusal(asked, words, manager, progress(before), issue.closed_at)


def weekly_check(before: Sequence[Taken], words: Said, asked: Command) -> Refusal | None:
    """Who and what is taken below a weekly report."""
    return weekly_report_refusal(asked, words, ENGINEER, MANAGER)


def listened(*everything: Said) -> Listened:
    """An open follow-up, folded in one go."""
    return listen(heard(*everything), check_of(thread()))


def texts(commands: Sequence[Taken]) -> list[str]:
    return [one.command.text for one in commands]


def reasons(outcome: Listened) -> list[Refusal]:
    return [reason for answer in outcome.answers for _, reason in answer.refused]


# --- one run --------------------------------------------------------------------------------------------


def test_nothing_said__nothing_to_answer() -> None:
    assert listened() == Listened(taken=(), answers=(), changes=())


def test_command__is_in_force_with_who_gave_it_and_when() -> None:
    outcome = listened(said("no concern", at="2026-11-17 10:00", comment=7))

    assert outcome.taken == (taken("no concern", MANAGER, "2026-11-17 10:00", 7),)
    (answer,) = outcome.answers
    assert (answer.record.comment, answer.record.took, answer.refused) == (7, (command("no concern"),), ())


def test_below_a_muted_issue__only_what_was_answered_counts_and_nothing_is_to_be_answered() -> None:
    first, second = said("excuse 2026-W44", comment=1), said("no concern", comment=2)
    muted = replace(heard(first, second), records=(record(first, "excuse 2026-W44"),), is_muted=True)

    outcome = listen(muted, check_of(thread()))

    assert (texts(outcome.taken), outcome.answers) == (["excuse 2026-W44"], ())


def test_several_commands_in_one_comment__build_on_each_other() -> None:
    outcome = listened(
        said("conversation held on 2026-11-16\ndiscussed with @their-manager on 2026-11-16\nconversation held on 2026-11-17")
    )

    assert texts(outcome.taken) == ["discussed with @their-manager on 2026-11-16", "conversation held on 2026-11-17"]
    assert [reason for _, reason in outcome.answers[0].refused] == [Refusal.NOT_DISCUSSED]
    assert outcome.answers[0].record.took == tuple(one.command for one in outcome.taken)


def test_comments__count_in_the_order_they_were_said_whatever_order_they_come_in() -> None:
    first = said("discussed with @their-manager on 2026-11-16", at="2026-11-17 10:00", comment=2)
    then = said("conversation held on 2026-11-17", at="2026-11-17 10:01", comment=1)

    assert listened(then, first) == listened(first, then)
    assert reasons(listened(then, first)) == []


def test_comments__of_the_same_instant_count_in_the_order_of_their_numbers() -> None:
    first = said("discussed with @their-manager on 2026-11-16", comment=1)
    then = said("conversation held on 2026-11-17", comment=2)

    assert reasons(listened(then, first)) == []
    assert reasons(listened(replace(first, comment=3), then)) == [Refusal.NOT_DISCUSSED]


def test_words_that_are_no_command__are_answered_and_change_nothing() -> None:
    outcome = listened(said("excuse last week"))

    assert outcome.taken == ()
    assert (outcome.answers[0].record.took, len(outcome.answers[0].misunderstood)) == ((), 1)


# --- who may -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("author", [STRANGER, ENGINEER, ALLOWED, "plindqvist2"])
def test_somebody_else__changes_nothing_and_learns_nothing(author: str) -> None:
    everything = "reopen\nno concern\nplan met\nconversation held on 2030-01-01\nallow @kaziz\nexcuse 2026-W44\nhelp"
    outcome = listened(said(everything, author))

    assert outcome.taken == ()
    assert set(reasons(outcome)) == {Refusal.NOT_YOURS}
    assert len(reasons(outcome)) == 7


def test_whom_the_manager_allowed__is_heard_from_then_on() -> None:
    early = said("discussed with @their-manager on 2026-11-16", ALLOWED, "2026-11-17 09:00", 1)
    allow = said(f"allow @{ALLOWED}", MANAGER, "2026-11-17 10:00", 2)
    late = said("no concern", ALLOWED, "2026-11-17 11:00", 3)

    outcome = listened(early, allow, late)

    assert texts(outcome.taken) == ["allow @ohart", "no concern"]
    assert reasons(outcome) == [Refusal.NOT_YOURS]


def test_whom_the_manager_allowed__allows_nobody_else() -> None:
    allow = said(f"allow @{ALLOWED}", MANAGER, "2026-11-17 10:00", 1)
    pass_on = said(f"allow @{STRANGER}", ALLOWED, "2026-11-17 11:00", 2)
    use = said("no concern", STRANGER, "2026-11-17 12:00", 3)

    assert texts(listened(allow, pass_on, use).taken) == ["allow @ohart"]


def test_nobody__allows_themselves() -> None:
    assert listened(said(f"allow @{STRANGER}\nno concern", STRANGER)).taken == ()


def test_weekly_report__hears_the_engineer_and_the_manager_each_for_their_own() -> None:
    everything = "wrong docs_updates 2026-W45\navailable 4.5\nexcuse 2026-W45\nsettle docs_updates 2026-W45\nno concern"
    own = said(everything, ENGINEER, comment=1)
    managers = said(everything, MANAGER, comment=2)
    others = said(everything, STRANGER, comment=3)

    outcome = listen(heard(own, managers, others, key=WEEKLY_KEY), weekly_check)

    assert [(one.author, one.command.text) for one in outcome.taken] == [
        (ENGINEER, "wrong docs_updates 2026-W45"),
        (ENGINEER, "available 4.5"),
        (MANAGER, "excuse 2026-W45"),
        (MANAGER, "settle docs_updates 2026-W45"),
    ]


# --- exactly once, and changed comments ------------------------------------------------------------------


def again(now: Said | None, was: Record, *noticed: Noticed) -> Listened:
    """A later run, by which an answered comment is as it is `now`, or gone."""
    everything = (now,) if now else ()
    return listen(Heard(thread=thread(), said=everything, records=(was,), noticed=noticed), check_of(thread()))


def test_answered_comment__is_not_answered_again_and_stays_in_force() -> None:
    words = said("no concern")

    outcome = again(words, record(words, "no concern"))

    assert (texts(outcome.taken), outcome.answers, outcome.changes) == (["no concern"], (), ())


def test_refused_comment__is_not_taken_later_when_it_would_fit() -> None:
    early = said("conversation held on 2026-11-17", at="2026-11-17 10:00", comment=1)
    then = said("discussed with @their-manager on 2026-11-16", at="2026-11-17 11:00", comment=2)
    known = Heard(thread=thread(), said=(early, then), records=(record(early),))

    outcome = listen(known, check_of(thread()))

    assert texts(outcome.taken) == ["discussed with @their-manager on 2026-11-16"]
    assert [answer.record.comment for answer in outcome.answers] == [2]


def test_record__stays_in_force_though_its_author_may_no_longer_command() -> None:
    words = said("no concern")
    known = Heard(thread=thread(), said=(words,), records=(record(words, "no concern"),))

    assert texts(listen(known, check_of(thread(), manager="ohart")).taken) == ["no concern"]


def test_record__speaks_with_the_time_of_its_comment_among_those_still_to_be_answered() -> None:
    early = said("conversation held on 2026-11-17", at="2026-11-17 09:00", comment=1)
    middle = said("discussed with @their-manager on 2026-11-16", at="2026-11-17 10:00", comment=2)
    late = said("conversation held on 2026-11-17", at="2026-11-17 11:00", comment=3)
    known = Heard(thread=thread(), said=(early, middle, late), records=(record(middle, middle.requests.commands[0].text),))

    outcome = listen(known, check_of(thread()))

    assert [one.comment for one in outcome.taken] == [2, 3]
    assert reasons(outcome) == [Refusal.NOT_DISCUSSED]


def test_edited_comment__is_reported_and_not_obeyed() -> None:
    was = record(said("discussed with @their-manager on 2026-11-16"), "discussed with @their-manager on 2026-11-16")
    now = said("no concern")

    outcome = again(now, was)

    assert texts(outcome.taken) == ["discussed with @their-manager on 2026-11-16"]
    assert outcome.answers == ()
    assert outcome.changes == (Change(noticed=Noticed(comment=1, digest=now.requests.digest), record=was),)


def test_deleted_comment__is_reported_and_stays_in_force() -> None:
    was = record(said("no concern"), "no concern")

    outcome = again(None, was)

    assert texts(outcome.taken) == ["no concern"]
    assert outcome.changes == (Change(noticed=Noticed(comment=1, digest=""), record=was),)


def test_change__is_reported_once_and_a_further_one_again() -> None:
    was = record(said("no concern"), "no concern")
    first, second = said("help"), said("plan met")
    seen = Noticed(comment=1, digest=first.requests.digest)

    assert again(first, was, seen).changes == ()
    assert [change.noticed.digest for change in again(second, was, seen).changes] == [second.requests.digest]
    assert [change.noticed.digest for change in again(None, was, seen).changes] == [""]


def test_change__that_was_taken_back_needs_no_word() -> None:
    words = said("no concern")

    assert again(words, record(words, "no concern"), Noticed(comment=1, digest="")).changes == ()


def test_refused_comment__that_is_edited_is_reported_and_not_obeyed() -> None:
    was = record(said("conversation held on 2026-11-17"))

    outcome = again(said("no concern"), was)

    assert (outcome.taken, len(outcome.changes)) == ((), 1)


def test_conversation__over_real_notes_answers_and_reports_once() -> None:
    talk = Conversation(check=check_of(thread()))
    talk.comments.append(comment(1, "discussed with @their-manager on 2026-11-16"))
    talk.run()
    talk.comments[0] = comment(1, "no concern")
    talk.run()
    talk.run()
    del talk.comments[0]
    talk.run()
    last = talk.run()

    assert len(talk.answers) == 1
    assert [change.noticed.digest != "" for change in talk.changes] == [True, False]
    assert texts(last.taken) == ["discussed with @their-manager on 2026-11-16"]


def test_marker_of_the_bot__that_somebody_else_writes_counts_for_nothing() -> None:
    talk = Conversation(check=check_of(thread()))
    talk.comments.append(comment(1, "no concern", STRANGER))
    talk.run()
    forged = talk.comments[-1].text.replace("took=[]", 'took=[{"kind":"no concern"}]').replace("comment=1", "comment=9")
    talk.comments.append(Comment(id=2, author=STRANGER, at=utc("2026-11-17 12:00"), text=forged))

    assert forged.count("no concern") == 1
    assert talk.run().taken == ()
    assert talk.comments[1].author == BOT


# --- laws -----------------------------------------------------------------------------------------------

PEOPLE = (MANAGER, MANAGER, MANAGER, ALLOWED, STRANGER, ENGINEER)

TO_A_PLAN = (
    "discussed with @their-manager on 2026-11-16",
    "informed team member relations",
    "conversation held on 2026-11-17",
    "plan from 2026-11-23: new_tickets 4, pairing_sessions 2",
)

WORDS = (
    "help",
    "excuse 2026-W44",
    "settle docs_updates 2026-W45",
    "wrong docs_updates 2026-W45",
    "available 4.5",
    *TO_A_PLAN,
    "plan met",
    "plan not met",
    "no concern",
    "pause until 2026-11-19",
    "reopen",
    f"allow @{ALLOWED}",
    "no such word",
)

#: What the tool closes the issue at.
CLOSING = (CommandKind.PLAN_MET, CommandKind.NO_CONCERN)

START = utc("2026-11-17 06:00")


@st.composite
def conversations(draw: st.DrawFn, least_hours: int = 0) -> list[Comment]:
    """Comments by everybody over a few days, some at the same instant unless hours lie between.

    Each has one to three lines, or goes all the way to a plan at once, else chance would hardly ever come so far.
    """
    lines = st.one_of(st.just(TO_A_PLAN), st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True))
    said_so = draw(st.lists(st.tuples(st.sampled_from(PEOPLE), lines, st.integers(least_hours, 20)), max_size=8))
    comments, at = [], START
    for number, (author, words, hours) in enumerate(said_so, start=1):
        at += timedelta(hours=hours)
        comments.append(comment(number, "\n".join(words), author, at))
    return comments


cuts = st.sets(st.integers(0, 8))
closings = st.one_of(st.none(), st.integers(0, 60).map(lambda hours: START + timedelta(hours=hours)))


def told(comments: Sequence[Comment], after: Sequence[int] | set[int], issue: Thread) -> tuple[Listened, Conversation]:
    """The last run over the comments with a run after each of so many of them."""
    talk = Conversation(check=check_of(issue), thread=issue)
    return talk.run_over(comments, after), talk


@given(conversations(), cuts, closings)
def test_law__folding_is_the_same_however_the_comments_were_split_over_runs(
    comments: list[Comment], after: set[int], closed_at: datetime | None
) -> None:
    issue = thread(closed_at=closed_at)
    at_once, in_one = told(comments, (), issue)
    in_parts, bit_by_bit = told(comments, after, issue)

    assert in_parts.taken == at_once.taken
    assert progress(in_parts.taken) == progress(at_once.taken)
    assert bit_by_bit.answers == in_one.answers
    assert bit_by_bit.changes == []


@given(conversations(least_hours=1), cuts)
def test_law__splits_do_not_matter_though_the_tool_closes_and_reopens_the_issue_at_peoples_word(
    comments: list[Comment], after: set[int]
) -> None:
    talk = Conversation(check=check_of(thread()))
    for first, last in pairwise(sorted({0, len(comments), *(cut for cut in after if cut < len(comments))})):
        talk.comments += comments[first:last]
        talk.check = check_of(talk.thread)
        for answer in talk.run().answers:
            for asked in answer.record.took:
                if asked.kind in CLOSING:
                    talk.thread = thread(closed_at=comments[last - 1].at + timedelta(minutes=5))
                elif asked.kind is CommandKind.REOPEN:
                    talk.thread = thread()

    assert talk.run().taken == told(comments, (), thread())[0].taken


@given(conversations(), cuts)
def test_law__every_comment_is_answered_exactly_once(comments: list[Comment], after: set[int]) -> None:
    _, talk = told(comments, after, thread())

    assert sorted(answer.record.comment for answer in talk.answers) == [one.id for one in comments]
    assert talk.run().answers == ()


@given(conversations(), cuts)
def test_law__each_command_is_taken_or_refused_and_never_both(comments: list[Comment], after: set[int]) -> None:
    _, talk = told(comments, after, thread())

    for answer, words in zip(talk.answers, talk.heard().said, strict=True):
        answered = [*answer.record.took, *(asked for asked, _ in answer.refused)]
        assert sorted(map(repr, answered)) == sorted(map(repr, words.requests.commands))
        assert answer.misunderstood == words.requests.misunderstood


@given(conversations(), cuts)
def test_law__nobody_but_the_manager_and_whom_they_allowed_changes_anything(comments: list[Comment], after: set[int]) -> None:
    with_all, _ = told(comments, after, thread())
    without, _ = told([one for one in comments if one.author in (MANAGER, ALLOWED)], (), thread())

    assert with_all.taken == without.taken
    assert {one.author for one in with_all.taken} <= {MANAGER, ALLOWED}


@given(conversations())
def test_law__before_they_are_allowed_nobody_is_heard(comments: list[Comment]) -> None:
    nobody_allowed = [one for one in comments if "allow @" not in one.text]

    outcome, _ = told(nobody_allowed, (), thread())

    assert {one.author for one in outcome.taken} <= {MANAGER}


@given(conversations())
def test_law__strangers_learn_nothing(comments: list[Comment]) -> None:
    _, talk = told(comments, (), thread())

    for answer in talk.answers:
        if answer.record.author in (STRANGER, ENGINEER):
            assert {reason for _, reason in answer.refused} <= {Refusal.NOT_YOURS}


@given(conversations(), st.randoms(use_true_random=False))
def test_law__the_order_in_which_the_tracker_lists_comments_does_not_matter(comments: list[Comment], random: Random) -> None:
    mixed = list(comments)
    random.shuffle(mixed)

    assert told(mixed, (), thread())[0] == told(comments, (), thread())[0]


@given(conversations(), cuts, st.data())
def test_law__an_edit_or_a_deletion_after_the_answer_undoes_nothing(
    comments: list[Comment], after: set[int], data: st.DataObject
) -> None:
    before, talk = told(comments, after, thread())
    own = [n for n, one in enumerate(talk.comments) if one.author != BOT]
    for n in sorted(data.draw(st.sets(st.sampled_from(own))) if own else [], reverse=True):
        if data.draw(st.booleans()):
            talk.comments[n] = replace(talk.comments[n], text="@support-reports no concern\n@support-reports excuse 2026-W40")
        else:
            del talk.comments[n]

    assert talk.run().taken == before.taken
    assert talk.run().changes == ()


@given(conversations(), cuts)
def test_law__below_a_weekly_report_splits_do_not_matter_either(comments: list[Comment], after: set[int]) -> None:
    weekly = partial(Conversation, check=weekly_check, thread=thread(WEEKLY_KEY))

    assert weekly().run_over(comments, after).taken == weekly().run_over(comments, ()).taken


@given(conversations())
def test_law__a_follow_up_that_has_ended_only_goes_on_when_somebody_asks(comments: list[Comment]) -> None:
    outcome, _ = told(comments, (), thread())

    so_far = Progress()
    for n, one in enumerate(outcome.taken, start=1):
        following = progress(outcome.taken[:n])
        if so_far.outcome is not None and following.outcome is None:
            assert one.command.text == "reopen"
        if so_far.outcome is not None and following.outcome is not None:
            assert following.outcome is so_far.outcome
        so_far = following
