"""Where each kind of fact names people, and the fact without one of them; for erasing, for giving out, and for gates."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Any

from reports.core.facts import (
    Agent,
    AgentGroup,
    AgentGroupMembership,
    BusinessHours,
    CustomStatus,
    Fact,
    MergeRequest,
    OnCallPage,
    SatisfactionRating,
    SlaTarget,
    Ticket,
    TicketEvent,
    TicketMetricEvent,
    UserEvent,
    WorkItem,
    WorkItemEvent,
)
from reports.core.people import Engineer

#: Whether an account such as `gitlab:iduarte` or `zendesk:4410001` is that of whom it is about.
IsTheirs = Callable[[str], bool]

GITLAB, ZENDESK, PAGERDUTY = "gitlab", "zendesk", "pagerduty"

#: Stands for an agent whose number is not kept. Not None, which means that nobody has the ticket, or that the system did it.
SOMEBODY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """How a kind of fact names people: as whose it is, as one who had a part in it, as one of several, in words about them."""

    system: str = ""
    owner: str = ""
    """The fact is about this person alone and goes with them."""
    parts: tuple[str, ...] = ()
    """These name nobody any more; the fact stays, since it is about something else as well."""
    lists: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Texts that may name whoever has a part, and are emptied with it."""


NONE = Traces()

#: A kind of fact that is missing here cannot be stored: a test holds this against every field that may name somebody.
TRACES: Mapping[type[Fact], Traces] = {
    MergeRequest: Traces(system=GITLAB, owner="author"),
    WorkItem: Traces(system=GITLAB, parts=("author", "closed_by"), lists=("assignees",), words=("title",)),
    WorkItemEvent: Traces(system=GITLAB, parts=("actor",)),
    UserEvent: Traces(system=GITLAB, owner="author"),
    Ticket: Traces(system=ZENDESK, parts=("assignee_id",)),
    TicketEvent: Traces(system=ZENDESK, parts=("actor_id",)),
    TicketMetricEvent: NONE,
    Agent: Traces(system=ZENDESK, owner="id"),
    AgentGroup: NONE,
    AgentGroupMembership: Traces(system=ZENDESK, owner="agent_id"),
    CustomStatus: NONE,
    SlaTarget: NONE,
    BusinessHours: NONE,
    SatisfactionRating: Traces(system=ZENDESK, parts=("assignee_id",)),
    OnCallPage: Traces(system=PAGERDUTY, owner="responder_id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """By what a store knows somebody, also when they are in the team no more: accounts, name, and who their managers were.

    `since` is the day from which on anything was gathered for them, once a gate had opened; None for who was there at first.
    """

    name: str
    accounts: tuple[str, ...]
    managers: tuple[str, ...]
    since: date | None = None


def accounts_of(engineer: Engineer) -> frozenset[str]:
    """Every account by which facts know an engineer."""
    zendesk = [engineer.zendesk_id, *engineer.other_zendesk_ids]
    found = {account(GITLAB, name) for name in engineer.usernames}
    found |= {account(ZENDESK, number) for number in zendesk if number is not None}
    return frozenset(found | ({account(PAGERDUTY, engineer.pagerduty_id)} if engineer.pagerduty_id else set()))


def account(system: str, name: str | int) -> str:
    """An account as `IsTheirs` is asked for it; GitLab takes no notice of capital letters."""
    return f"{system}:{str(name).casefold()}"


def without(fact: Fact, is_theirs: IsTheirs) -> Fact | None:
    """The fact without whoever it is about: None when nothing of anybody else is left, the same when they are not in it."""
    traces = TRACES[type(fact)]
    if traces.owner and _is_theirs(fact, traces.owner, traces, is_theirs):
        return None
    changes = _changes(fact, traces, is_theirs)
    if not changes:
        return fact
    left: Fact = replace(fact, **changes)
    is_nobodys = bool(traces.lists) and not any(getattr(left, name) for name in (*traces.parts, *traces.lists))
    return None if is_nobodys else left


def all_without(facts: Sequence[Fact], is_theirs: IsTheirs) -> Sequence[Fact]:
    """What is left of facts of one kind; each account is asked for once, so that many facts of nobody concerned cost little."""
    if not facts or not any(map(is_theirs, _accounts_in(facts))):
        return facts
    left = (without(fact, is_theirs) for fact in facts)
    return [fact for fact in left if fact is not None]


def _accounts_in(facts: Sequence[Fact]) -> Iterator[str]:
    traces = TRACES[type(facts[0])]
    columns = (traces.owner, *traces.parts) if traces.owner else traces.parts
    found = {value for column in columns for value in map(attrgetter(column), facts)}
    found |= {name for column in traces.lists for names in map(attrgetter(column), facts) for name in names}
    found |= {
        side for fact in facts if isinstance(fact, TicketEvent) and fact.kind == "assignee" for side in (fact.old, fact.new)
    }
    return (account(traces.system, value) for value in found - {None, ""})


def names(fact: Fact, is_theirs: IsTheirs) -> bool:
    """Whether somebody is in a fact."""
    return without(fact, is_theirs) != fact


def _is_theirs(fact: Fact, column: str, traces: Traces, is_theirs: IsTheirs) -> bool:
    value = getattr(fact, column)
    return value not in (None, "") and is_theirs(account(traces.system, value))


def _changes(fact: Fact, traces: Traces, is_theirs: IsTheirs) -> dict[str, Any]:
    changes: dict[str, Any] = {
        column: "" if isinstance(getattr(fact, column), str) else SOMEBODY
        for column in traces.parts
        if _is_theirs(fact, column, traces, is_theirs)
    }
    for column in traces.lists:
        others = tuple(name for name in getattr(fact, column) if not is_theirs(account(traces.system, name)))
        if len(others) < len(getattr(fact, column)):
            changes[column] = others
    if isinstance(fact, TicketEvent) and fact.kind == "assignee":
        held = {"old": fact.old, "new": fact.new}
        changes |= {side: str(SOMEBODY) for side, number in held.items() if number and is_theirs(account(ZENDESK, number))}
    return changes | (dict.fromkeys(traces.words, "") if changes else {})
