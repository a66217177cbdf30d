"""The users of a program and year with their roles, read row by row however many there are."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from policy.facts import Level
from policy.ids import ProgramCode, RoleSlug, SchoolYear, UserId
from policy.reach import Place
from store.connection import Connection
from store.statements import statements

_AT_ONCE = 2_000


class ListedRole(NamedTuple):
    """One role of one person. `place` is where it lies, as reach is measured."""

    user: UserId
    first_name: str
    last_name: str
    code: str
    email: str
    phone: str
    role: RoleSlug
    status: str
    user_status: str
    organization: str
    place: Place


async def listed_roles(
    connection: Connection, program: ProgramCode, school_year: SchoolYear, lea_code: str | None
) -> AsyncIterator[ListedRole]:
    """By name; inside a transaction. `lea_code` None: of the whole state."""
    text = statements("user_list")["lines"]
    async for row in connection.cursor(text, program, school_year, lea_code, prefetch=_AT_ONCE):
        place = Place(
            row["organization_id"], Level(row["level"]), row["lea_id"], program, school_year, RoleSlug(row["role"])
        )
        yield ListedRole(
            row["id"], row["first_name"], row["last_name"], row["code"], row["email"] or "", row["phone"] or "",
            RoleSlug(row["role"]), row["status"], row["user_status"], row["organization"], place,
        )  # fmt: skip
