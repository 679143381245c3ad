"""The JSON Schemas of the files in `config/`, for editors and for explaining problems; they say nothing across files."""

import json
from functools import cache
from typing import Any

from reports.settings.schema import FILES
from reports.settings.schema_examples import with_examples
from reports.settings.shape import Shape
from reports.settings.yaml_nodes import Path

JsonSchema = dict[str, Any]


def json_schemas() -> dict[str, JsonSchema]:
    """The JSON Schema (draft 2020-12) of each file, by file name such as `team.yml`."""
    return {name: _schema(shape) for name, shape in FILES.items()}


def schema_files() -> dict[str, str]:
    """The text of each schema by its file, such as `team.json`, as the first lines of the YAML name it below `schemas/`."""
    texts = {name: json.dumps(schema, indent=2) + "\n" for name, schema in json_schemas().items()}
    return {f"{name.removesuffix('.yml')}.json": text for name, text in texts.items()}


@cache
def _schema(shape: type[Shape]) -> JsonSchema:
    schema = shape.model_json_schema(by_alias=True)
    for name, definition in {**schema.get("$defs", {}), shape.__name__: schema}.items():
        with_examples(name, definition["properties"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_at(shape: type[Shape], path: Path) -> JsonSchema:
    """What the schema of a file says about the value at a path; empty when it says nothing."""
    root = _schema(shape)
    found: JsonSchema = root
    for step in path:
        found = _resolved(_child(found, step), root)
    return found


def _child(schema: JsonSchema, step: str | int) -> JsonSchema:
    child: object = schema.get("items") if isinstance(step, int) else schema.get("properties", {}).get(step)
    if child is None:
        child = schema.get("additionalProperties")
    return child if isinstance(child, dict) else {}


def _resolved(schema: JsonSchema, root: JsonSchema) -> JsonSchema:
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    if choices:
        schema = {**schema, **choices[0]}
    reference = str(schema.get("$ref", ""))
    return {**root["$defs"][reference.rpartition("/")[2]], **schema} if reference else schema
