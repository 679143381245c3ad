"""What every map in `config/` has in common: no unknown keys, no guessing of types; it knows no file."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from reports.settings.scalars import refusal

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Shape(BaseModel):
    """What every map here has in common: no unknown keys, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


T = TypeVar("T", str, int)


def distinct(words: list[T]) -> list[T]:
    """The words or numbers themselves; a refusal when one stands there twice."""
    if len(set(words)) < len(words):
        raise refusal("repeated-word", "the same word stands in this list twice", "keep one")
    return words
