"""Files that survive a crash: whatever a reader finds is the old file or the whole new one, never half of it."""

import os
from pathlib import Path


def replace_durably(target: Path, content: bytes) -> None:
    """Write a whole file, its folders too; OSError when that cannot be done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.write_bytes(content)
    rename_durably(draft, target)


def rename_durably(draft: Path, target: Path) -> None:
    """Bring the draft's bytes to disk, then its name."""
    sync(draft)
    draft.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Wait until a file or a folder's list of names is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
