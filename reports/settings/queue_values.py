"""What `gitlab.queues` comes to: the values that queues are made by; built from checked shapes, checking nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta

from reports.core.clocks import CountedHours, Opening
from reports.core.queue import QueueLabels, QueueLimits
from reports.settings.queue_schema import QueueRegionEntry, QueuesEntry, SupportHoursEntry
from reports.settings.shape import WEEKDAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSettings:
    """A region with a queue; `country` and `subdivision` are those whose public holidays it keeps, None when nobody said."""

    name: str
    time_zone: str
    support_hours: CountedHours
    country: str | None
    subdivision: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """What is read for the queues and how it is counted; projects and tags are empty where nothing is to be read.

    `handover_tags` mark a ticket that was handed over. `labels` of issues and `tags` of tickets are maps to regions.
    """

    regions: tuple[RegionSettings, ...]
    attention_requests: tuple[str, ...]
    feedback: tuple[str, ...]
    handover_tags: frozenset[str]
    region_labels: Mapping[str, str]
    region_tags: Mapping[str, str]
    labels: QueueLabels
    limits: QueueLimits

    @property
    def ticket_tags(self) -> frozenset[str]:
        """Every tag that says something about a handover; empty when handovers are not read."""
        return self.handover_tags | set(self.region_tags) if self.handover_tags else frozenset()


def queues_of(entry: QueuesEntry, regions: Sequence[str], time_zone: str) -> QueueSettings:
    """The queues; `regions` and `time_zone` are the organisation's, for what is left out."""
    named = entry.regions if entry.regions is not None else {name: QueueRegionEntry.model_validate({}) for name in regions}
    return QueueSettings(
        regions=tuple(_region(name, named[name], time_zone) for name in sorted(named)),
        attention_requests=tuple(entry.attention_requests.projects) if entry.attention_requests else (),
        feedback=tuple(entry.feedback.projects) if entry.feedback else (),
        handover_tags=frozenset(entry.handovers.tags) if entry.handovers else frozenset(),
        region_labels={
            label: name for name, region in named.items() for label in region.labels or [f"OrganizationRegion::{name}"]
        },
        region_tags={tag: name for name, region in named.items() for tag in region.tags or [f"handed_over_to_{name.lower()}"]},
        labels=_labels(entry),
        limits=_limits(entry),
    )


def _region(name: str, entry: QueueRegionEntry, time_zone: str) -> RegionSettings:
    zone = entry.time_zone or time_zone
    return RegionSettings(
        name=name,
        time_zone=zone,
        support_hours=_hours(entry.support_hours, zone),
        country=entry.country,
        subdivision=entry.subdivision,
    )


def _hours(entry: SupportHoursEntry, time_zone: str) -> CountedHours:
    opens, closes = time.fromisoformat(entry.opens), time.fromisoformat(entry.closes)
    days = sorted(map(WEEKDAYS.index, entry.days))
    return CountedHours(time_zone=time_zone, openings=tuple(Opening(weekday=day, opens=opens, closes=closes) for day in days))


def _labels(entry: QueuesEntry) -> QueueLabels:
    labels, requests, feedback = QueueLabels(), entry.attention_requests, entry.feedback
    if requests is not None:
        labels = replace(
            labels,
            urgent=requests.urgent.label,
            timely=requests.timely.label,
            not_urgent=requests.not_urgent.label,
            dispositions=tuple(requests.dispositions),
        )
    if feedback is not None:
        labels = replace(
            labels,
            negative=feedback.negative,
            contact_requested=feedback.contact_requested,
            contacted=feedback.contacted,
        )
    return labels


def _limits(entry: QueuesEntry) -> QueueLimits:
    limits, requests, feedback = QueueLimits(), entry.attention_requests, entry.feedback
    if requests is not None:
        limits = replace(
            limits,
            urgent=timedelta(hours=requests.urgent.hours),
            timely=timedelta(hours=requests.timely.hours),
            not_urgent=timedelta(hours=requests.not_urgent.hours),
            disposition=timedelta(hours=requests.disposition_hours),
            closed_for=timedelta(days=requests.closed_days),
        )
    if feedback is not None:
        limits = replace(limits, contact=timedelta(hours=feedback.contact_hours), feedback=timedelta(days=feedback.days))
    if entry.handovers is not None:
        limits = replace(limits, handover=timedelta(hours=entry.handovers.hours))
    return limits
