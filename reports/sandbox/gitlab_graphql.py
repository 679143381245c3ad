"""The GraphQL endpoint of the small GitLab: limits, complexity and execution; what the fields give is in gitlab_resolvers."""

import functools
from pathlib import Path
from typing import Any

import flask
from graphql import GraphQLError, GraphQLSchema, build_schema, execute_sync, parse, validate
from graphql.language import DocumentNode

from reports.sandbox.gitlab_http import ApiError, answer, parameters, session
from reports.sandbox.gitlab_objects import Group
from reports.sandbox.gitlab_resolvers import Context, resolve
from reports.sandbox.graphql_complexity import ComplexityCounter

MAX_QUERY_LENGTH = 10_000
MAX_COMPLEXITY = 250
MAX_COMPLEXITY_ANONYMOUS = 200

blueprint = flask.Blueprint("graphql", __name__)


@functools.cache
def schema() -> GraphQLSchema:
    """The schema that the sandbox serves."""
    return build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))


@blueprint.post("/api/graphql")
def run_query() -> flask.Response:
    """Run one query; one that is wrong or too complex answers 200 with `errors`, one that is too long 422."""
    body = parameters()
    text, variables = str(body.get("query") or ""), body.get("variables") or {}
    if len(text) > MAX_QUERY_LENGTH:
        raise ApiError(422, {"errors": [{"message": "Query too large"}]})
    try:
        document, problems = _checked(text)
    except GraphQLError as error:
        return answer({"errors": [error.formatted]})
    if problems:
        return answer({"errors": [problem.formatted for problem in problems]})
    return _execute(document, variables, body.get("operationName"))


@functools.lru_cache(maxsize=256)
def _checked(text: str) -> tuple[DocumentNode, list[GraphQLError]]:
    """A query read and held against the schema; the same few texts come again and again."""
    document = parse(text)
    return document, validate(schema(), document)


def _execute(document: DocumentNode, variables: dict[str, Any], operation: str | None) -> flask.Response:
    limit = MAX_COMPLEXITY if session().user else MAX_COMPLEXITY_ANONYMOUS
    score = ComplexityCounter(schema(), document, variables).score()
    if score > limit:
        message = f"Query has complexity of {score}, which exceeds max complexity of {limit}"
        return answer({"errors": [{"message": message}]})
    result = execute_sync(
        schema(),
        document,
        context_value=Context(session(), score, limit),
        variable_values=variables,
        operation_name=operation,
        field_resolver=resolve,
        type_resolver=lambda value, info, abstract: "GroupMember" if isinstance(value.where, Group) else "ProjectMember",
    )
    return answer(result.formatted)
