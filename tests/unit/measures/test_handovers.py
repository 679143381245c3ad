from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from reports.core.facts import Ticket
from reports.core.queue import WaitingIssue, WaitingKind
from reports.core.weeks import Window
from reports.measures.engine import DuckdbMeasures
from reports.measures.handovers import StoredHandovers
from tests.unit.measures.test_ticket_measures import ADA, MONDAY, event, ticket

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured

LATELY = Window(MONDAY - timedelta(days=14), MONDAY)
REGIONS = {"handed_over_to_emea": "EMEA", "handed_over_to_apac": "APAC"}


def handed_over(ticket_id: int = 1, tags: tuple[str, ...] = ("need_handover",), **special: Any) -> Ticket:
    return replace(ticket(ticket_id), tags=tags, **special)


def found(measured: "Measured") -> tuple[WaitingIssue, ...]:
    tags = ("need_handover", *REGIONS)
    return StoredHandovers(DuckdbMeasures(measured.store), tags, REGIONS).waiting(LATELY)


def test_handover__is_a_ticket_with_a_tag_that_nobody_has(measured: "Measured") -> None:
    measured.put(handed_over(7, ("need_handover", "handed_over_to_emea")))

    (issue,) = found(measured)

    assert (issue.kind, issue.project, issue.iid, issue.title) == (WaitingKind.HANDOVER, "", 7, "ticket 7")
    assert (issue.region, issue.url) == ("EMEA", "https://acme.zendesk.example.com/agent/tickets/7")
    assert issue.created_at == MONDAY - timedelta(days=400)


@pytest.mark.parametrize(
    "other",
    [
        handed_over(assignee_id=ADA),
        handed_over(tags=()),
        handed_over(tags=("closed_by_merge",)),
        handed_over(status="solved"),
        handed_over(status="closed"),
        handed_over(status="deleted"),
    ],
)
def test_no_handover__is_what_somebody_has_or_what_is_done_or_was_never_handed_over(measured: "Measured", other: Ticket) -> None:
    measured.put(other)

    assert found(measured) == ()


def test_handover__waits_since_it_lost_its_last_assignee(measured: "Measured") -> None:
    measured.put(
        handed_over(),
        event("assignee", 1, new=str(ADA)),
        event("assignee", 5, old=str(ADA)),
        event("status", 6, old="open", new="new"),
        event("assignee", 7, old=str(ADA), ticket_id=2),
    )

    assert [issue.created_at for issue in found(measured)] == [MONDAY + timedelta(hours=5)]


def test_handover__is_judged_by_the_last_known_state(measured: "Measured") -> None:
    measured.put(handed_over(seen_at=MONDAY), handed_over(assignee_id=ADA, seen_at=MONDAY + timedelta(hours=1)))

    assert found(measured) == ()


def test_handover__whose_tags_name_two_regions_names_none(measured: "Measured") -> None:
    measured.put(handed_over(tags=tuple(REGIONS)))

    assert [issue.region for issue in found(measured)] == [""]


def test_handovers__of_an_empty_store_are_none(measured: "Measured") -> None:
    assert found(measured) == ()
