from typing import TYPE_CHECKING, Any

from reports.core.facts import OnCallPage, UserEvent, WorkItemEvent
from tests.unit.measures.test_gitlab_measures import item
from tests.unit.measures.ticket_stories import ADA, BO, DEE, agents, assigned, at, rated, ticket

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured


# --- satisfaction ---------------------------------------------------------------------------------


def test_satisfaction__belongs_to_who_had_the_ticket_when_it_was_rated(measured: "Measured") -> None:
    measured.put(
        *agents(),
        ticket(1, assignee_id=BO),
        ticket(2),
        rated(5, "good"),
        rated(6, "bad", "2", 2, BO),
        rated(7, "good", "3", 3, DEE),
    )

    assert [(row.engineer, row.at, row.value, row.category) for row in measured.of("satisfaction")] == [
        ("ada", at(5), 1.0, "saas"),
        ("bo", at(6), 0.0, "saas"),
    ]


def test_satisfaction__a_rating_that_changed_counts_once_as_it_is_now(measured: "Measured") -> None:
    """The old interface changes a rating, the new one adds another; ticket 1 went from good to bad, ticket 2 the other way."""
    measured.put(ticket(1), ticket(2), rated(5, "good"), rated(6, "bad", "7", 2))
    measured.put(rated(20, "bad"), rated(21, "good", "8", 2))

    assert [(row.at, row.value) for row in measured.of("satisfaction")] == [(at(20), 0.0), (at(21), 1.0)]


def test_satisfaction__without_a_name_it_belongs_to_who_had_the_ticket_then(measured: "Measured") -> None:
    measured.put(ticket(assignee_id=BO), assigned(1, None, ADA), rated(5, "good", assignee_id=None), assigned(6, ADA, BO))

    assert [row.engineer for row in measured.of("satisfaction")] == ["ada"]


def test_satisfaction__an_offer_is_no_answer(measured: "Measured") -> None:
    measured.put(ticket(), rated(5, "offered"))

    assert measured.of("satisfaction") == []


# --- on call --------------------------------------------------------------------------------------


def test_on_call_pages__belong_to_the_responder(measured: "Measured") -> None:
    url = "https://acme.pagerduty.example.com/incidents/{}"
    measured.put(*(OnCallPage(id=str(n), responder_id=who, at=at(n), url=url.format(n)) for n, who in ((1, "PADA"), (2, "PZED"))))

    assert [(row.engineer, row.at, row.url[-1]) for row in measured.of("on_call_pages")] == [("ada", at(1), "1")]


# --- issues of GitLab -----------------------------------------------------------------------------


def closed(hours: float, actor: str, issue: str = "gid://1", kind: str = "closed") -> WorkItemEvent:
    return WorkItemEvent(id=f"{issue}/{hours}", item=issue, at=at(hours), actor=actor, kind=kind, label="")


def request(**fields: Any) -> Any:
    return item(**({"id": "gid://1", "area": "attention_request", "title": "Ticket 7 waits", "assignees": ("ada",)} | fields))


def test_attention_requests__belong_to_who_closed_them_first_whoever_was_assigned(measured: "Measured") -> None:
    measured.put(
        *(request(closed_at=at(9), closed_by="ada"), closed(3, "BO"), closed(4, "ada", kind="reopened"), closed(9, "ada")),
        request(id="gid://2", title="still open"),
        *(request(id="gid://3", title="by a bot", closed_at=at(9)), closed(9, "project_1_bot_2", "gid://3")),
    )

    assert [(row.engineer, row.at, row.note) for row in measured.of("attention_requests_handled")] == [
        ("bo", at(3), "Ticket 7 waits")
    ]
    assert measured.of("feedback_issues_handled") == []


def test_feedback_issues__without_events_the_issue_tells_who_closed_it(measured: "Measured") -> None:
    measured.put(request(area="feedback", closed_at=at(9), closed_by="bo-old"))

    assert [(row.engineer, row.at) for row in measured.of("feedback_issues_handled")] == [("bo", at(9))]


def test_training_steps__are_counted_when_their_module_is_closed(measured: "Measured") -> None:
    plain: dict[str, Any] = {"area": "training", "assignees": ("ada", "bo")}
    measured.put(
        item(**plain, title="Runners", closed_at=at(5), tasks=9, tasks_done=8),
        item(**plain, title="still open", tasks=9, tasks_done=8),
        item(**plain, title="no list", closed_at=at(5)),
    )

    assert [(row.engineer, row.value, row.note) for row in measured.of("training_checklist_items")] == [
        ("ada", 8.0, "8 of 9 steps: Runners"),
        ("bo", 8.0, "8 of 9 steps: Runners"),
    ]


def test_gitlab_activity__is_what_any_account_of_somebody_did(measured: "Measured") -> None:
    plain: dict[str, Any] = {"action": "commented on", "target": "issue 5", "project": "gitlab-org/gitlab", "url": "https://x"}
    measured.put(
        UserEvent(id="1", author="Bo-Old", at=at(1), **plain),
        UserEvent(id="2", author="ada", at=at(2), **(plain | {"target": "", "project": ""})),
        UserEvent(id="3", author="stranger", at=at(3), **plain),
    )

    assert [(row.engineer, row.note, row.category) for row in measured.of("gitlab_activity")] == [
        ("ada", "commented on", "commented on"),
        ("bo", "commented on issue 5 in gitlab-org/gitlab", "commented on"),
    ]
