"""What giving and taking roles looks at inside its transaction: the persons, locked, and whether there is a primary."""

from collections.abc import Collection

import asyncpg

from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.connection import Connection
from store.statements import statements

ConflictError = asyncpg.UniqueViolationError
"""Somebody else made the same thing at this moment: the transaction is judged anew."""
DeadlockError = asyncpg.DeadlockDetectedError
"""Two transactions waited for each other and this one gave way: it begins anew. `lock_users` keeps the changes of one
person in order; what a file or a closing changes at once has no order that would be everybody's.
"""


async def lock_users(connection: Connection, users: Collection[UserId], leas: Collection[OrganizationId] = ()) -> None:
    """Let nobody else change these persons' roles until the transaction ends: what is judged is what is changed.

    `leas`: where a role is to be given to them that is held at an LEA. Every change locks persons by id, here and at
    once, then LEAs by id, then the access version: so that two never wait for each other in a circle.
    """
    await connection.fetch(statements("recipients")["lock"], list(users), list(leas))
    if leas:
        await connection.fetch(statements("recipients")["lock_organizations"], list(leas))


async def lock_organization(connection: Connection, organization: OrganizationId) -> None:
    """Let nobody else count there until the transaction ends."""
    await connection.fetch(statements("recipients")["lock_organization"], organization)


async def count_additional(
    connection: Connection, lea: OrganizationId, program: ProgramCode, school_year: SchoolYear, role: RoleSlug
) -> int:
    """How many hold the role in the LEA without being its primary holder, suspended ones included."""
    return await connection.fetchval(statements("recipients")["count_additional"], lea, program, school_year, role)


async def has_primary(
    connection: Connection, lea: OrganizationId, program: ProgramCode, school_year: SchoolYear
) -> bool:
    """Whether the LEA has a primary coordinator in that program and year (S1-06), one who is suspended included."""
    return await connection.fetchval(statements("recipients")["has_primary"], lea, program, school_year)
