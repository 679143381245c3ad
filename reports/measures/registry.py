"""Reads the measures' SQL files and their headers into the catalogue; opens no database and judges no SQL.

A measure is one file `<family>/<name>.sql`. Its leading comment lines say `-- key: text`; a line that begins with `--` and
more than one space continues the text above. `scope` and `category` may be left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from reports.core.model import Aggregation, Measure, MeasureScope, Privacy
from reports.errors import ConfigError

BUILT_IN = Path(__file__).parent

_Direction = Literal["more", "less", "none"]
_KEYS = ("name", "title", "unit", "kind", "direction", "privacy", "streams", "source", "definition")
_OPTIONAL = ("scope", "category")
_WORDS: Mapping[str, Sequence[str]] = {
    "kind": tuple(Aggregation),
    "direction": get_args(_Direction),
    "privacy": tuple(Privacy),
    "scope": get_args(MeasureScope),
}
_ENTRY = re.compile(r"-- (\w+):(.*)")
_CONTINUATION = re.compile(r"--\s{2,}(\S.*)")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_STREAM = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFile:
    """A measure with the file it comes from and the query that selects its evidence."""

    measure: Measure
    path: Path
    sql: str


@dataclass(frozen=True, slots=True)
class _Entry:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class _Problem:
    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def read_measures(folders: Iterable[Path] = ()) -> tuple[MeasureFile, ...]:
    """Every measure of the package and of further folders, by name.

    Raises ConfigError that lists every problem of every file with its line.
    """
    files, problems = [], []
    for path in (path for folder in (BUILT_IN, *folders) for path in sorted(folder.glob("*/*.sql"))):
        found, wrong = _read(path)
        problems += wrong
        files += found
    problems += _same_names(files)
    if problems:
        listed = "\n".join(str(problem) for problem in problems)
        raise ConfigError(listed, f"A measure's file begins with these comment lines: {', '.join(_KEYS)}.")
    return tuple(sorted(files, key=lambda file: file.measure.name))


def catalogue(folders: Iterable[Path] = ()) -> tuple[Measure, ...]:
    """Every measure as its header declares it, by name; raises ConfigError as `read_measures` does."""
    return tuple(file.measure for file in read_measures(folders))


def _read(path: Path) -> tuple[list[MeasureFile], list[_Problem]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return [], [_Problem(path, 1, f"cannot be read: {error}")]
    header = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    entries, problems = _entries(path, lines[:header])
    problems += _wrong_values(path, entries)
    sql = "\n".join(lines[header:]).strip().removesuffix(";").rstrip()
    if not sql:
        problems.append(_Problem(path, header + 1, "no query follows the header"))
    if problems:
        return [], sorted(problems, key=lambda problem: problem.line)
    return [
        MeasureFile(measure=_measure({key: entry.text for key, entry in entries.items()}, path.parent.name), path=path, sql=sql)
    ], []


def _entries(path: Path, lines: Sequence[str]) -> tuple[dict[str, _Entry], list[_Problem]]:
    entries: dict[str, _Entry] = {}
    problems: list[_Problem] = []
    last = ""
    for number, line in enumerate(lines, start=1):
        if (entry := _ENTRY.fullmatch(line)) is not None:
            last = entry[1]
            if last in entries:
                problems.append(_Problem(path, number, f"{last!r} stands here a second time"))
            entries[last] = _Entry(number, entry[2].strip())
        elif (more := _CONTINUATION.fullmatch(line)) is not None and last:
            entries[last] = _Entry(entries[last].line, f"{entries[last].text} {more[1].strip()}".strip())
        else:
            problems.append(_Problem(path, number, f"{line!r} is no header line; write `-- key: text`"))
    return entries, problems


def _wrong_values(path: Path, entries: Mapping[str, _Entry]) -> list[_Problem]:
    problems = [_Problem(path, 1, f"the header has no {key!r}") for key in _KEYS if key not in entries]
    for key, entry in entries.items():
        problems += [_Problem(path, entry.line, message) for message in _complaints(path, key, entry.text)]
    return problems


def _complaints(path: Path, key: str, text: str) -> Iterator[str]:
    if key not in _KEYS + _OPTIONAL:
        yield f"unknown key {key!r}; known are {', '.join(_KEYS + _OPTIONAL)}"
    elif not text:
        yield f"{key!r} is empty"
    elif key == "name" and text != path.stem:
        yield f"the name {text!r} is not that of the file, {path.stem!r}"
    elif key == "name" and not _NAME.fullmatch(text):
        yield f"{text!r} is not a name of small letters, digits and single underscores"
    elif key in _WORDS and text not in _WORDS[key]:
        yield f"{key!r} is {text!r}; it must be one of {', '.join(_WORDS[key])}"
    elif key == "streams":
        yield from (f"{name!r} is not a stream such as gitlab.issues" for name in _listed(text) if not _STREAM.fullmatch(name))


def _same_names(files: Sequence[MeasureFile]) -> list[_Problem]:
    first: dict[str, Path] = {}
    problems = []
    for file in files:
        known = first.setdefault(file.measure.name, file.path)
        if known != file.path:
            problems.append(_Problem(file.path, 1, f"the measure {file.measure.name!r} stands in {known} already"))
    return problems


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _measure(header: Mapping[str, str], family: str) -> Measure:
    return Measure(
        name=header["name"],
        title=header["title"],
        unit=header["unit"],
        kind=Aggregation(header["kind"]),
        direction=cast(_Direction, header["direction"]),
        privacy=Privacy(header["privacy"]),
        definition=header["definition"],
        source=header["source"],
        streams=tuple(_listed(header["streams"])),
        scope=cast(MeasureScope, header.get("scope", "engineer")),
        category=header.get("category", ""),
        family=family,
    )
