"""Queries of the state's own staff: who holds its roles, which overrides count, and what waits for a second person."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated

import strawberry

from resolvers import confirmations, overrides, state_roles
from resolvers.confirmations import PendingConfirmation
from resolvers.overrides import EffectsRow, OverrideShown
from resolvers.state_roles import StateRole as StateRoleRow
from schema.asked import Info, answered
from schema.directives import PUBLIC
from schema.mapped import row_of, rows_of
from schema.mutations.state import CellOverrideInput
from schema.state_rules import CONFIRM, CONFIRM_KINDS, RUN_STATE
from schema.users import User
from schema.words import Permission, Reach, UserStatus


def _detail(root: strawberry.Parent[PendingConfirmation]) -> str:
    return json.dumps(dict(root.detail), sort_keys=True)


def _kind(root: strawberry.Parent[PendingConfirmation]) -> str:
    return root.kind.value


@strawberry.type(directives=[PUBLIC], description="One of the state's own roles. It is reached by a guarded list only.")
class StateRole:
    id: strawberry.ID
    user: User | None = row_of("user")
    program: str | None
    role: str | None
    account: UserStatus | None
    assigned_at: datetime | None
    confirmed_at: datetime | None = strawberry.field(description="Last; null: not since it was given.")


@strawberry.type(
    directives=[PUBLIC], description="What waits for a second person. It is reached by a guarded list only."
)
class PendingRequest:
    id: strawberry.ID
    kind: str | None = answered(_kind)
    user: User | None = row_of("user", description="Whom it concerns.")
    detail: str | None = answered(_detail, description="Ids and codes of what would be done, as a JSON object.")
    asked_by: User | None = row_of("asked_by")
    asked_at: datetime | None
    expires_at: datetime | None


@strawberry.type(
    directives=[PUBLIC], description="Whose access an override would change. It is reached by a guarded field only."
)
class CellOverrideEffects:
    wider: bool | None = strawberry.field(description="Whether it gives more than the source: then they gain.")
    people: int | None = strawberry.field(description="How many hold the role at this moment.")
    sample: list[User] | None = rows_of("sample", 10)


@strawberry.type(
    directives=[PUBLIC], description="An override that counts today or will. It is reached by a guarded list only."
)
class CellOverride:
    id: strawberry.ID
    program: str | None
    role: str | None
    permission: Permission | None
    reach: Reach | None = strawberry.field(description="Null: the permission isn't given.")
    first_day: date | None
    last_day: date | None
    basis: str | None
    set_by: User | None = row_of("set_by")
    confirmed_by: User | None = row_of("confirmed_by")


async def _roles(info: Info) -> list[StateRoleRow]:
    return await state_roles.held(info.context)


async def _requests(info: Info) -> list[PendingConfirmation]:
    return await confirmations.pending(info.context, CONFIRM_KINDS)


async def _overrides(info: Info) -> list[OverrideShown]:
    return await overrides.listed(info.context)


async def _effects(
    info: Info,
    input: Annotated[CellOverrideInput, strawberry.argument()],
) -> EffectsRow | None:
    return await overrides.effects(info.context, input.read())


@strawberry.type
class StateQueries:
    state_roles: list[StateRole] | None = answered(_roles, RUN_STATE, size=30)
    pending_requests: list[PendingRequest] | None = answered(
        _requests, CONFIRM, size=30, description="Those that the caller may confirm, were they not her own."
    )
    cell_overrides: list[CellOverride] | None = answered(_overrides, RUN_STATE, size=30)
    cell_override_effects: CellOverrideEffects | None = answered(
        _effects, RUN_STATE, description="Who gains or loses, before it is set."
    )
