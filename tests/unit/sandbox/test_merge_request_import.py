"""Real merge requests in place of made-up ones."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reports.core.weeks import Week
from reports.errors import UsageError
from reports.sandbox.gitlab_objects import MergeRequest
from reports.sandbox.made_up_team import made_up_team
from reports.sandbox.merge_request_import import last_full_week, read_merge_requests, replace_merge_requests
from reports.sandbox.world import World, make_world
from reports.sandbox.world_gitlab import HANDBOOK, PRODUCT_GROUP

SHARED = Path(os.environ.get("SUPPORT_REPORTS_SHARED", Path(__file__).parents[4] / "shared"))
REAL = SHARED / "data" / "merge-requests-gitlab-runner.jsonl"
UTC_ZONE = ZoneInfo("UTC")


def line(**special: Any) -> str:
    ordinary = {
        "project": "gitlab-org/gitlab-runner",
        "iid": 1,
        "title": "Fix it",
        "author": "person-1",
        "created_at": "2026-11-09T10:00:00+01:00",
        "merged_at": "2026-11-10T12:00:00+00:00",
        "merged_by": "person-2",
        "files_changed": 2,
        "docs_files_changed": 0,
    }
    return json.dumps(ordinary | special)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "merge-requests.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def small_world() -> World:
    team, context = made_up_team(2)
    return make_world(team, context, Week(2026, 46), weeks=2)


def requests_of(world: World) -> dict[int, MergeRequest]:
    return world.gitlab.projects["gitlab-org/gitlab-runner"].merge_requests


def test_replace__the_busiest_people_become_the_engineers_in_alphabetical_order(tmp_path: Path) -> None:
    authors = ["person-9", "person-9", "person-9", "person-3", "person-3", "person-5", *["bot-1"] * 4]
    world = small_world()
    path = written(tmp_path, *[line(iid=number, author=author) for number, author in enumerate(authors, start=1)])
    first, second = sorted(engineer.username for engineer in world.team.engineers)
    assert replace_merge_requests(world, path) == {"person-9": first, "person-3": second}
    names = Counter(world.gitlab.users[request.author_id].username for request in requests_of(world).values())
    assert names == {first: 3, second: 2, "person-5": 1, "bot-1": 4}
    assert world.gitlab.user("bot-1").bot
    assert not world.gitlab.user("person-5").bot


def test_replace__equally_busy_people_come_by_name(tmp_path: Path) -> None:
    world = small_world()
    first, second = sorted(engineer.username for engineer in world.team.engineers)
    path = written(tmp_path, line(iid=1, author="b"), line(iid=2, author="a"), line(iid=3, author="c"))
    assert replace_merge_requests(world, path) == {"a": first, "b": second}


@pytest.mark.parametrize(
    ("files", "docs", "author", "labels"),
    [
        (2, 2, "mapped", ["documentation", "Support Team Contributions"]),
        (2, 1, "mapped", ["Support Team Contributions"]),
        (0, 0, "mapped", ["Support Team Contributions"]),
        (1, 1, "bot-7", ["documentation"]),
    ],
)
def test_replace__labels_tell_documentation_and_contributions(
    tmp_path: Path, files: int, docs: int, author: str, labels: list[str]
) -> None:
    world = small_world()
    replace_merge_requests(world, written(tmp_path, line(files_changed=files, docs_files_changed=docs, author=author)))
    assert requests_of(world)[1].labels == labels


def test_replace__keeps_project_iid_title_and_times(tmp_path: Path) -> None:
    world = small_world()
    replace_merge_requests(world, written(tmp_path, line(project="acme/tool", iid=77, title="/close | `x`")))
    request = world.gitlab.projects["acme/tool"].merge_requests[77]
    assert (request.title, request.state) == ("/close | `x`", "merged")
    assert request.created_at == datetime(2026, 11, 9, 9, tzinfo=UTC)
    assert request.merged_at == datetime(2026, 11, 10, 12, tzinfo=UTC)


def test_replace__drops_the_made_up_ones_of_the_product_only(tmp_path: Path) -> None:
    world = small_world()
    handbook = len(world.gitlab.projects[HANDBOOK].merge_requests)
    replace_merge_requests(world, written(tmp_path, line()))
    product = [p for p in world.gitlab.projects.values() if p.path.startswith(f"{PRODUCT_GROUP}/")]
    assert sum(len(project.merge_requests) for project in product) == 1
    assert len(world.gitlab.projects[HANDBOOK].merge_requests) == handbook > 0


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ("{", "Input data was truncated"),
        ("[]", "Expected `object`, got `array`"),
        (line(iid="one"), "Expected `int`, got `str` - at `$.iid`"),
        (line(iid=0), "iid 0 is not above 0"),
        (line(merged_at=None), "Expected `datetime`, got `null` - at `$.merged_at`"),
        (line(merged_at="yesterday"), "Invalid RFC3339 encoded datetime - at `$.merged_at`"),
        (line(merged_at="2026-11-10T12:00:00"), "created_at and merged_at need an offset such as +00:00"),
        (line(project="gitlab-runner"), "project 'gitlab-runner' is not a full path"),
        (line(author=""), "'' is not a username"),
        (line(author="../../x y"), "'../../x y' is not a username"),
        (line(docs_files_changed=3), "3 of 2 files changed are documentation"),
        (line(iid=5), "gitlab-org/gitlab-runner!5 is here a second time"),
    ],
)
def test_read__a_line_that_cannot_be_used_is_named(tmp_path: Path, bad: str, what: str) -> None:
    path = written(tmp_path, line(iid=5), "", bad)
    with pytest.raises(UsageError) as caught:
        read_merge_requests(path)
    assert caught.value.message == f"{path}:3: {what}"
    assert caught.value.hint.startswith("Expected")


def test_read__bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b'{"project": "\xff"}\n')
    with pytest.raises(UsageError, match=r"bad\.jsonl:1: "):
        read_merge_requests(path)


def test_read__a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.jsonl: cannot be read: No such file"):
        read_merge_requests(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("last", "week"),
    [
        ("2026-11-15T00:00:00+00:00", Week(2026, 46)),
        ("2026-11-14T23:59:59+00:00", Week(2026, 45)),
        ("2026-11-16T06:00:00+00:00", Week(2026, 46)),
    ],
)
def test_last_full_week__is_the_last_one_covered_to_its_sunday(tmp_path: Path, last: str, week: Week) -> None:
    assert last_full_week(written(tmp_path, line(merged_at=last), line(iid=2)), UTC_ZONE) == week


def test_last_full_week__goes_by_the_zone(tmp_path: Path) -> None:
    path = written(tmp_path, line(merged_at="2026-11-14T20:00:00+00:00"))
    assert last_full_week(path, ZoneInfo("Asia/Tokyo")) == Week(2026, 46)


def test_last_full_week__of_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no merge request"):
        last_full_week(written(tmp_path, ""), UTC_ZONE)


@pytest.mark.skipif(not REAL.is_file(), reason="the folder of real merge requests, ../shared, is not there")
def test_replace__the_real_file_fills_the_runner_project() -> None:
    team, context = made_up_team(24)
    week = last_full_week(REAL, UTC_ZONE)
    world = make_world(team, context, week, weeks=2)
    people = replace_merge_requests(world, REAL)
    found = requests_of(world)
    assert (len(found), len(people), week) == (1501, 24, Week(2026, 33))
    assert not any(person.startswith("bot-") for person in people)
    engineers = {world.gitlab.user(name).id for name in people.values()}
    for request in found.values():
        assert ("Support Team Contributions" in request.labels) == (request.author_id in engineers)
