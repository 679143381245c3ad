"""Reads the folder `config/` into settings, or tells every problem of every file at once; it asks no server."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from reports.core.model import Measure
from reports.errors import ConfigError
from reports.settings.countries import country_problems
from reports.settings.documents import Document, read_document
from reports.settings.entry_checks import context_problems, goal_problems, on_call_problems, rule_problems, team_problems
from reports.settings.gate_checks import gate_problems
from reports.settings.measure_checks import measure_problems
from reports.settings.problems import Problem, as_text, errors_of, in_order
from reports.settings.report_checks import report_problems
from reports.settings.schema import ContextFile, GoalsFile, ReportsFile, RulesFile, SourcesFile
from reports.settings.shape import Shape
from reports.settings.team_schema import TeamFile
from reports.settings.values import (
    Settings,
    context_of,
    gates_of,
    goals_of,
    reports_of,
    retention_of,
    rule_sets_of,
    sources_of,
    team_of,
)
from reports.settings.words import unknown_words, vocabulary

__all__ = ["Settings", "check", "load"]

F = TypeVar("F", bound=Shape)

_HINT = "every key is explained in config/README.md; `support-reports check` shows this list again"


@dataclass(frozen=True, slots=True)
class _Files:
    team: Document[TeamFile]
    goals: Document[GoalsFile]
    context: Document[ContextFile]
    rules: Document[RulesFile]
    sources: Document[SourcesFile]
    reports: Document[ReportsFile]

    @property
    def by_name(self) -> dict[str, Document[Shape]]:
        files = (self.team, self.goals, self.context, self.rules, self.sources, self.reports)
        return {Path(document.file).name: document for document in files}


def load(folder: Path, measures: Collection[Measure]) -> Settings:
    """The settings of a folder; `measures` are what goals may be about.

    Raises ConfigError that lists every error of every file, by file and place; warnings are for `check`.
    """
    files = _read(folder)
    errors = errors_of(_problems(files, measures))
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise ConfigError(f"the configuration cannot be used, {count}:\n{as_text(errors)}", _HINT)
    return _settings(files)


def check(folder: Path, measures: Collection[Measure]) -> tuple[Problem, ...]:
    """Every problem of every file, warnings too, by file and place; never raises for what the files hold."""
    return _problems(_read(folder), measures)


def _read(folder: Path) -> _Files:
    def read(name: str, shape: type[F]) -> Document[F]:
        return read_document(folder, name, _shown(folder / name), shape)

    return _Files(
        team=read("team.yml", TeamFile),
        goals=read("goals.yml", GoalsFile),
        context=read("context.yml", ContextFile),
        rules=read("rules.yml", RulesFile),
        sources=read("sources.yml", SourcesFile),
        reports=read("reports.yml", ReportsFile),
    )


def _shown(path: Path) -> str:
    """The path as a reader in the current folder writes it, which is also what GitLab wants in a Code Quality report."""
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _problems(files: _Files, measures: Collection[Measure]) -> tuple[Problem, ...]:
    return in_order(_each_problem(files, measures))


def _each_problem(files: _Files, measures: Collection[Measure]) -> Iterator[Problem]:
    known = vocabulary(files.team.whole, [measure.name for measure in measures])
    for name, document in files.by_name.items():
        yield from document.problems
        if document.whole is not None:
            yield from unknown_words(name, document.file, document.whole, known)
            yield from country_problems(name, document.file, document.whole)
    yield from team_problems(files.team)
    yield from on_call_problems(files.team, files.sources)
    yield from goal_problems(files.goals, files.team)
    yield from measure_problems(files.goals, files.rules, measures)
    yield from context_problems(files.context)
    yield from rule_problems(files.rules)
    yield from gate_problems(files.rules, files.team)
    yield from report_problems(files.reports)


def _settings(files: _Files) -> Settings:
    return Settings(
        team=team_of(_content(files.team)),
        goals=goals_of(_content(files.goals)),
        context=context_of(_content(files.context)),
        rule_sets=rule_sets_of(_content(files.rules)),
        sources=sources_of(_content(files.sources), _content(files.team).organisation),
        reports=reports_of(_content(files.reports)),
        gates=gates_of(_content(files.rules)),
        retention=retention_of(_content(files.rules)),
    )


def _content(document: Document[F]) -> F:
    if document.content is None:
        raise ConfigError(f"{document.file} holds no settings", _HINT)
    return document.content
