"""The mutation by which earlier roles are given anew, by ticking names."""

from __future__ import annotations

import strawberry

from policy.ids import RoleSlug, SchoolYear
from resolvers import bring_back
from resolvers.bring_back import BringBackAsked, BringBackRow, Ticked
from resolvers.references import read_id
from schema.asked import Info, answered, rule_of_rows
from schema.assignments import RoleAssignment
from schema.directives import PUBLIC, any_of
from schema.mapped import rows_of
from schema.mutations.shared import UserError, user_errors
from schema.rules import GIVE_ROLES, SEE_EARLIER, SIGHT
from schema.words import BringBackChoice

_SHOWN = 100


@strawberry.input(description="One name of the list: the earlier assignment, and what becomes of it.")
class TickedInput:
    assignment: strawberry.ID
    choice: BringBackChoice = BringBackChoice.SAME_ROLE
    role: str | None = strawberry.field(
        default=strawberry.UNSET, description="With NEW_ROLE: the role that is given instead."
    )
    organization: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Where, if not where it was: of a merged school."
    )

    def read(self) -> Ticked:
        return Ticked(
            read_id(self.assignment),
            self.choice,
            RoleSlug(self.role) if self.role else None,
            read_id(self.organization) if self.organization else None,
            elsewhere=bool(self.organization),
        )


@strawberry.input
class BringBackLastYearInput:
    into: str = strawberry.field(description="The current or the open upcoming school year.")
    people: list[TickedInput]
    idempotency_key: str

    def read(self) -> BringBackAsked:
        return BringBackAsked(SchoolYear(self.into), tuple(one.read() for one in self.people), self.idempotency_key)


@strawberry.type(directives=[PUBLIC])
class BringBackLastYearPayload:
    assignments: list[RoleAssignment | None] | None = rows_of(
        "given", _SHOWN, description="The new ones; empty where the same key was sent before."
    )
    left_out: int | None = strawberry.field(description="How many were decided not to come back this year.")
    user_errors: list[UserError] = user_errors()


async def _bring_back(info: Info, input: BringBackLastYearInput) -> BringBackRow:
    return await bring_back.carry_out(info.context, input.read(), rule_of_rows(info), any_of(SEE_EARLIER), SIGHT)


@strawberry.type
class BringBackMutations:
    bring_back_last_year: BringBackLastYearPayload | None = answered(
        _bring_back,
        GIVE_ROLES,
        description="Gives earlier roles anew, up to 500 at once: each judged as an assignment is, all or none.",
    )
