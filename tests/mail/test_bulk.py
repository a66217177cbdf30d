"""Bulk work: one mail for each person of an upload, behind every single mail, held until its time, resumed if cut."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from gateway.mail.batches import spread_batch
from gateway.state import Gateway
from policy.ids import UserId
from store.database import Connection
from store.messages import SLICE, requeue_lost, spread_slice
from store.outbox import MAIL, MAIL_BATCH, MailOrder, queue_mail, queue_mails
from store.users import NewUser, create_user
from tests.mail.conftest import Working
from tests.mail.post_office import PostOffice
from tests.mail.waiting import emptied, eventually
from tests.oidc.world import LEA

ANN = UserId(uuid4())
ROLE = {"program": "caaspp", "role": "site-coordinator", "organization": LEA, "school_year": "2026-27"}
MANY = """insert into users (id, email, email_key, first_name, last_name, name_key, status)
    select id, id || '@example.org', id || '@example.org', 'Pat', 'Many', 'many', 'invited'
    from unnest($1::uuid[]) id"""


async def people(connection: Connection, count: int) -> list[UserId]:
    users = [UserId(uuid4()) for _ in range(count)]
    for number, user in enumerate(users):
        await create_user(connection, NewUser(user, f"p{number}@example.org", "Pat", f"Number{number}"))
    return users


async def jobs(connection: Connection, entrypoint: str) -> int:
    return await connection.fetchval("select count(*) from pgqueuer where entrypoint = $1", entrypoint)


async def test_several_notices_of_one_upload_are_one_mail_for_each_person(
    gateway: Gateway, connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    users, upload = await people(connection, 3), uuid4()
    await queue_mails(connection, upload, [MailOrder("invitation", user) for user in users])
    await queue_mails(connection, upload, [MailOrder("role-assigned", user, ROLE) for user in users])
    await queue_mails(
        connection, upload, [MailOrder("role-removed", users[0], ROLE), MailOrder("role-assigned", users[0], ROLE)]
    )
    async with at_work():
        await post_office.wait(3)
        await emptied(connection)
    received = dict(post_office.received)
    assert len(post_office.received) == len(received) == 3
    assert {str(mail["Subject"]) for mail in received.values()} == {"Your invitation to Hallpass"}
    text = received["p0@example.org"].get_body(("plain",))
    assert text is not None
    assert "removed your role" in text.get_content()
    assert "gave you the role" in text.get_content()
    assert await connection.fetchval("select count(*) from mail_batches") == 0


async def test_a_batch_that_was_cut_off_is_resumed(gateway: Gateway, connection: Connection) -> None:
    users, upload = [UserId(uuid4()) for _ in range(SLICE + 20)], uuid4()
    await connection.execute(MANY, users)
    await queue_mails(connection, upload, [MailOrder("invitation", user) for user in users])
    assert (await jobs(connection, MAIL_BATCH), await jobs(connection, MAIL)) == (1, 0)
    async with connection.transaction():
        assert await spread_slice(connection, upload) == SLICE
    await spread_batch(gateway, upload.bytes)
    assert await jobs(connection, MAIL) == SLICE + 20
    await spread_batch(gateway, upload.bytes)
    assert await jobs(connection, MAIL) == SLICE + 20, "once more does nothing"


async def test_a_later_part_of_an_upload_gets_its_jobs_too(gateway: Gateway, connection: Connection) -> None:
    (first, second), upload = await people(connection, 2), uuid4()
    for user in (first, second):
        await queue_mails(connection, upload, [MailOrder("invitation", user)])
        await spread_batch(gateway, upload.bytes)
    assert await jobs(connection, MAIL) == 2


async def test_bulk_mails_are_held_until_their_time(
    gateway: Gateway, connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    users, upload = await people(connection, 2), uuid4()
    later = datetime.now(UTC) + timedelta(days=1)
    await queue_mails(connection, upload, [MailOrder("invitation", user) for user in users], hold_until=later)
    await queue_mail(connection, uuid4(), MailOrder("password-changed", users[0]))
    async with at_work():
        await post_office.wait(1)

        async def spread() -> bool:
            return await jobs(connection, MAIL_BATCH) == 0 and await jobs(connection, MAIL) == 2

        await eventually(spread)
    assert [str(mail["Subject"]) for _, mail in post_office.received] == ["Your Hallpass password was changed"]
    assert await connection.fetchval("select count(*) from messages where state = 'held'") == 2
    least = await connection.fetchval("select min(execute_after) from pgqueuer")
    assert abs(least - later) < timedelta(seconds=5)


async def test_single_mails_go_before_bulk(
    gateway: Gateway, connection: Connection, post_office: PostOffice, at_work: Working
) -> None:
    users, upload = await people(connection, 30), uuid4()
    await queue_mails(connection, upload, [MailOrder("invitation", user) for user in users])
    await spread_batch(gateway, upload.bytes)
    await queue_mail(connection, uuid4(), MailOrder("password-changed", users[0]))
    async with at_work(replace(gateway, settings=replace(gateway.settings, mails_per_second=200))):
        received = await post_office.wait(len(users) + 1)
    subjects = [str(letter["Subject"]) for _, letter in received]
    beside = 10  # so many are sent at the same time, and any of them may arrive first
    assert subjects.index("Your Hallpass password was changed") < beside


@pytest.mark.parametrize("state", ["queued", "failed", "sending"])
async def test_a_message_whose_job_was_lost_gets_another(connection: Connection, gateway: Gateway, state: str) -> None:
    (user,) = await people(connection, 1)
    lost, found = uuid4(), uuid4()
    for id_ in (lost, found):
        await queue_mail(connection, id_, MailOrder("invitation", user))
    await connection.execute("update messages set created_at = now() - interval '1 hour', state = $1", state)
    await connection.execute("delete from pgqueuer where payload = $1", lost.bytes)
    assert await requeue_lost(connection) == 1
    assert {UUID(bytes=row["payload"]) for row in await connection.fetch("select payload from pgqueuer")} == {
        lost,
        found,
    }
    assert await requeue_lost(connection) == 0
