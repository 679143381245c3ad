"""The lines of a comment that are its author's own words, as GitLab shows Markdown: no quotes, code or hidden HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_NEW_LINE = re.compile(r"\r\n?|\n")
_ITEM = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)]) {1,4}(?! )")
#: What begins a block of code, or of somebody else's words between two lines of `>>>`.
_BLOCK = re.compile(r"(`{3,})[^`]*|(~{3,}).*|(>{3,}) *")
#: What ends a paragraph without a blank line, and with it a comment that is not closed.
_BREAK = re.compile(rf"(?:{_BLOCK.pattern})$|{_ITEM.pattern}|<(?:!--|pre\b|blockquote\b)", re.IGNORECASE)
_TICKS = re.compile(r"`+")
_INLINE = re.compile(r"\\[\\`<]|`+|<!--|<(?P<tag>pre|blockquote)\b", re.IGNORECASE)
#: What ends hidden HTML, by its tag; a comment has none.
_ENDS = {tag: re.compile(rf"</{tag} *>" if tag else "-->", re.IGNORECASE) for tag in ("", "pre", "blockquote")}


@dataclass(slots=True)
class _Markdown:
    """Goes through the lines of a comment and knows in which block of Markdown each one stands, as GitLab shows it."""

    items: list[int] = field(default_factory=list)
    """The columns at which the contents of the open list items begin."""
    block: str = ""
    """The mark that opened a block of somebody else's words, and the column of the list item that it is in."""
    block_column: int = 0
    hidden: re.Pattern[str] | None = None
    """What ends the HTML that hides what follows; inside a paragraph a comment ends with the paragraph at the latest."""
    is_inline: bool = False
    quote_column: int = -1
    """The column of the list item with the quote that the line before belongs to."""

    def own(self, line: str) -> str:
        """What of the next line is the author's own words; empty when nothing is."""
        column = len(line) - len(line.lstrip(" "))
        is_blank = column == len(line)
        if self.block:
            if is_blank or column >= self.block_column:
                self._close(line, column)
                return ""
            self.block = ""
        if self.hidden is not None and not (self.is_inline and (is_blank or _BREAK.match(line, column))):
            return self._after_hidden(line)
        self.hidden = None
        return self._text(line, column)

    def _close(self, line: str, column: int) -> None:
        mark = line.strip(" ")
        if column - self.block_column < 4 and mark.startswith(self.block) and not mark.strip(self.block[0]):
            self.block = ""

    def _after_hidden(self, line: str) -> str:
        end = self.hidden.search(line) if self.hidden is not None else None
        if end is None:
            return ""
        self.hidden = None
        return self._shown(line[end.end() :])

    def _text(self, line: str, column: int) -> str:
        """The line without the marks of its list items; empty when it is code, a quote or the begin of either."""
        while self.items and self.items[-1] > column and column < len(line):
            self.items.pop()
        if column - self._item_column() >= 4:
            return ""
        while item := _ITEM.match(line, column):
            column = item.end()
            self.items.append(column)
        was_quoted, is_quoted = self.quote_column == self._item_column(), line.startswith(">", column)
        block = _BLOCK.fullmatch(line, column)
        if block is not None and not (is_quoted and was_quoted):
            self.block, self.block_column = next(filter(None, block.groups())), self._item_column()
        self.quote_column = self._item_column() if is_quoted and not self.block else -1
        return "" if self.block or is_quoted else self._shown(line[column:])

    def _item_column(self) -> int:
        return self.items[-1] if self.items else 0

    def _shown(self, text: str) -> str:
        """A text without hidden HTML; what stands in a code span hides nothing."""
        last = {len(ticks[0]): ticks.start() for ticks in _TICKS.finditer(text)}
        kept, begin, at = [], 0, 0
        while mark := _INLINE.search(text, at):
            at = mark.end()
            if mark[0].startswith("`") and last.get(len(mark[0]), 0) > at:
                at = next(ticks.end() for ticks in _TICKS.finditer(text, at) if len(ticks[0]) == len(mark[0]))
            elif mark[0].startswith("<"):
                kept.append(text[begin : mark.start()])
                hidden = _ENDS[(mark["tag"] or "").lower()]
                end = hidden.search(text, mark.start())
                if end is None:
                    self.hidden, self.is_inline = hidden, mark["tag"] is None and mark.start() > 0
                    return "".join(kept)
                begin = at = end.end()
        return "".join([*kept, text[begin:]])


def own_lines(text: str) -> Iterator[str]:
    """Each line of a comment without the marks of its list items; empty where it is nothing the author says."""
    markdown = _Markdown()
    for line in _NEW_LINE.split(text):
        yield markdown.own(line.expandtabs(4))
