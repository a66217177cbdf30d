"""Attempts to get hold of an account that isn't one's own to manage: each is refused, and leaves nothing behind."""

import asyncio
from typing import Any

import pytest

from store.database import Connection
from tests.accounts.acting import DOCUMENTS, act, help_desk, mails, refused, status_of, version_of
from tests.graphql.changes import assign, create, errors, role
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, ELPAC, HILL, LEA, PARK, Caller, give, user_id

OPERATIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("updateUser", {"firstName": "Taken", "expectedVersion": 1}),
    ("resetPassword", {}),
    ("requestEmailChange", {"email": "mine@attacker.example", "expectedVersion": 1}),
    ("deleteUser", {"expectedVersion": 1}),
)


@pytest.mark.rule("accounts-3", "S1-15")
@pytest.mark.parametrize(("mutation", "asked"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
@pytest.mark.checklist(56)
async def test_adding_a_role_to_another_leas_person_and_then_taking_her_account(
    as_person: AsCaller, connection: Connection, mutation: str, asked: dict[str, Any]
) -> None:
    """Who gives a stranger a role sees her and manages that role, and nothing else of her."""
    attacker = await as_person("far-lead")
    made = await create(
        attacker, email="teacher@valley.example", firstName="Teacher", lastName="Example", phone=None,
        roles=[role(where=BEACH)],
    )  # fmt: skip
    assert errors(made) == []
    before = await _account(connection, "teacher")
    given = asked | {"expectedVersion": await version_of(connection, "teacher")} if asked else asked
    assert await refused(attacker, mutation, user=str(user_id("teacher")), **given) == ["OUT_OF_REACH"]
    assert await _account(connection, "teacher") == before
    assert set(await mails(connection, "teacher")) == {"role-assigned"}


@pytest.mark.rule("accounts-5")
async def test_deactivating_a_shared_person_suspends_what_one_gave_alone(
    as_person: AsCaller, connection: Connection
) -> None:
    await give(connection, "teacher", "test-administrator", BEACH)
    attacker = await as_person("far-lead")
    done = await act(attacker, "deactivateUser", user=str(user_id("teacher")), comment="gone")
    assert (done["userErrors"], done["wholeAccount"], len(done["suspended"])) == ([], False, 1)
    assert await status_of(connection, "teacher") == "active"
    rows = await connection.fetch(
        "select organization_id, status from role_assignments where user_id = $1", user_id("teacher")
    )
    assert {row["organization_id"]: row["status"] for row in rows} == {PARK: "active", BEACH: "suspended"}


@pytest.mark.rule("accounts-3")
async def test_a_person_of_two_programs_is_nobodys_who_manages_one(as_person: AsCaller, connection: Connection) -> None:
    for name in ("primary", "site", "elpac-lead"):
        asking = await as_person(name)
        version = await version_of(connection, "shared")
        asked = {"user": str(user_id("shared"))}
        assert await refused(asking, "resetPassword", **asked) == ["OUT_OF_REACH"]
        assert await refused(asking, "updateUser", **asked, firstName="X", expectedVersion=version) == ["OUT_OF_REACH"]


@pytest.mark.rule("accounts-3")
async def test_who_manages_both_programs_manages_the_person(as_person: AsCaller, connection: Connection) -> None:
    """Identity is judged with the access of all roles, whichever is active."""
    await give(connection, "additional", "lea-coordinator", LEA, ELPAC)
    asking = await as_person("additional", "lea-coordinator")
    version = await version_of(connection, "shared")
    done = await act(asking, "updateUser", user=str(user_id("shared")), firstName="Sasha", expectedVersion=version)
    assert (done["userErrors"], done["user"]["firstName"]) == ([], "Sasha")


@pytest.mark.rule("accounts-5", "S0-50")
async def test_a_suspension_is_lifted_neither_by_reset_nor_by_a_new_role(
    as_person: AsCaller, connection: Connection
) -> None:
    primary, site = await as_person("primary"), await as_person("site")
    target = str(user_id("colleague"))
    assert (await act(primary, "deactivateUser", user=target))["wholeAccount"] is True
    for asking in (primary, site):
        assert await refused(asking, "resetPassword", user=target) == ["SUSPENDED"]
        assert await refused(asking, "resendInvitation", user=target) == ["SUSPENDED"]
        assert await refused(
            asking, "requestEmailChange", user=target, email="x@valley.example",
            expectedVersion=await version_of(connection, "colleague"),
        ) == ["SUSPENDED"]  # fmt: skip
    assigned = await assign(primary, "colleague", **role("educator-roster", HILL))
    assert [code for code, _, _ in errors(assigned)] == ["SUSPENDED"]
    created = await create(primary, email="colleague@valley.example", roles=[role("educator-roster", HILL)])
    assert [code for code, _, _ in errors(created)] == ["SUSPENDED"]
    assert await status_of(connection, "colleague") == "suspended"


@pytest.mark.rule("accounts-5")
async def test_a_suspension_is_not_lifted_by_removing_the_role_and_giving_it_anew(
    as_person: AsCaller, connection: Connection
) -> None:
    await give(connection, "teacher", "test-administrator", BEACH)
    primary = await as_person("primary")
    assert (await act(primary, "deactivateUser", user=str(user_id("teacher"))))["wholeAccount"] is False
    document = "mutation ($input: RemoveRolesInput!) { removeRoles(input: $input) { userErrors { code } } }"
    held = await connection.fetchval(
        "select id from role_assignments where user_id = $1 and organization_id = $2", user_id("teacher"), PARK
    )
    site: Caller = await as_person("site")
    answer = await site.data(document, input={"assignments": [str(held)]})
    assert answer["removeRoles"]["userErrors"] == [{"code": "SUSPENDED"}]


@pytest.mark.rule("accounts-5")
async def test_only_the_author_and_those_above_lift_it(as_person: AsCaller, connection: Connection) -> None:
    target = str(user_id("colleague"))
    additional, primary, site = [await as_person(name) for name in ("additional", "primary", "site")]
    await act(additional, "deactivateUser", user=target)
    assert await refused(site, "reactivateUser", user=target) == ["NOT_YOUR_SUSPENSION"]
    assert await status_of(connection, "colleague") == "suspended"
    assert (await act(primary, "reactivateUser", user=target))["user"]["status"] == "ACTIVE"
    await act(primary, "deactivateUser", user=target)
    assert await refused(additional, "reactivateUser", user=target) == ["NOT_YOUR_SUSPENSION"]
    done = await act(primary, "reactivateUser", user=target)
    assert (done["userErrors"], done["stillSuspended"]) == ([], False)


@pytest.mark.rule("accounts-5")
async def test_the_state_lifts_it(as_person: AsCaller, connection: Connection) -> None:
    target = str(user_id("colleague"))
    await act(await as_person("primary"), "deactivateUser", user=target)
    desk = await as_person(await help_desk(connection))
    assert (await act(desk, "reactivateUser", user=target))["user"]["status"] == "ACTIVE"


@pytest.mark.rule("accounts-4")
async def test_inheriting_a_released_address(as_person: AsCaller, connection: Connection, clock: Any) -> None:
    primary, site = await as_person("primary"), await as_person("site")
    version = await version_of(connection, "colleague")
    assert await refused(primary, "deleteUser", user=str(user_id("colleague")), expectedVersion=version) == []
    made = await create(site, email="Colleague@VALLEY.example")
    assert [(code, rule) for code, rule, _ in errors(made)] == [("ADDRESS_RELEASED", "accounts-4")]
    teacher = await as_person("teacher")
    own = {"user": str(user_id("teacher")), "expectedVersion": await version_of(connection, "teacher")}
    assert await refused(teacher, "requestEmailChange", email="colleague@valley.example", **own) == ["ADDRESS_RELEASED"]
    desk = await as_person(await help_desk(connection))
    assert await refused(desk, "requestEmailChange", email="colleague@valley.example", **own) == []
    await connection.execute("update released_addresses set blocked_until = $1", clock.now)
    made = await create(site, email="colleague@valley.example")
    assert errors(made) == []
    assert made["user"]["id"] != str(user_id("colleague")), "an id is never used again"
    assert [one["role"]["code"] for one in made["user"]["assignments"]["nodes"]] == ["test-administrator"]


@pytest.mark.rule("delegation-1", "delegation-5")
@pytest.mark.parametrize(
    ("actor", "target", "code"),
    [
        ("primary", "primary", "OWN_ACCOUNT"),
        ("additional", "primary", "NOT_ABOVE"),
        ("site", "primary", "NOT_FOUND"),
        ("additional", "superintendent", "NOT_ABOVE"),
        ("site", "hill-site", "NOT_FOUND"),
        ("far-lead", "teacher", "NOT_FOUND"),
        ("elpac-lead", "teacher", "NOT_FOUND"),
    ],
)
@pytest.mark.checklist("56 one's own", "56 a superior's")
async def test_peers_superiors_strangers_and_oneself(
    as_person: AsCaller, connection: Connection, actor: str, target: str, code: str
) -> None:
    asking = await as_person(actor)
    before = await _account(connection, target)
    for mutation, asked in (*OPERATIONS, ("deactivateUser", {})):
        if actor == target and mutation == "requestEmailChange":
            continue
        answer = await asking.ask(DOCUMENTS[mutation], input={"user": str(user_id(target)), **asked})
        found = [one["extensions"]["code"] for one in answer.get("errors", [])]
        data: dict[str, Any] = answer["data"] or {}
        payload: dict[str, Any] | None = data.get(mutation)
        found += [one["code"] for one in payload["userErrors"]] if payload else []
        assert found, (mutation, answer)
        own_name = "OWN_NAME" if mutation == "updateUser" and actor == target else code
        assert ({code, own_name} & set(found)) or mutation == "deactivateUser", (mutation, found)
    assert await _account(connection, target) == before


@pytest.mark.rule("accounts-3")
@pytest.mark.checklist("55 writing")
async def test_who_manages_nobody_has_none_of_these_mutations(as_person: AsCaller, connection: Connection) -> None:
    teacher = await as_person("teacher")
    for mutation, asked in OPERATIONS:
        if mutation != "requestEmailChange":
            answer = await teacher.ask(DOCUMENTS[mutation], input={"user": str(user_id("colleague")), **asked})
            code = "NOT_FOUND" if mutation == "updateUser" else "FORBIDDEN"  # her own numbers she may change
            assert [one["extensions"]["code"] for one in answer["errors"]] == [code]


async def _account(connection: Connection, name: str) -> tuple[Any, ...]:
    row = await connection.fetchrow(
        "select email, first_name, last_name, phone, status, password_hash from users where id = $1", user_id(name)
    )
    assert row is not None
    return tuple(row.values())


@pytest.mark.rule("accounts-5")
async def test_a_reset_and_a_new_role_at_the_moment_of_a_suspension(
    as_person: AsCaller, connection: Connection
) -> None:
    """Whatever comes first, a suspension that was told as done holds."""
    target = str(user_id("colleague"))
    callers = [await as_person(name) for name in ("primary", "additional", "site")]
    suspended, *_ = await asyncio.gather(
        act(callers[0], "deactivateUser", user=target),
        callers[1].ask(DOCUMENTS["resetPassword"], input={"user": target}),
        assign(callers[2], "colleague", **role("test-examiner", PARK)),
        act(callers[1], "resetPassword", user=target),
    )
    assert suspended["wholeAccount"] is True
    assert await status_of(connection, "colleague") == "suspended"
