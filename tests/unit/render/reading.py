"""Reads Markdown as a reader would: the elements it renders to with every extension that GitLab has, and their text."""

from html.parser import HTMLParser

import comrak

from reports.sandbox.references import Reference, references

EXTENSIONS = (
    "alerts",
    "autolink",
    "description_lists",
    "footnotes",
    "highlight",
    "inline_footnotes",
    "insert",
    "math_code",
    "math_dollars",
    "multiline_block_quotes",
    "shortcodes",
    "strikethrough",
    "subscript",
    "superscript",
    "table",
    "tasklist",
    "underline",
    "wikilinks_title_after_pipe",
)


class Page(HTMLParser):
    """The start tags of a page in order, and the text that stands outside of code blocks and comments.

    `shown` is the page that GitLab made of the Markdown, where that is known.
    """

    def __init__(self, markdown: str, shown: str | None = None) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.comments: list[str] = []
        self.targets: list[str] = []
        self._texts: list[str] = []
        self._in_code = False
        self._html = html(markdown) if shown is None else shown
        self.feed(self._html)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self._texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [value or "" for name, value in attrs if name in ("href", "src", "action", "data", "poster", "style")]
        self._in_code |= tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")
        self._in_code &= tag != "pre"

    def handle_data(self, text: str) -> None:
        if not self._in_code:
            self._texts.append(text)

    def handle_comment(self, text: str) -> None:
        self.comments.append(text)


class Prose(Page):
    """A page whose text is what GitLab looks for references in: nothing of the code spans."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        self._in_code |= tag == "code"

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        self._in_code &= tag != "code"

    @property
    def references(self) -> tuple[Reference, ...]:
        """What GitLab at gitlab.example could take for a reference."""
        return references(self._html, "https://gitlab.example")


def html(markdown: str) -> str:
    """The HTML, raw HTML included, with as much as possible taken for markup."""
    extensions, parsing, rendering = comrak.ExtensionOptions(), comrak.ParseOptions(), comrak.RenderOptions()
    for name in EXTENSIONS:
        setattr(extensions, name, True)
    parsing.relaxed_autolinks = parsing.relaxed_tasklist_matching = parsing.tasklist_in_table = True
    rendering.unsafe_ = True
    shown: str = comrak.render_markdown(markdown, extension_options=extensions, parse_options=parsing, render_options=rendering)
    return shown
