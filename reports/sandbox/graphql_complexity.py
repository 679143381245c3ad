"""What a GraphQL query costs by GitLab's rules; counts, and runs nothing.

A field costs 1; one with a resolver costs its children and 1, one more when it can be sorted, five more when it
searches; a connection multiplies that by 1 + 0.01 for each row it may give. GitLab's true score can differ by a few points.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)
from graphql.pyutils import Undefined

MAX_PAGE_SIZE = 100


class ComplexityCounter:
    """Counts the cost of one document with its variables."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._document = document
        self._variables = dict(variables)
        fragments = (node for node in document.definitions if isinstance(node, FragmentDefinitionNode))
        self._fragments = {fragment.name.value: fragment for fragment in fragments}

    def score(self) -> int:
        """The cost of the operations of a document that has been validated."""
        operations = (node for node in self._document.definitions if isinstance(node, OperationDefinitionNode))
        root = self._schema.query_type
        return int(sum(self._selection(operation.selection_set, root) for operation in operations)) if root else 0

    def _selection(self, selection: SelectionSetNode | None, parent: object) -> float:
        if selection is None or not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return 0
        total = 0.0
        for node in selection.selections:
            if isinstance(node, FieldNode):
                total += self._field(node, parent)
            elif isinstance(node, InlineFragmentNode):
                narrowed = self._schema.type_map[node.type_condition.name.value] if node.type_condition else parent
                total += self._selection(node.selection_set, narrowed)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                total += self._selection(fragment.selection_set, self._schema.type_map[fragment.type_condition.name.value])
        return total

    def _field(self, node: FieldNode, parent: GraphQLObjectType | GraphQLInterfaceType) -> float:
        field = parent.fields.get(node.name.value)
        if field is None:
            return 1
        named = get_named_type(field.type)
        cost = 1 + self._selection(node.selection_set, named)
        cost += ("sort" in field.args) + 5 * self._is_given(node, "search")
        return cost * (1 + 0.01 * self._page_size(node, field)) if named.name.endswith("Connection") else cost

    def _is_given(self, node: FieldNode, name: str) -> bool:
        return self._argument(node, name) is not None

    def _page_size(self, node: FieldNode, field: GraphQLField) -> int:
        first = self._argument(node, "first")
        return min(first, MAX_PAGE_SIZE) if isinstance(first, int) else MAX_PAGE_SIZE

    def _argument(self, node: FieldNode, name: str) -> object:
        for argument in node.arguments or ():
            if argument.name.value == name:
                value: object = value_from_ast_untyped(argument.value, self._variables)
                return None if value is Undefined else value
        return None
