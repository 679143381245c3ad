"""What clouds a week, as values: dates and fractions, never reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

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
class Unknown:
    """Days of which nobody can say whether the person was there, such as those of a calendar that could not be read."""

    who: str
    days: DayRange
    reason: str


class _Owned(Protocol):
    @property
    def who(self) -> str: ...


_R = TypeVar("_R", bound=_Owned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What clouds a week, from `context.yml`, from calendars and schedules, and from what people said.

    `training` are days in training; `holidays` are public ones; both take their fraction of a working day, as leave does.
    """

    unavailable: tuple[Unavailable, ...] = ()
    holidays: tuple[Unavailable, ...] = ()
    training: tuple[Unavailable, ...] = ()
    on_call: tuple[OnCall, ...] = ()
    reduced: tuple[Reduced, ...] = ()
    working_days: tuple[WorkingDays, ...] = ()
    corrections: tuple[Correction, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    def of(self, who: str) -> "Context":
        """What concerns one person."""
        return Context(
            unavailable=_of(who, self.unavailable),
            holidays=_of(who, self.holidays),
            training=_of(who, self.training),
            on_call=_of(who, self.on_call),
            reduced=_of(who, self.reduced),
            working_days=_of(who, self.working_days),
            corrections=_of(who, self.corrections),
            unknown=_of(who, self.unknown),
        )

    def without(self, who: str) -> "Context":
        """What concerns everybody else."""
        return Context(
            unavailable=_not_of(who, self.unavailable),
            holidays=_not_of(who, self.holidays),
            training=_not_of(who, self.training),
            on_call=_not_of(who, self.on_call),
            reduced=_not_of(who, self.reduced),
            working_days=_not_of(who, self.working_days),
            corrections=_not_of(who, self.corrections),
            unknown=_not_of(who, self.unknown),
        )

    def and_also(self, other: "Context") -> "Context":
        """Both together; of two corrections of one week the other's counts."""
        return Context(
            unavailable=self.unavailable + other.unavailable,
            holidays=self.holidays + other.holidays,
            training=self.training + other.training,
            on_call=self.on_call + other.on_call,
            reduced=self.reduced + other.reduced,
            working_days=self.working_days + other.working_days,
            corrections=self.corrections + other.corrections,
            unknown=self.unknown + other.unknown,
        )


def _not_of(who: str, rows: Iterable[_R]) -> tuple[_R, ...]:
    return tuple(row for row in rows if row.who != who)


def _of(who: str, rows: Iterable[_R]) -> tuple[_R, ...]:
    return tuple(row for row in rows if row.who == who)
