"""Roles that student information systems suggest, as the schema shows them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.assignments import RoleAssignment
from schema.directives import PUBLIC
from schema.mapped import row_of
from schema.mutations.shared import UserError
from schema.organizations import Organization
from schema.programs import Role
from schema.users import User
from schema.words import SuggestionState


@strawberry.type(
    directives=[PUBLIC],
    description="A role that a student information system suggests for somebody. It gives nothing until it is "
    "accepted. It is reached by a guarded list only.",
)
class RoleSuggestion:
    id: strawberry.ID
    email: str | None = strawberry.field(description="As the set has it, while the suggestion is open.")
    first_name: str | None
    last_name: str | None
    phone: str | None
    user: User | None = row_of(
        "user_id", description="Whose account has this address, or who was given the role; null where it isn't seen."
    )
    program: str | None
    school_year: str | None
    organization: Organization | None = row_of("organization_id")
    role: Role | None = strawberry.field(description="Null: what the person is there suggests no role.")
    source_role: str | None = strawberry.field(description="As the set writes it: `teacher`.")
    source_row: int | None = strawberry.field(description="Of users.csv in the newest set.")
    state: SuggestionState | None
    sent_by: User | None = row_of("sent_by_id")
    sent_at: datetime | None
    decided_by: User | None = row_of("decided_by_id")
    decided_at: datetime | None
    assignment: RoleAssignment | None = row_of("assignment_id")
    refusal: UserError | None = strawberry.field(
        description="Why the viewer can't accept it as it is; null: she can, or it is decided."
    )
