"""Who may read and change what in the small GitLab, by role, visibility and confidentiality; reads the state, never changes it.

`None` as user is the anonymous visitor. An access level of 0 means no membership at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reports.sandbox.gitlab_objects import GUEST, OWNER, PLANNER, Group, Issue, MergeRequest, Namespace, Note, Project, User
from reports.sandbox.gitlab_state import GitlabState


@dataclass(frozen=True, slots=True)
class Membership:
    """A role that somebody has in a namespace, and the way they have it: direct, inherited or invited."""

    user_id: int
    access_level: int
    relation: str


def memberships(state: GitlabState, namespace: Namespace) -> Iterator[Membership]:
    """Every role by every way; one person may appear several times."""
    for holder in (namespace, *state.groups_above(namespace)):
        relation = "direct" if holder is namespace else "inherited"
        yield from (Membership(user_id, level, relation) for user_id, level in holder.members.items())
        for group_path, limit in holder.invited.items():
            yield from _invited(state, state.groups[group_path], limit, isinstance(holder, Project))


def _invited(state: GitlabState, group: Group, limit: int, into_project: bool) -> Iterator[Membership]:
    """A project invites the inherited members of a group too, a group only its direct ones."""
    sources = (group, *state.groups_above(group)) if into_project else (group,)
    for source in sources:
        for user_id, level in source.members.items():
            yield Membership(user_id, min(level, limit), "invited")


def highest_levels(state: GitlabState, namespace: Namespace) -> dict[int, int]:
    """The highest access level of every member, inherited and invited ones included."""
    levels: dict[int, int] = {}
    for member in memberships(state, namespace):
        levels[member.user_id] = max(levels.get(member.user_id, 0), member.access_level)
    return levels


def access_level(state: GitlabState, namespace: Namespace, user: User | None) -> int:
    """The highest access level somebody has; 0 for none."""
    if user is None:
        return 0
    return max((m.access_level for m in memberships(state, namespace) if m.user_id == user.id), default=0)


def reads_namespace(state: GitlabState, namespace: Namespace, user: User | None) -> bool:
    """Whether somebody finds the group or project at all; members of anything below a private group find that group."""
    if namespace.visibility == "public":
        return True
    if user is None:
        return False
    if namespace.visibility == "internal" and not user.external:
        return True
    if access_level(state, namespace, user) >= GUEST:
        return True
    return isinstance(namespace, Group) and _member_below(state, namespace, user)


def _member_below(state: GitlabState, group: Group, user: User) -> bool:
    below = f"{group.path}/"
    namespaces: list[Namespace] = [*state.groups.values(), *state.projects.values()]
    return any(user.id in n.members for n in namespaces if n.path.startswith(below))


def reads_issue(state: GitlabState, issue: Issue, user: User | None) -> bool:
    """Whether somebody sees an issue; a confidential one only Planner and above, its author and its assignees."""
    return Reader(state, user).issue(issue)


def _is_involved(issue: Issue, user: User) -> bool:
    return user.id == issue.author_id or user.id in issue.assignee_ids


class Reader:
    """What one user can read, with roles looked up once per namespace; good for one request."""

    def __init__(self, state: GitlabState, user: User | None) -> None:
        self.state = state
        self.user = user
        self._readable: dict[str, bool] = {}
        self._levels: dict[str, int] = {}

    def level(self, namespace: Namespace) -> int:
        """The access level in a namespace."""
        if namespace.path not in self._levels:
            self._levels[namespace.path] = access_level(self.state, namespace, self.user)
        return self._levels[namespace.path]

    def namespace(self, namespace: Namespace) -> bool:
        """Whether the namespace is visible."""
        if namespace.path not in self._readable:
            self._readable[namespace.path] = reads_namespace(self.state, namespace, self.user)
        return self._readable[namespace.path]

    def issue(self, issue: Issue) -> bool:
        """Whether the issue is visible."""
        if not self.namespace(issue.project) or not issue.project.issues_enabled:
            return False
        if not issue.confidential:
            return True
        return self.user is not None and (_is_involved(issue, self.user) or self.level(issue.project) >= PLANNER)

    def merge_requests(self, project: Project) -> bool:
        """Whether the merge requests of a project are visible; Guests of a private project see none."""
        return self.namespace(project) and (project.visibility != "private" or self.level(project) >= PLANNER)

    def merge_request(self, merge_request: MergeRequest) -> bool:
        """Whether the merge request is visible."""
        return self.merge_requests(merge_request.project)

    def note(self, issue: Issue, note: Note) -> bool:
        """Whether a note of a visible issue is visible: internal ones from Planner on, mentions to who sees their source."""
        if note.source is not None and not self.issue(note.source):
            return False
        return not note.internal or self.level(issue.project) >= PLANNER


def creates_issues(state: GitlabState, project: Project, user: User) -> bool:
    """Whether somebody may open an issue: whoever reads the project."""
    return project.issues_enabled and reads_namespace(state, project, user)


def sets_metadata_on_creation(state: GitlabState, project: Project, user: User) -> bool:
    """Whether labels, assignees and dates of a new issue are taken: from Guest on."""
    return access_level(state, project, user) >= GUEST


def sets_metadata(state: GitlabState, issue: Issue, user: User) -> bool:
    """Whether labels, assignees, dates and confidentiality of an existing issue may be changed: from Planner on."""
    return access_level(state, issue.project, user) >= PLANNER


def edits_issue(state: GitlabState, issue: Issue, user: User) -> bool:
    """Whether title, description and state may be changed: from Planner on, and by author and assignees."""
    return reads_issue(state, issue, user) and (_is_involved(issue, user) or sets_metadata(state, issue, user))


def deletes_issue(state: GitlabState, issue: Issue, user: User) -> bool:
    """Whether an issue may be deleted: by Planner and Owner, and by its author."""
    return user.id == issue.author_id or access_level(state, issue.project, user) in (PLANNER, OWNER)


def comments(state: GitlabState, issue: Issue, user: User) -> bool:
    """Whether somebody may comment; a locked discussion takes members only."""
    return reads_issue(state, issue, user) and (not issue.discussion_locked or access_level(state, issue.project, user) > 0)
