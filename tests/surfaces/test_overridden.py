"""Where a cell is overridden, `decide`, the row filter in SQL and the token's claims agree as they do elsewhere."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from policy.access import RowFilter
from policy.claims import entries
from policy.decide import OrganizationTarget, Question, UserTarget, decide
from policy.facts import Level, Person
from policy.grants import access_of
from policy.ids import Permission, ProgramCode, RoleSlug, system_of
from policy.overrides import is_wider, overridden
from policy.pack import CellOverride, GrantSpec, Reach
from policy.packs import Packs
from policy.reach import visible
from store.connection import Connection
from store.own_systems import own_systems
from store.pages import PageRequest
from store.reached_ids import organizations_reached, users_reached
from tests.surfaces import state
from tests.surfaces.state import TODAY, TREE, Holder, wheres

pytestmark = pytest.mark.rule("state")
SOURCE = state.shipped_packs()
CAASPP = ProgramCode("caaspp")
(PACK,) = [one for one in SOURCE.all() if one.program == CAASPP and one.last_year is None]
LEAD, SITE = RoleSlug("lea-coordinator"), RoleSlug("site-coordinator")
USERS, RESULTS = Permission("hallpass:users:view"), Permission("cers:results:view")
KINDS = frozenset({"interim", "summative"})
LAST = TODAY + timedelta(days=5)
PAGE = PageRequest(100)


def override(role: RoleSlug, permission: Permission, given: GrantSpec | None) -> CellOverride:
    year = PACK.from_year or ""
    return CellOverride(UUID(int=7), CAASPP, year, role, permission, given, TODAY, LAST, "Decision 7")


CASES = {
    "users at the site alone": (LEAD, Level.LEA, USERS, GrantSpec(USERS, Reach.SITE), False),
    "users not at all": (LEAD, Level.LEA, USERS, None, False),
    "one kind of result": (SITE, Level.SCHOOL, RESULTS, GrantSpec(RESULTS, Reach.SITE, frozenset({"interim"})), False),
    "own groups alone": (SITE, Level.SCHOOL, RESULTS, GrantSpec(RESULTS, Reach.ROSTER, KINDS), False),
    "the whole state": (LEAD, Level.LEA, USERS, GrantSpec(USERS, Reach.STATE), True),
    "a permission that it lacks": (
        SITE, Level.SCHOOL, Permission("toms:windows:edit"),
        GrantSpec(Permission("toms:windows:edit"), Reach.SITE), True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_wider_than_the_source(case: str) -> None:
    role, _, permission, given, wider = CASES[case]
    assert is_wider(PACK, override(role, permission, given)) is wider


@pytest.mark.parametrize("case", CASES)
async def test_decide_rows_and_claims_agree(case: str, connection: Connection) -> None:
    role, level, permission, given, _ = CASES[case]
    pack = overridden(PACK, [override(role, permission, given)])
    packs = Packs(SOURCE.vocabulary, [pack if one is PACK else one for one in SOURCE.all()])
    holder = Holder(pack, pack.roles[role], level, _year())
    places = wheres(CAASPP, holder.year, level)
    people = await state.plant(connection, places)
    access = access_of(holder.person, packs, holder.years, TODAY)
    listed = await users_reached(connection, PAGE, RowFilter(visible(access.grants, permission)))
    decided = {
        user
        for user, where in people.items()
        if decide(
            access,
            Question(permission, UserTarget(access.user, (where.place,)), where.program, where.school_year),
        ).allowed
    }
    assert set(listed.rows) == decided
    for kind in (None, *pack.assessments):
        current = [grant for grant in access.grants if grant.current]
        reached = set((await organizations_reached(connection, PAGE, visible(current, permission, kind))).rows)
        for where in TREE:
            target = OrganizationTarget(state.Place(where.id, where.level, where.lea))
            assert decide(access, Question(permission, target, None, None, kind)).allowed == (where.id in reached)
    told = list(entries(access, {system_of(permission): "https://it.example/"}))
    given_now = [grant for grant in access.grants if grant.permission == permission]
    assert bool(given_now) == (given is not None)
    assert len(told) >= bool([grant for grant in given_now if grant.current])


@pytest.mark.parametrize("case", CASES)
def test_the_day_before_and_after_count_as_the_source(case: str) -> None:
    role, level, permission, given, _ = CASES[case]
    pack = overridden(PACK, [override(role, permission, given)])
    packs = Packs(SOURCE.vocabulary, [pack if one is PACK else one for one in SOURCE.all()])
    person, years = (holder := Holder(pack, pack.roles[role], level, _year())).person, holder.years

    def grants(which: Packs, day: date, who: Person = person) -> set[object]:
        return {replace(grant, basis="") for grant in access_of(who, which, years, day).grants}

    for day in (TODAY - timedelta(days=1), LAST + timedelta(days=1)):
        assert grants(packs, day) == grants(SOURCE, day)
    for day in (TODAY, LAST):
        assert grants(packs, day) != grants(SOURCE, day)


def test_a_system_is_told_of_people_by_the_same_cells() -> None:
    """What a relying party sees of people follows from who is given something in its systems on that day."""
    cers = frozenset({system_of(RESULTS)})
    specs = {spec.permission for _, spec in PACK.grants_of(SITE) if system_of(spec.permission) in cers}
    overrides = [replace(override(SITE, one, None), id=UUID(int=at)) for at, one in enumerate(sorted(specs))]
    pack = overridden(PACK, overrides)
    packs = Packs(SOURCE.vocabulary, [pack if one is PACK else one for one in SOURCE.all()])
    years = Holder(pack, pack.roles[SITE], Level.SCHOOL, _year()).years
    for day, told in ((TODAY, False), (LAST + timedelta(days=1), True)):
        rules = own_systems(cers, packs, years, day).rules
        assert any(one.program == CAASPP and one.role == SITE for one in rules) is told


def _year() -> state.SchoolYear:
    return PACK.from_year or state.SchoolYear("2026-27")
