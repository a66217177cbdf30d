"""What a session that came through a district's provider reaches: that district, on each surface, and nothing else.

Ana coordinates two districts and is on the state's help desk. She comes in through one district's provider.
"""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from gateway.state import Gateway
from policy.ids import ProgramCode, SchoolYear, UserId
from store.database import Connection
from store.identity_links import finish_sessions_through
from store.identity_providers import ProviderId, disable_provider
from tests.federation.district import linked, post, registered, sessions, sign_in
from tests.federation.provider import FakeProvider
from tests.graphql.world import CAASPP, YEAR, give, user_id
from tests.graphql.world import person as graphql_person
from tests.oidc.tokens_at import introspection
from tests.oidc.world import (
    HASH,
    ISSUER,
    LEA,
    OTHER_LEA,
    PARK,
    REPORTING,
    SCORING,
    STATE,
    Browser,
    Clock,
    bearer,
    claims_of,
    returned,
    take_all,
)

VALLEY, BAY = "lea:19647330000000", "lea:01611190000000"
VIEWER = "{ viewer { roles { program schoolYear role { code } } } }"
SEES = "query ($id: ID!) { organization(by: {id: $id}) { name users(first: 10) { nodes { id } } } }"
MAY = """query ($id: ID!) { decide(check: {permission: "hallpass:users:manage", program: "caaspp",
    organization: {id: $id}}) { allowed } }"""
EXPLAIN = """query ($check: Check!, $asOf: DateTime) {
    explain(check: $check, asOf: $asOf) { decision { allowed } } }"""
MINE = "{ viewer { user { access { permission organization { name } } } } }"
CREATE = "mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } userErrors { code } } }"


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection) -> UserId:
    await graphql_person(connection, "ana")
    for where in (LEA, OTHER_LEA):
        await give(connection, "ana", "lea-coordinator", where, CAASPP, YEAR)
    await give(connection, "ana", "help-desk", STATE, ProgramCode("state"), SchoolYear(""))
    return user_id("ana")


@pytest.fixture
async def registration(gateway: Gateway, provider: FakeProvider, ana: UserId) -> ProviderId:
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    return registration


@pytest.fixture
async def inside(browser: Browser, provider: FakeProvider, registration: ProviderId) -> Browser:
    """Ana's browser, which came through the district's provider."""
    assert (await sign_in(browser, registration, provider)).status_code == 303
    return browser


async def asked(browser: Browser, document: str, **variables: Any) -> dict[str, Any]:
    body = {"query": document, "variables": variables}
    accept = {"Accept": "application/graphql-response+json", "Origin": ISSUER}
    return (await browser.http.post("/graphql", json=body, headers=accept)).json()


def where_it_reaches(details: list[dict[str, Any]]) -> set[str]:
    return {place for entry in details for place in entry["organizations"]}


async def test_graphql_in_the_session(inside: Browser) -> None:
    roles = (await asked(inside, VIEWER))["data"]["viewer"]["roles"]
    assert [(one["program"], one["role"]["code"]) for one in roles] == [("caaspp", "lea-coordinator")]
    assert (await asked(inside, SEES, id=str(LEA)))["data"]["organization"]["name"] == "Valley Unified"
    there = await asked(inside, SEES, id=str(OTHER_LEA))
    assert there["data"]["organization"] is None
    for where, allowed in ((LEA, True), (PARK, True), (OTHER_LEA, False), (STATE, False)):
        answer = await asked(inside, MAY, id=str(where))
        decision = answer["data"]["decide"]
        assert (decision is not None and decision["allowed"]) is allowed, answer


async def test_questions_about_the_past_and_what_is_shown_of_herself(inside: Browser, connection: Connection) -> None:
    at = (await connection.fetchval("select clock_timestamp()")).isoformat()
    for where, allowed in ((LEA, True), (OTHER_LEA, False), (STATE, False)):
        check = {"permission": "toms:windows:view", "program": "caaspp", "organization": {"id": str(where)}}
        told = await asked(inside, EXPLAIN, check=check, asOf=at)
        explained = told["data"]["explain"]
        assert (explained is not None and explained["decision"]["allowed"]) is allowed, (where, told)
    user = (await asked(inside, MINE))["data"]["viewer"]["user"]
    shown = {one["organization"]["name"] for one in user["access"] if one["organization"]}
    assert shown == {"Valley Unified"}


async def test_mutations_in_the_session(inside: Browser, connection: Connection) -> None:
    def new(where: object) -> dict[str, Any]:
        role = {"program": "caaspp", "role": "educator-district", "organization": str(where), "schoolYear": YEAR}
        return {
            "email": "new@valley.example", "firstName": "New", "lastName": "Person", "phone": "916-555-0199",
            "roles": [role], "idempotencyKey": str(where),
        }  # fmt: skip

    refused = await asked(inside, CREATE, input=new(OTHER_LEA))
    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert (await asked(inside, CREATE, input=new(LEA)))["data"]["createUser"]["userErrors"] == []


async def test_what_needs_every_role_of_a_person_looks_at_the_district_alone(
    inside: Browser, connection: Connection
) -> None:
    """Decisions, accounts 3: identity needs all of the target's assignments; the other district's aren't reached."""
    await graphql_person(connection, "both")
    await give(connection, "both", "educator-district", LEA, CAASPP, YEAR)
    await give(connection, "both", "educator-district", OTHER_LEA, CAASPP, YEAR)
    document = "mutation ($input: UpdateUserInput!) { updateUser(input: $input) { user { id } userErrors { code } } }"
    change = {"user": str(user_id("both")), "lastName": "Changed", "expectedVersion": 1}
    payload = (await asked(inside, document, input=change))["data"]["updateUser"]
    assert (payload["user"], len(payload["userErrors"])) == (None, 1)


async def test_no_role_outside_is_chosen(inside: Browser, connection: Connection, ana: UserId) -> None:
    chosen = await post(inside, "/account", "/signin/role", role="state/help-desk/", next="/account")
    assert (
        chosen.status_code != 303 or (await asked(inside, VIEWER))["data"]["viewer"]["roles"][0]["program"] != "state"
    )
    row = await connection.fetchrow("select active_program from sessions where user_id = $1 and ended_at is null", ana)
    assert row is not None
    assert row["active_program"] != "state"


async def test_pages(inside: Browser) -> None:
    console = await inside.http.get("/console")
    assert (console.status_code, "Bay Unified" in console.text) == (200, False)
    assert (await inside.http.get(f"/console/organizations/{OTHER_LEA}")).status_code == 404
    assert (await inside.http.get(f"/console/organizations/{LEA}")).status_code == 200


@pytest.mark.parametrize("client", [REPORTING, SCORING], ids=["active-role", "union"])
async def test_tokens_userinfo_refresh_and_introspection(inside: Browser, client: Any) -> None:
    inside.client = client
    tokens = await inside.tokens()
    assert where_it_reaches(claims_of(tokens["access_token"])["authorization_details"]) == {VALLEY}
    claims = claims_of(tokens["id_token"])
    assert where_it_reaches(claims["assessment_access"]) == {VALLEY}
    assert (claims["amr"], claims["acr"]) == (["fed"], "urn:hallpass:aal1")
    told = await introspection(inside.http, client, tokens["access_token"])
    assert where_it_reaches(told["authorization_details"]) == {VALLEY}
    userinfo = await inside.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    assert where_it_reaches(userinfo.json()["assessment_access"]) == {VALLEY}
    again = (await inside.refresh(tokens["refresh_token"])).json()
    assert where_it_reaches(claims_of(again["access_token"])["authorization_details"]) == {VALLEY}


async def test_the_decision_api_and_the_directory_through_a_token(inside: Browser) -> None:
    tokens = await inside.tokens(scope="openid directory.read", resource=ISSUER)
    inside.http.cookies.clear()
    headers = {**bearer(tokens["access_token"]), "Accept": "application/graphql-response+json"}

    async def named(where: object) -> Any:
        body = {"query": SEES, "variables": {"id": str(where)}}
        answer = (await inside.http.post("/graphql", json=body, headers=headers)).json()
        return answer["data"]["organization"]

    assert (await named(LEA))["name"] == "Valley Unified"
    assert await named(OTHER_LEA) is None

    async def decided(where: object) -> bool:
        question = {
            "subject": {"type": "user", "id": str(user_id("ana"))},
            "action": {"name": "cers:results:view", "properties": {"program": "caaspp", "assessment": "summative"}},
            "resource": {"type": "organization", "id": str(where)},
        }
        answer = await inside.http.post("/access/v1/evaluation", json=question, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["decision"]

    assert await decided(LEA)
    assert not await decided(OTHER_LEA)


async def test_a_token_lasts_no_longer_than_the_provider_counts(
    inside: Browser, connection: Connection, registration: ProviderId, clock: Clock, ana: UserId
) -> None:
    """Disabling ends sessions, their authorizations, and whatever would refresh them."""
    tokens = await inside.tokens()
    async with connection.transaction():
        await disable_provider(connection, registration, ana, clock())
        assert await finish_sessions_through(connection, registration, clock()) == 1
    assert await sessions(connection, ana) == []
    assert (await inside.refresh(tokens["refresh_token"])).status_code == 400
    assert (await introspection(inside.http, REPORTING, tokens["access_token"])) == {"active": False}
    assert (await inside.http.get("/account")).headers["location"].startswith("/signin")


async def test_an_assignment_that_leaves_the_district_ends_there(
    inside: Browser, connection: Connection, ana: UserId
) -> None:
    """The limit is judged at each request: with her last role in the district she is left with nothing."""
    tokens = await inside.tokens()
    row = await connection.fetchval("select id from role_assignments where user_id = $1 and lea_id = $2", ana, LEA)
    assert row is not None
    await connection.execute("update role_assignments set status = 'suspended' where id = $1", row)
    await take_all(connection, ana, "none")  # raises her version
    assert (await inside.refresh(tokens["refresh_token"])).status_code == 400
    assert returned(await inside.authorize(prompt="none"))["error"] == "access_denied"


async def test_with_her_password_she_reaches_all_of_it(
    browser: Browser, connection: Connection, ana: UserId, registration: ProviderId
) -> None:
    """So that what is refused above is for the limit."""
    await connection.execute("update users set password_hash = $2 where id = $1", ana, HASH)
    page = await browser.http.get("/signin")
    form = {"email": "ana@valley.example", "password": "orchard lantern seven rivers", "next": "/"}
    token = page.text.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    entered: httpx2.Response = await browser.http.post("/signin", data={**form, "csrf": token})
    assert entered.status_code == 303
    roles = (await asked(browser, VIEWER))["data"]["viewer"]["roles"]
    assert {one["program"] for one in roles} == {"caaspp", "state"}
    browser.client = replace(SCORING)
    tokens = await browser.tokens()
    assert where_it_reaches(claims_of(tokens["access_token"])["authorization_details"]) == {VALLEY, BAY}
