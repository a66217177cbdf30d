"""private_key_jwt: who a client is by its key (RFC 7523 section 3, OpenID Connect Core 9, FAPI 2.0 section 5.3.2.1)."""

import asyncio
import base64
import json
import time
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gateway.state import Gateway
from store.database import Connection
from store.relying_parties import insert_relying_party
from tests.oidc.keyholder import KeyHolder, asserted, keyed
from tests.oidc.world import ISSUER, NOW, Browser, Clock, claims_of, jwt

FORM = {"grant_type": "client_credentials"}


@pytest.fixture
async def holder(gateway: Gateway, connection: Connection) -> KeyHolder:
    holder = KeyHolder(NOW)
    await insert_relying_party(connection, keyed(holder))
    return holder


async def ask(browser: Browser, assertion: str, **more: str) -> tuple[int, str]:
    answer = await browser.http.post("/oauth2/token", data={**FORM, **asserted(assertion), **more})
    return answer.status_code, answer.json().get("error", "")


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/oauth2/token"])
async def test_the_issuer_or_the_token_endpoint_is_the_audience(
    holder: KeyHolder, browser: Browser, audience: str
) -> None:
    assert await ask(browser, holder.assertion(aud=audience)) == (200, "")
    assert await ask(browser, holder.assertion({"typ": "client-authentication+jwt"}), client_id="keyed") == (200, "")


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("PS256", RSAKey.generate_key(2048)),
        ("EdDSA", OKPKey.generate_key("Ed25519")),
        ("Ed25519", OKPKey.generate_key("Ed25519")),
    ],
)
async def test_other_algorithms(
    gateway: Gateway, connection: Connection, browser: Browser, alg: str, key: RSAKey | OKPKey
) -> None:
    holder = KeyHolder(NOW, alg, key=key)
    await insert_relying_party(connection, keyed(holder))
    assert await ask(browser, holder.assertion()) == (200, "")


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        pytest.param({}, {"aud": [ISSUER]}, id="fapi2-security-profile-final-par-test-array-as-audience-fails"),
        pytest.param({}, {"aud": [ISSUER, f"{ISSUER}/oauth2/token"]}, id="two audiences"),
        pytest.param({}, {"aud": "https://other.example"}, id="another audience"),
        pytest.param({}, {"aud": f"{ISSUER}/oauth2/authorize"}, id="an endpoint that takes no assertions"),
        pytest.param({}, {"aud": f"{ISSUER}/"}, id="the issuer with a slash"),
        pytest.param({}, {"aud": None}, id="no audience"),
        pytest.param({}, {"exp": NOW.timestamp()}, id="expired"),
        pytest.param({}, {"exp": NOW.timestamp() + 3600}, id="good for an hour"),
        pytest.param({}, {"exp": None}, id="no exp"),
        pytest.param({}, {"exp": "soon"}, id="exp is a text"),
        pytest.param({}, {"exp": True}, id="exp is a truth value"),
        pytest.param({}, {"nbf": NOW.timestamp() + 61}, id="nbf in the future"),
        pytest.param({}, {"iat": NOW.timestamp() + 61}, id="iat in the future"),
        pytest.param({}, {"jti": None}, id="no jti"),
        pytest.param({}, {"jti": ""}, id="empty jti"),
        pytest.param({}, {"jti": 7}, id="jti is a number"),
        pytest.param({}, {"jti": "x" * 257}, id="long jti"),
        pytest.param({}, {"iss": "reporting"}, id="another issuer"),
        pytest.param({}, {"iss": None}, id="no issuer"),
        pytest.param({}, {"sub": "reporting", "iss": "reporting"}, id="another client's id"),
        pytest.param({}, {"sub": "nobody", "iss": "nobody"}, id="an unknown client"),
        pytest.param({}, {"sub": None}, id="no subject"),
        pytest.param({"typ": "at+jwt"}, {}, id="an access token"),
        pytest.param({"typ": "dpop+jwt"}, {}, id="a DPoP proof"),
        pytest.param({"kid": "../k-1"}, {}, id="kid with a path"),
        pytest.param({"kid": "' or 1=1 --"}, {}, id="kid with SQL"),
        pytest.param({"kid": "k-2"}, {}, id="unknown kid"),
        pytest.param({"jku": "https://evil.example/jwks"}, {}, id="jku"),
        pytest.param({"x5u": "https://evil.example/cert"}, {}, id="x5u"),
        pytest.param({"jwk": ECKey.generate_key("P-256").as_dict(private=False)}, {}, id="jwk"),
    ],
)
@pytest.mark.checklist(
    "16 audience",
    "16 expired or not yet valid",
    "16 another client",
    "18 client assertions",
    "20 audience and issuer",
    "20 times",
)
async def test_refused(holder: KeyHolder, browser: Browser, header: dict[str, Any], claims: dict[str, Any]) -> None:
    """401 invalid_client, the same for whatever is wrong."""
    assert await ask(browser, holder.assertion(header, **claims)) == (401, "invalid_client")
    assert await ask(browser, holder.assertion()) == (200, "")


def unsigned(holder: KeyHolder, header: dict[str, Any], signature: bytes = b"") -> str:
    return jwt(header, claims_of(holder.assertion()), signature)


@pytest.mark.checklist("16 symmetric or no algorithm", "18 client assertions")
async def test_algorithms_that_prove_nothing(holder: KeyHolder, browser: Browser) -> None:
    """`none`, an empty signature, and HS256 with the public key as its secret: 401 invalid_client."""
    public = OctKey.import_key(json.dumps(holder.public))
    confused = KeyHolder(NOW, "HS256")
    confused.key = public  # pyright: ignore[reportAttributeAccessIssue]
    for assertion in (
        unsigned(holder, {"alg": "none", "kid": "k-1"}),
        unsigned(holder, {"alg": "ES256", "kid": "k-1"}),
        unsigned(holder, {"alg": "ES256", "kid": "k-1"}, b"\x00" * 64),
        unsigned(holder, {"alg": "RS256", "kid": "k-1"}, b"\x00" * 256),
        unsigned(holder, {"alg": "ES256", "kid": "k-1", "crit": ["b64"], "b64": False}, b"\x00" * 64),
        unsigned(holder, {"kid": "k-1"}),
        confused.assertion(),
        "a.b.c",
        "",
        holder.assertion() + "." + base64.urlsafe_b64encode(b"x").decode(),
    ):
        assert await ask(browser, assertion) == (401, "invalid_client"), assertion


@pytest.mark.checklist("16 another client")
async def test_another_clients_key_proves_nothing(holder: KeyHolder, connection: Connection, browser: Browser) -> None:
    other = KeyHolder(NOW)
    await insert_relying_party(connection, keyed(other, client_id="other"))
    assert await ask(browser, other.assertion()) == (401, "invalid_client")
    assert await ask(browser, other.assertion(iss="other", sub="other")) == (200, "")


@pytest.mark.checklist("16 used before")
async def test_an_assertion_is_good_once(holder: KeyHolder, browser: Browser) -> None:
    assertion = holder.assertion()
    assert await ask(browser, assertion) == (200, "")
    assert await ask(browser, assertion) == (401, "invalid_client")
    again = holder.assertion(jti=claims_of(assertion)["jti"], exp=holder.seconds(90))
    assert await ask(browser, again) == (401, "invalid_client")


@pytest.mark.checklist("16 used before")
async def test_of_parallel_uses_one_succeeds(holder: KeyHolder, browser: Browser) -> None:
    assertion = holder.assertion()
    answers = await asyncio.gather(*(ask(browser, assertion) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [200] + [401] * 7


@pytest.mark.parametrize(
    "sent",
    [
        {"client_id": "keyed"},
        {"client_id": "keyed", "client_secret": "x"},
        {"client_id": "keyed", "client_assertion_type": "urn:other", "client_assertion": "a.b.c"},
        {"client_id": "keyed", "client_assertion": "a.b.c"},
    ],
)
@pytest.mark.checklist("15 token endpoint")
async def test_no_other_method_stands_in(holder: KeyHolder, browser: Browser, sent: dict[str, str]) -> None:
    """`none`, a secret, or half an assertion: 401 invalid_client."""
    answer = await browser.http.post("/oauth2/token", data={**FORM, **sent})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.checklist(15)
async def test_an_assertion_beside_a_secret(holder: KeyHolder, browser: Browser) -> None:
    """400 invalid_request."""
    assert await ask(browser, holder.assertion(), client_secret="x") == (400, "invalid_request")
    answer = await browser.http.post(
        "/oauth2/token", data={**FORM, **asserted(holder.assertion())}, auth=("keyed", "x")
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.checklist(15)
async def test_a_client_with_a_secret_has_no_assertions(holder: KeyHolder, browser: Browser) -> None:
    assert await ask(browser, holder.assertion(iss="reporting", sub="reporting")) == (401, "invalid_client")
    assert await ask(browser, holder.assertion(), client_id="reporting") == (401, "invalid_client")


async def test_two_keys_during_a_rotation(gateway: Gateway, connection: Connection, browser: Browser) -> None:
    """A header without kid is taken where its algorithm fits one key alone."""
    old, new = KeyHolder(NOW), KeyHolder(NOW, kid="k-2")
    await insert_relying_party(connection, keyed(old, jwks={"keys": [old.public, new.public]}))
    assert await ask(browser, old.assertion()) == (200, "")
    assert await ask(browser, new.assertion()) == (200, "")
    assert await ask(browser, new.assertion({"kid": None})) == (401, "invalid_client")


async def test_proofs_are_kept_until_they_are_too_old_by_themselves(
    holder: KeyHolder, connection: Connection, browser: Browser, clock: Clock
) -> None:
    await ask(browser, holder.assertion())
    (ends,) = [row["expires_at"] for row in await connection.fetch("select expires_at from used_proofs")]
    assert ends.timestamp() == holder.seconds(60)


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/par"])
async def test_a_refused_assertion_does_not_hold_up_the_process(browser: Browser, path: str) -> None:
    """What it says of itself gets into the log's line, which is masked on the event loop."""
    header = base64.urlsafe_b64encode(json.dumps({"code" * 700: 1}).encode()).rstrip(b"=").decode()
    before = time.process_time()
    answer = await browser.http.post(path, data={**FORM, "token": "t", **asserted(f"{header}.e30.AAAA")})
    assert answer.status_code == 401
    assert time.process_time() - before < 1
