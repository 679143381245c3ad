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

from reports.core.model import Privacy

FORMAT = 1
_BEGIN = re.compile(r"<!-- support-reports key=(?P<key>\S+) digest=(?P<digest>[0-9a-f]{16}) format=(?P<format>\d+) -->")
_END = "<!-- support-reports end -->"
_WEEK_OF_KEY = re.compile(r"/\d{4}-W\d{2}$")


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
    replaces_older: bool = True
    """Whether older open issues of its series are closed; people alone close a follow-up."""

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
    """One planned step; `before` and `after` are whole descriptions, `iid` is None when the issue is new."""

    kind: Kind
    key: str
    project: str
    iid: int | None
    title: str
    reason: str
    before: str = ""
    after: str = ""
    desired: DesiredIssue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The bot's part of a description: what stands before, in and after it, and what its marker says."""

    key: str
    digest: str
    before: str
    text: str
    after: str


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
    """The whole description: the bot's block between its markers, and around it what people wrote."""
    begin = f"<!-- support-reports key={desired.key} digest={digest_of(desired)} format={FORMAT} -->"
    block = f"{begin}\n\n{desired.body.strip()}\n\n{_END}"
    return block if around is None else f"{around.before}{block}{around.after}"


def series_of(key: str) -> str:
    """What a key belongs to without its week: of one series only the newest issue stays open. Without a week it stands alone."""
    return _WEEK_OF_KEY.sub("", key)


def report_of(key: str) -> str:
    """The report that an issue is made by: what may be said of it where many can read, since it names nobody."""
    return key.split("/", maxsplit=1)[0]


def subject_of(key: str) -> str:
    """The username, or the name of a region, that an issue is about."""
    return key.split("/")[1]


def plan(desired: Iterable[DesiredIssue], existing: Mapping[str, Sequence[ExistingIssue]], bot: str) -> tuple[Action, ...]:
    """What to do so that every desired issue is there once and is right; `existing` are the issues by project."""
    actions: list[Action] = []
    for issue in sorted(desired, key=lambda d: (d.project, d.key)):
        ours = {e: block for e in existing[issue.project] if e.author == bot and (block := block_of(e.description))}
        actions += _actions(issue, ours)
    return tuple(actions)


def _actions(desired: DesiredIssue, ours: Mapping[ExistingIssue, Block]) -> Iterator[Action]:
    same = sorted((e for e, block in ours.items() if block.key == desired.key), key=lambda e: e.iid)
    yield _write(desired, same[0], ours[same[0]]) if same else _create(desired)
    if same and desired.is_open is not None:
        yield from _opened_or_closed(desired, same[0], desired.is_open)
    for duplicate in same[1:]:
        if duplicate.state == "opened":
            yield _close(duplicate, desired.key, f"a second issue for the same report; #{same[0].iid} stays")
    for older, block in ours.items():
        if desired.replaces_older and older.state == "opened" and _is_older(block.key, desired.key):
            yield _close(older, block.key, f"followed by that of {desired.key.rpartition('/')[2]}")


def _is_older(key: str, than: str) -> bool:
    return series_of(key) == series_of(than) and key < than


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
    if _lines(block.text) != _lines(desired.body):
        return "the report's text was edited; words of your own are safe above or below it"
    return ""


def _lines(text: str) -> list[str]:
    """A text as compared: GitLab may store other line ends and trailing blanks than it was sent."""
    return [line.rstrip() for line in text.strip().splitlines()]


def _close(existing: ExistingIssue, key: str, reason: str) -> Action:
    return Action(kind=Kind.CLOSE, key=key, project=existing.project, iid=existing.iid, title=existing.title, reason=reason)


def diff(action: Action) -> tuple[str, ...]:
    """The lines that an action changes, as a unified diff without headers; empty for close and nothing."""
    if action.kind not in (Kind.CREATE, Kind.UPDATE):
        return ()
    headers = 2
    return tuple(difflib.unified_diff(_lines(action.before), _lines(action.after), lineterm="", n=1))[headers:]
