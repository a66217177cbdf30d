"""The access version: raised as the last thing of each transaction that changes what somebody may do."""

from collections.abc import Collection
from dataclasses import dataclass

from policy.ids import UserId
from store.connection import Connection
from store.statements import statements

CHANNEL = "hallpass_access"
"""Where a change is told by NOTIFY: the user's id, `EVERYBODY`, or `ENDED`. It only saves work; the version decides."""
EVERYBODY = "*"
ENDED = "-"
"""A session or an authorization has ended."""
_MASK = 0x5D3A_9C71_4E2B_8F06
_WIDTH = 16


class InvalidAccessVersionError(ValueError):
    """The text is no access version of this service; the message says so."""


@dataclass(frozen=True, slots=True, order=True)
class AccessVersion:
    """A version and its opaque text. A larger one contains every change of a smaller one."""

    number: int

    @property
    def text(self) -> str:
        return f"{self.number ^ _MASK:0{_WIDTH}x}"

    @classmethod
    def of(cls, text: str) -> "AccessVersion":
        """Raises InvalidAccessVersionError."""
        try:
            number = int(text, 16) ^ _MASK
        except ValueError:
            number = -1
        if len(text) != _WIDTH or not 0 < number < 2**63 or cls(number).text != text:
            raise InvalidAccessVersionError(
                f"{text[:40]!r} is no access version: pass on one that this service gave, as it is."
            )
        return cls(number)


async def read_version(connection: Connection, user: UserId) -> int | None:
    """The version of the last change that concerns the person; None: there is no such account."""
    return await connection.fetchval(statements("access_version")["read"], user)


async def read_epoch(connection: Connection) -> int:
    """The version of the last change that may concern everybody."""
    return await connection.fetchval(statements("access_version")["epoch"])


async def raise_versions(connection: Connection, users: Collection[UserId]) -> int:
    """Tell that these persons' access changed: the last statements before commit. Returns the new version.

    From here to commit every other such transaction waits, so nothing may follow.
    """
    return await raise_locked(connection, await lock_concerned(connection, users))


async def lock_concerned(connection: Connection, users: Collection[UserId]) -> frozenset[UserId]:
    """These persons and those whose access follows from the same change, locked: the last thing before raising.

    A superintendent is coordinator while nobody is assigned that role in her LEA (S1-09): who gives or takes a role
    there changes her access as well.
    """
    _inside(connection)
    rows = await connection.fetch(statements("access_version")["lock_concerned"], list(users))
    return frozenset(row["id"] for row in rows)


async def raise_locked(connection: Connection, users: Collection[UserId]) -> int:
    """Tell that the access of these persons, all locked, changed. Returns the new version; nothing may follow."""
    _inside(connection)
    return await connection.fetchval(statements("access_version")["raise_versions"], list(users))


async def hold_version(connection: Connection) -> None:
    """From here to the end of the transaction everybody else who raises the version waits."""
    _inside(connection)
    await connection.fetch(statements("access_version")["hold"])


async def raise_epoch(connection: Connection) -> int:
    """Tell that everybody's access may have changed (tree, packs, overrides, years): the last before commit."""
    _inside(connection)
    return await connection.fetchval(statements("access_version")["raise_epoch"])


def _inside(connection: Connection) -> None:
    if not connection.is_in_transaction():
        raise RuntimeError("The access version is raised inside the transaction of the change that it tells of.")
