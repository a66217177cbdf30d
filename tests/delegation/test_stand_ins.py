"""S1-09: without a coordinator the superintendent is one, from that moment and until that moment, on every surface."""

from datetime import timedelta

import pytest

from store.access_version import raise_epoch, raise_versions
from store.assignments import delete_assignments
from store.database import Connection
from tests.graphql.changes import assign, create, errors, role
from tests.graphql.conftest import AsCaller
from tests.graphql.world import CAASPP, ELPAC, LEA, PARK, Caller, assignment_id, give, user_id
from tests.oidc.world import OTHER_LEA, Clock

pytestmark = pytest.mark.rule("S1-09", "delegation-4")

VIEWER = (
    "{ viewer { roles { role { code program { code } } } grants { permission } withheld { missing { kind name } } } }"
)
EXPLAIN = """query ($check: Check!) { explain(check: $check) { decision { allowed }
    considered { outcome grant { role } } roles { outcome assignment { id } } } }"""
WAYS = "query ($check: Check!) { explain(check: $check) { ways { role { code } people { firstName } } } }"


@pytest.fixture
async def head(connection: Connection, as_person: AsCaller) -> Caller:
    """The superintendent, whom the directory has given her role, with no role chosen."""
    await connection.execute("update role_assignments set origin = 'directory' where role = 'superintendent'")
    async with connection.transaction():
        await raise_epoch(connection)
    return await as_person("superintendent")


async def roles_of(caller: Caller, program: str = CAASPP) -> set[str]:
    found = (await caller.data(VIEWER))["viewer"]["roles"]
    return {one["role"]["code"] for one in found if one["role"]["program"]["code"] == program}


async def remove_leads(connection: Connection, *names: str) -> None:
    """As any room does it: those whose roles go are told, and nobody thinks of the superintendent."""
    async with connection.transaction():
        await delete_assignments(connection, [assignment_id(name, "lea-coordinator", LEA) for name in names])
        await raise_versions(connection, [user_id(name) for name in names])


async def test_she_is_coordinator_the_moment_the_last_one_goes(connection: Connection, head: Caller) -> None:
    assert await roles_of(head) == {"superintendent"}
    await remove_leads(connection, "additional")
    assert await roles_of(head) == {"superintendent"}
    await remove_leads(connection, "primary")
    assert await roles_of(head) == {"superintendent", "lea-coordinator"}


async def test_and_no_longer_the_moment_one_comes(connection: Connection, as_person: AsCaller, head: Caller) -> None:
    await remove_leads(connection, "primary", "additional")
    acting = await as_person("superintendent", "lea-coordinator")
    assert errors(await create(acting, roles=[role("site-coordinator")])) == []
    await give(connection, "educator", "lea-coordinator", LEA)
    assert await roles_of(head) == {"superintendent"}
    refused = await create(acting, email="other@valley.example", roles=[role("site-coordinator")])
    assert errors(refused) == [("NOT_ASSIGNABLE", "S0-30", "input.roles.0.role")]


async def test_her_own_designation_ends_it_and_is_carried_out(connection: Connection, head: Caller) -> None:
    """The change raises her own version; that isn't mistaken for somebody else's change of her access."""
    await remove_leads(connection, "primary", "additional")
    assert "lea-coordinator" in await roles_of(head)
    made = await create(head, email="additional@valley.example", roles=[role("lea-coordinator", LEA)])
    assert made["userErrors"] == []
    (given,) = made["user"]["assignments"]["nodes"]
    assert (given["primary"], given["assignedUnder"]) == (True, "superintendent")
    assert await roles_of(head) == {"superintendent"}


@pytest.mark.rule("delegation-2")
async def test_she_may_designate_herself(connection: Connection, head: Caller) -> None:
    await remove_leads(connection, "primary", "additional")
    made = await assign(head, "superintendent", **role("lea-coordinator", LEA))
    assert (made["userErrors"], made["assignment"]["primary"]) == ([], True)
    assert await roles_of(head) == {"superintendent", "lea-coordinator"}
    other = await assign(head, "superintendent", **role("educator-district", LEA))
    assert errors(other) == [("NOT_ASSIGNABLE", "S0-30", "input.role")] or errors(other)[0][0] == "OWN_ASSIGNMENT"


async def test_it_needs_both_forms(connection: Connection, head: Caller) -> None:
    await remove_leads(connection, "primary", "additional")
    async with connection.transaction():
        await connection.execute(
            "delete from signed_forms where user_id = $1 and form = 'security-agreement'", user_id("superintendent")
        )
        await raise_versions(connection, [user_id("superintendent")])
    viewer = (await head.data(VIEWER))["viewer"]
    assert viewer["roles"] == []
    missing = {(step["kind"], step["name"]) for one in viewer["withheld"] for step in one["missing"]}
    assert missing == {("FORM", "security-agreement")}


async def test_a_suspended_coordinator_still_fills_the_post(connection: Connection, head: Caller) -> None:
    await remove_leads(connection, "additional")
    async with connection.transaction():
        await connection.execute(
            "update role_assignments set status = 'suspended' where id = $1",
            assignment_id("primary", "lea-coordinator", LEA),
        )
        await raise_versions(connection, [user_id("primary")])
    assert await roles_of(head) == {"superintendent"}


@pytest.mark.parametrize(("days", "stands_in"), [(0, False), (-1, True)])
async def test_the_last_day_of_the_last_coordinator(
    connection: Connection, head: Caller, clock: Clock, days: int, stands_in: bool
) -> None:
    await remove_leads(connection, "additional")
    async with connection.transaction():
        await connection.execute(
            "update role_assignments set last_day = $2 where id = $1",
            assignment_id("primary", "lea-coordinator", LEA), clock.now.date() + timedelta(days=days),
        )  # fmt: skip
        await raise_versions(connection, [user_id("primary")])
    assert ("lea-coordinator" in await roles_of(head)) is stands_in


async def test_programs_are_apart(connection: Connection, head: Caller) -> None:
    """No coordinator of CAASPP: nothing follows for ELPAC, where she isn't superintendent."""
    await remove_leads(connection, "primary", "additional")
    assert await roles_of(head, ELPAC) == set()


async def test_nobody_stands_in_whom_the_directory_has_not_named(connection: Connection, as_person: AsCaller) -> None:
    """A stolen fallback: a superintendent's role that was given otherwise brings nothing by default."""
    claimed = await as_person("superintendent")
    await remove_leads(connection, "primary", "additional")
    assert await roles_of(claimed) == {"superintendent"}


async def test_another_leas_coordinators_say_nothing_here(connection: Connection, head: Caller) -> None:
    async with connection.transaction():
        await delete_assignments(connection, [assignment_id("far-lead", "lea-coordinator", OTHER_LEA)])
        await raise_versions(connection, [user_id("far-lead")])
    assert await roles_of(head) == {"superintendent"}


async def test_the_explanation_tells_of_the_role_by_default(
    connection: Connection, as_person: AsCaller, head: Caller
) -> None:
    await remove_leads(connection, "primary", "additional")
    assert head
    acting = await as_person("superintendent", "lea-coordinator")
    check = {"permission": "hallpass:users:manage", "organization": {"id": str(PARK)}}
    found = (await acting.data(EXPLAIN, check=check))["explain"]
    assert found["decision"]["allowed"] is True
    assert [one["grant"]["role"] for one in found["considered"] if one["outcome"] == "GRANTED"] == ["lea-coordinator"]
    assert len(found["roles"]) == len({one["assignment"]["id"] for one in found["roles"]}) == 1


async def test_she_is_named_among_those_who_could_help(
    connection: Connection, as_person: AsCaller, head: Caller
) -> None:
    """Who could give a role: also who stands in."""
    await remove_leads(connection, "primary", "additional")
    assert head
    acting = await as_person("superintendent", "lea-coordinator")
    check = {"permission": "toms:windows:edit", "organization": {"id": str(LEA)}, "subject": str(user_id("site"))}
    ways = (await acting.data(WAYS, check=check))["explain"]["ways"]
    assert {one["firstName"] for way in ways for one in way["people"]} >= {"Superintendent"}


@pytest.mark.parametrize("leads", [("primary",), ("primary", "additional")])
async def test_whoever_raises_versions_raises_hers_too(
    connection: Connection, head: Caller, leads: tuple[str, ...]
) -> None:
    """Whichever room changes roles at the LEA: the superintendent's version follows by itself."""
    await roles_of(head)
    await remove_leads(connection, *leads)
    versions = {
        row["id"]: row["access_version"] for row in await connection.fetch("select id, access_version from users")
    }
    assert len({versions[user_id(one)] for one in ("superintendent", *leads)}) == 1
    assert versions[user_id("superintendent")] > versions[user_id("site")]
