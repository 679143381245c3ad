"""Problems found in `config/` and the three ways to print them; it finds none itself and reads no file."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error stops the tool; a warning is worth a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file, counted from 1 as editors do; columns count characters."""

    line: int
    column: int


def place_of(before: str) -> Place:
    """The place that follows a stretch of text."""
    return Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Problem:
    """One thing to mend, ordered by file and place; `code` is a stable kebab-case name, `hint` says what to do."""

    file: str
    line: int
    column: int
    severity: Severity
    message: str
    hint: str
    code: str

    def __str__(self) -> str:
        advice = f"; {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}{advice}"


def error(file: str, place: Place, code: str, message: str, hint: str = "") -> Problem:
    """An error at a place."""
    return Problem(
        file=file, line=place.line, column=place.column, severity=Severity.ERROR, message=message, hint=hint, code=code
    )


def warning(file: str, place: Place, code: str, message: str, hint: str = "") -> Problem:
    """A warning at a place."""
    return Problem(
        file=file, line=place.line, column=place.column, severity=Severity.WARNING, message=message, hint=hint, code=code
    )


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file and place."""
    return tuple(sorted(set(problems)))


def errors_of(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that stop the tool, in the order given."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)


def as_text(problems: Sequence[Problem]) -> str:
    """One line per problem, `file:line:column: severity: message; hint`; empty when there is none."""
    return "\n".join(map(str, problems))


def as_json(problems: Sequence[Problem]) -> str:
    """A JSON list of objects with the fields of `Problem`."""
    rows = [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "severity": str(problem.severity),
            "code": problem.code,
            "message": problem.message,
            "hint": problem.hint,
        }
        for problem in problems
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def as_codequality(problems: Sequence[Problem]) -> str:
    """A GitLab Code Quality report (JSON): the fingerprints survive moved lines and are unique within the report."""
    seen: Counter[str] = Counter()
    return json.dumps([_codequality_row(problem, seen) for problem in problems], ensure_ascii=False, indent=2)


def _codequality_row(problem: Problem, seen: Counter[str]) -> dict[str, Any]:
    same = f"{problem.file}\0{problem.code}\0{problem.message}"
    seen[same] += 1
    return {
        "description": f"{problem.message}; {problem.hint}" if problem.hint else problem.message,
        "check_name": problem.code,
        "fingerprint": hashlib.sha256(f"{same}\0{seen[same]}".encode()).hexdigest(),
        "severity": "major" if problem.severity is Severity.ERROR else "minor",
        "location": {"path": problem.file, "lines": {"begin": problem.line}},
    }
