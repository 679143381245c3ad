"""The store of facts on a real disk: what is kept, what a crash leaves, what a damaged folder says."""

import dataclasses
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.adapters.parquet_store import ParquetStore
from reports.core.facts import Fact, MergeRequest, Ticket, TicketEvent, WorkItem
from reports.core.model import Coverage
from reports.errors import StoreError
from reports.ports import Page

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
EVENTS, TICKETS = "zendesk.ticket_events", "zendesk.tickets"


def event(number: int, **fields: Any) -> TicketEvent:
    plain = TicketEvent(
        id=number,
        ticket_id=7,
        at=MONDAY + timedelta(hours=number),
        actor_id=None,
        kind="comment",
        old=None,
        new="public",
        created=False,
    )
    return dataclasses.replace(plain, **fields)


def ticket(number: int, **fields: Any) -> Ticket:
    plain = Ticket(
        id=number,
        url=f"https://acme.zendesk.example.com/agent/tickets/{number}",
        status="open",
        priority="",
        ticket_form="saas",
        assignee_id=None,
        tags=("a", 'quote " and \u2028 and \\'),
        created_at=MONDAY,
        solved_at=None,
        seen_at=MONDAY,
    )
    return dataclasses.replace(plain, **fields)


def page(facts: Sequence[Fact], cursor: str = "c1", until: datetime | None = MONDAY, stream: str = EVENTS) -> Page:
    return Page(stream=stream, facts=facts, cursor=cursor, until=until)


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """Every merged row, doubles too, as a reader without our code would see it."""
    files = sorted(str(path) for path in folder.glob(f"facts/{table}/*/*.parquet"))
    if not files:
        return []
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?, hive_partitioning = false) ORDER BY ALL", [files])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def ids(folder: Path, table: str = "ticket_events") -> list[int]:
    return [row["id"] for row in rows(folder, table)]


# --- keeping ----------------------------------------------------------------------------------


def test_store__a_new_one_knows_nothing_and_makes_no_folder(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path / "store")

    assert (store.coverage(), store.cursor(EVENTS)) == ({}, None)
    assert not (tmp_path / "store").exists()


def test_store__a_page_moves_cursor_and_reach(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.start(EVENTS, MONDAY)
    store.commit(page([event(1)], "c1", MONDAY + timedelta(hours=1)))

    again = ParquetStore(tmp_path)

    assert again.cursor(EVENTS) == "c1"
    assert again.coverage() == {EVENTS: Coverage(stream=EVENTS, since=MONDAY, until=MONDAY + timedelta(hours=1))}


def test_store__the_reach_never_shrinks(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    for until in (MONDAY + timedelta(days=2), None, MONDAY):
        store.commit(page([], until=until))

    assert store.coverage()[EVENTS].until == MONDAY + timedelta(days=2)


def test_store__every_kind_of_fact_comes_back_as_it_went_in(tmp_path: Path) -> None:
    lisbon = datetime.fromisoformat("2026-07-06T00:30:00.25+01:00")
    merge_request = MergeRequest(
        id="gid://1",
        area="product",
        project="gitlab-org/gitlab",
        iid=1,
        author="ada",
        title="/close | `x` 'quoted' \U0001f600",
        url="https://gitlab.example.com/1",
        labels=("documentation", "a,b"),
        merged_at=lisbon,
    )
    work_item = WorkItem(
        id="gid://2",
        area="pairing",
        project="acme/support/support-pairing",
        iid=2,
        author="bot",
        assignees=("ada", "bo"),
        title="",
        url="https://gitlab.example.com/2",
        labels=(),
        created_at=MONDAY,
        closed_at=None,
    )
    facts: dict[str, Fact] = {
        "merge_requests": merge_request,
        "work_items": work_item,
        "tickets": ticket(3, assignee_id=4410001, solved_at=MONDAY),
        "ticket_events": event(4, old="1", actor_id=4410001),
    }
    store = ParquetStore(tmp_path)
    store.commit(page(list(facts.values())))
    store.compact()

    for table, fact in facts.items():
        (row,) = rows(tmp_path, table)
        assert row == _stored(fact) | {"sequence": 1}


def _stored(fact: Fact) -> dict[str, Any]:
    """The row of a fact: times in UTC without saying so, tuples as lists."""

    def column(value: object) -> object:
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None)
        return list(value) if isinstance(value, tuple) else value

    return {name: column(value) for name, value in dataclasses.asdict(fact).items()}


def test_store__a_problem_is_remembered_and_cleared(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.report_problem(EVENTS, "no answer")
    assert store.coverage()[EVENTS] == Coverage(stream=EVENTS, since=None, until=None, problem="no answer")

    store.report_problem(EVENTS, "")
    assert store.coverage()[EVENTS].problem == ""


def test_store__what_is_hidden_from_the_token_stays_until_a_page_tells_anew(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    first = page([])
    store.commit(dataclasses.replace(first, blind_spots=("a role is too low",)))
    store.commit(first)

    assert ParquetStore(tmp_path).coverage()[EVENTS].blind_spots == ("a role is too low",)
    store.commit(dataclasses.replace(first, blind_spots=()))
    assert ParquetStore(tmp_path).coverage()[EVENTS].blind_spots == ()


def test_start__forgets_a_stream_with_its_facts_and_no_other(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1)]))
    store.compact()
    store.commit(page([event(2)]))
    store.commit(page([ticket(1)], stream=TICKETS))

    store.start(EVENTS, MONDAY)
    store.compact()

    assert (ids(tmp_path), ids(tmp_path, "tickets")) == ([], [1])
    assert store.cursor(EVENTS) is None
    assert store.coverage()[EVENTS] == Coverage(stream=EVENTS, since=MONDAY, until=None)


# --- crashes ----------------------------------------------------------------------------------


def test_commit__a_killed_run_continues_after_its_last_page(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.start(EVENTS, MONDAY)
    store.commit(page([event(1)], "c1"))
    store.commit(page([event(2)], "c2", until=MONDAY + timedelta(days=1)))

    killed = ParquetStore(tmp_path)
    assert killed.cursor(EVENTS) == "c2"
    assert killed.coverage()[EVENTS] == Coverage(stream=EVENTS, since=MONDAY, until=MONDAY + timedelta(days=1))
    killed.commit(page([event(3)], "c3"))
    killed.compact()

    assert ids(tmp_path) == [1, 2, 3]
    assert ParquetStore(tmp_path).cursor(EVENTS) == "c3"


def test_commit__a_page_without_rows_moves_the_cursor_too(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.start(EVENTS, MONDAY)
    store.commit(page([event(1)], "c1"))
    store.commit(page([], "c2"))
    assert ParquetStore(tmp_path).cursor(EVENTS) == "c2"

    store.report_problem(EVENTS, "no answer")
    assert (store.cursor(EVENTS), ParquetStore(tmp_path).cursor(EVENTS)) == ("c2", "c2")


def test_commit__rows_and_cursor_come_to_the_disk_in_one_file(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.start(EVENTS, MONDAY)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    store.commit(page([event(1), event(2)], "c1"))

    changed = [path.name for path in tmp_path.rglob("*") if path.is_file() and before.get(path) != path.read_bytes()]
    assert changed == [f"{EVENTS}-00000001.ndjson"]


def test_crash__between_two_files_of_a_page_replays_into_the_same_files(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.start(EVENTS, MONDAY)
    store.commit(page([event(1)], "c1"))
    store.commit(page([event(2), event(3), ticket(1)], "c2"))
    (carrying,) = tmp_path.glob(f"facts/tickets/new/{EVENTS}-*")
    carrying.unlink()

    again = ParquetStore(tmp_path)
    assert again.cursor(EVENTS) == "c1"
    again.commit(page([event(2), event(3), event(4), ticket(1)], "c2"))

    assert len(list(tmp_path.glob("facts/ticket_events/new/*"))) == 2
    again.compact()
    assert (ids(tmp_path), ids(tmp_path, "tickets")) == ([1, 2, 3, 4], [1])


def test_crash__during_compaction_leaves_doubles_and_no_gap(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1), event(200)]))
    pages = {path: path.read_bytes() for path in tmp_path.glob("facts/*/new/*.ndjson")}
    store.compact()
    for path, content in pages.items():
        path.write_bytes(content)

    store.compact()

    assert ids(tmp_path) == [1, 200]


def test_crash__while_a_stream_is_forgotten_forgets_it_again(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.start(EVENTS, MONDAY)
    store.commit(page([event(1)], "c1"))
    (tmp_path / "facts" / "ticket_events" / "new" / f"{EVENTS}-00000000.ndjson").mkdir()  # which cannot be removed like a file

    with pytest.raises(StoreError):
        store.start(EVENTS, MONDAY - timedelta(days=7))

    assert store.coverage()[EVENTS].since is None


def test_crash__a_replay_after_a_compaction_keeps_what_was_merged(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.start(EVENTS, MONDAY)
    before = (tmp_path / "streams" / f"{EVENTS}.json").read_bytes()
    store.commit(page([event(1), event(2)]))
    store.compact()
    (tmp_path / "streams" / f"{EVENTS}.json").write_bytes(before)

    ParquetStore(tmp_path).commit(page([event(2), event(3)]))
    store.compact()

    assert ids(tmp_path) == [1, 2, 3]


def test_crash__drafts_are_not_read(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1)]))
    (tmp_path / "facts" / "ticket_events" / "new" / f"{EVENTS}-00000002.draft").write_bytes(b'{"id":')
    (tmp_path / "streams" / "half.draft").write_bytes(b"{")

    assert set(store.coverage()) == {EVENTS}
    store.compact()
    assert ids(tmp_path) == [1]


# --- compaction -------------------------------------------------------------------------------


def test_compact__gathers_rows_by_week_each_once(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    new_year = event(3, at=datetime(2027, 1, 1, tzinfo=UTC))
    store.commit(page([event(1), event(2), new_year]))
    store.commit(page([event(2), event(170)]))

    store.compact()

    weeks = {path.parent.name: path.name for path in tmp_path.glob("facts/ticket_events/week=*/*")}
    assert weeks == dict.fromkeys(["week=2026-W46", "week=2026-W47", "week=2026-W53"], f"{EVENTS}.parquet")
    assert sorted(ids(tmp_path)) == [1, 2, 3, 170]
    assert list(tmp_path.glob("facts/*/new/*")) == []


def test_compact__keeps_the_version_seen_last_of_a_ticket(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([ticket(1, status="solved", seen_at=MONDAY + timedelta(hours=2))], stream=TICKETS))
    store.compact()
    store.commit(page([ticket(1, status="open", seen_at=MONDAY + timedelta(hours=1))], stream=TICKETS))
    store.compact()

    assert [row["status"] for row in rows(tmp_path, "tickets")] == ["solved"]


def test_compact__keeps_the_version_committed_last_where_nothing_else_tells(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    for status in ("open", "solved"):
        store.commit(page([ticket(1, status=status)], stream=TICKETS))
    store.compact()

    assert [row["status"] for row in rows(tmp_path, "tickets")] == ["solved"]


def test_compact__two_changes_in_one_event_stay_two(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1, kind="status", new="open"), event(1, kind="assignee", new="5")]))
    store.compact()

    assert sorted(row["kind"] for row in rows(tmp_path, "ticket_events")) == ["assignee", "status"]


def test_compact__rows_of_a_file_lie_in_the_order_of_their_key(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([ticket(3), ticket(1)], stream=TICKETS))
    store.compact()
    store.commit(page([ticket(2), ticket(3)], stream=TICKETS))
    store.compact()

    assert in_the_file(tmp_path, "tickets", "id") == [(1,), (2,), (3,)]


def test_compact__events_lie_by_kind_and_within_a_kind_ticket_by_ticket(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    status, comment = {"kind": "status"}, {"kind": "comment"}
    store.commit(page([event(4, ticket_id=8, **status), event(1, ticket_id=9, **comment), event(2, ticket_id=8, **comment)]))
    store.compact()
    store.commit(page([event(3, ticket_id=9, **status), event(5, ticket_id=8, **comment), event(6, ticket_id=8, **status)]))
    store.compact()

    assert in_the_file(tmp_path, "ticket_events", "kind, ticket_id, id") == [
        ("comment", 8, 2),
        ("comment", 8, 5),
        ("comment", 9, 1),
        ("status", 8, 4),
        ("status", 8, 6),
        ("status", 9, 3),
    ]


def in_the_file(folder: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table's only file, row after row as they lie there."""
    (path,) = folder.glob(f"facts/{table}/week=*/*.parquet")
    with duckdb.connect() as connection:
        rows = "read_parquet(?, file_row_number = true, hive_partitioning = false)"
        return connection.execute(f"SELECT {columns} FROM {rows} ORDER BY file_row_number", [str(path)]).fetchall()


def test_compact__leaves_nothing_beside_the_files_of_the_weeks(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1)]))

    store.compact()
    store.compact()

    (path,) = (path for path in (tmp_path / "facts").rglob("*") if path.is_file())
    assert path.relative_to(tmp_path) == Path(f"facts/ticket_events/week=2026-W46/{EVENTS}.parquet")


def test_compact__several_threads_commit_their_streams_at_once(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)

    def gather(number: int) -> None:
        for each in range(20):
            store.commit(page([event(100 * number + each)], str(each), stream=f"zendesk.stream_{number}"))

    with ThreadPoolExecutor() as threads:
        list(threads.map(gather, range(4)))
    store.compact()

    assert ids(tmp_path) == [100 * number + each for number in range(4) for each in range(20)]
    assert {store.cursor(f"zendesk.stream_{number}") for number in range(4)} == {"19"}


# --- damage -----------------------------------------------------------------------------------


def test_damage__a_stream_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1)]))
    path = tmp_path / "streams" / f"{EVENTS}.json"
    path.write_bytes(path.read_bytes()[:20])

    with pytest.raises(StoreError, match="cannot be read") as caught:
        store.coverage()
    assert str(path) in caught.value.message
    assert "Delete that file" in caught.value.hint


def test_damage__a_store_of_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "store.json").write_text(json.dumps({"format": 99}))
    store = ParquetStore(tmp_path)

    for use in (store.coverage, lambda: store.cursor(EVENTS), lambda: store.start(EVENTS, MONDAY)):
        with pytest.raises(StoreError, match="format 99"):
            use()
    assert [path.name for path in tmp_path.iterdir()] == ["store.json"]


def older_store(folder: Path) -> None:
    """What version 0.1 left behind, and a week that was published."""
    for name, content in {
        "store.json": '{"format": 1}',
        f"streams/{EVENTS}.json": '{"stream": "zendesk.ticket_events", "cursor": "c7"}',
        f"facts/ticket_events/week=2026-W46/{EVENTS}.parquet": "PAR1",
        "runs/2026-W46/published.json": "{}",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


def test_renew__an_older_store_is_forgotten_but_not_what_was_published(tmp_path: Path) -> None:
    older_store(tmp_path)
    store = ParquetStore(tmp_path)

    said = store.renew()

    assert said == "the store was of format 1, written by an older version: everything is gathered anew"
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        "runs/2026-W46/published.json",
        "store.json",
    ]
    assert (store.coverage(), store.renew()) == ({}, "")


def test_set_out_from__says_so_where_an_older_shard_cannot_be_removed(tmp_path: Path) -> None:
    older = ParquetStore(tmp_path / "older")
    older.commit(page([event(1)]))
    (tmp_path / "shard").symlink_to(tmp_path / "older")

    with pytest.raises(StoreError):
        ParquetStore(tmp_path / "shard").set_out_from(ParquetStore(tmp_path / "store"))


def test_renew__a_store_of_this_version_is_kept(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1)]))

    assert store.renew() == ""
    assert store.cursor(EVENTS) == "c1"


def test_damage__an_older_store_is_not_read_before_it_was_gathered_anew(tmp_path: Path) -> None:
    older_store(tmp_path)
    store = ParquetStore(tmp_path)

    for use in (store.coverage, store.compact, lambda: store.commit(page([event(1)]))):
        with pytest.raises(StoreError, match="format 1") as caught:
            use()
        assert "support-reports gather" in caught.value.hint


def test_damage__a_truncated_page_is_found_when_it_is_merged(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1)]))
    (path,) = tmp_path.glob("facts/*/new/*.ndjson")
    path.write_bytes(path.read_bytes()[:-10])

    with pytest.raises(StoreError, match=path.name):
        store.compact()
    assert path.exists()


def test_damage__a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    with pytest.raises(StoreError) as caught:
        ParquetStore(blocked / "store").start(EVENTS, MONDAY)
    assert "--store" in caught.value.hint


def test_stream__a_name_that_could_leave_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the name of a stream"):
        ParquetStore(tmp_path).cursor("../elsewhere")


# --- without one person -----------------------------------------------------------------------------


def anonymous(fact: Fact) -> Fact | None:
    """Ticket 8 goes; whoever did something becomes somebody."""
    if isinstance(fact, Ticket):
        return None if fact.id == 8 else fact
    return dataclasses.replace(fact, actor_id=0) if isinstance(fact, TicketEvent) and fact.actor_id == 41 else fact


def test_rewrite__changes_rows_in_pages_and_in_weeks_and_keeps_the_rest(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1, actor_id=41), event(2, actor_id=7, old="é \u2028")]))
    store.commit(page([ticket(7), ticket(8)], stream=TICKETS))
    store.compact()
    store.commit(page([event(3, actor_id=41)], cursor="c2"))

    assert store.rewrite(anonymous) == 3
    assert store.rewrite(anonymous) == 0

    kept = sorted(store.facts(), key=lambda fact: (type(fact).__name__, getattr(fact, "id", 0)))
    assert kept == [ticket(7), event(1, actor_id=0), event(2, actor_id=7, old="é \u2028"), event(3, actor_id=0)]
    assert store.cursor(EVENTS) == "c2"


def test_rewrite__after_a_crash_goes_on_and_leaves_no_scraps(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(page([event(1, actor_id=41)]))
    store.commit(page([event(2, actor_id=41, at=MONDAY + timedelta(days=21))], cursor="c2"))
    seen: list[Fact] = []

    def crashing(fact: Fact) -> Fact | None:
        seen.append(fact)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return anonymous(fact)

    with pytest.raises(KeyboardInterrupt):
        store.rewrite(crashing)
    scrap = next((tmp_path / "facts").glob("*/new")) / "half.draft"
    scrap.write_text('{"actor_id": 41}', encoding="utf-8")

    assert ParquetStore(tmp_path).rewrite(anonymous) == 1
    assert [row["actor_id"] for row in rows(tmp_path, "ticket_events")] == [0, 0]
    assert not scrap.exists()


def test_commit__of_whom_nothing_may_be_stored_nothing_is(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path, lambda account: account == "zendesk:41")

    store.commit(page([event(1, actor_id=41), event(2, actor_id=7)]))
    store.compact()

    assert [row["actor_id"] for row in rows(tmp_path, "ticket_events")] == [0, 7]


def test_forget_unknown__takes_a_name_off_the_list_of_a_stream(tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    store.commit(dataclasses.replace(page([]), unknown_people=("iduarte", "jbeck")))

    store.forget_unknown({"iduarte"})

    assert store.coverage()[EVENTS].unknown_people == ("jbeck",)
