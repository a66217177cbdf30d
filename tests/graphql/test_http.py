"""GraphQL over HTTP: how a document arrives, and what is answered to one that can't be run."""

import json
from typing import Any

import httpx2
import pytest

from tests.graphql.conftest import AsCaller
from tests.graphql.world import Caller, codes

DEEP = "{ viewer { user " + "{ assignments { nodes { user " * 10 + "{ id }" + " } } }" * 10 + " } }"
MALFORMED = [
    ("", "no GraphQL document"),
    ("   ", "no GraphQL document"),
    ("{", "line 1, column 2"),
    ("{}", "line 1, column 2"),
    ("{ viewer {} }", "line 1, column 11"),
    ("{ viewer { user } }", "must have a selection of subfields"),
    ("{ nothing }", "Cannot query field 'nothing' on type 'Query'"),
    ("{ users(first: \"1\") { totalCount } }", "Int cannot represent non-integer value"),
    ("{ users(first: 99999999999) { totalCount } }", "Int cannot represent"),
    ("{ users(last: 1) { totalCount } }", "Unknown argument 'last'"),
    ("{ user { id } }", "Field 'user' lacks an argument"),
    ("{ user(by: {}) { id } }", "exactly one"),
    ("{ user(by: {id: \"1\", email: \"a\"}) { id } }", "exactly one"),
    ("query ($x: Nothing) { viewer { accessVersion } }", "'$x'"),
    ("query ($x: ID!) { viewer { accessVersion } }", "never used"),
    ("{ viewer { ...f } } fragment f on Viewer { ...f }", "Cannot spread fragment 'f' within itself"),
    ("{ ...gone }", "Unknown fragment 'gone'"),
    ("{ viewer { accessVersion } } { viewer { accessVersion } }", "anonymous operation must be the only"),
    ("query a { viewer { accessVersion } } query b { viewer { accessVersion } }", "several operations"),
    ("subscription { x }", "Subscription"),
    ("type X { y: Int }", "executable"),
    ("{ decide(check: {permission: \"everything\"}) { allowed } }", "<system>:<feature>:<action>"),
    ("{ user(by: {email: \"a\\u0000b\"}) { id } }", "null character"),
    ("{ viewer { accessVersion @access(anyOf: []) } }", "@access"),
    (DEEP, "levels deep"),
    ("{ " + " ".join(f"a{n}: viewer {{ accessVersion }}" for n in range(40)) + " }", "root fields"),
    ("{ viewer { " + " ".join(f"a{n}: accessVersion" for n in range(1100)) + " } }", "fields"),
    ("{ " + "viewer " * 5000 + "}", "token"),
    ("{" * 3000, "line 1"),
    ("#" + "x" * 60_000, "50000"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "said"), MALFORMED, ids=[said[:24] + str(n) for n, (_, said) in enumerate(MALFORMED)]
)
async def test_what_is_no_document_is_refused_with_one_clear_sentence(
    signed_out: Caller, document: str, said: str
) -> None:
    response = await signed_out.post(document)
    assert response.status_code == 400, response.text
    body = response.json()
    assert body.keys() == {"errors"}
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert said in body["errors"][0]["message"]
    assert "Traceback" not in response.text


async def test_a_long_chain_of_fragments_is_measured_not_crashed_on(signed_out: Caller) -> None:
    chain = " ".join(f"fragment f{n} on Viewer {{ ...f{n + 1} }}" for n in range(450))
    response = await signed_out.post("{ viewer { ...f0 } } " + chain + " fragment f450 on Viewer { accessVersion }")
    assert response.status_code in (200, 400)
    assert "errors" not in response.json() or response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "isn't JSON"),
        (b"{", "isn't JSON at line 1, column 2"),
        (b"[]", "one JSON object"),
        (b'[{"query": "{ viewer { accessVersion } }"}]', "batches"),
        (b'"query"', "one JSON object"),
        (b'{"query": 7}', "no GraphQL document"),
        (b'{"query": null}', "no GraphQL document"),
        (b'{"query": "{ viewer { accessVersion } }", "variables": []}', "`variables` must be an object"),
        (b'{"query": "{ viewer { accessVersion } }", "operationName": 1}', "`operationName` must be a text"),
        (b'{"query": "{ viewer { accessVersion } }", "operationName": "x"}', "no operation named 'x'"),
        (b'{"query": "query ($a: String) { program(code: $a) { code } }", "variables": {}}', "$a"),
        (b'{"query": "query ($a: ID!) { node(id: $a) { id } }", "variables": {}}', "$a"),
        (b'{"query": "query ($a: ID!) { node(id: $a) { id } }", "variables": {"a": {}}}', "$a"),
        (b'{"query": "query ($a: ID!) { node(id: $a) { id } }", "variables": {"a": "\\u0000"}}', "null character"),
        (b'{"query": "\xff"}', "isn't JSON"),
        (b'{"query": "{ viewer { accessVersion } }", "variables": ' + b"[" * 5000 + b"]" * 5000 + b"}", "isn't JSON"),
    ],
)
async def test_bodies_that_submit_nothing_are_refused(http: httpx2.AsyncClient, body: bytes, said: str) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
    response = await http.post("/graphql", content=body, headers=headers)
    assert response.status_code == 400, response.text
    assert said in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "", None]
)
async def test_content_types_that_a_form_can_send_are_refused(as_person: AsCaller, content_type: str | None) -> None:
    """Another site's page can post these with our cookie; JSON it can't."""
    asking = await as_person("primary")
    headers = {**asking.headers, **({"Content-Type": content_type} if content_type is not None else {})}
    response = await asking.http.post("/graphql", content=b'{"query": "{ viewer { accessVersion } }"}', headers=headers)
    assert response.status_code == 415, response.text


@pytest.mark.checklist("58 forms of other sites")
async def test_posts_of_another_site_s_page_are_refused(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    body = {"query": "{ viewer { accessVersion } }"}
    for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        response = await asking.http.post("/graphql", json=body, headers={**asking.headers, **foreign})
        assert response.status_code == 403, foreign


@pytest.mark.checklist("58 forms of other sites")
async def test_get_asks_and_never_changes(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    asked = {
        "query": "query Q($id: ID!) { node(id: $id) { id } viewer { user { firstName } } }",
        "variables": json.dumps({"id": "x"}),
        "operationName": "Q",
    }
    answer = await asking.http.get("/graphql", params=asked, headers=asking.headers)
    assert answer.json()["data"] == {"node": None, "viewer": {"user": {"firstName": "Primary"}}}
    mutation = 'mutation { removeRoles(input: {assignments: ["x"]}) { removed } }'
    refused = await asking.http.get("/graphql", params={"query": mutation}, headers=asking.headers)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert (await asking.http.put("/graphql", headers=asking.headers)).status_code == 405


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("application/json", "application/json"),
        ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
        (
            "application/graphql-response+json, application/json;q=0.9",
            "application/graphql-response+json; charset=utf-8",
        ),
        ("*/*", "application/json"),
        ("application/json;q=0.5, application/graphql-response+json;q=0.4", "application/json"),
        ("application/graphql-response+json, */*", "application/graphql-response+json; charset=utf-8"),
        ("text/html, application/json;q=0, */*;q=0.1", "application/graphql-response+json; charset=utf-8"),
        ("application/*", "application/json"),
    ],
)
async def test_the_answer_s_media_type_is_negotiated(http: httpx2.AsyncClient, accept: str, answered: str) -> None:
    body = {"query": "{ viewer { accessVersion } }"}
    response = await http.post("/graphql", json=body, headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, answered)
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["data"] == {"viewer": None}


async def test_who_takes_neither_form_is_told_which_there_are(http: httpx2.AsyncClient) -> None:
    body = {"query": "{ viewer { accessVersion } }"}
    response = await http.post("/graphql", json=body, headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "application/graphql-response+json or application/json" in response.json()["errors"][0]["message"]


async def test_a_document_that_cannot_be_run_is_a_good_answer_in_json_of_old(http: httpx2.AsyncClient) -> None:
    """GraphQL over HTTP, section 6.4.1."""
    for body in ({"query": "{"}, {"query": "{ nothing }"}, {"query": "query ($a: ID!) { node(id: $a) { id } }"}):
        response = await http.post("/graphql", json=body, headers={"Accept": "application/json"})
        assert response.status_code == 200
        assert response.json().keys() == {"errors"}


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16"])
async def test_bodies_in_other_encodings_are_refused(http: httpx2.AsyncClient, charset: str) -> None:
    content = b'{"query": "{ viewer { accessVersion } }"}'
    headers = {"Content-Type": f"application/json; charset={charset}"}
    assert (await http.post("/graphql", content=content, headers=headers)).status_code == 415


async def test_a_parameter_that_stands_twice_in_the_address_is_refused(http: httpx2.AsyncClient) -> None:
    response = await http.get("/graphql?query={viewer{accessVersion}}&query={__typename}")
    assert response.status_code == 400
    assert "`query` stands twice" in response.json()["errors"][0]["message"]


async def test_subscriptions_are_not_for_http(signed_out: Caller) -> None:
    response = await signed_out.post('subscription { accessChanged(system: "cers") { accessVersion } }')
    assert response.status_code == 400
    assert "graphql-transport-ws" in response.json()["errors"][0]["message"]


async def test_credentials_that_are_not_good_are_no_signed_out_caller(http: httpx2.AsyncClient) -> None:
    body = {"query": "{ viewer { accessVersion } }"}
    for headers in ({"Authorization": "Bearer x.y.z"}, {"Cookie": "hallpass-session=forged"}):
        response = await http.post("/graphql", json=body, headers=headers)
        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_several_root_fields_see_one_state(as_person: AsCaller) -> None:
    asking = await as_person("primary")
    data = await asking.data("{ a: users { totalCount } b: users { totalCount } organizations { totalCount } }")
    assert data["a"] == data["b"]


async def test_what_breaks_inside_is_told_by_its_number_only(as_person: AsCaller, monkeypatch: Any) -> None:
    from resolvers import programs

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(programs, "every", broken)
    asking = await as_person("primary")
    response = await asking.post("{ programs { code } viewer { user { firstName } } }")
    body = response.json()
    assert response.status_code == 200
    assert "secret" not in response.text
    assert codes(body) == [("INTERNAL_SERVER_ERROR", ["programs"])]
    assert response.headers["x-request-id"] in body["errors"][0]["message"]
    assert body["data"]["viewer"]["user"] == {"firstName": "Primary"}
