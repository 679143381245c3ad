"""What the engine counts by person and day against the events it shows, counted in plain Python."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb
import pytest

from reports.core.facts import MergeRequest, TicketEvent
from reports.core.measurements import Counted
from reports.core.model import Aggregation
from reports.core.weeks import DayRange, Week, week_window
from reports.measures.engine import DuckdbMeasures
from reports.measures.local_days import local_day
from tests.judging import tallied
from tests.unit.measures.conftest import TEAM

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured

WriteMeasure = Callable[[str, str], Path]
HEADER = """-- name: {name}
-- title: {name}
-- unit: things
-- kind: {kind}
-- direction: none
-- privacy: P1
-- streams: gitlab.merge_requests
-- source: GitLab
-- definition: A test.
-- category: project
-- scope: {scope}
SELECT author AS engineer, merged_at AS at, iid % 2 AS value, url, title AS note, project AS category{more} FROM merge_requests
"""
KINDS = tuple(Aggregation)


def merge_requests(count: int) -> list[MergeRequest]:
    chance = random.Random(7)
    return [
        MergeRequest(
            id=f"gid://{number}",
            area="product",
            project=chance.choice(["acme/one", "acme/two"]),
            iid=number,
            author=chance.choice(["ada", "BO", "cy", "stranger"]),
            title=f"Change {number}",
            url=f"https://gitlab.example.com/{number}",
            labels=("documentation",),
            merged_at=datetime(2026, 10, 12, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 40)),
        )
        for number in range(count)
    ]


def comments(count: int) -> list[TicketEvent]:
    chance = random.Random(8)
    return [
        TicketEvent(
            id=number,
            ticket_id=chance.randrange(20),
            at=datetime(2026, 10, 12, tzinfo=UTC) + timedelta(hours=chance.randrange(24 * 40)),
            actor_id=chance.choice([1, 2, 22, 99, None]),
            kind="comment",
            old=None,
            new=chance.choice(["public", "internal"]),
            created=False,
        )
        for number in range(count)
    ]


@pytest.fixture
def every_kind(measure_file: WriteMeasure) -> Path:
    for kind in KINDS:
        measure_file(f"own_{kind}", HEADER.format(name=f"own_{kind}", kind=kind, scope="engineer", more=""))
        more = ", CASE WHEN iid % 3 = 0 THEN 'EMEA' END AS region"
        folder = measure_file(f"all_{kind}", HEADER.format(name=f"all_{kind}", kind=kind, scope="organisation", more=more))
    return folder


def test_tallies__come_to_the_same_as_the_events_counted_in_python(measured: "Measured", every_kind: Path) -> None:
    measured.put(*merge_requests(300), *comments(300))
    measures = DuckdbMeasures(measured.store, [every_kind]).catalogue()
    engine = measured.tallies(more_measures=[every_kind])
    plain = tallied(measured.evidence(more_measures=[every_kind]), TEAM.zone, measures)

    spans = [*(DayRange(week.first_day, week.last_day) for week in Week(2026, 47).back_to(6)), days_of_october()]
    for person, measure, days in product(["ada", "bo", "cy", ""], measures, spans):
        found, expected = (tallies.counted(person, measure.name, days) for tallies in (engine, plain))
        assert (found.cases, fsum(found.amounts)) == (expected.cases, fsum(expected.amounts))
        if measure.kind in (Aggregation.SUM, Aggregation.MEDIAN, Aggregation.P90):
            assert sorted(found.amounts) == sorted(expected.amounts)
        assert cells(engine.by_category(person, measure.name, days)) == cells(plain.by_category(person, measure.name, days))


def days_of_october() -> DayRange:
    return DayRange(date(2026, 10, 15), date(2026, 10, 31))


def cells(found: Mapping[tuple[str, str], Counted]) -> dict[tuple[str, str], tuple[int, float]]:
    return {cell: (counted.cases, fsum(counted.amounts)) for cell, counted in found.items()}


def test_tallies__nobodys_are_counted_only_of_the_organisation(measured: "Measured", every_kind: Path) -> None:
    measured.put(*merge_requests(100))
    tallies = measured.tallies(more_measures=[every_kind])
    year = DayRange(date(2026, 1, 1), date(2026, 12, 31))

    strangers = sum(one.author == "stranger" for one in merge_requests(100))
    assert tallies.counted("", "all_count", year).cases == strangers > 0
    assert tallies.counted("", "own_count", year).cases == 0
    assert set(tallies.by_region("", "all_count", year)) == {"", "EMEA"}


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "UTC"])
def test_local_day__is_that_of_the_calendar_on_the_wall(zone: str) -> None:
    there, window = ZoneInfo(zone), week_window(Week(2026, 46), ZoneInfo(zone))
    start = datetime(2024, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(minutes=37 * n) for n in range(50_000)]

    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        connection.execute(f"CREATE MACRO local_day(moment) AS {local_day(there, window)}")
        plain = [moment.replace(tzinfo=None) for moment in moments]
        rows = connection.execute("SELECT local_day(m) FROM (SELECT unnest($moments::TIMESTAMP[]) AS m)", {"moments": plain})
        found = [day for (day,) in rows.fetchall()]

    assert found == [moment.astimezone(there).date() for moment in moments]
