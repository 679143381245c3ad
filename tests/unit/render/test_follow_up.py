import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reports.core.case_views import AnswerView, FollowUpView, PlanOverView
from reports.core.command_parsing import requests_in
from reports.core.commands import Command, CommandKind, Misunderstood, Trouble
from reports.core.followups import CaseState, Refusal
from reports.core.plain_text import cleaned
from reports.core.views import View
from reports.errors import RenderError
from reports.render.renderer import Renderer
from tests.follow_up_views import (
    EXCUSE,
    FOLLOW_UP_CASES,
    FOLLOW_UPS,
    HELP,
    MENTION,
    MISUNDERSTOOD,
    PLAN,
    PLAN_FROM,
    PLAN_WEEKS,
    REFUSED,
    TAKEN,
    answer,
    changed,
    follow_up_action_plan,
    follow_up_after_an_excuse,
    follow_up_new,
    follow_up_paused,
    follow_up_plan_over,
    follow_up_plan_too_old,
    plan_of_karim,
)
from tests.hostile import HOSTILE
from tests.unit.render.hostile_views import saying
from tests.unit.render.reading import Prose, html
from tests.unit.render.test_markdown import FOUND_LATER, read
from tests.views import DOCS, HOSTS, NEW_TICKETS, PAIRING

TEMPLATES = Path(__file__).parents[3] / "templates"
MEASURES = tuple(measure.name for measure in (DOCS, NEW_TICKETS, PAIRING))


def in_state(state: CaseState) -> FollowUpView:
    """Karim's follow-up in a state, with as much behind it as that state takes."""
    so_far = follow_up_action_plan()
    if state is CaseState.PAUSED:
        return follow_up_paused()
    if state in (CaseState.ACTION_PLAN, CaseState.PLAN_MET, CaseState.PLAN_NOT_MET):
        return replace(so_far, state=state)
    return replace(so_far, state=state, plan=None, progress=replace(so_far.progress, plan=None))


#: The goldens, every state, and what is left when nothing is missed any more.
ALL_CASES: dict[str, tuple[str, View]] = {
    **FOLLOW_UP_CASES,
    **{f"state {state}": ("follow_up", in_state(state)) for state in CaseState},
    "plan over": ("follow_up", follow_up_plan_over()),
    "nothing missed": ("follow_up", replace(in_state(CaseState.CONVERSATION), missed=(), evidence=(), example_plan=())),
    "nothing missed and open": ("follow_up", replace(follow_up_new(), missed=(), evidence=(), example_plan=())),
    "help among others": ("answer", answer(EXCUSE, HELP, EXCUSE, refused=REFUSED, misunderstood=MISUNDERSTOOD)),
    "nothing was taken": ("changed_comment", changed()),
}


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(TEMPLATES, HOSTS)


@pytest.mark.parametrize("case", FOLLOW_UP_CASES)
def test_text__as_the_golden_file(case: str, renderer: Renderer, golden: Callable[[str, str], None]) -> None:
    report, view = FOLLOW_UP_CASES[case]
    golden(f"{case}.md", f"{renderer.issue(report, view)}\n")


# --- what every text keeps to ---------------------------------------------------------------------------


@pytest.mark.parametrize("case", ALL_CASES)
def test_text__no_unkind_word(case: str, renderer: Renderer) -> None:
    text = renderer.issue(*ALL_CASES[case]).replace("not a warning", "")
    unkind = r"fail|underperform|under-perform|poor|bad\b|worst|best\b|rank|score|warning|strike|quota|must\b|should have"

    assert not re.search(unkind, text, re.IGNORECASE)


@pytest.mark.parametrize("case", ALL_CASES)
def test_text__starts_no_quick_action_and_calls_nobody(case: str, renderer: Renderer) -> None:
    text = renderer.issue(*ALL_CASES[case])

    assert not re.search(r"^\s*/", text, re.MULTILINE)
    assert not FOUND_LATER.search(Prose(text).text)


@pytest.mark.parametrize("case", ALL_CASES)
def test_text__every_table_is_whole(case: str, renderer: Renderer) -> None:
    text = renderer.issue(*ALL_CASES[case])
    tables = re.findall(r"<table>(.*?)</table>", html(text), re.DOTALL)
    rows = [[len(re.findall(r"<t[hd][ >]", row)) for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)] for table in tables]
    written = [line for line in text.split("\n") if line.startswith("|")]

    assert all(len(set(cells)) == 1 and len(cells) > 1 for cells in rows)
    assert sum(len(cells) for cells in rows) == len(written) - len(tables)


@pytest.mark.parametrize("case", ALL_CASES)
def test_text__every_command_it_shows_is_understood_as_it_stands(case: str, renderer: Renderer) -> None:
    shown = re.findall(rf"`({MENTION}[^`]*)`", renderer.issue(*ALL_CASES[case]))
    read_again = requests_in("\n".join(shown), MENTION, MEASURES)

    assert read_again.misunderstood == ()
    assert len(read_again.commands) == len(shown)


# --- the follow-up ----------------------------------------------------------------------------------------


def test_follow_up__the_first_lines_say_what_to_do_by_when_and_that_people_decide(renderer: Renderer) -> None:
    lines = renderer.issue("follow_up", follow_up_new()).split("\n")
    first = "\n".join(lines[:10])

    assert "**Please make time for a talk with Karim Aziz by Mon 23 Nov.**" in first
    assert "This is not a warning" in first
    assert "you decide what follows, not this tool" in first
    assert f"`{MENTION} help`" in first
    assert lines[10] == "### What else could explain it"


@pytest.mark.parametrize("state", CaseState)
def test_follow_up__in_every_state_says_that_it_is_no_warning_and_what_is_next(state: CaseState, renderer: Renderer) -> None:
    text = renderer.issue("follow_up", in_state(state))

    assert "This is not a warning, neither spoken nor written. Whatever follows is decided by people" in text
    assert re.search(r"^> \*\*\w", text, re.MULTILINE)
    assert re.search(r"^- \*\*Next:\*\* \w", text, re.MULTILINE)


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.DISCUSSED, CaseState.INFORMED])
def test_follow_up__says_the_day_it_is_due_until_the_conversation_was_held(state: CaseState, renderer: Renderer) -> None:
    assert "by Mon 23 Nov" in renderer.issue("follow_up", in_state(state)).split("\n")[2]


def test_follow_up__chance_is_said_both_ways(renderer: Renderer) -> None:
    assert "chance alone hardly ever makes such a run" in renderer.issue("follow_up", FOLLOW_UPS["new"])
    assert "it may well mean nothing" in renderer.issue("follow_up", FOLLOW_UPS["within_chance"])


@pytest.mark.parametrize("view", [follow_up_plan_over(), follow_up_plan_too_old()], ids=["over", "too old"])
def test_follow_up__a_plan_whose_weeks_lie_behind_asks_for_a_decision(view: FollowUpView, renderer: Renderer) -> None:
    steps = renderer.issue("follow_up", view).split("\n- **Next:** ")[1].split("\n")[0]

    assert f"`{MENTION} plan met`" in steps


def test_follow_up__a_week_of_leave_does_not_count_for_the_plan(renderer: Renderer) -> None:
    text = renderer.issue("follow_up", follow_up_action_plan())

    assert "1 of 2 counted weeks have passed" in text
    assert "| W49 | 0 of 5 | 0 / 0 | 0 / 0 | no, away |" in text


def test_follow_up__asks_for_less_when_nothing_is_missed_any_more(renderer: Renderer) -> None:
    text = renderer.issue("follow_up", replace(follow_up_new(), missed=(), evidence=(), example_plan=()))

    assert text.split("\n")[2].startswith("> **Nothing is missed any more.** ")
    assert f"If that settles it, write `{MENTION} no concern`" in text
    assert "each was reached in other weeks" not in text


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.DISCUSSED, CaseState.INFORMED])
def test_follow_up__asks_for_nothing_when_the_run_is_too_short_by_now(state: CaseState, renderer: Renderer) -> None:
    text = renderer.issue("follow_up", replace(follow_up_after_an_excuse(), state=state))

    assert text.split("\n")[2].startswith(
        f"> **The run is 3 of 4 by now, which asks for nothing.** `{MENTION} no concern` closes this. "
    )
    assert f"- **Next:** write `{MENTION} no concern`, if that settles it." in text
    assert "in a row" not in text
    assert "**Chance:**" not in text


def test_follow_up__says_how_long_the_run_is(renderer: Renderer) -> None:
    eleven = replace(follow_up_new(), run=replace(follow_up_new().run, length=11))

    assert "were missed in 11 counted weeks in a row" in renderer.issue("follow_up", eleven)


def test_follow_up__a_command_stands_there_twice_at_most(renderer: Renderer) -> None:
    shown = re.findall(rf"`({MENTION}[^`]*)`", renderer.issue("follow_up", follow_up_new()))

    assert max(shown.count(one) for one in shown) == 2


def test_follow_up__a_plan_from_the_middle_of_a_week_counts_from_the_next_monday(renderer: Renderer) -> None:
    midweek = replace(PLAN, start=date(2026, 11, 25))
    text = renderer.issue("plan_over", PlanOverView(mention=MENTION, plan=replace(plan_of_karim(PLAN_WEEKS), plan=midweek)))
    said = renderer.issue("answer", answer(replace(PLAN_FROM, day=midweek.start)))

    assert "From Wed 25 Nov on" in text
    assert "Whole weeks from Mon 30 Nov on count" in text
    assert "whole weeks from Mon 30 Nov on count" in said


# --- the answers ------------------------------------------------------------------------------------------


def test_cases__hold_every_command_refusal_and_trouble() -> None:
    assert {one.kind for one in TAKEN} == set(CommandKind) - {CommandKind.HELP}
    assert [reason for _, reason in REFUSED] == list(Refusal)
    assert {line.trouble for line in MISUNDERSTOOD} == set(Trouble)


def answered(renderer: Renderer, view: AnswerView) -> str:
    """The answer below the line that says whom it is for."""
    greeting, _, text = renderer.issue("answer", view).partition("\n\n")
    assert greeting == "For Petra Lindqvist (plindqvist):"
    return text


@pytest.mark.parametrize("command", TAKEN, ids=[one.kind for one in TAKEN])
def test_answer__says_what_comes_of_every_command(command: Command, renderer: Renderer) -> None:
    assert re.fullmatch(rf"- Understood: `{re.escape(command.text)}`\. \w.*\.", answered(renderer, answer(command)))


@pytest.mark.parametrize("refused", REFUSED, ids=[reason for _, reason in REFUSED])
def test_answer__says_what_is_in_the_way_of_every_refused_command(refused: tuple[Command, Refusal], renderer: Renderer) -> None:
    said = answered(renderer, answer(refused=(refused,)))
    command = "" if refused[1] is Refusal.NOT_YOURS else f"`{re.escape(refused[0].text)}`\\. "

    assert re.fullmatch(rf"- Not taken: {command}\w.*\.", said)


@pytest.mark.parametrize("line", MISUNDERSTOOD, ids=[str(line.trouble) for line in MISUNDERSTOOD])
def test_answer__says_what_is_the_matter_with_every_line(line: Misunderstood, renderer: Renderer) -> None:
    said = answered(renderer, answer(misunderstood=(line,))).split("\n")

    assert re.fullmatch(r"- I did not understand a line that [^:]*: \w.*[.?]", said[0])
    assert said[2].endswith(f"`{MENTION} help` lists what I understand.")


def test_answer__help_below_a_weekly_report_has_the_words_of_the_engineer(renderer: Renderer) -> None:
    weekly, follow_up = (renderer.issue("answer", answer(HELP, is_follow_up=of)) for of in (False, True))

    assert "`available 4.5`" in weekly
    assert "team member relations" not in weekly
    assert f"`{MENTION} informed team member relations`" in follow_up


# --- strangers ----------------------------------------------------------------------------------------------

HOSTILE_CASES = (
    "follow_up_new",
    "follow_up_within_chance",
    "follow_up_action_plan",
    "follow_up_plan_too_old",
    "changed_comment",
    "changed_comment_damaged",
    "plan_over",
)


@pytest.mark.parametrize("case", HOSTILE_CASES)
def test_text__hostile_texts_change_nothing_but_words(case: str, renderer: Renderer) -> None:
    report, view = FOLLOW_UP_CASES[case]
    plain = Prose(renderer.issue(report, saying(view, "word")))
    for text in filter(cleaned, HOSTILE):
        rendered = renderer.issue(report, saying(view, text))
        page = Prose(rendered)
        assert page.tags == plain.tags, repr(text)
        assert page.comments == [], repr(text)
        assert cleaned(text) in read(page.text), repr(text)
        assert not FOUND_LATER.search(page.text), repr(text)
        assert not re.search(r"^\s*/\w", rendered, re.MULTILINE), repr(text)


@pytest.mark.parametrize("text", ["`@root`", "x\n/close", "<img src=x>", "a|b", "@all`"])
def test_text__a_command_or_mention_that_nobody_could_have_written_is_not_printed(text: str, renderer: Renderer) -> None:
    for view in (
        answer(Command(kind=CommandKind.ALLOW, who=text)),
        answer(misunderstood=(Misunderstood(trouble=Trouble.UNKNOWN_WORD, nearest=text),)),
        replace(answer(HELP), mention=text),
    ):
        with pytest.raises(RenderError):
            renderer.issue("answer", view)
