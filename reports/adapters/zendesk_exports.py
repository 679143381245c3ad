"""What happened to tickets in Zendesk, as facts from its three exports: tickets, their updates, and the steps of their metrics.

They are plain requests through zenpy's session: zenpy 2.0.57 itself leaves off the last pages of a time-based export whose page
ends less than five minutes ago, and makes an object of every field.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

import msgspec

from reports.adapters.zendesk_access import ZendeskAccess
from reports.adapters.zendesk_rows import (
    METRIC_EVENTS,
    TICKETS,
    UPDATES,
    KeptFields,
    TimePage,
    Updates,
    instant,
    metric_facts,
    ticket_facts,
)
from reports.core.facts import Fact
from reports.core.weeks import Window
from reports.errors import SourceError
from reports.ports import Page

#: Exports hold back the last minute, and refuse to start in it; the second minute is for clocks that differ.
#: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
WITHHELD = timedelta(minutes=2)
PAGE_SIZE = 1000
#: Tags that are kept wherever they are found: a merged ticket is not worked on.
KEPT_TAGS = frozenset({"closed_by_merge"})
#: By default Zendesk leaves out what an AI agent handles, and with it the beginning of what people then take over.
_EVERYBODY = {"support_type_scope": "all"}
_TICKETS, _EVENTS, _METRICS = "zendesk.tickets", "zendesk.ticket_events", "zendesk.metric_events"

P = TypeVar("P", bound=TimePage)


class ZendeskExports:
    """The source of the last known state of tickets, of who changed or said what when, and of the steps of their metrics."""

    def __init__(self, access: ZendeskAccess, kept: KeptFields, *, with_metrics: bool = True) -> None:
        self._with_metrics = with_metrics
        self._service = access.service
        self._clock = access.clock
        self._client = access.client()
        self._kept = kept
        self._updates = Updates(kept, self._form)

    @property
    def streams(self) -> tuple[str, ...]:
        """The three streams, or only what tells whose a ticket is."""
        return (_TICKETS, _EVENTS, _METRICS) if self._with_metrics else (_TICKETS, _EVENTS)

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        """Pages of one stream, from the cursor or the window's start, until one reaches the window's end or nothing is left.

        Raises SourceError when Zendesk cannot be reached, refuses, or breaks its own paging laws.
        """
        exports: Mapping[str, Callable[[Window, str | None], Iterator[Page]]] = {
            _TICKETS: self._tickets,
            _EVENTS: self._ticket_events,
            _METRICS: self._metric_events,
        }
        return exports[stream](window, cursor)

    def _tickets(self, window: Window, cursor: str | None) -> Iterator[Page]:
        """The cursor export: ordered by `generated_timestamp`, which also moves with system updates; a ticket that changes
        meanwhile comes again at the end, and a scrubbed one a month later. The cursor is a position, not a session.
        """
        place: str | None = cursor or None
        while True:
            now = self._clock.now()
            start = {"cursor": place} if place else {"start_time": self._start(window.start, now)}
            page = self._client.get(
                "incremental/tickets/cursor.json",
                {**start, "include": "metric_sets", **_EVERYBODY, "per_page": PAGE_SIZE},
                TICKETS,
            )
            facts = tuple(ticket_facts(page, self._service.url, self._kept, self._form))
            newest = page.newest
            until = now - WITHHELD if page.end_of_stream else newest
            following = page.after_cursor or place or ""
            yield Page(stream=_TICKETS, facts=facts, cursor=following, until=until)
            if page.end_of_stream or (newest is not None and newest >= window.end):
                return
            self._must_advance(following not in (place, ""))
            place = following

    def _ticket_events(self, window: Window, cursor: str | None) -> Iterator[Page]:
        """Without the `comment_events` sideload no comment's text is sent."""
        return self._timed(_EVENTS, _EVERYBODY, UPDATES, self._updates.facts, window, cursor)

    def _metric_events(self, window: Window, cursor: str | None) -> Iterator[Page]:
        """With `include_changes` a step that Zendesk takes back comes again, as deleted."""
        return self._timed(_METRICS, {"include_changes": "true"}, METRIC_EVENTS, metric_facts, window, cursor)

    def _timed(
        self,
        stream: str,
        query: Mapping[str, str],
        decoder: "msgspec.json.Decoder[P]",
        facts: Callable[[P], Iterable[Fact]],
        window: Window,
        cursor: str | None,
    ) -> Iterator[Page]:
        """A time-based export: `end_time` is the second of the last row, which the next page repeats, or the second after
        when a whole page shares one.
        """
        place = instant(int(cursor)) if cursor else window.start
        while True:
            now = self._clock.now()
            start = self._start(place, now)
            page = self._client.get(_PATHS[stream], {"start_time": start, **query, "per_page": PAGE_SIZE}, decoder)
            following = start if page.end_time is None else page.end_time
            place = instant(following)
            is_last = _is_last(page, advances=following > start)
            until = max(place, now - WITHHELD) if is_last else place
            yield Page(stream=stream, facts=tuple(facts(page)), cursor=str(following), until=until)
            if is_last or place >= window.end:
                return
            self._must_advance(following > start)

    def _start(self, wanted: datetime, now: datetime) -> int:
        """A start that the exports accept; a repeated row does no harm."""
        return int(min(wanted, now - WITHHELD).timestamp())

    def _must_advance(self, advances: bool) -> None:
        if not advances:
            raise SourceError(
                f"{self._service.name} at {self._service.url} sent a page that leads nowhere",
                "Run again later; what was gathered stays.",
            )

    def _form(self, form_id: int) -> str:
        return self._forms.get(form_id, str(form_id))

    @cached_property
    def _forms(self) -> Mapping[int, str]:
        """Names of ticket forms by id, asked for when the first form is met; empty on a plan that has no forms."""
        forms = self._client.listed_if_offered("ticket_forms.json", lambda desk: desk.ticket_forms())
        return {form.id: form.name for form in forms}


_PATHS = {_EVENTS: "incremental/ticket_events.json", _METRICS: "incremental/ticket_metric_events.json"}


def _is_last(page: TimePage, *, advances: bool) -> bool:
    if page.end_of_stream is not None:
        return page.end_of_stream
    return page.next_page is None or not advances
