"""What entries of `config/` say about one another: doubles, overlaps, agreements; single values are checked elsewhere."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from reports.core.weeks import Week
from reports.settings.documents import Document
from reports.settings.nearest import quoted
from reports.settings.problems import Place, Problem, error, warning
from reports.settings.schema import ContextFile, GoalsFile, RulesFile, SourcesFile, SpanEntry
from reports.settings.team_schema import EngineerEntry, TeamFile
from reports.settings.values import engineer_of
from reports.settings.words import texts_at
from reports.settings.yaml_nodes import Node, Path, Scalar, key_place_at, matching, node_at, place_at

#: Measures that are shown and never agreed as goals, and why: whoever counts comments gets more and shorter comments.
NEVER_A_GOAL = {
    "public_comments": "a comment is easy to game",
    "internal_notes": "a comment is easy to game",
    "gitlab_activity": "how much somebody clicks says nothing about their work",
    "reopened_tickets": "a requester who says thank you opens a ticket too",
    "first_reply_sla": "a late reply is the queue's, not that of who gives it",
    "next_reply_sla": "a late reply is the queue's, not that of who gives it",
}

_DAYS = {
    "unavailable": "days away",
    "on_call": "on-call days",
    "reduced": "reduced days",
    "training": "training days",
    "working_days": "working days",
    "corrections": "corrections",
}
#: What belongs to one person only, and everywhere it can stand.
_UNIQUE = {
    "username": (("managers", "*", "username"), ("people", "*", "username"), ("people", "*", "other_usernames", "*")),
    "email": (("managers", "*", "email"), ("people", "*", "email")),
    "zendesk_id": (("people", "*", "zendesk_id"), ("people", "*", "other_zendesk_ids", "*")),
    "pagerduty_id": (("people", "*", "pagerduty_id"),),
}
_REASON = re.compile(r"\b(?:sick|illness|medic|parental|matern|patern|burn.?out|bereave|pregnan|disab|mental)", re.IGNORECASE)


def team_problems(team: Document[TeamFile]) -> Iterator[Problem]:
    """People who share an account, an address or a Zendesk id, engineers without one, and changes that make no sense."""
    if team.whole is None:
        return
    for key, patterns in _UNIQUE.items():
        yield from _doubles(team.file, team.whole, key, patterns)
    if team.content is not None and team.sound is not None:
        for index, engineer in enumerate(team.content.people):
            if engineer.zendesk_id is None:
                place = place_at(team.sound, ("people", index))
                message = f"{engineer.username} has no zendesk_id, so ticket measures will have no data"
                yield warning(team.file, place, "no-zendesk-id", message, "add the id of the Zendesk agent")
            yield from _changes(team.file, team.sound, engineer, ("people", index, "changes"))


def on_call_problems(team: Document[TeamFile], sources: Document[SourcesFile]) -> Iterator[Problem]:
    """Half of what on-call days from PagerDuty need: ids of people without it, or it without an id of anybody."""
    if team.content is None or team.sound is None or sources.content is None or sources.sound is None:
        return
    known = [index for index, engineer in enumerate(team.content.people) if engineer.pagerduty_id]
    if known and sources.content.pagerduty is None:
        place = key_place_at(team.sound, ("people", known[0], "pagerduty_id"))
        message = "pagerduty_id is of no use, since sources.yml names no pagerduty"
        yield warning(team.file, place, "no-pagerduty", message, "name its schedules there, or leave the ids out")
    elif sources.content.pagerduty is not None and not known:
        place = key_place_at(sources.sound, ("pagerduty",))
        message = "nobody in team.yml has a pagerduty_id, so no on-call day is known from its schedules"
        yield warning(sources.file, place, "no-pagerduty-id", message, "add the ids of the PagerDuty users")


def _changes(file: str, tree: Node, entry: EngineerEntry, path: Path) -> Iterator[Problem]:
    """Changes of one person that come too early or out of order, and those that change nothing once they are in order."""
    changes = entry.changes or []
    days = [change.valid_from for change in changes]
    for number, (before, day) in enumerate(pairwise([entry.start_date, *days])):
        if day <= before or day <= entry.start_date:
            message, hint = _disorder(entry, number, before, day)
            yield error(file, place_at(tree, (*path, number, "from")), "change-order", message, hint)
    person = engineer_of(entry.model_copy(update={"changes": sorted(changes, key=lambda change: change.valid_from)}))
    for number, day in enumerate(days):
        if person.as_of(day) == person.as_of(day - timedelta(days=1)):
            hint = "name what is different, such as level, region, focuses or reports_to, or delete it"
            message = f"this change of {entry.username} from {day} changes nothing"
            yield error(file, place_at(tree, (*path, number)), "empty-change", message, hint)


def _disorder(entry: EngineerEntry, number: int, before: date, day: date) -> tuple[str, str]:
    if day <= entry.start_date:
        which = "first change" if number == 0 else f"change from {day}"
        message = f"the {which} of {entry.username} does not come after the start date {entry.start_date}"
        return message, "what holds from the start stands on the person itself"
    hint = "write the two as one" if day == before else "put the oldest first"
    return f"this change of {entry.username} is from {day}, the one before it from {before}", hint


def _doubles(file: str, tree: Node, key: str, patterns: Iterable[tuple[str, ...]]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for pattern in patterns:
        for _, node in matching(tree, *pattern):
            if not isinstance(node, Scalar) or node.value is None:
                continue
            value = str(node.value)
            if value.casefold() in first:
                hint = f"the first is on line {first[value.casefold()].line}"
                written = quoted(value) if isinstance(node.value, str) else value
                yield error(file, node.place, f"{key.replace('_', '-')}-twice", f"the {key} {written} is used twice", hint)
            first.setdefault(value.casefold(), node.place)


# --- goals --------------------------------------------------------------------------------------


def goal_problems(goals: Document[GoalsFile], team: Document[TeamFile]) -> Iterator[Problem]:
    """Goals on what can be none, agreements that overlap, and agreements that stay drafts."""
    if goals.whole is not None:
        yield from _never_goals(goals.file, goals.whole)
        yield from _bands(goals.file, goals.whole)
    if goals.content is None or goals.sound is None:
        return
    for who, agreements in goals.content.people.items():
        spans = [Span(who, entry.valid_from, entry.valid_to, ("people", who, index)) for index, entry in enumerate(agreements)]
        yield from _overlaps(goals.file, goals.sound, "agreements", spans)
        yield from _gaps(goals.file, goals.sound, spans)
    if team.content is not None:
        yield from _drafts(goals.file, goals.sound, goals.content, team.content)


def _never_goals(file: str, tree: Node) -> Iterator[Problem]:
    for path in terms_in(tree):
        reason = NEVER_A_GOAL.get(str(path[-1]))
        if reason is not None and word_at(tree, (*path, "kind")) != "informational":
            message = f"{path[-1]} cannot be a goal: {reason}"
            hint = "it is measured and shown all the same; agree on new_tickets or solved_tickets, or say `kind: informational`"
            yield error(file, key_place_at(tree, path), "never-a-goal", message, hint)


def _bands(file: str, tree: Node) -> Iterator[Problem]:
    """A band has an upper end above its target, and nothing else has one."""
    for path in terms_in(tree):
        is_band = word_at(tree, (*path, "kind")) == "band"
        upper, target = number_at(tree, (*path, "upper")), number_at(tree, (*path, "target"))
        if is_band and (upper is None or target is None or upper <= target):
            hint = "write both ends, such as {target: 50, upper: 60, per: week, kind: band}"
            yield error(file, key_place_at(tree, path), "band", f"the band of {path[-1]} has no upper end above its target", hint)
        elif upper is not None and not is_band:
            place = key_place_at(tree, (*path, "upper"))
            yield error(file, place, "band", "'upper' belongs to a band only", "add `kind: band`, or leave it out")


def terms_in(tree: Node) -> Iterator[Path]:
    """Where the terms of goals stand: in the defaults and in agreements."""
    for pattern in (("defaults", "*", "goals", "*"), ("people", "*", "*", "goals", "*")):
        yield from (path for path, _ in matching(tree, *pattern))


def word_at(tree: Node, path: Path) -> object:
    """The value that stands at a path; None when there is none or it is no single value."""
    node = node_at(tree, path)
    return node.value if isinstance(node, Scalar) else None


def number_at(tree: Node, path: Path) -> float | None:
    """The number that stands at a path; None when there is none."""
    value = word_at(tree, path)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _drafts(file: str, tree: Node, goals: GoalsFile, team: TeamFile) -> Iterator[Problem]:
    everybody = {manager.username for manager in team.managers}
    for engineer in map(engineer_of, team.people):
        who = engineer.username
        managers = {name for _, name in engineer.managers(date.max)}
        for index, agreement in enumerate(goals.people.get(who, [])):
            missing = [] if who in agreement.agreed_by else [who]
            missing += [] if managers & set(agreement.agreed_by) else [engineer.as_of(agreement.valid_from).reports_to]
            if missing:
                place = place_at(tree, ("people", who, index, "agreed_by"))
                message = f"the goals of {who} stay a draft: {' and '.join(missing)} {_has(missing)} not agreed"
                others = sorted(everybody.intersection(agreement.agreed_by) - managers)
                was = f"; if {others[0]} was their manager then, `changes` in team.yml has to say so" if others else ""
                yield warning(file, place, "draft-agreement", message, f"drafts are shown and not assessed{was}")


def _has(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"


# --- days ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """Days that an entry claims for a person; without a last day it gives way to the next entry."""

    who: str
    first: date
    last: date | None
    path: Path

    @property
    def end(self) -> date:
        """The last day it holds against others."""
        return self.last or self.first

    def __str__(self) -> str:
        return f"{self.first} to {self.last}" if self.last else f"from {self.first}"


def context_problems(context: Document[ContextFile]) -> Iterator[Problem]:
    """Days of one person that two rows of the same list claim, and labels that give a reason for absence."""
    if context.whole is not None:
        yield from _reasons(context.file, context.whole)
    if context.content is None or context.sound is None:
        return
    for part, spans in _spans(context.content).items():
        yield from _overlaps(context.file, context.sound, _DAYS[part], spans)


def _spans(content: ContextFile) -> dict[str, list[Span]]:
    lists: dict[str, Sequence[SpanEntry]] = {
        "unavailable": content.unavailable or [],
        "on_call": content.on_call or [],
        "reduced": content.reduced or [],
        "training": content.training or [],
    }
    spans = {
        part: [Span(row.who, row.first, row.last, (part, index)) for index, row in enumerate(rows)]
        for part, rows in lists.items()
    }
    weeks = enumerate(content.working_days or [])
    spans["working_days"] = [Span(row.who, row.valid_from, None, ("working_days", index)) for index, row in weeks]
    corrected = [(row.who, Week.parse(row.week)) for row in content.corrections or []]
    spans["corrections"] = [
        Span(who, week.first_day, week.last_day, ("corrections", index)) for index, (who, week) in enumerate(corrected)
    ]
    return spans


def _reasons(file: str, tree: Node) -> Iterator[Problem]:
    for pattern in (("reduced", "*", "label"), ("on_call", "*", "rotation")):
        for path, word in texts_at(tree, *pattern):
            if _REASON.search(word):
                message = f"this {path[-1]} gives a reason for absence: dates and fractions only"
                hint = "enter the days under unavailable, without a reason"
                yield error(file, place_at(tree, path), "reason-for-leave", message, hint)


def _gaps(file: str, tree: Node, spans: Sequence[Span]) -> Iterator[Problem]:
    """Days between two agreements of a person on which nothing is agreed, so that goals are drafts."""
    ordered = sorted(spans, key=lambda span: (span.first, span.path))
    for before, after in pairwise(ordered):
        if before.last is not None and after.first - before.last > timedelta(days=1):
            first, last = before.last + timedelta(days=1), after.first - timedelta(days=1)
            message = f"nothing is agreed with {after.who} from {first} to {last}: goals are drafts on these days"
            hint = f"let this agreement begin on {first}, or the one on line {place_at(tree, before.path).line} end later"
            yield warning(file, place_at(tree, after.path), "agreement-gap", message, hint)


def _overlaps(file: str, tree: Node, what: str, spans: Iterable[Span]) -> Iterator[Problem]:
    longest: Span | None = None
    for span in sorted(spans, key=lambda span: (span.who, span.first, span.path)):
        if longest is None or longest.who != span.who:
            longest = span
            continue
        if span.first <= longest.end:
            line = place_at(tree, longest.path).line
            message = f"the {what} of {span.who} overlap: {longest} and {span}"
            yield error(file, place_at(tree, span.path), "overlap", message, f"the other entry is on line {line}")
        longest = max(longest, span, key=lambda span: span.end)


# --- rules --------------------------------------------------------------------------------------


def rule_problems(rules: Document[RulesFile]) -> Iterator[Problem]:
    """Rule sets that share a name or the day they come into force."""
    if rules.content is None or rules.sound is None:
        return
    lines: dict[tuple[str, object], int] = {}
    for index, rule_set in enumerate(rules.content.rule_sets):
        for key in ("name", "effective_from"):
            value = getattr(rule_set, key)
            place = place_at(rules.sound, ("rule_sets", index, key))
            if (key, value) in lines:
                message = f"two rule sets have the same {key}, {value}"
                yield error(rules.file, place, "rule-set-twice", message, f"the first is on line {lines[key, value]}")
            lines.setdefault((key, value), place.line)
