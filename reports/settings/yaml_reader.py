"""YAML bytes read into a tree of places and values, with every problem of form; knows nothing of what the keys mean.

It reads the parser's events rather than PyYAML's nodes: the C composer overflows the stack on deep nesting, and
a plain `no` or `2026-11-09` stays the text that was written (what it means is for the schema to say).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

import yaml

from reports.settings.nearest import quoted
from reports.settings.problems import Place, Problem, error, place_of
from reports.settings.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence

_DEEPEST = 40
_MOST_NODES = 500_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]{1,18}\.[0-9]*|\.[0-9]+)")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STANDARD_TAGS = {
    yaml.ScalarEvent: "tag:yaml.org,2002:str",
    yaml.SequenceStartEvent: "tag:yaml.org,2002:seq",
    yaml.MappingStartEvent: "tag:yaml.org,2002:map",
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of a text: the tree, None when it cannot be read, and the problems of its form."""

    tree: Node | None
    problems: tuple[Problem, ...]


def parse(file: str, content: bytes) -> Parsed:
    """The tree of a file's bytes; a problem, never an exception, for whatever stands in them."""
    try:
        text = content.removeprefix(_BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError as failure:
        place = place_of(failure.object[: failure.start].decode("utf-8"))
        return Parsed(None, (error(file, place, "not-utf8", "this byte is not UTF-8", "save the file as UTF-8"),))
    stray = _NOT_PRINTABLE.search(text)
    if stray is not None:
        place = place_of(text[: stray.start()])
        message = f"a control character (U+{ord(stray[0]):04X}) cannot stand in YAML"
        return Parsed(None, (error(file, place, "yaml-syntax", message, "delete it"),))
    return _Composer(file, yaml.parse(text, Loader=_LOADER), text.splitlines()).composed()


class _UnreadableError(Exception):
    """Ends the reading of one file; the problem is its only argument."""


@dataclass(slots=True)
class _Composer:
    file: str
    events: Iterator[yaml.Event]
    lines: list[str]
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)
    count: int = 0

    def composed(self) -> Parsed:
        try:
            tree = self._document()
        except yaml.MarkedYAMLError as failure:
            return Parsed(None, (*self.problems, self._syntax_problem(failure)))
        except _UnreadableError as refusal:
            return Parsed(None, (*self.problems, refusal.args[0]))
        return Parsed(tree, tuple(self.problems))

    def _document(self) -> Node | None:
        next(self.events)
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            return Scalar(Place(1, 1), None)
        tree = self._node(next(self.events), depth=0)
        next(self.events)
        following = next(self.events)
        if isinstance(following, yaml.DocumentStartEvent):
            raise self._refusal(following, "yaml-syntax", "a second document begins here", "keep one document per file")
        return tree

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self._refusal(event, "too-deep", f"more than {_DEEPEST} levels deep", "nothing here nests that deep")
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            raise self._refusal(event, "yaml-syntax", "a value is missing here", "write one")
        before = self.count
        self._counted(event, 1)
        self._check_tag(event)
        node = self._fresh_node(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = (node, self.count - before)
        return node

    def _fresh_node(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(_place(event), _resolved(event.value) if event.implicit[0] else event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            children = self._events_until(yaml.SequenceEndEvent)
            return Sequence(_place(event), tuple(self._node(child, depth + 1) for child in children))
        return Mapping(_place(event), tuple(self._entries(depth + 1)))

    def _entries(self, depth: int) -> Iterable[Entry]:
        lines_by_key: dict[str, int] = {}
        for event in self._events_until(yaml.MappingEndEvent):
            key = self._node(event, depth)
            value = self._node(next(self.events), depth)
            entry = self._entry(event, key, value)
            if entry is None:
                continue
            if entry.key in lines_by_key:
                self._note(
                    entry.place,
                    "duplicate-key",
                    f"the key {quoted(entry.key)} stands here a second time",
                    f"keep one; the first is on line {lines_by_key[entry.key]}",
                )
                continue
            lines_by_key[entry.key] = entry.place.line
            yield entry

    def _entry(self, event: yaml.Event, key: Node, value: Node) -> Entry | None:
        place = _place(event)
        if not isinstance(key, Scalar):
            self._note(place, "key-not-text", "a key is a word, not a list or a map", "put braces around text in quotes")
            return None
        written = event.value if isinstance(event, yaml.ScalarEvent) else str(key.value)
        if written == "<<":
            self._note(place, "merge-key", "merge keys (<<) are not read here", "write the keys out")
            return None
        return Entry(written, place, value)

    def _events_until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self.events:
            if isinstance(event, end):
                return
            yield event

    def _aliased(self, event: yaml.AliasEvent) -> Node:
        if event.anchor not in self.anchors:
            raise self._refusal(event, "yaml-syntax", "this alias (*) has no anchor (&) before it", "write the value out")
        node, size = self.anchors[event.anchor]
        self._counted(event, size)
        return node

    def _counted(self, event: yaml.Event, more: int) -> None:
        self.count += more
        if self.count > _MOST_NODES:
            raise self._refusal(event, "too-large", f"more than {_MOST_NODES} values", "use fewer aliases")

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag not in {None, "!", _STANDARD_TAGS[type(event)]}:
            self._note(_place(event), "yaml-tag", "tags (!) are not read here", "write the plain value")

    def _note(self, place: Place, code: str, message: str, hint: str) -> None:
        self.problems.append(error(self.file, place, code, message, hint))

    def _refusal(self, event: yaml.Event, code: str, message: str, hint: str) -> _UnreadableError:
        return _UnreadableError(error(self.file, _place(event), code, message, hint))

    def _syntax_problem(self, failure: yaml.MarkedYAMLError) -> Problem:
        mark = failure.problem_mark or failure.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        line = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        if "\t" in line[: place.column]:
            return error(self.file, place, "tab", "a tab where YAML wants spaces", "indent with spaces")
        hint = _hint(line, failure)
        return error(self.file, place, "yaml-syntax", f"this is not YAML: {failure.problem or failure.context}", hint)


def _hint(line: str, failure: yaml.MarkedYAMLError) -> str:
    if failure.context and failure.context_mark and failure.problem != failure.context:
        return f"{failure.context} that begins on line {failure.context_mark.line + 1}"
    if "mapping values" in str(failure.problem) and line.count(": ") > 1:
        return "put text that holds a colon in quotes"
    return "look at the indentation, brackets and quotes here and on the line above"


def _place(event: yaml.Event) -> Place:
    mark = cast(yaml.Mark, event.start_mark)
    return Place(mark.line + 1, mark.column + 1)


def _resolved(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
