"""Limits of an operation's shape and of a request's size: one sentence each, with what is allowed."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from gateway.graphql_settings import GraphQLSettings
from gateway.state import Gateway
from tests.graphql.conftest import AsCaller
from tests.graphql.settings import asked_under
from tests.graphql.world import Caller

DEFAULTS = GraphQLSettings()


def levels(number: int) -> str:
    """A document so many levels deep."""
    rest = number - 2
    fields = [("user", "assignments", "nodes")[n % 3] for n in range(rest)]
    return "{ viewer { " + " { ".join(fields) + " { id }" + " }" * (rest - 1) + " } }"


def aliased(number: int) -> str:
    return "{ viewer { " + " ".join(f"a{n}: accessVersion" for n in range(number)) + " } }"


def roots(number: int) -> str:
    return "{ " + " ".join(f"r{n}: __typename" for n in range(number)) + " }"


def wide(number: int) -> str:
    """So many fields, each asked for a few times, in inline fragments."""
    return "{ " + " ".join("... { viewer { accessVersion } }" for _ in range(number // 2)) + " }"


def spread(number: int) -> str:
    """A fragment of ten fields, spread so often."""
    ten = " ".join("... { accessVersion }" for _ in range(10))
    return "{ viewer { " + "...f " * number + "} } fragment f on Viewer { " + ten + " }"


def directed(number: int) -> str:
    return "{ viewer { " + " ".join("... @include(if: true) { accessVersion }" for _ in range(number)) + " } }"


REFUSED = [
    (levels(DEFAULTS.graphql_max_depth + 1), "21 levels deep, where 20 are allowed"),
    (aliased(101), "101 aliases, where 100 are allowed"),
    (roots(31), "31 root fields, where 30 are allowed"),
    (spread(101), "fields, where 1,000 are allowed"),
    (directed(101), "101 directives, where 100 are allowed"),
    ("{ viewer { accessVersion " + "@include(if: true) " * 6 + "} }", "6 directives stand at one place"),
    ("{ viewer { " + "accessVersion " * 21 + "} }", "'accessVersion' is asked for 21 times in the same place"),
    ("query (" + " ".join(f"$v{n}: Int" for n in range(201)) + ") { viewer { accessVersion } }", "201 variables"),
    ("{ node(id: " + "[" * 16 + "1" + "]" * 16 + ") { id } }", "nested deeper than 15 levels"),
    ("{ node(id: " + "{a: " * 16 + "1" + "}" * 16 + ") { id } }", "nested deeper than 15 levels"),
    ("{ " + "viewer { accessVersion } " * 1500 + "}", "tokens"),
]


@pytest.mark.parametrize(("document", "said"), REFUSED, ids=[said for _, said in REFUSED])
@pytest.mark.checklist("58 depth", "58 aliases", "58 tokens", "58 directives")
async def test_what_is_larger_than_anybody_needs_is_refused(signed_out: Caller, document: str, said: str) -> None:
    response = await signed_out.post(document)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert said in error["message"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize(
    "document", [aliased(100), roots(30), spread(99), directed(100), "{ viewer { " + "accessVersion " * 20 + "} }"]
)
async def test_what_is_just_within_the_limits_is_run(signed_out: Caller, document: str) -> None:
    assert (await signed_out.post(document)).status_code == 200


async def test_the_limits_are_the_operator_s(http: httpx2.AsyncClient, gateway: Gateway) -> None:
    limits = {"graphql_max_aliases": 2, "graphql_max_root_fields": 3, "graphql_max_tokens": 100}
    async with asked_under(gateway, **limits) as own:
        caller = Caller(own, {})
        assert (await caller.post(aliased(3))).status_code == 400
        assert (
            await caller.post("{ a: __typename b: __typename __typename viewer { accessVersion } }")
        ).status_code == 400
        assert "100" in (await caller.post("{ " + "viewer { accessVersion } " * 30 + "}")).text


async def test_a_cycle_of_fragments_is_named_and_costs_nothing(signed_out: Caller) -> None:
    response = await signed_out.post("{ viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...a }")
    assert response.status_code == 400
    assert "Cannot spread fragment 'a' within itself" in response.json()["errors"][0]["message"]


async def test_fragments_that_double_each_other_are_measured_not_spread(signed_out: Caller) -> None:
    doubling = " ".join(f"fragment f{n} on Viewer {{ ...f{n + 1} ... {{ ...f{n + 1} }} }}" for n in range(60))
    response = await signed_out.post("{ viewer { ...f0 } } fragment f60 on Viewer { accessVersion } " + doubling)
    assert response.status_code == 400
    assert "fields" in response.json()["errors"][0]["message"]


async def test_a_body_that_announces_too_much_is_not_read(http: httpx2.AsyncClient) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"x"
        raise AssertionError("the body was read")

    headers = {"Content-Type": "application/json", "Content-Length": "300000"}
    response = await http.post("/graphql", content=never(), headers=headers)
    assert response.status_code == 413
    assert "larger than 262,144 bytes" in response.json()["errors"][0]["message"]
    assert response.json()["errors"][0]["extensions"]["code"] == "TOO_LARGE"


async def test_a_body_in_chunks_is_refused_when_it_becomes_too_large(http: httpx2.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 4096

    response = await http.post("/graphql", content=chunks(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413


@pytest.mark.checklist("58 batches")
async def test_arrays_are_refused_unless_the_operator_allows_them(http: httpx2.AsyncClient) -> None:
    response = await http.post("/graphql", json=[{"query": "{ __typename }"}])
    assert response.status_code == 400
    assert "requests can't be sent in batches" in response.json()["errors"][0]["message"]


async def test_a_batch_is_answered_one_by_one(as_person: AsCaller, gateway: Gateway) -> None:
    asking = await as_person("primary")
    batch: list[dict[str, Any]] = [
        {"query": "{ viewer { user { firstName } } }"},
        {"query": "{ nothing }"},
        {"notquery": 1},
        {"query": "query ($n: Int!) { users(first: $n) { totalCount } }", "variables": {"n": 5}},
    ]
    async with asked_under(gateway, graphql_max_batch=4) as http:
        response = await http.post("/graphql", json=batch, headers=asking.headers)
        assert response.status_code == 200
        first, second, third, fourth = response.json()
        assert first["data"] == {"viewer": {"user": {"firstName": "Primary"}}}
        assert "Cannot query field 'nothing'" in second["errors"][0]["message"]
        assert "no GraphQL document" in third["errors"][0]["message"]
        assert fourth["data"]["users"]["totalCount"] > 0
        none: list[object] = []
        for refused in (none, [*batch, *batch], [1], [none]):
            response = await http.post("/graphql", json=refused, headers=asking.headers)
            assert response.status_code == 400, refused


async def test_a_batch_spends_one_budget(as_person: AsCaller, gateway: Gateway) -> None:
    """Many operations in one request get no further than as many requests."""
    asking = await as_person("primary")
    many = {"query": "{ " + " ".join(f"a{n}: viewer {{ user {{ id }} }}" for n in range(30)) + " }"}
    limits = {"graphql_max_cost": 1000, "graphql_cost_capacity": 1000, "graphql_cost_restore": 1}
    async with asked_under(gateway, graphql_max_batch=100, **limits) as http:
        response = await http.post("/graphql", json=[many] * 30, headers=asking.headers)
        assert response.status_code == 200
        codes = [one["errors"][0]["extensions"]["code"] if "errors" in one else None for one in response.json()]
        assert codes[:16] == [None] * 16
        assert set(codes[17:]) == {"THROTTLED"}
        assert int(response.headers["retry-after"]) > 0
