from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from reports.core.facts import MergeRequest, WorkItem
from reports.core.weeks import Window

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DOCS, SUPPORT = "documentation", "Support Team Contributions"
_numbers = count(1)


def merged(**fields: Any) -> MergeRequest:
    number = next(_numbers)
    plain: dict[str, Any] = {
        "id": f"gid://{number}",
        "area": "product",
        "project": "gitlab-org/gitlab",
        "iid": number,
        "author": "ada",
        "title": f"Change {number}",
        "url": f"https://gitlab.example.com/{number}",
        "labels": (),
        "merged_at": NOON,
    }
    return MergeRequest(**(plain | fields))


def item(**fields: Any) -> WorkItem:
    number = next(_numbers)
    plain: dict[str, Any] = {
        "id": f"gid://{number}",
        "area": "product",
        "project": "gitlab-org/gitlab",
        "iid": number,
        "author": "ada",
        "assignees": (),
        "title": f"Item {number}",
        "url": f"https://gitlab.example.com/{number}",
        "labels": (),
        "created_at": NOON,
        "closed_at": None,
    }
    return WorkItem(**(plain | fields))


# --- merge requests ---------------------------------------------------------------------------


def test_docs_updates__are_product_merge_requests_with_the_label(measured: "Measured") -> None:
    measured.put(
        merged(labels=(DOCS, "backend"), title="Explain runners"),
        merged(labels=("docs", "Documentation"), title="other labels"),
        merged(labels=(DOCS,), area="handbook", title="handbook"),
        merged(labels=(DOCS,), author="stranger", title="not of the team"),
    )

    assert measured.credits("docs_updates") == [("ada", "Explain runners")]


def test_support_fixes__are_the_contributions_that_are_not_documentation(measured: "Measured") -> None:
    measured.put(
        merged(labels=(SUPPORT, DOCS), title="docs"),
        merged(labels=(SUPPORT,), title="fix", author="bo"),
        merged(labels=(), title="neither"),
    )

    assert measured.credits("support_contributions") == [("ada", "docs"), ("bo", "fix")]
    assert measured.credits("support_fixes") == [("bo", "fix")]


@pytest.mark.parametrize(("measure", "area"), [("handbook_updates", "handbook"), ("training_updates", "training")])
def test_area_updates__are_all_merge_requests_there(measured: "Measured", measure: str, area: str) -> None:
    measured.put(merged(area=area, title="there"), merged(area="product", title="elsewhere"))

    assert measured.credits(measure) == [("ada", "there")]


def test_merge_requests__an_author_is_found_however_the_username_is_spelt(measured: "Measured") -> None:
    measured.put(merged(labels=(DOCS,), author="ADA"))

    assert [row.engineer for row in measured.of("docs_updates")] == ["ada"]


def test_merge_requests__one_without_title_shows_its_reference(measured: "Measured") -> None:
    measured.put(merged(labels=(DOCS,), title="", iid=7))

    assert measured.credits("docs_updates") == [("ada", "gitlab-org/gitlab!7")]


def test_merge_requests__the_version_committed_last_counts(measured: "Measured") -> None:
    measured.put(merged(id="same", labels=(DOCS,)))
    measured.put(merged(id="same", labels=()))

    assert measured.of("docs_updates") == []


def test_evidence__the_window_is_half_open(measured: "Measured") -> None:
    start, end = datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)
    measured.put(
        *(merged(labels=(DOCS,), merged_at=moment, title=str(moment)) for moment in (start, end)),
    )

    (only,) = measured.of("docs_updates", Window(start, end))

    assert (only.at, only.value, only.measure) == (start, 1.0, "docs_updates")


# --- issues -----------------------------------------------------------------------------------


def test_issues_created__belong_to_their_author_when_opened(measured: "Measured") -> None:
    measured.put(item(title="Bug", assignees=("bo",)), item(title="pairing", area="pairing"))

    assert measured.credits("issues_created") == [("ada", "Bug")]


def test_pairing_sessions__belong_to_each_assignee_once(measured: "Measured") -> None:
    measured.put(item(area="pairing", author="pairing-bot", assignees=("bo", "ada", "guest", "ada")))

    assert measured.credits("pairing_sessions") == [
        ("ada", "pairing session with bo, guest"),
        ("bo", "pairing session with ada, guest"),
    ]


def test_pairing_sessions__a_missing_partner_does_not_lose_the_session(measured: "Measured") -> None:
    measured.put(item(area="pairing", assignees=("ada",)), item(area="pairing", assignees=()))

    assert measured.credits("pairing_sessions") == [("ada", "pairing session")]


def test_training_modules__count_when_closed_and_at_that_moment(measured: "Measured") -> None:
    closed = datetime(2026, 11, 12, 9, tzinfo=UTC)
    measured.put(
        item(area="training", title="Runners", assignees=("ada",), closed_at=closed),
        item(area="training", title="still open", assignees=("ada",)),
        item(area="product", title="another area", assignees=("ada",), closed_at=closed),
    )

    assert [(row.engineer, row.note, row.at) for row in measured.of("training_modules")] == [("ada", "Runners", closed)]


def test_accounts__somebody_assigned_by_two_accounts_has_one_session(measured: "Measured") -> None:
    measured.put(item(area="pairing", assignees=("bo-old", "bo", "ada")), merged(author="BO-OLD", title="Change", labels=(DOCS,)))

    assert measured.credits("pairing_sessions") == [("ada", "pairing session with bo"), ("bo", "pairing session with ada")]
    assert measured.credits("docs_updates") == [("bo", "Change")]


def test_attention_requests__one_that_was_closed_by_nobody_knows_whom_is_nobodys(measured: "Measured") -> None:
    closed = datetime(2026, 11, 12, 9, tzinfo=UTC)
    measured.put(
        item(area="attention_request", closed_at=closed, closed_by=""),
        item(area="attention_request", title="Help", closed_at=closed, closed_by="bo"),
    )

    assert measured.credits("attention_requests_handled") == [("bo", "Help")]
