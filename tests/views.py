"""Complete views of the example organisation for the tests of rendering; all people, numbers and titles are invented."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from reports.core.action_log import Deed, LogEntry
from reports.core.chance import ByChance
from reports.core.group_numbers import CategoryRow, GroupKind
from reports.core.judgement import Capacity, Status
from reports.core.model import Aggregation, Goal, GoalKind, Measure, Measurement, Period, Privacy
from reports.core.overrides import DISPUTED
from reports.core.rates import if_enough, quantile, ratio
from reports.core.service_view import ServiceGroup, ServiceNumber, ServiceWeeklyView
from reports.core.view import (
    BaselineView,
    Contribution,
    ContributionsView,
    CountView,
    EngineerWeeklyView,
    EvidenceView,
    FollowUpStand,
    GoalView,
    Link,
    ReportHead,
    RestatedView,
    RunView,
    TeamMemberRow,
    TeamNumber,
    TeamWeeklyView,
    TrendView,
    WeekCell,
    WeekRow,
)
from reports.core.views import View
from reports.core.weeks import DayRange, Week

HOSTS = frozenset({"gitlab.example", "acme.zendesk.example"})
#: The reports of the example whose links may leave a trace at the other end.
TRACING = ("team_weekly", "region_queue", "contributions")
GITLAB = "https://gitlab.example"
ZENDESK = "https://acme.zendesk.example"
WEEK = Week(2026, 46)
TREND_WEEKS = WEEK.back_to(12)

Values = tuple[float | None, ...]


def measure(name: str, title: str, unit: str, definition: str, source: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=unit,
        kind=Aggregation.COUNT,
        direction="more",
        privacy=Privacy.P3,
        definition=definition,
        source=source,
        streams=("zendesk.ticket_events" if source.startswith("Zendesk") else "gitlab.issues",),
        family="tickets" if source.startswith("Zendesk") else "contributions",
    )


NEW_TICKETS = measure(
    "new_tickets",
    "New tickets",
    "tickets",
    "Tickets whose first assignment to a person was to you.",
    "Zendesk ticket events.",
)
PAIRING = measure(
    "pairing_sessions",
    "Pairing sessions",
    "sessions",
    "Issues of the pairing project that you are assigned to, by the day they were opened.",
    "GitLab issues of acme/support/support-pairing.",
)
DOCS = measure(
    "docs_updates",
    "Docs updates",
    "merge requests",
    "Your merged merge requests in the product group with the label documentation.",
    "GitLab merge requests of gitlab-org.",
)
TRAINING = measure(
    "training_modules",
    "Training modules",
    "modules",
    "Issues of the training project that you are assigned to, by the day they were closed.",
    "GitLab issues of acme/support/support-training.",
)
SOLVED = measure(
    "solved_tickets",
    "Solved tickets",
    "tickets",
    "Tickets solved while assigned to you, once per week.",
    "Zendesk ticket events.",
)
PUBLIC = measure(
    "public_comments", "Public comments", "comments", "Public replies you wrote on any ticket.", "Zendesk ticket events."
)
INTERNAL = measure(
    "internal_notes", "Internal notes", "notes", "Internal notes you wrote on any ticket.", "Zendesk ticket events."
)
ISSUES = measure(
    "issues_created", "Issues created", "issues", "Issues you opened in the product group.", "GitLab issues of gitlab-org."
)

OWN_REPLIES = replace(
    measure(
        "own_ticket_reply_share",
        "Own-ticket reply share",
        "replies",
        "Of your public replies, the share on tickets assigned to you at that moment.",
        "Zendesk ticket events.",
    ),
    kind=Aggregation.RATIO,
    direction="none",
)
FIRST_REPLY_SLA = replace(
    OWN_REPLIES, name="first_reply_sla", title="First replies in time", unit="first replies", direction="more"
)
SATISFIED = replace(OWN_REPLIES, name="satisfaction", title="Satisfied answers", unit="answers", direction="more")
RESOLVE = replace(
    OWN_REPLIES,
    name="time_to_resolve",
    title="Time to resolve",
    unit="hours",
    kind=Aggregation.MEDIAN,
    definition="Hours from creation to first solve, without time on hold.",
    direction="less",
)


# --- parts ------------------------------------------------------------------------------------------


def head(week: Week = WEEK, gaps: tuple[str, ...] = ()) -> ReportHead:
    return ReportHead(
        week=week,
        first_day=week.first_day,
        last_day=week.last_day,
        organisation="Acme Support",
        time_zone="UTC",
        rule_set="handbook-2023",
        data_until=datetime.combine(week.plus(1).first_day, datetime.min.time(), UTC),
        gaps=gaps,
    )


def capacity(
    days: DayRange | None = None,
    working: float = 5.0,
    away: float = 0.0,
    reduced: float = 0.0,
    on_call: int = 0,
    labels: tuple[str, ...] = (),
    uncounted: str = "",
    full_time: float = 5.0,
    rotations: tuple[str, ...] = (),
    on_call_week: float = 0.0,
    after_on_call: float = 0.0,
) -> Capacity:
    return Capacity(
        days=days or DayRange(WEEK.first_day, WEEK.last_day),
        working_days=working,
        unavailable_days=away,
        reduced_days=reduced,
        on_call_days=on_call,
        labels=labels,
        uncounted=uncounted,
        full_time_days=full_time,
        rotations=rotations,
        on_call_week_days=on_call_week,
        after_on_call_days=after_on_call,
    )


def ticket_event(ticket: int, day: date, note: str) -> EvidenceView:
    return EvidenceView(
        at=datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC), note=note, url=f"{ZENDESK}/agent/tickets/{ticket}", value=1
    )


def tickets(day: date, numbers: tuple[int, ...], what: str) -> tuple[EvidenceView, ...]:
    return tuple(ticket_event(n, day + timedelta(days=at % 4), f"ticket {n} {what}") for at, n in enumerate(numbers))


def gitlab_event(path: str, day: date, note: str) -> EvidenceView:
    return EvidenceView(at=datetime(day.year, day.month, day.day, 14, tzinfo=UTC), note=note, url=f"{GITLAB}/{path}", value=1)


def pairing_event(iid: int, day: date, note: str) -> EvidenceView:
    return gitlab_event(f"acme/support/support-pairing/-/issues/{iid}", day, note)


def goal(
    of: Measure,
    value: float | None,
    target: float,
    status: Status,
    *,
    per: Period = Period.WEEK,
    scaled: float | None = None,
    reason: str = "",
    missing: str = "",
    trend: Values = (),
    targets: Values = (),
    evidence: tuple[EvidenceView, ...] = (),
    held: Capacity | None = None,
    agreed_by: tuple[str, ...] = ("iduarte", "plindqvist"),
    is_draft: bool = False,
    week: Week = WEEK,
) -> GoalView:
    shown = target if scaled is None else scaled
    first = {Period.WEEK: week.first_day, Period.ROLLING_30_DAYS: week.last_day - timedelta(days=29)}.get(per, date(2026, 10, 1))
    values = trend or (None,) * len(TREND_WEEKS)
    return GoalView(
        measure=of,
        goal=Goal(
            measure=of.name,
            target=target,
            per=per,
            agreed_by=agreed_by,
            agreed_on=date(2026, 6, 22) if agreed_by else None,
            is_draft=is_draft,
        ),
        status=status,
        measurement=Measurement(value=value, missing=missing),
        target=shown,
        reason=reason,
        span=(first, week.last_day),
        trend=TrendView(weeks=week.back_to(len(values)), values=values, targets=targets or (None,) * len(values)),
        evidence=evidence,
        capacity=held or capacity(DayRange(first, week.last_day)),
    )


def count(of: Measure, value: float | None, evidence: tuple[EvidenceView, ...] = (), missing: str = "") -> CountView:
    return CountView(measure=of, measurement=Measurement(value=value, missing=missing), evidence=evidence)


def row(week: Week, status: Status, *cells: WeekCell | None, held: Capacity | None = None) -> WeekRow:
    return WeekRow(week=week, capacity=held or capacity(DayRange(week.first_day, week.last_day)), cells=cells, status=status)


def seen(value: float | None, target: float, status: Status = Status.MET) -> WeekCell:
    agreed = Goal(measure="new_tickets", target=target, per=Period.WEEK, agreed_by=(), agreed_on=None, is_draft=False)
    return WeekCell(
        goal=agreed,
        measurement=Measurement(value=value, missing="" if value is not None else "not gathered"),
        target=target,
        status=status,
    )


def compared(of: Measure, value: float | None, line: float | None, status: Status, peers: int = 11) -> BaselineView:
    return BaselineView(measure=of, value=value, line=line, peers=peers, status=status)


LINKS = (
    Link(text="Tickets assigned", url=f"{ZENDESK}/agent/search/1?type=ticket&q=assignee%3A4410005+status%3Csolved"),
    Link(
        text="Docs updates merged", url=f"{GITLAB}/groups/gitlab-org/-/merge_requests?state=merged&label_name%5B%5D=documentation"
    ),
)


# --- engineers --------------------------------------------------------------------------------------


def engineer_ordinary() -> EngineerWeeklyView:
    """Ines Duarte, two weeks after an on-call week, one day away: everything met but one thing within noise."""
    monday = WEEK.first_day
    four_days = capacity(away=1.0)
    month = DayRange(WEEK.last_day - timedelta(days=29), WEEK.last_day)
    docs = (
        gitlab_event("gitlab-org/gitlab/-/merge_requests/210077", date(2026, 10, 20), "Explain LDAP group sync intervals"),
        gitlab_event("gitlab-org/gitlab/-/merge_requests/210411", date(2026, 11, 11), "Geo: say which ports the secondary needs"),
    )
    goals = (
        goal(DOCS, 2, 2, Status.MET, per=Period.ROLLING_30_DAYS, scaled=0.9, evidence=docs,
             held=capacity(month, working=20, away=1, on_call_week=5, after_on_call=5, rotations=("ceoc",), on_call=7,
                           full_time=20),
             trend=(2, 2, 2, 2, 3, 2, 2, 2, 2, 1, 1, 2), targets=(2, 2, 2, 2, 2, 2, 2, 2, 2, None, None, 0.9)),
        goal(NEW_TICKETS, 4, 5, Status.MET, scaled=4.0, held=four_days,
             evidence=tickets(monday, (84211, 84190, 84202, 84177), "taken"),
             trend=(5, 6, 5, 4, 6, 5, 7, 5, 5, 1, 3, 4), targets=(5, 5, 5, 5, 5, 5, 5, 5, 5, None, None, 4)),
        goal(PAIRING, 1, 2, Status.WITHIN_NOISE, scaled=1.6, held=four_days,
             evidence=(pairing_event(311, date(2026, 11, 10), "Pairing: Geo replication lag"),),
             trend=(2, 2, 1, 2, 3, 2, 2, 2, 2, 0, 1, 1), targets=(2, 2, 2, 2, 2, 2, 2, 2, 2, None, None, 1.6)),
        goal(TRAINING, 0, 1, Status.NOT_ASSESSED, per=Period.QUARTER, scaled=0.7, reason="counted when the quarter ends",
             held=capacity(DayRange(date(2026, 10, 1), WEEK.last_day), working=32, away=1, on_call_week=5, after_on_call=5,
                           rotations=("ceoc",), full_time=32),
             trend=(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), targets=(None,) * 12),
    )  # fmt: skip
    weeks = (
        row(WEEK, Status.WITHIN_NOISE, seen(2, 0.9), seen(4, 4), seen(1, 1.6, Status.WITHIN_NOISE),
            seen(0, 0.7, Status.NOT_ASSESSED), held=four_days),
        row(WEEK.plus(-1), Status.NOT_ASSESSED, *(seen(v, 0, Status.NOT_ASSESSED) for v in (1, 3, 1, 0)),
            held=capacity(uncounted="week after on-call")),
        row(WEEK.plus(-2), Status.NOT_ASSESSED, *(seen(v, 0, Status.NOT_ASSESSED) for v in (1, 1, 0, 0)),
            held=capacity(on_call=7, rotations=("ceoc",), uncounted="on call")),
        row(WEEK.plus(-3), Status.MET, seen(2, 2), seen(5, 5), seen(2, 2), seen(0, 1, Status.NOT_ASSESSED)),
        row(WEEK.plus(-4), Status.MET, seen(2, 2), seen(5, 5), seen(2, 2), None),
    )  # fmt: skip
    return EngineerWeeklyView(
        head=head(),
        mention="@support-reports",
        name="Ines Duarte",
        username="iduarte",
        manager="Petra Lindqvist",
        focuses=(("self_managed", 100),),
        capacity=four_days,
        said_days=None,
        had_no_day_off=False,
        status=Status.WITHIN_NOISE,
        highlights=(Link(text=docs[1].note, url=docs[1].url),),
        goals=goals,
        goals_met=2,
        goals_assessed=3,
        baseline=(
            compared(SOLVED, 5, 4.8, Status.MET),
            compared(PUBLIC, 19, 19.9, Status.WITHIN_NOISE),
            compared(INTERNAL, 5, 8.0, Status.NOT_MET),
        ),
        baseline_focus="self_managed",
        counts=(
            count(INTERNAL, 5, tickets(monday, (84211, 84211, 84202, 84190, 84177), "noted")),
            count(ISSUES, 0),
            count(SOLVED, 5, tickets(monday, (84177, 84102, 84090, 84031, 83990), "solved")),
        ),
        review_tickets=(
            Link(text="ticket 84177", url=f"{ZENDESK}/agent/tickets/84177"),
            Link(text="ticket 84202", url=f"{ZENDESK}/agent/tickets/84202"),
        ),
        run=RunView(length=0, needed=4, assessed_weeks=10),
        follow_up=FollowUpStand(),
        example_measure="pairing_sessions",
        example_days=3.5,
        columns=(DOCS, NEW_TICKETS, PAIRING, TRAINING),
        weeks=weeks,
        restated=(),
        activity_links=LINKS,
        cannot_see=("Pairing sessions that nobody opened an issue for.",),
        log=log(),
    )


def log() -> tuple[LogEntry, ...]:
    """A week in which last week's report was opened and one comment answered, a goal was written anew, and all was given out."""
    readers = ("iduarte", "plindqvist", "support-reports-bot")
    monday = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)

    def entry(deed: Deed, hours: int, **special: Any) -> LogEntry:
        ordinary: dict[str, Any] = {"report": "engineer_weekly", "week": WEEK.plus(-1), "readers": readers}
        return LogEntry(at=monday + timedelta(hours=hours), deed=deed, by="support-reports-bot", **(ordinary | special))

    return (
        entry(Deed.OPENED, 0),
        entry(
            Deed.GOALS,
            0,
            report="",
            week=None,
            readers=(),
            detail="from 2026-11-09: the defaults",
        ),
        entry(Deed.OPENED, 1, is_follow_up=True),
        entry(Deed.ANSWERED, 27),
        replace(entry(Deed.EXPORTED, 30, report="", week=None, readers=()), by="ohart"),
    )


def engineer_four_missed() -> EngineerWeeklyView:
    """Karim Aziz after four counted weeks in a row with fewer new tickets than agreed and no pairing."""
    missed = Status.NOT_MET
    both = ("kaziz", "plindqvist")
    goals = (
        goal(NEW_TICKETS, 2, 5, missed, evidence=tickets(WEEK.first_day, (84300, 84322), "taken"), agreed_by=both,
             trend=(5, 5, 6, 5, 4, 5, 5, 6, 2, 3, 1, 2), targets=(5,) * 12),
        goal(PAIRING, 0, 2, missed, agreed_by=both, trend=(2, 2, 1, 2, 2, 2, 1, 2, 0, 0, 0, 0), targets=(2,) * 12),
    )  # fmt: skip
    weeks = tuple(
        row(WEEK.plus(-back), missed, seen(value, 5, missed), seen(0, 2, missed)) for back, value in enumerate((2, 1, 3, 2))
    )
    return replace(
        engineer_ordinary(),
        name="Karim Aziz",
        username="kaziz",
        capacity=capacity(),
        status=missed,
        highlights=(),
        goals=goals,
        goals_met=0,
        goals_assessed=2,
        baseline=(compared(SOLVED, 3, 6.0, missed), compared(PUBLIC, 25, 24.9, Status.MET)),
        counts=(count(SOLVED, 3, tickets(WEEK.first_day, (84009, 84010, 84011), "solved")),),
        review_tickets=(Link(text="ticket 84300", url=f"{ZENDESK}/agent/tickets/84300"),),
        run=RunView(length=4, needed=4, assessed_weeks=12, by_chance=ByChance.BEYOND),
        follow_up=FollowUpStand(since=WEEK),
        example_measure="new_tickets",
        example_days=4.5,
        columns=(NEW_TICKETS, PAIRING),
        weeks=(*weeks, row(WEEK.plus(-4), Status.MET, seen(6, 5), seen(2, 2))),
        cannot_see=(),
    )


def engineer_disputed() -> EngineerWeeklyView:
    """Karim Aziz a week later: two numbers disputed, days corrected after publication, an open follow-up."""
    before = engineer_four_missed()
    goals = (
        replace(before.goals[0], status=Status.NOT_ASSESSED, reason=DISPUTED),
        replace(before.goals[1], status=Status.NOT_ASSESSED, reason=DISPUTED),
        goal(INTERNAL, 47, 20, Status.NOT_ASSESSED, reason="for information only", trend=(30, 47), targets=(None, None)),
    )
    told = replace(goals[2], goal=replace(goals[2].goal, kind=GoalKind.INFORMATIONAL))
    days = DayRange(WEEK.first_day, WEEK.last_day)
    escalation = capacity(days, working=4, away=0.5, reduced=0.5, labels=("urgent customer",))
    held = replace(escalation, holiday_days=1, training_days=0.25)
    cells = tuple(seen(value, target, Status.NOT_ASSESSED) for value, target in ((2, 5), (0, 2)))
    first = replace(row(WEEK, Status.NOT_ASSESSED, *cells, held=held), said_days=3.5, disputed=(NEW_TICKETS, PAIRING))
    return replace(
        before,
        capacity=held,
        said_days=3.5,
        had_no_day_off=True,
        status=Status.NOT_ASSESSED,
        goals=(*goals[:2], told),
        goals_met=0,
        goals_assessed=0,
        run=RunView(length=3, needed=4, assessed_weeks=11),
        follow_up=FollowUpStand(since=WEEK.plus(-1)),
        weeks=(first, *before.weeks[1:]),
    )


def engineer_rates() -> EngineerWeeklyView:
    """Ines Duarte with goals on shares and medians: met, missed, within noise, of too few cases and of none."""
    monday = WEEK.first_day
    replies = (
        replace(ticket_event(84211, monday, "public reply on ticket 84211, their own"), value=1),
        replace(ticket_event(84190, monday, "public reply on ticket 84190, a colleague's"), value=0),
    )
    hours = tuple(
        replace(ticket_event(84300 + n, monday + timedelta(days=n), f"ticket {84300 + n}, SaaS"), value=value)
        for n, value in enumerate((12.5, 310.0))
    )
    month = Period.ROLLING_30_DAYS
    resolved = tuple(20.0 * n for n in range(1, 26))
    goals = (
        with_rate(goal(OWN_REPLIES, None, 50, Status.MET, per=month, evidence=replies,
                       trend=(None, None, 55, 52, 61, 58, 60, 57, 55, 54, 58, 57), targets=(50,) * 12),
                  ratio(23, 40), GoalKind.BAND, 60),
        with_rate(goal(FIRST_REPLY_SLA, None, 95, Status.NOT_MET, per=month,
                       trend=(97, 96, 95, 95, 92, 90, 91, 88, 85, 80, 78, 75), targets=(95,) * 12), ratio(30, 40)),
        with_rate(goal(SATISFIED, None, 90, Status.NOT_ASSESSED, reason="only 16 of the 20 cases that it takes",
                       trend=(None,) * 12), if_enough(ratio(9, 16), 20)),
        with_rate(goal(RESOLVE, None, 141, Status.WITHIN_NOISE, per=month, evidence=hours,
                       trend=(130, 120.5, 150, 141, 100, 90, 120, 180, 200, 220, 240, 260), targets=(141,) * 12),
                  quantile(Aggregation.MEDIAN, resolved), GoalKind.AT_MOST),
    )  # fmt: skip
    weeks = (
        row(WEEK, Status.NOT_MET, *(week_cell(each) for each in goals)),
        row(WEEK.plus(-1), Status.NO_DATA, week_cell(goals[0]), None, week_cell(replace(goals[2], measurement=ratio(0, 0))),
            seen(None, 141, Status.NO_DATA)),
    )  # fmt: skip
    change = RestatedView(
        week=WEEK.plus(-1),
        measure=OWN_REPLIES,
        published=if_enough(ratio(9, 16), 20),
        published_target=50,
        published_status=Status.NOT_ASSESSED,
        now=ratio(20, 38),
        target_now=50,
        status_now=Status.MET,
    )
    return replace(
        engineer_ordinary(),
        status=Status.NOT_MET,
        goals=goals,
        goals_met=1,
        goals_assessed=3,
        counts=(
            CountView(measure=SATISFIED, measurement=ratio(0, 0), evidence=()),
            CountView(measure=OWN_REPLIES, measurement=ratio(15, 26), evidence=replies),
        ),
        run=RunView(length=1, needed=4, assessed_weeks=2),
        columns=tuple(each.measure for each in goals),
        weeks=weeks,
        restated=(change,),
    )


def with_rate(of: GoalView, found: Measurement, kind: GoalKind = GoalKind.AT_LEAST, upper: float | None = None) -> GoalView:
    return replace(of, measurement=found, goal=replace(of.goal, kind=kind, upper=upper))


def week_cell(of: GoalView) -> WeekCell:
    return WeekCell(goal=of.goal, measurement=of.measurement, target=of.target, status=of.status)


def engineer_on_leave() -> EngineerWeeklyView:
    """Bao Le in the middle of eight weeks away."""
    week = Week(2026, 38)
    away = capacity(DayRange(week.first_day, week.last_day), away=5.0, uncounted="away")
    both = ("ble", "hmori")
    goals = tuple(
        goal(of, 0, target, Status.NOT_ASSESSED, scaled=0, reason="away", held=away, agreed_by=both, week=week,
             trend=(*values, 0, 0, 0, 0, 0), targets=(*((target,) * 7), *((None,) * 5)))
        for of, target, values in ((NEW_TICKETS, 3.0, (3, 4, 3, 3, 2, 3, 4)), (PAIRING, 2.0, (2, 2, 3, 2, 2, 1, 2)))
    )  # fmt: skip
    weeks = tuple(
        row(
            week.plus(-back),
            Status.NOT_ASSESSED,
            seen(0, 0, Status.NOT_ASSESSED),
            seen(0, 0, Status.NOT_ASSESSED),
            held=away,
        )
        for back in range(5)
    )
    return replace(
        engineer_ordinary(),
        head=head(week),
        name="Bao Le",
        username="ble",
        manager="Hana Mori",
        focuses=(("saas", 100),),
        capacity=away,
        status=Status.NOT_ASSESSED,
        highlights=(),
        goals=goals,
        goals_met=0,
        goals_assessed=0,
        baseline=(compared(SOLVED, 0, None, Status.NOT_ASSESSED, 8),),
        baseline_focus="saas",
        counts=(count(SOLVED, 0),),
        review_tickets=(),
        run=RunView(length=0, needed=4, assessed_weeks=7),
        columns=(NEW_TICKETS, PAIRING),
        weeks=(*weeks, row(week.plus(-5), Status.MET, seen(4, 3), seen(2, 2))),
        activity_links=(),
        cannot_see=(),
    )


def engineer_new_joiner() -> EngineerWeeklyView:
    """Zoe Novak, eight weeks in: onboarding, with the defaults of the level as drafts."""
    joined = capacity(uncounted="onboarding")
    days = tuple(WEEK.first_day + timedelta(days=at) for at in range(3))
    sessions = tuple(pairing_event(320 + at, day, f"Pairing: first tickets, part {at + 1}") for at, day in enumerate(days))
    goals = tuple(
        goal(of, value, target, Status.NOT_ASSESSED, reason="draft, not agreed by both sides", held=joined,
             agreed_by=(), is_draft=True, evidence=events,
             trend=(*((0.0,) * 4), 0, 0, 0, 0, 1, 0, 1, value))
        for of, value, target, events in (
            (NEW_TICKETS, 1, 3, tickets(days[0], (84400,), "taken")),
            (PAIRING, 3, 2, sessions),
        )
    )  # fmt: skip
    return replace(
        engineer_ordinary(),
        name="Zoe Novak",
        username="znovak",
        manager="Olivia Hart",
        focuses=(("saas", 60), ("self_managed", 40)),
        capacity=joined,
        status=Status.NOT_ASSESSED,
        highlights=(Link(text="Training: Git and GitLab Basics", url=f"{GITLAB}/acme/support/support-training/-/issues/71"),),
        goals=goals,
        goals_met=0,
        goals_assessed=0,
        baseline=(compared(SOLVED, 1, None, Status.NOT_ASSESSED, 4),),
        baseline_focus="saas",
        counts=(count(SOLVED, 1, tickets(WEEK.first_day, (84400,), "solved")),),
        review_tickets=(Link(text="ticket 84400", url=f"{ZENDESK}/agent/tickets/84400"),),
        run=RunView(length=0, needed=4, assessed_weeks=0),
        columns=(NEW_TICKETS, PAIRING),
        weeks=(
            row(
                WEEK,
                Status.NOT_ASSESSED,
                seen(1, 3, Status.NOT_ASSESSED),
                seen(3, 2, Status.NOT_ASSESSED),
                held=joined,
            ),
        ),
        activity_links=LINKS[1:],
        cannot_see=(),
    )


def engineer_drafts() -> EngineerWeeklyView:
    """Pia Janssen, who has agreed to her goals while her manager has not yet."""
    joined = engineer_new_joiner()
    goals = tuple(replace(g, goal=replace(g.goal, agreed_by=("pjanssen",)), capacity=capacity()) for g in joined.goals)
    return replace(
        joined,
        name="Pia Janssen",
        username="pjanssen",
        focuses=(("l_and_r", 100),),
        capacity=capacity(),
        highlights=(),
        goals=goals,
        baseline=(),
        baseline_focus="l_and_r",
        weeks=(row(WEEK, Status.NOT_ASSESSED, *(seen(v, 0, Status.NOT_ASSESSED) for v in (1, 3))),),
    )


def engineer_data_gap() -> EngineerWeeklyView:
    """Theo Baker, whose Zendesk id nobody has written down yet."""
    missing = "no Zendesk id is known for this person"
    both = ("ohart", "tbaker")
    goals = (
        goal(NEW_TICKETS, None, 5, Status.NO_DATA, missing=missing, reason=missing, agreed_by=both, targets=(5,) * 12),
        goal(PAIRING, 2, 2, Status.MET, agreed_by=both, trend=(2, 2, 2, 2, 1, 2, 2, 3, 2, 2, 2, 2), targets=(2,) * 12,
             evidence=tuple(pairing_event(312 + n, date(2026, 11, 11 + n), "Pairing: runner on Windows") for n in range(2))),
    )  # fmt: skip
    weeks = tuple(row(WEEK.plus(-n), Status.NO_DATA, seen(None, 5, Status.NO_DATA), seen(2, 2)) for n in range(4))
    return replace(
        engineer_ordinary(),
        name="Theo Baker",
        username="tbaker",
        manager="Olivia Hart",
        head=head(gaps=("gitlab.training: the project could not be read (403)",)),
        capacity=capacity(),
        status=Status.NO_DATA,
        highlights=(),
        goals=goals,
        goals_met=1,
        goals_assessed=1,
        baseline=(compared(SOLVED, None, None, Status.NO_DATA),),
        counts=(count(SOLVED, None, missing=missing),),
        review_tickets=(),
        run=RunView(length=0, needed=4, assessed_weeks=0),
        columns=(NEW_TICKETS, PAIRING),
        weeks=weeks,
        restated=(
            RestatedView(
                week=WEEK.plus(-2),
                measure=PAIRING,
                published=Measurement(value=2),
                published_target=2,
                published_status=Status.MET,
                now=Measurement(value=1),
                target_now=2,
                status_now=Status.NOT_MET,
                counts=False,
            ),
        ),
        activity_links=LINKS[1:],
        cannot_see=(),
    )


# --- teams and the organisation -----------------------------------------------------------------------


def member(name: str, username: str, missing: tuple[str, ...] = (), available: float = 5.0) -> TeamMemberRow:
    url = f"{GITLAB}/acme/support/1-1s/{username}/-/issues?state=all&search=Weekly+report+2026-W46%3A+{quote_plus(name)}"
    return TeamMemberRow(
        name=name, report=Link(text=name, url=url), ready=not missing, missing=missing, available_days=available, working_days=5.0
    )


def team_calm() -> TeamWeeklyView:
    """Petra Lindqvist's team in a week that asks nothing of her."""
    return TeamWeeklyView(
        head=head(),
        manager="Petra Lindqvist",
        members=(
            member("Ines Duarte", "iduarte", available=4.0),
            member("Jonas Beck", "jbeck", available=2.0),
            member("Karim Aziz", "kaziz"),
            member("Nora Quist", "nquist"),
        ),
        runs_reached=0,
        runs_within_chance=0,
        goals_to_agree=(),
        nobody_off_for_a_month=0,
        disputed_numbers=0,
        follow_ups_url="",
        on_call_ended=0,
        numbers=(
            TeamNumber(measure=DOCS, value=3, trend=(2, 1, 3, 2, 2, 4, 3, 1, 2, 3, 2, 3)),
            TeamNumber(measure=NEW_TICKETS, value=14, trend=(20, 19, 21, 18, 17, 20, 19, 18, 15, 14, 13, 14)),
        ),
        weeks=TREND_WEEKS,
    )


def team_with_actions() -> TeamWeeklyView:
    """Olivia Hart's team with one of everything that asks for something."""
    people = (
        member("Olu Adeyemi", "oadeyemi"),
        member("Pia Janssen", "pjanssen"),
        member("Sana Iqbal", "siqbal"),
        member("Theo Baker", "tbaker", ("New tickets", "Solved tickets")),
        member("Zoe Novak", "znovak"),
    )
    return replace(
        team_calm(),
        head=head(gaps=("gitlab.training: the project could not be read (403)",)),
        manager="Olivia Hart",
        members=people,
        runs_reached=1,
        runs_within_chance=1,
        goals_to_agree=(people[1].report, people[4].report),
        nobody_off_for_a_month=2,
        disputed_numbers=3,
        follow_ups_url=f"{GITLAB}/acme/support/follow-ups/ohart/-/issues",
        on_call_ended=1,
        numbers=(
            TeamNumber(measure=DOCS, value=3, trend=(2, 1, 3, 2, 2, 4, 3, 1, 2, 3, 2, 3)),
            TeamNumber(measure=NEW_TICKETS, value=None, trend=(None,) * 12),
        ),
    )


ATTAINMENT = replace(
    measure(
        "first_reply_attainment", "First-reply SLA attainment", "replies", "Replies given in time.", "Zendesk: metric events"
    ),
    kind=Aggregation.RATIO,
    family="queues",
    category="priority",
    scope="organisation",
)
BACKLOG = replace(
    measure("backlog", "Backlog", "tickets", "Tickets that nobody has solved at the end of the week.", "Zendesk: tickets"),
    family="queues",
    category="priority",
    direction="less",
    scope="organisation",
)


RESOLUTION = replace(
    measure(
        "resolution_p50",
        "Resolution time of all tickets",
        "hours",
        "Hours until the first solve, without the time it was pending.",
        "Zendesk: ticket events",
    ),
    kind=Aggregation.MEDIAN,
    family="queues",
    category="priority and type",
    direction="less",
    scope="organisation",
)


def _hours(median: float, cases: int) -> Measurement:
    return if_enough(quantile(Aggregation.MEDIAN, [median] * cases), 20)


def resolution(cases: int) -> ServiceNumber:
    """A median by priority and by two types, one of them a stranger's name; by both at once some have too few cases."""
    hard, simple, few = _hours(40.5, cases), _hours(9.25, cases), _hours(30, 2)
    return ServiceNumber(
        measure=RESOLUTION,
        measurement=_hours(24, 2 * cases + 2),
        trend=(*(24.0,) * 11, 24.0),
        categories=(("high", hard), ("normal", _hours(9.25, cases + 2))),
        rows=(
            CategoryRow(name="", whole=few, by_first=(_hours(0, 0), few)),
            CategoryRow(name="Self-Managed | GEO", whole=_hours(20, 2 * cases), by_first=(hard, simple)),
        ),
    )


def service_group(kind: GroupKind, name: str, people: int, backlog: float, in_time: int) -> ServiceGroup:
    """A group with a share and a count, both by priority."""
    return ServiceGroup(
        name=name,
        kind=kind,
        people=people,
        numbers=(
            ServiceNumber(
                measure=BACKLOG,
                measurement=Measurement(value=backlog),
                trend=(*(backlog + n for n in range(11, 0, -1)), backlog),
                categories=(
                    ("", Measurement(value=1.0)),
                    ("high", Measurement(value=4.0)),
                    ("normal", Measurement(value=backlog - 5)),
                ),
            ),
            ServiceNumber(
                measure=ATTAINMENT,
                measurement=ratio(in_time, 60),
                trend=(None, *(80.0,) * 10, ratio(in_time, 60).value),
                categories=(("high", if_enough(ratio(3, 4), 20)), ("normal", ratio(in_time - 3, 56))),
            ),
            *((resolution(people + 10),) if kind is not GroupKind.TEAM else ()),
        ),
    )


def service_ordinary() -> ServiceWeeklyView:
    """The whole, two regions and a team."""
    return ServiceWeeklyView(
        head=head(),
        whole=(service_group(GroupKind.ORGANISATION, "Acme Support", 24, 187, 51),),
        regions=(service_group(GroupKind.REGION, "AMER", 8, 60, 48), service_group(GroupKind.REGION, "EMEA", 12, 90, 54)),
        teams=(service_group(GroupKind.TEAM, "Petra Lindqvist", 6, 44, 50),),
        weeks=tuple(WEEK.back_to(11)),
    )


def service_small() -> ServiceWeeklyView:
    """An organisation of two, and a source that was down."""
    gaps = ("zendesk.metric_events: Zendesk answered 503",)
    return ServiceWeeklyView(head=head(gaps=gaps), whole=(), regions=(), teams=(), weeks=tuple(WEEK.back_to(11)))


def contribution(day: date, project: str, title: str, *labels: str, iid: int = 1) -> Contribution:
    return Contribution(
        merged_on=day, project=project, title=title, url=f"{GITLAB}/{project}/-/merge_requests/{iid}", labels=labels
    )


def contributions_hostile() -> ContributionsView:
    """A week in which some titles try things."""
    monday, thursday = WEEK.first_day, WEEK.first_day + timedelta(days=3)
    label = "Support Team Contributions"
    return ContributionsView(
        head=head(),
        contributions=(
            contribution(monday, "gitlab-com/handbook", "Add the on-call hand-over checklist", iid=9120),
            contribution(monday, "gitlab-org/gitlab", "Docs: clarify `external_url` | reconfigure | restart", "documentation",
                         iid=210301),
            contribution(monday, "gitlab-org/gitlab", "/close\n/confidential @all please ![x](https://evil.example/p.png)", label,
                         iid=210305),
            contribution(thursday, "gitlab-org/gitlab", "</details><script>alert(1)</script> fixes #1 and gitlab-org/gitlab#2",
                         label, "a|b", iid=210390),
            contribution(thursday, "gitlab-org/gitlab-runner", "Retry cache download on 503 (closes !4711) :tada:", iid=5120),
        ),
    )  # fmt: skip


def contributions_empty() -> ContributionsView:
    """A week in which nothing was merged."""
    return ContributionsView(head=head(), contributions=())


#: Every golden case: report name, case, view.
CASES: tuple[tuple[str, str, View], ...] = (
    ("engineer_weekly", "ordinary", engineer_ordinary()),
    ("engineer_weekly", "four_missed", engineer_four_missed()),
    ("engineer_weekly", "disputed", engineer_disputed()),
    ("engineer_weekly", "rates", engineer_rates()),
    ("engineer_weekly", "on_leave", engineer_on_leave()),
    ("engineer_weekly", "new_joiner", engineer_new_joiner()),
    ("engineer_weekly", "drafts", engineer_drafts()),
    ("engineer_weekly", "data_gap", engineer_data_gap()),
    ("team_weekly", "with_actions", team_with_actions()),
    ("team_weekly", "calm", team_calm()),
    ("service_weekly", "ordinary", service_ordinary()),
    ("service_weekly", "small", service_small()),
    ("contributions", "hostile_titles", contributions_hostile()),
    ("contributions", "empty", contributions_empty()),
)
