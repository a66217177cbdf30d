"""Files of people as records: who sent which, in which state it is, and what its validation found."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from policy.grant import ActiveRole
from policy.ids import OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.upload_kinds import UploadState
from store.connection import Connection, Row
from store.statements import statements

__all__ = ["UploadState"]

_SQL = "uploads"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a file: a person under her active role (None: all of her roles), or the operator with a reason."""

    user: UserId | None
    active: ActiveRole | None = None
    operator_reason: str | None = None
    lea: OrganizationId | None = None
    """Where her session came through an LEA's own identity provider: the file does nothing outside that LEA."""

    def is_shown_in(self, user: UserId, lea: OrganizationId | None) -> bool:
        """Whether the file is the person's own and, in a session that is limited to an LEA, was sent in one as such."""
        return self.user == user and (lea is None or lea == self.lea)


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A file that is about to come in."""

    id: UUID
    format: str
    program: ProgramCode
    school_year: SchoolYear
    file_name: str
    sender: Sender
    at: datetime
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """A file that has come in. `problems` are the first of the report's, as plain values."""

    id: UUID
    format: str
    program: ProgramCode
    school_year: SchoolYear
    file_name: str
    sender: Sender
    state: UploadState
    size: int
    digest: bytes
    row_count: int
    counts: Mapping[str, int]
    problems: Sequence[Mapping[str, Any]]
    plan: bytes | None
    as_of: int | None
    notes: Sequence[str]
    version: int
    request_id: str | None
    created_at: datetime
    validated_at: datetime | None
    finished_at: datetime | None
    hold_mails_until: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a validation found. `plan` is None where the file is refused; `as_of`: the access version as of which it
    saw everything.
    """

    state: UploadState
    row_count: int
    counts: Mapping[str, int]
    problems: Sequence[Mapping[str, Any]]
    plan: bytes | None
    notes: Sequence[str] = field(default_factory=tuple[str, ...])
    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on a file has come; `total` 0: not known."""

    upload: UUID
    uploader: UserId | None
    state: UploadState
    version: int
    phase: str
    done: int
    total: int


async def insert_upload(connection: Connection, new: NewUpload) -> None:
    active = new.sender.active
    await connection.execute(
        statements(_SQL)["insert"],
        new.id, new.format, new.program, new.school_year, new.file_name, new.sender.user, new.sender.operator_reason,
        active.program if active else None, active.role if active else None, active.school_year if active else None,
        new.request_id, new.at, new.sender.lea,
    )  # fmt: skip


async def upload_received(connection: Connection, upload: UUID, size: int, digest: bytes) -> None:
    """The file is in, whole."""
    await connection.execute(statements(_SQL)["received"], upload, size, digest)


async def abandon_upload(connection: Connection, upload: UUID) -> None:
    """What came in so far is gone; a file that came in whole stays."""
    await connection.execute(statements(_SQL)["abandon"], upload)


async def purge_unfinished(connection: Connection, before: datetime) -> None:
    """Files that never came in whole, begun before that moment."""
    await connection.execute(statements(_SQL)["purge"], before)


async def upload_by_id(connection: Connection, upload: UUID) -> UploadRecord | None:
    row = await connection.fetchrow(statements(_SQL)["by_id"], upload)
    return None if row is None else _record(row)


async def uploads_of(
    connection: Connection, user: UserId, first: int, after: tuple[datetime, UUID] | None = None
) -> list[UploadRecord]:
    """Her files, the latest first."""
    at, id_ = after or (None, None)
    return [_record(row) for row in await connection.fetch(statements(_SQL)["by_uploader"], user, at, id_, first)]


async def lock_upload(connection: Connection, upload: UUID) -> UploadRecord | None:
    """The file, for this transaction alone; None: another one works on it, or there is none."""
    row = await connection.fetchrow(statements(_SQL)["lock"], upload)
    return None if row is None or row["state"] == "receiving" else _record(row)


async def move_upload(
    connection: Connection, upload: UUID, state: UploadState, at: datetime, notes: Sequence[str] = ()
) -> None:
    """Into another state; the caller holds the file and knows that the step is one."""
    await connection.execute(statements(_SQL)["move"], upload, state.value, list(notes), at)


async def hold_mails(connection: Connection, upload: UUID, until: datetime | None) -> None:
    """The mails that applying the file causes are not sent before."""
    await connection.execute(statements(_SQL)["hold_mails"], upload, until)


async def write_found(connection: Connection, upload: UUID, found: Found, at: datetime) -> None:
    """What the validation found."""
    await connection.execute(
        statements(_SQL)["judged"],
        upload, found.state.value, found.row_count, dict(found.counts), list(found.problems), found.plan,
        list(found.notes), at, found.as_of,
    )  # fmt: skip


async def lock_next(connection: Connection) -> tuple[UUID, UploadState] | None:
    """The file that waits longest for work and on which nobody works, for this transaction alone.

    A process that dies lets go of it with its connection; its transaction is rolled back by then.
    """
    row = await connection.fetchrow(statements(_SQL)["next_waiting"])
    return None if row is None else (row["id"], UploadState(row["state"]))


async def begin_attempt(connection: Connection, upload: UUID) -> int:
    """How often the work on this file was begun without an end, this time counted; outside the work's transaction."""
    return await connection.fetchval(statements(_SQL)["begin_attempt"], upload)


async def write_progress(connection: Connection, upload: UUID, phase: str, done: int, total: int) -> None:
    """Outside the work's transaction, which shows nothing before it ends."""
    await connection.execute(statements(_SQL)["write_progress"], upload, phase, done, total)


async def end_progress(connection: Connection, upload: UUID) -> None:
    await connection.execute(statements(_SQL)["end_progress"], upload)


async def read_progress(connection: Connection, uploads: Collection[UUID]) -> dict[UUID, Progress]:
    """Of those that exist, in one statement."""
    rows = await connection.fetch(statements(_SQL)["progress"], list(uploads))
    return {
        row["id"]: Progress(
            row["id"], row["uploaded_by"], UploadState(row["state"]), row["version"], row["phase"], row["done"],
            row["total"],
        )
        for row in rows
    }  # fmt: skip


def _record(row: Row) -> UploadRecord:
    return UploadRecord(
        id=row["id"],
        format=row["format"],
        program=row["program"],
        school_year=row["school_year"],
        file_name=row["file_name"],
        sender=Sender(row["uploaded_by"], _active(row), row["operator_reason"], row["lea_id"]),
        state=UploadState(row["state"]),
        size=row["size"],
        digest=row["digest"] or b"",
        row_count=row["row_count"],
        counts=row["counts"],
        problems=row["problems"],
        plan=row["plan"],
        as_of=row["as_of"],
        notes=row["notes"],
        version=row["version"],
        request_id=row["request_id"],
        created_at=row["created_at"],
        validated_at=row["validated_at"],
        finished_at=row["finished_at"],
        hold_mails_until=row["hold_mails_until"],
    )


def _active(row: Row) -> ActiveRole | None:
    if row["acting_program"] is None:
        return None
    year = SchoolYear(row["acting_year"]) if row["acting_year"] else None
    return ActiveRole(ProgramCode(row["acting_program"]), RoleSlug(row["acting_role"]), year)
