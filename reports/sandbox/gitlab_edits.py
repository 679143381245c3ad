"""Carries out writes as GitLab does: quick actions, events, system notes, mentions; asks for roles, speaks no HTTP.

`now` is given by the caller. Changes that the user has no role for are left out silently, as GitLab leaves them out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict

from reports.sandbox import gitlab_access as access
from reports.sandbox.gitlab_objects import (
    PLANNER,
    CrossReference,
    Issue,
    LabelEvent,
    Mention,
    Note,
    Project,
    StateEvent,
    User,
)
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.glfm import sanitised_html
from reports.sandbox.quick_actions import Command, extract, label_names, user_names
from reports.sandbox.references import Reference, ReferenceKind, references


class Changes(TypedDict, total=False):
    """What a write asks for; a missing key leaves things as they are."""

    title: str
    description: str
    state_event: str
    labels: list[str]
    add_labels: list[str]
    remove_labels: list[str]
    assignee_ids: list[int]
    confidential: bool
    due_date: date | None
    discussion_locked: bool


#: A note moves the issue's `updated_at` only when the last move is older than this.
TOUCH_INTERVAL = timedelta(seconds=60)
#: A text without any of this holds no reference, so it need not be rendered to find one.
_MAY_REFER = re.compile(r"@\w|[#!]\d|&")
_IGNORED_ON_CREATION = {"close", "reopen", "title", "unlabel"}


@dataclass(frozen=True, slots=True)
class NoteOutcome:
    """The comment that came of a text, or None when the text was quick actions only; and what these changed."""

    note: Note | None
    changes: Changes


@dataclass(frozen=True, slots=True)
class Editor:
    """One user's writes at one moment; `base_url` tells links to this server from others."""

    state: GitlabState
    user: User
    now: datetime
    base_url: str

    # --- issues -------------------------------------------------------------------------------

    def create_issue(self, project: Project, changes: Changes, iid: int | None = None) -> Issue:
        """Open an issue; its description's quick actions run, those that make no sense on a new issue are dropped."""
        extraction = extract(changes.get("description", ""))
        issue = self.state.add_issue(
            project.path, self.user.username, changes["title"], created_at=self.now, iid=iid, description=extraction.text
        )
        commands = [c for c in extraction.commands if c.name not in _IGNORED_ON_CREATION]
        wanted = self._with_commands(issue, changes, commands)
        issue.confidential = wanted.get("confidential", False)
        if access.sets_metadata_on_creation(self.state, project, self.user):
            self._apply_metadata(issue, wanted, is_new=True)
        issue.updated_at = self.now
        self._record_references(issue, "", f"{issue.title}\n\n{issue.description}")
        return issue

    def update_issue(self, issue: Issue, changes: Changes) -> None:
        """Change an issue; quick actions in a new description run unless the old one had the same."""
        wanted = self._with_new_description(issue, changes) if "description" in changes else changes
        before = _snapshot(issue)
        self._apply_content(issue, wanted)
        if access.sets_metadata(self.state, issue, self.user):
            self._apply_metadata(issue, wanted, is_new=False)
        if "state_event" in wanted:
            self._apply_state(issue, wanted["state_event"])
        if _snapshot(issue) != before:
            issue.updated_at = self.now

    def _with_new_description(self, issue: Issue, changes: Changes) -> Changes:
        extraction = extract(changes["description"])
        old = extract(issue.description).commands
        fresh = [command for command in extraction.commands if command not in old]
        return self._with_commands(issue, {**changes, "description": extraction.text}, fresh)

    def _apply_content(self, issue: Issue, changes: Changes) -> None:
        title, description = changes.get("title", issue.title), changes.get("description", issue.description)
        before = f"{issue.title}\n\n{issue.description}"
        if title != issue.title:
            self._system_note(issue, f"changed title from **{issue.title}** to **{title}**")
        if description != issue.description:
            self._system_note(issue, "changed the description")
        issue.title, issue.description = title, description
        self._record_references(issue, before, f"{title}\n\n{description}")

    def _apply_metadata(self, issue: Issue, changes: Changes, *, is_new: bool) -> None:
        self._apply_labels(issue, changes)
        if "assignee_ids" in changes:
            self._apply_assignees(issue, changes["assignee_ids"])
        if changes.get("confidential", issue.confidential) != issue.confidential:
            issue.confidential = not issue.confidential
            self._system_note(issue, f"made the issue {'confidential' if issue.confidential else 'visible to everyone'}")
        due = changes.get("due_date", issue.due_date)
        if due != issue.due_date and not is_new:
            self._system_note(issue, f"changed due date to {due:%B %-d, %Y}" if due else "removed due date")
        issue.due_date = due
        issue.discussion_locked = changes.get("discussion_locked", issue.discussion_locked)

    def _apply_labels(self, issue: Issue, changes: Changes) -> None:
        wanted = list(dict.fromkeys(changes.get("labels", issue.labels)))
        wanted += [label for label in changes.get("add_labels", []) if label not in wanted]
        removed = set(changes.get("remove_labels", []))
        wanted = [label for label in wanted if label not in removed and self._has_label(issue.project, label)]
        if self.state.premium:
            wanted = _one_per_scope(wanted)
        for label in wanted:
            if label not in issue.labels:
                self._label_event(issue, label, "add")
        for label in issue.labels:
            if label not in wanted:
                self._label_event(issue, label, "remove")
        issue.labels = wanted

    def _has_label(self, project: Project, label: str) -> bool:
        """Whether the label is there, after making it where the user's role allows."""
        if self.state.label(project, label) is None and access.access_level(self.state, project, self.user) >= PLANNER:
            self.state.add_label(project.path, label)
        return self.state.label(project, label) is not None

    def _label_event(self, issue: Issue, label: str, action: str) -> None:
        number = self.state.next_id("label_event", 400001)
        issue.label_events.append(LabelEvent(id=number, user_id=self.user.id, at=self.now, label=label, action=action))

    def _apply_assignees(self, issue: Issue, wanted: Iterable[int]) -> None:
        users = [self.state.users[user_id] for user_id in dict.fromkeys(wanted) if user_id in self.state.users]
        readers = [user for user in users if access.reads_namespace(self.state, issue.project, user)]
        kept = readers if self.state.premium else readers[:1]
        added = [user for user in kept if user.id not in issue.assignee_ids]
        removed = [self.state.users[i] for i in issue.assignee_ids if i not in {user.id for user in kept}]
        issue.assignee_ids = [user.id for user in kept]
        words = [f"{verb} {_names(people)}" for verb, people in (("assigned to", added), ("unassigned", removed)) if people]
        if words:
            self._system_note(issue, " and ".join(words))

    def _apply_state(self, issue: Issue, event: str) -> None:
        target = {"close": "closed", "reopen": "opened"}.get(event, issue.state)
        if target == issue.state:
            return
        issue.state = target
        issue.closed_at, issue.closed_by_id = (self.now, self.user.id) if target == "closed" else (None, None)
        number = self.state.next_id("state_event", 500001)
        word = "closed" if target == "closed" else "reopened"
        issue.state_events.append(StateEvent(id=number, user_id=self.user.id, at=self.now, state=word))

    # --- comments -----------------------------------------------------------------------------

    def comment(self, issue: Issue, body: str, *, internal: bool = False) -> NoteOutcome:
        """Write a comment and carry out its quick actions."""
        extraction = extract(body)
        changes = self._with_commands(issue, {}, extraction.commands)
        note = None
        if extraction.text or not extraction.commands:
            note = self._add_note(issue, extraction.text, internal)
        if changes and access.edits_issue(self.state, issue, self.user):
            self.update_issue(issue, changes)
        return NoteOutcome(note, changes)

    def _add_note(self, issue: Issue, body: str, internal: bool) -> Note:
        moved = issue.updated_at
        note = self.state.add_note(issue, self.user.username, body, at=self.now, internal=internal)
        if self.now - moved <= TOUCH_INTERVAL:
            issue.updated_at = moved
        self._record_references(issue, "", body)
        return note

    def edit_note(self, issue: Issue, note: Note, body: str) -> None:
        """Change a comment's text and carry out the quick actions in it."""
        extraction = extract(body)
        before, note.body, note.updated_at = note.body, extraction.text, self.now
        self._record_references(issue, before, note.body)
        changes = self._with_commands(issue, {}, extraction.commands)
        if changes and access.edits_issue(self.state, issue, self.user):
            self.update_issue(issue, changes)

    def _system_note(self, issue: Issue, body: str) -> Note:
        moved = issue.updated_at
        note = self.state.add_note(issue, self.user.username, body, at=self.now, system=True)
        issue.updated_at = moved
        return note

    # --- quick actions ------------------------------------------------------------------------

    def _with_commands(self, issue: Issue, changes: Changes, commands: Iterable[Command]) -> Changes:
        merged = changes.copy()
        for command in commands:
            self._add_command(issue, merged, command)
        return merged

    def _add_command(self, issue: Issue, changes: Changes, command: Command) -> None:
        argument = command.argument
        match command.name:
            case "close" | "reopen":
                changes["state_event"] = command.name
            case "title" if argument:
                changes["title"] = argument[:255]
            case "label" | "relabel" | "unlabel":
                self._add_label_command(issue, changes, command)
            case "assign" | "reassign" | "unassign":
                changes["assignee_ids"] = self._assignees(issue, changes, command)
            case "confidential":
                changes["confidential"] = True
            case "due" | "remove_due_date":
                changes["due_date"] = _due_date(argument, self.now.date()) if command.name == "due" else None
            case _:
                return

    def _add_label_command(self, issue: Issue, changes: Changes, command: Command) -> None:
        """Only labels that exist already; `/unlabel` without a name takes all of them off."""
        known = [name for name in label_names(command.argument) if self.state.label(issue.project, name)]
        if command.name == "label":
            changes["add_labels"] = [*changes.get("add_labels", []), *known]
        elif command.name == "relabel":
            changes["labels"] = known
        else:
            changes["remove_labels"] = [*changes.get("remove_labels", []), *(known or issue.labels)]

    def _assignees(self, issue: Issue, changes: Changes, command: Command) -> list[int]:
        current = changes.get("assignee_ids", issue.assignee_ids)
        names = (self.user.username if name == "me" else name for name in user_names(command.argument))
        named = [user.id for user in map(self.state.find_user, names) if user is not None]
        if command.name == "unassign":
            return [user_id for user_id in current if named and user_id not in named]
        return named if command.name == "reassign" or not self.state.premium else [*current, *named]

    # --- references ---------------------------------------------------------------------------

    def _record_references(self, issue: Issue, before: str, after: str) -> None:
        """Remember whom the text notifies and what it points to, but not what the earlier text had already."""
        if before == after:
            return
        old = set(self._references(before))
        for reference in dict.fromkeys(self._references(after)):
            if reference not in old:
                self._record(issue, reference)

    def _references(self, text: str) -> tuple[Reference, ...]:
        if not _MAY_REFER.search(text) and self.base_url not in text:
            return ()
        return references(sanitised_html(text), self.base_url)

    def _record(self, issue: Issue, reference: Reference) -> None:
        if reference.kind is ReferenceKind.USER:
            self._record_mention(issue, reference.name)
        elif reference.kind in (ReferenceKind.ISSUE, ReferenceKind.MERGE_REQUEST):
            self._record_cross_reference(issue, reference)

    def _record_mention(self, issue: Issue, name: str) -> None:
        known = name == "all" or self.state.find_user(name) is not None or name in self.state.groups
        if known:
            mention = Mention(by=self.user.username, username=name, where=issue.reference, at=self.now)
            self.state.mentions.append(mention)

    def _record_cross_reference(self, issue: Issue, reference: Reference) -> None:
        project = resolved_project(self.state, issue.project, reference.path)
        number = int(reference.name)
        if project is None or not access.reads_namespace(self.state, project, self.user):
            return
        is_issue = reference.kind is ReferenceKind.ISSUE
        target = project.issues.get(number) if is_issue else None
        if target is issue or (target is None and (is_issue or number not in project.merge_requests)):
            return
        name = f"{project.path}{'#' if is_issue else '!'}{number}"
        if any((known.where, known.target) == (issue.reference, name) for known in self.state.cross_references):
            return
        self.state.cross_references.append(CrossReference(by=self.user.username, where=issue.reference, target=name, at=self.now))
        if target is not None:
            self._system_note(target, f"mentioned in issue {issue.reference}").source = issue


def resolved_project(state: GitlabState, home: Project, path: str) -> Project | None:
    """The project that a reference's path means: the one it is written in, one beside it, or one by its full path."""
    if not path:
        return home
    return state.projects.get(path if "/" in path else f"{home.ancestors[0]}/{path}")


def _snapshot(issue: Issue) -> tuple[object, ...]:
    fields = (issue.title, issue.description, issue.state, issue.confidential, issue.due_date, issue.discussion_locked)
    return (*fields, tuple(issue.labels), tuple(issue.assignee_ids))


def _one_per_scope(labels: list[str]) -> list[str]:
    """Of scoped labels such as `a::b` and `a::c` only the last one stays."""
    last = {_scope(label): label for label in labels}
    return [label for label in labels if last[_scope(label)] == label]


def _scope(label: str) -> str:
    """What only one label of an issue may begin with; a label without `::` is alone in its own."""
    scope, sign, _ = label.rpartition("::")
    return scope + sign if sign else label


def _names(users: Iterable[User]) -> str:
    return ", ".join(f"@{user.username}" for user in users)


def _due_date(words: str, today: date) -> date | None:
    text = words.lower().strip()
    if text in ("today", "tomorrow"):
        return today + timedelta(days=text == "tomorrow")
    parts = text.split()
    if len(parts) == 3 and parts[0] == "in" and parts[1].isdigit() and parts[2].rstrip("s") in ("day", "week"):
        return today + timedelta(days=int(parts[1]) * (7 if parts[2].startswith("week") else 1))
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
