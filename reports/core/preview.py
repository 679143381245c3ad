"""What other settings would have made of the same weeks: two judgings held against each other, in sums that name nobody; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from reports.core.judgement import AssessedWeek, Status
from reports.core.model import GoalBook
from reports.core.results import Plan, WeekResults
from reports.core.weeks import Week

PREVIEW_WEEKS = 8
#: With fewer people than this, a sum would tell of somebody.
FEWEST_PEOPLE = 3
#: In place of a measure: the week as a whole.
WHOLE_WEEK = ""

_Key = tuple[str, Week]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalChange:
    """How the verdicts on one goal would differ: of how many people, in how many of their weeks.

    `measure` is empty for the week as a whole. The missed weeks are those of the people concerned, before and after.
    """

    measure: str
    title: str
    people: int
    weeks: int
    missed_before: int
    missed_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What is told of a change of the settings; goals that concern fewer than FEWEST_PEOPLE people are left out."""

    weeks: tuple[Week, ...]
    changes: tuple[GoalChange, ...]


def as_from_now_on(plan: Plan, today: date) -> Plan:
    """The plan with everybody's newest goals and the newest rules, as if they had always been in force.

    What begins on a day to come counts too: that is what a change of the settings is about. What has ended by today does not.
    """
    newest = max(plan.rule_sets, key=lambda rules: rules.effective_from)
    latest = {a.who: a for a in sorted(plan.goals.agreements, key=lambda agreement: agreement.valid_from)}
    lasting = tuple(
        replace(agreement, valid_from=date.min, valid_to=None)
        for agreement in latest.values()
        if agreement.valid_to is None or agreement.valid_to >= today
    )
    return replace(plan, rule_sets=(newest,), goals=GoalBook(defaults=plan.goals.defaults, agreements=lasting))


def compared(before: WeekResults, after: WeekResults) -> Preview:
    """The verdicts of both judgings, of everybody who is in both, over the last weeks."""
    weeks = after.weeks[-PREVIEW_WEEKS:]
    old, new = _statuses(before, weeks), _statuses(after, weeks)
    titles = {measure.name: measure.title for results in (before, after) for measure in results.measures}
    both = {own.username for own in before.engineers} & {own.username for own in after.engineers}
    changes = (
        _change(measure, titles.get(measure, measure), both, old.get(measure, {}), new.get(measure, {}))
        for measure in sorted(old.keys() | new.keys(), key=lambda name: (name != WHOLE_WEEK, titles.get(name, name)))
    )
    return Preview(weeks=tuple(weeks), changes=tuple(change for change in changes if change.people >= FEWEST_PEOPLE))


def _change(measure: str, title: str, people: set[str], old: Mapping[_Key, Status], new: Mapping[_Key, Status]) -> GoalChange:
    """A goal that somebody does not have is not assessed."""
    keys = [key for key in old.keys() | new.keys() if key[0] in people]
    differing = [key for key in keys if _of(old, key) is not _of(new, key)]
    concerned = {who for who, _ in differing}
    theirs = [key for key in keys if key[0] in concerned]
    return GoalChange(
        measure=measure,
        title=title,
        people=len(concerned),
        weeks=len(differing),
        missed_before=sum(_of(old, key) is Status.NOT_MET for key in theirs),
        missed_after=sum(_of(new, key) is Status.NOT_MET for key in theirs),
    )


def _of(statuses: Mapping[_Key, Status], key: _Key) -> Status:
    return statuses.get(key, Status.NOT_ASSESSED)


def _statuses(results: WeekResults, weeks: tuple[Week, ...]) -> dict[str, dict[_Key, Status]]:
    """The statuses by measure, then by person and week."""
    found: dict[str, dict[_Key, Status]] = {}
    for own in results.engineers:
        for judged in own.weeks:
            if judged.week in weeks:
                for measure, status in _verdicts(judged):
                    found.setdefault(measure, {})[own.username, judged.week] = status
    return found


def _verdicts(judged: AssessedWeek) -> Iterator[tuple[str, Status]]:
    yield WHOLE_WEEK, judged.status
    yield from ((verdict.goal.measure, verdict.status) for verdict in judged.verdicts)
