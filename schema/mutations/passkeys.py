"""Mutations about one's own passkeys: adding one in two steps, naming it, removing it."""

from __future__ import annotations

import strawberry

from policy.access import AccessTarget as Target
from resolvers.passkeys import add, begin, remove, rename
from resolvers.passkeys.add import AddPasskeyAsked, PasskeyRow
from resolvers.passkeys.begin import BegunRow
from resolvers.passkeys.remove import RemovedRow
from resolvers.references import read_id
from schema.asked import Info, answered, rule_of_rows
from schema.directives import PUBLIC, access, rule
from schema.mutations.shared import UserError, user_errors
from schema.passkeys import Passkey

OWN = access(rule(None, Target.SELF))
"""One's own, in one's own session."""


@strawberry.input
class AddPasskeyInput:
    credential: str = strawberry.field(
        description="What the browser made of the options: the JSON of its `RegistrationResponseJSON`."
    )
    name: str = strawberry.field(default="", description="What to call it: 60 characters, one line.")


@strawberry.input
class RenamePasskeyInput:
    passkey: strawberry.ID
    name: str


@strawberry.input
class RemovePasskeyInput:
    passkey: strawberry.ID


@strawberry.type(directives=[PUBLIC])
class BeginPasskeyPayload:
    options: str | None = strawberry.field(
        description="The JSON of `PublicKeyCredentialCreationOptionsJSON`; answered once, within five minutes."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class PasskeyPayload:
    passkey: Passkey | None
    user_errors: list[UserError] = user_errors()


@strawberry.type(directives=[PUBLIC])
class RemovePasskeyPayload:
    removed: strawberry.ID | None
    user_errors: list[UserError] = user_errors()


async def _begin(info: Info) -> BegunRow:
    return await begin.carry_out(info.context, rule_of_rows(info))


async def _add(info: Info, input: AddPasskeyInput) -> PasskeyRow:
    return await add.carry_out(info.context, AddPasskeyAsked(input.credential, input.name), rule_of_rows(info))


async def _rename(info: Info, input: RenamePasskeyInput) -> PasskeyRow:
    return await rename.carry_out(info.context, read_id(input.passkey), input.name, rule_of_rows(info))


async def _remove(info: Info, input: RemovePasskeyInput) -> RemovedRow:
    return await remove.carry_out(info.context, read_id(input.passkey), rule_of_rows(info))


@strawberry.type
class PasskeyMutations:
    begin_passkey: BeginPasskeyPayload | None = answered(
        _begin, OWN, description="What an authenticator is asked for. Needs a sign-in of the last ten minutes."
    )
    add_passkey: PasskeyPayload | None = answered(_add, OWN, description="The authenticator's answer to beginPasskey.")
    rename_passkey: PasskeyPayload | None = answered(_rename, OWN)
    remove_passkey: RemovePasskeyPayload | None = answered(
        _remove, OWN, description="Not the last factor of somebody whose role asks for a second step."
    )
