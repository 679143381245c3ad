"""Which lines of a text GitLab would carry out as commands, and what stays of the text."""

import pytest

from reports.sandbox.quick_actions import Command, extract, label_names, user_names


@pytest.mark.parametrize(
    "text",
    [
        "/close",
        "some words\n/close",
        "/Close",
        "<details><summary>x</summary>\n\n/close\n\n</details>",
        "<!-- a marker -->\n/close",
        "- an item\n/close",
        "| a |\n|---|\n/close",
        "a quote that is never closed\n\n>>>\n/close",
        "> [!note]\n\n/close",
    ],
)
def test_extract__takes_a_command_at_the_start_of_an_open_line(text: str) -> None:
    extraction = extract(text)

    assert extraction.commands == (Command("close", ""),)
    assert "/close" not in extraction.text.lower()


@pytest.mark.parametrize(
    "text",
    [
        "```\n/close\n```",
        "~~~~ text\n/close\n~~~~",
        "```\nnever closed\n/close",
        "> quoted\n> /close",
        "> quoted, and lazily continued\n/close",
        ">>>\n/close\n>>>",
        "<div>\n/close\n</div>",
        "<details>\n/close\n</details>",
        "<!--\n/close\n-->",
        "code over lines `one\n/close\ntwo`",
        "`/close`",
        "    /close",
        " /close",
        "words before /close",
        "/nothing_that_gitlab_knows",
        "/closed",
        "/ close",
        r"\/close",
    ],
)
def test_extract__leaves_a_shielded_line_alone(text: str) -> None:
    extraction = extract(text)

    assert extraction.commands == ()
    assert extraction.text == text


def test_extract__keeps_the_order_and_the_arguments() -> None:
    extraction = extract('Hello\n/label ~a ~"b c"\nworld\n/assign @x\r\n\n/due in 2 days\n')

    assert extraction.commands == (Command("label", '~a ~"b c"'), Command("assign", "@x"), Command("due", "in 2 days"))
    assert extraction.text == "Hello\nworld"


def test_extract__knows_other_spellings() -> None:
    assert extract("/remove_label ~a\n/labels ~b").commands == (Command("unlabel", "~a"), Command("label", "~b"))


def test_extract__leaves_cc_in_the_text() -> None:
    assert extract("/cc @x").text == "/cc @x"


def test_extract__puts_the_shrug_in_place() -> None:
    assert extract("/shrug well").text == "well ¯\\＿(ツ)＿/¯"


def test_extract__drops_carriage_returns_and_trailing_space_without_any_command() -> None:
    assert extract("one\r\ntwo  \n\n").text == "one\ntwo"


def test_label_names__plain_quoted_and_scoped() -> None:
    assert label_names('~bug ~"two words" a::b') == ("bug", "two words", "a::b")


def test_user_names__with_and_without_sign() -> None:
    assert user_names("@a, @b and c") == ("a", "b", "c")
