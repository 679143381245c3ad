from pathlib import Path

import pytest

from reports.adapters.kept_counts import CountFiles
from reports.core.measurements import NOBODY
from reports.core.retention import CountRow
from reports.core.weeks import Week
from reports.errors import StoreError
from tests.builders import MONDAY, W46, days

PEOPLE = {"new_tickets": frozenset({NOBODY, "iduarte", "jbeck"}), "time_to_resolve": frozenset({NOBODY, "jbeck"})}


def row(person: str, day: int, cases: int, amount: float, name: str = "new_tickets", category: str = "") -> CountRow:
    return CountRow(
        measure=name, person=person, day=MONDAY.toordinal() + day, category=category, region="", cases=cases, amount=amount
    )


ROWS = [
    row("jbeck", 1, 2, 2.0, category="question"),
    row("iduarte", 0, 3, 3.0, category="question"),
    row("iduarte", 2, 1, 1.0, category="incident"),
    row("jbeck", 3, 1, 90.5, "time_to_resolve"),
    row("jbeck", 3, 1, 12.0, "time_to_resolve"),
]


def test_counts__are_read_as_they_were_written(tmp_path: Path) -> None:
    files = CountFiles(tmp_path)
    files.write(W46, PEOPLE, ROWS)

    kept = files.read([W46.plus(-1), W46], W46.report_day)

    assert files.weeks == (W46,)
    assert files.people == {NOBODY, "iduarte", "jbeck"}
    assert kept.weeks == {W46: PEOPLE}
    week = days("2026-11-09", "2026-11-15")
    assert kept.tallies.counted("iduarte", "new_tickets", week).cases == 4
    assert kept.tallies.counted("iduarte", "new_tickets", days("2026-11-10", "2026-11-15")).cases == 1
    assert sorted(kept.tallies.counted("jbeck", "time_to_resolve", week).amounts) == [12.0, 90.5]
    assert {place: c.cases for place, c in kept.tallies.by_category("iduarte", "new_tickets", week).items()} == {
        ("question", ""): 3,
        ("incident", ""): 1,
    }


def test_counts__of_one_person_are_found_and_forgotten_whatever_the_case_of_the_name(tmp_path: Path) -> None:
    files = CountFiles(tmp_path)
    files.write(W46, PEOPLE, ROWS)
    files.write(Week(2026, 45), PEOPLE, [])
    assert len(list(files.rows_of("JBeck"))) == 3

    files.forget("JBeck")

    assert list(files.rows_of("jbeck")) == []
    assert files.people == {NOBODY, "iduarte"}
    assert len(list(files.rows_of("iduarte"))) == 2


def test_counts__without_the_list_of_people_are_none(tmp_path: Path) -> None:
    files = CountFiles(tmp_path)
    files.write(W46, PEOPLE, ROWS)
    (tmp_path / "2026-W46" / "counted.json").unlink()

    assert files.weeks == ()
    assert files.read([W46], W46.report_day).weeks == {}


def test_counts__that_are_damaged_are_named(tmp_path: Path) -> None:
    files = CountFiles(tmp_path)
    files.write(W46, PEOPLE, ROWS)
    (tmp_path / "2026-W46" / "counts.parquet").write_bytes(b"no")

    with pytest.raises(StoreError, match="cannot be used"):
        files.read([W46], W46.report_day)
