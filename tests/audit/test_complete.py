"""Every change and every refused attempt is told: who, under which role, about whom; and nobody can untell it."""

import asyncpg
import pytest

from store.connection import Connection
from tests.graphql.changes import ASSIGN, REMOVE, assigned, events, remove
from tests.graphql.conftest import AsCaller
from tests.graphql.world import HILL, PARK, YEAR, assignment_id, codes, user_id

pytestmark = pytest.mark.rule("state")

ONLY_GROWING = ("audit_events", "audit_batches")
WRITTEN_BY_TRIGGERS = (
    "role_assignment_history", "user_status_history", "signed_form_history", "credential_history",
    "student_group_history", "student_group_user_history", "student_group_member_history", "pack_history",
    "history_state",
)  # fmt: skip


@pytest.mark.parametrize("table", [*ONLY_GROWING, *WRITTEN_BY_TRIGGERS])
async def test_the_gateway_can_not_alter_what_was_told(connection: Connection, table: str) -> None:
    first = "select attname from pg_attribute where attrelid = $1::text::regclass and attnum = 1"
    column = await connection.fetchval(first, table)
    statements = [f"update {table} set {column} = default", f"delete from {table}", f"truncate {table}"]
    if table in WRITTEN_BY_TRIGGERS:
        statements.append(f"insert into {table} select * from {table}")
    for statement in (*statements, f"alter table {table} disable trigger user", f"drop table {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


@pytest.mark.parametrize("table", ONLY_GROWING)
@pytest.mark.parametrize("statement", ["delete from {}", "truncate {}"])
async def test_nor_does_the_owner_by_a_slip(owner: Connection, table: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only added to"):
        await owner.execute(statement.format(table))


async def test_an_attempt_out_of_reach_tells_about_whom_and_under_which_role(
    as_person: AsCaller, connection: Connection
) -> None:
    far = await as_person("far-lead", "lea-coordinator")
    target = assignment_id("colleague", "test-administrator", PARK)
    answer = await far.ask(REMOVE, input={"assignments": [str(target)], "reason": "Ann Bell asked me"})
    assert codes(answer) == [("NOT_FOUND", ["removeRoles"])]
    literal = REMOVE.replace("$input: RemoveRolesInput!", "").replace("()", "").replace(
        "input: $input", f'input: {{assignments: ["{target}"], reason: "Ann Bell"}}'
    )  # fmt: skip
    assert codes(await far.ask(literal)) == [("NOT_FOUND", ["removeRoles"])]
    for one in await events(connection, "denied"):
        assert (one["actor_id"], one["acting_under"], one["reason"], one["after"]) == (
            user_id("far-lead"), "caaspp/lea-coordinator", "NOT_FOUND", {"named": [str(target)]},
        )  # fmt: skip
        assert one["request_id"]
    assert len(await events(connection, "denied")) == 2


async def test_an_attempt_that_a_rule_refuses_tells_role_and_rule(as_person: AsCaller, connection: Connection) -> None:
    site = await as_person("site", "site-coordinator")
    await site.data(ASSIGN, input=assigned("teacher", role="site-coordinator"))
    (one,) = await events(connection, "denied")
    assert (one["action"], one["acting_under"]) == ("assignRole", "caaspp/site-coordinator")
    assert one["reason"]
    assert not await events(connection)


async def test_a_change_and_its_event_stand_or_fall_together(as_person: AsCaller, connection: Connection) -> None:
    lead = await as_person("primary")
    both = [
        assignment_id("colleague", "test-administrator", PARK),
        assignment_id("hill-site", "site-coordinator", HILL),
    ]
    assert (await remove(lead, *both, reason="left"))["userErrors"] == []
    told = await events(connection)
    assert {one["subject_id"] for one in told} == {user_id("colleague"), user_id("hill-site")}
    assert {one["organization_id"] for one in told} == {PARK, HILL}
    assert all(one["before"]["school_year"] == YEAR and one["acting_under"] for one in told)
