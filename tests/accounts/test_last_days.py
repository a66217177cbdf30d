"""The night after a role's last day: succession, accounts with nothing left, and who is told (S1-08, accounts 5)."""

from datetime import date, timedelta

import pytest

from gateway.jobs import last_days
from gateway.outbox.daily import MIDNIGHT, DailyJob, do_due_work
from gateway.state import Gateway
from policy.ids import OrganizationId
from store.access_version import read_version
from store.database import Connection
from tests.accounts.acting import act, mails, status_of
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, PARK, assignment_id, give, person, user_id
from tests.oidc.world import NOW, Clock

JOBS = (DailyJob(last_days.NAME, last_days.end_last_days, MIDNIGHT),)
TODAY = NOW.date()


async def _ends(connection: Connection, name: str, slug: str, where: OrganizationId = PARK, day: date = TODAY) -> None:
    identifier = assignment_id(name, slug, where)
    await connection.execute("update role_assignments set last_day = $2 where id = $1", identifier, day)


async def _tomorrow(gateway: Gateway, clock: Clock, days: int = 1) -> None:
    clock.now += timedelta(days=days)
    await do_due_work(gateway, JOBS)


async def _primary(connection: Connection) -> set[object]:
    rows = await connection.fetch('select user_id from role_assignments where "primary" and lea_id = $1', LEA)
    return {row["user_id"] for row in rows}


@pytest.mark.rule("S1-08", "delegation-4")
async def test_the_longest_assigned_coordinator_follows_a_primary_whose_last_day_is_over(
    as_person: AsCaller, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    await as_person("site")
    await _ends(connection, "primary", "lea-coordinator", LEA)
    await do_due_work(gateway, JOBS)
    assert await _primary(connection) == {user_id("primary")}, "the last day counts as a whole"
    before = await read_version(connection, user_id("additional")) or 0
    await _tomorrow(gateway, clock)
    assert await _primary(connection) == {user_id("additional")}
    assert await mails(connection, "additional") == ["coordinator-notice"]
    assert await mails(connection, "superintendent") == ["coordinator-notice"]
    assert (await read_version(connection, user_id("additional")) or 0) > before
    rows = await connection.fetch("select reason, actor_id from audit_events where action = 'endLastDays'")
    assert {row["reason"] for row in rows} == {"last day", "S1-08"}
    assert {row["actor_id"] for row in rows} == {None}


@pytest.mark.rule("S1-09", "delegation-4")
async def test_the_superintendent_is_told_that_she_acts_herself_when_nobody_is_left(
    as_person: AsCaller, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    await as_person("site")
    for name in ("primary", "additional"):
        await _ends(connection, name, "lea-coordinator", LEA)
    await _tomorrow(gateway, clock)
    assert await _primary(connection) == set()
    notices = await connection.fetchval("select notices from messages where user_id = $1", user_id("superintendent"))
    assert {one["values"]["notice"] for one in notices} == {"no-coordinator"}


@pytest.mark.rule("accounts-5")
async def test_an_account_with_nothing_left_becomes_inactive_and_another_stays(
    as_person: AsCaller, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    teacher, site = await as_person("colleague"), await as_person("site")
    for name in ("colleague", "shared"):
        await _ends(connection, name, "test-administrator", day=TODAY - timedelta(days=1))
    await do_due_work(gateway, JOBS)
    assert await status_of(connection, "colleague") == "inactive"
    assert await status_of(connection, "shared") == "active", "she has a role in another program"
    assert (await teacher.post("{ viewer { id } }")).status_code == 401, "her session gives nothing"
    held = await connection.fetchrow(
        "select id, version, status from role_assignments where user_id = $1", user_id("colleague")
    )
    assert held is not None
    assert held["status"] == "active", "the role is named where somebody asks why, and comes back next year"
    later = (clock.now.date() + timedelta(days=20)).isoformat()
    asked = {"assignment": str(held["id"]), "lastDay": later, "expectedVersion": held["version"]}
    assert (await act(site, "updateAssignment", **asked))["userErrors"] == []
    assert await status_of(connection, "colleague") == "active", "extended, the role is a role again (S0-55)"


@pytest.mark.rule("accounts-5")
async def test_a_suspended_role_is_one_that_is_left(
    as_person: AsCaller, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    await as_person("site")
    await _ends(connection, "shared", "test-administrator")
    await connection.execute(
        "update role_assignments set status = 'suspended' where user_id = $1 and last_day is null", user_id("shared")
    )
    await _tomorrow(gateway, clock)
    assert await status_of(connection, "shared") == "active"


@pytest.mark.rule("accounts-5")
async def test_nights_on_which_nothing_ran_are_made_up_for_and_nothing_is_done_twice(
    as_person: AsCaller, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    await as_person("site")
    await do_due_work(gateway, JOBS)
    await _ends(connection, "colleague", "test-administrator", day=TODAY + timedelta(days=1))
    await _tomorrow(gateway, clock, days=6)
    assert await status_of(connection, "colleague") == "inactive"
    version = await read_version(connection, user_id("colleague"))
    await _tomorrow(gateway, clock)
    assert await read_version(connection, user_id("colleague")) == version


@pytest.mark.rule("S1-08")
async def test_a_coordinator_whose_own_last_day_is_over_never_follows(
    as_person: AsCaller, connection: Connection, gateway: Gateway, clock: Clock
) -> None:
    await as_person("site")
    await person(connection, "newest")
    await give(connection, "newest", "lea-coordinator", LEA)
    await connection.execute(
        "update role_assignments set assigned_at = assigned_at + interval '1 day' where user_id = $1", user_id("newest")
    )
    await _ends(connection, "additional", "lea-coordinator", LEA, TODAY - timedelta(days=1))
    await _ends(connection, "primary", "lea-coordinator", LEA)
    await _tomorrow(gateway, clock)
    assert await _primary(connection) == {user_id("newest")}
