"""The settings of the queues into what reads and counts them; beside `wiring`, the only module that names adapters."""

from datetime import date
from typing import TYPE_CHECKING

from reports.core.queue import QueueRegion, QueueRules, WaitingKind
from reports.ports import QueueSource
from reports.wiring.house import House

if TYPE_CHECKING:
    from reports.settings.queue_values import QueueSettings, RegionSettings

# Adapters are imported where they are made, as in wiring.
# ruff: noqa: PLC0415


def queue_rules(house: House, queues: "QueueSettings") -> QueueRules:
    """How the queues are counted, with the public holidays of each region."""
    regions = tuple(_queue_region(house, region) for region in queues.regions)
    return QueueRules(regions=regions, labels=queues.labels, limits=queues.limits)


def _queue_region(house: House, region: "RegionSettings") -> QueueRegion:
    from reports.adapters.public_holidays import holidays_of

    holidays: tuple[date, ...] = ()
    if region.country:
        holidays = holidays_of(region.country, region.subdivision, house.years_around)
    return QueueRegion(
        name=region.name,
        time_zone=region.time_zone,
        support_hours=region.support_hours,
        holidays=frozenset(holidays),
    )


def queue_sources(house: House, queues: "QueueSettings") -> tuple[QueueSource, ...]:
    """The projects of GitLab in which something waits for the managers on call; UsageError when no token is there."""
    from reports.adapters.gitlab_queues import GitlabQueue

    client = house.reading_client()
    projects = [
        *((project, WaitingKind.ATTENTION_REQUEST) for project in queues.attention_requests),
        *((project, WaitingKind.FEEDBACK) for project in queues.feedback),
    ]
    return tuple(GitlabQueue(client, project, kind, queues.region_labels) for project, kind in projects)


def stored_handovers(house: House, queues: "QueueSettings") -> QueueSource:
    """The handovers among the stored tickets."""
    from reports.measures.handovers import StoredHandovers

    return StoredHandovers(house.engine, queues.ticket_tags, queues.region_tags)
