"""PostgreSQL is killed while mails are sent: each of them arrives, and the same worker goes on by itself."""

import asyncio
import os
import signal
from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.outbox.running import entrypoints
from gateway.outbox.worker import Worker, working
from gateway.packs_in_force import PacksInForce
from gateway.state import Gateway
from migrations.apply import migrate
from policy.ids import UserId
from store.database import open_connection, open_pool
from store.embedded import start
from store.outbox import MailOrder, queue_mail
from store.packs import ensure_default_packs
from store.users import NewUser, create_user
from tests.databases import data_directory
from tests.mail.conftest import QUICK
from tests.mail.post_office import PostOffice
from tests.mail.waiting import eventually
from tests.store.embedded_servers import postmaster

MAILS = 30
KILLED_AFTER = 5


@pytest.mark.slow
async def test_no_mail_is_lost(gateway: Gateway, post_office: PostOffice) -> None:
    with data_directory() as directory:
        server = await start(directory, durable=True)
        await migrate(server.owner_url)
        pool = await open_pool(server.url, maximum=4)
        wanted = {uuid4() for _ in range(MAILS)}
        async with pool.acquire() as connection:
            async with connection.transaction():
                await ensure_default_packs(connection)
            packs = await PacksInForce.load(connection)
            for number, identifier in enumerate(wanted):
                user = UserId(uuid4())
                await create_user(connection, NewUser(user, f"p{number}@example.org", "Ann", "Bell"))
                await queue_mail(connection, identifier, MailOrder("invitation", user))
        killed = asyncio.Event()

        async def kill() -> None:
            if len(post_office.received) == KILLED_AFTER:
                os.kill(postmaster(directory), signal.SIGKILL)
                killed.set()

        post_office.after_accepting = kill
        here = replace(gateway, pool=pool, packs=packs)
        async with working(Worker(here, server.url, entrypoints(here), QUICK)):
            await killed.wait()
            server = await start(directory, durable=True)
            connection = await open_connection(server.url)
            await connection.execute("update messages set sending_until = now() where state = 'sending'")

            async def all_sent() -> bool:
                return await connection.fetchval("select count(*) from messages where state = 'sent'") == MAILS

            await eventually(all_sent, 40)
            await connection.close()
        pool.terminate()
        await server.stop()
    arrived = [mail["Message-ID"] for _, mail in post_office.received]
    assert set(arrived) == {f"<{one}@localhost>" for one in wanted}
    assert len(arrived) <= MAILS + KILLED_AFTER, "what was in hand at that moment may come twice, as one message"
