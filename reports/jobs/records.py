"""What is kept beside the facts so that people can be told about it: who was gathered for, and what was done about whom."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from reports.core.action_log import Deeds, LogEntry, goals_entry
from reports.core.people import Engineer
from reports.core.replies import Reply
from reports.core.traces import Known, accounts_of
from reports.jobs.pipeline import Applied, PublicationPlan
from reports.wiring.house import PEOPLE, House


def remember_people(house: House) -> None:
    """Note for whom something is gathered: without it nobody could be found again after they have left the team.

    Of whoever comes from behind a gate also since when: of the time before nothing is known, and it is no zero.
    """
    before = house.known_people
    known = dict(before)
    for engineer in house.open_today.engineers:
        who = before.get(engineer.username)
        managers = {manager for _, manager in engineer.managers(house.today)} | set(who.managers if who else ())
        known[engineer.username] = Known(
            name=engineer.name,
            accounts=tuple(sorted(accounts_of(engineer) | set(who.accounts if who else ()))),
            managers=tuple(sorted(managers)),
            since=who.since if who else _since(house, engineer),
        )
    if known != before:
        house.heard.write(PEOPLE, known)


def _since(house: House, engineer: Engineer) -> date | None:
    """Where gathering goes on from, for somebody about whom there is a gate."""
    reached = [reach.until for reach in house.store.coverage().values() if reach.until]
    if not reached or not house.settings.gates.concern(engineer, house.today):
        return None
    return min(reached).astimezone(house.plan.zone).date()


def log_deeds(house: House, planned: PublicationPlan, applied: Applied, answered: Sequence[Reply] = ()) -> None:
    """Add to each person's log what a run did about them, and whether what was agreed with them reads otherwise now."""
    deeds = Deeds(at=house.clock.now(), bot=planned.bot, readers=planned.readers, definitions=tuple(house.settings.reports))
    posted = ((reply.audience.key, f"{reply.audience.project}#{reply.iid}") for reply in answered)
    done = [
        *deeds.of_actions(action for action in planned.actions if action.key not in applied.failed),
        *deeds.of_answers((key, place) for key, place in posted if not any(place in why for why in applied.failures)),
    ]
    by_person: defaultdict[str, list[LogEntry]] = defaultdict(list)
    for username, entry in done:
        by_person[username].append(entry)
    _add_goals(house, by_person)
    for username, entries in by_person.items():
        house.logs.add(username, entries)


def _add_goals(house: House, by_person: Mapping[str, list[LogEntry]]) -> None:
    for engineer in house.open_today.engineers:
        log = house.logs.of(engineer.username)
        entry = goals_entry(log, house.plan.goals, engineer.username, house.clock.now())
        if entry:
            by_person[engineer.username].append(entry)
