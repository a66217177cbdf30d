"""The marks of many callers at once are those that each has alone."""

import uuid

import pytest

from store.authorizations import revoke_authorization
from store.database import Connection
from store.live_marks import LiveMark, live_marks
from store.marks import AnybodyMark, MarkedBy, SessionMark, TokenMark, read_mark
from tests.graphql.world import populate, session, user_id
from tests.oidc.world import NOW, build

TOKEN = TokenMark("reporting", uuid.uuid5(uuid.NAMESPACE_URL, "authorization"))
SYSTEM = TokenMark("reporting", None)


@pytest.fixture
async def known(connection: Connection) -> list[MarkedBy]:
    """A session, a person's token and a system."""
    await build(connection)
    await populate(connection)
    await session(connection, "teacher")
    await connection.execute(
        "insert into authorizations "
        "(id, client_id, user_id, scope, resource, auth_time, acr, amr, created_at, expires_at) "
        "values ($1, 'reporting', $2, 'openid', 'x', $3, 'a', '{}', $3, $3)",
        TOKEN.authorization, user_id("teacher"), NOW,
    )  # fmt: skip
    return [SYSTEM, SessionMark(await connection.fetchval("select token_hash from sessions")), TOKEN]


async def test_each_is_what_it_is_alone(connection: Connection, known: list[MarkedBy]) -> None:
    alone = [await read_mark(connection, one) for one in known]
    together = await live_marks(connection, known)
    assert [one.expected for one in alone if one] == [one.found for one in together]
    assert together[1].last_seen_at == NOW
    assert await live_marks(connection, known[::-1]) == together[::-1]


async def test_what_is_not_there_has_none(connection: Connection, known: list[MarkedBy]) -> None:
    asked: list[MarkedBy] = [TokenMark("nobody", None), SessionMark(b"unknown"), *known]
    found = await live_marks(connection, asked)
    assert found[:2] == [LiveMark(), LiveMark()]
    assert all(one.found for one in found[2:])


async def test_a_revocation_shows(connection: Connection, known: list[MarkedBy]) -> None:
    before = await live_marks(connection, known)
    assert TOKEN.authorization is not None
    await revoke_authorization(connection, TOKEN.authorization, NOW, "test")
    after = await live_marks(connection, known)
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, False]


async def test_nobody_is_not_watched(connection: Connection) -> None:
    with pytest.raises(TypeError, match="without credentials"):
        await live_marks(connection, [AnybodyMark()])
