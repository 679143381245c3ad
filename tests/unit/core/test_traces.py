import re
from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from reports.core.facts import (
    TABLES,
    Agent,
    AgentGroupMembership,
    Fact,
    MergeRequest,
    OnCallPage,
    SatisfactionRating,
    Ticket,
    TicketEvent,
    UserEvent,
    WorkItem,
    WorkItemEvent,
)
from reports.core.traces import TRACES, accounts_of, all_without, names, without
from tests.builders import engineer, utc

NOON = utc("2026-11-11 12:00")
INES = accounts_of(engineer(zendesk_id=41, other_zendesk_ids=(42,), other_usernames=("iduarte-admin",), pagerduty_id="P1"))

#: Fields whose names say that somebody's account stands in them.
NAMES_SOMEBODY = re.compile(r"author|actor|assignee|responder|agent|closed_by|requester|reviewer|user|owner|updater|submitter")


def is_ines(account: str) -> bool:
    return account in INES


def item(**special: Any) -> WorkItem:
    ordinary: dict[str, Any] = {
        "id": "1", "area": "pairing", "project": "acme/pairing", "iid": 1, "author": "jbeck", "assignees": ("jbeck",),
        "title": "Ines & Jonas", "url": "u", "labels": (), "created_at": NOON, "closed_at": None,
    }  # fmt: skip
    return WorkItem(**(ordinary | special))


def ticket_event(**special: Any) -> TicketEvent:
    ordinary: dict[str, Any] = {
        "id": 1, "ticket_id": 2, "at": NOON, "actor_id": 7, "kind": "comment", "old": None, "new": "41", "created": False,
    }  # fmt: skip
    return TicketEvent(**(ordinary | special))


MERGED = MergeRequest(id="1", area="product", project="p", iid=1, author="IDuarte", title="t", url="u", labels=(), merged_at=NOON)
TICKET = Ticket(
    id=1, url="u", status="open", priority="", ticket_form="saas", assignee_id=42, tags=(), created_at=NOON, solved_at=None,
    seen_at=NOON,
)  # fmt: skip


def test_traces__tell_of_every_kind_of_fact_and_of_every_field_that_names_somebody() -> None:
    assert set(TRACES) == set(TABLES) == set(get_args(Fact))
    for kind, traces in TRACES.items():
        told = {traces.owner, *traces.parts, *traces.lists, *traces.words}
        naming = {f.name for f in fields(kind) if NAMES_SOMEBODY.search(f.name) and f.type is not bool}
        assert naming - told == set(), kind
        assert told - {""} <= {f.name for f in fields(kind)}, kind


def test_accounts__are_all_by_which_somebody_is_known() -> None:
    assert {"gitlab:iduarte", "gitlab:iduarte-admin", "zendesk:41", "zendesk:42", "pagerduty:p1"} == INES


@pytest.mark.parametrize(
    "fact",
    [
        MERGED,
        UserEvent(id="1", author="iduarte-admin", at=NOON, action="pushed", target="", project="p", url="u"),
        Agent(id=41, role="agent", is_active=True, is_bot=False, seen_at=NOON),
        AgentGroupMembership(id=1, agent_id=42, group_id=5, seen_at=NOON),
        OnCallPage(id="1", responder_id="P1", at=NOON, url="u"),
        item(author="iduarte", assignees=("iduarte",)),
    ],
)
def test_without__what_is_somebodys_alone_goes(fact: Fact) -> None:
    assert without(fact, is_ines) is None
    assert all_without([fact, fact], is_ines) == []
    assert names(fact, is_ines)


@pytest.mark.parametrize(
    ("fact", "left"),
    [
        (item(assignees=("Iduarte", "jbeck")), item(assignees=("jbeck",), title="")),
        (item(author="iduarte"), item(author="", title="")),
        (item(closed_by="iduarte"), item(closed_by="", title="")),
        (TICKET, replace(TICKET, assignee_id=0)),
        (ticket_event(actor_id=41), ticket_event(actor_id=0)),
        (ticket_event(kind="assignee", old="41", new="7"), ticket_event(kind="assignee", old="0", new="7")),
    ],
)
def test_without__what_others_have_a_part_in_stays_without_them(fact: Fact, left: Fact) -> None:
    assert without(fact, is_ines) == left
    assert all_without([left, fact], is_ines) == [left, left]


@pytest.mark.parametrize(
    "fact",
    [
        item(),
        replace(TICKET, assignee_id=None),
        ticket_event(),  # the number of a comment's new value is no agent
        WorkItemEvent(id="1", item="41", at=NOON, actor="jbeck", kind="closed", label=""),
        SatisfactionRating(id="1", ticket_id=41, at=NOON, score="good", assignee_id=7),
    ],
)
def test_without__what_they_are_not_in_stays_as_it_is(fact: Fact) -> None:
    facts = [fact, fact]
    assert without(fact, is_ines) is fact
    assert all_without(facts, is_ines) is facts
    assert not names(fact, is_ines)


def test_without__each_account_of_many_facts_is_asked_for_once() -> None:
    asked: list[str] = []

    def is_nobody(account: str) -> bool:
        asked.append(account)
        return False

    all_without(
        [ticket_event(kind="assignee", old="7", new=str(number % 3), actor_id=number % 2) for number in range(100)], is_nobody
    )
    assert sorted(asked) == [f"zendesk:{who}" for who in ("0", "0", "1", "1", "2", "7")]  # as a number and as a text
