"""What GitLab says of its version and of our tokens, and which labels projects have; it judges nothing."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

import gitlab
import msgspec
import requests

from reports.adapters.gitlab_client import GitlabClient
from reports.core.audience import Destination
from reports.core.gitlab_health import TokenSeen
from reports.core.health import PUBLISHING, SOURCE, Trouble
from reports.errors import ReportsError

_UNKNOWN = 401


class _Label(msgspec.Struct, frozen=True):
    name: str


def version_of(client: GitlabClient) -> str:
    """The version, empty when the token may not ask for it."""
    try:
        return str(_asked(client, "/version").get("version", ""))
    except (gitlab.GitlabError, requests.RequestException):
        return ""


def token_seen(client: GitlabClient, variable: str) -> TokenSeen:
    """The client's own token, or why GitLab does not take it."""
    try:
        described = _asked(client, "/personal_access_tokens/self")
    except (gitlab.GitlabError, requests.RequestException) as error:
        return TokenSeen(variable=variable, trouble=_refusal(client, variable, error))
    ends = described.get("expires_at")
    return TokenSeen(
        variable=variable,
        username=_username(client),
        scopes=tuple(described.get("scopes", ())),
        ends_on=date.fromisoformat(ends[:10]) if ends else None,
    )


def _asked(client: GitlabClient, path: str) -> dict[str, Any]:
    found = client.api.http_get(path)
    return found if isinstance(found, dict) else {}


def _username(client: GitlabClient) -> str:
    try:
        return str(_asked(client, "/user").get("username", ""))
    except (gitlab.GitlabError, requests.RequestException):
        return ""


def _refusal(client: GitlabClient, variable: str, error: Exception) -> Trouble:
    code = PUBLISHING if variable == "GITLAB_TOKEN" else SOURCE
    if getattr(error, "response_code", None) != _UNKNOWN:
        told = client.failure("describe the token", error)
        return Trouble(says=told.message, step=told.hint, code=code)
    why = _reason(error)
    step = f"make a new token of the same user and set it as {variable}"
    client.failure("describe the token", error)  # so that nothing of the request stays in the error
    return Trouble(says=f"GitLab does not take {variable}: {why} (401)", step=step, code=code)


def _reason(error: Exception) -> str:
    """GitLab tells an expired token from a revoked one, and both from one that it does not know."""
    try:
        said = str(json.loads(getattr(error, "response_body", None) or b"{}").get("error_description", "")).lower()
    except (ValueError, AttributeError):
        said = ""
    return next((f"it has {word}" if word == "expired" else f"it was {word}" for word in _WORDS if word in said), "it is unknown")


_WORDS = ("expired", "revoked")


def levels_of(client: GitlabClient, bot: str, places: Mapping[str, Destination]) -> Mapping[str, int]:
    """The access level of the client's own user in each project; asked for only where the members that were read do not tell."""
    found = {}
    for project, place in places.items():
        listed = max((one.access_level for one in place.members if one.username.casefold() == bot.casefold()), default=0)
        found[project] = listed or _own_level(client, place.moved_to or project)
    return found


def _own_level(client: GitlabClient, project: str) -> int:
    try:
        roles = _asked(client, f"/projects/{quote(project, safe='')}").get("permissions") or {}
    except (gitlab.GitlabError, requests.RequestException) as error:
        raise client.failure(f"ask for our role in {project}", error) from error
    return max((int(role["access_level"]) for role in roles.values() if role), default=0)


def labels_of(client: GitlabClient, projects: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The labels that each project has, of its own or from the groups above; projects that cannot be asked are left out."""
    found = {}
    for project in projects:
        path = f"/projects/{quote(project, safe='')}/labels"
        try:
            rows = client.typed(path, list(client.listed(path, f"list the labels of {project}")), list[_Label])
        except ReportsError:
            continue
        found[project] = frozenset(row.name for row in rows)
    return found
