"""The example organisation with two engineers and three weeks, for tests that gather it hundreds of times."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from reports.jobs.demo import Demo, DemoOptions, open_demo
from tests.integration.organisation import EXAMPLE, MONDAY

ENGINEERS = ("iduarte", "jbeck")
NO_GOALS: dict[str, object] = {"defaults": [], "people": {}}


@contextmanager
def small_organisation(folder: Path, weeks: int = 1) -> Iterator[Demo]:
    """Its sandbox, up, and a house that works against it."""
    example = folder / "example"
    shutil.copytree(EXAMPLE, example, ignore=shutil.ignore_patterns("schemas", "*.md"))
    team = yaml.safe_load((example / "team.yml").read_text(encoding="utf-8"))
    people = [person for person in team["people"] if person["username"] in ENGINEERS]
    managers = [person for person in team["managers"] if person["username"] in {each["reports_to"] for each in people}]
    contents = {"team.yml": team | {"people": people, "managers": managers}, "goals.yml": NO_GOALS, "context.yml": {}}
    for name, content in contents.items():
        (example / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    with open_demo(DemoOptions(example=example, folder=folder / "demo", now=MONDAY, weeks=weeks)) as demo:
        yield demo
