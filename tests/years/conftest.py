"""Fixtures of this folder: the application over the small state, and its state administrator."""

from collections.abc import Awaitable, Callable

import pytest

from policy.ids import ProgramCode, SchoolYear
from store.database import Connection
from tests.graphql.conftest import AsCaller, app, as_person, clock, gateway, http
from tests.graphql.world import Caller, give, person
from tests.oidc.world import STATE

__all__ = ["app", "as_person", "clock", "gateway", "http"]

AsAdministrator = Callable[[], Awaitable[Caller]]


@pytest.fixture
def as_administrator(as_person: AsCaller, connection: Connection) -> AsAdministrator:
    async def call() -> Caller:
        await person(connection, "admin")
        await give(connection, "admin", "state-administrator", STATE, ProgramCode("state"), SchoolYear(""))
        return await as_person("admin")

    return call
