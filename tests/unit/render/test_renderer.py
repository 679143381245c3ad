import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reports.core.chance import ByChance
from reports.core.plain_text import cleaned
from reports.core.views import View
from reports.core.weeks import Week
from reports.errors import RenderError
from reports.render.renderer import Renderer
from tests.hostile import HOSTILE
from tests.unit.render.hostile_views import saying
from tests.unit.render.reading import Page
from tests.unit.render.test_markdown import FOUND_LATER, read
from tests.views import (
    CASES,
    HOSTS,
    TRACING,
    contributions_empty,
    contributions_hostile,
    engineer_data_gap,
    engineer_drafts,
    engineer_four_missed,
    engineer_ordinary,
    team_calm,
    team_with_actions,
)

TEMPLATES = Path(__file__).parents[3] / "templates"

case_names = [f"{report}_{case}" for report, case, _ in CASES]


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(TEMPLATES, HOSTS, TRACING)


def templates(folder: Path, **files: str) -> Renderer:
    """A renderer of templates written for one test; `__` in a name stands for a folder."""
    for name, text in files.items():
        path = folder / "templates" / f"{name.replace('__', '/')}.md.j2"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Renderer(folder / "templates", HOSTS)


# --- whole reports ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("report", "case", "view"), CASES, ids=case_names)
def test_issue__as_the_golden_file(
    report: str, case: str, view: View, renderer: Renderer, golden: Callable[[str, str], None]
) -> None:
    golden(f"{report}_{case}.md", f"{renderer.issue(report, view)}\n")


def test_issue__the_first_ten_lines_of_an_engineer_are_one_line_each(renderer: Renderer) -> None:
    lines = renderer.issue("engineer_weekly", engineer_ordinary()).split("\n")
    starts = (
        "**Ines Duarte · week 2026-W46",
        "**Capacity:**",
        "> **Your words.**",
        "- **Went well:**",
        "- **Agreed goals:**",
        "- **Run of missed weeks:**",
        "- **Is something not right?**",
        "- **For review together:**",
        "- **Baseline**",
        "- **Cannot see:**",
        "",
    )
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=False)] == list(starts)


@pytest.mark.parametrize(("report", "case", "view"), CASES, ids=case_names)
def test_issue__no_unkind_word(report: str, case: str, view: View, renderer: Renderer) -> None:
    text = renderer.issue(report, view)
    assert not re.search(
        r"fail|underperform|under-perform|poor|bad\b|worst|best\b|rank|score|warning|strike|quota", text, re.IGNORECASE
    ), case


@pytest.mark.parametrize(("report", "case", "view"), CASES, ids=case_names)
def test_issue__mermaid_stays_within_what_gitlab_draws_in_one_pass(
    report: str, case: str, view: View, renderer: Renderer
) -> None:
    text = renderer.issue(report, view)
    blocks = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
    assert all(len(block) < 2000 and "&" not in block for block in blocks), case
    assert len(re.findall(r"<details><summary>[^\n]*</summary>\n\n```mermaid\n", text)) == len(blocks)


def test_issue__nothing_of_no_data_reads_as_zero(renderer: Renderer) -> None:
    text = renderer.issue("engineer_weekly", engineer_data_gap())
    row = next(line for line in text.split("\n") if line.startswith("| New tickets, per week"))
    assert row == "| New tickets, per week | no data | 5 | no data | ············ |"
    assert "no Zendesk id is known for this person" in text


@pytest.mark.parametrize("status", ["not met", "met", "within noise", "no data"])
def test_issue__the_team_page_says_nobodys_status(status: str, renderer: Renderer) -> None:
    people = renderer.issue("team_weekly", team_with_actions()).split("### People")[1].split("### Team numbers")[0]
    said = {cell.strip() for line in people.split("\n") if line.startswith("|") for cell in line.split("|")}
    assert status not in said


def test_issue__a_team_page_that_asks_for_nothing_says_so(renderer: Renderer) -> None:
    assert "Nothing is waiting for you this week." in renderer.issue("team_weekly", team_calm())
    assert "Nothing is waiting for you this week." not in renderer.issue("team_weekly", team_with_actions())


def test_issue__a_run_that_is_reached_asks_to_talk(renderer: Renderer) -> None:
    assert "from 4 on it is time to talk" in renderer.issue("engineer_weekly", engineer_four_missed())
    assert "it is time to talk" not in renderer.issue("engineer_weekly", engineer_ordinary())


@pytest.mark.parametrize(
    ("by_chance", "said"),
    [
        (ByChance.BEYOND, "Chance alone hardly ever does this"),
        (ByChance.WITHIN, "Chance alone does this now and then"),
        (ByChance.NOT_CALCULATED, "How often chance alone does this is not calculated"),
    ],
)
def test_issue__a_run_that_is_reached_says_what_chance_does(by_chance: ByChance, said: str, renderer: Renderer) -> None:
    four = engineer_four_missed()
    page = renderer.issue("engineer_weekly", replace(four, run=replace(four.run, by_chance=by_chance)))

    assert [word for word in ("hardly ever", "now and then", "not calculated") if word in page] == [
        word for word in ("hardly ever", "now and then", "not calculated") if word in said
    ]
    assert said in page


def test_issue__a_new_manager_reads_from_where_on_the_weeks_were_handed_over(renderer: Renderer) -> None:
    handed_over = replace(engineer_ordinary(), handed_over_from=Week(2026, 42))

    assert "Weeks before W42 lie with the former manager: " in renderer.issue("engineer_weekly", handed_over)
    assert "former manager" not in renderer.issue("engineer_weekly", engineer_ordinary())


# --- strangers ------------------------------------------------------------------------------------------

FULL_VIEWS: tuple[tuple[str, View], ...] = (
    ("engineer_weekly", engineer_ordinary()),
    ("engineer_weekly", engineer_drafts()),
    ("engineer_weekly", engineer_data_gap()),
    ("team_weekly", team_with_actions()),
    ("contributions", contributions_hostile()),
    ("contributions", contributions_empty()),
)


@pytest.mark.parametrize(("report", "view"), FULL_VIEWS, ids=[f"{r}{at}" for at, (r, _) in enumerate(FULL_VIEWS)])
def test_issue__hostile_texts_change_nothing_but_words(report: str, view: View, renderer: Renderer) -> None:
    plain = Page(renderer.issue(report, saying(view, "word")))
    for text in filter(cleaned, HOSTILE):
        rendered = renderer.issue(report, saying(view, text))
        page = Page(rendered)
        assert page.tags == plain.tags, repr(text)
        assert page.comments == [], repr(text)
        assert cleaned(text) in read(page.text), repr(text)
        assert not FOUND_LATER.search(page.text), repr(text)
        assert not re.search(r"^\s*/\w", rendered, re.MULTILINE), repr(text)


def test_issue__a_link_to_a_stranger_is_only_its_text(renderer: Renderer) -> None:
    other = Renderer(TEMPLATES, {"elsewhere.example"})
    page = Page(other.issue("contributions", contributions_hostile()))
    assert "a" not in page.tags
    assert "Add the on-call hand-over checklist" in page.text


# --- files ----------------------------------------------------------------------------------------------


def test_file__with_a_picture_for_each_goal_that_has_a_trend(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "engineer_weekly" / "tbaker.md"
    renderer.file("engineer_weekly", engineer_data_gap(), path)
    pictures = sorted(p.relative_to(path.parent).as_posix() for p in tmp_path.rglob("*.svg"))
    assert pictures == ["tbaker/pairing_sessions.svg"]
    assert re.findall(r"!\[.*?\]\((.*?)\)", path.read_text(encoding="utf-8")) == pictures


def test_file__twice_gives_the_same_bytes(tmp_path: Path) -> None:
    trees = []
    for folder in ("one", "two"):
        Renderer(TEMPLATES, HOSTS).file("engineer_weekly", engineer_ordinary(), tmp_path / folder / "iduarte.md")
        trees.append({p.relative_to(tmp_path / folder): p.read_bytes() for p in (tmp_path / folder).rglob("*") if p.is_file()})
    assert trees[0] == trees[1]
    assert len(trees[0]) == 5


def test_file__a_team_report_has_no_pictures(renderer: Renderer, tmp_path: Path) -> None:
    renderer.file("team_weekly", team_calm(), tmp_path / "plindqvist.md")
    assert [p.name for p in tmp_path.iterdir()] == ["plindqvist.md"]


def test_file__a_folder_that_cannot_be_written(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(RenderError, match=r"all\.md cannot be written"):
        renderer.file("contributions", contributions_empty(), tmp_path / "taken" / "all.md")
