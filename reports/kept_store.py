"""Where the store lies while a command runs: a folder as it is, or a copy of what a URL keeps between jobs."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reports.errors import UsageError
from reports.ports import Clock

if TYPE_CHECKING:
    from reports.adapters.store_archives import Depot

# Adapters are imported where they are made, as in wiring.
# ruff: noqa: PLC0415

PACKAGES = "packages"
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9]+):(?P<rest>.*)")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@contextmanager
def kept_store(place: str, environment: Mapping[str, str], clock: Clock) -> Iterator[Path]:
    """The local folder of the store; what a URL keeps is brought in before and, where it changed, carried out after.

    It is carried out after a failure too: what was gathered until then need not be gathered again. Raises StoreError when the
    place cannot be used, and UsageError for a place of no known kind or without its credentials.
    """
    found = _URL.fullmatch(place)
    if found is None:
        yield Path(place)
        return
    from reports.adapters.store_archives import bring_in, carry_out

    depot = _depot(found["scheme"], place, found["rest"], environment)
    with tempfile.TemporaryDirectory(prefix="support-reports-") as folder:
        store = Path(folder) / "store"
        bring_in(depot, store)
        try:
            yield store
        finally:
            if store.exists():
                carry_out(depot, store, clock.now())


def _depot(scheme: str, place: str, rest: str, environment: Mapping[str, str]) -> "Depot":
    from reports.adapters.object_depot import SCHEMES, ObjectDepot

    if scheme in SCHEMES:
        return ObjectDepot(place)
    if scheme == PACKAGES:
        return _package_depot(rest, environment)
    raise UsageError(
        f"--store {place}: the kind {scheme!r} is not known",
        f"name a folder, {PACKAGES}:NAME for the package registry, or an address that begins with {', '.join(sorted(SCHEMES))}",
    )


def _package_depot(name: str, environment: Mapping[str, str]) -> "Depot":
    from reports.adapters.http_session import PacedSession
    from reports.adapters.package_depot import PackageDepot, RegistryAccess

    if not _NAME.fullmatch(name):
        raise UsageError(f"--store {PACKAGES}:{name} names no package", f"write it like {PACKAGES}:support-reports-store")
    missing = [variable for variable in ("CI_SERVER_URL", "CI_PROJECT_ID") if not environment.get(variable)]
    job_token, token = environment.get("CI_JOB_TOKEN", ""), environment.get("GITLAB_TOKEN", "")
    if missing or not (job_token or token):
        raise UsageError(
            f"--store {PACKAGES}:{name} lacks {', '.join(missing) or 'CI_JOB_TOKEN'} in the environment",
            "GitLab sets it in a job; elsewhere set it yourself, with GITLAB_TOKEN in place of the job's token",
        )
    access = RegistryAccess(
        url=environment["CI_SERVER_URL"], project=environment["CI_PROJECT_ID"], job_token=job_token, token=token
    )
    return PackageDepot(access, name, PacedSession())
