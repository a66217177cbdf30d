"""Delivery: each mail once, again after a failure, never after a success, dead letters kept."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from gateway.mail.sending import send_message
from gateway.mail.slots import Slots
from gateway.mail.transport import transport_of
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection, Pool
from store.messages import retry
from store.outbox import MailOrder, queue_mail
from store.users import NewUser, create_user
from tests.mail.conftest import Working
from tests.mail.post_office import PostOffice
from tests.mail.waiting import at_once, delivery, emptied, nothing_in_hand, until

ANN = UserId(uuid4())


@pytest.fixture(autouse=True)
async def ann(gateway: Gateway, connection: Connection) -> None:
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))


async def queued(connection: Connection, template: str = "invitation") -> UUID:
    id_ = uuid4()
    await queue_mail(connection, id_, MailOrder(template, ANN))
    return id_


async def test_a_mail_is_sent_once(connection: Connection, post_office: PostOffice, at_work: Working) -> None:
    id_ = await queued(connection)
    async with at_work():
        assert await until(connection, id_, "sent") == ("sent", 1, 250, None)
    ((address, mail),) = post_office.received
    assert address == "ann@example.org"
    assert mail["Message-ID"] == f"<{id_}@localhost>"
    assert (mail["From"], mail["Reply-To"]) == ("Hallpass <no-reply@state.example>", "help@state.example")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert await connection.fetchval("select count(*) from pgqueuer") == 0


async def test_a_server_that_is_down_is_tried_again(
    gateway: Gateway, connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    away = replace(gateway, settings=replace(gateway.settings, smtp_port=1))
    id_ = await queued(connection)
    async with at_work(away):
        assert await until(connection, id_, "failed") == ("failed", 1, None, "unreachable")
        waits = await connection.fetchval("select next_attempt_at - now() from messages")
        assert 15 < waits.total_seconds() < 45, "half a minute, give or take a quarter"
    await connection.execute("update messages set created_at = created_at - interval '1 day'")
    await at_once(connection)
    async with at_work():
        assert await until(connection, id_, "sent") == ("sent", 2, 250, None)


async def test_a_temporary_answer_is_tried_again_and_a_lasting_one_is_a_dead_letter(
    connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    post_office.recipient_answers = ["451 Try later", "550 No such user"]
    id_ = await queued(connection)
    async with at_work():
        assert await until(connection, id_, "failed") == ("failed", 1, 451, "later")
        await nothing_in_hand(connection)
        await at_once(connection)
        assert await until(connection, id_, "dead") == ("dead", 2, 550, "refused")
    assert await connection.fetchval("select count(*) from pgqueuer") == 0
    async with connection.transaction():
        assert await retry(connection, id_)
        assert not await retry(connection, id_), "it is no dead letter any longer"
    async with at_work():
        assert await until(connection, id_, "sent") == ("sent", 3, 250, None)


async def test_a_mail_is_given_up_after_three_days(
    connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    post_office.data_answers = ["450 Not now"]
    id_ = await queued(connection)
    await connection.execute("update messages set created_at = now() - interval '73 hours'")
    async with at_work():
        assert await until(connection, id_, "dead") == ("dead", 1, 450, "later")


async def test_a_poisoned_job_blocks_no_other(
    connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    bad, unknown, good = await queued(connection), await queued(connection), uuid4()
    await connection.execute("update pgqueuer set payload = 'not an id'")
    await connection.execute('update messages set notices = \'[{"template": "gone", "values": {}, "by": null}]\'')
    await connection.execute(
        "update pgqueuer set payload = $1 where id = (select max(id) from pgqueuer)", unknown.bytes
    )
    await queue_mail(connection, good, MailOrder("invitation", ANN))
    async with at_work():
        await until(connection, good, "sent")
        assert await until(connection, unknown, "dead") == ("dead", 1, None, "fault")
    held = await connection.fetch("select status from pgqueuer")
    assert [row["status"] for row in held] == ["failed"], "what no one can read is held"
    assert (await delivery(connection, bad))[0] == "queued"


async def test_two_workers_send_nothing_twice(
    connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    ids = [await queued(connection) for _ in range(60)]
    async with at_work(), at_work(), at_work():
        await post_office.wait(60)
        for id_ in ids:
            await until(connection, id_, "sent")
    assert len(post_office.received) == 60
    assert len({mail["Message-ID"] for _, mail in post_office.received}) == 60


async def test_after_a_recorded_success_no_job_sends_it_again(
    connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    id_ = await queued(connection)
    async with at_work():
        await until(connection, id_, "sent")
        await connection.execute(
            "insert into pgqueuer (priority, status, entrypoint, payload) values (0, 'queued', 'mail', $1)", id_.bytes
        )
        await emptied(connection)
    assert len(post_office.received) == 1


async def test_a_worker_killed_between_acceptance_and_recording_sends_again_under_the_same_id(
    gateway: Gateway, connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    id_ = await queued(connection)
    killed: list[asyncio.Task[None]] = []

    async def kill() -> None:
        post_office.after_accepting = None
        for task in killed:
            task.cancel()
        await asyncio.sleep(0.2)

    post_office.after_accepting = kill

    async def work() -> None:
        transport = transport_of(gateway)
        assert transport is not None
        await send_message(gateway, transport, Slots(1_000), id_.bytes)

    killed.append(asyncio.create_task(work()))
    await asyncio.wait(killed)
    assert (await delivery(connection, id_))[0] == "sending"
    assert len(post_office.received) == 1
    async with at_work():
        await asyncio.sleep(0.5)
        assert len(post_office.received) == 1, "the lease protects it while its sender may be alive"
        await connection.execute("update messages set sending_until = now()")
        await nothing_in_hand(connection)
        await at_once(connection)
        assert (await until(connection, id_, "sent"))[1] == 2
    first, second = (mail for _, mail in post_office.received)
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_restart_of_postgresql_is_survived(
    connection: Connection, pool: Pool, post_office: PostOffice, at_work: Working
) -> None:
    async with at_work():
        first = await queued(connection)
        await until(connection, first, "sent")
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and usename = current_user"
        )
        second = await queued(connection)
        await until(connection, second, "sent")
    assert len(post_office.received) == 2


async def test_mails_are_sent_at_the_stated_rate_over_all_processes(
    gateway: Gateway, connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    slow = replace(gateway, settings=replace(gateway.settings, mails_per_second=10))
    for _ in range(10):
        await queued(connection)
    async with at_work(slow), at_work(slow):
        await post_office.wait(10)
    took = post_office.moments[-1] - post_office.moments[0]
    assert took >= 0.75, f"ten mails at ten a second took {took:.2f} s"


async def test_awaited_links_go_before_notices(
    gateway: Gateway, connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    for template in ("password-changed", "invitation", "password-reset"):
        await queued(connection, template)
    slow = replace(gateway, settings=replace(gateway.settings, mails_per_second=5))
    async with at_work(slow):
        received = await post_office.wait(3)
    assert [mail["Subject"] for _, mail in received] == [
        "Reset your Hallpass password",
        "Your invitation to Hallpass",
        "Your Hallpass password was changed",
    ]
