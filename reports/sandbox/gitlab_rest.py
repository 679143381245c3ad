"""Puts the small GitLab together as one Flask application: REST, GraphQL and pages, on one state; no server."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import flask
import werkzeug.exceptions

from reports.sandbox import (
    gitlab_events,
    gitlab_graphql,
    gitlab_issues,
    gitlab_merge_request_notes,
    gitlab_notes,
    gitlab_packages,
    gitlab_pipelines,
    gitlab_projects,
    gitlab_tokens,
    pages,
)
from reports.sandbox.gitlab_http import ApiError, answer, open_session
from reports.sandbox.gitlab_state import GitlabState

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: What GitLab.com allows an authenticated user in a minute.
REQUESTS_PER_MINUTE = 2000


class GitlabApplication(flask.Flask):
    """Answers one request at a time, so that a request sees and leaves a whole state."""

    def __init__(self, state: GitlabState, clock: Callable[[], datetime]) -> None:
        super().__init__(__name__, static_folder=None, template_folder="html")
        self.extensions |= {"gitlab_state": state, "gitlab_clock": clock}
        self._state_lock = state.lock

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The WSGI entry."""
        with self._state_lock:
            return super().wsgi_app(environ, start_response)


def gitlab_app(state: GitlabState, clock: Callable[[], datetime]) -> flask.Flask:
    """The application; `clock` gives the time of every write, aware, in UTC."""
    app = GitlabApplication(state, clock)
    modules = (gitlab_projects, gitlab_tokens, gitlab_issues, gitlab_notes, gitlab_merge_request_notes, gitlab_events)
    for module in (*modules, gitlab_packages, gitlab_pipelines, gitlab_graphql, pages):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(werkzeug.exceptions.HTTPException, _http_error)

    @app.before_request
    def begin() -> None:
        if flask.request.path.startswith("/api/"):
            flask.g.session = open_session(state, clock())

    return app


def _api_error(error: ApiError) -> flask.Response:
    return answer(error.body, error.status, error.headers)


def _http_error(error: werkzeug.exceptions.HTTPException) -> flask.Response:
    return answer({"error": f"{error.code} {error.name}"}, error.code or 500)
