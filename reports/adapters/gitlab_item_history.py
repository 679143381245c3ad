"""When an issue's labels were put on and taken off, when it was closed and reopened, and by whom: REST, issue by issue."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec

from reports.adapters.gitlab_accounts import TeamAccounts
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_shapes import Account
from reports.core.facts import WorkItem, WorkItemEvent

_KINDS = {"add": "label_added", "remove": "label_removed", "closed": "closed", "reopened": "reopened"}
_Row = TypeVar("_Row", bound="_Event")


class _Event(msgspec.Struct, frozen=True):
    id: int
    user: Account | None
    created_at: datetime


class _Label(msgspec.Struct, frozen=True):
    name: str


class _LabelEvent(_Event, frozen=True):
    action: str
    label: _Label | None


class _StateEvent(_Event, frozen=True):
    state: str


class ItemHistory:
    """Reads the events of single issues; there is no list of them across issues."""

    def __init__(self, client: GitlabClient, accounts: TeamAccounts) -> None:
        self._client = client
        self._accounts = accounts

    def events(self, item: WorkItem) -> tuple[WorkItemEvent, ...]:
        """Every change of the labels and the state of an issue; those of a label that was deleted since say nothing."""
        return (*self._label_events(item), *self._state_events(item))

    def _label_events(self, item: WorkItem) -> Iterator[WorkItemEvent]:
        for row in self._rows(item, "resource_label_events", _LabelEvent):
            if row.label is not None and row.action in _KINDS:
                yield self._fact(item, f"label/{row.id}", row, row.action, row.label.name)

    def _state_events(self, item: WorkItem) -> Iterator[WorkItemEvent]:
        for row in self._rows(item, "resource_state_events", _StateEvent):
            if row.state in _KINDS:
                yield self._fact(item, f"state/{row.id}", row, row.state, "")

    def _rows(self, item: WorkItem, what: str, shape: type[_Row]) -> Iterator[_Row]:
        path = f"/projects/{quote(item.project, safe='')}/issues/{item.iid}/{what}"
        for row in self._client.listed(path, f"read the history of {item.project}#{item.iid}"):
            yield self._client.typed(path, row, shape)

    def _fact(self, item: WorkItem, id: str, row: _Event, kind: str, label: str) -> WorkItemEvent:
        actor = self._accounts.name(row.user) if row.user else ""
        at = row.created_at.astimezone(UTC)
        return WorkItemEvent(id=id, item=item.id, at=at, actor=actor, kind=_KINDS[kind], label=label)
