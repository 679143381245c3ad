"""The week that the committed example is written for, and its text moved to other weeks; knows no YAML."""

import re
from datetime import date, timedelta

from reports.core.weeks import Week

#: The last full week of the example organisation in `config/`.
EXAMPLE_WEEK = Week(2026, 46)

_DATE_OR_WEEK = re.compile(r"(?<![\w-])(?:(\d{4})-(\d{2})-(\d{2})|(\d{4})-W(\d{2}))(?![\w-]|\.\d)")


def shift_dates(text: str, weeks: int) -> str:
    """The text with every day (2026-11-09) and week (2026-W46) moved by whole weeks, comments too.

    What only looks like a date (2026-02-31, part of a longer word or number) stays as it is.
    """
    return _DATE_OR_WEEK.sub(lambda match: _shifted(match, weeks), text)


def _shifted(match: re.Match[str], weeks: int) -> str:
    year, month, day, week_year, week_number = match.groups()
    try:
        if week_year is not None:
            return str(Week.parse(f"{week_year}-W{week_number}").plus(weeks))
        return (date(int(year), int(month), int(day)) + timedelta(weeks=weeks)).isoformat()
    except (ValueError, OverflowError):
        return match[0]
