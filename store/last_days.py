"""Roles whose last day is over: whose they are, primary coordinators among them, and accounts with nothing left."""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from policy.ids import AssignmentId, UserId
from store.connection import Connection
from store.statements import statements

_SQL: Final = "last_days"
_NIL: Final = UUID(int=0)


async def people_due(connection: Connection, since: date, today: date, after: UserId | None, most: int) -> list[UserId]:
    """Up to so many people, by id, with a role whose last day was `since` or later, and before `today`."""
    rows = await connection.fetch(statements(_SQL)["due"], since, today, after or _NIL, most)
    return [UserId(row["user_id"]) for row in rows]


async def unseat(connection: Connection, users: Collection[UserId], today: date) -> dict[AssignmentId, UserId]:
    """None of them is primary coordinator by a role whose last day is over; which were, and whose."""
    rows = await connection.fetch(statements(_SQL)["unseat"], list(users), today)
    return {AssignmentId(row["id"]): UserId(row["user_id"]) for row in rows}


async def inactivate(connection: Connection, users: Collection[UserId], today: date) -> list[UserId]:
    """Those of these accounts, now inactive, that have no role left."""
    rows = await connection.fetch(statements(_SQL)["inactivate"], list(users), today)
    return [UserId(row["id"]) for row in rows]
