"""Every template with hostile texts in every place: nothing changes but the words."""

import ast
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from reports.core.plain_text import WORD_JOINER, cleaned
from reports.core.views import View
from reports.render.markdown import NO_TITLE
from reports.render.renderer import Renderer
from reports.sandbox.mermaid import draw
from reports.sandbox.quick_actions import extract
from tests.follow_up_views import FOLLOW_UP_CASES
from tests.hostile import ALL_HOSTILE
from tests.queue_views import QUEUE_CASES
from tests.unit.render.hostile_views import leading, saying, saying_in_turn
from tests.unit.render.reading import Page, Prose
from tests.unit.render.test_markdown import FOUND_LATER
from tests.views import CASES, HOSTS, TRACING

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "templates"
ALL_CASES: dict[str, tuple[str, View]] = {
    **{f"{report}_{case}": (report, view) for report, case, view in (*CASES, *QUEUE_CASES)},
    **FOLLOW_UP_CASES,
}
WORDS = tuple(filter(cleaned, ALL_HOSTILE))
SILENT = tuple(text for text in ALL_HOSTILE if text and not cleaned(text))
#: A line that some version of GitLab could take for a quick action, whatever quote, list or table it stands in.
QUICK_ACTION = re.compile(r"^[\s>|*+\-0-9.)]*/[A-Za-z]", re.MULTILINE)


KEPT = {"\n", WORD_JOINER, "\u200c", "\u200d"}
QUIET, LEAVING_TRACES = Renderer(TEMPLATES, HOSTS), Renderer(TEMPLATES, HOSTS, TRACING)
RENDERED: dict[str, tuple[Renderer, str, View]] = {
    **{f"{case}-quiet": (QUIET, report, view) for case, (report, view) in ALL_CASES.items()},
    **{case: (LEAVING_TRACES, report, view) for case, (report, view) in ALL_CASES.items() if report in TRACING},
}


def assert_unchanged(plain: Prose, text: str, said: tuple[str, ...]) -> None:
    """The page has the elements of the plain one, calls nobody, refers to nothing and starts no quick action."""
    page = Prose(text)
    assert page.tags == plain.tags, said
    assert page.comments == [], said
    assert not FOUND_LATER.search(page.text), (said, FOUND_LATER.search(page.text))
    assert page.references == plain.references, said
    assert page.targets == plain.targets, said
    assert not QUICK_ACTION.search(text), (said, QUICK_ACTION.search(text))
    assert extract(text).commands == (), said
    assert not {sign for sign in set(text) - KEPT if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")}, said


def test_hostile_texts__are_more_than_three_hundred() -> None:
    assert len(set(WORDS)) > 300


def test_cases__cover_every_template() -> None:
    assert {report for report, _ in ALL_CASES.values()} == {path.name.removesuffix(".md.j2") for path in TEMPLATES.glob("*.j2")}


@pytest.mark.parametrize("case", RENDERED)
def test_template__hostile_texts_in_turn_change_nothing_but_words(case: str) -> None:
    renderer, report, view = RENDERED[case]
    plain = Prose(renderer.issue(report, saying(view, "word")))
    assert plain.references == () or renderer is LEAVING_TRACES
    heard: Counter[str] = Counter()
    for first in (0, 7) if report == "engineer_weekly" else (0,):
        for hostile, said in saying_in_turn(view, WORDS, first):
            assert_unchanged(plain, renderer.issue(report, hostile), said)
            heard.update(said)
    assert not heard or set(heard) == set(WORDS)


@pytest.mark.parametrize("case", RENDERED)
def test_template__texts_that_show_nothing_break_nothing(case: str) -> None:
    renderer, report, view = RENDERED[case]
    plain = Prose(renderer.issue(report, saying(view, "word")))
    for text in SILENT:
        rendered = renderer.issue(report, saying(view, text))
        assert_unchanged(plain, rendered, (text,))
        assert NO_TITLE in rendered or "](" not in rendered


@pytest.mark.parametrize("case", RENDERED)
def test_template__hostile_addresses_lead_nowhere(case: str) -> None:
    renderer, report, view = RENDERED[case]
    plain = [tag for tag in Page(renderer.issue(report, view)).tags if tag not in ("a", "/a")]
    for text in WORDS[::25]:
        for address in (text, f"https://gitlab.example/{text}", f"https://gitlab.example{text}"):
            page = Prose(renderer.issue(report, leading(view, address)))
            assert [tag for tag in page.tags if tag not in ("a", "/a")] == plain, address
            assert all(re.match(r"https?://gitlab\.example([/?#]|$)", target) for target in page.targets), address
            assert page.comments == [], address


@pytest.mark.parametrize("case", RENDERED)
def test_template__charts_stay_the_charts_they_are(case: str) -> None:
    renderer, report, view = RENDERED[case]
    lines = [block.count("\n") for block in charts(renderer.issue(report, saying(view, "word")))]
    for hostile, said in saying_in_turn(view, WORDS):
        found = charts(renderer.issue(report, hostile))
        assert [block.count("\n") for block in found] == lines, said
        for block in found:
            draw(block)
            assert re.fullmatch(r'  title "[^"]*"', block.split("\n")[1]), said


def charts(text: str) -> list[str]:
    return re.findall(r"^```mermaid\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


# --- nobody can forget it ---------------------------------------------------------------------------------

#: Every place that may call a text safe, and how often: each was read, and is made of figures, own words and harmless
#: text. The one in `environment.py` only measures what the care costs.
MAY_CALL_SAFE = {
    "capacity_words.py": 11,
    "command_words.py": 2,
    "environment.py": 1,
    "figures.py": 21,
    "filters.py": 26,
    "links.py": 2,
    "markdown.py": 5,
}


def calls_of_safe(path: Path) -> int:
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    return sum(isinstance(call.func, ast.Name) and call.func.id == "Safe" for call in calls)


def test_safe__is_said_only_where_it_was_reviewed() -> None:
    found = {path.relative_to(ROOT / "reports").as_posix(): calls_of_safe(path) for path in (ROOT / "reports").rglob("*.py")}

    assert {name: count for name, count in found.items() if count} == {f"render/{name}": n for name, n in MAY_CALL_SAFE.items()}


def test_safe__has_no_second_name() -> None:
    renamed = re.compile(r"\bSafe\b\s+as\b|=\s*Safe\b(?!\()|\(Safe\)\s*:|\bMarkup\b")
    found = [path.name for path in (ROOT / "reports").rglob("*.py") if renamed.search(path.read_text(encoding="utf-8"))]

    assert found == []
