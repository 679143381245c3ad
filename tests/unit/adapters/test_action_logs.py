from pathlib import Path

from reports.adapters.action_logs import ActionLogs
from reports.adapters.tombstones import Tombstones
from reports.core.action_log import Deed, LogEntry
from tests.builders import MONDAY, W46, utc

ONE = LogEntry(at=utc("2026-11-09 06:00"), deed=Deed.OPENED, by="bot", week=W46, readers=("iduarte",))
TWO = LogEntry(at=utc("2026-11-10 06:00"), deed=Deed.UPDATED, by="bot")


def test_log__is_read_as_it_was_written_and_only_added_to(tmp_path: Path) -> None:
    logs = ActionLogs(tmp_path / "log")
    logs.add("iduarte", [ONE])
    first = (tmp_path / "log" / "iduarte.jsonl").read_bytes()
    logs.add("iduarte", [TWO])

    assert logs.of("iduarte") == (ONE, TWO)
    assert (tmp_path / "log" / "iduarte.jsonl").read_bytes().startswith(first)
    assert logs.of("jbeck") == ()


def test_log__a_line_that_a_crash_cut_off_hides_nothing_else(tmp_path: Path) -> None:
    logs = ActionLogs(tmp_path)
    logs.add("iduarte", [ONE])
    with (tmp_path / "iduarte.jsonl").open("ab") as file:
        file.write(b'{"at": "2026-11-0')
    logs.add("iduarte", [TWO])

    assert logs.of("iduarte") == (ONE, TWO)


def test_log__is_readable_by_its_owner_only_and_can_be_forgotten(tmp_path: Path) -> None:
    logs = ActionLogs(tmp_path)
    logs.add("iduarte", [ONE])
    assert (tmp_path / "iduarte.jsonl").stat().st_mode & 0o077 == 0

    logs.forget("iduarte")
    logs.forget("iduarte")

    assert list(tmp_path.iterdir()) == []


def test_tombstones__know_whom_they_hold_and_name_nobody(tmp_path: Path) -> None:
    Tombstones(tmp_path).add(["gitlab:kaziz", "zendesk:4410009"], MONDAY)
    Tombstones(tmp_path).add(["gitlab:jbeck"], MONDAY)

    stones = Tombstones(tmp_path)
    assert all(map(stones.holds, ["gitlab:kaziz", "zendesk:4410009", "gitlab:jbeck"]))
    assert not stones.holds("gitlab:iduarte")
    text = (tmp_path / "forgotten.json").read_text(encoding="utf-8")
    assert not any(word in text for word in ("kaziz", "4410009", "jbeck"))


def test_tombstones__where_nobody_was_forgotten_there_is_no_file(tmp_path: Path) -> None:
    assert not Tombstones(tmp_path).holds("gitlab:iduarte")
    assert list(tmp_path.iterdir()) == []
