"""Contacts of an LEA: whom the state writes to there; no access comes with it."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from policy.access import AccessTarget as Target
from policy.contacts import ContactKind
from schema.directives import PUBLIC, access, rule
from schema.mapped import row_of
from schema.rules import CONTACTS_EDIT, USERS_VIEW

if TYPE_CHECKING:
    from schema.users import User

SEE_CONTACTS = access(
    rule(CONTACTS_EDIT, Target.USERS_ORGANIZATIONS),
    rule(USERS_VIEW, Target.USERS_ORGANIZATIONS),
)
"""For whoever names them, and whoever sees the people of the LEA."""

strawberry.enum(cast("type[Enum]", ContactKind), name="ContactKind", description="What a contact is written to about.")


@strawberry.type(
    directives=[PUBLIC], description="Somebody to write to at an LEA. It is reached through a guarded field only."
)
class Contact:
    kind: ContactKind | None
    user: Annotated[User, strawberry.lazy("schema.users")] | None = row_of(
        "user", description="Where it is a person with an account, whose own data counts."
    )
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    version: int | None = strawberry.field(description="What an edit expects.")
    set_at: datetime | None
