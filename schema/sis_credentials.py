"""SIS credentials: what an LEA's student information system signs in with; the secret is shown once, when issued."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from policy.access import AccessTarget as Target
from schema.directives import PUBLIC, access, rule

SIS_CREDENTIALS_MANAGE = "hallpass:sis-credentials:manage"
MANAGE_SIS = access(rule(SIS_CREDENTIALS_MANAGE, Target.USERS_ORGANIZATIONS))


@strawberry.type(
    directives=[PUBLIC],
    description="What an LEA's student information system has; reached by guarded fields only.",
)
class SisCredentials:
    id: strawberry.ID
    client_id: str | None
    issued_at: datetime | None
    expires_on: date | None = strawberry.field(description="The last day on which they are good.")
