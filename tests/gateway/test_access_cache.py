"""What is kept of a person's access counts for one version, epoch and day of the state: no edge is missed."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

import pytest

from gateway.access_cache import AccessCache, today_of
from gateway.state import Gateway
from policy.ids import OrganizationId, UserId
from store.access_version import raise_epoch, raise_versions
from store.database import Connection
from store.standing import standing_of
from tests.oidc.fixtures import clock, gateway
from tests.oidc.world import LEA, OTHER_LEA, PARK, Clock, give, person

__all__ = ["clock", "gateway"]

Ask = Callable[[], Awaitable[bool]]


def asking(gateway: Gateway, connection: Connection, user: UserId) -> Ask:
    """Whether one process, with one memory, finds that somebody has any access now."""
    cache = AccessCache()

    async def ask() -> bool:
        row = await connection.fetchrow(
            "select u.id as user_id, u.status, u.access_version, a.epoch, null as acr, null::uuid as lea_id, "
            "null::uuid as place_id "
            "from users u, access_state a where u.id = $1",
            user,
        )
        assert row is not None
        standing = standing_of(row)
        in_force = await gateway.packs.in_force(connection, standing.epoch)
        held = await cache.held(connection, standing, in_force, today_of(gateway.settings, gateway.now()))
        return bool(held.access.grants)

    return ask


@pytest.fixture
async def user(gateway: Gateway, connection: Connection) -> UserId:
    return await person(connection, "ana", ("site-coordinator", PARK))


@pytest.fixture
def allowed(gateway: Gateway, connection: Connection, user: UserId) -> Ask:
    return asking(gateway, connection, user)


async def test_a_last_day_ends_at_midnight_of_the_state(
    allowed: Ask, user: UserId, connection: Connection, clock: Clock
) -> None:
    """Los Angeles is eight hours behind UTC in November: neither UTC's midnight nor the server's ends the day."""
    async with connection.transaction():
        await connection.execute("update role_assignments set last_day = $1", date(2026, 11, 22))
        await raise_versions(connection, (user,))
    for moment, expected in (
        (datetime(2026, 11, 22, 12, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 0, 0, 1, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 7, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 8, tzinfo=UTC), False),
    ):
        clock.now = moment
        assert await allowed() is expected, moment


async def test_a_credential_ends_after_its_last_day_and_holds_in_its_lea_only(
    gateway: Gateway, connection: Connection, clock: Clock
) -> None:
    user = await person(connection, "bo", ("test-examiner", PARK))
    allowed = asking(gateway, connection, user)

    async def license_in(lea: OrganizationId) -> None:
        async with connection.transaction():
            await connection.execute("delete from credentials")
            await connection.execute(
                "insert into credentials (id, user_id, lea_id, number, expires_on) "
                "values (gen_random_uuid(), $1, $2, '7', $3)",
                user, lea, date(2026, 11, 22),
            )  # fmt: skip
            await raise_versions(connection, (user,))

    assert await allowed() is False
    await license_in(OTHER_LEA)
    assert await allowed() is False
    await license_in(LEA)
    assert await allowed() is True
    clock.now = datetime(2026, 11, 23, 7, 59, tzinfo=UTC)
    assert await allowed() is True
    clock.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert await allowed() is False


@pytest.mark.parametrize(
    "change",
    [
        "update organizations set active = false where level = 'school'",
        "update school_years set status = 'closed'",
        "delete from packs where program = 'caaspp'",
        "update role_assignments set status = 'suspended'",
        "delete from signed_forms",
    ],
)
async def test_what_changes_for_everybody_is_seen_with_the_epoch(
    allowed: Ask, connection: Connection, change: str
) -> None:
    assert await allowed() is True
    async with connection.transaction():
        await connection.execute(change)
        await raise_epoch(connection)
    assert await allowed() is False


@pytest.mark.parametrize("status", ["invited", "inactive", "suspended"])
async def test_a_changed_status_counts_at_once(allowed: Ask, connection: Connection, status: str) -> None:
    assert await allowed() is True
    await connection.execute("update users set status = $1", status)
    assert await allowed() is False


async def test_a_role_that_comes_back_is_seen_as_well(allowed: Ask, user: UserId, connection: Connection) -> None:
    async with connection.transaction():
        await connection.execute("delete from role_assignments where user_id = $1", user)
        await raise_versions(connection, (user,))
    assert await allowed() is False
    await give(connection, user, "educator-roster", PARK)
    assert await allowed() is True
