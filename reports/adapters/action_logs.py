"""The log of what was done about each person: one file of lines each, only ever added to."""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from reports.adapters.durable_files import replace_durably
from reports.core.action_log import LogEntry
from reports.errors import StoreError


class ActionLogs:
    """The logs in a folder; StoreError when they cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, username: str, entries: Iterable[LogEntry]) -> None:
        """Add entries to the end of somebody's log; a line that a crash cut off before is left behind."""
        lines = b"".join(map(_line, entries))
        path = self._path(username)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                whole = file.tell() == 0 or path.read_bytes().endswith(b"\n")
                file.write(lines if whole else b"\n" + lines)
                file.flush()
                os.fsync(file.fileno())
            path.chmod(0o600)
        except OSError as error:
            raise StoreError(f"{path} cannot be written: {error.strerror}", "choose another folder with --store") from error

    def of(self, username: str) -> tuple[LogEntry, ...]:
        """Everything in somebody's log, oldest first."""
        path = self._path(username)
        try:
            lines = path.read_bytes().splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror}", "check the folder's rights") from error
        return tuple(entry for line in lines if (entry := _entry(line)))

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who has a log."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.jsonl")))

    def rewrite(self, username: str, entries: Iterable[LogEntry]) -> None:
        """Put these entries in the place of somebody's log; it goes when there are none."""
        lines = b"".join(map(_line, entries))
        path = self._path(username)
        try:
            if lines:
                replace_durably(path, lines)
                path.chmod(0o600)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{path} cannot be written: {error.strerror}", "choose another folder with --store") from error

    def forget(self, username: str) -> None:
        """Delete somebody's log."""
        self._path(username).unlink(missing_ok=True)

    def _path(self, username: str) -> Path:
        return self._folder / f"{username}.jsonl"


def _line(entry: LogEntry) -> bytes:
    return msgspec.json.encode(entry, order="deterministic") + b"\n"


def _entry(line: bytes) -> LogEntry | None:
    """The entry of a line; None for one that a crash cut off."""
    try:
        return msgspec.json.decode(line, type=LogEntry)
    except msgspec.MsgspecError:
        return None
