"""Asks the endpoints that take tokens from clients: introspection and revocation, authenticated as registered."""

from typing import Any

import httpx2

from store.relying_parties import RelyingParty
from tests.oidc.world import SECRET

_SECRETS = {"scoring": "scoring-secret"}
"""Of the clients whose secret isn't `SECRET`."""


async def introspection(http: httpx2.AsyncClient, client: RelyingParty, token: str) -> dict[str, Any]:
    """What the endpoint tells this client of the token."""
    answer = await authenticated(http, "/oauth2/introspect", client, {"token": token})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def revocation(http: httpx2.AsyncClient, client: RelyingParty, token: str, **more: str) -> httpx2.Response:
    return await authenticated(http, "/oauth2/revoke", client, {"token": token, **more})


async def authenticated(
    http: httpx2.AsyncClient, path: str, client: RelyingParty, form: dict[str, str]
) -> httpx2.Response:
    secret = _SECRETS.get(client.client_id, SECRET)
    if client.auth_method == "client_secret_basic":
        return await http.post(path, data=form, auth=(client.client_id, secret))
    named = {**form, "client_id": client.client_id}
    return await http.post(path, data=named if client.auth_method == "none" else {**named, "client_secret": secret})
