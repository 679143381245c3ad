"""Free text of a comment into the commands it holds; keeps nothing else of what was written, and never fails.

A line addresses the tool when it begins with the mention, a greeting aside. Quotes, code and hidden HTML are somebody else's
words. Without the mention only the engineer's own two forms are taken, and only when they are exact; below a weekly report
every line that begins like one of them is answered, so that no correction is lost. Somebody who mentions the tool in a sentence
is not answered; whoever writes a line to it is. The work grows with the length of a comment, whatever is in it: lines are gone
through once, blanks count as one, and of a line only so many letters are looked at closely.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from reports.core.commands import MOST_DAYS, MOST_TARGET, Command, CommandKind, Misunderstood, PlanGoal, Requests, Trouble
from reports.core.own_words import own_lines
from reports.core.weeks import Week

#: What may stand before the mention: a greeting and marks of emphasis.
_GREETING = re.compile(r"(?:(?:hi|hello|hey|dear|please|ok|okay|and|then|[*_`,!.]) *){0,6}", re.IGNORECASE)
#: What may stand between the mention and the command.
_POLITE = re.compile(r"(?:(?:please|kindly)[ ,:]+){0,3}", re.IGNORECASE)
_WORD = re.compile(r"[^\s:,;]+")
#: Apostrophes as phones write them.
_PLAIN = str.maketrans({"\u2019": "'"})
#: A line to the tool that is longer than this without a command word is a sentence about it, not a request.
_SHORT = 3
#: No command has more letters; what comes behind them in a line can only be a remark.
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class _Known:
    """What a command may name without saying it in full: the measures there are, and the week of a weekly report."""

    measures: Collection[str]
    own_week: Week | None


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that addresses the tool, by the mention or as one of the engineer's own forms."""

    text: str
    has_mention: bool


def requests_in(text: str, mention: str, measures: Collection[str], own_week: Week | None = None) -> Requests:
    """Everything in a comment that addresses the tool; `mention` is such as `@support-reports`, `measures` are known names.

    `own_week` is the week of the weekly report that the comment stands below, None below any other issue.
    """
    known = _Known(measures, own_week)
    lines = list(_addressed(text, mention, known))
    commands, misunderstood = [], []
    for line in lines:
        found = _understood(line.text, known) if line.has_mention else _own_form(line.text, known)
        if isinstance(found, Command):
            commands.append(found)
        else:
            misunderstood.append(found)
    said = "\n".join(line.text for line in lines).casefold().encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(said).hexdigest()[:16] if lines else ""
    return Requests(commands=tuple(commands), misunderstood=tuple(misunderstood), digest=digest)


# --- which lines address the tool ------------------------------------------------------------------


def _addressed(text: str, mention: str, known: _Known) -> Iterator[_Line]:
    """What follows the mention in each line that addresses the tool, and lines in the engineer's own forms."""
    for line in own_lines(text):
        plain = " ".join(line.translate(_PLAIN).split())
        rest = _after_mention(plain, mention)
        if rest is not None and _is_request(rest):
            yield _Line(rest, has_mention=True)
        elif rest is None and _is_own_form(plain, known):
            yield _Line(plain, has_mention=False)


def _after_mention(line: str, mention: str) -> str | None:
    """What follows a mention that stands at the beginning of a line, a greeting aside; None when there is none."""
    found = re.search(re.escape(mention), line, re.IGNORECASE)
    if found is None or _GREETING.fullmatch(line[: found.start()]) is None:
        return None
    rest = line[found.end() :]
    if re.match(r"[\w-]|\.\w", rest) is not None:
        return None
    # A username may end with the mark of emphasis: it is one only when it was opened before the mention.
    emphasis = "_" * line.count("_", 0, found.start())
    return rest.lstrip(" :,;-*_`").rstrip(" :,;-*`.!").removesuffix(emphasis).rstrip(" .!*`")


def _is_request(rest: str) -> bool:
    """Whether somebody asks for something, rather than speaking of the tool in a sentence."""
    asked = _asked(rest)
    words = _WORD.findall(asked)
    if not words or _is_thanks(words):
        return False
    return _BEGINNING.match(asked) is not None or _near_command(words) is not None or len(words) <= _SHORT


def _is_thanks(words: list[str]) -> bool:
    return words[0].casefold().strip(".!") in ("thanks", "thank", "cheers", "great", "nice", "ok", "okay")


_OWN_FORM = re.compile(r"(?:wrong|available)[ :,;*`]+\w", re.IGNORECASE)


def _is_own_form(line: str, known: _Known) -> bool:
    """Whether a line without the mention is one of the engineer's own forms: to the letter, or begun below a weekly report."""
    if _OWN_FORM.match(line) is None:
        return False
    return known.own_week is not None or isinstance(_own_form(line, known), Command)


def _own_form(line: str, known: _Known) -> Command | Misunderstood:
    """What a line without the mention asks for; one that may be a sentence is asked about instead of obeyed."""
    found = _understood(line, known)
    if isinstance(found, Misunderstood) or _is_exact(line, known):
        return found
    return Misunderstood(trouble=Trouble.UNKNOWN_WORD, kind=found.kind, nearest=found.text)


def _is_exact(line: str, known: _Known) -> bool:
    words = [word.casefold() for word in _WORD.findall(line[:_LONGEST])[:2]]
    if words[:1] == ["wrong"]:
        return known.own_week is not None or words[-1] in known.measures
    return _EXACTLY_AVAILABLE.fullmatch(line) is not None


def _asked(line: str) -> str:
    """What of a line is looked at closely: not a polite word before it, nor more letters than a command can have."""
    begin = _POLITE.match(line)
    asked = line[begin.end() if begin else 0 :]
    return asked if len(asked) <= _LONGEST else asked[:_LONGEST].rpartition(" ")[0] + " …"


# --- what a line asks for --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _TroubleError(Exception):
    """Why a line is no command, on its way out of the reader of one kind of command."""

    trouble: Trouble
    nearest: str = ""


#: Makes a command of what follows its first words in a line.
_Maker = Callable[[str, _Known], Command]

#: The words that begin each command; the short ones come last, where nothing longer was written.
_SHORT_WORDS = {"plan": CommandKind.PLAN_FROM, "pause": CommandKind.PAUSE_UNTIL}
_BEGINNINGS = {str(kind): kind for kind in CommandKind} | _SHORT_WORDS
_BEGINNING = re.compile(rf"({'|'.join(_BEGINNINGS)})(?![A-Za-z0-9]|-\w)", re.IGNORECASE | re.ASCII)


def _near_command(words: list[str]) -> CommandKind | None:
    """The command whose first words are like those of a line."""
    for count in sorted((3, 2, 1), key=lambda count: count > len(words)):
        written = " ".join(word.casefold()[:20] for word in words[:count])
        beginnings = [beginning for beginning in _BEGINNINGS if len(beginning.split()) == count]
        if near := get_close_matches(written, beginnings, n=1, cutoff=0.7):
            return _BEGINNINGS[near[0]]
    return None


def _understood(line: str, known: _Known) -> Command | Misunderstood:
    asked = _asked(line)
    begin = _BEGINNING.match(asked)
    if begin is None:
        near = _near_command(_WORD.findall(asked))
        return Misunderstood(trouble=Trouble.UNKNOWN_WORD, kind=near, nearest=str(near or ""))
    kind = _BEGINNINGS[begin[0].lower()]
    try:
        return _MAKERS[kind](asked[begin.end() :], known)
    except _TroubleError as trouble:
        return Misunderstood(trouble=trouble.trouble, kind=kind, nearest=trouble.nearest)


#: What may follow a whole command: thanks, and a remark behind a mark that ends a sentence or a part of one.
_REMARK = re.compile(r"(?: (?:please|thanks|thank you)\b)?(?:(?:[^\w?]|_)*|(?: ?[.,;!…–—]| - ).*)", re.IGNORECASE)


def _is_remark(rest: str) -> bool:
    return _REMARK.fullmatch(rest.lstrip("*_`")) is not None


def _alone(kind: CommandKind) -> _Maker:
    """The maker of a command without parts: what follows could turn its meaning round, as in `no concern yet`."""

    def make(rest: str, known: _Known) -> Command:
        if not _is_remark(rest):
            raise _TroubleError(Trouble.UNKNOWN_WORD, str(kind))
        return Command(kind=kind)

    return make


def _discussed(rest: str, known: _Known) -> Command:
    # A username may look like a day.
    return Command(kind=CommandKind.DISCUSSED, who=_person(rest), day=_day(_PERSON.sub("", rest)))


def _informed(rest: str, known: _Known) -> Command:
    if re.search(r"\btmr\b|\bteam member relations\b", rest, re.IGNORECASE) is None:
        raise _TroubleError(Trouble.UNKNOWN_WORD, "informed team member relations")
    return Command(kind=CommandKind.INFORMED)


def _on_a_day(kind: CommandKind) -> _Maker:
    return lambda rest, known: Command(kind=kind, day=_day(rest))


def _about_a_number(kind: CommandKind) -> _Maker:
    return lambda rest, known: _of_a_number(kind, rest, known)


def _of_a_number(kind: CommandKind, rest: str, known: _Known) -> Command:
    if known.own_week is not None and _WEEK_LIKE.search(rest) is None:
        return Command(kind=kind, measure=_measure_alone(rest, known), week=known.own_week)
    return Command(kind=kind, measure=_measure_before_week(rest, known), week=_week(rest))


def _available(rest: str, known: _Known) -> Command:
    found = _AVAILABLE.match(rest)
    if re.search(r"\d", rest) is None:
        raise _TroubleError(Trouble.NO_NUMBER)
    if found is None or not _is_remark(rest[found.end() :]):
        raise _TroubleError(Trouble.BAD_NUMBER)
    return Command(kind=CommandKind.AVAILABLE, days=_number(found[1], MOST_DAYS))


def _plan(rest: str, known: _Known) -> Command:
    start = _day(rest)
    listed = rest[next(_DAY_LIKE.finditer(rest)).end() :].strip(" :,-")
    goals = [_goal(part, known) for part in re.split(r",(?!\d)|;| and | & ", listed, flags=re.IGNORECASE) if part.strip()]
    if not goals:
        raise _TroubleError(Trouble.NO_GOALS)
    if len({goal.measure for goal in goals}) < len(goals):
        raise _TroubleError(Trouble.BAD_NUMBER)
    return Command(kind=CommandKind.PLAN_FROM, day=start, goals=tuple(goals))


_MAKERS: Mapping[CommandKind, _Maker] = {
    CommandKind.HELP: lambda rest, known: Command(kind=CommandKind.HELP),
    CommandKind.EXCUSE: lambda rest, known: Command(kind=CommandKind.EXCUSE, week=_week(rest)),
    CommandKind.DISCUSSED: _discussed,
    CommandKind.INFORMED: _informed,
    CommandKind.CONVERSATION_HELD: _on_a_day(CommandKind.CONVERSATION_HELD),
    CommandKind.PLAN_FROM: _plan,
    CommandKind.PLAN_MET: _alone(CommandKind.PLAN_MET),
    CommandKind.PLAN_NOT_MET: _alone(CommandKind.PLAN_NOT_MET),
    CommandKind.NO_CONCERN: _alone(CommandKind.NO_CONCERN),
    CommandKind.PAUSE_UNTIL: _on_a_day(CommandKind.PAUSE_UNTIL),
    CommandKind.REOPEN: _alone(CommandKind.REOPEN),
    CommandKind.ALLOW: lambda rest, known: Command(kind=CommandKind.ALLOW, who=_person(rest)),
    CommandKind.SETTLE: _about_a_number(CommandKind.SETTLE),
    CommandKind.WRONG: _about_a_number(CommandKind.WRONG),
    CommandKind.AVAILABLE: _available,
}


# --- the parts of a command ------------------------------------------------------------------------

#: What is meant for a week or a day: as much of it as was written, so that nothing is taken from the middle of it.
_WEEK_LIKE = re.compile(r"(?<![^\W_])[0-9]{4}-?[wW][0-9][^\W_]*(?:[-/–][0-9wW][^\W_]*)*")
_DAY_LIKE = re.compile(r"(?<![^\W_])[0-9]{4}-[0-9]{1,2}-[0-9][^\W_]*(?:[-/–][0-9][^\W_]*)*")
_WEEK = re.compile(r"(20[0-9]{2})-?[wW]([0-9]{1,2})")
_DAY = re.compile(r"(20[0-9]{2})-([0-9]{1,2})-([0-9]{1,2})")
#: A second week right behind the first one.
_ANOTHER_WEEK = re.compile(r"[ ,;&+–—-]*(?:(?:and|or|to|until|till) )?(?:weeks? )?(?:[0-9]{4}-?)?[wW][0-9]", re.IGNORECASE)
#: The name of an account, not the middle of an e-mail address.
_PERSON = re.compile(r"(?<![^\W_])(?<![.+%-])@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?)")
#: Three digits behind a comma would be thousands to one reader and thousandths to another.
_NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,3}|,[0-9]{1,2})?"
_AVAILABLE = re.compile(rf"[ :=*`]*(?:only |just )?({_NUMBER})(?![.,]? ?[0-9])(?: days?\b)?(?: this week\b)?", re.IGNORECASE)
_EXACTLY_AVAILABLE = re.compile(rf"available {_NUMBER}(?: days?)?(?: this week)?[.!]?", re.IGNORECASE)
#: What ends the name of a measure where a remark follows.
_ASIDE = re.compile(r"[:,;.!–—(]| - ")
_GOAL = re.compile(r"(?P<measure>[A-Za-z](?:[A-Za-z _-]{0,60}[A-Za-z])?)[ :=_]*(?P<target>.*)")


def _week(rest: str) -> Week:
    found = _WEEK_LIKE.search(rest)
    if found is None:
        raise _TroubleError(Trouble.BAD_WEEK if re.search(r"\d", rest) else Trouble.NO_WEEK)
    week = _WEEK.fullmatch(found[0])
    if week is None or _ANOTHER_WEEK.match(rest, found.end()):
        raise _TroubleError(Trouble.BAD_WEEK)
    try:
        return Week.parse(f"{week[1]}-W{int(week[2]):02d}")
    except ValueError:
        raise _TroubleError(Trouble.BAD_WEEK) from None


def _day(rest: str) -> date:
    found = _DAY_LIKE.search(rest)
    if found is None:
        raise _TroubleError(Trouble.BAD_DAY if re.search(r"\d", rest) else Trouble.NO_DAY)
    day = _DAY.fullmatch(found[0])
    try:
        return date(*map(int, day.groups() if day else ()))
    except (TypeError, ValueError):
        raise _TroubleError(Trouble.BAD_DAY) from None


def _person(rest: str) -> str:
    found = _PERSON.search(rest)
    if found is None:
        raise _TroubleError(Trouble.NO_PERSON)
    return found[1]


def _measure_before_week(rest: str, known: _Known) -> str:
    """The measure between the command's word and the week, by its name or as its title is written."""
    week = _WEEK_LIKE.search(rest)
    written = rest[: week.start() if week else len(rest)].strip(" :,`*")
    if not written:
        raise _TroubleError(Trouble.NO_MEASURE)
    return _measure(written, known)


def _measure_alone(rest: str, known: _Known) -> str:
    """The measure of a line that names no week: it has to stand alone, so that `last week` is not taken for this one."""
    written = _ASIDE.split(rest.strip(" :,`*"), maxsplit=1)[0]
    if not written:
        raise _TroubleError(Trouble.NO_MEASURE)
    if any(_as_name(written).startswith(f"{name}_") for name in known.measures):
        raise _TroubleError(Trouble.BAD_WEEK if re.search(r"\d", written) else Trouble.NO_WEEK)
    return _measure(written, known)


def _measure(written: str, known: _Known) -> str:
    name = _as_name(written)
    if name not in known.measures:
        near = get_close_matches(name[:60], sorted(known.measures), n=1, cutoff=0.6)
        raise _TroubleError(Trouble.UNKNOWN_MEASURE, near[0] if near else "")
    return name


def _as_name(written: str) -> str:
    return re.sub(r"[\s_-]+", "_", written.strip(" _:,`*")).casefold()


def _goal(part: str, known: _Known) -> PlanGoal:
    found = _GOAL.fullmatch(part.replace("`", "").replace("*", "").strip(" _."))
    if found is None or re.fullmatch(_NUMBER, found["target"]) is None:
        is_of_a_measure = found is not None and any(
            f"{_as_name(found['measure'])}_".startswith(f"{name}_") for name in known.measures
        )
        raise _TroubleError(Trouble.BAD_NUMBER if is_of_a_measure else Trouble.NO_GOALS)
    return PlanGoal(measure=_measure(found["measure"], known), target=_number(found["target"], MOST_TARGET))


def _number(written: str, most: int) -> float:
    number = float(written.replace(",", "."))
    if number > most:
        raise _TroubleError(Trouble.BAD_NUMBER)
    return number
