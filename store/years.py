"""Adds school years to programs; `store.people` reads them with what persons hold."""

from enum import StrEnum

from policy.ids import ProgramCode, SchoolYear
from store.connection import Connection
from store.statements import statements


class YearStatus(StrEnum):
    UPCOMING = "upcoming"
    CURRENT = "current"


async def add_year(connection: Connection, program: ProgramCode, year: SchoolYear, status: YearStatus) -> bool:
    """Add a year; False, and nothing changed, where the program has that year or another one of that status.

    Inside the caller's transaction, which tells of the changed access by `raise_epoch` at its end.
    """
    return bool(await connection.fetchval(statements("years")["insert"], program, year, status.value))
