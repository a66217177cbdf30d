"""Who holds the state's highest role, and the state's own organization: what the first invitation looks at."""

from policy.facts import UserStatus
from policy.ids import OrganizationId, ProgramCode, RoleSlug, UserId
from store.connection import Connection
from store.statements import statements


async def lock_administrators(connection: Connection) -> None:
    """Make another invitation wait until this transaction ends."""
    await connection.execute(statements("administrators")["lock"])


async def holders_of_role(connection: Connection, program: ProgramCode, role: RoleSlug) -> dict[UserId, UserStatus]:
    """Everybody whose assignment of the role is active, whatever the account's status but erased."""
    rows = await connection.fetch(statements("administrators")["holders"], program, role)
    return {UserId(row["id"]): UserStatus(row["status"]) for row in rows}


async def state_organization(connection: Connection) -> OrganizationId | None:
    """The root of the tree; None: nothing was set up yet."""
    return await connection.fetchval(statements("administrators")["state"])
