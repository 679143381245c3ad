"""All that was said below all issues: the follow-ups there are, what changes how weeks count, and what waits for an answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reports.core.commands import CommandKind
from reports.core.context import Correction
from reports.core.conversation import Heard
from reports.core.followups import Progress, Taken, follow_up_refusal, progress, weekly_report_refusal
from reports.core.listening import Listened, listen
from reports.core.model import ReportDefinition
from reports.core.overrides import Overrides
from reports.core.people import Engineer, Team
from reports.core.weeks import Week

FOLLOW_UP = "each_follow_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One follow-up issue, folded. One that lies with a former manager was handed over: it no longer counts."""

    engineer: Engineer
    heard: Heard
    listened: Listened
    progress: Progress
    is_handed_over: bool

    @property
    def opened(self) -> Week:
        """The week after which it was opened."""
        return self.heard.thread.week

    @property
    def is_open(self) -> bool:
        """Whether it is still going on here."""
        return not self.is_handed_over and not self.progress.has_ended(self.heard.thread.closed_at)

    @property
    def ended_at(self) -> datetime | None:
        """When somebody ended it, in words or by closing the issue; None while it is open or when it was handed over."""
        if self.is_open or self.is_handed_over:
            return None
        return self.progress.ended_at or self.heard.thread.closed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyTalk:
    """What was said below one engineer's weekly report, folded."""

    engineer: Engineer
    heard: Heard
    listened: Listened

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
        ours = [c for c in self.cases if c.engineer.username == username and c.ended_at is not None and c.listened.answers]
        return tuple(sorted(ours, key=lambda case: case.heard.thread.opened_at))


NO_TALKS = Talks()


def project_of(definition: ReportDefinition, engineer: Engineer) -> str:
    """The project that a personal report of an engineer goes to."""
    return definition.project.format_map({"username": engineer.username, "manager_username": engineer.reports_to})


def talks(heard: Iterable[Heard], definitions: Sequence[ReportDefinition], team: Team) -> Talks:
    """Fold every conversation below a personal report; those about somebody who has left the team are left out."""
    personal = {d.name: d for d in definitions if d.scope in ("each_engineer", FOLLOW_UP)}
    people = {engineer.username: engineer for engineer in team.engineers}
    weekly, cases = [], []
    for one in sorted(heard, key=lambda h: (h.thread.key, h.thread.project, h.thread.iid)):
        if one.thread.report not in personal or one.thread.subject not in people:
            continue
        definition, engineer = personal[one.thread.report], people[one.thread.subject]
        if definition.scope == FOLLOW_UP:
            cases.append(_case(one, engineer, one.thread.project != project_of(definition, engineer)))
        else:
            weekly.append(_weekly(one, engineer))
    return Talks(weekly=tuple(weekly), cases=tuple(cases))


def _weekly(heard: Heard, engineer: Engineer) -> WeeklyTalk:
    listened = listen(
        heard,
        lambda _, said, command: weekly_report_refusal(command, said, engineer.username, engineer.reports_to),
    )
    return WeeklyTalk(engineer=engineer, heard=heard, listened=listened)


def _case(heard: Heard, engineer: Engineer, is_handed_over: bool) -> Case:
    # Below an issue that was handed over nobody's word counts any more: its manager is no longer theirs.
    manager = "" if is_handed_over else engineer.reports_to
    listened = listen(
        heard,
        lambda before, said, command: follow_up_refusal(command, said, manager, progress(before), heard.thread.closed_at),
    )
    return Case(
        engineer=engineer,
        heard=heard,
        listened=listened,
        progress=progress(listened.taken),
        is_handed_over=is_handed_over,
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
        followed=frozenset(case.engineer.username for case in said.cases if case.is_open),
    )


def _disputed(taken: Iterable[tuple[str, Taken]]) -> frozenset[tuple[str, str, Week]]:
    """Numbers called wrong and not settled; what was settled once stays settled, so that no number is disputed for ever."""
    wrong, settled = set(), set()
    for who, one in taken:
        if one.command.week is None:
            continue
        number = (who, one.command.measure, one.command.week)
        if one.command.kind is CommandKind.WRONG:
            wrong.add(number)
        elif one.command.kind is CommandKind.SETTLE:
            settled.add(number)
    return frozenset(wrong - settled)


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
