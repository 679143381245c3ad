"""Keeps the store between jobs as whole archives in a depot: brings the newest one in, carries a changed one out, prunes.

An archive's name is `<moment>-<digest>`, so the newest sorts last and a damaged one is noticed. What a depot loses costs one
slower run, since the store is a cache of the sources; a depot that cannot be asked stops the run, since an empty store in
place of the kept one would forget what was published.

What a shard has gathered is an archive of its own, `shard-<number>-of-<all>-<moment>-<digest>`, until a run has taken it in.
"""

import hashlib
import re
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from reports.errors import StoreError

#: So many archives stay: one in use, one being written, one to go back to.
KEPT = 3
#: The folder below the store's in which shards wait to be taken in.
SHARDS = "shards"
_NAME = re.compile(r"\d{8}T\d{12}Z-(?P<digest>[0-9a-f]{32})")
_SHARD_NAME = re.compile(rf"shard-(?P<shard>\d+-of-\d+)-{_NAME.pattern}")
_MOMENT = "%Y%m%dT%H%M%S%fZ"
_BLOCK = 1 << 20


class Depot(Protocol):
    """A place for archives; every method raises StoreError when the place cannot be used."""

    def names(self) -> Sequence[str]:
        """The archives that are there, in any order; other things are left out by whoever asks."""
        ...

    def fetch(self, name: str, target: Path) -> bool:
        """Copy an archive into a file; False when it is gone."""
        ...

    def keep(self, name: str, source: Path) -> None:
        """Put an archive there, whole or not at all."""
        ...

    def drop(self, name: str) -> None:
        """Take an archive away; nothing happens when it is gone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtIn:
    """The archive that the store was brought in from, empty for none; `damaged` ones were passed over."""

    name: str = ""
    damaged: tuple[str, ...] = ()


def bring_in(depot: Depot, folder: Path) -> BroughtIn:
    """Fill an empty folder from the newest archive that is whole; it stays empty when there is none."""
    damaged: list[str] = []
    tried = set[str]()
    # Asked anew after each: one that is gone by now went because another job has kept a newer one.
    while left := set(_ours(depot.names())) - tried:
        name = max(left)
        tried.add(name)
        with tempfile.TemporaryDirectory(dir=_parent(folder)) as workshop:
            archive = Path(workshop) / "store.tar"
            if not depot.fetch(name, archive):
                continue
            if _digest(archive) != _digest_in(name):
                damaged.append(name)
                continue
            _unpack(archive, folder)
            return BroughtIn(name=name, damaged=tuple(damaged))
    return BroughtIn(damaged=tuple(damaged))


def carry_out(depot: Depot, folder: Path, now: datetime, kept: int = KEPT) -> str:
    """Keep the folder as a new archive unless the newest is the same, then prune to `kept`; gives the name of the newest."""
    with tempfile.TemporaryDirectory(dir=_parent(folder)) as workshop:
        archive = Path(workshop) / "store.tar"
        _pack(folder, archive)
        digest = _digest(archive)
        there = sorted(_ours(depot.names()))
        if not there or _digest_in(there[-1]) != digest:
            there.append(f"{_moment(now, there)}-{digest}")
            depot.keep(there[-1], archive)
    for old in there[:-kept]:
        depot.drop(old)
    return there[-1]


def bring_in_shards(depot: Depot, folder: Path) -> Mapping[str, str]:
    """Put the newest archive of every shard below a store's folder; gives the names of all of them, with their shards'.

    One that is damaged stays out, as if its shard had never run.
    """
    brought = {name: found["shard"] for name in sorted(depot.names()) if (found := _SHARD_NAME.fullmatch(name))}
    newest = {shard: name for name, shard in brought.items()}
    for shard, name in newest.items():
        with tempfile.TemporaryDirectory(dir=_parent(folder)) as workshop:
            archive = Path(workshop) / "shard.tar"
            if depot.fetch(name, archive) and _digest(archive) == _digest_in(name):
                _unpack(archive, folder / SHARDS / shard)
    return brought


def carry_out_shards(depot: Depot, folder: Path, now: datetime, brought: Mapping[str, str]) -> None:
    """Keep the shards that a run has gathered, and drop those that it has taken in or gathered anew."""
    with tempfile.TemporaryDirectory(dir=_parent(folder)) as workshop:
        here = {}
        for path in sorted((folder / SHARDS).glob("*-of-*")):
            archive = Path(workshop) / path.name
            _pack(path, archive)
            same = [name for name, shard in brought.items() if shard == path.name and _digest_in(name) == _digest(archive)]
            here[path.name] = same[-1] if same else f"shard-{path.name}-{_moment(now, [])}-{_digest(archive)}"
            if not same:
                depot.keep(here[path.name], archive)
            archive.unlink()
    for name, shard in brought.items():
        if here.get(shard) != name:
            depot.drop(name)


def _ours(names: Sequence[str]) -> list[str]:
    return [name for name in names if _NAME.fullmatch(name)]


def _digest_in(name: str) -> str:
    return name.rpartition("-")[2]


def _moment(now: datetime, there: Sequence[str]) -> str:
    """The moment in a name, later than that of every other archive even where a runner's clock goes wrong."""
    moment = now.astimezone(UTC)
    if there:
        newest = datetime.strptime(there[-1].partition("-")[0], _MOMENT).replace(tzinfo=UTC)
        moment = max(moment, newest + timedelta(microseconds=1))
    return moment.strftime(_MOMENT)


def _parent(folder: Path) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.parent


def _pack(folder: Path, archive: Path) -> None:
    """The same files give the same bytes: sorted, without times and owners."""
    shards = folder / SHARDS
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix != ".draft" and shards not in path.parents
    )
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as packed:
        for path in files:
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.size, entry.mode = path.stat().st_size, 0o600
            with path.open("rb") as content:
                packed.addfile(entry, content)


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise StoreError(f"the kept store cannot be unpacked into {folder}: {error}", "Check the free space.") from error


def _digest(archive: Path) -> str:
    digest = hashlib.sha256()
    with archive.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()[:32]
