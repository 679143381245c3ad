"""What a browser sees: lists of projects and issues, and each issue with its comments, as the person chosen under "View as"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import comrak
import flask

from reports.sandbox import gitlab_access as access
from reports.sandbox.gitlab_access import Reader
from reports.sandbox.gitlab_edits import Editor
from reports.sandbox.gitlab_objects import Award, Issue, LabelEvent, MergeRequest, Note, Project, StateEvent, User
from reports.sandbox.gitlab_queries import Query, ordered
from reports.sandbox.gitlab_state import GitlabState
from reports.sandbox.page_markdown import PageMarkdown, label_pill

COOKIE = "view_as"
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: GitLab's names of emoji that the drawing library spells otherwise.
_EMOJI = {"thumbsup": "+1", "thumbsdown": "-1"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an issue's history: a comment, or what somebody changed; `html` is harmless already."""

    at: datetime
    id: int
    author: User
    html: str
    is_comment: bool
    internal: bool = False
    emoji: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks at the page, and what they may see."""

    state: GitlabState
    now: datetime
    reader: Reader
    base_url: str

    @property
    def user(self) -> User | None:
        """The person, None for the anonymous visitor."""
        return self.reader.user

    def markdown(self, project: Project) -> PageMarkdown:
        """Rendering of a project's texts."""
        return PageMarkdown(self.state, project, self.reader, self.base_url)


def viewer() -> Viewer:
    """The viewer of the current request, from the `as` of its address or the cookie."""
    state: GitlabState = flask.current_app.extensions["gitlab_state"]
    now: datetime = flask.current_app.extensions["gitlab_clock"]()
    name = flask.request.args.get("as", flask.request.cookies.get(COOKIE, ""))
    return Viewer(state, now, Reader(state, state.find_user(name)), flask.request.host_url.rstrip("/"))


blueprint = flask.Blueprint("pages", __name__)


@blueprint.after_request
def _finish(response: flask.Response) -> flask.Response:
    """Nothing on a page may load anything from elsewhere; `as` in the address is remembered."""
    response.headers["Content-Security-Policy"] = _POLICY
    if "as" in flask.request.args:
        response.set_cookie(COOKIE, flask.request.args["as"], samesite="Strict", httponly=True)
    return response


def _page(template: str, status: int = 200, **values: object) -> flask.Response:
    looking = viewer()
    people = sorted((u for u in looking.state.users.values() if not u.bot), key=lambda user: user.name)
    bots = [user for user in looking.state.users.values() if user.bot]
    text = flask.render_template(template, viewer=looking.user, people=people, bots=bots, here=flask.request.path, **values)
    return flask.Response(text, status, mimetype="text/html")


def _missing() -> flask.Response:
    return _page("missing.html", 404)


@blueprint.get("/-/view_as")
def choose_viewer() -> flask.Response:
    """Look at the same page as somebody else."""
    back = urlsplit(flask.request.args.get("back", "/"))
    response = flask.redirect(f"/{back.path.lstrip('/')}")
    response.set_cookie(COOKIE, flask.request.args.get("user", ""), samesite="Strict", httponly=True)
    return flask.make_response(response)


@blueprint.get("/")
def home() -> flask.Response:
    """Groups with their projects, and the issues that moved last."""
    looking = viewer()
    projects = [p for p in looking.state.projects.values() if looking.reader.namespace(p)]
    by_group: dict[str, list[Project]] = {}
    for project in sorted(projects, key=lambda p: p.path):
        by_group.setdefault(project.ancestors[0], []).append(project)
    issues = [issue for project in projects for issue in project.issues.values() if looking.reader.issue(issue)]
    latest = ordered(issues, "updated_at", "desc")[:40]
    counts = {p.path: sum(looking.reader.issue(i) and i.state == "opened" for i in p.issues.values()) for p in projects}
    return _page("home.html", groups=by_group, rows=_rows(looking, latest), counts=counts)


# --- lists --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One issue of a list."""

    issue: Issue
    author: User
    labels: tuple[str, ...]
    assignees: tuple[User, ...]


def _rows(looking: Viewer, issues: Sequence[Issue]) -> list[Row]:
    return [Row(i, looking.state.users[i.author_id], _pills(looking, i), _assignees(looking, i)) for i in issues]


def _pills(looking: Viewer, item: Issue | MergeRequest) -> tuple[str, ...]:
    found = (looking.state.label(item.project, title) for title in item.labels)
    return tuple(label_pill(item.project, label) for label in found if label is not None)


def _assignees(looking: Viewer, item: Issue | MergeRequest) -> tuple[User, ...]:
    return tuple(looking.state.users[user_id] for user_id in item.assignee_ids)


@blueprint.get("/<path:project_path>/-/issues")
def list_issues(project_path: str) -> flask.Response:
    """A project's issues, by state, labels and words."""
    looking = viewer()
    project = _visible_project(looking, project_path)
    if project is None:
        return _missing()
    state = flask.request.args.get("state", "opened")
    labels = tuple(flask.request.args.getlist("label_name[]"))
    query = Query(state=state, labels=labels, search=flask.request.args.get("search", ""))
    found = [i for i in project.issues.values() if query.matches_issue(i) and looking.reader.issue(i)]
    rows = _rows(looking, ordered(found, "created_at", "desc"))
    return _page("issues.html", project=project, rows=rows, state=state, wanted_labels=labels)


@blueprint.get("/<path:project_path>/-/merge_requests")
def list_merge_requests(project_path: str) -> flask.Response:
    """A project's merge requests, by state and words."""
    looking = viewer()
    project = _visible_project(looking, project_path)
    if project is None:
        return _missing()
    query = Query(state=flask.request.args.get("state", "opened"), search=flask.request.args.get("search", ""))
    found = [m for m in project.merge_requests.values() if query.matches_merge_request(m) and looking.reader.merge_request(m)]
    return _page("merge_requests.html", project=project, items=ordered(found, "created_at", "desc"))


@blueprint.get("/<path:project_path>")
def read_project(project_path: str) -> flask.Response:
    """A project's page is its list of issues."""
    if _visible_project(viewer(), project_path) is None:
        return _missing()
    return flask.make_response(flask.redirect(f"/{project_path}/-/issues"))


def _visible_project(looking: Viewer, path: str) -> Project | None:
    project = looking.state.projects.get(path)
    return project if project is not None and looking.reader.namespace(project) else None


# --- one issue ----------------------------------------------------------------------------------


def _visible_issue(looking: Viewer, path: str, iid: int) -> Issue | None:
    project = looking.state.projects.get(path)
    issue = project.issues.get(iid) if project else None
    return issue if issue is not None and looking.reader.issue(issue) else None


@blueprint.get("/<path:project_path>/-/issues/<int:iid>")
@blueprint.get("/<path:project_path>/-/work_items/<int:iid>")
def read_issue(project_path: str, iid: int) -> flask.Response:
    """An issue as the viewer sees it; a page that says nothing when they may not."""
    looking = viewer()
    issue = _visible_issue(looking, project_path, iid)
    if issue is None:
        return _missing()
    return _page(
        "issue.html",
        issue=issue,
        project=issue.project,
        author=looking.state.users[issue.author_id],
        closer=looking.state.users.get(issue.closed_by_id or 0),
        description=looking.markdown(issue.project).render(issue.description),
        pills=_pills(looking, issue),
        assignees=_assignees(looking, issue),
        emoji=_emoji(looking, issue.awards),
        history=_history(looking, issue),
        may_comment=looking.user is not None and access.comments(looking.state, issue, looking.user),
    )


@blueprint.get("/<path:project_path>/-/merge_requests/<int:iid>")
def read_merge_request(project_path: str, iid: int) -> flask.Response:
    """A merge request's title, state and labels."""
    looking = viewer()
    project = looking.state.projects.get(project_path)
    found = project.merge_requests.get(iid) if project else None
    if found is None or not looking.reader.merge_request(found):
        return _missing()
    description = looking.markdown(found.project).render(found.description)
    author = looking.state.users[found.author_id]
    return _page("merge_request.html", item=found, author=author, pills=_pills(looking, found), description=description)


@blueprint.post("/<path:project_path>/-/issues/<int:iid>/comments")
def write_comment(project_path: str, iid: int) -> flask.Response:
    """Comment as the viewer; quick actions run."""
    looking = viewer()
    issue = _visible_issue(looking, project_path, iid)
    body = flask.request.form.get("body", "")
    if issue is None or looking.user is None or not access.comments(looking.state, issue, looking.user):
        return _missing()
    if body.strip():
        Editor(looking.state, looking.user, looking.now, looking.base_url).comment(issue, body)
    return flask.make_response(flask.redirect(f"/{project_path}/-/issues/{iid}#comment"))


def _history(looking: Viewer, issue: Issue) -> list[Entry]:
    """Comments and changes in the order they happened."""
    entries = [_note_entry(looking, issue, note) for note in issue.notes if looking.reader.note(issue, note)]
    entries += [_label_entry(looking, issue, event) for event in issue.label_events]
    entries += [_state_entry(looking, event) for event in issue.state_events]
    return sorted(entries, key=lambda entry: (entry.at, entry.is_comment, entry.id))


def _note_entry(looking: Viewer, issue: Issue, note: Note) -> Entry:
    return Entry(
        note.created_at,
        note.id,
        looking.state.users[note.author_id],
        looking.markdown(issue.project).render(note.body),
        not note.system,
        note.internal,
        _emoji(looking, note.awards),
    )


def _label_entry(looking: Viewer, issue: Issue, event: LabelEvent) -> Entry:
    label = looking.state.label(issue.project, event.label)
    pill = label_pill(issue.project, label) if label else "a deleted"
    verb = "added" if event.action == "add" else "removed"
    return Entry(event.at, event.id, looking.state.users[event.user_id], f"{verb} {pill} label", False)


def _state_entry(looking: Viewer, event: StateEvent) -> Entry:
    return Entry(event.at, event.id, looking.state.users[event.user_id], f"{event.state} the issue", False)


def _emoji(looking: Viewer, awards: Sequence[Award]) -> tuple[tuple[str, int, str], ...]:
    """Each emoji with how many put it there, and who."""
    names = dict.fromkeys(award.name for award in awards)
    return tuple((_drawn(name), *_givers(looking, [a for a in awards if a.name == name])) for name in names)


def _givers(looking: Viewer, awards: Sequence[Award]) -> tuple[int, str]:
    return len(awards), ", ".join(looking.state.users[award.user_id].name for award in awards)


def _drawn(name: str) -> str:
    options = comrak.ExtensionOptions()
    options.shortcodes = True
    shown = comrak.render_markdown(f":{_EMOJI.get(name, name)}:", options)
    return re.sub(r"<[^>]+>", "", shown).strip()


@blueprint.app_template_filter("initials")
def initials(name: str) -> str:
    """The first letters of a name, for its picture."""
    return "".join(word[0] for word in name.split()[:2]).upper()


@blueprint.app_template_filter("moment")
def moment(at: datetime) -> str:
    """A time as the page writes it, in UTC."""
    return f"{at:%a %-d %b %Y, %H:%M} UTC"
