"""Applies a file that was judged, inside the caller's transaction: a constant number of statements at every size."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policy.ids import UserId
from policy.upload_kinds import Judgement, Outcome
from store.access_version import lock_concerned, raise_epoch, raise_locked
from store.connection import Connection
from store.statements import statements

_SQL: Final = "upload_changes"
_SECONDS: Final = 3_600.0
_MOST_TOLD_ONE_BY_ONE: Final = 1_000
"""Persons; of more it is told that everybody's access may have changed, which costs the same for any number."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What is carried out: the judgement of each kind of rows by its number."""

    upload: UUID
    judged: Mapping[int, Judgement]
    at: datetime

    def kinds(self, *outcomes: Outcome) -> list[int]:
        return [number for number, one in self.judged.items() if one.outcome in outcomes]

    @property
    def changing(self) -> list[tuple[int, Judgement]]:
        return [(number, one) for number, one in self.judged.items() if one.gives or one.takes]


async def lock_what_is_named(connection: Connection, upload: UUID) -> None:
    """Let nobody else change the accounts and organizations that the file names until the transaction ends.

    Persons first, as everybody does who changes a role. Raises DeadlockError (`store.recipients`).
    """
    await connection.execute(statements(_SQL)["alone"], timeout=_SECONDS)
    await connection.execute(statements(_SQL)["lock_users"], upload, timeout=_SECONDS)
    await connection.execute(statements(_SQL)["lock_organizations"], upload, timeout=_SECONDS)


async def apply_rows(connection: Connection, applied: Applied) -> None:
    """Every change, its audit events, and which mails are to follow. Raises ConflictError (`store.recipients`)."""
    changing = applied.changing
    if not changing:
        return
    upload, giving = applied.upload, [(number, one) for number, one in changing if one.gives]
    taking = [(number, position + 1) for number, one in changing for position in one.takes]
    await _run(connection, "remove", upload, [number for number, _ in taking], [position for _, position in taking])
    await _run(connection, "create_users", upload, applied.kinds(Outcome.CREATED), applied.at)
    await _run(
        connection, "give", upload, [number for number, _ in giving], [one.under or "" for _, one in giving], applied.at
    )
    await _run(connection, "reactivate", upload, applied.kinds(Outcome.REACTIVATED))
    await _run(connection, "retire", upload, applied.kinds(Outcome.REMOVED))
    await _run(
        connection, "audit", upload,
        [number for number, _ in changing],
        [one.under or "" for _, one in changing],
        [one.outcome.value for _, one in changing],
        [one.takes[0] + 1 if one.takes else None for _, one in changing],
        [" ".join(one.taken_roles) for _, one in changing],
    )  # fmt: skip


async def lock_told(connection: Connection, applied: Applied) -> frozenset[UserId] | None:
    """Whose access changed, locked; None: so many that everybody's may have. Before the version is held."""
    numbers = [number for number, _ in applied.changing]
    rows = await connection.fetch(
        statements(_SQL)["changed_users"], applied.upload, numbers, _MOST_TOLD_ONE_BY_ONE + 1, timeout=_SECONDS
    )
    if len(rows) > _MOST_TOLD_ONE_BY_ONE:
        return None
    return await lock_concerned(connection, [UserId(row["user_id"]) for row in rows])


async def tell_of_rows(connection: Connection, concerned: frozenset[UserId] | None) -> None:
    """That access changed: the last thing before the commit."""
    if concerned is None:
        await raise_epoch(connection)
    else:
        await raise_locked(connection, concerned)


async def _run(connection: Connection, name: str, upload: UUID, numbers: list[int], *values: object) -> None:
    """One statement about the kinds of these numbers; without any there is nothing to pass through all rows for."""
    if not numbers:
        return
    await connection.execute(statements(_SQL)[name], upload, numbers, *values, timeout=_SECONDS)
