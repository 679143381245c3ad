"""Who may read a report against who could read the issue it goes to; a surplus is a violation that refuses the write.

Whoever GitLab lists as a member counts, whatever their state: somebody blocked, a bot, an account whose access expires, a role
made by hand (listed by the level it was built on). Administrators and auditors of a GitLab read everything and are in no list.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from reports.core.model import Privacy
from reports.core.publication import Audience, ExistingIssue, block_of

#: From this access level on a member reads every confidential issue of a project (Planner).
READS_CONFIDENTIAL = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody with access to a project, by whatever way: direct, inherited or invited."""

    user_id: int
    username: str
    access_level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """What has to be known of a project before anything is published there.

    `level`: members below this access level can read nothing of it, None when it does not matter who can. Of closed issues
    only those that were opened, and closed, since an instant; None for any.
    """

    level: int | None
    opened_since: datetime | None = None
    closed_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A project as a place to publish: who is in it and what of ours lies there already.

    `moved_to` is its path by now where that is no longer `project`, else empty.
    """

    project: str
    visibility: str
    members: tuple[Member, ...]
    issues: tuple[ExistingIssue, ...]
    moved_to: str = ""


def lowest_level(audiences: Iterable[Audience]) -> int | None:
    """The lowest access level at which somebody could read one of these issues, None when all of them are for everybody."""
    personal = [audience for audience in audiences if audience.privacy not in (Privacy.P0, Privacy.P1)]
    return min((READS_CONFIDENTIAL if audience.confidential else 0 for audience in personal), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """All that decides who can read an issue in GitLab."""

    visibility: str
    is_confidential: bool
    members: tuple[Member, ...]
    author: str
    assignees: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether people read it who are no members: everybody who is signed in, or just everybody."""
        return self.visibility != "private" and not self.is_confidential

    @property
    def readers(self) -> tuple["ReaderOf", ...]:
        """Everybody who can read it by name, each once; never too few, and in two cases one too many.

        An author or assignee whom the project does not let in at all, and a member with Minimal Access, count as well: the
        first are let in by the next change of a membership, the second by a role made by hand.
        """
        threshold = READS_CONFIDENTIAL if self.is_confidential else 0
        found = [
            ReaderOf(username=member.username, why="member", access_level=member.access_level)
            for member in self.members
            if member.access_level >= threshold
        ]
        found += [ReaderOf(username=name, why="assignee") for name in self.assignees]
        found.append(ReaderOf(username=self.author, why="author"))
        return tuple({reader.username.casefold(): reader for reader in reversed(found)}.values())[::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderOf:
    """Somebody who can read an issue, as a member with a role, as its author or as an assignee."""

    username: str
    why: str
    access_level: int = 0

    @property
    def reason(self) -> str:
        """Why they could read it, in words."""
        if self.why == "member":
            return f"{self.username} (access level {self.access_level}) could read it"
        return f"its {self.why} {self.username} could read it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Why an issue must not be written where it should go: who could read it and how, and what to change."""

    key: str
    project: str
    reason: str
    remedy: str = ""
    by: str = ""
    """The username of who could read it; empty where it is everybody."""


def violations(desired: Audience, destination: Destination, bot: str) -> tuple[Violation, ...]:
    """Everything that would let the wrong eyes read the issue; empty when it may be written.

    P0 and P1 go anywhere a team works; from P2 on the project must be private or the issue confidential,
    and nobody outside its readers (and the bot) may be able to read it: neither a member nor an assignee, be it one whom
    somebody added by hand to the issue that is there.
    """
    if desired.privacy in (Privacy.P0, Privacy.P1):
        return ()
    exposure = exposure_of(desired, destination, bot)
    found = []
    if exposure.is_open:
        reason = f"the project is {destination.visibility} and the issue is not confidential"
        remedy = "make the project private, or write `confidential: true` for this report in config/reports.yml"
        found.append(Violation(key=desired.key, project=desired.project, reason=reason, remedy=remedy))
    allowed = {name.casefold() for name in (*desired.readers, bot)}
    found += [
        Violation(key=desired.key, project=desired.project, reason=reader.reason, remedy=_remedy(reader), by=reader.username)
        for reader in exposure.readers
        if reader.username.casefold() not in allowed
    ]
    return tuple(found)


def could_read(desired: Audience, destination: Destination, bot: str) -> tuple[str, ...]:
    """The usernames of everybody who can read the issue where it goes, in alphabetical order."""
    return tuple(sorted(reader.username for reader in exposure_of(desired, destination, bot).readers))


def exposure_of(desired: Audience, destination: Destination, bot: str) -> Exposure:
    """How the issue would lie there, with whoever is assigned to the one that is there already."""
    return Exposure(
        visibility=destination.visibility,
        is_confidential=desired.confidential,
        members=destination.members,
        author=bot,
        assignees=tuple(dict.fromkeys([*desired.assignees, *_assigned(desired.key, destination, bot)])),
    )


def _remedy(reader: ReaderOf) -> str:
    if reader.why == "assignee":
        return "unassign them from the issue"
    return (
        "remove them from the project, from the groups above it or from the groups invited to these, or lower their role there: "
        "confidential issues are read from Planner (15) on, others by every member"
    )


def _assigned(key: str, destination: Destination, bot: str) -> Iterator[str]:
    """Whoever is assigned to the issue that is there already."""
    for issue in destination.issues:
        block = block_of(issue.description) if issue.author == bot else None
        if block is not None and block.key == key:
            yield from issue.assignees
