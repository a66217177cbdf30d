"""The subscription root: what a caller is told as it happens, over a WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import strawberry

from resolvers import access_changes
from resolvers.access_changes import AccessChangeRow
from schema.asked import Info, followed
from schema.rules import FOLLOW_CHANGES
from schema.words import AccessVersion

UNSET: Any = strawberry.UNSET
After = Annotated[
    AccessVersion | None,
    strawberry.argument(description="Tell every change since this version first; without it, from now on."),
]


@strawberry.type(
    directives=[FOLLOW_CHANGES],
    description="Whose access changed. Neither a user nor `everybody`: all changes up to `accessVersion` were told.",
)
class AccessChange:
    access_version: AccessVersion = strawberry.field(description="Everything up to here was told: resume after it.")
    user: strawberry.ID | None = strawberry.field(description="The person whose access changed.")
    everybody: bool = strawberry.field(description="Everybody's access may have changed.")
    gap: bool = strawberry.field(description="Changes are missing here: read everything again.")


async def _access_changed(info: Info, system: str, after: After = UNSET) -> AsyncIterator[AccessChangeRow]:
    return await access_changes.follow(info.context, system, after if isinstance(after, str) else None)


@strawberry.type
class Subscription:
    access_changed: AccessChange | None = followed(
        _access_changed,
        FOLLOW_CHANGES,
        description="A system is told of those who have or had something in it, a person of herself.",
    )
