"""The REST endpoints of the generic package registry: upload, list, download and delete; a version shows once it is whole."""

import flask

from reports.sandbox.gitlab_access import access_level
from reports.sandbox.gitlab_http import answer, forbidden, not_found, page, session, visible_project
from reports.sandbox.gitlab_objects import DEVELOPER, MAINTAINER, REPORTER, Package, Project
from reports.sandbox.gitlab_shapes import Json, timestamp

blueprint = flask.Blueprint("packages", __name__, url_prefix="/api/v4/projects/<project_id>/packages")


def _project(project_id: str, level: int) -> Project:
    project = visible_project(project_id)
    user = session().known_user()
    if access_level(session().state, project, user) < level:
        raise forbidden()
    return project


@blueprint.put("/generic/<name>/<version>/<file>")
def upload_package(project_id: str, name: str, version: str, file: str) -> flask.Response:
    """A file of a version; the same name again adds a file that is downloaded in place of the older one."""
    project = _project(project_id, DEVELOPER)
    known = next((one for one in project.packages if (one.name, one.version) == (name, version)), None)
    if known is None:
        number = session().state.next_id("package", 7001)
        known = Package(id=number, name=name, version=version, created_at=session().now, files={})
        project.packages.append(known)
    known.files[file] = flask.request.get_data()
    return answer({"message": "201 Created"}, 201)


@blueprint.get("/generic/<name>/<version>/<file>")
def download_package(project_id: str, name: str, version: str, file: str) -> flask.Response:
    """The bytes of a file."""
    for package in _project(project_id, REPORTER).packages:
        if (package.name, package.version) == (name, version) and file in package.files:
            return flask.Response(package.files[file], content_type="application/octet-stream")
    raise not_found("Not Found")


@blueprint.get("")
def list_packages(project_id: str) -> flask.Response:
    """Versions, the oldest first; `package_name` matches anywhere in a name."""
    part = flask.request.args.get("package_name", "")
    wanted = [package for package in _project(project_id, REPORTER).packages if part in package.name]
    return page(wanted, _shape)


@blueprint.delete("/<int:package_id>")
def delete_package(project_id: str, package_id: int) -> flask.Response:
    """Take a version away with its files."""
    project = _project(project_id, MAINTAINER)
    left = [package for package in project.packages if package.id != package_id]
    if len(left) == len(project.packages):
        raise not_found("Package")
    project.packages[:] = left
    return flask.Response(status=204)


def _shape(package: Package) -> Json:
    return {
        "id": package.id,
        "name": package.name,
        "version": package.version,
        "package_type": "generic",
        "status": "default",
        "created_at": timestamp(package.created_at),
    }
