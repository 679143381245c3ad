"""Which week a command reports: the one that is named, else the last full one before the pipeline was made."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from reports.core.weeks import Week, last_full_week
from reports.errors import UsageError

if TYPE_CHECKING:
    from reports.wiring.house import House


class WeekType(click.ParamType[Week]):
    """A week id such as 2026-W46."""

    name = "week"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Week:
        """The week, or click's own usage error."""
        if isinstance(value, Week):
            return value
        try:
            return Week.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


WEEK = WeekType()
week_option = click.option(
    "--week",
    type=WEEK,
    envvar="SUPPORT_REPORTS_WEEK",
    show_envvar=True,
    help="The week to report, such as 2026-W46. Default: the last full one.",
)


def present() -> datetime:
    """The instant whose last full week is reported: in a pipeline its creation, so that a job retried later reports the same."""
    created = os.environ.get("CI_PIPELINE_CREATED_AT")
    if not created:
        return datetime.now(UTC)
    try:
        return datetime.fromisoformat(created).astimezone(UTC)
    except ValueError:
        raise UsageError(
            f"CI_PIPELINE_CREATED_AT is {created!r}, which is no time", "unset it, or use 2026-11-16T06:00:00Z"
        ) from None


def last_week(house: "House") -> Week:
    """The week that is reported when nobody names one."""
    return last_full_week(present(), house.plan.zone)


def chosen_week(house: "House", week: Week | None) -> Week:
    """The week that was named, else the last one."""
    return week or last_week(house)
