"""The three mutations as tests send them, and what they may leave behind in the database."""

import uuid
from typing import Any

from store.database import Connection
from tests.graphql.world import (
    CAASPP,
    PARK,
    YEAR,
    Caller,
    user_id,
)

CREATE = """mutation ($input: CreateUserInput!) { createUser(input: $input) {
    user { id firstName lastName email phone status assignments { nodes { role { code } primary assignedUnder } } }
    unapplied userErrors { path code rule message remedy } } }"""
ASSIGN = """mutation ($input: AssignRoleInput!) { assignRole(input: $input) {
    assignment { id primary status schoolYear assignedUnder lastDay user { id } assignedBy { firstName } }
    userErrors { path code rule message remedy } } }"""
REMOVE = """mutation ($input: RemoveRolesInput!) { removeRoles(input: $input) {
    removed users { id status } userErrors { path code rule message remedy } } }"""


def role(
    slug: str = "test-administrator", where: Any = PARK, program: str = CAASPP, year: str = YEAR
) -> dict[str, Any]:
    return {"program": program, "role": slug, "organization": str(where), "schoolYear": year}


def new_person(**changes: Any) -> dict[str, Any]:
    asked = {
        "email": "new.person@valley.example", "firstName": "New", "lastName": "Person", "phone": "916-555-0199",
        "roles": [role()], "idempotencyKey": str(uuid.uuid4()),
    }  # fmt: skip
    return asked | changes


def assigned(name: str, **changes: Any) -> dict[str, Any]:
    return {"user": str(user_id(name)), **role(), "idempotencyKey": str(uuid.uuid4())} | changes


async def create(asking: Caller, **changes: Any) -> dict[str, Any]:
    return (await asking.data(CREATE, input=new_person(**changes)))["createUser"]


async def assign(asking: Caller, name: str, **changes: Any) -> dict[str, Any]:
    return (await asking.data(ASSIGN, input=assigned(name, **changes)))["assignRole"]


async def remove(asking: Caller, *assignments: uuid.UUID, reason: str | None = None) -> dict[str, Any]:
    asked = {"assignments": [str(one) for one in assignments], "reason": reason}
    return (await asking.data(REMOVE, input=asked))["removeRoles"]


def errors(payload: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    """Code, rule and path of each user error; each has a sentence and a remedy."""
    assert all(one["message"] and one["remedy"] for one in payload["userErrors"])
    return [(one["code"], one["rule"], ".".join(one["path"])) for one in payload["userErrors"]]


async def snapshot(connection: Connection) -> tuple[Any, ...]:
    """Everything that a mutation may change, but for the audit."""
    rows = await connection.fetchrow(
        """select (select count(*) from users), (select count(*) from role_assignments),
                  (select array_agg(row(id, status, access_version)::text order by id) from users),
                  (select count(*) from pgqueuer), (select version from access_state)"""
    )
    assert rows is not None
    return tuple(rows.values())


async def events(connection: Connection, outcome: str = "allowed") -> list[dict[str, Any]]:
    rows = await connection.fetch("select * from audit_events where outcome = $1 order by id", outcome)
    return [dict(row.items()) for row in rows]
