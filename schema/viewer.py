"""The viewer: who is signed in, under which role, and what that gives."""

from __future__ import annotations

import strawberry

from resolvers import consents, own_sessions, viewer
from resolvers.consents import ConsentRow
from resolvers.grants import GrantRow, WithheldRow
from resolvers.own_sessions import SessionRow
from resolvers.passkeys import listed as own_factors
from resolvers.passkeys.listed import FactorReset
from resolvers.passkeys.listed import Passkey as PasskeyRecord
from resolvers.viewer import MOST_PLACES, ActingRow, ViewerRow
from schema.asked import Info, answered
from schema.assignments import Grant, MissingStep, RoleAssignment
from schema.consents import Consent
from schema.directives import PUBLIC
from schema.mapped import callers_own, row_of, rows_of
from schema.organizations import Organization
from schema.passkeys import Passkey, SecondFactorReset
from schema.programs import Role
from schema.sessions import Session
from schema.sizes import listed
from schema.users import User
from schema.words import AccessVersion
from store.tables import USERS


def _active_role(root: strawberry.Parent[ViewerRow], info: Info) -> ActingRow | None:
    return viewer.active_role(info.context, root)


def _roles(root: strawberry.Parent[ViewerRow], info: Info) -> list[ActingRow]:
    return viewer.roles(info.context, root)


def _grants(root: strawberry.Parent[ViewerRow], info: Info) -> list[GrantRow]:
    return viewer.grants(info.context, root)


def _withheld(root: strawberry.Parent[ViewerRow], info: Info) -> list[WithheldRow]:
    return viewer.withheld(info.context, root)


async def _consents(info: Info) -> list[ConsentRow] | None:
    return await consents.own(info.context)


async def _sessions(info: Info) -> list[SessionRow] | None:
    return await own_sessions.own(info.context)


async def _passkeys(info: Info) -> list[PasskeyRecord] | None:
    return await own_factors.own_passkeys(info.context)


async def _factor_reset(info: Info) -> FactorReset | None:
    return await own_factors.own_reset(info.context)


@strawberry.type(directives=[PUBLIC], description="A role under which the viewer acts or could act.")
class ActiveRole:
    program: str | None
    school_year: str | None
    role: Role | None
    context: str | None = strawberry.field(
        description="How the header `Hallpass-Context` names it, so that one request of a session acts under it; "
        "with `@` and an organization's id it is narrowed to that one."
    )


@strawberry.type(directives=[PUBLIC], description="A role of the viewer's that gives nothing yet, and what is missing.")
class WithheldRole:
    program: str | None
    school_year: str | None
    role: str | None
    missing: list[MissingStep] | None = listed(5)
    assignment: RoleAssignment | None = row_of("assignment")


@strawberry.type(directives=[PUBLIC], description="The person who asks.")
class Viewer:
    id: strawberry.ID
    user: User | None = callers_own(USERS)
    active_role: ActiveRole | None = answered(_active_role, description="Null: all roles count together.")
    active_at: list[Organization] | None = rows_of(
        "active_at", MOST_PLACES, description="Where the active role is held, the first 50 by name."
    )
    narrowed_to: Organization | None = row_of(
        "narrowed_to", description="The one organization to which the active role is narrowed; null: to none."
    )
    roles: list[ActiveRole] | None = answered(_roles, size=10)
    grants: list[Grant] | None = answered(_grants, description="What the active role gives now.", size=100)
    withheld: list[WithheldRole] | None = answered(_withheld, size=10)
    passkeys: list[Passkey] | None = answered(_passkeys, size=20, description="Null outside of one's own session.")
    second_factor_reset: SecondFactorReset | None = answered(
        _factor_reset, description="The removal of all second factors, where somebody has asked for it."
    )
    sessions: list[Session] | None = answered(
        _sessions,
        size=10,
        description="Where she is signed in, the one seen last first; null outside of her own session.",
    )
    consents: list[Consent] | None = answered(
        _consents, size=20, description="What she lets relying parties have; null outside of her own session."
    )
    access_version: AccessVersion | None
