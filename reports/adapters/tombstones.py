"""Who was forgotten, as salted digests of accounts: enough to keep them out, and no list of names.

Whoever has the store and a list of accounts can still try them one by one, so the file is as private as the store.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path

import msgspec

from reports.adapters.run_files import RunFiles

_NAME = "forgotten"


class _Stones(msgspec.Struct, frozen=True, kw_only=True):
    salt: str
    digests: dict[str, date]


class Tombstones:
    """The forgotten accounts of a store; StoreError when the file cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self._files = RunFiles(folder)

    def holds(self, account: str) -> bool:
        """Whether an account was forgotten."""
        return bool(self._stones.digests) and self._digest(account) in self._stones.digests

    def add(self, accounts: Iterable[str], day: date) -> None:
        """Remember that accounts were forgotten on a day."""
        fresh = {self._digest(account): day for account in accounts}
        stones = _Stones(salt=self._stones.salt, digests=fresh | self._stones.digests)
        self._files.write(_NAME, stones)
        self.__dict__["_stones"] = stones

    @property
    def mark(self) -> str:
        """A text that differs when somebody was forgotten meanwhile."""
        return " ".join(sorted(self._stones.digests))

    @cached_property
    def _stones(self) -> _Stones:
        return self._files.find(_NAME, _Stones) or _Stones(salt=secrets.token_hex(16), digests={})

    def _digest(self, account: str) -> str:
        return hashlib.sha256(f"{self._stones.salt} {account}".encode()).hexdigest()
