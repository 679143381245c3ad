"""What is old goes by itself: facts after five weeks, results after half a year; no number of a judged week changes by it."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from reports.commands import console
from reports.core.facts import Fact, MergeRequest, OnCallPage, Ticket, TicketEvent, TicketMetricEvent, UserEvent, WorkItem
from reports.core.results import HISTORY_WEEKS, WeekResults
from reports.core.shards import Shard
from reports.core.weeks import Week
from reports.jobs import stages
from reports.jobs.demo import Demo
from reports.jobs.retention import Removed, retain
from reports.wiring.house import PEOPLE
from tests.dying_process import DyingProcess
from tests.integration.gathered import GatheredDemos
from tests.integration.organisation import fresh_house, of, reports, run

#: Five weeks before the Monday of the run.
KEPT_SINCE = date(2026, 10, 12)
BEFORE = datetime(2026, 10, 12, tzinfo=UTC)


@pytest.fixture
def gathered(tmp_path: Path, gathered_demos: GatheredDemos) -> Iterator[Demo]:
    """Half of the organisation, its facts gathered already."""
    with gathered_demos.open(tmp_path / "demo", is_half=True) as opened:
        yield opened


def judged(demo: Demo, week: Week | None = None) -> WeekResults:
    return stages.judged(fresh_house(demo), week or demo.week)


def numbers(results: WeekResults) -> WeekResults:
    """Everything but the events that are listed, and how far back they are."""
    people = tuple(replace(own, evidence=(), case_evidence=()) for own in results.engineers)
    return replace(results, engineers=people, facts_since=None)


def retained(demo: Demo) -> Removed:
    return retain(fresh_house(demo), console.silent)


def facts(demo: Demo) -> list[Fact]:
    return list(fresh_house(demo).store.facts())


def test_retain__leaves_every_number_of_all_judged_weeks_as_it_was(gathered: Demo) -> None:
    before = judged(gathered)

    done = retained(gathered)

    assert (done.facts_since, done.weeks, done.conversations, done.people) == (KEPT_SINCE, (), 0, 0)
    assert done.facts > 5_000
    after = judged(gathered)
    assert numbers(after) == numbers(before)
    assert after.facts_since == KEPT_SINCE
    assert any(measurement.value for own in after.engineers for measurement in own.history["public_comments"][:7])


def test_retain__keeps_of_older_days_only_what_still_goes_on(gathered: Demo) -> None:
    everything = facts(gathered)

    done = retained(gathered)

    left = facts(gathered)
    assert len(everything) - len(left) == done.facts
    assert {type(fact) for fact in left} == {type(fact) for fact in everything}
    assert not [f for f in left if isinstance(f, MergeRequest) and f.merged_at < BEFORE]
    assert not [f for f in left if isinstance(f, UserEvent | OnCallPage) and f.at < BEFORE]
    lately = BEFORE - timedelta(weeks=1)
    changed = {f.ticket_id for f in everything if isinstance(f, TicketEvent | TicketMetricEvent) and f.at >= lately}
    still_open = {f.id for f in everything if isinstance(f, Ticket) and f.status not in ("closed", "deleted")}
    assert {f.id for f in left if isinstance(f, Ticket)} >= still_open
    assert {f.ticket_id for f in left if isinstance(f, TicketEvent)} <= changed | still_open
    assert all(f.closed_at is None or f.closed_at >= lately for f in left if isinstance(f, WorkItem) and f.created_at < BEFORE)


def test_retain__a_second_time_removes_nothing_and_gathering_brings_nothing_back(gathered: Demo) -> None:
    retained(gathered)
    left = facts(gathered)

    stages.gather(fresh_house(gathered), gathered.week, console.silent)
    again = retained(gathered)

    assert (again.facts, again.counted) == (0, ())
    assert facts(gathered) == left


def test_retain__in_a_store_without_facts_leaves_the_first_gather_as_it_would_have_been(gathered: Demo) -> None:
    before = judged(gathered)
    shutil.rmtree(gathered.house.store_folder)

    done = retained(gathered)
    stages.gather(fresh_house(gathered), gathered.week, console.silent)

    assert (done.facts_since, done.facts, done.counted) == (None, 0, ())
    assert numbers(judged(gathered)) == numbers(before)


def test_a_store_whose_runs_are_lost__has_no_data_for_older_days_and_no_zero(gathered: Demo) -> None:
    retained(gathered)
    shutil.rmtree(gathered.house.store_folder / "runs")

    after = of(judged(gathered), "iduarte").history["public_comments"]

    assert [m.value is None for m in after] == [True] * 7 + [False] * 5
    assert "2026-W41 are kept no more" in after[6].missing


def test_a_store_whose_facts_are_lost__is_gathered_anew_as_far_back_as_ever(gathered: Demo) -> None:
    before = judged(gathered)
    retained(gathered)
    for folder in ("facts", "streams"):
        shutil.rmtree(gathered.house.store_folder / folder)

    stages.gather(fresh_house(gathered), gathered.week, console.silent)

    assert numbers(judged(gathered)) == numbers(before)


@pytest.mark.parametrize("shards", [0, 2])
def test_a_store_of_an_older_version__is_gathered_anew_as_far_back_as_ever(gathered: Demo, shards: int) -> None:
    before = judged(gathered)
    retained(gathered)
    (gathered.house.store_folder / "store.json").write_text('{"format":1}')

    for number in range(1, shards + 1):
        stages.gather_shard(fresh_house(gathered), gathered.week, Shard(number, shards), console.silent)
    done = stages.gather(fresh_house(gathered), gathered.week, console.silent)

    assert "written by an older version" in done.notes[0]
    assert numbers(judged(gathered)) == numbers(before)


def test_a_store_of_an_older_version__is_gathered_anew_for_somebody_who_is_new_too(gathered: Demo) -> None:
    house = fresh_house(gathered)
    house.heard.write(PEOPLE, {name: known for name, known in house.known_people.items() if name != "iduarte"})
    (house.store_folder / "store.json").write_text('{"format":1}')

    assert stages.gather(fresh_house(gathered), gathered.week, console.silent).gaps == ()


def test_kill__at_any_change_of_the_disk_changes_no_number_and_is_finished_by_the_next(
    gathered: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, store = judged(gathered), gathered.house.store_folder
    shutil.copytree(store, tmp_path / "whole")
    process = DyingProcess(monkeypatch)
    done = retained(gathered)
    points = process.changes
    assert points > 60

    for point in range(0, points, points // 9):
        shutil.rmtree(store)
        shutil.copytree(tmp_path / "whole", store)
        with process.dying(before=point):
            retained(gathered)
        assert numbers(judged(gathered)) == numbers(before), point

        finished = retained(gathered)
        assert finished.facts_since == done.facts_since
        assert numbers(judged(gathered)) == numbers(before), point
        assert not [f for f in facts(gathered) if isinstance(f, MergeRequest) and f.merged_at < BEFORE]


def test_weeks_later__published_weeks_stand_and_what_was_counted_is_no_zero(gathered: Demo) -> None:
    run(gathered)
    before = {own.username: own.history["public_comments"] for own in judged(gathered).engineers}
    retained(gathered)
    gathered.world.now += timedelta(weeks=1)
    run(gathered, gathered.week.plus(1))
    retained(gathered)

    after = judged(gathered, gathered.week.plus(1))

    assert fresh_house(gathered).store.facts_since == KEPT_SINCE + timedelta(weeks=1)
    for own in after.engineers:
        assert [m.value for m in own.history["public_comments"][:-1]] == [m.value for m in before[own.username][1:]]
    assert len(of(after, "iduarte").weeks) == HISTORY_WEEKS


def test_after_half_a_year__weeks_conversations_and_logs_go_and_open_issues_stay(gathered: Demo) -> None:
    run(gathered)
    stages.listen(fresh_house(gathered), gathered.week, console.silent)
    house = fresh_house(gathered)
    logged = [entry for who in house.logs.people for entry in house.logs.of(who)]
    issues = len(reports(gathered))
    gathered.world.now += timedelta(weeks=27)

    done = retained(gathered)

    assert gathered.week in done.weeks
    assert fresh_house(gathered).heard.weeks == ()
    assert 0 < done.log_lines < len(logged)
    assert {entry.deed for who in house.logs.people for entry in house.logs.of(who)} == {"goals changed"}
    assert len(reports(gathered)) == issues


def test_a_source_that_was_not_read__keeps_its_weeks(gathered: Demo) -> None:
    gathered.world.now += timedelta(weeks=5)

    done = retained(gathered)

    assert done.facts_since == date(2026, 11, 16)
    assert fresh_house(gathered).store.facts_since == date(2026, 11, 16)
