"""A person's own passkeys, and the removal of all her factors; keys and counters are shown to nobody."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.directives import PUBLIC


@strawberry.type(directives=[PUBLIC], description="One's own passkey. It is reached through guarded fields only.")
class Passkey:
    id: strawberry.ID
    name: str | None
    added_at: datetime | None
    last_used_at: datetime | None
    backup_eligible: bool | None = strawberry.field(description="Whether it may live on several devices of hers.")
    copied_at: datetime | None = strawberry.field(
        description="When a copy of it may have been used: since then it is refused and should be removed."
    )


@strawberry.type(
    directives=[PUBLIC], description="The removal of all of one's own second factors; reached as they are."
)
class SecondFactorReset:
    takes_effect_at: datetime | None = strawberry.field(description="At the earliest; signing in with one stops it.")
    confirmed_at: datetime | None = strawberry.field(description="From the e-mail address on file. Null: not yet.")
