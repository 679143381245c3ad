import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.core.plain_text import cleaned
from reports.core.queue import ClockName, NextStep
from reports.core.views import View
from reports.render.renderer import Renderer
from tests.hostile import HOSTILE
from tests.queue_views import QUEUE_CASES
from tests.unit.render.hostile_views import saying
from tests.unit.render.reading import Page
from tests.unit.render.test_markdown import FOUND_LATER, read
from tests.views import HOSTS, TRACING

TEMPLATES = Path(__file__).parents[3] / "templates"
CASES = {case: view for _, case, view in QUEUE_CASES}


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(TEMPLATES, HOSTS, TRACING)


@pytest.mark.parametrize("case", CASES)
def test_region_queue__as_the_golden_file(case: str, renderer: Renderer, golden: Callable[[str, str], None]) -> None:
    golden(f"region_queue_{case}.md", f"{renderer.issue('region_queue', CASES[case])}\n")


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "busy",
            "**3 of 8 items over time.** Most urgent: [Ticket 84210 stalled]"
            "(https://gitlab.example/acme/support/ticket-attention-requests/-/issues/80), attention request, urgent, "
            "over by 1 h. Next deadline: Fri 13 Nov 15:10.",
        ),
        ("calm", "**1 item waiting, nothing over time.** Next deadline: Fri 13 Nov 16:05."),
        ("empty", "**Nothing is waiting.** Thank you for keeping it that way."),
        ("unread", "**Nothing that could be read is waiting.**"),
    ],
)
def test_region_queue__the_second_line_says_how_many_are_over_and_what_is_next(case: str, said: str, renderer: Renderer) -> None:
    assert renderer.issue("region_queue", CASES[case]).split("\n")[1] == said


def test_region_queue__time_in_words(renderer: Renderer) -> None:
    rows = [line.split(" | ") for line in renderer.issue("region_queue", CASES["busy"]).split("\n") if line.startswith("| ")]

    assert [row[4] for row in rows[1:9]] == [
        "over by 2 days",
        "over by 2 days",
        "25 h left",
        "less than 1 h left",
        "5 h left",
        "over by 1 h",
        "1 h left",
        "1 h left",
    ]


def test_region_queue__a_source_that_was_not_read_is_no_empty_queue(renderer: Renderer) -> None:
    text = renderer.issue("region_queue", CASES["unread"])

    assert "something may be missing here" in text
    assert "Nothing is waiting" not in text


@pytest.mark.parametrize("case", CASES)
def test_region_queue__no_unkind_word(case: str, renderer: Renderer) -> None:
    unkind = r"fail|underperform|poor|bad\b|worst|best\b|rank|score|warning|strike|quota|breach|slow\b"

    assert not re.search(unkind, renderer.issue("region_queue", CASES[case]), re.IGNORECASE)


@pytest.mark.parametrize("word", [*ClockName, *NextStep])
def test_partials__have_words_for_every_clock_and_step(word: str) -> None:
    folder = TEMPLATES / "partials"
    texts = (folder / "_queue_clock.md.j2").read_text() + (folder / "_queue_step.md.j2").read_text()

    assert re.search(rf'== "{word}" %}}\n\w', texts)


@pytest.mark.parametrize("case", CASES)
def test_region_queue__hostile_texts_change_nothing_but_words(case: str, renderer: Renderer) -> None:
    view: View = CASES[case]
    plain = Page(renderer.issue("region_queue", saying(view, "word")))
    for text in filter(cleaned, HOSTILE):
        rendered = renderer.issue("region_queue", saying(view, text))
        page = Page(rendered)
        assert page.tags == plain.tags, repr(text)
        assert page.comments == [], repr(text)
        assert cleaned(text) in read(page.text), repr(text)
        assert not FOUND_LATER.search(page.text), repr(text)
        assert not re.search(r"^\s*/\w", rendered, re.MULTILINE), repr(text)
