"""Follow-ups of the example organisation and the tool's answers, for the tests of rendering; all of it is invented."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from reports.core.case_views import (
    AnswerView,
    CaseWeek,
    ChangeView,
    Examples,
    Explanation,
    ExplanationView,
    FollowUpView,
    MissedCell,
    MissedGoal,
    OtherWork,
    PlanCell,
    PlanOverView,
    PlanView,
    PlanWeek,
)
from reports.core.chance import ByChance
from reports.core.commands import Command, CommandKind, Misunderstood, PlanGoal, Trouble
from reports.core.followups import ActionPlan, CaseState, Progress, Refusal, Taken
from reports.core.judgement import Capacity, Status
from reports.core.model import Goal, GoalKind, Measure, Measurement, Period
from reports.core.overrides import EXCUSED
from reports.core.rates import ratio
from reports.core.view import EvidenceView, RunView
from reports.core.views import View
from reports.core.weeks import DayRange, Week
from tests.builders import utc
from tests.views import DOCS, NEW_TICKETS, OWN_REPLIES, PAIRING, TRAINING, WEEK, capacity, head, tickets

MENTION = "@support-reports"
MISSED, MET, NOISE = Status.NOT_MET, Status.MET, Status.WITHIN_NOISE

EXAMPLES = Examples(past=date(2026, 11, 16), to_come=date(2026, 11, 23), week=WEEK)
PLAN = ActionPlan(
    start=date(2026, 11, 30), goals=(PlanGoal(measure="new_tickets", target=4), PlanGoal(measure="pairing_sessions", target=1))
)


# --- parts ------------------------------------------------------------------------------------------


def held(week: Week, away: float = 0.0, on_call: int = 0, uncounted: str = "") -> Capacity:
    """What a full-time person had of a week."""
    return capacity(DayRange(week.first_day, week.last_day), away=away, on_call=on_call, uncounted=uncounted)


def cell(of: Measure, found: float | Measurement, target: float, status: Status = MISSED, reason: str = "") -> MissedCell:
    """What a goal to reach a number came to in a week; `target` is scaled already."""
    return MissedCell(
        goal=Goal(measure=of.name, target=target, per=Period.WEEK, agreed_by=("kaziz",), agreed_on=None, is_draft=False),
        measure=of,
        measurement=found if isinstance(found, Measurement) else Measurement(value=found),
        target=target,
        status=status,
        reason=reason,
    )


def missed_week(week: Week, new: float, pairing: float, away: float = 0.0, status: Status = MISSED) -> CaseWeek:
    """A week of Karim's with five new tickets and two pairing sessions agreed, both with the same status."""
    part = 1 - away / 5
    goals = (cell(NEW_TICKETS, new, 5 * part, status), cell(PAIRING, pairing, 2 * part, status)) if status is not MET else ()
    return CaseWeek(week=week, status=status, capacity=held(week, away), goals=goals)


def excused(week: CaseWeek) -> CaseWeek:
    """The same week after it was excused."""
    goals = tuple(replace(each, status=Status.NOT_ASSESSED, reason=EXCUSED) for each in week.goals)
    return replace(week, status=Status.NOT_ASSESSED, capacity=replace(week.capacity, uncounted=EXCUSED), goals=goals)


def explained(
    amounts: dict[Explanation, float], other: tuple[OtherWork, ...] = (), unmet: tuple[Measure, ...] = ()
) -> tuple[ExplanationView, ...]:
    """Every explanation, with the kinds of other work and the targets never met."""
    named = {
        Explanation.OTHER_WORK: ExplanationView(kind=Explanation.OTHER_WORK, amount=len(other), other_work=other),
        Explanation.TARGET: ExplanationView(kind=Explanation.TARGET, amount=len(unmet), measures=unmet),
    }
    return tuple(named.get(kind) or ExplanationView(kind=kind, amount=amounts.get(kind, 0)) for kind in Explanation)


def more(measure: Measure, before: float, now: float) -> OtherWork:
    """A kind of work of which there was more than before."""
    return OtherWork(measure=measure, before=before, now=now)


def missed(measure: Measure, weeks: int, counted: int) -> MissedGoal:
    return MissedGoal(measure=measure, weeks_missed=weeks, weeks_counted=counted)


def took(command: Command, at: str, author: str = "plindqvist", comment: int = 1) -> Taken:
    return Taken(command=command, author=author, at=utc(at), comment=comment)


def newest_first(*events: EvidenceView) -> tuple[EvidenceView, ...]:
    def when(event: EvidenceView) -> datetime:
        return event.at

    return tuple(sorted(events, key=when, reverse=True))


# --- follow-ups ---------------------------------------------------------------------------------------

KARIMS_WEEKS = (
    missed_week(WEEK, 2, 0),
    missed_week(WEEK.plus(-1), 1, 0),
    missed_week(WEEK.plus(-2), 2, 0, away=1),
    missed_week(WEEK.plus(-3), 2, 0),
)
KARIMS_TICKETS = newest_first(
    *tickets(WEEK.first_day, (84300, 84322), "taken"),
    *tickets(WEEK.plus(-1).first_day, (84262,), "taken"),
    *tickets(WEEK.plus(-2).first_day, (84201, 84219), "taken"),
    *tickets(WEEK.plus(-3).first_day, (84120, 84133), "taken"),
)


def follow_up_new() -> FollowUpView:
    """Karim Aziz after four counted weeks in a row with fewer new tickets than agreed and no pairing; opened just now."""
    return FollowUpView(
        head=head(),
        name="Karim Aziz",
        username="kaziz",
        manager="Petra Lindqvist",
        mention=MENTION,
        opened=WEEK,
        due_on=date(2026, 11, 23),
        run=RunView(length=4, needed=4, assessed_weeks=12, by_chance=ByChance.BEYOND),
        state=CaseState.OPEN,
        progress=Progress(),
        weeks=KARIMS_WEEKS,
        missed=(missed(NEW_TICKETS, 4, 4), missed(PAIRING, 4, 4)),
        explanations=explained({Explanation.LEAVE: 1, Explanation.ONBOARDING: 14.3}, other=(more(DOCS, 0.5, 2),)),
        events_since=None,
        evidence=((NEW_TICKETS, KARIMS_TICKETS), (PAIRING, ())),
        plan=None,
        taken=(),
        example_plan=(PlanGoal(measure="new_tickets", target=2), PlanGoal(measure="pairing_sessions", target=1)),
        examples=EXAMPLES,
    )


def follow_up_after_an_excuse() -> FollowUpView:
    """The same after it was discussed and a week was excused: three missed weeks are left."""
    return replace(
        follow_up_new(),
        state=CaseState.DISCUSSED,
        progress=Progress(discussed_with="sfarrow", discussed_on=STEPS.discussed_on),
        run=RunView(length=3, needed=4, assessed_weeks=11),
        weeks=(*KARIMS_WEEKS[:2], excused(KARIMS_WEEKS[2]), KARIMS_WEEKS[3]),
        missed=(missed(NEW_TICKETS, 3, 3), missed(PAIRING, 1, 3)),
        explanations=explained(
            {Explanation.PART_TIME: 4, Explanation.CORRECTIONS: 1.5, Explanation.ONBOARDING: 51.5}, unmet=(NEW_TICKETS, PAIRING)
        ),
        taken=SAID[:2],
    )


def follow_up_within_chance() -> FollowUpView:
    """Nora Quist, one new ticket short in each of four counted weeks around an on-call week; chance does as much."""

    def week(back: int, *others: MissedCell) -> CaseWeek:
        of = WEEK.plus(-back)
        return CaseWeek(week=of, status=MISSED, capacity=held(of), goals=(cell(NEW_TICKETS, 4, 5), *others))

    def band(found: Measurement, status: Status, reason: str = "") -> MissedCell:
        plain = cell(OWN_REPLIES, found, 50, status, reason)
        return replace(plain, goal=replace(plain.goal, kind=GoalKind.BAND, upper=60))

    no_data = "what was replied on Wed 21 Oct could not be read"
    on_call, after = WEEK.plus(-2), WEEK.plus(-1)
    weeks = (
        week(0),
        CaseWeek(week=after, status=Status.NOT_ASSESSED, capacity=held(after, uncounted="week after on-call"), goals=()),
        CaseWeek(week=on_call, status=Status.NOT_ASSESSED, capacity=held(on_call, on_call=7, uncounted="on call"), goals=()),
        week(3, band(Measurement(value=None, missing=no_data), Status.NO_DATA, no_data)),
        week(4, band(ratio(21, 44), NOISE)),
        week(5),
    )
    return replace(
        follow_up_new(),
        name="Nora Quist",
        username="nquist",
        run=RunView(length=4, needed=4, assessed_weeks=11, by_chance=ByChance.WITHIN),
        weeks=weeks,
        missed=(missed(NEW_TICKETS, 4, 4),),
        explanations=explained(
            {Explanation.ON_CALL: 7, Explanation.ESCALATION: 1, Explanation.DATA_GAPS: 1, Explanation.ONBOARDING: 31},
        ),
        evidence=((NEW_TICKETS, newest_first(*tickets(WEEK.first_day, (84311, 84318, 84325, 84330), "taken"))),),
        example_plan=(PlanGoal(measure="new_tickets", target=2),),
    )


def plan_week(week: Week, new: float, pairing: float, away: float = 0.0, uncounted: str = "") -> PlanWeek:
    """A week of Karim's plan, with targets scaled to the days that were left."""
    part = 1 - away / 5
    cells = tuple(
        PlanCell(measure=of, measurement=Measurement(value=value), target=target * part)
        for of, value, target in ((NEW_TICKETS, new, 4), (PAIRING, pairing, 1))
    )
    return PlanWeek(week=week, is_counted=not uncounted, capacity=held(week, away, uncounted=uncounted), cells=cells)


#: The first week of the plan lies in a leave that nobody had thought of.
PLAN_WEEKS = (
    plan_week(Week(2026, 49), 0, 0, away=5, uncounted="away"),
    plan_week(Week(2026, 50), 4, 1),
    plan_week(Week(2026, 51), 5, 1, away=1),
)


def plan_of_karim(weeks: tuple[PlanWeek, ...]) -> PlanView:
    return PlanView(plan=PLAN, goals=((NEW_TICKETS, 4.0), (PAIRING, 1.0)), weeks=weeks, weeks_needed=2)


STEPS = Progress(
    discussed_with="sfarrow",
    discussed_on=date(2026, 11, 17),
    informed_on=date(2026, 11, 19),
    conversation_on=date(2026, 11, 20),
    plan=PLAN,
)
EXCUSE = Command(kind=CommandKind.EXCUSE, week=WEEK.plus(-2))
DISCUSSED = Command(kind=CommandKind.DISCUSSED, who="sfarrow", day=STEPS.discussed_on)
INFORMED = Command(kind=CommandKind.INFORMED)
CONVERSATION = Command(kind=CommandKind.CONVERSATION_HELD, day=STEPS.conversation_on)
PLAN_FROM = Command(kind=CommandKind.PLAN_FROM, day=PLAN.start, goals=PLAN.goals)
SAID = (
    took(EXCUSE, "2026-11-16 14:02", comment=1),
    took(DISCUSSED, "2026-11-17 16:40", comment=2),
    took(Command(kind=CommandKind.ALLOW, who="ohart"), "2026-11-17 16:40", comment=2),
    took(INFORMED, "2026-11-19 10:15", author="ohart", comment=3),
    took(CONVERSATION, "2026-11-20 15:31", comment=4),
    took(PLAN_FROM, "2026-11-25 09:12", comment=5),
)


def follow_up_action_plan() -> FollowUpView:
    """Karim's follow-up after week 50: one week of the plan has counted, the one before was leave."""
    since = Week(2026, 50)
    on_leave = since.plus(-1)
    weeks = (
        missed_week(since, 4, 1),
        CaseWeek(week=on_leave, status=Status.NOT_ASSESSED, capacity=held(on_leave, away=5, uncounted="away"), goals=()),
        missed_week(since.plus(-2), 5, 2, status=MET),
        missed_week(since.plus(-3), 5, 2, status=MET),
        *KARIMS_WEEKS[:2],
        excused(KARIMS_WEEKS[2]),
        KARIMS_WEEKS[3],
    )
    return replace(
        follow_up_new(),
        head=head(since),
        run=RunView(length=1, needed=4, assessed_weeks=10),
        state=CaseState.ACTION_PLAN,
        progress=replace(STEPS, allowed=frozenset({"ohart"})),
        weeks=weeks,
        explanations=explained({Explanation.LEAVE: 6, Explanation.ONBOARDING: 15.2}, other=(more(DOCS, 0.5, 2),)),
        plan=plan_of_karim(PLAN_WEEKS[:2]),
        examples=replace(EXAMPLES, past=since.report_day, to_come=since.plus(1).report_day),
        missed=(missed(NEW_TICKETS, 4, 6), missed(PAIRING, 4, 6)),
        taken=SAID,
    )


def follow_up_plan_over() -> FollowUpView:
    """The same a week later: the plan has had its two counted weeks."""
    return replace(follow_up_action_plan(), plan=plan_of_karim(PLAN_WEEKS))


def follow_up_paused() -> FollowUpView:
    """Karim's follow-up while he is away for longer: discussed, then paused."""
    until = date(2026, 12, 14)
    return replace(
        follow_up_new(),
        state=CaseState.PAUSED,
        progress=Progress(discussed_with="sfarrow", discussed_on=STEPS.discussed_on, paused_until=until),
        explanations=explained(
            {Explanation.ESCALATION: 2.5, Explanation.ONBOARDING: 14.3},
            other=(more(DOCS, 0.5, 2), more(TRAINING, 0, 1.25)),
            unmet=(PAIRING,),
        ),
        taken=(*SAID[1:2], took(Command(kind=CommandKind.PAUSE_UNTIL, day=until), "2026-11-18 08:30", comment=3)),
    )


def follow_up_plan_too_old() -> FollowUpView:
    """A follow-up whose plan began before the weeks that are judged, after nobody had said how it went."""
    start = date(2026, 8, 31)
    plan = replace(PLAN, start=start)
    return replace(
        follow_up_action_plan(),
        opened=Week(2026, 33),
        due_on=Week(2026, 34).first_day + timedelta(days=7),
        run=RunView(length=0, needed=4, assessed_weeks=10),
        progress=replace(STEPS, discussed_on=date(2026, 8, 18), informed_on=date(2026, 8, 19), conversation_on=date(2026, 8, 21),
                         plan=plan),
        weeks=tuple(missed_week(Week(2026, 50).plus(-back), 5, 2, status=MET) for back in range(4)),
        missed=(),
        explanations=explained({Explanation.ONBOARDING: 15.2}),
        evidence=(),
        plan=replace(plan_of_karim(()), plan=plan, is_too_old=True),
        taken=(took(replace(PLAN_FROM, day=start), "2026-08-25 09:12"),),
        example_plan=(),
        examples=Examples(past=date(2026, 12, 14), to_come=date(2026, 12, 21), week=Week(2026, 50)),
    )  # fmt: skip


# --- answers ------------------------------------------------------------------------------------------

HELP = Command(kind=CommandKind.HELP)
PLAN_MET, REOPEN = Command(kind=CommandKind.PLAN_MET), Command(kind=CommandKind.REOPEN)
WRONG = Command(kind=CommandKind.WRONG, measure="docs_updates", week=WEEK)

#: One command of every kind but `help`.
TAKEN = (
    EXCUSE,
    DISCUSSED,
    INFORMED,
    CONVERSATION,
    PLAN_FROM,
    PLAN_MET,
    Command(kind=CommandKind.PLAN_NOT_MET),
    Command(kind=CommandKind.NO_CONCERN),
    Command(kind=CommandKind.PAUSE_UNTIL, day=date(2026, 12, 14)),
    REOPEN,
    Command(kind=CommandKind.ALLOW, who="ohart"),
    Command(kind=CommandKind.SETTLE, measure="docs_updates", week=WEEK),
    WRONG,
    Command(kind=CommandKind.AVAILABLE, days=4.5),
)

#: Every reason for not taking a command, each with one that it is given for.
REFUSED = (
    (EXCUSE, Refusal.NOT_YOURS),
    (INFORMED, Refusal.NOT_DISCUSSED),
    (PLAN_FROM, Refusal.NO_CONVERSATION),
    (PLAN_MET, Refusal.NO_PLAN),
    (CONVERSATION, Refusal.HAS_ENDED),
    (REOPEN, Refusal.HAS_NOT_ENDED),
    (Command(kind=CommandKind.EXCUSE, week=Week(2026, 51)), Refusal.IN_THE_FUTURE),
    (Command(kind=CommandKind.PAUSE_UNTIL, day=date(2026, 11, 16)), Refusal.IN_THE_PAST),
    (Command(kind=CommandKind.AVAILABLE, days=4.5), Refusal.IN_THE_WEEKLY_REPORT),
    (DISCUSSED, Refusal.IN_THE_FOLLOW_UP),
    (WRONG, Refusal.ALREADY_SETTLED),
    (Command(kind=CommandKind.SETTLE, measure="docs_updates", week=WEEK), Refusal.NOT_DISPUTED),
    (Command(kind=CommandKind.EXCUSE, week=Week(2026, 12)), Refusal.NOT_JUDGED),
    (replace(PLAN_FROM, day=date(2026, 11, 2)), Refusal.BEFORE_THE_CONVERSATION),
    (replace(DISCUSSED, who="their-username"), Refusal.IS_AN_EXAMPLE),
    (Command(kind=CommandKind.ALLOW, who="iduarte"), Refusal.IS_AN_ENGINEER),
)

#: Everything that can be the matter with a line, as the parser reports it.
MISUNDERSTOOD = (
    Misunderstood(trouble=Trouble.UNKNOWN_WORD),
    Misunderstood(trouble=Trouble.UNKNOWN_WORD, kind=CommandKind.NO_CONCERN, nearest="no concern"),
    Misunderstood(trouble=Trouble.NO_WEEK, kind=CommandKind.EXCUSE),
    Misunderstood(trouble=Trouble.BAD_WEEK, kind=CommandKind.EXCUSE),
    Misunderstood(trouble=Trouble.NO_DAY, kind=CommandKind.CONVERSATION_HELD),
    Misunderstood(trouble=Trouble.BAD_DAY, kind=CommandKind.PAUSE_UNTIL),
    Misunderstood(trouble=Trouble.NO_PERSON, kind=CommandKind.DISCUSSED),
    Misunderstood(trouble=Trouble.NO_MEASURE, kind=CommandKind.SETTLE),
    Misunderstood(trouble=Trouble.UNKNOWN_MEASURE, kind=CommandKind.WRONG, nearest="docs_updates"),
    Misunderstood(trouble=Trouble.NO_GOALS, kind=CommandKind.PLAN_FROM),
    Misunderstood(trouble=Trouble.UNKNOWN_WORD, kind=CommandKind.AVAILABLE, nearest="available 4.5"),
    Misunderstood(trouble=Trouble.NO_NUMBER, kind=CommandKind.AVAILABLE),
    Misunderstood(trouble=Trouble.BAD_NUMBER, kind=CommandKind.AVAILABLE),
)


def answer(
    *taken: Command,
    refused: tuple[tuple[Command, Refusal], ...] = (),
    misunderstood: tuple[Misunderstood, ...] = (),
    is_follow_up: bool = True,
) -> AnswerView:
    """The answer to a comment of Monday 16 November."""
    return AnswerView(
        mention=MENTION,
        author="plindqvist",
        name="Petra Lindqvist",
        is_follow_up=is_follow_up,
        taken=taken,
        refused=refused,
        misunderstood=misunderstood,
        examples=Examples(past=date(2026, 11, 16), to_come=date(2026, 11, 30), week=WEEK),
    )


def changed(*taken: Command, is_damaged: bool = False) -> ChangeView:
    return ChangeView(mention=MENTION, author="plindqvist", taken=taken, is_damaged=is_damaged)


#: Every golden follow-up.
FOLLOW_UPS: dict[str, FollowUpView] = {
    "new": follow_up_new(),
    "after_an_excuse": follow_up_after_an_excuse(),
    "within_chance": follow_up_within_chance(),
    "action_plan": follow_up_action_plan(),
    "paused": follow_up_paused(),
    "plan_too_old": follow_up_plan_too_old(),
}

#: Every golden case by its name, with the template it is rendered with.
FOLLOW_UP_CASES: dict[str, tuple[str, View]] = {
    **{f"follow_up_{case}": ("follow_up", view) for case, view in FOLLOW_UPS.items()},
    "answer_help_follow_up": ("answer", answer(HELP)),
    "answer_help_weekly": ("answer", answer(HELP, is_follow_up=False)),
    "answer_taken_and_refused": ("answer", answer(*TAKEN, refused=REFUSED)),
    "answer_misunderstood": ("answer", answer(misunderstood=MISUNDERSTOOD)),
    "changed_comment": ("changed_comment", changed(EXCUSE, DISCUSSED)),
    "changed_comment_damaged": ("changed_comment", changed(is_damaged=True)),
    "plan_over": ("plan_over", PlanOverView(mention=MENTION, plan=plan_of_karim(PLAN_WEEKS))),
}
