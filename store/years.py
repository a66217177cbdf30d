"""School years of each program: added and listed; `store.people` reads which count."""

from collections.abc import Mapping
from dataclasses import dataclass

from policy.ids import ProgramCode, SchoolYear
from policy.school_years import YearStatus
from store.connection import Connection
from store.statements import statements

__all__ = ["ProgramYears", "YearStatus", "add_year", "lock_years", "years_of"]


@dataclass(frozen=True, slots=True)
class ProgramYears:
    """The years of one program: at most one is current and at most one upcoming."""

    statuses: Mapping[SchoolYear, YearStatus]

    @property
    def current(self) -> SchoolYear | None:
        return self._of(YearStatus.CURRENT)

    @property
    def upcoming(self) -> SchoolYear | None:
        return self._of(YearStatus.UPCOMING)

    @property
    def last_closed(self) -> SchoolYear | None:
        return max((year for year, one in self.statuses.items() if one is YearStatus.CLOSED), default=None)

    def _of(self, status: YearStatus) -> SchoolYear | None:
        return next((year for year, one in self.statuses.items() if one is status), None)


async def add_year(connection: Connection, program: ProgramCode, year: SchoolYear, status: YearStatus) -> bool:
    """Add a year; False, and nothing changed, where the program has that year or another one of that status.

    Inside the caller's transaction, which tells of the changed access by `raise_epoch` at its end.
    """
    return bool(await connection.fetchval(statements("years")["insert"], program, year, status.value))


async def lock_years(connection: Connection) -> None:
    """Until the transaction ends nobody else opens or closes a year."""
    await connection.execute(statements("years")["lock"])


async def years_of(connection: Connection, program: ProgramCode) -> ProgramYears:
    """Every year that the program has or had."""
    rows = await connection.fetch(statements("years")["of_program"], program)
    return ProgramYears({SchoolYear(row["school_year"]): YearStatus(row["status"]) for row in rows})
