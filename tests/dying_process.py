"""A process that ends, without any clearing up, right before one of its changes of the disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Killed(BaseException):
    """The process is gone: whatever it tries to write afterwards does not happen either."""


class DyingProcess:
    """Counts the changes of the disk, and lets the process die before one of them where that is asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.changes = 0
        self._dies_before: int | None = None
        replace, unlink = Path.replace, Path.unlink
        monkeypatch.setattr(Path, "replace", lambda path, target: self._change() or replace(path, target))
        monkeypatch.setattr(Path, "unlink", lambda path, missing_ok=False: self._change() or unlink(path, missing_ok=missing_ok))
        monkeypatch.setattr("reports.adapters.durable_files.sync", lambda path: None)  # a kill is no power cut

    def _change(self) -> bool:
        if self.changes == self._dies_before:
            raise Killed
        self.changes += 1
        return False

    @contextmanager
    def dying(self, before: int) -> Iterator[None]:
        """What is done in here ends before the change with this number, counted from 0."""
        self.changes, self._dies_before = 0, before
        with pytest.raises(Killed):
            yield
        self._dies_before = None
