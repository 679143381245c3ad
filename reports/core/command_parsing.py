"""Free text of a comment into the commands it holds; keeps nothing else of what was written, and never fails.

A line addresses the tool when it begins with the mention, a greeting aside. Quotes, code and HTML comments are somebody
else's words. Without the mention only the engineer's own two forms are taken, and only when they
are exact. Somebody who mentions the tool in a sentence is not answered; whoever writes a line to it is.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from reports.core.commands import Command, CommandKind, Misunderstood, PlanGoal, Requests, Trouble
from reports.core.weeks import Week

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_INDENTED = re.compile(r"(?: {4,}|\t)")
_BULLET = re.compile(r"(?:[-*+]|\d{1,3}[.)]) +")
_WORD = re.compile(r"[^\s:,;]+")
_WEEK = re.compile(r"(\d{4})-?[wW](\d{1,2})")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_PERSON = re.compile(r"@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?)")
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,3})?")
_GOAL = re.compile(rf"(?P<measure>[A-Za-z][A-Za-z _-]{{0,60}}?) *[:=]? *(?P<target>{_NUMBER.pattern})")
#: What may stand before the mention: a greeting and marks of emphasis.
_GREETING = re.compile(r"(?:(?:hi|hello|hey|dear|please|ok|okay|and|then|[*_`,]) *){0,6}", re.IGNORECASE)
#: Blanks of all kinds and quotation marks as phones write them.
_PLAIN = str.maketrans({"\u00a0": " ", "\u2007": " ", "\u202f": " ", "\t": " ", "\u2019": "'"})
#: Nobody has more days than these in a week.
_MOST_DAYS = 7.0
#: A line to the tool that is longer than this without a command word is a sentence about it, not a request.
_SHORT = 3


def requests_in(text: str, mention: str, measures: Collection[str]) -> Requests:
    """Everything in a comment that addresses the tool; `mention` is such as `@support-reports`, `measures` are known names."""
    lines = list(_addressed(text, mention, measures))
    commands, misunderstood = [], []
    for line in lines:
        found = _understood(line, measures)
        if isinstance(found, Command):
            commands.append(found)
        else:
            misunderstood.append(found)
    said = "\n".join(" ".join(line.split()) for line in lines)
    digest = hashlib.sha256(said.casefold().encode("utf-8", "surrogatepass")).hexdigest()[:16] if lines else ""
    return Requests(commands=tuple(commands), misunderstood=tuple(misunderstood), digest=digest)


# --- which lines address the tool ------------------------------------------------------------------


def _addressed(text: str, mention: str, measures: Collection[str]) -> Iterator[str]:
    """What follows the mention in each line that addresses the tool, and lines in the engineer's own exact forms."""
    for line in _own_lines(text):
        plain = _BULLET.sub("", line.translate(_PLAIN).strip(), count=1)
        rest = _after_mention(plain, mention)
        if rest is not None and _is_request(rest):
            yield rest
        elif rest is None and _is_exact(plain, measures):
            yield plain


def _own_lines(text: str) -> Iterator[str]:
    """The lines of a comment that are neither code nor quote nor hidden."""
    fence = ""
    for line in _without_html_comments(text).splitlines():
        mark = _FENCE.match(line)
        if fence:
            is_end = mark is not None and mark[1].startswith(fence) and not line[mark.end() :].strip()
            fence = "" if is_end else fence
        elif mark is not None:
            fence = mark[1]
        elif not _INDENTED.match(line) and not line.lstrip().startswith(">"):
            yield line


def _without_html_comments(text: str) -> str:
    """The text without `<!-- … -->`; one that is never closed reaches to the end, as in GitLab."""
    kept, at = [], 0
    while (begin := text.find("<!--", at)) >= 0:
        kept.append(text[at:begin])
        end = text.find("-->", begin)
        if end < 0:
            return "".join(kept)
        at = end + len("-->")
    return "".join([*kept, text[at:]])


def _after_mention(line: str, mention: str) -> str | None:
    """What follows a mention that stands at the beginning of a line, a greeting aside; None when there is none."""
    found = re.search(re.escape(mention), line, re.IGNORECASE)
    if found is None or _GREETING.fullmatch(line[: found.start()]) is None:
        return None
    rest = line[found.end() :]
    is_longer_name = re.match(r"[\w-]|\.\w", rest) is not None
    return None if is_longer_name else rest.strip(" :,;-*_`").rstrip(" .!*_`")


def _is_request(rest: str) -> bool:
    """Whether somebody asks for something, rather than speaking of the tool in a sentence."""
    words = _WORD.findall(rest)
    if not words or _is_thanks(words):
        return False
    return _kind_of(rest) is not None or _near_command(words[0]) is not None or len(words) <= _SHORT


def _is_thanks(words: list[str]) -> bool:
    return words[0].casefold().strip(".!") in ("thanks", "thank", "cheers", "great", "nice", "ok", "okay")


def _is_exact(line: str, measures: Collection[str]) -> bool:
    """Whether a line without the mention is one of the engineer's own forms, to the letter."""
    words = _WORD.findall(line)
    if [word.casefold() for word in words[:1]] == ["wrong"]:
        found = _understood(line, measures)
        return isinstance(found, Command) and len(words) > 1 and words[1].casefold() in measures
    exact = re.fullmatch(rf"available +({_NUMBER.pattern})(?: +days?)?[.!]?", line, re.IGNORECASE)
    return exact is not None and isinstance(_understood(line, measures), Command)


# --- what a line asks for --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _TroubleError(Exception):
    """Why a line is no command, on its way out of the reader of one kind of command."""

    trouble: Trouble
    nearest: str = ""


_Known = Collection[str]
_Reader = Callable[[str, _Known], Command]

#: The words that begin each command, longest first where one begins like another.
_BEGINNINGS: tuple[tuple[str, CommandKind], ...] = (
    ("conversation held", CommandKind.CONVERSATION_HELD),
    ("plan not met", CommandKind.PLAN_NOT_MET),
    ("plan met", CommandKind.PLAN_MET),
    ("plan", CommandKind.PLAN_FROM),
    ("no concern", CommandKind.NO_CONCERN),
    ("pause", CommandKind.PAUSE_UNTIL),
    ("discussed", CommandKind.DISCUSSED),
    ("informed", CommandKind.INFORMED),
    ("excuse", CommandKind.EXCUSE),
    ("settle", CommandKind.SETTLE),
    ("reopen", CommandKind.REOPEN),
    ("allow", CommandKind.ALLOW),
    ("wrong", CommandKind.WRONG),
    ("available", CommandKind.AVAILABLE),
    ("help", CommandKind.HELP),
)


def _kind_of(line: str) -> CommandKind | None:
    words = " ".join(_WORD.findall(line)).casefold()
    return next((kind for beginning, kind in _BEGINNINGS if f"{words} ".startswith(f"{beginning} ")), None)


def _near_command(word: str) -> CommandKind | None:
    first_words = {beginning.split()[0]: kind for beginning, kind in reversed(_BEGINNINGS)}
    near = get_close_matches(word.casefold()[:40], first_words, n=1, cutoff=0.7)
    return first_words[near[0]] if near else None


def _understood(line: str, measures: Collection[str]) -> Command | Misunderstood:
    kind = _kind_of(line)
    if kind is None:
        words = _WORD.findall(line)
        near = _near_command(words[0]) if words else None
        return Misunderstood(trouble=Trouble.UNKNOWN_WORD, kind=near, nearest=str(near or ""))
    try:
        return _READERS[kind](line, measures)
    except _TroubleError as trouble:
        return Misunderstood(trouble=trouble.trouble, kind=kind, nearest=trouble.nearest)


def _only(kind: CommandKind) -> _Reader:
    return lambda line, measures: Command(kind=kind)


def _excuse(line: str, measures: _Known) -> Command:
    return Command(kind=CommandKind.EXCUSE, week=_week(line))


def _discussed(line: str, measures: _Known) -> Command:
    return Command(kind=CommandKind.DISCUSSED, who=_person(line), day=_day(line))


def _informed(line: str, measures: _Known) -> Command:
    if re.search(r"\btmr\b|\bteam +member +relations\b", line, re.IGNORECASE) is None:
        raise _TroubleError(Trouble.UNKNOWN_WORD, "informed team member relations")
    return Command(kind=CommandKind.INFORMED)


def _conversation(line: str, measures: _Known) -> Command:
    return Command(kind=CommandKind.CONVERSATION_HELD, day=_day(line))


def _pause(line: str, measures: _Known) -> Command:
    return Command(kind=CommandKind.PAUSE_UNTIL, day=_day(line))


def _allow(line: str, measures: _Known) -> Command:
    return Command(kind=CommandKind.ALLOW, who=_person(line))


def _settle(line: str, measures: _Known) -> Command:
    return Command(kind=CommandKind.SETTLE, measure=_measure_before_week(line, measures), week=_week(line))


def _wrong(line: str, measures: _Known) -> Command:
    return Command(kind=CommandKind.WRONG, measure=_measure_before_week(line, measures), week=_week(line))


def _available(line: str, measures: _Known) -> Command:
    numbers = _NUMBER.findall(line)
    if not numbers or "-" in line:
        raise _TroubleError(Trouble.BAD_NUMBER)
    days = _number(numbers[0])
    if days > _MOST_DAYS:
        raise _TroubleError(Trouble.BAD_NUMBER)
    return Command(kind=CommandKind.AVAILABLE, days=days)


def _plan(line: str, measures: _Known) -> Command:
    start = _day(line)
    listed = line[next(_DAY.finditer(line)).end() :].strip(" :,-")
    goals = [_goal(part, measures) for part in re.split(r",(?!\d)|;| and ", listed) if part.strip()]
    if not goals:
        raise _TroubleError(Trouble.NO_GOALS)
    if len({goal.measure for goal in goals}) < len(goals):
        raise _TroubleError(Trouble.BAD_NUMBER)
    return Command(kind=CommandKind.PLAN_FROM, day=start, goals=tuple(goals))


_READERS: Mapping[CommandKind, _Reader] = {
    CommandKind.HELP: _only(CommandKind.HELP),
    CommandKind.EXCUSE: _excuse,
    CommandKind.DISCUSSED: _discussed,
    CommandKind.INFORMED: _informed,
    CommandKind.CONVERSATION_HELD: _conversation,
    CommandKind.PLAN_FROM: _plan,
    CommandKind.PLAN_MET: _only(CommandKind.PLAN_MET),
    CommandKind.PLAN_NOT_MET: _only(CommandKind.PLAN_NOT_MET),
    CommandKind.NO_CONCERN: _only(CommandKind.NO_CONCERN),
    CommandKind.PAUSE_UNTIL: _pause,
    CommandKind.REOPEN: _only(CommandKind.REOPEN),
    CommandKind.ALLOW: _allow,
    CommandKind.SETTLE: _settle,
    CommandKind.WRONG: _wrong,
    CommandKind.AVAILABLE: _available,
}


# --- the parts of a command ------------------------------------------------------------------------


def _week(line: str) -> Week:
    found = _WEEK.search(line)
    if found is None:
        raise _TroubleError(Trouble.BAD_WEEK if re.search(r"\d", line) else Trouble.NO_WEEK)
    try:
        return Week.parse(f"{found[1]}-W{int(found[2]):02d}")
    except ValueError:
        raise _TroubleError(Trouble.BAD_WEEK) from None


def _day(line: str) -> date:
    found = _DAY.search(line)
    if found is None:
        raise _TroubleError(Trouble.BAD_DAY if re.search(r"\d", line) else Trouble.NO_DAY)
    try:
        year, month, day = (int(part) for part in found[0].split("-"))
        return date(year, month, day)
    except ValueError:
        raise _TroubleError(Trouble.BAD_DAY) from None


def _person(line: str) -> str:
    found = _PERSON.search(line)
    if found is None:
        raise _TroubleError(Trouble.NO_PERSON)
    return found[1]


def _measure_before_week(line: str, measures: _Known) -> str:
    """The measure between the command's word and the week, by its name or as its title is written."""
    week = _WEEK.search(line)
    written = line[: week.start() if week else len(line)].split(maxsplit=1)[1:]
    if not written or not written[0].strip(" :"):
        raise _TroubleError(Trouble.NO_MEASURE)
    return _measure(written[0], measures)


def _measure(written: str, measures: _Known) -> str:
    name = re.sub(r"[\s_-]+", "_", written.strip(" :,`*")).casefold()
    if name not in measures:
        near = get_close_matches(name[:60], sorted(measures), n=1, cutoff=0.6)
        raise _TroubleError(Trouble.UNKNOWN_MEASURE, near[0] if near else "")
    return name


def _goal(part: str, measures: _Known) -> PlanGoal:
    found = _GOAL.fullmatch(part.strip(" `*."))
    if found is None:
        raise _TroubleError(Trouble.BAD_NUMBER if _measure_like(part, measures) else Trouble.NO_GOALS)
    return PlanGoal(measure=_measure(found["measure"], measures), target=_number(found["target"]))


def _measure_like(part: str, measures: _Known) -> bool:
    words = part.split()
    return bool(words) and words[0].casefold() in measures


def _number(written: str) -> float:
    return float(written.replace(",", "."))
