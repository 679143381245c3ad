"""The plan of the house, held against the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "reports"

#: Rooms that are told apart module by module: commands call jobs, jobs ask the wiring for adapters, and never the other way.
BY_MODULE = {"commands", "jobs", "wiring"}

#: Rooms from the inside out; a room may import itself and what stands in its set, nothing else of the package.
MAY_IMPORT = {
    "core": set[str](),
    "errors": {"core"},
    "ports": {"core"},
    "pipeline": {"core", "errors", "ports"},
    "gathering": {"core", "errors", "ports"},
    "applying": {"core", "errors", "ports", "pipeline"},
    "dialogue": {"core", "errors", "ports"},
    "queues": {"core", "errors", "ports"},
    "adapters": {"core", "errors", "ports"},
    "measures": {"core", "errors", "ports"},
    "settings": {"core", "errors"},
    "render": {"core", "errors"},
    "sandbox": {"core", "errors"},
    "console": {"ports"},
    "explain": {"core", "errors"},
    "plan_text": {"core", "pipeline"},
    "outcome_text": {"core", "errors", "gathering", "pipeline", "ports"},
    "discretion": {"printing"},
    "printing": set(),
    "privacy_commands": {"console", "core", "discretion", "errors", "personal_data", "pipeline", "retention", "house"},
    "house": {"core", "errors", "ports", "adapters", "measures", "render", "settings"},
    "queue_sources": {"core", "ports", "adapters", "measures", "settings", "house"},
    "kept_store": {"errors", "adapters"},
    "shard_stores": {"core", "errors", "adapters", "house"},
    "sharding": {"core", "gathering", "ports", "shard_stores", "house"},
    "records": {"core", "pipeline", "house"},
    "calendars": {"ports", "adapters", "settings", "house"},
    "kept_weeks": {"core", "measures", "ports", "house"},
    "retention": {"core", "kept_weeks", "ports", "stages", "house"},
    "personal_data": {"core", "errors", "shard_stores", "stages", "house"},
    "stages": {
        "core",
        "errors",
        "ports",
        "pipeline",
        "applying",
        "calendars",
        "gathering",
        "dialogue",
        "kept_weeks",
        "queue_sources",
        "queues",
        "records",
        "sharding",
        "house",
    },
    "first_steps": {"core", "errors", "ports", "adapters", "settings", "house"},
    "doctor": {"core", "errors", "ports", "adapters", "calendars", "measures", "settings", "house"},
    "doctor_text": {"core"},
    "setup_commands": {
        "console",
        "core",
        "doctor",
        "doctor_text",
        "errors",
        "first_steps",
        "measures",
        "settings",
        "stages",
        "week_option",
        "house",
    },
    "previews": {"core", "pipeline", "stages", "house"},
    "preview_text": {"core"},
    "upkeep": {"adapters", "core", "dialogue", "errors", "house"},
    "job_record": {"errors", "printing"},
    "week_option": {"core", "errors", "house"},
    "pipeline_commands": {
        "console",
        "core",
        "errors",
        "outcome_text",
        "preview_text",
        "previews",
        "stages",
        "upkeep",
        "week_option",
        "house",
    },
    "demo": {"core", "errors", "ports", "adapters", "measures", "sandbox", "settings", "stages", "house"},
    "demo_command": {"console", "demo"},
    "sandbox_command": {"core", "demo", "errors", "sandbox"},
    "cli": {
        "core",
        "errors",
        "console",
        "demo_command",
        "explain",
        "job_record",
        "kept_store",
        "measures",
        "outcome_text",
        "pipeline_commands",
        "plan_text",
        "privacy_commands",
        "sandbox_command",
        "settings",
        "setup_commands",
        "stages",
        "upkeep",
        "week_option",
        "house",
    },
    "__main__": {"cli"},
}

#: Libraries that only one room may know.
HOME_OF = {
    "gitlab": {"adapters"},
    "zenpy": {"adapters"},
    "requests": {"adapters"},
    "tenacity": {"adapters"},
    "holidays": {"adapters", "settings"},
    "icalendar": {"adapters"},
    "recurring_ical_events": {"adapters"},
    "dateutil": {"adapters"},
    "yaml": {"settings"},
    "pydantic": {"settings"},
    "jinja2": {"render"},
    "markupsafe": {"render", "sandbox"},
    "matplotlib": {"render"},
    "duckdb": {"adapters", "measures"},
    "sqlglot": {"measures"},
    "flask": {"sandbox"},
    "werkzeug": {"sandbox"},
    "graphql": {"sandbox"},
    "comrak": {"sandbox"},
    "nh3": {"sandbox"},
    "obstore": {"adapters"},
    "click": {
        "cli",
        "demo_command",
        "outcome_text",
        "pipeline_commands",
        "privacy_commands",
        "sandbox_command",
        "setup_commands",
        "week_option",
    },
    "rich": {"console"},
}

#: The core takes clocks, files, randomness and the network as arguments or not at all.
CORE_MAY_KNOW = {
    "bisect", "collections", "dataclasses", "datetime", "decimal", "difflib", "enum", "functools", "hashlib", "itertools",
    "json", "math", "re", "typing", "unicodedata", "urllib", "zoneinfo",
}  # fmt: skip


def room_of(path: Path) -> str:
    return room_of_module(["reports", *path.relative_to(PACKAGE).with_suffix("").parts])


def room_of_module(parts: list[str]) -> str:
    return parts[2] if parts[1] in BY_MODULE else parts[1]


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module in {"reports", *(f"reports.{room}" for room in BY_MODULE)}:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", modules(), ids=name)
def test_imports__follow_the_plan(path: Path) -> None:
    if path.name == "__init__.py" and path.parent.name in {PACKAGE.name, *BY_MODULE}:
        assert list(imports(path)) == []
        return
    room = room_of(path)
    rooms = {room_of_module(module.split(".")) for module in imports(path) if module.startswith("reports.")}

    assert rooms - {room} <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", modules(), ids=name)
def test_libraries__stay_in_their_rooms(path: Path) -> None:
    known = {module.split(".")[0] for module in imports(path)}

    assert {library for library in known & set(HOME_OF) if room_of(path) not in HOME_OF[library]} == set()


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").glob("*.py")), ids=name)
def test_core__knows_only_what_is_pure(path: Path) -> None:
    outside = {module.split(".")[0] for module in imports(path)} - {"reports"}

    assert outside <= CORE_MAY_KNOW


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").glob("*.py")), ids=name)
def test_core__reads_no_clock(path: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]

    assert not {"now", "today", "utcnow"} & {call.attr for call in calls if isinstance(call, ast.Attribute)}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_module__says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", modules(), ids=name)
def test_module__is_small_enough_to_read(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= 60] == []


FORBIDDEN_WORD = "underperform"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_names__hold_no_verdict_on_people(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}

    assert [each for each in names if FORBIDDEN_WORD in each.lower()] == []


@pytest.mark.parametrize("folder", ["reports", "templates", "config", "scripts", ".gitlab-ci.yml", "pyproject.toml"])
def test_words__hold_no_verdict_on_people_anywhere_that_the_product_is_made_of(folder: str) -> None:
    place = ROOT / folder
    files = [path for path in place.rglob("*") if path.suffix != ".pyc"] if place.is_dir() else [place]

    found = [str(path) for path in files if path.is_file() and FORBIDDEN_WORD in path.read_text(encoding="utf-8").lower()]

    assert found == []
