"""Trends as pictures and as Mermaid text, from plain values; judges nothing and reads no clock."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.core.model import Aggregation
from reports.core.view import GoalView
from reports.core.weeks import Week
from reports.render.figures import unit_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = tuple[float | None, ...]

_BARS = "▁▂▃▄▅▆▇█"
_NO_VALUE = "·"
_MOST_LABELS = 8
# Left, bottom, width and height of the axes: fixed, so that charts under one another line up (and it halves the time).
_PLACE = (0.055, 0.13, 0.865, 0.7)
_INK, _VALUE, _TARGET, _GRID = "#333238", "#1f75cb", "#737278", "#dcdcde"
_STYLE: dict[str, Any] = {
    "svg.hashsalt": "support-reports",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "axes.edgecolor": _GRID,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSpec:
    """A trend over weeks, oldest first; None leaves a gap. `targets` is empty for a number without a goal."""

    title: str
    unit: str
    weeks: tuple[Week, ...]
    values: Values
    targets: Values = ()
    top: float | None = None
    """Where the scale ends whatever the values are, such as 100 percent; None follows the values."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Short names of the weeks, such as W46."""
        return tuple(f"W{week.number:02d}" for week in self.weeks)

    @property
    def has_values(self) -> bool:
        """Whether there is anything to draw."""
        return any(value is not None for value in self.values)


def goal_chart(goal: GoalView) -> ChartSpec:
    """The trend of a goal beside its scaled target."""
    trend = goal.trend
    drawn = trend.targets if any(target is not None for target in trend.targets) else ()
    return ChartSpec(
        title=goal.measure.title,
        unit=unit_words(goal.measure),
        weeks=trend.weeks,
        values=trend.values,
        targets=drawn,
        top=100.0 if goal.measure.kind is Aggregation.RATIO else None,
    )


def sparkline(values: Values) -> str:
    """One small block per value, from zero up to the largest; a dot where there is none."""
    top = max((value for value in values if value is not None), default=0) or 1
    return "".join(_NO_VALUE if value is None else _BARS[round(7 * max(0, value) / top)] for value in values)


# --- Mermaid ----------------------------------------------------------------------------------------


def drawable_weeks(spec: ChartSpec) -> tuple[int, ...]:
    """The places in the trend that Mermaid can draw, which knows no gaps: those with a value, and a target if there are any."""
    return tuple(
        at for at, value in enumerate(spec.values) if value is not None and (not spec.targets or spec.targets[at] is not None)
    )


def mermaid(spec: ChartSpec) -> str:
    """An `xychart-beta` with the value as bars and the target as a line; empty when nothing can be drawn."""
    shown = drawable_weeks(spec)
    if not shown:
        return ""
    drawn = [spec.values, spec.targets] if spec.targets else [spec.values]
    top = spec.top or max(series[at] or 0 for series in drawn for at in shown)
    lines = [
        "xychart-beta",
        f'  title "{_plain(spec.title)}"',
        f"  x-axis [{', '.join(spec.labels[at] for at in shown)}]",
        f'  y-axis "{_plain(spec.unit)}" 0 --> {_figure(max(1.0, top))}',
        f"  bar [{_figures(spec.values, shown)}]",
    ]
    return "\n".join(lines + ([f"  line [{_figures(spec.targets, shown)}]"] if spec.targets else []))


def _figures(values: Values, shown: Sequence[int]) -> str:
    return ", ".join(_figure(values[at] or 0) for at in shown)


def _figure(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _plain(text: str) -> str:
    """Letters, digits and little else: Mermaid has signs of its own, and no empty names."""
    return re.sub(r"[^\w,.()/-]+", " ", text).strip()[:60] or "-"


# --- SVG --------------------------------------------------------------------------------------------


def svg(spec: ChartSpec) -> bytes:
    """A quiet line chart of a spec that has values; the same spec gives the same bytes."""
    from matplotlib import style  # noqa: PLC0415  (half a second: only who draws pays for it)
    from matplotlib.figure import Figure  # noqa: PLC0415

    with style.context(_STYLE, after_reset=True):
        figure = Figure(figsize=(7.2, 2.3))
        _draw(figure.add_axes(_PLACE), spec)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def _draw(axes: "Axes", spec: ChartSpec) -> None:
    places = range(len(spec.weeks))
    _frame(axes, spec)
    if spec.targets:
        _draw_targets(axes, spec.targets)
    axes.plot(places, _with_gaps(spec.values), color=_VALUE, linewidth=1.8, marker="o", markersize=4.5, zorder=3, clip_on=False)
    _name_last(axes, spec.values)


def _frame(axes: "Axes", spec: ChartSpec) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    top = max((value for value in (*spec.values, *spec.targets) if value is not None), default=0)
    axes.set_xlim(-0.6, len(spec.weeks) - 0.4)
    axes.set_ylim(0, spec.top or max(1.0, top * 1.15))
    every = -(-len(spec.weeks) // _MOST_LABELS)
    ticks = range((len(spec.weeks) - 1) % every, len(spec.weeks), every)
    axes.set_xticks(ticks, [spec.labels[at] for at in ticks])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.grid(axis="y", color=_GRID, linewidth=0.6)
    axes.tick_params(length=0, pad=6)
    axes.spines[["top", "left", "right"]].set_visible(False)
    axes.set_title(f"{_plain(spec.title)} ({_plain(spec.unit)})", loc="left", fontsize=10, pad=10)


def _draw_targets(axes: "Axes", targets: Values) -> None:
    """A step per week, so that it is plain which target a value is beside."""
    edges = [at + side for at in range(len(targets)) for side in (-0.5, 0.5)]
    heights = [height for height in _with_gaps(targets) for _ in range(2)]
    axes.plot(edges, heights, color=_TARGET, linewidth=1.2, linestyle=(0, (4, 3)), zorder=2)
    at, height = _last_known(targets)
    axes.annotate("target", (at + 0.5, height), (4, 0), textcoords="offset points", va="center", color=_TARGET, fontsize=8)


def _with_gaps(values: Values) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _name_last(axes: "Axes", values: Values) -> None:
    """The latest value in figures, beside its point."""
    at, value = _last_known(values)
    axes.annotate(_figure(value), (at, value), (0, 6), textcoords="offset points", ha="center", color=_VALUE, weight="bold")


def _last_known(values: Values) -> tuple[int, float]:
    return [(at, value) for at, value in enumerate(values) if value is not None][-1]
