"""Sealing: batches hold what is final, whatever is in flight; verification finds what was done to them since."""

import asyncio

import pytest

from policy.sealing import Fault, Head, spans_of
from store.audit_batches import batches, head, seal_next, waiting
from store.connection import Connection, Pool
from tests.audit.sealing_world import KEY, NOW, add, findings, seal_all

pytestmark = pytest.mark.rule("state")


def test_ids_are_kept_as_spans() -> None:
    assert spans_of([]) == ()
    assert spans_of([1, 2, 3, 5, 8, 9]) == ((1, 3), (5, 5), (8, 9))


async def test_nothing_to_seal_makes_no_batch(connection: Connection) -> None:
    assert await seal_next(connection, KEY, NOW) is None
    assert await head(connection) is None
    assert await findings(connection) == []


async def test_all_events_are_sealed_in_batches_upon_each_other(connection: Connection) -> None:
    await add(connection, 7)
    assert await seal_all(connection) == 3
    kept = [one async for one in batches(connection)]
    assert [one.batch.spans for one in kept] == [((1, 3),), ((4, 6),), ((7, 7),)]
    assert [one.batch.previous for one in kept[1:]] == [one.hash for one in kept[:-1]]
    assert await findings(connection) == []
    assert (await waiting(connection)).events == 0


async def test_events_of_transactions_in_flight_wait_and_are_never_left_out(pool: Pool, connection: Connection) -> None:
    async with pool.acquire() as other:
        open_one = other.transaction()
        await open_one.__aenter__()
        await add(other, 2, "slow")
        await add(connection, 2)
        await seal_all(connection)
        assert await connection.fetchval("select count(*) from audit_batches") == 0
        assert (await waiting(connection)).events == 2
        await open_one.__aexit__(None, None, None)
    await seal_all(connection, 10)
    (one,) = [one async for one in batches(connection)]
    assert one.batch.spans == ((1, 4),)


async def test_a_number_that_commits_late_comes_into_a_later_batch(pool: Pool, connection: Connection) -> None:
    await add(connection, 2)
    async with pool.acquire() as other:
        quick = other.transaction()
        await quick.__aenter__()
        await add(other, 1, "late")  # number 3, in flight
        async with pool.acquire() as third, third.transaction():
            await add(third, 1)  # number 4
        await seal_all(connection)
        assert [one.batch.spans async for one in batches(connection)] == [((1, 2),)]
        await quick.__aexit__(None, None, None)
    await add(connection, 1)
    await seal_all(connection)
    assert [one.batch.spans async for one in batches(connection)] == [((1, 2),), ((3, 5),)]
    assert await findings(connection) == []


async def test_a_later_number_may_be_sealed_before_an_earlier_one(pool: Pool, connection: Connection) -> None:
    async with pool.acquire() as first, pool.acquire() as second:
        older, younger = first.transaction(), second.transaction()
        await older.__aenter__()
        await first.fetchval("select pg_current_xact_id()")
        await younger.__aenter__()
        await add(second)  # number 1, of the younger transaction, which goes on
        await add(first)  # number 2
        await older.__aexit__(None, None, None)
        await seal_all(connection)
        await younger.__aexit__(None, None, None)
    await seal_all(connection)
    kept = [one.batch async for one in batches(connection)]
    assert [(one.spans, one.settled) for one in kept] == [(((2, 2),), 0), (((1, 1),), 2)]
    assert await findings(connection) == []


async def test_numbers_that_were_rolled_back_leave_gaps_that_are_no_fault(connection: Connection) -> None:
    await add(connection)
    begun = connection.transaction()
    await begun.__aenter__()
    await add(connection, 2)
    await begun.__aexit__(RuntimeError, RuntimeError(), None)
    await add(connection)
    await seal_all(connection)
    assert [one.batch.spans async for one in batches(connection)] == [((1, 1), (4, 4))]
    assert await findings(connection) == []


async def test_two_processes_never_seal_at_once(pool: Pool, connection: Connection) -> None:
    await add(connection, 20)

    async def work() -> int:
        async with pool.acquire() as mine:
            return await seal_all(mine, 2)

    made = await asyncio.gather(*(work() for _ in range(4)))
    await seal_all(connection, 2)
    assert sum(made) <= 10
    assert [one.batch.number async for one in batches(connection)] == list(range(1, 11))
    assert await findings(connection) == []


async def test_a_noted_head_shows_that_the_end_is_still_there(connection: Connection) -> None:
    await add(connection, 4)
    await seal_all(connection)
    noted = await head(connection)
    assert noted is not None
    assert Head.of(noted.text) == noted
    assert await findings(connection, noted) == []
    for other in (Head(noted.number + 1, noted.hash), Head(noted.number, bytes(32))):
        assert [one.fault for one in await findings(connection, other)] == [Fault.ANOTHER_HEAD]


@pytest.mark.parametrize("text", ["", "1", "x:00", "0:" + "00" * 32, "1:00", "-1:" + "00" * 32])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hallpass audit head"):
        Head.of(text)


async def test_the_settled_mark_moves_on(connection: Connection) -> None:
    for _ in range(4):
        await add(connection, 2)
        await seal_all(connection)
    settled = [one.batch.settled async for one in batches(connection)]
    assert settled == sorted(settled)
    assert settled[-1] >= 4


@pytest.mark.parametrize("number", [2**40, 3])
async def test_after_a_restore_on_another_server_everything_is_sealed_once(
    connection: Connection, owner: Connection, number: int
) -> None:
    """There numbers of transactions begin anew: those of the old server lie far ahead."""
    await add(connection, 4)
    await seal_all(connection)
    await owner.execute("alter table audit_events disable trigger user; alter table audit_batches disable trigger user")
    await owner.execute("update audit_events set xact = $1::text::xid8 where id > 2", str(number))
    await owner.execute("delete from audit_batches where number > 1")
    await owner.execute("update audit_batches set horizon = $1", number)
    for _ in range(3):
        await add(connection, 1)
        await seal_all(connection)
    ids = sorted(one for batch in [b async for b in batches(connection)] for span in batch.batch.spans for one in range(span[0], span[1] + 1))  # fmt: skip  # noqa: E501
    assert ids == list(range(1, 8))
