"""Queries about people of earlier years, and about what a change of the tree would do to whom."""

from __future__ import annotations

import strawberry

from policy.ids import ProgramCode, RoleSlug, SchoolYear
from resolvers import earlier_assignments, organization_effects
from resolvers.earlier_assignments import EarlierAsked, EarlierRow
from resolvers.organization_effects import EffectsAsked, EffectsRow
from resolvers.pages import Listing
from resolvers.references import read_id
from schema.asked import Info, answered
from schema.connections import After, Connection, First
from schema.directives import PUBLIC, any_of
from schema.mapped import row_of
from schema.mutations.shared import UserError
from schema.organizations import Organization
from schema.programs import Role
from schema.rules import CHANGE_DIRECTORY, GIVE_ROLES, SEE_EARLIER, SIGHT
from schema.sizes import listed
from schema.users import User
from schema.words import AssignmentStatus, Permission


@strawberry.type(
    directives=[PUBLIC],
    description="A role that somebody held in a year that may be over. It is reached by a guarded list only.",
)
class EarlierAssignment:
    id: strawberry.ID
    person: strawberry.ID | None = strawberry.field(description="Whose it is; her account may lie elsewhere by now.")
    first_name: str | None
    last_name: str | None
    role: Role | None
    organization: Organization | None = row_of("organization_id")
    school_year: str | None
    status: AssignmentStatus | None
    left_out: bool | None = strawberry.field(description="Somebody decided that it doesn't come back this year.")
    refusal: UserError | None = strawberry.field(
        description="Why the viewer can't bring it back as it was; null: she can."
    )


@strawberry.type(
    directives=[PUBLIC], description="What one role of a person would begin or cease to give. Reached by guards only."
)
class AccessEffect:
    user: User | None = row_of("user")
    program: str | None
    role: str | None
    school_year: str | None
    held_at: Organization | None = row_of("held_at")
    gains: list[Permission] | None
    loses: list[Permission] | None


@strawberry.type(directives=[PUBLIC])
class OrganizationEffects:
    concerned: int | None = strawberry.field(description="How many people were looked at.")
    gaining: list[AccessEffect] | None = listed(100)
    losing: list[AccessEffect] | None = listed(100)


async def _earlier(
    info: Info,
    organization: strawberry.ID,
    program: str,
    school_year: str,
    into: str | None = strawberry.UNSET,
    role: str | None = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
) -> Listing[EarlierRow]:
    asked = EarlierAsked(
        read_id(organization), ProgramCode(program), SchoolYear(school_year),
        SchoolYear(into) if into else None, RoleSlug(role) if role else None,
    )  # fmt: skip
    return await earlier_assignments.page(
        info.context, asked, any_of(GIVE_ROLES), any_of(SEE_EARLIER), SIGHT, first, after
    )


async def _effects(
    info: Info, organization: strawberry.ID, move_to: strawberry.ID | None = strawberry.UNSET
) -> EffectsRow:
    asked = EffectsAsked(read_id(organization), read_id(move_to) if move_to else None, by_move=bool(move_to))
    return await organization_effects.of_change(info.context, asked, SIGHT)


@strawberry.type
class EarlierQueries:
    earlier_assignments: Connection[EarlierAssignment] | None = answered(
        _earlier,
        SEE_EARLIER,
        description="Who held a role of the program there, of an LEA in its schools as well, in that year; "
        "with what could be brought back into another one.",
    )
    organization_effects: OrganizationEffects | None = answered(
        _effects,
        CHANGE_DIRECTORY,
        description="Who would gain and who would lose: by moving a school or, without `moveTo`, by closing "
        "or reopening the organization.",
    )
