"""createUser, assignRole, removeRoles: what is allowed, what each rule refuses, and what is left behind."""

import asyncio
import uuid
from typing import Any

import pytest

from store.database import Connection, Pool
from tests.graphql.conftest import AsCaller
from tests.graphql.world import (
    BEACH,
    CAASPP,
    ELPAC,
    HILL,
    LEA,
    NEXT_YEAR,
    PARK,
    YEAR,
    Caller,
    assignment_id,
    codes,
    give,
    person,
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


async def test_a_coordinator_creates_a_person_with_a_role(as_person: AsCaller, connection: Connection) -> None:
    before = await snapshot(connection)
    made = await create(await as_person("site"))
    assert made["userErrors"] == []
    assert made["unapplied"] == []
    user = made["user"]
    assert (user["email"], user["firstName"], user["status"]) == ("new.person@valley.example", "New", "INVITED")
    assert user["assignments"]["nodes"] == [
        {"role": {"code": "test-administrator"}, "primary": False, "assignedUnder": "site-coordinator"}
    ]
    created, given = await events(connection)
    assert (created["action"], created["target_id"], given["target_type"]) == (
        "createUser",
        user["id"],
        "role_assignment",
    )
    assert given["acting_under"] == "caaspp/site-coordinator"
    assert given["actor_id"] == user_id("site")
    assert given["after"]["organization"] == str(PARK)
    assert "New" not in str([created, given]), "the audit holds ids, no names"
    after = await snapshot(connection)
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
    assert after[4] > before[4], "the access version was raised"
    queued = await connection.fetch("select entrypoint from pgqueuer order by id")
    assert [row["entrypoint"] for row in queued] == ["mail", "access-changed"]


async def test_a_repeated_creation_makes_one_person(as_person: AsCaller, connection: Connection) -> None:
    asking = await as_person("site")
    asked = new_person()
    first = (await asking.data(CREATE, input=asked))["createUser"]
    before = await snapshot(connection)
    assert (await asking.data(CREATE, input=asked))["createUser"] == first
    assert await snapshot(connection) == before
    reused = (await asking.data(CREATE, input=asked | {"firstName": "Other"}))["createUser"]
    assert errors(reused) == [("KEY_REUSED", None, "input.idempotencyKey")]
    assert await snapshot(connection) == before


async def test_the_same_creation_at_the_same_moment_makes_one_person(as_person: AsCaller, pool: Pool) -> None:
    callers = [await as_person(name) for name in ("site", "primary", "additional")]
    answers = await asyncio.gather(*(asking.ask(CREATE, input=new_person()) for asking in callers))
    async with pool.acquire() as connection:
        found = await connection.fetch("select id from users where email_key = 'new.person@valley.example'")
        held = await connection.fetchval("select count(*) from role_assignments where user_id = $1", found[0]["id"])
    assert len(found) == 1
    assert held == 1
    refused = [errors(answer["data"]["createUser"]) for answer in answers]
    assert sorted(len(one) for one in refused) == [0, 1, 1]


async def test_an_address_that_has_an_account_gets_the_role_and_nothing_else(
    as_person: AsCaller, connection: Connection
) -> None:
    """Decisions, accounts 3: a differing name or phone is reported, never applied; nothing more is told."""
    asking = await as_person("far-lead")
    made = await create(asking, email="SITE@valley.example", firstName="Other", phone=None, roles=[role(where=BEACH)])
    assert errors(made) == []
    assert made["unapplied"] == ["firstName", "lastName"]
    row = await connection.fetchrow("select first_name, phone, email from users where id = $1", user_id("site"))
    assert row is not None
    assert tuple(row.values()) == ("Site", "916-555-0100", "site@valley.example")
    assert [one["role"]["code"] for one in made["user"]["assignments"]["nodes"]] == ["test-administrator"]
    assert made["user"]["assignments"]["nodes"][0]["assignedUnder"] == "lea-coordinator"


async def test_a_refused_role_reveals_nothing_of_an_existing_account(
    as_person: AsCaller, connection: Connection
) -> None:
    """Whether the address has an account or not, a role that isn't the actor's to give is refused alike."""
    asking = await as_person("far-lead")
    before = await snapshot(connection)
    wrong = [role("superintendent", where=BEACH), role("site-coordinator", where=BEACH, year="2019-20")]
    known = await create(asking, email="site@valley.example", roles=wrong)
    unknown = await create(asking, email="nobody@valley.example", roles=wrong)
    assert known == unknown
    assert errors(known)
    assert await snapshot(connection) == before


async def test_an_account_without_roles_comes_back_with_a_new_one(as_person: AsCaller, connection: Connection) -> None:
    """Decisions, accounts 5: a new role reactivates only `inactive`."""
    await connection.execute("delete from role_assignments where user_id = $1", user_id("colleague"))
    await connection.execute("update users set status = 'inactive' where id = $1", user_id("colleague"))
    made = await create(await as_person("site"), email="colleague@valley.example")
    assert (errors(made), made["user"]["status"]) == ([], "ACTIVE")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"email": ""}, ("REQUIRED", None, "input.email")),
        ({"email": "no address"}, ("INVALID_EMAIL", None, "input.email")),
        ({"email": "a@b"}, ("INVALID_EMAIL", None, "input.email")),
        ({"email": "a..b@valley.example"}, ("INVALID_EMAIL", None, "input.email")),
        ({"email": "a@b@valley.example"}, ("INVALID_EMAIL", None, "input.email")),
        ({"email": "a@-valley.example"}, ("INVALID_EMAIL", None, "input.email")),
        ({"email": "a\nb@valley.example"}, ("INVALID_EMAIL", None, "input.email")),
        ({"email": "a" * 300 + "@valley.example"}, ("INVALID_EMAIL", None, "input.email")),
        ({"firstName": "  "}, ("REQUIRED", None, "input.firstName")),
        ({"lastName": "x" * 101}, ("INVALID_NAME", None, "input.lastName")),
        ({"lastName": "a\u202eb"}, ("INVALID_NAME", None, "input.lastName")),
        ({"phone": "call me"}, ("INVALID_NUMBER", None, "input.phone")),
        ({"roles": []}, ("REQUIRED", None, "input.roles")),
        ({"idempotencyKey": ""}, ("INVALID_KEY", None, "input.idempotencyKey")),
        ({"roles": [role("no-such-role")]}, ("UNKNOWN_ROLE", None, "input.roles.0.role")),
        ({"roles": [role(), role("test-examiner")]}, ("SECOND_ROLE", "S0-12", "input.roles.1.role")),
        ({"roles": [role() | {"lastDay": "2020-01-01"}]}, ("PAST_DAY", None, "input.roles.0.lastDay")),
        ({"email": "site@valley.example"}, ("OWN_ASSIGNMENT", None, "input.roles.0.user")),
    ],
)
async def test_what_createuser_refuses_is_a_user_error_and_nothing_is_applied(
    as_person: AsCaller, connection: Connection, changes: dict[str, Any], expected: tuple[str, str | None, str]
) -> None:
    asking = await as_person("site")
    before = await snapshot(connection)
    made = await create(asking, **changes)
    assert errors(made) == [expected]
    assert made["user"] is None
    assert await snapshot(connection) == before
    (denied,) = await events(connection, "denied")
    assert (denied["action"], denied["actor_id"], denied["reason"]) == ("createUser", user_id("site"), expected[0])
    assert await events(connection) == []


async def test_one_wrong_role_of_several_and_nothing_is_applied(as_person: AsCaller, connection: Connection) -> None:
    before = await snapshot(connection)
    made = await create(await as_person("primary"), roles=[role(), role("site-coordinator", where=LEA)])
    assert errors(made) == [("WRONG_LEVEL", "S0-29", "input.roles.1.organization")]
    assert await snapshot(connection) == before


GIVING: list[tuple[str, str, Any, str | None]] = [
    ("superintendent", "lea-coordinator", LEA, None),
    ("superintendent", "site-coordinator", PARK, "NOT_ASSIGNABLE"),
    ("superintendent", "test-administrator", PARK, "NOT_ASSIGNABLE"),
    ("primary", "lea-coordinator", LEA, None),
    ("primary", "site-coordinator", HILL, None),
    ("primary", "educator-district", LEA, None),
    ("primary", "superintendent", LEA, "DERIVED_ROLE"),
    ("additional", "lea-coordinator", LEA, "NOT_ASSIGNABLE"),
    ("additional", "site-coordinator", PARK, None),
    ("site", "site-coordinator", PARK, "NOT_ASSIGNABLE"),
    ("site", "educator-roster", PARK, None),
    ("site", "tools-for-teachers-only", PARK, None),
]


@pytest.mark.parametrize(("giver", "slug", "where", "refused"), GIVING)
async def test_who_gives_which_role(
    as_person: AsCaller, connection: Connection, giver: str, slug: str, where: Any, refused: str | None
) -> None:
    """S1-07, S1-16, S1-17, S1-18, S1-26; everything else is refused."""
    made = await create(await as_person(giver), roles=[role(slug, where)])
    assert [code for code, _, _ in errors(made)] == ([refused] if refused else [])
    held = await connection.fetchval("select count(*) from role_assignments where assigned_by = $1", user_id(giver))
    assert held == (0 if refused else 1)


async def test_a_form_offers_what_would_be_allowed(as_person: AsCaller) -> None:
    document = """query ($organization: ID!, $year: String!) {
        assignableRoles(organization: $organization, program: "caaspp", schoolYear: $year) { code } }"""

    async def offered(name: str, where: Any, year: str = YEAR) -> list[str]:
        found = await (await as_person(name)).data(document, organization=str(where), year=year)
        return [one["code"] for one in found["assignableRoles"]]

    assert await offered("superintendent", LEA) == ["lea-coordinator"]
    assert await offered("superintendent", LEA, NEXT_YEAR) == ["lea-coordinator"]
    assert await offered("superintendent", PARK) == []
    assert await offered("additional", LEA) == ["educator-district", "tools-for-teachers-only"]
    assert (await offered("additional", PARK))[0] == "site-coordinator"
    assert await offered("primary", PARK, NEXT_YEAR) == []


async def test_the_superintendent_designates_for_the_upcoming_year(as_person: AsCaller, connection: Connection) -> None:
    """S1-12; and S1-08: the first one is the primary, the next isn't."""
    asking = await as_person("superintendent")
    asked = role("lea-coordinator", LEA, year=NEXT_YEAR)
    made = [await create(asking, email=f"{name}@valley.example", roles=[asked]) for name in ("first", "second")]
    assert [errors(one) for one in made] == [[], []]
    rows = await connection.fetch(
        'select a."primary" from role_assignments a join users u on u.id = a.user_id '
        "where a.school_year = $1 order by u.email_key",
        NEXT_YEAR,
    )
    assert [row["primary"] for row in rows] == [True, False]


async def test_a_role_is_assigned_to_somebody_whom_one_sees(as_person: AsCaller, connection: Connection) -> None:
    asked = assigned("teacher", **role("educator-district", LEA), lastDay="2027-05-01")
    asking = await as_person("primary")
    made = (await asking.data(ASSIGN, input=asked))["assignRole"]
    assert errors(made) == []
    assert made["assignment"] | {"id": ""} == {
        "id": "", "primary": False, "status": "ACTIVE", "schoolYear": YEAR, "assignedUnder": "lea-coordinator",
        "lastDay": "2027-05-01", "user": {"id": str(user_id("teacher"))}, "assignedBy": {"firstName": "Primary"},
    }  # fmt: skip
    before = await snapshot(connection)
    assert (await asking.data(ASSIGN, input=asked))["assignRole"] == made, "a repeated request assigns nothing"
    assert await snapshot(connection) == before


@pytest.mark.parametrize(
    ("giver", "receiver", "changes", "expected"),
    [
        ("site", "colleague", {}, ("ALREADY_HELD", "S0-12", "input.role")),
        ("site", "colleague", role("test-examiner"), ("SECOND_ROLE", "S0-12", "input.role")),
        ("primary", "primary", role("educator-district", LEA), ("OWN_ASSIGNMENT", None, "input.user")),
        ("site", "colleague", role(program="state"), ("UNKNOWN_ROLE", None, "input.role")),
        ("site", "colleague", role(year="2027-28"), ("NOT_ASSIGNABLE", "S0-30", "input.role")),
        ("site", "colleague", role(year="2025-26"), ("YEAR_NOT_OPEN", "S1-12", "input.schoolYear")),
        ("primary", "shared", role("test-examiner", HILL, ELPAC), ("NOT_ASSIGNABLE", "S0-30", "input.role")),
        ("site", "colleague", {"lastDay": "2026-11-21"}, ("PAST_DAY", None, "input.lastDay")),
        ("site", "colleague", {"idempotencyKey": "k" * 201}, ("INVALID_KEY", None, "input.idempotencyKey")),
    ],
)
async def test_what_assignrole_refuses(
    as_person: AsCaller,
    connection: Connection,
    giver: str,
    receiver: str,
    changes: dict[str, Any],
    expected: tuple[str, str | None, str],
) -> None:
    asking = await as_person(giver)
    before = await snapshot(connection)
    made = await assign(asking, receiver, **changes)
    assert made["assignment"] is None
    assert expected in errors(made)
    assert await snapshot(connection) == before
    (denied,) = await events(connection, "denied")
    assert (denied["action"], denied["target_id"]) == ("assignRole", str(user_id(receiver)))


async def test_a_suspended_account_gets_no_role(as_person: AsCaller, connection: Connection) -> None:
    await connection.execute("update users set status = 'suspended' where id = $1", user_id("colleague"))
    made = await assign(await as_person("primary"), "colleague", **role("educator-roster", HILL))
    assert [code for code, _, _ in errors(made)] == ["SUSPENDED"]


async def test_a_role_is_removed_and_the_last_one_leaves_the_account_inactive(
    as_person: AsCaller, connection: Connection
) -> None:
    held = assignment_id("colleague", "test-administrator", PARK)
    gone = await remove(await as_person("primary"), held, reason="left the school")
    assert (errors(gone), gone["removed"], gone["users"]) == ([], [str(held)], [])
    status = await connection.fetchval("select status from users where id = $1", user_id("colleague"))
    assert status == "inactive"
    (event,) = await events(connection)
    assert (event["action"], event["target_id"], event["reason"]) == ("removeRoles", str(held), "left the school")
    assert event["before"]["role"] == "test-administrator"


async def test_another_program_s_role_stays(as_person: AsCaller, connection: Connection) -> None:
    """Decisions, giving 5: removing the last role in one program touches no other."""
    await remove(await as_person("site"), assignment_id("shared", "test-administrator", PARK))
    rows = await connection.fetch("select program from role_assignments where user_id = $1", user_id("shared"))
    assert [row["program"] for row in rows] == [ELPAC]
    status = await connection.fetchval("select status from users where id = $1", user_id("shared"))
    assert status == "active"


@pytest.mark.parametrize(
    ("actor", "name", "slug", "where", "expected"),
    [
        ("additional", "primary", "lea-coordinator", LEA, "NOT_ASSIGNABLE"),
        ("primary", "primary", "lea-coordinator", LEA, "OWN_ASSIGNMENT"),
        ("site", "site", "site-coordinator", PARK, "OWN_ASSIGNMENT"),
        ("primary", "superintendent", "superintendent", LEA, "DERIVED_ROLE"),
    ],
)
async def test_what_removeroles_refuses(
    as_person: AsCaller, connection: Connection, actor: str, name: str, slug: str, where: Any, expected: str
) -> None:
    asking = await as_person(actor)
    before = await snapshot(connection)
    below = assignment_id("colleague", "test-administrator", PARK)
    kept = await remove(asking, below, assignment_id(name, slug, where))
    assert [(code, path) for code, _, path in errors(kept)] == [(expected, "input.assignments.1")]
    assert (kept["removed"], kept["users"]) == ([], [])
    assert await snapshot(connection) == before
    assert len(await events(connection, "denied")) == 1
    assert await events(connection) == []


@pytest.mark.parametrize("count", [0, 101])
async def test_removeroles_takes_one_to_a_hundred(as_person: AsCaller, count: int) -> None:
    asked = {"assignments": [str(assignment_id("colleague", "test-administrator", PARK))] * count}
    answer = await (await as_person("primary")).ask(REMOVE, input=asked)
    assert codes(answer) == [("BAD_USER_INPUT", ["removeRoles"])]


async def test_a_removed_role_is_gone_at_the_next_request(as_person: AsCaller, connection: Connection) -> None:
    await give(connection, "site", "tools-for-teachers-only", HILL, ELPAC)
    site = await as_person("site")
    assert (await site.data("{ users { totalCount } }"))["users"]["totalCount"] == 5
    await remove(await as_person("primary"), assignment_id("site", "site-coordinator", PARK))
    answer = await site.ask("{ users { totalCount } }")
    assert codes(answer) == [("UNAUTHORIZED_FIELD_OR_TYPE", ["users"])]


async def test_mutations_of_one_document_see_each_other(as_person: AsCaller) -> None:
    document = """mutation ($a: AssignRoleInput!, $b: AssignRoleInput!) {
        first: assignRole(input: $a) { userErrors { code } assignment { user { assignments { totalCount } } } }
        second: assignRole(input: $b) { userErrors { code } } }"""
    asked = role("educator-roster", HILL)
    data = await (await as_person("primary")).data(
        document, a=assigned("colleague", **asked), b=assigned("colleague", **asked)
    )
    assert data["first"] == {"userErrors": [], "assignment": {"user": {"assignments": {"totalCount": 2}}}}
    assert data["second"] == {"userErrors": [{"code": "ALREADY_HELD"}]}


async def test_two_givers_at_the_same_moment_give_one_role(as_person: AsCaller, pool: Pool) -> None:
    """S0-12: one role of a program at one organization, also when two coordinators assign at once."""
    async with pool.acquire() as connection:
        await person(connection, "wanted")
        await give(connection, "wanted", "educator-roster", HILL)
    callers = [await as_person(name) for name in ("primary", "additional", "primary", "additional")]
    slugs = ("test-administrator", "test-examiner", "educator-roster", "ia-administrator")
    made = await asyncio.gather(
        *(assign(asking, "wanted", **role(slug)) for asking, slug in zip(callers, slugs, strict=True))
    )
    assert sorted(len(errors(one)) for one in made) == [0, 1, 1, 1]
