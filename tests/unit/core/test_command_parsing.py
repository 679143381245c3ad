import sys
from dataclasses import replace
from datetime import date, timedelta
from types import FrameType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.core.command_parsing import requests_in
from reports.core.commands import Command, CommandKind, Misunderstood, PlanGoal, Requests, Trouble
from reports.core.weeks import Week
from tests.conversation_builders import MEASURES, MENTION, any_command, asked

HELP = Command(kind=CommandKind.HELP)
REOPEN = Command(kind=CommandKind.REOPEN)
NO_CONCERN = Command(kind=CommandKind.NO_CONCERN)
EXCUSE = Command(kind=CommandKind.EXCUSE, week=Week(2026, 44))
WRONG = Command(kind=CommandKind.WRONG, measure="docs_updates", week=Week(2026, 45))
SETTLE = Command(kind=CommandKind.SETTLE, measure="docs_updates", week=Week(2026, 45))
DISCUSSED = Command(kind=CommandKind.DISCUSSED, who="tmwangi", day=date(2026, 11, 17))
INFORMED = Command(kind=CommandKind.INFORMED)
HELD = Command(kind=CommandKind.CONVERSATION_HELD, day=date(2026, 11, 18))
PLAN = Command(
    kind=CommandKind.PLAN_FROM,
    day=date(2026, 11, 23),
    goals=(PlanGoal(measure="new_tickets", target=4), PlanGoal(measure="pairing_sessions", target=2)),
)
PAUSE = Command(kind=CommandKind.PAUSE_UNTIL, day=date(2026, 12, 7))


def available(days: float) -> Command:
    return Command(kind=CommandKind.AVAILABLE, days=days)


def commands(text: str) -> list[Command]:
    """The commands of a comment in which nothing was misunderstood."""
    found = asked(text)
    assert found.misunderstood == ()
    return list(found.commands)


def misunderstood(line: str) -> Misunderstood:
    """Why a line to the tool is no command."""
    found = asked(f"@support-reports {line}")
    assert found.commands == ()
    (trouble,) = found.misunderstood
    return trouble


def plan(**targets: float) -> Command:
    goals = tuple(PlanGoal(measure=measure, target=target) for measure, target in targets.items())
    return Command(kind=CommandKind.PLAN_FROM, day=date(2026, 11, 23), goals=goals)


def in_our_century(command: Command) -> Command:
    """The same command with its day and week moved to where people may set them."""
    return replace(
        command,
        day=_in_our_century(command.day) if command.day else None,
        week=Week.containing(_in_our_century(command.week.first_day)) if command.week else None,
    )


def _in_our_century(day: date) -> date:
    return date(2000, 1, 3) + timedelta(days=day.toordinal() % (100 * 365))


# --- every command ---------------------------------------------------------------------------------

DOCUMENTED = [
    ("help", HELP),
    ("excuse 2026-W44", EXCUSE),
    ("discussed with @tmwangi on 2026-11-17", DISCUSSED),
    ("informed team member relations", INFORMED),
    ("conversation held on 2026-11-18", HELD),
    ("plan from 2026-11-23: new_tickets 4, pairing_sessions 2", PLAN),
    ("plan met", Command(kind=CommandKind.PLAN_MET)),
    ("plan not met", Command(kind=CommandKind.PLAN_NOT_MET)),
    ("no concern", NO_CONCERN),
    ("pause until 2026-12-07", PAUSE),
    ("reopen", REOPEN),
    ("allow @jbeck", Command(kind=CommandKind.ALLOW, who="jbeck")),
    ("settle docs_updates 2026-W45", SETTLE),
    ("wrong docs_updates 2026-W45: two of mine are missing", WRONG),
    ("available 4.5", available(4.5)),
]


@pytest.mark.parametrize(("line", "command"), DOCUMENTED)
def test_requests__every_command_as_it_is_documented(line: str, command: Command) -> None:
    assert commands(f"@support-reports {line}") == [command]


def test_requests__every_kind_of_command_is_documented() -> None:
    assert {command.kind for _, command in DOCUMENTED} == set(CommandKind)


@given(any_command().map(in_our_century))
def test_requests__the_text_of_a_command_is_understood_as_that_command(command: Command) -> None:
    assert asked(f"@support-reports {command.text}").commands == (command,)
    assert asked(f"@support-reports {command.text}").misunderstood == ()


@given(any_command().map(in_our_century))
def test_requests__letter_case_blanks_and_marks_do_not_matter(command: Command) -> None:
    text = command.text if command.who else command.text.upper()
    spaced = "\u00a0 \t".join(text.split(" "))

    assert asked(f"  **@Support-Reports**:   {spaced} . \r\n").commands == (command,)


# --- as people write -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "@support-reports excuse 2026-W44",
        "@support-reports Excuse 2026-w44",
        "@SUPPORT-REPORTS EXCUSE 2026-W44",
        "@support-reports: excuse 2026-W44.",
        "@support-reports, excuse week 2026-W44 please",
        "@support-reports - excuse: 2026-W44!",
        "@support-reports excuse 2026W44",
        "@support-reports\texcuse\t2026-W44",
        "@support-reports\u00a0excuse\u202f2026-W44",
        "   @support-reports excuse 2026-W44   ",
        "Hi @support-reports excuse 2026-W44",
        "Hello, @support-reports excuse 2026-W44",
        "Please, @support-reports excuse 2026-W44",
        "Hello! @support-reports excuse 2026-W44",
        "@support-reports please excuse 2026-W44",
        "@support-reports Please, kindly excuse 2026-W44",
        "And then @support-reports excuse 2026-W44",
        "- @support-reports excuse 2026-W44",
        "* @support-reports excuse 2026-W44",
        "2. @support-reports excuse 2026-W44",
        "- the week\n    - @support-reports excuse 2026-W44",
        "_@support-reports excuse 2026-W44_",
        "**@support-reports excuse 2026-W44**",
        "`@support-reports excuse 2026-W44`",
        "`@support-reports` excuse 2026-W44, she was away",
    ],
)
def test_requests__a_line_that_begins_with_the_mention_is_a_command(line: str) -> None:
    assert commands(line) == [EXCUSE]


@pytest.mark.parametrize("written", ["2026-W04", "2026-W4", "2026-w4", "2026W04"])
def test_requests__a_week_below_ten_with_or_without_its_zero(written: str) -> None:
    assert commands(f"@support-reports excuse {written}") == [replace(EXCUSE, week=Week(2026, 4))]


def test_requests__a_day_without_its_zeros() -> None:
    assert commands("@support-reports pause until 2026-12-7") == [PAUSE]


@pytest.mark.parametrize("words", ["tmr", "TMR", "Team Member Relations", "team  member  relations about it", "the tmr team"])
def test_requests__team_member_relations_by_name_or_letters(words: str) -> None:
    assert commands(f"@support-reports informed {words}") == [INFORMED]


@pytest.mark.parametrize("name", ["docs_updates", "`docs_updates`", "DOCS_UPDATES", "Docs updates", "docs-updates"])
def test_requests__a_measure_by_its_name_or_as_its_title_reads(name: str) -> None:
    assert commands(f"@support-reports settle {name} 2026-W45") == [SETTLE]
    assert commands(f"@support-reports wrong {name} 2026-W45: see the handbook") == [WRONG]


@pytest.mark.parametrize(
    "goals",
    [
        "new_tickets 4, pairing_sessions 2",
        "new_tickets 4,pairing_sessions 2",
        "new_tickets 4; pairing_sessions 2;",
        "new_tickets 4 and pairing_sessions 2.",
        "new_tickets: 4, pairing_sessions: 2",
        "new_tickets = 4, pairing_sessions=2",
        "New tickets 4, Pairing sessions 2",
        "new_tickets 4.0, pairing_sessions 2.000",
        "new_tickets 4 AND pairing_sessions 2",
        "new_tickets 4, and pairing_sessions 2",
        "new_tickets 4 & pairing_sessions 2",
        "`new_tickets` 4, **pairing_sessions** 2",
        "**new_tickets 4**, _pairing_sessions_ 2",
    ],
)
@pytest.mark.parametrize("between", [": ", " ", " - ", ", "])
def test_requests__the_goals_of_a_plan(between: str, goals: str) -> None:
    assert commands(f"@support-reports plan from 2026-11-23{between}{goals}") == [PLAN]


def test_requests__a_target_with_a_comma_as_many_write_it() -> None:
    assert commands("@support-reports plan from 2026-11-23: new_tickets 4,5, docs_updates 1") == [
        plan(new_tickets=4.5, docs_updates=1)
    ]


def test_requests__a_plan_may_set_a_goal_to_nothing() -> None:
    assert commands("@support-reports plan from 2026-11-23: new_tickets 0") == [plan(new_tickets=0)]


@pytest.mark.parametrize("target", ["0.001", "4.567", "1234.567", "99999.6", "100000"])
def test_requests__a_target_is_kept_to_the_thousandth_and_written_so_again(target: str) -> None:
    (command,) = commands(f"@support-reports plan from 2026-11-23: new_tickets {target}")

    assert command == plan(new_tickets=float(target))
    assert command.text == f"plan from 2026-11-23: new_tickets {target}"


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("4.5", 4.5),
        ("4,5", 4.5),
        ("0", 0),
        ("5 days", 5),
        ("7", 7),
        ("only 3 days, I was ill", 3),
        ("4 days this week - I was ill on Friday", 4),
        ("`4.5`, thanks", 4.5),
    ],
)
def test_requests__available_days(written: str, days: float) -> None:
    assert commands(f"@support-reports available {written}") == [available(days)]


@pytest.mark.parametrize("who", ["jo_", "_jo", "jo.beck", "jo-beck_", "j"])
def test_requests__a_username_to_its_last_letter(who: str) -> None:
    assert commands(f"@support-reports allow @{who}") == [Command(kind=CommandKind.ALLOW, who=who)]
    assert commands(f"_@support-reports allow @{who}_") == [Command(kind=CommandKind.ALLOW, who=who)]
    assert commands(f"@support-reports allow **@{who}**.") == [Command(kind=CommandKind.ALLOW, who=who)]


def test_requests__a_username_that_looks_like_a_day_is_no_day() -> None:
    assert commands("@support-reports discussed with @jo-2026-10-01 on 2026-11-17") == [replace(DISCUSSED, who="jo-2026-10-01")]


@pytest.mark.parametrize(
    "behind",
    ["", ".", "!", " please", " \U0001f44d", ". She was away", ", she was away", " - all is well", " \u2014 all is well"],
)
@pytest.mark.parametrize("kind", ["no concern", "plan met", "plan not met", "reopen"])
def test_requests__a_remark_behind_a_whole_command(kind: str, behind: str) -> None:
    assert commands(f"@support-reports {kind}{behind}") == [Command(kind=CommandKind(kind))]
    assert commands(f"@support-reports **{kind}**{behind}") == [Command(kind=CommandKind(kind))]


@pytest.mark.parametrize("line", ["please help", "help me", "help, please", "Help!", "help?"])
def test_requests__help_is_given_however_one_asks(line: str) -> None:
    assert commands(f"@support-reports {line}") == [HELP]


@pytest.mark.parametrize("behind", [": see 2026-W44", ", 2 of mine are missing", " - 2 are missing", " see 2026-W44"])
def test_requests__a_remark_may_hold_numbers_and_weeks(behind: str) -> None:
    assert commands(f"@support-reports wrong docs_updates 2026-W45{behind}") == [WRONG]


def test_requests__the_reason_is_not_kept() -> None:
    found = asked("@support-reports excuse 2026-W44 because of the funeral\n@support-reports funeral arrangements")

    assert "funeral" not in repr(found)


# --- several in one comment ------------------------------------------------------------------------


def test_requests__several_commands_in_one_comment_keep_their_order() -> None:
    text = """Hello Ines, we spoke yesterday, thank you.

@support-reports discussed with @tmwangi on 2026-11-17
@support-reports informed team member relations

And then:

- @support-reports conversation held on 2026-11-18
- @support-reports plan from 2026-11-23: new_tickets 4, pairing_sessions 2

Best, P."""

    assert commands(text) == [DISCUSSED, INFORMED, HELD, PLAN]


def test_requests__what_is_not_understood_leaves_the_rest_of_the_comment() -> None:
    found = asked("@support-reports excuse\n@support-reports reopen\r\n@support-reports pause until Monday")

    assert found.commands == (REOPEN,)
    assert [(one.trouble, one.kind) for one in found.misunderstood] == [
        (Trouble.NO_WEEK, CommandKind.EXCUSE),
        (Trouble.NO_DAY, CommandKind.PAUSE_UNTIL),
    ]


def test_requests__the_same_command_twice_is_said_twice() -> None:
    assert commands("@support-reports reopen\n@support-reports reopen") == [REOPEN, REOPEN]


# --- somebody else's words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "> @support-reports no concern",
        "  > @support-reports no concern",
        ">> @support-reports no concern",
        ">@support-reports no concern",
        "```\n@support-reports no concern\n```",
        "```text\n@support-reports no concern\n```",
        "~~~\n@support-reports no concern\n~~~",
        "````\n```\n@support-reports no concern\n````",
        "~~~\n```\n@support-reports no concern\n~~~",
        "```\n@support-reports no concern",
        "```\n``` not the end\n@support-reports no concern\n```",
        "    @support-reports no concern",
        "\t@support-reports no concern",
        "<!-- @support-reports no concern -->",
        "<!--\n@support-reports no concern\n-->",
        "<!-- a --> b <!--\n@support-reports no concern\n-->",
        "<!-- never closed\n@support-reports no concern",
        "> wrong docs_updates 2026-W45: it is not",
        "```\navailable 4.5\n```",
        "<!-- available 4.5 -->",
        "    wrong docs_updates 2026-W45",
        ">>>\n@support-reports no concern\n>>>",
        ">>>\n\n@support-reports no concern",
        ">>>>\n>>>\n@support-reports no concern\n>>>\n>>>>",
        ">>>\n```\n@support-reports no concern\n```\n>>>",
        "> a\u2028@support-reports no concern",
        "> a\x0c@support-reports no concern",
        "- ```\n  @support-reports no concern\n  ```",
        "- a\n  - ```\n    @support-reports no concern\n    ```",
        "1. ~~~\n   @support-reports no concern\n   ~~~",
        "- a\n  ```\n  @support-reports no concern\n  ```",
        "- ```\nthe item is over\n```\n@support-reports no concern\n```",
        "- >>>\n  @support-reports no concern\n  >>>",
        "-     @support-reports no concern",
        "- a\n\n      @support-reports no concern",
        "- > @support-reports no concern",
        "<pre>\n@support-reports no concern\n</pre>",
        "<PRE class='log'>\n\n@support-reports no concern\n</Pre>",
        "See <pre>\n\n@support-reports no concern\n</pre>",
        "<blockquote>\n@support-reports no concern\n</blockquote>",
        "See <!-- a\n@support-reports no concern\n-->",
        "\\`<!-- `\n@support-reports no concern\n-->",
        "``<!-- `\n@support-reports no concern\n-->",
        "a <!-- b\n```\n-->\n@support-reports no concern\n```",
    ],
)
def test_requests__quotes_code_and_hidden_text_ask_for_nothing(text: str) -> None:
    assert asked(text) == Requests()
    assert commands(f"@support-reports reopen\n\n{text}") == [REOPEN]


@pytest.mark.parametrize(
    "before",
    [
        "> Shall we?",
        "```\nsome log\n```",
        "~~~~\nsome log\n~~~~~",
        "    some log",
        "<!-- a note -->",
        "<!-- one\ntwo -->",
        "```code``` is inline",
        "`` ` `` and ``` `` ```",
        "The `<!--` looks odd",
        "The ``<!-- ` ``, `<pre>` and \\<!-- look odd",
        "```\n<!--\n```",
        "~~~\n<pre>\n~~~",
        "    <!--",
        "> <!--",
        "Never closed <!-- in this paragraph\n",
        ">>>\nsome words\n>>>",
        ">>>\n>>\nsome words\n>>>>",
        ">>> some words\n>>>\n>> some words",
        "- ```\n  some log\n  ```",
        "- ```\n  never closed in the item",
        "- >>>\n  never closed in the item\n",
        "<pre>\nsome log\n</pre>",
        "<pre>log</pre> and <!-- a --> words",
    ],
)
def test_requests__what_follows_a_quote_code_or_hidden_text_is_asked(before: str) -> None:
    assert commands(f"{before}\n@support-reports no concern") == [NO_CONCERN]


@pytest.mark.parametrize("line", ["available <!-- at most --> 4.5", "<!-- a --><!-- b -->available 4.5 <!-- never closed"])
def test_requests__hidden_text_within_a_line_leaves_nothing_behind(line: str) -> None:
    assert commands(line) == [available(4.5)]


def test_requests__a_week_in_hidden_text_is_not_the_one_meant() -> None:
    assert commands("@support-reports excuse <!-- 2026-W40 --> 2026-W44") == [EXCUSE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n",
        "@support-reports",
        "@support-reports:",
        "Who is @support-reports?",
        "You can ask @support-reports help to see what it understands.",
        "I asked @jbeck; @support-reports no concern",
        "@jbeck @support-reports no concern",
        "support-reports no concern",
        "@support-reports-bot no concern",
        "@support-reports2 no concern",
        "@support-reports_x no concern",
        "@support-reports.old no concern",
        "me@support-reports no concern",
        "@support-reports thanks",
        "@support-reports Thank you!",
        "@support-reports ok",
        "@support-reports Cheers!",
        "@support-reports great.",
        "@support-reports nice work",
        "@support-reports seems to count two of these tickets for Ines",
        "@support-reports looks good to me",
        "@support-reports no idea what it counts here",
        "no concern",
        "plan met",
        "excuse 2026-W44",
        "settle docs_updates 2026-W45",
    ],
)
def test_requests__talk_about_the_tool_is_not_answered(text: str) -> None:
    assert asked(text) == Requests()


# --- without the mention ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("wrong docs_updates 2026-W45: two of mine are missing", WRONG),
        ("Wrong docs_updates 2026-W45", WRONG),
        ("- wrong docs_updates 2026-W45, see !481", WRONG),
        ("available 4.5", available(4.5)),
        ("Available 4,5 days.", available(4.5)),
        ("available 1 day", available(1)),
        ("available 0", available(0)),
    ],
)
def test_requests__the_engineers_own_forms_need_no_mention(line: str, command: Command) -> None:
    assert commands(f"Good morning!\n\n{line}\n\nThank you") == [command]


@pytest.mark.parametrize(
    "line",
    [
        "Wrong number, I think, in 2026-W45",
        "wrong docs_updates",
        "wrong docs_updates in week 45",
        "wrong docs_updates 2025-W53",
        "wrong tickets 2026-W45",
        "It is wrong docs_updates 2026-W45",
        "available",
        "available from 4 on Tuesday",
        "available 4.5 if nothing happens",
        "available 4.5 daysandmore",
        "available 8",
        "I was available 4.5",
    ],
)
def test_requests__without_the_mention_only_the_exact_form_counts(line: str) -> None:
    assert asked(line) == Requests()


# --- below a weekly report -------------------------------------------------------------------------


def below_the_report(text: str) -> Requests:
    """What a comment asks for below the weekly report of 2026-W46."""
    return requests_in(text, MENTION, MEASURES, Week(2026, 46))


@pytest.mark.parametrize(
    "line",
    [
        "wrong docs_updates",
        "wrong docs_updates: one is missing",
        "Wrong docs updates: 2 of mine are missing",
        "wrong `docs_updates`, see !481",
        "wrong docs_updates - one is missing",
        "wrong docs_updates. One is missing",
        "wrong docs_updates (since last week)",
        "@support-reports wrong docs_updates: one is missing",
    ],
)
def test_weekly__a_number_without_its_week_is_that_of_the_report(line: str) -> None:
    own = replace(WRONG, week=Week(2026, 46))

    assert (below_the_report(line).commands, below_the_report(line).misunderstood) == ((own,), ())


def test_weekly__a_week_that_is_named_is_the_one_meant() -> None:
    assert below_the_report("wrong docs_updates 2026-W45: one is missing").commands == (WRONG,)
    assert below_the_report("@support-reports settle docs updates 2026-W45").commands == (SETTLE,)
    assert below_the_report("@support-reports settle docs_updates").commands == (replace(SETTLE, week=Week(2026, 46)),)


@pytest.mark.parametrize(
    ("line", "trouble", "nearest"),
    [
        ("wrong new_tickets W46: foo", Trouble.BAD_WEEK, ""),
        ("wrong new_tickets week 45", Trouble.BAD_WEEK, ""),
        ("wrong new_tickets 2025-W53: foo", Trouble.BAD_WEEK, ""),
        ("wrong new_tickets last week: foo", Trouble.NO_WEEK, ""),
        ("wrong new_tickets two are missing", Trouble.NO_WEEK, ""),
        ("wrong tickets 2026-W46: foo", Trouble.UNKNOWN_MEASURE, "new_tickets"),
        ("wrong tickets: foo", Trouble.UNKNOWN_MEASURE, "new_tickets"),
        ("Wrong number, I think", Trouble.UNKNOWN_MEASURE, ""),
        ("wrong*x", Trouble.UNKNOWN_MEASURE, ""),
        ("available 9", Trouble.BAD_NUMBER, ""),
        ("available lots", Trouble.NO_NUMBER, ""),
        ("Available next week for pairing.", Trouble.NO_NUMBER, ""),
        ("available from 4 on Tuesday", Trouble.BAD_NUMBER, ""),
        ("Available 4, after lunch on Tuesday", Trouble.UNKNOWN_WORD, "available 4"),
        ("available 4.5, I was ill on Friday", Trouble.UNKNOWN_WORD, "available 4.5"),
    ],
)
def test_weekly__a_line_that_begins_like_one_of_the_engineers_forms_is_answered_and_not_obeyed(
    line: str, trouble: Trouble, nearest: str
) -> None:
    kind = CommandKind.WRONG if line.casefold().startswith("wrong") else CommandKind.AVAILABLE

    assert below_the_report(line).commands == ()
    assert below_the_report(line).misunderstood == (Misunderstood(trouble=trouble, kind=kind, nearest=nearest),)


@pytest.mark.parametrize(
    "line", ["wrong", "Wrong!", "available", "Availability is fine", "wrongly counted", "It is wrong docs_updates"]
)
def test_weekly__other_lines_are_not_answered(line: str) -> None:
    assert below_the_report(line) == Requests()


@pytest.mark.parametrize("line", ["excuse", "excuse last week", "excuse this week"])
def test_weekly__no_week_is_excused_that_is_not_named(line: str) -> None:
    (found,) = below_the_report(f"@support-reports {line}").misunderstood

    assert found == Misunderstood(trouble=Trouble.NO_WEEK, kind=CommandKind.EXCUSE)


@given(any_command().map(in_our_century))
def test_weekly__the_text_of_a_command_is_understood_as_that_command(command: Command) -> None:
    assert below_the_report(f"@support-reports {command.text}").commands == (command,)


# --- what is missing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "trouble", "kind"),
    [
        ("excuse", Trouble.NO_WEEK, CommandKind.EXCUSE),
        ("excuse last week", Trouble.NO_WEEK, CommandKind.EXCUSE),
        ("excuse W44", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse week 44", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2026-W54", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2025-W53", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2026-W00", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2026-11-09", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2026-W445", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 12026-W44", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2026-W44-3", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 0999-W01", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 1999-W52", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2100-W01", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2026-W44 and 2026-W45", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2026-W44, 2026-W45", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse weeks 2026-W44 to W46", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2026-W44-W46", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("excuse 2026-W44/45", Trouble.BAD_WEEK, CommandKind.EXCUSE),
        ("no concern yet", Trouble.UNKNOWN_WORD, CommandKind.NO_CONCERN),
        ("**no concern** yet", Trouble.UNKNOWN_WORD, CommandKind.NO_CONCERN),
        ("no concern?", Trouble.UNKNOWN_WORD, CommandKind.NO_CONCERN),
        ("plan met halfway", Trouble.UNKNOWN_WORD, CommandKind.PLAN_MET),
        ("plan not met by much", Trouble.UNKNOWN_WORD, CommandKind.PLAN_NOT_MET),
        ("reopen on Monday", Trouble.UNKNOWN_WORD, CommandKind.REOPEN),
        ("discussed", Trouble.NO_PERSON, CommandKind.DISCUSSED),
        ("discussed on 2026-11-17", Trouble.NO_PERSON, CommandKind.DISCUSSED),
        ("discussed with tmwangi on 2026-11-17", Trouble.NO_PERSON, CommandKind.DISCUSSED),
        ("discussed with tmwangi@example.com on 2026-11-17", Trouble.NO_PERSON, CommandKind.DISCUSSED),
        ("discussed with @tmwangi", Trouble.NO_DAY, CommandKind.DISCUSSED),
        ("discussed with @tmwangi yesterday", Trouble.NO_DAY, CommandKind.DISCUSSED),
        ("discussed with @tmwangi on 17.11.2026", Trouble.BAD_DAY, CommandKind.DISCUSSED),
        ("informed", Trouble.UNKNOWN_WORD, CommandKind.INFORMED),
        ("informed human resources", Trouble.UNKNOWN_WORD, CommandKind.INFORMED),
        ("conversation held", Trouble.NO_DAY, CommandKind.CONVERSATION_HELD),
        ("conversation held on 2026-02-30", Trouble.BAD_DAY, CommandKind.CONVERSATION_HELD),
        ("conversation held on 18 November", Trouble.BAD_DAY, CommandKind.CONVERSATION_HELD),
        ("plan", Trouble.NO_DAY, CommandKind.PLAN_FROM),
        ("plan from Monday: new_tickets four", Trouble.NO_DAY, CommandKind.PLAN_FROM),
        ("plan from 2026-13-01: new_tickets 4", Trouble.BAD_DAY, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23", Trouble.NO_GOALS, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23:", Trouble.NO_GOALS, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: more of everything", Trouble.NO_GOALS, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets four", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets -1", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: New tickets -1", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets 1e3", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets 1,000", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets 100000.001", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets 999999.6", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets 4 or 5", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets 4, new_tickets 5", Trouble.BAD_NUMBER, CommandKind.PLAN_FROM),
        ("plan from 2026-11-23: new_tickets 4, joy 2", Trouble.UNKNOWN_MEASURE, CommandKind.PLAN_FROM),
        ("pause", Trouble.NO_DAY, CommandKind.PAUSE_UNTIL),
        ("pause until next month", Trouble.NO_DAY, CommandKind.PAUSE_UNTIL),
        ("pause until 2026-12-071", Trouble.BAD_DAY, CommandKind.PAUSE_UNTIL),
        ("pause until 1999-12-31", Trouble.BAD_DAY, CommandKind.PAUSE_UNTIL),
        ("pause until 2100-01-01", Trouble.BAD_DAY, CommandKind.PAUSE_UNTIL),
        ("pause until 2026-12", Trouble.BAD_DAY, CommandKind.PAUSE_UNTIL),
        ("allow", Trouble.NO_PERSON, CommandKind.ALLOW),
        ("allow jbeck", Trouble.NO_PERSON, CommandKind.ALLOW),
        ("settle", Trouble.NO_MEASURE, CommandKind.SETTLE),
        ("settle 2026-W45", Trouble.NO_MEASURE, CommandKind.SETTLE),
        ("settle docs_updates", Trouble.NO_WEEK, CommandKind.SETTLE),
        ("settle docs_updates 2026-W445", Trouble.BAD_WEEK, CommandKind.SETTLE),
        ("settle docs_updates 2026-W60", Trouble.BAD_WEEK, CommandKind.SETTLE),
        ("settle joy 2026-W45", Trouble.UNKNOWN_MEASURE, CommandKind.SETTLE),
        ("wrong", Trouble.NO_MEASURE, CommandKind.WRONG),
        ("wrong : 2026-W45", Trouble.NO_MEASURE, CommandKind.WRONG),
        ("wrong docs_updates", Trouble.NO_WEEK, CommandKind.WRONG),
        ("available", Trouble.NO_NUMBER, CommandKind.AVAILABLE),
        ("available four", Trouble.NO_NUMBER, CommandKind.AVAILABLE),
        ("available 1e3", Trouble.BAD_NUMBER, CommandKind.AVAILABLE),
        ("available 3/5", Trouble.BAD_NUMBER, CommandKind.AVAILABLE),
        ("available 3, 4", Trouble.BAD_NUMBER, CommandKind.AVAILABLE),
        ("available in 2 weeks", Trouble.BAD_NUMBER, CommandKind.AVAILABLE),
        ("available 2 weeks", Trouble.BAD_NUMBER, CommandKind.AVAILABLE),
        ("available 4.5 if nothing happens", Trouble.BAD_NUMBER, CommandKind.AVAILABLE),
        ("available -1", Trouble.BAD_NUMBER, CommandKind.AVAILABLE),
        ("available 7.5", Trouble.BAD_NUMBER, CommandKind.AVAILABLE),
        ("available 45", Trouble.BAD_NUMBER, CommandKind.AVAILABLE),
    ],
)
def test_requests__say_what_is_missing(line: str, trouble: Trouble, kind: CommandKind) -> None:
    found = misunderstood(line)

    assert (found.trouble, found.kind) == (trouble, kind)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("exuse 2026-W44", CommandKind.EXCUSE),
        ("excused 2026-W44", CommandKind.EXCUSE),
        ("Discused with @tmwangi on 2026-11-17", CommandKind.DISCUSSED),
        ("convresation held on 2026-11-18", CommandKind.CONVERSATION_HELD),
        ("re-open", CommandKind.REOPEN),
        ("hepl", CommandKind.HELP),
        ("plann from 2026-11-23: new_tickets 4", CommandKind.PLAN_FROM),
        ("plann met", CommandKind.PLAN_MET),
        ("Conversation", CommandKind.CONVERSATION_HELD),
        ("no concerns", CommandKind.NO_CONCERN),
        ("conversation on 2026-11-18", CommandKind.CONVERSATION_HELD),
        ("availible 4.5", CommandKind.AVAILABLE),
    ],
)
def test_requests__a_word_like_a_command_is_asked_about_and_not_obeyed(line: str, kind: CommandKind) -> None:
    assert misunderstood(line) == Misunderstood(trouble=Trouble.UNKNOWN_WORD, kind=kind, nearest=str(kind))


@pytest.mark.parametrize("line", ["status", "what now?", "close this issue", "2026-W44"])
def test_requests__a_few_words_that_are_no_command_are_answered(line: str) -> None:
    assert misunderstood(line) == Misunderstood(trouble=Trouble.UNKNOWN_WORD)


def test_requests__the_words_for_team_member_relations_are_offered() -> None:
    assert misunderstood("informed them").nearest == "informed team member relations"


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("settle docs_update 2026-W45", "docs_updates"),
        ("wrong doc updates 2026-W45", "docs_updates"),
        ("plan from 2026-11-23: new_ticket 4", "new_tickets"),
        ("plan from 2026-11-23: pairings 2", "pairing_sessions"),
        ("settle joy 2026-W45", ""),
    ],
)
def test_requests__an_unknown_measure_comes_with_the_one_it_is_like(line: str, nearest: str) -> None:
    found = misunderstood(line)

    assert (found.trouble, found.nearest) == (Trouble.UNKNOWN_MEASURE, nearest)


# --- the mention is configured ---------------------------------------------------------------------


def test_requests__another_mention_takes_the_place_of_the_ordinary_one() -> None:
    text = "@reports.tool reopen\n@support-reports no concern\n@reports-tool help"

    assert requests_in(text, "@reports.tool", MEASURES).commands == (REOPEN,)


# --- the digest ------------------------------------------------------------------------------------


def test_digest__is_sixteen_hex_digits_and_empty_when_nothing_is_asked() -> None:
    digest = asked("@support-reports excuse 2026-W44").digest

    assert (len(digest), set(digest) <= set("0123456789abcdef")) == (16, True)
    assert asked("Good morning").digest == ""


@pytest.mark.parametrize(
    "text",
    [
        "Good morning!\n\n@support-reports excuse 2026-W44",
        "@support-reports EXCUSE   2026-w44\r\n",
        "> @support-reports no concern\n\n@support-reports excuse 2026-W44",
    ],
)
def test_digest__is_of_the_addressed_lines_alone(text: str) -> None:
    assert asked(text).digest == asked("@support-reports excuse 2026-W44").digest


@pytest.mark.parametrize(
    "text",
    [
        "@support-reports excuse 2026-W45",
        "@support-reports excuse 2026-W44 and more",
        "@support-reports excuse 2026-W44\n@support-reports excuse 2026-W44",
        "@support-reports",
        "@support-reports excuse",
    ],
)
def test_digest__differs_when_something_else_is_said(text: str) -> None:
    assert asked(text).digest != asked("@support-reports excuse 2026-W44").digest


def test_digest__the_order_of_the_lines_matters() -> None:
    lines = ["@support-reports no concern", "@support-reports reopen"]

    assert asked("\n".join(lines)).digest != asked("\n".join(reversed(lines))).digest


# --- any text --------------------------------------------------------------------------------------

SCRAPS = (
    *(
        "@support-reports",
        "@support-reports ",
        "\n@support-reports ",
        "hi ",
        "- ",
        "> ",
        ">>>",
        "<pre>",
        "```",
        "~~~",
        "    ",
        "\t",
        "\r",
        "`",
        "**",
    ),
    *(
        "<!--",
        "-->",
        "\n",
        " ",
        ":",
        ",",
        ".",
        "@",
        "@jbeck",
        "-",
        "_",
        "2026-W45",
        "2026-W99",
        "0000-W01",
        "9999-W53",
        "2026-11-23",
    ),
    *(
        "0000-00-00",
        "9999-99-99",
        "4.5",
        "9" * 30,
        "new_tickets",
        "docs_updates",
        " and ",
        "\u0000",
        "\u2028",
        "\ud800",
        "٤",
        "İ",
    ),
    *map(str, CommandKind),
)


@given(st.one_of(st.text(st.characters()), st.lists(st.sampled_from(SCRAPS), max_size=30).map("".join)))
@example("@support-reports plan from 2026-11-23: new_tickets \u0664")
@example("@support-reports excuse \ud800")
@example("@support-reports excuse \u0662\u0660\u0662\u0666-W\u0664\u0664")
def test_requests__no_text_is_too_strange(text: str) -> None:
    found = asked(text)

    assert bool(found.digest) == bool(found.commands or found.misunderstood)
    assert len(found.commands) + len(found.misunderstood) <= len(text.splitlines())


@given(st.lists(st.sampled_from(SCRAPS), max_size=30).map("".join))
def test_requests__whatever_is_understood_is_understood_again_from_its_own_text(text: str) -> None:
    for command in asked(text).commands:
        assert asked(f"{MENTION} {command.text}").commands == (command,)


# --- long comments ---------------------------------------------------------------------------------


def work(text: str) -> int:
    """How many calls it takes to read a comment, those of the standard library's C code included."""
    calls = 0

    def count(frame: FrameType, event: str, what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        asked(text)
    finally:
        sys.setprofile(before)
    return calls


HOSTILE = [
    ("", "@support-reports ", ""),
    ("", "@support-reports help\n", ""),
    ("", "@support-reports helpp\n", ""),
    ("@support-reports wrong ", "docs ", "2026-W45"),
    ("@support-reports plan from 2026-11-23: ", "new_tickets 4, ", ""),
    ("@support-reports plan from 2026-11-23: ", "a", ""),
    ("@support-reports plan from 2026-11-23: a", " ", "x"),
    ("@support-reports plan from 2026-11-23: ", "-", "x"),
    ("@support-reports informed team", " ", "x"),
    ("@support-reports informed ", "team member ", ""),
    ("@support-reports discussed with ", "@", ""),
    ("@support-reports allow @", "a.-", ""),
    ("@support-reports excuse ", "2026-", ""),
    ("@support-reports available ", "9", ""),
    ("@support-reports no concern ", "*", "?"),
    ("available", " ", "x"),
    ("", "hi ", "@support-reports help"),
    ("", "*", "@support-reports help"),
    ("", "<!-- ", ""),
    ("", "<!-- -->", ""),
    ("a ", "<!-- \n", ""),
    ("", "<pre>", ""),
    ("<pre>\n", "</pre ", ""),
    ("", "`", "\n@support-reports help"),
    ("", "` ", "x"),
    ("", "` `` ", "x"),
    ("", "~", ""),
    ("", "> ", ""),
    ("", ">", "x"),
    ("", ">>>\n", ""),
    ("", "- ", "x"),
    ("", "1. - ", "\nx"),
    ("", "\n", ""),
    ("", " ", "x"),
    ("", "\t", "x"),
]


@pytest.mark.parametrize(("before", "again", "after"), HOSTILE)
def test_requests__twice_as_long_a_comment_takes_at_most_twice_the_work(before: str, again: str, after: str) -> None:
    long, twice_as_long = (work(before + again * times + after) for times in (1_000, 2_000))

    assert twice_as_long <= 2 * long + 200


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0"])
def test_requests__any_number_of_blanks_counts_as_one(blank: str) -> None:
    many = blank * 20_000

    assert commands(f"@support-reports{many}plan{many}from{many}2026-11-23:{many}new_tickets{many}4") == [plan(new_tickets=4)]
    assert misunderstood(f"plan from 2026-11-23: a{many}x") == misunderstood("plan from 2026-11-23: a x")


@pytest.mark.parametrize("remark", ["and so on " * 2_000, "x" * 20_000, "2026-W01 " * 2_000], ids=lambda remark: remark[:9])
def test_requests__a_remark_may_be_as_long_as_it_likes(remark: str) -> None:
    assert commands(f"@support-reports wrong docs_updates 2026-W45: see {remark}") == [WRONG]


def test_requests__of_a_line_only_as_much_is_read_closely_as_a_command_can_have() -> None:
    long = "and so on " * 100

    assert misunderstood(f"excuse {long} 2026-W44") == Misunderstood(trouble=Trouble.NO_WEEK, kind=CommandKind.EXCUSE)
    assert misunderstood(f"allow {long} @jbeck") == Misunderstood(trouble=Trouble.NO_PERSON, kind=CommandKind.ALLOW)


@pytest.mark.parametrize("size", range(960, 1040))
def test_requests__a_plan_that_is_too_long_is_refused_and_never_cut(size: int) -> None:
    text = "plan from 2026-11-23: docs_updates 1, new_tickets 12345, pairing_sessions 2"
    padded = text.replace("pairing", "," * (size - len(text)) + "pairing")

    assert set(asked(f"@support-reports {padded}").commands) <= {plan(docs_updates=1, new_tickets=12345, pairing_sessions=2)}
    assert set(asked(f"@support-reports {padded.replace(',,', ', ')}").commands) <= {
        plan(docs_updates=1, new_tickets=12345, pairing_sessions=2)
    }


def test_digest__is_of_the_whole_line_however_long_it_is() -> None:
    long = "@support-reports wrong docs_updates 2026-W45: " + "and so on " * 200

    assert asked(long + "a").digest != asked(long + "b").digest
