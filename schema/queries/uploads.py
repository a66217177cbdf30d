"""Queries for files of people that the viewer has sent."""

from __future__ import annotations

import strawberry

from resolvers.references import read_id
from resolvers.uploads import records
from resolvers.uploads.records import UploadRow
from schema.asked import Info, answered
from schema.uploads import SEE_UPLOAD, Upload


async def _upload(info: Info, id: strawberry.ID) -> UploadRow | None:
    return await records.one(info.context, read_id(id))


async def _uploads(info: Info) -> list[UploadRow]:
    return await records.latest(info.context)


@strawberry.type
class UploadQueries:
    upload: Upload | None = answered(_upload, SEE_UPLOAD)
    uploads: list[Upload] | None = answered(
        _uploads, SEE_UPLOAD, size=records.SHOWN, description="The viewer's own, the latest first."
    )
