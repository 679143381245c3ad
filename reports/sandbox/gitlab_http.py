"""What every REST answer of the small GitLab shares: tokens, scopes, errors, parameters and paging; no endpoint."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import flask
import msgspec

from reports.sandbox.gitlab_access import Reader
from reports.sandbox.gitlab_objects import Group, Issue, Namespace, Project, Token, User
from reports.sandbox.gitlab_shapes import Shapes
from reports.sandbox.gitlab_state import GitlabState

Item = TypeVar("Item")
Kind = TypeVar("Kind", bound=Namespace)

MAX_PER_PAGE = 100
#: Above this many records GitLab stops counting them.
COUNT_LIMIT = 10_000
OFFSET_LIMIT = 50_000


class ApiError(Exception):
    """An answer that is not a success, with its JSON body."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def not_found(what: str = "") -> ApiError:
    """404 as GitLab words it, such as `404 Project Not Found`."""
    return ApiError(404, {"message": f"404 {what} Not Found" if what else "404 Not found"})


def forbidden() -> ApiError:
    """403 for a missing role."""
    return ApiError(403, {"message": "403 Forbidden"})


def bad_request(text: str) -> ApiError:
    """400 for a parameter that is missing or wrong."""
    return ApiError(400, {"error": text})


@dataclass(frozen=True, slots=True)
class Session:
    """Who is asking, and when."""

    state: GitlabState
    now: datetime
    base_url: str
    token: Token | None
    reader: Reader

    @property
    def user(self) -> User | None:
        """The user, None for the anonymous visitor."""
        return self.reader.user

    @property
    def shapes(self) -> Shapes:
        """The JSON shapes with this server's links."""
        return Shapes(self.state, self.base_url)

    def known_user(self) -> User:
        """The user; 401 for the anonymous visitor."""
        if self.user is None:
            raise ApiError(401, {"message": "401 Unauthorized"})
        return self.user


def open_session(state: GitlabState, now: datetime) -> Session:
    """Read the token of the current request and check its scope; raises ApiError 401 or 403."""
    token = _token(state, now)
    user = state.users[token.user_id] if token else None
    if token is not None:
        _check_scope(token)
    return Session(state, now, flask.request.host_url.rstrip("/"), token, Reader(state, user))


def _token(state: GitlabState, now: datetime) -> Token | None:
    scheme, _, bearer = flask.request.headers.get("Authorization", "").partition(" ")
    # A job's token opens the package registry and little else.
    job_token = flask.request.headers.get("JOB-TOKEN", "") if "/packages" in flask.request.path else ""
    bearer_token = bearer.strip() if scheme.lower() == "bearer" else ""
    secret = flask.request.headers.get("PRIVATE-TOKEN") or job_token or bearer_token
    if not secret:
        return None
    token = state.tokens.get(secret)
    if token is None:
        raise ApiError(401, {"message": "401 Unauthorized"})
    if token.revoked:
        raise _invalid_token("Token was revoked. You have to re-authorize from the user.")
    if token.expires_on is not None and now.date() >= token.expires_on:
        raise _invalid_token("Token is expired. You can either do re-authorization or token refresh.")
    if state.users[token.user_id].state != "active":
        raise ApiError(403, {"message": "403 Forbidden - Your account has been blocked."})
    return token


def _invalid_token(description: str) -> ApiError:
    return ApiError(401, {"error": "invalid_token", "error_description": description})


def _check_scope(token: Token) -> None:
    path, method = flask.request.path, flask.request.method
    if path.startswith("/api/v4/personal_access_tokens/self"):
        return
    reads = method in ("GET", "HEAD") or path == "/api/graphql"
    accepted = (
        {"api"} | ({"read_api"} if reads else set()) | ({"read_user"} if reads and path.startswith("/api/v4/user") else set())
    )
    if accepted.isdisjoint(token.scopes):
        raise ApiError(
            403,
            {
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": " ".join(sorted(accepted)),
            },
        )


def session() -> Session:
    """The session of the current request."""
    found: Session = flask.g.session
    return found


# --- finding ------------------------------------------------------------------------------------


def _visible(found: Kind | None, what: str) -> Kind:
    if found is None or not session().reader.namespace(found):
        raise not_found(what)
    return found


def visible_project(id_or_path: str) -> Project:
    """The project of a path segment; 404 when it is missing or hidden, a redirect for a former path, which takes no writes."""
    state, path = session().state, id_or_path.replace("%2F", "/")
    if path in state.former_paths and path not in state.projects:
        project = _visible(state.find_project(state.former_paths[path]), "Project")
        if flask.request.method not in ("GET", "HEAD"):
            raise ApiError(405, {"message": "405 Non GET methods are not allowed for moved projects"})
        target = flask.request.environ["REQUEST_URI"].replace(quote(path, safe=""), str(project.id))
        raise ApiError(302, {}, {"Location": target})
    return _visible(state.find_project(path), "Project")


def visible_group(id_or_path: str) -> Group:
    """The group of a path segment; 404 when it is missing or hidden."""
    return _visible(session().state.find_group(id_or_path.replace("%2F", "/")), "Group")


def visible_issue(project_id: str, iid: int) -> Issue:
    """An issue of a project; 404 when it is missing or hidden."""
    issue = visible_project(project_id).issues.get(iid)
    if issue is None or not session().reader.issue(issue):
        raise not_found()
    return issue


# --- parameters ---------------------------------------------------------------------------------


def parameters() -> dict[str, Any]:
    """The body of a write, JSON or form, and the query; the body wins."""
    body = flask.request.get_json(silent=True) if flask.request.is_json else None
    if flask.request.is_json and flask.request.content_length and not isinstance(body, dict):
        raise bad_request("The request body is not a JSON object")
    sources = (flask.request.args, flask.request.form)
    flat = {k.removesuffix("[]"): (s.getlist(k) if k.endswith("[]") else s[k]) for s in sources for k in s}
    return {**flat, **(body or {})}


def words(value: object) -> list[str]:
    """A comma-separated text or an array as a list of non-empty texts."""
    items = value if isinstance(value, list) else str(value if value is not None else "").split(",")
    return [str(item).strip() for item in items if str(item).strip()]


def moment(values: Mapping[str, Any], name: str) -> datetime | None:
    """A time parameter in UTC; 400 when it cannot be read."""
    text = values.get(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise bad_request(f"{name} is invalid") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def flag(values: Mapping[str, Any], name: str) -> bool | None:
    """A boolean parameter, None when it is not given; 400 when it is neither."""
    value = values.get(name)
    if value is None or isinstance(value, bool):
        return value
    known = {"true": True, "1": True, "false": False, "0": False}
    if str(value).lower() not in known:
        raise bad_request(f"{name} is invalid")
    return known[str(value).lower()]


def number(values: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number parameter; 400 when it is none."""
    text = str(values.get(name, default))
    if not text.lstrip("-").isdigit():
        raise bad_request(f"{name} is invalid")
    return int(text)


def choice(values: Mapping[str, Any], name: str, default: str, allowed: frozenset[str]) -> str:
    """One of several words; 400 for another one."""
    value = str(values.get(name) or default)
    if value not in allowed:
        raise bad_request(f"{name} does not have a valid value")
    return value


# --- answers ------------------------------------------------------------------------------------


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> flask.Response:
    """A JSON answer."""
    response = flask.Response(msgspec.json.encode(body), status=status, mimetype="application/json")
    response.headers.update(headers or {})
    return response


def page(items: Sequence[Item], shape: Callable[[Item], object]) -> flask.Response:
    """One page of a list by offset, with `Link` and the `X-` headers."""
    args = flask.request.args
    per_page = min(max(number(args, "per_page", 20), 1), MAX_PER_PAGE)
    current = number(args, "page", 1)
    if current < 1:
        raise bad_request("page does not have a valid value")
    start = (current - 1) * per_page
    shown = items[start : start + per_page]
    headers = _offset_headers(len(items), current, per_page)
    return answer([shape(item) for item in shown], headers=headers)


def _offset_headers(total: int, current: int, per_page: int) -> dict[str, str]:
    pages = max(1, -(-total // per_page))
    following = str(current + 1) if current < pages else ""
    previous = str(current - 1) if current > 1 else ""
    links = {"prev": previous, "next": following, "first": "1"}
    headers = {
        "X-Next-Page": following,
        "X-Page": str(current),
        "X-Per-Page": str(per_page),
        "X-Prev-Page": previous,
    }
    if total <= COUNT_LIMIT:
        links["last"] = str(pages)
        headers |= {"X-Total": str(total), "X-Total-Pages": str(pages)}
    rendered = [_link({"page": number, "per_page": per_page}, rel) for rel, number in links.items() if number]
    return {**headers, "Link": ", ".join(rendered)}


def _link(changes: Mapping[str, object], rel: str) -> str:
    query = [(key, value) for key, value in flask.request.args.items(multi=True) if key not in changes]
    query += [(key, str(value)) for key, value in changes.items()]
    url = f"{flask.request.host_url.rstrip('/')}{flask.request.path}?{urlencode(query)}"
    return f'<{url}>; rel="{rel}"'


def check_offset() -> None:
    """405 beyond the offset limit of lists that have keyset paging."""
    args = flask.request.args
    if number(args, "page", 1) * min(number(args, "per_page", 20), MAX_PER_PAGE) > OFFSET_LIMIT:
        text = f"Offset pagination has a maximum allowed offset of {OFFSET_LIMIT} for requests that return objects of type Issue."
        raise ApiError(405, {"error": f"{text} Remaining records can be retrieved using keyset pagination."})


def keyset_page(
    items: Sequence[Issue], position: Callable[[Issue], str], shape: Callable[[Issue], object], *, descending: bool
) -> flask.Response:
    """One page of an ordered list by cursor; only a link to the next one. `position` gives the ordering column as text."""
    args = flask.request.args
    per_page = min(max(number(args, "per_page", 20), 1), MAX_PER_PAGE)
    if args.get("cursor"):
        last = _cursor_position(args["cursor"])
        items = [item for item in items if ((position(item), item.id) < last if descending else (position(item), item.id) > last)]
    shown = items[:per_page]
    headers = {}
    if len(items) > per_page:
        cursor = base64.urlsafe_b64encode(json.dumps([position(shown[-1]), shown[-1].id]).encode()).decode()
        headers = {"Link": _link({"cursor": cursor}, "next"), "X-NEXT-CURSOR": cursor}
    return answer([shape(item) for item in shown], headers=headers)


def _cursor_position(cursor: str) -> tuple[str, int]:
    try:
        at, last_id = json.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, TypeError, binascii.Error):
        raise bad_request("cursor is invalid") from None
    return str(at), int(last_id)
