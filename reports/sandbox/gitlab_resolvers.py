"""What each GraphQL field gives: rows that the asker may see, in connections of at most 100; no parsing of queries."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from reports.sandbox.gitlab_access import memberships
from reports.sandbox.gitlab_http import Session
from reports.sandbox.gitlab_objects import Group, Issue, Label, MergeRequest, Namespace, Project, User
from reports.sandbox.gitlab_queries import Query, Span, ordered
from reports.sandbox.glfm import task_counts
from reports.sandbox.graphql_complexity import MAX_PAGE_SIZE

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """Who is asking, and what the query costs."""

    session: Session
    score: int
    limit: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a project or group with the highest role among the relations asked for."""

    user: User
    access_level: int
    where: Namespace

    @property
    def id(self) -> str:
        """A number that is the member's own."""
        return f"{self.where.id}{self.user.id}"


Resolver = Callable[[Any, Context, Arguments], object]
_RESOLVERS: dict[tuple[str, str], Resolver] = {}


def resolve(source: Any, info: "GraphQLResolveInfo[Any]", **arguments: Any) -> object:
    """The value of a field: by its own resolver, else the source's key or attribute of that name."""
    resolver = _RESOLVERS.get((info.parent_type.name, info.field_name))
    if resolver is not None:
        return resolver(source, info.context, arguments)
    if isinstance(source, Mapping):
        return source.get(info.field_name)
    value = getattr(source, re.sub(r"(?<!^)(?=[A-Z])", "_", info.field_name).lower())
    return _timestamp(value) if isinstance(value, datetime) else value


def _field(*names: str) -> Callable[[Resolver], Resolver]:
    """Make a function the resolver of fields such as `Issue.labels`."""

    def register(resolver: Resolver) -> Resolver:
        for name in names:
            parent, _, field = name.partition(".")
            _RESOLVERS[parent, field] = resolver
        return resolver

    return register


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- connections --------------------------------------------------------------------------------


def _connection(items: Sequence[Any], arguments: Arguments) -> dict[str, Any]:
    """A page of rows with what tells where it lies."""
    size = min(MAX_PAGE_SIZE if arguments.get("first") is None else max(0, arguments["first"]), MAX_PAGE_SIZE)
    start = _start(items, arguments["after"]) if arguments.get("after") else 0
    nodes = items[start : start + size]
    return {
        "count": len(items),
        "nodes": nodes,
        "pageInfo": {
            "hasNextPage": start + size < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": _cursor(nodes[0], start) if nodes else None,
            "endCursor": _cursor(nodes[-1], start + len(nodes) - 1) if nodes else None,
        },
    }


def _cursor(item: Any, index: int) -> str:
    return base64.b64encode(json.dumps({"id": str(item.id), "index": index}).encode()).decode()


def _start(items: Sequence[Any], cursor: str) -> int:
    """Behind the row that the cursor names, wherever it lies by now; where it lay when it is gone."""
    try:
        position = json.loads(base64.b64decode(cursor))
        return next((n + 1 for n, item in enumerate(items) if str(item.id) == position["id"]), int(position["index"]))
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise GraphQLError("Please provide a valid cursor") from None


# --- arguments ----------------------------------------------------------------------------------


def _moment(arguments: Arguments, name: str) -> datetime | None:
    text = arguments.get(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise GraphQLError(f"'{text}' is not a valid Time for {name}") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _span(arguments: Arguments, name: str) -> Span:
    return Span(_moment(arguments, f"{name}After"), _moment(arguments, f"{name}Before"))


def _people(context: Context, names: Sequence[str] | None) -> frozenset[int] | None:
    if names is None:
        return None
    users = map(context.session.state.find_user, names)
    return frozenset(user.id for user in users if user is not None)


def _query(context: Context, arguments: Arguments) -> Query:
    either = arguments.get("or") or {}
    author = arguments.get("authorUsername")
    assignees = arguments.get("assigneeUsernames") or ([arguments["assigneeUsername"]] if "assigneeUsername" in arguments else [])
    every = _people(context, assignees) or frozenset()
    labels = arguments.get("labelName") or arguments.get("labels") or []
    iids = arguments.get("iids")
    return Query(
        state=arguments.get("state") or "all",
        labels=tuple(label for label in labels if label),
        any_labels=frozenset(either["labelNames"]) if either.get("labelNames") else None,
        authors=_people(context, either.get("authorUsernames") or ([author] if author else None)),
        any_assignees=_people(context, either.get("assigneeUsernames")),
        all_assignees=every if len(every) == len(set(assignees)) else frozenset({-1}),
        iids=None if iids is None else frozenset(int(iid) for iid in iids if iid.isdigit()),
        types=frozenset(kind.lower() for kind in arguments.get("types") or ()),
        confidential=arguments.get("confidential"),
        search=arguments.get("search") or "",
        created=_span(arguments, "created"),
        updated=_span(arguments, "updated"),
        closed=_span(arguments, "closed"),
        merged=_span(arguments, "merged").to_end_of_day(),
    )


def _order(arguments: Arguments) -> tuple[str, str]:
    column, _, direction = str(arguments.get("sort") or "created_desc").lower().rpartition("_")
    return (column if column == "title" or column.endswith("_at") else f"{column}_at"), direction


def _projects(context: Context, holder: Namespace, arguments: Arguments) -> Sequence[Project]:
    """The project itself; of a group its own projects, and those below when subgroups are included."""
    if isinstance(holder, Project):
        return [holder]
    below = context.session.state.projects_below(holder) if isinstance(holder, Group) else ()
    return below if arguments.get("includeSubgroups") else [p for p in below if p.ancestors[0] == holder.path]


# --- entry points -------------------------------------------------------------------------------


@_field("Query.currentUser")
def _current_user(source: object, context: Context, arguments: Arguments) -> object:
    return context.session.user


@_field("Query.queryComplexity")
def _query_complexity(source: object, context: Context, arguments: Arguments) -> object:
    return {"score": context.score, "limit": context.limit}


@_field("Query.users")
def _users(source: object, context: Context, arguments: Arguments) -> object:
    wanted, ids = _people(context, arguments.get("usernames")), _numbers(arguments.get("ids"))
    found = context.session.state.users.values()
    users = [user for user in found if (wanted is None or user.id in wanted) and (ids is None or user.id in ids)]
    return _connection(users[::-1], arguments)


def _numbers(global_ids: Sequence[str] | None) -> frozenset[int] | None:
    """The numbers at the end of ids such as `gid://gitlab/User/107`."""
    return None if global_ids is None else frozenset(int(text.rpartition("/")[2]) for text in global_ids)


@_field("Query.projects")
def _all_projects(source: object, context: Context, arguments: Arguments) -> object:
    ids, reader = _numbers(arguments.get("ids")), context.session.reader
    found = context.session.state.projects.values()
    return _connection([p for p in found if (ids is None or p.id in ids) and reader.namespace(p)][::-1], arguments)


@_field("Query.group")
def _group(source: object, context: Context, arguments: Arguments) -> object:
    group = context.session.state.groups.get(arguments["fullPath"])
    return group if group is not None and context.session.reader.namespace(group) else None


@_field("Query.project")
def _project(source: object, context: Context, arguments: Arguments) -> object:
    project = context.session.state.projects.get(arguments["fullPath"])
    return project if project is not None and context.session.reader.namespace(project) else None


# --- groups and projects ------------------------------------------------------------------------


@_field("Group.issues", "Project.issues")
def _issues(source: Namespace, context: Context, arguments: Arguments) -> object:
    query, reader = _query(context, arguments), context.session.reader
    found = (issue for project in _projects(context, source, arguments) for issue in project.issues.values())
    return _connection(ordered((i for i in found if query.matches_issue(i) and reader.issue(i)), *_order(arguments)), arguments)


@_field("Group.mergeRequests", "Project.mergeRequests")
def _merge_requests(source: Namespace, context: Context, arguments: Arguments) -> object:
    found = [m for project in _projects(context, source, arguments) for m in project.merge_requests.values()]
    return _merge_request_connection(found, context, arguments)


def _merge_request_connection(found: Sequence[MergeRequest], context: Context, arguments: Arguments) -> object:
    query, reader = _query(context, arguments), context.session.reader
    shown = (m for m in found if query.matches_merge_request(m) and reader.merge_request(m))
    return _connection(ordered(shown, *_order(arguments)), arguments)


@_field("Group.groupMembers", "Project.projectMembers")
def _members(source: Namespace, context: Context, arguments: Arguments) -> object:
    """One row per person, with the highest role among the relations asked for; `search` finds parts of names."""
    names = {"DIRECT": "direct", "INHERITED": "inherited", "INVITED_GROUPS": "invited", "SHARED_FROM_GROUPS": "invited"}
    relations = {names.get(relation) for relation in arguments["relations"]}
    levels: dict[int, int] = {}
    for member in memberships(context.session.state, source):
        if member.relation in relations:
            levels[member.user_id] = max(levels.get(member.user_id, 0), member.access_level)
    users, word = context.session.state.users, str(arguments.get("search") or "").lower()
    members = [Member(users[user_id], level, source) for user_id, level in sorted(levels.items())]
    if arguments.get("sort"):
        members.sort(key=lambda member: member.access_level, reverse=arguments["sort"] == "ACCESS_LEVEL_DESC")
    return _connection([m for m in members if word in m.user.username.lower() or word in m.user.name.lower()], arguments)


@_field("Project.userPermissions")
def _permissions(source: Project, context: Context, arguments: Arguments) -> object:
    return {"readMergeRequest": context.session.reader.merge_requests(source)}


# --- people -------------------------------------------------------------------------------------


@_field("UserCore.authoredMergeRequests")
def _authored(source: User, context: Context, arguments: Arguments) -> object:
    found = [m for m in context.session.state.merge_requests_of(source.id) if _lies_in(m, arguments)]
    if "groupId" in arguments:
        number = str(arguments["groupId"]).rpartition("/")[2]
        group = context.session.state.find_group(number)
        found = [m for m in found if group is not None and m.project.path.startswith(f"{group.path}/")]
    return _merge_request_connection(found, context, arguments)


def _lies_in(merge_request: MergeRequest, arguments: Arguments) -> bool:
    project = merge_request.project
    if arguments.get("projectPath") not in (None, project.path):
        return False
    return "projectId" not in arguments or arguments["projectId"] == f"gid://gitlab/Project/{project.id}"


@_field("UserCore.status")
def _status(source: User, context: Context, arguments: Arguments) -> object:
    return None if source.availability == "NOT_SET" else {"availability": source.availability, "emoji": "", "message": ""}


@_field("GroupMember.accessLevel", "ProjectMember.accessLevel")
def _access_level(source: Member, context: Context, arguments: Arguments) -> object:
    return {"integerValue": source.access_level}


# --- parts of rows ------------------------------------------------------------------------------


def _global_id(kind: str) -> Resolver:
    return lambda source, context, arguments: f"gid://gitlab/{kind}/{source.id}"


for _type, _kind in {
    "UserCore": "User",
    "MergeRequestAuthor": "User",
    "Group": "Group",
    "Project": "Project",
    "Issue": "Issue",
    "MergeRequest": "MergeRequest",
    "Label": "ProjectLabel",
    "GroupMember": "GroupMember",
    "ProjectMember": "ProjectMember",
}.items():
    _field(f"{_type}.id")(_global_id(_kind))


@_field("Group.fullPath", "Project.fullPath")
def _full_path(source: Namespace, context: Context, arguments: Arguments) -> object:
    return source.path


@_field("UserCore.webUrl", "MergeRequestAuthor.webUrl")
def _user_url(source: User, context: Context, arguments: Arguments) -> object:
    return f"{context.session.base_url}/{source.username}"


@_field("Issue.webUrl")
def _issue_url(source: Issue, context: Context, arguments: Arguments) -> object:
    return context.session.shapes.issue_url(source)


@_field("MergeRequest.webUrl")
def _merge_request_url(source: MergeRequest, context: Context, arguments: Arguments) -> object:
    return context.session.shapes.merge_request_url(source)


@_field("Issue.author", "MergeRequest.author")
def _author(source: Issue | MergeRequest, context: Context, arguments: Arguments) -> object:
    return context.session.state.users[source.author_id]


@_field("MergeRequest.mergeUser")
def _merge_user(source: MergeRequest, context: Context, arguments: Arguments) -> object:
    return None if source.merged_by_id is None else context.session.state.users[source.merged_by_id]


@_field("Issue.assignees")
def _assignees(source: Issue, context: Context, arguments: Arguments) -> object:
    return _connection([context.session.state.users[user_id] for user_id in source.assignee_ids], arguments)


@_field("Issue.labels", "MergeRequest.labels")
def _labels(source: Issue | MergeRequest, context: Context, arguments: Arguments) -> object:
    found = (context.session.state.label(source.project, title) for title in source.labels)
    return _connection([label for label in found if label is not None], arguments)


@_field("Label.color")
def _colour(source: Label, context: Context, arguments: Arguments) -> object:
    return source.colour


@_field("Issue.userNotesCount", "MergeRequest.userNotesCount")
def _notes_count(source: Issue | MergeRequest, context: Context, arguments: Arguments) -> object:
    return source.user_notes


@_field("Issue.type")
def _issue_type(source: Issue, context: Context, arguments: Arguments) -> object:
    return source.issue_type.upper()


@_field("Issue.dueDate")
def _due_date(source: Issue, context: Context, arguments: Arguments) -> object:
    return f"{source.due_date.isoformat()}T00:00:00Z" if source.due_date else None


@_field("Issue.taskCompletionStatus")
def _tasks(source: Issue, context: Context, arguments: Arguments) -> object:
    done, count = task_counts(source.description)
    return {"count": count, "completedCount": done}
