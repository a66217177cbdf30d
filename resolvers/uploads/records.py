"""Files of people as they are shown: to whoever sent them, and to nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from policy.caller import PersonCaller
from policy.ids import UserId
from resolvers.asking import Asking
from resolvers.refusals import not_found
from store.uploads import Progress, UploadRecord, UploadState, upload_by_id, uploads_of

SHOWN = 50
"""Files in a list: the latest."""


@dataclass(frozen=True, slots=True)
class CountRow:
    outcome: str
    rows: int


@dataclass(frozen=True, slots=True)
class ProblemRow:
    row: int | None
    column: str
    value: str
    code: str
    rule: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A file; `owner` is None for an operator's."""

    owner: UserId | None
    id: UUID
    file_name: str
    format: str
    program: str
    school_year: str
    state: UploadState
    size: int
    digest: str
    row_count: int
    counts: Sequence[CountRow]
    problems: Sequence[ProblemRow]
    notes: Sequence[str]
    version: int
    created_at: datetime
    validated_at: datetime | None
    finished_at: datetime | None
    file: str
    report: str


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How far the work on a file has come; `total` 0: not known."""

    owner: UserId | None
    upload: UUID
    state: UploadState
    phase: str
    done: int
    total: int
    version: int

    @classmethod
    def of(cls, found: Progress) -> "ProgressRow":
        return cls(found.uploader, found.upload, found.state, found.phase, found.done, found.total, found.version)


def row_of_record(record: UploadRecord) -> UploadRow:
    return UploadRow(
        owner=record.sender.user,
        id=record.id,
        file_name=record.file_name,
        format=record.format,
        program=record.program,
        school_year=record.school_year,
        state=record.state,
        size=record.size,
        digest=record.digest.hex(),
        row_count=record.row_count,
        counts=[CountRow(outcome, rows) for outcome, rows in record.counts.items()],
        problems=[_problem(one) for one in record.problems],
        notes=record.notes,
        version=record.version,
        created_at=record.created_at,
        validated_at=record.validated_at,
        finished_at=record.finished_at,
        file=f"/uploads/{record.id}/file",
        report=f"/uploads/{record.id}/report",
    )


async def own_record(asking: Asking, upload: UUID | None) -> UploadRecord:
    """The caller's own file. Raises RefusedError NOT_FOUND for anybody else's and for none."""
    caller = asking.caller
    found = await asking.reads.run(lambda connection: upload_by_id(connection, upload)) if upload else None
    if found is None or not isinstance(caller, PersonCaller) or not found.sender.is_shown_in(caller.user, caller.lea):
        raise not_found("There is no such upload, or it isn't yours.")
    return found


async def one(asking: Asking, upload: UUID | None) -> UploadRow | None:
    """The caller's own; None for anybody else's and for none."""
    caller = asking.caller
    if upload is None or not isinstance(caller, PersonCaller):
        return None
    found = await asking.reads.run(lambda connection: upload_by_id(connection, upload))
    shown = found is not None and found.sender.is_shown_in(caller.user, caller.lea)
    return row_of_record(found) if found is not None and shown else None


async def latest(asking: Asking) -> list[UploadRow]:
    """The caller's own, the latest first."""
    caller = asking.caller
    if not isinstance(caller, PersonCaller):
        return []
    found = await asking.reads.run(lambda connection: uploads_of(connection, caller.user, SHOWN))
    return [row_of_record(record) for record in found if record.sender.is_shown_in(caller.user, caller.lea)]


def _problem(found: Any) -> ProblemRow:
    return ProblemRow(
        found["row"], found["column"], found["value"], found["code"], found["rule"], found["message"], found["remedy"]
    )
