import typing
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb
import pytest

from reports.core.facts import TABLES, MergeRequest, Ticket, TicketEvent, WorkItem
from reports.core.shown_events import Wanted
from reports.core.view import Contribution
from reports.core.weeks import DayRange, Week, week_window
from reports.errors import ConfigError, StoreError
from reports.measures.engine import DuckdbMeasures, MeasureSettings
from reports.measures.registry import BUILT_IN
from reports.measures.stored_facts import close_files, opened
from tests.unit.measures.conftest import TEAM, YEAR

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured

WriteMeasure = Callable[[str, str], Path]
HEADER = """-- name: {name}
-- title: A further measure
-- unit: things
-- kind: sum
-- direction: none
-- privacy: P1
-- streams: gitlab.merge_requests
-- source: GitLab
-- definition: A test.
"""
LISBON = ZoneInfo("Europe/Lisbon")


def merged(number: int, author: str = "ada", at: datetime = datetime(2026, 11, 10, tzinfo=UTC)) -> MergeRequest:
    return MergeRequest(
        id=f"gid://{number}",
        area="product",
        project="gitlab-org/gitlab",
        iid=number,
        author=author,
        title=f"Change {number}",
        url=f"https://gitlab.example.com/{number}",
        labels=("documentation", "Support Team Contributions"),
        merged_at=at,
    )


def test_engine__an_empty_store_has_no_evidence_and_no_error(measured: "Measured") -> None:
    assert measured.evidence() == ()
    assert DuckdbMeasures(measured.store).contributions(week_window(Week(2026, 46), LISBON), LISBON) == ()


def test_engine__evidence_is_ordered_by_measure_engineer_and_time(measured: "Measured") -> None:
    later, earlier = datetime(2026, 11, 11, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)
    measured.put(merged(1, "bo", later), merged(2, "bo", earlier), merged(3, "ada", later))

    found = [(row.measure, row.engineer, row.at) for row in measured.evidence()]

    assert found == [
        (measure, *rest)
        for measure in ("docs_updates", "support_contributions")
        for rest in (("ada", later), ("bo", earlier), ("bo", later))
    ]


def test_engine__a_new_measure_is_one_file(measured: "Measured", measure_file: WriteMeasure) -> None:
    sql = "SELECT author AS engineer, merged_at AS at, iid / 2 AS value, url, NULL AS note FROM merge_requests -- half\n"
    folder = measure_file("half_numbers", HEADER.format(name="half_numbers") + sql)
    measured.put(merged(5))

    found = [row for row in measured.evidence(more_measures=[folder]) if row.measure == "half_numbers"]

    assert [(row.engineer, row.value, row.note) for row in found] == [("ada", 2.5, "")]
    assert "half_numbers" in [measure.name for measure in DuckdbMeasures(measured.store, [folder]).catalogue()]


def test_engine__evidence_has_the_category_that_the_header_names(measured: "Measured", measure_file: WriteMeasure) -> None:
    header = HEADER.format(name="by_area").replace("-- source", "-- category: area\n-- source")
    sql = "SELECT author AS engineer, merged_at AS at, 1 AS value, url, '' AS note, area AS category FROM merge_requests"
    folder = measure_file("by_area", header + sql)
    measured.put(merged(5))

    found = [row for row in measured.evidence(more_measures=[folder]) if row.measure == "by_area"]

    assert [(row.engineer, row.category, row.region) for row in found] == [("ada", "product", "")]


def test_engine__what_the_organisation_counts_may_be_nobodys(measured: "Measured", measure_file: WriteMeasure) -> None:
    header = HEADER.format(name="everything").replace("-- source", "-- scope: organisation\n-- source")
    sql = """SELECT nullif(author, 'bo') AS engineer, merged_at AS at, 1 AS value, url, '' AS note,
        CASE WHEN iid = 3 THEN 'EMEA' END AS region FROM merge_requests"""
    folder = measure_file("everything", header + sql)
    measured.put(merged(1), merged(2, "bo"), merged(3, "stranger"))

    found = [row for row in measured.evidence(more_measures=[folder]) if row.measure == "everything"]

    assert [(row.engineer, row.region, row.url[-1]) for row in found] == [("", "", "2"), ("", "EMEA", "3"), ("ada", "", "1")]


def test_engine__measures_may_ask_for_the_settings(measured: "Measured", measure_file: WriteMeasure) -> None:
    sql = """SELECT author AS engineer, merged_at AS at, len(getvariable('escalation_tags')) AS value, url, '' AS note
        FROM merge_requests WHERE list_contains(labels, getvariable('contributions_label'))"""
    folder = measure_file("asked", HEADER.format(name="asked") + sql)
    measured.put(merged(1))

    engine = DuckdbMeasures(measured.store, [folder], MeasureSettings(escalation_tags=("escalated", "star")))

    with engine.measuring(TEAM, YEAR) as measuring:
        assert [row.value for row in measuring.evidence() if row.measure == "asked"] == [2.0]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT nothing FROM merge_requests", "nothing"),
        ("SELECT 'ada' AS engineer FROM people", '"at"'),
        ("SELECT * FROM read_csv('/etc/hostname')", "disabled by configuration"),
        ("FROM stored_ticket_events", "does not exist"),
        ("SELECT FROM WHERE", "syntax error"),
    ],
)
def test_engine__a_query_that_fails_is_named_with_its_file(
    measured: "Measured", measure_file: WriteMeasure, sql: str, reason: str
) -> None:
    folder = measure_file("broken", HEADER.format(name="broken") + sql)

    for ask in (measured.evidence, measured.tallies):
        with pytest.raises(ConfigError, match=r"broken\.sql: the query cannot be run") as caught:
            ask(more_measures=[folder])
        assert reason in caught.value.message


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [("ratio", "0.5", "1 for a case that holds"), ("median", "NULL", "a number"), ("sum", "'nan'::DOUBLE", "a number")],
)
def test_engine__a_value_that_cannot_be_counted_is_refused(
    measured: "Measured", measure_file: WriteMeasure, kind: str, value: str, said: str
) -> None:
    header = HEADER.format(name="broken").replace("kind: sum", f"kind: {kind}")
    sql = f"SELECT author AS engineer, merged_at AS at, {value} AS value, url, NULL AS note FROM merge_requests"
    folder = measure_file("broken", header + sql)
    measured.put(merged(1))

    for ask in (measured.evidence, measured.tallies):
        with pytest.raises(ConfigError, match=r"broken\.sql: a row has the value") as caught:
            ask(more_measures=[folder])
        assert said in caught.value.hint


def test_engine__a_file_that_is_cut_short_is_a_store_error_that_names_it(measured: "Measured") -> None:
    measured.put(merged(1))
    (path,) = measured.store.glob("facts/merge_requests/*/*.parquet")
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(StoreError, match=path.name):
        measured.evidence()


def test_engine__only_what_is_wanted_is_read(measured: "Measured") -> None:
    on_days = [merged(day, who, datetime(2026, 11, day, tzinfo=UTC)) for who in ("ada", "bo") for day in range(9, 13)]
    measured.put(*(replace(one, id=f"{one.author} {one.iid}") for one in on_days))
    days = DayRange(date(2026, 11, 10), date(2026, 11, 11))

    with DuckdbMeasures(measured.store).measuring(TEAM, YEAR) as measuring:
        found = measuring.evidence([Wanted(engineer="bo", measure="docs_updates", days=days)])
        none = measuring.evidence([])

    assert [(row.measure, row.engineer, row.at.day) for row in found] == [("docs_updates", "bo", 10), ("docs_updates", "bo", 11)]
    assert none == ()


def test_engine__downloads_no_extension_and_leaves_nothing_behind(measured: "Measured") -> None:
    measured.put(merged(1))
    with opened(measured.store, "100MiB", TABLES.values()) as connection:
        ((spill, *downloads),) = connection.execute(
            """SELECT current_setting('temp_directory'), current_setting('autoinstall_known_extensions'),
            current_setting('autoload_known_extensions')"""
        ).fetchall()
        close_files(connection, ())
        with pytest.raises(duckdb.Error, match="disabled"):
            connection.execute("INSTALL spatial")
        with pytest.raises(duckdb.Error, match="disabled"):
            connection.execute("COPY people TO '/tmp/people.csv'")
        assert Path(spill).is_dir()

    assert downloads == [False, False]
    assert not Path(spill).exists()


def test_engine__contributions_are_everybodys_with_the_day_of_the_zone(measured: "Measured") -> None:
    sunday_night = datetime(2026, 7, 5, 23, 30, tzinfo=UTC)
    measured.put(merged(2, "stranger", sunday_night), merged(1, "ada", datetime(2026, 7, 14, tzinfo=UTC)))

    found = DuckdbMeasures(measured.store).contributions(week_window(Week(2026, 28), LISBON), LISBON)

    assert found == (
        Contribution(
            merged_on=date(2026, 7, 6),
            project="gitlab-org/gitlab",
            title="Change 2",
            url="https://gitlab.example.com/2",
            labels=("documentation", "Support Team Contributions"),
        ),
    )


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (MergeRequest, "stored_merge_requests"),
        (WorkItem, "stored_work_items"),
        (Ticket, "stored_tickets"),
        (TicketEvent, "stored_ticket_events"),
    ],
)
def test_facts__the_tables_have_the_fields_of_the_core(kind: type, table: str) -> None:
    with duckdb.connect() as connection:
        connection.execute((BUILT_IN / "facts.sql").read_text())
        columns = [name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]

    assert columns == list(typing.get_type_hints(kind))
