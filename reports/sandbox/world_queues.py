"""What waits for the managers on call of the made-up organisation: attention requests, feedback, handed-over tickets.

Everything lies a fixed time before the present, so that a demo on any day shows the same queues: EMEA has one of
everything, APAC a little, AMER nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reports.core.people import Engineer, Team
from reports.sandbox.gitlab_objects import PLANNER, REPORTER
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.world_gitlab import READER

ATTENTION_REQUESTS = "acme/support/ticket-attention-requests"
FEEDBACK = "acme/support/feedback"
#: The form that people fill in opens these issues.
FORM = "support-forms-bot"
REGIONS = ("AMER", "APAC", "EMEA")
URGENT, TIMELY, NOT_URGENT = "star-urgency::urgent", "star-urgency::timely", "star-urgency::not-urgent"
ASKS_FOR_CONTACT = ("satisfaction::bad", "manager-contact-requested")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """An issue by how many hours ago it was opened and, where it was, closed; `region` is empty where nobody named one."""

    title: str
    opened: float
    region: str
    labels: tuple[str, ...] = ()
    closed: float | None = None
    has_owner: bool = False
    confidential: bool = False


REQUESTS = (
    _Waiting(title="Ticket 1017: upgrade done", opened=200, closed=199, region="EMEA", labels=(TIMELY, "unstarred")),
    _Waiting(title="Ticket 1020: licence", opened=90, closed=80, region="EMEA", labels=(URGENT,), has_owner=True),
    _Waiting(title="Ticket 1025 stalled", opened=3, region="EMEA", labels=(URGENT,), has_owner=True),
    _Waiting(title="A customer's name", opened=1.5, region="EMEA", labels=(NOT_URGENT,), confidential=True),
    _Waiting(title="Ticket 1031: first reply is late", opened=0.4, region="APAC", labels=(TIMELY,)),
)
COMMENTS = (
    _Waiting(title="Positive feedback for ticket 1003", opened=400, closed=300, region="AMER", labels=("satisfaction::good",)),
    _Waiting(title="Positive feedback for ticket 1009", opened=240, region="EMEA", labels=("satisfaction::good",)),
    _Waiting(title="Negative feedback for ticket 1012", opened=74, region="EMEA", labels=ASKS_FOR_CONTACT),
    _Waiting(title="Negative feedback for ticket 1014", opened=30, region="EMEA", labels=("satisfaction::bad",)),
)


#: How many hours ago a request was opened that an engineer looked after: dealt with an hour and closed two hours later.
HANDLED = (500, 60)


def add_queues(state: GitlabState, team: Team, now: datetime) -> None:
    """Add both projects, their members and what waits in them at the present."""
    state.add_user(FORM, "Support forms", bot=True)
    for path in (ATTENTION_REQUESTS, FEEDBACK):
        state.add_project(path)
        state.add_member(path, FORM, REPORTER)
        state.add_member(path, READER, REPORTER)
        for manager in team.managers:
            state.add_member(path, manager.username, PLANNER)
        for region in REGIONS:
            state.add_label(path, f"OrganizationRegion::{region}")
        for label in (URGENT, TIMELY, NOT_URGENT) if path == ATTENTION_REQUESTS else ASKS_FOR_CONTACT:
            state.add_label(path, label)
    owner = min(manager.username for manager in team.managers)
    _add(state, ATTENTION_REQUESTS, REQUESTS, owner, now)
    _add(state, FEEDBACK, COMMENTS, owner, now)
    for place, hours in enumerate(HANDLED):
        _add_handled(state, team.engineers[place % len(team.engineers)], now - timedelta(hours=hours))


def _add_handled(state: GitlabState, engineer: Engineer, opened: datetime) -> None:
    """A request that an engineer was given, unstarred and closed."""
    who, labels = engineer.username, (NOT_URGENT, f"OrganizationRegion::{engineer.region}")
    state.add_member(ATTENTION_REQUESTS, who, REPORTER)
    title = "Ticket 1002: a second pair of eyes"
    request = state.add_issue(ATTENTION_REQUESTS, FORM, title, created_at=opened, labels=labels, assignees=[who])
    state.put_label(request, who, "unstarred", at=opened + timedelta(hours=1))
    state.set_state(request, who, "closed", at=opened + timedelta(hours=2))


def _add(state: GitlabState, path: str, waiting: Sequence[_Waiting], owner: str, now: datetime) -> None:
    for one in sorted(waiting, key=lambda one: -one.opened):
        region = (f"OrganizationRegion::{one.region}",) if one.region else ()
        state.add_issue(
            path,
            FORM,
            one.title,
            created_at=now - timedelta(hours=one.opened),
            labels=(*one.labels, *region),
            assignees=[owner] if one.has_owner else [],
            confidential=one.confidential,
            closed_at=None if one.closed is None else now - timedelta(hours=one.closed),
            closed_by=None if one.closed is None else owner,
        )
