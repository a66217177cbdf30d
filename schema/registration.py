"""Domains whose holders may register themselves for Tools for Teachers: the LEA lists them, the state confirms."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from policy.access import AccessTarget as Target
from schema.directives import PUBLIC, access, rule
from schema.mapped import row_of
from schema.rules import STATE_DIRECTORY, USERS_MANAGE

if TYPE_CHECKING:
    from schema.organizations import Organization

LIST_DOMAIN = access(rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS))
"""Which of them is the primary coordinator is the rule's to say, not the permission's."""
CONFIRM_DOMAIN = access(rule(STATE_DIRECTORY, Target.STATE))
SEE_DOMAINS = access(rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS), rule(STATE_DIRECTORY, Target.STATE))


@strawberry.type(
    directives=[PUBLIC], description="A domain for registering oneself. It is reached through guarded fields only."
)
class RegistrationDomain:
    id: strawberry.ID
    program: str | None
    domain: str | None
    organization: Annotated[Organization, strawberry.lazy("schema.organizations")] | None = row_of("organization_id")
    listed_at: datetime | None
    confirmed_at: datetime | None = strawberry.field(description="Null: it waits for the state.")
