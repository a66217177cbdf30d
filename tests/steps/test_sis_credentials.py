"""SIS credentials (S1-34): of LEA coordinators, 365 days, replaced by new ones, shown once, about that LEA alone."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from gateway.oidc.client.registration import registration_faults
from store.database import Connection
from store.systems import RegisteredSystem, put_system
from tests.graphql.changes import errors, events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, PARK, Caller, codes
from tests.oidc.world import CERS, ISSUER, OTHER_LEA, REPORTING, TOMS, Clock, bearer, claims_of

ISSUE = """mutation ($input: IssueSisCredentialsInput!) { issueSisCredentials(input: $input) {
    credentials { id clientId expiresOn } secret userErrors { path code rule message remedy } } }"""
REVOKE = """mutation ($input: RevokeSisCredentialsInput!) { revokeSisCredentials(input: $input) {
    organization { sisCredentials { clientId } } userErrors { path code rule message remedy } } }"""
SEE = "query ($id: ID!) { organization(by: {id: $id}) { id sisCredentials { clientId expiresOn } } }"
TOMS_URI = "https://toms.example/"


async def issue(asking: Caller, where: Any = LEA, key: str = "k") -> dict[str, Any]:
    asked = {"organization": str(where), "idempotencyKey": key}
    return (await asking.data(ISSUE, input=asked))["issueSisCredentials"]


async def token(http: httpx2.AsyncClient, issued: dict[str, Any], **form: str) -> httpx2.Response:
    auth = (issued["credentials"]["clientId"], issued["secret"])
    return await http.post("/oauth2/token", data={"grant_type": "client_credentials", **form}, auth=auth)


@pytest.fixture
async def toms(connection: Connection) -> None:
    await put_system(connection, RegisteredSystem(TOMS, "TOMS", TOMS_URI))


@pytest.mark.rule("S1-34")
@pytest.mark.usefixtures("toms")
@pytest.mark.parametrize("actor", ["primary", "additional", "elpac-lead"])
async def test_a_coordinator_issues_them_for_365_days(
    as_person: AsCaller, http: httpx2.AsyncClient, connection: Connection, clock: Clock, actor: str
) -> None:
    issued = await issue(await as_person(actor))
    assert issued["userErrors"] == []
    assert issued["credentials"]["expiresOn"] == "2027-11-21"
    answer = await token(http, issued)
    assert answer.status_code == 200, answer.text
    claims = claims_of(answer.json()["access_token"])
    assert (claims["aud"], claims["scope"], claims["organization"]) == (TOMS_URI, "sis", "lea:19647330000000")
    stored = await connection.fetchrow("select * from sis_credentials")
    assert stored is not None
    assert issued["secret"] not in str(dict(stored.items()))
    (event,) = await events(connection)
    assert issued["secret"] not in str(event)
    clock.forward(days=364)
    assert (await token(http, issued)).status_code == 200
    clock.forward(days=1)
    assert (await token(http, issued)).status_code == 401


@pytest.mark.rule("S1-34")
@pytest.mark.usefixtures("toms")
async def test_the_secret_is_shown_once(as_person: AsCaller) -> None:
    lead = await as_person("primary")
    first = await issue(lead)
    again = await issue(lead)
    assert (again["credentials"], again["secret"]) == (first["credentials"], None)
    seen = (await lead.data(SEE, id=str(LEA)))["organization"]["sisCredentials"]
    assert seen == {"clientId": first["credentials"]["clientId"], "expiresOn": "2027-11-21"}


@pytest.mark.rule("S1-34")
@pytest.mark.usefixtures("toms")
async def test_new_ones_replace_the_old_and_revoking_ends_them(as_person: AsCaller, http: httpx2.AsyncClient) -> None:
    lead = await as_person("primary")
    first, second = await issue(lead, key="1"), await issue(lead, key="2")
    assert (await token(http, first)).status_code == 401
    assert (await token(http, second)).status_code == 200
    gone = (await lead.data(REVOKE, input={"organization": str(LEA)}))["revokeSisCredentials"]
    assert (gone["userErrors"], gone["organization"]["sisCredentials"]) == ([], None)
    assert (await token(http, second)).status_code == 401
    none = (await lead.data(REVOKE, input={"organization": str(LEA)}))["revokeSisCredentials"]
    assert errors(none) == [("NONE", "S1-34", "input.organization")]


@pytest.mark.rule("S1-34")
@pytest.mark.parametrize(
    ("actor", "where", "expected"),
    [
        ("superintendent", LEA, "FORBIDDEN"),
        ("site", LEA, "FORBIDDEN"),
        ("teacher", LEA, "FORBIDDEN"),
        ("educator", LEA, "FORBIDDEN"),
        ("far-lead", LEA, "NOT_FOUND"),
        ("primary", OTHER_LEA, "NOT_FOUND"),
        ("primary", PARK, "WRONG_LEVEL"),
    ],
)
async def test_nobody_else_issues_them(
    as_person: AsCaller, connection: Connection, actor: str, where: Any, expected: str
) -> None:
    asked = {"organization": str(where), "idempotencyKey": "k"}
    answer = await (await as_person(actor)).ask(ISSUE, input=asked)
    if "errors" in answer:
        assert codes(answer)[0][0] == expected
    else:
        assert errors(answer["data"]["issueSisCredentials"])[0][0] == expected
    assert await connection.fetchval("select count(*) from sis_credentials") == 0


async def test_who_sees_that_there_are_some(as_person: AsCaller, as_system: Caller) -> None:
    await issue(await as_person("primary"))
    for asking in (await as_person("superintendent"), await as_person("educator"), as_system):
        found = (await asking.ask(SEE, id=str(LEA)))["data"]["organization"]
        assert found is None or found["sisCredentials"] is None


@pytest.mark.rule("S1-34")
@pytest.mark.usefixtures("toms")
async def test_the_token_opens_nothing_here(as_person: AsCaller, http: httpx2.AsyncClient) -> None:
    """It is for one system, which holds it to its LEA: GraphQL, decisions, searches and userinfo refuse it."""
    issued = await issue(await as_person("primary"))
    held = bearer((await token(http, issued)).json()["access_token"])
    question = {"subject": {"type": "user", "id": "x"}, "action": {"name": "toms:windows:view"},
                "resource": {"type": "organization", "id": "lea:19647330000000"}}  # fmt: skip
    answers = [
        await http.post("/graphql", json={"query": "{ organizations { nodes { name } } }"}, headers=held),
        await http.post("/access/v1/evaluation", json=question, headers=held),
        await http.post("/access/v1/evaluations", json={"evaluations": [question]}, headers=held),
        *[
            await http.post(f"/access/v1/search/{kind}", json=question, headers=held)
            for kind in ("subject", "resource", "action")
        ],
        await http.get("/oauth2/userinfo", headers=held),
        await http.get("/oauth2/claims/assessment", headers=held),
    ]
    assert [answer.status_code for answer in answers] == [401] * len(answers)


@pytest.mark.rule("S1-34")
@pytest.mark.usefixtures("toms")
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "directory.read"}, "invalid_scope"),
        ({"scope": "sis directory.read"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"resource": ISSUER}, "invalid_target"),
        ({"resource": "https://cers.example/"}, "invalid_target"),
    ],
)
async def test_no_other_scope_and_no_other_audience(
    as_person: AsCaller, http: httpx2.AsyncClient, form: dict[str, str], error: str
) -> None:
    answer = await token(http, await issue(await as_person("primary")), **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.usefixtures("toms")
async def test_what_does_not_prove_the_client(
    as_person: AsCaller, http: httpx2.AsyncClient, connection: Connection
) -> None:
    issued = await issue(await as_person("primary"))
    for changed in (
        issued | {"secret": "wrong"},
        issued | {"secret": ""},
        issued | {"credentials": {"clientId": "sis-unknown"}},
    ):
        answer = await token(http, changed)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    client = {"client_id": issued["credentials"]["clientId"]}
    answer = await http.post("/oauth2/token", data={"grant_type": "client_credentials", **client})
    assert answer.status_code == 401
    for grant in ("refresh_token", "authorization_code"):
        form = {"grant_type": grant, "refresh_token": "x", "code": "x", "client_secret": issued["secret"], **client}
        assert (await http.post("/oauth2/token", data=form)).status_code == 401
    await connection.execute("update organizations set active = false where id = $1", LEA)
    assert (await token(http, issued)).status_code == 401, "the LEA is closed"


async def test_without_the_system_s_address_there_is_no_token(as_person: AsCaller, http: httpx2.AsyncClient) -> None:
    answer = await token(http, await issue(await as_person("primary")))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")


def test_no_relying_party_takes_such_a_name() -> None:
    assert any("sis-" in one for one in registration_faults(replace(REPORTING, client_id="sis-1"), {CERS}))
