"""What an applied file did to whom, read from its audit events for the mails that tell of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.ids import OrganizationId, ProgramCode, SchoolYear, UserId
from policy.upload_kinds import Outcome
from store.connection import Connection
from store.statements import statements

_SQL = "upload_mails"


@dataclass(frozen=True, slots=True)
class MailsDue:
    """An applied file whose mails are not all queued; `after` and `until`: numbers of audit events."""

    upload: UUID
    program: ProgramCode
    school_year: SchoolYear
    by: UserId | None
    after: int
    until: int
    hold_until: datetime | None


@dataclass(frozen=True, slots=True)
class RowDone:
    """One row's change. `role` is None where nothing was given; `taken`: roles that were taken away."""

    event: int
    user: UserId
    organization: OrganizationId
    outcome: Outcome
    role: str | None
    taken: Sequence[str]


async def lock_mails_due(connection: Connection) -> MailsDue | None:
    """The file that waits longest, for this transaction alone; None: none does."""
    row = await connection.fetchrow(statements(_SQL)["next"])
    if row is None:
        return None
    return MailsDue(
        row["id"], row["program"], row["school_year"], row["uploaded_by"], row["mails_after"], row["mails_until"],
        row["hold_mails_until"],
    )  # fmt: skip


async def rows_done(connection: Connection, due: MailsDue, most: int) -> list[RowDone]:
    """The next changes of the file, at most so many."""
    rows = await connection.fetch(statements(_SQL)["events"], due.upload, due.after, due.until, most)
    return [
        RowDone(
            row["id"], row["subject_id"], row["organization_id"], Outcome(row["outcome"]), row["role"],
            row["taken"] or (),
        )
        for row in rows
    ]  # fmt: skip


async def mails_queued(connection: Connection, due: MailsDue, upto: int) -> None:
    """The mails of events up to this one are queued; behind the last one nothing is due any more."""
    await connection.execute(statements(_SQL)["progress"], due.upload, upto)
