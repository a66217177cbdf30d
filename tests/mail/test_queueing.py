"""What can be queued as a mail: registered templates with their ids and codes, one mail for each person and change."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from policy.ids import UserId
from store.database import Connection
from store.mail_templates import MailOrderError, Urgency
from store.outbox import MAIL, MAIL_BATCH, MailOrder, queue_mail, queue_mails
from store.users import NewUser, create_user

ROLE = {"program": "caaspp", "role": "site-coordinator", "organization": uuid4(), "school_year": "2026-27"}
ANN, BEN = UserId(uuid4()), UserId(uuid4())


@pytest.fixture(autouse=True)
async def people(connection: Connection) -> None:
    await create_user(connection, NewUser(ANN, "ann@example.org", "Ann", "Bell"))
    await create_user(connection, NewUser(BEN, "ben@example.org", "Ben", "Cole"))


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (MailOrder("invitatoin", ANN), "no mail invitatoin"),
        (MailOrder("role-assigned", ANN, {"program": "caaspp"}), "organization"),
        (MailOrder("role-assigned", ANN, ROLE | {"comment": "x"}), "comment"),
        (MailOrder("role-assigned", ANN, ROLE | {"role": "Ann Bell"}), "names and addresses stay out"),
        (MailOrder("role-assigned", ANN, ROLE | {"role": "ann@example.org"}), "names and addresses stay out"),
    ],
)
async def test_an_order_that_no_template_understands_is_refused(
    connection: Connection, order: MailOrder, says: str
) -> None:
    with pytest.raises(MailOrderError, match=says):
        await queue_mail(connection, uuid4(), order)
    with pytest.raises(MailOrderError, match=says):
        await queue_mails(connection, uuid4(), [order])
    assert await connection.fetchval("select count(*) from messages") == 0


async def test_notices_of_one_change_to_one_person_are_one_mail(connection: Connection) -> None:
    cause = uuid4()
    for template, values in (("role-assigned", ROLE), ("invitation", {}), ("role-removed", ROLE)):
        await queue_mail(connection, uuid4(), MailOrder(template, ANN, values, by=BEN, cause=cause))
    await queue_mail(connection, uuid4(), MailOrder("role-removed", BEN, ROLE, cause=cause))
    rows = await connection.fetch("select * from messages order by priority desc")
    assert [(row["user_id"], row["template"], len(row["notices"])) for row in rows] == [
        (ANN, "invitation", 3),
        (BEN, "role-removed", 1),
    ]
    assert rows[0]["notices"][0]["by"] == str(BEN)
    assert await connection.fetchval("select count(*) from pgqueuer where entrypoint = $1", MAIL) == 2


async def test_a_link_that_somebody_waits_for_never_joins(connection: Connection) -> None:
    cause = uuid4()
    for template in ("email-change-confirm-old", "email-change-confirm-new"):
        await queue_mail(connection, uuid4(), MailOrder(template, ANN, {"change": uuid4()}, cause=cause))
    assert await connection.fetchval("select count(*) from messages") == 2
    assert await connection.fetchval("select min(priority) from pgqueuer") == Urgency.AWAITED


async def test_a_mail_is_held_until_its_time(connection: Connection) -> None:
    later = datetime.now(UTC) + timedelta(days=2)
    await queue_mail(connection, uuid4(), MailOrder("invitation", ANN, hold_until=later))
    row = await connection.fetchrow(
        "select state, held_until, execute_after from messages, pgqueuer where held_until = $1", later
    )
    assert row is not None
    assert row["state"] == "held"
    assert abs(row["execute_after"] - later) < timedelta(seconds=1)


async def test_an_upload_is_one_job_and_one_mail_for_each_person(connection: Connection) -> None:
    cause = uuid4()
    orders = [
        MailOrder("role-assigned", ANN, ROLE, by=BEN),
        MailOrder("credential-expiry", BEN, {"organization": uuid4(), "expires_on": date(2027, 1, 1)}),
        MailOrder("invitation", ANN, by=BEN),
        MailOrder("tools-for-teachers-link", None, {"registration": uuid4()}),
        MailOrder("tools-for-teachers-link", None, {"registration": uuid4()}),
    ]
    await queue_mails(connection, cause, orders)
    await queue_mails(connection, cause, [MailOrder("role-removed", ANN, ROLE)])
    rows = await connection.fetch("select * from messages order by template, id")
    assert [(row["template"], row["user_id"], len(row["notices"]), row["spread"]) for row in rows] == [
        ("credential-expiry", BEN, 1, False),
        ("invitation", ANN, 3, False),
        ("tools-for-teachers-link", None, 1, False),
        ("tools-for-teachers-link", None, 1, False),
    ]
    assert all(row["priority"] < Urgency.NOTICE for row in rows), "bulk work stays behind single mails"
    assert await connection.fetchval("select array_agg(entrypoint) from pgqueuer") == [MAIL_BATCH]
