"""The view of a follow-up's issue: which weeks it is about, what else could explain them, how a plan goes, where it lies."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reports.core.case_views import Examples, Explanation, FollowUpView, PlanView
from reports.core.cases import Case, overrides, talks
from reports.core.commands import PlanGoal
from reports.core.context import Context
from reports.core.conversation import Heard
from reports.core.follow_up_view import follow_up, follow_up_issue, followed, plan_view
from reports.core.followups import ActionPlan, CaseState
from reports.core.judgement import AssessedWeek, Status
from reports.core.model import Evidence, Period, RuleSet
from reports.core.report_views import Desk
from reports.core.results import Plan
from reports.core.weeks import Week
from tests.builders import (
    PLACES,
    W46,
    agreement,
    away,
    corrected,
    coverage,
    evidence,
    goal_book,
    measure,
    on_call,
    reduced,
    rules,
    team,
    terms,
    utc,
    works,
)
from tests.case_builders import definitions, heard, said
from tests.judging import Observed, judge

MEASURES = tuple(measure(name) for name in ("new_tickets", "docs_updates", "pairing_sessions"))
GOALS = goal_book(agreement(terms("new_tickets", 5), terms("docs_updates", 2, Period.ROLLING_30_DAYS)))
TODAY = date(2026, 11, 16)


def tickets(week: Week, count: int, name: str = "new_tickets") -> list[Evidence]:
    return [evidence(f"{week.first_day} 10:{minute:02}", name) for minute in range(count)]


def met_until(last: Week) -> list[Evidence]:
    """Every goal met in every week up to one."""
    weeks = [week for week in W46.back_to(12) if week <= last]
    return [row for week in weeks for row in [*tickets(week, 5), *tickets(week, 1, "docs_updates")]]


def four_missed() -> list[Evidence]:
    """New tickets missed in W43 to W46; docs updates met all the time."""
    docs = [row for week in W46.back_to(4) for row in tickets(week, 1, "docs_updates")]
    return [*met_until(W46.plus(-4)), *docs]


def desk(rows: list[Evidence], *conversations: Heard, today: date = TODAY, week: Week = W46, **special: Any) -> Desk:
    ordinary: dict[str, Any] = {"team": team(), "goals": GOALS, "context": Context(), "rule_sets": (rules(),)}
    plan = Plan(**(ordinary | special))
    said_so_far = talks(conversations, definitions(), plan.team, today)
    observed = Observed(measures=MEASURES, evidence=tuple(rows), coverage=(coverage(),), contributions=())
    results = judge(plan, observed, week, {}, overrides(said_so_far, plan.zone))
    return Desk(plan=plan, results=results, places=PLACES, today=today, mention="@support-reports", talks=said_so_far)


def view(made: Desk) -> FollowUpView:
    """The one follow-up of a desk."""
    ((person, case),) = followed(made)
    return follow_up(made, person, case)


# --- whom it is opened for ------------------------------------------------------------------------


def test_followed__nobody_before_the_run_is_long_enough() -> None:
    assert followed(desk([*met_until(W46.plus(-3))])) == ()


def test_followed__whoever_missed_four_weeks_and_has_no_issue_yet() -> None:
    assert [(person.username, case) for person, case in followed(desk(four_missed()))] == [("iduarte", None)]


def test_followed__not_a_run_within_chance_where_the_rules_say_so() -> None:
    nearly = [*four_missed(), *(row for week in W46.back_to(4) for row in tickets(week, 3))]
    only_beyond: tuple[RuleSet, ...] = (rules(follow_up_when="beyond_chance"),)

    assert len(followed(desk(nearly))) == 1
    assert followed(desk(nearly, rule_sets=only_beyond)) == ()
    assert len(followed(desk(four_missed(), rule_sets=only_beyond))) == 1


def test_followed__an_open_issue_goes_on_although_the_run_is_over() -> None:
    ((_, case),) = followed(desk(met_until(W46), heard()))

    assert isinstance(case, Case)


def test_followed__one_that_was_closed_by_hand_is_left_alone() -> None:
    closed = heard(closed_at=utc("2026-11-16 08:00"))

    assert followed(desk(met_until(W46), closed)) == ()
    assert followed(desk(four_missed(), closed)) == ()


# --- the weeks ------------------------------------------------------------------------------------


def test_weeks__are_the_missed_ones_and_those_after_newest_first() -> None:
    made = view(desk(four_missed()))

    assert [str(week.week) for week in made.weeks] == ["2026-W46", "2026-W45", "2026-W44", "2026-W43"]
    assert [week.status for week in made.weeks] == [Status.NOT_MET] * 4
    assert [(goal.measure.name, goal.weeks_missed, goal.weeks_counted) for goal in made.missed] == [("new_tickets", 4, 4)]


def test_weeks__an_excused_one_still_stands_there() -> None:
    made = view(desk(four_missed(), heard(said("excuse 2026-W44"))))

    assert [(str(week.week), week.status) for week in made.weeks][2] == ("2026-W44", Status.NOT_ASSESSED)
    assert len(made.weeks) == 4


def test_weeks__those_that_came_after_it_was_opened_are_shown_too() -> None:
    w47 = W46.plus(1)
    made = view(desk([*four_missed(), *tickets(w47, 5)], heard(), week=w47, today=date(2026, 11, 23)))

    assert str(made.weeks[0].week) == "2026-W47"
    assert made.opened == W46
    assert made.due_on == date(2026, 11, 23)


def test_weeks__what_was_met_in_them_is_left_out() -> None:
    w47 = W46.plus(1)
    made = view(desk([*four_missed(), *tickets(w47, 5)], heard(), week=w47, today=date(2026, 11, 23)))

    assert [[cell.measure.name for cell in week.goals] for week in made.weeks] == [[], *[["new_tickets"]] * 4]
    assert [(goal.weeks_missed, goal.weeks_counted) for goal in made.missed] == [(4, 5)]


def test_weeks__a_measure_that_is_gone_from_the_catalogue_is_left_out() -> None:
    made = desk(four_missed(), heard())
    without = replace(made, results=replace(made.results, measures=MEASURES[1:]))

    found = view(without)

    assert (found.missed, found.evidence, found.example_plan) == ((), (), ())
    assert [week.goals for week in found.weeks] == [()] * 4
    assert len(found.weeks) == 4


def test_taken__requests_for_help_do_not_stand_among_what_was_understood() -> None:
    made = view(desk(four_missed(), heard(said("help\nexcuse 2026-W44"))))

    assert [one.command.text for one in made.taken] == ["excuse 2026-W44"]


def test_examples__are_of_days_and_a_week_that_would_be_taken() -> None:
    long_after = view(desk(met_until(W46), heard(key="follow_up/iduarte/2026-W30")))

    assert long_after.examples == Examples(past=date(2026, 11, 16), to_come=date(2026, 11, 23), week=W46)


def test_evidence__of_a_follow_up_that_has_just_ended_is_still_there() -> None:
    rows = [*four_missed(), *tickets(W46, 1)]

    ((_, events),) = view(desk(rows, heard(said("no concern")))).evidence

    assert [event.at.date() for event in events] == [date(2026, 11, 9)]


def test_evidence__is_what_did_count_for_a_missed_goal_newest_first() -> None:
    rows = [*four_missed(), *tickets(W46, 1), *tickets(W46.plus(-2), 1)]

    ((shown, events),) = view(desk(rows)).evidence

    assert shown.name == "new_tickets"
    assert [event.at.date() for event in events] == [date(2026, 11, 9), date(2026, 10, 26)]


# --- what else could explain it -------------------------------------------------------------------


def amounts(made: FollowUpView) -> dict[str, float]:
    return {item.kind: item.amount for item in made.explanations}


def test_explanations__name_every_kind_even_where_there_is_nothing() -> None:
    assert set(amounts(view(desk(four_missed())))) == set(Explanation)


def test_explanations__count_days_of_the_weeks_at_issue_only() -> None:
    context = Context(
        unavailable=(away("2026-11-09"), away("2026-09-14", "2026-09-18")),
        holidays=(away("2026-11-10"),),
        training=(away("2026-11-11", fraction=0.5),),
        reduced=(reduced("2026-11-12", factor=0.5),),
    )

    found = amounts(view(desk(four_missed(), context=context)))

    assert found[Explanation.LEAVE] == 2.5
    assert found[Explanation.ESCALATION] == 0.5
    assert found[Explanation.ON_CALL] == 0


def test_explanations__on_call_days_between_the_missed_weeks() -> None:
    # W44 on call and W45 after it are not assessed; the run goes on around them where it takes three weeks to begin anew.
    rows = [*met_until(W46.plus(-8)), *(row for week in W46.back_to(8) for row in tickets(week, 1, "docs_updates"))]
    shift = Context(on_call=(on_call("2026-10-26", "2026-11-01"),))

    made = view(desk(rows, context=shift, rule_sets=(rules(uncounted_weeks_that_reset=3),)))

    assert amounts(made)[Explanation.ON_CALL] == 7


def test_explanations__other_work_is_what_there_was_more_of_than_before() -> None:
    pairing = [row for week in W46.back_to(4) for row in tickets(week, 2, "pairing_sessions")]

    found = {item.kind: item for item in view(desk([*four_missed(), *pairing])).explanations}

    (other,) = found[Explanation.OTHER_WORK].other_work
    assert (other.measure.name, other.before, other.now) == ("pairing_sessions", 0, 2)


def test_explanations__other_work_has_to_be_one_more_a_week() -> None:
    before = [row for week in W46.plus(-4).back_to(8) for row in tickets(week, 1, "pairing_sessions")]
    now = [row for week in W46.back_to(4) for row in tickets(week, 2, "pairing_sessions")]

    for rows, more in ((now, ["pairing_sessions"]), (now[1:], [])):
        found = {item.kind: item for item in view(desk([*four_missed(), *before, *rows])).explanations}
        assert [other.measure.name for other in found[Explanation.OTHER_WORK].other_work] == more


def test_explanations__part_time_and_days_put_right_by_the_engineer() -> None:
    part_time = Context(working_days=(works(0, 1, 2, 3),), corrections=(corrected(W46, 3), corrected(W46.plus(-1), 4.5)))

    found = amounts(view(desk(four_missed(), context=part_time)))

    assert found[Explanation.PART_TIME] == 4
    assert found[Explanation.CORRECTIONS] == 1.5


def test_explanations__days_that_nobody_knows_are_a_gap_in_the_data() -> None:
    made = desk(four_missed())
    weeks = made.of("iduarte").weeks
    hidden = replace(weeks[-1], capacity=replace(weeks[-1].capacity, unknown="the calendar could not be read"))

    assert amounts(view(made))[Explanation.DATA_GAPS] == 0
    assert amounts(view(with_weeks(made, *weeks[:-1], hidden)))[Explanation.DATA_GAPS] == 1


def test_explanations__leave_that_was_recorded_after_the_week_was_published() -> None:
    made = desk(four_missed())
    weeks = made.of("iduarte").weeks
    late = replace(weeks[-1], capacity_now=replace(weeks[-1].capacity, unavailable_days=2.0))

    found = view(with_weeks(made, *weeks[:-1], late))

    assert amounts(found)[Explanation.LEAVE] == 2
    assert [week.capacity.available_days for week in found.weeks] == [3, 5, 5, 5]


def with_weeks(made: Desk, *weeks: AssessedWeek) -> Desk:
    """The same desk with other weeks of the one engineer."""
    own = replace(made.of("iduarte"), weeks=weeks)
    return replace(made, results=replace(made.results, engineers=(own,)))


def test_explanations__a_goal_that_was_never_met_may_be_the_wrong_one() -> None:
    docs = [row for week in W46.back_to(12) for row in tickets(week, 1, "docs_updates")]

    never = {item.kind: item for item in view(desk(docs)).explanations}
    once = {item.kind: item for item in view(desk(four_missed())).explanations}

    assert [each.name for each in never[Explanation.TARGET].measures] == ["new_tickets"]
    assert once[Explanation.TARGET].measures == ()


# --- the action plan ------------------------------------------------------------------------------


def plan_of(start: str, rows: list[Evidence], week: Week = W46, **special: Any) -> PlanView:
    made = desk(rows, week=week, **special)
    plan = ActionPlan(start=date.fromisoformat(start), goals=(PlanGoal(measure="new_tickets", target=4),))
    return plan_view(made, made.of("iduarte"), plan)


def test_plan__shows_whole_weeks_from_its_start_until_two_have_counted() -> None:
    made = plan_of("2026-10-21", met_until(W46))

    assert [str(week.week) for week in made.weeks] == ["2026-W44", "2026-W45"]
    assert (made.weeks_counted, made.is_over) == (2, True)
    assert [cell.measurement.value for cell in made.weeks[0].cells] == [5]


def test_plan__leave_and_on_call_move_its_end() -> None:
    context = Context(unavailable=(away("2026-11-02", "2026-11-08"),))

    made = plan_of("2026-10-26", met_until(W46), context=context)

    assert [(str(week.week), week.is_counted) for week in made.weeks] == [
        ("2026-W44", True),
        ("2026-W45", False),
        ("2026-W46", True),
    ]


def test_plan__a_week_whose_days_nobody_knows_moves_its_end() -> None:
    made = desk(met_until(W46))
    weeks = made.of("iduarte").weeks
    hidden = replace(weeks[-2], capacity=replace(weeks[-2].capacity, unknown="the calendar could not be read"))
    plan = ActionPlan(start=date(2026, 11, 2), goals=(PlanGoal(measure="new_tickets", target=4),))

    found = plan_view(made, replace(made.of("iduarte"), weeks=(*weeks[:-2], hidden, weeks[-1])), plan)

    assert [week.is_counted for week in found.weeks] == [False, True]


def test_plan__leave_that_was_recorded_after_a_week_was_published_moves_its_end() -> None:
    made = desk(met_until(W46))
    weeks = made.of("iduarte").weeks
    away_now = replace(weeks[-2].capacity, unavailable_days=5.0, uncounted="away")
    late = replace(weeks[-2], capacity_now=away_now)
    plan = ActionPlan(start=date(2026, 11, 2), goals=(PlanGoal(measure="new_tickets", target=4),))

    found = plan_view(made, replace(made.of("iduarte"), weeks=(*weeks[:-2], late, weeks[-1])), plan)

    assert [(week.is_counted, week.cells[0].target) for week in found.weeks] == [(False, 0), (True, 4)]


def test_plan__its_targets_shrink_with_the_days() -> None:
    context = Context(corrections=(corrected(W46, 2.5),))

    made = plan_of("2026-11-09", met_until(W46), context=context)

    assert [cell.target for cell in made.weeks[0].cells] == [2]
    assert (made.weeks_counted, made.is_over) == (1, False)


def test_plan__that_began_before_the_judged_weeks_shows_none_and_says_so() -> None:
    first = W46.back_to(12)[0].first_day

    assert plan_of(str(first), met_until(W46)).is_too_old is False
    too_old = plan_of("2026-08-17", met_until(W46))
    assert (too_old.weeks, too_old.is_too_old, too_old.is_over) == ((), True, False)


@pytest.mark.parametrize("name", ["gone_measure"])
def test_plan__a_measure_that_is_gone_is_left_out(name: str) -> None:
    made = desk(met_until(W46))
    plan = ActionPlan(
        start=date(2026, 11, 9), goals=(PlanGoal(measure=name, target=4), PlanGoal(measure="new_tickets", target=4))
    )

    assert [known.name for known, _ in plan_view(made, made.of("iduarte"), plan).goals] == ["new_tickets"]


# --- the issue ------------------------------------------------------------------------------------


def issue_of(made: Desk) -> Any:
    ((person, case),) = followed(made)
    definition = next(each for each in definitions() if each.name == "follow_up")
    return follow_up_issue(definition, person, case, follow_up(made, person, case), "body")


def test_issue__of_a_new_one_is_for_the_manager_alone_and_due_in_seven_days() -> None:
    issue = issue_of(desk(four_missed()))

    assert (issue.key, issue.project) == ("follow_up/iduarte/2026-W46", "acme/support/follow-ups/plindqvist")
    assert (issue.readers, issue.assignees) == (("plindqvist",), ("plindqvist",))
    assert (issue.due_on, issue.is_open) == (date(2026, 11, 23), None)
    assert issue.labels[-1] == "follow-up::open"
    assert "follow-up::open" not in issue.stale_labels
    assert len(issue.stale_labels) == len(CaseState) - 1


def test_issue__whoever_was_allowed_may_read_it() -> None:
    assert issue_of(desk(four_missed(), heard(said("allow @ohart")))).readers == ("ohart", "plindqvist")


@pytest.mark.parametrize(
    ("words", "is_open", "label"),
    [
        ("discussed with @ohart on 2026-11-16", None, "follow-up::discussed"),
        ("no concern", False, "follow-up::no-concern"),
        ("no concern\nreopen", True, "follow-up::open"),
        ("pause until 2026-12-07", None, "follow-up::paused"),
    ],
)
def test_issue__follows_the_word_that_waits_for_an_answer(words: str, is_open: bool | None, label: str) -> None:
    issue = issue_of(desk(four_missed(), heard(said(words))))

    assert (issue.is_open, issue.labels[-1]) == (is_open, label)
