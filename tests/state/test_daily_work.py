"""The daily work of the state: roles that nobody confirms end, and what is kept long enough goes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.jobs.overrides import tell_of_overrides
from gateway.jobs.retention import purge
from gateway.jobs.state_roles import end_unconfirmed
from gateway.outbox.daily import Day
from gateway.state import Gateway
from policy.retention import RETENTION, Kept
from store.access_version import read_epoch
from store.connection import Connection
from store.database import Pool
from store.help_desk import FailedWhy, note_failure
from tests.accounts.acting import link, mails
from tests.graphql.conftest import AsCaller
from tests.graphql.world import session, user_id
from tests.oidc.world import NOW, Clock
from tests.state.acting import act, staff

pytestmark = pytest.mark.rule("state")
Job = Callable[[Day, Connection], Awaitable[str | None]]


async def work(gateway: Gateway, connection: Connection, job: Job) -> None:
    position: str | None = None
    while True:
        async with connection.transaction():
            position = await job(Day(gateway, gateway.now().date(), position), connection)
        if position is None:
            return


async def roles(connection: Connection) -> dict[str, str]:
    rows = await connection.fetch("select role, status from role_assignments where program = 'state'")
    return {row["role"]: row["status"] for row in rows}


async def test_who_is_not_confirmed_in_twelve_months_is_told_and_loses_the_role(
    http: object, pool: Pool, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    """The last administrator's role stays: nobody could make another."""
    await staff(pool, "helper", "help-desk")
    await staff(pool, "admin", "state-administrator")
    clock.now += timedelta(days=334)
    await work(gateway, connection, end_unconfirmed)
    assert await mails(connection, "helper") == []
    clock.now += timedelta(days=2)
    for _ in range(2):
        await work(gateway, connection, end_unconfirmed)
    assert await mails(connection, "helper") == ["state-role-due"]
    assert await roles(connection) == {"help-desk": "active", "state-administrator": "active"}
    clock.now += timedelta(days=31)
    await work(gateway, connection, end_unconfirmed)
    assert await roles(connection) == {"help-desk": "expired", "state-administrator": "active"}
    events = await connection.fetch("select target_type from audit_events where action = 'endUnconfirmedRole'")
    assert len(events) == 1


async def test_of_two_administrators_who_are_both_due_one_stays(
    http: object, pool: Pool, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    for name in ("admin", "second"):
        await staff(pool, name, "state-administrator")
    clock.now += timedelta(days=336)
    await work(gateway, connection, end_unconfirmed)
    clock.now += timedelta(days=31)
    await work(gateway, connection, end_unconfirmed)
    statuses = await connection.fetch("select status from role_assignments where program = 'state'")
    assert sorted(row["status"] for row in statuses) == ["active", "expired"]


async def test_a_confirmed_role_goes_on(
    http: object, pool: Pool, connection: Connection, gateway: Gateway, clock: Clock, as_person: AsCaller
) -> None:
    await staff(pool, "helper", "help-desk")
    admin = await as_person(await staff(pool, "admin", "state-administrator"))
    assignment = await connection.fetchval("select id from role_assignments where role = 'help-desk'")
    await connection.execute("update role_assignments set assigned_at = $1 where id = $2", _ago(364), assignment)
    assert (await act(admin, "confirmStateRole", assignment=str(assignment)))["userErrors"] == []
    clock.now += timedelta(days=300)
    await work(gateway, connection, end_unconfirmed)
    assert (await roles(connection))["help-desk"] == "active"
    assert await mails(connection, "helper") == []


async def test_what_is_kept_long_enough_goes(
    http: object, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    await session(connection, "teacher")
    await link(connection, "teacher", "reset")
    await note_failure(connection, "teacher@valley.example", FailedWhy.WRONG_PASSWORD, NOW)
    await connection.execute(
        "insert into idempotency_keys values ($1, 'createUser', 'k', '\\x00', $1, $2)", user_id("teacher"), NOW
    )
    terms = {
        "idempotency_keys": Kept.KEYS, "sign_in_failures": Kept.FAILURES, "account_links": Kept.LINKS,
        "sessions": Kept.SESSIONS,
    }  # fmt: skip
    for table, kept in terms.items():
        clock.now = NOW + RETENTION[kept].life
        await work(gateway, connection, purge)
        assert await connection.fetchval(f"select count(*) from {table}") == 1, table
        clock.now += timedelta(days=1)
        await work(gateway, connection, purge)
        assert await connection.fetchval(f"select count(*) from {table}") == 0, table


async def test_everybody_who_follows_changes_is_told_of_an_overrides_days(
    http: object, pool: Pool, connection: Connection, gateway: Gateway, clock: Clock, as_person: AsCaller
) -> None:
    admin = await as_person(await staff(pool, "admin", "state-administrator"))
    made = await act(
        admin, "setCellOverride", program="caaspp", schoolYear="2026-27", role="site-coordinator",
        permission="toms:windows:view", firstDay="2026-11-24", lastDay="2026-11-25", basis="Decision 7",
    )  # fmt: skip
    assert made["userErrors"] == []
    raised: list[bool] = []
    for _ in range(5):
        before = await read_epoch(connection)
        await work(gateway, connection, tell_of_overrides)
        raised.append(await read_epoch(connection) > before)
        clock.now += timedelta(days=1)
    assert raised == [False, False, True, False, True]  # it begins on the third day, and is over on the fifth


def _ago(days: int) -> object:
    return NOW - timedelta(days=days)


def test_the_documentation_has_the_retention_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "state.md").read_text(encoding="utf-8")
    for kept, term in RETENTION.items():
        assert f"| {kept.value} | {term.days} | {term.since} | {term.why} |" in text
