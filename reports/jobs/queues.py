"""What waits in each region as issues, on ports: read and render; no rules, no adapter by name."""

from collections.abc import Iterable, Sequence

from reports.core.desired import EACH_REGION, lasting_issue, region_subject
from reports.core.model import ReportDefinition
from reports.core.people import Team
from reports.core.publication import DesiredIssue
from reports.core.queue import WaitingIssue
from reports.core.queue_view import RegionQueueView
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.ports import Progress, ProgressListener, QueueSource, Renderer


def read(
    sources: Sequence[QueueSource], closed: Window, tell: ProgressListener
) -> tuple[tuple[WaitingIssue, ...], tuple[str, ...]]:
    """All that waits or was closed in a window, and what could not be read, a sentence each, naming its source."""
    found: list[WaitingIssue] = []
    gaps = []
    for done, source in enumerate(sources):
        tell(Progress(step="read", detail=source.name, fraction=done / len(sources)))
        try:
            found += source.waiting(closed)
        except SourceError as error:
            gaps.append(f"{source.name}: {error.message}")
    return tuple(found), tuple(gaps)


def render(
    definitions: Iterable[ReportDefinition], team: Team, queues: Sequence[RegionQueueView], renderer: Renderer
) -> tuple[DesiredIssue, ...]:
    """The issue of every region for every report that is for each region."""
    return tuple(
        lasting_issue(definition, region_subject(definition, queue.region, team), renderer.issue(definition.name, queue))
        for definition in definitions
        if definition.scope == EACH_REGION
        for queue in queues
    )
