"""Changes that concern everybody's access: the caller is looked at once more while all who change access wait."""

from collections.abc import Awaitable, Callable

from policy.grant import Grant
from policy.pack import Reach
from resolvers.refusals import Code, RefusedError
from resolvers.writing import Change
from store.access_version import hold_version, read_version
from store.database import Connection


def still_may(making: Change) -> Callable[[Connection], Awaitable[None]]:
    """The last look before a change whose transaction ends with a new epoch. Raises RefusedError FORBIDDEN."""

    async def look(connection: Connection) -> None:
        await hold_version(connection)
        if await read_version(connection, making.caller.user) != making.caller.version:
            raise RefusedError(Code.FORBIDDEN, "Your own access has changed at this moment: reload and try again.")

    return look


def acting_under(making: Change) -> str | None:
    """The state's role that gives the change, as the audit trail names it."""
    grants = (grant for one in making.permissions for grant in making.caller.access.of(one))
    found: Grant | None = next((grant for grant in grants if grant.reach is Reach.STATE), None)
    return f"{found.program}/{found.role}" if found else None
