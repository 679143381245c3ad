"""Where every report of a week could go and who may read it there, before any of them is made: for whoever looks first."""

from collections.abc import Iterable, Iterator

from reports.core.cases import FOLLOW_UP
from reports.core.desired import EACH_REGION, Subject, desired_issue, lasting_issue, region_subject, subjects
from reports.core.model import ReportDefinition
from reports.core.people import Engineer, Team
from reports.core.publication import Audience
from reports.core.weeks import Week


def expected_audiences(
    definitions: Iterable[ReportDefinition], team: Team, regions: Iterable[str], week: Week
) -> Iterator[Audience]:
    """An audience for every subject of every report; of a follow-up for everybody whom one could be about.

    `regions` are those that have a queue.
    """
    names = tuple(regions)
    for definition in definitions:
        if definition.scope == EACH_REGION:
            for name in names:
                yield lasting_issue(definition, region_subject(definition, name, team), "").audience
        elif definition.scope == FOLLOW_UP:
            for engineer in team.as_of(week.report_day).engineers:
                yield desired_issue(definition, _followed(engineer, team, week), week, "").audience
        else:
            for subject in subjects(definition, team, week):
                yield desired_issue(definition, subject, week, "").audience


def _followed(engineer: Engineer, team: Team, week: Week) -> Subject:
    """Whom a follow-up would be about, before the manager allows anybody else to read it."""
    words = {
        "username": engineer.username,
        "name": engineer.name,
        "manager": team.manager(engineer.reports_to).name,
        "manager_username": engineer.reports_to,
        "week": str(week),
        "week_start": str(week.first_day),
        "week_end": str(week.last_day),
    }
    own = (engineer.reports_to,)
    return Subject(username=engineer.username, placeholders=words, readers=own, assignees=own)
