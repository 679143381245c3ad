"""The small GitLab's REST answers held against GitLab's own response schemas and the names of its OpenAPI."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
import yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from reports.sandbox.gitlab_objects import MAINTAINER
from reports.sandbox.server import Sandbox
from tests.gitlab_sandbox import MANAGERS, NOW, PRODUCT, client, contracts, running, small_gitlab


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """A GitLab with one of everything."""
    state = small_gitlab()
    state.add_merge_request(PRODUCT, "iduarte", "merged", created_at=NOW, merged_at=NOW, labels=["documentation"])
    state.add_merge_request(PRODUCT, "iduarte", "open", created_at=NOW)
    state.add_schedule(MANAGERS, "support-reports-bot", "0 5 * * 1", NOW, run="weekly")
    state.add_member(MANAGERS, "support-reports-bot", MAINTAINER)
    with running(state) as sandbox, client(sandbox) as gl:
        issue = gl.projects.get(MANAGERS).issues.create(
            {"title": "x", "labels": ["weekly"], "assignee_ids": [state.user("iduarte").id], "due_date": "2026-11-20"}
        )
        issue.notes.create({"body": "hello"}).awardemojis.create({"name": "eyes"})
        issue.state_event = "close"
        issue.save()
        gl.projects.get(MANAGERS).issues.create({"title": "y"})
        yield sandbox


def fetched(box: Sandbox, path: str) -> Any:
    answer = requests.get(f"{box.gitlab_url}/api/v4{path}", headers={"PRIVATE-TOKEN": "writer"}, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def validator(name: str) -> jsonschema.Draft7Validator:
    """A validator of one schema file; references lead to the files beside it."""
    folder = contracts() / "schemas" / "public_api" / "v4"

    def retrieve(uri: str) -> Resource[Any]:
        return DRAFT7.create_resource(_schema(Path(uri.removeprefix("file://"))))

    path = folder / name
    registry: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]  # an attrs alias that mypy does not see
    return jsonschema.Draft7Validator({**_schema(path), "$id": path.as_uri()}, registry=registry)


def _schema(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def problems(name: str, body: object) -> list[str]:
    return [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator(name).iter_errors(body)]


PROJECT = f"/projects/{MANAGERS.replace('/', '%2F')}"


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (f"{PROJECT}/issues", "issues.json"),
        ("/groups/acme/issues", "issues.json"),
        (f"{PROJECT}/issues/1", "issue.json"),
        (f"{PROJECT}/members", "members.json"),
        (f"{PROJECT}/members/all", "members.json"),
        ("/groups/acme%2Fsupport/members", "members.json"),
    ],
)
def test_answer__fits_gitlabs_schema(box: Sandbox, path: str, schema: str) -> None:
    assert problems(schema, fetched(box, path)) == []


def test_merge_requests__fit_gitlabs_schema(box: Sandbox) -> None:
    found = fetched(box, f"/projects/{PRODUCT.replace('/', '%2F')}/merge_requests")

    assert len(found) == 2
    assert [problem for item in found for problem in problems("merge_request.json", item)] == []


def test_labels__fit_gitlabs_schema(box: Sandbox) -> None:
    found = fetched(box, f"{PROJECT}/labels")

    assert found
    assert [problem for item in found for problem in problems("labels/project_label.json", item)] == []


def _entity(name: str) -> dict[str, Any]:
    """The properties of an entity of the OpenAPI, read from its lines: the whole file takes many seconds to load."""
    lines = (contracts() / "openapi" / "gitlab-openapi3.yaml").read_text(encoding="utf-8").splitlines()
    start = lines.index(f"    {name}:")
    length = next(n for n, line in enumerate(lines[start + 1 :], start=1) if line[:5].strip())
    found: dict[str, Any] = yaml.safe_load("\n".join(lines[start : start + length]))[name]["properties"]
    return found


@pytest.mark.parametrize(
    ("path", "entity"),
    [
        (f"{PROJECT}/issues", "API_Entities_Issue"),
        (f"/projects/{PRODUCT.replace('/', '%2F')}/merge_requests", "API_Entities_MergeRequestBasic"),
        (f"{PROJECT}/issues/1/notes", "API_Entities_Note"),
        (f"{PROJECT}/members/all", "API_Entities_Member"),
        ("/users/support-reports-bot/events", "API_Entities_Event"),
        (f"{PROJECT}/pipeline_schedules", "API_Entities_Ci_PipelineSchedule"),
    ],
)
def test_keys__are_those_of_the_openapi(box: Sandbox, path: str, entity: str) -> None:
    found = fetched(box, path)

    assert found
    assert {key for item in found for key in item} - _entity(entity).keys() == set()


def test_a_schedule__has_the_keys_of_the_openapi_and_its_variables(box: Sandbox) -> None:
    (listed,) = fetched(box, f"{PROJECT}/pipeline_schedules")
    found = fetched(box, f"{PROJECT}/pipeline_schedules/{listed['id']}")

    assert found.keys() - _entity("API_Entities_Ci_PipelineScheduleDetails").keys() == set()
    assert listed.keys() == found.keys() - {"variables", "last_pipeline"}
    assert [one["value"] for one in found["variables"]] == ["weekly"]
    assert found["variables"][0].keys() - _entity("API_Entities_Ci_Variable").keys() == set()
