"""Generated states for property tests: a small tree, a pack with every reach, and people with random assignments."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from hypothesis import strategies as st

from policy.facts import (
    Assignment,
    AssignmentStatus,
    Credential,
    Level,
    Organization,
    Person,
    RosterPlace,
    SignedForm,
    UserStatus,
    Years,
)
from policy.ids import (
    AssignmentId,
    GroupId,
    OrganizationId,
    Permission,
    ProgramCode,
    RoleSlug,
    SchoolYear,
    System,
    UserId,
)
from policy.pack import (
    AccountPolicy,
    Assigner,
    Cell,
    Form,
    GrantSpec,
    Pack,
    PackSystem,
    PermissionTerm,
    Reach,
    Role,
    RosterHolder,
)
from policy.packs import Packs
from policy.reach import Place

NAMESPACE = UUID(int=7)
TODAY = date(2026, 11, 2)
LAST, NOW, NEXT = SchoolYear("2025-26"), SchoolYear("2026-27"), SchoolYear("2027-28")
RED, BLUE = ProgramCode("red"), ProgramCode("blue")
YEARS = Years({RED: NOW, BLUE: NOW}, {RED: NEXT})

VIEW = Permission("hallpass:users:view")
MANAGE = Permission("hallpass:users:manage")
RESULTS = Permission("cers:results:view")
GROUPS = Permission("ors:results:view")
SCORE = Permission("thss:responses:score")
REPORTS = Permission("toms:reports:view")
VOCABULARY = {
    term.name: term
    for term in (
        PermissionTerm(VIEW, "see people"),
        PermissionTerm(MANAGE, "manage people"),
        PermissionTerm(RESULTS, "see results", by_assessment=True, earlier_years=True),
        PermissionTerm(GROUPS, "see results of groups"),
        PermissionTerm(SCORE, "score responses"),
        PermissionTerm(REPORTS, "see reports"),
    )
}


def ident(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


def organization(level: Level, name: str, lea: str | None = None) -> Organization:
    return Organization(
        OrganizationId(ident(name)), level, name, f"{name} Unified", OrganizationId(ident(lea)) if lea else None
    )


STATE = organization(Level.STATE, "state")
LEAS = tuple(organization(Level.LEA, f"lea{i}", f"lea{i}") for i in range(3))
SCHOOLS = tuple(organization(Level.SCHOOL, f"school{i}{j}", f"lea{i}") for i in range(3) for j in range(2))
TREE = (STATE, *LEAS, *SCHOOLS)


def place_of(
    where: Organization,
    program: ProgramCode | None = None,
    year: SchoolYear | None = None,
    role: RoleSlug | None = None,
) -> Place:
    return Place(where.id, where.level, where.lea, program, year, role)


def _role(slug: str, level: Level, rank: int, *givers: Assigner, forms: tuple[str, ...] = (), **more: object) -> Role:
    return Role(
        RoleSlug(slug), slug.title(), frozenset({level}), rank, assignable_by=givers, forms=forms, **more  # type: ignore[arg-type]
    )  # fmt: skip


BOSS, SITE, TEACHER, READER = RoleSlug("boss"), RoleSlug("site"), RoleSlug("teacher"), RoleSlug("reader")
HEAD, SPLIT = RoleSlug("head"), RoleSlug("split")
ROLES = (
    _role(HEAD, Level.LEA, 10, derived="directory", stands_in_for=BOSS),
    _role(BOSS, Level.LEA, 30, Assigner(HEAD), Assigner(BOSS, primary=True), primary_rank=20, second_step=True),
    _role(SITE, Level.SCHOOL, 40, Assigner(BOSS)),
    _role(TEACHER, Level.SCHOOL, 50, Assigner(BOSS), Assigner(SITE), forms=("affidavit",), credential=True),
    _role(READER, Level.LEA, 60, Assigner(BOSS)),
    _role(SPLIT, Level.LEA, 70, Assigner(BOSS)),
)
ALL_KINDS = frozenset({"summative", "interim"})
SPECS: dict[RoleSlug, tuple[GrantSpec, ...]] = {
    HEAD: (
        GrantSpec(VIEW, Reach.LEA, about_roles=frozenset({BOSS}), upcoming=True),
        GrantSpec(RESULTS, Reach.LEA, ALL_KINDS),
    ),
    BOSS: (
        GrantSpec(VIEW, Reach.LEA),
        GrantSpec(MANAGE, Reach.LEA),
        GrantSpec(RESULTS, Reach.LEA, ALL_KINDS),
        GrantSpec(REPORTS, Reach.LEA),
    ),
    SITE: (
        GrantSpec(VIEW, Reach.SITE),
        GrantSpec(MANAGE, Reach.SITE),
        GrantSpec(RESULTS, Reach.SITE, ALL_KINDS),
        GrantSpec(REPORTS, Reach.SITE),
    ),
    TEACHER: (
        GrantSpec(RESULTS, Reach.ROSTER, frozenset({"interim"})),
        GrantSpec(GROUPS, Reach.ROSTER),
        GrantSpec(SCORE, Reach.ASSIGNED),
        GrantSpec(REPORTS, Reach.SITE, reports=frozenset({"settings"})),
    ),
    READER: (GrantSpec(RESULTS, Reach.LEA, frozenset({"interim"})), GrantSpec(REPORTS, Reach.SCHOOLS)),
    SPLIT: (GrantSpec(VIEW, Reach.SCHOOLS), GrantSpec(RESULTS, Reach.ROSTER, ALL_KINDS)),
}  # fmt: skip


def pack(program: ProgramCode, policy: AccountPolicy = AccountPolicy.MULTI_ROLE) -> Pack:
    cells = tuple(
        Cell(spec.permission, role, "Yes", (spec,), "T, Table 1") for role, specs in SPECS.items() for spec in specs
    )
    systems = {
        System("cers"): PackSystem(System("cers"), "Results", RosterHolder.SYSTEM),
        System("ors"): PackSystem(System("ors"), "Old results", RosterHolder.GATEWAY),
    }
    return Pack(
        program, program, SchoolYear("2020-21"), policy, ("summative", "interim"), systems,
        {role.slug: role for role in ROLES}, cells, {"affidavit": Form("affidavit", "Affidavit", "1", "I will.")},
    )  # fmt: skip


HELP = RoleSlug("help-desk")
STATE_PROGRAM = ProgramCode("state")
STATE_PACK = Pack(
    STATE_PROGRAM, "The state", None, AccountPolicy.MULTI_ROLE, (), {},
    {HELP: _role(HELP, Level.STATE, 5)},
    (Cell("Find", HELP, "", (GrantSpec(VIEW, Reach.STATE),), "state"),), {}, every_program=True,
)  # fmt: skip
PACKS = Packs(VOCABULARY, (pack(RED), pack(BLUE), STATE_PACK))
GROUP_IDS = tuple(GroupId(ident(f"group{i}")) for i in range(3))


@dataclass(frozen=True, slots=True)
class Holding:
    role: RoleSlug
    where: Organization


HOLDINGS = tuple(
    Holding(role.slug, where) for role in ROLES for where in TREE if where.level in role.levels
)  # fmt: skip


def assignment(
    holding: Holding, program: ProgramCode = RED, year: SchoolYear = NOW, *, name: str = "", **more: object
) -> Assignment:
    key = f"{holding.role}{holding.where.code}{program}{year}{name}"
    return Assignment(AssignmentId(ident(key)), program, holding.role, holding.where, year, **more)  # type: ignore[arg-type]


def _roster(group: GroupId, where: Organization, year: SchoolYear) -> RosterPlace:
    return RosterPlace(group, where.id, where.lea, year)


def _credential(lea: Organization, day: date) -> Credential:
    return Credential(lea.id, day)


def _person_id(number: int) -> UserId:
    return UserId(ident(f"person{number}"))


assignments = st.builds(
    assignment,
    st.sampled_from(HOLDINGS),
    st.sampled_from((RED, BLUE)),
    st.sampled_from((LAST, NOW, NOW, NEXT)),
    status=st.sampled_from((AssignmentStatus.ACTIVE, AssignmentStatus.ACTIVE, AssignmentStatus.SUSPENDED)),
    primary=st.booleans(),
    last_day=st.sampled_from((None, None, date(2026, 11, 1), TODAY)),
)
help_desk = st.just(assignment(Holding(HELP, STATE), STATE_PROGRAM, SchoolYear("")))
rosters = st.builds(
    _roster,
    st.sampled_from(GROUP_IDS),
    st.sampled_from(SCHOOLS),
    st.sampled_from((LAST, NOW)),
)
forms = st.builds(SignedForm, st.sampled_from((RED, BLUE)), st.just("affidavit"), st.sampled_from((LAST, NOW)))
credentials = st.builds(_credential, st.sampled_from(LEAS), st.sampled_from((date(2026, 11, 1), TODAY)))
people = st.builds(
    Person,
    st.builds(_person_id, st.integers(0, 3)),
    st.sampled_from((UserStatus.ACTIVE, UserStatus.ACTIVE, UserStatus.ACTIVE, *UserStatus)),
    st.lists(st.one_of(assignments, assignments, assignments, help_desk), max_size=5, unique_by=lambda a: a.id).map(
        tuple
    ),
    st.frozensets(forms),
    st.lists(credentials, max_size=2).map(tuple),
    st.lists(rosters, max_size=3).map(tuple),
)
programs = st.sampled_from((None, RED, BLUE))
years = st.sampled_from((None, LAST, NOW, NEXT))
kinds = st.sampled_from((None, "summative", "interim"))
places = st.builds(
    place_of,
    st.sampled_from(TREE),
    programs,
    years,
    st.sampled_from((None, *(role.slug for role in ROLES))),
)
