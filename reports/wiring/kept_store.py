"""Where the store lies while a command runs: a folder as it is, or a copy of what a URL keeps between jobs."""

import re
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reports.adapters.clocks import SystemClock
from reports.errors import UsageError

if TYPE_CHECKING:
    from reports.adapters.store_archives import Depot

# Adapters are imported where they are made, as in wiring.
# ruff: noqa: PLC0415

PACKAGES = "gitlab"
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9]+)://(?P<rest>.*)")
_PACKAGE = re.compile(r"(?P<project>[\w.-]+(?:/[\w.-]+)+)/(?P<name>[\w.-]+)")
#: The exit code of a process that was asked to end, as shells have it.
_TERMINATED = 128 + signal.SIGTERM


@contextmanager
def kept_store(
    place: str, environment: Mapping[str, str], tell: Callable[[str], object], copies: int | None = None
) -> Iterator[Path]:
    """The local folder of the store; what a URL keeps is brought in before and, where it changed, carried out after.

    It is carried out after a failure too, and when the job is stopped: what was gathered until then need not be gathered
    again. Of `copies` one stays once a command has erased something, and none is made by one that only looks or gathers a
    shard, which is kept by itself. `tell` is told in a sentence what was lost. Raises StoreError when the place cannot be
    used, and UsageError for a place of no known kind or without its credentials.
    """
    found = _URL.fullmatch(place)
    if found is None:
        yield Path(place)
        return
    from reports.adapters.store_archives import KEPT, bring_in, bring_in_shards, carry_out, carry_out_shards

    depot = _depot(found["scheme"], place, found["rest"], environment)
    with _ending_orderly(), tempfile.TemporaryDirectory(prefix="support-reports-") as folder:
        store = Path(folder) / "store"
        brought = bring_in(depot, store)
        for name in brought.damaged:
            tell(f"the kept store {name} is damaged and was passed over for {brought.name or 'an empty one'}")
        shards = bring_in_shards(depot, store)
        if not brought.name:
            tell(f"nothing is kept at {place} yet: everything is read from its sources")
        left = KEPT
        try:
            yield store
            left = copies or KEPT
        finally:
            now = SystemClock().now()
            if store.exists() and copies != 0:
                carry_out(depot, store, now, left)
            carry_out_shards(depot, store, now, shards)


@contextmanager
def _ending_orderly() -> Iterator[None]:
    """Make of a runner's request to end an ordinary end, so that what was gathered is still carried out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(_TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _depot(scheme: str, place: str, rest: str, environment: Mapping[str, str]) -> "Depot":
    from reports.adapters.object_depot import SCHEMES, ObjectDepot

    if scheme in SCHEMES:
        return ObjectDepot(place)
    if scheme == PACKAGES:
        return _package_depot(place, rest, environment)
    raise UsageError(
        f"--store {place}: the kind {scheme!r} is not known",
        f"name a folder, {PACKAGES}://group/project/name for the package registry of a GitLab project, "
        f"or an address that begins with {', '.join(f'{kind}://' for kind in sorted(SCHEMES))}",
    )


def _package_depot(place: str, rest: str, environment: Mapping[str, str]) -> "Depot":
    from reports.adapters.http_session import PacedSession
    from reports.adapters.package_depot import PackageDepot, RegistryAccess

    named = _PACKAGE.fullmatch(rest)
    if named is None:
        raise UsageError(f"--store {place} names no package", f"write it like {PACKAGES}://group/project/support-reports-store")
    url = environment.get("CI_SERVER_URL", "")
    job_token, token = environment.get("CI_JOB_TOKEN", ""), environment.get("GITLAB_TOKEN", "")
    missing = [
        name for name, value in (("CI_SERVER_URL", url), ("CI_JOB_TOKEN or GITLAB_TOKEN", job_token or token)) if not value
    ]
    if missing:
        raise UsageError(
            f"--store {place} lacks in the environment: {', '.join(missing)}",
            "GitLab sets CI_SERVER_URL and CI_JOB_TOKEN in a job; elsewhere set the address of your GitLab and GITLAB_TOKEN",
        )
    return PackageDepot(
        RegistryAccess(url=url, project=named["project"], job_token=job_token, token=token), named["name"], PacedSession()
    )
