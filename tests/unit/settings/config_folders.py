"""Folders of configuration for the settings tests: the committed example with some files put in place of its own."""

import shutil
from pathlib import Path

from reports.measures.registry import catalogue

PROJECT = Path(__file__).parents[3]
EXAMPLE = PROJECT / "config"
CASES = PROJECT / "tests" / "config_examples"
MEASURES = catalogue()


def config_folder(parent: Path, case: Path | None = None) -> Path:
    """A folder `config` in `parent`: the example, with the YAML files of a case in place and `<name>.absent` ones removed."""
    folder = parent / "config"
    folder.mkdir()
    for source in EXAMPLE.glob("*.yml"):
        shutil.copyfile(source, folder / source.name)
    for source in sorted(case.iterdir()) if case else []:
        if source.suffix == ".absent":
            (folder / source.stem).unlink()
        elif source.suffix in {".yml", ".yaml"}:
            shutil.copyfile(source, folder / source.name)
    return folder


def cases(kind: str) -> list[Path]:
    """The case folders under `good` or `bad`, by name."""
    return sorted(path for path in (CASES / kind).iterdir() if path.is_dir())
