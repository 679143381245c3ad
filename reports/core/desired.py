"""Which issues are asked for: a report's definition and a subject into title, place, readers and key; the body comes later."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reports.core.model import Privacy, ReportDefinition
from reports.core.people import Team
from reports.core.plain_text import inert, shortened
from reports.core.publication import DesiredIssue
from reports.core.weeks import Week

#: Characters that GitLab takes for a title.
LONGEST_TITLE = 255
_DATES = ("week", "week_start", "week_end")
#: The scope of a report on what waits in a region, whatever week it is.
EACH_REGION = "each_region"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who or what one report is about, with the words its title may use and the people who may read it.

    `username` is the region's name where the report is about a region.
    """

    username: str
    placeholders: Mapping[str, str]
    readers: tuple[str, ...]
    assignees: tuple[str, ...]


def subjects(definition: ReportDefinition, team: Team, week: Week) -> Iterator[Subject]:
    """Everyone, or the one organisation, that a report is made for, in alphabetical order of usernames.

    The manager of a report is whoever it is on the day it is published, the Monday after its week.
    """
    common = {"week": str(week), "week_start": str(week.first_day), "week_end": str(week.last_day), "organisation": team.name}
    managers = tuple(sorted(manager.username for manager in team.managers))
    if definition.scope == "each_engineer":
        for engineer in sorted(team.as_of(week.report_day).engineers, key=lambda e: e.username):
            manager = team.manager(engineer.reports_to)
            words = common | {
                "username": engineer.username,
                "name": engineer.name,
                "manager": manager.name,
                "manager_username": manager.username,
            }
            readers = _readers(definition.privacy, (engineer.username, manager.username), managers)
            yield Subject(username=engineer.username, placeholders=words, readers=readers, assignees=(engineer.username,))
    elif definition.scope == "each_manager":
        for manager in sorted(team.managers, key=lambda m: m.username):
            words = common | {"username": manager.username, "name": manager.name, "manager": manager.name}
            readers = _readers(definition.privacy, (manager.username,), managers)
            yield Subject(username=manager.username, placeholders=words, readers=readers, assignees=(manager.username,))
    else:
        readers = _readers(definition.privacy, (), managers)
        yield Subject(username="all", placeholders=common, readers=readers, assignees=())


def region_subject(definition: ReportDefinition, region: str, team: Team) -> Subject:
    """A region as the subject of a report, for all support managers."""
    readers = _readers(definition.privacy, (), tuple(sorted(manager.username for manager in team.managers)))
    return Subject(username=region, placeholders={"region": region}, readers=readers, assignees=())


def _readers(privacy: Privacy, own: tuple[str, ...], managers: tuple[str, ...]) -> tuple[str, ...]:
    if privacy in (Privacy.P0, Privacy.P1):
        return ()
    return tuple(sorted({*own, *managers})) if privacy is Privacy.P2 else tuple(sorted(own))


def lasting_issue(definition: ReportDefinition, subject: Subject, body: str) -> DesiredIssue:
    """The issue that a subject has for good: no week stands in its key, and when somebody closes it, it is opened again."""
    return replace(_issue(definition, subject, f"{definition.name}/{subject.username}", body), is_open=True)


def desired_issue(definition: ReportDefinition, subject: Subject, week: Week, body: str) -> DesiredIssue:
    """The issue of a week."""
    return _issue(definition, subject, f"{definition.name}/{subject.username}/{week}", body)


def _issue(definition: ReportDefinition, subject: Subject, key: str, body: str) -> DesiredIssue:
    return DesiredIssue(
        key=key,
        project=definition.project.format_map(subject.placeholders),
        title=title_of(definition, subject),
        body=body,
        labels=definition.labels,
        confidential=definition.confidential,
        assignees=subject.assignees,
        privacy=definition.privacy,
        readers=subject.readers,
        close_after_weeks=definition.close_after_weeks,
    )


def title_of(definition: ReportDefinition, subject: Subject) -> str:
    """The title of a subject's issue; GitLab looks for references in titles too, so the words put into it are inert."""
    words = {name: inert(word) for name, word in subject.placeholders.items()}
    return shortened(definition.title.format_map(words | _dates(subject.placeholders)), LONGEST_TITLE)


def _dates(placeholders: Mapping[str, str]) -> dict[str, str]:
    return {name: placeholders[name] for name in _DATES if name in placeholders}
