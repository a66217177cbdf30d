"""The static cost of an operation: one point for each object that its answer may hold, by its variables."""

from typing import Any

import pytest
from graphql import get_operation_ast, parse, validate

from gateway.graphql.cost import CostOf, Pricing, objects_in
from schema.build import BuiltSchema, build_schema
from store.shipped_packs import vocabulary

COSTS: list[tuple[str, dict[str, Any], int]] = [
    ("{ __typename }", {}, 0),
    ("{ viewer { accessVersion } }", {}, 1),
    ("{ viewer { user { id firstName } } }", {}, 2),
    ("{ a: viewer { accessVersion } b: viewer { accessVersion } }", {}, 2),
    # what the answer merges is counted once
    ("{ viewer { user { id } } viewer { user { email } } }", {}, 2),
    ("{ viewer { ...f user { id } } } fragment f on Viewer { user { email } }", {}, 2),
    # pages
    ("{ users { totalCount } }", {}, 1),
    ("{ users { nodes { id } } }", {}, 51),
    ("{ users { pageInfo { hasNextPage } nodes { id } } }", {}, 52),
    ("{ users(first: 10) { nodes { id } } }", {}, 11),
    ("{ users(first: 10) { edges { cursor node { id } } } }", {}, 21),
    ("{ users(first: 10) { nodes { assignments(first: 5) { nodes { role { code } } } } } }", {}, 1 + 10 * (2 + 5 * 2)),
    ("query ($n: Int) { users(first: $n) { nodes { id } } }", {}, 51),
    ("query ($n: Int) { users(first: $n) { nodes { id } } }", {"n": None}, 51),
    ("query ($n: Int) { users(first: $n) { nodes { id } } }", {"n": 7}, 8),
    ("query ($n: Int = 20) { users(first: $n) { nodes { id } } }", {}, 21),
    ("query ($n: Int = 20) { users(first: $n) { nodes { id } } }", {"n": 3}, 4),
    ("query ($n: Int) { users(first: $n) { nodes { assignments(first: $n) { totalCount } } } }", {"n": 10}, 21),
    # what can't be a page is refused when it is read, and priced as one that can
    ("{ users(first: 1000000) { nodes { id } } }", {}, 101),
    ("{ users(first: -5) { nodes { id } } }", {}, 2),
    ("query ($n: Int) { users(first: $n) { nodes { id } } }", {"n": "many"}, 51),
    ("query ($n: Int) { users(first: $n) { nodes { id } } }", {"n": True}, 51),
    ("query ($n: Int) { users(first: $n) { nodes { id } } }", {"n": 12.0}, 13),
    # lists without pages, by the size that stands beside the field
    ("{ program(code: \"caaspp\") { roles { code permissions } } }", {}, 31),
    ("{ program(code: \"caaspp\") { matrix { text role { code } grants { permission } } } }", {}, 1 + 800 * 5),
    ("query ($c: [Check!]!) { decideMany(checks: $c) { allowed } }", {"c": [{}, {}, {}]}, 3),
    ("query ($c: [Check!]!) { decideMany(checks: $c) { allowed missing { kind } } }", {"c": [{}, {}]}, 12),
    ("{ decideMany(checks: [{permission: \"cers:results:view\"}]) { allowed } }", {}, 1),
    ("{ decideMany(checks: {permission: \"cers:results:view\"}) { allowed } }", {}, 1),
    # an object of several types is the costliest of them
    ("{ node(id: 1) { id } }", {}, 1),
    ("{ node(id: 1) { ... on User { access { role } } ... on Organization { parent { id } } } }", {}, 101),
    ("{ node(id: 1) { ... on Node { id } ... on User { assignments { totalCount } } } }", {}, 2),
    # what is left out is free
    ("{ viewer { user @skip(if: true) { id } accessVersion } }", {}, 1),
    ("{ viewer { user @include(if: false) { id } accessVersion } }", {}, 1),
    ("query ($s: Boolean!) { users @skip(if: $s) { nodes { id } } __typename }", {"s": True}, 0),
    ("query ($s: Boolean!) { users @skip(if: $s) { nodes { id } } __typename }", {"s": False}, 51),
    ("query ($s: Boolean!) { ...f @include(if: $s) } fragment f on Query { users { nodes { id } } }", {"s": False}, 0),
    ("query ($s: Boolean = true) { users @include(if: $s) { nodes { id } } __typename }", {}, 51),
    ("query ($s: Boolean!) { viewer @skip(if: $s) @include(if: $s) { accessVersion } __typename }", {"s": True}, 0),
    # merged with and without a condition: there in any case, with what stands under the condition only then
    ("query ($s: Boolean!) { viewer { accessVersion } viewer @include(if: $s) { user { id } } }", {"s": False}, 1),
    ("query ($s: Boolean!) { viewer { accessVersion } viewer @include(if: $s) { user { id } } }", {"s": True}, 2),
    # mutations and introspection
    ('mutation { removeRoles(input: {assignments: ["x"]}) { removed } }', {}, 11),
    ('mutation { a: removeRoles(input: {assignments: ["x"]}) { userErrors { code } } }', {}, 21),
    ("{ __schema { types { name } } }", {}, 5000),
    ('{ __type(name: "User") { name } viewer { accessVersion } }', {}, 5001),
]  # fmt: skip


@pytest.fixture(scope="module")
def built() -> BuiltSchema:
    return build_schema(vocabulary())


def cost_of(built: BuiltSchema, document: str) -> CostOf:
    node = parse(document)
    operation = get_operation_ast(node)
    assert operation is not None
    return CostOf(Pricing(built.graphql, built.access), node, operation)


@pytest.mark.parametrize(("document", "variables", "points"), COSTS)
def test_what_an_operation_may_cost(built: BuiltSchema, document: str, variables: dict[str, Any], points: int) -> None:
    assert validate(built.graphql, parse(document)) == []
    assert cost_of(built, document).requested(variables) == points


def test_a_mutation_s_own_points_are_apart_from_its_objects(built: BuiltSchema) -> None:
    text = 'mutation { a: removeRoles(input: {assignments: ["x"]}) { removed } b: removeRoles(input: {assignments: []}) { removed } }'  # noqa: E501
    assert cost_of(built, text).apart({}) == 20
    assert cost_of(built, "{ viewer { accessVersion } }").apart({}) == 0


def test_without_variables_the_cost_is_a_number_known_beforehand(built: BuiltSchema) -> None:
    cost = cost_of(built, "{ users(first: 5) { nodes { id assignments { totalCount } } } }")
    assert isinstance(cost._objects, int)  # pyright: ignore[reportPrivateUsage]


def test_the_objects_of_an_answer() -> None:
    assert objects_in(None) == 0
    assert objects_in({"a": 1}) == 0
    assert objects_in({"a": {"b": [{"c": 1}, None, {"d": [[{}]]}]}, "e": None, "f": ["x"]}) == 4
