import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.core.plain_text import LIMIT, WORD_JOINER, cleaned
from reports.render.markdown import Safe, cell, escaped, harmless, summary
from tests.hostile import ALL_HOSTILE
from tests.unit.render.reading import Page

#: Patterns that GitLab looks for in text after Markdown is parsed.
FOUND_LATER = re.compile(
    r"""
      (?<!\w)@\w | \#\d | !\d | ~[\w"] | %[\w"{] | &\d | \$\d | \^alert | \*iteration
    | \[\w+: | \b[0-9a-fA-F]{7,40}\b | [A-Z][A-Z0-9_]*-\d
    | :[\w+-]+: | \w://  | www\.\w | \w@\w
    | \{[+-] | \[[+-] | \[\[
    """,
    re.VERBOSE,
)

texts = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=string.punctuation + " \n\tab1F\u2060", max_size=30),
    st.lists(st.sampled_from(ALL_HOSTILE), max_size=3).map("".join),
    st.lists(st.sampled_from([*string.punctuation, "www", "http", "1", "abcdef0", "A", " ", "\n", "x"]), max_size=20).map(
        "".join
    ),
)
thorough = settings(max_examples=400, deadline=None, derandomize=True, database=None)


def read(text: str) -> str:
    return text.replace(WORD_JOINER, "")


def assert_only(tags: list[str], before: str, made: str, after: str, said: str) -> None:
    """The Markdown renders to these elements and no others, and reads as what was said."""
    page = Page(f"{before}{made}{after}")
    assert page.tags == tags
    assert page.comments == []
    assert read(page.text).strip() == said
    assert not FOUND_LATER.search(page.text)


@pytest.mark.parametrize("text", [t for t in ALL_HOSTILE if cleaned(t)])
def test_harmless__hostile_text_is_only_a_paragraph_of_its_words(text: str) -> None:
    assert_only(["p", "/p"], "", harmless(text), "\n", cleaned(text))


@thorough
@given(texts.filter(cleaned))
def test_harmless__any_text_in_a_paragraph(text: str) -> None:
    assert_only(["p", "/p"], "", harmless(text), "\n", cleaned(text))


@thorough
@given(texts.filter(cleaned))
def test_harmless__any_text_after_a_paragraph_line(text: str) -> None:
    page = Page(f"before\n{harmless(text)}\nafter\n")
    assert page.tags == ["p", "/p"]
    assert read(page.text).split("\n") == ["before", cleaned(text), "after", ""]


@thorough
@given(texts.filter(cleaned))
def test_harmless__any_text_in_a_list_item(text: str) -> None:
    assert_only(["ul", "li", "/li", "/ul"], "- ", harmless(text), "\n", cleaned(text))


@thorough
@given(texts.filter(cleaned))
def test_harmless__any_text_in_a_heading(text: str) -> None:
    assert_only(["h3", "/h3"], "### ", harmless(text), "\n", cleaned(text))


@thorough
@given(texts.filter(cleaned))
def test_harmless__any_text_in_bold_type(text: str) -> None:
    page = Page(f"- **Said:** {harmless(text)} and then *this*\n")
    assert page.tags == ["ul", "li", "strong", "/strong", "em", "/em", "/li", "/ul"]
    assert read(page.text).strip() == f"Said: {cleaned(text)} and then this"


@thorough
@given(texts)
def test_cell__any_text_keeps_the_columns(text: str) -> None:
    page = Page(f"| a | b | c |\n|---|---|---|\n| one | {cell(text)} | three |\n|{cell(text)}|{cell(text)}|{cell(text)}|\n")
    said = cleaned(text) or "–"
    assert [tag for tag in page.tags if tag[0] != "/"] == ["table", "thead", "tr", *["th"] * 3, "tbody", *["tr", *["td"] * 3] * 2]
    assert [line for line in read(page.text).split("\n") if line] == ["a", "b", "c", "one", said, "three", said, said, said]


@thorough
@given(texts)
def test_summary__any_text_is_only_the_line_of_details(text: str) -> None:
    page = Page(f"<details><summary>{summary(text)}</summary>\n\ninside\n\n</details>\n")
    assert page.tags == ["details", "summary", "/summary", "p", "/p", "/details"]
    assert read(page.text).split("\n")[0] == cleaned(text) or "–"
    assert not FOUND_LATER.search(page.text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("feedback, defaced facades", f"feedback, deface{WORD_JOINER}d facades"),
        ("9ba12248b19a04", f"9ba122{WORD_JOINER}48b19a{WORD_JOINER}04"),
        ("see 9ba12248.", f"see 9ba122{WORD_JOINER}48."),
        ("ticket 1234567", f"ticket 123456{WORD_JOINER}7"),
        ("9ba122", "9ba122"),
    ],
)
def test_harmless__what_may_be_a_commit_is_a_whole_word(text: str, shown: str) -> None:
    assert harmless(text) == shown


@thorough
@given(texts)
def test_harmless__the_short_way_agrees_with_the_long_way(text: str) -> None:
    assert harmless(text) == (escaped(cleaned(text)) or ("–" if text else ""))


@given(st.text(alphabet=string.ascii_letters + string.digits + " ,.()'\"?/;-", max_size=30))
@thorough
def test_harmless__the_short_way_agrees_for_prose(text: str) -> None:
    assert harmless(text) == (escaped(cleaned(text)) or ("–" if text else ""))


@thorough
@given(texts)
def test_harmless__is_one_line_that_starts_no_quick_action(text: str) -> None:
    made = harmless(text)
    assert len(f".{made}.".splitlines()) == 1
    assert not made.startswith("/")


def test_harmless__plain_words_stay_as_they_are() -> None:
    assert harmless("Explain LDAP group sync (again), please?") == "Explain LDAP group sync (again), please?"


def test_harmless__a_title_keeps_its_words_and_loses_its_powers() -> None:
    assert harmless("Docs: fix `x` in #12") == f"Docs: fix \\`x\\` in \\#{WORD_JOINER}12"


def test_safe__whatever_is_computed_from_it_is_ordinary_text_again() -> None:
    assert type(Safe("a") + "<b>") is str
    assert type(Safe("a").upper()) is str
    assert type("{}".format(Safe("a"))) is str


# --- cleaning -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two\n words\t", "two words"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("a\x00b\x1bc\x85d", "abc d"),
        ("no\xa0break wide\u3000space", "no break wide space"),
        ("zero\u200bwidth soft\xadhyphen", "zerowidth softhyphen"),
        ("\u200d\u200c", ""),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("lone \ud800 and \uffff", "lone and"),
    ],
)
def test_cleaned__invisible_and_directing_signs(text: str, expected: str) -> None:
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abcde", "abcde"),
        ("abcdef", "abcd…"),
        ("abc def", "abc…"),
        ("abce\u0301f", "abc…"),
        ("ab👍🏽cd", "ab👍🏽…"),
        ("abc👍🏽cd", "abc…"),
        ("a👩\u200d👧bcd", "a👩\u200d👧…"),
        ("ab👩\u200d👧cd", "ab…"),
        ("🇵🇹🇪🇸🇫🇷", "🇵🇹🇪🇸…"),
        ("a🇵🇹🇪🇸🇫🇷", "a🇵🇹…"),
    ],
)
def test_cleaned__cut_at_a_whole_character(text: str, expected: str) -> None:
    assert cleaned(text, limit=5) == expected


@thorough
@given(st.text(min_size=150, max_size=400))
def test_cleaned__never_longer_than_the_limit(text: str) -> None:
    assert len(cleaned(text)) <= LIMIT


def test_harmless__a_sentence_may_be_longer_than_a_title() -> None:
    text = "word " * 100
    assert harmless(text, 1000) == text.strip()
    assert harmless(text) == f"{text[:199].strip()}…"
