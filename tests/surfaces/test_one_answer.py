"""`decide`, the row filter in SQL and the token's claims agree for every role × permission × place."""

from collections.abc import Iterable

import pytest

from policy.access import RowFilter
from policy.claims import Entry, entries
from policy.decide import OrganizationTarget, Question, UserTarget, decide
from policy.facts import Level, Organization
from policy.grant import Access
from policy.grants import access_of
from policy.ids import Permission, ProgramCode, SchoolYear, system_of
from policy.reach import visible
from store.connection import Connection
from store.pages import PageRequest
from store.reached_ids import organizations_reached, users_reached
from tests.surfaces import state
from tests.surfaces.state import TODAY, TREE, Holder, Where, wheres

PACKS = state.shipped_packs()
HOLDERS = state.holders(PACKS)
PAGE = PageRequest(100)


def _id(holder: Holder) -> str:
    return f"{holder.pack.program}-{holder.pack.from_year or 'always'}-{holder.role.slug}-{holder.level}"


def _kinds(holder: Holder, permission: Permission) -> tuple[str | None, ...]:
    by_kind = PACKS.vocabulary[permission].by_assessment
    return (None, *holder.pack.assessments) if by_kind else (None,)


@pytest.mark.parametrize("holder", HOLDERS, ids=_id)
async def test_decide_row_filter_and_claims_agree(holder: Holder, connection: Connection) -> None:
    places = wheres(holder.pack.program, holder.year, holder.level)
    people = await state.plant(connection, places)
    access = access_of(holder.person, PACKS, holder.years, TODAY)
    differences: list[str] = []
    for permission in sorted(PACKS.vocabulary):
        listed = await users_reached(connection, PAGE, RowFilter(visible(access.grants, permission)))
        seen = set(listed.rows)
        decided = {user for user, where in people.items() if _may_see(access, permission, where)}
        if seen != decided:
            differences.append(f"{permission}: people listed {seen}, decided {decided}")
        for kind in _kinds(holder, permission):
            differences += await _organizations(connection, holder, access, permission, kind)
    assert not differences


def _may_see(access: Access, permission: Permission, where: Where) -> bool:
    target = UserTarget(access.user, (where.place,))
    return decide(access, Question(permission, target, where.program, where.school_year)).allowed


async def _organizations(
    connection: Connection, holder: Holder, access: Access, permission: Permission, kind: str | None
) -> list[str]:
    """Differences for organizations: current year, named program; then other program; then the upcoming year."""
    current = [grant for grant in access.grants if grant.current]
    page = await organizations_reached(connection, PAGE, visible(current, permission, kind))
    listed = set(page.rows)
    told = [one for one in entries(access, {system_of(permission): "https://it.example/"}) if _acts(one, permission)]
    found: list[str] = []
    for where in TREE:
        allowed = _ask(access, permission, where, kind, None, None)
        read = any(_read(one, where, kind, holder.pack.assessments, permission) for one in told)
        if not allowed == (where.id in listed) == read:
            found.append(
                f"{permission} {kind} at {where.name}: decide {allowed}, rows {where.id in listed}, claims {read}"
            )
        if _ask(access, permission, where, kind, state.OTHER_PROGRAM, None) and not holder.pack.every_program:
            found.append(f"{permission} at {where.name} reaches another program")
        ahead = [g for g in access.grants if g.school_year == state.UPCOMING or g.every_program]
        by_rows = visible(ahead, permission, kind).contains(state.Place(where.id, where.level, where.lea))
        if _ask(access, permission, where, kind, None, state.UPCOMING) != by_rows:
            found.append(f"{permission} at {where.name} in the upcoming year")
    return found


def _ask(
    access: Access,
    permission: Permission,
    where: Organization,
    kind: str | None,
    program: ProgramCode | None,
    year: SchoolYear | None,
) -> bool:
    target = OrganizationTarget(state.Place(where.id, where.level, where.lea))
    return decide(access, Question(permission, target, program, year, kind)).allowed


def _acts(entry: Entry, permission: Permission) -> bool:
    return permission.partition(":")[2] in entry.actions


def _read(entry: Entry, where: Organization, kind: str | None, kinds: Iterable[str], permission: Permission) -> bool:
    """What a resource server understands that knows the tree, the program's kinds and nothing of Hallpass."""
    if entry.reports or entry.roles or not _reaches(entry, where):
        return False
    if not PACKS.vocabulary[permission].by_assessment:
        return True
    asked = {kind} if kind else _kinds_given(permission, entry.program, entry.school_year) or set(kinds)
    return asked <= set(entry.assessments)


def _kinds_given(permission: Permission, program: str, year: str) -> set[str]:
    pack = PACKS.at(ProgramCode(program), SchoolYear(year))
    return set(PACKS.kinds(pack, permission)) if pack else set()


def _reaches(entry: Entry, where: Organization) -> bool:
    match entry.reach:
        case "state":
            return True
        case "lea":
            return f"lea:{where.lea_code}" in entry.organizations
        case "schools":
            return where.level is Level.SCHOOL and f"lea:{where.lea_code}" in entry.organizations
        case "site":
            return f"{where.level}:{where.code}" in entry.organizations
        case _:
            return False


def test_every_role_of_every_pack_is_compared() -> None:
    assert {(h.pack.program, h.pack.from_year, h.role.slug) for h in HOLDERS} == {
        (pack.program, pack.from_year, role) for pack in PACKS.all() for role in pack.roles
    }
