"""Mutations about an LEA's SIS credentials."""

from __future__ import annotations

import strawberry

from resolvers import sis_credentials
from resolvers.references import read_id
from resolvers.sis_credentials import IssuedRow, RevokedRow
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC
from schema.mapped import row_of
from schema.mutations.shared import UserError, user_errors
from schema.organizations import Organization
from schema.rules import SIGHT
from schema.sis_credentials import MANAGE_SIS, SisCredentials


@strawberry.input
class IssueSisCredentialsInput:
    organization: strawberry.ID
    idempotency_key: str


@strawberry.input
class RevokeSisCredentialsInput:
    organization: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class IssueSisCredentialsPayload:
    credentials: SisCredentials | None
    secret: str | None = strawberry.field(description="Shown this once; null where the request is a repeated one.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RevokeSisCredentialsPayload:
    organization: Organization | None = row_of("organization")
    user_errors: list[UserError] = user_errors()


async def _issue(info: Info, input: IssueSisCredentialsInput) -> IssuedRow:
    where, key = read_id(input.organization), input.idempotency_key
    return await sis_credentials.issue(info.context, where, key, rule_of_rows(info), SIGHT)


async def _revoke(info: Info, input: RevokeSisCredentialsInput) -> RevokedRow:
    return await sis_credentials.revoke(info.context, read_id(input.organization), rule_of_rows(info), SIGHT)


@strawberry.type
class SisMutations:
    issue_sis_credentials: IssueSisCredentialsPayload | None = answered(
        _issue, MANAGE_SIS, description="Good for 365 days, in place of those that the LEA had."
    )
    revoke_sis_credentials: RevokeSisCredentialsPayload | None = answered(_revoke, MANAGE_SIS)
