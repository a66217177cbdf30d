"""The daily notices: each mark once, to the right people, also where a day was missed; what has expired is told."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.outbox.daily import Day
from gateway.outbox.daily_jobs import DAILY_JOBS
from gateway.outbox.expiry import tell_of_credentials, tell_of_sis_credentials
from gateway.state import Gateway
from policy.ids import UserId
from store.credentials import record_credential
from store.database import Connection
from store.records import CredentialRecord
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, PARK, give, person, user_id
from tests.oidc.world import NOW, OTHER_LEA
from tests.steps.test_sis_credentials import ISSUE

LAST = date(2027, 3, 31)


async def credential(connection: Connection, lea: Any = LEA, last: date = LAST) -> UUID:
    identifier = uuid4()
    examiner = UserId(user_id("examiner"))
    await record_credential(connection, CredentialRecord(identifier, examiner, lea, "C-1", last, None, NOW))
    return identifier


async def run(gateway: Gateway, connection: Connection, job: Any, day: date) -> list[tuple[Any, str]]:
    """Whom that day's work writes to, and by which template."""
    await connection.execute("delete from messages")
    async with connection.transaction():
        assert await job(Day(gateway, day, None), connection) is None
    rows = await connection.fetch("select user_id, template from messages order by user_id")
    return [(row["user_id"], row["template"]) for row in rows]


def before(days: int) -> date:
    return LAST - timedelta(days=days)


@pytest.mark.usefixtures("http")
@pytest.mark.rule("S1-19", "accounts-7")
async def test_a_person_is_written_to_30_and_7_days_before(gateway: Gateway, connection: Connection) -> None:
    await person(connection, "examiner")
    await give(connection, "examiner", "test-examiner", PARK)
    await credential(connection)
    told = [(user_id("examiner"), "credential-expiry")]
    days = [31, 30, 29, 8, 7, 6, 0]
    assert [await run(gateway, connection, tell_of_credentials, before(one)) for one in days] == [
        [], told, [], [], told, [], [],
    ]  # fmt: skip
    version = await connection.fetchval("select access_version from users where id = $1", user_id("examiner"))
    assert await run(gateway, connection, tell_of_credentials, before(-1)) == told
    after = await connection.fetchval("select access_version from users where id = $1", user_id("examiner"))
    assert after > version, "the role has ceased to give access: that is told as any change is"
    assert await run(gateway, connection, tell_of_credentials, before(-2)) == []


@pytest.mark.usefixtures("http")
@pytest.mark.rule("accounts-7")
async def test_days_on_which_nothing_ran_are_made_up_for_once(gateway: Gateway, connection: Connection) -> None:
    await person(connection, "examiner")
    await give(connection, "examiner", "test-examiner", PARK)
    await credential(connection)
    assert len(await run(gateway, connection, tell_of_credentials, before(5))) == 1
    assert await run(gateway, connection, tell_of_credentials, before(4)) == []


@pytest.mark.usefixtures("http")
@pytest.mark.rule("accounts-7")
async def test_what_no_role_needs_or_a_longer_one_stands_for_is_not_told(
    gateway: Gateway, connection: Connection
) -> None:
    await person(connection, "examiner")
    await give(connection, "examiner", "test-examiner", PARK)
    await credential(connection)
    await credential(connection, OTHER_LEA)
    await credential(connection, last=LAST + timedelta(days=300))
    assert await run(gateway, connection, tell_of_credentials, before(7)) == []
    await connection.execute("delete from credentials")
    await credential(connection)
    await connection.execute("update role_assignments set role = 'test-administrator' where role = 'test-examiner'")
    assert await run(gateway, connection, tell_of_credentials, before(7)) == []


@pytest.mark.rule("S1-34")
async def test_coordinators_of_the_lea_are_written_to(
    as_person: AsCaller, gateway: Gateway, connection: Connection
) -> None:
    lead = await as_person("primary")
    await lead.data(ISSUE, input={"organization": str(LEA), "idempotencyKey": "1"})
    last = date(2027, 11, 21)
    told = sorted((user_id(name), "sis-expiry") for name in ("primary", "additional", "elpac-lead"))
    days = [15, 14, 13, 7, 3, 2, 1, 0]
    found = [await run(gateway, connection, tell_of_sis_credentials, last - timedelta(days=one)) for one in days]
    assert [sorted(one) for one in found] == [[], told, [], told, told, [], told, []]
    await lead.data(ISSUE, input={"organization": str(LEA), "idempotencyKey": "2"})
    await connection.execute("update sis_credentials set expires_on = '2028-11-20' where revoked_at is null")
    assert await run(gateway, connection, tell_of_sis_credentials, last + timedelta(days=1)) == []


def test_both_are_daily_work() -> None:
    parts = [job.part for job in DAILY_JOBS]
    assert tell_of_credentials in parts
    assert tell_of_sis_credentials in parts
