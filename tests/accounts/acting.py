"""The account mutations as tests send them, and what they leave behind."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from policy.ids import ProgramCode, RoleSlug, SchoolYear
from store.access_version import raise_versions
from store.account_links import insert_link
from store.assignments import NewAssignment, insert_assignment
from store.database import Connection
from tests.graphql.world import Caller, assignment_id, person, user_id
from tests.oidc.world import NOW, STATE

_ERRORS = "userErrors { path code rule message remedy }"
DOCUMENTS = {
    name: f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {fields} {_ERRORS} }} }}"
    for name, kind, fields in (
        ("updateUser", "UpdateUserInput", "user { id firstName lastName phone version }"),
        ("requestEmailChange", "RequestEmailChangeInput", "user { id email }"),
        ("deactivateUser", "DeactivateUserInput", "user { id status } wholeAccount suspended"),
        ("reactivateUser", "UserInput", "user { id status } stillSuspended"),
        ("deleteUser", "DeleteUserInput", "deleted"),
        ("resetPassword", "UserInput", "user { id status }"),
        ("resendInvitation", "UserInput", "user { id status }"),
        ("updateAssignment", "UpdateAssignmentInput", "assignment { id lastDay version }"),
        ("designatePrimaryCoordinator", "DesignatePrimaryCoordinatorInput", "assignment { id primary }"),
    )
}


async def act(asking: Caller, mutation: str, **asked: Any) -> dict[str, Any]:
    """The payload of a mutation without GraphQL errors."""
    return (await asking.data(DOCUMENTS[mutation], input=asked))[mutation]


async def refused(asking: Caller, mutation: str, **asked: Any) -> list[str]:
    """The codes of its user errors."""
    return [one["code"] for one in (await act(asking, mutation, **asked))["userErrors"]]


async def version_of(connection: Connection, name: str) -> int:
    return await connection.fetchval("select version from users where id = $1", user_id(name))


async def status_of(connection: Connection, name: str) -> str:
    return await connection.fetchval("select status from users where id = $1", user_id(name))


async def mails(connection: Connection, name: str) -> list[str]:
    """The templates of the mails that are queued for the person."""
    rows = await connection.fetch("select notices from messages where user_id = $1 order by created_at", user_id(name))
    return [notice["template"] for row in rows for notice in row["notices"]]


async def link(
    connection: Connection, name: str, purpose: str, *, life: timedelta = timedelta(minutes=15), change: Any = None
) -> str:
    """A link as the worker makes it when it sends the mail."""
    token = secrets.token_urlsafe(32)
    await insert_link(
        connection, hashlib.sha256(token.encode()).digest(), user_id(name), purpose=purpose, now=NOW,
        expires_at=NOW + life, email_change=change,
    )  # fmt: skip
    return token


async def help_desk(connection: Connection, name: str = "helper") -> str:
    """Somebody of the state's help desk."""
    await person(connection, name)
    identifier = assignment_id(name, "help-desk", STATE, ProgramCode("state"))
    new = NewAssignment(
        identifier, user_id(name), ProgramCode("state"), RoleSlug("help-desk"), SchoolYear(""), STATE,
        assigned_at=NOW, origin="operator",
    )  # fmt: skip
    async with connection.transaction():
        await insert_assignment(connection, new)
        await raise_versions(connection, (user_id(name),))
    return name
