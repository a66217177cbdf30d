"""Who holds the state's highest role, and the state's own organization: what the first invitation looks at."""

from policy.facts import UserStatus
from policy.ids import OrganizationId, ProgramCode, RoleSlug, UserId
from policy.packs import Packs
from store.connection import Connection
from store.statements import statements


async def lock_administrators(connection: Connection) -> None:
    """Make another invitation wait until this transaction ends."""
    await connection.execute(statements("administrators")["lock"])


async def holders_of_role(connection: Connection, program: ProgramCode, role: RoleSlug) -> dict[UserId, UserStatus]:
    """Everybody whose assignment of the role is active, whatever the account's status but erased."""
    rows = await connection.fetch(statements("administrators")["holders"], program, role)
    return {UserId(row["id"]): UserStatus(row["status"]) for row in rows}


async def is_last_administrator(connection: Connection, user: UserId, packs: Packs) -> bool:
    """Whether nobody else who is active holds the state's highest role, once others who look so wait."""
    await lock_administrators(connection)
    for pack in packs.all():
        if pack.every_program and pack.roles:
            highest = min(pack.roles.values(), key=lambda one: one.rank).slug
            holders = await holders_of_role(connection, pack.program, highest)
            return user in holders and not any(
                status is UserStatus.ACTIVE for one, status in holders.items() if one != user
            )
    return False


async def state_organization(connection: Connection) -> OrganizationId | None:
    """The root of the tree; None: nothing was set up yet."""
    return await connection.fetchval(statements("administrators")["state"])
