"""The steps of a follow-up as a table, and everything that stands in the way of one."""

from datetime import date, datetime

import pytest

from reports.core.activity_links import Places
from reports.core.case_views import PlanView
from reports.core.commands import CommandKind, PlanGoal
from reports.core.context import Context
from reports.core.follow_up_view import plan_view
from reports.core.followups import ActionPlan, CaseState, Progress, Refusal, follow_up_refusal, progress, weekly_report_refusal
from reports.core.overrides import Overrides
from reports.core.report_views import Desk
from reports.core.results import Plan
from reports.core.weeks import Week
from tests.builders import agreement, away, coverage, evidence, goal_book, measure, on_call, rules, team, terms, utc
from tests.case_builders import ALLOWED, ENGINEER, MANAGER, NOW, STRANGER, TODAY, command, said, taken
from tests.judging import Observed, judge

# --- the table of states ------------------------------------------------------------------------------

STEPS = {
    "discussed": "discussed with @their-manager on 2026-11-16",
    "informed": "informed team member relations",
    "conversation": "conversation held on 2026-11-17",
    "plan": "plan from 2026-11-23: new_tickets 4, pairing_sessions 2",
    "met": "plan met",
    "not met": "plan not met",
    "no concern": "no concern",
    "pause": "pause until 2026-12-07",
    "reopen": "reopen",
}

#: What a plan needs before it.
FOR_A_PLAN = (STEPS["discussed"], STEPS["conversation"])

#: What was done before, by the name of where it leads.
PATHS = {
    "open": (),
    "discussed": ("discussed",),
    "informed": ("discussed", "informed"),
    "conversation": ("discussed", "conversation"),
    "conversation, informed": ("discussed", "informed", "conversation"),
    "action-plan": ("discussed", "conversation", "plan"),
    "plan-met": ("discussed", "conversation", "plan", "met"),
    "plan-not-met": ("discussed", "conversation", "plan", "not met"),
    "no-concern": ("no concern",),
    "paused": ("pause",),
    "paused plan": ("discussed", "conversation", "plan", "pause"),
    "reopened": ("no concern", "reopen"),
    "reopened plan": ("discussed", "conversation", "plan", "not met", "reopen"),
}

#: For each path the outcome of every step in the order of STEPS: a state, or what is missing in brackets.
TABLE = """
open                   | discussed    | (discussed)  | (discussed)  | (conversation) | (plan)   | (plan)       | no-concern | paused  | (not ended)
discussed              | discussed    | informed     | conversation | (conversation) | (plan)   | (plan)       | no-concern | paused  | (not ended)
informed               | informed     | informed     | conversation | (conversation) | (plan)   | (plan)       | no-concern | paused  | (not ended)
conversation           | conversation | conversation | conversation | action-plan    | (plan)   | (plan)       | no-concern | paused  | (not ended)
conversation, informed | conversation | conversation | conversation | action-plan    | (plan)   | (plan)       | no-concern | paused  | (not ended)
action-plan            | action-plan  | action-plan  | action-plan  | action-plan    | plan-met | plan-not-met | no-concern | paused  | (not ended)
plan-met               | (ended)      | (ended)      | (ended)      | (ended)        | (ended)  | (ended)      | (ended)    | (ended) | action-plan
plan-not-met           | (ended)      | (ended)      | (ended)      | (ended)        | (ended)  | (ended)      | (ended)    | (ended) | action-plan
no-concern             | (ended)      | (ended)      | (ended)      | (ended)        | (ended)  | (ended)      | (ended)    | (ended) | open
paused                 | paused       | (discussed)  | (discussed)  | (conversation) | (plan)   | (plan)       | no-concern | paused  | open
paused plan            | paused       | paused       | paused       | paused         | plan-met | plan-not-met | no-concern | paused  | action-plan
reopened               | discussed    | (discussed)  | (discussed)  | (conversation) | (plan)   | (plan)       | no-concern | paused  | (not ended)
reopened plan          | action-plan  | action-plan  | action-plan  | action-plan    | plan-met | plan-not-met | no-concern | paused  | (not ended)
"""  # noqa: E501  (a table is read across)

MISSING = {
    "(discussed)": Refusal.NOT_DISCUSSED,
    "(conversation)": Refusal.NO_CONVERSATION,
    "(plan)": Refusal.NO_PLAN,
    "(ended)": Refusal.HAS_ENDED,
    "(not ended)": Refusal.HAS_NOT_ENDED,
}


def cells() -> list[tuple[str, str, str]]:
    """Every cell of the table: path, step, outcome."""
    found = []
    for line in TABLE.strip().splitlines():
        path, *outcomes = (word.strip() for word in line.split("|"))
        found += [(path, step, outcome) for step, outcome in zip(STEPS, outcomes, strict=True)]
    return found


def after(*texts: str) -> Progress:
    """Where these commands lead, one after the other."""
    return progress(taken(text, comment=n) for n, text in enumerate(texts))


def refusal(
    text: str, so_far: Progress | None = None, author: str = MANAGER, at: str = NOW, closed_at: datetime | None = None
) -> Refusal | None:
    """Why the follow-up does not take a command."""
    return follow_up_refusal(command(text), said(text, author, at), MANAGER, so_far or Progress(), closed_at)


def test_table__has_every_path() -> None:
    assert {path for path, _, _ in cells()} == set(PATHS)


@pytest.mark.parametrize(("path", "step", "outcome"), cells())
def test_step__leads_on_or_says_what_is_missing(path: str, step: str, outcome: str) -> None:
    before = [STEPS[name] for name in PATHS[path]]
    refused = refusal(STEPS[step], after(*before))

    if outcome in MISSING:
        assert refused is MISSING[outcome]
    else:
        assert refused is None
        assert after(*before, STEPS[step]).state(TODAY) == outcome


# --- what each step notes -----------------------------------------------------------------------------


def test_progress__notes_the_day_of_each_step_and_nothing_else() -> None:
    steps = [
        taken("discussed with @their-manager on 2026-11-16"),
        taken("informed team member relations", at="2026-11-17 11:00"),
        taken("conversation held on 2026-11-17"),
        taken("plan from 2026-11-23: new_tickets 4, pairing_sessions 2"),
        taken("plan met", at="2026-12-08 09:00"),
    ]

    assert progress(steps) == Progress(
        discussed_with="their-manager",
        discussed_on=date(2026, 11, 16),
        informed_on=date(2026, 11, 17),
        conversation_on=date(2026, 11, 17),
        plan=ActionPlan(
            start=date(2026, 11, 23),
            goals=(PlanGoal(measure="new_tickets", target=4), PlanGoal(measure="pairing_sessions", target=2)),
        ),
        outcome=CaseState.PLAN_MET,
        ended_at=utc("2026-12-08 09:00"),
    )


def test_progress__a_step_that_is_said_again_takes_the_last_word() -> None:
    twice = after(*FOR_A_PLAN, "plan from 2026-11-23: new_tickets 4", "plan from 2026-11-30: docs_updates 1")

    assert twice.plan == ActionPlan(start=date(2026, 11, 30), goals=(PlanGoal(measure="docs_updates", target=1),))


@pytest.mark.parametrize("text", ["help", "excuse 2026-W44", "settle docs_updates 2026-W45"])
def test_progress__what_is_said_about_weeks_leaves_the_follow_up_as_it_was(text: str) -> None:
    assert after(STEPS["discussed"], text) == after(STEPS["discussed"])


def test_progress__everyone_who_was_allowed_stays_allowed() -> None:
    assert after("allow @ohart", "allow @kaziz", "no concern", "reopen").allowed == {"ohart", "kaziz"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("text", ["help", "excuse 2026-W44", "settle docs_updates 2026-W45", "allow @ohart"])
def test_what_is_about_weeks_or_people__is_taken_in_every_state(path: str, text: str) -> None:
    assert refusal(text, after(*[STEPS[name] for name in PATHS[path]])) is None


# --- pause and reopen ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "state"),
    [("2026-11-17", CaseState.PAUSED), ("2026-12-06", CaseState.PAUSED), ("2026-12-07", CaseState.DISCUSSED)],
)
def test_pause__ends_by_itself_on_the_day_it_names(today: str, state: CaseState) -> None:
    paused = after(STEPS["discussed"], "pause until 2026-12-07")

    assert paused.state(date.fromisoformat(today)) is state
    assert paused.step is CaseState.DISCUSSED


def test_pause__can_be_moved() -> None:
    assert after("pause until 2026-12-07", "pause until 2026-11-20").state(date(2026, 11, 20)) is CaseState.OPEN


def test_pause__has_not_ended_the_follow_up() -> None:
    assert not after("pause until 2026-12-07").has_ended(closed_at=None)


def test_pause__is_over_when_the_follow_up_ends() -> None:
    assert after("pause until 2026-12-07", "no concern").state(TODAY) is CaseState.NO_CONCERN
    assert after("pause until 2026-12-07", "no concern", "reopen").state(TODAY) is CaseState.OPEN


def test_reopen__after_the_pause_has_ended_by_itself_there_is_nothing_to_reopen() -> None:
    assert refusal("reopen", after("pause until 2026-12-07"), at="2026-12-06 23:00") is None
    assert refusal("reopen", after("pause until 2026-12-07"), at="2026-12-07 08:00") is Refusal.HAS_NOT_ENDED


def test_reopen__keeps_what_was_done() -> None:
    reopened = after(*FOR_A_PLAN, "plan from 2026-11-23: new_tickets 4", "plan not met", "reopen")

    assert (reopened.discussed_on, reopened.conversation_on) == (date(2026, 11, 16), date(2026, 11, 17))
    assert (reopened.outcome, reopened.ended_at) == (None, None)
    assert reopened.reopened_at == utc(NOW)


# --- closed by hand -----------------------------------------------------------------------------------

CLOSED_AT = utc("2026-11-17 09:00")


@pytest.mark.parametrize("step", [name for name in STEPS if name != "reopen"])
def test_closed_by_hand__is_ended_until_somebody_asks_to_reopen_it(step: str) -> None:
    assert refusal(STEPS[step], after(*FOR_A_PLAN), closed_at=CLOSED_AT) is Refusal.HAS_ENDED


def test_closed_by_hand__can_be_reopened_and_goes_on_where_it_was() -> None:
    assert refusal("reopen", closed_at=CLOSED_AT) is None
    assert refusal("plan from 2026-11-23: new_tickets 4", after(*FOR_A_PLAN, "reopen"), closed_at=CLOSED_AT) is None


def test_closed_by_hand__what_was_said_before_still_counts() -> None:
    assert refusal(STEPS["discussed"], at="2026-11-17 08:59", closed_at=CLOSED_AT) is None
    assert refusal(STEPS["discussed"], at="2026-11-17 09:00", closed_at=CLOSED_AT) is Refusal.HAS_ENDED


def test_closed_by_hand__again_after_it_was_reopened_ends_it_again() -> None:
    reopened = progress([taken("no concern", at="2026-11-17 08:00"), taken("reopen", at="2026-11-17 10:00")])

    assert not reopened.has_ended(utc("2026-11-17 08:05"))
    assert not reopened.has_ended(utc("2026-11-17 10:00"))
    assert reopened.has_ended(utc("2026-11-17 10:01"))


@pytest.mark.parametrize("text", ["plan met", "plan not met", "no concern"])
def test_ended__in_words_whether_or_not_the_issue_is_closed(text: str) -> None:
    assert after(*FOR_A_PLAN, "plan from 2026-11-23: new_tickets 4", text).has_ended(closed_at=None)


# --- days that cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["discussed with @their-manager on", "conversation held on"])
@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-03-02", None),
        ("2026-11-17", None),
        ("2026-11-18", None),  # with somebody east of UTC that day may have begun
        ("2026-11-19", Refusal.IN_THE_FUTURE),
    ],
)
def test_what_was_held__lies_behind(words: str, day: str, reason: Refusal | None) -> None:
    assert refusal(f"{words} {day}", after(STEPS["discussed"])) is reason


@pytest.mark.parametrize(
    ("day", "reason"), [("2026-11-16", Refusal.IN_THE_PAST), ("2026-11-17", Refusal.IN_THE_PAST), ("2026-11-18", None)]
)
def test_pause__lies_ahead(day: str, reason: Refusal | None) -> None:
    assert refusal(f"pause until {day}") is reason


@pytest.mark.parametrize("words", ["excuse", "settle new_tickets"])
@pytest.mark.parametrize(
    ("now", "reason"),
    [("2026-11-21 12:00", Refusal.IN_THE_FUTURE), ("2026-11-22 12:00", None), ("2026-11-23 00:00", None)],
)
def test_week__is_known_once_its_monday_has_come_somewhere(words: str, now: str, reason: Refusal | None) -> None:
    assert refusal(f"{words} 2026-W48", at=now) is reason


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("2026-10-05", Refusal.BEFORE_THE_CONVERSATION),
        ("2026-11-16", Refusal.BEFORE_THE_CONVERSATION),
        ("2026-11-17", None),
        ("2027-01-04", None),
    ],
)
def test_plan__starts_on_any_day_from_the_conversation_on(start: str, reason: Refusal | None) -> None:
    assert refusal(f"plan from {start}: new_tickets 4", after(*FOR_A_PLAN)) is reason


@pytest.mark.parametrize(
    ("start", "monday"), [("2026-11-16", "2026-11-16"), ("2026-11-17", "2026-11-23"), ("2026-11-22", "2026-11-23")]
)
def test_plan__its_weeks_count_from_a_monday_on(start: str, monday: str) -> None:
    plan = ActionPlan(start=date.fromisoformat(start), goals=())

    assert plan.counted_from == date.fromisoformat(monday)


@pytest.mark.parametrize("text", ["discussed with @their-username on 2026-11-16", "allow @a-username", "allow @Their-Username"])
def test_names__of_our_examples_are_nobody(text: str) -> None:
    assert refusal(text) is Refusal.IS_AN_EXAMPLE
    assert refusal(text, author=STRANGER) is Refusal.NOT_YOURS


@pytest.mark.parametrize("text", ["excuse {}", "settle docs_updates {}"])
@pytest.mark.parametrize(("week", "reason"), [("2026-W34", Refusal.NOT_JUDGED), ("2026-W35", None)])
def test_week__has_to_be_one_that_the_report_still_judges(text: str, week: str, reason: Refusal | None) -> None:
    # On Tuesday of week 47 the newest report judges weeks 35 to 46.
    assert refusal(text.format(week)) is reason
    assert weekly_refusal(text.format(week), MANAGER) is reason
    assert weekly_refusal(f"wrong docs_updates {week}", ENGINEER) is reason


def test_wrong_order__is_said_before_a_bad_day() -> None:
    assert refusal("conversation held on 2027-01-04") is Refusal.NOT_DISCUSSED
    assert refusal("pause until 2026-01-05", after("no concern")) is Refusal.HAS_ENDED


# --- who may command in a follow-up -------------------------------------------------------------------

EVERYTHING = (
    *STEPS.values(),
    "help",
    "excuse 2026-W44",
    "settle docs_updates 2026-W45",
    "allow @kaziz",
    "wrong docs_updates 2026-W45",
    "available 4.5",
)


def test_everything__has_one_of_each_kind() -> None:
    assert sorted(command(text).kind for text in EVERYTHING) == sorted(CommandKind)


@pytest.mark.parametrize("author", [STRANGER, ENGINEER, ALLOWED, ""])
@pytest.mark.parametrize("path", PATHS)
def test_somebody_else__is_refused_everything_in_the_same_words_whatever_the_state(author: str, path: str) -> None:
    so_far = after(*[STEPS[name] for name in PATHS[path]])

    assert {refusal(text, so_far, author) for text in EVERYTHING} == {Refusal.NOT_YOURS}
    assert {refusal(text, so_far, author, closed_at=CLOSED_AT) for text in EVERYTHING} == {Refusal.NOT_YOURS}


def test_usernames__are_the_same_account_in_capitals_and_without() -> None:
    so_far = after("allow @OHart")

    assert refusal("no concern", so_far, "ohart") is None
    assert refusal("no concern", so_far, MANAGER.upper()) is None


def test_whom_the_manager_allowed__may_do_as_the_manager_but_allow_nobody() -> None:
    so_far = after(f"allow @{ALLOWED}")

    for text in EVERYTHING:
        expected = Refusal.NOT_YOURS if text.startswith("allow") else refusal(text, so_far, MANAGER)
        assert refusal(text, so_far, ALLOWED) is expected
    assert refusal("no concern", so_far, ALLOWED) is None
    assert refusal("no concern", so_far, STRANGER) is Refusal.NOT_YOURS


@pytest.mark.parametrize("text", ["wrong docs_updates 2026-W45", "available 4.5"])
def test_manager__does_not_speak_for_the_engineer(text: str) -> None:
    assert refusal(text) is Refusal.IN_THE_WEEKLY_REPORT


def test_nobody__has_a_word_in_a_follow_up_without_a_manager() -> None:
    speak = said("no concern", MANAGER)

    assert follow_up_refusal(command("no concern"), speak, "", Progress(), None) is Refusal.NOT_YOURS


# --- who may command in a weekly report ---------------------------------------------------------------


def weekly_refusal(text: str, author: str, at: str = NOW) -> Refusal | None:
    """Why the weekly report of the engineer does not take a command."""
    return weekly_report_refusal(command(text), said(text, author, at), ENGINEER, MANAGER)


@pytest.mark.parametrize("text", EVERYTHING)
def test_weekly_report__takes_a_few_words_of_each(text: str) -> None:
    kind = command(text).kind
    both, engineers, managers = {"help"}, {"wrong", "available"}, {"excuse", "settle"}

    assert (weekly_refusal(text, ENGINEER) is None) == (kind in both | engineers)
    assert (weekly_refusal(text, MANAGER) is None) == (kind in both | managers)
    assert weekly_refusal(text, STRANGER) is Refusal.NOT_YOURS
    assert weekly_refusal(text, "") is Refusal.NOT_YOURS


@pytest.mark.parametrize("text", [text for text in EVERYTHING if not text.startswith(("help", "wrong", "available"))])
def test_weekly_report__does_not_tell_the_engineer_where_else_it_could_be_said(text: str) -> None:
    assert weekly_refusal(text, ENGINEER) is Refusal.NOT_YOURS


@pytest.mark.parametrize("text", [*STEPS.values(), "allow @kaziz"])
def test_weekly_report__sends_the_manager_to_the_follow_up(text: str) -> None:
    assert weekly_refusal(text, MANAGER) is Refusal.IN_THE_FOLLOW_UP


@pytest.mark.parametrize("text", ["wrong docs_updates 2026-W45", "available 4.5"])
def test_weekly_report__the_manager_does_not_speak_for_the_engineer(text: str) -> None:
    assert weekly_refusal(text, MANAGER) is Refusal.NOT_YOURS


@pytest.mark.parametrize(
    ("text", "author"),
    [("wrong docs_updates 2026-W48", ENGINEER), ("excuse 2026-W48", MANAGER), ("settle docs_updates 2026-W48", MANAGER)],
)
def test_weekly_report__a_week_to_come_is_not_known_yet(text: str, author: str) -> None:
    assert weekly_refusal(text, author, at="2026-11-21 12:00") is Refusal.IN_THE_FUTURE
    assert weekly_refusal(text, author, at="2026-11-22 12:00") is None


# --- the weeks of an action plan ----------------------------------------------------------------------

NOWHERE = Places(gitlab_url="", zendesk_url="", product_group="", handbook_project="", training_project="", pairing_project="")

#: Four tickets per full week, from the Monday of 2026-W43 on.
FROM_W43 = ActionPlan(start=date(2026, 10, 19), goals=(PlanGoal(measure="new_tickets", target=4),))


def plan_after(
    week: str,
    plan: ActionPlan = FROM_W43,
    context: Context = Context(),  # noqa: B008  (frozen)
    said_of_weeks: Overrides = Overrides(),  # noqa: B008  (frozen)
    until: str = "2027-01-01",
) -> PlanView:
    """How a plan looks once a week is over."""
    made = Plan(team=team(), goals=goal_book(agreement(terms("new_tickets", 5))), context=context, rule_sets=(rules(),))
    rows = (evidence("2026-10-20 10:00"), evidence("2026-10-21 10:00"), evidence("2026-11-03 10:00"))
    observed = Observed(measures=(measure(),), evidence=rows, coverage=(coverage(until=until),), contributions=())
    results = judge(made, observed, Week.parse(week), said=said_of_weeks)
    desk = Desk(plan=made, results=results, places=NOWHERE, today=TODAY, mention="@support-reports")
    return plan_view(desk, desk.of(ENGINEER), plan)


def counted(view: PlanView) -> list[tuple[int, bool]]:
    """The number of each week of a plan, and whether it counts."""
    return [(row.week.number, row.is_counted) for row in view.weeks]


@pytest.mark.parametrize(
    ("week", "weeks", "is_over"),
    [
        ("2026-W42", [], False),
        ("2026-W43", [(43, True)], False),
        ("2026-W44", [(43, True), (44, True)], True),
        ("2026-W46", [(43, True), (44, True)], True),
    ],
)
def test_plan__is_over_after_two_counted_weeks(week: str, weeks: list[tuple[int, bool]], is_over: bool) -> None:
    view = plan_after(week)

    assert (counted(view), view.weeks_counted, view.is_over) == (weeks, len(weeks), is_over)


def test_plan__begins_with_the_first_whole_week() -> None:
    from_tuesday = ActionPlan(start=date(2026, 10, 20), goals=FROM_W43.goals)

    assert counted(plan_after("2026-W46", from_tuesday)) == [(44, True), (45, True)]


def test_plan__a_week_of_leave_moves_its_end() -> None:
    leave = Context(unavailable=(away("2026-10-26", "2026-10-30"),))

    assert not plan_after("2026-W44", context=leave).is_over
    assert counted(plan_after("2026-W46", context=leave)) == [(43, True), (44, False), (45, True)]


def test_plan__two_weeks_of_leave_move_its_end_by_two() -> None:
    leave = Context(unavailable=(away("2026-10-19", "2026-10-30"),))

    assert counted(plan_after("2026-W46", context=leave)) == [(43, False), (44, False), (45, True), (46, True)]


def test_plan__on_call_and_the_week_after_it_move_its_end() -> None:
    shift = Context(on_call=(on_call("2026-10-21", "2026-10-22"),))

    assert counted(plan_after("2026-W46", context=shift)) == [(43, False), (44, False), (45, True), (46, True)]


def test_plan__a_day_off_moves_nothing_and_scales_the_target() -> None:
    view = plan_after("2026-W44", context=Context(unavailable=(away("2026-10-23"),)))

    # 4 per full week, 4 of 5 days available: 3.2; nobody was off in the week after.
    assert [row.cells[0].target for row in view.weeks] == [3.2, 4.0]
    assert view.is_over


def test_plan__a_week_without_data_does_not_count() -> None:
    view = plan_after("2026-W44", until="2026-10-30")

    assert counted(view) == [(43, True), (44, False)]
    assert not view.is_over


def test_plan__an_excused_week_does_not_count() -> None:
    view = plan_after("2026-W45", said_of_weeks=Overrides(excused=frozenset({(ENGINEER, Week(2026, 43))})))

    assert counted(view) == [(43, False), (44, True), (45, True)]


def test_plan__shows_what_each_week_came_to() -> None:
    view = plan_after("2026-W46")

    assert [row.cells[0].measurement.value for row in view.weeks] == [2, 0]
    assert [(measure.name, target) for measure, target in view.goals] == [("new_tickets", 4)]


def test_plan__a_measure_that_is_gone_is_left_out() -> None:
    both = (*FROM_W43.goals, PlanGoal(measure="gone", target=1))

    view = plan_after("2026-W44", ActionPlan(start=FROM_W43.start, goals=both))

    assert [len(row.cells) for row in view.weeks] == [1, 1]
    assert [measure.name for measure, _ in view.goals] == ["new_tickets"]
