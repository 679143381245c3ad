"""All that was said below all issues: the follow-ups there are, what changes how weeks count, and what waits for an answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from reports.core.commands import Command, CommandKind
from reports.core.context import Correction
from reports.core.conversation import Heard, Said, Thread, is_of_a_week
from reports.core.followups import (
    Progress,
    Refusal,
    Taken,
    already_settled,
    follow_up_refusal,
    progress,
    weekly_report_refusal,
)
from reports.core.listening import Listened, listen
from reports.core.model import ReportDefinition
from reports.core.overrides import Overrides
from reports.core.people import Engineer, Team, same_user
from reports.core.weeks import Week

FOLLOW_UP = "each_follow_up"

#: No account has this name.
NOBODY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One follow-up issue, folded, and its engineer as of now. One that lies with a former manager is left as it is."""

    engineer: Engineer
    heard: Heard
    listened: Listened
    progress: Progress
    is_left: bool
    """Whether it lies with a former manager: nothing is said or heard there any more."""
    ended_at: datetime | None
    """When somebody ended it, in words or by closing the issue, while it was theirs to end; None when nobody did."""

    @property
    def opened(self) -> Week:
        """The week after which it was opened."""
        return self.heard.thread.week

    @property
    def is_open(self) -> bool:
        """Whether it is still going on here."""
        return not self.is_left and self.ended_at is None

    @property
    def is_waiting(self) -> bool:
        """Whether it has ended here with a comment that still wants an answer."""
        return not self.is_left and self.ended_at is not None and bool(self.listened.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyTalk:
    """What was said below one engineer's weekly report, folded; `read_by` is the manager who reads it where it lies."""

    engineer: Engineer
    heard: Heard
    listened: Listened
    read_by: str

    @property
    def week(self) -> Week:
        """The week that the report is about."""
        return self.heard.thread.week


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """Every conversation that concerns somebody in the team."""

    weekly: tuple[WeeklyTalk, ...] = ()
    cases: tuple[Case, ...] = ()

    def open_case(self, username: str) -> Case | None:
        """The follow-up of a person that is going on; the oldest, should there ever be two."""
        ours = [case for case in self.cases if case.engineer.username == username and case.is_open]
        return min(ours, key=lambda case: case.heard.thread.opened_at, default=None)

    def waiting_cases(self, username: str) -> tuple[Case, ...]:
        """The ended follow-ups of a person with a comment that still wants an answer, oldest first."""
        waiting = [case for case in self.cases if case.engineer.username == username and case.is_waiting]
        return tuple(sorted(waiting, key=lambda case: case.heard.thread.opened_at))


NO_TALKS = Talks()


def project_of(definition: ReportDefinition, engineer: Engineer) -> str:
    """The project that a personal report of an engineer goes to."""
    return definition.project.format_map({"username": engineer.username, "manager_username": engineer.reports_to})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issue:
    """A personal report with its conversation, and whom it concerns on which day."""

    heard: Heard
    definition: ReportDefinition
    engineer: Engineer
    zone: ZoneInfo
    today: date
    engineers: frozenset[str]
    """Usernames of everybody in the team who is no manager, in small letters."""
    disputes: "_Disputes"

    def refusal(self, said: Said, command: Command) -> Refusal | None:
        """What is known only from the team and from what was said elsewhere; None when nothing is in the way."""
        if command.kind is CommandKind.ALLOW and command.who.casefold() in self.engineers:
            return Refusal.IS_AN_ENGINEER
        if command.kind is CommandKind.SETTLE and command.week is not None:
            disputed_at = self.disputes.get((self.engineer.username, command.measure, command.week))
            return None if disputed_at is not None and disputed_at <= said.at else Refusal.NOT_DISPUTED
        return None

    def at(self, moment: datetime) -> Engineer:
        """The engineer as of an instant."""
        return self.engineer.as_of(moment.astimezone(self.zone).date())

    def lies_where_it_would(self, then: Engineer) -> bool:
        """Whether the report of an engineer in a role goes to the very project that this one lies in."""
        return self.heard.thread.project == project_of(self.definition, then)

    def belongs_to(self, then: Engineer) -> bool:
        """Whether it lies with the manager of an engineer in a role, and was opened for them."""
        return self.lies_where_it_would(then) and then.reports_to == self.at(self.heard.thread.opened_at).reports_to


#: When a number of somebody's week was first called wrong by them, by username, measure and week.
_Disputes = Mapping[tuple[str, str, Week], datetime]


def _disputes(heard: Iterable[Heard]) -> _Disputes:
    first: dict[tuple[str, str, Week], datetime] = {}
    for one in heard:
        who = one.thread.subject
        answered = [(record.author, record.at, record.took) for record in one.records]
        fresh = [(said.author, said.at, said.requests.commands) for said in one.said]
        for author, at, commands in (*answered, *fresh):
            for command in commands:
                if command.kind is CommandKind.WRONG and command.week is not None and same_user(author, who):
                    number = (who, command.measure, command.week)
                    first[number] = min(at, first.get(number, at))
    return first


def talks(heard: Iterable[Heard], definitions: Sequence[ReportDefinition], team: Team, today: date) -> Talks:
    """Fold every conversation below a personal report; those about somebody who has left the team are left out.

    So are issues whose key was edited into none, or into that of somebody whose reports go elsewhere. `today` is the day in
    the zone that weeks are counted in: it says who is whose manager by now.
    """
    personal = {d.name: d for d in definitions if d.scope in ("each_engineer", FOLLOW_UP)}
    people = {engineer.username: engineer for engineer in team.engineers}
    managers = {manager.username.casefold() for manager in team.managers}
    engineers = frozenset(username.casefold() for username in people) - managers
    conversations = [one for one in heard if _is_theirs(one.thread, personal, people, today)]
    disputes = _disputes(conversations)
    weekly, cases = [], []
    for one in sorted(conversations, key=lambda h: (h.thread.key, h.thread.project, h.thread.iid)):
        definition, engineer = personal[one.thread.report], people[one.thread.subject]
        issue = _Issue(
            heard=one,
            definition=definition,
            engineer=engineer,
            zone=team.zone,
            today=today,
            engineers=engineers,
            disputes=disputes,
        )
        if definition.scope == FOLLOW_UP:
            cases.append(_case(issue))
        else:
            weekly.append(_weekly(issue))
    return Talks(weekly=tuple(weekly), cases=tuple(cases))


def _is_theirs(thread: Thread, personal: Mapping[str, ReportDefinition], people: Mapping[str, Engineer], today: date) -> bool:
    """Whether an issue is a personal report of somebody in the team, in a project that it goes to or went to under a manager."""
    if not is_of_a_week(thread.key) or thread.report not in personal or thread.subject not in people:
        return False
    definition, engineer = personal[thread.report], people[thread.subject]
    managers = [manager for _, manager in engineer.managers(today)]
    return thread.project in {project_of(definition, replace(engineer, reports_to=manager)) for manager in managers}


def _weekly(issue: _Issue) -> WeeklyTalk:
    """A weekly report's conversation; a manager's word counts when they were the manager as they said and as they edited it."""
    now = issue.engineer.as_of(issue.today)
    reader = now if issue.lies_where_it_would(now) else issue.engineer.as_of(issue.heard.thread.week.report_day)

    def refusal(before: Sequence[Taken], said: Said, command: Command) -> Refusal | None:
        managers = {issue.at(moment).reports_to for moment in said.moments}
        manager = managers.pop() if len(managers) == 1 else NOBODY
        refused = weekly_report_refusal(command, said, now.username, manager)
        return refused or already_settled(before, command) or issue.refusal(said, command)

    return WeeklyTalk(engineer=now, heard=issue.heard, listened=listen(issue.heard, refusal), read_by=reader.reports_to)


def _case(issue: _Issue) -> Case:
    """A follow-up; below one that lies with a former manager nobody's word counts but what was answered before."""
    now, heard = issue.engineer.as_of(issue.today), issue.heard
    is_left = not issue.belongs_to(now)

    def refusal(before: Sequence[Taken], said: Said, command: Command) -> Refusal | None:
        if is_left or not all(issue.belongs_to(issue.at(moment)) for moment in said.moments):
            return Refusal.NOT_YOURS
        refused = follow_up_refusal(command, said, now.reports_to, progress(before), heard.thread.closed_at)
        return refused or issue.refusal(said, command)

    listened = listen(heard, refusal)
    so_far = progress(listened.taken)
    ended_at = (so_far.ended_at or heard.thread.closed_at) if so_far.has_ended(heard.thread.closed_at) else None
    was_theirs = ended_at is not None and issue.belongs_to(issue.at(ended_at))
    return Case(
        engineer=now,
        heard=heard,
        listened=listened,
        progress=so_far,
        is_left=is_left,
        ended_at=ended_at if was_theirs else None,
    )


def overrides(said: Talks, zone: ZoneInfo) -> Overrides:
    """What the commands in force change in how weeks count; `zone` is the one that weeks are counted in."""
    everything: list[WeeklyTalk | Case] = [*said.weekly, *said.cases]
    taken = [(talk.engineer.username, one) for talk in everything for one in talk.listened.taken]
    return Overrides(
        excused=frozenset(
            (who, one.command.week) for who, one in taken if one.command.kind is CommandKind.EXCUSE and one.command.week
        ),
        disputed=_disputed(taken),
        corrections=tuple(_corrections(said.weekly)),
        fresh_starts=_fresh_starts(said.cases, zone),
        followed=frozenset(case.engineer.username for case in said.cases if case.is_open or case.is_waiting),
    )


def _disputed(taken: Iterable[tuple[str, Taken]]) -> frozenset[tuple[str, str, Week]]:
    """Numbers called wrong and not settled since; what was settled once stays settled, so that none is disputed for ever."""
    wrong: set[tuple[str, str, Week]] = set()
    settled: set[tuple[str, str, Week]] = set()
    for who, one in sorted(taken, key=lambda pair: (pair[1].at, pair[1].comment)):
        if one.command.week is None:
            continue
        number = (who, one.command.measure, one.command.week)
        if one.command.kind is CommandKind.WRONG:
            wrong |= {number} - settled
        elif one.command.kind is CommandKind.SETTLE and number in wrong:
            wrong.remove(number)
            settled.add(number)
    return frozenset(wrong)


def _corrections(weekly: Iterable[WeeklyTalk]) -> Iterable[Correction]:
    """The last word on the available days of each person's week."""
    last: dict[tuple[str, Week], float] = {}
    for talk in weekly:
        for one in talk.listened.taken:
            if one.command.kind is CommandKind.AVAILABLE and one.command.days is not None:
                last[talk.engineer.username, talk.week] = one.command.days
    return (Correction(who=who, week=week, available_days=days) for (who, week), days in sorted(last.items()))


def _fresh_starts(cases: Iterable[Case], zone: ZoneInfo) -> Mapping[str, Week]:
    """The week in which each person's latest follow-up was ended: missed weeks are counted anew after it."""
    ended = defaultdict(list)
    for case in cases:
        if case.ended_at is not None:
            ended[case.engineer.username].append(Week.containing(case.ended_at.astimezone(zone).date()))
    return {who: max(weeks) for who, weeks in ended.items()}
