"""Persons as the core judges them: all facts of one or many persons in one statement, with the version they are of."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from policy.facts import (
    Assignment,
    AssignmentStatus,
    Credential,
    Filled,
    Level,
    Organization,
    Person,
    RosterPlace,
    SignedForm,
    UserStatus,
    Years,
)
from policy.ids import OrganizationId, ProgramCode, SchoolYear, UserId
from store.connection import Connection, Row
from store.statements import statements


@dataclass(frozen=True, slots=True)
class LoadedPerson:
    """`version`: of the last change that concerns the person; facts loaded at the same one are the same.

    `organizations`: where she holds or held any role, past years included.
    """

    person: Person
    version: int
    organizations: frozenset[OrganizationId] = frozenset()


async def load_person(connection: Connection, user: UserId) -> LoadedPerson | None:
    """The facts of one person: assignments of current and upcoming years; None: there is no such account."""
    return (await load_people(connection, (user,))).get(user)


async def load_people(connection: Connection, users: Collection[UserId]) -> dict[UserId, LoadedPerson]:
    """The facts of those persons that exist, in one statement."""
    rows = await connection.fetch(statements("people")["load"], list(users))
    return {
        row["id"]: LoadedPerson(_person(row), row["version"], frozenset(row["organizations"] or ())) for row in rows
    }


async def load_years(connection: Connection) -> Years:
    """The current and upcoming year of each program."""
    years = Years({}, {})
    for row in await connection.fetch(statements("people")["years"]):
        of_status = years.current if row["status"] == "current" else years.upcoming
        of_status[ProgramCode(row["program"])] = SchoolYear(row["school_year"])
    return years


def _person(row: Row) -> Person:
    return Person(
        id=row["id"],
        status=UserStatus(row["status"]),
        assignments=tuple(_assignment(one) for one in row["assignments"] or ()),
        forms=frozenset(SignedForm(*one) for one in row["forms"] or ()),
        credentials=tuple(Credential(*one) for one in row["credentials"] or ()),
        rosters=tuple(RosterPlace(*one) for one in row["rosters"] or ()),
        filled=tuple(Filled(*one) for one in row["filled"] or ()),
    )


def _assignment(found: tuple[Any, ...]) -> Assignment:
    identifier, program, role, school_year, status, primary, last_day, *organization = found
    return Assignment(
        identifier, program, role, _organization(tuple(organization)), school_year,
        AssignmentStatus(status), primary, last_day,
    )  # fmt: skip


def _organization(found: tuple[Any, ...]) -> Organization:
    identifier, level, code, name, lea, lea_code, active = found
    return Organization(identifier, Level(level), code, name, lea, lea_code, active)
