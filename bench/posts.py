"""People with few and many posts, at schools of their own: put once into a state that no other case measures."""

import uuid
from datetime import UTC, datetime
from uuid import UUID

from policy.facts import Level
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from store.access_version import raise_epoch
from store.assignments import NewAssignment, insert_assignment
from store.connection import Connection
from store.database import open_connection
from store.keys_of import text_key
from store.people import load_years
from store.users import NewUser, create_user

PROGRAM = ProgramCode("caaspp")
ROLE = RoleSlug("site-coordinator")
_FORMS = ("security-affidavit", "security-agreement")
_SPACE = UUID(int=0xBE9C)
_LEA = OrganizationId(uuid.uuid5(_SPACE, "lea"))


async def people_with_posts(owner_url: str, amounts: tuple[int, ...]) -> dict[int, UserId]:
    """A person for each number of posts: site coordinator, with signed forms, at so many schools of one LEA."""
    connection = await open_connection(owner_url, None)
    people = {amount: UserId(uuid.uuid5(_SPACE, f"person {amount}")) for amount in amounts}
    try:
        async with connection.transaction():
            if not await connection.fetchval("select exists (select from organizations where id = $1)", _LEA):
                year = (await load_years(connection)).current[PROGRAM]
                schools = await _schools(connection, max(amounts))
                for amount, user in people.items():
                    await _person(connection, user, amount, schools[:amount], year)
                await raise_epoch(connection)
    finally:
        await connection.close()
    return people


async def _schools(connection: Connection, amount: int) -> list[OrganizationId]:
    state = await connection.fetchval("select id from organizations where level = 'state'")
    schools = [OrganizationId(uuid.uuid5(_SPACE, f"school {number}")) for number in range(amount)]
    rows = [(_LEA, Level.LEA, state, _LEA, "99999990000000", "Bench Unified")]
    rows += [
        (one, Level.SCHOOL, _LEA, _LEA, f"9999999{number + 1:07}", f"Bench Elementary, {number}")
        for number, one in enumerate(schools)
    ]
    await connection.executemany(
        "insert into organizations (id, level, parent_id, lea_id, code, name, name_key) values ($1,$2,$3,$4,$5,$6,$7)",
        [(*one, text_key(str(one[-1]))) for one in rows],
    )
    return schools


async def _person(
    connection: Connection, user: UserId, amount: int, schools: list[OrganizationId], year: SchoolYear
) -> None:
    await create_user(connection, NewUser(user, f"posts-{amount}@bench.example", "Bench", f"Posts {amount}"))
    await connection.execute("update users set status = 'active' where id = $1", user)
    await connection.executemany(
        "insert into signed_forms (user_id, program, form, school_year, form_version, signed_name) "
        "values ($1, $2, $3, $4, '1', 'Bench')",
        [(user, PROGRAM, form, year) for form in _FORMS],
    )
    for school in schools:
        new = NewAssignment(
            AssignmentId(uuid.uuid4()), user, PROGRAM, ROLE, year, school, datetime.now(UTC), origin="operator"
        )
        await insert_assignment(connection, new)
