"""Mutations of files of people: they come in by POST /uploads, here it is said what becomes of them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from resolvers.references import read_id
from resolvers.uploads import changing
from resolvers.uploads.changing import UploadAsked, UploadChangedRow
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC
from schema.mutations.shared import UserError, user_errors
from schema.rules import SEND_FILES
from schema.uploads import Upload


@strawberry.input
class UploadInput:
    upload: strawberry.ID
    expected_version: int

    def read(self) -> UploadAsked:
        return UploadAsked(read_id(self.upload), self.expected_version)


@strawberry.input
class ApplyUserUploadInput:
    upload: strawberry.ID
    expected_version: int
    hold_mails_until: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="The mails that it causes are not sent before."
    )

    def read(self) -> UploadAsked:
        return UploadAsked(read_id(self.upload), self.expected_version, self.hold_mails_until or None)


@strawberry.type(directives=[PUBLIC])
class UploadPayload:
    upload: Upload | None
    user_errors: list[UserError] = user_errors()


async def _validate(info: Info, input: UploadInput) -> UploadChangedRow:
    return await changing.carry_out(info.context, changing.VALIDATE, input.read(), rule_of_rows(info))


async def _apply(info: Info, input: ApplyUserUploadInput) -> UploadChangedRow:
    return await changing.carry_out(info.context, changing.APPLY, input.read(), rule_of_rows(info))


async def _cancel(info: Info, input: UploadInput) -> UploadChangedRow:
    return await changing.carry_out(info.context, changing.CANCEL, input.read(), rule_of_rows(info))


@strawberry.type
class UploadMutations:
    validate_user_upload: UploadPayload | None = answered(
        _validate,
        SEND_FILES,
        description="Says for every row what will happen, and changes nobody; see uploadProgress.",
    )
    apply_user_upload: UploadPayload | None = answered(
        _apply,
        SEND_FILES,
        description="Carries out what validation found, in one transaction; what has changed since is validated anew.",
    )
    cancel_upload: UploadPayload | None = answered(_cancel, SEND_FILES, description="Puts a file away unapplied.")
