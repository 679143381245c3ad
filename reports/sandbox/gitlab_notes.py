"""The REST endpoints of comments on issues and of emoji on both."""

from collections.abc import Callable
from dataclasses import dataclass

import flask

from reports.sandbox import gitlab_access as access
from reports.sandbox.gitlab_http import (
    ApiError,
    answer,
    bad_request,
    choice,
    flag,
    forbidden,
    not_found,
    page,
    parameters,
    session,
    visible_issue,
)
from reports.sandbox.gitlab_issues import editor
from reports.sandbox.gitlab_objects import PLANNER, Award, Issue, Note

MAX_NOTE = 1_000_000
_FILTERS: dict[str, Callable[[Note], bool]] = {
    "all_notes": lambda note: True,
    "only_comments": lambda note: not note.system,
    "only_activity": lambda note: note.system,
}

blueprint = flask.Blueprint("notes", __name__, url_prefix="/api/v4/projects/<project_id>/issues/<int:iid>")


def _visible_note(issue: Issue, note_id: int) -> Note:
    note = next((note for note in issue.notes if note.id == note_id), None)
    if note is None or not session().reader.note(issue, note):
        raise not_found()
    return note


@blueprint.get("/notes")
def list_notes(project_id: str, iid: int) -> flask.Response:
    """An issue's notes; those that may not be seen are missing."""
    issue = visible_issue(project_id, iid)
    args = flask.request.args
    wanted = _FILTERS[choice(args, "activity_filter", "all_notes", frozenset(_FILTERS))]
    order_by = choice(args, "order_by", "created_at", frozenset({"created_at", "updated_at"}))
    sort = choice(args, "sort", "desc", frozenset({"asc", "desc"}))
    notes = [note for note in issue.notes if wanted(note) and session().reader.note(issue, note)]
    notes.sort(key=lambda note: (getattr(note, order_by), note.id), reverse=sort == "desc")
    return page(notes, lambda note: session().shapes.note(issue, note))


@blueprint.get("/notes/<int:note_id>")
def read_note(project_id: str, iid: int, note_id: int) -> flask.Response:
    """One note."""
    issue = visible_issue(project_id, iid)
    return answer(session().shapes.note(issue, _visible_note(issue, note_id)))


def _body() -> str:
    body = parameters().get("body")
    if body is None:
        raise bad_request("body is missing")
    if not str(body).strip():
        raise ApiError(400, {"message": "400 Bad request - Note can't be blank"})
    if len(str(body)) > MAX_NOTE:
        raise ApiError(400, {"message": {"note": [f"is too long (maximum is {MAX_NOTE} characters)"]}})
    return str(body)


@blueprint.post("/notes")
def create_note(project_id: str, iid: int) -> flask.Response:
    """Write a comment; one of quick actions only answers 202 without a note."""
    user = session().known_user()
    issue = visible_issue(project_id, iid)
    body = _body()
    internal = bool(flag(parameters(), "internal"))
    if not access.comments(session().state, issue, user) or (internal and session().reader.level(issue.project) < PLANNER):
        raise not_found("Note")
    outcome = editor().comment(issue, body, internal=internal)
    if outcome.note is None:
        return answer({"commands_changes": outcome.changes, "summary": ["Applied the quick actions."]}, 202)
    return answer({**session().shapes.note(issue, outcome.note), "commands_changes": outcome.changes}, 201)


@blueprint.put("/notes/<int:note_id>")
def update_note(project_id: str, iid: int, note_id: int) -> flask.Response:
    """Change the text of one's own comment."""
    user = session().known_user()
    issue = visible_issue(project_id, iid)
    note = _visible_note(issue, note_id)
    if note.author_id != user.id or note.system:
        raise forbidden()
    editor().edit_note(issue, note, _body())
    return answer(session().shapes.note(issue, note))


@blueprint.delete("/notes/<int:note_id>")
def delete_note(project_id: str, iid: int, note_id: int) -> flask.Response:
    """Delete one's own comment; it leaves no trace."""
    user = session().known_user()
    issue = visible_issue(project_id, iid)
    note = _visible_note(issue, note_id)
    if note.author_id != user.id or note.system:
        raise forbidden()
    issue.notes.remove(note)
    return flask.Response(status=204)


# --- emoji --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Awardable:
    id: int
    kind: str
    awards: list[Award]


def _awardable(project_id: str, iid: int, note_id: int | None) -> _Awardable:
    issue = visible_issue(project_id, iid)
    if note_id is None:
        return _Awardable(issue.id, "Issue", issue.awards)
    note = _visible_note(issue, note_id)
    return _Awardable(note.id, "Note", note.awards)


def _list_awards(project_id: str, iid: int, note_id: int | None = None) -> flask.Response:
    target = _awardable(project_id, iid, note_id)
    return page(target.awards, lambda award: session().shapes.award(award, target.id, target.kind))


def _create_award(project_id: str, iid: int, note_id: int | None = None) -> flask.Response:
    """One person puts each emoji on a thing once."""
    user = session().known_user()
    target = _awardable(project_id, iid, note_id)
    name = str(parameters().get("name") or "")
    if not name:
        raise bad_request("name is missing")
    if any(award.user_id == user.id and award.name == name for award in target.awards):
        raise ApiError(404, {"message": "404 Award Emoji Name has already been taken Not Found"})
    award = Award(id=session().state.next_id("award", 600001), name=name, user_id=user.id, at=session().now)
    target.awards.append(award)
    return answer(session().shapes.award(award, target.id, target.kind), 201)


def _delete_award(project_id: str, iid: int, award_id: int, note_id: int | None = None) -> flask.Response:
    user = session().known_user()
    target = _awardable(project_id, iid, note_id)
    award = next((award for award in target.awards if award.id == award_id), None)
    if award is None:
        raise not_found()
    if award.user_id != user.id:
        raise forbidden()
    target.awards.remove(award)
    return flask.Response(status=204)


for _prefix in ("", "/notes/<int:note_id>"):
    _name = "note_" if _prefix else "issue_"
    blueprint.add_url_rule(f"{_prefix}/award_emoji", f"{_name}list_awards", _list_awards, methods=["GET"])
    blueprint.add_url_rule(f"{_prefix}/award_emoji", f"{_name}create_award", _create_award, methods=["POST"])
    blueprint.add_url_rule(f"{_prefix}/award_emoji/<int:award_id>", f"{_name}delete_award", _delete_award, methods=["DELETE"])
