"""A YAML file as a tree whose every key and value knows its line and column; knows nothing of what the keys mean."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reports.settings.problems import Place

Path = tuple[str | int, ...]
Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; plain `12`, `0.5`, `true` and nothing at all are read as such, everything else is text."""

    place: Place
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map, where it stands, and its value."""

    key: str
    place: Place
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map; its keys are text and differ."""

    place: Place
    entries: tuple[Entry, ...]


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Plain:
    """The tree as lists, dicts and single values."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {entry.key: plain(entry.value) for entry in node.entries}


def node_at(tree: Node, path: Path) -> Node | None:
    """The node a path leads to; None when it leads nowhere."""
    node: Node | None = tree
    for step in path:
        node = _child(node, step)
    return node


def _child(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, Mapping):
        return next((entry.value for entry in node.entries if entry.key == step), None)
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def place_at(tree: Node, path: Path) -> Place:
    """Where the value of a path stands; the nearest value around it when the path leads nowhere."""
    for length in range(len(path), 0, -1):
        node = node_at(tree, path[:length])
        if node is not None:
            return node.place
    return tree.place


def key_place_at(tree: Node, path: Path) -> Place:
    """Where the last key of a path stands; the place of the value when the path ends in a list."""
    parent = node_at(tree, path[:-1])
    entries = parent.entries if isinstance(parent, Mapping) else ()
    return next((entry.place for entry in entries if entry.key == path[-1]), place_at(tree, path))


def matching(tree: Node | None, *pattern: str) -> Iterator[tuple[Path, Node]]:
    """Every path and node that a pattern fits; `*` stands for any key or list position."""
    found: list[tuple[Path, Node]] = [((), tree)] if tree is not None else []
    for step in pattern:
        found = [child for path, node in found for child in _matching_children(path, node, step)]
    yield from found


def _matching_children(path: Path, node: Node, step: str) -> Iterator[tuple[Path, Node]]:
    if isinstance(node, Mapping):
        yield from (((*path, entry.key), entry.value) for entry in node.entries if step in {"*", entry.key})
    elif isinstance(node, Sequence) and step == "*":
        yield from (((*path, index), item) for index, item in enumerate(node.items))


def without(tree: Node, paths: Iterable[Path]) -> Node:
    """The tree less the nodes at some paths; paths that lead nowhere change nothing."""
    return _without(tree, (), frozenset(paths))


def _without(node: Node, path: Path, gone: frozenset[Path]) -> Node:
    if isinstance(node, Mapping):
        kept = [entry for entry in node.entries if (*path, entry.key) not in gone]
        entries = tuple(Entry(entry.key, entry.place, _without(entry.value, (*path, entry.key), gone)) for entry in kept)
        return Mapping(node.place, entries)
    if isinstance(node, Sequence):
        kept_items = [(index, item) for index, item in enumerate(node.items) if (*path, index) not in gone]
        return Sequence(node.place, tuple(_without(item, (*path, index), gone) for index, item in kept_items))
    return node
