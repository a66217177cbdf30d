"""createUser: what is allowed, what each rule refuses, and what is left behind."""

import asyncio
from typing import Any

import pytest

from store.database import Connection, Pool
from tests.graphql.changes import (
    CREATE,
    create,
    errors,
    events,
    new_person,
    role,
    snapshot,
)
from tests.graphql.conftest import AsCaller
from tests.graphql.world import (
    BEACH,
    LEA,
    PARK,
    user_id,
)


@pytest.mark.rule("S0-03", "S0-04", "S0-25")
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
    assert await connection.fetchval("select array_agg(entrypoint) from pgqueuer") == ["mail"]
    mail = await connection.fetchrow("select template, user_id, notices from messages")
    assert mail is not None
    assert (mail["template"], str(mail["user_id"])) == ("invitation", user["id"])
    assert [one["template"] for one in mail["notices"]] == ["role-assigned", "invitation"], "one mail for both"
    assert "New" not in str(mail["notices"]), "the outbox holds ids, no names"


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


@pytest.mark.rule("accounts-3", "S0-09")
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


@pytest.mark.rule("accounts-3")
@pytest.mark.checklist("43 invitation")
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


@pytest.mark.rule("accounts-5", "S0-55")
async def test_an_account_without_roles_comes_back_with_a_new_one(as_person: AsCaller, connection: Connection) -> None:
    """Decisions, accounts 5: a new role reactivates only `inactive`."""
    await connection.execute("delete from role_assignments where user_id = $1", user_id("colleague"))
    await connection.execute("update users set status = 'inactive' where id = $1", user_id("colleague"))
    made = await create(await as_person("site"), email="colleague@valley.example")
    assert (errors(made), made["user"]["status"]) == ([], "ACTIVE")


@pytest.mark.rule("S0-24", "S0-26")
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
        ({"roles": [role("no-such-role")]}, ("UNKNOWN_ROLE", "S0-29", "input.roles.0.role")),
        ({"roles": [role(), role("test-examiner")]}, ("SECOND_ROLE", "S0-12", "input.roles.1.role")),
        ({"roles": [role() | {"lastDay": "2020-01-01"}]}, ("PAST_DAY", None, "input.roles.0.lastDay")),
        ({"email": "site@valley.example"}, ("OWN_ASSIGNMENT", "delegation-1", "input.roles.0.user")),
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
