"""Changes of single organizations, whom they concern, and the tree as it was at a moment."""

from collections.abc import Collection
from datetime import date

from policy.facts import Level
from policy.ids import OrganizationId, UserId
from store.connection import Connection
from store.keys_of import text_key
from store.statements import statements

_SQL = "organization_changes"


async def lock_tree(connection: Connection, organizations: Collection[OrganizationId]) -> None:
    """No import, and nobody else, changes these until the transaction ends."""
    await connection.execute(statements("directory")["lock"])
    await connection.fetch(statements(_SQL)["lock"], list(organizations))


async def move_school(
    connection: Connection, school: OrganizationId, lea: OrganizationId, expected_version: int
) -> bool:
    """The school with its assignments and student groups, of all years, lies in that LEA. False: another version."""
    if not await connection.fetchval(statements(_SQL)["move"], school, lea, expected_version):
        return False
    await connection.execute(statements("directory")["move_assignments"], [school])
    await connection.execute(statements("directory")["move_groups"], [school])
    return True


async def set_active(
    connection: Connection,
    organization: OrganizationId,
    expected_version: int,
    *,
    active: bool,
    merged_into: OrganizationId | None = None,
) -> bool:
    """Close or open it; what is held there gives nothing while it is closed. False: it has another version."""
    arguments = organization, active, expected_version, merged_into
    return await connection.fetchval(statements(_SQL)["set_active"], *arguments) is not None


async def rename_organization(
    connection: Connection, organization: OrganizationId, name: str, code: str, expected_version: int, today: date
) -> bool:
    """Another name or code under the same id; codes keep the days on which they counted. False: another version."""
    arguments = organization, name, text_key(name), code, expected_version
    if await connection.fetchval(statements(_SQL)["rename"], *arguments) is None:
        return False
    await connection.execute(statements("directory")["end_codes"], [organization], today)
    await connection.execute(statements("directory")["begin_codes"], [organization], today)
    return True


async def is_taken(connection: Connection, level: Level, code: str, own: OrganizationId) -> bool:
    """Whether another organization of the level has the code."""
    return await connection.fetchval(statements(_SQL)["is_taken"], level.value, code, own)


async def count_open_schools(connection: Connection, lea: OrganizationId) -> int:
    return await connection.fetchval(statements(_SQL)["open_schools"], lea)


async def holders_at(connection: Connection, organizations: Collection[OrganizationId]) -> tuple[UserId, ...]:
    """Whoever holds a current or upcoming role at one of these organizations."""
    rows = await connection.fetch(statements(_SQL)["holders"], list(organizations))
    return tuple(row["user_id"] for row in rows)
