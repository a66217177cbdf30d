"""For each list of the provider's metadata, one request that shows a value of it: `SHOWN` by the member's name."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx2
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.oidc.client.authentication import secret_hash
from gateway.state import Gateway
from policy.scopes import DIRECTORY_READ, GATEWAY_SCOPES, PERSON_SCOPES
from store.database import Connection
from store.relying_parties import RelyingParty, insert_relying_party
from tests.oidc.keyholder import KeyHolder, asserted, keyed
from tests.oidc.world import BROWSER, CERS_URI, ISSUER, NOW, REPORTING, Browser, bearer, claims_of, header_of, returned
from tests.signin.stepping import set_up

AUTHORIZE, TOKEN, USERINFO = "/oauth2/authorize", "/oauth2/token", "/oauth2/userinfo"
INTROSPECT, REVOKE = "/oauth2/introspect", "/oauth2/revoke"
FORM = {"grant_type": "client_credentials"}
OWN = "own-secret"


@dataclass(slots=True)
class Scene:
    """`browser`: somebody is signed in at `reporting`, which has every scope; her account holds a number."""

    gateway: Gateway
    connection: Connection
    browser: Browser

    async def registered(self, client: RelyingParty) -> RelyingParty:
        await insert_relying_party(self.connection, client)
        return client

    async def post(self, path: str, form: dict[str, str], **more: Any) -> httpx2.Response:
        return await self.browser.http.post(path, data=form, **more)

    async def userinfo(self, token: str) -> httpx2.Response:
        return await self.browser.http.get(USERINFO, headers=bearer(token))


def key_for(alg: str) -> ECKey | RSAKey | OKPKey:
    if alg == "PS256":
        return RSAKey.generate_key(2048)
    return ECKey.generate_key("P-256") if alg == "ES256" else OKPKey.generate_key("Ed25519")


async def _scope(scene: Scene, scope: str) -> None:
    resource = ISSUER if scope in GATEWAY_SCOPES else CERS_URI
    if scope in PERSON_SCOPES:
        beside = {"openid", DIRECTORY_READ} if scope in GATEWAY_SCOPES else {"openid"}
        granted = (await scene.browser.tokens(scope=" ".join({scope, *beside}), resource=resource))["scope"]
    else:
        answer = await scene.browser.token({**FORM, "scope": scope, "resource": resource})
        granted = answer.json()["scope"]
    assert scope in granted.split()


async def _response_type(scene: Scene, response_type: str) -> None:
    assert response_type in returned(await scene.browser.authorize(response_type=response_type))


async def _response_mode(scene: Scene, mode: str) -> None:
    assert mode == "query"
    assert "code" in returned(await scene.browser.authorize(response_mode=mode)), "the answer stands in the query"


async def _grant_type(scene: Scene, grant: str) -> None:
    tokens = await scene.browser.tokens()
    more = {
        "authorization_code": {
            "code": await scene.browser.code(), "redirect_uri": REPORTING.redirect_uris[0], "code_verifier": "v" * 64,
        },
        "refresh_token": {"refresh_token": tokens["refresh_token"]},
        "client_credentials": {},
    }[grant]  # fmt: skip
    assert (await scene.browser.token({"grant_type": grant, **more})).status_code == 200


async def _subject_type(scene: Scene, kind: str) -> None:
    """Public: the same for every client."""
    assert kind == "public"
    here = await scene.browser.tokens(scope="openid")
    there = await replace(scene.browser, client=BROWSER).tokens(scope="openid")
    assert claims_of(here["id_token"])["sub"] == claims_of(there["id_token"])["sub"]


async def _acr(scene: Scene, level: str) -> None:
    if level.endswith("aal2"):
        asked = await scene.browser.authorize(acr_values=level, scope="openid")
        await scene.browser.http.get(asked.headers["location"])
        await scene.browser.sign_in("ana")
        await scene.browser.http.get("/signin", params={"next": "/", "acr": level})
        await set_up(scene.browser, scene.gateway.now())
    assert claims_of((await scene.browser.tokens(acr_values=level, scope="openid"))["id_token"])["acr"] == level


async def _id_token_alg(scene: Scene, alg: str) -> None:
    await scene.connection.execute("update relying_parties set id_token_alg = $1 where client_id = 'reporting'", alg)
    assert header_of((await scene.browser.tokens(scope="openid"))["id_token"])["alg"] == alg


Proof = tuple[dict[str, str], tuple[str, str] | None]
"""Form fields and HTTP Basic."""


async def _prover(scene: Scene, method: str, alg: str = "ES256") -> tuple[RelyingParty, Callable[[], Proof]]:
    """A client that is registered with the method, and what it sends to prove itself, anew each time."""
    holder = KeyHolder(NOW, alg, key=key_for(alg))
    if method == "private_key_jwt":
        return await scene.registered(keyed(holder)), lambda: (asserted(holder.assertion()), None)
    hashes = () if method == "none" else (secret_hash(OWN),)
    own = replace(REPORTING, client_id="own", auth_method=method, secret_hashes=hashes)
    proofs: dict[str, Proof] = {
        "client_secret_basic": ({}, ("own", OWN)),
        "client_secret_post": ({"client_id": "own", "client_secret": OWN}, None),
        "none": ({"client_id": "own"}, None),
    }
    return await scene.registered(own), lambda: proofs[method]


async def _prove_at(scene: Scene, path: str, form: dict[str, str], proof: Proof) -> httpx2.Response:
    fields, auth = proof
    more = {} if auth is None else {"auth": auth}
    return await scene.post(path, {**form, **fields}, **more)


async def _code_form(scene: Scene, client: RelyingParty) -> dict[str, str]:
    code = await replace(scene.browser, client=client).code(scope="openid")
    uri = client.redirect_uris[0]
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": uri, "code_verifier": "v" * 64}


async def _at_token(scene: Scene, method: str, alg: str = "ES256") -> None:
    client, proof = await _prover(scene, method, alg)
    answer = await _prove_at(scene, TOKEN, await _code_form(scene, client), proof())
    assert answer.status_code == 200, answer.text


async def _at_introspection(scene: Scene, method: str, alg: str = "ES256") -> None:
    _, proof = await _prover(scene, method, alg)
    token = (await scene.browser.tokens())["access_token"]
    assert (await _prove_at(scene, INTROSPECT, {"token": token}, proof())).json()["active"] is True


async def _at_revocation(scene: Scene, method: str, alg: str = "ES256") -> None:
    client, proof = await _prover(scene, method, alg)
    token = (await _prove_at(scene, TOKEN, await _code_form(scene, client), proof())).json()["access_token"]
    assert (await scene.userinfo(token)).status_code == 200
    assert (await _prove_at(scene, REVOKE, {"token": token}, proof())).status_code == 200
    assert (await scene.userinfo(token)).status_code == 401


def _signed(at: Callable[[Scene, str, str], Awaitable[None]]) -> Callable[[Scene, str], Awaitable[None]]:
    """The same with an assertion under the algorithm."""
    return lambda scene, alg: at(scene, "private_key_jwt", alg)


async def _dpop_alg(scene: Scene, alg: str) -> None:
    holder = KeyHolder(NOW, alg, key=key_for(alg))
    proof = holder.proof(scene.gateway, "POST", TOKEN)
    answer = await scene.post(TOKEN, FORM, auth=("reporting", "reporting-secret"), headers=proof)
    assert claims_of(answer.json()["access_token"])["cnf"] == {"jkt": holder.thumbprint}


async def _challenge_method(scene: Scene, method: str) -> None:
    assert "code" in returned(await scene.browser.authorize(code_challenge_method=method))


async def _prompt(scene: Scene, prompt: str) -> None:
    answer = await scene.browser.authorize(prompt=prompt)
    if prompt == "none":
        assert "code" in returned(answer)
    elif prompt == "consent":
        assert (answer.status_code, "CERS" in answer.text, "<form" in answer.text) == (200, True, True)
    else:
        assert answer.headers["location"].startswith("/signin?"), prompt


async def _ui_locale(scene: Scene, locale: str) -> None:
    assert f'<html lang="{locale}"' in (await scene.browser.http.get("/signin/reset")).text


async def _details_type(scene: Scene, kind: str) -> None:
    tokens = await scene.browser.tokens(authorization_details=json.dumps([{"type": kind}]))
    assert {entry["type"] for entry in tokens["authorization_details"]} == {kind}


async def _protected_resource(scene: Scene, resource: str) -> None:
    token = (await scene.browser.tokens(scope="openid directory.read", resource=resource))["access_token"]
    assert claims_of(token)["aud"] == resource
    scene.browser.http.cookies.clear()
    answer = await scene.browser.http.post("/graphql", json={"query": "{ viewer { id } }"}, headers=bearer(token))
    assert answer.json()["data"]["viewer"]["id"], answer.text


SHOWN: dict[str, Callable[[Scene, str], Awaitable[None]]] = {
    "scopes_supported": _scope,
    "response_types_supported": _response_type,
    "response_modes_supported": _response_mode,
    "grant_types_supported": _grant_type,
    "subject_types_supported": _subject_type,
    "acr_values_supported": _acr,
    "id_token_signing_alg_values_supported": _id_token_alg,
    "token_endpoint_auth_methods_supported": _at_token,
    "token_endpoint_auth_signing_alg_values_supported": _signed(_at_token),
    "introspection_endpoint_auth_methods_supported": _at_introspection,
    "introspection_endpoint_auth_signing_alg_values_supported": _signed(_at_introspection),
    "revocation_endpoint_auth_methods_supported": _at_revocation,
    "revocation_endpoint_auth_signing_alg_values_supported": _signed(_at_revocation),
    "dpop_signing_alg_values_supported": _dpop_alg,
    "code_challenge_methods_supported": _challenge_method,
    "prompt_values_supported": _prompt,
    "ui_locales_supported": _ui_locale,
    "authorization_details_types_supported": _details_type,
    "protected_resources": _protected_resource,
}
"""Claims and claim types have tests of their own: what is told at once is compared with the whole list."""
