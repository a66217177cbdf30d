"""Ways to more than one may, each tried: stale packs, roles that ended or don't count, tokens, oracles, detours."""

import asyncio
import uuid
from typing import Any

import pytest

from policy.ids import GroupId
from store.access_version import raise_epoch, raise_versions
from store.assignments import delete_assignments
from store.database import Connection, Pool
from store.groups import assign_group
from tests.graphql.conftest import AsCaller, AsTokenBearer
from tests.graphql.world import (
    BEACH,
    CAASPP,
    ELPAC,
    HILL,
    LEA,
    NOW,
    OTHER_ROSTER,
    PARK,
    ROSTER,
    YEAR,
    Caller,
    assignment_id,
    codes,
    give,
    person,
    user_id,
)

UNKNOWN = "00000000-0000-4000-8000-000000000000"
DECIDE = """query ($check: Check!) { decide(check: $check) {
    allowed reason explanation grant { role } missing { kind name } accessVersion } }"""
EXPLAIN = """query ($check: Check!) { explain(check: $check) {
    decision { reason explanation } considered { outcome grant { role } } passedOver { id } givers { code } } }"""
ROOM = "query ($id: ID!) { node(id: $id) { ... on StudentGroup { name } } }"
ALIKE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("hallpass:users:view", {"targetUser": UNKNOWN}, {"targetUser": str(user_id("far-teacher"))}),
    ("hallpass:users:manage", {"targetUser": UNKNOWN}, {"targetUser": str(user_id("far-lead"))}),
    ("hallpass:student-groups:manage", {"studentGroup": UNKNOWN}, {"studentGroup": str(OTHER_ROSTER)}),
    ("cers:results:view", {"studentGroup": UNKNOWN}, {"studentGroup": str(OTHER_ROSTER)}),
    ("hallpass:organizations:view", {"organization": {"id": UNKNOWN}}, {"organization": {"id": str(BEACH)}}),
    (
        "toms:student-tests:view",
        {"organization": {"code": {"level": "SCHOOL", "code": "99999999999999"}}},
        {"organization": {"code": {"level": "SCHOOL", "code": "01611196000000"}}},
    ),
    (
        "cers:results:view",
        {"student": {"id": "1", "organization": {"id": UNKNOWN}}},
        {"student": {"id": "1", "organization": {"id": str(BEACH)}}},
    ),
]
"""A permission, what nothing is, and what is out of everybody's reach here."""
ASSIGN = """mutation ($input: AssignRoleInput!) { assignRole(input: $input) { userErrors { code rule path } } }"""
CREATE = """mutation ($input: CreateUserInput!) { createUser(input: $input) { userErrors { code } } }"""
REMOVE = """mutation ($input: RemoveRolesInput!) { removeRoles(input: $input) { removed userErrors { code } } }"""


async def test_a_system_is_answered_by_the_packs_in_force(as_system: Caller, connection: Connection) -> None:
    """Each request reads the epoch, a system's too: a narrower pack of another process counts without NOTIFY."""
    acting = {"program": "caaspp", "role": "site-coordinator", "schoolYear": "2026-27"}
    check = {
        "subject": str(user_id("site")), "permission": "cers:results:view", "assessment": "summative",
        "actingAs": acting, "organization": {"id": str(PARK)},
    }  # fmt: skip
    people = "{ users(first: 100) { nodes { id } } }"
    assert (await as_system.data(DECIDE, check=check))["decide"]["allowed"] is True
    async with connection.transaction():
        await connection.execute("delete from packs where program = 'caaspp'")
        await raise_epoch(connection)
    assert (await as_system.data(DECIDE, check=check))["decide"]["allowed"] is False
    left = {row["id"] for row in (await as_system.data(people))["users"]["nodes"]}
    assert str(user_id("site")) not in left


async def test_a_roster_is_one_s_own_while_a_role_there_counts(as_person: AsCaller, connection: Connection) -> None:
    """Assignments are the only source of access; somebody with missing steps sees them and nothing else."""
    await _give_roster(connection, ROSTER, "unsigned")
    await _give_roster(connection, OTHER_ROSTER, "teacher")
    teacher, unsigned = await as_person("teacher"), await as_person("unsigned")
    assert (await teacher.data(ROOM, id=str(ROSTER)))["node"] == {"name": "Room 4"}
    assert (await teacher.data(ROOM, id=str(OTHER_ROSTER)))["node"] is None, "of a school where she holds no role"
    assert (await unsigned.data(ROOM, id=str(ROSTER)))["node"] is None, "her role gives nothing yet"
    await give(connection, "teacher", "tools-for-teachers-only", HILL)
    removed = assignment_id("teacher", "test-administrator", PARK)
    await (await as_person("primary")).data(REMOVE, input={"assignments": [str(removed)]})
    assert (await teacher.data(ROOM, id=str(ROSTER)))["node"] is None, "her role there has ended"


async def test_own_roles_outside_the_relying_party_s_systems_stay_untold(
    as_person: AsCaller, as_token_bearer: AsTokenBearer, connection: Connection
) -> None:
    """A token is cut to the relying party's systems by every path, also to what is the person's own."""
    other = await give(connection, "primary", "tools-for-teachers-only", HILL, ELPAC)
    mine = assignment_id("primary", "lea-coordinator", LEA)
    document = "query ($id: ID!) { node(id: $id) { id } }"
    session, bearer = await as_person("primary"), await as_token_bearer("primary")
    for asking, found in ((session, {"id": str(other)}), (bearer, None)):
        assert (await asking.data(document, id=str(other)))["node"] == found
        assert (await asking.data(document, id=str(mine)))["node"] == {"id": str(mine)}


@pytest.mark.parametrize("caller", ["site", "teacher", "unsigned", "primary", "superintendent"])
@pytest.mark.checklist(54)
async def test_what_is_unknown_and_what_is_out_of_reach_are_answered_alike(as_person: AsCaller, caller: str) -> None:
    """Decisions, asking: nobody learns by questions what exists."""
    asking = await as_person(caller)
    for document in (DECIDE, EXPLAIN):
        for permission, unknown, unreached in ALIKE:
            answers = [
                await asking.data(document, check={"permission": permission, "assessment": "summative", **target})
                for target in (unknown, unreached)
            ]
            assert answers[0] == answers[1], (permission, unreached)


async def test_a_system_can_t_tell_who_has_an_account(as_system: Caller, connection: Connection) -> None:
    """Unknown and unreachable answer alike: whoever has nothing in the system is nobody to it."""
    await person(connection, "stranger")
    for acting in (None, {"program": "caaspp", "role": "site-coordinator", "schoolYear": "2026-27"}):
        check = {"permission": "cers:results:view", "organization": {"id": str(PARK)}, "actingAs": acting}
        unknown, stranger = [
            await as_system.data(DECIDE, check=check | {"subject": subject})
            for subject in (UNKNOWN, str(user_id("stranger")))
        ]
        assert unknown == stranger


async def test_an_lea_has_as_many_additional_coordinators_as_its_pack_says(
    as_person: AsCaller, connection: Connection
) -> None:
    """Decisions, giving 2: the pack's setting is 3; `additional` is the first of them."""
    asking = await as_person("primary")
    for name in ("second", "third", "fourth"):
        await person(connection, name)
        await give(connection, name, "educator-roster", PARK)
    refused = {"code": "TOO_MANY_COORDINATORS", "rule": "S1-13", "path": ["input", "role"]}
    for name, errors in (("second", []), ("third", []), ("fourth", [refused])):
        made = await asking.data(ASSIGN, input=_assigned(name, "lea-coordinator", LEA))
        assert made["assignRole"]["userErrors"] == errors, name


async def test_a_suspension_isn_t_lifted_by_removing_and_giving_anew(
    as_person: AsCaller, connection: Connection
) -> None:
    """Decisions, accounts 5: a suspension is lifted by its author, somebody above, or the state."""
    held = assignment_id("colleague", "test-administrator", PARK)
    async with connection.transaction():
        await connection.execute("update role_assignments set status = 'suspended' where id = $1", held)
        await raise_versions(connection, [user_id("colleague")])
    asking = await as_person("site")
    gone = (await asking.data(REMOVE, input={"assignments": [str(held)]}))["removeRoles"]
    assert gone == {"removed": [], "userErrors": [{"code": "SUSPENDED"}]}
    anew = await asking.data(ASSIGN, input=_assigned("colleague", "test-administrator", PARK))
    assert [one["code"] for one in anew["assignRole"]["userErrors"]] == ["ALREADY_HELD"]


async def test_whose_role_ends_while_her_change_waits_changes_nothing(as_person: AsCaller, pool: Pool) -> None:
    """A change is judged by what holds when it is committed, not when it was sent."""
    asking, held = await as_person("site"), assignment_id("site", "site-coordinator", PARK)
    removal = {"assignments": [str(assignment_id("colleague", "test-administrator", PARK))]}
    everything = "select array_agg(id order by id) from role_assignments"
    for document, asked, whom in ((CREATE, _created("educator", PARK), "educator"), (REMOVE, removal, "colleague")):
        async with pool.acquire() as other, other.transaction():
            await other.execute("select from users where id = $1 for update", user_id(whom))
            waiting = asyncio.create_task(asking.ask(document, input=asked))
            await _until_somebody_waits(other)
            before = await other.fetchval(everything)
            async with pool.acquire() as third, third.transaction():
                await delete_assignments(third, [held])
                await raise_versions(third, [user_id("site")])
        assert [code for code, _ in codes(await waiting)] == ["FORBIDDEN"]
        async with pool.acquire() as other:
            await give(other, "site", "site-coordinator", PARK)
            assert await other.fetchval(everything) == before


async def test_who_is_suspended_while_a_creation_waits_gets_no_role(as_person: AsCaller, pool: Pool) -> None:
    asking = await as_person("primary")
    async with pool.acquire() as other, other.transaction():
        await other.execute("update users set status = 'suspended' where id = $1", user_id("colleague"))
        waiting = asyncio.create_task(asking.data(CREATE, input=_created("colleague", HILL)))
        await _until_somebody_waits(other)
    assert [one["code"] for one in (await waiting)["createUser"]["userErrors"]] == ["SUSPENDED"]


def _created(name: str, where: Any) -> dict[str, Any]:
    """A role for the account that this person has already."""
    role = {"program": CAASPP, "role": "educator-roster", "organization": str(where), "schoolYear": YEAR}
    return {
        "email": f"{name}@valley.example", "firstName": name.title(), "lastName": "Example", "roles": [role],
        "idempotencyKey": str(uuid.uuid4()),
    }  # fmt: skip


async def _until_somebody_waits(connection: Connection) -> None:
    async with asyncio.timeout(10):
        while not await connection.fetchval("select exists (select from pg_locks where not granted), pg_sleep(0.01)"):
            pass


def _assigned(name: str, slug: str, where: Any) -> dict[str, Any]:
    return {
        "user": str(user_id(name)), "program": CAASPP, "role": slug, "organization": str(where), "schoolYear": YEAR,
        "idempotencyKey": str(uuid.uuid4()),
    }  # fmt: skip


async def _give_roster(connection: Connection, group: GroupId, name: str) -> None:
    async with connection.transaction():
        await assign_group(connection, group, user_id(name), None, NOW)
        await raise_versions(connection, [user_id(name)])
