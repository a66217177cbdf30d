"""The state's own roles: given and taken by two administrators, never the last one's, confirmed yearly."""

import pytest

from store.database import Pool
from tests.graphql.conftest import AsCaller
from tests.graphql.world import Caller, user_id
from tests.state.acting import act, code_of, refused, staff

pytestmark = pytest.mark.rule("state")
ROLES = "{ stateRoles { id role user { id } confirmedAt } }"


@pytest.fixture
async def admins(http: object, pool: Pool, as_person: AsCaller) -> tuple[Caller, Caller]:
    return (
        await as_person(await staff(pool, "admin", "state-administrator")),
        await as_person(await staff(pool, "second", "state-administrator")),
    )


async def held(pool: Pool, name: str, role: str) -> bool:
    async with pool.acquire() as connection:
        return await connection.fetchval(
            "select exists (select from role_assignments where user_id = $1 and role = $2 and status = 'active')",
            user_id(name), role,
        )  # fmt: skip


async def test_a_second_administrator_confirms(admins: tuple[Caller, Caller], pool: Pool) -> None:
    one, two = admins
    asked = await act(one, "grantStateRole", user=str(user_id("teacher")), role="help-desk", reason="new colleague")
    assert asked["userErrors"] == []
    assert not await held(pool, "teacher", "help-desk")
    assert await refused(one, "confirmRequest", request=asked["request"]) == ["OWN_REQUEST"]
    pending = await two.data("{ pendingRequests { id kind detail user { id } askedBy { id } } }")
    assert [row["id"] for row in pending["pendingRequests"]] == [asked["request"]]
    assert (await act(two, "confirmRequest", request=asked["request"]))["userErrors"] == []
    assert await held(pool, "teacher", "help-desk")
    assert await code_of(two, "confirmRequest", request=asked["request"]) == ["NOT_FOUND"]
    async with pool.acquire() as connection:
        actions = await connection.fetch("select action, outcome from audit_events order by id")
    assert [(row["action"], row["outcome"]) for row in actions] == [
        ("grantStateRole", "allowed"), ("confirmRequest", "denied"), ("confirmRequest", "allowed"),
        ("confirmRequest", "allowed"), ("confirmRequest", "denied"),
    ]  # fmt: skip


async def test_whom_it_concerns_does_not_confirm(admins: tuple[Caller, Caller], pool: Pool) -> None:
    one, two = admins
    asked = await act(one, "grantStateRole", user=str(user_id("second")), role="privacy-officer")
    assert await refused(two, "confirmRequest", request=asked["request"]) == ["OWN_REQUEST"]
    assert not await held(pool, "second", "privacy-officer")


@pytest.mark.checklist("56 one's own")
async def test_nobody_gives_herself_a_role(admins: tuple[Caller, Caller]) -> None:
    assert await refused(admins[0], "grantStateRole", user=str(user_id("admin")), role="help-desk") == [
        "OWN_ASSIGNMENT"
    ]


async def test_only_the_states_own_roles(admins: tuple[Caller, Caller]) -> None:
    one = str(user_id("teacher"))
    assert await refused(admins[0], "grantStateRole", user=one, role="lea-coordinator") == ["UNKNOWN_ROLE"]
    assert await refused(admins[0], "removeStateRole", user=one, role="help-desk") == ["NOT_HELD"]


async def test_a_withdrawn_request_is_never_carried_out(admins: tuple[Caller, Caller], pool: Pool) -> None:
    one, two = admins
    asked = await act(one, "grantStateRole", user=str(user_id("teacher")), role="auditor")
    assert await refused(one, "grantStateRole", user=str(user_id("teacher")), role="auditor") == ["ASKED_ALREADY"]
    assert (await act(one, "withdrawRequest", request=asked["request"]))["userErrors"] == []
    assert await code_of(two, "confirmRequest", request=asked["request"]) == ["NOT_FOUND"]
    assert not await held(pool, "teacher", "auditor")


async def test_a_request_of_eight_days_ago_is_gone(admins: tuple[Caller, Caller], pool: Pool) -> None:
    one, two = admins
    asked = await act(one, "grantStateRole", user=str(user_id("teacher")), role="auditor")
    async with pool.acquire() as connection:
        await connection.execute("update second_confirmations set expires_at = expires_at - interval '8 days'")
    assert await code_of(two, "confirmRequest", request=asked["request"]) == ["NOT_FOUND"]


async def test_the_last_administrator_stays(admins: tuple[Caller, Caller], pool: Pool) -> None:
    one, two = admins
    first = await act(one, "removeStateRole", user=str(user_id("second")), role="state-administrator")
    assert first["userErrors"] == []
    async with pool.acquire() as connection:
        await connection.execute("update users set status = 'suspended' where id = $1", user_id("admin"))
    assert await refused(two, "removeStateRole", user=str(user_id("admin")), role="state-administrator") == []
    async with pool.acquire() as connection:
        await connection.execute("update second_confirmations set asked_by = $1", user_id("primary"))
        await connection.execute("update users set status = 'active' where id = $1", user_id("admin"))
        await connection.execute("update sessions set ended_at = null where user_id = $1", user_id("admin"))
        await connection.execute("update users set status = 'inactive' where id = $1", user_id("second"))
    assert await refused(one, "confirmRequest", request=first["request"]) == []
    assert await refused(one, "grantStateRole", user=str(user_id("teacher")), role="state-administrator") == []


@pytest.mark.parametrize("role", ["help-desk", "privacy-officer", "auditor", "integration-administrator"])
async def test_others_neither_give_nor_see_them(admins: object, pool: Pool, as_person: AsCaller, role: str) -> None:
    other = await as_person(await staff(pool, "other", role))
    assert await code_of(other, "grantStateRole", user=str(user_id("teacher")), role="auditor") == ["FORBIDDEN"]
    answer = await other.ask(ROLES)
    assert answer["data"]["stateRoles"] is None


async def test_a_privacy_officer_confirms_no_role(
    admins: tuple[Caller, Caller], pool: Pool, as_person: AsCaller
) -> None:
    asked = await act(admins[0], "grantStateRole", user=str(user_id("teacher")), role="auditor")
    officer = await as_person(await staff(pool, "officer", "privacy-officer"))
    assert await code_of(officer, "confirmRequest", request=asked["request"]) == ["NOT_FOUND"]
    assert (await officer.data("{ pendingRequests { id } }"))["pendingRequests"] == []


async def test_somebody_else_confirms_yearly(admins: tuple[Caller, Caller]) -> None:
    rows = {row["user"]["id"]: row["id"] for row in (await admins[0].data(ROLES))["stateRoles"]}
    own, other = rows[str(user_id("admin"))], rows[str(user_id("second"))]
    assert await refused(admins[0], "confirmStateRole", assignment=own) == ["OWN_ASSIGNMENT"]
    assert (await act(admins[0], "confirmStateRole", assignment=other))["confirmed"] == other
