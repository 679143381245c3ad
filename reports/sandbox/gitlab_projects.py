"""The REST endpoints of the instance, of people, groups, projects, members, labels and merge requests; reading only."""

import flask

from reports.sandbox.gitlab_access import access_level, highest_levels
from reports.sandbox.gitlab_http import (
    ApiError,
    answer,
    bad_request,
    choice,
    not_found,
    page,
    session,
    visible_group,
    visible_project,
)
from reports.sandbox.gitlab_issues import query_from_arguments
from reports.sandbox.gitlab_objects import REPORTER, Namespace, Project, User
from reports.sandbox.gitlab_queries import ordered

_STATES = frozenset({"all", "opened", "closed", "merged", "locked"})
_ORDERS = frozenset({"created_at", "updated_at", "title", "merged_at"})
_SORTS = frozenset({"asc", "desc"})

blueprint = flask.Blueprint("projects", __name__, url_prefix="/api/v4")


# --- the instance and people ----------------------------------------------------------------------


@blueprint.get("/version")
def read_version() -> flask.Response:
    """The version, for anyone with a token."""
    session().known_user()
    return answer({"version": session().state.version, "revision": "41946e65501"})


@blueprint.get("/metadata")
def read_metadata() -> flask.Response:
    """The version and more, for anyone with a token."""
    session().known_user()
    kas = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    return answer({"version": session().state.version, "revision": "41946e65501", "kas": kas, "enterprise": True})


@blueprint.get("/user")
def read_current_user() -> flask.Response:
    """Whose token it is."""
    return answer(session().shapes.current_user(session().known_user()))


@blueprint.get("/personal_access_tokens/self")
def read_current_token() -> flask.Response:
    """The token itself: its scopes and when it ends."""
    session().known_user()
    token = session().token
    if token is None:
        raise ApiError(401, {"message": "401 Unauthorized"})
    return answer(session().shapes.token(token, session().now))


@blueprint.get("/users")
def list_users() -> flask.Response:
    """Users, by exact username or by a search word."""
    session().known_user()
    args = flask.request.args
    users = sorted(session().state.users.values(), key=lambda user: user.id, reverse=args.get("sort", "desc") == "desc")
    if "username" in args:
        users = [user for user in users if user.username.lower() == args["username"].lower()]
    if "search" in args:
        word = args["search"].lower()
        users = [user for user in users if word in user.username.lower() or word in user.name.lower()]
    return page(users, session().shapes.user)


@blueprint.get("/users/<user_id>")
def read_user(user_id: str) -> flask.Response:
    """One user by id; a username is refused."""
    session().known_user()
    if not user_id.isdigit():
        raise bad_request("id is invalid")
    user = session().state.users.get(int(user_id))
    if user is None:
        raise not_found("User")
    return answer(session().shapes.whole_user(user))


# --- groups, projects, members, labels --------------------------------------------------------------


@blueprint.get("/groups")
def list_groups() -> flask.Response:
    """The groups that whoever asks can see."""
    groups = [group for group in session().state.groups.values() if session().reader.namespace(group)]
    return page(groups, session().shapes.group)


@blueprint.get("/projects")
def list_projects() -> flask.Response:
    """The projects that whoever asks can see."""
    projects = [project for project in session().state.projects.values() if session().reader.namespace(project)]
    return page(projects, session().shapes.project)


@blueprint.get("/projects/<project_id>")
def read_project(project_id: str) -> flask.Response:
    """One project with the asker's role in it."""
    project = visible_project(project_id)
    level = access_level(session().state, project, session().user)
    role = {"access_level": level, "notification_level": 3} if level else None
    shape = session().shapes.project(project)
    if project.visibility == "private" and level < REPORTER:
        del shape["default_branch"]  # which only who may read the code is told
    return answer({**shape, "permissions": {"project_access": role, "group_access": None}})


@blueprint.get("/groups/<group_id>")
def read_group(group_id: str) -> flask.Response:
    """One group."""
    return answer(session().shapes.group(visible_group(group_id)))


@blueprint.get("/projects/<project_id>/members")
def list_project_members(project_id: str) -> flask.Response:
    """Direct members of a project."""
    return _members_page(visible_project(project_id), inherited=False)


@blueprint.get("/projects/<project_id>/members/all")
def list_all_project_members(project_id: str) -> flask.Response:
    """Direct, inherited and invited members of a project, each with the highest role."""
    return _members_page(visible_project(project_id), inherited=True)


@blueprint.get("/groups/<group_id>/members")
def list_group_members(group_id: str) -> flask.Response:
    """Direct members of a group."""
    return _members_page(visible_group(group_id), inherited=False)


@blueprint.get("/groups/<group_id>/members/all")
def list_all_group_members(group_id: str) -> flask.Response:
    """Direct, inherited and invited members of a group, each with the highest role."""
    return _members_page(visible_group(group_id), inherited=True)


def _members_page(namespace: Namespace, *, inherited: bool) -> flask.Response:
    state, args = session().state, flask.request.args
    levels = highest_levels(state, namespace) if inherited else namespace.members
    wanted = {int(text) for text in args.getlist("user_ids[]") + args.getlist("user_ids") if text.isdigit()}
    word = args.get("query", "").lower()
    members = [
        (state.users[user_id], level)
        for user_id, level in sorted(levels.items())
        if (not wanted or user_id in wanted) and _is_named(state.users[user_id], word)
    ]
    return page(members, lambda member: session().shapes.member(*member))


def _is_named(user: User, word: str) -> bool:
    return word in user.username.lower() or word in user.name.lower()


@blueprint.get("/projects/<project_id>/labels")
def list_labels(project_id: str) -> flask.Response:
    """The labels of a project and of the groups above it."""
    project = visible_project(project_id)
    holders: tuple[Namespace, ...] = (project, *session().state.groups_above(project))
    labels = [(label, holder is project) for holder in holders for label in holder.labels.values()]
    labels.sort(key=lambda pair: pair[0].title.lower())
    return page(labels, lambda pair: session().shapes.label(*pair))


# --- merge requests -------------------------------------------------------------------------------


def _merge_requests_page(projects: tuple[Project, ...]) -> flask.Response:
    query = query_from_arguments(_STATES)
    args = flask.request.args
    order_by = choice(args, "order_by", "created_at", _ORDERS)
    sort = choice(args, "sort", "desc", _SORTS)
    reader = session().reader
    found = (m for project in projects for m in project.merge_requests.values())
    shown = [m for m in found if query.matches_merge_request(m) and reader.merge_request(m)]
    return page(ordered(shown, order_by, sort), session().shapes.merge_request)


@blueprint.get("/projects/<project_id>/merge_requests")
def list_project_merge_requests(project_id: str) -> flask.Response:
    """A project's merge requests."""
    project = visible_project(project_id)
    if not session().reader.merge_requests(project):
        raise ApiError(403, {"message": "403 Forbidden"})
    return _merge_requests_page((project,))


@blueprint.get("/groups/<group_id>/merge_requests")
def list_group_merge_requests(group_id: str) -> flask.Response:
    """The merge requests of a group and everything below it."""
    return _merge_requests_page(session().state.projects_below(visible_group(group_id)))


@blueprint.get("/projects/<project_id>/merge_requests/<int:iid>")
def read_merge_request(project_id: str, iid: int) -> flask.Response:
    """One merge request."""
    merge_request = visible_project(project_id).merge_requests.get(iid)
    if merge_request is None or not session().reader.merge_request(merge_request):
        raise not_found()
    return answer(session().shapes.merge_request(merge_request))
