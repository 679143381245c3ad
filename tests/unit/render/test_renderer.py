import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.core.view import View
from reports.errors import RenderError
from reports.render.markdown import cleaned
from reports.render.renderer import Renderer, subject
from tests.hostile import HOSTILE
from tests.unit.render.hostile_views import saying
from tests.unit.render.reading import Page
from tests.unit.render.test_markdown import FOUND_LATER, read
from tests.views import (
    CASES,
    HOSTS,
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
    return Renderer(TEMPLATES, HOSTS)


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
        "- **Baseline**",
        "- **Customers waiting:**",
        "- **For review together:**",
        "- **Run of missed weeks:**",
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
    assert "Please make time to talk" in renderer.issue("engineer_weekly", engineer_four_missed())
    assert "Please make time to talk" not in renderer.issue("engineer_weekly", engineer_ordinary())


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
    path = renderer.file("engineer_weekly", engineer_data_gap(), tmp_path)
    assert path == tmp_path / "engineer_weekly-2026-W46-tbaker.md"
    pictures = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.svg"))
    assert pictures == ["engineer_weekly-2026-W46-tbaker/pairing_sessions.svg"]
    assert re.findall(r"!\[.*?\]\((.*?)\)", path.read_text(encoding="utf-8")) == pictures


def test_file__twice_gives_the_same_bytes(tmp_path: Path) -> None:
    trees = []
    for folder in ("one", "two"):
        Renderer(TEMPLATES, HOSTS).file("engineer_weekly", engineer_ordinary(), tmp_path / folder)
        trees.append({p.relative_to(tmp_path / folder): p.read_bytes() for p in (tmp_path / folder).rglob("*") if p.is_file()})
    assert trees[0] == trees[1]
    assert len(trees[0]) == 5


def test_file__a_team_report_has_no_pictures(renderer: Renderer, tmp_path: Path) -> None:
    path = renderer.file("team_weekly", team_calm(), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name] == ["team_weekly-2026-W46-petra-lindqvist.md"]


def test_file__a_folder_that_cannot_be_written(renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(RenderError, match="contributions-2026-W46-acme-support cannot be written"):
        renderer.file("contributions", contributions_empty(), tmp_path / "taken")


@pytest.mark.parametrize(
    ("name", "expected"), [("Åsa Öst", "asa-ost"), ("../../etc", "etc"), ("東京", "report"), ("a.b_c", "a.b_c")]
)
def test_subject__is_fit_for_a_file_name(name: str, expected: str) -> None:
    assert subject(saying(team_calm(), name)) == expected


# --- templates that cannot be used ------------------------------------------------------------------------


def refusal(renderer: Renderer, report: str = "t") -> str:
    with pytest.raises(RenderError) as caught:
        renderer.issue(report, team_calm())
    return caught.value.message


def test_template__missing(tmp_path: Path) -> None:
    assert refusal(templates(tmp_path), "nobody_wrote_it") == "templates/nobody_wrote_it.md.j2: there is no such template"


def test_template__includes_what_is_missing(tmp_path: Path) -> None:
    text = refusal(templates(tmp_path, t='a\n{% include "partials/_x.md.j2" %}'))
    assert text == "templates/t.md.j2: it includes partials/_x.md.j2, which does not exist"


def test_template__a_syntax_error_in_a_partial(tmp_path: Path) -> None:
    broken = templates(tmp_path, t='{% include "partials/_x.md.j2" %}', partials___x="one\ntwo {% if %}\n")
    assert refusal(broken).startswith("templates/partials/_x.md.j2:2: Expected an expression")


def test_template__an_unknown_name_in_a_partial(tmp_path: Path) -> None:
    broken = templates(tmp_path, t='{% include "partials/_x.md.j2" %}', partials___x="one\n\n{{ view.shoe_size }}\n")
    text = refusal(broken)
    assert text.startswith("templates/partials/_x.md.j2:3: ")
    assert "shoe_size" in text


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("{{ view.runs_reached }}", "a value of type int cannot be printed as it is"),
        ("{{ none }}", "a value of type NoneType cannot be printed as it is"),
        ("{{ view.head }}", "a value of type ReportHead cannot be printed as it is"),
        ("{{ view.head.nothing }}", "has no attribute 'nothing'"),
        ("{{ nobody }}", "'nobody' is undefined"),
        ("{{ view.manager|safe }}", "No filter named 'safe'"),
        ("{{ view.manager|replace('a', 'b') }}", "No filter named 'replace'"),
        ("{{ view.manager ~ '<b>' }}", "templates know no Concat"),
        ("{{ view.runs_reached + 1 }}", "templates know no Add"),
        ("{{ -view.runs_reached|number }}", "templates know no Neg"),
        ("{{ view.manager.format('x') }}", "templates know no Call"),
        ("{{ view.manager[0] }}", "templates know no Getitem"),
        ("{% macro m() %}{% endmacro %}", "templates know no Macro"),
        ("{% set x %}{{ view.manager }}{% endset %}", "templates know no AssignBlock"),
        ("{% filter link %}x{% endfilter %}", "templates know no FilterBlock"),
        ("{% import 'x' as y %}", "templates know no Import"),
        ("{% extends 'x' %}", "templates know no Extends"),
        ("{% include view.manager %}", "templates include others by a written name only"),
        ("{% if view.runs_reached > 1 %}{% endif %}", "templates compare only with == and !="),
        ("{% if view.runs_reached is odd %}{% endif %}", "No test named 'odd'"),
        ("{{ view.__class__ }}", "templates do not look inside: '__class__'"),
        ("{{ range }}", "'range' is undefined"),
    ],
)
def test_template__outside_of_the_small_language(expression: str, complaint: str, tmp_path: Path) -> None:
    text = refusal(templates(tmp_path, t=f"first\n{expression}\n"))
    assert text.startswith("templates/t.md.j2:2: ")
    assert complaint in text


@pytest.mark.parametrize(
    "expression",
    [
        "{{ view.manager }}",
        "{{ view.manager if view.manager else '' }}",
        "{% set x = view.manager %}{{ x }}",
        "{% with x = view.manager %}{{ x }}{% endwith %}",
        "{% for n in view.members %}{{ n.name }}{% endfor %}",
        "{{ view.manager|link('https://gitlab.example/x') }}",
        "{{ view.head.gaps|names }}",
        "{{ view.head.gaps|cells }}",
        "<i>{{ view.manager|summary }}</i>",
        "{% include 'partials/_x.md.j2' %}",
    ],
)
def test_template__no_way_to_print_text_as_it_is(expression: str, tmp_path: Path) -> None:
    text = templates(tmp_path, t=expression, partials___x="{{ view.manager }}").issue(
        "t", saying(team_with_actions(), "<b>@root #1")
    )
    assert "<b>" not in text
    assert not FOUND_LATER.search(Page(text).text)
    assert "@root #1" in read(Page(text).text)
