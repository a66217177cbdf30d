"""From grants to roles: whatever somebody has, no role is told that opens more; and the memory of what is told."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, cast
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from gateway.oidc.authorization.entitlement import Entitlement
from gateway.oidc.authorization.told import Told, ToldMemory
from policy.facts import Level, Organization, UserStatus
from policy.grant import Access, Grant
from policy.ids import AssignmentId, OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear, System, UserId
from policy.pack import Reach
from policy.packs import Packs
from policy.smarter.chain import Entity, Tenancy
from policy.smarter.emission import Audience, HeldRole, chains_of, held_roles, path_of
from policy.smarter.levels import Tier
from store.smarter_mapping import shipped_mapping
from store.standing import Standing
from tests.oidc.world import REPORTING

USER = UserId(UUID(int=1))
SPACE = UUID(int=2)
LEA = Organization(
    OrganizationId(uuid5(SPACE, "lea")), Level.LEA, "L1", "Lea", OrganizationId(uuid5(SPACE, "lea")), "L1"
)
SCHOOL = Organization(OrganizationId(uuid5(SPACE, "school")), Level.SCHOOL, "S1", "School", LEA.id, "L1")
CERS = Audience(frozenset({System("cers")}), {})
TENANCY = Tenancy(Entity(Tier.CLIENT, "CA", "California"), Entity(Tier.STATE, "CA", "California"))
VIEW, MANAGE = Permission("cers:results:view"), Permission("cers:student-groups:manage")
MAPPING = shipped_mapping()
POSTS = [
    (row.program, row.role, LEA if row.tier is Tier.DISTRICT else SCHOOL)
    for row in MAPPING.rows
    if "reporting" in row.components
]


def grant(
    program: str,
    role: str,
    where: Organization,
    permission: Permission,
    reach: Reach,
    kinds: Iterable[str],
    **more: Any,
) -> Grant:
    year = SchoolYear("2026-27")
    return Grant(
        ProgramCode(program), year, permission, reach, where, AssignmentId(UUID(int=3)), RoleSlug(role), year, "a test",
        frozenset(kinds), **more,
    )  # fmt: skip


def roles_of(*grants: Grant, audience: Audience = CERS) -> set[tuple[str, str]]:
    access = Access(USER, UserStatus.ACTIVE, grants)
    return {(one.role, one.organization.code) for one in held_roles(access, MAPPING, audience)}


kinds = st.frozensets(st.sampled_from(["summative", "interim", "alternate"]))
given_results = st.tuples(st.just(VIEW), st.sampled_from(list(Reach)), kinds.filter(bool))
given_groups = st.tuples(st.just(MANAGE), st.sampled_from(list(Reach)), st.just(frozenset[str]()))


@given(st.sampled_from(POSTS), st.lists(st.one_of(given_results, given_groups), max_size=4))
def test_no_role_opens_more_than_the_grants(
    post: tuple[ProgramCode, RoleSlug, Organization],
    held: list[tuple[Permission, Reach, frozenset[str]]],
) -> None:
    """Judged anew, by what RDW shows to each role."""
    program, role, where = post
    told = {name for name, _ in roles_of(*(grant(program, role, where, *one) for one in held))}
    whole = {Reach.STATE, Reach.LEA if where.level is Level.LEA else Reach.SITE}
    seen = frozenset[str]().union(*(found for name, reach, found in held if name == VIEW and reach in whole))
    grouped = seen.union(*(found for name, reach, found in held if name == VIEW and reach is Reach.ROSTER))
    both = {"summative", "interim"}
    if told & {"PII", "CUSTOM_AGGREGATE_REPORTER", "Instructional Resource Admin"}:
        assert seen >= both
    if told & {"PII_GROUP", "GROUP_ADMIN"}:
        assert grouped >= both
    if told & {"GROUP_ADMIN", "Instructional Resource Admin"}:
        assert any(name == MANAGE and reach in whole for name, reach, _ in held)


def test_grants_that_never_count_for_a_chain() -> None:
    """The upcoming year, the state's own roles, single reports, and years before the mapping's first."""
    held = ("caaspp", "educator-test-site", SCHOOL, VIEW, Reach.SITE, ("summative", "interim"))
    assert roles_of(grant(*held)) == {("PII", "S1")}
    for more in ({"current": False}, {"every_program": True}, {"reports": frozenset({"one"})}):
        assert roles_of(grant(*held, **more)) == set()
    assert roles_of(replace(grant(*held), school_year=SchoolYear("2024-25"))) == set()
    assert roles_of(replace(grant(*held), school_year=None)) == set()
    assert roles_of(grant("caaspp", "educator-test-site", LEA, VIEW, Reach.LEA, ("summative", "interim"))) == set()
    assert roles_of(grant(*held), audience=Audience(frozenset({System("thss")}), {})) == set()


def test_grants_of_two_roles_are_never_added_up() -> None:
    """Results of groups by one role and editing of groups by another make no group administrator."""
    viewing = grant("caaspp", "educator-test-site", SCHOOL, VIEW, Reach.SITE, ("summative", "interim"))
    editing = grant("caaspp", "site-coordinator", SCHOOL, MANAGE, Reach.SITE, ())
    assert roles_of(viewing, editing) == {("PII", "S1")}


def test_a_place_that_no_chain_can_name_is_left_out() -> None:
    odd = replace(SCHOOL, code="S|1")
    roles = [HeldRole("reporting", "PII", one) for one in (odd, SCHOOL)]
    assert [one.split("|")[1] for one in chains_of(roles, TENANCY, {LEA.id: "Lea"})] == ["S1"]
    assert chains_of([HeldRole("reporting", "PII", replace(SCHOOL, lea_code=None))], TENANCY, {}) == ()
    state = Organization(OrganizationId(UUID(int=9)), Level.STATE, "CA", "California", None)
    assert path_of(state, TENANCY, {}) == (TENANCY.client, TENANCY.state)


def told(size: int, packs: Packs) -> Told:
    entitled = Entitlement((), 1, None, (), Access(USER, UserStatus.ACTIVE))
    made = Told(entitled, REPORTING, packs, None)
    made.claim("text", lambda: "x" * size)
    return made


def key(number: int, version: int = 1) -> Any:
    standing = Standing(UserId(UUID(int=number)), UserStatus.ACTIVE, version, 1)
    return standing, REPORTING.client_id, None, date(2026, 11, 22)


def test_what_is_told_is_remembered_for_the_same_facts_only() -> None:
    packs, memory = cast(Packs, object()), ToldMemory()
    memory.keep(key(1), told(10, packs))
    assert memory.find(key(1), packs, REPORTING, None) is not None
    assert memory.find(key(1, version=2), packs, REPORTING, None) is None
    assert memory.find(key(2), packs, REPORTING, None) is None
    assert memory.find(key(1), cast(Packs, object()), REPORTING, None) is None
    assert memory.find(key(1), packs, replace(REPORTING, role_mode="union"), None) is None
    assert memory.find(key(1), packs, REPORTING, [{"type": "assessment_access"}]) is None


def test_the_memory_has_a_bound_in_entries_and_bytes() -> None:
    packs, memory = cast(Packs, object()), ToldMemory(most=3, most_bytes=1_000)
    for number in range(5):
        memory.keep(key(number), told(10, packs))
    assert [memory.find(key(number), packs, REPORTING, None) is not None for number in range(5)] == [
        False, False, True, True, True,
    ]  # fmt: skip
    memory.keep(key(9), told(990, packs))
    assert [memory.find(key(number), packs, REPORTING, None) is not None for number in (2, 3, 4, 9)] == [
        False, False, False, True,
    ]  # fmt: skip
