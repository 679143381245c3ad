"""Archives of the store as versions of a generic package in GitLab's registry: no server and no token beside those of the job.

An upload shows only when it is whole, and a version is never written twice, since its name holds its moment and digest.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gitlab
import requests

from reports.adapters.gitlab_client import PatientGitlab
from reports.errors import StoreError

_FILE = "store.tar"
_PIECE = 1 << 20
#: Seconds without a byte; a store is larger than an answer.
_TIMEOUT = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAccess:
    """Where the registry is and who asks: the token of the job, else a personal one; `project` is an id or a path."""

    url: str
    project: str
    job_token: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


class PackageDepot:
    """A depot in the package registry of one project, under one package's name."""

    def __init__(self, access: RegistryAccess, name: str, session: requests.Session) -> None:
        self._name = name
        self._place = f"package {name} of {access.project}"
        personal = None if access.job_token else access.token
        api = PatientGitlab(
            access.url, job_token=access.job_token or None, private_token=personal, session=session, timeout=_TIMEOUT
        )
        self._project: Any = api.projects.get(access.project, lazy=True)

    def names(self) -> Sequence[str]:
        """The versions that are there."""
        return list(self._versions())

    def fetch(self, name: str, target: Path) -> bool:
        """Copy a version's file, piece by piece; False when it is gone."""
        try:
            with self._failures(), target.open("wb") as file:
                self._project.generic_packages.download(
                    self._name, name, _FILE, streamed=True, action=file.write, chunk_size=_PIECE
                )
        except _GoneError:
            return False
        return True

    def keep(self, name: str, source: Path) -> None:
        """Upload a version; sent once and never again, since the next run can do that too."""
        with self._failures(), source.open("rb") as content:
            self._project.generic_packages.upload(self._name, name, _FILE, data=content)

    def drop(self, name: str) -> None:
        """Delete a version."""
        number = self._versions().get(name)
        try:
            if number is not None:
                with self._failures():
                    self._project.packages.delete(number)
        except _GoneError:
            return

    def _versions(self) -> dict[str, int]:
        with self._failures():
            found = self._project.packages.list(package_type="generic", package_name=self._name, iterator=True)
            # The registry matches names by their beginning.
            return {package.version: package.id for package in found if package.name == self._name}

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (gitlab.GitlabError, requests.RequestException) as error:
            code = getattr(error, "response_code", None)
            if code == 404:
                raise _GoneError(self._place) from error
            said = f"GitLab answered {code}" if code else "GitLab cannot be reached"
            raise StoreError(
                f"the kept store ({self._place}) cannot be used: {said}",
                "Check that the project has the package registry switched on and that the token may use it, then run again.",
            ) from error


class _GoneError(StoreError):
    """A version that somebody else has pruned meanwhile, or a project that cannot be seen."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"the kept store ({place}) is not there: GitLab answered 404",
            "Check the project's path, and that the token's user may see its package registry.",
        )
