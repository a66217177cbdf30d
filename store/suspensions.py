"""Suspensions: who suspended an account or a role, under which role, with what comment, and who lifted it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policy.facts import Assignment, Level, Organization, UserStatus
from policy.ids import AssignmentId, UserId
from store.connection import Connection, Row
from store.statements import statements

BY_REVIEW: Final = "review"
"""Why something is suspended for which nobody answered in an access review."""


@dataclass(frozen=True, slots=True)
class SuspensionRecord:
    """`assignment` None: the account as a whole.

    `author` None: an operator on the host, or a rule (`why` is `operator`, `credential` or BY_REVIEW, else `person`).
    `under`: the author's assignment as it was then, without its id; whoever lifts the suspension is measured by it.
    """

    id: UUID
    user: UserId
    assignment: AssignmentId | None
    comment: str | None
    author: UserId | None
    under: Assignment | None
    suspended_at: datetime
    why: str = "person"


async def suspend_account(connection: Connection, new: SuspensionRecord) -> bool:
    """The account as a whole; False: it is suspended or deleted already. Its sessions are the caller's to end."""
    return bool(await connection.fetchval(statements("suspensions")["suspend_account"], new.id, new.user, *_rest(new)))


async def suspend_assignment(connection: Connection, new: SuspensionRecord) -> bool:
    """One assignment; False: it isn't active any more. The caller raises the person's access version afterwards."""
    arguments = new.id, new.assignment, *_rest(new)
    return bool(await connection.fetchval(statements("suspensions")["suspend_assignment"], *arguments))


async def open_suspensions(
    connection: Connection, users: Collection[UserId]
) -> dict[UserId, tuple[SuspensionRecord, ...]]:
    """What hasn't been lifted of these persons, oldest first."""
    found: dict[UserId, tuple[SuspensionRecord, ...]] = {}
    for row in await connection.fetch(statements("suspensions")["open_of_users"], list(users)):
        found[row["user_id"]] = (*found.get(row["user_id"], ()), _suspension(row))
    return found


async def lift_account(connection: Connection, user: UserId, now: datetime, by: UserId | None) -> UserStatus | None:
    """The status that the account has now: what it was, and `inactive` where no role is left; None: nothing to lift."""
    status = await connection.fetchval(statements("suspensions")["lift_account"], user, now, by)
    return None if status is None else UserStatus(status)


async def lift_assignment(connection: Connection, assignment: AssignmentId, now: datetime, by: UserId | None) -> bool:
    """False: it isn't suspended. Whoever was primary comes back as additional where there is another primary by now."""
    return bool(await connection.fetchval(statements("suspensions")["lift_assignment"], assignment, now, by))


def _rest(new: SuspensionRecord) -> tuple[object, ...]:
    under = new.under
    acted = (
        (under.program, under.role, under.primary, under.school_year, under.organization.id)
        if under is not None
        else (None, None, False, None, None)
    )
    return new.comment, new.author, *acted, new.why, new.suspended_at


def _suspension(row: Row) -> SuspensionRecord:
    return SuspensionRecord(
        row["id"], row["user_id"], row["assignment_id"], row["comment"], row["author_id"], _under(row),
        row["suspended_at"], row["why"],
    )  # fmt: skip


def _under(row: Row) -> Assignment | None:
    if row["author_program"] is None or row["level"] is None:
        return None
    where = Organization(
        row["author_organization_id"], Level(row["level"]), row["code"], row["name"], row["lea_id"], None, row["active"]
    )
    return Assignment(
        AssignmentId(row["id"]), row["author_program"], row["author_role"], where, row["author_year"],
        primary=row["author_primary"],
    )  # fmt: skip
