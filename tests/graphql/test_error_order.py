"""Errors stand in the order of the response, whichever resolver was finished first."""

import random
from typing import Any

import pytest
from graphql import GraphQLError, get_operation_ast, parse

from gateway.graphql.error_order import in_response_order
from tests.graphql.conftest import AsCaller
from tests.graphql.world import codes

ORDERS: list[tuple[str, dict[str, Any], list[list[str | int]]]] = [
    ("{ b a c }", {}, [["b"], ["a"], ["c"]]),
    ("{ a { y x } b }", {}, [["a", "y"], ["a", "x"], ["b"]]),
    ("{ a { y } b a { x } }", {}, [["a", "y"], ["a", "x"], ["b"]]),
    ("{ x: a y: b }", {}, [["x"], ["y"]]),
    ("{ a { b } }", {}, [["a", 2, "b"], ["a", 10, "b"], ["a", 11]]),
    ("{ a { b c } }", {}, [["a", 0, "b"], ["a", 0, "c"], ["a", 1, "b"], ["a", 1, "c"]]),
    ("{ ...f a } fragment f on Query { b { d c } a }", {}, [["b", "d"], ["b", "c"], ["a"]]),
    ("{ ... { b } ... on Query { a } c }", {}, [["b"], ["a"], ["c"]]),
    ("{ b @skip(if: true) a b }", {}, [["a"], ["b"]]),
    ("query ($s: Boolean!) { b @skip(if: $s) a b }", {"s": True}, [["a"], ["b"]]),
    ("query ($s: Boolean!) { b @skip(if: $s) a b }", {"s": False}, [["b"], ["a"]]),
    ("query ($s: Boolean = true) { ...f @include(if: $s) a } fragment f on Query { b }", {}, [["b"], ["a"]]),
]


@pytest.mark.parametrize(("document", "variables", "paths"), ORDERS)
def test_the_order_of_the_response(document: str, variables: dict[str, Any], paths: list[list[str | int]]) -> None:
    node = parse(document)
    operation = get_operation_ast(node)
    assert operation is not None
    for seed in range(5):
        errors = [GraphQLError("x", path=path) for path in paths]
        random.Random(seed).shuffle(errors)
        ordered = in_response_order(errors, node, operation, variables)
        assert [error.path for error in ordered] == paths


async def test_denied_fields_of_an_answer_stand_in_its_order(as_person: AsCaller) -> None:
    asking = await as_person("superintendent")
    answer = await asking.ask(
        "{ users(first: 50) {"
        " nodes { b: email firstName a: phone assignments { nodes { basis lastDay assignedUnder } } } }"
        ' explain(check: {permission: "cers:results:view"}) { decision { id } } viewer { user { email } } }'
    )
    paths = [path for _, path in codes(answer)]

    def place(path: list[str | int]) -> list[int]:
        names = ["users", "explain", "viewer", "nodes", "b", "a", "assignments", "basis", "assignedUnder"]
        return [step if isinstance(step, int) else names.index(step) for step in path]

    assert paths == sorted(paths, key=place)
