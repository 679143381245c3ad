"""What is kept beside the facts so that people can be told about it: who was gathered for, and what was done about whom."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.core.action_log import Deeds, LogEntry, goals_entry
from reports.core.replies import Reply
from reports.core.traces import accounts_of
from reports.pipeline import Applied, PublicationPlan
from reports.wiring import House

PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """By what the store knows somebody, also when they are in the team no more: accounts, name, and who their managers were."""

    name: str
    accounts: tuple[str, ...]
    managers: tuple[str, ...]


def known_people(house: House) -> Mapping[str, Known]:
    """Everybody for whom anything was ever gathered, by username."""
    return house.heard.find(PEOPLE, dict[str, Known]) or {}


def remember_people(house: House) -> None:
    """Note for whom something is gathered: without it nobody could be found again after they have left the team."""
    known = dict(known_people(house))
    for engineer in house.open_today.engineers:
        before = known.get(engineer.username)
        managers = {manager for _, manager in engineer.managers(house.today)} | set(before.managers if before else ())
        accounts = accounts_of(engineer) | set(before.accounts if before else ())
        known[engineer.username] = Known(name=engineer.name, accounts=tuple(sorted(accounts)), managers=tuple(sorted(managers)))
    if known != known_people(house):
        house.heard.write(PEOPLE, known)


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
