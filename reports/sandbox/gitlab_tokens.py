"""The REST endpoints of a token that rotates itself, and of the CI/CD variables of a project."""

import flask

from reports.sandbox.gitlab_access import access_level
from reports.sandbox.gitlab_http import answer, bad_request, forbidden, not_found, parameters, session, visible_project
from reports.sandbox.gitlab_objects import MAINTAINER, Project
from reports.sandbox.gitlab_shapes import Json

blueprint = flask.Blueprint("tokens", __name__, url_prefix="/api/v4")


@blueprint.post("/personal_access_tokens/self/rotate")
def rotate_token() -> flask.Response:
    """A new token with the same scopes; the old one ends at once."""
    session().known_user()
    token, state = session().token, session().state
    if token is None or {"api", "self_rotate"}.isdisjoint(token.scopes):
        raise forbidden()
    ends = session().now.date().fromisoformat(str(parameters().get("expires_at") or ""))
    token.revoked = True
    new = state.add_token(f"{token.secret}-rotated", state.users[token.user_id].username, token.scopes, expires_on=ends)
    new.created_at = session().now
    return answer({**session().shapes.token(new, session().now), "token": new.secret})


@blueprint.get("/projects/<project_id>/variables/<name>")
def read_variable(project_id: str, name: str) -> flask.Response:
    """A variable with its value, for Maintainers."""
    return answer(_shape(name, _value(_project(project_id), name)))


@blueprint.put("/projects/<project_id>/variables/<name>")
def update_variable(project_id: str, name: str) -> flask.Response:
    """Another value for a variable that is there."""
    project = _project(project_id)
    _value(project, name)
    value = parameters().get("value")
    if not value:
        raise bad_request("value is missing")
    project.variables[name] = str(value)
    return answer(_shape(name, str(value)))


def _project(project_id: str) -> Project:
    project = visible_project(project_id)
    if access_level(session().state, project, session().known_user()) < MAINTAINER:
        raise forbidden()
    return project


def _value(project: Project, name: str) -> str:
    if name not in project.variables:
        raise not_found("Variable")
    return project.variables[name]


def _shape(name: str, value: str) -> Json:
    return {
        "key": name,
        "value": value,
        "variable_type": "env_var",
        "protected": True,
        "masked": True,
        "hidden": False,
        "raw": False,
        "environment_scope": "*",
        "description": None,
    }
