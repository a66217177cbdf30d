"""Rows of a file while it is worked on: staged by COPY, compared with what is stored, read again by kinds."""

from collections.abc import AsyncIterator, Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from policy.facts import Level, Organization, UserStatus
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.upload_kinds import Clash, Held, Kind, RowAction
from store.connection import Connection, Row
from store.statements import statements

_SQL = "upload_rows"
_AT_ONCE = 5_000
_EVERYTHING_SECONDS = 3_600.0
"""For statements over all rows of a file."""


class StagedRow(NamedTuple):
    """A row as the file has it; `email_key` and `name_key` by `store.keys_of`."""

    upload_id: UUID
    row_number: int
    action: str
    email: str
    email_key: str
    first_name: str
    last_name: str
    name_key: str
    phone: str | None
    role: str
    level: str
    code: str
    above: str | None


class FoundRow(NamedTuple):
    """What the report tells of a row. `differs`: fields of the account that the file doesn't change."""

    row_number: int
    email: str
    code: str
    differs: str
    kind: int


async def stage(connection: Connection, rows: Iterable[StagedRow]) -> None:
    await connection.copy_records_to_table("upload_rows", records=rows, columns=StagedRow._fields)


async def forget_rows(connection: Connection, upload: UUID) -> None:
    await connection.execute(statements(_SQL)["forget_rows"], upload)
    await forget_found(connection, upload)


async def forget_found(connection: Connection, upload: UUID) -> None:
    await connection.execute(statements(_SQL)["forget_found"], upload)


async def count_rows(connection: Connection, upload: UUID) -> int:
    """How many are staged: fewer than the file has after a crash of the server."""
    return await connection.fetchval(statements(_SQL)["count_rows"], upload)


async def compare(
    connection: Connection, upload: UUID, program: ProgramCode, school_year: SchoolYear, uploader: UserId | None
) -> None:
    """Find accounts, organizations and roles of all staged rows, in one statement."""
    await connection.execute(statements(_SQL)["enlarge_memory"])
    await connection.execute(
        statements(_SQL)["compare"], upload, program, school_year, uploader, timeout=_EVERYTHING_SECONDS
    )


async def new_addresses(connection: Connection, upload: UUID) -> AsyncIterator[list[str]]:
    """The keys of the addresses that rows would make accounts of, some thousands at a time; inside a transaction."""
    batch: list[str] = []
    async for row in connection.cursor(statements(_SQL)["new_addresses"], upload, prefetch=_AT_ONCE):
        batch.append(row["email_key"])
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


async def mark_released(connection: Connection, upload: UUID, email_keys: Collection[str]) -> None:
    """These addresses were somebody else's and are blocked still."""
    await connection.execute(statements(_SQL)["mark_released"], upload, list(email_keys))


async def kinds_of(connection: Connection, upload: UUID, uploader: UserId | None) -> list[Kind]:
    """The kinds that there are among the rows that were compared."""
    rows = await connection.fetch(statements(_SQL)["kinds"], upload, uploader, timeout=_EVERYTHING_SECONDS)
    if len({row["kind"] for row in rows}) != len(rows):
        raise ArithmeticError("Two kinds of rows have the same hash: none of them can be judged.")
    return [_kind(row) for row in rows]


async def seen_until(connection: Connection) -> int:
    """The access version whose changes the statements after this one see."""
    return await connection.fetchval(statements(_SQL)["as_of"])


async def still_so(connection: Connection, upload: UUID, as_of: int) -> bool:
    """Whether what was compared as of that access version still is so: the same accounts, and no access changed."""
    return await connection.fetchval(statements(_SQL)["still_so"], upload, as_of, timeout=_EVERYTHING_SECONDS)


async def organizations_by_ids(
    connection: Connection, ids: Collection[OrganizationId]
) -> dict[OrganizationId, Organization]:
    rows = await connection.fetch(statements(_SQL)["organizations"], list(ids))
    return {row["id"]: _organization(row) for row in rows}


async def organizations_of(connection: Connection, leas: Collection[OrganizationId] | None) -> list[Organization]:
    """All organizations in these LEAs; None: in the state."""
    rows = await connection.fetch(statements(_SQL)["organizations_of"], None if leas is None else list(leas))
    return [_organization(row) for row in rows]


async def found_rows(connection: Connection, upload: UUID) -> AsyncIterator[list[FoundRow]]:
    """All rows that were compared, in the file's order, some thousands at a time; inside a transaction."""
    batch: list[FoundRow] = []
    async for row in connection.cursor(statements(_SQL)["outcomes"], upload, prefetch=_AT_ONCE):
        batch.append(FoundRow(*row.values()))
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _kind(row: Row) -> Kind:
    return Kind(
        number=row["kind"],
        rows=row["rows"],
        first_row=row["first_row"],
        action=RowAction(row["action"]),
        role=RoleSlug(row["role"]),
        level=Level(row["level"]),
        code=row["code"],
        organization=row["organization_id"],
        status=UserStatus(row["user_status"]) if row["user_status"] else None,
        own=row["own"],
        held=tuple(_held(one) for one in row["held"]),
        others=tuple(_held(one) for one in row["others"]),
        clash=Clash(row["clash"]) if row["clash"] else None,
        print=row["print"],
    )


def _held(text: str) -> Held:
    role, status, *more = text.split(" ")
    return Held(RoleSlug(role), status, primary="1" in more, dropped="dropped" in more)


def _organization(row: Row) -> Organization:
    return Organization(
        row["id"], Level(row["level"]), row["code"], row["name"], row["lea_id"], row["lea_code"], row["active"]
    )
