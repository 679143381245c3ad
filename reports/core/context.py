"""What clouds a week, as values: dates and fractions, never reasons."""

from dataclasses import dataclass
from datetime import date

from reports.core.weeks import DayRange, Week


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """Days on which a person is away; `fraction` of each working day, 1.0 for all of it."""

    who: str
    days: DayRange
    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Days on which a person is on call in a rotation."""

    who: str
    days: DayRange
    rotation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """Days whose capacity for goals is multiplied by `factor`, such as days that lead an account escalation."""

    who: str
    days: DayRange
    factor: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """From a day on, the weekdays a person works (0 Monday to 6 Sunday)."""

    who: str
    valid_from: date
    weekdays: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The engineer's own word on how many days they had in a week; it takes the place of the computed number."""

    who: str
    week: Week
    available_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What clouds a week, from `context.yml`."""

    unavailable: tuple[Unavailable, ...] = ()
    on_call: tuple[OnCall, ...] = ()
    reduced: tuple[Reduced, ...] = ()
    working_days: tuple[WorkingDays, ...] = ()
    corrections: tuple[Correction, ...] = ()

    def of(self, who: str) -> "Context":
        """What concerns one person."""
        return Context(
            unavailable=tuple(row for row in self.unavailable if row.who == who),
            on_call=tuple(row for row in self.on_call if row.who == who),
            reduced=tuple(row for row in self.reduced if row.who == who),
            working_days=tuple(row for row in self.working_days if row.who == who),
            corrections=tuple(row for row in self.corrections if row.who == who),
        )
