"""Contacts of an LEA: named by superintendent and coordinators, seen by them, without access for anybody."""

from typing import Any

import pytest

from store.database import Connection
from tests.graphql.changes import errors, events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, PARK, Caller, codes, user_id
from tests.oidc.world import OTHER_LEA

SET = """mutation ($input: SetContactInput!) { setContact(input: $input) {
    organization { contacts { kind firstName lastName email phone version user { firstName } } }
    userErrors { path code rule message remedy } } }"""
SEE = "query ($id: ID!) { organization(by: {id: $id}) { name contacts { kind email } } }"
TESS = {"firstName": "Tess", "lastName": "Tech", "email": "tess@valley.example", "phone": "916-555-0101"}


def asked(**changes: Any) -> dict[str, Any]:
    return {"organization": str(LEA), "kind": "TECHNOLOGY", "person": TESS, "expectedVersion": 0} | changes


async def put(asking: Caller, **changes: Any) -> dict[str, Any]:
    return (await asking.data(SET, input=asked(**changes)))["setContact"]


@pytest.mark.rule("S1-10")
@pytest.mark.parametrize("actor", ["superintendent", "primary", "additional", "elpac-lead"])
async def test_somebody_without_an_account_is_named(as_person: AsCaller, connection: Connection, actor: str) -> None:
    users = await connection.fetchval("select count(*) from users")
    made = await put(await as_person(actor))
    assert made["userErrors"] == []
    assert made["organization"]["contacts"] == [
        {"kind": "TECHNOLOGY", "version": 1, "user": None} | TESS,
    ]
    assert await connection.fetchval("select count(*) from users") == users
    (event,) = await events(connection)
    assert "Tess" not in str(event["after"]) + str(event["before"])
    assert "tess@" not in str(event["after"])


@pytest.mark.rule("S1-10")
async def test_a_person_with_an_account_is_named_replaced_and_taken_away(as_person: AsCaller) -> None:
    lead = await as_person("primary")
    await put(lead)
    named = await put(lead, person=None, user=str(user_id("teacher")), expectedVersion=1)
    (contact,) = named["organization"]["contacts"]
    assert (contact["user"], contact["email"], contact["version"]) == ({"firstName": "Teacher"}, None, 2)
    other = await put(lead, kind="SPECIAL_EDUCATION")
    assert [one["kind"] for one in other["organization"]["contacts"]] == ["SPECIAL_EDUCATION", "TECHNOLOGY"]
    late = await put(lead, expectedVersion=1)
    assert errors(late) == [("CHANGED", None, "input.expectedVersion")]
    gone = await put(lead, person=None, expectedVersion=2)
    assert [one["kind"] for one in gone["organization"]["contacts"]] == ["SPECIAL_EDUCATION"]


@pytest.mark.rule("S1-10")
@pytest.mark.parametrize(
    ("actor", "changes", "expected"),
    [
        ("primary", {"organization": str(PARK)}, ("WRONG_LEVEL", "S1-10", "input.organization")),
        ("primary", {"person": TESS | {"email": "no address"}}, ("INVALID_EMAIL", None, "input.email")),
        ("primary", {"person": TESS | {"lastName": ""}}, ("REQUIRED", None, "input.lastName")),
        ("primary", {"organization": str(OTHER_LEA)}, ("NOT_FOUND", None, "")),
        ("primary", {"person": None, "user": str(user_id("far-teacher"))}, ("NOT_FOUND", None, "")),
        ("primary", {"person": None, "user": "nobody"}, ("NOT_FOUND", None, "")),
        ("primary", {"user": str(user_id("teacher"))}, ("BAD_USER_INPUT", None, "")),
        ("site", {}, ("FORBIDDEN", None, "")),
        ("far-lead", {}, ("NOT_FOUND", None, "")),
        ("teacher", {}, ("FORBIDDEN", None, "")),
    ],
)
async def test_what_is_refused_names_nobody(
    as_person: AsCaller,
    connection: Connection,
    actor: str,
    changes: dict[str, Any],
    expected: tuple[str, str | None, str],
) -> None:
    answer = await (await as_person(actor)).ask(SET, input=asked(**changes))
    if "errors" in answer:
        assert codes(answer)[0][0] == expected[0]
    else:
        assert errors(answer["data"]["setContact"]) == [expected]
    assert await connection.fetchval("select count(*) from contacts") == 0


@pytest.mark.rule("S1-10")
async def test_who_sees_them(as_person: AsCaller, as_system: Caller) -> None:
    await put(await as_person("primary"))
    for name in ("superintendent", "primary", "elpac-lead"):
        found = (await (await as_person(name)).data(SEE, id=str(LEA)))["organization"]
        assert found["contacts"] == [{"kind": "TECHNOLOGY", "email": TESS["email"]}]
    for asking in (await as_person("educator"), as_system):
        answer = await asking.ask(SEE, id=str(LEA))
        assert answer["data"]["organization"] is None or answer["data"]["organization"]["contacts"] is None
