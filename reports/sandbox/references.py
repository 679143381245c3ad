"""Finds and links references to people, issues, merge requests and labels in rendered HTML; what they name a callback says.

References count in text only, not in code, preformatted blocks or links; a link to an issue's page counts as well.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser


class ReferenceKind(StrEnum):
    """What a reference names."""

    USER = "user"
    ISSUE = "issue"
    MERGE_REQUEST = "merge_request"
    LABEL = "label"
    OTHER = "other"
    """A milestone, a commit, an epic and so on: GitLab links them, and this sandbox has none."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference as written: `path` is a project path or empty, `name` an iid, a username or a label."""

    kind: ReferenceKind
    path: str
    name: str


#: Gives the HTML that takes a reference's place, or None when it names nothing and stays text.
Resolver = Callable[[Reference], str | None]

_REFERENCE = re.compile(
    r"(?<![\w/@.])@(?P<user>\w(?:[\w./-]*[\w-])?)"
    r"|(?P<path>(?<![\w/.-])(?:[A-Za-z0-9_][\w.-]*/)*[A-Za-z0-9_][\w.-]*)?(?<![&#])(?P<sign>[#!])(?P<iid>\d+)(?!\w)"
    r'|(?<!\w)~(?:"(?P<quoted>[^"\n]+)"|(?P<label>[\w:.?&-]*[\w]))'
    r'|(?P<other>(?<!\w)%(?:"[^"\n]+"|\d[\w.]*|[A-Za-z][^\s"<]*)|\$\d+(?!\w)|&\d+(?!\w)|\^alert#\d+|\*iteration:\S'
    r"|\[(?:vulnerability|issue|work_item|epic|feature_flag|contact|cadence):[^\]\s]+\]|\bGL-\d+|(?<![^\W_])[0-9a-f]{7,40}(?![^\W_]))"
)
_PAGE = re.compile(
    r"^(?P<path>[^?#]+?)(?:/-)?/(?P<kind>issues|work_items|merge_requests)/(?P<iid>\d+)(?:/[\w=.-]+)*/*(?:[?#].*)?$"
)
_OPAQUE = {"a", "code", "pre"}


def _reference(found: re.Match[str]) -> Reference:
    if found["user"]:
        return Reference(ReferenceKind.USER, "", found["user"])
    if found["sign"]:
        kind = ReferenceKind.ISSUE if found["sign"] == "#" else ReferenceKind.MERGE_REQUEST
        return Reference(kind, found["path"] or "", found["iid"])
    if found["other"]:
        return Reference(ReferenceKind.OTHER, "", found["other"])
    return Reference(ReferenceKind.LABEL, "", found["quoted"] or found["label"])


def _link_reference(href: str, base_url: str) -> Reference | None:
    if not href.startswith(f"{base_url}/"):
        return None
    found = _PAGE.match(href.removeprefix(f"{base_url}/"))
    if found is None:
        return None
    kind = ReferenceKind.MERGE_REQUEST if found["kind"] == "merge_requests" else ReferenceKind.ISSUE
    return Reference(kind, found["path"], found["iid"])


class _Linker(HTMLParser):
    """Copies well-formed HTML and replaces references in its text."""

    def __init__(self, resolve: Resolver, base_url: str) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._resolve = resolve
        self._base_url = base_url
        self._opaque = 0
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        self._opaque += tag in _OPAQUE
        if tag == "a":
            reference = _link_reference(dict(attrs).get("href") or "", self._base_url)
            if reference is not None:
                self._resolve(reference)
        self.parts.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        self.parts.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        self._opaque -= tag in _OPAQUE
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_entityref(self, name: str) -> None:
        self._text.append(html.unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self._text.append(html.unescape(f"&#{name};"))

    def close(self) -> None:
        super().close()
        self._flush()

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        self.parts.append(html.escape(text, quote=False) if self._opaque else self._linked(text))

    def _linked(self, text: str) -> str:
        parts: list[str] = []
        end = 0
        for found in _REFERENCE.finditer(text):
            replacement = self._resolve(_reference(found))
            if replacement is not None:
                parts += [html.escape(text[end : found.start()], quote=False), replacement]
                end = found.end()
        return "".join(parts) + html.escape(text[end:], quote=False)


def linked(markup: str, resolve: Resolver, base_url: str) -> str:
    """The HTML with its references replaced by what `resolve` gives for them."""
    linker = _Linker(resolve, base_url)
    linker.feed(markup)
    linker.close()
    return "".join(linker.parts)


def references(markup: str, base_url: str) -> tuple[Reference, ...]:
    """Every reference written in the HTML, in order, whether it names anything or not."""
    found: list[Reference] = []

    def remember(reference: Reference) -> None:
        found.append(reference)

    linked(markup, remember, base_url)
    return tuple(found)
