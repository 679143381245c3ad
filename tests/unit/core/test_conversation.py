from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.core.commands import Command, CommandKind, PlanGoal
from reports.core.conversation import DAMAGED, Comment, Heard, Noticed, Record, noticed_marker, posted_marker, record_marker
from reports.core.followups import Taken
from reports.core.listening import Change, Listened, listen
from reports.core.weeks import Week
from tests.conversation_builders import BOT, FIRST_SAID, answer, any_command, asked, comment, heard, record, thread

EXCUSE = Command(kind=CommandKind.EXCUSE, week=Week(2026, 44))
NO_CONCERN = Command(kind=CommandKind.NO_CONCERN)
ASKED = comment("@support-reports excuse 2026-W44")


def folded(said: Heard) -> Listened:
    """The conversation where whatever is understood is taken."""
    return listen(said, lambda before, said, command: None)


def commands(taken: tuple[Taken, ...]) -> list[Command]:
    return [one.command for one in taken]


# --- what is said ----------------------------------------------------------------------------------


def test_hear__a_comment_to_the_tool_is_reduced_to_what_it_asks() -> None:
    (said,) = heard(comment("Ines was at a funeral.\n\n@support-reports excuse 2026-W44", id=5)).said

    assert (said.comment, said.author, said.at) == (5, "plindqvist", FIRST_SAID + timedelta(minutes=4))
    assert said.requests.commands == (EXCUSE,)
    assert "funeral" not in repr(said)


def test_hear__talk_between_people_is_not_kept() -> None:
    assert heard(comment("Shall we talk on Tuesday, @iduarte?")) == Heard(thread=thread(comments=1))


def test_hear__a_line_that_is_not_understood_waits_for_an_answer_as_well() -> None:
    (said,) = heard(comment("@support-reports excuse")).said

    assert (said.requests.commands, len(said.requests.misunderstood)) == ((), 1)


def test_hear__is_in_the_order_it_was_said_whatever_the_order_it_was_fetched_in() -> None:
    first, second, third = (comment(f"@support-reports excuse 2026-W4{n}", id=n) for n in (1, 2, 3))

    assert [said.comment for said in heard(third, first, second).said] == [1, 2, 3]


def test_hear__of_two_comments_in_the_same_second_the_lower_number_was_first() -> None:
    said = heard(*(comment("@support-reports help", id=id, at=FIRST_SAID) for id in (8, 7))).said

    assert [one.comment for one in said] == [7, 8]


def test_hear__the_bot_does_not_talk_to_itself() -> None:
    assert heard(comment("@support-reports excuse 2026-W44", author=BOT)).said == ()


# --- the bot's own notes are the record ------------------------------------------------------------


def test_hear__the_bots_answer_is_the_record_of_what_was_taken() -> None:
    assert heard(ASKED, answer(EXCUSE, of=ASKED)).records == (record(EXCUSE, of=ASKED),)


def test_hear__an_answer_that_took_nothing_is_a_record_too() -> None:
    question = comment("@support-reports excuse")

    assert heard(question, answer(of=question)).records == (record(of=question),)


@pytest.mark.parametrize("author", ["plindqvist", "iduarte", "support-reports", "support-reports-bot2", "Support-Reports-Bot"])
def test_hear__a_marker_that_somebody_else_wrote_is_no_record(author: str) -> None:
    assert heard(ASKED, answer(NO_CONCERN, of=ASKED, author=author)).records == ()


def test_hear__markers_that_somebody_else_wrote_neither_notice_nor_post() -> None:
    forged = comment(noticed_marker(Noticed(comment=1, digest="")) + posted_marker("plan-over-2026-11-23"), author="iduarte")

    assert (heard(forged).noticed, heard(forged).posted) == ((), ())


def test_hear__a_forged_record_does_not_ask_for_anything_either() -> None:
    assert heard(answer(NO_CONCERN, of=ASKED, author="iduarte")).said == ()


def test_hear__of_two_answers_to_one_comment_the_first_counts() -> None:
    there = heard(ASKED, answer(NO_CONCERN, of=ASKED, id=102), answer(EXCUSE, of=ASKED, id=101))

    assert there.records == (record(EXCUSE, of=ASKED),)


def test_hear__records_are_in_the_order_of_the_comments_that_they_answer() -> None:
    second = comment("@support-reports no concern", id=2)

    there = heard(answer(NO_CONCERN, of=second, id=100), answer(EXCUSE, of=ASKED, id=101))

    assert [one.comment for one in there.records] == [1, 2]


def test_hear__one_note_of_the_bot_may_hold_several_markers() -> None:
    second = comment("@support-reports no concern", id=2)
    both = answer(EXCUSE, of=ASKED).text + "\n" + answer(NO_CONCERN, of=second).text

    assert heard(comment(both, id=100, author=BOT)).records == (record(EXCUSE, of=ASKED), record(NO_CONCERN, of=second))


def test_hear__what_was_posted_and_noticed_is_known_again() -> None:
    there = heard(
        comment(f"The two weeks of the plan are over.\n{posted_marker('plan-over-2026-11-23')}", id=100, author=BOT),
        comment(f"A comment was edited.\n{noticed_marker(Noticed(comment=1, digest='0123456789abcdef'))}", id=101, author=BOT),
        comment(f"A comment was deleted.\n{noticed_marker(Noticed(comment=2, digest=''))}", id=102, author=BOT),
    )

    assert there.posted == ("plan-over-2026-11-23",)
    assert there.noticed == (Noticed(comment=1, digest="0123456789abcdef"), Noticed(comment=2, digest=""))


def test_record_marker__is_hidden_and_on_one_line() -> None:
    plan = Command(kind=CommandKind.PLAN_FROM, day=date(2026, 11, 23), goals=(PlanGoal(measure="new_tickets", target=4),))

    marker = record_marker(record(EXCUSE, plan, of=ASKED))

    assert (marker.startswith("<!-- "), marker.endswith(" -->")) == (True, True)
    assert (marker.count("-->"), marker.count("\n")) == (1, 0)


@pytest.mark.parametrize("marker", [noticed_marker(Noticed(comment=1, digest="")), posted_marker("plan-over-2026-11-23")])
def test_other_markers__are_hidden_as_well(marker: str) -> None:
    assert (marker.startswith("<!-- "), marker.endswith(" -->"), marker.count("-->")) == (True, True, 1)


@given(took=st.lists(any_command(), max_size=4), id=st.integers(1, 10**12), at=st.datetimes(timezones=st.just(UTC)))
def test_record__is_the_same_after_the_bots_note(took: list[Command], id: int, at: datetime) -> None:
    written = Record(comment=id, author="tmwangi", at=at, digest=asked(ASKED.text).digest, took=tuple(took))

    assert heard(comment(f"Words.\n\n{record_marker(written)}", author=BOT)).records == (written,)


# --- a note of the bot that somebody damaged -------------------------------------------------------

WHOLE = answer(NO_CONCERN, of=ASKED)
DAMAGES = {
    "took is no JSON": ('[{"kind":"no concern"}]', "[{x}]"),
    "unknown kind": ("no concern", "snooze"),
    "no kind": ("kind", "kin"),
    "numbers in it": ('[{"kind":"no concern"}]', "[1]"),
    "deep": ('[{"kind":"no concern"}]', "[" * 20_000 + "]" * 20_000),
    "took is missing": (' took=[{"kind":"no concern"}]', ""),
    "took is cut": ('"}] -->', ""),
    "no end": (" -->", ""),
    "no such time": ("2026-11-17T09:00:00+00:00", "soon"),
    "time without a zone": ("+00:00", ""),
    "by is missing": (" by=plindqvist", ""),
    "digest is missing": (" digest=", " digest "),
}


def damaged(was: str, now: str) -> Comment:
    """The bot's answer with a part of it changed by somebody."""
    assert was in WHOLE.text
    return comment(WHOLE.text.replace(was, now), id=100, author=BOT)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_hear__a_damaged_record_took_nothing(damage: tuple[str, str]) -> None:
    note = damaged(*damage)

    assert heard(ASKED, note).records == (Record(comment=1, author="plindqvist", at=note.at, digest=DAMAGED, took=()),)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_listen__a_comment_with_a_damaged_record_is_reported_and_not_obeyed_again(damage: tuple[str, str]) -> None:
    there = folded(heard(ASKED, damaged(*damage)))

    assert (there.taken, there.answers) == ((), ())
    assert [change.noticed for change in there.changes] == [Noticed(comment=1, digest=asked(ASKED.text).digest)]
    assert there.changes[0].record.author == "plindqvist"


@pytest.mark.parametrize("left", [[ASKED], []], ids=["still there", "deleted"])
def test_listen__a_damaged_record_is_reported_once(left: list[Comment]) -> None:
    note = damaged("no concern", "snooze")
    (change,) = changes(*left, note)

    assert changes(*left, note, comment(noticed_marker(change.noticed), id=101, author=BOT)) == []


def test_hear__a_damaged_record_of_a_deleted_comment_names_the_bot() -> None:
    (there,) = heard(damaged("no concern", "snooze")).records

    assert (there.author, there.digest) == (BOT, DAMAGED)


@pytest.mark.parametrize("ids", [(100, 101), (101, 100)])
def test_hear__a_record_that_can_be_read_comes_before_a_damaged_one(ids: tuple[int, int]) -> None:
    broken, whole = ids
    notes = [replace(damaged("no concern", "snooze"), id=broken), answer(EXCUSE, of=ASKED, id=whole)]

    assert heard(ASKED, *notes).records == (record(EXCUSE, of=ASKED),)


def test_hear__a_damaged_record_leaves_the_others() -> None:
    second = comment("@support-reports no concern", id=2)
    both = damaged(" -->", "").text + "\n" + answer(EXCUSE, of=second).text

    there = heard(ASKED, second, comment(both, id=100, author=BOT))

    assert [(one.comment, one.took) for one in there.records] == [(2, (EXCUSE,)), (1, ())]


def test_hear__a_number_that_no_comment_has_is_no_record() -> None:
    marker = f"<!-- support-reports heard comment={'9' * 5000} by=x at=2026-11-17T09:00:00+00:00 digest=a took=[] -->"

    assert heard(comment(marker, author=BOT)).records == ()


@given(at=st.integers(0, len(WHOLE.text)), size=st.integers(0, 60), put=st.text(max_size=5))
def test_listen__whatever_damages_a_note_its_comment_is_answered_once(at: int, size: int, put: str) -> None:
    note = comment(WHOLE.text[:at] + put + WHOLE.text[at + size :], id=100, author=BOT)

    there = heard(ASKED, note)

    recorded = sum(one.comment == ASKED.id for one in there.records)
    to_be_answered = sum(one.record.comment == ASKED.id for one in folded(there).answers)
    assert recorded + to_be_answered == 1


# --- a comment that was answered and is changed later ----------------------------------------------


def changes(*comments: Comment) -> list[Change]:
    return list(folded(heard(*comments)).changes)


def test_listen__an_answered_comment_is_not_answered_again() -> None:
    there = folded(heard(ASKED, answer(EXCUSE, of=ASKED)))

    assert (commands(there.taken), there.answers, there.changes) == ([EXCUSE], (), ())


def test_listen__an_edited_comment_is_noticed_and_not_obeyed() -> None:
    edited = comment("@support-reports no concern", id=ASKED.id)

    there = folded(heard(edited, answer(EXCUSE, of=ASKED)))

    assert (commands(there.taken), there.answers) == ([EXCUSE], ())
    assert there.changes == (
        Change(noticed=Noticed(comment=1, digest=asked(edited.text).digest), record=record(EXCUSE, of=ASKED)),
    )


@pytest.mark.parametrize(
    "left",
    [[], [comment("Never mind.", id=1)], [comment("> @support-reports excuse 2026-W44", id=1)]],
    ids=["deleted", "reworded", "quoted"],
)
def test_listen__a_comment_that_no_longer_asks_is_noticed_and_stays_in_force(left: list[Comment]) -> None:
    there = folded(heard(*left, answer(EXCUSE, of=ASKED)))

    assert commands(there.taken) == [EXCUSE]
    assert [change.noticed for change in there.changes] == [Noticed(comment=1, digest="")]


def test_listen__a_change_is_reported_once() -> None:
    told = comment(noticed_marker(Noticed(comment=1, digest="")), id=101, author=BOT)

    assert changes(answer(EXCUSE, of=ASKED), told) == []


def test_listen__a_further_edit_is_reported_again() -> None:
    told = comment(noticed_marker(Noticed(comment=1, digest="")), id=101, author=BOT)
    edited = comment("@support-reports no concern", id=1)

    assert [change.noticed.digest for change in changes(edited, answer(EXCUSE, of=ASKED), told)] == [asked(edited.text).digest]


def test_listen__a_forged_notice_hides_no_change() -> None:
    forged = comment(noticed_marker(Noticed(comment=1, digest="")), id=101, author="plindqvist")

    assert len(changes(answer(EXCUSE, of=ASKED), forged)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Ines was away.\n\n@support-reports excuse 2026-W44",
        "@support-reports   Excuse  2026-w44",
        "- **@support-reports excuse 2026-W44**\n\nThank you!",
    ],
)
def test_listen__other_words_blanks_and_letter_case_are_no_change(text: str) -> None:
    assert changes(comment(text, id=1), answer(EXCUSE, of=ASKED)) == []


def test_listen__a_command_added_to_an_answered_comment_is_noticed_and_not_obeyed() -> None:
    more = comment("@support-reports excuse 2026-W44\n@support-reports no concern", id=1)

    there = folded(heard(more, answer(EXCUSE, of=ASKED)))

    assert (commands(there.taken), len(there.changes)) == ([EXCUSE], 1)


# --- the same, however it was split over runs ------------------------------------------------------


def run(said: list[Comment], notes: list[Comment]) -> list[Comment]:
    """The bot's notes after one more run over what is said by then."""
    answers = folded(heard(*said, *notes)).answers
    at = len(notes)
    return notes + [comment(record_marker(one.record), id=1000 + at + n, author=BOT) for n, one in enumerate(answers)]


@given(
    lines=st.lists(st.sampled_from(["excuse 2026-W44", "no concern", "reopen", "excuse", "help"]), min_size=1, max_size=6),
    cuts=st.sets(st.integers(0, 6)),
)
def test_listen__comes_to_the_same_however_the_comments_were_split_over_runs(lines: list[str], cuts: set[int]) -> None:
    said = [comment(f"@support-reports {line}", id=n) for n, line in enumerate(lines, start=1)]
    notes: list[Comment] = []
    for cut in sorted(cuts):
        notes = run(said[:cut], notes)

    assert folded(heard(*said, *notes)).taken == folded(heard(*said)).taken
    assert [one.comment for one in heard(*said, *run(said, notes)).records] == [one.id for one in said]


# --- the thread ------------------------------------------------------------------------------------


def test_thread__its_key_says_which_report_about_whom_and_which_week() -> None:
    there = thread(key="follow_up/iduarte/2026-W46")

    assert (there.report, there.subject, there.week) == ("follow_up", "iduarte", Week(2026, 46))


def test_thread__a_key_without_a_week_has_none() -> None:
    with pytest.raises(ValueError, match="write it like 2026-W46"):
        _ = thread(key="region_queue/EMEA").week
