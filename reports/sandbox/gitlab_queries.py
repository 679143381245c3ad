"""Which issues and merge requests a question asks for, and in which order; the same for REST and GraphQL, no visibility here.

Time bounds are inclusive on both sides, as GitLab documents them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from reports.sandbox.gitlab_objects import Issue, MergeRequest


@dataclass(frozen=True, slots=True)
class Span:
    """From `after` to `before`, both included; None is open."""

    after: datetime | None = None
    before: datetime | None = None

    def holds(self, moment: datetime | None) -> bool:
        """Whether the moment lies in the span; None lies only in the span that is open on both sides."""
        if moment is None:
            return self.after is None and self.before is None
        return (self.after is None or self.after <= moment) and (self.before is None or moment <= self.before)

    def to_end_of_day(self) -> "Span":
        """The span reaching to the end of its last day, as GraphQL's `mergedBefore` does."""
        if self.before is None:
            return self
        end = self.before.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1, microseconds=-1)
        return Span(self.after, end)


OPEN = Span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question; None and empty mean no condition. `labels` must all be there, of `any_labels` one.

    `types` are those of issues, such as `issue` and `task`.
    """

    state: str = "all"
    labels: tuple[str, ...] = ()
    any_labels: frozenset[str] | None = None
    authors: frozenset[int] | None = None
    any_assignees: frozenset[int] | None = None
    all_assignees: frozenset[int] = frozenset()
    iids: frozenset[int] | None = None
    types: frozenset[str] = frozenset()
    confidential: bool | None = None
    search: str = ""
    created: Span = OPEN
    updated: Span = OPEN
    closed: Span = OPEN
    merged: Span = OPEN

    def matches_issue(self, issue: Issue) -> bool:
        """Whether an issue is asked for."""
        return (
            self._matches(issue)
            and (not self.types or issue.issue_type in self.types)
            and (self.confidential is None or issue.confidential == self.confidential)
            and self.closed.holds(issue.closed_at)
        )

    def matches_merge_request(self, merge_request: MergeRequest) -> bool:
        """Whether a merge request is asked for."""
        return self._matches(merge_request) and self.merged.holds(merge_request.merged_at)

    def _matches(self, item: Issue | MergeRequest) -> bool:
        return (
            self.state in ("all", item.state)
            and (self.iids is None or item.iid in self.iids)
            and (self.authors is None or item.author_id in self.authors)
            and self._matches_people(item.assignee_ids)
            and self._matches_labels(item.labels)
            and self.created.holds(item.created_at)
            and self.updated.holds(item.updated_at)
            and self._matches_words(item)
        )

    def _matches_words(self, item: Issue | MergeRequest) -> bool:
        """Words in title or description; `#12` is the one with that number, as on GitLab's pages."""
        if re.fullmatch(r"#\d+", self.search):
            return item.iid == int(self.search[1:])
        return all(word in f"{item.title} {item.description}".lower() for word in self.search.lower().split())

    def _matches_people(self, assignees: list[int]) -> bool:
        if not self.all_assignees.issubset(assignees):
            return False
        return self.any_assignees is None or not self.any_assignees.isdisjoint(assignees)

    def _matches_labels(self, labels: list[str]) -> bool:
        if self.labels in (("None",), ("Any",)):
            return bool(labels) == (self.labels == ("Any",))
        if not set(self.labels).issubset(labels):
            return False
        return self.any_labels is None or not self.any_labels.isdisjoint(labels)


_LAST_DATE = date.max
_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)

#: What a list can be ordered by; where a time is missing the row comes last in ascending order.
_KEYS: dict[str, Callable[[Any], Any]] = {
    "id": lambda item: item.id,
    "created_at": lambda item: item.created_at,
    "updated_at": lambda item: item.updated_at,
    "title": lambda item: item.title.lower(),
    "due_date": lambda item: item.due_date or _LAST_DATE,
    "closed_at": lambda item: item.closed_at or _FIRST_MOMENT,
    "merged_at": lambda item: item.merged_at or _FIRST_MOMENT,
}


Item = TypeVar("Item", Issue, MergeRequest)


def ordered(items: Iterable[Item], order_by: str, sort: str) -> list[Item]:
    """The items by one column, and by id among equals in the same direction."""
    key = _KEYS[order_by]
    return sorted(items, key=lambda item: (key(item), item.id), reverse=sort == "desc")
