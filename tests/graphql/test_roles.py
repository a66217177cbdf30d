"""assignRole, removeRoles and who gives which role: what is allowed, refused and left behind."""

import asyncio
from typing import Any

import pytest

from store.database import Connection, Pool
from tests.graphql.changes import (
    ASSIGN,
    REMOVE,
    assign,
    assigned,
    create,
    errors,
    events,
    remove,
    role,
    snapshot,
)
from tests.graphql.conftest import AsCaller
from tests.graphql.world import (
    ELPAC,
    HILL,
    LEA,
    NEXT_YEAR,
    PARK,
    YEAR,
    assignment_id,
    codes,
    give,
    person,
    user_id,
)

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


@pytest.mark.rule("S1-12")
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
        ("primary", "primary", role("educator-district", LEA), ("OWN_ASSIGNMENT", "delegation-1", "input.user")),
        ("site", "colleague", role(program="state"), ("UNKNOWN_ROLE", "S0-29", "input.role")),
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


@pytest.mark.rule("accounts-5")
async def test_a_suspended_account_gets_no_role(as_person: AsCaller, connection: Connection) -> None:
    await connection.execute("update users set status = 'suspended' where id = $1", user_id("colleague"))
    made = await assign(await as_person("primary"), "colleague", **role("educator-roster", HILL))
    assert [code for code, _, _ in errors(made)] == ["SUSPENDED"]


@pytest.mark.rule("S0-53")
async def test_a_role_is_removed_and_the_last_one_leaves_the_account_inactive(
    as_person: AsCaller, connection: Connection
) -> None:
    held = assignment_id("colleague", "test-administrator", PARK)
    gone = await remove(await as_person("primary"), held, reason="left the school")
    assert (errors(gone), gone["removed"], gone["users"]) == ([], [str(held)], [])
    status = await connection.fetchval("select status from users where id = $1", user_id("colleague"))
    assert status == "inactive"
    (event,) = await events(connection)
    assert (event["action"], event["target_id"], event["reason"]) == ("removeRoles", str(held), None)
    assert set(event["personal"]) == {str(user_id("colleague"))}, "what somebody typed may name her: encrypted for her"
    assert event["before"]["role"] == "test-administrator"


@pytest.mark.rule("delegation-5")
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


@pytest.mark.rule("S0-12")
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
