"""Removes what is about people once it is old enough: facts leave their counts; counts, conversations and logs go later."""

from dataclasses import dataclass
from datetime import date

from reports.core.published import PublishedWeek
from reports.core.retention import count_rows, counted_people, first_read_day, recent_heard, recent_log, weeks_between
from reports.core.weeks import Week, Window, last_full_week, midnight, week_window
from reports.jobs.stages import HEARD, PUBLISHED, HeardSoFar
from reports.ports import Progress, ProgressListener
from reports.wiring.house import PEOPLE, House


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What went: facts, weeks with all their files, conversations, lines of logs, people who left long ago.

    `facts_since` is the day before which facts went, None where there were none; `counted` are the weeks whose counts were
    kept before that.
    """

    facts_since: date | None
    counted: tuple[Week, ...]
    facts: int
    weeks: tuple[Week, ...]
    conversations: int
    log_lines: int
    people: int


def retain(house: House, tell: ProgressListener) -> Removed:
    """Count the weeks that are old enough, remove their facts, and remove what is older than results are kept.

    Counts come first and what is removed last, so a run that was killed is finished by the next.
    """
    house.store.renew()
    since, counted, facts = _facts_since(house), tuple[Week, ...](), 0
    oldest = house.settings.retention.oldest_week(house.today)
    if since is not None:
        counted = _count(house, since, oldest, tell)
        facts = house.store.remove_before(since, house.plan.zone)
    tell(Progress(step="retain", detail=f"{facts:,} facts removed", fraction=1.0))
    weeks = tuple(week for week in house.heard.weeks if week < oldest)
    for week in weeks:
        house.files(week).remove()
    return Removed(
        facts_since=since,
        counted=counted,
        facts=facts,
        weeks=weeks,
        conversations=_forget_conversations(house, oldest),
        log_lines=_shorten_logs(house, oldest),
        people=_forget_people(house),
    )


def _facts_since(house: House) -> date | None:
    """The day before which facts go: never earlier than it once was, since those are gone. None when there are none."""
    asked = house.settings.retention.facts_since(house.today, house.store.coverage().values(), house.plan.zone)
    return max(asked, house.store.facts_since or asked) if asked else None


def _count(house: House, since: date, oldest: Week, tell: ProgressListener) -> tuple[Week, ...]:
    """Keep the counts of every week before a day that has facts and no counts yet."""
    zone, coverage = house.plan.zone, house.store.coverage()
    begin = house.store.facts_since or first_read_day(coverage.values(), zone) or since
    weeks = [week for week in weeks_between(begin, since) if week >= oldest and week not in house.counts.weeks]
    if not weeks:
        return ()
    house.store.compact()
    end = week_window(last_full_week(house.clock.now(), zone), zone).end
    with house.engine.measuring(house.settings.team, Window(midnight(weeks[0].first_day, zone), end)) as measuring:
        columns = measuring.tallies().columns
    counted = []
    for done, week in enumerate(weeks):
        people = counted_people(house.engine.catalogue(), coverage, house.settings.team, house.gates, week)
        if people:  # of a week that no source was read in there is nothing to keep
            house.counts.write(week, people, count_rows(columns, people, week))
            counted.append(week)
        tell(Progress(step="retain", detail=f"{len(weeks)} weeks counted", fraction=(done + 1) / len(weeks)))
    return tuple(counted)


def _forget_conversations(house: House, oldest: Week) -> int:
    so_far = house.heard.find(HEARD, HeardSoFar)
    if so_far is None:
        return 0
    left = recent_heard(so_far.heard, oldest)
    if left != so_far.heard:
        house.heard.write(HEARD, HeardSoFar(heard=left))
    return len(so_far.heard) - len(left)


def _shorten_logs(house: House, oldest: Week) -> int:
    gone = 0
    for username in house.logs.people:
        log = house.logs.of(username)
        left = recent_log(log, oldest, house.plan.zone)
        if len(left) < len(log):
            house.logs.rewrite(username, left)
            gone += len(log) - len(left)
    return gone


def _forget_people(house: House) -> int:
    """Forget that somebody was known who is in the team no more, once no week that is kept is about them."""
    known = house.known_people
    if not known:
        return 0
    there = {engineer.username for engineer in house.settings.team.engineers} | set(house.counts.people)
    for week in house.heard.weeks:
        published = house.files(week).find(PUBLISHED, PublishedWeek)
        there |= set(published.engineers) if published else set()
    left = {name: one for name, one in known.items() if name in there}
    if left != known:
        house.heard.write(PEOPLE, left)
    return len(known) - len(left)
