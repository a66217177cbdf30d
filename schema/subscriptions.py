"""The subscription root: what a caller is told as it happens, over a WebSocket."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from resolvers import access_changes
from resolvers.access_changes import AccessChangeRow
from resolvers.following import Source
from resolvers.references import read_id
from resolvers.uploads import following
from resolvers.uploads.records import ProgressRow
from schema.asked import Info, followed
from schema.rules import FOLLOW_CHANGES
from schema.uploads import SEE_UPLOAD
from schema.words import AccessVersion, UploadState

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


async def _access_changed(info: Info, system: str, after: After = UNSET) -> Source[AccessChangeRow]:
    return await access_changes.follow(info.context, system, after if isinstance(after, str) else None)


@strawberry.type(directives=[SEE_UPLOAD], description="How far the work on a file of people has come.")
class UploadProgress:
    upload: strawberry.ID | None
    state: UploadState | None
    phase: str | None = strawberry.field(description="What is being done at the moment.")
    done: int | None
    total: int | None = strawberry.field(description="Of how much; 0 where that isn't known.")
    version: int | None = strawberry.field(description="The upload's, for the next step.")


async def _upload_progress(info: Info, id: strawberry.ID) -> Source[ProgressRow]:
    return await following.follow(info.context, read_id(id))


@strawberry.type
class Subscription:
    access_changed: AccessChange | None = followed(
        _access_changed,
        FOLLOW_CHANGES,
        description="A system is told of those who have or had something in it, a person of herself.",
    )
    upload_progress: UploadProgress | None = followed(
        _upload_progress,
        SEE_UPLOAD,
        description="The viewer's own upload, as it is worked on; it ends when nobody works on it.",
    )
