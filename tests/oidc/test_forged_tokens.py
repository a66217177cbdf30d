"""Forged JWTs at each endpoint that takes one of ours (ASVS 9.1, RFC 8725): a table of forgeries by place."""

import base64
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from gateway.state import Gateway
from store.database import Connection
from tests.oidc.tokens_at import introspection
from tests.oidc.world import PARK, REPORTING, Browser, bearer, claims_of, header_of, jwt, person, returned

STRANGER, STRANGER_RSA = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> Browser:
    await person(connection, "ana", ("site-coordinator", PARK))
    await browser.sign_in("ana")
    return browser


async def _userinfo(browser: Browser, token: str) -> bool:
    return (await browser.http.get("/oauth2/userinfo", headers=bearer(token))).status_code == 200


async def _claims(browser: Browser, token: str) -> bool:
    return (await browser.http.get("/oauth2/claims/assessment", headers=bearer(token))).status_code == 200


async def _introspected(browser: Browser, token: str) -> bool:
    return (await introspection(browser.http, REPORTING, token))["active"]


async def _authorize_hint(browser: Browser, token: str) -> bool:
    answer = returned(await browser.authorize(id_token_hint=token, prompt="none"))
    assert "code" in answer or answer["error"] == "invalid_request"
    return "code" in answer


async def _logout_hint(browser: Browser, token: str) -> bool:
    """Without a good hint nobody is led back or signed out."""
    answer = await browser.http.get("/oauth2/logout", params={"id_token_hint": token})
    assert answer.status_code in (200, 400)
    return answer.status_code == 200


ACCESS = {"userinfo": _userinfo, "claims": _claims, "introspection": _introspected}
HINTS = {"authorize": _authorize_hint, "logout": _logout_hint}
Place = Callable[[Browser, str], Awaitable[bool]]


def _resigned(token: str, **header: Any) -> str:
    """The same claims under a changed header, signed by a key that isn't ours."""
    changed = {**header_of(token), **header}
    key = STRANGER_RSA if changed["alg"] == "RS256" else STRANGER
    return jws.serialize_compact(changed, json.dumps(claims_of(token)).encode(), key, algorithms=["ES256", "RS256"])


def _as_secret(token: str, public: bytes) -> str:
    """A published key taken for the secret of HS256."""
    head, body, _ = jwt({**header_of(token), "alg": "HS256"}, claims_of(token)).split(".")
    mac = hmac.digest(public, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def forged(token: str, public: bytes) -> dict[str, str]:
    header, claims = header_of(token), claims_of(token)
    head, body, signature = token.split(".")
    own = STRANGER.as_dict(private=False)
    return {
        "no algorithm": jwt({**header, "alg": "none"}, claims),
        "an algorithm in other letters": jwt({**header, "alg": "nOnE"}, claims),
        "a swapped algorithm": _as_secret(token, public),
        "an unknown algorithm": jwt({**header, "alg": "XX256"}, claims, b"x" * 64),
        "no alg at all": jwt({name: value for name, value in header.items() if name != "alg"}, claims, b"x" * 64),
        "a key of a stranger under our kid": _resigned(token),
        "a key in the header": _resigned(token, alg="ES256", jwk=own),
        "a key without our kid": _resigned(token, alg="ES256", jwk=own, kid=STRANGER.thumbprint()),
        "an address of keys": _resigned(token, jku="https://evil.example/jwks"),
        "an address of certificates": _resigned(token, x5u="https://evil.example/cert"),
        "a certificate": _resigned(token, x5c=["MIIB"]),
        "a kid that is a path": _resigned(token, kid="../../../dev/null"),
        "a kid that is SQL": _resigned(token, kid="x' union select 'key"),
        "an unknown kid": _resigned(token, kid="unknown"),
        "a critical header": f"{jwt({**header, 'crit': ['x'], 'x': 1}, claims).rpartition('.')[0]}.{signature}",
        "an empty signature": f"{head}.{body}.",
        "no signature": f"{head}.{body}",
        "two signatures": f"{token}.{signature}",
        "JSON": json.dumps({"payload": body, "signatures": [{"protected": head, "signature": signature}]}),
        "another's claims": f"{head}.{jwt({}, {**claims, 'sub': 'somebody'}).split('.')[1]}.{signature}",
    }


async def _published(browser: Browser, token: str) -> bytes:
    """Our public key of the token's kid, as a program would write it into a file."""
    keys = (await browser.http.get("/oauth2/jwks")).json()["keys"]
    found = next(key for key in keys if key["kid"] == header_of(token)["kid"])
    return (ECKey if found["kty"] == "EC" else RSAKey).import_key(found).as_pem(private=False)


@pytest.mark.checklist("18 access tokens", "18 introspected tokens")
@pytest.mark.parametrize("place", ACCESS)
async def test_access_tokens(ana: Browser, place: str) -> None:
    ask: Place = ACCESS[place]
    token = (await ana.tokens())["access_token"]
    for name, forgery in forged(token, await _published(ana, token)).items():
        assert not await ask(ana, forgery), name
    assert await ask(ana, token)


@pytest.mark.checklist("18 hints")
@pytest.mark.parametrize("place", HINTS)
@pytest.mark.parametrize("alg", ["RS256", "ES256"])
async def test_id_token_hints(ana: Browser, connection: Connection, place: str, alg: str) -> None:
    ask: Place = HINTS[place]
    await connection.execute("update relying_parties set id_token_alg = $1 where client_id = 'reporting'", alg)
    token = (await ana.tokens())["id_token"]
    for name, forgery in forged(token, await _published(ana, token)).items():
        assert not await ask(ana, forgery), name
    assert await ask(ana, token)
