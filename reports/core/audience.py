"""Who may read a report against who could read the issue it goes to; a surplus is a violation that refuses the write."""

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
class Violation:
    """Why an issue must not be written where it should go: who could read it, and how."""

    key: str
    project: str
    reason: str


def violations(desired: Audience, destination: Destination, bot: str) -> tuple[Violation, ...]:
    """Everything that would let the wrong eyes read the issue; empty when it may be written.

    P0 and P1 go anywhere a team works; from P2 on the project must be private or the issue confidential,
    and nobody outside its readers (and the bot) may be able to read it: neither a member nor an assignee, be it one whom
    somebody added by hand to the issue that is there.
    """
    if desired.privacy in (Privacy.P0, Privacy.P1):
        return ()
    found = []
    if destination.visibility != "private" and not desired.confidential:
        found.append(f"the project is {destination.visibility} and the issue is not confidential")
    threshold = READS_CONFIDENTIAL if desired.confidential else 0
    allowed = {name.casefold() for name in (*desired.readers, bot)}
    found += [
        f"{member.username} (access level {member.access_level}) could read it"
        for member in destination.members
        if member.access_level >= threshold and member.username.casefold() not in allowed
    ]
    assignees = dict.fromkeys([*desired.assignees, *_assigned(desired.key, destination, bot)])
    found += [f"its assignee {name} could read it" for name in assignees if name.casefold() not in allowed]
    return tuple(Violation(key=desired.key, project=desired.project, reason=reason) for reason in found)


def _assigned(key: str, destination: Destination, bot: str) -> Iterator[str]:
    """Whoever is assigned to the issue that is there already."""
    for issue in destination.issues:
        block = block_of(issue.description) if issue.author == bot else None
        if block is not None and block.key == key:
            yield from issue.assignees
