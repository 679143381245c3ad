"""Handed-over tickets without an assignee, from the stored facts, as a source of the queues; it counts no time."""

from collections.abc import Collection, Mapping

from reports.core.queue import WaitingIssue, WaitingKind, region_named
from reports.core.weeks import Window
from reports.measures.engine import DuckdbMeasures, Handover


class StoredHandovers:
    """The tickets with one of some tags; `regions` says which tags name which region. As fresh as the store is."""

    name = "handovers"

    def __init__(self, engine: DuckdbMeasures, tags: Collection[str], regions: Mapping[str, str]) -> None:
        self._engine = engine
        self._tags = tags
        self._regions = regions

    def waiting(self, closed: Window) -> tuple[WaitingIssue, ...]:
        """Every ticket that was handed over and has no assignee; of what is solved nothing is looked at."""
        return tuple(self._issue(handover) for handover in self._engine.handovers(self._tags))

    def _issue(self, handover: Handover) -> WaitingIssue:
        return WaitingIssue(
            url=handover.url,
            project="",
            iid=handover.ticket,
            title=f"ticket {handover.ticket}",
            kind=WaitingKind.HANDOVER,
            labels=handover.tags,
            created_at=handover.since,
            closed_at=None,
            assignees=(),
            region=region_named(handover.tags, self._regions),
        )
