"""What the reading token's role hides: GitLab leaves it out of lists without a word, so the role is asked for."""

from collections.abc import Iterator, Sequence

from reports.adapters import gitlab_queries as queries
from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_people import GitlabPeople, batches
from reports.adapters.gitlab_shapes import Account, Camel

#: Sees confidential issues, and merge requests of private projects.
PLANNER = 15
_ROLES = {0: "no role", 5: "minimal access", 10: "role Guest"}


class _Level(Camel, frozen=True):
    integer_value: int | None


class _Member(Camel, frozen=True):
    access_level: _Level | None
    user: Account | None


class _Members(Camel, frozen=True):
    nodes: list[_Member]


class _Permissions(Camel, frozen=True):
    read_merge_request: bool


class _Place(Camel, frozen=True):
    """A group says its visibility, a project what is permitted there; who may not list members gets no list."""

    members: _Members | None
    visibility: str = ""
    user_permissions: _Permissions | None = None

    def level(self, username: str) -> int:
        nodes = self.members.nodes if self.members else []
        mine = [node.access_level for node in nodes if node.user and node.user.username.lower() == username.lower()]
        return max((level.integer_value or 0 for level in mine if level), default=0)

    @property
    def hides_merge_requests(self) -> bool:
        """Whether merge requests are hidden from somebody whose role is below Planner."""
        if self.user_permissions is not None:
            return not self.user_permissions.read_merge_request
        return self.visibility == "private"


class ReaderRoles:
    """The role that the reading token's user has in the group and in each project, asked for once."""

    def __init__(self, client: GitlabClient, group: str, projects: Sequence[str], people: GitlabPeople) -> None:
        self._client = client
        self._group = group
        self._projects = tuple(dict.fromkeys(projects))
        self._people = people
        self._places: dict[str, _Place] = {}

    def missing(self) -> tuple[str, ...]:
        """The group and the projects that are not there, or not to be seen by the token."""
        self._ask_once()
        return tuple(path for path in (self._group, *self._projects) if path not in self._places)

    def hidden_issues(self, stream: str, paths: Sequence[str]) -> Iterator[str]:
        """A sentence for each place whose confidential issues the token does not see."""
        for path, _, role in self._low(paths):
            yield f"{stream}: {role} in {path} hides confidential issues from the reading token"

    def hidden_merge_requests(self, stream: str, paths: Sequence[str]) -> Iterator[str]:
        """A sentence for each place whose merge requests, some or all, the token does not see."""
        for path, place, role in self._low(paths):
            if place.hides_merge_requests:
                which = "merge requests of private projects" if path == self._group else "merge requests"
                yield f"{stream}: {role} in {path} hides {which} from the reading token"

    def _low(self, paths: Sequence[str]) -> Iterator[tuple[str, _Place, str]]:
        self._ask_once()
        for path in paths:
            place = self._places.get(path)
            if place is not None and (level := place.level(self._people.reader)) < PLANNER:
                yield path, place, _ROLES.get(level, f"role {level}")

    def _ask_once(self) -> None:
        if self._places:
            return
        for some in batches(self._projects, queries.ROLES_PER_QUERY) if self._projects else [[]]:
            aliases = {f"p{n}": path for n, path in enumerate(some)}
            asked = {"reader": self._people.reader, "group": self._group, **aliases}
            answer = self._client.query(queries.roles_query(len(some)), asked, dict[str, _Place | None])
            named = aliases | {"group": self._group}
            self._places |= {named[alias]: place for alias, place in answer.items() if place}
