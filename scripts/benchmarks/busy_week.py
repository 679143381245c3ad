"""A made-up organisation of any size in its sandbox, with a week of as many tickets as wanted, made fast; measures nothing.

Each ticket has six updates and eight steps of its metrics, spread over the week, and every tenth is rated; the rest is the
sandbox's own world.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from reports.core.people import Engineer, Manager, Team
from reports.core.weeks import Week, midnight
from reports.demo import ENVIRONMENT
from reports.sandbox.made_up_team import made_up_team
from reports.sandbox.server import Sandbox
from reports.sandbox.world import make_world
from reports.sandbox.zendesk_account import FORM_IDS, GROUP_IDS, ORGANIZATION_IDS, REQUESTER_IDS, account
from reports.sandbox.zendesk_promises import Rating
from reports.sandbox.zendesk_state import (
    SYSTEM,
    Comment,
    FieldChange,
    MetricEvent,
    MetricSet,
    TicketUpdate,
    ZendeskState,
    ZendeskTicket,
)

ROOT = Path(__file__).resolve().parents[2]
UPDATES, STEPS = 6, 8
#: A ticket of a real account has dozens of fields of the account's own: about 5 kB of JSON.
_FIELDS = tuple((8_900_200 + number, f"a value of field {number}") for number in range(40))
_ENVIRONMENT = {name: value for name, value in ENVIRONMENT.items() if name != "GITLAB_TOKEN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """What was made: who is in it, its week, its two servers' contents."""

    team: Team
    week: Week
    sandbox: Sandbox
    config: Path

    @property
    def environment(self) -> dict[str, str]:
        """The secrets to read with, and none to write with."""
        return _ENVIRONMENT


@contextmanager
def organisation(folder: Path, week: Week, size: tuple[int, int | None], clock: Callable[[], datetime]) -> Iterator[Organisation]:
    """So many engineers and tickets (None: those of the sandbox's own world), up in a sandbox, with a config to gather it by."""
    engineers, tickets = size
    team, context = made_up_team(engineers, week)
    world = make_world(team, context, week, weeks=1)
    zendesk = world.zendesk if tickets is None else busy_zendesk(team, week, tickets)
    with Sandbox(world.gitlab, zendesk, clock) as sandbox:
        yield Organisation(team=team, week=week, sandbox=sandbox, config=_config(folder / "config", team, sandbox))


def busy_zendesk(team: Team, week: Week, tickets: int) -> ZendeskState:
    """The team's account with a week of tickets, handed out in turn."""
    state = account(team)
    start = int(midnight(week.first_day, team.zone).timestamp())
    agents = [engineer.zendesk_id for engineer in team.engineers if engineer.zendesk_id is not None]
    # So that the last step of the last ticket is in the week too.
    step = (7 * 86_400 - 5 * 3600) / tickets
    begun = [(number, start + int(number * step), agents[number % len(agents)]) for number in range(tickets)]
    state.put_tickets(_ticket(*each) for each in begun)
    state.updates.extend(update for each in begun for update in _updates(*each))
    state.metric_events.extend(event for each in begun for event in _steps(*each))
    state.promises.ratings.extend(_rating(*each) for each in begun[::10])
    return state


def _ticket(number: int, at: int, agent: int) -> ZendeskTicket:
    return ZendeskTicket(
        id=1001 + number,
        subject=f"Question {number}",
        description="Something does not work as it should, and here is what was tried so far.",
        requester_id=REQUESTER_IDS[number % len(REQUESTER_IDS)],
        submitter_id=REQUESTER_IDS[number % len(REQUESTER_IDS)],
        organization_id=ORGANIZATION_IDS[number % len(ORGANIZATION_IDS)],
        group_id=GROUP_IDS["Support"],
        status="solved",
        priority=("low", "normal", "high", "urgent")[number % 4],
        ticket_form_id=tuple(FORM_IDS.values())[number % len(FORM_IDS)],
        assignee_id=agent,
        created_at=at,
        updated_at=at + 4 * 3600,
        generated_at=at + 4 * 3600 + 5,
        custom_fields=_FIELDS,
        metrics=MetricSet(created_at=at, updated_at=at + 4 * 3600, solved_at=at + 4 * 3600, reply_minutes=20, replies=2),
    )


def _updates(number: int, at: int, agent: int) -> Iterator[TicketUpdate]:
    """Opened, taken, answered, answered back, answered again, solved."""
    requester = REQUESTER_IDS[number % len(REQUESTER_IDS)]
    first = 926_000_000_000 + number * 10 * UPDATES
    changes: tuple[tuple[int, int, tuple[Any, ...]], ...] = (
        (0, requester, (("status", "new", None), ("priority", "normal", None), True)),
        (300, SYSTEM, (("assignee_id", agent, None), ("status", "open", "new"))),
        (1200, agent, (("status", "pending", "open"), True)),
        (7200, requester, (("status", "open", "pending"), True)),
        (9000, agent, (False, True)),
        (14400, agent, (("status", "solved", "open"),)),
    )
    for place, (later, who, what) in enumerate(changes):
        id = first + place * 10
        children = tuple(
            Comment(id + 1 + n, who, change, "some words") if isinstance(change, bool) else FieldChange(id + 1 + n, *change)
            for n, change in enumerate(what)
        )
        yield TicketUpdate(at + later, id, 1001 + number, who, "Web form", place == 0, children)


def _steps(number: int, at: int, agent: int) -> Iterator[MetricEvent]:
    first = 935_000_000_000 + number * STEPS
    steps = (
        (0, "reply_time", 1, "activate"),
        (1200, "reply_time", 1, "fulfill"),
        (0, "requester_wait_time", 1, "activate"),
        (1200, "requester_wait_time", 1, "pause"),
        (7200, "requester_wait_time", 1, "activate"),
        (14400, "requester_wait_time", 1, "fulfill"),
        (0, "resolution_time", 1, "activate"),
        (14400, "resolution_time", 1, "fulfill"),
    )
    for place, (later, metric, instance, kind) in enumerate(steps):
        yield MetricEvent(at + later, first + place, 1001 + number, metric, instance, kind)


def _rating(number: int, at: int, agent: int) -> Rating:
    return Rating(
        id=945_000_000_000 + number,
        ticket_id=1001 + number,
        requester_id=REQUESTER_IDS[number % len(REQUESTER_IDS)],
        assignee_id=agent,
        group_id=GROUP_IDS["Support"],
        score="bad" if number % 70 == 0 else "good",
        comment=None,
        sent_at=at + 14400,
        rated_at=at + 15000,
    )


# --- the config -----------------------------------------------------------------------------------


def _config(folder: Path, team: Team, sandbox: Sandbox) -> Path:
    """The example's YAML with this team in it, pointed at the sandbox."""
    shutil.copytree(ROOT / "config", folder, ignore=shutil.ignore_patterns("schemas", "*.md"))
    sources = (folder / "sources.yml").read_text(encoding="utf-8")
    sources = sources.replace("https://gitlab.example.com", sandbox.gitlab_url)
    sources = sources.replace("https://acme.zendesk.example.com", sandbox.zendesk_url)
    (folder / "sources.yml").write_text(sources, encoding="utf-8")
    example = yaml.safe_load((folder / "team.yml").read_text(encoding="utf-8"))
    people = {"managers": [_manager(one) for one in team.managers], "people": [_person(one) for one in team.engineers]}
    contents: dict[str, Any] = {"team.yml": example | people, "goals.yml": {"defaults": [], "people": {}}, "context.yml": {}}
    for name, content in contents.items():
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return folder


def _manager(manager: Manager) -> dict[str, Any]:
    return {name: getattr(manager, name) for name in ("username", "name", "email", "region", "time_zone")}


def _person(engineer: Engineer) -> dict[str, Any]:
    plain = ("username", "name", "email", "zendesk_id", "level", "region", "reports_to", "start_date", "time_zone")
    focuses = [{"name": focus.name, "percentage": focus.percentage} for focus in engineer.focuses]
    return {name: getattr(engineer, name) for name in plain} | {"focuses": focuses}


def monday_after(week: Week) -> datetime:
    """Six in the morning of the Monday after a week."""
    return datetime.combine(week.plus(1).first_day, datetime.min.time(), UTC) + timedelta(hours=6)
