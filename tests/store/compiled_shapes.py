"""Shapes of reach and of compiled reads on the state of `tests.store.large`: what plans are tried with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from policy.access import AccessRule, AccessTarget, AnyOf
from policy.caller import Caller, PersonCaller, SystemCaller
from policy.facts import Level, Organization, UserStatus, Years
from policy.grant import Access, Grant
from policy.ids import AssignmentId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, System, UserId
from policy.pack import Reach
from policy.packs import Packs
from store.compile import ByCode, ByEmail, ById, OneRow, Page, Sought
from store.compile_rows import Asked
from store.organization_search import OrganizationFilter
from store.own_systems import own_systems
from store.read_tree import Found, ListRead, RowRead, flatten, lay_out
from store.tables import ASSIGNMENTS, GROUPS, ORGANIZATIONS, USERS, Table
from store.user_search import UserFilter
from tests.policy import worlds
from tests.store import large

RED, BLUE, NOW = ProgramCode("red"), ProgramCode("blue"), SchoolYear("2026-27")
COUNTING = (("blue", "2026-27"), ("red", "2026-27"), ("red", "2027-28"), ("state", ""))
SYSTEMS = frozenset({System("hallpass")})
OWN = own_systems(SYSTEMS, Packs(worlds.VOCABULARY, (worlds.pack(RED),)), Years({RED: NOW}), worlds.TODAY)
VIEW = worlds.VIEW
ME = UserId(UUID(int=99))

LIST_USERS: AnyOf = (AccessRule(VIEW, AccessTarget.USERS_ORGANIZATIONS), AccessRule(VIEW, AccessTarget.OWN_SYSTEM))
SEE_USER: AnyOf = (AccessRule(None, AccessTarget.SELF), *LIST_USERS)
DETAILS: AnyOf = (AccessRule(None, AccessTarget.SELF), AccessRule(VIEW, AccessTarget.USERS_ORGANIZATIONS))
SEE_ASSIGNMENT: AnyOf = (
    AccessRule(None, AccessTarget.SELF),
    AccessRule(VIEW, AccessTarget.ASSIGNMENT_ORGANIZATION),
    AccessRule(VIEW, AccessTarget.OWN_SYSTEM),
)
SEE_ORGANIZATION: AnyOf = (
    AccessRule(None, AccessTarget.SELF),
    AccessRule(VIEW, AccessTarget.THIS),
    AccessRule(VIEW, AccessTarget.OWN_SYSTEM),
)
SEE_GROUP: AnyOf = (AccessRule(None, AccessTarget.SELF), AccessRule(VIEW, AccessTarget.GROUP_ORGANIZATION))


def lea(number: int) -> Organization:
    here = OrganizationId(large.lea(number))
    return Organization(here, Level.LEA, f"l{number}", f"LEA {number}", here)


def school(number: int, of_lea: int) -> Organization:
    here = OrganizationId(large.school(number, of_lea))
    return Organization(here, Level.SCHOOL, f"s{of_lea}-{number}", "School", OrganizationId(large.lea(of_lea)))


STATE = Organization(OrganizationId(large.STATE), Level.STATE, "0", "State", None)


def grant(reach: Reach, where: Organization, program: ProgramCode = RED, **more: Any) -> Grant:
    return Grant(
        program, NOW, VIEW, reach, where, AssignmentId(uuid4()), RoleSlug("boss"), NOW, "T", **more
    )  # fmt: skip


def person(*grants: Grant, systems: frozenset[System] | None = None) -> PersonCaller:
    places = frozenset(one.organization.id for one in grants[:3])
    return PersonCaller(ME, Access(ME, UserStatus.ACTIVE, grants), None, 1, systems, own_organizations=places)


_SITES = tuple(grant(Reach.SITE, school(number, 1 + at)) for at in range(4) for number in range(1, 11))
CALLERS: dict[str, Caller] = {
    "one LEA": person(grant(Reach.LEA, lea(3))),
    "one LEA in two programs": person(grant(Reach.LEA, lea(3)), grant(Reach.LEA, lea(3), BLUE)),
    "one LEA's schools, one role": person(
        grant(Reach.SCHOOLS, lea(3), about_roles=frozenset({RoleSlug("site")})), grant(Reach.SITE, lea(3))
    ),
    "one school": person(grant(Reach.SITE, school(2, 3))),
    "forty schools": person(*_SITES),
    "a program's whole state": person(grant(Reach.STATE, STATE)),
    "everything": person(grant(Reach.STATE, STATE, every_program=True)),
    "herself": person(),
    "a token of one LEA": person(grant(Reach.LEA, lea(3)), systems=SYSTEMS),
    "a token of forty schools": person(*_SITES, systems=SYSTEMS),
    "a system": SystemCaller("system", SYSTEMS),
}
USER_FILTERS: dict[str, Sought] = {
    "all": Sought(UserFilter()),
    "name": Sought(UserFilter(name_prefix="ab")),
    "name part": Sought(UserFilter(name_part="ab")),
    "rare name part": Sought(UserFilter(name_part="abcd")),
    "one letter": Sought(UserFilter(name_part="f")),
    "any part": Sought(UserFilter(contains="3.4.5@")),
    "addresses that begin so": Sought(UserFilter(email_prefix="p")),
    "address": Sought(UserFilter(email_prefix="p3.4.")),
    "one address": Sought(UserFilter(email_prefix="p3.4.5@x.org")),
    "status": Sought(UserFilter(status=UserStatus.ACTIVE)),
    "rare status": Sought(UserFilter(status=UserStatus.SUSPENDED)),
    "organization": Sought(UserFilter(organization=OrganizationId(large.school(2, 3)))),
    "code": Sought(UserFilter(), ByCode(Level.SCHOOL, "s3-2")),
    "LEA's code and role": Sought(UserFilter(role=RoleSlug("site")), ByCode(Level.LEA, "l3")),
    "role": Sought(UserFilter(program=RED, role=RoleSlug("site"))),
    "program": Sought(UserFilter(program=BLUE)),
    "name and role": Sought(UserFilter(name_prefix="ab", role=RoleSlug("teacher"))),
}
ORGANIZATION_FILTERS: dict[str, Sought] = {
    "all": Sought(OrganizationFilter()),
    "name": Sought(OrganizationFilter(name_prefix="school 3")),
    "level": Sought(OrganizationFilter(level=Level.LEA)),
    "code": Sought(OrganizationFilter(code="s3-2")),
    "parent": Sought(OrganizationFilter(parent=OrganizationId(large.lea(3)))),
    "inactive": Sought(OrganizationFilter(active=False)),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One read by one caller."""

    name: str
    read: Callable[[], OneRow | Page]
    asked: Asked

    @property
    def is_counted(self) -> bool:
        """Whether rows are counted, up to 10,000 of them."""
        wanted = self.read()
        return isinstance(wanted, Page) and wanted.counted


def asked_by(caller: Caller) -> Asked:
    systems = caller.systems if isinstance(caller, PersonCaller | SystemCaller) else None
    return Asked(caller, None if systems is None else OWN, COUNTING)


def shapes(caller: Caller) -> Iterator[Shape]:
    """Every filter, counted and not, flat and nested, and the roots that are one row."""
    asked = asked_by(caller)
    for name, sought in USER_FILTERS.items():
        yield Shape(f"users by {name}", lambda s=sought: _users(s, counted=False), asked)
        yield Shape(f"users by {name}, counted", lambda s=sought: _users(s, counted=True), asked)
    yield Shape("users with all that is theirs", _nested_users, asked)
    for name, sought in ORGANIZATION_FILTERS.items():
        yield Shape(f"organizations by {name}", lambda s=sought: _organizations(s), asked)
    yield Shape("organizations with all within", _nested_organizations, asked)
    for reference in (ById(UUID(int=5)), ByEmail("p3.4.5@x.org")):
        yield Shape(f"a user {reference}", lambda r=reference: _one(USERS, r, SEE_USER), asked)
    for reference in (ById(large.school(2, 3)), ByCode(Level.LEA, "l3")):
        yield Shape(f"a place {reference}", lambda r=reference: _one(ORGANIZATIONS, r, SEE_ORGANIZATION), asked)


def _row(table: Table, *columns: str) -> RowRead:
    row = RowRead(table)
    for one in ("name_key", *columns) if table in (USERS, ORGANIZATIONS) else columns:
        row.column(one)
    _ = row.present
    return row


def _list(
    table: Table, found: Found, key: str, rule: AnyOf, *columns: str, first: int = 10, few: bool = False
) -> ListRead:
    return ListRead(_row(table, *columns), found, key, rule, first, None, few=few)


def _assignments(*, few: bool) -> ListRead:
    found = _list(ASSIGNMENTS, Found.BY_KEY, "user_id", SEE_ASSIGNMENT, "program", "role", "school_year", few=few)
    found.row.point("organization_id", ORGANIZATIONS, (SEE_ORGANIZATION,)).column("name")
    return found


def _users(sought: Sought, *, counted: bool) -> Page:
    row = _row(USERS, "email")
    row.rule((DETAILS,))
    row.list(_assignments(few=True))
    return _page(row, LIST_USERS, sought, counted=counted)


def _nested_users() -> Page:
    row = _row(USERS, "email")
    held = row.list(_assignments(few=False))
    held.counted = True
    held.row.rule((SEE_ASSIGNMENT[:2],))
    held.row.point("assigned_by", USERS, (SEE_USER,)).column("email")
    place = held.row.point("organization_id", ORGANIZATIONS, (SEE_ORGANIZATION,))
    place.point("parent_id", ORGANIZATIONS, (SEE_ORGANIZATION,)).column("name")
    beside = place.list(_list(USERS, Found.BY_HOLDING, "", LIST_USERS, "email", first=3))
    beside.row.rule((DETAILS,))
    return _page(row, LIST_USERS, Sought(UserFilter()), counted=True)


def _organizations(sought: Sought) -> Page:
    row = _row(ORGANIZATIONS, "name", "code", "level")
    row.point("parent_id", ORGANIZATIONS, (SEE_ORGANIZATION,)).column("name")
    return _page(row, SEE_ORGANIZATION, sought, counted=True)


def _nested_organizations() -> Page:
    row = _row(ORGANIZATIONS, "name")
    for wanted in (
        _list(ORGANIZATIONS, Found.BY_KEY, "parent_id", SEE_ORGANIZATION, "name"),
        _list(USERS, Found.BY_HOLDING, "", LIST_USERS, "email"),
        _list(GROUPS, Found.BY_KEY, "organization_id", SEE_GROUP, "name"),
    ):
        row.list(wanted).counted = True
    return _page(row, SEE_ORGANIZATION, Sought(OrganizationFilter()), counted=False)


def _page(row: RowRead, rule: AnyOf, sought: Sought, *, counted: bool) -> Page:
    flatten(row)
    lay_out(row, 2)
    return Page(row, rule, sought, counted)


def _one(table: Table, by: ById | ByEmail | ByCode, rule: AnyOf) -> OneRow:
    row = _row(table)
    lay_out(row, 2)
    return OneRow(row, by, (rule,))
