"""Hostile requests: none is answered with a status of 500 or more, none tells what the caller didn't know."""

import json
import re
from functools import cache
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.state import Gateway
from schema.build import build_schema
from store.shipped_packs import vocabulary
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.settings import asked_under
from tests.graphql.world import Caller, codes

JSON = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
VARIABLES_OF_EACH_TYPE = (
    "query ($id: ID!, $n: Int, $s: String, $by: UserRef!, $f: UserFilter, $c: Check!, $l: [Check!]!) {"
    " node(id: $id) { id } user(by: $by) { id } users(first: $n, after: $s, filter: $f) { totalCount }"
    " decide(check: $c) { allowed } decideMany(checks: $l) { allowed } }"
)
GOOD: dict[str, Any] = {
    "id": "x",
    "n": 1,
    "s": None,
    "by": {"id": "x"},
    "f": {},
    "c": {"permission": "cers:results:view"},
    "l": [],
}


def nested(opening: str, closing: str, inner: str, levels: int) -> str:
    return opening * levels + inner + closing * levels


BODIES: list[bytes] = [
    b"",
    b"\x00",
    b"null",
    b"true",
    b"1e999",
    b"\xff\xfe{}",
    b'\xef\xbb\xbf{"query": "{ __typename }"}',
    '{"query": "{ __typename }"}'.encode("utf-16"),
    b'{"query": "{ __typename \xc3\x28 }"}',
    b'{"query": "\\ud800"}',
    b'{"query": "{ node(id: \\"\\ud800\\") { id } }"}',
    b'{"query": "{ node(id: \\"\\\\ud800\\") { id } }"}',
    b'{"query": "{ node(id: \\"\\\\u{110000}\\") { id } }"}',
    b'{"query": "query ($i: ID!) { node(id: $i) { id } }", "variables": {"i": "\\udfff"}}',
    b'{"query": "query ($i: ID!) { node(id: $i) { id } }", "variables": {"i": "a\\u0000b"}}',
    b'{"query": "{ __typename }", "variables": {"\\u0000": 1}}',
    b'{"query": "{ __typename }", "operationName": "\\u0000"}',
    b'{"query": "{ __typename }", "query": "{ nothing }"}',
    b'{"query": "query ($n: Int) { users(first: $n) { totalCount } }", "variables": {"n": 1, "n": 99999999999999999999}}',  # noqa: E501
    b'{"query": "query ($n: Int) { users(first: $n) { totalCount } }", "variables": {"n": 1e400}}',
    b'{"query": "query ($n: Int) { users(first: $n) { totalCount } }", "variables": {"n": -9223372036854775809}}',
    b'{"query": "query ($n: Int) { users(first: $n) { totalCount } }", "variables": {"n": NaN}}',
    b'{"query": "{ users(first: 999999999999999999999999999999999999999) { totalCount } }"}',
    b'{"query": "{ users(first: 1e1000) { totalCount } }"}',
    b'{"query": ' + nested("[", "]", "", 900).encode() + b"}",
    b'{"query": "{ __typename }", "variables": ' + nested('{"a":', "}", "1", 900).encode() + b"}",
    b'{"query": "{ __typename }", "variables": ' + nested('{"a":', "}", "1", 20_000).encode() + b"}",
    b'{"query": "query ($c: [Check!]!) { decideMany(checks: $c) { allowed } }", "variables": {"c": '
    + nested("[", "]", "1", 900).encode()
    + b"}}",
    b'{"query": "{ __typename }", "extensions": ' + nested("[", "]", "", 900).encode() + b"}",
    json.dumps({"query": nested("{ viewer ", "}", "{ id }", 1500)}).encode(),
    json.dumps({"query": "{ node(id: " + nested("[", "]", "1", 1900) + ") { id } }"}).encode(),
    json.dumps({"query": "{ node(id: " + nested("{a: ", "}", "1", 900) + ") { id } }"}).encode(),
    json.dumps({"query": "query ($i: " + nested("[", "]", "ID", 1900) + ") { node(id: $i) { id } }"}).encode(),
    json.dumps({"query": "query ($i: ID = " + nested("[", "]", "1", 1800) + ") { node(id: $i) { id } }"}).encode(),
    json.dumps({"query": "{ viewer " + nested("{ ... ", "}", "{ accessVersion }", 900) + " }"}).encode(),
    json.dumps({"query": "{ " + '"' * 5000 + " }"}).encode(),
    json.dumps({"query": '{ node(id: """' + "\\" * 5000 + '""") { id } }'}).encode(),
    json.dumps({"query": "\ufeff{ __typename }"}).encode(),
    json.dumps({"query": "{ __typename } # \u202e"}).encode(),
    json.dumps({"query": "subscription { __typename }"}).encode(),
    json.dumps({"query": "query A { __typename } query A { __typename }", "operationName": "A"}).encode(),
    json.dumps({"query": "{ __typename @defer @stream ... @defer { __typename } }"}).encode(),
    json.dumps({"query": "{ _service { sdl } _entities(representations: []) { __typename } }"}).encode(),
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_no_body_breaks_anything(as_person: AsCaller, body: bytes) -> None:
    asking = await as_person("primary")
    response = await asking.http.post("/graphql", content=body, headers={**JSON, **asking.headers})
    assert response.status_code in {200, 400}, response.text
    assert "Traceback" not in response.text
    for error in response.json().get("errors", ()):
        assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR", error
        assert len(error["message"]) < 1000


async def test_ten_megabytes_are_refused_before_they_are_read(http: httpx2.AsyncClient) -> None:
    document = "{ " + "viewer { accessVersion } " * 420_000 + "}"
    for body in (json.dumps({"query": document}), "[" * 10_000_000):
        response = await http.post("/graphql", content=body.encode(), headers=JSON)
        assert response.status_code == 413


@pytest.mark.parametrize("wrong", [None, True, 0, -1, 1.5, "", "x", [], [[]], {}, {"id": {}}, {"id": []}, {"x": 1}])
@pytest.mark.parametrize("name", sorted(GOOD))
async def test_no_value_of_a_wrong_type_breaks_anything(as_person: AsCaller, name: str, wrong: Any) -> None:
    asking = await as_person("primary")
    response = await asking.post(VARIABLES_OF_EACH_TYPE, **{**GOOD, name: wrong})
    assert response.status_code in {200, 400}
    assert "INTERNAL_SERVER_ERROR" not in response.text


_JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


MEMBERS = ["query", "variables", "operationName", "extensions", "documentId"]


async def test_no_request_object_breaks_anything(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    tried: list[bytes] = []

    @settings(max_examples=150, database=None, deadline=None)
    @given(st.dictionaries(st.sampled_from(MEMBERS), _JSON_VALUES))
    def collect(body: dict[str, Any]) -> None:
        tried.append(json.dumps(body).encode())

    collect()
    for body in tried:
        response = await asking.http.post("/graphql", content=body, headers={**JSON, **asking.headers})
        assert response.status_code in {200, 400}, body


LEAKY: list[tuple[str, dict[str, Any]]] = [
    ("{ usrs { totalCount } }", {}),
    ("{ users { totalCont } }", {}),
    ("{ users(frst: 1) { totalCount } }", {}),
    ("{ user { id } }", {}),
    ("{ users }", {}),
    ("{ viewer { accessVersion { x } } }", {}),
    ("{ user(by: {mail: \"x\"}) { id } }", {}),
    ("{ users(filter: {}) { ... on User { id } } }", {}),
    ("{ organizations(filter: {level: DISTRICT}) { totalCount } }", {}),
    ("{ decide(check: {organization: 1}) { allowed } }", {}),
    ("query ($x: String) { decide(check: $x) { allowed } }", {}),
    ("query ($c: Check!) { decide(check: $c) { allowed } }", {"c": {"organization": 1}}),
    ("query ($c: Check!) { decide(check: $c) { allowed } }", {"c": {"permision": "x"}}),
    ("query ($c: Check!) { decide(check: $c) { allowed } }", {"c": 1}),
    ("mutation { createUser(input: {}) { user { id } } }", {}),
    ("mutation { creatUser { user { id } } }", {}),
    ("{ viewer { user { ... on Organisation { id } } } }", {}),
    ("query ($x: Usr) { viewer { accessVersion } }", {}),
    ("{ viewer { accessVersion } } fragment f on Credntial { id }", {}),
    ("{ viewer { accessVersion @access(anyOf: []) } }", {}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "variables"), LEAKY)
async def test_no_message_names_what_the_caller_did_not_write(
    signed_out: Caller, document: str, variables: dict[str, Any]
) -> None:
    """No field, type, argument or value of the schema is learned from a refusal."""
    response = await signed_out.post(document, **variables)
    assert response.status_code == 400, response.text
    known = set(re.findall(r"\w+", document + json.dumps(variables))) | {"Query", "Mutation"}
    told = names_of_the_schema()
    for error in response.json()["errors"]:
        words = set(re.findall(r"\w+", error["message"]))
        assert not (words & told) - known - ENGLISH, error["message"]


ENGLISH = {
    "field",
    "value",
    "type",
    "name",
    "id",
    "object",
    "of",
    "code",
    "text",
    "row",
    "first",
    "accepted",
    "at",
    "to",
    "after",
    "input",
}
"""Words of the messages that happen to be names of the schema as well."""


@cache
def names_of_the_schema() -> set[str]:
    names: set[str] = set()
    for type_name, type_ in build_schema(vocabulary()).graphql.type_map.items():
        if type_name.startswith("__"):
            continue
        members: dict[str, Any] = getattr(type_, "fields", None) or getattr(type_, "values", None) or {}
        names |= {type_name, *members}
    return names - {"String", "Int", "ID", "Boolean", "Float"}


async def test_suggestions_are_the_operator_s_choice(http: httpx2.AsyncClient, gateway: Gateway) -> None:
    async with asked_under(gateway, graphql_suggestions=True) as own:
        response = await Caller(own, {}).post("{ usrs { totalCount } }")
        assert "Did you mean" in response.json()["errors"][0]["message"]


async def test_a_denied_field_is_not_an_event_for_the_log(
    as_token_bearer: AsTokenBearer,
    as_system: Caller,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither is bad input: a traceback per denied field would fill any disk."""
    denied = await as_system.ask(
        "{ users(first: 5) { nodes { id email phone status credentials { id } } }"
        ' explain(check: {permission: "cers:results:view"}) { decision { id } } }'
    )
    assert "UNAUTHORIZED_FIELD_OR_TYPE" in {code for code, _ in codes(denied)}
    person = await as_token_bearer("primary")
    await person.ask('mutation { removeRoles(input: {assignments: ["x"]}) { removed } }')
    await person.ask("{ users(first: 0) { totalCount } }")
    await person.post("{ nothing }")
    await person.post("query ($n: Int!) { users(first: $n) { totalCount } }", n="x")
    written = capsys.readouterr()
    for text in (caplog.text, written.out, written.err):
        assert "Traceback" not in text
        assert "rror" not in "".join(re.findall(r"\[(\w+) *\]", text))
