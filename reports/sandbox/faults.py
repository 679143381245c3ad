"""Faults to put on chosen requests: what goes wrong, on which request, how often; decides, and does nothing to a connection."""

import random
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reports.errors import UsageError


class FaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    STATUS_AFTER = "status_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    TRUNCATE = "truncate"
    DELAY = "delay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault on requests whose method and path (with query) match.

    It strikes from the `first` match on, `count` times (None: for ever), each time with `probability`.
    An empty `method` or `host` (`gitlab`, `zendesk`) matches any. `seconds` is the length of a delay.
    """

    kind: FaultKind
    path: str
    method: str = ""
    host: str = ""
    first: int = 1
    count: int | None = 1
    probability: float = 1.0
    status: int = 500
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def concerns(self, host: str, method: str, target: str) -> bool:
        """Whether a request is one of those the fault is meant for."""
        return self.host in ("", host) and self.method.upper() in ("", method) and re.search(self.path, target) is not None


def failing(path: str, status: int = 500, body: str = '{"message":"500 Internal Server Error"}', **where: object) -> Fault:
    """A request that is not carried out and answers with a failing status; `where` are further fields of Fault."""
    return _fault(FaultKind.STATUS, path, {"status": status, "body": body, **where})


def failing_after_write(path: str, status: int = 502, **where: object) -> Fault:
    """A request that is carried out, and answered with a failing status all the same, as a proxy in between may do."""
    return _fault(FaultKind.STATUS_AFTER, path, {"status": status, "body": "<html>Bad Gateway</html>", **where})


def too_many_requests(path: str, retry_after: int | None = None, **where: object) -> Fault:
    """A request refused with 429, with `Retry-After` in seconds or without it."""
    headers = {"Content-Type": "text/plain"} | ({} if retry_after is None else {"Retry-After": str(retry_after)})
    return _fault(FaultKind.STATUS, path, {"status": 429, "body": "Retry later\n", "headers": headers, **where})


def reset_before_write(path: str, **where: object) -> Fault:
    """A connection that is reset before the request is carried out."""
    return _fault(FaultKind.RESET_BEFORE, path, where)


def reset_after_write(path: str, **where: object) -> Fault:
    """A connection that is reset after the request was carried out, before its answer is sent."""
    return _fault(FaultKind.RESET_AFTER, path, where)


def truncated(path: str, **where: object) -> Fault:
    """An answer whose body breaks off in the middle."""
    return _fault(FaultKind.TRUNCATE, path, where)


def delayed(path: str, seconds: float, **where: object) -> Fault:
    """An answer that comes late."""
    return _fault(FaultKind.DELAY, path, {"seconds": seconds, **where})


def _fault(kind: FaultKind, path: str, fields: Mapping[str, object]) -> Fault:
    return Fault(kind=kind, path=path, **fields)  # type: ignore[arg-type]  # the fields of Fault, by name, as documented


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


_NUMBERS = {"first": int, "count": int, "status": int, "probability": float, "seconds": float}
_WORDS = {"method", "host", "body"}


def parse_fault(text: str) -> Fault:
    """Read `kind path [key=value ...]`, such as `reset_after /issues$ method=POST first=2`; UsageError says what is wrong.

    `retry_after=SECONDS` adds the header; `count=all` strikes for ever.
    """
    kind, *rest = text.split() or [""]
    if kind not in set(FaultKind) or not rest or not _is_pattern(rest[0]):
        known = ", ".join(FaultKind)
        raise UsageError(
            f"fault {text!r} is not understood",
            f"write `kind path [key=value ...]`, the path as a regular expression; kinds: {known}",
        )
    fields: dict[str, object] = {}
    for setting in rest[1:]:
        key, _, value = setting.partition("=")
        fields.update(_setting(text, key, value))
    return _fault(FaultKind(kind), rest[0], fields)


def _setting(text: str, key: str, value: str) -> dict[str, object]:
    try:
        if key == "retry_after":
            return {"headers": {"Retry-After": str(int(value))}}
        if (key, value) == ("count", "all"):
            return {"count": None}
        if key in _NUMBERS:
            return {key: _NUMBERS[key](value)}
    except ValueError:
        raise UsageError(f"fault {text!r}: {key} is {value!r}", "expected a number") from None
    if key not in _WORDS:
        known = ", ".join(sorted({*_NUMBERS, *_WORDS, "retry_after"}))
        raise UsageError(f"fault {text!r}: unknown setting {key!r}", f"known settings: {known}")
    return {key: value}


class Faults:
    """The faults in force, with how often each has matched; safe for several threads, chances come from the seed."""

    def __init__(self, faults: tuple[Fault, ...] = (), seed: int = 1) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._faults = list(faults)
        self._matches: dict[int, int] = {}
        self._struck: dict[int, int] = {}

    def add(self, fault: Fault) -> None:
        """Put one more fault in force."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Take all faults out of force."""
        with self._lock:
            self._faults.clear()
            self._matches.clear()
            self._struck.clear()

    def strike(self, host: str, method: str, target: str) -> Fault | None:
        """The fault that strikes a request, if any; counts the match for every fault that the request concerns."""
        with self._lock:
            struck = [n for n, fault in enumerate(self._faults) if fault.concerns(host, method, target) and self._strikes(n)]
            if not struck:
                return None
            self._struck[struck[0]] = self._struck.get(struck[0], 0) + 1
            return self._faults[struck[0]]

    def _strikes(self, number: int) -> bool:
        fault = self._faults[number]
        self._matches[number] = self._matches.get(number, 0) + 1
        if self._matches[number] < fault.first:
            return False
        if fault.count is not None and self._struck.get(number, 0) >= fault.count:
            return False
        return fault.probability >= 1 or self._random.random() < fault.probability
