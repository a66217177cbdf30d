"""A small state with every place that a question can be about, and one target person at each."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid5

from policy.facts import (
    Assignment,
    Credential,
    Level,
    Organization,
    Person,
    RosterPlace,
    SignedForm,
    UserStatus,
    Years,
)
from policy.ids import AssignmentId, GroupId, OrganizationId, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import Pack, Role
from policy.pack_file import read_pack, read_vocabulary
from policy.packs import Packs
from policy.reach import Place
from store.connection import Connection

PROGRAMS = Path(__file__).parents[2] / "programs"
TODAY = date(2026, 11, 2)
_SPACE = UUID(int=11)


def ident(name: str) -> UUID:
    return uuid5(_SPACE, name)


def shipped_packs() -> Packs:
    """Every pack of the product, the template too."""
    vocabulary = read_vocabulary((PROGRAMS / "permissions.toml").read_text("utf-8"), "permissions.toml")
    files = sorted(PROGRAMS.glob("*.toml"))
    return Packs(
        vocabulary,
        [read_pack(file.read_text("utf-8"), file.name, vocabulary) for file in files if file.stem != "permissions"],
    )


def _organization(level: Level, code: str, lea: str | None, lea_code: str | None) -> Organization:
    lea_id = None if lea is None else OrganizationId(ident(lea))
    return Organization(OrganizationId(ident(f"{level}{code}")), level, code, f"{level} {code}", lea_id, lea_code)


STATE = _organization(Level.STATE, "CA", None, None)
LEA = _organization(Level.LEA, "19000010000000", "lea19000010000000", "19000010000000")
OTHER_LEA = _organization(Level.LEA, "19000020000000", "lea19000020000000", "19000020000000")
SCHOOL = _organization(Level.SCHOOL, "19000010000001", "lea19000010000000", LEA.code)
SIBLING = _organization(Level.SCHOOL, "19000010000002", "lea19000010000000", LEA.code)
OTHER_SCHOOL = _organization(Level.SCHOOL, "19000020000001", "lea19000020000000", OTHER_LEA.code)
TREE = (STATE, LEA, OTHER_LEA, SCHOOL, SIBLING, OTHER_SCHOOL)
OTHER_PROGRAM = ProgramCode("another")
UPCOMING = SchoolYear("2030-31")
GROUP = GroupId(ident("group"))


@dataclass(frozen=True, slots=True)
class Where:
    """A place by its name: own, sibling, parent, other LEA, another program, the upcoming year."""

    name: str
    organization: Organization
    program: ProgramCode
    school_year: SchoolYear

    @property
    def place(self) -> Place:
        here = self.organization
        return Place(here.id, here.level, here.lea, self.program, self.school_year, RoleSlug("anything"))


def organization_at(level: Level) -> Organization:
    return {Level.STATE: STATE, Level.LEA: LEA, Level.SCHOOL: SCHOOL}[level]


def wheres(program: ProgramCode, year: SchoolYear, level: Level) -> tuple[Where, ...]:
    """The places to compare, for a role of the program held at that level."""
    own = organization_at(level)
    sibling = {Level.STATE: LEA, Level.LEA: SCHOOL, Level.SCHOOL: SIBLING}[level]
    parent = {Level.STATE: STATE, Level.LEA: STATE, Level.SCHOOL: LEA}[level]
    return (
        Where("own", own, program, year),
        Where("sibling", sibling, program, year),
        Where("parent", parent, program, year),
        Where("other LEA", OTHER_LEA, program, year),
        Where("other LEA's school", OTHER_SCHOOL, program, year),
        Where("other program", own, OTHER_PROGRAM, year),
        Where("upcoming year", own, program, UPCOMING),
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds one role at one organization, with every step done."""

    pack: Pack
    role: Role
    level: Level
    year: SchoolYear

    @property
    def years(self) -> Years:
        programs = {self.pack.program: self.year} if self.pack.from_year else {}
        return Years(programs, dict.fromkeys(programs, UPCOMING))

    @property
    def person(self) -> Person:
        where = organization_at(self.level)
        year = self.year if self.pack.from_year else SchoolYear("")
        program, slug = self.pack.program, self.role.slug
        held = Assignment(AssignmentId(ident("held")), program, slug, where, year, primary=True)
        return Person(
            UserId(ident("holder")),
            UserStatus.ACTIVE,
            (held,),
            frozenset(SignedForm(program, form, year) for form in self.role.forms),
            () if where.lea is None else (Credential(where.lea, TODAY),),
            (RosterPlace(GROUP, SCHOOL.id, SCHOOL.lea, year),),
        )


def holders(packs: Packs) -> list[Holder]:
    """One for every role of every pack at every level where it may be held."""
    return [
        Holder(pack, role, level, pack.from_year or SchoolYear("2026-27"))
        for pack in packs.all()
        for role in pack.roles.values()
        for level in sorted(role.levels)
    ]


async def plant(connection: Connection, targets: tuple[Where, ...]) -> dict[UserId, Where]:
    """Store the tree and a person with one assignment at each place. Answers who is where."""
    await connection.executemany(
        "insert into organizations (id, level, parent_id, lea_id, code, name, name_key)"
        " values ($1, $2, $3, $4, $5, $6, $6)",
        [(o.id, o.level, _parent(o), o.lea, o.code, o.name) for o in TREE],
    )
    people = {UserId(ident(f"target {where.name}")): where for where in targets}
    await connection.executemany(
        "insert into users (id, email, email_key, first_name, last_name, name_key, status)"
        " values ($1, $2, $2, 'T', $2, $2, 'active')",
        [(user, f"{where.name}@example.org") for user, where in people.items()],
    )
    await connection.executemany(
        "insert into role_assignments (id, user_id, program, role, school_year, organization_id, lea_id, name_key,"
        " status, origin) values ($1, $1, $2, 'anything', $3, $4, $5, $6, 'active', 'directory')",
        [
            (user, w.program, w.school_year, w.organization.id, w.organization.lea, f"{w.name}@example.org")
            for user, w in people.items()
        ],
    )
    await connection.executemany(
        "insert into school_years (program, school_year, status) values ($1, $2, $3) on conflict do nothing",
        sorted({(w.program, w.school_year, "upcoming" if w.school_year == UPCOMING else "current") for w in targets}),
    )
    return people


def _parent(organization: Organization) -> UUID | None:
    if organization.level is Level.STATE:
        return None
    return STATE.id if organization.level is Level.LEA else organization.lea
