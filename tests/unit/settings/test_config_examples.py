"""Folders of good and bad configuration, each with all that the check says about it."""

from pathlib import Path

import pytest

from reports.errors import ConfigError
from reports.settings.loader import check, load
from reports.settings.problems import as_text
from tests.unit.settings.config_folders import MEASURES, cases, config_folder


def names(case: Path) -> str:
    return case.name


@pytest.mark.parametrize("case", cases("bad"), ids=names)
def test_load__bad_configuration(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config_folder(tmp_path, case)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(Path("config"), MEASURES)
    assert f"{caught.value}\n" == (case / "expected.txt").read_text(encoding="utf-8")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("case", cases("good"), ids=names)
def test_load__good_configuration(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config_folder(tmp_path, case)
    monkeypatch.chdir(tmp_path)
    expected = case / "expected.txt"
    load(Path("config"), MEASURES)
    warnings = as_text(check(Path("config"), MEASURES))
    assert (warnings and f"{warnings}\n") == (expected.read_text(encoding="utf-8") if expected.exists() else "")


def test_examples__there_are_many() -> None:
    assert len(cases("bad")) >= 30
    assert all((case / "expected.txt").exists() for case in cases("bad"))
