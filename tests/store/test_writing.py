"""What each write leaves beside its change: audit events that nobody can alter, outbox jobs, idempotency keys."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from policy.ids import UserId
from store.audit import AuditEvent, Outcome, record
from store.connection import Connection
from store.idempotency import Claim, KeyReusedError, claim
from store.outbox import enqueue
from store.users import NewUser, create_user
from tests.policy.worlds import ident

ANN = UserId(ident("ann"))


async def rolled_back(connection: Connection, work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    async def fail() -> None:
        async with connection.transaction():
            await work()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await fail()


async def test_an_audit_event_keeps_who_what_and_why(connection: Connection) -> None:
    await record(
        connection,
        AuditEvent(
            "assignRole", "role_assignment", "a1", Outcome.DENIED, actor=ANN, acting_under="red/boss",
            before=None, after={"role": "site", "organization": ident("school")}, rule="S1-07", reason="rank",
            request_id="r1",
        ),
    )  # fmt: skip
    row = await connection.fetchrow("select * from audit_events")
    assert row is not None
    assert (row["outcome"], row["actor_id"], row["rule"], row["before"]) == ("denied", ANN, "S1-07", None)
    assert row["after"] == {"role": "site", "organization": str(ident("school"))}


@pytest.mark.parametrize(
    "statement", ["update audit_events set rule = ''", "delete from audit_events", "truncate audit_events"]
)
async def test_audit_events_cannot_be_altered(connection: Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)


async def test_a_job_is_queued_with_the_change_and_rolled_back_with_it(connection: Connection) -> None:
    await rolled_back(connection, lambda: enqueue(connection, "mail", b"1"))
    assert await connection.fetchval("select count(*) from pgqueuer") == 0
    async with connection.transaction():
        job = await enqueue(connection, "mail", b"2", priority=3, delay=timedelta(minutes=5))
    row = await connection.fetchrow("select *, execute_after > now() as later from pgqueuer")
    assert row is not None
    assert (row["id"], row["entrypoint"], row["payload"], row["priority"], row["headers"], row["later"]) == (
        job, "mail", b"2", 3, None, True,
    )  # fmt: skip


async def test_the_first_claim_of_a_key_answers_the_repeated_ones(connection: Connection) -> None:
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))
    first, second = uuid4(), uuid4()
    assert await claim(connection, Claim(ANN, "createUser", "k", b"input", first)) == first
    assert await claim(connection, Claim(ANN, "createUser", "k", b"input", second)) == first
    assert await claim(connection, Claim(ANN, "assignRole", "k", b"input", second)) == second
    with pytest.raises(KeyReusedError, match="new key"):
        await claim(connection, Claim(ANN, "createUser", "k", b"other", second))


async def test_a_claim_is_rolled_back_with_its_creation(connection: Connection) -> None:
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))
    first, second = uuid4(), uuid4()
    await rolled_back(connection, lambda: claim(connection, Claim(ANN, "createUser", "k", b"input", first)))
    assert await claim(connection, Claim(ANN, "createUser", "k", b"input", second)) == second
