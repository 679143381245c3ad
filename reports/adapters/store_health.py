"""Whether the folder of the store can be written, and what its files say; writes one temporary file and keeps nothing."""

import tempfile
from pathlib import Path

from reports.adapters.parquet_store import ParquetStore
from reports.core.health import STORE, StoreSeen, Trouble
from reports.core.model import Coverage
from reports.errors import StoreError


def store_seen(folder: Path, store: ParquetStore) -> StoreSeen:
    """The store as it is; nothing is made where there is none yet."""
    coverage: tuple[Coverage, ...] = ()
    is_outdated, reading = False, None
    try:
        is_outdated = store.is_outdated
        coverage = () if is_outdated else tuple(store.coverage().values())
    except StoreError as error:
        reading = Trouble(says=error.message, step=error.hint, code=STORE)
    return StoreSeen(place=str(folder), writing=_unwritable(folder), reading=reading, is_outdated=is_outdated, coverage=coverage)


def _unwritable(folder: Path) -> Trouble | None:
    nearest = next((path for path in (folder, *folder.absolute().parents) if path.exists()), folder)
    try:
        with tempfile.TemporaryFile(dir=nearest):
            return None
    except OSError as error:
        says = f"the store cannot be written: {error.strerror or error} ({nearest})"
        return Trouble(says=says, step="check the folder's rights and the free space, or name another with --store", code=STORE)
