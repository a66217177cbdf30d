"""Suspended coordinators and the primary one: the superintendent manages roles, never the account (S1-05, S1-13)."""

import pytest

from store.database import Connection
from tests.accounts.acting import act, refused, status_of
from tests.graphql.changes import create, errors, events, role
from tests.graphql.conftest import AsCaller
from tests.graphql.world import LEA, assignment_id, user_id


@pytest.mark.rule("S1-05", "accounts-3")
async def test_a_superintendent_suspends_a_coordinators_role_and_not_the_account(
    as_person: AsCaller, connection: Connection
) -> None:
    superintendent = await as_person("superintendent")
    target = str(user_id("additional"))
    done = await act(superintendent, "deactivateUser", user=target, comment="Not this year")
    held = str(assignment_id("additional", "lea-coordinator", LEA))
    assert (done["userErrors"], done["wholeAccount"], done["suspended"]) == ([], False, [held])
    assert await status_of(connection, "additional") == "active"
    assert await refused(await as_person("primary"), "reactivateUser", user=target) == ["NOT_YOUR_SUSPENSION"]
    assert await refused(superintendent, "reactivateUser", user=target) == []


@pytest.mark.rule("S1-13")
async def test_the_primary_suspends_an_additional_coordinator(as_person: AsCaller, connection: Connection) -> None:
    done = await act(await as_person("primary"), "deactivateUser", user=str(user_id("additional")))
    assert (done["userErrors"], done["wholeAccount"]) == ([], True)


@pytest.mark.rule("S1-06", "S1-08")
async def test_a_suspended_primary_comes_back_as_additional_where_there_is_another(
    as_person: AsCaller, connection: Connection
) -> None:
    superintendent = await as_person("superintendent")
    target = str(user_id("primary"))
    assert (await act(superintendent, "deactivateUser", user=target))["wholeAccount"] is False
    made = await create(superintendent, roles=[role("lea-coordinator", LEA)])
    assert errors(made) == []
    assert [one["primary"] for one in made["user"]["assignments"]["nodes"]] == [False], "the seat isn't free"
    wanted = str(assignment_id("additional", "lea-coordinator", LEA))
    assert await refused(superintendent, "designatePrimaryCoordinator", assignment=wanted) == []
    assert await refused(superintendent, "reactivateUser", user=target) == []
    rows = await connection.fetch(
        "select user_id, \"primary\", status from role_assignments where role = 'lea-coordinator'"
    )
    found = {row["user_id"]: (row["primary"], row["status"]) for row in rows}
    assert found[user_id("additional")] == (True, "active")
    assert found[user_id("primary")] == (False, "active")


@pytest.mark.rule("S1-06")
async def test_whoever_is_primary_no_more_is_told_of_by_the_audit_trail_as_well(
    as_person: AsCaller, connection: Connection
) -> None:
    wanted = str(assignment_id("additional", "lea-coordinator", LEA))
    assert await refused(await as_person("superintendent"), "designatePrimaryCoordinator", assignment=wanted) == []
    told = {one["target_id"]: one["after"]["primary"] for one in await events(connection)}
    assert told == {wanted: True, str(assignment_id("primary", "lea-coordinator", LEA)): False}
