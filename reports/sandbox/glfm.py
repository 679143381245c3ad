"""Turns GitLab Flavored Markdown into harmless HTML as GitLab shows it; knows no project and resolves no reference."""

import functools
import re

import comrak
import nh3


def _words(text: str) -> set[str]:
    return set(text.split())


_ALERTS = ("note", "tip", "important", "warning", "caution")
_TAGS = _words(
    "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q s samp"
    " section small span strong sub summary sup table tbody td tfoot th thead tr tt u ul var"
)
_ATTRIBUTES = {
    "*": {"title", "id"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "input": {"checked", "disabled"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
    "ol": {"start"},
    "details": {"open"},
    "span": {"data-escaped-char"},
}
_CLASSES = {
    "div": {"markdown-alert", *(f"markdown-alert-{kind}" for kind in _ALERTS)},
    "p": {"markdown-alert-title"},
    "section": {"footnotes"},
    "sup": {"footnote-ref"},
    "a": {"footnote-backref"},
    "li": {"task-list-item"},
    "ul": {"contains-task-list"},
    "code": {"language-mermaid", "language-json", "language-yaml", "language-sql", "language-python", "language-shell"},
}
_SPAN = re.compile(
    r'<(?P<tag>p|li|tr|h[1-6]|blockquote|pre|div|code)\b[^>]*? ?data-sourcepos="(?P<a>\d+):\d+-(?P<b>\d+):(?P<end>\d+)"'
)
_CHECKBOX = re.compile(r'<input type="checkbox"[^>]*>')


@functools.cache
def _extensions() -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.table = options.tasklist = options.alerts = options.autolink = True
    options.footnotes = options.strikethrough = options.multiline_block_quotes = options.shortcodes = True
    return options


@functools.cache
def _rendering(raw_html: bool, positions: bool) -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.unsafe_ = raw_html
    options.sourcepos = positions
    options.escaped_char_spans = options.tasklist_classes = True
    return options


@functools.cache
def _parsing() -> comrak.ParseOptions:
    options = comrak.ParseOptions()
    options.tasklist_in_table = options.relaxed_autolinks = True
    return options


def sanitised_html(markdown: str) -> str:
    """HTML of a text with everything removed that GitLab's sanitiser removes."""
    raw = comrak.render_markdown(markdown, _extensions(), _parsing(), _rendering(True, False))
    return nh3.clean(
        raw,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noreferrer noopener",
        tag_attribute_values={"input": {"type": {"checkbox"}}},
    )


@functools.lru_cache(maxsize=8192)
def task_counts(markdown: str) -> tuple[int, int]:
    """The check boxes of a text: how many are done, how many there are."""
    if "[" not in markdown:
        return 0, 0
    boxes = _CHECKBOX.findall(comrak.render_markdown(markdown, _extensions(), _parsing(), _rendering(False, False)))
    return sum('checked=""' in box for box in boxes), len(boxes)


def open_lines(markdown: str) -> frozenset[int]:
    """Numbers (from 1) of the lines outside code, quotes and raw HTML blocks, where a quick action counts.

    A `>>>` quote that is never closed shields nothing.
    """
    html = comrak.render_markdown(markdown, _extensions(), _parsing(), _rendering(False, True))
    lines = markdown.split("\n")
    opened: set[int] = set()
    shielded: set[int] = set()
    for found in _SPAN.finditer(html):
        tag, first, last = found["tag"], int(found["a"]), int(found["b"])
        if tag == "code":
            shielded.update(range(first + 1, last + 1))
        elif tag == "pre" or (tag in ("blockquote", "div") and not _is_unclosed_quote(lines, first, last)):
            shielded.update(range(first, last + 1))
        elif tag not in ("blockquote", "div"):
            opened.update(range(first, last + 1))
    return frozenset(opened - shielded)


def _is_unclosed_quote(lines: list[str], first: int, last: int) -> bool:
    if not re.match(r"\s*>>>\s*$", lines[first - 1]):
        return False
    return first == last or not re.match(r"\s*>>>+\s*$", lines[last - 1])
