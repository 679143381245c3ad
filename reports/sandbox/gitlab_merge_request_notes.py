"""The REST endpoints of comments on merge requests: list, write, and change one's own; no quick actions."""

import flask

from reports.sandbox.gitlab_http import (
    answer,
    bad_request,
    choice,
    forbidden,
    not_found,
    page,
    parameters,
    session,
    visible_project,
)
from reports.sandbox.gitlab_objects import MergeRequest, Note
from reports.sandbox.gitlab_shapes import Json, timestamp

blueprint = flask.Blueprint(
    "merge_request_notes", __name__, url_prefix="/api/v4/projects/<project_id>/merge_requests/<int:iid>/notes"
)


@blueprint.get("")
def list_merge_request_notes(project_id: str, iid: int) -> flask.Response:
    """The comments, newest first unless asked otherwise."""
    is_newest_first = choice(flask.request.args, "sort", "desc", frozenset({"asc", "desc"})) == "desc"
    notes = sorted(_merge_request(project_id, iid).notes, key=lambda note: note.id, reverse=is_newest_first)
    return page(notes, _shape)


@blueprint.post("")
def create_merge_request_note(project_id: str, iid: int) -> flask.Response:
    """Write a comment."""
    user = session().known_user()
    merge_request, now = _merge_request(project_id, iid), session().now
    number = session().state.next_id("note", 300001)
    note = Note(id=number, author_id=user.id, body=_body(), created_at=now, updated_at=now)
    merge_request.notes.append(note)
    return answer(_shape(note), 201)


@blueprint.put("/<int:note_id>")
def update_merge_request_note(project_id: str, iid: int, note_id: int) -> flask.Response:
    """Change the text of one's own comment."""
    user = session().known_user()
    note = next((one for one in _merge_request(project_id, iid).notes if one.id == note_id), None)
    if note is None:
        raise not_found()
    if note.author_id != user.id:
        raise forbidden()
    note.body, note.updated_at = _body(), session().now
    return answer(_shape(note))


def _merge_request(project_id: str, iid: int) -> MergeRequest:
    merge_request = visible_project(project_id).merge_requests.get(iid)
    if merge_request is None or not session().reader.merge_request(merge_request):
        raise not_found()
    return merge_request


def _body() -> str:
    body = str(parameters().get("body") or "")
    if not body.strip():
        raise bad_request("body is missing")
    return body


def _shape(note: Note) -> Json:
    return {
        "id": note.id,
        "body": note.body,
        "author": session().shapes.user(session().state.users[note.author_id]),
        "created_at": timestamp(note.created_at),
        "updated_at": timestamp(note.updated_at),
        "system": False,
        "noteable_type": "MergeRequest",
        "resolvable": True,
    }
