"""The same contract for every place that keeps the store between jobs: what was kept comes back whole, or an older one does."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reports.adapters.http_session import PacedSession, Patience, Waiting
from reports.adapters.object_depot import ObjectDepot
from reports.adapters.package_depot import PackageDepot, RegistryAccess
from reports.adapters.store_archives import KEPT, BroughtIn, Depot, bring_in, bring_in_shards, carry_out, carry_out_shards
from reports.errors import StoreError, UsageError
from reports.sandbox.faults import Fault, failing, reset_after_write, reset_before_write, truncated
from reports.sandbox.server import Sandbox
from tests.gitlab_sandbox import MANAGERS, running, small_gitlab
from tests.s3_server import S3Server, s3_server

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A depot on a server, on which faults can be put."""

    depot: Depot
    fault: Callable[[Fault], None]
    requests: Callable[[], list[str]]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def store(folder: Path, content: bytes = b"facts") -> Path:
    """A folder with something in it."""
    (folder / "facts" / "tickets").mkdir(parents=True)
    (folder / "facts" / "tickets" / "new.ndjson").write_bytes(content)
    (folder / "store.json").write_text('{"format": 2}')
    return folder


@contextmanager
def shared_folder(tmp_path: Path) -> Iterator[Place]:
    yield Place(ObjectDepot(f"file://{tmp_path}/depot"), lambda fault: pytest.skip("a folder has no connection to break"), list)


@contextmanager
def package_registry(tmp_path: Path) -> Iterator[Place]:
    state = small_gitlab()
    state.add_member(MANAGERS, "dev", 40)
    with running(state) as sandbox:
        access = RegistryAccess(url=sandbox.gitlab_url, project=MANAGERS, job_token="dev")
        session = PacedSession(Patience(total_wait=0), Waiting(sleep=lambda seconds: None))
        yield Place(PackageDepot(access, "support-reports-store", session), sandbox.faults.add, lambda: _asked(sandbox))


def _asked(sandbox: Sandbox) -> list[str]:
    return [f"{request.method} {request.path}" for request in sandbox.requests]


@contextmanager
def s3(tmp_path: Path) -> Iterator[Place]:
    with s3_server() as server:
        yield Place(_s3_depot(server), server.faults.add, lambda: list(server.requests))


def _s3_depot(server: S3Server) -> Depot:
    return ObjectDepot(
        f"s3://{server.bucket}/depot",
        endpoint=server.url,
        access_key_id="key",
        secret_access_key="secret",
        region="us-east-1",
        **PLAIN_AND_SHORT,
    )


@contextmanager
def google(tmp_path: Path) -> Iterator[Place]:
    """Google's storage is asked in the language of S3; its account's key says where the server is."""
    with s3_server() as server:
        key = {"gcs_base_url": server.url, "disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}
        depot = ObjectDepot(f"gs://{server.bucket}/depot", service_account_key=json.dumps(key), **PLAIN_AND_SHORT)
        yield Place(depot, server.faults.add, lambda: list(server.requests))


PLAIN_AND_SHORT: dict[str, Any] = {
    "client_options": {"allow_http": True, "timeout": "5s"},
    "retry_config": {"max_retries": 0, "retry_timeout": timedelta(seconds=1)},
}
PLACES = {"folder": shared_folder, "package registry": package_registry, "s3": s3, "google": google}


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with PLACES[request.param](tmp_path) as found:
        yield found


def test_store__that_nobody_kept_begins_empty(place: Place, tmp_path: Path) -> None:
    assert bring_in(place.depot, tmp_path / "store") == BroughtIn()
    assert not (tmp_path / "store").exists()


def test_store__comes_back_as_it_was_kept(place: Place, tmp_path: Path) -> None:
    kept = store(tmp_path / "one", bytes(range(256)) * 4000)
    name = carry_out(place.depot, kept, NOW)

    assert bring_in(place.depot, tmp_path / "two") == BroughtIn(name=name)
    assert files(tmp_path / "two") == files(kept)


def test_store__that_has_not_changed_is_not_kept_again(place: Place, tmp_path: Path) -> None:
    kept = store(tmp_path / "one")

    assert carry_out(place.depot, kept, NOW) == carry_out(place.depot, kept, NOW + timedelta(hours=1))
    assert len(place.depot.names()) == 1


def test_store__the_newest_comes_back_and_old_ones_go(place: Place, tmp_path: Path) -> None:
    kept = store(tmp_path / "one")
    for run in range(KEPT + 2):
        (kept / "store.json").write_text(str(run))
        carry_out(place.depot, kept, NOW + timedelta(hours=run))

    bring_in(place.depot, tmp_path / "two")

    assert (tmp_path / "two" / "store.json").read_text() == str(KEPT + 1)
    assert len(place.depot.names()) == KEPT


def test_store__after_an_erasure_no_older_one_stays(place: Place, tmp_path: Path) -> None:
    kept = store(tmp_path / "one")
    for run in range(KEPT):
        (kept / "store.json").write_text(str(run))
        carry_out(place.depot, kept, NOW + timedelta(hours=run))

    name = carry_out(place.depot, kept, NOW + timedelta(hours=KEPT), kept=1)

    assert place.depot.names() == [name]


def test_store__a_clock_that_goes_wrong_makes_no_old_one_the_newest(place: Place, tmp_path: Path) -> None:
    kept = store(tmp_path / "one")
    carry_out(place.depot, kept, NOW)
    (kept / "store.json").write_text("later")
    carry_out(place.depot, kept, NOW - timedelta(days=1))

    bring_in(place.depot, tmp_path / "two")

    assert (tmp_path / "two" / "store.json").read_text() == "later"


def test_store__a_damaged_archive_is_passed_over_for_the_one_before(place: Place, tmp_path: Path) -> None:
    kept = store(tmp_path / "one")
    whole = carry_out(place.depot, kept, NOW)
    broken = f"20261116T070000000000Z-{'0' * 32}"
    (tmp_path / "rubbish").write_bytes(b"half of it")
    place.depot.keep(broken, tmp_path / "rubbish")

    assert bring_in(place.depot, tmp_path / "two") == BroughtIn(name=whole, damaged=(broken,))


def test_store__two_jobs_that_prune_the_same_do_not_disturb_each_other(place: Place, tmp_path: Path) -> None:
    name = carry_out(place.depot, store(tmp_path / "one"), NOW)
    place.depot.drop(name)
    place.depot.drop(name)

    assert place.depot.fetch(name, tmp_path / "gone") is False


# --- shards -------------------------------------------------------------------------------------------


@dataclass
class Erasing:
    """A depot in which another job erases, between the list of archives and the first copy."""

    depot: Depot
    erase: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.depot, name)

    def fetch(self, name: str, target: Path) -> bool:
        erase, self.erase = self.erase, lambda: None
        erase()
        return self.depot.fetch(name, target)


def test_store__brought_in_while_another_job_erases_is_the_new_one_and_never_empty(place: Place, tmp_path: Path) -> None:
    carry_out(place.depot, store(tmp_path / "one"), NOW)
    less = store(tmp_path / "two", b"less")
    erasing = Erasing(place.depot, lambda: carry_out(place.depot, less, NOW + timedelta(hours=1), kept=1))

    bring_in(erasing, tmp_path / "three")

    assert files(tmp_path / "three") == files(less)


def shard(folder: Path, name: str, content: bytes) -> None:
    (folder / "shards" / name).mkdir(parents=True, exist_ok=True)
    (folder / "shards" / name / "shard.json").write_bytes(content)


def test_shards__are_kept_each_by_itself_until_they_are_taken_in(place: Place, tmp_path: Path) -> None:
    """As two machines gather them at once and a third one takes them in."""
    main = carry_out(place.depot, store(tmp_path / "main"), NOW)
    for number in (1, 2):
        folder = tmp_path / str(number)
        bring_in(place.depot, folder)
        brought = bring_in_shards(place.depot, folder)
        shard(folder, f"{number}-of-2", b"%d" % number)
        carry_out_shards(place.depot, folder, NOW, brought)
    assert len(place.depot.names()) == 3

    bring_in(place.depot, tmp_path / "third")
    brought = bring_in_shards(place.depot, tmp_path / "third")

    assert files(tmp_path / "third" / "shards") == {"1-of-2/shard.json": b"1", "2-of-2/shard.json": b"2"}
    assert carry_out(place.depot, tmp_path / "third", NOW) == main  # they are no part of the store
    carry_out_shards(place.depot, tmp_path / "third", NOW, brought)
    assert len(place.depot.names()) == 3  # whoever does not take them in leaves them there
    shutil.rmtree(tmp_path / "third" / "shards")
    carry_out_shards(place.depot, tmp_path / "third", NOW, brought)
    assert place.depot.names() == [main]


def test_shard__gathered_anew_takes_the_place_of_the_one_before(place: Place, tmp_path: Path) -> None:
    for run in range(3):
        folder = tmp_path / str(run)
        brought = bring_in_shards(place.depot, folder)
        shard(folder, "2-of-4", b"%d" % run)
        carry_out_shards(place.depot, folder, NOW + timedelta(hours=run), brought)

    bring_in_shards(place.depot, tmp_path / "next")

    assert files(tmp_path / "next") == {"shards/2-of-4/shard.json": b"2"}
    assert len(place.depot.names()) == 1


def test_shard__that_is_damaged_is_as_if_it_had_not_run(place: Place, tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_bytes(b"half of it")
    place.depot.keep(f"shard-1-of-2-20261116T070000000000Z-{'0' * 32}", tmp_path / "rubbish")

    brought = bring_in_shards(place.depot, tmp_path / "store")
    carry_out_shards(place.depot, tmp_path / "store", NOW, brought)

    assert not (tmp_path / "store").exists()
    assert place.depot.names() == []


KINDS: dict[str, Callable[[int], Fault]] = {
    "status": lambda number: failing(".", status=503, first=number),
    "reset before": lambda number: reset_before_write(".", first=number),
    "reset after": lambda number: reset_after_write(".", first=number),
    "truncated": lambda number: truncated(".", first=number),
}


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("name", ["package registry", "s3", "google"])
def test_store__a_fault_at_any_request_loses_nothing_that_was_kept(name: str, kind: str, tmp_path: Path) -> None:
    """After a fault the run fails or goes on; either way the next one finds what was kept last, whole."""
    with PLACES[name](tmp_path) as calm:
        for run in range(KEPT):
            _a_job(calm.depot, tmp_path / f"calm-{run}", run)
        before = len(calm.requests())
        _a_job(calm.depot, tmp_path / "counted", KEPT)
        usual = len(calm.requests()) - before
    assert usual >= 4

    for number in range(1, usual + 1):
        with PLACES[name](tmp_path / str(number)) as place:
            for run in range(KEPT):
                _a_job(place.depot, tmp_path / f"{number}-{run}", run)
            place.fault(KINDS[kind](number))
            kept = {KEPT - 1}
            try:
                _a_job(place.depot, tmp_path / f"{number}-struck", KEPT)
            except StoreError:
                kept |= {KEPT}
            else:
                kept = {KEPT}

            assert _a_job(place.depot, tmp_path / f"{number}-next", KEPT + 1) in kept


def _a_job(depot: Depot, folder: Path, run: int) -> int:
    """One job: bring the store in, change it, carry it out; gives which run's store it found, -1 for none."""
    bring_in(depot, folder)
    counter = folder / "store.json"
    found = int(counter.read_text()) if counter.exists() else -1
    folder.mkdir(exist_ok=True)
    counter.write_text(str(run))
    carry_out(depot, folder, NOW + timedelta(hours=run))
    return found


def test_package_registry__another_package_of_a_longer_name_is_not_ours(tmp_path: Path) -> None:
    state = small_gitlab()
    state.add_member(MANAGERS, "dev", 40)
    with running(state) as sandbox:
        access = RegistryAccess(url=sandbox.gitlab_url, project=MANAGERS, job_token="dev")
        one, other = (PackageDepot(access, name, PacedSession()) for name in ("store", "store-of-another-team"))
        carry_out(other, store(tmp_path / "one"), NOW)

        assert bring_in(one, tmp_path / "two") == BroughtIn()


@pytest.mark.parametrize(("token", "says"), [("iduarte", "403"), ("nobody", "401")])
def test_package_registry__a_refusal_says_what_to_check(token: str, says: str, tmp_path: Path) -> None:
    with running(small_gitlab()) as sandbox:
        depot = PackageDepot(RegistryAccess(url=sandbox.gitlab_url, project=MANAGERS, job_token=token), "s", PacedSession())

        with pytest.raises(StoreError, match=says):
            depot.names()


def test_object_storage__an_address_of_no_known_kind_is_refused_with_examples() -> None:
    with pytest.raises(UsageError, match="s3://bucket/folder"):
        ObjectDepot("s4://bucket")


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("name", ["package registry", "s3", "google"])
def test_shard__a_fault_at_any_request_leaves_it_whole_or_out(name: str, kind: str, tmp_path: Path) -> None:
    with PLACES[name](tmp_path) as calm:
        _a_shard(calm.depot, tmp_path / "first", 0)
        before = len(calm.requests())
        _a_shard(calm.depot, tmp_path / "counted", 1)
        usual = len(calm.requests()) - before
    assert usual >= 4

    for number in range(1, usual + 1):
        with PLACES[name](tmp_path / str(number)) as place:
            _a_shard(place.depot, tmp_path / f"{number}-first", 0)
            place.fault(KINDS[kind](number))
            with suppress(StoreError):
                _a_shard(place.depot, tmp_path / f"{number}-struck", 1)

            brought = bring_in_shards(place.depot, tmp_path / f"{number}-next")
            assert files(tmp_path / f"{number}-next") in ({"shards/1-of-2/shard.json": bytes([run])} for run in (0, 1))
            shutil.rmtree(tmp_path / f"{number}-next")
            carry_out_shards(place.depot, tmp_path / f"{number}-next", NOW, brought)
            assert place.depot.names() == []


def _a_shard(depot: Depot, folder: Path, run: int) -> None:
    brought = bring_in_shards(depot, folder)
    shard(folder, "1-of-2", bytes([run]))
    carry_out_shards(depot, folder, NOW + timedelta(hours=run), brought)
