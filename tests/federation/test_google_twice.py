"""Google's issuer is everybody's: several districts register it, each for its own domains, and none for another's."""

import pytest

from store.database import Connection
from tests.federation.provider import FakeProvider
from tests.federation.test_registering import CONFIRM, PRIMARY, administrator, changed, errors, proposed
from tests.graphql.conftest import AsCaller
from tests.oidc.world import OTHER_LEA

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
