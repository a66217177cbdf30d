"""Answers of a provider that are wrong in one way: each is refused with the same calm page, and nobody is signed in."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from warnings import catch_warnings

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette

from gateway.state import Gateway
from policy.federation import ProviderKind
from store.database import Connection
from store.identity_providers import ProviderId
from tests.federation.district import come_back, go, linked, registered, sessions, sign_in
from tests.federation.provider import CLIENT_ID, FakeProvider
from tests.oidc.world import LEA, PARK, Browser, Clock, http_of, person

NOW = 1_795_348_800
"""The clock's moment, 2026-11-22 12:00 UTC."""
TECHNICAL = "Your district's sign-in gave no usable answer"
OVER = "This sign-in can't be finished"
OTHER = ECKey.generate_key("P-256", {"kid": "one"})
RSA = RSAKey.generate_key(2048, {"kid": "two"})
with catch_warnings(action="ignore"):  # the library warns of what the gateway refuses
    SMALL = RSAKey.generate_key(1024, {"kid": "small"})
Tamper = Callable[[FakeProvider], None]


def claims(**changed: Any) -> Tamper:
    return lambda provider: provider.claims.update(changed)


def header(**changed: Any) -> Tamper:
    return lambda provider: provider.header.update(changed)


def signing(key: Any, alg: str, published: list[Any] | None = None) -> Tamper:
    def tamper(provider: FakeProvider) -> None:
        provider.published = published if published is not None else [provider.key]
        provider.key, provider.alg = key, alg

    return tamper


def by_the_public_key(provider: FakeProvider) -> None:
    """HS256 with the published key as the shared secret."""
    public = provider.key.as_dict(private=False)
    provider.published, provider.alg = [provider.key], "HS256"
    provider.key = OctKey.import_key(json.dumps(public).encode(), {"kid": "one"})


def ready(text: str) -> Tamper:
    def tamper(provider: FakeProvider) -> None:
        provider.id_token = text

    return tamper


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


WRONG_CLAIMS: dict[str, Tamper] = {
    "another issuer (Core 3.1.3.7, 2)": claims(iss="https://elsewhere.example"),
    "issuer with a slash": claims(iss="http://127.0.0.1/"),
    "no issuer": claims(iss=None),
    "another audience (Core 3.1.3.7, 3)": claims(aud="another-client"),
    "a further audience": claims(aud=[CLIENT_ID, "another-client"]),
    "no audience": claims(aud=None),
    "an empty audience": claims(aud=[]),
    "made out to another client (Core 3.1.3.7, 5)": claims(azp="another-client"),
    "expired (Core 3.1.3.7, 9)": claims(exp=NOW - 61),
    "no expiry": claims(exp=None),
    "expiry as a text": claims(exp="9999999999"),
    "expiry as true": claims(exp=True),
    "from the future": claims(iat=NOW + 61),
    "too old (Core 3.1.3.7, 10)": claims(iat=NOW - 601),
    "no time": claims(iat=None),
    "not yet": claims(nbf=NOW + 61),
    "another nonce (Core 3.1.3.7, 11)": claims(nonce="another"),
    "no nonce": claims(nonce=None),
    "a list of nonces": claims(nonce=["a", "b"]),
    "another access token's hash (Core 3.1.3.6)": claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "another code's hash (Core 3.3.2.11)": claims(c_hash="AAAAAAAAAAAAAAAAAAAAAA"),
}
WRONG_TOKENS: dict[str, Tamper] = {
    "alg none": header(alg="none"),
    "alg none without a kid": header(alg="none", kid=None),
    "HS256 with the public key": by_the_public_key,
    "an algorithm that the provider doesn't state": signing(RSA, "PS256", [RSA]),
    "another's key under the same kid": signing(OTHER, "ES256"),
    "an unknown kid": header(kid="unknown"),
    "a kid that is a path": header(kid="../../keys/one"),
    "a kid that is SQL": header(kid="one' or '1'='1"),
    "a kid that is a list": header(kid=["one"]),
    "two keys under one kid": signing(OTHER, "ES256", [OTHER, ECKey.generate_key("P-256", {"kid": "one"})]),
    "a short RSA key": signing(SMALL, "RS256", [SMALL]),
    "a key for encryption": signing(OTHER, "ES256", [ECKey.import_key({**OTHER.as_dict(private=False), "use": "enc"})]),
    "a header that brings its key": header(jwk=OTHER.as_dict(private=False)),
    "a header that says where its key is": header(jku="https://elsewhere.example/keys"),
    "a header that says where its certificate is": header(x5u="https://elsewhere.example/x5u"),
    "a header with rules of its own": header(crit=["exp"]),
    "an access token (RFC 9068)": header(typ="at+jwt"),
    "a logout token": header(typ="logout+jwt"),
    "no JWT": ready("not a token"),
    "a JWT without a signature": ready(f"{_part({'alg': 'ES256', 'kid': 'one'})}.{_part({'sub': 'subject-1'})}."),
    "an encrypted JWT": ready("a.b.c.d.e"),
    "a very long token": ready("x" * 20_000),
}


async def linked_ana(gateway: Gateway, provider: FakeProvider, connection: Connection) -> ProviderId:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider)
    await linked(gateway, registration, provider, ana)
    return registration


async def nobody_is_in(answer: httpx2.Response, connection: Connection, text: str) -> None:
    assert (answer.status_code, text in answer.text) == (400, True), answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "hallpass-session" not in answer.headers.get("set-cookie", "")
    assert await connection.fetchval("select count(*) from sessions") == 0


@pytest.mark.parametrize("wrong", WRONG_CLAIMS)
@pytest.mark.checklist("20 audience and issuer", "20 times")
async def test_an_id_token_with_a_wrong_claim(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, wrong: str
) -> None:
    registration = await linked_ana(gateway, provider, connection)
    WRONG_CLAIMS[wrong](provider)
    await nobody_is_in(await sign_in(browser, registration, provider), connection, TECHNICAL)


@pytest.mark.parametrize("wrong", WRONG_TOKENS)
@pytest.mark.checklist("18 a provider's ID token", "19 in the place of an ID token")
async def test_an_id_token_that_is_signed_wrongly(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, wrong: str
) -> None:
    registration = await linked_ana(gateway, provider, connection)
    WRONG_TOKENS[wrong](provider)
    await nobody_is_in(await sign_in(browser, registration, provider), connection, TECHNICAL)


@pytest.mark.checklist("18 a provider's ID token")
async def test_what_is_right_is_taken_by_rsa_too(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    """So that the refusals above are for what is wrong."""
    provider.key, provider.alg = RSA, "RS256"
    provider.claims = {"aud": [CLIENT_ID], "azp": CLIENT_ID, "exp": NOW - 59, "iat": NOW + 59}
    registration = await linked_ana(gateway, provider, connection)
    assert (await sign_in(browser, registration, provider)).status_code == 303


@pytest.mark.checklist("39 a provider's answer")
async def test_a_state_is_good_once(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    registration = await linked_ana(gateway, provider, connection)
    address = await go(browser, registration)
    answer = provider.authorize(address)
    assert (await come_back(browser, registration, answer)).status_code == 303
    await connection.execute("delete from sessions")
    browser.http.cookies.delete("hallpass-session")
    await go(browser, registration)
    replayed = await come_back(browser, registration, {**answer, "code": provider.authorize(address)["code"]})
    await nobody_is_in(replayed, connection, OVER)


@pytest.mark.checklist("39 a provider's answer")
async def test_another_browser_s_state_signs_nobody_in(
    gateway: Gateway, app: Starlette, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    """Row 39, login CSRF: an attacker's answer, opened in the victim's browser, with and without a way of her own."""
    registration = await linked_ana(gateway, provider, connection)
    answer = provider.authorize(await go(browser, registration))
    async with http_of(app) as http:
        victim = Browser(http)
        await nobody_is_in(await come_back(victim, registration, answer), connection, OVER)
        await go(victim, registration)
        await nobody_is_in(await come_back(victim, registration, answer), connection, OVER)
    assert (await come_back(browser, registration, answer)).status_code == 303  # and the attacker's own still stands


@pytest.mark.checklist("39 a provider's answer")
async def test_a_state_is_of_one_provider_and_lives_ten_minutes(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, clock: Clock
) -> None:
    registration = await linked_ana(gateway, provider, connection)
    async with gateway.pool.acquire() as other:
        await other.execute("update identity_providers set tenant = 'first'")
    second = await registered(gateway, provider, domains=("valley2.example",))
    answer = provider.authorize(await go(browser, registration))
    await nobody_is_in(await come_back(browser, second, answer), connection, OVER)
    clock.forward(minutes=10)
    await nobody_is_in(await come_back(browser, registration, answer), connection, OVER)


@pytest.mark.checklist(20)
@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"iss": "https://elsewhere.example"}, TECHNICAL),
        ({"iss": ""}, TECHNICAL),
        ({"code": ""}, TECHNICAL),
        ({"code": "unknown"}, TECHNICAL),
        ({"code": "", "error": "access_denied"}, "Your district didn't sign you in"),
        ({"error": "server_error", "iss": "https://elsewhere.example"}, TECHNICAL),
        ({"state": ""}, OVER),
        ({"state": "x" * 101}, OVER),
        ({"state": "x" * 5_000}, TECHNICAL),
    ],
)
async def test_an_authorization_answer_that_is_wrong(
    gateway: Gateway,
    browser: Browser,
    provider: FakeProvider,
    connection: Connection,
    changed: dict[str, str],
    text: str,
) -> None:
    """RFC 9207 section 2.4: where the provider names itself in answers, an answer without its name is another's."""
    registration = await linked_ana(gateway, provider, connection)
    answer = provider.authorize(await go(browser, registration)) | changed
    came = await come_back(browser, registration, answer)
    await nobody_is_in(came, connection, text)
    assert answer["code"] == "" or answer["code"] not in came.text


@pytest.mark.checklist(39)
async def test_a_parameter_that_is_there_twice(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection
) -> None:
    registration = await linked_ana(gateway, provider, connection)
    answer = provider.authorize(await go(browser, registration))
    came = await browser.http.get(f"/signin/callback/{registration}?{urlencode(answer)}&code=another")
    await nobody_is_in(came, connection, TECHNICAL)


@pytest.mark.checklist(37)
async def test_a_spoofed_host_changes_nothing_of_what_the_provider_is_asked(
    gateway: Gateway, browser: Browser, provider: FakeProvider
) -> None:
    registration = await registered(gateway, provider)
    spoofed = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    answer = await browser.http.get(f"/signin/district/{registration}", headers=spoofed)
    assert "redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Fsignin%2Fcallback" in answer.headers["location"]
    assert "evil.example" not in answer.headers["location"]


@pytest.mark.checklist(51)
@pytest.mark.parametrize(("hd", "status"), [("valley.example", 303), ("bay.example", 403), (None, 403), (["x"], 403)])
async def test_google_names_the_district_s_domain_at_each_sign_in(
    gateway: Gateway, browser: Browser, provider: FakeProvider, connection: Connection, hd: object, status: int
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider, where=LEA, kind=ProviderKind.GOOGLE)
    await linked(gateway, registration, provider, ana)
    provider.claims = {"hd": hd}
    assert (await sign_in(browser, registration, provider)).status_code == status
    assert len(await sessions(connection, ana)) == (1 if status == 303 else 0)


@pytest.mark.checklist(51)
@pytest.mark.parametrize(
    ("kind", "tenant", "said", "status"),
    [
        ("entra", "11111111-2222-3333-4444-555555555555", {"tid": "11111111-2222-3333-4444-555555555555"}, 303),
        ("entra", "11111111-2222-3333-4444-555555555555", {"tid": "99999999-2222-3333-4444-555555555555"}, 403),
        ("entra", "11111111-2222-3333-4444-555555555555", {}, 403),
        ("clever", "0123456789abcdef01234567", {"district": "0123456789abcdef01234567"}, 303),
        ("clever", "0123456789abcdef01234567", {"district": "0123456789abcdef01234568"}, 403),
        ("classlink", "2284", {"TenantId": "2284"}, 303),
        ("classlink", "2284", {"tenantId": 2284}, 303),
        ("classlink", "2284", {"TenantId": "2284", "tenantId": "1"}, 403),
        ("classlink", "2284", {}, 403),
    ],
)
async def test_whose_people_the_token_speaks_of(
    gateway: Gateway,
    browser: Browser,
    provider: FakeProvider,
    connection: Connection,
    kind: str,
    tenant: str,
    said: dict[str, Any],
    status: int,
) -> None:
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    registration = await registered(gateway, provider, kind=ProviderKind(kind), tenant=tenant)
    await linked(gateway, registration, provider, ana)
    provider.claims = said
    assert (await sign_in(browser, registration, provider)).status_code == status
