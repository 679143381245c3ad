"""A clock that stands still but for the pauses that are made on it, so that waiting costs no time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class PausedClock:
    """The present instant, and every pause so far."""

    moment: datetime
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.moment += timedelta(seconds=seconds)
