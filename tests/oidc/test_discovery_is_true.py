"""Discovery says only what is true: each value of the metadata is shown by a request (OpenID Connect Discovery 3).

A member or value that is added to the metadata needs its request here; what is told beyond it is found as well.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.oidc.discovery import provider_document, resource_document
from gateway.oidc.keys.ring import KeyRing
from gateway.oidc.logout.backchannel import send_logout_notice
from gateway.state import Gateway
from policy.scopes import SCOPES
from store.database import Connection
from tests.oidc.discovery_shown import SHOWN, Scene
from tests.oidc.listening_party import ListeningParty
from tests.oidc.world import CALLBACK, ISSUER, PARK, Browser, Clock, bearer, claims_of, person, returned

DOCUMENT: Mapping[str, Any] = provider_document(ISSUER)
CLAIMS = {"claims_supported", "claim_types_supported"}
VALUES = [(name, value) for name in SHOWN for value in DOCUMENT[name]]


@pytest.fixture
async def scene(gateway: Gateway, connection: Connection, browser: Browser) -> Scene:
    user = await person(connection, "ana", ("site-coordinator", PARK))
    await connection.execute("update users set phone = '916-555-0100' where id = $1", user)
    await connection.execute("update relying_parties set scopes = $1 where client_id = 'reporting'", list(SCOPES))
    await browser.sign_in("ana")
    return Scene(gateway, connection, browser)


def test_every_member_is_shown_by_something() -> None:
    lists = {name for name, value in DOCUMENT.items() if isinstance(value, list)}
    assert lists == SHOWN.keys() | CLAIMS
    flags = {name for name, value in DOCUMENT.items() if isinstance(value, bool)}
    assert flags == FLAGS.keys()
    addresses = {name for name, value in DOCUMENT.items() if isinstance(value, str)}
    assert {name for name in addresses if not name.endswith(("_endpoint", "_uri"))} == {"issuer"}


@pytest.mark.parametrize(("name", "value"), VALUES)
async def test_each_value_is_shown_by_a_request(scene: Scene, name: str, value: str) -> None:
    await SHOWN[name](scene, value)


async def told(scene: Scene) -> tuple[set[str], set[str]]:
    """The names of all claims of an ID token, and of userinfo, with every scope that opens any."""
    wanted = " ".join(scope for scope, claims in SCOPES.items() if claims)
    tokens = await scene.browser.tokens(scope=wanted)
    answer = await scene.browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    return set(claims_of(tokens["id_token"])), set(answer.json())


async def test_the_claims_are_those_that_are_told(scene: Scene) -> None:
    """None is told that isn't listed, and each that is listed is told to somebody."""
    identity, userinfo = await told(scene)
    assert identity | userinfo == set(DOCUMENT["claims_supported"])
    assert len(DOCUMENT["claims_supported"]) == len(set(DOCUMENT["claims_supported"]))


@pytest.mark.parametrize("scope", [scope for scope, claims in SCOPES.items() if claims])
async def test_each_scope_opens_its_claims(scene: Scene, scope: str) -> None:
    """And no other one's."""
    tokens = await scene.browser.tokens(scope=" ".join({"openid", scope}))
    answer = await scene.browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    assert answer.json().keys() == {"sub", *SCOPES[scope]}


async def test_claims_are_normal_or_distributed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Distributed where a token has no room for them (OpenID Connect Core 5.6.2)."""
    assert DOCUMENT["claim_types_supported"] == ["normal", "distributed"]
    assert "assessment_access" in claims_of((await scene.browser.tokens())["id_token"])
    monkeypatch.setattr("gateway.oidc.token.tokens.LONGEST_JWT", 1200)
    tokens = await scene.browser.tokens()
    identity = claims_of(tokens["id_token"])
    source = identity["_claim_sources"][identity["_claim_names"]["assessment_access"]]["endpoint"]
    answer = await scene.browser.http.get(source, headers=bearer(tokens["access_token"]))
    assert claims_of(answer.text)["assessment_access"] == tokens["authorization_details"]


FLAGS: dict[str, bool] = {
    "require_pushed_authorization_requests": False,
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
    "claims_parameter_supported": False,
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,
    "authorization_response_iss_parameter_supported": True,
}


def test_the_flags() -> None:
    assert {name: DOCUMENT[name] for name in FLAGS} == FLAGS


async def test_what_is_said_not_to_be_is_not(scene: Scene) -> None:
    """`claims` asks for nothing that its scope doesn't open; a request in the address needs no push."""
    browser = scene.browser
    assert returned(await browser.authorize(request="a.b.c"))["error"] == "request_not_supported"
    asked = returned(await browser.authorize(request_uri=f"{CALLBACK}/request"))
    assert asked["error"] == "request_uri_not_supported"
    tokens = await browser.tokens(scope="openid", claims='{"userinfo": {"name": null}, "id_token": {"name": null}}')
    answer = await browser.http.get("/oauth2/userinfo", headers=bearer(tokens["access_token"]))
    assert "name" not in answer.json() | claims_of(tokens["id_token"])


async def test_each_answer_names_the_issuer(scene: Scene) -> None:
    assert returned(await scene.browser.authorize())["iss"] == DOCUMENT["issuer"]
    assert returned(await scene.browser.authorize(scope="nonsense"))["iss"] == DOCUMENT["issuer"]


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Clock:
    """Notices are written by the database, whose time is the real one; everything else has the tests' own."""
    real = "party" in request.fixturenames
    return Clock(datetime.now(UTC).replace(microsecond=0)) if real else Clock()


@pytest.fixture
async def party() -> AsyncIterator[ListeningParty]:
    async with ListeningParty().open() as listening:
        yield listening


async def test_a_logout_is_told_with_its_session(scene: Scene, party: ListeningParty) -> None:
    await scene.connection.execute(
        "update relying_parties set backchannel_logout_uri = $1 where client_id = 'reporting'", party.uri
    )
    identity = (await scene.browser.tokens())["id_token"]
    await scene.browser.http.get("/oauth2/logout", params={"id_token_hint": identity})
    payload = await scene.connection.fetchval("select payload from pgqueuer where entrypoint = 'logout-notice'")
    await send_logout_notice(scene.gateway, KeyRing(scene.gateway.pool, scene.gateway.secret_key), payload)
    assert claims_of(party.tokens[0])["sid"] == claims_of(identity)["sid"]


def test_the_gateway_as_a_resource_says_the_same() -> None:
    """RFC 9728: each of its scopes is shown above with a token for it."""
    document = resource_document(ISSUER)
    assert document["bearer_methods_supported"] == ["header"]
    assert set(document["scopes_supported"]) <= set(DOCUMENT["scopes_supported"])
    assert document["dpop_signing_alg_values_supported"] == DOCUMENT["dpop_signing_alg_values_supported"]
