from reports.core.context import Context
from reports.core.model import GoalTerms, Period
from reports.core.results import Plan
from reports.core.shown_events import Wanted, wanted, with_events
from tests.builders import W46, agreement, coverage, days, engineer, evidence, goal_book, measure, rules, team
from tests.judging import Observed, judge

MEASURES = (measure("docs_updates"), measure("new_tickets"), measure("backlog", scope="organisation"))
IN_30_DAYS = GoalTerms(measure="docs_updates", target=1, per=Period.ROLLING_30_DAYS)
ROWS = (
    evidence("2026-08-24 10:00", "docs_updates"),
    evidence("2026-10-17 10:00", "docs_updates"),
    evidence("2026-11-10 10:00", "new_tickets"),
    evidence("2026-11-10 10:00", "new_tickets", "jbeck"),
)
PLAN = Plan(
    team=team(engineer(), engineer("jbeck")),
    goals=goal_book(agreement(IN_30_DAYS)),
    context=Context(),
    rule_sets=(rules(),),
)
RESULTS = judge(PLAN, Observed(measures=MEASURES, evidence=ROWS, coverage=(coverage(),), contributions=()), W46)
WEEK, MONTH, TWELVE_WEEKS = days("2026-11-09", "2026-11-15"), days("2026-10-17", "2026-11-15"), days("2026-08-24", "2026-11-15")


def test_wanted__is_the_week_and_the_span_of_each_goal_of_everybody_reported() -> None:
    assert wanted(RESULTS, frozenset(), {"iduarte"}) == (
        Wanted(engineer="iduarte", measure="docs_updates", days=MONTH),
        Wanted(engineer="iduarte", measure="new_tickets", days=WEEK),
    )
    assert {one.engineer for one in wanted(RESULTS, frozenset())} == {"iduarte", "jbeck"}


def test_wanted__of_somebody_who_is_followed_up_is_all_that_was_judged() -> None:
    found = {one.measure: one.days for one in wanted(RESULTS, {"iduarte"}, {"iduarte"})}

    assert found == {"docs_updates": TWELVE_WEEKS, "new_tickets": WEEK}


def test_with_events__each_report_gets_its_own_and_no_more_than_it_shows() -> None:
    calm, followed = (with_events(RESULTS, ROWS, PLAN.zone, who) for who in (frozenset[str](), {"iduarte"}))

    assert [row.at.day for row in calm.engineers[0].evidence] == [17, 10]
    assert [row.engineer for row in calm.engineers[1].evidence] == ["jbeck"]
    assert calm.engineers[0].case_evidence == ()
    assert [row.at.day for row in followed.engineers[0].case_evidence] == [24, 17]
