"""Queues of the example organisation for the tests of rendering, made by the code that makes real ones; all of it is invented."""

from dataclasses import replace
from datetime import date

from reports.core.clocks import mondays_to_fridays
from reports.core.queue import QueueLimits, QueueRegion, QueueRules, WaitingIssue, WaitingKind, region_queues
from reports.core.queue_view import RegionQueueView, region_queue
from reports.core.views import View
from tests.builders import utc
from tests.views import GITLAB, ZENDESK

REQUEST, FEEDBACK, HANDOVER = WaitingKind.ATTENTION_REQUEST, WaitingKind.FEEDBACK, WaitingKind.HANDOVER
PLACES = {REQUEST: "acme/support/ticket-attention-requests", FEEDBACK: "acme/support/feedback", HANDOVER: ""}
ASKS_FOR_CONTACT = ("satisfaction::bad", "manager-contact-requested")


def region(name: str = "EMEA", time_zone: str = "Europe/Berlin", **special: object) -> QueueRegion:
    """A region whose support hours are its own Mondays to Fridays."""
    made = QueueRegion(name=name, time_zone=time_zone, support_hours=mondays_to_fridays(time_zone))
    return replace(made, **special)  # type: ignore[arg-type]  # whatever the field holds


RULES = QueueRules(regions=(region(), region("APAC", "Asia/Tokyo")))


def waiting(created: str, kind: WaitingKind = REQUEST, *labels: str, iid: int = 1, **special: object) -> WaitingIssue:
    """An open issue, or a ticket, of EMEA that nobody is assigned to; `created` is in UTC."""
    project = PLACES[kind]
    made = WaitingIssue(
        url=f"{GITLAB}/{project}/-/issues/{iid}" if project else f"{ZENDESK}/agent/tickets/{iid}",
        project=project,
        iid=iid,
        title=f"{kind} {iid}".replace("_", " "),
        kind=kind,
        labels=labels,
        created_at=utc(created),
        closed_at=None,
        assignees=(),
        region="EMEA",
    )
    return replace(made, **special)  # type: ignore[arg-type]  # whatever the field holds


#: Friday afternoon in Berlin; a Monday holiday is ahead.
FRIDAY = utc("2026-11-13 14:20")

BUSY = (
    waiting("2026-11-04 09:00", FEEDBACK, "satisfaction::good", iid=401, title="Positive feedback for ticket 83870"),
    waiting("2026-11-09 08:00", FEEDBACK, *ASKS_FOR_CONTACT, iid=409, title="Negative feedback for ticket 84031"),
    waiting("2026-11-12 15:30", FEEDBACK, *ASKS_FOR_CONTACT, iid=412, title="Negative feedback for ticket 84202"),
    waiting("2026-11-13 06:10", HANDOVER, iid=84211, title="ticket 84211"),
    waiting("2026-11-13 10:00", iid=77, title="Upgrade stuck, see [the plan](https://evil.example) | @all", assignees=("ohart",),
            labels=("star-urgency::timely", "unstarred"), closed_at=utc("2026-11-13 10:40")),
    waiting("2026-11-13 10:30", iid=78, title="", labels=("star-urgency::timely",), assignees=("ohart",),
            closed_at=utc("2026-11-13 11:00")),
    waiting("2026-11-13 12:15", REQUEST, "star-urgency::urgent", iid=80, title="Ticket 84210 stalled", assignees=("ohart",)),
    waiting("2026-11-13 13:10", REQUEST, iid=81, title="Ticket 84199: first reply is late"),
    waiting("2026-11-13 13:45", REQUEST, "star-urgency::not-urgent", iid=82, title="Ticket 84214", region="LATAM"),
)  # fmt: skip


def queue_busy() -> RegionQueueView:
    """EMEA with one of everything."""
    rules = replace(RULES, regions=(region(holidays=frozenset({date(2026, 11, 16)})), RULES.regions[1]))
    return region_queue(region_queues(BUSY, rules, FRIDAY)[0], QueueLimits())


def queue_calm() -> RegionQueueView:
    """EMEA with one request that came just now."""
    return region_queue(
        region_queues([waiting("2026-11-13 14:05", REQUEST, "star-urgency::timely")], RULES, FRIDAY)[0], QueueLimits()
    )


def queue_empty() -> RegionQueueView:
    """APAC, in the night from Friday to Saturday, with nothing to do."""
    return region_queue(region_queues([], RULES, FRIDAY)[1], QueueLimits())


def queue_unread() -> RegionQueueView:
    """EMEA when one of the sources could not be read."""
    gap = "acme/support/feedback: the project could not be read (403)"
    return replace(queue_empty(), region="EMEA", time_zone="Europe/Berlin", gaps=(gap,))


#: Every golden case: report name, case, view.
QUEUE_CASES: tuple[tuple[str, str, View], ...] = tuple(
    ("region_queue", case, view)
    for case, view in (("busy", queue_busy()), ("calm", queue_calm()), ("empty", queue_empty()), ("unread", queue_unread()))
)
