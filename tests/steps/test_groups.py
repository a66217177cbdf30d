"""Student groups: made and given by coordinators within reach, only to people whose role there works with groups."""

import uuid
from typing import Any

import pytest

from store.database import Connection
from tests.graphql.changes import REMOVE, errors, events
from tests.graphql.conftest import AsCaller
from tests.graphql.world import (
    BEACH,
    HILL,
    LEA,
    OTHER_ROSTER,
    PARK,
    ROSTER,
    Caller,
    assignment_id,
    codes,
    give,
    person,
    user_id,
)
from tests.oidc.world import ELPAC, OTHER_LEA, YEAR

CREATE = """mutation ($input: CreateStudentGroupInput!) { createStudentGroup(input: $input) {
    group { id name schoolYear subjectArea version organization { id } users { id } }
    userErrors { path code rule message remedy } } }"""
RENAME = """mutation ($input: RenameStudentGroupInput!) { renameStudentGroup(input: $input) {
    group { name version } userErrors { path code rule message remedy } } }"""
DELETE = """mutation ($input: DeleteStudentGroupInput!) { deleteStudentGroup(input: $input) {
    removed userErrors { path code rule message remedy } } }"""
ASSIGN = """mutation ($input: AssignStudentGroupInput!) { assignStudentGroup(input: $input) {
    group { users { firstName } } userErrors { path code rule message remedy } } }"""


async def create(asking: Caller, **changes: Any) -> dict[str, Any]:
    asked = {
        "organization": str(PARK), "schoolYear": YEAR, "name": "Room 7", "subjectArea": "Math",
        "idempotencyKey": str(uuid.uuid4()),
    }  # fmt: skip
    return (await asking.data(CREATE, input=asked | changes))["createStudentGroup"]


async def assign(asking: Caller, *names: str, group: Any = ROSTER, assigned: bool = True) -> dict[str, Any]:
    asked = {"group": str(group), "users": [str(user_id(name)) for name in names], "assigned": assigned}
    return (await asking.data(ASSIGN, input=asked))["assignStudentGroup"]


async def holders(connection: Connection, group: Any = ROSTER) -> set[Any]:
    rows = await connection.fetch("select user_id from student_group_users where group_id = $1", group)
    return {row["user_id"] for row in rows}


@pytest.mark.rule("S0-34", "S1-40", "students")
async def test_a_coordinator_makes_a_group_and_gives_it(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    made = await create(site)
    assert made["userErrors"] == []
    group = made["group"]
    assert (group["name"], group["organization"]["id"], group["users"]) == ("Room 7", str(PARK), [])
    version = await connection.fetchval("select access_version from users where id = $1", user_id("colleague"))
    given = await assign(site, "colleague", group=group["id"])
    assert (given["userErrors"], given["group"]["users"]) == ([], [{"firstName": "Colleague"}])
    after = await connection.fetchval("select access_version from users where id = $1", user_id("colleague"))
    assert after > version
    taken = await assign(site, "colleague", group=group["id"], assigned=False)
    assert taken["group"]["users"] == []
    made_, assigned, unassigned = await events(connection)
    assert (made_["action"], assigned["action"], unassigned["action"]) == (
        "createStudentGroup", "assignStudentGroup", "assignStudentGroup",
    )  # fmt: skip
    assert assigned["acting_under"] == "caaspp/site-coordinator"


@pytest.mark.rule("S1-40")
@pytest.mark.parametrize(
    ("actor", "changes", "expected"),
    [
        ("site", {"name": "room 4"}, ("NAME_TAKEN", "S1-40", "input.name")),
        ("site", {"name": " "}, ("INVALID_NAME", "S1-40", "input.name")),
        ("site", {"name": "x" * 101}, ("INVALID_NAME", "S1-40", "input.name")),
        ("site", {"schoolYear": "2019-20"}, ("NOT_MANAGED", "S1-40", "input.organization")),
        ("site", {"schoolYear": "2027-28"}, ("NOT_MANAGED", "S1-40", "input.organization")),
        ("hill-site", {"organization": str(PARK)}, ("NOT_FOUND", None, "")),
        ("far-lead", {}, ("NOT_FOUND", None, "")),
        ("teacher", {}, ("FORBIDDEN", None, "")),
        ("superintendent", {"organization": str(LEA)}, ("FORBIDDEN", None, "")),
        ("primary", {"organization": str(OTHER_LEA)}, ("NOT_FOUND", None, "")),
    ],
)
async def test_what_creating_refuses(
    as_person: AsCaller,
    connection: Connection,
    actor: str,
    changes: dict[str, Any],
    expected: tuple[str, str | None, str],
) -> None:
    asked = {"organization": str(PARK), "schoolYear": YEAR, "name": "Room 7", "idempotencyKey": "k"}
    answer = await (await as_person(actor)).ask(CREATE, input=asked | changes)
    if "errors" in answer:
        assert codes(answer)[0][0] == expected[0]
    else:
        assert errors(answer["data"]["createStudentGroup"]) == [expected]
    assert await connection.fetchval("select count(*) from student_groups") == 2


async def test_a_repeated_creation_makes_one_group(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    assert await create(site, idempotencyKey="k") == await create(site, idempotencyKey="k")
    assert await connection.fetchval("select count(*) from student_groups") == 3


@pytest.mark.rule("S0-34", "S1-31", "delegation-1")
@pytest.mark.parametrize(
    ("actor", "names", "expected"),
    [
        ("site", ["site"], ("OWN_ASSIGNMENT", "delegation-1", "input.users.0")),
        ("primary", ["site"], ("NO_ROSTER_ROLE", "S1-31", "input.users.0")),
        ("primary", ["colleague", "hill-site"], ("NO_ROSTER_ROLE", "S1-31", "input.users.1")),
        ("primary", ["educator"], ("NO_ROSTER_ROLE", "S1-31", "input.users.0")),
        ("elpac-lead", ["shared"], ("NO_ROSTER_ROLE", "S1-31", "input.users.0")),
        ("site", ["far-teacher"], ("NOT_FOUND", None, "")),
        ("elpac-lead", ["colleague"], ("NOT_FOUND", None, "")),
        ("far-lead", ["far-teacher"], ("NOT_FOUND", None, "")),
        ("teacher", ["colleague"], ("FORBIDDEN", None, "")),
    ],
)
async def test_to_whom_a_group_is_not_given(
    as_person: AsCaller, connection: Connection, actor: str, names: list[str], expected: tuple[str, str | None, str]
) -> None:
    """`shared` is a test examiner of ELPAC at the other school, and of CAASPP here: not of the actor's program here."""
    asked = {"group": str(ROSTER), "users": [str(user_id(name)) for name in names]}
    answer = await (await as_person(actor)).ask(ASSIGN, input=asked)
    if "errors" in answer:
        assert codes(answer)[0][0] == expected[0]
    else:
        assert errors(answer["data"]["assignStudentGroup"]) == [expected]
    assert await holders(connection) == {user_id("teacher")}


async def test_edits_expect_the_version(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    asked = {"group": str(ROSTER), "name": "Room 40", "expectedVersion": 1}
    renamed = (await site.data(RENAME, input=asked))["renameStudentGroup"]
    assert renamed["group"] == {"name": "Room 40", "version": 2}
    again = (await site.data(RENAME, input=asked | {"name": "Room 41"}))["renameStudentGroup"]
    assert errors(again) == [("CHANGED", None, "input.expectedVersion")]
    kept = (await site.data(DELETE, input={"group": str(ROSTER), "expectedVersion": 1}))["deleteStudentGroup"]
    assert (kept["removed"], errors(kept)) == (None, [("CHANGED", None, "input.expectedVersion")])
    gone = (await site.data(DELETE, input={"group": str(ROSTER), "expectedVersion": 2}))["deleteStudentGroup"]
    assert (gone["removed"], gone["userErrors"]) == (str(ROSTER), [])
    assert await holders(connection) == set()


async def test_one_who_holds_a_group_does_not_manage_it(as_person: AsCaller) -> None:
    answer = await (await as_person("teacher")).ask(
        RENAME, input={"group": str(ROSTER), "name": "x", "expectedVersion": 1}
    )
    assert codes(answer)[0][0] == "FORBIDDEN"
    for asked in (OTHER_ROSTER, uuid.uuid4()):
        answer = await (await as_person("site")).ask(
            RENAME, input={"group": str(asked), "name": "x", "expectedVersion": 1}
        )
        assert codes(answer)[0][0] == "NOT_FOUND"


@pytest.mark.rule("S0-33", "students")
async def test_a_group_goes_with_the_role_and_does_not_come_back(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site")
    role = assignment_id("teacher", "test-administrator", PARK)
    assert errors((await site.data(REMOVE, input={"assignments": [str(role)]}))["removeRoles"]) == []
    assert await holders(connection) == set()
    await give(connection, "teacher", "test-administrator", PARK)
    assert await holders(connection) == set()


@pytest.mark.rule("S0-33", "students")
async def test_a_group_stays_while_another_role_there_does(connection: Connection, as_person: AsCaller) -> None:
    await as_person("teacher")
    await give(connection, "teacher", "test-examiner", PARK, ELPAC)
    await give(connection, "teacher", "test-administrator", HILL)
    delete = "delete from role_assignments where id = $1"
    await connection.execute(delete, assignment_id("teacher", "test-administrator", PARK))
    assert await holders(connection) == {user_id("teacher")}
    await connection.execute(delete, assignment_id("teacher", "test-examiner", PARK, ELPAC))
    assert await holders(connection) == set(), "the role at the other school doesn't reach it"


@pytest.mark.rule("S0-33")
async def test_a_group_of_the_lea_s_schools_stays_with_a_role_of_the_lea(
    connection: Connection, as_person: AsCaller
) -> None:
    await as_person("teacher")
    await person(connection, "district")
    first = await give(connection, "district", "educator-district", LEA)
    await connection.execute(
        "insert into student_group_users (group_id, user_id) values ($1, $2), ($3, $2)",
        ROSTER, user_id("district"), OTHER_ROSTER,
    )  # fmt: skip
    second = await give(connection, "district", "test-administrator", BEACH)
    await connection.execute("delete from role_assignments where id = $1", second)
    assert await holders(connection, OTHER_ROSTER) == set()
    assert user_id("district") in await holders(connection)
    await connection.execute("delete from role_assignments where id = $1", first)
    assert await holders(connection) == {user_id("teacher")}
