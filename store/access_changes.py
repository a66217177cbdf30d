"""Changes of access since a version: who was concerned, and which roles she has or had."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from policy.ids import ProgramCode, RoleSlug, SchoolYear, UserId
from store.connection import Connection, Row
from store.statements import statements

KEPT_FOR: Final = timedelta(days=30)
MOST_CHANGES: Final = 10_000
"""So many are read at once; whoever missed more reads everything again."""
LATEST: Final = 2**63 - 1
"""After this there is nothing: for who asks for the current version alone."""
_PURGED_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A role that a person has or had; `school_year` is None for roles that are not tied to one."""

    program: ProgramCode
    role: RoleSlug
    school_year: SchoolYear | None


@dataclass(frozen=True, slots=True)
class StoredChange:
    """One person's access changed; `user` None: everybody's may have."""

    version: int
    user: UserId | None
    roles: frozenset[RoleHeld]


@dataclass(frozen=True, slots=True)
class ChangesRead:
    """Every change after a version and up to `current`, in order; none, where they aren't `complete`.

    `epoch` is the one of `current`: packs as of it know what each role gives.
    """

    changes: tuple[StoredChange, ...]
    current: int
    epoch: int
    complete: bool


async def read_changes(connection: Connection, after: int) -> ChangesRead:
    """The changes after a version; incomplete where some aren't kept, they are too many, or it was never given out."""
    rows = await connection.fetch(statements("access_changes")["since"], after, MOST_CHANGES + 1)
    current, kept_from = rows[0]["current"], rows[0]["kept_from"]
    complete = kept_from - 1 <= after <= current and len(rows) <= MOST_CHANGES
    found = tuple(_change(row) for row in rows if row["version"] is not None) if complete else ()
    return ChangesRead(found, current, rows[0]["epoch"], complete)


async def purge_changes(connection: Connection, now: datetime) -> None:
    """Remove the oldest of those that have been kept long enough; whole versions only."""
    await connection.execute(statements("access_changes")["purge"], now - KEPT_FOR, _PURGED_AT_ONCE)


def _change(row: Row) -> StoredChange:
    return StoredChange(row["version"], row["user_id"], frozenset(_role(text) for text in row["roles"]))


def _role(text: str) -> RoleHeld:
    program, role, year = text.split(" ")
    return RoleHeld(ProgramCode(program), RoleSlug(role), SchoolYear(year) if year else None)
