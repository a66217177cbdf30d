"""States that most tests begin with, by the fixture that asks for them: written once, copied for each test."""

from collections.abc import Mapping

from store.database import Connection
from store.packs import ensure_default_packs
from tests.databases import State
from tests.graphql import world as callers
from tests.oidc import world as provider


async def provider_state(connection: Connection) -> None:
    """The packs that ship with Hallpass, and the provider's small state."""
    async with connection.transaction():
        await ensure_default_packs(connection)
    await provider.build(connection)


async def callers_state(connection: Connection) -> None:
    """The provider's, and the people of the GraphQL tests."""
    await provider_state(connection)
    await callers.populate(connection)


STATES: Mapping[str, State] = {"callers_state": callers_state, "provider_state": provider_state}
"""The larger one first: a test that asks for both gets it."""
