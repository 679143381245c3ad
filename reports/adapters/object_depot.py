"""Archives of the store in object storage, S3-compatible or Google's, or in a folder that jobs share; by URL, through obstore.

Credentials come from where each service's own tools look for them: the environment of the job, or its identity.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from reports.errors import StoreError, UsageError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES = frozenset({"s3", "gs", "file"})
_SUFFIX = ".tar"


class ObjectDepot:
    """A depot below one URL, such as `s3://bucket/support-reports`."""

    def __init__(self, url: str, **options: Any) -> None:
        self._url = url
        try:
            self._store: ObjectStore = from_url(url, **_options(url), **options)
        except (BaseError, ValueError) as error:
            raise UsageError(
                f"--store {url} cannot be used: {_first_line(error)}", "write it like s3://bucket/folder or gs://bucket/folder"
            ) from error

    def names(self) -> Sequence[str]:
        """The archives that are there."""
        with self._failures():
            paths = [entry["path"] for batch in obstore.list(self._store) for entry in batch]
        return [path.removesuffix(_SUFFIX) for path in paths if path.endswith(_SUFFIX)]

    def fetch(self, name: str, target: Path) -> bool:
        """Copy an archive into a file, piece by piece; False when it is gone."""
        try:
            with self._failures(), target.open("wb") as file:
                for piece in obstore.get(self._store, f"{name}{_SUFFIX}").stream():
                    file.write(piece)
        except FileNotFoundError:
            return False
        return True

    def keep(self, name: str, source: Path) -> None:
        """Put an archive there; object storage shows it only when it is whole."""
        with self._failures():
            obstore.put(self._store, f"{name}{_SUFFIX}", source)

    def drop(self, name: str) -> None:
        """Take an archive away."""
        try:
            with self._failures():
                obstore.delete(self._store, f"{name}{_SUFFIX}")
        except FileNotFoundError:
            return

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except (BaseError, OSError) as error:
            raise StoreError(
                f"the kept store at {self._url} cannot be reached: {_first_line(error)}",
                "Check the address and the credentials in the environment, then run again: nothing is lost.",
            ) from error


def _options(url: str) -> Mapping[str, Any]:
    return {"mkdir": True} if url.startswith("file:") else {}


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
