"""What is kept of weeks, days and conversations, without one person; and which issues and texts are about them."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reports.core.conversation import Heard
from reports.core.model import ReportDefinition
from reports.core.people import same_user
from reports.core.publication import ExistingIssue, block_of, report_of, subject_of
from reports.core.published import PublishedWeek

#: Stands where somebody's name stood.
ERASED = "(erased)"
_MARKER = re.compile(r"(<!-- support-reports .*?-->)", re.DOTALL)


def published_without(week: PublishedWeek, who: str) -> PublishedWeek:
    """A published week without a person's judgement."""
    return replace(week, engineers={name: judged for name, judged in week.engineers.items() if not same_user(name, who)})


def heard_without(heard: Iterable[Heard], who: str) -> tuple[Heard, ...]:
    """What was heard, without the conversations below reports about a person."""
    return tuple(one for one in heard if not same_user(one.thread.subject, who))


def projects_of(definitions: Iterable[ReportDefinition], who: str, managers: Iterable[str]) -> Mapping[str, bool]:
    """Every project in which issues about or with a person may lie, and whether it is for this person alone."""
    found: dict[str, bool] = {}
    for definition in definitions:
        is_personal = definition.scope in ("each_engineer", "each_follow_up")
        for manager in managers:
            words = {"username": who if is_personal else manager, "manager_username": manager}
            try:
                project = definition.project.format_map(words)
            except KeyError:
                continue  # a report for regions, which names nobody
            found[project] = found.get(project, True) and is_personal and "{username}" in definition.project
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuesAbout:
    """Issues of ours about a person, which go, and others whose text names them, with that text without the names."""

    theirs: tuple[ExistingIssue, ...]
    naming: tuple[tuple[ExistingIssue, str], ...]


def issues_about(
    issues: Sequence[ExistingIssue], bot: str, definitions: Sequence[ReportDefinition], who: str, names: Collection[str]
) -> IssuesAbout:
    """Sort the issues of a project by what they have to do with a person; `names` are words that tell who it is."""
    personal = {d.name for d in definitions if d.scope in ("each_engineer", "each_follow_up")}
    theirs, naming = [], []
    for issue in issues:
        if issue.author != bot:
            continue
        block = block_of(issue.description)
        if block and report_of(block.key) in personal and same_user(subject_of(block.key), who):
            theirs.append(issue)
        elif (text := redacted(issue.description, names)) != issue.description:
            naming.append((issue, text))
    return IssuesAbout(theirs=tuple(theirs), naming=tuple(naming))


def redacted(text: str, names: Collection[str]) -> str:
    """A description with `(erased)` for every name; our own markers stay, or the issue would not be found again."""
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
    parts = _MARKER.split(text)
    return "".join(part if _MARKER.fullmatch(part) else pattern.sub(ERASED, part) for part in parts)
