"""Whether a report can go where `reports.yml` sends it: placeholders it can fill, and an audience fit for its privacy level."""

import re
from collections.abc import Iterator, Mapping
from string import Formatter

from reports.settings.documents import Document
from reports.settings.nearest import did_you_mean, quoted
from reports.settings.problems import Problem, error
from reports.settings.schema import ReportEntry, ReportsFile
from reports.settings.words import texts_at
from reports.settings.yaml_nodes import Path, Scalar, key_place_at, matching, node_at, place_at

#: What may stand in braces in a title, by whom the report is for.
TITLE_PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "each_engineer": frozenset({"week", "week_start", "week_end", "name", "username", "manager"}),
    "each_manager": frozenset({"week", "week_start", "week_end", "name", "username", "manager"}),
    "organisation": frozenset({"week", "week_start", "week_end", "organisation"}),
    "service": frozenset({"week", "week_start", "week_end", "organisation"}),
    "each_follow_up": frozenset({"week", "week_start", "week_end", "name", "username", "manager", "manager_username"}),
    "each_region": frozenset({"region"}),
}
#: What may stand in braces in a project path, by whom the report is for.
PROJECT_PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "each_engineer": frozenset({"username", "manager_username"}),
    "each_manager": frozenset({"username"}),
    "organisation": frozenset(),
    "service": frozenset(),
    "each_follow_up": frozenset({"username", "manager_username"}),
    "each_region": frozenset({"region"}),
}

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PERSONAL = {"P3", "P4"}
#: Placeholders in a title that tell whom a report is about.
_NAMING = ("{name}", "{username}")


def report_problems(reports: Document[ReportsFile]) -> Iterator[Problem]:
    """Names that cannot be file names, placeholders nobody fills, and personal reports that others could read."""
    if reports.whole is None:
        return
    for path, _ in matching(reports.whole, "reports", "*"):
        name = str(path[-1])
        if _NAME.fullmatch(name) is None:
            message = f"{quoted(name)} is not the name of a report"
            hint = "use small letters, digits and '_'; the template is called the same"
            yield error(reports.file, key_place_at(reports.whole, path), "bad-report-name", message, hint)
    for key, placeholders in (("title", TITLE_PLACEHOLDERS), ("project", PROJECT_PLACEHOLDERS)):
        for path, text in texts_at(reports.whole, "reports", "*", key):
            yield from _placeholder_problems(reports, path, text, placeholders)
    yield from _audience_problems(reports)


def _placeholder_problems(
    reports: Document[ReportsFile], path: Path, text: str, placeholders: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    tree = reports.whole
    scope = node_at(tree, (*path[:-1], "for")) if tree else None
    if tree is None or not isinstance(scope, Scalar) or scope.value not in placeholders:
        return
    known = placeholders[str(scope.value)]
    try:
        fields = [field for field in Formatter().parse(text) if field[1] is not None]
    except ValueError:
        message = f"a brace in the {path[-1]} has no partner"
        yield error(reports.file, place_at(tree, path), "bad-placeholder", message, "write placeholders like {username}")
        return
    for _, name, form, conversion in fields:
        written = "{" + quoted(name or "")[1:-1] + "}"
        if name not in known:
            message = f"unknown placeholder {written} in the {path[-1]} of a report for {scope.value}"
            hint = did_you_mean(name or "", known) or "none can be filled here"
            yield error(reports.file, place_at(tree, path), "unknown-placeholder", message, hint)
        elif form or conversion:
            message = f"a placeholder is a plain word in braces: {written}"
            yield error(reports.file, place_at(tree, path), "bad-placeholder", message, "leave out what follows ':' or '!'")


def _audience_problems(reports: Document[ReportsFile]) -> Iterator[Problem]:
    if reports.content is None or reports.sound is None:
        return
    for name, report in reports.content.reports.items():
        if report.privacy in _PERSONAL and not report.confidential and not _has_project_per_person(report):
            place = place_at(reports.sound, ("reports", name, "confidential"))
            message = f"{name} is {report.privacy}, but neither confidential nor in a project per person"
            ways = ", or {username} in the project" if report.scope == "each_engineer" else ""
            yield error(reports.file, place, "audience", message, f"write confidential: true{ways}")
        if report.privacy == "P4" and any(word in report.title for word in _NAMING):
            place = place_at(reports.sound, ("reports", name, "title"))
            message = f"{name} is P4, and its title names whom it is about: titles travel in e-mails, lists and pop-ups"
            hint = "leave out the name; the report itself says whom it is about"
            yield error(reports.file, place, "name-in-title", message, hint)
        if report.scope == "service" and report.privacy in ("P0", "P1"):
            place = place_at(reports.sound, ("reports", name, "privacy"))
            message = f"{name} is for service, but {report.privacy}: numbers of teams are for support managers"
            yield error(reports.file, place, "audience", message, "write privacy: P2")
        if report.scope == "each_region" and report.privacy != "P2":
            place = place_at(reports.sound, ("reports", name, "privacy"))
            message = (
                f"{name} is for each_region, but {report.privacy}: it shows titles from private projects to support managers"
            )
            yield error(reports.file, place, "audience", message, "write privacy: P2")


def _has_project_per_person(report: ReportEntry) -> bool:
    return report.scope == "each_engineer" and "{username}" in report.project
