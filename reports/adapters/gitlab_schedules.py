"""The pipeline schedules of a project as GitLab tells them; it judges nothing, and keeps no variable but our own."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import gitlab
import msgspec
import requests

from reports.adapters.gitlab_client import GONE, GitlabClient
from reports.core.pipeline_schedules import VARIABLE, Schedule, SchedulesSeen

_REFUSED = 403
_BRANCH = "refs/heads/"


class _Owner(msgspec.Struct, frozen=True):
    username: str
    state: str


class _Variable(msgspec.Struct, frozen=True):
    key: str
    value: str | None = None


class _Project(msgspec.Struct, frozen=True):
    default_branch: str | None = None


class _Listed(msgspec.Struct, frozen=True):
    id: int


class _Schedule(msgspec.Struct, frozen=True):
    description: str
    ref: str
    cron: str
    active: bool
    next_run_at: datetime | None = None
    owner: _Owner | None = None
    variables: tuple[_Variable, ...] | None = None


def schedules_seen(client: GitlabClient, project: str) -> SchedulesSeen | None:
    """The schedules with what each starts, as far as the token may see that; None when it sees none of them.

    Two requests and one for each schedule: GitLab shows variables one by one, to Maintainers and to the schedule's owner only.
    """
    place = f"/projects/{quote(project, safe='')}"
    path = f"{place}/pipeline_schedules"
    try:
        described = client.typed(place, client.api.http_get(place), _Project)
        rows = client.typed(path, list(client.api.http_list(path, iterator=True, per_page=100)), list[_Listed])
        schedules = tuple(_schedule(client, f"{path}/{row.id}") for row in rows)
    except (gitlab.GitlabError, requests.RequestException) as error:
        told = client.failure(f"list the pipeline schedules of {project}", error)
        if getattr(error, "response_code", None) in (_REFUSED, GONE):
            return None
        raise told from error
    return SchedulesSeen(project=project, default_branch=described.default_branch or "", schedules=schedules)


def _schedule(client: GitlabClient, path: str) -> Schedule:
    row: Any = client.api.http_get(path)
    seen = client.typed(path, row, _Schedule)
    own = None if seen.variables is None else next((one.value or "" for one in seen.variables if one.key == VARIABLE), "")
    return Schedule(
        description=seen.description,
        ref=seen.ref.removeprefix(_BRANCH),
        cron=seen.cron,
        is_active=seen.active,
        next_run_at=seen.next_run_at,
        owner=seen.owner.username if seen.owner else "",
        owner_state=seen.owner.state if seen.owner else "",
        run=own,
    )
