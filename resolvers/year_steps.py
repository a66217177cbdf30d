"""Opening, rehearsing and closing a school year inside a transaction: judged, carried out, recorded, told to everybody.

The mutations and the command line share these steps; they differ in who asks and how she has proved herself.
"""

from collections.abc import Awaitable, Callable

from policy.delegation import Refusal
from policy.ids import ProgramCode, SchoolYear
from policy.packs import Packs
from policy.school_years import KnownYears, YearStatus, carried_roles, confirmation_of, may_close, may_open
from store.access_version import raise_epoch
from store.audit import AuditEvent, record
from store.database import Connection
from store.year_closing import ClosedBy, Closing, Rehearsal, Switch, closing_of, count_expiring, rehearse, switch_years
from store.years import add_year, lock_years, years_of

OPEN = "openSchoolYear"
REHEARSE = "rehearseYearClose"
CLOSE = "closeSchoolYear"
YEAR = "school_year"
"""The target's type in the audit trail; its id is "program year"."""

Guard = Callable[[Connection], Awaitable[None]]
"""Looks once more whether whoever asks still may, when all others who change access wait."""


class YearRefusedError(Exception):
    """Ends the transaction: a rule refuses."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


async def open_year(
    connection: Connection, packs: Packs, program: ProgramCode, year: SchoolYear, by: ClosedBy, guard: Guard
) -> YearStatus:
    """Open the year as the upcoming one, a program's first as the current one; one that is open stays as it is.

    Raises YearRefusedError.
    """
    await lock_years(connection)
    found = await years_of(connection, program)
    status = found.statuses.get(year)
    if status is not None and status is not YearStatus.CLOSED:
        return status
    known = KnownYears(found.current, found.upcoming, found.last_closed)
    refusal = may_open(program, year, known, packs)
    if refusal is not None:
        raise YearRefusedError(refusal)
    await guard(connection)
    status = YearStatus.UPCOMING if found.current else YearStatus.CURRENT
    await add_year(connection, program, year, status)
    await _record(connection, OPEN, program, year, by, {"status": status.value})
    await raise_epoch(connection)
    return status


async def rehearse_close(
    connection: Connection, packs: Packs, program: ProgramCode, year: SchoolYear
) -> tuple[Switch, Rehearsal]:
    """What closing the year would do. Raises YearRefusedError where it can't be closed."""
    switch = await _planned(connection, packs, program, year)
    return switch, await rehearse(connection, switch)


async def _planned(connection: Connection, packs: Packs, program: ProgramCode, year: SchoolYear) -> Switch:
    """Raises YearRefusedError where the year can't be closed."""
    found = await years_of(connection, program)
    refusal = may_close(program, year, KnownYears(found.current, found.upcoming, found.last_closed))
    if refusal is not None or found.upcoming is None:
        raise YearRefusedError(refusal or _unknown())
    kept = set(carried_roles(program, found.upcoming, packs))
    derived = tuple(role for role in carried_roles(program, year, packs) if role in kept)
    return Switch(program, year, found.upcoming, derived)


async def close_year(
    connection: Connection, packs: Packs, program: ProgramCode, year: SchoolYear, confirm: str,
    by: ClosedBy, guard: Guard,
) -> Closing:  # fmt: skip
    """Let the upcoming year take the place of the current one; `finish_closing` does the bookkeeping.

    A closing that has begun, or is done, is answered as it stands. Raises YearRefusedError.
    """
    await lock_years(connection)
    begun = await closing_of(connection, program, year)
    if begun is not None:
        return begun
    wanted = confirmation_of(program, year)
    switch = await _planned(connection, packs, program, year)
    if " ".join(confirm.split()) != wanted:
        raise YearRefusedError(
            Refusal(
                "confirm", "NOT_CONFIRMED", "", "Closing a year can't be undone, and this isn't its confirmation.",
                f"Type exactly: {wanted}",
            )
        )  # fmt: skip
    expiring = await count_expiring(connection, switch)
    await guard(connection)
    closing = await switch_years(connection, switch, expiring, by)
    after: dict[str, object] = {"next_year": switch.next_year, "assignments": expiring, "carried": closing.carried}
    await _record(connection, CLOSE, program, year, by, after)
    await raise_epoch(connection)
    return closing


async def _record(
    connection: Connection, action: str, program: ProgramCode, year: SchoolYear, by: ClosedBy, after: dict[str, object]
) -> None:
    event = AuditEvent(
        action, YEAR, f"{program} {year}", actor=by.actor, acting_under=by.acting_under,
        operator_reason=by.operator_reason, after=after, request_id=by.request_id,
    )  # fmt: skip
    await record(connection, event)


def _unknown() -> Refusal:
    return Refusal("schoolYear", "NOT_CURRENT", "", "The year can't be closed.", "Name the current year.")
