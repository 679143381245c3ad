"""Views in which every text that comes from outside is replaced by one of choice."""

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TypeVar, cast

Value = TypeVar("Value")

#: Not from outside, or no text: where links lead, what code looks up by name, the zone of the weeks, how the tool is called.
_OURS = frozenset({"url", "time_zone", "streams", "direction", "kind", "mention", "example_measure"})
#: Values that hold nothing but what was read letter by letter.
_READ = frozenset({"reports.core.weeks", "reports.core.commands"})


def saying(view: Value, text: str) -> Value:
    """The same view with `text` in place of every text that is not empty."""
    return cast(Value, _replaced(view, text))


def _replaced(value: object, text: str) -> object:
    if isinstance(value, str) and not isinstance(value, Enum):
        return text if value else value
    if isinstance(value, tuple):
        return tuple(_replaced(item, text) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return _rebuilt(value, text)
    return value


def _rebuilt(value: object, text: str) -> object:
    if type(value).__module__ in _READ:
        return value
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{type(value).__name__} is no view")
    kept = {field.name: getattr(value, field.name) for field in fields(value)}
    return type(value)(**{name: kept[name] if name in _OURS else _replaced(kept[name], text) for name in kept})
