"""Purges by age: each kind's statements run, take what is old in parts, and leave the rest."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from policy.ids import UserId
from policy.retention import RETENTION, Kept
from store.connection import Connection
from store.retention import purge_some
from store.users import NewUser, create_user

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


@pytest.mark.rule("state")
@pytest.mark.parametrize("kept", list(Kept))
async def test_each_kind_has_a_purge(connection: Connection, kept: Kept) -> None:
    assert await purge_some(connection, kept, NOW) is False


@pytest.mark.rule("state")
async def test_what_is_old_goes_in_parts(connection: Connection) -> None:
    await connection.execute(
        "insert into used_proofs (proof, expires_at) select sha256(int4send(n)), $1 from generate_series(1, 5001) n",
        NOW - RETENTION[Kept.PROOFS].life - timedelta(seconds=1),
    )
    left: list[int] = []
    for more in (True, False):
        assert await purge_some(connection, Kept.PROOFS, NOW) is more
        left.append(await connection.fetchval("select count(*) from used_proofs"))
    assert left == [1, 0]


@pytest.mark.rule("state")
async def test_an_app_that_was_never_confirmed_goes_and_the_confirmed_one_stays(connection: Connection) -> None:
    ann = UserId(uuid4())
    await create_user(connection, NewUser(ann, "ann@example.org", "Ann", "Bell"))
    await connection.executemany(
        "insert into totp_secrets (user_id, confirmed, sealed, made_at) values ($1, $2, '', $3)",
        [(ann, confirmed, NOW - timedelta(days=3)) for confirmed in (True, False)],
    )
    assert await purge_some(connection, Kept.WAITING, NOW) is False
    assert [one["confirmed"] for one in await connection.fetch("select confirmed from totp_secrets")] == [True]
