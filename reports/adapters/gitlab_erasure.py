"""Takes issues of ours out of GitLab, or people out of their text; what it cannot take away it says, and people keep theirs."""

from collections.abc import Mapping

import gitlab
import requests

from reports.adapters.gitlab_client import GitlabClient

FORBIDDEN = 403
_EMPTIED = {
    "title": "Erased report",
    "description": "What stood here was erased on request.",
    "assignee_ids": [],
    "labels": "",
    "state_event": "close",
}


class GitlabErasure:
    """Erases as the owner of the writing token; raises PublishError when GitLab refuses altogether."""

    def __init__(self, client: GitlabClient) -> None:
        self._client = client

    def erase(self, project: str, iid: int) -> bool:
        """Delete an issue with all that is below it; where that is not allowed, empty and close it. Whether it was deleted."""
        issues = self._client.api.projects.get(project, lazy=True).issues
        try:
            issues.delete(iid)
        except gitlab.GitlabDeleteError as error:
            if error.response_code != FORBIDDEN:
                raise self._client.failure(f"delete {project}#{iid}", error) from error
        except requests.RequestException as error:
            raise self._client.failure(f"delete {project}#{iid}", error) from error
        else:
            return True
        self._put(project, iid, _EMPTIED)
        return False

    def rewrite(self, project: str, iid: int, description: str) -> None:
        """Put another description in the place of an issue's own."""
        self._put(project, iid, {"description": description})

    def _put(self, project: str, iid: int, fields: Mapping[str, object]) -> None:
        try:
            self._client.api.projects.get(project, lazy=True).issues.update(iid, dict(fields))
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self._client.failure(f"empty {project}#{iid}", error) from error
