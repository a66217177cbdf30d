"""The people and places of the delegation table, as facts, with the shipped packs of the current year."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from policy.delegation import Actor, Author, Proposal, Recipient
from policy.facts import (
    Assignment,
    AssignmentStatus,
    Credential,
    Filled,
    Level,
    Organization,
    Person,
    SignedForm,
    UserStatus,
    Years,
)
from policy.grants import access_of
from policy.ids import AssignmentId, OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.packs import Packs
from store.shipped_packs import shipped_packs, vocabulary

PACKS = Packs(vocabulary(), [file.pack for file in shipped_packs() if file.pack.loaded_by_default])
CAASPP, ELPAC = ProgramCode("caaspp"), ProgramCode("elpac")
PAST, NOW, NEXT = SchoolYear("2025-26"), SchoolYear("2026-27"), SchoolYear("2027-28")
YEARS = Years({CAASPP: NOW, ELPAC: NOW}, {CAASPP: NEXT, ELPAC: NEXT})
TODAY = date(2026, 11, 2)
ROLES = (Permission("hallpass:users:manage"), Permission("hallpass:coordinators:designate"))
"""What giving and taking roles accepts."""
ACCOUNTS = (Permission("hallpass:users:manage"), Permission("hallpass:state:accounts"))
"""What managing accounts accepts."""
STANDS_IN = "stands-in"
_NAMES = UUID(int=11)


def ident(name: str) -> UUID:
    return uuid5(_NAMES, name)


def _place(name: str, level: Level, lea: str | None) -> Organization:
    above = OrganizationId(ident(lea)) if lea else None
    return Organization(OrganizationId(ident(name)), level, name, name.title(), above, lea)


PLACES = {
    one.code: one
    for one in (
        _place("state", Level.STATE, None),
        _place("valley", Level.LEA, "valley"),
        _place("park", Level.SCHOOL, "valley"),
        _place("hill", Level.SCHOOL, "valley"),
        _place("coast", Level.LEA, "coast"),
        _place("beach", Level.SCHOOL, "coast"),
    )
}


@dataclass(frozen=True, slots=True)
class Written:
    """A role as the table writes it: `caaspp/site-coordinator@park!upcoming`."""

    program: ProgramCode
    role: RoleSlug
    where: Organization
    flags: frozenset[str]

    @property
    def year(self) -> SchoolYear:
        if self.program == "state":
            return SchoolYear("")
        return NEXT if "upcoming" in self.flags else PAST if "past" in self.flags else NOW

    def proposal(self) -> Proposal:
        return Proposal(self.program, self.role, self.where, self.year)

    def held_by(self, name: str) -> Assignment:
        closed = AssignmentStatus.EXPIRED if "past" in self.flags else AssignmentStatus.ACTIVE
        status = AssignmentStatus.SUSPENDED if "suspended" in self.flags else closed
        key = AssignmentId(ident(f"{name} {self.program} {self.role} {self.where.code} {self.year}"))
        return Assignment(key, self.program, self.role, self.where, self.year, status, "primary" in self.flags)


def written(text: str) -> Written:
    role, _, rest = text.partition("@")
    program, _, slug = role.partition("/")
    where, *flags = rest.split("!")
    return Written(ProgramCode(program), RoleSlug(slug), PLACES[where], frozenset(flags))


def person(name: str, words: list[str]) -> Person:
    """With every form signed, and a credential in both LEAs."""
    held = tuple(written(text).held_by(name) for text in words[1:] if "/" in text)
    forms = frozenset(
        SignedForm(program, form, year)
        for program in (CAASPP, ELPAC)
        for form in ("security-affidavit", "security-agreement")
        for year in (NOW, NEXT)
    )
    credentials = tuple(Credential(PLACES[lea].id, date(2027, 6, 30)) for lea in ("valley", "coast"))
    filled = tuple(Filled(one.program, one.school_year, one.organization.id, one.role) for one in held)
    status = UserStatus.ACTIVE if words[0] == "nobody" else UserStatus(words[0])
    return Person(UserId(ident(name)), status, held, forms, credentials, filled=filled if STANDS_IN in words else ())


def actor(facts: Person, permissions: tuple[Permission, ...]) -> Actor:
    """With the access of all her roles."""
    access = access_of(facts, PACKS, YEARS, TODAY)
    return Actor(facts.id, access, permissions, access.roles())


def recipient(facts: Person, *, exists: bool = True) -> Recipient:
    if not exists:
        return Recipient(None, UserStatus.INVITED)
    return Recipient(facts.id, facts.status, facts.assignments)


def author(facts: Person) -> Author | None:
    """Who suspended, under the first of her roles; None: she has none."""
    return Author(facts.id, facts.assignments[0]) if facts.assignments else None
