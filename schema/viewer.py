"""The viewer: who is signed in, under which role, and what that gives."""

from __future__ import annotations

import strawberry

from resolvers import viewer
from resolvers.grants import GrantRow, WithheldRow
from resolvers.passkeys import listed as own_factors
from resolvers.passkeys.listed import FactorReset
from resolvers.passkeys.listed import Passkey as PasskeyRecord
from resolvers.viewer import ActingRow, ViewerRow
from schema.asked import Info, answered
from schema.assignments import Grant, MissingStep
from schema.directives import PUBLIC
from schema.mapped import callers_own
from schema.passkeys import Passkey, SecondFactorReset
from schema.programs import Role
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


async def _passkeys(info: Info) -> list[PasskeyRecord] | None:
    return await own_factors.own_passkeys(info.context)


async def _factor_reset(info: Info) -> FactorReset | None:
    return await own_factors.own_reset(info.context)


@strawberry.type(directives=[PUBLIC], description="A role under which the viewer acts or could act.")
class ActiveRole:
    program: str | None
    school_year: str | None
    role: Role | None


@strawberry.type(directives=[PUBLIC], description="A role of the viewer's that gives nothing yet, and what is missing.")
class WithheldRole:
    program: str | None
    school_year: str | None
    role: str | None
    missing: list[MissingStep] | None = listed(5)


@strawberry.type(directives=[PUBLIC], description="The person who asks.")
class Viewer:
    id: strawberry.ID
    user: User | None = callers_own(USERS)
    active_role: ActiveRole | None = answered(_active_role, description="Null: all roles count together.")
    roles: list[ActiveRole] | None = answered(_roles, size=10)
    grants: list[Grant] | None = answered(_grants, description="What the active role gives now.", size=100)
    withheld: list[WithheldRole] | None = answered(_withheld, size=10)
    passkeys: list[Passkey] | None = answered(_passkeys, size=20, description="Null outside of one's own session.")
    second_factor_reset: SecondFactorReset | None = answered(
        _factor_reset, description="The removal of all second factors, where somebody has asked for it."
    )
    access_version: AccessVersion | None
