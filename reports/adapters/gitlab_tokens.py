"""A token that renews itself, and the CI/CD variable that holds it: read, rotate once, keep; nothing is ever shown."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

import gitlab
import msgspec
import requests

from reports.adapters.gitlab_client import GitlabClient
from reports.adapters.gitlab_writes import CarefulWrites
from reports.adapters.http_session import PacedSession
from reports.adapters.secrets import Secret, forget_what_was_said
from reports.errors import PublishError

_OWN = "/personal_access_tokens/self"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLife:
    """When a token was made and when it ends."""

    created_at: datetime
    expires_at: date | None


class _Rotated(msgspec.Struct, frozen=True):
    token: str


class GitlabTokens:
    """The token that a client works with."""

    def __init__(self, client: GitlabClient) -> None:
        self._client = client

    def life(self) -> TokenLife:
        """When the token was made and ends; PublishError when it is not known (any more)."""
        try:
            row = self._client.api.http_get(_OWN)
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self._client.failure("look at the token itself", error) from error
        return self._client.typed(_OWN, row, TokenLife)

    def rotate(self, expires_at: date) -> Secret:
        """A new token in place of this one, which ends at once; sent once and never again.

        A token that was rotated already would, sent again, end the whole family of tokens.
        """
        try:
            row = self._client.api.http_post(f"{_OWN}/rotate", post_data={"expires_at": expires_at.isoformat()})
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self._lost(error) from error
        return Secret(self._client.typed(f"{_OWN}/rotate", row, _Rotated).token)

    def _lost(self, error: Exception) -> PublishError:
        code = getattr(error, "response_code", None)
        if code is not None and 400 <= code < 500:
            found = self._client.failure("rotate the token, which takes the scope `api` or `self_rotate`", error)
            return PublishError(found.message, f"{found.hint} The token still holds.")
        forget_what_was_said(error)
        return PublishError(
            "whether GitLab rotated the token is not known: its answer was lost",
            "Make a new token by hand and set the CI/CD variable to it; do not run this again with the old one.",
        )


class CiVariables:
    """The CI/CD variables of a project."""

    def __init__(self, client: GitlabClient, session: PacedSession, project: str) -> None:
        self._client = client
        self._writes = CarefulWrites(client, session)
        self._project = project

    def require(self, name: str) -> None:
        """Raise PublishError unless the variable is there and may be changed: only who may change it may read it."""
        try:
            self._client.api.http_get(self._path(name))
        except gitlab.GitlabError as error:
            if error.response_code not in (403, 404):
                raise self._client.failure(f"look at the variable {name}", error) from error
            raise PublishError(
                f"the variable {name} of {self._project} is not there, or the token may not change it: the token was not rotated",
                "Set the variable once by hand, and give the token's user the role Maintainer in that project.",
            ) from error
        except requests.RequestException as error:
            raise self._client.failure(f"look at the variable {name}", error) from error

    def keep(self, name: str, value: Secret) -> None:
        """Set the variable's value and nothing else of it; the same write may be sent again."""
        self._writes.carry_out(
            f"keep the new token in the variable {name}",
            lambda: self._client.api.http_put(self._path(name), post_data={"value": str(value)}),
            lambda: False,
        )

    def _path(self, name: str) -> str:
        return f"/projects/{quote(self._project, safe='')}/variables/{name}"
