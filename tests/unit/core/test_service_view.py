from typing import Any

import pytest

from reports.core.context import Context
from reports.core.model import Aggregation, Evidence, Measure
from reports.core.people import Engineer
from reports.core.report_views import Desk
from reports.core.results import Plan
from reports.core.service_view import ServiceWeeklyView, service_weekly
from tests.builders import PLACES, W46, coverage, engineer, evidence, goal_book, manager, measure, rules, team
from tests.judging import Observed, judge

BACKLOG = measure("backlog", family="queues", scope="organisation", category="priority")
RESOLUTION = measure(
    "resolution_p50", family="queues", scope="organisation", category="priority and type", kind=Aggregation.MEDIAN
)
OF_REPLIES = measure("first_reply_sla", family="service_levels")
OF_WORK = measure("new_tickets", family="tickets")
NOT_SET_UP = measure("satisfaction", family="satisfaction", streams=("zendesk.satisfaction",))
THREE = (engineer(), engineer("jbeck"), engineer("kaziz"))


MEASURES = (BACKLOG, OF_REPLIES, OF_WORK, NOT_SET_UP)


def service(
    *people: Engineer, rows: tuple[Evidence, ...] = (), measures: tuple[Measure, ...] = MEASURES, **special: Any
) -> ServiceWeeklyView:
    plan = Plan(team=team(*people, **special), goals=goal_book(), context=Context(), rule_sets=(rules(),))
    observed = Observed(measures=measures, evidence=rows, coverage=(coverage(),), contributions=())
    results = judge(plan, observed, W46)
    return service_weekly(Desk(plan=plan, results=results, places=PLACES, today=W46.report_day, mention="@support-reports"))


def test_service_weekly__shows_the_whole_the_region_and_the_team() -> None:
    view = service(*THREE)

    assert [group.name for group in (*view.whole, *view.regions, *view.teams)] == ["Acme Support", "EMEA", "Plindqvist"]
    assert {group.people for group in (*view.whole, *view.regions, *view.teams)} == {3}


def test_service_weekly__of_fewer_than_three_people_it_shows_nothing() -> None:
    view = service(*THREE[:2])

    assert (view.whole, view.regions, view.teams) == ((), (), ())


def test_service_weekly__holds_numbers_of_the_service_and_none_of_single_peoples_work() -> None:
    (whole,) = service(*THREE).whole

    assert [number.measure.name for number in whole.numbers] == ["backlog"]


def test_service_weekly__counts_what_nobody_has_for_the_whole_only() -> None:
    rows = (evidence("2026-11-15 23:59", "backlog", who="iduarte"), evidence("2026-11-15 23:59", "backlog", who=""))

    view = service(*THREE, rows=rows)

    counted = {group.name: group.numbers[0].measurement.value for group in (*view.whole, *view.regions, *view.teams)}
    assert counted == {"Acme Support": 2, "EMEA": 1, "Plindqvist": 1}


@pytest.mark.parametrize(("cases", "rows"), [(19, []), (20, ["saas"])])
def test_service_weekly__shows_types_only_where_one_has_enough_cases(cases: int, rows: list[str]) -> None:
    solved = (evidence("2026-11-10 10:00", "resolution_p50", value=n, category="high · saas") for n in range(cases))

    (whole,) = service(*THREE, rows=tuple(solved), measures=(RESOLUTION,)).whole

    assert [row.name for row in whole.numbers[0].rows] == rows


def test_service_weekly__teams_stand_by_the_names_of_their_managers() -> None:
    zoe, adam = manager("aaa", name="Zoe Zorn"), manager("zzz", name="Adam Apple")
    people = [engineer(f"person{n}", reports_to="aaa" if n < 3 else "zzz") for n in range(6)]

    assert [group.name for group in service(*people, managers=(zoe, adam)).teams] == ["Adam Apple", "Zoe Zorn"]
