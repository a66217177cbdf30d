"""Proofs and assertions of odd shape are refused, never answered as a fault of ours (RFC 9449 4.3, ASVS 1.2, 2.2)."""

from typing import Any

import pytest

from gateway.state import Gateway
from store.database import Connection
from store.relying_parties import insert_relying_party
from tests.oidc.keyholder import KeyHolder, asserted, keyed
from tests.oidc.world import NOW, SECRET, Browser, jwt

TOKEN = "/oauth2/token"
FORM = {"grant_type": "client_credentials"}
GOOD = ("reporting", SECRET)


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.checklist(18, 25)
@pytest.mark.parametrize(
    "header",
    [
        pytest.param({'x"\r\nSet-Cookie: a=b': 1}, id="a member that would end a header"),
        pytest.param({"schlüssel": 1}, id="a member beyond ASCII"),
        pytest.param({"jwk": {"kty": "EC", "more": nested(250)}}, id="a key that is deeper than can be written"),
        pytest.param({"jwk": {"kty": "EC", "crv": ["P-256"], "x": 1, "y": None}}, id="a key of other types"),
        pytest.param({"typ": ["dpop+jwt"]}, id="typ is a list"),
        pytest.param({"alg": ["ES256"]}, id="alg is a list"),
    ],
)
async def test_proofs_with_strange_headers(gateway: Gateway, browser: Browser, header: dict[str, Any]) -> None:
    key = KeyHolder(NOW).key.as_dict(private=False)
    text = jwt({"typ": "dpop+jwt", "alg": "ES256", "jwk": key, **header}, {"jti": "a"}, b"\x00" * 64)
    answer = await browser.http.post(TOKEN, data=FORM, auth=GOOD, headers={"DPoP": text})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")

    holder = KeyHolder(NOW)
    proof = holder.proof(gateway, "POST", TOKEN)
    token = (await browser.http.post(TOKEN, data=FORM, auth=GOOD, headers=proof)).json()["access_token"]
    answer = await browser.http.get("/oauth2/userinfo", headers={"Authorization": f"DPoP {token}", "DPoP": text})
    assert answer.status_code == 401
    assert 'error="invalid_dpop_proof"' in answer.headers["www-authenticate"]
    assert "set-cookie" not in answer.headers


async def test_an_address_that_no_header_can_hold(gateway: Gateway, browser: Browser) -> None:
    """What is told of a wrong `htu` names the address as it came."""
    holder = KeyHolder(NOW)
    proof = holder.proof(gateway, "POST", TOKEN)
    token = (await browser.http.post(TOKEN, data=FORM, auth=GOOD, headers=proof)).json()["access_token"]
    headers = {"Authorization": f"DPoP {token}", **holder.proof(gateway, "POST", TOKEN, token=token)}
    answer = await browser.http.post("/ssf/poll/%C3%A9%22%0D%0ASet-Cookie:%20a=b", headers=headers)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.checklist(16, 18)
@pytest.mark.parametrize("typ", [[], {}, ["JWT"], 7, True])
async def test_assertions_with_a_strange_typ(
    gateway: Gateway, connection: Connection, browser: Browser, typ: object
) -> None:
    holder = KeyHolder(NOW)
    await insert_relying_party(connection, keyed(holder))
    text = jwt({"typ": typ, "alg": "ES256", "kid": "k-1"}, {"iss": "keyed", "sub": "keyed"}, b"\x00" * 64)
    answer = await browser.http.post(TOKEN, data={**FORM, **asserted(text)})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
