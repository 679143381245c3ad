"""A plan as a person reads it: what would be created, updated and closed, with changed lines where that is wanted.

Descriptions hold what anybody wrote, so nothing of them reaches the terminal that it would obey, and no line begins with them.
"""

import json
import re

import msgspec

from reports.core.plain_text import for_terminal
from reports.core.publication import Action, Kind, diff, report_of
from reports.jobs.pipeline import PublicationPlan

_SIGNS = {Kind.CREATE: "+", Kind.UPDATE: "~", Kind.CLOSE: "-", Kind.REOPEN: "o"}

#: What JSON may hold as it is, although a terminal could obey it.
_NO_PLAIN_SIGN = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def as_text(planned: PublicationPlan, *, with_diff: bool) -> str:
    """The plan in lines; `with_diff` shows personal content and whom an issue is about, so it is off where many read the log."""
    lines = [line for action in planned.actions if action.kind is not Kind.NOTHING for line in _action(action, with_diff)]
    refused = [f"! refused {_name(v.key, with_diff)} in {v.project}: {v.reason}" for v in planned.violations]
    lines += dict.fromkeys(refused)
    lines += [f"! {sentence}" for sentence in planned.moved]
    counts = ", ".join(f"{planned.count(kind)} to {kind}" for kind in _SIGNS if kind is not Kind.REOPEN or planned.count(kind))
    return for_terminal("\n".join([*lines, f"{planned.week}: {counts}, {planned.count(Kind.NOTHING)} unchanged"]))


def _action(action: Action, with_diff: bool) -> list[str]:
    place = f"{action.project}#{action.iid}" if action.iid else action.project
    changed = diff(action)
    size = f" ({len(changed)} lines)" if changed else ""
    head = f"{_SIGNS[action.kind]} {action.kind} {_name(action.key, with_diff)} in {place}: {action.reason}{size}"
    return [head, *(f"    | {line}" for line in changed)] if with_diff else [head]


def _name(key: str, is_personal: bool) -> str:
    return key if is_personal else report_of(key)


def as_json(planned: PublicationPlan) -> str:
    """The whole plan as JSON, descriptions included."""
    text = msgspec.json.format(msgspec.json.encode(planned, order="deterministic"), indent=2).decode()
    return _NO_PLAIN_SIGN.sub(lambda found: json.dumps(found[0])[1:-1], text)
