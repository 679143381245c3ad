"""What the small GitLab remembers, and the few ways to add to it; no HTTP and no rule about who may do what.

Ids count up from fixed starts in the order of adding, and every time is given by the caller, so the same calls
make the same state. Times are aware datetimes in UTC. Hold `lock` while reading or changing from several threads.
"""

import pickle
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from reports.sandbox.gitlab_objects import (
    DEFAULT_COLOUR,
    CrossReference,
    Group,
    Issue,
    Label,
    LabelEvent,
    Mention,
    MergeRequest,
    Namespace,
    Note,
    PipelineSchedule,
    Project,
    StateEvent,
    Token,
    User,
)

VERSION = "19.2.0-ee"


class Counter:
    """Ids that count up, one row per kind of object."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, kind: str, start: int) -> int:
        """The next id of a kind; the first is `start`."""
        self._last[kind] = self._last.get(kind, start - 1) + 1
        return self._last[kind]


class GitlabState:
    """All that the small GitLab holds, with the few ways to add to it; `version` is what it says it is.

    `premium` allows several assignees and scoped labels that replace each other.
    """

    def __init__(self, epoch: datetime, premium: bool = True) -> None:
        self.lock = threading.RLock()
        self.epoch = epoch
        self.premium = premium
        self.version = VERSION
        self.users: dict[int, User] = {}
        self.groups: dict[str, Group] = {}
        self.projects: dict[str, Project] = {}
        self.former_paths: dict[str, str] = {}
        self.tokens: dict[str, Token] = {}
        self.mentions: list[Mention] = []
        self.cross_references: list[CrossReference] = []
        self._ids = Counter()
        self._usernames: dict[str, int] = {}
        self._merge_requests_of: defaultdict[int, list[MergeRequest]] = defaultdict(list)

    def __getstate__(self) -> dict[str, object]:
        """All that is remembered, for a copy; a lock stays with its state."""
        return {name: value for name, value in vars(self).items() if name != "lock"}

    def __setstate__(self, remembered: dict[str, object]) -> None:
        vars(self).update(remembered)
        self.lock = threading.RLock()

    def snapshot(self) -> bytes:
        """Everything as it is now, to go back to."""
        with self.lock:
            return pickle.dumps(self, pickle.HIGHEST_PROTOCOL)

    def go_back(self, snapshot: bytes) -> None:
        """Everything as it was when a snapshot was taken."""
        with self.lock:
            vars(self).update(pickle.loads(snapshot).__getstate__())

    # --- looking up ---------------------------------------------------------------------------

    def user(self, username: str) -> User:
        """The user with that name, whatever its case; KeyError when there is none."""
        return self.users[self._usernames[username.lower()]]

    def find_user(self, username: str) -> User | None:
        """The user with that name, whatever its case, or None."""
        found = self._usernames.get(username.lower())
        return None if found is None else self.users[found]

    def find_project(self, id_or_path: str) -> Project | None:
        """A project by its full path, or by its id as text."""
        if id_or_path.isdigit():
            return next((p for p in self.projects.values() if p.id == int(id_or_path)), None)
        return self.projects.get(id_or_path)

    def find_group(self, id_or_path: str) -> Group | None:
        """A group by its full path, or by its id as text."""
        if id_or_path.isdigit():
            return next((g for g in self.groups.values() if g.id == int(id_or_path)), None)
        return self.groups.get(id_or_path)

    def projects_below(self, group: Group) -> tuple[Project, ...]:
        """The projects of a group and of all groups below it."""
        return tuple(p for p in self.projects.values() if p.path.startswith(f"{group.path}/"))

    def groups_above(self, namespace: Namespace) -> Iterator[Group]:
        """The groups a project or group lies in, nearest first."""
        return (self.groups[path] for path in namespace.ancestors if path in self.groups)

    def merge_requests_of(self, user_id: int) -> Sequence[MergeRequest]:
        """The merge requests that a user wrote, in the order of adding."""
        return self._merge_requests_of[user_id]

    def label(self, project: Project, title: str) -> Label | None:
        """A label that a project has of its own or from a group above it."""
        holders = (project, *self.groups_above(project))
        return next((holder.labels[title] for holder in holders if title in holder.labels), None)

    # --- adding -------------------------------------------------------------------------------

    def next_id(self, kind: str, start: int = 1) -> int:
        """A fresh id for an object of a kind."""
        return self._ids.next(kind, start)

    def add_user(self, username: str, name: str, *, email: str = "", bot: bool = False, external: bool = False) -> User:
        """Add a person or a bot; ValueError when the username is taken."""
        if username.lower() in self._usernames:
            raise ValueError(f"username {username!r} is taken")
        user = User(
            id=self.next_id("user", 101),
            username=username,
            name=name,
            email=email or f"{username}@example.com",
            bot=bot,
            external=external,
        )
        self.users[user.id] = user
        self._usernames[username.lower()] = user.id
        return user

    def rename_user(self, username: str, new: str) -> None:
        """Give somebody another username; the old one is free then, and leads nowhere."""
        user = self.user(username)
        del self._usernames[user.username.lower()]
        user.username = new
        self._usernames[new.lower()] = user.id

    def add_group(self, path: str, *, name: str = "", visibility: str = "private") -> Group:
        """Add a group at a full path, with private groups above it where they are missing; an existing one is returned."""
        if path in self.groups:
            return self.groups[path]
        parent, _, last = path.rpartition("/")
        if parent:
            self.add_group(parent, visibility=visibility)
        group = Group(
            id=self.next_id("group", 501),
            path=path,
            name=name or last,
            visibility=visibility,
            created_at=self.epoch,
        )
        self.groups[path] = group
        return group

    def add_project(self, path: str, *, name: str = "", visibility: str = "private") -> Project:
        """Add a project at a full path, with groups above it where they are missing; an existing one is returned."""
        if path in self.projects:
            return self.projects[path]
        parent, _, last = path.rpartition("/")
        self.add_group(parent, visibility=visibility)
        project = Project(
            id=self.next_id("project", 1001),
            path=path,
            name=name or last,
            visibility=visibility,
            created_at=self.epoch,
        )
        self.projects[path] = project
        return project

    def add_schedule(
        self, path: str, owner: str, cron: str, next_run_at: datetime, *, branch: str = "main", run: str = ""
    ) -> PipelineSchedule:
        """Add a pipeline schedule to a project; `run` is what it sets as `SUPPORT_REPORTS_RUN`."""
        schedule = PipelineSchedule(
            id=self.next_id("schedule", 301),
            description=run or "weekly",
            branch=branch,
            cron=cron,
            owner_id=self.user(owner).id,
            created_at=self.epoch,
            next_run_at=next_run_at,
            variables={"SUPPORT_REPORTS_RUN": run} if run else {},
        )
        self.projects[path].schedules.append(schedule)
        return schedule

    def move_project(self, path: str, to: str) -> None:
        """Rename a project or put it elsewhere; its old path leads to it until another project takes that path."""
        project = self.projects.pop(path)
        self.add_group(to.rpartition("/")[0])
        project.path = to
        self.projects[to] = project
        self.former_paths[path] = to

    def add_member(self, path: str, username: str, access_level: int) -> None:
        """Give somebody a role in the group or project at a full path."""
        self._namespace(path).members[self.user(username).id] = access_level

    def invite_group(self, path: str, group_path: str, access_level: int) -> None:
        """Invite a group to the group or project at a full path, with at most that role."""
        self._namespace(path).invited[self.groups[group_path].path] = access_level

    def add_token(self, secret: str, username: str, scopes: Sequence[str], *, expires_on: date | None = None) -> Token:
        """Add a personal access token with scopes such as `api` or `read_api`."""
        token = Token(
            id=self.next_id("token"),
            secret=secret,
            user_id=self.user(username).id,
            scopes=tuple(scopes),
            created_at=self.epoch,
            expires_on=expires_on,
        )
        self.tokens[secret] = token
        return token

    def add_label(self, path: str, title: str, *, colour: str = DEFAULT_COLOUR, description: str = "") -> Label:
        """Add a label to the group or project at a full path; an existing one is returned."""
        labels = self._namespace(path).labels
        if title not in labels:
            labels[title] = Label(id=self.next_id("label"), title=title, colour=colour, description=description)
        return labels[title]

    def add_issue(
        self,
        path: str,
        author: str,
        title: str,
        *,
        created_at: datetime,
        iid: int | None = None,
        description: str = "",
        labels: Sequence[str] = (),
        assignees: Sequence[str] = (),
        confidential: bool = False,
        closed_at: datetime | None = None,
        closed_by: str | None = None,
        due_date: date | None = None,
        issue_type: str = "issue",
    ) -> Issue:
        """Add an issue as it stands, without quick actions or notifications; labels are made where missing.

        That its labels were put on and that it was closed are events of it.
        """
        project = self.projects[path]
        issue = Issue(
            id=self.next_id("issue", 100001),
            iid=iid or project.last_issue_iid + 1,
            project=project,
            author_id=self.user(author).id,
            title=title,
            description=description,
            created_at=created_at,
            updated_at=created_at,
            assignee_ids=[self.user(name).id for name in assignees],
            confidential=confidential,
            due_date=due_date,
            issue_type=issue_type,
        )
        project.issues[issue.iid] = issue
        project.last_issue_iid = max(project.last_issue_iid, issue.iid)
        for label in labels:
            self.put_label(issue, author, label, at=created_at)
        if closed_at:
            self.set_state(issue, closed_by or author, "closed", at=closed_at)
        return issue

    def put_label(self, issue: Issue, who: str, label: str, *, at: datetime) -> None:
        """Put a label on an issue, as somebody did at a moment; it is made where it is missing."""
        if self.label(issue.project, label) is None:
            self.add_label(issue.project.path, label)
        issue.labels.append(label)
        self._note_label(issue, who, label, "add", at)

    def take_label(self, issue: Issue, who: str, label: str, *, at: datetime) -> None:
        """Take a label off an issue, as somebody did at a moment."""
        issue.labels.remove(label)
        self._note_label(issue, who, label, "remove", at)

    def _note_label(self, issue: Issue, who: str, label: str, action: str, at: datetime) -> None:
        number = self.next_id("label_event", 400001)
        issue.label_events.append(LabelEvent(id=number, user_id=self.user(who).id, at=at, label=label, action=action))
        issue.updated_at = max(issue.updated_at, at)

    def set_state(self, issue: Issue, who: str, state: str, *, at: datetime) -> None:
        """Have somebody close or reopen an issue at a moment; `state` is `closed` or `reopened`."""
        user_id = self.user(who).id
        issue.state = "closed" if state == "closed" else "opened"
        issue.closed_at, issue.closed_by_id = (at, user_id) if state == "closed" else (None, None)
        issue.state_events.append(StateEvent(id=self.next_id("state_event", 500001), user_id=user_id, at=at, state=state))
        issue.updated_at = max(issue.updated_at, at)

    def add_note(
        self, issue: Issue, author: str, body: str, *, at: datetime, internal: bool = False, system: bool = False
    ) -> Note:
        """Add a comment as it stands, without quick actions or notifications; the issue's `updated_at` moves on."""
        note = Note(
            id=self.next_id("note", 300001),
            author_id=self.user(author).id,
            body=body,
            created_at=at,
            updated_at=at,
            internal=internal,
            system=system,
        )
        issue.notes.append(note)
        issue.updated_at = max(issue.updated_at, at)
        return note

    def add_merge_request(
        self,
        path: str,
        author: str,
        title: str,
        *,
        created_at: datetime,
        iid: int | None = None,
        merged_at: datetime | None = None,
        merged_by: str | None = None,
        closed_at: datetime | None = None,
        description: str = "",
        labels: Sequence[str] = (),
        user_notes: int = 0,
    ) -> MergeRequest:
        """Add a merge request as it stands: merged, closed or opened by the times given."""
        project = self.projects[path]
        for label in labels:
            if self.label(project, label) is None:
                self.add_label(path, label)
        number = iid or project.last_merge_request_iid + 1
        merge_request = MergeRequest(
            id=self.next_id("merge_request", 200001),
            iid=number,
            project=project,
            author_id=self.user(author).id,
            title=title,
            description=description,
            created_at=created_at,
            updated_at=merged_at or closed_at or created_at,
            state="merged" if merged_at else "closed" if closed_at else "opened",
            merged_at=merged_at,
            merged_by_id=self.user(merged_by or author).id if merged_at else None,
            closed_at=closed_at,
            labels=list(labels),
            user_notes=user_notes,
            source_branch=f"{author}-{number}",
        )
        project.merge_requests[number] = merge_request
        project.last_merge_request_iid = max(project.last_merge_request_iid, number)
        self._merge_requests_of[merge_request.author_id].append(merge_request)
        return merge_request

    def clear_merge_requests(self, path: str) -> None:
        """Drop every merge request of a project."""
        project = self.projects[path]
        project.merge_requests.clear()
        project.last_merge_request_iid = 0
        for author, written in self._merge_requests_of.items():
            self._merge_requests_of[author] = [mr for mr in written if mr.project is not project]

    def _namespace(self, path: str) -> Namespace:
        return self.projects[path] if path in self.projects else self.groups[path]
