"""The rule sets that are shipped: the one in force, the one that stands ready, and the examples on their page."""

import re
from datetime import date
from pathlib import Path

from reports.settings.loader import Settings, check, load
from tests.unit.settings.config_folders import EXAMPLE, MEASURES, PROJECT, config_folder

PAGE = PROJECT / "docs" / "rule-sets.md"


def uncommented(text: str) -> str:
    """The rules as they are after somebody took the `#` from the set that stands ready."""
    before, ready = text.split("  # - name: handbook-2026\n")
    return f"{before}  - name: handbook-2026\n{re.sub('^  # ', '  ', ready, flags=re.MULTILINE)}"


def switched(parent: Path) -> Settings:
    folder = config_folder(parent)
    (folder / "rules.yml").write_text(uncommented((folder / "rules.yml").read_text(encoding="utf-8")), encoding="utf-8")
    return load(folder, MEASURES)


def test_handbook_2023__is_the_only_one_in_force() -> None:
    assert [rules.name for rules in load(EXAMPLE, MEASURES).rule_sets] == ["handbook-2023"]


def test_handbook_2026__is_used_by_taking_its_comment_signs_away(tmp_path: Path) -> None:
    old, new = switched(tmp_path).rule_sets

    assert (new.name, new.baseline_measures, new.effective_from.weekday()) == ("handbook-2026", ("new_tickets",), 0)
    assert old.baseline_measures == ("solved_tickets", "public_comments", "internal_notes")


def test_handbook_2026__differs_in_nothing_else(tmp_path: Path) -> None:
    old, new = switched(tmp_path).rule_sets

    same = {name: getattr(old, name) for name in type(old).__slots__}
    other = {name: getattr(new, name) for name in type(new).__slots__}
    assert {name for name in same if same[name] != other[name]} == {"name", "effective_from", "baseline_measures"}


def examples() -> dict[str, str]:
    """The YAML on the page, by the file that its first line names."""
    blocks = re.findall(r"   ```yaml\n   # (\S+)\n(.*?)   ```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return {name: re.sub("^   ", "", text, flags=re.MULTILINE) for name, text in blocks}


def test_page__its_examples_are_good_configuration(tmp_path: Path) -> None:
    folder = config_folder(tmp_path)
    for name, text in examples().items():
        (folder / name).write_text(text, encoding="utf-8")

    assert [problem for problem in check(folder, MEASURES) if problem.severity == "error"] == []
    assert sorted(examples()) == ["goals.yml", "rules.yml"]
    assert load(folder, MEASURES).rule_sets[-1].effective_from == date(2027, 1, 4)
