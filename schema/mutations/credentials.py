"""Mutations about credentials: recording and removing a person's license in one LEA."""

from __future__ import annotations

from datetime import date

import strawberry

from policy.access import AccessTarget as Target
from resolvers import record_credential
from resolvers.record_credential import RecordCredentialAsked, RecordCredentialRow, RemoveCredentialRow
from resolvers.references import read_id
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, access, any_of, rule
from schema.mapped import row_of
from schema.mutations.shared import UserError, user_errors
from schema.rules import SEE_DETAILS, SIGHT, USERS_MANAGE
from schema.users import Credential, User

RECORD = access(rule(USERS_MANAGE, Target.USERS_ORGANIZATIONS))


@strawberry.input
class RecordCredentialInput:
    user: strawberry.ID
    organization: strawberry.ID = strawberry.field(description="The LEA or one of its schools; it counts in that LEA.")
    number: str
    expires_on: date = strawberry.field(description="The last day on which it is good.")
    idempotency_key: str

    def read(self) -> RecordCredentialAsked:
        return RecordCredentialAsked(
            read_id(self.user), read_id(self.organization), self.number, self.expires_on, self.idempotency_key
        )


@strawberry.input
class RemoveCredentialInput:
    credential: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class RecordCredentialPayload:
    credential: Credential | None
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RemoveCredentialPayload:
    removed: strawberry.ID | None
    user: User | None = row_of("user")
    user_errors: list[UserError] = user_errors()


async def _record(info: Info, input: RecordCredentialInput) -> RecordCredentialRow:
    return await record_credential.record(info.context, input.read(), rule_of_rows(info), SIGHT)


async def _remove(info: Info, input: RemoveCredentialInput) -> RemoveCredentialRow:
    credential = read_id(input.credential)
    return await record_credential.remove(info.context, credential, rule_of_rows(info), any_of(SEE_DETAILS))


@strawberry.type
class CredentialMutations:
    record_credential: RecordCredentialPayload | None = answered(
        _record, RECORD, description="Replaces what is recorded for the person in that LEA."
    )
    remove_credential: RemoveCredentialPayload | None = answered(_remove, RECORD)
