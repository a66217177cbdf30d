"""What is kept of one person is handed out whole, or erased for good; both audited."""

import json

import pytest

from store.database import Pool
from store.personal_export import ELSEWHERE, SECTIONS
from store.statements import statements
from tests.graphql.conftest import AsCaller
from tests.graphql.world import Caller, codes, session, user_id
from tests.state.acting import act, code_of, refused, staff

pytestmark = pytest.mark.rule("state")


@pytest.fixture
async def officers(http: object, pool: Pool, as_person: AsCaller) -> tuple[Caller, Caller]:
    return (
        await as_person(await staff(pool, "officer", "privacy-officer")),
        await as_person(await staff(pool, "deputy", "privacy-officer")),
    )


async def test_an_export_has_everything_of_the_person_and_no_secret(
    officers: tuple[Caller, Caller], pool: Pool
) -> None:
    async with pool.acquire() as connection:
        await session(connection, "teacher")
        await connection.execute("update users set password_hash = 'argon-secret' where id = $1", user_id("teacher"))
    text = (await act(officers[0], "exportPersonalData", user=str(user_id("teacher"))))["document"]
    told = json.loads(text)
    assert told["account"][0]["email"] == "teacher@valley.example"
    assert [one["role"] for one in told["roles"]] == ["test-administrator"]
    assert len(told["signed_forms"]) == 4
    assert len(told["sessions"]) == len(told["student_groups"]) == 1
    assert set(told) == {*SECTIONS, "audit"}
    assert "argon-secret" not in text
    assert "token_hash" not in text
    async with pool.acquire() as connection:
        events = await connection.fetch("select target_id from audit_events where action = 'exportPersonalData'")
    assert [row["target_id"] for row in events] == [str(user_id("teacher"))]


async def test_what_an_event_tells_of_somebody_else_stays_out(
    officers: tuple[Caller, Caller], pool: Pool, as_person: AsCaller
) -> None:
    admin = await as_person(await staff(pool, "admin", "state-administrator"))
    await act(admin, "grantStateRole", user=str(user_id("site")), role="auditor", reason="about Site alone")
    mine = (await act(officers[0], "exportPersonalData", user=str(user_id("admin"))))["document"]
    hers = (await act(officers[0], "exportPersonalData", user=str(user_id("site"))))["document"]
    assert "about Site alone" not in mine
    assert "about Site alone" in hers


async def test_every_table_about_people_is_in_the_export(officers: object, pool: Pool) -> None:
    async with pool.acquire() as connection:
        rows = await connection.fetch(
            "select distinct table_name from information_schema.columns where table_schema = 'hallpass' "
            "and column_name = 'user_id'"
        )
    texts = " ".join(statements("personal_export").values())
    missing = {row["table_name"] for row in rows if f"from {row['table_name']} " not in texts} - set(ELSEWHERE)
    assert not missing


async def test_erasing_is_confirmed_by_another_officer_and_leaves_ids_alone(
    officers: tuple[Caller, Caller], pool: Pool
) -> None:
    one, two = officers
    person = str(user_id("teacher"))
    assert await refused(one, "erasePerson", user=person, reason=" ") == ["REASON_MISSING"]
    asked = await act(one, "erasePerson", user=person, reason="asked by letter of 2 May")
    assert await refused(one, "confirmRequest", request=asked["request"]) == ["OWN_REQUEST"]
    assert (await act(two, "confirmRequest", request=asked["request"]))["userErrors"] == []
    async with pool.acquire() as connection:
        row = await connection.fetchrow("select * from users where id = $1", user_id("teacher"))
        assert row is not None
        assert (row["status"], row["email"], row["first_name"], row["password_hash"]) == ("deleted", None, "", None)
        for table in ("role_assignments", "user_words", "student_group_users"):
            assert not await connection.fetchval(f"select count(*) from {table} where user_id = $1", user_id("teacher"))
        assert await connection.fetchval("select wrapped is null from personal_keys where user_id = $1", row["id"])
        assert await connection.fetchval("select count(*) from released_addresses where user_id = $1", row["id"]) == 1
        kept = await connection.fetchrow("select * from deleted_people where user_id = $1", row["id"])
        assert kept is not None
        assert (kept["email"], kept["last_name"], kept["erased_at"] is None) == (None, None, False)
        names = await connection.fetch("select signed_name from signed_forms where user_id = $1", row["id"])
        assert {one["signed_name"] for one in names} == {""}
        events = await connection.fetch("select before from audit_events where target_type = 'role_assignment'")
        assert [event["before"]["role"] for event in events] == ["test-administrator"]
    assert await code_of(one, "exportPersonalData", user=person) == ["NOT_FOUND"]


async def test_nobody_erases_herself_or_the_last_administrator(officers: tuple[Caller, Caller], pool: Pool) -> None:
    await staff(pool, "admin", "state-administrator")
    assert await refused(officers[0], "erasePerson", user=str(user_id("officer")), reason="me") == ["OWN_ACCOUNT"]
    assert await refused(officers[0], "erasePerson", user=str(user_id("admin")), reason="x") == ["LAST_ADMINISTRATOR"]


@pytest.mark.parametrize("role", ["state-administrator", "help-desk", "auditor", "integration-administrator"])
async def test_others_may_neither(http: object, pool: Pool, as_person: AsCaller, role: str) -> None:
    other = await as_person(await staff(pool, "other", role))
    person = str(user_id("teacher"))
    assert await code_of(other, "exportPersonalData", user=person) == ["FORBIDDEN"]
    assert await code_of(other, "erasePerson", user=person, reason="x") == ["FORBIDDEN"]


async def test_an_auditor_reads_no_contact_data(http: object, pool: Pool, as_person: AsCaller) -> None:
    auditor = await as_person(await staff(pool, "auditor", "auditor"))
    answer = await auditor.ask("query ($id: ID!) { user(by: {id: $id}) { email phone } }", id=str(user_id("teacher")))
    assert answer["data"]["user"] is None
    assert codes(await auditor.ask("{ mails { id } }"))
    personal = await auditor.ask("{ auditEvents(first: 1) { nodes { action personal { value } } } }")
    assert all(node["personal"] is None for node in personal["data"]["auditEvents"]["nodes"])
