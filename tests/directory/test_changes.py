"""Single organizations moved, closed, merged and renamed: who gains and loses, beforehand and in fact; past trees."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from policy.facts import Level
from policy.ids import OrganizationId
from store.database import Connection
from store.organizations import organization_on_day, organizations_by_ids
from store.past import PastConnection
from tests.graphql.conftest import AsCaller
from tests.graphql.world import BEACH, HILL, LEA, OTHER_LEA, PARK, ROSTER, YEAR, Caller, codes, user_id
from tests.oidc.world import NOW, STATE
from tests.years.conftest import AsAdministrator

ERRORS = "organization { id name code active parent { id } } userErrors { path code }"
MOVE = f"mutation ($input: MoveOrganizationInput!) {{ moveOrganization(input: $input) {{ {ERRORS} }} }}"
CLOSE = f"mutation ($input: CloseOrganizationInput!) {{ closeOrganization(input: $input) {{ {ERRORS} }} }}"
REOPEN = f"mutation ($input: ReopenOrganizationInput!) {{ reopenOrganization(input: $input) {{ {ERRORS} }} }}"
RENAME = f"mutation ($input: RenameOrganizationInput!) {{ renameOrganization(input: $input) {{ {ERRORS} }} }}"
EFFECTS = """query ($where: ID!, $to: ID) { organizationEffects(organization: $where, moveTo: $to) { concerned
    gaining { user { firstName } role heldAt { id } gains loses }
    losing { user { firstName } role heldAt { id } gains loses } } }"""
DECIDE = """query ($where: ID!) { decide(check: {permission: "hallpass:users:view", organization: {id: $where}}) {
    allowed } }"""


async def change(asking: Caller, document: str, where: UUID, version: int = 1, **more: Any) -> dict[str, Any]:
    asked = {"organization": str(where), "expectedVersion": version} | more
    (payload,) = (await asking.data(document, input=asked)).values()
    return payload


def refused(payload: dict[str, Any]) -> list[str]:
    return [one["code"] for one in payload["userErrors"]]


async def may(asking: Caller, where: UUID) -> bool:
    return (await asking.data(DECIDE, where=str(where)))["decide"]["allowed"]


@pytest.mark.rule("years", "state")
@pytest.mark.parametrize("document", [MOVE, CLOSE, REOPEN, RENAME])
@pytest.mark.checklist("56 moving organizations")
async def test_the_tree_is_the_state_administrators(as_person: AsCaller, document: str) -> None:
    more = {"to": str(OTHER_LEA)} if document is MOVE else {}
    for name in ("primary", "superintendent"):
        asked = {"organization": str(PARK), "expectedVersion": 1, **more}
        answer = await (await as_person(name)).ask(document, input=asked)
        assert [code for code, _ in codes(answer)] == ["FORBIDDEN"]


@pytest.mark.rule("years")
async def test_moving_shows_before_who_gains_and_who_loses_and_does_it(
    as_administrator: AsAdministrator, as_person: AsCaller, connection: Connection
) -> None:
    admin = await as_administrator()
    found = (await admin.data(EFFECTS, where=str(PARK), to=str(OTHER_LEA)))["organizationEffects"]
    gaining = {(one["user"]["firstName"], one["role"]) for one in found["gaining"]}
    losing = {(one["user"]["firstName"], one["role"]) for one in found["losing"]}
    assert gaining == {("Far-Lead", "lea-coordinator")}
    assert losing >= {
        ("Primary", "lea-coordinator"),
        ("Additional", "lea-coordinator"),
        ("Educator", "educator-district"),
    }
    assert not {name for name, _ in losing} & {"Site", "Teacher", "Hill-Site", "Far-Lead"}
    lead, far = await as_person("primary"), await as_person("far-lead")
    assert (await may(lead, PARK), await may(far, PARK)) == (True, False)
    moved = await change(admin, MOVE, PARK, to=str(OTHER_LEA))
    assert (moved["userErrors"], moved["organization"]["parent"]["id"]) == ([], str(OTHER_LEA))
    assert (await may(lead, PARK), await may(far, PARK)) == (False, True)
    assert await may(await as_person("site"), PARK)
    leas = await connection.fetch("select distinct lea_id from role_assignments where organization_id = $1", PARK)
    assert [one["lea_id"] for one in leas] == [OTHER_LEA]
    assert await connection.fetchval("select lea_id from student_groups where id = $1", ROSTER) == OTHER_LEA
    event = await connection.fetchrow("select before, after from audit_events where action = 'moveOrganization'")
    assert event is not None
    assert (event["before"], event["after"]) == ({"parent": str(LEA)}, {"parent": str(OTHER_LEA)})


@pytest.mark.rule("years", "accounts-7")
async def test_a_credential_of_the_old_lea_counts_no_more_at_a_moved_school(
    as_administrator: AsAdministrator, as_person: AsCaller, connection: Connection
) -> None:
    await connection.execute(
        "update role_assignments set role = 'test-examiner' where user_id = $1", user_id("colleague")
    )
    await connection.execute(
        "insert into credentials (id, user_id, lea_id, number, expires_on) values ($1, $2, $3, 'x', $4)",
        uuid.uuid4(), user_id("colleague"), LEA, NOW.date() + timedelta(days=90),
    )  # fmt: skip
    found = await (await as_administrator()).data(EFFECTS, where=str(PARK), to=str(OTHER_LEA))
    losing = {(one["user"]["firstName"], one["role"]) for one in found["organizationEffects"]["losing"]}
    assert ("Colleague", "test-examiner") in losing


@pytest.mark.rule("years")
async def test_closing_suspends_what_is_held_there_and_reopening_returns_it(
    as_administrator: AsAdministrator, as_person: AsCaller, connection: Connection
) -> None:
    admin, site = await as_administrator(), await as_person("site")
    losing = (await admin.data(EFFECTS, where=str(PARK)))["organizationEffects"]["losing"]
    assert {"Site", "Primary"} <= {one["user"]["firstName"] for one in losing}
    assert (await change(admin, CLOSE, PARK, reason="no pupils left"))["organization"]["active"] is False
    assert (await site.post("{ viewer { id } }")).status_code == 401, "no role of hers is left, so she is signed out"
    assert refused(await change(admin, CLOSE, PARK, 2)) == ["UNCHANGED"]
    statuses = await connection.fetch("select distinct status from role_assignments where organization_id = $1", PARK)
    assert [one["status"] for one in statuses] == ["active"]
    assert (await change(admin, REOPEN, PARK, 2))["organization"]["active"] is True
    assert await may(await as_person("site"), PARK)


@pytest.mark.rule("years")
async def test_a_merged_schools_people_are_listed_for_the_other_one_and_nothing_is_copied(
    as_administrator: AsAdministrator, as_person: AsCaller, connection: Connection
) -> None:
    before = await connection.fetchval("select count(*) from role_assignments")
    admin = await as_administrator()
    assert refused(await change(admin, CLOSE, PARK, mergedInto=str(LEA))) == ["WRONG_LEVEL"]
    assert refused(await change(admin, CLOSE, PARK, mergedInto=str(PARK))) == ["WRONG_LEVEL"]
    assert (await change(admin, CLOSE, PARK, mergedInto=str(HILL)))["userErrors"] == []
    assert await connection.fetchval("select count(*) from role_assignments") == before + 1, "the administrator's own"
    lead = await as_person("primary")
    listed = """query ($where: ID!, $year: String!) { earlierAssignments(
        organization: $where, program: "caaspp", schoolYear: $year) { nodes { id firstName refusal { code } } } }"""
    nodes = (await lead.data(listed, where=str(PARK), year=YEAR))["earlierAssignments"]["nodes"]
    people = {one["firstName"]: one["id"] for one in nodes}
    assert {"Teacher", "Colleague", "Site"} <= set(people)
    assert {one["refusal"]["code"] for one in nodes} == {"CLOSED"}
    bring = """mutation ($input: BringBackLastYearInput!) { bringBackLastYear(input: $input) {
        assignments { organization { id } role { code } } userErrors { code } } }"""
    ticked = {"assignment": people["Colleague"], "organization": str(HILL)}
    asked = {"into": YEAR, "people": [ticked], "idempotencyKey": "1"}
    brought = (await lead.data(bring, input=asked))["bringBackLastYear"]
    assert brought == {
        "assignments": [{"organization": {"id": str(HILL)}, "role": {"code": "test-administrator"}}], "userErrors": [],
    }  # fmt: skip
    await connection.execute("update role_assignments set status = 'suspended' where id = $1", UUID(people["Unsigned"]))
    suspended = {**asked, "people": [{**ticked, "assignment": people["Unsigned"]}], "idempotencyKey": "3"}
    answer = (await lead.data(bring, input=suspended))["bringBackLastYear"]
    assert [one["code"] for one in answer["userErrors"]] == ["WAS_SUSPENDED"], "a merger lifts no suspension"
    far = {**asked, "people": [{**ticked, "organization": str(BEACH)}], "idempotencyKey": "2"}
    assert [code for code, _ in codes(await lead.ask(bring, input=far))] == ["NOT_FOUND"]


async def test_what_is_refused(as_administrator: AsAdministrator) -> None:
    admin = await as_administrator()
    assert refused(await change(admin, MOVE, PARK, 7, to=str(OTHER_LEA))) == ["CHANGED"]
    assert refused(await change(admin, MOVE, PARK, to=str(LEA))) == ["UNCHANGED"]
    assert refused(await change(admin, MOVE, PARK, to=str(HILL))) == ["WRONG_LEVEL"]
    assert refused(await change(admin, MOVE, LEA, to=str(OTHER_LEA))) == ["WRONG_LEVEL"]
    assert refused(await change(admin, CLOSE, STATE)) == ["WRONG_LEVEL"]
    assert refused(await change(admin, CLOSE, LEA)) == ["OPEN_SCHOOLS"]
    assert refused(await change(admin, REOPEN, PARK)) == ["UNCHANGED"]
    assert refused(await change(admin, RENAME, PARK, code="1.964733E+13")) == ["INVALID"]
    assert refused(await change(admin, RENAME, PARK, name="=A1")) == ["INVALID"]
    assert refused(await change(admin, RENAME, PARK, code="19647331930001")) == ["TAKEN"]
    answer = await admin.ask(CLOSE, input={"organization": str(uuid.uuid4()), "expectedVersion": 1})
    assert [code for code, _ in codes(answer)] == ["NOT_FOUND"]


@pytest.mark.rule("years")
async def test_past_moments_are_answered_with_their_tree(
    as_administrator: AsAdministrator, connection: Connection
) -> None:
    async def clock() -> datetime:
        return await connection.fetchval("select clock_timestamp()")

    admin = await as_administrator()
    first = await clock()
    await change(admin, RENAME, PARK, name="Parkside", code="19647331939999")
    second = await clock()
    await change(admin, MOVE, PARK, 2, to=str(OTHER_LEA))
    await change(admin, CLOSE, PARK, 3)
    now = await clock()
    park = OrganizationId(PARK)

    async def at(moment: datetime) -> tuple[str, str, UUID | None, str | None, bool]:
        one = (await organizations_by_ids(PastConnection(connection, moment), [park]))[park]
        return one.name, one.code, one.lea_id, one.lea_code, one.active

    assert await at(first) == ("Park Elementary", "19647331930000", LEA, "19647330000000", True)
    assert await at(second) == ("Parkside", "19647331939999", LEA, "19647330000000", True)
    assert await at(now) == ("Parkside", "19647331939999", OTHER_LEA, "01611190000000", False)
    assert await organizations_by_ids(PastConnection(connection, datetime(2000, 1, 1, tzinfo=UTC)), [park]) == {}
    assert await organization_on_day(connection, Level.SCHOOL, "19647331939999", NOW.date()) == PARK
