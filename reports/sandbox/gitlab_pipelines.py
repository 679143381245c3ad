"""The REST endpoints of pipeline schedules, reading only: who sees them at all, and who sees the variables they set."""

import flask

from reports.sandbox.gitlab_access import access_level
from reports.sandbox.gitlab_http import answer, choice, forbidden, not_found, page, session, visible_project
from reports.sandbox.gitlab_objects import DEVELOPER, GUEST, MAINTAINER, REPORTER, PipelineSchedule, Project
from reports.sandbox.gitlab_shapes import Json, timestamp

blueprint = flask.Blueprint("pipelines", __name__, url_prefix="/api/v4/projects/<project_id>/pipeline_schedules")

_SCOPES = frozenset({"", "active", "inactive"})


@blueprint.get("")
def list_schedules(project_id: str) -> flask.Response:
    """The schedules of a project, without their variables."""
    scope = choice(flask.request.args, "scope", "", _SCOPES)
    shown = [one for one in _project(project_id).schedules if not scope or one.active == (scope == "active")]
    return page(shown, _shape)


@blueprint.get("/<int:schedule_id>")
def read_schedule(project_id: str, schedule_id: int) -> flask.Response:
    """One schedule; its variables for Maintainers, and for its owner from Developer on."""
    project = _project(project_id)
    found = next((one for one in project.schedules if one.id == schedule_id), None)
    if found is None:
        raise not_found("Pipeline Schedule")
    more: Json = {"last_pipeline": None}
    user = session().known_user()
    level = access_level(session().state, project, user)
    if level >= MAINTAINER or (level >= DEVELOPER and found.owner_id == user.id):
        more["variables"] = [
            {"variable_type": "env_var", "key": key, "value": value, "raw": False} for key, value in found.variables.items()
        ]
    return answer({**_shape(found), **more})


def _project(project_id: str) -> Project:
    """Members see schedules from Reporter on, or from Guest on where pipelines are visible to all who see the project."""
    project = visible_project(project_id)
    level = access_level(session().state, project, session().known_user())
    is_open = project.public_pipelines and (project.visibility != "private" or level >= GUEST)
    if level < REPORTER and not is_open:
        raise forbidden()
    return project


def _shape(schedule: PipelineSchedule) -> Json:
    owner = None if schedule.owner_id is None else session().state.users[schedule.owner_id]
    return {
        "id": schedule.id,
        "description": schedule.description,
        "ref": f"refs/heads/{schedule.branch}",
        "cron": schedule.cron,
        "cron_timezone": "UTC",
        "next_run_at": timestamp(schedule.next_run_at),
        "active": schedule.active,
        "created_at": timestamp(schedule.created_at),
        "updated_at": timestamp(schedule.created_at),
        "owner": None if owner is None else session().shapes.user(owner),
        "inputs": [],
    }
