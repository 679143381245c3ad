"""The JSON Schemas: committed as they are made, agreeing with the loader, explained key by key."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reports.settings.documents import document_of
from reports.settings.json_schema import json_schemas, schema_at
from reports.settings.schema import FILES
from reports.settings.schema_examples import EXAMPLES
from reports.settings.yaml_nodes import plain
from reports.settings.yaml_reader import parse
from tests.unit.settings.config_folders import EXAMPLE, cases

SEEN_BY_SCHEMA = {
    "unknown-key",
    "missing-key",
    "wrong-type",
    "wrong-size",
    "out-of-range",
    "unknown-word",
    "bad-project",
    "bad-group",
}


def yaml_files(kind: str) -> list[Path]:
    return sorted(path for case in cases(kind) for path in case.glob("*.yml"))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def fits(path: Path) -> bool:
    parsed = parse(path.name, path.read_bytes())
    assert parsed.tree is not None
    return bool(Draft202012Validator(json_schemas()[path.name]).is_valid(plain(parsed.tree)))


def keys(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from keys(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys(value)


@pytest.mark.parametrize("name", sorted(FILES))
def test_schema__is_valid_and_committed(name: str) -> None:
    schema = json_schemas()[name]
    Draft202012Validator.check_schema(schema)
    committed = EXAMPLE / "schemas" / name.replace(".yml", ".json")
    assert json.loads(committed.read_text(encoding="utf-8")) == schema, "run support-reports schema --into config/schemas"


@pytest.mark.parametrize("path", [*sorted(EXAMPLE.glob("*.yml")), *yaml_files("good")], ids=name_of)
def test_schema__takes_what_the_loader_takes(path: Path) -> None:
    assert fits(path)


@pytest.mark.parametrize("path", yaml_files("bad"), ids=name_of)
def test_schema__refuses_the_shapes_that_the_loader_refuses(path: Path) -> None:
    problems = document_of(path.name, path.read_bytes(), FILES[path.name]).problems
    if SEEN_BY_SCHEMA & {problem.code for problem in problems}:
        assert not fits(path)


@pytest.mark.parametrize("name", sorted(FILES))
def test_readme__names_every_key(name: str) -> None:
    sections = re.split(r"^## ", (EXAMPLE / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (section,) = [text for text in sections if text.startswith(f"{name}\n")]
    assert [key for key in sorted(set(keys(json_schemas()[name]))) if f"`{key}`" not in section] == []


@pytest.mark.parametrize("name", sorted(FILES))
def test_example__points_editors_to_its_schema(name: str) -> None:
    first_line = (EXAMPLE / name).read_text(encoding="utf-8").splitlines()[0]
    assert first_line == f"# yaml-language-server: $schema=schemas/{name.replace('.yml', '.json')}"


def test_schema_at__follows_lists_maps_and_references() -> None:
    assert schema_at(FILES["goals.yml"], ("people", "iduarte", 0, "goals", "new_tickets", "per"))["enum"] == [
        "week",
        "30 days",
        "month",
        "quarter",
    ]
    assert "who" in schema_at(FILES["context.yml"], ("unavailable", 3))["properties"]
    assert schema_at(FILES["context.yml"], ("nothing", 3, "here")) == {}


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Every property of a schema by `Shape.key`; one that only refers to a shape says what that says."""
    shapes = schema.get("$defs", {})
    for shape, definition in {"": schema, **shapes}.items():
        for key, value in definition.get("properties", {}).items():
            described = shapes.get(str(value.get("$ref", "")).rpartition("/")[2], {}).get("description", "")
            yield f"{shape}.{key}", {"description": described, **value}


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.parametrize("what", ["description", "examples"])
def test_schema__every_key_has(name: str, what: str) -> None:
    assert [key for key, value in properties(json_schemas()[name]) if not value.get(what)] == []


@pytest.mark.parametrize("name", sorted(FILES))
def test_schema__every_example_is_one(name: str) -> None:
    schema = json_schemas()[name]
    wrong = [
        (key, example)
        for key, value in properties(schema)
        for example in value["examples"]
        if not Draft202012Validator({"$defs": schema.get("$defs", {}), **value}).is_valid(example)
    ]
    assert wrong == []


def test_examples__are_all_of_a_key_that_there_is() -> None:
    there = {key for schema in json_schemas().values() for key, _ in properties(schema)}
    there |= {f"{FILES[name].__name__}{key}" for name, schema in json_schemas().items() for key, _ in properties(schema)}
    known = there | {key.rpartition(".")[2] for key in there}

    assert [key for key in EXAMPLES if key not in known] == []
