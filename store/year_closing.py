"""Closing a school year: the switch, which is one transaction, and the bookkeeping after it, in batches that resume."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from policy.ids import ProgramCode, RoleSlug, SchoolYear, UserId
from policy.school_years import ClosingPhase
from store.access_version import raise_epoch
from store.connection import Connection, Row
from store.database import Pool
from store.recipients import DeadlockError
from store.statements import statements

BATCH = 20_000
"""Assignments of one transaction: half a second of one connection, and no sign-in waits for it."""
ACCOUNTS_AT_ONCE = 2_000
"""Accounts that one transaction looks at; it locks those alone that have no role any more: who of them signs in at that
moment waits for some hundredths of a second.
"""
_SQL = "years"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What closing would do, counted without doing anything; numbers of assignments, people or accounts.

    `stays`: assignments of the next year, of other programs' current years, and of packs without years.
    """

    assignments: int
    suspended: int
    """Of them, those that are suspended: they expire as well, and aren't brought back as others are."""
    people: int
    without_next: int
    """People who have no assignment in the next year."""
    inactive: int
    """Accounts that would have no current or upcoming assignment in any program."""
    carried: int
    """Roles that the directory gives, which go on in the next year by themselves."""
    ahead: int
    other_programs: int
    timeless: int


@dataclass(frozen=True, slots=True)
class Switch:
    """Which year gives way to which; `derived`: the roles that the directory gives."""

    program: ProgramCode
    school_year: SchoolYear
    next_year: SchoolYear
    derived: tuple[RoleSlug, ...]


@dataclass(frozen=True, slots=True)
class ClosedBy:
    """Who closes, when: `today` is the date in the state's time zone."""

    now: datetime
    today: date
    actor: UserId | None = None
    acting_under: str | None = None
    operator_reason: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """How far a closing has come."""

    program: ProgramCode
    school_year: SchoolYear
    next_year: SchoolYear
    phase: ClosingPhase
    began_at: datetime
    finished_at: datetime | None
    assignments: int
    """How many were to expire when it began."""
    expired: int
    inactivated: int
    carried: int

    @property
    def is_done(self) -> bool:
        return self.phase is ClosingPhase.DONE


Progress = Callable[[Closing], None]


async def rehearse(connection: Connection, switch: Switch) -> Rehearsal:
    """Counts, in one statement, so all of the same moment."""
    row = await connection.fetchrow(
        statements(_SQL)["rehearse"], switch.program, switch.school_year, switch.next_year, list(switch.derived)
    )
    assert row is not None  # noqa: S101 - an aggregate always answers
    return Rehearsal(**dict(row))


async def count_expiring(connection: Connection, switch: Switch) -> int:
    """How many assignments of the year would expire: by index, quick enough to wait for."""
    return await connection.fetchval(statements(_SQL)["expiring"], switch.program, switch.school_year)


async def switch_years(connection: Connection, switch: Switch, expiring: int, by: ClosedBy) -> Closing:
    """The one step that decides access: the old year is closed, the next one current. The caller's transaction raises
    the epoch at its end. Raises LookupError where the years aren't current and upcoming any more.
    """
    program, year, ahead = switch.program, switch.school_year, switch.next_year
    closed = await connection.fetchval(statements(_SQL)["close"], program, year)
    if not closed or not await connection.fetchval(statements(_SQL)["make_current"], program, ahead):
        raise LookupError(f"{program} {year} and {ahead} aren't the current and the upcoming year any more.")
    done = await connection.execute(
        statements(_SQL)["carry"], program, year, ahead, list(switch.derived), by.now
    )  # fmt: skip
    carried = int(done.rpartition(" ")[2])
    await connection.execute(
        statements(_SQL)["begin"],
        program, year, ahead, by.now, by.today, by.actor, by.acting_under, by.operator_reason, by.request_id,
        expiring, carried,
    )  # fmt: skip
    made = await closing_of(connection, program, year)
    assert made is not None  # noqa: S101 - it was made by this transaction
    return made


async def closing_of(connection: Connection, program: ProgramCode, year: SchoolYear) -> Closing | None:
    """The closing of that year, whether it goes on or is done."""
    row = await connection.fetchrow(statements(_SQL)["closing"], program, year)
    return None if row is None else _closing(row)


async def unfinished(connection: Connection) -> tuple[tuple[ProgramCode, SchoolYear], ...]:
    """Closings whose bookkeeping isn't done, oldest first."""
    rows = await connection.fetch(statements(_SQL)["unfinished"])
    return tuple((ProgramCode(row["program"]), SchoolYear(row["school_year"])) for row in rows)


async def finish_closing(
    pool: Pool,
    program: ProgramCode,
    year: SchoolYear,
    now: Callable[[], datetime],
    progress: Progress = lambda _: None,
    batch: int = BATCH,
) -> Closing:
    """Take up the bookkeeping where it stands and bring it to its end; killed at any point, the next call goes on.

    Several at once take turns at the batches. Raises LookupError where no such closing was begun.
    """
    while True:
        try:
            async with pool.acquire() as connection, connection.transaction():
                closing = await one_batch(connection, program, year, now(), batch)
        except DeadlockError:  # a file or a change of the same roles, in another order
            continue
        progress(closing)
        if closing.is_done:
            return closing


async def one_batch(
    connection: Connection, program: ProgramCode, year: SchoolYear, now: datetime, batch: int = BATCH
) -> Closing:
    """The next batch, in the caller's transaction. Raises LookupError where no such closing was begun."""
    row = await connection.fetchrow(statements(_SQL)["lock_closing"], program, year)
    if row is None:
        raise LookupError(f"Nobody has begun to close {program} {year}.")
    match ClosingPhase(row["phase"]):
        case ClosingPhase.ASSIGNMENTS:
            await _expire(connection, row, now, batch)
        case ClosingPhase.LEFTOVERS:
            left = await connection.fetchval(statements(_SQL)["expire_leftovers"], program, year)
            await _move_on(connection, row, now, ClosingPhase.ACCOUNTS, expired=left)
        case ClosingPhase.ACCOUNTS:
            await _inactivate(connection, row, now)
        case ClosingPhase.DONE:
            return _closing(row)
    found = await closing_of(connection, program, year)
    assert found is not None  # noqa: S101 - its row is locked
    return found


_NIL = UUID(int=0)
_START = ("", "", _NIL)
Position = tuple[str, str, UUID]


async def _expire(connection: Connection, row: Row, now: datetime, batch: int) -> None:
    edge = await connection.fetchrow(
        statements(_SQL)["expire"],
        row["program"], row["school_year"], row["at_role"], row["at_name"], row["at_user"], batch,
    )  # fmt: skip
    if edge is None:
        await _move_on(connection, row, now, ClosingPhase.LEFTOVERS)
        return
    position = edge["role"], edge["name_key"], edge["user_id"]
    await _move_on(connection, row, now, ClosingPhase.ASSIGNMENTS, position, expired=edge["expired"])


async def _inactivate(connection: Connection, row: Row, now: datetime) -> None:
    """Locked first and judged after that: who is given a role at this moment stays active."""
    program, year, start = row["program"], row["school_year"], row["at_user"]
    part = await connection.fetchrow(statements(_SQL)["next_people"], start, ACCOUNTS_AT_ONCE)
    if part is None or not part["found"]:
        left = await connection.fetchval(statements(_SQL)["expire_leftovers"], program, year)
        await _move_on(connection, row, now, ClosingPhase.DONE, expired=left)
        await raise_epoch(connection)
        return
    idle = await connection.fetch(statements(_SQL)["idle_people"], start, part["last"], program, year)
    changed = await connection.fetchval(statements(_SQL)["inactivate"], [one["id"] for one in idle]) if idle else 0
    await _move_on(connection, row, now, ClosingPhase.ACCOUNTS, ("", "", part["last"]), inactivated=changed)


async def _move_on(
    connection: Connection,
    row: Row,
    now: datetime,
    phase: ClosingPhase,
    position: Position = _START,
    *,
    expired: int = 0,
    inactivated: int = 0,
) -> None:
    await connection.execute(
        statements(_SQL)["move_on"],
        row["program"], row["school_year"], phase.value, *position, expired, inactivated, now,
    )  # fmt: skip


def _closing(row: Row) -> Closing:
    return Closing(
        program=row["program"], school_year=row["school_year"], next_year=row["next_year"],
        phase=ClosingPhase(row["phase"]),
        began_at=row["began_at"], finished_at=row["finished_at"], assignments=row["assignments"],
        expired=row["expired"], inactivated=row["inactivated"], carried=row["carried"],
    )  # fmt: skip
