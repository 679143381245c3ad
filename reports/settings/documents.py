"""One file of `config/` from bytes to a checked shape; an entry that is wrong is set aside so that the rest is still checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reports.settings.explanations import Explainer
from reports.settings.literal_secrets import masked, problem_of_key, secret_keys
from reports.settings.nearest import nearest_word, quoted
from reports.settings.problems import Place, Problem, error
from reports.settings.schema import FILES
from reports.settings.shape import Shape
from reports.settings.yaml_nodes import Node, Path, plain, without
from reports.settings.yaml_reader import parse

F = TypeVar("F", bound=Shape)
F_co = TypeVar("F_co", bound=Shape, covariant=True)

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Document(Generic[F_co]):
    """What came of one file.

    `whole` is all that was written, `sound` the part that `content` was made from; None where nothing could be.
    """

    file: str
    whole: Node | None
    sound: Node | None
    content: F_co | None
    problems: tuple[Problem, ...]


def read_document(folder: FilePath, name: str, shown: str, shape: type[F]) -> Document[F]:
    """The file of that name with its problems; `shown` is how problems name it."""
    try:
        content = (folder / name).read_bytes()
    except OSError as failure:
        return _unread(shown, _unread_problem(folder, name, shown, failure))
    return document_of(shown, content, shape)


def _unread(shown: str, problem: Problem) -> Document[F]:
    return Document(shown, None, None, None, (problem,))


def _unread_problem(folder: FilePath, name: str, shown: str, failure: OSError) -> Problem:
    if not isinstance(failure, FileNotFoundError):
        return error(shown, Place(1, 1), "unreadable-file", f"the file cannot be read ({failure.strerror})")
    if not folder.is_dir():
        return error(
            shown, Place(1, 1), "missing-file", "the file is missing, and so is its folder", "name the folder with --config"
        )
    strangers = [path.name for path in folder.iterdir() if path.suffix in {".yml", ".yaml"} and path.name not in FILES]
    nearest = nearest_word(name, strangers)
    hint = f"if {quoted(nearest)} is meant, rename it" if nearest else "copy it from the example, or make it"
    return error(shown, Place(1, 1), "missing-file", "the file is missing", hint)


def document_of(shown: str, content: bytes, shape: type[F]) -> Document[F]:
    """The document that the bytes of a file hold."""
    safe = masked(shown, content)
    parsed = parse(shown, safe.content)
    problems = [*safe.problems, *parsed.problems]
    if parsed.tree is None:
        return Document(shown, None, None, None, tuple(problems))
    found = list(secret_keys(parsed.tree))
    problems += [problem_of_key(shown, entry) for _, entry in found]
    whole = without(parsed.tree, [path for path, _ in found]) if found else parsed.tree
    sound, checked, errors = _checked(whole, shape)
    problems += Explainer(shown, shape, whole).problems(errors)
    return Document(shown, whole, sound, checked, tuple(problems))


def _checked(whole: Node, shape: type[F]) -> tuple[Node, F | None, list[ErrorDetails]]:
    tree, errors = whole, list[ErrorDetails]()
    for _ in range(_ROUNDS):
        try:
            return tree, shape.model_validate(plain(tree)), errors
        except ValidationError as failure:
            found = failure.errors(include_url=False, include_input=False)
            errors = errors or found
            tree = without(tree, _set_aside(found))
    return tree, None, errors


def _set_aside(errors: Iterable[ErrorDetails]) -> Iterable[Path]:
    return {_smallest_entry(tuple(details["loc"]), details["type"]) for details in errors}


def _smallest_entry(path: Path, kind: str) -> Path:
    """The row or named entry around a path, or the unknown key itself."""
    if kind == "extra_forbidden":
        return path
    row = next((length for length, step in enumerate(path, 1) if isinstance(step, int)), 2)
    return path[:row]
