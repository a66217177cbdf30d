"""The seat of the primary coordinator is held once: nobody who comes back takes it from whoever has it now (S1-06)."""

import uuid

import pytest

from store.database import Connection
from store.suspensions import SuspensionRecord, suspend_account
from tests.accounts.acting import act, help_desk, refused, status_of
from tests.directory.test_changes import CLOSE, REOPEN, change
from tests.graphql.conftest import AsCaller
from tests.graphql.world import HILL, LEA, PARK, assignment_id, user_id
from tests.oidc.world import NOW
from tests.years.conftest import AsAdministrator, as_administrator

__all__ = ["as_administrator"]
ADDITIONAL = str(assignment_id("additional", "lea-coordinator", LEA))


async def _seats(connection: Connection) -> dict[str, tuple[bool, str]]:
    """Of both coordinators: whether she is primary, and the role's status."""
    return {
        name: tuple(row.values())
        for name in ("primary", "additional")
        for row in await connection.fetch(
            """select "primary", status from role_assignments where user_id = $1 and role = 'lea-coordinator'""",
            user_id(name),
        )
    }


@pytest.mark.rule("S1-06", "S1-08", "accounts-5")
async def test_an_account_that_comes_back_as_a_whole_leaves_the_seat_to_whoever_has_it(
    as_person: AsCaller, connection: Connection
) -> None:
    superintendent = await as_person("superintendent")
    new = SuspensionRecord(uuid.uuid4(), user_id("primary"), None, None, None, None, NOW, "operator")
    assert await suspend_account(connection, new)
    assert await refused(superintendent, "designatePrimaryCoordinator", assignment=ADDITIONAL) == []
    helper = await as_person(await help_desk(connection))
    assert await refused(helper, "reactivateUser", user=str(user_id("primary"))) == []
    assert await status_of(connection, "primary") == "active"
    assert await _seats(connection) == {"primary": (False, "active"), "additional": (True, "active")}


@pytest.mark.rule("S1-06", "accounts-5")
async def test_a_suspended_primary_comes_back_as_primary_where_nobody_else_is(
    as_person: AsCaller, connection: Connection
) -> None:
    superintendent = await as_person("superintendent")
    target = str(user_id("primary"))
    assert (await act(superintendent, "deactivateUser", user=target))["wholeAccount"] is False
    assert await refused(superintendent, "reactivateUser", user=target) == []
    assert await _seats(connection) == {"primary": (True, "active"), "additional": (False, "active")}


@pytest.mark.rule("S1-06", "years")
async def test_an_lea_that_is_opened_again_has_one_primary_coordinator(
    as_administrator: AsAdministrator, as_person: AsCaller, connection: Connection
) -> None:
    superintendent, admin = await as_person("superintendent"), await as_administrator()
    target = str(user_id("primary"))
    assert (await act(superintendent, "deactivateUser", user=target))["wholeAccount"] is False
    assert await refused(superintendent, "designatePrimaryCoordinator", assignment=ADDITIONAL) == []
    for document in (CLOSE, REOPEN):
        places = (PARK, HILL, LEA) if document is CLOSE else (LEA, HILL, PARK)
        for where in places:
            version = await connection.fetchval("select version from organizations where id = $1", where)
            assert (await change(admin, document, where, version))["userErrors"] == []
    assert await _seats(connection) == {"primary": (False, "suspended"), "additional": (True, "active")}
    assert await refused(await as_person("superintendent"), "reactivateUser", user=target) == []
    assert await _seats(connection) == {"primary": (False, "active"), "additional": (True, "active")}
