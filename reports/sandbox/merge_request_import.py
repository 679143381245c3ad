"""Real merge requests from a file in place of the made-up ones of the product group; changes nothing else of the world."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from reports.core.weeks import Week
from reports.errors import UsageError
from reports.sandbox.gitlab_objects import DEVELOPER
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.world import World
from reports.sandbox.world_gitlab import CONTRIBUTION, DOCUMENTATION, PRODUCT_GROUP

#: How a bot is told from a person: by the start of its name.
BOT_PREFIX = "bot-"

_USERNAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}")


class MergedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the file, as far as it is used; times carry an offset."""

    project: str
    iid: int
    title: str
    author: str
    created_at: datetime
    merged_at: datetime
    merged_by: str | None = None
    files_changed: int
    docs_files_changed: int

    @property
    def is_documentation(self) -> bool:
        """Whether it changed documentation and nothing else."""
        return self.docs_files_changed == self.files_changed > 0


def replace_merge_requests(world: World, path: Path) -> dict[str, str]:
    """Put the merge requests of a file in place of the made-up ones of the product group; who in the file became whom.

    The busiest human authors become the engineers in alphabetical order of username, all others product developers.
    UsageError names the line that cannot be read and what was expected there.
    """
    requests = read_merge_requests(path)
    engineers = sorted(engineer.username for engineer in world.team.engineers)
    people = dict(zip(_busiest(requests), engineers, strict=False))
    state = world.gitlab
    for project in state.projects.values():
        if project.path.startswith(f"{PRODUCT_GROUP}/"):
            state.clear_merge_requests(project.path)
    for request in sorted(requests, key=lambda request: (request.merged_at, request.project, request.iid)):
        _add(state, request, people)
    return people


def read_merge_requests(path: Path) -> tuple[MergedRequest, ...]:
    """Every merge request of a file, one JSON object a line; UsageError for a file or line that cannot be read."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", "Name a file with one JSON object per line.") from error
    decoder = msgspec.json.Decoder(MergedRequest)
    requests: dict[tuple[str, int], MergedRequest] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        request = _read_line(decoder, path, number, line)
        if (request.project, request.iid) in requests:
            place = f"{path}:{number}"
            raise UsageError(
                f"{place}: {request.project}!{request.iid} is here a second time", "Expected each merge request once."
            )
        requests[request.project, request.iid] = request
    return tuple(requests.values())


def last_full_week(path: Path, zone: ZoneInfo) -> Week:
    """The last week of a zone that the file covers from Monday to Sunday."""
    requests = read_merge_requests(path)
    if not requests:
        raise UsageError(f"{path}: holds no merge request", "Name a file with one JSON object per line.")
    last_day = max(request.merged_at for request in requests).astimezone(zone).date()
    week = Week.containing(last_day)
    return week if last_day == week.last_day else week.plus(-1)


def _read_line(decoder: msgspec.json.Decoder[MergedRequest], path: Path, number: int, line: bytes) -> MergedRequest:
    place = f"{path}:{number}"
    try:
        request = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{place}: {error}", "Expected one merge request per line, " + _EXPECTED) from error
    problem = _problem(request)
    if problem:
        raise UsageError(f"{place}: {problem}", "Expected " + _EXPECTED)
    return request


_EXPECTED = (
    "a JSON object with project (such as group/project), iid, title, author, created_at and merged_at (with an offset), "
    "files_changed and docs_files_changed."
)


def _problem(request: MergedRequest) -> str:
    if request.project.count("/") < 1 or not all(request.project.split("/")):
        return f"project {request.project!r} is not a full path"
    if request.iid < 1:
        return f"iid {request.iid} is not above 0"
    for name in (request.author, request.merged_by):
        if name is not None and not _USERNAME.fullmatch(name):
            return f"{name!r} is not a username"
    if request.created_at.tzinfo is None or request.merged_at.tzinfo is None:
        return "created_at and merged_at need an offset such as +00:00"
    if not 0 <= request.docs_files_changed <= request.files_changed:
        return f"{request.docs_files_changed} of {request.files_changed} files changed are documentation"
    return ""


def _busiest(requests: Iterable[MergedRequest]) -> list[str]:
    counts = Counter(request.author for request in requests if not request.author.startswith(BOT_PREFIX))
    return sorted(counts, key=lambda author: (-counts[author], author))


def _add(state: GitlabState, request: MergedRequest, people: dict[str, str]) -> None:
    _add_project(state, request.project)
    author = _account(state, request.author, people)
    labels = [DOCUMENTATION] if request.is_documentation else []
    labels += [CONTRIBUTION] if request.author in people else []
    merged_at = request.merged_at.astimezone(UTC)
    state.add_merge_request(
        request.project,
        author,
        request.title,
        # A rebased branch can carry a later date than its merge.
        created_at=min(request.created_at.astimezone(UTC), merged_at - timedelta(seconds=1)),
        iid=request.iid,
        merged_at=merged_at,
        merged_by=_account(state, request.merged_by, people) if request.merged_by else author,
        labels=labels,
    )


def _account(state: GitlabState, name: str, people: dict[str, str]) -> str:
    if name in people:
        return people[name]
    if state.find_user(name) is None:
        state.add_user(name, name, bot=name.startswith(BOT_PREFIX))
        state.add_member(PRODUCT_GROUP, name, DEVELOPER)
    return name


def _add_project(state: GitlabState, path: str) -> None:
    if path not in state.projects:
        state.add_group(path.split("/", maxsplit=1)[0], visibility="public")
        state.add_project(path, visibility="public")
