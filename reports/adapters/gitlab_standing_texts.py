"""Texts of which there is to be one: a comment on a merge request, kept up to date in place, and an issue for the operators."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import gitlab
import requests

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_writes import CarefulWrites
from reports.adapters.http_session import PacedSession
from reports.errors import PublishError


class StandingTexts:
    """Texts in one project, by the owner of the client's token."""

    def __init__(self, client: GitlabClient, session: PacedSession, project: str) -> None:
        self._client = client
        self._writes = CarefulWrites(client, session)
        self._project = project
        self._base = f"/projects/{quote(project, safe='')}"

    def comment(self, merge_request: int, marker: str, body: str) -> bool:
        """Have the text as the one comment of ours that begins with the marker; False when it is there already."""
        what = f"comment on {self._project}!{merge_request}"
        notes = f"{self._base}/merge_requests/{merge_request}/notes"
        me = self._get("/user", what)["username"]

        def ours() -> Mapping[str, Any] | None:
            listed = self._list(notes, what, sort="asc", order_by="created_at")
            return next((note for note in listed if note["author"]["username"] == me and note["body"].startswith(marker)), None)

        def is_there() -> bool:
            note = ours()
            return note is not None and note["body"].strip() == body.strip()

        before = ours()
        if before is None:
            self._writes.carry_out(what, lambda: self._client.api.http_post(notes, post_data={"body": body}), is_there)
        elif before["body"].strip() == body.strip():
            return False
        else:
            path = f"{notes}/{before['id']}"
            self._writes.carry_out(what, lambda: self._client.api.http_put(path, post_data={"body": body}), is_there)
        return True

    def open_once(self, label: str, title: str, body: str, quiet_since: datetime) -> bool:
        """Open an issue, unless one of that label is open or was opened since an instant; whether it was opened now."""
        what = f"open an issue in {self._project}"

        def is_there() -> bool:
            listed = self._list(f"{self._base}/issues", what, labels=label, state="all", order_by="created_at", sort="desc")
            return any(
                issue["state"] == "opened" or datetime.fromisoformat(issue["created_at"]) >= quiet_since for issue in listed
            )

        if is_there():
            return False
        issue = {"title": title, "description": body, "labels": label}
        self._writes.carry_out(what, lambda: self._client.api.http_post(f"{self._base}/issues", post_data=issue), is_there)
        return True

    def _get(self, path: str, what: str) -> Any:
        try:
            return self._client.api.http_get(path)
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self._client.failure(what, error) from error

    def _list(self, path: str, what: str, **asked: str) -> Sequence[Mapping[str, Any]]:
        try:
            return list(self._client.api.http_list(path, query_data={"per_page": 100, **asked}, iterator=True))
        except gitlab.GitlabHttpError as error:
            if error.response_code == 404:
                raise PublishError(
                    f"{self._client.url} has no {self._project}, or what lies in it, for this token (404)",
                    "Give the token's user a role in the project.",
                ) from error
            raise self._client.failure(what, error) from error
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self._client.failure(what, error) from error
