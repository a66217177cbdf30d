"""Who acts by a file, as she is when it is worked on: a person under the role she sent it in, or the operator."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from policy.delegation import Actor
from policy.facts import Assignment, Level, Organization, UserStatus, Years
from policy.grant import Access, Grant, under
from policy.grants import access_of
from policy.ids import AssignmentId, OrganizationId, Permission, ProgramCode, RoleSlug, SchoolYear, UserId
from policy.pack import Pack, Reach
from policy.packs import Packs
from policy.session_limits import inside_lea
from store.access_version import read_epoch, read_version
from store.connection import Connection
from store.people import load_person
from store.uploads import UploadRecord

OPERATOR = UserId(UUID(int=0))
"""Nobody's id: the operator of the host is no person of the state."""


@dataclass(frozen=True, slots=True)
class Acting:
    """`version`: of the last change that concerns the actor; another one means other access, or other packs."""

    actor: Actor
    version: int
    leas: frozenset[OrganizationId] | None
    """LEAs in which she acts; None: the whole state."""


async def acting(
    connection: Connection,
    upload: UploadRecord,
    packs: Packs,
    years: Years,
    today: date,
    permissions: tuple[Permission, ...],
) -> Acting | None:
    """Who acts by this file now; None: she may not act at all any more."""
    user = upload.sender.user
    if user is None:
        actor = operator(packs, upload.program, upload.school_year, permissions)
        return Acting(actor, await read_epoch(connection), None)
    version = await read_version(connection, user)  # before the facts: what changes between them is found at the end
    loaded = await load_person(connection, user)
    if version is None or loaded is None or loaded.person.status is not UserStatus.ACTIVE:
        return None
    access = inside_lea(access_of(loaded.person, packs, years, today), upload.sender.lea)
    acted = under(access, upload.sender.active)
    if not any(acted.of(permission) for permission in permissions):
        return None
    return Acting(Actor(user, acted, permissions, access.roles()), version, _leas(acted, permissions))


async def still_the_same(connection: Connection, upload: UploadRecord, who: Acting) -> bool:
    """Whether her access is what the file was judged by; once versions are locked, nothing changes it any more."""
    user = upload.sender.user
    found = await read_epoch(connection) if user is None else await read_version(connection, user)
    return found == who.version


def operator(packs: Packs, program: ProgramCode, year: SchoolYear, permissions: tuple[Permission, ...]) -> Actor:
    """The operator stands where the givers of the program's roles stand, everywhere, and may what they may."""
    state = Organization(OrganizationId(OPERATOR), Level.STATE, "", "the state", None)
    pack = packs.at(program, year)
    held = tuple(_every_giver(pack, state, year)) if pack else ()
    grants = tuple(
        Grant(program, year, permission, Reach.STATE, state, one.id, one.role, year, "operator")
        for one in held
        for permission in permissions
    )
    return Actor(OPERATOR, Access(OPERATOR, UserStatus.ACTIVE, grants, effective=held), permissions)


def _every_giver(pack: Pack, state: Organization, year: SchoolYear) -> Iterator[Assignment]:
    """Each role that assigns another, as its primary holder where it has one."""
    slugs = dict.fromkeys(one.role for role in pack.roles.values() for one in role.assignable_by)
    for slug in slugs:
        role = pack.roles.get(RoleSlug(slug))
        if role is not None:
            number = AssignmentId(uuid5(OPERATOR, slug))
            yield Assignment(number, pack.program, slug, state, year, primary=role.primary_rank is not None)


def _leas(access: Access, permissions: tuple[Permission, ...]) -> frozenset[OrganizationId] | None:
    grants = [grant for permission in permissions for grant in access.of(permission)]
    if any(grant.reach is Reach.STATE or grant.organization.lea is None for grant in grants):
        return None
    return frozenset(grant.organization.lea for grant in grants if grant.organization.lea is not None)
