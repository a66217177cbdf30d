"""Where a person is signed in, as she sees it herself; the secrets of sessions are shown to nobody."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.directives import PUBLIC


@strawberry.type(directives=[PUBLIC], description="One's own session. It is reached through a guarded field only.")
class Session:
    id: strawberry.ID
    current: bool | None = strawberry.field(description="Whether it is the one that asks.")
    user_agent: str | None = strawberry.field(description="What the browser called itself.")
    began_at: datetime | None
    proved_at: datetime | None = strawberry.field(description="When she last proved who she is.")
    last_seen_at: datetime | None = strawberry.field(description="Exact to a minute.")
    expires_at: datetime | None = strawberry.field(description="At the latest; an hour without activity ends it, too.")
    acr: str | None = strawberry.field(description="How sure it is who she is: `urn:hallpass:aal1` or `aal2`.")
    entered: list[str] | None = strawberry.field(description="The systems that hold something from it, by label.")
