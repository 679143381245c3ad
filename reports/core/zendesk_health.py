"""How it is with Zendesk: the way in, its role, what it may read, schedules, statuses and agents; judges what was observed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reports.core.health import SOURCE, Finding, Trouble, ok, unseen, warning, wrong
from reports.core.people import Engineer

_AS_ADMIN = "make the OAuth client as an admin, with the scope read: it acts as the user who made it"
_OK = 200
#: Answers of a plan that has no such thing, or of a role that may not see it.
_NOT_OFFERED = (403, 404)

WAY_IN, ROLE, SCHEDULES, STATUSES, AGENTS = (
    f"Zendesk: {what}" for what in ("way in", "role", "schedules", "custom statuses", "agents")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSeen:
    """Zendesk as our credentials see it.

    `role` is empty for nobody; `needed` and `offered` are the status that each stream answers with, those of the second kind are
    not in every plan; schedules and statuses are None where the plan has none. `agents` are ids, None when they were refused.
    """

    trouble: Trouble | None = None
    role: str = ""
    needed: Mapping[str, int] = field(default_factory=dict)
    offered: Mapping[str, int] = field(default_factory=dict)
    schedules: tuple[str, ...] | None = None
    statuses: int | None = None
    agents: frozenset[int] | None = None


def about_desk(desk: DeskSeen, people: tuple[Engineer, ...], schedule: str) -> Iterator[Finding]:
    """One finding for each thing; `schedule` is the name in the settings, empty for the oldest one."""
    if desk.trouble:
        yield wrong(WAY_IN, desk.trouble)
        yield unseen("Zendesk: everything else", WAY_IN)
        return
    yield ok(WAY_IN, "the credentials are taken")
    yield _about_role(desk.role)
    for stream, status in desk.needed.items():
        yield _about_needed(stream, status)
    for stream, status in desk.offered.items():
        yield _about_offered(stream, status)
    yield _about_schedules(desk.schedules, schedule)
    if desk.statuses is None:
        yield ok(STATUSES, "none in this plan; the system's own count")
    else:
        yield ok(STATUSES, f"{desk.statuses} statuses")
    if desk.agents is None:
        yield unseen(AGENTS, "Zendesk: agents and groups")
    else:
        yield from _about_agents(desk.agents, people)


def _about_role(role: str) -> Finding:
    if role == "admin":
        return ok(ROLE, "an admin")
    says = f"the credentials are those of {'nobody' if not role else f'a user of the role {role}'}, and only an admin may export"
    return wrong(ROLE, Trouble(says=says, step=_AS_ADMIN, code=SOURCE))


def _about_needed(stream: str, status: int) -> Finding:
    if status == _OK:
        return ok(f"Zendesk: {stream}", "may be read")
    step = _AS_ADMIN if status in _NOT_OFFERED else "look at Zendesk's status page, then look again"
    return wrong(f"Zendesk: {stream}", Trouble(says=f"it is refused ({status})", step=step, code=SOURCE))


def _about_offered(stream: str, status: int) -> Finding:
    if status == _OK:
        return ok(f"Zendesk: {stream}", "may be read")
    if status in _NOT_OFFERED:
        return ok(f"Zendesk: {stream}", f"not offered by this plan or to this role ({status}); what needs it has no data")
    return warning(f"Zendesk: {stream}", f"it is refused ({status})", "look at Zendesk's status page, then look again")


def _about_schedules(schedules: tuple[str, ...] | None, wanted: str) -> Finding:
    if not schedules:
        step = "add one in Zendesk's Admin Center (Business rules, Schedules), if your plan has them"
        return warning(SCHEDULES, "there is none, so promises in business hours have no data", step)
    if wanted and wanted not in schedules:
        step = "copy the name from Zendesk's list into zendesk.schedule in config/sources.yml, or leave it out for the oldest one"
        return wrong(SCHEDULES, Trouble(says=f"there is none with the name {wanted}", step=step, code=SOURCE))
    return ok(SCHEDULES, f"{wanted or 'the oldest one'}, of {len(schedules)}")


def _about_agents(agents: frozenset[int], people: tuple[Engineer, ...]) -> Iterator[Finding]:
    is_fine = True
    for person in people:
        ids = (*((person.zendesk_id,) if person.zendesk_id else ()), *person.other_zendesk_ids)
        for number in ids:
            if number not in agents:
                is_fine = False
                step = "correct the id in config/team.yml: in Zendesk it stands in the address of the person's page"
                yield warning(AGENTS, f"there is no agent {number}, whom team.yml names for {person.username}", step)
    if is_fine:
        count = sum(1 for person in people if person.zendesk_id)
        yield ok(AGENTS, f"all {count} people with an id are agents")
