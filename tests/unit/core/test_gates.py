from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reports.core.context import Context
from reports.core.desired import subjects
from reports.core.gates import NOT_AGREED, Gate, Gates, open_team, open_today
from reports.core.judgement import Status
from reports.core.model import Period, Privacy, ReportDefinition
from reports.core.people import Engineer
from reports.core.report_views import Desk, engineer_weekly
from reports.core.results import EngineerResults, Plan, WeekResults, as_published
from reports.core.team_views import team_weekly
from reports.core.weeks import DayRange
from tests.builders import (
    MONDAY,
    PLACES,
    W46,
    agreement,
    coverage,
    days,
    engineer,
    evidence,
    goal_book,
    measure,
    role,
    rules,
    team,
    terms,
)
from tests.judging import Observed, judge

WEEK = DayRange(W46.first_day, W46.last_day)
TODAY = W46.report_day


def gates(*rows: Gate) -> Gates:
    return Gates(rows=rows)


def shut(**about: Any) -> Gates:
    return gates(Gate(**about))


def open_from(day: str, to: str | None = None, **about: Any) -> Gates:
    last = date.fromisoformat(to) if to else None
    return gates(Gate(agreed_from=date.fromisoformat(day), agreed_to=last, agreed_with="works council", **about))


def german(username: str = "iduarte", **special: Any) -> Engineer:
    return engineer(username, entity="Acme GmbH", **special)


# --- whom, what, when -----------------------------------------------------------------------------


def test_gates__where_there_are_none_all_is_open() -> None:
    assert not Gates().shut(german(), WEEK)


@pytest.mark.parametrize(
    ("about", "is_shut"),
    [
        ({"entity": "Acme GmbH"}, True),
        ({"entity": "Acme Inc"}, False),
        ({"team": "plindqvist"}, True),
        ({"team": "ohart"}, False),
        ({"person": "iduarte"}, True),
        ({"person": "jbeck"}, False),
        ({"entity": "Acme GmbH", "team": "ohart"}, False),
        ({"measure": "time_to_resolve"}, False),
        ({"entity": "Acme GmbH", "measure": "time_to_resolve"}, False),
    ],
)
def test_gate__without_an_agreement_shuts_out_the_people_it_is_about(about: dict[str, str], is_shut: bool) -> None:
    assert shut(**about).shut(german(), WEEK) is is_shut


@pytest.mark.parametrize(
    ("about", "is_shut"),
    [
        ({"measure": "time_to_resolve"}, True),
        ({"measure": "docs_updates"}, False),
        ({"entity": "Acme GmbH", "measure": "time_to_resolve"}, True),
        ({"entity": "Acme Inc", "measure": "time_to_resolve"}, False),
        ({"person": "iduarte"}, True),
    ],
)
def test_gate__of_a_measure_shuts_that_measure_of_the_people_it_is_about(about: dict[str, str], is_shut: bool) -> None:
    assert shut(**about).shut(german(), WEEK, "time_to_resolve") is is_shut


@pytest.mark.parametrize(
    ("since", "to", "is_shut"),
    [
        ("2026-11-09", None, False),
        ("2026-11-10", None, True),
        ("2026-01-01", "2026-11-15", False),
        ("2026-01-01", "2026-11-14", True),
        ("2027-01-01", None, True),
    ],
)
def test_gate__is_open_when_all_of_the_days_are_agreed(since: str, to: str | None, is_shut: bool) -> None:
    assert open_from(since, to, entity="Acme GmbH").shut(german(), WEEK) is is_shut


def test_gates__of_several_all_have_to_be_open() -> None:
    both = gates(*open_from("2026-01-01", entity="Acme GmbH").rows, *shut(person="iduarte").rows)

    assert both.shut(german(), WEEK)
    assert not both.shut(german("jbeck"), WEEK)


def test_gate__of_an_entity_concerns_the_days_on_which_it_employs_somebody() -> None:
    moves = engineer(entity="Acme Inc", changes=(role("2026-11-12", entity="Acme GmbH"),))
    gate = shut(entity="Acme GmbH")

    assert not gate.shut(moves, days("2026-11-02", "2026-11-11"))
    assert gate.shut(moves, days("2026-11-12"))
    assert gate.shut(moves, WEEK)


def test_open_team__is_without_whoever_is_shut_out_in_the_week_or_today() -> None:
    people = team(german("iduarte"), engineer("jbeck"), german("kaziz"))

    def left(held: Gates) -> list[str]:
        return [person.username for person in open_team(people, held, W46, TODAY).engineers]

    assert left(Gates()) == ["iduarte", "jbeck", "kaziz"]
    assert left(shut(entity="Acme GmbH")) == ["jbeck"]
    assert left(open_from("2026-11-10", person="kaziz")) == ["iduarte", "jbeck"]
    assert left(open_from("2026-01-01", "2026-11-15", person="kaziz")) == ["iduarte", "jbeck"]
    assert [e.username for e in open_today(people, shut(entity="Acme GmbH"), TODAY).engineers] == ["jbeck"]


# --- judging --------------------------------------------------------------------------------------

GOALS = goal_book(agreement(terms("new_tickets", 5), terms("docs_updates", 2, Period.ROLLING_30_DAYS)))
MEASURES = (measure(), measure("docs_updates"))


def judged(held: Gates, *people: Engineer, **special: Any) -> WeekResults:
    plan = Plan(team=team(*(people or (german(),))), goals=GOALS, context=Context(), rule_sets=(rules(),), gates=held)
    rows = [evidence(f"{day} 09:0{n}") for day in ("2026-10-28", "2026-11-11") for n in range(3)]
    rows += [evidence("2026-10-28 10:00", "docs_updates"), evidence("2026-11-11 10:00", "docs_updates")]
    observed = Observed(measures=MEASURES, evidence=rows, coverage=(coverage(),), contributions=())
    return judge(plan, observed, W46, **special)


def own(results: WeekResults) -> EngineerResults:
    return results.engineers[0]


def test_judge__weeks_before_an_agreement_are_not_measured_and_do_not_count() -> None:
    open_lately = own(judged(open_from("2026-11-02", entity="Acme GmbH")))

    before, first = open_lately.weeks[-3], open_lately.weeks[-2]
    assert (before.status, before.capacity.uncounted, before.verdicts) == (Status.NOT_ASSESSED, NOT_AGREED, ())
    assert [v.goal.measure for v in first.verdicts] == ["new_tickets"]
    assert first.status is Status.NOT_MET
    assert [open_lately.history["new_tickets"][n].value for n in (-3, -2, -1)] == [None, 0, 3]
    assert open_lately.weeks[-1].missed_run_length == 2


def test_judge__a_goal_over_thirty_days_begins_when_all_of_them_are_agreed() -> None:
    """The 30 days that end with 15 November begin on 17 October."""
    too_late = own(judged(open_from("2026-10-18", entity="Acme GmbH"))).weeks[-1]
    in_time = own(judged(open_from("2026-10-17", entity="Acme GmbH"))).weeks[-1]

    assert [v.goal.measure for v in too_late.verdicts] == ["new_tickets"]
    assert [v.goal.measure for v in in_time.verdicts] == ["docs_updates", "new_tickets"]


def test_judge__a_measure_behind_a_gate_is_neither_counted_nor_shown() -> None:
    without = own(judged(shut(measure="docs_updates")))

    assert {v.goal.measure for week in without.weeks for v in week.verdicts} == {"new_tickets"}
    assert without.history["docs_updates"][-1].value is None
    assert {row.measure for row in without.evidence} == {"new_tickets"}


def test_judge__no_event_of_days_that_were_not_agreed_is_kept() -> None:
    results = own(judged(open_from(str(MONDAY), entity="Acme GmbH")))

    assert {row.at.date() for row in (*results.evidence, *results.case_evidence)} == {date(2026, 11, 11)}


def test_judge__a_published_week_that_is_no_longer_agreed_counts_no_more() -> None:
    published = {W46: as_published(judged(Gates()))}
    assert own(judged(Gates(), published=published)).weeks[-1].verdicts

    held = own(judged(shut(measure="new_tickets"), published=published))

    assert [v.goal.measure for v in held.weeks[-1].verdicts] == ["docs_updates"]
    assert held.revised == ()


# --- on the pages ---------------------------------------------------------------------------------

FOUR = (german("iduarte"), engineer("jbeck"), engineer("kaziz"), engineer("mneri"))


def desk(held: Gates) -> Desk:
    """The pages of four people, each of whom took one ticket; only Ines is employed by Acme GmbH."""
    plan = Plan(team=team(*FOUR), goals=GOALS, context=Context(), rule_sets=(rules(),), gates=held)
    plan = replace(plan, team=open_team(plan.team, held, W46, TODAY))
    rows = tuple(evidence("2026-11-11 09:00", who=person.username) for person in FOUR)
    observed = Observed(measures=MEASURES, evidence=rows, coverage=(coverage(),), contributions=())
    return Desk(plan=plan, results=judge(plan, observed, W46), places=PLACES, today=TODAY, mention="@support-reports")


def team_sum(made: Desk) -> list[float | None]:
    """The new tickets of the team in the last three weeks."""
    page = team_weekly(made, made.plan.team.managers[0], {person.username: "u" for person in FOUR})
    return list(next(number for number in (*page.numbers, *page.others) if number.measure.name == "new_tickets").trend[-3:])


def test_team_sums__are_without_whoever_is_behind_a_gate() -> None:
    assert team_sum(desk(Gates())) == [0, 0, 4]
    assert team_sum(desk(shut(entity="Acme GmbH"))) == [0, 0, 3]
    assert team_sum(desk(shut(entity="Acme GmbH", measure="new_tickets"))) == [0, 0, 3]
    assert team_sum(desk(open_from("2026-11-09", entity="Acme GmbH"))) == [0, 0, 4]


def test_team_sums__of_too_few_whose_numbers_are_agreed_are_none() -> None:
    two_left = gates(*shut(person="iduarte", measure="new_tickets").rows, *shut(person="jbeck", measure="new_tickets").rows)

    assert team_sum(desk(two_left)) == [None, None, None]


def test_weekly_report__names_a_measure_that_nobody_agreed_to_and_shows_no_number_of_it() -> None:
    made = desk(shut(entity="Acme GmbH", measure="new_tickets"))

    own, other = (engineer_weekly(made, made.plan.team.engineer(name)) for name in ("iduarte", "jbeck"))

    assert own.cannot_see == ("New tickets: not measured, since nobody has agreed to it yet",)
    assert ([goal.measure.name for goal in own.goals], own.counts) == (["docs_updates"], ())
    assert other.cannot_see == ()


def test_reports__are_made_for_nobody_behind_a_gate() -> None:
    made = desk(shut(person="jbeck"))
    weekly = ReportDefinition(
        name="engineer_weekly", scope="each_engineer", project="p", title="t", privacy=Privacy.P3, labels=(), confidential=True
    )

    assert [subject.username for subject in subjects(weekly, made.plan.team, W46)] == ["iduarte", "kaziz", "mneri"]
    assert [own.username for own in made.results.engineers] == ["iduarte", "kaziz", "mneri"]


def test_gates__reach_back_no_further_than_what_was_gathered() -> None:
    held = open_from("2026-01-01", entity="Acme GmbH").and_since({"iduarte": date(2026, 11, 9)})

    assert not held.shut(german(), WEEK)
    assert held.shut(german(), days("2026-11-08"))
    assert not held.shut(german("jbeck"), days("2026-11-08"))


def test_gates__concern_people_also_when_they_are_open() -> None:
    held = gates(*open_from("2026-01-01", entity="Acme GmbH").rows, *shut(team="ohart", measure="new_tickets").rows)

    assert held.concern(german(), TODAY)
    assert not held.concern(engineer(reports_to="ohart"), TODAY)
