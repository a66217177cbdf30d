"""What a token of scope directory.manage carries out: each mutation with success, and within its role and place."""

from dataclasses import dataclass
from typing import Any

import pytest

from policy.access import AnyOf
from policy.ids import OrganizationId
from resolvers.asking import Asking
from resolvers.person_changes import UserRow
from resolvers.targets import missing
from schema.managed import MANAGED
from schema.rules import USERS_MANAGE
from store.database import Connection
from tests.accounts.acting import DOCUMENTS, help_desk
from tests.graphql.changes import ASSIGN, REMOVE, assigned, snapshot
from tests.graphql.managing import COLLEAGUE, Managing
from tests.graphql.world import Caller, assignment_id, codes, give, person, user_id
from tests.oidc.world import ELPAC, HILL, LEA, OTHER_LEA, PARK

pytestmark = pytest.mark.checklist(57)
ADDITIONAL = assignment_id("additional", "lea-coordinator", LEA)


@dataclass(frozen=True, slots=True)
class Case:
    """A change that succeeds by token. `shown`: what is there afterwards, by a query that was false before."""

    who: str
    document: str
    asked: dict[str, Any]
    shown: str


CASES = {
    "assignRole": Case(
        "primary", ASSIGN, assigned("colleague", organization=str(HILL)),
        f"select count(*) = 2 from role_assignments where user_id = '{user_id('colleague')}'",
    ),
    "updateAssignment": Case(
        "primary", DOCUMENTS["updateAssignment"],
        {"assignment": str(COLLEAGUE), "lastDay": "2027-01-31", "expectedVersion": 1},
        f"select last_day = '2027-01-31' from role_assignments where id = '{COLLEAGUE}'",
    ),
    "removeRoles": Case(
        "primary", REMOVE, {"assignments": [str(COLLEAGUE)]},
        f"select not exists(select from role_assignments where id = '{COLLEAGUE}')",
    ),
    "designatePrimaryCoordinator": Case(
        "superintendent", DOCUMENTS["designatePrimaryCoordinator"], {"assignment": str(ADDITIONAL)},
        f"select role_assignments.primary from role_assignments where id = '{ADDITIONAL}'",
    ),
}  # fmt: skip


@pytest.fixture(params=sorted(MANAGED))
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def case(name: str) -> Case:
    """A mutation that is named as good by token, and isn't shown to be, has no case here."""
    return CASES[name]


async def refused(asking: Caller, name: str, connection: Connection) -> None:
    """Whatever refuses it, nothing changes."""
    tried, before = CASES[name], await snapshot(connection)
    answer = await asking.ask(tried.document, input=tried.asked)
    said = [code for code, _ in codes(answer)] or [one["code"] for one in answer["data"][name]["userErrors"]]
    assert said, answer
    assert set(said) <= {"FORBIDDEN", "NOT_FOUND", "NO_AUTHORITY", "OWN_ASSIGNMENT"}, answer
    assert await snapshot(connection) == before
    assert not await connection.fetchval(tried.shown)


async def test_it_is_carried_out(managing: Managing, connection: Connection, name: str, case: Case) -> None:
    asking = await managing(case.who)
    assert not await connection.fetchval(case.shown)
    answer = await asking.ask(case.document, input=case.asked)
    assert "errors" not in answer, answer
    assert answer["data"][name]["userErrors"] == []
    assert await connection.fetchval(case.shown)


async def of_both_schools(connection: Connection) -> str:
    """A coordinator of two schools, of whom a token may be narrowed to one."""
    await person(connection, "both")
    for school in (PARK, HILL):
        await give(connection, "both", "site-coordinator", school)
    return "both"


async def narrow(connection: Connection, school: OrganizationId) -> None:
    await connection.execute("update authorizations set place_id = $1", school)


async def test_at_another_place_it_is_refused(
    managing: Managing, connection: Connection, name: str, case: Case
) -> None:
    """Her role reaches both; her token doesn't reach the one that it is about."""
    who = await of_both_schools(connection) if case.who == "primary" else case.who
    asking = await managing(who)
    await narrow(connection, PARK if name == "assignRole" else HILL)
    await refused(asking, name, connection)


ACCOUNTS: dict[str, dict[str, Any]] = {
    "updateUser": {"firstName": "Other", "expectedVersion": 1},
    "deactivateUser": {},
    "reactivateUser": {},
    "deleteUser": {"reason": "left", "expectedVersion": 1},
    "resendInvitation": {},
}


@pytest.mark.parametrize("mutation", ACCOUNTS)
@pytest.mark.parametrize("named", [False, True], ids=["", "even were it named"])
async def test_a_whole_account_is_left_to_sessions(
    managing: Managing, connection: Connection, monkeypatch: pytest.MonkeyPatch, mutation: str, named: bool
) -> None:
    """Its changes are judged by all roles of whoever acts: more than a token's role and place (accounts 3)."""
    if named:
        monkeypatch.setattr("schema.guards.MANAGED", MANAGED | {mutation})
    who = await of_both_schools(connection)
    asking, narrowed, before = await managing("primary"), await managing(who), await snapshot(connection)
    await connection.execute("update authorizations set place_id = $1 where user_id = $2", HILL, user_id(who))
    for caller in (asking, narrowed):
        asked = {"user": str(user_id("colleague")), **ACCOUNTS[mutation]}
        answer = await caller.ask(DOCUMENTS[mutation], input=asked)
        assert [code for code, _ in codes(answer)] in (["FORBIDDEN"], ["NOT_FOUND"]), answer
        assert named or codes(answer) == [("FORBIDDEN", [mutation])]
    assert await snapshot(connection) == before


async def test_under_a_role_of_another_program_it_is_refused(
    managing: Managing, connection: Connection, name: str, case: Case
) -> None:
    """She holds the right role as well; the token is fixed to the other."""
    role = "lea-coordinator" if case.who == "primary" else "superintendent"
    await give(connection, case.who, role, LEA, ELPAC)
    asking = await managing(case.who, role=f"elpac/{role}")
    await refused(asking, name, connection)


async def test_for_another_lea_it_is_refused(managing: Managing, connection: Connection, name: str, case: Case) -> None:
    asking = await managing(case.who)
    await connection.execute("update authorizations set lea_id = $1", OTHER_LEA)
    await refused(asking, name, connection)
    far = "far-lead"
    if case.who == "superintendent":
        await give(connection, far, case.who, OTHER_LEA)
    await refused(await managing(far), name, connection)


async def test_the_states_own_roles_are_left_to_sessions(
    managing: Managing, connection: Connection, name: str, case: Case
) -> None:
    await help_desk(connection, "helper")
    await refused(await managing("helper"), name, connection)


async def test_a_rule_of_the_states_own_is_no_permission_of_a_token(
    managing: Managing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what a mutation may be judged by, a session has both ways and a token the role's own."""
    permissions: list[set[str | None]] = []

    async def judged(asking: Asking, user: object, rule: AnyOf, sight: object) -> UserRow:
        permissions.append({one.permission for one in rule})
        raise missing("person")

    monkeypatch.setattr("schema.guards.MANAGED", MANAGED | {"resendInvitation"})
    monkeypatch.setattr("resolvers.resend_invitation.carry_out", judged)
    answer = await (await managing("primary")).ask(
        DOCUMENTS["resendInvitation"], input={"user": str(user_id("colleague"))}
    )
    assert codes(answer) == [("NOT_FOUND", ["resendInvitation"])]
    assert permissions == [{USERS_MANAGE}]
