"""Shards gathered apart and taken in make the same store as one gather; whatever is lost of them costs time, never a number."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reports.adapters.clocks import FixedClock
from reports.adapters.http_session import PacedSession, Waiting
from reports.adapters.parquet_store import ParquetStore
from reports.commands import console
from reports.core.facts import Fact
from reports.core.model import Coverage
from reports.core.shards import Shard
from reports.jobs import kept_weeks, personal_data, stages
from reports.jobs.demo import ENVIRONMENT, Demo, DemoOptions, open_demo
from reports.jobs.gathering import Gathered
from reports.sandbox.faults import failing
from reports.wiring import shard_stores
from reports.wiring.house import House
from tests.dying_process import DyingProcess
from tests.fakes import each_once
from tests.integration.gathered import GatheredDemos
from tests.integration.organisation import MONDAY

TICKETS = "zendesk.ticket_events"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, gathered_demos: GatheredDemos) -> Iterator[Demo]:
    """Half of the organisation, from which is only read."""
    folder = tmp_path_factory.mktemp("sharding") / "demo"
    with open_demo(DemoOptions(example=gathered_demos.half, folder=folder, now=MONDAY)) as opened:
        yield opened


@pytest.fixture
def demo(sandbox: Demo) -> Iterator[Demo]:
    yield sandbox
    sandbox.sandbox.faults.clear()
    sandbox.world.now = MONDAY


@pytest.fixture(scope="module")
def whole(sandbox: Demo, tmp_path_factory: pytest.TempPathFactory) -> House:
    """What one gather makes of everything."""
    house = house_at(sandbox, tmp_path_factory.mktemp("whole"))
    assert gather(house, sandbox).gaps == ()
    return house


def house_at(demo: Demo, folder: Path) -> House:
    """A process of its own with a store somewhere; its pauses cost no time."""
    return House(
        config=demo.house.config,
        store_folder=folder,
        environment=ENVIRONMENT,
        clock=FixedClock(demo.world.now),
        new_session=lambda: PacedSession(waiting=Waiting(sleep=lambda seconds: None)),
    )


def gather(house: House, demo: Demo) -> Gathered:
    return stages.gather(house, demo.week, console.silent)


def shards(demo: Demo, folder: Path, of: int, without: Sequence[int] = ()) -> None:
    """Every shard on a machine of its own that has the same store."""
    for number in range(1, of + 1):
        if number not in without:
            stages.gather_shard(house_at(demo, folder), demo.week, Shard(number, of), console.silent)


def facts(house: House) -> list[Fact]:
    found = list(house.store.facts())
    assert len(each_once(found)) == len(found)
    return sorted(found, key=repr)


def reach(house: House) -> dict[str, Coverage]:
    """How far the streams reach; the present of the exports is that of their request, a few milliseconds apart."""
    return {
        name: replace(one, until=one.until and one.until.replace(microsecond=0)) for name, one in house.store.coverage().items()
    }


def exports_read(demo: Demo) -> int:
    return sum("/incremental/" in request.path for request in demo.sandbox.requests)


@pytest.mark.parametrize("of", [1, 2, 5])
def test_shards__taken_in_are_what_one_gather_brings(demo: Demo, whole: House, tmp_path: Path, of: int) -> None:
    shards(demo, tmp_path, of)
    assert not (tmp_path / "facts").exists()

    demo.sandbox.reset_log()
    done = gather(house_at(demo, tmp_path), demo)

    assert done.gaps == ()
    assert any(note.startswith(f"shards: {of} of {of} were there") for note in done.notes), done.notes
    assert not any("read again" in note for note in done.notes), done.notes
    house = house_at(demo, tmp_path)
    assert facts(house) == facts(whole)
    assert reach(house) == reach(whole)
    assert not (tmp_path / "shards").exists()
    assert exports_read(demo) == 0
    assert len(demo.sandbox.requests) == 0  # nothing is left to read


def test_shards__set_out_from_the_store_and_bring_what_is_new_since(demo: Demo, whole: House, tmp_path: Path) -> None:
    demo.world.now = MONDAY - timedelta(days=9)
    gather(house_at(demo, tmp_path), demo)
    before = len(facts(house_at(demo, tmp_path)))
    demo.world.now = MONDAY

    shards(demo, tmp_path, 3)
    brought = [len(list(ParquetStore(tmp_path / "shards" / f"{n}-of-3").facts())) for n in (1, 2, 3)]
    gather(house_at(demo, tmp_path), demo)

    assert facts(house_at(demo, tmp_path)) == facts(whole)
    assert all(count < before / 4 for count in brought), (brought, before)


@pytest.mark.parametrize("lost", [1, 2])
def test_lost_shard__costs_only_its_own_part(demo: Demo, whole: House, tmp_path: Path, lost: int) -> None:
    shards(demo, tmp_path, 2, without=[lost])

    demo.sandbox.reset_log()
    done = gather(house_at(demo, tmp_path), demo)

    assert facts(house_at(demo, tmp_path)) == facts(whole)
    assert reach(house_at(demo, tmp_path)) == reach(whole)
    assert "gitlab.merge_requests" in next(note for note in done.notes if "read again here" in note)
    assert (exports_read(demo) > 0) == (lost == 1)  # the first of two reads Zendesk


def test_week_that_goes_on__is_read_on_after_shards_were_taken_in(demo: Demo, tmp_path: Path) -> None:
    shards(demo, tmp_path, 2)
    demo.sandbox.reset_log()

    stages.gather(house_at(demo, tmp_path), demo.week.plus(1), console.silent)

    assert exports_read(demo) == 3


@pytest.mark.parametrize("path", ["/api/graphql", "/incremental/ticket_events"])
def test_shard__whose_source_fails_leaves_what_it_read_and_the_rest_to_the_next(
    demo: Demo, whole: House, tmp_path: Path, path: str
) -> None:
    shards(demo, tmp_path, 2, without=[1])
    demo.sandbox.faults.add(failing(path, 404, count=None))
    failed = stages.gather_shard(house_at(demo, tmp_path), demo.week, Shard(1, 2), console.silent)
    assert failed.gaps
    demo.sandbox.faults.clear()

    assert gather(house_at(demo, tmp_path), demo).gaps == ()

    assert facts(house_at(demo, tmp_path)) == facts(whole)
    assert reach(house_at(demo, tmp_path)) == reach(whole)


def test_shards__of_a_store_that_somebody_gathered_into_meanwhile_are_left_out(demo: Demo, whole: House, tmp_path: Path) -> None:
    demo.world.now = MONDAY - timedelta(days=9)
    shards(demo, tmp_path, 2)
    shutil.move(tmp_path / "shards", tmp_path / "late")
    demo.world.now = MONDAY
    gather(house_at(demo, tmp_path), demo)
    shutil.move(tmp_path / "late", tmp_path / "shards")

    done = gather(house_at(demo, tmp_path), demo)

    assert any("0 streams taken in" in note for note in done.notes)
    assert facts(house_at(demo, tmp_path)) == facts(whole)
    assert not (tmp_path / "shards").exists()


def test_shards__of_before_somebody_was_forgotten_are_left_out(demo: Demo, tmp_path: Path) -> None:
    shards(demo, tmp_path, 2)
    house = house_at(demo, tmp_path)
    house.tombstones.add(["left-long-ago"], demo.week.last_day)

    done = gather(house_at(demo, tmp_path), demo)

    assert any("0 streams taken in" in note for note in done.notes)
    assert not (tmp_path / "shards").exists()


def test_shard__that_never_noted_where_it_set_out_from_or_cannot_be_read_is_as_if_it_had_not_run(
    demo: Demo, whole: House, tmp_path: Path
) -> None:
    shards(demo, tmp_path, 3)
    (tmp_path / "shards" / "2-of-3" / "shard.json").unlink()
    (tmp_path / "shards" / "3-of-3" / "shard.json").write_text("half of i")

    gather(house_at(demo, tmp_path), demo)

    assert facts(house_at(demo, tmp_path)) == facts(whole)


def test_shard__that_died_before_it_read_anything_is_as_if_it_had_not_run(demo: Demo, whole: House, tmp_path: Path) -> None:
    shards(demo, tmp_path, 2, without=[1])
    shard_stores.set_out(house_at(demo, tmp_path), Shard(1, 2))

    gather(house_at(demo, tmp_path), demo)

    assert facts(house_at(demo, tmp_path)) == facts(whole)


@pytest.mark.parametrize("file", ["store.json", "streams/gitlab.merge_requests.json"])
@pytest.mark.parametrize("content", ['{"format":99}', "half of i"])
def test_shard__of_another_version_or_damaged_is_as_if_it_had_not_run(
    demo: Demo, whole: House, tmp_path: Path, file: str, content: str
) -> None:
    shards(demo, tmp_path, 2)
    (tmp_path / "shards" / "2-of-2" / file).write_text(content)

    gather(house_at(demo, tmp_path), demo)

    assert facts(house_at(demo, tmp_path)) == facts(whole)


def test_shards__of_which_none_can_be_used_are_removed_all_the_same(demo: Demo, tmp_path: Path) -> None:
    gather(house_at(demo, tmp_path), demo)
    shards(demo, tmp_path, 1)
    (tmp_path / "shards" / "1-of-1" / "shard.json").unlink()

    gather(house_at(demo, tmp_path), demo)

    assert not (tmp_path / "shards").exists()


def test_shards__of_a_later_week_do_not_keep_an_earlier_one_from_being_read(demo: Demo, tmp_path: Path) -> None:
    stages.gather_shard(house_at(demo, tmp_path), demo.week, Shard(1, 1), console.silent)
    earlier = demo.week.plus(-9)

    stages.gather(house_at(demo, tmp_path), earlier, console.silent)

    needed = kept_weeks.needed_facts(house_at(demo, tmp_path), earlier).start
    assert {name: one.since for name, one in reach(house_at(demo, tmp_path)).items() if one.since != needed} == {}


def test_shards__of_before_it_was_said_whose_work_counts_are_left_out(demo: Demo, whole: House, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(demo.house.config, config)
    sources = (config / "sources.yml").read_text()
    (config / "sources.yml").write_text(sources.replace("excluded_accounts: [", "excluded_accounts: [iduarte, "))
    house = replace(house_at(demo, tmp_path / "store"), config=config)
    stages.gather_shard(house, demo.week, Shard(1, 1), console.silent)

    gather(house_at(demo, tmp_path / "store"), demo)

    assert facts(house_at(demo, tmp_path / "store")) == facts(whole)


def test_shards__of_different_counts_are_not_mixed(demo: Demo, whole: House, tmp_path: Path) -> None:
    shards(demo, tmp_path, 2, without=[2])
    shards(demo, tmp_path, 3, without=[1])

    done = gather(house_at(demo, tmp_path), demo)

    assert any("0 streams taken in" in note for note in done.notes)
    assert facts(house_at(demo, tmp_path)) == facts(whole)


def test_kill__while_shards_are_taken_in_loses_no_fact_and_leaves_none_twice(
    demo: Demo, whole: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = tmp_path / "start"
    demo.world.now = MONDAY - timedelta(days=9)
    gather(house_at(demo, start), demo)
    demo.world.now = MONDAY
    shards(demo, start, 2)
    expected = facts(whole)
    process = DyingProcess(monkeypatch)
    shutil.copytree(start, tmp_path / "counted")
    gather(house_at(demo, tmp_path / "counted"), demo)
    points = process.changes
    assert points > 30

    for point in range(0, points, points // 6):
        folder = tmp_path / f"killed-{point}"
        shutil.copytree(start, folder)
        with process.dying(before=point):
            gather(house_at(demo, folder), demo)
        gather(house_at(demo, folder), demo)
        assert facts(house_at(demo, folder)) == expected, point


def test_forget__takes_what_waits_to_be_taken_in_along(demo: Demo, tmp_path: Path) -> None:
    gather(house_at(demo, tmp_path), demo)
    shards(demo, tmp_path, 2)
    house = house_at(demo, tmp_path)
    about = personal_data.subject(house, "iduarte")

    personal_data.forget(house, about, personal_data.held(house, about, with_issues=False))

    assert not (tmp_path / "shards").exists()
