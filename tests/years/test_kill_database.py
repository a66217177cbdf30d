"""PostgreSQL is killed while a year closes, at random points: what was committed is counted, and it goes on."""

import asyncio
import os
import random
import signal
from datetime import date

import pytest

from migrations.apply import migrate
from policy.school_years import ClosingPhase
from store.access_version import raise_epoch
from store.database import open_connection, open_pool
from store.embedded import start
from store.year_closing import ClosedBy, closing_of, finish_closing, rehearse, switch_years
from tests.databases import data_directory
from tests.oidc.world import CAASPP
from tests.store.embedded_servers import postmaster
from tests.years.test_kill import AT, FILL, PEOPLE, SWITCH, THIS

_CHANCE = random.Random(5)
_EXPIRED = "select count(*) from role_assignments where status = 'expired'"
_INACTIVE = "select count(*) from users where status = 'inactive'"


@pytest.mark.slow
@pytest.mark.rule("years")
async def test_a_closing_survives_the_death_of_the_database() -> None:
    with data_directory() as directory:
        server = await start(directory, durable=True)
        await migrate(server.owner_url)
        connection = await open_connection(server.url)
        await connection.execute(FILL)
        async with connection.transaction():
            found = await rehearse(connection, SWITCH)
            by = ClosedBy(AT, date(2027, 7, 1), operator_reason="the summer")
            await switch_years(connection, SWITCH, found.assignments, by)
            await raise_epoch(connection)
        await connection.close()
        seen = set[int]()
        for _ in range(3):
            pool = await open_pool(server.url, maximum=2)
            begun = asyncio.Event()
            closing = asyncio.create_task(
                finish_closing(pool, CAASPP, THIS, lambda: AT, lambda _, begun=begun: begun.set(), batch=20)
            )
            await begun.wait()
            await asyncio.sleep(_CHANCE.uniform(0, 0.1))
            os.kill(postmaster(directory), signal.SIGKILL)
            await asyncio.gather(closing, return_exceptions=True)
            pool.terminate()
            server = await start(directory, durable=True)
            connection = await open_connection(server.url)
            told = await closing_of(connection, CAASPP, THIS)
            assert told is not None
            assert told.expired == await connection.fetchval(_EXPIRED), "a batch is counted with its own commit"
            assert told.inactivated == await connection.fetchval(_INACTIVE)
            seen.add(told.expired)
            await connection.close()
        assert len(seen) > 1, "it was killed between batches"
        pool = await open_pool(server.url, maximum=2)
        done = await finish_closing(pool, CAASPP, THIS, lambda: AT)
        await pool.close()
        await server.stop()
    assert (done.phase, done.expired, done.inactivated) == (ClosingPhase.DONE, PEOPLE, 2_000)
