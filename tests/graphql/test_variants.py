"""One document with several values of its variables: each is answered as the other executor answers it."""

import json
from itertools import product
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.graphql.both import ask_both
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import Caller

_SHOWN = """query ($all: Boolean!) { users(first: 3) { nodes { assignments { nodes {
    role { code label @include(if: $all) } program @include(if: $all) { code } other: program { label } } } } } }"""
_MANY = """query ($a: Boolean!, $b: Boolean!, $c: Boolean!, $n: Int, $after: String) {
    users(first: 4) @skip(if: $c) { ...P totalCount @include(if: $b) nodes {
        id email @include(if: $a) ...U @skip(if: $b)
        assignments(first: $n, after: $after) { nodes { schoolYear @include(if: $b) ...A @include(if: $a)
            role { code } user { lastName @skip(if: $a) phone } } } } }
    organizations(first: 2) @include(if: $c) { nodes { name children(first: $n) { totalCount nodes { name } } } }
    program(code: "caaspp") @include(if: $b) { code label @skip(if: $a) roles @include(if: $c) { code } }
    viewer { id user @include(if: $a) { firstName } roles @skip(if: $b) { role { code } } } }
    fragment P on UserConnection { pageInfo @include(if: $a) { hasNextPage } }
    fragment U on User { lastName status @include(if: $c) }
    fragment A on RoleAssignment { program { label code @include(if: $c) } other: role @skip(if: $c) { label } }"""
_WITH_DEFAULTS = (
    "query ($n: Int = 1) { users(first: 3) { nodes { assignments(first: $n) { totalCount nodes { id } } } } }",
    "query ($n: Int = 1) { users(first: $n) { nodes { id } } }",
    "query ($n: Boolean = false) { users(first: 3) { nodes { id lastName @include(if: $n) } } }",
    "query ($n: Boolean = false) { programs @include(if: $n) { code } __typename }",
    'query ($n: String = "nowhere") { users(filter: {program: $n}) { nodes { id } } }',
    'query ($n: String = "nothing") { program(code: $n) { code } }',
    'query ($n: String = "2026-27") { program(code: "caaspp", schoolYear: $n) { code } }',
    'query ($n: UserRef = {email: "a"}) { user(by: $n) { id } }',
)


async def test_what_one_variant_has_written_is_not_shown_by_another(app: Starlette, as_person: AsCaller) -> None:
    caller = await as_person("primary")
    for shown in (True, False, True):
        both = await ask_both(app, caller.headers, _SHOWN, {"all": shown})
        assert both.compiled is not None
        assert both.compiled == both.executed, shown


async def test_every_variant_is_its_own(
    app: Starlette, as_person: AsCaller, as_token_bearer: AsTokenBearer, as_system: Caller
) -> None:
    callers = [await as_person("primary"), await as_person("teacher"), await as_token_bearer("primary"), as_system]
    for a, b, c, n in product((True, False), (True, False), (True, False), (1, 2)):
        for caller in callers:
            variables = {"a": a, "b": b, "c": c, "n": n}
            both = await ask_both(app, caller.headers, _MANY, variables)
            assert both.compiled == both.executed, variables


@pytest.mark.parametrize("document", _WITH_DEFAULTS)
@pytest.mark.parametrize("given", [({}, {"n": None}), ({"n": None}, {})])
async def test_a_variable_that_is_null_is_not_one_that_is_left_out(
    app: Starlette, as_person: AsCaller, document: str, given: tuple[dict[str, Any], ...]
) -> None:
    caller = await as_person("primary")
    for variables in given:
        both = await ask_both(app, caller.headers, document, variables)
        assert both.compiled in (None, both.executed), variables
        answer = await caller.post(document, **variables)
        assert answer.status_code in (200, 400), answer.text


async def test_response_keys_may_look_like_names_of_the_projection(app: Starlette, as_person: AsCaller) -> None:
    caller = await as_person("primary")
    keys = ("m01", "m1", "m2", "k", "r", "p", "g", "x", "run", "f0", "v0", "lambda", "__proto__", "None")
    names, roles = (" ".join(f"{key}: {shown}" for key in keys) for shown in ("lastName", "role { m1: label }"))
    document = "{ m01: users(first: 2) { nodes { NAMES m007: id assignments { nodes { ROLES } } } } }"
    document = document.replace("NAMES", names).replace("ROLES", roles)
    both = await ask_both(app, caller.headers, document)
    assert both.compiled is not None
    assert both.compiled == both.executed


@pytest.mark.parametrize("number", ["1e400", "1" + "0" * 40, "-0", "18446744073709551616", "-9223372036854775809"])
async def test_numbers_of_any_size_are_answered(as_person: AsCaller, number: str) -> None:
    caller = await as_person("primary")
    for document in (
        "query ($n: ID) { users(first: 3) { nodes { assignments(after: $n) { nodes { id } } } } }",
        "query ($n: Int) { users(first: 3) { nodes { assignments(first: $n) { nodes { id } } } } }",
        "query ($n: ID!) { ... @include(if: true) { organization(by: {id: $n}) { id } } }",
    ):
        body = f'{{"query": {json.dumps(document)}, "variables": {{"n": {number}}}}}'
        headers = {"Content-Type": "application/json", **caller.headers}
        answer = await caller.http.post("/graphql", content=body, headers=headers)
        assert answer.status_code in (200, 400), answer.text
        assert "INTERNAL_SERVER_ERROR" not in answer.text
