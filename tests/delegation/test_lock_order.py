"""Changes lock persons by id, then LEAs, then the access version: two never wait for each other in a circle."""

import asyncio
from datetime import date

import asyncpg
import pytest

from policy.ids import OrganizationId, RoleSlug
from store.access_version import raise_versions
from store.assignments import NewAssignment, insert_assignment, set_last_day
from store.database import Connection, Pool
from store.recipients import lock_users
from tests.graphql.conftest import AsCaller
from tests.graphql.world import assignment_id, give, person, user_id
from tests.oidc.world import CAASPP, LEA, NOW, OTHER_LEA, YEAR


async def _heads(connection: Connection) -> None:
    """Two superintendents, each a coordinator in the other's LEA."""
    heads: tuple[tuple[str, OrganizationId, OrganizationId], ...] = (
        ("head", LEA, OTHER_LEA),
        ("other-head", OTHER_LEA, LEA),
    )
    for name, own, other in heads:
        await person(connection, name)
        new = NewAssignment(
            assignment_id(name, "superintendent", own), user_id(name), CAASPP, RoleSlug("superintendent"), YEAR, own,
            assigned_at=NOW, origin="directory",
        )  # fmt: skip
        await insert_assignment(connection, new)
        await give(connection, name, "lea-coordinator", other)


async def _is_locked(pool: Pool, name: str) -> bool:
    async with pool.acquire() as other, other.transaction():
        try:
            await other.fetch("select from users where id = $1 for no key update nowait", user_id(name))
        except asyncpg.LockNotAvailableError:
            return True
    return False


@pytest.mark.parametrize(
    ("locked", "with_them"),
    [("head", "other-head"), ("other-head", "head"), ("primary", "additional"), ("additional", "primary")],
)
async def test_whoever_may_be_concerned_is_locked_before_anything_is_judged(
    as_person: AsCaller, pool: Pool, connection: Connection, locked: str, with_them: str
) -> None:
    """The head of the LEA where her role is (S1-09), and who may succeed her or whom she may succeed (S1-08)."""
    await as_person("site")
    await _heads(connection)
    async with pool.acquire() as own, own.transaction():
        await lock_users(own, [user_id(locked)])
        assert [await _is_locked(pool, name) for name in (locked, with_them, "teacher")] == [True, True, False]


async def test_the_head_is_locked_where_a_role_is_to_be_given_at_her_lea(
    as_person: AsCaller, pool: Pool, connection: Connection
) -> None:
    await as_person("site")
    await _heads(connection)
    async with pool.acquire() as own, own.transaction():
        await lock_users(own, [user_id("teacher")], [LEA])
        assert [await _is_locked(pool, name) for name in ("teacher", "head", "site")] == [True, True, False]


async def test_superintendents_who_are_coordinators_in_each_others_lea_never_deadlock(
    as_person: AsCaller, pool: Pool, connection: Connection
) -> None:
    """Each other's coordinator role is changed at the same moment; DeadlockDetectedError else."""
    await as_person("site")
    await _heads(connection)
    everybody = asyncio.Barrier(2)

    async def change_role_of(name: str, where: OrganizationId) -> None:
        async with pool.acquire() as own:
            for day in range(1, 21):
                await everybody.wait()
                async with own.transaction():
                    await lock_users(own, [user_id(name)])
                    await set_last_day(own, assignment_id(name, "lea-coordinator", where), date(2027, 3, day))
                    await raise_versions(own, [user_id(name)])

    await asyncio.gather(change_role_of("head", OTHER_LEA), change_role_of("other-head", LEA))
