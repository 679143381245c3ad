"""What GitLab's Markdown becomes: rendered, made harmless, with references found where GitLab finds them."""

import pytest

from reports.sandbox.glfm import sanitised_html, task_counts
from reports.sandbox.mermaid import ChartError, draw
from reports.sandbox.page_markdown import MERMAID_BUDGET, PageMarkdown
from reports.sandbox.references import Reference, ReferenceKind, linked, references
from tests.gitlab_sandbox import small_gitlab

HERE = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("| a |\n|--:|\n| 1 |", '<td align="right">1</td>'),
        ("- [x] done", '<input type="checkbox" checked="" disabled=""> done'),
        ("> [!note]\n> text", '<div class="markdown-alert markdown-alert-note">'),
        ("~~gone~~", "<del>gone</del>"),
        ("text[^1]\n\n[^1]: foot", '<section class="footnotes">'),
        ("https://example.com", '<a href="https://example.com"'),
        ("<details><summary>more</summary>\n\n**in**\n\n</details>", "<strong>in</strong>"),
        (":tada:", "🎉"),
        (">>>\nquoted\n>>>", "<blockquote>"),
        ("a $$b$$", "$$b$$"),
        (r"\@all", '<span data-escaped-char="">@</span>all'),
    ],
)
def test_sanitised_html__renders(markdown: str, expected: str) -> None:
    assert expected in sanitised_html(markdown)


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<b onclick='alert(1)'>x</b>",
        "[x](javascript:alert(1))",
        "<svg onload='alert(1)'></svg>",
        "<iframe src='https://evil.example'></iframe>",
        "<p style='position:fixed'>x</p>",
        "<!-- hidden -->",
        "<form action='/'><input name='x'></form>",
    ],
)
def test_sanitised_html__removes_what_could_act(markdown: str) -> None:
    shown = sanitised_html(markdown)

    assert not any(
        word in shown for word in ("alert", "onclick", "javascript", "svg", "iframe", "style", "hidden", "form", "name=")
    )


def test_task_counts__outside_code_only() -> None:
    assert task_counts("- [x] a\n- [ ] b\n\n```\n- [ ] c\n```") == (1, 2)


def test_references__of_every_kind() -> None:
    found = references(sanitised_html('@iduarte #1 acme/x#2 !3 ~bug ~"two words"'), HERE)

    assert found == (
        Reference(ReferenceKind.USER, "", "iduarte"),
        Reference(ReferenceKind.ISSUE, "", "1"),
        Reference(ReferenceKind.ISSUE, "acme/x", "2"),
        Reference(ReferenceKind.MERGE_REQUEST, "", "3"),
        Reference(ReferenceKind.LABEL, "", "bug"),
        Reference(ReferenceKind.LABEL, "", "two words"),
    )


@pytest.mark.parametrize(
    "markdown",
    [
        "%12.1",
        '%"next one"',
        "$5",
        "acme&9",
        "&amp;9",
        "^alert#7",
        '*iteration:"now"',
        "[vulnerability:7]",
        "[issue:acme/x/7]",
        "GL-7",
        "see 9ba12248.",
    ],
)
def test_references__what_this_sandbox_has_none_of_is_found_all_the_same(markdown: str) -> None:
    assert {found.kind for found in references(sanitised_html(markdown), HERE)} == {ReferenceKind.OTHER}


@pytest.mark.parametrize(
    "markdown",
    [
        "58 % of 40",
        "100%",
        "R&D",
        "deface",
        "2026-11-16",
        "`@iduarte #1`",
        "```\n@iduarte\n```",
        "ines@iduarte.example",
        r"\@iduarte",
        r"\#1",
        "<span>@</span>iduarte",
        "[@iduarte](https://example.com)",
        "<!-- @iduarte #1 -->",
        "x@y",
        "#heading",
        "5 ! 3",
    ],
)
def test_references__not_in_code_links_escapes_or_addresses(markdown: str) -> None:
    assert references(sanitised_html(markdown), HERE) == ()


@pytest.mark.parametrize("markdown", ["&#64;iduarte", "&commat;iduarte", "(@iduarte)", "**@iduarte**", "@iduarte.", "> @iduarte"])
def test_references__entities_and_emphasis_do_not_shield_a_mention(markdown: str) -> None:
    assert references(sanitised_html(markdown), HERE) == (Reference(ReferenceKind.USER, "", "iduarte"),)


def test_references__a_link_to_an_issue_page_is_one() -> None:
    markup = sanitised_html(f"{HERE}/acme/support/managers/-/issues/3#note_1 and https://elsewhere.example/a/b/-/issues/4")

    assert references(markup, HERE) == (Reference(ReferenceKind.ISSUE, "acme/support/managers", "3"),)


@pytest.mark.parametrize(
    "page", ["/-/merge_requests/3/diffs", "/merge_requests/3", "/-/merge_requests/3/", "/-/merge_requests/3?a=b"]
)
def test_references__a_link_to_a_part_of_a_page_is_one_too(page: str) -> None:
    markup = sanitised_html(f"[words]({HERE}/acme/x{page})")

    assert references(markup, HERE) == (Reference(ReferenceKind.MERGE_REQUEST, "acme/x", "3"),)


def test_references__a_link_to_a_list_is_none() -> None:
    assert references(sanitised_html(f"[words]({HERE}/acme/x/-/merge_requests?search=%233)"), HERE) == ()


def test_linked__text_that_names_nothing_stays_as_it_was() -> None:
    assert linked("<p>a &lt; b @x &amp; #1</p>", lambda reference: None, HERE) == "<p>a &lt; b @x &amp; #1</p>"


# --- charts -------------------------------------------------------------------------------------


def test_draw__bars_and_a_line_with_a_scale() -> None:
    svg = draw('xychart-beta\n title "Tickets"\n x-axis [W1, "W 2"]\n y-axis "tickets" 0 --> 10\n bar [5, 10]\n line [5, 5]')

    assert svg.count("<rect") == 2
    assert svg.count("<polyline") == 1
    assert ">W 2</text>" in svg
    # The plot is 220 high and stands on y=264: a 10 of 10 fills it, a 5 half of it.
    assert 'y="44.0" width="178.8" height="220.0"' in svg
    assert 'y="154.0" width="178.8" height="110.0"' in svg


def test_draw__a_pie_with_shares() -> None:
    svg = draw('pie showData title Time\n "A" : 3\n "B" : 1')

    assert "A: 3 (75%)" in svg
    assert "B: 1 (25%)" in svg
    assert svg.count("<path") == 2


@pytest.mark.parametrize(
    "source",
    ["", "gantt\n a", "pie", 'pie\n "A" : 0', "pie\n A : 1", "xychart-beta", "xychart-beta\n bar [a]", "xychart-beta\n bar 1, 2"],
)
def test_draw__what_is_no_chart_is_refused(source: str) -> None:
    with pytest.raises(ChartError):
        draw(source)


def test_draw__labels_cannot_carry_markup() -> None:
    assert "<b>" not in draw('pie title <b>x</b>\n "<b>" : 1')


def _shown(text: str) -> str:
    state = small_gitlab()
    from reports.sandbox.gitlab_access import Reader

    project = state.projects["acme/support/managers"]
    return PageMarkdown(state, project, Reader(state, state.user("plindqvist")), HERE).render(text)


def test_page_markdown__mermaid_is_drawn_within_the_budget_and_each_details_has_its_own() -> None:
    chart = "```mermaid\npie\n" + "%% filling\n" * (MERMAID_BUDGET // 11 - 5) + ' "A" : 1\n```\n\n'

    assert _shown(chart).count("<svg") == 1
    assert _shown(chart + chart).count("<svg") == 1
    assert "<b>Display</b>" in _shown(chart + chart)
    assert _shown(chart + f"<details><summary>more</summary>\n\n{chart}</details>\n").count("<svg") == 2


def test_page_markdown__a_broken_chart_shows_its_text_and_the_trouble() -> None:
    shown = _shown("```mermaid\npie\n oh <dear>\n```")

    assert "No chart: not understood: oh &lt;dear&gt;" in shown
    assert "<dear>" not in shown


def test_page_markdown__references_become_links_only_when_they_name_something() -> None:
    shown = _shown("@iduarte @nobody #7 ~weekly ~unknown")

    assert ">@iduarte</a>" in shown
    assert "@nobody #7" in shown
    assert 'href="/acme/support/managers/-/issues?label_name[]=weekly"' in shown
    assert "~unknown" in shown
