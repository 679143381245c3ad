"""Draws the two Mermaid charts that reports use, `xychart` and `pie`, as inline SVG; every other diagram is refused."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

_COLOURS = ("#5772ff", "#d99530", "#2f9e77", "#c0458a", "#7d6b9e", "#4a93b8", "#b5533c", "#6a8c2b")
_WIDTH, _HEIGHT = 680, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 44, 56
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\s*-->\s*({_NUMBER})\s*$")
_LIST = re.compile(r"\[(?P<items>.*)\]\s*$")
_SLICE = re.compile(rf'^"(?P<label>[^"]*)"\s*:\s*(?P<value>{_NUMBER})$')


class ChartError(ValueError):
    """The text is no chart that can be drawn here; says which line is the trouble."""


@dataclass(slots=True)
class XyChart:
    """A bar and line chart over named places."""

    title: str = ""
    places: list[str] = field(default_factory=list)
    y_label: str = ""
    y_range: tuple[float, float] | None = None
    series: list[tuple[str, list[float]]] = field(default_factory=list)


def draw(source: str) -> str:
    """The chart as an SVG element; raises ChartError."""
    lines = _lines(source)
    kind = lines[0].split()[0] if lines else ""
    if kind in ("xychart-beta", "xychart"):
        return _draw_xy(_parse_xy(lines[1:]))
    if kind == "pie":
        return _draw_pie(lines)
    raise ChartError(f"{kind or 'nothing'} is not drawn here")


def _lines(source: str) -> list[str]:
    """The lines that say something: no front matter, directive, comment or blank line."""
    text = re.sub(r"\A\s*---\n.*?\n---\n", "", source, flags=re.DOTALL)
    text = re.sub(r"%%\{.*?\}%%", "", text, flags=re.DOTALL)
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("%%")]


# --- xychart ------------------------------------------------------------------------------------


def _parse_xy(lines: Sequence[str]) -> XyChart:
    chart = XyChart()
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "title":
            chart.title = rest.strip().strip('"')
        elif word == "x-axis":
            chart.places = _items(rest, line)
        elif word == "y-axis":
            chart.y_label, chart.y_range = _y_axis(rest.strip())
        elif word in ("bar", "line"):
            chart.series.append((word, [_number(item, line) for item in _items(rest, line)]))
        else:
            raise ChartError(f"not understood: {line}")
    if not chart.series:
        raise ChartError("no bar and no line")
    return chart


def _items(text: str, line: str) -> list[str]:
    found = _LIST.search(text)
    if found is None:
        raise ChartError(f"expected a list in brackets: {line}")
    return [quoted or plain.strip() for quoted, plain in re.findall(r'"([^"]*)"|([^,"\s][^,"]*)', found["items"])]


def _number(text: str, line: str) -> float:
    if not re.fullmatch(_NUMBER, text):
        raise ChartError(f"{text!r} is no number: {line}")
    return float(text)


def _y_axis(text: str) -> tuple[str, tuple[float, float] | None]:
    found = _RANGE.search(text)
    label = text[: found.start()] if found else text
    return label.strip().strip('"'), (float(found[1]), float(found[2])) if found else None


def _nice_top(value: float) -> float:
    """The next round number at or above a value, so that the axis ends on a mark."""
    if value <= 0:
        return 1.0
    step: float = 10 ** math.floor(math.log10(value))
    return next(step * factor for factor in (1, 2, 2.5, 5, 10) if step * factor >= value)


def _draw_xy(chart: XyChart) -> str:
    values = [value for _, row in chart.series for value in row]
    low, high = chart.y_range or (min(0.0, *values), _nice_top(max(values)))
    count = max([len(chart.places), *(len(row) for _, row in chart.series)])
    band = (_WIDTH - _LEFT - _RIGHT) / max(count, 1)
    scale = (_HEIGHT - _TOP - _BOTTOM) / ((high - low) or 1)
    floor = _HEIGHT - _BOTTOM
    parts = [_text(_WIDTH / 2, 24, chart.title, size=16, weight=600), *_grid(low, high, scale)]
    parts += [_text(_LEFT + band * (n + 0.5), floor + 20, place, size=11) for n, place in enumerate(chart.places)]
    parts.append(_text(18, (_TOP + floor) / 2, chart.y_label, turn=True))
    for number, (kind, row) in enumerate(chart.series):
        points = [(_LEFT + band * (n + 0.5), floor - (value - low) * scale) for n, value in enumerate(row)]
        shape = _bars(points, band, floor) if kind == "bar" else _line(points)
        parts.append(f'<g fill="{_COLOURS[number % len(_COLOURS)]}" stroke="{_COLOURS[number % len(_COLOURS)]}">{shape}</g>')
    return _svg(chart.title or "chart", parts)


def _grid(low: float, high: float, scale: float) -> list[str]:
    parts = []
    for step in range(6):
        value = low + (high - low) * step / 5
        y = _HEIGHT - _BOTTOM - (value - low) * scale
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#dcdcde"/>')
        parts.append(_text(_LEFT - 8, y + 4, f"{value:g}", size=11, anchor="end"))
    return parts


def _bars(points: Sequence[tuple[float, float]], band: float, floor: float) -> str:
    width = band * 0.6
    return "".join(
        f'<rect x="{x - width / 2:.1f}" y="{min(y, floor):.1f}" width="{width:.1f}" height="{abs(floor - y):.1f}" stroke="none"/>'
        for x, y in points
    )


def _line(points: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke-width="2"/>{dots}'


# --- pie ----------------------------------------------------------------------------------------


def _draw_pie(lines: Sequence[str]) -> str:
    head = lines[0].removeprefix("pie").replace("showData", "").strip()
    rest = lines[1:]
    if rest and rest[0].startswith("title "):
        head, rest = rest[0], rest[1:]
    title = head.removeprefix("title").strip()
    slices = [_slice(line) for line in rest]
    total = sum(value for _, value in slices)
    if total <= 0:
        raise ChartError("a pie needs a slice above zero")
    parts = [_text(_WIDTH / 2, 24, title, size=16, weight=600)]
    angle = -math.pi / 2
    for number, (label, value) in enumerate(slices):
        colour, sweep = _COLOURS[number % len(_COLOURS)], 2 * math.pi * value / total
        parts.append(_wedge(angle, sweep, colour))
        y = 80 + 24 * number
        parts.append(f'<rect x="420" y="{y - 11}" width="14" height="14" fill="{colour}"/>')
        parts.append(_text(442, y, f"{label}: {value:g} ({value / total:.0%})", anchor="start"))
        angle += sweep
    return _svg(title or "pie chart", parts)


def _slice(line: str) -> tuple[str, float]:
    found = _SLICE.match(line)
    if found is None:
        raise ChartError(f"not understood: {line}")
    return found["label"], float(found["value"])


def _wedge(start: float, sweep: float, colour: str) -> str:
    x, y, radius = 220, 180, 120
    if sweep >= 2 * math.pi - 1e-9:
        return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>'
    ends = [f"{x + radius * math.cos(a):.2f} {y + radius * math.sin(a):.2f}" for a in (start, start + sweep)]
    path = f"M{x} {y} L{ends[0]} A{radius} {radius} 0 {int(sweep > math.pi)} 1 {ends[1]} Z"
    return f'<path d="{path}" fill="{colour}" stroke="#fff"/>'


# --- SVG ----------------------------------------------------------------------------------------


def _text(x: float, y: float, text: str, *, size: int = 13, weight: int = 400, anchor: str = "middle", turn: bool = False) -> str:
    turned = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turn else ""
    style = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}{turned} fill="#333238">{escape(text)}</text>'


def _svg(label: str, parts: Sequence[str]) -> str:
    frame = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    return f'<svg class="chart" role="img" aria-label="{escape(label)}" {frame}>{"".join(parts)}</svg>'
