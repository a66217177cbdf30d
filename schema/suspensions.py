"""What is told of a suspension, to whoever manages the person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.directives import PUBLIC
from schema.mapped import row_of

if TYPE_CHECKING:
    from schema.users import User


@strawberry.type(
    directives=[PUBLIC],
    description="An account or a role that is suspended. It is reached through guarded fields only.",
)
class Suspension:
    comment: str | None
    suspended_at: datetime | None
    author: Annotated[User, strawberry.lazy("schema.users")] | None = row_of(
        "author", description="Null also where it was a rule or the host, or somebody out of sight."
    )
    under: str | None = strawberry.field(description="Program and role under which the author acted.")
