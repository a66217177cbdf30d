"""`hallpass work` killed in the moment between the mail server's acceptance and its recording, and started again."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from policy.ids import UserId
from store.database import Connection
from store.outbox import MailOrder, queue_mail
from store.users import NewUser, create_user
from tests.gateway.process import COMMAND, ROOT, environment
from tests.mail.post_office import PostOffice
from tests.mail.waiting import delivery, until

ANN = UserId(uuid4())
KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"


@asynccontextmanager
async def working(database_url: str, office: PostOffice) -> AsyncGenerator[asyncio.subprocess.Process]:
    more = {
        "HALLPASS_DATABASE_URL": database_url,
        "HALLPASS_SECRET_KEY": KEY,
        "HALLPASS_SMTP_HOST": "localhost",
        "HALLPASS_SMTP_PORT": str(office.port),
        "HALLPASS_SMTP_SECURITY": "none",
        "HALLPASS_MAIL_FROM": "no-reply@state.example",
    }
    process = await asyncio.create_subprocess_exec(*COMMAND, "work", cwd=ROOT, env=environment(more))
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.slow
async def test_a_killed_process_loses_no_mail_and_a_stopped_one_ends_cleanly(
    connection: Connection, database_url: str, post_office: PostOffice
) -> None:
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))
    id_ = uuid4()
    await queue_mail(connection, id_, MailOrder("invitation", ANN))
    async with working(database_url, post_office) as first:

        async def kill() -> None:
            post_office.after_accepting = None
            first.kill()
            await first.wait()

        post_office.after_accepting = kill
        await post_office.wait(1, seconds=60)
        await first.wait()
    assert (await delivery(connection, id_))[:2] == ("sending", 1)
    await connection.execute("update messages set sending_until = now()")
    await connection.execute("update pgqueuer set heartbeat = now() - interval '1 minute'")
    async with working(database_url, post_office) as second:
        await post_office.wait(2, seconds=60)
        assert (await until(connection, id_, "sent"))[1] == 2
        second.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await second.wait() == 0
    assert {mail["Message-ID"] for _, mail in post_office.received} == {f"<{id_}@localhost>"}
    assert await connection.fetchval("select count(*) from pgqueuer") == 0
