"""A relying party that learns of changes by back-channel logout is told of each that concerns what it was told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from gateway.oidc.resource.changed_access import looking_at_changes
from gateway.state import Gateway
from policy.ids import UserId
from store.access_version import raise_epoch, raise_versions
from store.database import Connection
from store.told_access import CHANGED_ACCESS
from tests.oidc.listening_party import ListeningParty
from tests.oidc.world import HILL, PARK, Browser, Clock, give, ident, person, take_all

ANA = UserId(ident("ana"))


@pytest.fixture
def clock() -> Clock:
    """Notices are written by the database, whose time is the real one."""
    return Clock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
async def ana(gateway: Gateway, connection: Connection, browser: Browser) -> AsyncIterator[Browser]:
    """A person in two relying parties, of which CERS learns by back-channel logout."""
    async with ListeningParty().open() as party:
        await connection.execute(
            "update relying_parties set changes_by = 'backchannel-logout', backchannel_logout_uri = $1 "
            "where client_id = 'reporting'",
            party.uri,
        )
        await person(connection, "ana", ("site-coordinator", PARK))
        await browser.sign_in("ana")
        yield browser


async def look(gateway: Gateway, connection: Connection) -> int:
    """Do the jobs that wait; how many there were."""
    rows = await connection.fetch(
        "delete from pgqueuer where entrypoint = $1 and status = 'queued' returning payload", CHANGED_ACCESS
    )
    work = looking_at_changes()
    for row in rows:
        await work(gateway, row["payload"])
    return len(rows)


async def told(connection: Connection) -> list[str]:
    return [row["client_id"] for row in await connection.fetch("select client_id from logout_notices")]


async def test_another_organization_tells_it_and_ends_nothing_here(
    ana: Browser, gateway: Gateway, connection: Connection
) -> None:
    tokens = await ana.tokens()
    await give(connection, ANA, "site-coordinator", HILL)
    assert await look(gateway, connection) == 1
    assert await told(connection) == ["reporting"]
    assert (await ana.refresh(tokens["refresh_token"])).status_code == 200
    await connection.execute("delete from logout_notices")
    async with connection.transaction():
        await raise_versions(connection, (ANA,))
    assert await look(gateway, connection) == 1
    assert await told(connection) == [], "once for each change"


@pytest.mark.checklist(42)
async def test_the_last_grant_there_ends_what_it_has_without_a_refresh(
    ana: Browser, gateway: Gateway, connection: Connection
) -> None:
    tokens = await ana.tokens()
    await take_all(connection, ANA)
    await look(gateway, connection)
    assert await told(connection) == ["reporting"]
    assert await connection.fetchval("select revoked_why from authorizations") == "access ended"
    assert (await ana.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("narrower", [False, True])
async def test_a_change_for_everybody_is_looked_at_for_everybody(
    ana: Browser, gateway: Gateway, connection: Connection, narrower: bool
) -> None:
    """And told where it changes something: here a school that closes, of two."""
    await give(connection, ANA, "site-coordinator", HILL)
    await ana.tokens()
    assert await look(gateway, connection) == 0
    async with connection.transaction():
        if narrower:
            await connection.execute("update organizations set active = false where id = $1", HILL)
        await raise_epoch(connection)
    assert await look(gateway, connection) == 1
    assert await told(connection) == (["reporting"] if narrower else [])


async def test_what_concerns_somebody_else_or_another_party_is_not_looked_at(
    ana: Browser, gateway: Gateway, connection: Connection
) -> None:
    await person(connection, "bo", ("site-coordinator", PARK))
    await connection.execute("update relying_parties set changes_by = 'refresh' where client_id = 'reporting'")
    await ana.tokens()
    assert await connection.fetchval("select told from authorizations") is None
    await give(connection, ANA, "site-coordinator", HILL)
    await give(connection, UserId(ident("bo")), "site-coordinator", HILL)
    assert await look(gateway, connection) == 0
    async with connection.transaction():
        await raise_epoch(connection)
    assert await look(gateway, connection) == 0
