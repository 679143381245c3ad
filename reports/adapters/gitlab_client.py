"""One python-gitlab connection with our pacing: GraphQL whose errors are noticed, REST for the writes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import gitlab
import msgspec
import requests

from reports.adapters.http_session import GITLAB_CREDENTIALS, Service, unreachable
from reports.adapters.secrets import Secret, forget_what_was_said
from reports.core.plain_text import cleaned
from reports.errors import ReportsError

T = TypeVar("T")
_TOKEN = re.compile(r"\bgl[a-z]{2,5}-[\w.-]{8,}")

GONE = 404


class PatientGitlab(gitlab.Gitlab):
    """python-gitlab without its own waiting, which is the session's business.

    Its own would sleep until a rate-limit window resets, whoever set the limit, and send a POST again.
    """

    def http_request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """One request, sent once."""
        return super().http_request(*args, **{"obey_rate_limit": False} | kwargs)


class GitlabClient:
    """A connection to one GitLab as one user; `failure` is the error class that its caller's port promises."""

    def __init__(self, url: str, token: str, session: requests.Session, failure: type[ReportsError]) -> None:
        self.url = url
        self._failure = failure
        self._token = Secret(token)
        self.api = PatientGitlab(url, private_token=token, session=session, timeout=60)

    def query(self, text: str, variables: Mapping[str, Any], answer: type[T]) -> T:
        """The answer to a GraphQL query as typed values; an answer with errors is a failure even when data came with it."""
        body = {"query": text, "variables": dict(variables)}
        try:
            reply = self.api.http_post(f"{self.url}/api/graphql", post_data=body)
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self.failure("read activity", error) from error
        if not isinstance(reply, dict) or reply.get("errors"):
            raise self._failure(
                f"{self.url}/api/graphql refused a query: {self._said(reply)}",
                "docs/operations.md says what the token's user must be allowed to see.",
            )
        return self.typed("/api/graphql", reply.get("data"), answer)

    def typed(self, path: str, row: object, shape: type[T]) -> T:
        """What GitLab answered at a path as typed values; a failure that names the path when it does not fit."""
        try:
            return msgspec.convert(row, shape)
        except msgspec.ValidationError as error:
            raise self._failure(
                f"{self.url}{path} answered in an unknown shape: {error}",
                "a newer GitLab may have renamed a field; report it with the version of your GitLab",
            ) from error

    def listed(self, path: str, doing: str, **asked: str) -> Iterator[dict[str, Any]]:
        """Every row of a REST list, page after page as the `Link` header says; a page may well be short or empty.

        Nothing when there is no such list (any more).
        """
        try:
            rows = self.api.http_list(path, query_data={"per_page": 100, **asked}, iterator=True)
            yield from iter(rows)
        except gitlab.GitlabHttpError as error:
            if error.response_code != GONE:
                raise self.failure(doing, error) from error
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self.failure(doing, error) from error

    def path_now(self, path: str) -> str:
        """Where the project that once had a path lies by now; empty when there is none that the token can see."""
        try:
            project = self.api.projects.get(path)
        except gitlab.GitlabGetError as error:
            if error.response_code == 404:
                return ""
            raise self.failure(f"look for {path}", error) from error
        except (gitlab.GitlabError, requests.RequestException) as error:
            raise self.failure(f"look for {path}", error) from error
        return str(project.path_with_namespace)

    def failure(self, doing: str, error: Exception) -> ReportsError:
        """An expected failure while `doing` something, in words for our reader; never shows a token."""
        told = self._told(doing, error)
        forget_what_was_said(error)
        if isinstance(error, gitlab.GitlabError):
            error.error_message, error.response_body = "", None
        return told

    def _told(self, doing: str, error: Exception) -> ReportsError:
        code = getattr(error, "response_code", None)
        if isinstance(error, gitlab.GitlabParsingError):
            return self._failure(
                f"GitLab at {self.url} did not answer in JSON when asked to {doing}",
                "Check the address in config/sources.yml: a proxy or a login page answers like this.",
            )
        if code is None:
            cause = unreachable(Service("GitLab", self.url, GITLAB_CREDENTIALS), error)
            return self._failure(cause.message, cause.hint)
        if code == 401:
            return self._failure(
                f"GitLab at {self.url} does not know the token (401)",
                f"Renew {GITLAB_CREDENTIALS}: a token that has expired or was revoked is answered like this.",
            )
        if code == 403:
            return self._failure(
                f"GitLab at {self.url} does not let the token's user {doing} (403)",
                "The token needs the scope `api` to write and `read_api` to read, and its user a role in the project.",
            )
        return self._failure(f"GitLab at {self.url} answered {code} when asked to {doing}", "Run again later.")

    def _said(self, reply: object) -> str:
        """GitLab's own words on a query, on one line; a token that it repeats is not."""
        errors = reply.get("errors", []) if isinstance(reply, dict) else []
        given = "; ".join(str(error.get("message", error)) for error in errors if isinstance(error, dict))
        return cleaned(_TOKEN.sub("<secret>", given.replace(self._token, "<secret>"))) or "no reason given"
