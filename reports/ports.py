"""What the pipeline asks of the outside: sources of facts, a store, measures, a renderer, an issue tracker; Protocols only."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from reports.core.audience import Destination
from reports.core.context import Context
from reports.core.conversation import Comment, Place, Thread
from reports.core.facts import Fact
from reports.core.measurements import Tallies
from reports.core.model import Coverage, Evidence, Measure
from reports.core.people import Team
from reports.core.publication import Action
from reports.core.queue import WaitingIssue
from reports.core.replies import Reply
from reports.core.shown_events import Wanted
from reports.core.view import Contribution
from reports.core.views import View
from reports.core.weeks import DayRange, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A batch of facts of one stream with the cursor that follows it.

    `until`: every fact of the stream before this instant is in this page or an earlier one; None while that is open.
    `unknown_people`: usernames that the source has no account for; None when this page does not tell.
    `blind_spots`: sentences on what the source hides from the reading token; None when this page does not tell.
    """

    stream: str
    facts: Sequence[Fact]
    cursor: str
    until: datetime | None
    unknown_people: tuple[str, ...] | None = None
    blind_spots: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A line for whoever watches: what is being done and how far, in [0, 1] or None when not known."""

    step: str
    detail: str
    fraction: float | None


class ProgressListener(Protocol):
    """Takes progress lines; a terminal shows a bar, a pipeline plain lines, a test nothing."""

    def __call__(self, progress: Progress) -> None:
        """Take one line."""
        ...


class ActivitySource(Protocol):
    """GitLab or Zendesk: yields pages of facts stream by stream."""

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams it gathers, such as `gitlab.merge_requests`."""
        ...

    def pages(self, stream: str, window: Window, cursor: str | None) -> Iterator[Page]:
        """Pages of one stream, from the cursor if there is one, else from the window's start, to the window's end.

        Raises SourceError when the source cannot be read.
        """
        ...


class ContextSource(Protocol):
    """Calendars or schedules outside: dates of people, never reasons."""

    @property
    def name(self) -> str:
        """What is read, such as `leave calendars`."""
        ...

    def context(self, days: DayRange) -> Context:
        """What clouds these days; what could not be read is in `unknown`, so that it is no data and never zero leave."""
        ...


class QueueSource(Protocol):
    """Somewhere issues or tickets wait for the managers on call."""

    @property
    def name(self) -> str:
        """What it is called where it could not be read."""
        ...

    def waiting(self, closed: Window) -> tuple[WaitingIssue, ...]:
        """Everything that is open, and what is still looked at of that which was closed in a window.

        Raises SourceError when the source cannot be read.
        """
        ...


class FactStore(Protocol):
    """Keeps facts and how far each stream reaches; a cache of the sources that can be rebuilt."""

    def coverage(self) -> Mapping[str, Coverage]:
        """How far each known stream reaches."""
        ...

    def cursor(self, stream: str) -> str | None:
        """Where the stream continues; None when it was never gathered."""
        ...

    def start(self, stream: str, since: datetime) -> None:
        """Forget a stream and begin it anew at an instant."""
        ...

    def commit(self, page: Page) -> None:
        """Make a page and its cursor durable together; committing the same page again changes nothing."""
        ...

    def compact(self) -> None:
        """Fold the pages of this gather together; readers see the same facts before and after."""
        ...

    def report_problem(self, stream: str, problem: str) -> None:
        """Remember why the stream stopped short; an empty text clears it."""
        ...


class Measuring(Protocol):
    """The measures over the facts of one window, read once."""

    def tallies(self) -> Tallies:
        """Every measure counted by person, category and day."""
        ...

    def evidence(self, wanted: Collection[Wanted]) -> tuple[Evidence, ...]:
        """The events that are wanted, as far as they lie in the window, ordered by measure, engineer and time."""
        ...


class MeasureEngine(Protocol):
    """Runs the measures over the stored facts."""

    def catalogue(self) -> tuple[Measure, ...]:
        """Every measure there is, by name."""
        ...

    def measuring(self, team: Team, window: Window) -> AbstractContextManager[Measuring]:
        """The measures of a team over a window, as long as one asks.

        Raises StoreError when the facts cannot be read; asking raises ConfigError when a measure's query fails.
        """
        ...

    def contributions(self, window: Window, zone: ZoneInfo) -> tuple[Contribution, ...]:
        """Every merge request of the window that carries the contributions label, whoever wrote it; days are of the zone."""
        ...


class Renderer(Protocol):
    """Turns a view into text."""

    def issue(self, report: str, view: View) -> str:
        """The Markdown body to publish; charts are text or Mermaid, never an uploaded picture."""
        ...


class IssueTracker(Protocol):
    """The place where reports are published."""

    def bot(self) -> str:
        """The username that this tool writes as."""
        ...

    def destinations(self, projects: Sequence[str], since: datetime) -> Mapping[str, Destination]:
        """For each project who could read its issues, and the bot's issues there: every open one, closed ones opened since.

        Raises PublishError naming a project that is missing or cannot be read.
        """
        ...

    def create(self, action: Action) -> None:
        """Open the issue that the action desires; never retried blindly."""
        ...

    def update(self, action: Action) -> None:
        """Bring title, description, labels and assignees of an issue to what the action says."""
        ...

    def close(self, action: Action) -> None:
        """Close an issue."""
        ...

    def reopen(self, action: Action) -> None:
        """Open a closed issue again."""
        ...


class Conversations(Protocol):
    """What is said below the issues that this tool opened."""

    @property
    def bot(self) -> str:
        """The username that this tool writes as."""
        ...

    def threads(self, place: Place, since: datetime) -> tuple[Thread, ...]:
        """The bot's issues in a place that were touched since an instant, without their comments.

        Raises PublishError when the place cannot be read.
        """
        ...

    def comments(self, thread: Thread) -> tuple[Comment, ...]:
        """Everything said below an issue, oldest first."""
        ...

    def post(self, reply: Reply) -> bool:
        """Post an answer unless it is there already; whether it was posted. Never repeated blindly."""
        ...


class Clock(Protocol):
    """Tells the time; asked once, at the edge."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...
