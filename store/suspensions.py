"""Suspensions: who suspended an account or a role, under which role, with what comment, and who lifted it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from policy.facts import UserStatus
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.connection import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Author:
    """Who suspended, and the assignment under which she acted: whoever lifts it is measured by that."""

    user: UserId | None
    """None: an operator on the host, or a rule (`Suspension.why`)."""
    program: ProgramCode | None = None
    role: RoleSlug | None = None
    primary: bool = False
    school_year: SchoolYear | None = None
    organization: OrganizationId | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """`assignment` None: the account as a whole. `why`: `person`, `credential` (a rule did it) or `operator`."""

    id: UUID
    user: UserId
    assignment: AssignmentId | None
    comment: str | None
    author: Author
    suspended_at: datetime
    why: str = "person"


async def suspend_account(connection: Connection, new: Suspension) -> bool:
    """The account as a whole; False: it is suspended or deleted already. Its sessions are the caller's to end."""
    return bool(await connection.fetchval(statements("suspensions")["suspend_account"], new.id, new.user, *_rest(new)))


async def suspend_assignment(connection: Connection, new: Suspension) -> bool:
    """One assignment; False: it isn't active any more. The caller raises the person's access version afterwards."""
    arguments = new.id, new.assignment, *_rest(new)
    return bool(await connection.fetchval(statements("suspensions")["suspend_assignment"], *arguments))


async def open_suspensions(connection: Connection, users: Collection[UserId]) -> dict[UserId, tuple[Suspension, ...]]:
    """What hasn't been lifted of these persons, oldest first."""
    found: dict[UserId, tuple[Suspension, ...]] = {}
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


def _rest(new: Suspension) -> tuple[object, ...]:
    author = new.author
    return (
        new.comment, author.user, author.program, author.role, author.primary, author.school_year,
        author.organization, new.why, new.suspended_at,
    )  # fmt: skip


def _suspension(row: Row) -> Suspension:
    author = Author(
        row["author_id"],
        row["author_program"],
        row["author_role"],
        row["author_primary"],
        row["author_year"],
        row["author_organization_id"],
    )
    return Suspension(
        row["id"], row["user_id"], row["assignment_id"], row["comment"], author, row["suspended_at"], row["why"]
    )
