"""Somebody of the state's help desk, signed in: who looks for people in the whole state."""

from uuid import uuid4

from bench.coordinator import session_of
from bench.errors import BenchError
from policy.grant import ActiveRole
from policy.ids import ProgramCode, RoleSlug, SchoolYear, UserId
from store.access_version import raise_versions
from store.database import Connection, open_connection
from store.users import NewUser, create_user

_ROLE = ActiveRole(ProgramCode("state"), RoleSlug("help-desk"), SchoolYear(""))
_EMAIL = "bench-help-desk@state.example"
_HELD = """
insert into role_assignments (id, user_id, program, role, school_year, organization_id, name_key, status, origin)
select gen_random_uuid(), u.id, 'state', 'help-desk', '', o.id, u.name_key, 'active', 'operator'
from users u, organizations o where u.id = $1 and o.level = 'state'
"""


async def signed_in_help_desk(url: str) -> str:
    """The value of the Cookie header; the person is made where the state has none of the bench's yet."""
    connection = await open_connection(url)
    try:
        user = await connection.fetchval("select id from users where email_key = $1", _EMAIL)
        return await session_of(connection, user or await _made(connection), _ROLE)
    finally:
        await connection.close()


async def _made(connection: Connection) -> UserId:
    user = UserId(uuid4())
    async with connection.transaction():
        await create_user(connection, NewUser(user, _EMAIL, "Bench", "Help Desk"))
        await connection.execute("update users set status = 'active' where id = $1", user)
        if await connection.execute(_HELD, user) != "INSERT 0 1":
            raise BenchError("The demo state has no root to be the help desk of.")
        await raise_versions(connection, [user])
    return user
