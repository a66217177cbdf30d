"""What must exist before the first revision: the two roles, the login's membership in them, and the schema."""

import asyncpg

from migrations.errors import MigrationError
from store import roles
from store.connection import Connection
from store.database import APP_ROLE, OWNER_ROLE, SCHEMA


async def prepare(connection: Connection, serving_login: str | None) -> None:
    """Make roles, memberships and schema where they are absent and the login may.

    `serving_login` is the login that will act as the serving role; None: see to no such membership. Raises
    MigrationError with the statements that an administrator must run.
    """
    login: str = await connection.fetchval("select session_user::text")
    await _make_roles(connection, login)
    await _make_member(connection, login, OWNER_ROLE)
    if serving_login is not None:
        await _make_member(connection, serving_login, APP_ROLE)
    await _make_schema(connection, login)


async def _make_roles(connection: Connection, login: str) -> None:
    missing = await roles.missing_roles(connection)
    if not missing:
        return
    if not await roles.may_create_roles(connection):
        wanted = "; ".join(f"create role {role}" for role in missing)
        raise MigrationError(
            f"The login {login} may not create roles and {' and '.join(missing)} do not exist: have an administrator "
            f'run `{wanted}; grant {OWNER_ROLE}, {APP_ROLE} to "{login}"`, then migrate again.'
        )
    await roles.create_roles(connection, login=False)


async def _make_member(connection: Connection, login: str, role: str) -> None:
    try:
        if not await roles.can_become(connection, login, role):
            await roles.allow_to_become(connection, login, role)
    except asyncpg.UndefinedObjectError as error:
        raise MigrationError(
            f"The login {login} does not exist in this database server: correct the address."
        ) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise MigrationError(
            f"The login {login} can't act as {role} and may not be made to by this one: have an administrator run "
            f'`grant {role} to "{login}"`, or set HALLPASS_OWNER_DATABASE_URL to a login that may.'
        ) from error


async def _make_schema(connection: Connection, login: str) -> None:
    if await roles.schema_exists(connection):
        return
    try:
        await roles.create_schema(connection)
    except asyncpg.InsufficientPrivilegeError as error:
        raise MigrationError(
            f"The login {login} may not make the schema {SCHEMA}: have an administrator run "
            f"`create schema {SCHEMA} authorization {OWNER_ROLE}` in this database, then migrate again."
        ) from error
