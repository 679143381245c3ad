"""The JSON that GitLab's REST API gives for each object; shapes only, no choice of what may be seen."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from reports.sandbox.gitlab_objects import (
    Award,
    Group,
    Issue,
    Label,
    LabelEvent,
    MergeRequest,
    Namespace,
    Note,
    Project,
    StateEvent,
    Token,
    User,
)
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.glfm import task_counts

Json = dict[str, Any]


def timestamp(moment: datetime | None) -> str | None:
    """A moment as REST writes it, with milliseconds and `Z`."""
    return (
        None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )


def _votes(awards: Iterable[Award], name: str) -> int:
    return sum(award.name == name for award in awards)


class Shapes:
    """Makes the JSON of objects; links start with `base_url`."""

    def __init__(self, state: GitlabState, base_url: str) -> None:
        self.state = state
        self.base_url = base_url

    def user(self, user: User) -> Json:
        """A user as part of something else."""
        return {
            "id": user.id,
            "username": user.username,
            "name": user.name,
            "state": user.state,
            "avatar_url": f"{self.base_url}/uploads/-/system/user/avatar/{user.id}/avatar.png",
            "web_url": f"{self.base_url}/{user.username}",
        }

    def _user_or_none(self, user_id: int | None) -> Json | None:
        return None if user_id is None else self.user(self.state.users[user_id])

    def whole_user(self, user: User) -> Json:
        """A user on its own, without what only the user may see."""
        return {
            **self.user(user),
            "locked": False,
            "bot": user.bot,
            "public_email": user.email if user.shows_email else None,
            "created_at": timestamp(self.state.epoch),
            "bio": "",
            "location": None,
            "job_title": "",
            "organization": "",
            "followers": 0,
            "following": 0,
        }

    def current_user(self, user: User) -> Json:
        """The user whose token it is."""
        return {
            **self.whole_user(user),
            "email": user.email,
            "commit_email": user.email,
            "external": user.external,
            "two_factor_enabled": True,
            "can_create_group": False,
            "can_create_project": False,
            "projects_limit": 0,
            "confirmed_at": timestamp(self.state.epoch),
        }

    def token(self, token: Token, last_used: datetime) -> Json:
        """A personal access token without its secret."""
        return {
            "id": token.id,
            "name": f"token {token.id}",
            "revoked": token.revoked,
            "created_at": timestamp(token.created_at),
            "description": None,
            "scopes": list(token.scopes),
            "user_id": token.user_id,
            "last_used_at": timestamp(last_used),
            "active": not token.revoked and (token.expires_on is None or last_used.date() < token.expires_on),
            "expires_at": token.expires_on.isoformat() if token.expires_on else None,
        }

    def member(self, user: User, access_level: int) -> Json:
        """A user with a role."""
        return {
            **self.user(user),
            "public_email": user.email if user.shows_email else "",
            "locked": False,
            "access_level": access_level,
            "created_at": timestamp(self.state.epoch),
            "expires_at": None,
            "membership_state": "active",
        }

    def _namespace(self, namespace: Namespace) -> Json:
        return {
            "id": namespace.id,
            "name": namespace.name,
            "path": namespace.path.rpartition("/")[2],
            "description": "",
            "visibility": namespace.visibility,
            "created_at": timestamp(namespace.created_at),
            "web_url": f"{self.base_url}/{namespace.path}",
        }

    def group(self, group: Group) -> Json:
        """A group."""
        parent = next(self.state.groups_above(group), None)
        return {
            **self._namespace(group),
            "web_url": f"{self.base_url}/groups/{group.path}",
            "full_path": group.path,
            "full_name": " / ".join(part.name for part in [*reversed([*self.state.groups_above(group)]), group]),
            "parent_id": parent.id if parent else None,
            "avatar_url": None,
        }

    def project(self, project: Project) -> Json:
        """A project."""
        group = self.state.groups[project.ancestors[0]]
        open_issues = sum(issue.state == "opened" for issue in project.issues.values())
        return {
            **self._namespace(project),
            "path_with_namespace": project.path,
            "name_with_namespace": f"{group.name} / {project.name}",
            "namespace": {"id": group.id, "name": group.name, "path": group.path, "kind": "group", "full_path": group.path},
            "default_branch": "main",
            "archived": False,
            "empty_repo": False,
            "issues_enabled": project.issues_enabled,
            "merge_requests_enabled": True,
            "issues_access_level": "enabled" if project.issues_enabled else "disabled",
            "open_issues_count": open_issues,
            "last_activity_at": timestamp(project.created_at),
            "topics": [],
        }

    def label(self, label: Label, is_project_label: bool) -> Json:
        """A label as in the list of a project's labels."""
        return {
            "id": label.id,
            "name": label.title,
            "description": label.description or None,
            "description_html": label.description,
            "text_color": "#FFFFFF",
            "color": label.colour,
            "subscribed": False,
            "priority": None,
            "is_project_label": is_project_label,
        }

    def _people(self, item: Issue | MergeRequest) -> Json:
        assignees = [self.user(self.state.users[user_id]) for user_id in item.assignee_ids]
        return {
            "author": self.user(self.state.users[item.author_id]),
            "assignees": assignees,
            "assignee": assignees[0] if assignees else None,
        }

    def _common(self, item: Issue | MergeRequest) -> Json:
        done, count = task_counts(item.description)
        return {
            "id": item.id,
            "iid": item.iid,
            "project_id": item.project.id,
            "title": item.title,
            "description": item.description,
            "state": item.state,
            "created_at": timestamp(item.created_at),
            "updated_at": timestamp(item.updated_at),
            "closed_at": timestamp(item.closed_at),
            "labels": list(item.labels),
            "milestone": None,
            **self._people(item),
            "discussion_locked": None,
            "imported": False,
            "imported_from": "none",
            "time_stats": {
                "time_estimate": 0,
                "total_time_spent": 0,
                "human_time_estimate": None,
                "human_total_time_spent": None,
            },
            "task_completion_status": {"count": count, "completed_count": done},
        }

    def issue(self, issue: Issue) -> Json:
        """An issue as in lists and on its own."""
        url = f"{self.base_url}/api/v4/projects/{issue.project.id}"
        return {
            **self._common(issue),
            "has_tasks": task_counts(issue.description)[1] > 0,
            "closed_by": self._user_or_none(issue.closed_by_id),
            "type": issue.issue_type.upper(),
            "issue_type": issue.issue_type,
            "user_notes_count": issue.user_notes,
            "merge_requests_count": 0,
            "upvotes": _votes(issue.awards, "thumbsup"),
            "downvotes": _votes(issue.awards, "thumbsdown"),
            "due_date": issue.due_date.isoformat() if issue.due_date else None,
            "confidential": issue.confidential,
            "discussion_locked": issue.discussion_locked or None,
            "web_url": self.issue_url(issue),
            "severity": "UNKNOWN",
            "moved_to_id": None,
            "service_desk_reply_to": None,
            "blocking_issues_count": 0,
            "weight": None,
            "references": {"short": f"#{issue.iid}", "relative": f"#{issue.iid}", "full": issue.reference},
            "_links": {
                "self": f"{url}/issues/{issue.iid}",
                "notes": f"{url}/issues/{issue.iid}/notes",
                "award_emoji": f"{url}/issues/{issue.iid}/award_emoji",
                "project": url,
                "closed_as_duplicate_of": None,
            },
        }

    def issue_url(self, issue: Issue) -> str:
        """The page of an issue."""
        return f"{self.base_url}/{issue.project.path}/-/issues/{issue.iid}"

    def merge_request_url(self, merge_request: MergeRequest) -> str:
        """The page of a merge request."""
        return f"{self.base_url}/{merge_request.project.path}/-/merge_requests/{merge_request.iid}"

    def merge_request(self, item: MergeRequest) -> Json:
        """A merge request as in lists."""
        merged_by = self._user_or_none(item.merged_by_id)
        sha = f"{item.id:040x}"
        return {
            **self._common(item),
            "merged_at": timestamp(item.merged_at),
            "merged_by": merged_by,
            "merge_user": merged_by,
            "closed_by": None,
            "target_branch": "main",
            "source_branch": item.source_branch,
            "upvotes": 0,
            "downvotes": 0,
            "reviewers": [],
            "source_project_id": item.project.id,
            "target_project_id": item.project.id,
            "draft": False,
            "work_in_progress": False,
            "merge_when_pipeline_succeeds": False,
            "merge_status": "can_be_merged",
            "detailed_merge_status": "not_open" if item.state != "opened" else "mergeable",
            "sha": sha,
            "merge_commit_sha": sha if item.merged_at else None,
            "squash_commit_sha": None,
            "user_notes_count": item.user_notes,
            "should_remove_source_branch": None,
            "force_remove_source_branch": True,
            "web_url": self.merge_request_url(item),
            "squash": False,
            "has_conflicts": False,
            "blocking_discussions_resolved": True,
            "references": {
                "short": f"!{item.iid}",
                "relative": f"!{item.iid}",
                "full": f"{item.project.path}!{item.iid}",
            },
        }

    def note(self, issue: Issue, note: Note) -> Json:
        """A comment or system note of an issue."""
        return {
            "id": note.id,
            "type": None,
            "body": note.body,
            "author": self.user(self.state.users[note.author_id]),
            "created_at": timestamp(note.created_at),
            "updated_at": timestamp(note.updated_at),
            "system": note.system,
            "noteable_id": issue.id,
            "noteable_type": "Issue",
            "project_id": issue.project.id,
            "resolvable": False,
            "confidential": note.internal,
            "internal": note.internal,
            "imported": False,
            "imported_from": "none",
            "noteable_iid": issue.iid,
            "commands_changes": {},
        }

    def award(self, award: Award, awardable_id: int, awardable_type: str) -> Json:
        """An emoji on an issue (`Issue`) or a note (`Note`)."""
        return {
            "id": award.id,
            "name": award.name,
            "user": self.user(self.state.users[award.user_id]),
            "created_at": timestamp(award.at),
            "updated_at": timestamp(award.at),
            "awardable_id": awardable_id,
            "awardable_type": awardable_type,
            "url": None,
        }

    def _event(self, issue: Issue, event: LabelEvent | StateEvent) -> Json:
        return {
            "id": event.id,
            "user": self.user(self.state.users[event.user_id]),
            "created_at": timestamp(event.at),
            "resource_type": "Issue",
            "resource_id": issue.id,
        }

    def label_event(self, issue: Issue, event: LabelEvent) -> Json:
        """A label that was put on or taken off; the label is null once it is deleted."""
        label = self.state.label(issue.project, event.label)
        shape = (
            None
            if label is None
            else {"id": label.id, "name": label.title, "color": label.colour, "description": label.description or None}
        )
        return {**self._event(issue, event), "label": shape, "action": event.action}

    def state_event(self, issue: Issue, event: StateEvent) -> Json:
        """An issue that was closed or reopened."""
        return {**self._event(issue, event), "state": event.state}
