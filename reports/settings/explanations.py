"""What pydantic found wrong, in the words of people who edit YAML and at the place they wrote it; it checks nothing itself."""

import re
from collections.abc import Sequence as Series
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from reports.settings.json_schema import schema_at
from reports.settings.nearest import did_you_mean, nearest_word, quoted
from reports.settings.problems import Problem, error
from reports.settings.shape import Shape
from reports.settings.yaml_nodes import Mapping, Node, Path, Scalar, Sequence, key_place_at, node_at, place_at

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "date_type": "a day such as 2026-06-22",
}
_REMEDIES = {"a list": "begin each item with '- '", "a map": "write lines of 'key: value'"}
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
_REASON = re.compile(
    r"reason|sick|ill|note|type|comment|why|kind|cause|medic|health|parent|matern|patern|holiday|vacation|leave|descr|label|mood|burn",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Explainer:
    """Turns the errors of one file into problems."""

    file: str
    shape: type[Shape]
    tree: Node

    def problems(self, errors: Series[ErrorDetails]) -> list[Problem]:
        """The problems behind pydantic's errors; a key that is misspelt is not also called missing."""
        unknown = [tuple(details["loc"]) for details in errors if details["type"] == "extra_forbidden"]
        misspelt = {(*path[:-1], nearest_word(str(path[-1]), self._keys(path[:-1]))) for path in unknown}
        return [
            self._problem(details) for details in errors if details["type"] != "missing" or tuple(details["loc"]) not in misspelt
        ]

    def _keys(self, path: Path) -> list[str]:
        return list(schema_at(self.shape, path).get("properties", {}))

    def _problem(self, details: ErrorDetails) -> Problem:
        kind, path = details["type"], tuple(details["loc"])
        if kind == "missing":
            return self._missing(path)
        if kind == "extra_forbidden":
            return self._unknown_key(path)
        if kind == "literal_error":
            return self._unknown_word(path)
        if kind in _EXPECTED:
            return self._wrong_type(path, _EXPECTED[kind])
        context = details.get("ctx", {})
        if "message" in context:
            return self._at((*path, *filter(None, [context["at"]])), kind, context["message"], context["hint"])
        return self._limit(path, details["msg"])

    def _at(self, path: Path, code: str, message: str, hint: str = "") -> Problem:
        return error(self.file, place_at(self.tree, path), code, message, hint)

    def _missing(self, path: Path) -> Problem:
        description = str(schema_at(self.shape, path).get("description", ""))
        return self._at(path[:-1], "missing-key", f"the key {quoted(str(path[-1]))} is missing here", _as_hint(description))

    def _unknown_key(self, path: Path) -> Problem:
        key = str(path[-1])
        place = key_place_at(self.tree, path)
        if path[0] in ("unavailable", "training", "corrections") and _REASON.search(key):
            message = f"{quoted(key)} does not belong here: dates and fractions only"
            return error(self.file, place, "reason-for-leave", message, "delete it; why somebody is away is never stored")
        hint = did_you_mean(key, self._keys(path[:-1]))
        return error(self.file, place, "unknown-key", f"unknown key {quoted(key)}", hint)

    def _unknown_word(self, path: Path) -> Problem:
        node = node_at(self.tree, path)
        known = [str(word) for word in schema_at(self.shape, path).get("enum", [])]
        if isinstance(node, Scalar) and isinstance(node.value, str):
            message = f"unknown word {quoted(node.value)} for {_subject(path)}"
            return self._at(path, "unknown-word", message, did_you_mean(node.value, known))
        return self._at(path, "wrong-type", f"{_subject(path)} must be one of {', '.join(known)}, not {_found(node)}")

    def _wrong_type(self, path: Path, expected: str) -> Problem:
        node = node_at(self.tree, path)
        if not path and isinstance(node, Scalar) and node.value is None:
            keys = ", ".join(self._keys(()))
            return self._at(path, "empty-file", "the file is empty", f"expected the keys {keys}")
        return self._at(path, "wrong-type", f"{_subject(path)} must be {expected}, not {_found(node)}", _remedy(expected, node))

    def _limit(self, path: Path, said: str) -> Problem:
        node = node_at(self.tree, path)
        if isinstance(node, Sequence | Mapping):
            size = "must not be empty" if not _is_filled(node) else "is too long"
            return self._at(path, "wrong-size", f"{_subject(path)} {size}")
        limit = said.removeprefix("Input should be ").replace("greater than or equal to", "at least")
        limit = limit.replace("less than or equal to", "at most")
        return self._at(path, "out-of-range", f"{_subject(path)} must be {limit}, not {_found(node)}")


def _remedy(expected: str, node: Node | None) -> str:
    if expected == "text" and isinstance(node, Mapping):
        return "put text that holds braces in quotes"
    if not isinstance(node, Scalar) or expected in _REMEDIES:
        return _REMEDIES.get(expected, "")
    if expected == "text":
        return "put it in quotes" if node.value is not None else ""
    return "write it without quotes" if isinstance(node.value, str) and _NUMBER.fullmatch(node.value) else ""


def _is_filled(node: Sequence | Mapping) -> bool:
    return bool(node.items if isinstance(node, Sequence) else node.entries)


def _subject(path: Path) -> str:
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of {quoted(str(path[-2]))}"
    return quoted(path[-1])


def _found(node: Node | None) -> str:
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a map"
    if node is None or node.value is None:
        return "empty"
    return quoted(node.value) if isinstance(node.value, str) else str(node.value).lower()


def _as_hint(description: str) -> str:
    return description[:1].lower() + description[1:].rstrip(".")
