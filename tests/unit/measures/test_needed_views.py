from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.core.weeks import DayRange
from reports.errors import ConfigError
from reports.measures.engine import DuckdbMeasures
from reports.measures.needed_views import needed_views
from tests.unit.measures.conftest import TEAM, YEAR
from tests.unit.measures.ticket_stories import MONDAY, agents, assigned, opened, reply, status, ticket

if TYPE_CHECKING:
    from tests.unit.measures.conftest import Measured

VIEWS = """
-- Talks about reversed_words, which it does not use.
CREATE TEMP TABLE words AS SELECT word FROM stored_words;
CREATE TYPE first_letter AS ENUM (SELECT DISTINCT left(word, 1) FROM words);
CREATE TEMP VIEW Reversed_Words AS SELECT reverse(word) AS word FROM words;
SET VARIABLE longest = (SELECT max(length(word)) FROM reversed_words);
CREATE TEMP MACRO is_long(word) AS length(word) = getvariable('longest');
"""


@pytest.mark.parametrize(
    ("queries", "needed"),
    [
        ([], []),
        (["SELECT 1 FROM numbers"], []),
        (["SELECT word FROM words"], ["words"]),
        (["SELECT CAST(name AS FIRST_LETTER) FROM people"], ["words", "first_letter"]),
        (["SELECT word FROM reversed_words", "FROM words"], ["words", "Reversed_Words"]),
        (["SELECT is_long(name) FROM people"], ["words", "Reversed_Words", "longest", "is_long"]),
    ],
)
def test_needed_views__are_those_used_and_what_these_use(queries: list[str], needed: list[str]) -> None:
    statements = needed_views(VIEWS, queries).statements

    assert [statement.partition(" AS ")[0].partition(" = ")[0].partition("(")[0].split()[-1] for statement in statements] == needed


def test_needed_views__tell_which_facts_are_read() -> None:
    assert "stored_words" in needed_views(VIEWS, ["FROM reversed_words"]).words
    assert "stored_words" not in needed_views(VIEWS, ["FROM people"]).words


def test_measuring__of_some_measures_gives_these_as_measuring_all_does(measured: "Measured") -> None:
    measured.put(*agents(), ticket(), *opened(), assigned(1, None, 1), reply(2), status(3, "new", "solved"))
    engine, days = DuckdbMeasures(measured.store), DayRange(MONDAY.date(), MONDAY.date())
    everything = measured.tallies()

    for name in ("new_tickets", "public_comments", "solved_tickets", "docs_updates"):
        with engine.measuring(TEAM, YEAR, [name]) as measuring:
            tallies = measuring.tallies()
        assert tallies.counted("ada", name, days) == everything.counted("ada", name, days)
        assert [row.measure for row in measured.of(name)] == [name] * tallies.counted("ada", name, days).cases


@pytest.mark.parametrize("name", [measure.name for measure in DuckdbMeasures(Path()).catalogue()])
def test_measuring__of_any_one_measure_needs_no_other(measured: "Measured", name: str) -> None:
    measured.put(*agents(), ticket(), *opened(), reply(2))

    with DuckdbMeasures(measured.store, settings=measured.settings).measuring(TEAM, YEAR, [name]) as measuring:
        assert {row.measure for row in measuring.evidence()} <= {name}


def test_measuring__of_one_measure_opens_no_file_from_it(measured: "Measured", tmp_path: Path) -> None:
    folder = tmp_path / "more"
    (folder / "family").mkdir(parents=True)
    (folder / "family" / "peeking.sql").write_text(PEEKING, encoding="utf-8")
    measured.put(*agents(), ticket(), *opened(), reply(2))

    with (
        DuckdbMeasures(measured.store, [folder]).measuring(TEAM, YEAR, ["peeking"]) as measuring,
        pytest.raises(ConfigError, match=r"peeking\.sql"),
    ):
        measuring.tallies()


PEEKING = """-- name: peeking
-- title: Peeking
-- unit: rows
-- kind: count
-- direction: none
-- privacy: P3
-- streams: zendesk.ticket_events
-- source: Zendesk
-- definition: Asks for the events as they are stored.
SELECT 'ada' AS engineer, "at", 1 AS value, '' AS url, '' AS note FROM stored_ticket_events
"""
