"""The REST endpoints of issues: lists, one issue, opening, changing, deleting, and the history of labels and states."""

from datetime import date
from typing import Any

import flask

from reports.sandbox import gitlab_access as access
from reports.sandbox.gitlab_edits import Changes, Editor
from reports.sandbox.gitlab_http import (
    ApiError,
    answer,
    bad_request,
    check_offset,
    choice,
    flag,
    forbidden,
    keyset_page,
    moment,
    not_found,
    number,
    page,
    parameters,
    session,
    visible_group,
    visible_issue,
    visible_project,
    words,
)
from reports.sandbox.gitlab_objects import OWNER, Issue, Project
from reports.sandbox.gitlab_queries import Query, Span, ordered
from reports.sandbox.gitlab_shapes import timestamp

MAX_TITLE = 255
MAX_DESCRIPTION_BYTES = 1_048_576
_STATES = frozenset({"all", "opened", "closed"})
_ORDERS = frozenset({"created_at", "updated_at", "title", "id", "due_date"})
_KEYSET_ORDERS = frozenset({"created_at", "updated_at", "title", "id"})
_SORTS = frozenset({"asc", "desc"})
_ATTRIBUTES = (
    "title",
    "description",
    "labels",
    "add_labels",
    "remove_labels",
    "assignee_ids",
    "assignee_id",
    "confidential",
    "due_date",
    "state_event",
    "discussion_locked",
)

blueprint = flask.Blueprint("issues", __name__, url_prefix="/api/v4")


def editor() -> Editor:
    """The writes of whoever is asking; 401 for the anonymous visitor."""
    current = session()
    return Editor(current.state, current.known_user(), current.now, current.base_url)


# --- lists --------------------------------------------------------------------------------------


def person_ids(username: str | None) -> frozenset[int] | None:
    """The user with a name as a set, empty when there is none; None when no name is given."""
    if not username:
        return None
    user = session().state.find_user(username)
    return frozenset({user.id} if user else ())


def query_from_arguments(states: frozenset[str]) -> Query:
    """The query that the request's arguments describe, for issues and merge requests; 400 when one cannot be read."""
    values = parameters()
    assignees = [person_ids(name) or frozenset() for name in words(values.get("assignee_username"))]
    if any(not found for found in assignees):
        assignees = [frozenset({-1})]
    iids = words(values.get("iids"))
    return Query(
        state=choice(values, "state", "all", states),
        labels=tuple(words(values.get("labels"))),
        authors=frozenset({number(values, "author_id", 0)})
        if "author_id" in values
        else person_ids(values.get("author_username")),
        all_assignees=frozenset().union(*assignees),
        iids=frozenset(int(iid) for iid in iids if iid.isdigit()) if iids else None,
        types=frozenset(words(values.get("issue_type"))),
        confidential=flag(values, "confidential"),
        search=str(values.get("search", "")),
        created=Span(moment(values, "created_after"), moment(values, "created_before")),
        updated=Span(moment(values, "updated_after"), moment(values, "updated_before")),
    )


def _matching(projects: tuple[Project, ...]) -> tuple[list[Issue], str, str]:
    query = query_from_arguments(_STATES)
    order_by = choice(flask.request.args, "order_by", "created_at", _ORDERS)
    sort = choice(flask.request.args, "sort", "desc", _SORTS)
    reader = session().reader
    found = (i for project in projects for i in project.issues.values() if query.matches_issue(i) and reader.issue(i))
    return ordered(found, order_by, sort), order_by, sort


@blueprint.get("/projects/<project_id>/issues")
def list_project_issues(project_id: str) -> flask.Response:
    """A project's issues, by offset or by keyset."""
    issues, order_by, sort = _matching((visible_project(project_id),))
    if flask.request.args.get("pagination") == "keyset" and order_by in _KEYSET_ORDERS:
        positions = {
            "created_at": lambda issue: str(timestamp(issue.created_at)),
            "updated_at": lambda issue: str(timestamp(issue.updated_at)),
            "title": lambda issue: issue.title.lower(),
            "id": lambda issue: "",
        }
        return keyset_page(issues, positions[order_by], session().shapes.issue, descending=sort == "desc")
    check_offset()
    return page(issues, session().shapes.issue)


@blueprint.get("/groups/<group_id>/issues")
def list_group_issues(group_id: str) -> flask.Response:
    """The issues of a group and everything below it."""
    issues, _, _ = _matching(session().state.projects_below(visible_group(group_id)))
    return page(issues, session().shapes.issue)


@blueprint.get("/projects/<project_id>/issues/<int:iid>")
def read_issue(project_id: str, iid: int) -> flask.Response:
    """One issue."""
    issue = visible_issue(project_id, iid)
    return answer({**session().shapes.issue(issue), "subscribed": False})


# --- writes -------------------------------------------------------------------------------------


def _due_date(value: object) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise bad_request("due_date is invalid") from None


def _assignee_ids(values: dict[str, Any]) -> list[int]:
    given = words(values.get("assignee_ids", values.get("assignee_id")))
    if not all(text.isdigit() for text in given):
        raise bad_request("assignee_ids is invalid")
    return [int(text) for text in given if text != "0"]


def _changes(values: dict[str, Any]) -> Changes:
    """What the parameters ask for; 400 for one that cannot be read."""
    changes: Changes = {}
    if "title" in values:
        changes["title"] = str(values["title"] or "")
    if "description" in values:
        changes["description"] = str(values["description"] or "")
    if "labels" in values:
        changes["labels"] = words(values["labels"])
    if "add_labels" in values:
        changes["add_labels"] = words(values["add_labels"])
    if "remove_labels" in values:
        changes["remove_labels"] = words(values["remove_labels"])
    if "assignee_ids" in values or "assignee_id" in values:
        changes["assignee_ids"] = _assignee_ids(values)
    if "due_date" in values:
        changes["due_date"] = _due_date(values["due_date"])
    if (confidential := flag(values, "confidential")) is not None:
        changes["confidential"] = confidential
    if (locked := flag(values, "discussion_locked")) is not None:
        changes["discussion_locked"] = locked
    if "state_event" in values:
        changes["state_event"] = choice(values, "state_event", "", frozenset({"close", "reopen"}))
    return changes


def _check_lengths(changes: Changes) -> None:
    problems: dict[str, list[str]] = {}
    if "title" in changes and not changes["title"].strip():
        problems["title"] = ["can't be blank"]
    if len(changes.get("title", "")) > MAX_TITLE:
        problems["title"] = [f"is too long (maximum is {MAX_TITLE} characters)"]
    if len(changes.get("description", "").encode()) > MAX_DESCRIPTION_BYTES:
        problems["description"] = ["is too long (maximum is 1 MiB)"]
    if problems:
        raise ApiError(400, {"message": problems})


@blueprint.post("/projects/<project_id>/issues")
def create_issue(project_id: str) -> flask.Response:
    """Open an issue."""
    user = session().known_user()
    project = visible_project(project_id)
    if not access.creates_issues(session().state, project, user):
        raise forbidden()
    values = parameters()
    if "title" not in values:
        raise bad_request("title is missing")
    changes = _changes(values)
    _check_lengths(changes)
    issue = editor().create_issue(project, changes, _explicit_iid(project, values))
    return answer({**session().shapes.issue(issue), "subscribed": True}, 201)


def _explicit_iid(project: Project, values: dict[str, Any]) -> int | None:
    """The iid an Owner asked for; 409 when it is taken."""
    if "iid" not in values or session().reader.level(project) < OWNER:
        return None
    iid = number(values, "iid", 0)
    if iid in project.issues:
        raise ApiError(409, {"message": "Duplicated issue"})
    return iid


@blueprint.put("/projects/<project_id>/issues/<int:iid>")
def update_issue(project_id: str, iid: int) -> flask.Response:
    """Change an issue; one that is there but hidden answers 403, as in GitLab."""
    user = session().known_user()
    issue = visible_project(project_id).issues.get(iid)
    if issue is None:
        raise not_found()
    values = parameters()
    if not any(name in values for name in _ATTRIBUTES):
        raise bad_request(f"{', '.join(_ATTRIBUTES)} are missing, at least one parameter must be provided")
    if not access.edits_issue(session().state, issue, user):
        raise forbidden()
    changes = _changes(values)
    _check_lengths(changes)
    editor().update_issue(issue, changes)
    return answer({**session().shapes.issue(issue), "subscribed": True})


@blueprint.delete("/projects/<project_id>/issues/<int:iid>")
def delete_issue(project_id: str, iid: int) -> flask.Response:
    """Delete an issue."""
    user = session().known_user()
    issue = visible_issue(project_id, iid)
    if not access.deletes_issue(session().state, issue, user):
        raise forbidden()
    del issue.project.issues[iid]
    return flask.Response(status=204)


# --- history ------------------------------------------------------------------------------------


@blueprint.get("/projects/<project_id>/issues/<int:iid>/resource_label_events")
def list_label_events(project_id: str, iid: int) -> flask.Response:
    """When each label was put on or taken off, and by whom."""
    issue = visible_issue(project_id, iid)
    return page(issue.label_events, lambda event: session().shapes.label_event(issue, event))


@blueprint.get("/projects/<project_id>/issues/<int:iid>/resource_state_events")
def list_state_events(project_id: str, iid: int) -> flask.Response:
    """When the issue was closed and reopened, and by whom."""
    issue = visible_issue(project_id, iid)
    return page(issue.state_events, lambda event: session().shapes.state_event(issue, event))
