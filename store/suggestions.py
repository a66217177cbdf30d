"""Roles that student information systems suggest, as facts: listed, decided on and forgotten."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.suggestions import SuggestionState
from store.composed import fill
from store.connection import Connection, Row
from store.pages import COUNTED_EXACTLY, PageRequest, count_of, page_of, read_cursor, write_cursor
from store.records import Count, Page
from store.statements import statements

_SQL: Final = "suggestions"
_CURSOR: Final = "suggested roles"
_NIL: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class RoleSuggestion:
    """`email` and names are None once it is decided. `user`: whose account has the address, or who got the role."""

    id: UUID
    program: ProgramCode
    school_year: SchoolYear
    organization: OrganizationId
    role: RoleSlug | None
    source_role: str
    source_row: int
    email: str | None
    email_key: str | None
    first_name: str | None
    last_name: str | None
    phone: str | None
    state: SuggestionState
    sent_by: UserId
    sent_at: datetime
    decided_by: UserId | None
    decided_at: datetime | None
    assignment: AssignmentId | None
    user: UserId | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Suggestions of one program, year and state at these organizations."""

    organizations: frozenset[OrganizationId]
    program: ProgramCode
    school_year: SchoolYear
    state: SuggestionState


class Accepted(NamedTuple):
    suggestion: UUID
    user: UserId
    assignment: AssignmentId


async def page_of_suggestions(connection: Connection, sought: Sought, request: PageRequest) -> Page[RoleSuggestion]:
    """By name; those that are decided have none. Raises PageRefusedError for a cursor that isn't one of this list."""
    key, identifier = read_cursor(_CURSOR, 2, request.after) if request.after else ("", str(_NIL))
    rows = await connection.fetch(
        _with_columns("page"),
        sorted(sought.organizations), sought.program, sought.school_year, sought.state.value,
        key, UUID(identifier), request.first + 1,
    )  # fmt: skip
    return page_of(rows, request, _record, lambda row: write_cursor(_CURSOR, row["name_key"], str(row["id"])))


async def count_suggestions(connection: Connection, sought: Sought) -> Count:
    found = await connection.fetchval(
        statements(_SQL)["count"],
        sorted(sought.organizations), sought.program, sought.school_year, sought.state.value, COUNTED_EXACTLY + 1,
    )  # fmt: skip
    return count_of(found)


async def lock_suggestions(connection: Connection, ids: Collection[UUID]) -> dict[UUID, RoleSuggestion]:
    """Those that exist; nobody else decides on them until the transaction ends."""
    found = [_record(row) for row in await connection.fetch(_with_columns("by_ids"), list(ids))]
    return {one.id: one for one in found}


async def lock_open_at(
    connection: Connection, organization: OrganizationId, program: ProgramCode, school_year: SchoolYear, most: int
) -> list[RoleSuggestion]:
    """The open ones of an organization that have a role, by name, locked."""
    rows = await connection.fetch(_with_columns("open_at"), organization, program, school_year, most)
    return [_record(row) for row in rows]


async def accept(connection: Connection, accepted: Sequence[Accepted], by: UserId, at: datetime) -> None:
    """What is known of the persons is their accounts' from now on."""
    columns = [list(column) for column in zip(*accepted, strict=True)] or [[], [], []]
    await connection.execute(statements(_SQL)["accept"], *columns, by, at)


async def dismiss(connection: Connection, ids: Collection[UUID], by: UserId, at: datetime) -> None:
    """Nothing but a keyed hash stays of the persons."""
    await connection.execute(statements(_SQL)["dismiss"], list(ids), by, at)


async def forget_old_suggestions(connection: Connection, before: date) -> None:
    """Those that no set has contained since that day, decided or not."""
    await connection.execute(statements(_SQL)["forget_old"], before)


def _with_columns(rest: str) -> str:
    return fill(_SQL, rest, columns=fill(_SQL, "columns"))


def _record(row: Row) -> RoleSuggestion:
    return RoleSuggestion(
        id=row["id"], program=row["program"], school_year=row["school_year"], organization=row["organization_id"],
        role=row["role"], source_role=row["source_role"], source_row=row["source_row"], email=row["email"],
        email_key=row["email_key"], first_name=row["first_name"], last_name=row["last_name"], phone=row["phone"],
        state=SuggestionState(row["state"]), sent_by=row["sent_by"], sent_at=row["sent_at"],
        decided_by=row["decided_by"], decided_at=row["decided_at"], assignment=row["assignment_id"],
        user=row["user_id"],
    )  # fmt: skip
