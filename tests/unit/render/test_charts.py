import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from reports.core.weeks import Week
from reports.render.charts import ChartSpec, goal_chart, mermaid, sparkline, svg
from tests.views import engineer_data_gap, engineer_new_joiner, engineer_on_leave, engineer_ordinary, engineer_rates

WEEKS = Week(2026, 46).back_to(4)
SPEC = ChartSpec(title="New tickets", unit="tickets", weeks=WEEKS, values=(5, 4.5, 0, 6), targets=(5, 5, 2.5, 5))


def test_mermaid__values_as_bars_and_targets_as_a_line() -> None:
    assert mermaid(SPEC).split("\n") == [
        "xychart-beta",
        '  title "New tickets"',
        "  x-axis [W43, W44, W45, W46]",
        '  y-axis "tickets" 0 --> 6',
        "  bar [5, 4.5, 0, 6]",
        "  line [5, 5, 2.5, 5]",
    ]


def test_mermaid__leaves_out_weeks_that_it_cannot_draw() -> None:
    made = mermaid(replace(SPEC, values=(None, 4.5, 0, 6), targets=(5, 5, None, 5)))
    assert "x-axis [W44, W46]" in made
    assert "bar [4.5, 6]" in made
    assert "line [5, 5]" in made


def test_mermaid__without_targets() -> None:
    made = mermaid(replace(SPEC, targets=()))
    assert "bar [5, 4.5, 0, 6]" in made
    assert "line" not in made


def test_mermaid__nothing_to_draw() -> None:
    assert mermaid(replace(SPEC, values=(None,) * 4)) == ""


def test_mermaid__only_zeros_still_has_a_scale() -> None:
    assert '"tickets" 0 --> 1' in mermaid(replace(SPEC, values=(0,) * 4, targets=()))


def test_chart__of_a_share_goes_to_100_whatever_the_values() -> None:
    spec = goal_chart(engineer_rates().goals[0])

    assert '"percent of replies" 0 --> 100' in mermaid(spec)
    assert spec.top == 100
    assert ">100</text>" in svg(spec).decode()


def test_mermaid__signs_that_it_would_read() -> None:
    made = mermaid(replace(SPEC, title='x"]\n  bar [9] %%{init}%% `;&#', unit='"; click'))
    assert made.split("\n")[1] == '  title "x bar 9 init"'
    assert '  y-axis "click" 0 --> 6' in made


def test_mermaid__a_year_of_weeks_fits_into_one_pass() -> None:
    weeks = Week(2026, 46).back_to(52)
    assert len(mermaid(ChartSpec(title="x" * 99, unit="y" * 99, weeks=weeks, values=(10.5,) * 52, targets=(10.5,) * 52))) < 2000


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), ""),
        ((0, 0), "▁▁"),
        ((None, None), "··"),
        ((0, 1, 2, 4, 8), "▁▂▃▅█"),
        ((3, None, 6), "▅·█"),
    ],
)
def test_sparkline__from_zero_to_the_largest(values: tuple[float | None, ...], expected: str) -> None:
    assert sparkline(values) == expected


def test_goal_chart__a_draft_has_no_targets() -> None:
    assert goal_chart(engineer_new_joiner().goals[0]).targets == ()


def test_goal_chart__targets_with_gaps_are_kept() -> None:
    assert goal_chart(engineer_on_leave().goals[0]).targets == (3.0,) * 7 + (None,) * 5


def test_goal_chart__without_data_has_no_values() -> None:
    assert not goal_chart(engineer_data_gap().goals[0]).has_values


def test_svg__names_title_unit_weeks_and_target() -> None:
    root = ElementTree.fromstring(svg(SPEC))
    said = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert "New tickets (tickets)" in said
    assert "target" in said
    assert [word for word in said if word in ("W43", "W44", "W45", "W46")] == ["W43", "W44", "W45", "W46"]


def test_svg__many_weeks_are_named_sparsely_and_the_last_one_always() -> None:
    spec = ChartSpec(title="t", unit="u", weeks=Week(2026, 46).back_to(16), values=(1.0,) * 16)
    root = ElementTree.fromstring(svg(spec))
    said = [element.text or "" for element in root.iter() if element.tag.endswith("}text")]
    assert [word for word in said if word.startswith("W")] == ["W32", "W34", "W36", "W38", "W40", "W42", "W44", "W46"]


def test_svg__the_same_spec_gives_the_same_bytes_without_a_date() -> None:
    first, second = (svg(goal_chart(engineer_ordinary().goals[0])) for _ in range(2))
    assert first == second
    assert b"<dc:date" not in first


def test_svg__an_injection_in_the_title_stays_text() -> None:
    root = ElementTree.fromstring(svg(replace(SPEC, title="</text><script>alert(1)</script> $x$")))
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_render__the_drawing_library_is_loaded_only_to_draw() -> None:
    code = "import sys, reports.render.renderer; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
