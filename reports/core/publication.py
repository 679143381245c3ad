"""Desired issues against existing ones: what to create, update, close or leave alone; pure, and the same twice plans nothing.

The bot owns the block between its two markers; whatever people write around the block stays. An issue is ours
when its first marker parses and the bot is its author.
"""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from reports.core.check_boxes import with_ticks
from reports.core.model import Privacy
from reports.core.weeks import Week

FORMAT = 1
#: The digest of a block that only leads to another issue of the same key.
ELSEWHERE = "elsewhere"
_BEGIN = re.compile(
    rf"<!-- support-reports key=(?P<key>\S+) digest=(?P<digest>[0-9a-f]{{16}}|{ELSEWHERE}) format=(?P<format>\d+) -->"
)
_END = "<!-- support-reports end -->"
_WEEK_OF_KEY = re.compile(r"/(?P<week>\d{4}-W\d{2})$")
_PART_OF_KEY = re.compile(r"/part-\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What decides who may read something: its place, its privacy, its readers (usernames; empty for P0 and P1)."""

    key: str
    project: str
    privacy: Privacy
    confidential: bool
    readers: tuple[str, ...]
    assignees: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredIssue:
    """An issue as it should be. `key` is `<series>/<week>`, and of one series only the newest stays open where it replaces
    older ones; or, for an issue that no week replaces, the series alone.

    `readers` are the usernames who may read it; empty for P0 and P1.
    """

    key: str
    project: str
    title: str
    body: str
    labels: tuple[str, ...]
    confidential: bool
    assignees: tuple[str, ...]
    privacy: Privacy
    readers: tuple[str, ...]
    due_on: date | None = None
    """Set when the issue is opened; people may move it."""
    stale_labels: tuple[str, ...] = ()
    """Labels that the present ones take the place of."""
    is_open: bool | None = None
    """Whether the issue has to be open or closed; None leaves it to people."""
    close_after_weeks: int | None = 1
    """So many weeks after its own week an older issue of the series is closed; None: people alone close it."""

    @property
    def audience(self) -> Audience:
        """Who may read it, and where."""
        return Audience(
            key=self.key,
            project=self.project,
            privacy=self.privacy,
            confidential=self.confidential,
            readers=self.readers,
            assignees=self.assignees,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingIssue:
    """An issue as the tracker has it."""

    project: str
    iid: int
    title: str
    description: str
    confidential: bool
    state: str
    author: str
    assignees: tuple[str, ...]
    url: str


class Kind(StrEnum):
    """What an action does."""

    CREATE = "create"
    UPDATE = "update"
    CLOSE = "close"
    REOPEN = "reopen"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One planned step; `before` and `after` are whole descriptions, `iid` is None when the issue is new.

    `stays` is the address of the issue that a duplicate is closed in favour of.
    """

    kind: Kind
    key: str
    project: str
    iid: int | None
    title: str
    reason: str
    before: str = ""
    after: str = ""
    desired: DesiredIssue | None = None
    stays: str = ""

    @property
    def rewrites(self) -> bool:
        """Whether it writes a description that people may be writing in as well."""
        return self.kind is Kind.UPDATE or bool(self.stays)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The bot's part of a description: what stands before, in and after it, and what its marker says."""

    key: str
    digest: str
    before: str
    text: str
    after: str

    @property
    def leads_elsewhere(self) -> bool:
        """Whether it is that of a duplicate which only leads to the issue that stays."""
        return self.digest == ELSEWHERE


def block_of(description: str) -> Block | None:
    """The bot's block in a description, None when there is none; a block whose end was cut off reaches to the end."""
    text = description.replace("\r\n", "\n")
    begin = _BEGIN.search(text)
    if begin is None:
        return None
    end = text.find(_END, begin.end())
    stop = len(text) if end < 0 else end
    after = "" if end < 0 else text[end + len(_END) :]
    return Block(
        key=begin["key"],
        digest=begin["digest"],
        before=text[: begin.start()],
        text=text[begin.end() : stop].strip(),
        after=after,
    )


def digest_of(desired: DesiredIssue) -> str:
    """Sixteen hex digits that change whenever the issue should be written again."""
    parts = [FORMAT, desired.title, desired.body.strip(), sorted(desired.labels), desired.confidential]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def description_of(desired: DesiredIssue, around: Block | None = None) -> str:
    """The whole description: the bot's block between its markers, with the boxes people ticked, and around it their words."""
    text = desired.body if around is None else with_ticks(desired.body, around.text)
    return _description(desired.key, digest_of(desired), text, around)


def _description(key: str, digest: str, text: str, around: Block | None) -> str:
    block = f"<!-- support-reports key={key} digest={digest} format={FORMAT} -->\n\n{text.strip()}\n\n{_END}"
    return block if around is None else f"{around.before}{block}{around.after}"


def part_key(key: str, number: int) -> str:
    """The key of a further part of a report that is too long for one issue."""
    return f"{key}/part-{number}"


def whole_of(key: str) -> str:
    """The key of the report that a key is a part of; the key itself when it is that of a whole."""
    return _PART_OF_KEY.sub("", key)


def series_of(key: str) -> str:
    """What a key belongs to without its week: of one series only the newest issue stays open. Without a week it stands alone."""
    return _WEEK_OF_KEY.sub("", whole_of(key))


def week_of(key: str) -> str:
    """The week that a key ends with, such as `2026-W46`; empty when it has none."""
    found = _WEEK_OF_KEY.search(whole_of(key))
    return found["week"] if found else ""


def report_of(key: str) -> str:
    """The report that an issue is made by: what may be said of it where many can read, since it names nobody."""
    return key.split("/", maxsplit=1)[0]


def subject_of(key: str) -> str:
    """The username, or the name of a region, that an issue is about."""
    return key.split("/")[1]


def ours(existing: Iterable[ExistingIssue], bot: str) -> dict[ExistingIssue, Block]:
    """The issues that carry our marker and that the bot itself opened, with their blocks."""
    return {issue: block for issue in existing if issue.author == bot and (block := block_of(issue.description))}


def plan(desired: Iterable[DesiredIssue], existing: Mapping[str, Sequence[ExistingIssue]], bot: str) -> tuple[Action, ...]:
    """What to do so that every desired issue is there once and is right; `existing` are the issues by project."""
    wanted = sorted(desired, key=lambda d: (d.project, d.key))
    keys = {issue.key for issue in wanted}
    found = {project: ours(issues, bot) for project, issues in existing.items()}
    return tuple(action for issue in wanted for action in _actions(issue, found[issue.project], keys))


def _actions(desired: DesiredIssue, there: Mapping[ExistingIssue, Block], keys: set[str]) -> Iterator[Action]:
    same = [issue for issue, block in there.items() if block.key == desired.key and not block.leads_elsewhere]
    same.sort(key=lambda issue: issue.iid)
    yield _write(desired, same[0], there[same[0]]) if same else _create(desired)
    if same and desired.is_open is not None:
        yield from _opened_or_closed(desired, same[0], desired.is_open)
    for duplicate in same[1:]:
        if duplicate.state == "opened":
            yield _merge(duplicate, there[duplicate], same[0].url)
    if whole_of(desired.key) == desired.key:
        yield from _overtaken(desired, there, keys)


def _overtaken(desired: DesiredIssue, there: Mapping[ExistingIssue, Block], keys: set[str]) -> Iterator[Action]:
    """Open issues that a report takes the place of: those of older weeks, and parts that it no longer needs."""
    for issue, block in there.items():
        if issue.state != "opened":
            continue
        if desired.close_after_weeks is not None and _is_over(block.key, desired.key, desired.close_after_weeks):
            yield _close(issue, block.key, f"followed by that of {week_of(desired.key)}")
        elif block.key not in keys and block.key != desired.key == whole_of(block.key):
            yield _close(issue, block.key, "the report fits into fewer issues again")


def _is_over(key: str, by: str, weeks: int) -> bool:
    """Whether an issue of the same series is so many weeks older than another; a damaged key is never over."""
    if series_of(key) != series_of(by):
        return False
    try:
        return Week.parse(week_of(key)).plus(weeks) <= Week.parse(week_of(by))
    except ValueError:
        return False


def rebased(action: Action, now: ExistingIssue, bot: str) -> Action | None:
    """The action for its issue as it is by now, so that nobody's words are written over; None when the issue is not ours.

    What has been done meanwhile, by a run beside this one or by an answer that was lost, is nothing to do.
    """
    block = ours([now], bot).get(now)
    if block is None or block.key != action.key:
        return None
    if action.kind is Kind.UPDATE and action.desired is not None:
        return _write(action.desired, now, block)
    if action.kind is Kind.CLOSE and now.state == "opened":
        return _merge(now, block, action.stays) if action.stays else action
    if action.kind is Kind.REOPEN and now.state == "closed":
        return action
    return replace(action, kind=Kind.NOTHING)


def _opened_or_closed(desired: DesiredIssue, existing: ExistingIssue, is_open: bool) -> Iterator[Action]:
    if is_open and existing.state == "closed":
        yield replace(_close(existing, desired.key, "it has to be open"), kind=Kind.REOPEN)
    elif not is_open and existing.state == "opened":
        yield _close(existing, desired.key, "somebody ended it")


def _create(desired: DesiredIssue) -> Action:
    return Action(
        kind=Kind.CREATE,
        key=desired.key,
        project=desired.project,
        iid=None,
        title=desired.title,
        reason="there is no issue for it yet",
        after=description_of(desired),
        desired=desired,
    )


def _write(desired: DesiredIssue, existing: ExistingIssue, block: Block) -> Action:
    reason = _change(desired, existing, block)
    return Action(
        kind=Kind.UPDATE if reason else Kind.NOTHING,
        key=desired.key,
        project=desired.project,
        iid=existing.iid,
        title=desired.title,
        reason=reason or "it is as it should be",
        before=existing.description,
        after=description_of(desired, block) if reason else existing.description,
        desired=desired,
    )


def _change(desired: DesiredIssue, existing: ExistingIssue, block: Block) -> str:
    """Why the issue has to be written, empty when it has not; a person's new title or labels are left alone."""
    if desired.confidential and not existing.confidential:
        return "it is no longer confidential"
    if block.digest != digest_of(desired):
        return "the report has changed"
    if _lines(block.text) != _lines(with_ticks(desired.body, block.text)):
        return "the report's text was edited; words of your own are safe above or below it"
    return ""


def _lines(text: str) -> list[str]:
    """A text as compared: GitLab may store other line ends and trailing blanks than it was sent."""
    return [line.rstrip() for line in text.strip().splitlines()]


def _merge(duplicate: ExistingIssue, block: Block, stays: str) -> Action:
    """Close a duplicate: its block becomes a line that leads to the issue that stays, people's words around it remain."""
    number = stays.rpartition("/")[2]
    line = f"This report was opened twice. It goes on in [issue {number}]({stays})."
    closed = _close(duplicate, block.key, f"a second issue for the same report; #{number} stays")
    after = _description(block.key, ELSEWHERE, line, block)
    return replace(closed, before=duplicate.description, after=after, stays=stays)


def _close(existing: ExistingIssue, key: str, reason: str) -> Action:
    return Action(kind=Kind.CLOSE, key=key, project=existing.project, iid=existing.iid, title=existing.title, reason=reason)


def diff(action: Action) -> tuple[str, ...]:
    """The lines that an action changes, as a unified diff without headers; empty when it changes no text."""
    if action.kind is Kind.NOTHING or action.before == action.after:
        return ()
    headers = 2
    return tuple(difflib.unified_diff(_lines(action.before), _lines(action.after), lineterm="", n=1))[headers:]
