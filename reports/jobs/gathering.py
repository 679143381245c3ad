"""Bringing the store up to date: every stream of every source, side by side; a source that fails is remembered, never zero."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event

from reports.core.context import Context, Unknown
from reports.core.model import Coverage
from reports.core.weeks import DayRange, Window
from reports.errors import SourceError
from reports.ports import (
    ActivitySource,
    ContextSource,
    FactStore,
    Page,
    Progress,
    ProgressListener,
)

#: Sources show an event only after a while: Zendesk withholds the last minute of its exports.
SETTLING = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """How far each stream reaches now, and what stopped those that did not reach the end, with what to do about it."""

    coverage: tuple[Coverage, ...]
    failures: Mapping[str, SourceError]
    rows: Mapping[str, int] = field(default_factory=dict)
    """Rows that came in now, by stream; one that came twice is counted twice."""
    notes: tuple[str, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    """Days of people whose calendar or schedule could not be read."""

    @property
    def unread(self) -> tuple[str, ...]:
        """Calendars and schedules that were not read, a sentence for each cause; names nobody."""
        people = Counter(reason for _, reason in {(row.who, row.reason) for row in self.unknown})
        return tuple(f"{reason} (people concerned: {count})" for reason, count in sorted(people.items()))

    @property
    def gaps(self) -> tuple[str, ...]:
        """Everything that was not read to the end, and why."""
        return (*(f"{stream}: {error.message}" for stream, error in self.failures.items()), *self.unread)


def gather(
    sources: Sequence[ActivitySource],
    store: FactStore,
    needed: Window,
    now: datetime,
    tell: ProgressListener,
    give_up: Callable[[], None] = lambda: None,
) -> Gathered:
    """Bring every stream of every source up to date; a source that fails is remembered as a problem, not as zero.

    Each source has a thread of its own, its streams come one after another. Whatever else ends one thread ends all of them
    after the page at hand; `give_up` is called then, so that nobody goes on waiting for a server.
    """
    notes = tuple(note for note in [store.renew()] if note)
    gathering = _Gathering(store, Window(needed.start, max(needed.start, now - SETTLING)), tell)
    with ThreadPoolExecutor(max_workers=max(1, len(sources)), thread_name_prefix="gather") as threads:
        running = [threads.submit(gathering.source, source) for source in sources]
        try:
            ended, _ = wait(running, return_when=FIRST_EXCEPTION)
            for thread in ended:
                thread.result()  # raises what ended it, while the others can still be told to stop
            streams = [reached for thread in running for reached in thread.result()]
        except BaseException:
            gathering.stopping.set()
            give_up()
            raise
    store.compact()
    return Gathered(
        coverage=tuple(store.coverage().values()),
        failures={reached.stream: reached.failure for reached in streams if reached.failure},
        rows={reached.stream: reached.rows for reached in streams},
        notes=notes,
    )


def gather_context(sources: Sequence[ContextSource], days: DayRange, tell: ProgressListener) -> Context:
    """What calendars and schedules outside say about these days, all of them together."""
    gathered = Context()
    for done, source in enumerate(sources):
        tell(Progress(step="gather", part=source.name, detail="", fraction=done / len(sources)))
        gathered = gathered.and_also(source.context(days))
    return gathered


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reached:
    """What a stream brought, and what stopped it before its end."""

    stream: str
    rows: int
    failure: SourceError | None = None


@dataclass(frozen=True, slots=True)
class _Gathering:
    """What the threads of one gather share."""

    store: FactStore
    window: Window
    tell: ProgressListener
    stopping: Event = field(default_factory=Event)

    def source(self, source: ActivitySource) -> list[_Reached]:
        """Every stream of one source, one after another."""
        return [self._stream(source, stream) for stream in source.streams]

    def _stream(self, source: ActivitySource, stream: str) -> _Reached:
        reach = self.store.coverage().get(stream)
        if reach is None or reach.since is None or reach.since > self.window.start:
            self.store.start(stream, self.window.start)
            reach = None
        way = Window(min((reach and reach.until) or self.window.start, self.window.end), self.window.end)
        rows = 0
        self.tell(Progress(step="gather", part=stream, detail="", fraction=0.0))
        try:
            for page in source.pages(stream, self.window, self.store.cursor(stream)):
                if self.stopping.is_set():
                    return _Reached(stream=stream, rows=rows)
                self.store.commit(page)
                rows += len(page.facts)
                self.tell(_on_the_way(page, way, rows))
        except SourceError as error:
            if not self.stopping.is_set():
                self.store.report_problem(stream, error.message)
            return _Reached(stream=stream, rows=rows, failure=error)
        self.store.report_problem(stream, "")
        self.tell(Progress(step="gather", part=stream, detail=f"{rows:,} rows", fraction=1.0))
        return _Reached(stream=stream, rows=rows)


def _on_the_way(page: Page, way: Window, rows: int) -> Progress:
    """How far a page brings its stream, by the moment up to which everything is there; not known while the source tells none."""
    if page.until is None or way.start >= way.end:
        return Progress(step="gather", part=page.stream, detail=f"{rows:,} rows", fraction=None)
    share = min(1.0, max(0.0, (page.until - way.start) / (way.end - way.start)))
    detail = f"{rows:,} rows, until {page.until:%Y-%m-%d %H:%M} UTC"
    return Progress(step="gather", part=page.stream, detail=detail, fraction=share)
