import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.commands.plan_text import as_json, as_text
from reports.core.desired import LONGEST_TITLE, Subject, title_of
from reports.core.model import Privacy, ReportDefinition
from reports.core.plain_text import WORD_JOINER, cleaned, for_terminal, inert
from reports.core.publication import Action, Kind
from reports.core.weeks import Week
from reports.errors import PublishError
from reports.jobs.pipeline import PublicationPlan
from tests.hostile import ALL_HOSTILE

ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff]")
REFERENCES = re.compile(r"[@#!~%$^*&]\w|[~%][\"{]|\[\w+:|\[\[|:[\w+-]+:|\w://|www\.\w|\b[0-9a-f]{7,40}\b|[A-Z]-\d")


# --- titles -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [text for text in ALL_HOSTILE if cleaned(text)])
def test_inert__refers_to_nothing_and_keeps_the_words(text: str) -> None:
    assert not REFERENCES.search(inert(text))
    assert not inert(text).startswith("/")
    assert inert(text).replace(WORD_JOINER, "") == cleaned(text)


@pytest.mark.parametrize("name", ["Ines Duarte", "Zoë Novák-O'Neil", "李小龍", "J. R. Müller III"])
def test_inert__names_stay_as_they_are(name: str) -> None:
    assert inert(name) == name


def a_title(template: str, **words: str) -> str:
    definition = ReportDefinition(
        name="x", scope="each_engineer", project="a/b", title=template, privacy=Privacy.P3, labels=(), confidential=True
    )
    return title_of(definition, Subject(username="x", placeholders=words, readers=(), assignees=()))


def test_title_of__keeps_dates_and_makes_names_inert() -> None:
    title = a_title("Weekly report {week}, to {week_end}: {name}", week="2026-W46", week_end="2026-11-15", name="@all\n#1")

    assert title == f"Weekly report 2026-W46, to 2026-11-15: @{WORD_JOINER}all #{WORD_JOINER}1"


@given(st.text(max_size=400), st.text(max_size=400))
def test_title_of__is_one_line_of_at_most_255_characters(name: str, manager: str) -> None:
    title = a_title("Report of {name} and {manager}", name=name, manager=manager)

    assert len(title) <= LONGEST_TITLE
    assert len(f"{title}.".splitlines()) == 1


# --- terminals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ALL_HOSTILE)
def test_for_terminal__holds_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = for_terminal(text)

    assert not ORDERS.search(shown)
    assert shown.encode().decode() == shown
    assert not {unicodedata.category(sign) for sign in shown.replace("\n", "").replace("\t", "")} & {"Cc", "Cs", "Zl", "Zp"}


def test_for_terminal__spells_orders_out_and_leaves_words() -> None:
    assert for_terminal("Zoë\u00a0said:\n\x1b[31mred\r\u202e") == "Zoë\u00a0said:\n\\x1b[31mred\\r\\u202e"


def a_plan(description: str) -> PublicationPlan:
    action = Action(
        kind=Kind.UPDATE, key="engineer_weekly/iduarte/2026-W46", project="acme/x", iid=1, title="x", reason="it has changed",
        before=f"{description}\nold", after=f"{description}\nnew",
    )  # fmt: skip
    return PublicationPlan(week=Week(2026, 46), bot="bot", desired=(), actions=(action,), violations=())


@pytest.mark.parametrize("text", ALL_HOSTILE)
def test_plan__what_people_wrote_gives_no_orders_and_begins_no_line(text: str) -> None:
    lines = as_text(a_plan(text), with_diff=True).split("\n")

    assert not ORDERS.search("".join(lines))
    assert all(line.startswith(("~ update ", "    | ", "2026-W46: ")) for line in lines)


@pytest.mark.parametrize("text", [text for text in ALL_HOSTILE if text.isascii() or max(text) < "\ud800" or min(text) > "\udfff"])
def test_plan_json__says_the_same_in_signs_that_no_terminal_obeys(text: str) -> None:
    written = as_json(a_plan(text))

    assert not ORDERS.search(written)
    assert json.loads(written)["actions"][0]["after"] == f"{text}\nnew"


@pytest.mark.parametrize("text", ALL_HOSTILE)
def test_errors__quote_others_without_giving_orders(text: str) -> None:
    error = PublishError(f"GitLab said {text}", f"ask {text}")

    assert not ORDERS.search(f"{error}{error.args}{error.message}{error.hint}")
