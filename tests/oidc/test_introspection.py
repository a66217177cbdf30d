"""Introspection: who is told what of a token, worked out at each question (RFC 7662, RFC 9396 section 9)."""

import uuid
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from httpx2 import USE_CLIENT_DEFAULT

from gateway.oidc.client.authentication import secret_hash
from gateway.state import Gateway
from policy.facts import Level
from policy.ids import AssignmentId, OrganizationId, RoleSlug, UserId
from store.access_version import raise_epoch, raise_versions
from store.assignments import NewAssignment, insert_assignment
from store.database import Connection
from store.relying_parties import RelyingParty, insert_relying_party
from tests.oidc.tokens_at import authenticated, introspection, revocation
from tests.oidc.world import (
    BROWSER,
    CAASPP,
    CERS,
    CERS_URI,
    HILL,
    ISSUER,
    LEA,
    NOW,
    PARK,
    REPORTING,
    SCORING,
    SECRET,
    THSS_URI,
    YEAR,
    Browser,
    Clock,
    claims_of,
    give,
    ident,
    jwt,
    organization,
    person,
    take_all,
)

PATH = "/oauth2/introspect"
INACTIVE = {"active": False}
API = RelyingParty(
    client_id="cers-api",
    label="CERS, resource server",
    systems=(CERS,),
    auth_method="client_secret_basic",
    secret_hashes=(secret_hash(SECRET),),
    grant_types=frozenset({"client_credentials"}),
    scopes=frozenset(),
)


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await insert_relying_party(connection, API)
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def test_an_access_token_is_told_to_the_resource_server_of_its_audience(ana: Browser) -> None:
    """RFC 7662 section 2.2, RFC 9396 section 9.2."""
    tokens = await ana.tokens()
    claims = claims_of(tokens["access_token"])
    told = await introspection(ana.http, API, tokens["access_token"])
    assert told == {
        "active": True,
        "token_type": "Bearer",
        "iss": ISSUER,
        "aud": CERS_URI,
        "sub": str(ident("ana")),
        "client_id": "reporting",
        "scope": "openid assessment offline_access",
        **{name: claims[name] for name in ("exp", "iat", "jti", "acr", "auth_time", "assessment")},
        "authorization_details": tokens["authorization_details"],
    }
    assert await introspection(ana.http, API, tokens["access_token"]) == told, "from memory the same"


@pytest.mark.checklist("27 another resource server")
async def test_any_other_client_learns_nothing(ana: Browser) -> None:
    """Also the token's own client, where the audience is no system of its own."""
    tokens = await ana.tokens()
    assert (await introspection(ana.http, API, tokens["access_token"]))["active"] is True
    assert await introspection(ana.http, SCORING, tokens["access_token"]) == INACTIVE
    for caller in (API, SCORING):
        assert await introspection(ana.http, caller, tokens["refresh_token"]) == INACTIVE


@pytest.mark.parametrize(
    ("form", "auth", "status"),
    [
        ({}, None, 401),
        ({"client_id": "cers-api"}, None, 401),
        ({}, ("cers-api", "wrong"), 401),
        ({}, ("unknown", SECRET), 401),
        ({"client_id": "cers-api", "client_secret": SECRET}, None, 401),
        ({"client_id": "browser"}, None, 401),
        ({"client_secret": SECRET}, ("cers-api", SECRET), 400),
    ],
)
@pytest.mark.checklist("15 introspection", "27 without authentication")
async def test_a_caller_that_does_not_prove_itself_is_refused(
    ana: Browser, form: dict[str, str], auth: tuple[str, str] | None, status: int
) -> None:
    """A client without a secret is no resource server: section 2.1 demands authorization."""
    token = (await ana.tokens())["access_token"]
    assert (await introspection(ana.http, API, token))["active"] is True
    answer = await ana.http.post(PATH, data={"token": token, **form}, auth=auth or USE_CLIENT_DEFAULT)
    assert answer.status_code == status
    assert answer.json()["error"] == ("invalid_client" if status == 401 else "invalid_request")


async def test_what_is_no_question(ana: Browser) -> None:
    assert (await authenticated(ana.http, PATH, API, {})).status_code == 400
    assert (await ana.http.get(PATH, params={"token": "x"}, auth=("cers-api", SECRET))).status_code == 405
    in_query = await ana.http.post(f"{PATH}?token=x", data={"token": "x"}, auth=("cers-api", SECRET))
    assert in_query.status_code == 400
    as_json = await ana.http.post(PATH, json={"token": "x"}, auth=("cers-api", SECRET))
    assert as_json.status_code == 400


@pytest.mark.checklist("18 introspected tokens", "19 in the place of an access token", "27 an unknown token")
async def test_what_is_no_token_of_ours_is_inactive_and_nothing_more(ana: Browser) -> None:
    tokens = await ana.tokens()
    access = tokens["access_token"]
    header, claims, signature = access.split(".")
    forged = (
        "x", "x" * 43, "a.b.c", f"{header}.{claims}.", f"{header}.{claims}.{'A' * 86}",
        f"{header}.{claims}.{signature}x", f"{access}.{access}",
        jwt({"alg": "none", "typ": "at+jwt"}, claims_of(access)),
        jwt({"alg": "HS256", "typ": "at+jwt", "kid": "x"}, claims_of(access), b"x"),
        tokens["id_token"], "\u00e9", "x" * 8000,
    )  # fmt: skip
    for token in forged:
        assert await introspection(ana.http, API, token) == INACTIVE, token


async def test_a_refresh_token_is_told_to_its_own_client(ana: Browser, clock: Clock) -> None:
    tokens = await ana.tokens()
    told = await introspection(ana.http, REPORTING, tokens["refresh_token"])
    assert told["active"] is True
    assert "token_type" not in told, "that is an access token's"
    assert (told["client_id"], told["sub"], told["aud"]) == ("reporting", str(ident("ana")), CERS_URI)
    assert told["exp"] - told["iat"] == 30 * 24 * 3600
    assert told["authorization_details"] == tokens["authorization_details"]
    await ana.refresh(tokens["refresh_token"])
    assert await introspection(ana.http, REPORTING, tokens["refresh_token"]) == INACTIVE, "used"
    again = await ana.tokens()
    clock.forward(days=31)
    assert await introspection(ana.http, REPORTING, again["refresh_token"]) == INACTIVE, "too old"


async def _raised(connection: Connection) -> None:
    async with connection.transaction():
        await raise_epoch(connection)


async def _suspended(connection: Connection) -> None:
    await connection.execute("update users set status = 'suspended' where id = $1", ident("ana"))


async def _revoked(connection: Connection) -> None:
    await connection.execute("update authorizations set revoked_at = now()")


async def _no_role(connection: Connection) -> None:
    await take_all(connection, UserId(ident("ana")))


async def _another_role(connection: Connection) -> None:
    """The authorization fixed the one that ends."""
    await give(connection, UserId(ident("ana")), "caaspp-test-administrator", PARK)
    await take_all(connection, UserId(ident("ana")), "site-coordinator")


async def _client_ended(connection: Connection) -> None:
    await connection.execute("update relying_parties set active = false where client_id = 'reporting'")


async def _client_lost_the_system(connection: Connection) -> None:
    await connection.execute("update relying_parties set systems = '{thss}' where client_id = 'reporting'")


async def _caller_lost_the_system(connection: Connection) -> None:
    await connection.execute("update relying_parties set systems = '{thss}' where client_id = 'cers-api'")


async def _resource_renamed(connection: Connection) -> None:
    await connection.execute("update systems set resource_uri = 'https://elsewhere.example/' where code = 'cers'")


@pytest.mark.checklist(42)
@pytest.mark.parametrize(
    "end",
    [_suspended, _revoked, _no_role, _another_role, _client_ended, _client_lost_the_system, _caller_lost_the_system,
     _resource_renamed],
)  # fmt: skip
async def test_the_next_question_sees_that_it_has_ended(ana: Browser, connection: Connection, end: Any) -> None:
    """Asked twice before, so that the process has the answer in memory."""
    tokens = await ana.tokens()
    for _ in range(2):
        assert (await introspection(ana.http, API, tokens["access_token"]))["active"] is True
    await end(connection)
    assert await introspection(ana.http, API, tokens["access_token"]) == INACTIVE
    if end is not _caller_lost_the_system:
        of_refresh_token = await authenticated(ana.http, PATH, REPORTING, {"token": tokens["refresh_token"]})
        assert of_refresh_token.status_code == 401 or of_refresh_token.json() == INACTIVE


@pytest.mark.checklist(42)
async def test_a_secret_that_was_rotated_away_is_refused_at_once(ana: Browser, connection: Connection) -> None:
    token = (await ana.tokens())["access_token"]
    for _ in range(2):
        assert (await introspection(ana.http, API, token))["active"] is True
    await connection.execute(
        "update relying_parties set secret_hashes = $1 where client_id = 'cers-api'", [secret_hash("another")]
    )
    assert (await authenticated(ana.http, PATH, API, {"token": token})).status_code == 401


async def test_it_ends_with_its_time(ana: Browser, clock: Clock) -> None:
    token = (await ana.tokens())["access_token"]
    clock.forward(minutes=4, seconds=59)
    assert (await introspection(ana.http, API, token))["active"] is True
    clock.forward(seconds=1)
    assert await introspection(ana.http, API, token) == INACTIVE


async def test_a_change_of_everybodys_access_is_looked_at(ana: Browser, connection: Connection) -> None:
    token = (await ana.tokens())["access_token"]
    before = await introspection(ana.http, API, token)
    await _raised(connection)
    after = await introspection(ana.http, API, token)
    assert after["assessment"]["access_version"] != before["assessment"]["access_version"]
    assert after["authorization_details"] == before["authorization_details"]


async def test_the_address_of_a_system_that_only_the_tokens_client_has(ana: Browser, connection: Connection) -> None:
    """`locations` are those of now, from memory too: the resource server itself needn't know every system."""
    await connection.execute("update relying_parties set systems = '{cers,thss}' where client_id = 'reporting'")
    token = (await ana.tokens())["access_token"]

    async def locations() -> set[str]:
        told = await introspection(ana.http, API, token)
        return {one for entry in told["authorization_details"] for one in entry["locations"]}

    assert await locations() == {CERS_URI, THSS_URI}
    moved = "https://elsewhere.example/"
    await connection.execute("update systems set resource_uri = $1 where code = 'thss'", moved)
    assert await locations() <= {CERS_URI, moved}


async def test_it_is_never_wider_than_the_token_nor_than_the_access_of_now(
    ana: Browser, connection: Connection
) -> None:
    """A token may be narrowed for itself alone (RFC 9396 section 6)."""
    wide = await ana.tokens()
    narrow = await ana.redeem(
        await ana.code(),
        authorization_details='[{"type": "assessment_access", "assessments": ["interim"]}]',
    )
    token = narrow.json()["access_token"]
    told = await introspection(ana.http, API, token)
    assert told["authorization_details"] == narrow.json()["authorization_details"]
    assert {kind for entry in told["authorization_details"] for kind in entry["assessments"]} == {"interim"}
    await give(connection, UserId(ident("ana")), "site-coordinator", HILL)
    for one in (wide["access_token"], token):
        told = await introspection(ana.http, API, one)
        assert all(entry["organizations"] == ["school:19647331930000"] for entry in told["authorization_details"])
    fresh = (await ana.refresh(wide["refresh_token"])).json()
    told = await introspection(ana.http, API, fresh["access_token"])
    assert all(len(entry["organizations"]) == 2 for entry in told["authorization_details"])
    await connection.execute("delete from role_assignments where organization_id = $1", PARK)
    async with connection.transaction():
        await raise_versions(connection, (UserId(ident("ana")),))
    assert await introspection(ana.http, API, token) == INACTIVE, "nothing of its entries is left"
    told = await introspection(ana.http, API, fresh["access_token"])
    assert all(entry["organizations"] == ["school:19647331930001"] for entry in told["authorization_details"])


async def test_a_token_that_is_too_small_for_its_entries_is_told_all_of_them(
    gateway: Gateway, connection: Connection, browser: Browser
) -> None:
    """`assessment_access_complete: false`: the resource server asks here."""
    user = await person(connection, "many")
    async with connection.transaction():
        for number in range(400):
            where = OrganizationId(ident(f"school {number}"))
            await organization(connection, where, Level.SCHOOL, LEA, LEA, f"1964733{number:07}", f"School {number}")
            new = NewAssignment(
                AssignmentId(uuid.uuid4()), user, CAASPP, RoleSlug("site-coordinator"), YEAR, where, NOW,
                origin="operator",
            )  # fmt: skip
            await insert_assignment(connection, new)
        await raise_versions(connection, (user,))
    await browser.sign_in("many")
    tokens = await browser.tokens()
    assert claims_of(tokens["access_token"])["assessment_access_complete"] is False
    for _ in range(2):
        told = await introspection(browser.http, REPORTING, tokens["access_token"])
        assert told["authorization_details"] == tokens["authorization_details"]
        assert len(told["authorization_details"][0]["organizations"]) == 400


async def test_a_systems_own_token(ana: Browser, clock: Clock) -> None:
    token = (await ana.token({"grant_type": "client_credentials", "resource": CERS_URI})).json()["access_token"]
    for _ in range(2):
        told = await introspection(ana.http, API, token)
        assert (told["active"], told["sub"], told["client_id"]) == (True, "reporting", "reporting")
        assert "authorization_details" not in told
    assert (await revocation(ana.http, REPORTING, token)).status_code == 200
    assert await introspection(ana.http, API, token) == INACTIVE


async def test_a_token_for_the_gateway_is_told_to_a_client_of_the_gateways_own_system(
    ana: Browser, connection: Connection
) -> None:
    token = (await ana.tokens(scope="openid directory.read", resource=ISSUER))["access_token"]
    assert await introspection(ana.http, API, token) == INACTIVE
    await connection.execute("update relying_parties set systems = '{cers,hallpass}' where client_id = 'cers-api'")
    assert (await introspection(ana.http, API, token))["aud"] == ISSUER


async def test_a_questions_number_of_statements_is_constant(
    ana: Browser, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From memory one statement: what proves that nothing has changed."""
    token = (await ana.tokens())["access_token"]
    await introspection(ana.http, API, token)
    asked: list[str] = []
    async with gateway.pool.acquire() as connection:
        kind = type(connection)
    for name in ("fetchval", "fetchrow", "fetch", "execute"):
        plain = getattr(kind, name)

        def counting(self: Any, query: str, *values: Any, _plain: Any = plain, **more: Any) -> Any:
            asked.append(query)
            return _plain(self, query, *values, **more)

        monkeypatch.setattr(kind, name, counting)
    assert (await introspection(ana.http, API, token))["active"] is True
    assert len(asked) == 1


async def test_callers_do_not_share_what_is_in_memory(ana: Browser, connection: Connection) -> None:
    """The whole request is the key: neither another secret nor another caller finds the answer."""
    other = replace(API, client_id="other-api", secret_hashes=(secret_hash("other"),), systems=SCORING.systems)
    await insert_relying_party(connection, other)
    token = (await ana.tokens())["access_token"]
    for _ in range(2):
        assert (await introspection(ana.http, API, token))["active"] is True
    answer = await ana.http.post(PATH, data={"token": token}, auth=("other-api", "other"))
    assert answer.json() == INACTIVE
    assert (await ana.http.post(PATH, data={"token": token}, auth=("other-api", SECRET))).status_code == 401


@pytest.mark.checklist(36)
async def test_browser_clients_read_no_introspection(ana: Browser) -> None:
    token = (await ana.tokens())["access_token"]
    headers = {"Origin": "https://evil.example"}
    answer: httpx2.Response = await ana.http.post(
        PATH, data={"token": token}, auth=("cers-api", SECRET), headers=headers
    )
    assert "access-control-allow-origin" not in answer.headers
    assert BROWSER.auth_method == "none"
