"""Who may have been able to see an organization between two moments, and when something of that may have changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from policy.facts import Level
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.who_could import Period
from store.connection import Connection
from store.statements import statements


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody with a role there at some time. `derived`: given by the directory, so that it hangs on others' roles."""

    user: UserId
    derived: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """Something may have changed: at a moment, or with the day after `day`; for one person, or for everybody."""

    at: datetime | None
    day: date | None
    user: UserId | None
    kind: str


@dataclass(frozen=True, slots=True)
class RoleThen:
    """An assignment as it was last, whether it still is or not."""

    id: AssignmentId
    user: UserId
    person_name: str | None
    program: ProgramCode
    role: RoleSlug
    school_year: SchoolYear
    organization: OrganizationId
    level: Level
    lea: OrganizationId | None
    code: str
    organization_name: str


async def places_between(
    connection: Connection, organizations: Collection[OrganizationId], period: Period
) -> list[OrganizationId]:
    """These organizations and those above them, at any moment of the period."""
    rows = await connection.fetch(statements("who_could")["places"], list(organizations), period.since, period.until)
    return [row["id"] for row in rows]


async def candidates(
    connection: Connection, places: Collection[OrganizationId], period: Period, most: int
) -> list[Candidate]:
    """Everybody with a role at one of the places at any moment of the period; at most `most` and one more."""
    text = statements("who_could")["candidates"]
    rows = await connection.fetch(text, list(places), period.since, period.until, most + 1)
    return [Candidate(row["user_id"], row["derived"]) for row in rows]


async def turns(
    connection: Connection,
    people: Collection[UserId],
    places: Collection[OrganizationId],
    period: Period,
    groups: Collection[UUID] = (),
    member: bytes | None = None,
) -> list[Turn]:
    """Every moment of the period at which access of these people, the tree, a group, a year or a pack changed."""
    text = statements("who_could")["moments"]
    rows = await connection.fetch(text, list(people), list(places), period.since, period.until, list(groups), member)
    return [Turn(row["at"], row["day"], row["user_id"], row["kind"]) for row in rows]


async def roles_then(connection: Connection, ids: Sequence[AssignmentId]) -> dict[AssignmentId, RoleThen]:
    rows = await connection.fetch(statements("who_could")["roles"], list(ids))
    return {
        row["id"]: RoleThen(
            row["id"], row["user_id"], row["person_name"], row["program"], row["role"], row["school_year"],
            row["organization_id"], Level(row["level"]), row["lea_id"], row["code"], row["name"],
        )
        for row in rows
    }  # fmt: skip
