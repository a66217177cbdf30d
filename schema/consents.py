"""Consents: what a person lets relying parties have that aren't the state's own."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.directives import PUBLIC
from schema.mapped import row_of
from schema.programs import Role
from schema.sizes import listed

if TYPE_CHECKING:
    from schema.organizations import Organization


@strawberry.type(directives=[PUBLIC], description="What was shown to the person and allowed by her at one time.")
class ConsentTerms:
    allowed_at: datetime | None
    scopes: list[str] | None
    systems: list[str] | None
    narrowed: bool | None = strawberry.field(
        description="Whether the relying party asked for less than all that the role gives in these systems."
    )
    program: str | None = strawberry.field(description="Null: all roles together.")
    school_year: str | None
    role: Role | None
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = row_of(
        "place_id", description="The one organization to which the role was narrowed."
    )


@strawberry.type(directives=[PUBLIC], description="All that one relying party may have; it is taken back as a whole.")
class Consent:
    id: strawberry.ID
    client_id: str | None
    label: str | None
    given_at: datetime | None
    allowed: list[ConsentTerms] | None = listed(10, description="The latest first.")
