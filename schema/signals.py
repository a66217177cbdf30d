"""Streams of security events as the schema shows them, to whoever looks after relying parties."""

from __future__ import annotations

from datetime import datetime

import strawberry

from policy.access import AccessTarget as Target
from schema.directives import access, rule
from schema.words import SignalStreamStatus

SEE_SIGNALS = access(rule("hallpass:state:relying-parties", Target.STATE))
"""The state's integration administrator."""


@strawberry.type(
    directives=[SEE_SIGNALS],
    description="How a relying party is told of security events (OpenID Shared Signals), and how that goes.",
)
class SignalStream:
    id: strawberry.ID
    client_id: str | None
    label: str | None
    method: str | None = strawberry.field(description="push or poll.")
    status: SignalStreamStatus | None
    status_by: str | None = strawberry.field(description="Who has set it: receiver, administrator or transmitter.")
    reason: str | None
    served: bool | None = strawberry.field(
        description="Whether the relying party is active and registered to learn of changes this way."
    )
    waiting: int | None = strawberry.field(description="Events that are ready and that it hasn't taken.")
    behind: int | None = strawberry.field(description="Entries that haven't been looked through for it.")
    oldest_at: datetime | None = strawberry.field(description="When the first of them happened.")
    dead: int | None = strawberry.field(description="Events that it has refused; kept for 30 days.")
    delivered_at: datetime | None
    failures: int | None = strawberry.field(description="Attempts in a row that came to nothing.")
    next_attempt_at: datetime | None
    last_error: str | None = strawberry.field(description="What its address answered, or why it wasn't reached.")
    failed_at: datetime | None
