"""The small state that the GraphQL tests ask about: two LEAs, their schools and people, and what each caller is."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2

from gateway.graphql.media import GRAPHQL_JSON
from policy.facts import Level
from policy.grant import ActiveRole
from policy.ids import AssignmentId, GroupId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.access_version import raise_epoch, raise_versions
from store.assignments import NewAssignment, insert_assignment
from store.database import Connection
from store.groups import NewStudentGroup, assign_group, create_group
from store.sessions import NewSession, insert_session
from store.users import NewUser, create_user
from store.years import YearStatus, add_year
from tests.oidc.world import (
    CAASPP,
    ELPAC,
    HILL,
    LEA,
    NOW,
    OTHER_LEA,
    PARK,
    YEAR,
    ident,
    organization,
)

NEXT_YEAR = SchoolYear("2027-28")
BEACH = OrganizationId(ident("beach"))
"""A school of the other LEA."""
ROSTER = GroupId(ident("roster"))
OTHER_ROSTER = GroupId(ident("other roster"))
FORMS = ("security-affidavit", "security-agreement")

ROLES: tuple[tuple[str, str, OrganizationId, ProgramCode], ...] = (
    ("superintendent", "superintendent", LEA, CAASPP),
    ("primary", "lea-coordinator", LEA, CAASPP),
    ("additional", "lea-coordinator", LEA, CAASPP),
    ("elpac-lead", "lea-coordinator", LEA, ELPAC),
    ("site", "site-coordinator", PARK, CAASPP),
    ("hill-site", "site-coordinator", HILL, CAASPP),
    ("teacher", "test-administrator", PARK, CAASPP),
    ("colleague", "test-administrator", PARK, CAASPP),
    ("shared", "test-administrator", PARK, CAASPP),
    ("shared", "test-examiner", HILL, ELPAC),
    ("educator", "educator-district", LEA, CAASPP),
    ("far-lead", "lea-coordinator", OTHER_LEA, CAASPP),
    ("far-teacher", "test-administrator", BEACH, CAASPP),
)
"""Person, role, where, program. `primary` is the primary coordinator."""


def user_id(name: str) -> UserId:
    return UserId(ident(f"person {name}"))


def assignment_id(name: str, role: str, where: OrganizationId, program: ProgramCode = CAASPP) -> AssignmentId:
    return AssignmentId(ident(f"assignment {name} {role} {where} {program}"))


async def populate(connection: Connection) -> None:
    """Everybody of ROLES, active, with signed forms; `teacher` has one roster; `unsigned` has signed nothing."""
    await organization(connection, BEACH, Level.SCHOOL, OTHER_LEA, OTHER_LEA, "01611196000000", "Beach Elementary")
    async with connection.transaction():
        for program in (CAASPP, ELPAC):
            await add_year(connection, program, NEXT_YEAR, YearStatus.UPCOMING)
        await raise_epoch(connection)
    for name in dict.fromkeys(name for name, *_ in ROLES):
        await person(connection, name)
    for name, role, where, program in ROLES:
        await give(connection, name, role, where, program)
    await person(connection, "unsigned", forms=False)
    await give(connection, "unsigned", "test-administrator", PARK, CAASPP)
    for group, where, label in ((ROSTER, PARK, "Room 4"), (OTHER_ROSTER, BEACH, "Room 9")):
        await create_group(connection, NewStudentGroup(group, where, YEAR, label, "Mathematics", 24))
    async with connection.transaction():
        await assign_group(connection, ROSTER, user_id("teacher"), None, NOW)
        await raise_versions(connection, [user_id("teacher")])


async def person(connection: Connection, name: str, *, forms: bool = True) -> UserId:
    user = user_id(name)
    await create_user(connection, NewUser(user, f"{name}@valley.example", name.title(), "Example", "916-555-0100"))
    await connection.execute("update users set status = 'active' where id = $1", user)
    if forms:
        await connection.executemany(
            "insert into signed_forms (user_id, program, form, school_year, form_version, signed_name, signed_at) "
            "values ($1, $2, $3, $4, '1', 'me', $5)",
            [(user, program, form, YEAR, NOW) for program in (CAASPP, ELPAC) for form in FORMS],
        )
    return user


async def give(
    connection: Connection,
    name: str,
    role: str,
    where: OrganizationId,
    program: ProgramCode = CAASPP,
    school_year: SchoolYear = YEAR,
) -> AssignmentId:
    identifier = assignment_id(name, role, where, program)
    new = NewAssignment(
        identifier, user_id(name), program, RoleSlug(role), school_year, where,
        assigned_at=NOW, origin="operator", primary=name == "primary",
    )  # fmt: skip
    async with connection.transaction():
        await insert_assignment(connection, new)
        await raise_versions(connection, (user_id(name),))
    return identifier


async def session(connection: Connection, name: str, active: ActiveRole | None = None) -> str:
    """The cookie of a new session."""
    token = f"session-of-{name}-{uuid.uuid4()}"
    await insert_session(
        connection,
        NewSession(
            uuid.uuid4(), hashlib.sha256(token.encode()).digest(), user_id(name), NOW, "urn:hallpass:aal1", ("pwd",),
            active, NOW + timedelta(hours=12), None,
        ),
    )  # fmt: skip
    return token


@dataclass(slots=True)
class Caller:
    """Somebody who asks: a session's cookie or a bearer token, or neither."""

    http: httpx2.AsyncClient
    headers: dict[str, str]

    async def post(self, document: str, **variables: Any) -> httpx2.Response:
        body = {"query": document, "variables": variables}
        return await self.http.post("/graphql", json=body, headers={"Accept": GRAPHQL_JSON, **self.headers})

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Data and errors of an operation that ran."""
        response = await self.post(document, **variables)
        assert response.status_code == 200, response.text
        answer = response.json()
        del answer["extensions"]  # what it cost, which has tests of its own
        return answer

    async def data(self, document: str, **variables: Any) -> Any:
        """The data of an operation without errors."""
        answer = await self.ask(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


def codes(answer: dict[str, Any]) -> list[tuple[str, list[str | int]]]:
    """Code and path of each error."""
    return [(error["extensions"]["code"], error.get("path", [])) for error in answer.get("errors", [])]
