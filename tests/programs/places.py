"""The places of the decision tables: what `own`, `sibling` or `roster` means for a role held at a level."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from policy.decide import GroupTarget, ItemTarget, OrganizationTarget, Question, Target, UserTarget
from policy.facts import Assignment, Credential, Level, Organization, Person, RosterPlace, SignedForm, UserStatus, Years
from policy.ids import AssignmentId, GroupId, OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import Pack, Role, RosterHolder
from policy.reach import Place

TODAY = date(2026, 2, 2)
OTHER_PROGRAM = {"caaspp": ProgramCode("elpac")}
USERS, DESIGNATE = "hallpass:users:", "hallpass:coordinators:"


def _id(name: str) -> UUID:
    return uuid5(UUID(int=11), name)


def _organization(level: Level, name: str, lea: str | None) -> Organization:
    return Organization(OrganizationId(_id(name)), level, name, name, OrganizationId(_id(lea)) if lea else None, lea)


STATE = _organization(Level.STATE, "state", None)
LEA, OTHER_LEA = (_organization(Level.LEA, name, name) for name in ("lea", "other-lea"))
SCHOOL, SIBLING = (_organization(Level.SCHOOL, name, "lea") for name in ("school", "sibling"))
OTHER_SCHOOL = _organization(Level.SCHOOL, "other-school", "other-lea")

HOME: Mapping[Level, Organization] = {Level.STATE: STATE, Level.LEA: LEA, Level.SCHOOL: SCHOOL}
ORGANIZATIONS: Mapping[Level, Mapping[str, Organization]] = {
    Level.STATE: {"own": STATE, "lea": LEA, "school": SCHOOL},
    Level.LEA: {"own": LEA, "school": SCHOOL, "other-lea": OTHER_LEA, "other-school": OTHER_SCHOOL, "state": STATE},
    Level.SCHOOL: {
        "own": SCHOOL,
        "sibling": SIBLING,
        "parent": LEA,
        "other-lea": OTHER_LEA,
        "other-school": OTHER_SCHOOL,
        "state": STATE,
    },
}
ELSEWHEN = ("other-program", "upcoming", "last-year")
HELD_HERE = ("roster", "other-group", "assigned", "other-response")
ANN, BEN = UserId(_id("Ann")), UserId(_id("Ben"))
MINE, NOT_MINE = GroupId(_id("mine")), GroupId(_id("not mine"))


def places(level: Level, *, about: RoleSlug | None = None) -> tuple[str, ...]:
    """Every place that means something for a role held at the level; a question about a person is not about groups."""
    elsewhere = () if level is Level.STATE else ("group-elsewhere",)
    things = () if about else (*HELD_HERE, *elsewhere)
    return (*ORGANIZATIONS[level], *ELSEWHEN, *things)


def base(level: Level, place: str) -> str | None:
    """The place whose reach takes in groups and responses there; None for what isn't in another place."""
    if place not in HELD_HERE:
        return None
    return "own" if level is Level.SCHOOL else "school"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a case asks, apart from where."""

    permission: Permission
    kind: str | None
    report: str | None
    about: RoleSlug | None


class World:
    """One pack, its years, and a person who holds one of its roles and has done all that it asks for."""

    def __init__(self, pack: Pack, year: SchoolYear | None) -> None:
        self.pack = pack
        self.other = OTHER_PROGRAM.get(pack.program, ProgramCode("caaspp"))
        now = year or SchoolYear("2025-26")
        self.now, self.next, self.last = now, _shift(now, 1), _shift(now, -1)
        self.years = Years({pack.program: now, self.other: now}, {pack.program: self.next, self.other: self.next})

    def person(self, role: Role, level: Level) -> Person:
        home, year = HOME[level], self.now if self.pack.from_year else SchoolYear("")
        return Person(
            ANN,
            UserStatus.ACTIVE,
            (Assignment(AssignmentId(_id("held")), self.pack.program, role.slug, home, year),),
            frozenset(SignedForm(self.pack.program, form, year) for form in role.forms),
            (Credential(home.lea, date(2099, 1, 1)),) if home.lea else (),
            (RosterPlace(MINE, SCHOOL.id, LEA.id, year),),
        )

    def question(self, level: Level, asked: Asked, place: str) -> Question:
        program, year = self.pack.program if self.pack.from_year else None, self.now if self.pack.from_year else None
        if place in ELSEWHEN:
            program = self.other if place == "other-program" or program is None else program
            year = {"upcoming": self.next, "last-year": self.last}.get(place, self.now)
        target = self._target(level, asked, place, program, year)
        return Question(asked.permission, target, program, year, asked.kind, asked.report)

    def _target(
        self, level: Level, asked: Asked, place: str, program: ProgramCode | None, year: SchoolYear | None
    ) -> Target:
        where = _organization_of(level, place)
        plain = Place(where.id, where.level, where.lea)
        held = Place(where.id, where.level, where.lea, program, year, asked.about)
        kept_here = self._rosters(asked.permission) is RosterHolder.GATEWAY
        match place:
            case "roster":
                return GroupTarget(MINE, plain, asserted=True)
            case "other-group":  # where the gateway keeps the groups, another system's word must not help
                return GroupTarget(NOT_MINE, plain, asserted=kept_here)
            case "group-elsewhere":
                return GroupTarget(NOT_MINE, plain, asserted=True)
            case "assigned":
                return ItemTarget(plain, ANN)
            case "other-response":
                return ItemTarget(plain, BEN)
            case _ if asked.permission.startswith(USERS):
                return UserTarget(BEN, (held,))
            case _ if asked.permission.startswith(DESIGNATE):
                return OrganizationTarget(held)
            case _:
                return OrganizationTarget(plain)

    def _rosters(self, permission: Permission) -> RosterHolder:
        systems = {str(code): system.rosters for code, system in self.pack.systems.items()}
        return systems.get(permission.partition(":")[0], RosterHolder.GATEWAY)


def _organization_of(level: Level, place: str) -> Organization:
    if place == "group-elsewhere":
        return SIBLING if level is Level.SCHOOL else OTHER_SCHOOL
    return ORGANIZATIONS[level][base(level, place) or ("own" if place in ELSEWHEN else place)]


def _shift(year: SchoolYear, by: int) -> SchoolYear:
    first = int(year[:4]) + by
    return SchoolYear(f"{first}-{(first + 1) % 100:02}")
