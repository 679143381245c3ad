"""The REST endpoint of what a person did anywhere: opened, closed, merged, commented; made from the state when asked.

Dates are exclusive on both sides, and what the asker may not see is taken out after paging, as in GitLab.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import flask

from reports.sandbox.gitlab_http import bad_request, choice, not_found, page, parameters, session
from reports.sandbox.gitlab_objects import Issue, MergeRequest, Note, Project, User
from reports.sandbox.gitlab_shapes import Json, timestamp

_SORTS = frozenset({"asc", "desc"})

blueprint = flask.Blueprint("events", __name__, url_prefix="/api/v4")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    id: int
    at: datetime
    action: str
    user: User
    target: Issue | MergeRequest
    note: Note | None = None

    @property
    def is_visible(self) -> bool:
        reader = session().reader
        if isinstance(self.target, MergeRequest):
            return reader.merge_request(self.target)
        return reader.issue(self.target) and (self.note is None or reader.note(self.target, self.note))


@blueprint.get("/users/<user_id>/events")
def list_user_events(user_id: str) -> flask.Response:
    """What a user did, by id or username, newest first; a page may be short although it is not the last."""
    session().known_user()
    state, values = session().state, parameters()
    user = state.users.get(int(user_id)) if user_id.isdigit() else state.find_user(user_id)
    if user is None:
        raise not_found("User")
    after, before = _day(values.get("after"), "after"), _day(values.get("before"), "before")
    found = [
        event
        for project in state.projects.values()
        for event in _events_in(project)
        if event.user is user and (after is None or event.at.date() > after) and (before is None or event.at.date() < before)
    ]
    found.sort(key=lambda event: (event.at, event.id), reverse=choice(values, "sort", "desc", _SORTS) == "desc")
    return _shown(page(found, _shape), found)


def _shown(whole: flask.Response, events: Iterable[_Event]) -> flask.Response:
    hidden = {event.id for event in events if not event.is_visible}
    kept: list[Json] = [event for event in whole.get_json() if event["id"] not in hidden]
    whole.set_data(flask.json.dumps(kept))
    return whole


def _day(value: object, name: str) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        raise bad_request(f"{name} is invalid") from None


def _events_in(project: Project) -> Iterator[_Event]:
    users = session().state.users
    for issue in project.issues.values():
        yield _Event(id=issue.id * 10, at=issue.created_at, action="opened", user=users[issue.author_id], target=issue)
        for change in issue.state_events:
            action = "closed" if change.state == "closed" else "reopened"
            yield _Event(id=change.id * 10 + 1, at=change.at, action=action, user=users[change.user_id], target=issue)
        for note in issue.notes:
            if not note.system:
                action = "commented on"
                user = users[note.author_id]
                yield _Event(id=note.id * 10 + 2, at=note.created_at, action=action, user=user, target=issue, note=note)
    for request in project.merge_requests.values():
        yield _Event(id=request.id * 10, at=request.created_at, action="opened", user=users[request.author_id], target=request)
        if request.merged_at and request.merged_by_id:
            user = users[request.merged_by_id]
            yield _Event(id=request.id * 10 + 3, at=request.merged_at, action="accepted", user=user, target=request)


def _shape(event: _Event) -> Json:
    target, note = event.target, event.note
    kind = "MergeRequest" if isinstance(target, MergeRequest) else "Issue"
    shape = {
        "id": event.id,
        "project_id": target.project.id,
        "action_name": event.action,
        "target_id": note.id if note else target.id,
        "target_iid": note.id if note else target.iid,
        "target_type": "Note" if note else kind,
        "author_id": event.user.id,
        "target_title": target.title,
        "created_at": timestamp(event.at),
        "author": session().shapes.user(event.user),
        "imported": False,
        "imported_from": "none",
        "author_username": event.user.username,
    }
    if note is None or not isinstance(target, Issue):
        return shape
    return shape | {"note": session().shapes.note(target, note)}
