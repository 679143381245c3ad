"""What a manager change hands over: the goals, and the last four weeks before it; older weeks stay with the former manager."""

from reports.core.people import Engineer
from reports.core.weeks import Week

HANDED_OVER_WEEKS = 4


def first_week_handed_over(engineer: Engineer, week: Week) -> Week | None:
    """The first week that the manager who reads the report of a week may see; None when nobody was manager before them."""
    since, _ = engineer.managers(week.report_day)[-1]
    return Week.containing(since).plus(-HANDED_OVER_WEEKS) if since is not None else None
