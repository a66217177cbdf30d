"""A receiver's token at the streams' endpoints: revoked, of a scope that its client has lost, ended while it waits."""

import asyncio

import httpx2
import pytest

from gateway.signals import poll
from store.database import Connection
from tests.signals.world import ISSUER, Api


async def revoke(api: Api, token: str) -> None:
    form = {"token": token, "client_id": api.client, "client_secret": f"{api.client}-secret"}
    assert (await api.http.post("/oauth2/revoke", data=form)).status_code == 200


async def streams(api: Api, token: str) -> httpx2.Response:
    return await api.http.get("/ssf/streams", headers={"Authorization": f"Bearer {token}"})


async def test_a_revoked_token_opens_no_stream(api: Api) -> None:
    """RFC 7009 section 2.2: also a system's own access token is good for nothing from then on."""
    token = await api.token()
    assert (await streams(api, token)).status_code == 200
    await revoke(api, token)
    answer = await streams(api, token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert (await streams(api, await api.token())).status_code == 200, "it ends alone"


async def test_a_scope_that_was_taken_away(api: Api, connection: Connection) -> None:
    token = await api.token()
    await connection.execute("update relying_parties set scopes = '{openid}' where client_id = 'listener'")
    assert (await streams(api, token)).status_code == 403


@pytest.mark.parametrize("ending", ["revoked", "inactive"])
async def test_who_waits_for_events_is_judged_again(
    api: Api, connection: Connection, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """RFC 8936 section 2.4: a request that is held open tells nothing to a receiver that has lost its access."""
    monkeypatch.setattr(poll, "_LOOK_SECONDS", 0.01)
    path = str((await api.create())["delivery"]["endpoint_url"]).removeprefix(ISSUER)
    token = await api.token()
    headers = {"Authorization": f"Bearer {token}"}
    waiting = asyncio.create_task(api.http.post(path, json={"returnImmediately": False}, headers=headers))
    if ending == "revoked":
        await revoke(api, token)
    else:
        await connection.execute("update relying_parties set active = false where client_id = 'listener'")
    assert (await waiting).status_code == 401
