"""Every event of the sandbox is gathered exactly once: its own state is walked through in plain loops and held against the store.

Nothing here shares a line with the adapters, the store or the measures' SQL.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports import console, stages
from reports.core.weeks import Window
from reports.demo import Demo
from reports.sandbox.zendesk_state import Comment, FieldChange, TicketUpdate
from tests.integration.organisation import fresh_house
from tests.small_organisation import ENGINEERS, small_organisation

#: What the sandbox calls a field, and what a fact of its change is called.
KINDS = {"status": "status", "assignee_id": "assignee", "group_id": "group", "priority": "priority", "ticket_form_id": "form"}
STEPS = {"activate", "pause", "fulfill", "apply_sla", "breach", "measure"}
#: Whatever else is on a ticket may name a customer.
TAGS = {"account_escalation", "closed_by_merge", "need_handover", "handed_over_to_emea", "handed_over_to_apac"}
PROMISED_DAY = "8900101"
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, Mapping[str, Rows], Window]]:
    """The organisation, the rows of each table as they lie in the files, and the window that was gathered."""
    with small_organisation(tmp_path_factory.mktemp("counted"), weeks=3) as demo:
        house = fresh_house(demo)
        for _ in range(2):  # the second time everything is there already
            reached = stages.gather(house, demo.week, console.silent)
            assert reached.gaps == ()
        since = min(reach.since for reach in reached.coverage if reach.since)
        yield demo, stored(house.store_folder), Window(since, demo.world.now - timedelta(minutes=2))


def stored(folder: Path) -> Mapping[str, Rows]:
    found: dict[str, Rows] = {}
    with duckdb.connect() as connection:
        for table in (folder / "facts").iterdir():
            files = sorted(str(path) for path in table.glob("week=*/*.parquet"))
            if files:
                result = connection.execute("SELECT * FROM read_parquet(?, hive_partitioning = false)", [files])
                names = [column[0] for column in result.description or ()]
                found[table.name] = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return found


def moment(row: dict[str, Any], column: str = "at") -> datetime:
    value = row[column]
    assert isinstance(value, datetime)
    return value.replace(tzinfo=UTC)


# --- Zendesk --------------------------------------------------------------------------------------


def test_count__of_tickets(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, window = gathered
    changed = [one for one in demo.world.zendesk.tickets.values() if one.generated_at >= window.start.timestamp()]

    counted = Counter(row["id"] for row in rows["tickets"])
    assert set(counted.values()) == {1}
    assert counted.keys() >= {one.id for one in changed if one.support_type == "agent"}
    assert counted.keys() <= {one.id for one in changed}


def test_count__of_changes_and_comments_of_tickets(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, window = gathered
    happened: Counter[tuple[int, str, int]] = Counter()
    for update in demo.world.zendesk.updates.rows():
        if window.contains(datetime.fromtimestamp(update.at, UTC)):
            happened.update((update.ticket_id, kind, update.at) for kind in kinds_of(update))

    kept = {row["kind"] for row in rows["ticket_events"]}
    counted = Counter((row["ticket_id"], row["kind"], int(moment(row).timestamp())) for row in rows["ticket_events"])

    assert kept >= {"assignee", "status", "comment"}
    assert only(counted, {*KINDS.values(), "comment"}) == only(happened, kept)
    assert sum(happened.values()) > 500


def kinds_of(update: TicketUpdate) -> Iterator[str]:
    for child in update.children:
        if isinstance(child, Comment):
            yield "comment"
        elif isinstance(child, FieldChange) and child.field in KINDS and not (update.created and child.value is None):
            yield KINDS[child.field]


def only(counted: Counter[tuple[int, str, int]], kinds: set[str]) -> Counter[tuple[int, str, int]]:
    return Counter({key: count for key, count in counted.items() if key[1] in kinds})


def test_count__of_tags_put_on_and_taken_off(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, window = gathered
    happened: Counter[tuple[int, int, str | None, str | None]] = Counter()
    for update, change in changes_of("tags", demo, window):
        before, after = (set(str(words or "").split()) & TAGS for words in (change.previous, change.value))
        happened.update((update.ticket_id, update.at, None, tag) for tag in after - before)
        happened.update((update.ticket_id, update.at, tag, None) for tag in before - after)

    assert old_and_new("tag", rows) == happened
    assert {tag for *_, tag in happened} >= {"closed_by_merge", "need_handover"}


def test_count__of_promised_next_updates(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, window = gathered
    happened = Counter(
        (update.ticket_id, update.at, change.previous, change.value) for update, change in changes_of(PROMISED_DAY, demo, window)
    )

    assert old_and_new("next_update", rows) == happened
    assert len(happened) > 10


def changes_of(field: str, demo: Demo, window: Window) -> Iterator[tuple[TicketUpdate, FieldChange]]:
    updates = [one for one in demo.world.zendesk.updates.rows() if window.contains(datetime.fromtimestamp(one.at, UTC))]
    for update in updates:
        changes = [child for child in update.children if isinstance(child, FieldChange)]
        yield from ((update, change) for change in changes if change.field == field)


def old_and_new(kind: str, rows: Mapping[str, Rows]) -> Counter[tuple[int, int, str | None, str | None]]:
    found = [row for row in rows["ticket_events"] if row["kind"] == kind]
    return Counter((row["ticket_id"], int(moment(row).timestamp()), row["old"], row["new"]) for row in found)


def test_count__of_satisfaction_ratings(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, window = gathered
    happened = [
        (str(rating.id), rating.ticket_id, rating.score, rating.assignee_id, rating.rated_at)
        for rating in demo.world.zendesk.promises.ratings
        if rating.score != "offered" and window.start.timestamp() <= rating.rated_at <= demo.world.now.timestamp()
    ]

    found = [
        (row["id"], row["ticket_id"], row["score"], row["assignee_id"], int(moment(row).timestamp()))
        for row in rows["satisfaction_ratings"]
    ]
    assert sorted(found) == sorted(happened)
    assert len(happened) > 5


def test_count__of_schedules_and_their_holidays(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, _ = gathered
    happened = [
        (
            schedule.id,
            [opens for opens, _ in schedule.intervals],
            [closes for _, closes in schedule.intervals],
            sorted(f"{holiday.first}/{holiday.last}" for holiday in schedule.holidays),
        )
        for schedule in demo.world.zendesk.promises.schedules
    ]

    found = [(row["schedule_id"], row["opens"], row["closes"], row["holidays"]) for row in rows["business_hours"]]
    assert sorted(found) == sorted(happened)
    assert any(holidays for *_, holidays in happened)


def test_count__of_steps_of_metrics(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, window = gathered
    happened = {
        step.id
        for step in demo.world.zendesk.metric_events.rows()
        if step.type in STEPS and window.contains(datetime.fromtimestamp(step.at, UTC))
    }

    assert sorted(row["id"] for row in rows["ticket_metric_events"]) == sorted(happened)


def test_count__of_the_lists_of_the_desk(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, _ = gathered
    zendesk = demo.world.zendesk

    assert sorted(row["id"] for row in rows["agents"]) == sorted(u.id for u in zendesk.users.values() if u.role != "end-user")
    assert sorted(row["id"] for row in rows["agent_groups"]) == sorted(group.id for group in zendesk.groups)
    assert sorted(row["id"] for row in rows["agent_group_memberships"]) == sorted(one.id for one in zendesk.group_memberships)
    assert sorted(row["id"] for row in rows["custom_statuses"]) == sorted(status.id for status in zendesk.custom_statuses)


# --- GitLab ---------------------------------------------------------------------------------------


def test_count__of_merged_merge_requests(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, window = gathered
    happened = []
    for project in demo.world.gitlab.projects.values():
        for request in project.merge_requests.values():
            author = demo.world.gitlab.users[request.author_id].username
            if author in ENGINEERS and request.merged_at and window.contains(request.merged_at):
                happened.append((project.path, request.iid, request.merged_at))

    assert sorted((row["project"], row["iid"], moment(row, "merged_at")) for row in rows["merge_requests"]) == sorted(happened)
    assert len(happened) > 10


@pytest.mark.parametrize(("area", "place"), [("product", "gitlab-org/"), ("pairing", "acme/support/support-pairing")])
def test_count__of_issues_that_were_opened(gathered: tuple[Demo, Mapping[str, Rows], Window], area: str, place: str) -> None:
    demo, rows, window = gathered
    happened = []
    for project in demo.world.gitlab.projects.values():
        for issue in project.issues.values():
            author = demo.world.gitlab.users[issue.author_id].username
            is_ours = area == "pairing" or author in ENGINEERS
            if project.path.startswith(place) and is_ours and is_plain(issue) and window.contains(issue.created_at):
                happened.append((project.path, issue.iid))

    assert sorted((row["project"], row["iid"]) for row in rows["work_items"] if row["area"] == area) == sorted(happened)
    assert len(happened) > 5


def is_plain(issue: Any) -> bool:
    """Whether it is an issue and no task or incident."""
    return bool(issue.issue_type == "issue")


def test_count__of_training_issues_that_were_closed(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, window = gathered
    happened = [
        issue.iid
        for issue in demo.world.gitlab.projects["acme/support/support-training"].issues.values()
        if issue.closed_at and window.contains(issue.closed_at)
    ]

    found = [row for row in rows["work_items"] if row["area"] == "training" and row["closed_at"]]
    assert sorted(row["iid"] for row in found if window.contains(moment(row, "closed_at"))) == sorted(happened)


def test_count__of_labels_and_states_of_attention_requests(gathered: tuple[Demo, Mapping[str, Rows], Window]) -> None:
    demo, rows, _ = gathered
    happened: Counter[tuple[str, str, datetime]] = Counter()
    for issue in demo.world.gitlab.projects["acme/support/ticket-attention-requests"].issues.values():
        for event in issue.label_events:
            happened[("label_added" if event.action == "add" else "label_removed"), event.label, event.at] += 1
        for change in issue.state_events:
            happened[change.state, "", change.at] += 1

    assert Counter((row["kind"], row["label"], moment(row)) for row in rows["work_item_events"]) == happened
