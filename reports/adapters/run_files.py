"""What one stage hands to the next, as files of a run; typed JSON, written whole or not at all."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import TypeVar

import msgspec

from reports.core.weeks import Week
from reports.errors import StoreError

T = TypeVar("T")


class RunFiles:
    """The files of one week's run below the store's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def elsewhere(self, folder: Path) -> "RunFiles":
        """The same kind of files in another folder."""
        return RunFiles(folder)

    @property
    def weeks(self) -> tuple[Week, ...]:
        """The weeks that have a folder of their own below this one, oldest first."""
        return tuple(sorted(Week.parse(path.name) for path in self.folder.glob("????-W??") if path.is_dir()))

    def remove(self) -> None:
        """Remove this folder with all that is in it; StoreError when that cannot be done."""
        try:
            shutil.rmtree(self.folder)
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be removed: {error.strerror}", "check the folder's rights") from error

    def write(self, name: str, content: object) -> Path:
        """Write a value as JSON; StoreError when the folder cannot be written."""
        path = self.folder / f"{name}.json"
        text = msgspec.json.format(msgspec.json.encode(content, order="deterministic"), indent=1)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _replace(path, text)
        except OSError as error:
            raise StoreError(f"{path} cannot be written: {error.strerror}", "choose another folder with --store") from error
        return path

    def read(self, name: str, kind: type[T], made_by: str) -> T:
        """Read a value back; StoreError says which command makes the file when it is missing or unreadable."""
        path = self.folder / f"{name}.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError as error:
            raise StoreError(f"{path} is not there yet", f"run `support-reports {made_by}` first") from error
        except (OSError, msgspec.MsgspecError) as error:
            raise StoreError(f"{path} cannot be read: {error}", f"run `support-reports {made_by}` again") from error

    def find(self, name: str, kind: type[T]) -> T | None:
        """Read a value back if it is there; StoreError when it is there and cannot be read."""
        path = self.folder / f"{name}.json"
        if not path.exists():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except (OSError, msgspec.MsgspecError) as error:
            raise StoreError(
                f"{path} cannot be read: {error}", "restore it; without it this week would be judged anew from the facts"
            ) from error


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and move it into place, so that nobody ever sees half of it; only the owner may read it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
