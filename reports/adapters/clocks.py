"""The two clocks: the machine's, and one that stands still for the demo and the tests."""

from dataclasses import dataclass
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still at an aware instant in UTC."""

    instant: datetime

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.instant
