"""The two database roles: the owner, which migrates, and the serving role, which can't change the schema."""

from store.connection import Connection
from store.database import APP_ROLE, OWNER_ROLE, SCHEMA

_CREATE = """
do $$
begin
    create role {role} {options};
exception
    when duplicate_object or unique_violation then null;
end
$$
"""


async def create_roles(connection: Connection, *, login: bool) -> None:
    """Make the roles where they are absent; the connection's login must be allowed to."""
    options = "login" if login else "nologin"
    for role in (OWNER_ROLE, APP_ROLE):
        await connection.execute(_CREATE.format(role=role, options=options))


async def missing_roles(connection: Connection) -> tuple[str, ...]:
    """Which of the two roles the server doesn't have."""
    rows = await connection.fetch("select rolname from pg_roles where rolname = any($1)", [OWNER_ROLE, APP_ROLE])
    found = {row["rolname"] for row in rows}
    return tuple(role for role in (OWNER_ROLE, APP_ROLE) if role not in found)


async def can_become(connection: Connection, login: str, role: str) -> bool:
    """Whether `login` may `set role` to `role`."""
    return await connection.fetchval("select pg_has_role($1::text, $2::text, 'SET')", login, role)


async def allow_to_become(connection: Connection, login: str, role: str) -> None:
    """Let `login` set its role to `role`, without inheriting its rights otherwise."""
    sql = await connection.fetchval(
        "select format('grant %I to %I with set true, inherit false', $1::text, $2::text)", role, login
    )
    await connection.execute(sql)


async def may_create_roles(connection: Connection) -> bool:
    return await connection.fetchval("select rolsuper or rolcreaterole from pg_roles where rolname = current_user")


async def schema_exists(connection: Connection) -> bool:
    return await connection.fetchval("select exists(select 1 from pg_namespace where nspname = $1)", SCHEMA)


async def create_schema(connection: Connection) -> None:
    """The schema, owned by the owner role; the login must be that role's member and have CREATE on the database."""
    await connection.execute(f"create schema if not exists {SCHEMA} authorization {OWNER_ROLE}")
