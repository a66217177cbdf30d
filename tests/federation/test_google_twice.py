"""Google's issuer is everybody's: several districts register it, each for its own domains, and none for another's."""

from typing import Any

import pytest

from gateway.federation import callback
from gateway.state import Gateway
from policy.federation import ProviderKind
from store.database import Connection
from tests.federation.district import linked, registered, sessions, sign_in
from tests.federation.provider import FakeProvider
from tests.federation.test_registering import CONFIRM, PRIMARY, UPDATE, administrator, changed, errors, proposed
from tests.graphql.changes import events
from tests.graphql.conftest import AsCaller
from tests.oidc.world import OTHER_LEA, PARK, Browser, person

GOOGLE = "update identity_providers set kind = 'google', issuer = 'https://accounts.google.com' where id = $1::uuid"


@pytest.mark.checklist(51)
async def test_two_districts_sign_in_through_google(
    as_person: AsCaller, connection: Connection, provider: FakeProvider
) -> None:
    await connection.execute(PRIMARY, OTHER_LEA)
    state = await administrator(connection, as_person)
    for who, where, domain in (("primary", None, "valley.example"), ("far-lead", OTHER_LEA, "bay.example")):
        changes = {"domains": [domain]} | ({"organization": str(where)} if where else {})
        made = await proposed(await as_person(who), provider, **changes)
        assert made["userErrors"] == []
        await connection.execute(GOOGLE, made["provider"]["id"])
        done = await changed(state, CONFIRM, made["provider"])
        assert errors(done) == []
    twice = await proposed(await as_person("far-lead"), provider, organization=str(OTHER_LEA), domains=["cove.example"])
    again = twice["provider"]
    await connection.execute(GOOGLE, again["id"])
    assert errors(await changed(state, CONFIRM, again)) == [("TAKEN", "identity-providers", "input.provider")]


@pytest.mark.checklist(51)
async def test_nobody_stays_in_by_a_domain_that_is_gone(
    gateway: Gateway, browser: Browser, as_person: AsCaller, connection: Connection, provider: FakeProvider
) -> None:
    """Sessions, what came from them, and a sign-in that waits for its second step."""
    lead, state = await as_person("primary"), await administrator(connection, as_person)
    made = (await proposed(lead, provider, domains=["valley.example", "staff.example"]))["provider"]
    confirmed = (await changed(state, CONFIRM, made))["provider"]
    await connection.execute("update identity_providers set kind = 'google' where id = $1::uuid", made["id"])
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    await linked(gateway, made["id"], provider, ana)
    provider.claims = {"hd": "staff.example"}
    assert (await sign_in(browser, made["id"], provider)).status_code == 303
    assert "refresh_token" in await browser.tokens(scope="openid offline_access")
    await connection.execute(
        """insert into pending_sign_ins (id, token_hash, user_id, amr, provider_id, step, wanted, by_mail,
           short_password, old_password, onward, created_at, expires_at)
           values ($1, 'x', $1, '{fed}', $2::uuid, 'second-step', false, false, false, false, '/', now(), now())""",
        ana, made["id"],
    )  # fmt: skip
    kept = (await changed(lead, UPDATE, confirmed, domains=["valley.example", "staff.example"]))["provider"]
    assert len(await sessions(connection, ana)) == 1, "nothing was removed"
    left = await changed(lead, UPDATE, kept, domains=["valley.example"])
    assert left["userErrors"] == []
    assert await sessions(connection, ana) == []
    assert await connection.fetchval("select count(*) from authorizations where revoked_at is null") == 0
    assert await connection.fetchval("select count(*) from pending_sign_ins") == 0
    assert (await events(connection))[-1]["after"]["sessions_ended"] == 1
    assert (await sign_in(browser, made["id"], provider)).status_code == 403
    provider.claims = {"hd": "valley.example"}
    assert (await sign_in(browser, made["id"], provider)).status_code == 303


@pytest.mark.checklist(51)
async def test_a_change_while_somebody_comes_in_is_seen(
    gateway: Gateway, browser: Browser, connection: Connection, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Her domain was judged by the registration as it was before."""
    registration = await registered(gateway, provider, kind=ProviderKind.GOOGLE)
    ana = await person(connection, "ana", ("site-coordinator", PARK))
    await linked(gateway, registration, provider, ana)
    provider.claims = {"hd": "valley.example"}
    real = callback.arrive

    async def arrive(*arguments: Any) -> Any:
        await connection.execute("delete from identity_provider_domains where provider_id = $1", registration)
        await connection.execute("update identity_providers set version = version + 1 where id = $1", registration)
        return await real(*arguments)

    monkeypatch.setattr(callback, "arrive", arrive)
    assert (await sign_in(browser, registration, provider)).status_code == 404
    assert await sessions(connection, ana) == []
