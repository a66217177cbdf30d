"""Callers made from what they may see: a grant for each reach, without packs or people."""

from policy.caller import PersonCaller
from policy.facts import Level, Organization, UserStatus
from policy.grant import Access, Grant
from policy.ids import AssignmentId, OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear, System, UserId
from policy.pack import Reach
from store.compile_rows import Asked
from store.own_systems import OwnSystems
from tests.policy import worlds

NOBODY = UserId(worlds.ident("asks"))


def grant(permission: Permission, reach: Reach, organization: Organization, **more: object) -> Grant:
    """Of the program `red` in its current year, unless `more` says otherwise."""
    given = {
        "program": ProgramCode("red"), "school_year": SchoolYear("2026-27"), "permission": permission, "reach": reach,
        "organization": organization, "assignment": AssignmentId(worlds.ident("given")), "role": RoleSlug("any"),
        "held_in": SchoolYear("2026-27"), "basis": "test", **more,
    }  # fmt: skip
    return Grant(**given)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def place(level: Level, identifier: OrganizationId, lea: OrganizationId | None = None) -> Organization:
    return Organization(identifier, level, str(identifier), str(identifier), lea, None)


def asking(
    *grants: Grant, user: UserId = NOBODY, systems: frozenset[System] | None = None, own: OwnSystems | None = None
) -> Asked:
    return Asked(PersonCaller(user, Access(user, UserStatus.ACTIVE, grants), None, 1, systems), own)


def seeing_everything(permission: Permission) -> Asked:
    """A person of the state's own role: every program and year."""
    return asking(grant(permission, Reach.STATE, worlds.STATE, every_program=True))
