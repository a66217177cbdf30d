"""How many hold a role that has a primary holder, for whoever gives it and for the form that offers it."""

from collections.abc import Mapping

from policy.delegation import Seats
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear
from policy.pack import Pack
from store.database import Connection
from store.recipients import count_additional, has_primary


async def seats_at(
    connection: Connection, lea: OrganizationId, program: ProgramCode, school_year: SchoolYear, role: RoleSlug
) -> Seats:
    """Of one role in one LEA; exact until the transaction ends where the LEA is locked."""
    return Seats(
        await has_primary(connection, lea, program, school_year),
        await count_additional(connection, lea, program, school_year, role),
    )


async def seats_of(
    connection: Connection, lea: OrganizationId, pack: Pack, school_year: SchoolYear
) -> Mapping[RoleSlug, Seats]:
    """Of every role of the pack that has a primary holder."""
    return {
        slug: await seats_at(connection, lea, pack.program, school_year, slug)
        for slug, role in pack.roles.items()
        if role.primary_rank is not None
    }
