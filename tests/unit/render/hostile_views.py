"""Views in which every text that comes from outside is replaced by one of choice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TypeVar, cast

Value = TypeVar("Value")

#: Not from outside, or no text: where links lead, what code looks up or groups by, the zone of the weeks, how the tool is called.
_OURS = frozenset({"time_zone", "streams", "direction", "kind", "mention", "example_measure", "family"})
#: Values that hold nothing but what was read letter by letter.
_READ = frozenset({"reports.core.weeks", "reports.core.commands"})


def saying(view: Value, text: str) -> Value:
    """The same view with `text` in place of every text that is not empty."""
    return cast(Value, _replaced(view, lambda: text))


def leading(view: Value, url: str) -> Value:
    """The same view with every link leading to one address."""
    return cast(Value, _with_addresses(view, url))


def _with_addresses(value: object, url: str) -> object:
    if isinstance(value, tuple):
        return tuple(_with_addresses(item, url) for item in value)
    if not is_dataclass(value) or isinstance(value, type) or type(value).__module__ in _READ:
        return value
    kept = {field.name: getattr(value, field.name) for field in fields(value)}
    is_link = {name: name.endswith("url") and bool(kept[name]) for name in kept}
    return type(value)(**{name: url if is_link[name] else _with_addresses(kept[name], url) for name in kept})


def saying_in_turn(view: Value, texts: Sequence[str], first: int = 0) -> Iterator[tuple[Value, tuple[str, ...]]]:
    """As many views as it takes to say all the texts, one in each place and the next in the next; with what each says."""
    said = 0
    while said < len(texts):
        here: list[str] = []

        def say(said: int = said, here: list[str] = here) -> str:
            here.append(texts[(first + said + len(here)) % len(texts)])
            return here[-1]

        yield cast(Value, _replaced(view, say)), tuple(here)
        if not here:
            return
        said += len(here)


def _replaced(value: object, say: Callable[[], str]) -> object:
    if isinstance(value, str) and not isinstance(value, Enum):
        return say() if value else value
    if isinstance(value, tuple):
        return tuple(_replaced(item, say) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return _rebuilt(value, say)
    return value


def _rebuilt(value: object, say: Callable[[], str]) -> object:
    if type(value).__module__ in _READ:
        return value
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{type(value).__name__} is no view")
    kept = {field.name: getattr(value, field.name) for field in fields(value)}
    is_ours = {name: name in _OURS or name.endswith("url") for name in kept}
    return type(value)(**{name: kept[name] if is_ours[name] else _replaced(kept[name], say) for name in kept})
