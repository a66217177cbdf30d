"""Relying parties that are Smarter Balanced components, and how they ask."""

from dataclasses import replace
from typing import Any

import httpx2
from starlette.applications import Starlette

from gateway.oidc.client.authentication import secret_hash
from policy.ids import System
from store.access_version import raise_epoch
from store.database import Connection
from store.relying_parties import RelyingParty, insert_relying_party
from store.systems import RegisteredSystem, put_system
from tests.oidc.world import CERS, EVERY_GRANT, THSS, Browser, bearer, http_of

SCOPES = frozenset({"openid", "assessment", "offline_access", "sbac", "directory.read", "sbac.permissions"})
TOOLS = System("tools-for-teachers")
RDW = RelyingParty(
    client_id="rdw",
    label="RDW",
    systems=(CERS,),
    auth_method="client_secret_post",
    secret_hashes=(secret_hash("rdw-secret"),),
    redirect_uris=("https://rdw.example/callback",),
    grant_types=EVERY_GRANT,
    scopes=SCOPES,
    role_mode="union",
    first_party=True,
    legacy=True,
)
RDW_ACTIVE = replace(RDW, client_id="rdw-active", role_mode="active-role")
RDW_MODERN = replace(RDW, client_id="rdw-modern", legacy=False)
HAND_SCORING = replace(RDW, client_id="hand-scoring", label="Hand scoring", systems=(THSS,))
LIBRARY = replace(RDW, client_id="library", systems=(TOOLS,))
SEVERAL = replace(RDW, client_id="several", systems=(CERS, THSS, TOOLS), legacy=False)
EVERY = (RDW, RDW_ACTIVE, RDW_MODERN, HAND_SCORING, LIBRARY, SEVERAL)


async def register(connection: Connection) -> None:
    await put_system(connection, RegisteredSystem(TOOLS, "Tools for Teachers", "https://tools.example/"))
    for client in EVERY:
        await insert_relying_party(connection, client)


async def changed(connection: Connection) -> None:
    """Tell every process that what was changed by hand may concern everybody."""
    async with connection.transaction():
        await raise_epoch(connection)


async def signed_in(app: Starlette, name: str, client: RelyingParty) -> Browser:
    """Somebody's browser at that relying party; close its `http` at the end, or leave it to the loop."""
    browser = Browser(http_of(app), client)
    await browser.sign_in(name)
    return browser


async def person_token(app: Starlette, name: str, client: RelyingParty, scope: str = "openid sbac", **more: str) -> str:
    browser = await signed_in(app, name, client)
    answer = await posted(
        browser.http, client, {
            "grant_type": "authorization_code",
            "code": await browser.code(scope=scope, **more),
            "redirect_uri": client.redirect_uris[0],
            "code_verifier": "v" * 64,
        },
    )  # fmt: skip
    token: str = answer["access_token"]
    return token


async def system_token(app: Starlette, client: RelyingParty, scope: str = "", resource: str = "") -> str:
    form = {"grant_type": "client_credentials", "scope": scope, "resource": resource}
    token: str = (await posted(http_of(app), client, form))["access_token"]
    return token


async def posted(http: httpx2.AsyncClient, client: RelyingParty, form: dict[str, str]) -> dict[str, Any]:
    sent = {**form, "client_id": client.client_id, "client_secret": "rdw-secret"}
    answer = await http.post("/oauth2/token", data={name: value for name, value in sent.items() if value})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def userinfo(app: Starlette, token: str) -> dict[str, Any]:
    answer = await http_of(app).get("/oauth2/userinfo", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def tokeninfo(app: Starlette, token: str, *, in_query: bool = True) -> httpx2.Response:
    http = http_of(app)
    if in_query:
        return await http.get("/auth/oauth2/tokeninfo", params={"realm": "/sbac", "access_token": token})
    return await http.get("/auth/oauth2/tokeninfo", headers=bearer(token))


async def rest(app: Starlette, path: str, token: str | None, **parameters: str) -> httpx2.Response:
    return await http_of(app).get(f"/rest/{path}", params=parameters, headers=bearer(token) if token else {})
