"""A new measure is one SQL file and nothing else: it is in the catalogue, a goal can be agreed on it, and reports show it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from reports.adapters.parquet_store import ParquetStore
from reports.commands.explain import explanation
from reports.core.context import Context
from reports.core.facts import Fact
from reports.core.model import GoalKind, GoalTerms, Period
from reports.core.overrides import NOTHING_SAID
from reports.core.report_views import Desk, engineer_weekly
from reports.core.results import Plan
from reports.core.weeks import DayRange
from reports.jobs import pipeline
from reports.measures.engine import DuckdbMeasures
from reports.measures.registry import catalogue
from reports.ports import Page
from reports.render.renderer import Renderer
from reports.settings.loader import check
from reports.wiring.house import TEMPLATES
from tests.builders import PLACES, W46, agreement, engineer, goal_book, rules, team, utc
from tests.unit.measures.conftest import Measured
from tests.unit.measures.ticket_stories import ADA, MONDAY, opened, reply, ticket
from tests.unit.settings.config_folders import config_folder

SQL = """-- name: long_nights
-- title: Replies at night
-- unit: replies
-- kind: count
-- direction: none
-- privacy: P3
-- streams: zendesk.ticket_events
-- source: Zendesk: ticket events, comments
-- definition: Public comments between midnight and six in the morning, in UTC.
SELECT actor AS engineer, happened_at AS at, 1 AS value, url, concat('at night on ticket ', ticket_id) AS note
FROM ticket_events
WHERE kind = 'comment' AND new = 'public' AND hour(happened_at) < 6
"""


@pytest.fixture
def folder(measure_file: Callable[[str, str], Path]) -> Path:
    return measure_file("long_nights", SQL)


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Desk:
    """The week of Ines, who agreed on at most one reply at night and wrote two."""
    store = ParquetStore(tmp_path / "store")
    for measure in catalogue([folder]):
        for stream in measure.streams:
            store.start(stream, utc("2025-01-01"))
            store.commit(Page(stream=stream, facts=(), cursor="", until=utc("2026-11-17")))
    facts: list[Fact] = [ticket(), *opened(1), reply(2), reply(27), reply(30)]
    store.commit(Page(stream="zendesk.ticket_events", facts=facts, cursor="", until=utc("2026-11-17")))
    goal = GoalTerms(measure="long_nights", target=1, per=Period.WEEK, kind=GoalKind.AT_MOST)
    ines = engineer("iduarte", zendesk_id=ADA)
    plan = Plan(team=team(ines), goals=goal_book(agreement(goal)), context=Context(), rule_sets=(rules(),))
    engine = DuckdbMeasures(tmp_path / "store", [folder])
    results = pipeline.measure(plan, engine, store, W46, {}, NOTHING_SAID)
    return Desk(plan=plan, results=results, places=PLACES, today=(MONDAY + timedelta(days=7)).date(), mention="@support-reports")


def test_new_measure__is_in_the_catalogue_and_a_goal_can_be_agreed_on_it(folder: Path, tmp_path: Path) -> None:
    config = config_folder(tmp_path)
    goals = (config / "goals.yml").read_text(encoding="utf-8")
    (config / "goals.yml").write_text(goals.replace("docs_updates:", "long_nights:"), encoding="utf-8")

    assert "long_nights" in {measure.name for measure in catalogue([folder])}
    assert "unknown-measure" in {problem.code for problem in check(config, catalogue())}
    assert "unknown-measure" not in {problem.code for problem in check(config, catalogue([folder]))}


def test_new_measure__is_explained_and_judged(desk: Desk) -> None:
    text = explanation(desk.results, "iduarte", "long_nights")

    assert "Replies at night of iduarte" in text
    assert text.count("at night on ticket 1") == 2
    assert "Value: count of 2 rows = 2 replies" in text
    assert "Goal: at most 1 per week" in text


def test_new_measure__stands_in_the_report(desk: Desk) -> None:
    view = engineer_weekly(desk, desk.plan.team.engineers[0])
    text = Renderer(TEMPLATES, {"gitlab.example.com", "acme.zendesk.example.com"}).issue("engineer_weekly", view)

    assert "Replies at night" in text


def _header(name: str, more: str = "") -> str:
    return SQL.partition("SELECT")[0].replace("long_nights", name) + more


def test_new_measure__may_ask_for_tickets_and_compare_with_a_form_that_none_has(
    measured: Measured, measure_file: Callable[[str, str], Path]
) -> None:
    sql = """SELECT tickets.assignee AS engineer, tickets.created_at AS at, 1 AS value, tickets.url, forms.ticket_form AS note
    FROM tickets
    JOIN ticket_forms AS forms ON forms.ticket_id = tickets.id
    WHERE forms.ticket_form IN ('saas', 'a form that none has')"""
    folder = measure_file("of_a_form", _header("of_a_form") + sql)
    measured.put(ticket(1, assignee_id=ADA), ticket(2, assignee_id=ADA, ticket_form="license"), ticket(3))

    rows = [row for row in measured.evidence(more_measures=[folder]) if row.measure == "of_a_form"]

    assert [(row.engineer, row.url[-2:], row.note) for row in rows] == [("ada", "/1", "saas")]


def test_new_measure__may_leave_categories_out_which_is_as_naming_none(
    measured: Measured, measure_file: Callable[[str, str], Path]
) -> None:
    sql = """SELECT assignee AS engineer, created_at AS at, 1 AS value, url, '' AS note, category
    FROM tickets
    JOIN (VALUES (1, NULL), (2, ''), (3, 'saas')) AS named(ticket_id, category) ON named.ticket_id = tickets.id"""
    folder = measure_file("by_form", _header("by_form", "-- category: form\n") + sql)
    measured.put(*(ticket(number, assignee_id=ADA) for number in (1, 2, 3)))

    found = measured.tallies(more_measures=[folder]).by_category("ada", "by_form", DayRange(MONDAY.date(), MONDAY.date()))

    assert {place: counted.cases for place, counted in found.items()} == {("", ""): 2, ("saas", ""): 1}
